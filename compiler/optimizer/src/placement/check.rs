//! The judge of plans: every rule of an [`Instance`] and every figure of its objective, from the
//! plain instance. It shares no code with the search, which works on tables derived from the
//! instance; a plan is printed only when it passes here.

use super::instance::{Budget, Instance, Metric, RESOURCES, Solution};
use std::collections::{BTreeMap, BTreeSet};

/// What a budget may be exceeded by, relative: the rounding of sums of some thousand figures.
const TOLERANCE: f64 = 1e-9;

#[derive(Clone, Debug, PartialEq)]
pub enum Violation {
    /// The plan speaks of a service, variant or offer that is not there, or of none.
    Malformed,
    OfferNotAllowed {
        service: u32,
        offer: u32,
    },
    OverCapacity {
        offer: u32,
    },
    TooManyPerNode {
        service: u32,
        offer: u32,
    },
    Replicas {
        service: u32,
        placed: u64,
    },
    ZoneOverfull {
        service: u32,
    },
    Conflict {
        a: u32,
        b: u32,
    },
    Apart {
        a: u32,
        b: u32,
    },
    Far {
        a: u32,
        b: u32,
        region: u32,
    },
    OfferLimit {
        offer: u32,
    },
    OverBudget {
        budget: u32,
        used: f64,
    },
}

/// Units as in the instance; `objective` in US dollars per hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    pub objective: f64,
    pub cost: f64,
    pub carbon: f64,
    pub watts: f64,
    /// Sum over pods.
    pub latency_ms: f64,
    pub penalty: f64,
    pub nodes: u64,
    pub replicas: u64,
    /// Of each budget.
    pub uses: Vec<f64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    pub violations: Vec<Violation>,
    pub figures: Figures,
}

/// Where the pods of one service are.
#[derive(Default)]
struct Spread {
    total: u64,
    /// Pods by region and zone.
    zones: BTreeMap<(u32, u32), u64>,
}

pub fn evaluate(instance: &Instance, solution: &Solution) -> Evaluation {
    let mut made = Evaluation::default();
    if !is_well_formed(instance, solution) {
        made.violations.push(Violation::Malformed);
        return made;
    }
    let spreads = machines(instance, solution, &mut made);
    services(instance, solution, &spreads, &mut made);
    regions(instance, &spreads, &mut made);
    let figures = &mut made.figures;
    let weights = &instance.weights;
    figures.objective = weights.cost * figures.cost
        + weights.carbon_usd_per_kg / 1000.0 * figures.carbon
        + weights.latency_usd_per_replica_ms * figures.latency_ms
        + figures.penalty;
    figures.uses = instance.budgets.iter().map(|b| used(instance, solution, b, figures)).collect();
    for (i, (budget, used)) in instance.budgets.iter().zip(&figures.uses).enumerate() {
        if *used > budget.limit + TOLERANCE * budget.limit.abs() {
            made.violations.push(Violation::OverBudget { budget: i as u32, used: *used });
        }
    }
    made
}

fn is_well_formed(instance: &Instance, solution: &Solution) -> bool {
    let variants = solution.variants.iter().zip(&instance.services);
    solution.variants.len() == instance.services.len()
        && variants.into_iter().all(|(v, service)| (*v as usize) < service.variants.len())
        && solution.nodes.iter().all(|node| {
            let services: BTreeSet<u32> = node.pods.iter().map(|p| p.0).collect();
            (node.offer as usize) < instance.offers.len()
                && services.len() == node.pods.len()
                && node.pods.iter().all(|p| p.1 > 0 && (p.0 as usize) < instance.services.len())
        })
}

