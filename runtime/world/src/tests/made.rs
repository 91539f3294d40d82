//! A small deployment made by hand, and a planner that puts pods where they fit first.

use crate::setup::Planner;
use eclexia_model::*;
use std::collections::BTreeMap;

const GIB: i64 = 1 << 30;

/// A database with a volume, an API of three that needs it, and a worker of two without checks, on
/// machines of four cores, of which there are `limit`.
pub fn deployment(rollout: Rollout, limit: Option<u32>) -> Deployment {
    let mut db = service("db", 1, Rollout::Rolling { at_a_time: 1 });
    db.mounts = vec![mount("data")];
    db.probes = vec![probe(ProbeKind::Liveness, 10)];
    let mut api = service("api", 3, rollout);
    api.probes = vec![probe(ProbeKind::Readiness, 5), probe(ProbeKind::Liveness, 10)];
    let origin = Origin::default();
    api.needs = vec![Need { service: "db".into(), ports: vec![80], origin }];
    api.demand = Some(Exact::int(100));
    let worker = service("worker", 2, Rollout::Recreate);
    of(vec![db, api, worker], limit)
}

pub fn of(services: Vec<Service>, limit: Option<u32>) -> Deployment {
    let origin = Origin::default();
    Deployment {
        name: "shop".into(),
        account: Some("team".into()),
        limits: vec![
            limit_of(Metric::Of(Resource::Cpu), Exact::int(7), "cpu"),
            limit_of(Metric::Cost, Exact::ratio(1, 3600), "USD/s"),
        ],
        strategy: Strategy {
            name: None,
            cost_weight: Exact::int(1),
            carbon_weight: Exact::int(0),
            latency_weight: Exact::int(0),
            carbon_price: Exact::int(0),
            latency_price: Exact::int(0),
            origin,
        },
        regions: vec![region()],
        node_types: vec![NodeType {
            name: "four".into(),
            arch: "x64".into(),
            capacity: [(Resource::Cpu, Exact::int(4)), (Resource::Memory, Exact::int(16 * GIB))]
                .into(),
            gpu_model: None,
            idle_watts: Exact::int(10),
            watts_per_core: Exact::int(5),
            watts_per_gpu: Exact::int(0),
            embodied: Exact::int(0),
        }],
        offers: vec![Offer {
            region: "here".into(),
            node_type: "four".into(),
            price: Exact::ratio(1, 36_000),
            limit,
            origin,
        }],
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
        origin,
    }
}

fn region() -> Region {
    Region {
        name: "here".into(),
        zones: 1,
        carbon_intensity: Exact::ratio(1, 36_000),
        pue: Exact::int(1),
        user_latency: Exact::int(0),
        hourly_intensity: vec![],
        hourly_price: vec![],
        position: None,
        origin: Origin::default(),
    }
}

pub fn limit_of(metric: Metric, amount: Exact, unit: &str) -> Limit {
    let unit = UnitText { text: unit.into(), scale: Exact::int(1) };
    Limit { metric, amount, unit, origin: Origin::default() }
}

fn mount(volume: &str) -> Mount {
    let (volume, path, size) = (volume.into(), "/data".into(), Exact::int(GIB));
    Mount { volume, path, size, read_only: false, origin: Origin::default() }
}

pub fn probe(kind: ProbeKind, every: u32) -> Probe {
    Probe { kind, check: Check::Tcp { port: 80 }, every, timeout: 2, retries: 3 }
}

pub fn service(name: &str, replicas: u32, rollout: Rollout) -> Service {
    let address = Address::new(format!("shop.{name}"));
    Service {
        name: name.into(),
        image: format!("{name}:1"),
        command: vec![name.into()],
        env: vec![],
        files: vec![],
        ports: vec![Port {
            name: "http".into(),
            port: 80,
            protocol: "http".into(),
            origin: Origin::default(),
        }],
        mounts: vec![],
        needs: vec![],
        probes: vec![],
        replicas: Replicas { min: replicas, max: replicas, origin: Origin::default() },
        variants: vec![Variant {
            address: address.child("variant.default"),
            name: "default".into(),
            image: None,
            requires: [(Resource::Cpu, Exact::int(1)), (Resource::Memory, Exact::int(GIB))].into(),
            limits: Resources::new(),
            latency: None,
            throughput: Some(Exact::int(60)),
            penalty: Exact::int(0),
            arch: vec![],
            gpu_model: None,
            utilisation: Exact::int(1),
            origin: Origin::default(),
        }],
        demand: None,
        min_zones: 1,
        max_per_node: None,
        regions: vec![],
        max_latency: None,
        disruption_budget: None,
        rollout,
        stateful: false,
        isolated: false,
        public: false,
        labels: BTreeMap::new(),
        origin: Origin::default(),
        address,
    }
}

