//! Machines, and where the replicas of a plan have their places on them.
//!
//! In: plans, and the machines there are. Out: for each service the machines of its replicas.
//! Always holds: a plan's machine goes to one that is there, is of its kind, and has most of its
//! pods already; only where none is free a new one is had. Names are given once and kept.

use eclexia_deploy::registry::At;
use eclexia_model::{Deployment, Exact, NodeType, Plan, Region, Resource};
use eclexia_targets::local::{self, Tree};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Machine {
    /// `n1`, as people name it.
    pub name: String,
    pub region: Region,
    pub zone: u32,
    pub kind: NodeType,
    pub rates: Rates,
    pub state: State,
    /// Counts its falls and returns: what was to happen to another state of it does not.
    pub turn: u64,
    /// Whether it is part of what was planned, and so paid for and struck by chance.
    pub is_had: bool,
    /// Whether its next faults by chance are foreseen.
    pub is_expecting: bool,
}

/// What a machine costs and burns, as numbers that are quick to add up.
#[derive(Clone, Debug)]
pub struct Rates {
    /// US dollars a second, and the factor on them by hour; empty: 1.
    price: f64,
    factors: Vec<f64>,
    /// Grams CO2e per joule by hour; empty: the mean.
    intensity: Vec<f64>,
    mean: f64,
    pub pue: f64,
    pub idle_watts: f64,
    pub watts_per_core: f64,
    pub watts_per_gpu: f64,
    /// Grams CO2e a second.
    pub embodied: f64,
}

impl Rates {
    fn of(region: &Region, kind: &NodeType, price: &Exact) -> Rates {
        let numbers = |of: &[Exact]| of.iter().map(Exact::to_f64).collect();
        Rates {
            price: price.to_f64(),
            factors: numbers(&region.hourly_price),
            intensity: numbers(&region.hourly_intensity),
            mean: region.carbon_intensity.to_f64(),
            pue: region.pue.to_f64(),
            idle_watts: kind.idle_watts.to_f64(),
            watts_per_core: kind.watts_per_core.to_f64(),
            watts_per_gpu: kind.watts_per_gpu.to_f64(),
            embodied: kind.embodied.to_f64(),
        }
    }

    /// US dollars a second.
    pub fn price(&self, hour: u64) -> f64 {
        self.price * at(&self.factors, hour, 1.0)
    }

    /// Grams CO2e per joule.
    pub fn intensity(&self, hour: u64) -> f64 {
        at(&self.intensity, hour, self.mean)
    }
}

fn at(curve: &[f64], hour: u64, mean: f64) -> f64 {
    if curve.is_empty() { mean } else { curve[(hour % curve.len() as u64) as usize] }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Up,
    /// What runs there ended with it, or nobody reaches it.
    Lost {
        since: At,
        is_cut: bool,
    },
    /// It is held for lost: nothing of it counts any more.
    GivenUp,
}

impl Machine {
    pub fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// Whether it draws power, reached or not.
    pub fn is_on(&self) -> bool {
        matches!(self.state, State::Up | State::Lost { is_cut: true, .. })
    }

    /// `m6i.large in aws/eu-west-1`
    pub fn place(&self) -> String {
        format!("{} in {}", self.kind.name, self.region.name)
    }

    pub fn capacity(&self, resource: Resource) -> f64 {
        self.kind.capacity.get(&resource).map_or(0.0, Exact::to_f64)
    }
}

/// A plan brought onto machines.
#[derive(Clone, Debug)]
pub struct Placed {
    pub plan: Plan,
    pub deployment: Deployment,
    pub tree: Tree,
    /// Digest of what a replica of a service is started from.
    pub specs: BTreeMap<String, String>,
    /// The machine of each replica, by service; sorted.
    pub slots: BTreeMap<String, Vec<usize>>,
    /// Each machine with the number of the plan's entry that it is one of.
    pub members: Vec<(usize, usize)>,
}

/// Pods by machine and service.
pub type Present = BTreeMap<usize, BTreeMap<String, u32>>;

impl Placed {
    /// Gives each machine of the plan one of `machines`, which grow where none is free.
    pub fn new(
        deployment: &Deployment,
        plan: &Plan,
        machines: &mut Vec<Machine>,
        present: &Present,
    ) -> Placed {
        let (tree, _) = local::tree(deployment, plan);
        let specs = tree.services.iter().map(|s| (s.name.clone(), spec(plan, s))).collect();
        let members = claim(deployment, plan, machines, present);
        let mut slots: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (machine, choice) in &members {
            for (service, pods) in &plan.nodes[*choice].pods {
                let places = slots.entry(service.clone()).or_default();
                places.extend(std::iter::repeat_n(*machine, *pods as usize));
            }
        }
        slots.values_mut().for_each(|places| places.sort_unstable());
        Placed { plan: plan.clone(), deployment: deployment.clone(), tree, specs, slots, members }
    }