/// The rules within one machine, its costs, and where pods are.
fn machines(instance: &Instance, solution: &Solution, made: &mut Evaluation) -> Vec<Spread> {
    let mut spreads: Vec<Spread> = Vec::new();
    spreads.resize_with(instance.services.len(), Spread::default);
    let mut bought = vec![0_u64; instance.offers.len()];
    for node in &solution.nodes {
        let offer = &instance.offers[node.offer as usize];
        let shape = &instance.shapes[offer.shape as usize];
        let count = u64::from(node.count);
        let grams_per_wh =
            offer.intensity * instance.regions[offer.region as usize].pue / 1000.0 * offer.share;
        bought[node.offer as usize] += count;
        let figures = &mut made.figures;
        figures.nodes += count;
        figures.cost += offer.price * count as f64;
        figures.carbon +=
            (shape.idle_w * grams_per_wh + shape.embodied_g_h * offer.share) * count as f64;
        figures.watts += shape.idle_w * offer.share * count as f64;
        let mut load = [0_u64; RESOURCES];
        for &(s, pods) in &node.pods {
            let service = &instance.services[s as usize];
            let variant = &service.variants[solution.variants[s as usize] as usize];
            for (sum, request) in load.iter_mut().zip(variant.request) {
                *sum += u64::from(pods) * u64::from(request);
            }
            let is_allowed = service.regions.contains(&offer.region)
                && service.pools.contains(&offer.pool)
                && variant.archs.contains(&shape.arch)
                && (variant.gpu_models.is_empty() || variant.gpu_models.contains(&shape.gpu_model));
            if !is_allowed {
                made.violations.push(Violation::OfferNotAllowed { service: s, offer: node.offer });
            }
            if pods > service.max_per_node {
                made.violations.push(Violation::TooManyPerNode { service: s, offer: node.offer });
            }
            let all = (u64::from(pods) * count) as f64;
            let watts = variant.utilisation
                * (f64::from(variant.request[0]) / 1000.0 * shape.cpu_dyn_w
                    + f64::from(variant.request[2]) * shape.gpu_dyn_w);
            made.figures.watts += watts * offer.share * all;
            made.figures.carbon += watts * grams_per_wh * all;
            made.figures.latency_ms += service.latency_ms[offer.region as usize] * all;
            let spread = &mut spreads[s as usize];
            spread.total += u64::from(pods) * count;
            *spread.zones.entry((offer.region, offer.zone)).or_default() += u64::from(pods) * count;
        }
        if load.iter().zip(shape.capacity).any(|(sum, most)| *sum > u64::from(most)) {
            made.violations.push(Violation::OverCapacity { offer: node.offer });
        }
        let has = |s: u32| node.pods.iter().any(|p| p.0 == s);
        for &(a, b) in instance.conflicts.iter().filter(|(a, b)| has(*a) && has(*b)) {
            made.violations.push(Violation::Conflict { a, b });
        }
        for &(a, b) in instance.together.iter().filter(|(a, b)| has(*a) && !has(*b)) {
            made.violations.push(Violation::Apart { a, b });
        }
    }
    for (i, (offer, bought)) in instance.offers.iter().zip(bought).enumerate() {
        if bought > u64::from(offer.limit) {
            made.violations.push(Violation::OfferLimit { offer: i as u32 });
        }
    }
    spreads
}

fn services(instance: &Instance, solution: &Solution, spreads: &[Spread], made: &mut Evaluation) {
    let chosen = instance.services.iter().zip(&solution.variants).zip(spreads);
    for (s, ((service, v), spread)) in chosen.enumerate() {
        let variant = &service.variants[*v as usize];
        made.figures.replicas += spread.total;
        made.figures.penalty += variant.penalty;
        if spread.total != u64::from(variant.replicas) {
            let placed = spread.total;
            made.violations.push(Violation::Replicas { service: s as u32, placed });
        }
        let most = u64::from(variant.replicas.div_ceil(service.min_zones));
        if spread.zones.values().any(|pods| *pods > most) {
            made.violations.push(Violation::ZoneOverfull { service: s as u32 });
        }
    }
}

fn regions(instance: &Instance, spreads: &[Spread], made: &mut Evaluation) {
    let of = |s: u32| -> BTreeSet<u32> {
        spreads[s as usize].zones.keys().map(|(region, _)| *region).collect()
    };
    for near in &instance.near {
        let served_by = of(near.b);
        for region in of(near.a) {
            let trips = &instance.rtt_ms[region as usize];
            if !served_by.iter().any(|q| trips[*q as usize] <= near.ms) {
                made.violations.push(Violation::Far { a: near.a, b: near.b, region });
            }
        }
    }
}

fn used(instance: &Instance, solution: &Solution, budget: &Budget, figures: &Figures) -> f64 {
    match (budget.metric, budget.region) {
        (Metric::Carbon, None) => return figures.carbon,
        (Metric::Watts, None) => return figures.watts,
        _ => {}
    }
    let of_node = |offer: u32| {
        let offer = &instance.offers[offer as usize];
        if budget.region.is_some_and(|region| region != offer.region) {
            return 0.0;
        }
        let shape = &instance.shapes[offer.shape as usize];
        let pue = instance.regions[offer.region as usize].pue;
        match budget.metric {
            Metric::Cost => offer.price,
            Metric::Carbon => {
                offer.share * (shape.idle_w * pue * offer.intensity / 1000.0 + shape.embodied_g_h)
            }
            Metric::Watts => shape.idle_w * offer.share,
            Metric::Vcpu => shape.vcpu,
            Metric::Gpu => f64::from(shape.capacity[2]),
            Metric::Nodes => 1.0,
        }
    };
    solution.nodes.iter().map(|node| of_node(node.offer) * f64::from(node.count)).sum()
}
