//! The instance in flat tables, as the inner loop reads them. Resources stand in an order of their
//! own: those that are held on both machines during a move last. A balance is one more dimension
//! of load, in which a process weighs what it takes from the second resource less what the target
//! asks for it of the first. All amounts are in units of cost: the cost of a machine is then the
//! sum of what is above 0.

use super::instance::{Balance, Instance};

/// A level that is not reached.
const NEVER: i64 = i64::MIN / 4;

/// Of a process.
pub struct Process {
    pub service: u32,
    pub initial: u32,
    /// Of moving it at all, weighted.
    pub move_cost: i64,
}

pub struct Tables {
    pub initial: Vec<u32>,
    pub processes: Vec<Process>,
    pub machines: usize,
    /// Resources and balances; the former alone; of these, those that are not held.
    pub dimensions: usize,
    pub resources: usize,
    pub free: usize,
    /// By process: its amounts in each dimension.
    amount: Vec<i64>,
    /// By machine: its levels when empty, then its capacities.
    pub empty: Vec<i64>,
    /// Weighted costs of moves between machines.
    between: Vec<i64>,
    pub location: Vec<u32>,
    pub neighbourhood: Vec<u32>,
    pub locations: usize,
    pub neighbourhoods: usize,
    pub spread: Vec<u32>,
    pub dependencies: Vec<Vec<u32>>,
    pub dependents: Vec<Vec<u32>>,
    /// Words of a service's set of machines.
    pub words: usize,
    pub service_weight: i64,
    /// Processes of each service.
    pub members: Vec<Vec<u32>>,
    /// All processes, those that need most first.
    pub by_size: Vec<u32>,
    /// By process: 1, and three times the part that it would hold, when away, of what machines
    /// have to spare on average.
    pub hold: Vec<f64>,
    /// A sixteenth of the load cost of all of a process that is larger than 99 of 100: a
    /// temperature at which all but the largest go anywhere.
    pub heat: f64,
}

impl Tables {
    pub fn new(instance: &Instance, initial: &[usize]) -> Tables {
        let machines = &instance.machines;
        let mut order: Vec<usize> = (0..instance.resources()).collect();
        order.sort_by_key(|r| instance.transient[*r]);
        // A unit of a resource whose load does not cost counts as 1, and is never above safety.
        let price = |r: usize| instance.load_weight[r].max(1);
        let priced =
            |amounts: &[i64]| order.iter().map(|r| amounts[*r] * price(*r)).collect::<Vec<_>>();
        let level = |safety: &[i64]| {
            let costs = |r: usize| instance.load_weight[r] > 0;
            order
                .iter()
                .map(|r| if costs(*r) { -safety[*r] * price(*r) } else { NEVER })
                .collect::<Vec<_>>()
        };
        let imbalance = |b: &Balance, amounts: &[i64]| {
            b.weight * (b.target * amounts[b.first] - amounts[b.second])
        };
        let dimensions = order.len() + instance.balances.len();
        let mut empty = Vec::new();
        for machine in machines {
            empty.extend(level(&machine.safety));
            empty.extend(instance.balances.iter().map(|b| imbalance(b, &machine.capacity)));
            empty.extend(priced(&machine.capacity));
        }
        let mut amount = Vec::new();
        for process in &instance.processes {
            amount.extend(priced(&process.requirement));
            amount.extend(instance.balances.iter().map(|b| -imbalance(b, &process.requirement)));
        }
        let processes = instance.processes.iter().zip(initial).map(|(process, at)| Process {
            service: process.service as u32,
            initial: *at as u32,
            move_cost: process.move_cost * instance.process_move_weight,
        });
        let (dependencies, dependents) = dependencies(instance);
        let mut members = vec![Vec::new(); instance.services.len()];
        for (p, process) in instance.processes.iter().enumerate() {
            members[process.service].push(p as u32);
        }
        let size =
            |p: &u32| -> i64 { amount[*p as usize * dimensions..][..order.len()].iter().sum() };
        let mut by_size: Vec<u32> = (0..instance.processes.len() as u32).collect();
        by_size.sort_by_key(|p| std::cmp::Reverse(size(p)));
        let between = machines.iter().flat_map(|m| &m.move_cost);
        Tables {
            initial: initial.iter().map(|m| *m as u32).collect(),
            processes: processes.collect(),
            machines: machines.len(),
            dimensions,
            resources: order.len(),
            free: instance.transient.iter().filter(|held| !**held).count(),
            amount,
            empty,
            between: between.map(|cost| cost * instance.machine_move_weight).collect(),
            location: machines.iter().map(|m| m.location as u32).collect(),
            neighbourhood: machines.iter().map(|m| m.neighbourhood as u32).collect(),
            locations: instance.locations(),
            neighbourhoods: instance.neighbourhoods(),
            spread: instance.services.iter().map(|s| s.spread as u32).collect(),
            dependencies,
            dependents,
            words: machines.len().div_ceil(64),
            service_weight: instance.service_move_weight,
            members,
            by_size,
            hold: hold(instance),
            heat: heat(instance),
        }
    }

    /// Entries of a machine in `empty`.
    pub fn stride(&self) -> usize {
        self.dimensions + self.resources
    }

    pub fn amount(&self, p: usize) -> &[i64] {
        &self.amount[p * self.dimensions..][..self.dimensions]
    }

    /// Of the move of a process from where it began to `m`.
    pub fn move_cost(&self, p: usize, m: usize) -> i64 {
        let process = &self.processes[p];
        let from = process.initial as usize;
        let own = if from == m { 0 } else { process.move_cost };
        own + self.between[from * self.machines + m]
    }
}

/// By service: those that it depends on, and those that depend on it.
fn dependencies(instance: &Instance) -> (Vec<Vec<u32>>, Vec<Vec<u32>>) {
    let mut dependencies = vec![Vec::new(); instance.services.len()];
    let mut dependents = dependencies.clone();
    for (s, service) in instance.services.iter().enumerate() {
        for &on in service.dependencies.iter().filter(|on| **on != s) {
            dependencies[s].push(on as u32);
            dependents[on].push(s as u32);
        }
    }
    (dependencies, dependents)
}

fn hold(instance: &Instance) -> Vec<f64> {
    let spare = |r: usize| {
        let capacity: i64 = instance.machines.iter().map(|m| m.capacity[r]).sum();
        let needed: i64 = instance.processes.iter().map(|p| p.requirement[r]).sum();
        (capacity - needed).max(1) as f64 / instance.machines.len() as f64
    };
    let held = (0..instance.resources()).filter(|r| instance.transient[*r]);
    let held: Vec<(usize, f64)> = held.map(|r| (r, spare(r))).collect();
    let part = |p: &super::Process| {
        held.iter().map(|(r, spare)| p.requirement[*r] as f64 / spare).sum::<f64>()
    };
    instance.processes.iter().map(|p| 1.0 + 3.0 * part(p)).collect()
}

fn heat(instance: &Instance) -> f64 {
    let load = |p: &super::Process| -> i64 {
        p.requirement
            .iter()
            .zip(&instance.load_weight)
            .map(|(amount, weight)| amount * weight)
            .sum()
    };
    let mut loads: Vec<i64> = instance.processes.iter().map(load).collect();
    loads.sort_unstable();
    loads.get(loads.len() * 99 / 100).map_or(1.0, |load| (*load as f64 / 16.0).max(1.0))
}
