//! What the search looks up about an [`Instance`], by index: sites (where a pod is indifferent but
//! for the shape of the machine), what may go where, costs split into what a machine and what a
//! busy core costs, and the rules of each service. Built once, never changed.

use super::instance::{Amounts, Instance, Metric, RESOURCES};
use std::collections::BTreeMap;

/// Offers of one site are bits of a `u64`; a zone with more has several sites.
const OFFERS_PER_SITE: usize = 64;

/// Offers of one region, zone and pool.
#[derive(Clone, Debug)]
pub struct Site {
    pub region: u32,
    /// Index over the zones of all regions.
    pub zone: u32,
    pub offers: Vec<u32>,
}

/// What a machine costs and uses, empty, and what each watt of its pods adds.
#[derive(Clone, Debug, Default)]
pub struct OfferCost {
    pub capacity: Amounts,
    pub limit: u32,
    /// Objective of the empty machine, US dollars per hour.
    pub fixed: f64,
    /// Objective of one watt drawn by pods.
    pub per_watt: f64,
    /// Watts of one busy milli-core, and of one busy device.
    pub cpu_watts: f64,
    pub gpu_watts: f64,
    /// Budgets that the empty machine uses, and how much.
    pub uses: Vec<(u32, f64)>,
    /// Budgets that one watt drawn by pods uses.
    pub uses_per_watt: Vec<(u32, f64)>,
}

impl OfferCost {
    /// Watts that pods draw with so many busy milli-cores and devices.
    pub fn watts(&self, busy: [f64; 2]) -> f64 {
        busy[0] * self.cpu_watts + busy[1] * self.gpu_watts
    }

    pub fn holds(&self, load: &Amounts) -> bool {
        fits(load, &self.capacity)
    }
}

/// A variant of a service.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub service: u32,
    pub replicas: u32,
    pub request: Amounts,
    /// Busy milli-cores and devices of one pod.
    pub busy: [f64; 2],
    pub penalty: f64,
    /// Most pods in one zone.
    pub zone_cap: u32,
    /// Most pods on one machine: of the service, of the zone.
    pub per_node: u32,
    /// Sites that have an offer for it, ascending, with those offers as bits.
    pub places: Vec<(u32, u64)>,
}

/// The rules of one service.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub conflicts: Vec<u32>,
    /// Services that a machine with a pod of this one needs.
    pub needs: Vec<u32>,
    pub needed_by: Vec<u32>,
    /// Services that each region with a pod of this one needs within so many milliseconds.
    pub near: Vec<(u32, f64)>,
    pub near_of: Vec<(u32, f64)>,
    /// Rules of nearness it takes part in, by index.
    pub near_rules: Vec<u32>,
}

pub struct Tables {
    pub instance: &'i Instance,
    pub sites: Vec<Site>,
    pub zone_region: Vec<u32>,
    pub offers: Vec<OfferCost>,
    /// Site of each offer, and its place there.
    pub offer_site: Vec<(u32, u32)>,
    pub choices: Vec<Choice>,
    /// First choice of each service; one entry more than services.
    pub first_choice: Vec<u32>,
    pub rules: Vec<Rules>,
    /// Objective of one pod's latency, by service and region.
    pub latency: Vec<Vec<f64>>,
    /// Services tied by `near` or `together`, each sorted; a service alone is one of its own.
    pub groups: Vec<Vec<u32>>,
    pub limits: Vec<f64>,
}

pub fn fits(load: &Amounts, capacity: &Amounts) -> bool {
    (0..RESOURCES).all(|r| load[r] <= capacity[r])
}

/// How often a request goes into room, `most` times at most.
pub fn times(request: &Amounts, room: &Amounts, most: u32) -> u32 {
    let asked = (0..RESOURCES).filter(|r| request[*r] > 0);
    asked.map(|r| room[r] / request[r]).fold(most, u32::min)
}

pub fn plus(a: &Amounts, b: &Amounts) -> Amounts {
    std::array::from_fn(|r| a[r] + b[r])
}

impl<'i> Tables {
    pub fn new(instance: &'i Instance) -> Tables {
        let mut first_zone = vec![0_u32];
        let mut zone_region = Vec::new();
        for (r, region) in instance.regions.iter().enumerate() {
            zone_region.extend((0..region.zones).map(|_| r as u32));
            first_zone.push(zone_region.len() as u32);
        }
        let (sites, offer_site) = sites(instance, &first_zone);
        let (choices, first_choice) = choices(instance, &sites);
        let groups = groups(instance);
        let weight = instance.weights.latency_usd_per_replica_ms;
        let latency =
            instance.services.iter().map(|s| s.latency_ms.iter().map(|ms| ms * weight).collect());
        Tables {
            sites,
            zone_region,
            offers: (0..instance.offers.len()).map(|o| offer_cost(instance, o)).collect(),
            offer_site,
            choices,
            first_choice,
            rules: rules(instance),
            latency: latency.collect(),
            groups,
            limits: instance.budgets.iter().map(|b| b.limit).collect(),
            instance,
        }
    }

    pub fn services(&self) -> usize {
        self.rules.len()
    }

    pub fn choices_of(&self, service: u32) -> std::ops::Range<u32> {
        self.first_choice[service as usize]..self.first_choice[service as usize + 1]
    }

    /// Whether `q` is within `ms` of `region`.
    pub fn is_near(&self, region: u32, q: u32, ms: f64) -> bool {
        self.instance.rtt_ms[region as usize][q as usize] <= ms
    }
}

