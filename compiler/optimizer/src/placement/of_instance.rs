//! The tables of an instance.

use super::instance::{Instance, Metric};
use super::tables::{
    Choice, NearRule, OfferCost, Site, Tables, fits, groups, number, places, rules, sites, zones,
};
use std::collections::BTreeMap;

impl Tables {
    pub fn new(instance: &Instance) -> Tables {
        let (first_zone, zone_region) = zones(instance.regions.iter().map(|r| r.zones));
        let zone = |o: &super::Offer| first_zone[o.region as usize] + o.zone;
        let (sites, offer_site) =
            sites(instance.offers.iter().map(|o| (o.region, zone(o), o.pool)));
        let (choices, first_choice) = choices(instance, &sites);
        let near = near(instance);
        let tied = near.iter().map(|near| (near.a, near.b));
        let weight = instance.weights.latency_usd_per_replica_ms;
        let latency =
            instance.services.iter().map(|s| s.latency_ms.iter().map(|ms| ms * weight).collect());
        let services = instance.services.len();
        Tables {
            regions: instance.regions.len(),
            sites,
            zone_region,
            offers: offers(instance),
            offer_site,
            choices,
            first_choice,
            rules: rules(services, &instance.conflicts, &instance.together, &near),
            groups: groups(services, tied.chain(instance.together.iter().copied())),
            near,
            allowed: instance.services.iter().map(|s| s.regions.clone()).collect(),
            latency: latency.collect(),
            limits: instance.budgets.iter().map(|b| b.limit).collect(),
        }
    }
}

fn near(instance: &Instance) -> Vec<NearRule> {
    let rule = |near: &super::Near| NearRule {
        a: near.a,
        b: near.b,
        close: instance.rtt_ms.iter().flatten().map(|trip| *trip <= near.ms).collect(),
    };
    instance.near.iter().map(rule).collect()
}

fn offers(instance: &Instance) -> Vec<OfferCost> {
    let mut known = BTreeMap::new();
    let all = instance.offers.iter().enumerate().map(|(o, offer)| {
        let figures = [offer.price, offer.intensity, offer.share].map(f64::to_bits);
        let kind = number(&mut known, (offer.region, offer.shape, offer.pool, figures));
        offer_cost(instance, o, kind)
    });
    all.collect()
}

fn offer_cost(instance: &Instance, o: usize, kind: u32) -> OfferCost {
    let offer = &instance.offers[o];
    let shape = &instance.shapes[offer.shape as usize];
    let grams_per_wh =
        offer.intensity * instance.regions[offer.region as usize].pue / 1000.0 * offer.share;
    let carbon = shape.idle_w * grams_per_wh + shape.embodied_g_h * offer.share;
    let carbon_price = instance.weights.carbon_usd_per_kg / 1000.0;
    let mut uses = Vec::new();
    let mut uses_per_watt = Vec::new();
    for (b, budget) in instance.budgets.iter().enumerate() {
        if budget.region.is_some_and(|region| region != offer.region) {
            continue;
        }
        let used = match budget.metric {
            Metric::Cost => offer.price,
            Metric::Carbon => carbon,
            Metric::Watts => shape.idle_w * offer.share,
            Metric::Vcpu => shape.vcpu,
            Metric::Gpu => f64::from(shape.capacity[2]),
            Metric::Nodes => 1.0,
        };
        uses.push((b as u32, used));
        match (budget.metric, budget.region) {
            (Metric::Carbon, None) => uses_per_watt.push((b as u32, grams_per_wh)),
            (Metric::Watts, None) => uses_per_watt.push((b as u32, offer.share)),
            _ => {}
        }
    }
    OfferCost {
        capacity: shape.capacity,
        limit: offer.limit,
        fixed: instance.weights.cost * offer.price + carbon_price * carbon,
        per_watt: carbon_price * grams_per_wh,
        cpu_watts: shape.cpu_dyn_w / 1000.0,
        gpu_watts: shape.gpu_dyn_w,
        uses,
        uses_per_watt,
        kind,
    }
}

fn choices(instance: &Instance, sites: &[Site]) -> (Vec<Choice>, Vec<u32>) {
    let mut choices = Vec::new();
    let mut known = BTreeMap::new();
    let mut first = vec![0];
    for (s, service) in instance.services.iter().enumerate() {
        for (v, variant) in service.variants.iter().enumerate() {
            let zone_cap = variant.replicas.div_ceil(service.min_zones);
            let allows = |site: &Site, o: u32| {
                let offer = &instance.offers[o as usize];
                let shape = &instance.shapes[offer.shape as usize];
                let models = &variant.gpu_models;
                offer.limit > 0
                    && service.regions.binary_search(&site.region).is_ok()
                    && service.pools.contains(&offer.pool)
                    && variant.archs.contains(&shape.arch)
                    && (models.is_empty() || models.contains(&shape.gpu_model))
                    && fits(&variant.request, &shape.capacity)
            };
            let key = (&variant.archs, &variant.gpu_models, &service.pools);
            choices.push(Choice {
                service: s as u32,
                variant: v as u32,
                replicas: variant.replicas,
                request: variant.request,
                busy: [
                    variant.utilisation * f64::from(variant.request[0]),
                    variant.utilisation * f64::from(variant.request[2]),
                ],
                penalty: variant.penalty,
                uses: Vec::new(),
                kind: number(&mut known, key),
                zone_cap,
                per_node: service.max_per_node.min(zone_cap),
                places: places(sites, allows),
            });
        }
        first.push(choices.len() as u32);
    }
    (choices, first)
}
