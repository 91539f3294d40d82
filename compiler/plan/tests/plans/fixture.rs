//! Deployments as the tests need them: two regions, three node types, services by a few numbers.

use eclexia_base::Span;
use eclexia_base::number::{int, ratio};
use eclexia_model::*;
use eclexia_plan::OriginSpans;
use std::collections::BTreeMap;

pub const MONTH: i64 = 2_628_000;
pub const GIB: i64 = 1 << 30;

/// Every origin `n` stands at bytes `n..n + 1` of file 0.
pub struct Places;

impl OriginSpans for Places {
    fn span(&self, origin: Origin) -> Option<Span> {
        Some(Span::new(eclexia_base::FileId(0), origin.0, origin.0 + 1))
    }
}

pub fn unit(text: &str, scale: Exact) -> UnitText {
    UnitText { text: text.to_owned(), scale }
}

pub fn limit(metric: Metric, amount: i64, origin: u32) -> Limit {
    let unit = match metric {
        Metric::Cost => unit("USD/month", Exact::ratio(1, MONTH)),
        Metric::Carbon => unit("kgCO2e/month", Exact::ratio(1000, MONTH)),
        Metric::Of(Resource::Cpu) => unit("cpu", Exact::int(1)),
        Metric::Of(Resource::Memory) => unit("GiB", Exact::int(GIB)),
        _ => unit("", Exact::int(1)),
    };
    let amount = Exact(int(amount) * &unit.scale.0);
    Limit { metric, amount, unit, origin: Origin(origin) }
}

pub fn requires(millicores: i64, mebibytes: i64) -> Resources {
    BTreeMap::from([
        (Resource::Cpu, Exact::ratio(millicores, 1000)),
        (Resource::Memory, Exact::int(mebibytes << 20)),
    ])
}

pub fn variant(service: &str, name: &str, requires: Resources) -> Variant {
    Variant {
        address: Address::new(format!("prod.{service}.variant.{name}")),
        name: name.to_owned(),
        image: None,
        requires,
        limits: BTreeMap::new(),
        latency: None,
        throughput: None,
        penalty: Exact::int(0),
        arch: vec![],
        gpu_model: None,
        utilisation: Exact::ratio(1, 2),
        origin: Origin(0),
    }
}

pub fn service(name: &str, replicas: (u32, u32), requires: Resources, origin: u32) -> Service {
    Service {
        address: Address::new(format!("prod.{name}")),
        name: name.to_owned(),
        image: format!("{name}:1"),
        command: vec![],
        env: vec![],
        files: vec![],
        ports: vec![],
        mounts: vec![],
        needs: vec![],
        probes: vec![],
        replicas: Replicas { min: replicas.0, max: replicas.1, origin: Origin(origin) },
        variants: vec![variant(name, "default", requires)],
        demand: None,
        min_zones: 1,
        max_per_node: None,
        regions: vec![],
        max_latency: None,
        disruption_budget: None,
        rollout: Rollout::Recreate,
        stateful: false,
        isolated: false,
        public: false,
        labels: BTreeMap::new(),
        origin: Origin(origin),
    }
}

fn region(name: &str, grams_per_kwh: i64, latency_ms: i64) -> Region {
    Region {
        position: None,
        name: name.to_owned(),
        zones: 3,
        carbon_intensity: Exact::ratio(grams_per_kwh, 3_600_000),
        pue: Exact::ratio(11, 10),
        user_latency: Exact::ratio(latency_ms, 1000),
        hourly_intensity: vec![],
        hourly_price: vec![],
        origin: Origin(0),
    }
}

fn node_type(name: &str, cores: i64, gibibytes: i64, watts: i64) -> NodeType {
    NodeType {
        name: name.to_owned(),
        arch: "x64".to_owned(),
        capacity: BTreeMap::from([
            (Resource::Cpu, Exact::int(cores)),
            (Resource::Memory, Exact::int(gibibytes * GIB)),
        ]),
        gpu_model: None,
        idle_watts: Exact::int(watts),
        watts_per_core: Exact::ratio(3, 1),
        watts_per_gpu: Exact::int(0),
        embodied: Exact::ratio(cores, 7200),
    }
}

/// `small`, `medium`, `large` in a near, dirty and in a far, clean region, a third dearer there.
pub fn deployment(services: Vec<Service>, limits: Vec<Limit>) -> Deployment {
    let regions = vec![region("near", 300, 10), region("far", 30, 40)];
    let node_types = vec![
        node_type("small", 2, 4, 5),
        node_type("medium", 4, 16, 9),
        node_type("large", 16, 64, 30),
    ];
    let monthly = [("small", 60), ("medium", 115), ("large", 440)];
    let offers = regions.iter().enumerate().flat_map(|(r, region)| {
        monthly.iter().map(move |(kind, price)| Offer {
            region: region.name.clone(),
            node_type: (*kind).to_owned(),
            price: Exact(int(*price) / int(MONTH) * ratio(3 + r as i64, 3)),
            limit: None,
            origin: Origin(0),
        })
    });
    Deployment {
        name: "prod".to_owned(),
        account: Some("team".to_owned()),
        limits,
        strategy: Strategy {
            name: None,
            cost_weight: Exact::int(1),
            carbon_weight: Exact::int(1),
            latency_weight: Exact::int(1),
            carbon_price: Exact::ratio(1, 10_000),
            latency_price: Exact::ratio(1, 100_000),
            origin: Origin(0),
        },
        offers: offers.collect(),
        regions,
        node_types,
        services,
        jobs: vec![],
        peaks: vec![],
        movement: Movement::default(),
        rtt: vec![],
        conflicts: vec![],
        together: vec![],
        near: vec![],
        alerts: vec![],
        declared: None,
        origin: Origin(1),
    }
}

/// A database and an API with two variants: the example of the language.
pub fn store() -> Deployment {
    let mut api = service("api", (2, 6), requires(1000, 1024), 20);
    let mut fast = variant("api", "fast", requires(1000, 1024));
    (fast.latency, fast.throughput) = (Some(Exact::ratio(20, 1000)), Some(Exact::int(400)));
    let mut small = variant("api", "small", requires(250, 256));
    (small.latency, small.throughput) = (Some(Exact::ratio(80, 1000)), Some(Exact::int(90)));
    api.variants = vec![fast, small];
    api.demand = Some(Exact::int(500));
    api.needs = vec![Need { service: "db".to_owned(), ports: vec![], origin: Origin(21) }];
    let db = service("db", (1, 1), requires(2000, 2048), 10);
    let limits = vec![
        limit(Metric::Of(Resource::Cpu), 12, 2),
        limit(Metric::Of(Resource::Memory), 24, 3),
        limit(Metric::Cost, 300, 4),
        limit(Metric::Carbon, 15, 5),
    ];
    deployment(vec![api, db], limits)
}

pub fn job(name: &str, core_hours: i64, cores: i64, deadline: u32) -> Job {
    Job {
        address: Address::new(format!("prod.{name}")),
        name: name.to_owned(),
        image: "train:1".to_owned(),
        command: vec![],
        env: vec![],
        files: vec![],
        mounts: vec![],
        needs: vec![],
        requires: requires(cores * 1000, 2048),
        work: Exact::int(core_hours * 3600),
        earliest_hour: 0,
        deadline_hours: deadline,
        deferrable: true,
        interruptible: false,
        isolated: false,
        regions: vec![],
        utilisation: Exact::int(1),
        origin: Origin(30),
    }
}