    pub fn service(&self, name: &str) -> Option<&local::Service> {
        self.tree.services.iter().find(|service| service.name == name)
    }

    /// The variant of a service that the plan chose.
    pub fn variant(&self, service: &str) -> Option<&eclexia_model::Variant> {
        let model = self.deployment.services.iter().find(|s| s.name == service)?;
        let chosen = &self.tree.services.iter().find(|s| s.name == service)?.variant;
        model.variants.iter().find(|variant| variant.name == *chosen)
    }

    /// The plan without the machines that are given up: what is left of it.
    pub fn left(&self, machines: &[Machine]) -> Plan {
        let mut plan = self.plan.clone();
        for (machine, choice) in &self.members {
            if machines[*machine].state == State::GivenUp {
                plan.nodes[*choice].count = plan.nodes[*choice].count.saturating_sub(1);
            }
        }
        plan.nodes.retain(|node| node.count > 0);
        plan
    }

    /// Pods of services by machine, for people: `api × 2, db`.
    pub fn pods_on(&self, machine: usize) -> String {
        let counts = self.slots.iter().filter_map(|(service, places)| {
            match places.iter().filter(|place| **place == machine).count() {
                0 => None,
                1 => Some(service.clone()),
                n => Some(format!("{service} × {n}")),
            }
        });
        counts.collect::<Vec<_>>().join(", ")
    }
}

/// What a replica is started from: as this machine starts it, and what else a pod of the plan is
/// made of, its image among it.
fn spec(plan: &Plan, service: &local::Service) -> String {
    let choice = plan.services.iter().find(|choice| choice.service == service.name);
    let pod = choice.map_or("", |choice| choice.pod.as_str());
    format!("{pod}:{}", service.digest())
}

/// A deployment as it can be had while machines are given up: of an offer with a limit there are
/// so many less; of one without, others can be had.
pub fn reduced(deployment: &Deployment, machines: &[Machine]) -> Deployment {
    let mut deployment = deployment.clone();
    for offer in &mut deployment.offers {
        let is_its = |machine: &&Machine| {
            machine.state == State::GivenUp
                && machine.region.name == offer.region
                && machine.kind.name == offer.node_type
        };
        let gone = machines.iter().filter(is_its).count();
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        offer.limit = offer.limit.map(|limit| limit.saturating_sub(gone));
    }
    deployment
}

/// A machine for each of the plan's: pairs with most pods in common come first.
fn claim(
    deployment: &Deployment,
    plan: &Plan,
    machines: &mut Vec<Machine>,
    present: &Present,
) -> Vec<(usize, usize)> {
    let wanted: Vec<usize> = (0..plan.nodes.len())
        .flat_map(|at| std::iter::repeat_n(at, plan.nodes[at].count as usize))
        .collect();
    let mut pairs = Vec::new();
    for (unit, choice) in wanted.iter().enumerate() {
        let node = &plan.nodes[*choice];
        for (at, machine) in machines.iter().enumerate() {
            let is_same = machine.region.name == node.region
                && machine.zone == node.zone
                && machine.kind.name == node.node_type;
            if is_same && machine.state != State::GivenUp {
                let there = present.get(&at);
                let common: u32 = node
                    .pods
                    .iter()
                    .map(|(service, pods)| {
                        let there = there.and_then(|there| there.get(service));
                        there.copied().unwrap_or(0).min(*pods)
                    })
                    .sum();
                pairs.push((std::cmp::Reverse(common), !machine.is_had, at, unit));
            }
        }
    }
    pairs.sort_unstable();
    let mut given: BTreeMap<usize, usize> = BTreeMap::new();
    let mut taken: Vec<bool> = vec![false; machines.len()];
    for (_, _, at, unit) in pairs {
        if !taken[at] && !given.contains_key(&unit) {
            taken[at] = true;
            given.insert(unit, at);
        }
    }
    for (unit, choice) in wanted.iter().enumerate() {
        if !given.contains_key(&unit)
            && let Some(machine) = had(deployment, plan, *choice, machines.len() + 1)
        {
            given.insert(unit, machines.len());
            machines.push(machine);
        }
    }
    given.into_iter().map(|(unit, machine)| (machine, wanted[unit])).collect()
}

/// A machine that nobody had before; `None`: the plan names what the deployment has not.
fn had(deployment: &Deployment, plan: &Plan, choice: usize, number: usize) -> Option<Machine> {
    let node = &plan.nodes[choice];
    let region = deployment.regions.iter().find(|region| region.name == node.region)?;
    let kind = deployment.node_types.iter().find(|kind| kind.name == node.node_type)?;
    Some(Machine {
        name: format!("n{number}"),
        region: region.clone(),
        zone: node.zone,
        kind: kind.clone(),
        rates: Rates::of(region, kind, &node.price),
        state: State::Up,
        turn: 0,
        is_had: false,
        is_expecting: false,
    })
}
