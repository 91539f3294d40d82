//! A placement instance at scale: services with variants, offers of machines in regions and zones,
//! budgets, and the rules between services. What comes in is checked by whoever reads it (see
//! `eclexia-formats`): indices are in range, numbers finite and bounded by the constants below.
//! Absent: names and text, and the exact numbers of [`crate::Problem`]: at 65,000 pods a plan is
//! searched in whole resources and `f64` money, and checked by [`super::check`].

/// cpu (milli-cores), memory (MiB), gpus (devices), network (Mbit/s).
pub const RESOURCES: usize = 4;

/// Of each resource; at most [`MOST_AMOUNT`], so that two can be added.
pub type Amounts = [u32; RESOURCES];

pub const MOST_AMOUNT: u32 = 1_000_000_000;
/// Pods of one variant, and machines of one offer.
pub const MOST_COUNT: u32 = 1_000_000;
/// Services, offers, shapes, rules: of each at most.
pub const MOST_ELEMENTS: usize = 200_000;
/// Prices, intensities, latencies, limits: none is larger.
pub const MOST_NUMBER: f64 = 1e12;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instance {
    pub regions: Vec<Region>,
    /// Round trips between regions, in milliseconds.
    pub rtt_ms: Vec<Vec<f64>>,
    pub shapes: Vec<Shape>,
    pub offers: Vec<Offer>,
    pub services: Vec<Service>,
    /// Pods of the two are never on one machine.
    pub conflicts: Vec<(u32, u32)>,
    /// A machine with a pod of the first has one of the second.
    pub together: Vec<(u32, u32)>,
    pub near: Vec<Near>,
    pub budgets: Vec<Budget>,
    pub weights: Weights,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Region {
    pub zones: u32,
    /// Power usage effectiveness: watts drawn per watt computed with.
    pub pue: f64,
}

/// A type of machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    pub capacity: Amounts,
    pub vcpu: f64,
    pub arch: u32,
    pub gpu_model: u32,
    pub idle_w: f64,
    /// Watts above idle, per busy core.
    pub cpu_dyn_w: f64,
    /// Watts above idle, per busy device.
    pub gpu_dyn_w: f64,
    pub embodied_g_h: f64,
}

/// Machines of one shape that can be bought in one zone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    pub region: u32,
    pub zone: u32,
    pub shape: u32,
    pub pool: u32,
    /// US dollars per hour, averaged over the day.
    pub price: f64,
    /// g/kWh.
    pub intensity: f64,
    /// Part of the day the machine runs.
    pub share: f64,
    /// Most machines.
    pub limit: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// Where it may run; sorted, without repetition.
    pub regions: Vec<u32>,
    pub pools: Vec<u32>,
    pub max_per_node: u32,
    pub min_zones: u32,
    /// To its users, from each region.
    pub latency_ms: Vec<f64>,
    pub variants: Vec<Variant>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variant {
    pub replicas: u32,
    pub request: Amounts,
    pub archs: Vec<u32>,
    /// Models it accepts; empty: it does not ask.
    pub gpu_models: Vec<u32>,
    /// Mean load, for power.
    pub utilisation: f64,
    /// US dollars per hour that the loss of quality is worth.
    pub penalty: f64,
}

/// Every region with a pod of `a` has, within `ms`, a region with a pod of `b`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Near {
    pub a: u32,
    pub b: u32,
    pub ms: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric {
    /// US dollars per hour.
    Cost,
    /// Grams of CO2e per hour.
    Carbon,
    Watts,
    Vcpu,
    Gpu,
    Nodes,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    pub metric: Metric,
    /// `None`: over all regions.
    pub region: Option<u32>,
    pub limit: f64,
}

/// What the objective adds up, in US dollars per hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    pub cost: f64,
    pub carbon_usd_per_kg: f64,
    pub latency_usd_per_replica_ms: f64,
}

/// Which variant each service has, and what runs where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    pub variants: Vec<u32>,
    pub nodes: Vec<Machines>,
}

/// Identical machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Machines {
    pub offer: u32,
    /// Pods on each, by service; sorted.
    pub pods: Vec<(u32, u32)>,
    pub count: u32,
}

impl Solution {
    /// Sorts the machines and writes identical ones once.
    pub fn normalise(&mut self) {
        for node in &mut self.nodes {
            node.pods.sort_unstable();
        }
        self.nodes.sort_unstable();
        self.nodes.dedup_by(|next, kept| {
            let is_same = next.offer == kept.offer && next.pods == kept.pods;
            if is_same {
                kept.count += next.count;
            }
            is_same
        });
    }
}