/// The same with another command for a service: its replicas are new ones.
pub fn changed(deployment: &Deployment, name: &str, replicas: u32) -> Deployment {
    let mut deployment = deployment.clone();
    for service in deployment.services.iter_mut().filter(|service| service.name == name) {
        service.command.push("--again".into());
        (service.replicas.min, service.replicas.max) = (replicas, replicas);
    }
    deployment
}

pub fn all_ways() -> [Rollout; 5] {
    [
        Rollout::Rolling { at_a_time: 1 },
        Rollout::Rolling { at_a_time: 2 },
        Rollout::Recreate,
        Rollout::BlueGreen,
        Rollout::Canary {
            steps: vec![Exact::ratio(1, 10), Exact::ratio(1, 2), Exact::int(1)],
            abort_when: Some(Threshold { signal: Signal::ErrorRate, above: Exact::ratio(1, 100) }),
        },
    ]
}

/// Puts pods where they fit first; those of the plan before stay.
pub struct FirstFit;

impl Planner for FirstFit {
    fn plan(&self, deployment: &Deployment, after: Option<&Plan>) -> Option<Plan> {
        let room = deployment.node_types[0].capacity[&Resource::Cpu].to_f64() as u32;
        let limit = deployment.offers[0].limit.unwrap_or(u32::MAX) as usize;
        let mut machines: Vec<BTreeMap<String, u32>> = Vec::new();
        for node in after.iter().flat_map(|plan| &plan.nodes) {
            machines.extend(std::iter::repeat_n(node.pods.clone(), node.count as usize));
        }
        for pods in &mut machines {
            pods.retain(|name, _| deployment.services.iter().any(|s| s.name == *name));
        }
        for service in &deployment.services {
            let mut wanted = service.replicas.min;
            for pods in &mut machines {
                let stay = pods.get(&service.name).copied().unwrap_or(0).min(wanted);
                wanted -= stay;
                pods.insert(service.name.clone(), stay);
            }
            for _ in 0..wanted {
                let is_free = |pods: &BTreeMap<String, u32>| pods.values().sum::<u32>() < room;
                let at = machines.iter().position(is_free).unwrap_or(machines.len());
                if at == machines.len() {
                    machines.push(BTreeMap::new());
                }
                *machines[at].entry(service.name.clone()).or_insert(0) += 1;
            }
        }
        machines.iter_mut().for_each(|pods| pods.retain(|_, n| *n > 0));
        machines.retain(|pods| !pods.is_empty());
        (machines.len() <= limit).then(|| plan(deployment, machines))
    }
}

fn plan(deployment: &Deployment, machines: Vec<BTreeMap<String, u32>>) -> Plan {
    let address = Address::new("shop");
    let count = i64::try_from(machines.len()).unwrap_or(0);
    let pods = i64::from(machines.iter().flat_map(|pods| pods.values()).sum::<u32>());
    let nodes = machines.into_iter().map(|pods| NodeChoice {
        address: address.child("node"),
        region: "here".into(),
        zone: 0,
        node_type: "four".into(),
        count: 1,
        pods,
        price: Exact::ratio(1, 36_000),
        reason: String::new(),
    });
    let services = deployment.services.iter().map(|service| ServiceChoice {
        address: service.address.clone(),
        service: service.name.clone(),
        variant: "default".into(),
        replicas: service.replicas.min,
        spec: String::new(),
        pod: String::new(),
        reason: String::new(),
    });
    let none = || Exact::int(0);
    let watts = count * 10 + pods * 5;
    let mut plan = Plan {
        format: PLAN_FORMAT.into(),
        id: String::new(),
        parent: None,
        module: "made".into(),
        deployment: "shop".into(),
        model_id: String::new(),
        services: services.collect(),
        nodes: nodes.collect(),
        jobs: vec![],
        steps: vec![],
        totals: Totals {
            cost: Exact::ratio(count, 36_000),
            carbon: Exact::ratio(watts, 36_000),
            job_cost: none(),
            job_carbon: none(),
            objective: none(),
            bound: none(),
            gap: none(),
        },
        moves: None,
        budgets: vec![],
        declined: vec![],
    };
    plan.id = plan.content_id();
    plan
}
