//! Rules and cost of an assignment, straight from the problem's statement: the judge of what the
//! search returns.

use super::instance::Instance;
use std::collections::{BTreeMap, BTreeSet};

/// The first rule that an assignment breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Not one machine for each process.
    Length,
    UnknownMachine {
        process: usize,
    },
    Capacity {
        machine: usize,
        resource: usize,
    },
    /// Two processes of a service on one machine.
    Conflict {
        service: usize,
        machine: usize,
    },
    Spread {
        service: usize,
    },
    Dependency {
        service: usize,
        on: usize,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub load: i64,
    pub balance: i64,
    pub process_move: i64,
    pub service_move: i64,
    pub machine_move: i64,
}

impl Cost {
    pub fn total(&self) -> i64 {
        self.load + self.balance + self.process_move + self.service_move + self.machine_move
    }
}

impl Instance {
    /// The cost of `at` after `initial`, or the first rule it breaks.
    pub fn check(&self, initial: &[usize], at: &[usize]) -> Result<Cost, Broken> {
        let (resources, machines) = (self.resources(), self.machines.len());
        if at.len() != self.processes.len() || initial.len() != at.len() {
            return Err(Broken::Length);
        }
        if let Some(process) = (0..at.len()).find(|p| at[*p].max(initial[*p]) >= machines) {
            return Err(Broken::UnknownMachine { process });
        }
        let mut usage = vec![vec![0; resources]; machines];
        let mut total = vec![vec![0; resources]; machines];
        for (p, process) in self.processes.iter().enumerate() {
            for (r, amount) in process.requirement.iter().enumerate() {
                usage[at[p]][r] += amount;
                total[at[p]][r] += amount;
                if at[p] != initial[p] && self.transient[r] {
                    total[initial[p]][r] += amount;
                }
            }
        }
        for (machine, m) in self.machines.iter().enumerate() {
            let over = (0..resources).find(|r| total[machine][*r] > m.capacity[*r]);
            if let Some(resource) = over {
                return Err(Broken::Capacity { machine, resource });
            }
        }
        self.check_services(at)?;
        Ok(self.cost(initial, at, &usage))
    }

    fn check_services(&self, at: &[usize]) -> Result<(), Broken> {
        let mut hosts = vec![BTreeSet::new(); self.services.len()];
        for (process, &machine) in self.processes.iter().zip(at) {
            if !hosts[process.service].insert(machine) {
                return Err(Broken::Conflict { service: process.service, machine });
            }
        }
        let neighbourhoods = |service: usize| -> BTreeSet<usize> {
            hosts[service].iter().map(|m| self.machines[*m].neighbourhood).collect()
        };
        for (service, s) in self.services.iter().enumerate() {
            let locations: BTreeSet<usize> =
                hosts[service].iter().map(|m| self.machines[*m].location).collect();
            if locations.len() < s.spread {
                return Err(Broken::Spread { service });
            }
            let own = neighbourhoods(service);
            for &on in &s.dependencies {
                if !own.is_subset(&neighbourhoods(on)) {
                    return Err(Broken::Dependency { service, on });
                }
            }
        }
        Ok(())
    }

    fn cost(&self, initial: &[usize], at: &[usize], usage: &[Vec<i64>]) -> Cost {
        let mut cost = Cost::default();
        for (m, machine) in self.machines.iter().enumerate() {
            for (r, weight) in self.load_weight.iter().enumerate() {
                cost.load += weight * (usage[m][r] - machine.safety[r]).max(0);
            }
            for b in &self.balances {
                let free = |r: usize| machine.capacity[r] - usage[m][r];
                cost.balance += b.weight * (b.target * free(b.first) - free(b.second)).max(0);
            }
        }
        let mut moved: BTreeMap<usize, i64> = BTreeMap::new();
        let moved_processes = self.processes.iter().zip(initial.iter().zip(at));
        for (process, _) in moved_processes.filter(|(_, (from, to))| from != to) {
            cost.process_move += self.process_move_weight * process.move_cost;
            *moved.entry(process.service).or_default() += 1;
        }
        for (from, to) in initial.iter().zip(at) {
            cost.machine_move += self.machine_move_weight * self.machines[*from].move_cost[*to];
        }
        cost.service_move = self.service_move_weight * moved.values().copied().max().unwrap_or(0);
        cost
    }
}