fn sites(instance: &Instance, first_zone: &[u32]) -> (Vec<Site>, Vec<(u32, u32)>) {
    let mut by_key: BTreeMap<(u32, u32, u32), Vec<u32>> = BTreeMap::new();
    for (o, offer) in instance.offers.iter().enumerate() {
        by_key.entry((offer.region, offer.zone, offer.pool)).or_default().push(o as u32);
    }
    let mut offer_site = vec![(0, 0); instance.offers.len()];
    let mut sites = Vec::new();
    for ((region, zone, _), offers) in by_key {
        for part in offers.chunks(OFFERS_PER_SITE) {
            for (bit, o) in part.iter().enumerate() {
                offer_site[*o as usize] = (sites.len() as u32, bit as u32);
            }
            let zone = first_zone[region as usize] + zone;
            sites.push(Site { region, zone, offers: part.to_vec() });
        }
    }
    (sites, offer_site)
}

fn offer_cost(instance: &Instance, o: usize) -> OfferCost {
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
    }
}

fn choices(instance: &Instance, sites: &[Site]) -> (Vec<Choice>, Vec<u32>) {
    let mut choices = Vec::new();
    let mut first = vec![0];
    for (s, service) in instance.services.iter().enumerate() {
        for variant in &service.variants {
            let zone_cap = variant.replicas.div_ceil(service.min_zones);
            let bits = |site: &Site| {
                let allows = |o: &u32| {
                    let offer = &instance.offers[*o as usize];
                    let shape = &instance.shapes[offer.shape as usize];
                    let models = &variant.gpu_models;
                    offer.limit > 0
                        && service.pools.contains(&offer.pool)
                        && variant.archs.contains(&shape.arch)
                        && (models.is_empty() || models.contains(&shape.gpu_model))
                        && fits(&variant.request, &shape.capacity)
                };
                let offers = site.offers.iter().enumerate();
                offers.filter(|(_, o)| allows(o)).fold(0_u64, |bits, (i, _)| bits | 1 << i)
            };
            let places = sites.iter().enumerate().filter_map(|(k, site)| {
                let bits = if service.regions.binary_search(&site.region).is_ok() {
                    bits(site)
                } else {
                    0
                };
                (bits != 0).then_some((k as u32, bits))
            });
            choices.push(Choice {
                service: s as u32,
                replicas: variant.replicas,
                request: variant.request,
                busy: [
                    variant.utilisation * f64::from(variant.request[0]),
                    variant.utilisation * f64::from(variant.request[2]),
                ],
                penalty: variant.penalty,
                zone_cap,
                per_node: service.max_per_node.min(zone_cap),
                places: places.collect(),
            });
        }
        first.push(choices.len() as u32);
    }
    (choices, first)
}

fn rules(instance: &Instance) -> Vec<Rules> {
    let mut rules = vec![Rules::default(); instance.services.len()];
    for &(a, b) in &instance.conflicts {
        rules[a as usize].conflicts.push(b);
        rules[b as usize].conflicts.push(a);
    }
    for &(a, b) in instance.together.iter().filter(|(a, b)| a != b) {
        rules[a as usize].needs.push(b);
        rules[b as usize].needed_by.push(a);
    }
    for (i, near) in instance.near.iter().enumerate() {
        for s in [near.a, near.b] {
            rules[s as usize].near_rules.push(i as u32);
        }
        rules[near.a as usize].near.push((near.b, near.ms));
        rules[near.b as usize].near_of.push((near.a, near.ms));
    }
    rules
}

/// Union-find over the pairs that tie services to regions or machines.
fn groups(instance: &Instance) -> Vec<Vec<u32>> {
    let n = instance.services.len();
    let mut parent: Vec<usize> = (0..n).collect();
    fn root(parent: &mut [usize], mut x: usize) -> usize {
        while parent[x] != x {
            parent[x] = parent[parent[x]];
            x = parent[x];
        }
        x
    }
    let near = instance.near.iter().map(|near| (near.a, near.b));
    for (a, b) in near.chain(instance.together.iter().copied()) {
        let (a, b) = (root(&mut parent, a as usize), root(&mut parent, b as usize));
        parent[a.max(b)] = a.min(b);
    }
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut index = vec![u32::MAX; n];
    for s in 0..n {
        let root = root(&mut parent, s);
        if index[root] == u32::MAX {
            index[root] = groups.len() as u32;
            groups.push(Vec::new());
        }
        groups[index[root] as usize].push(s as u32);
    }
    groups
}
