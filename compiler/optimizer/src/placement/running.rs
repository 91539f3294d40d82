//! What runs now, seen from the instance that is planned for, and what moving it costs. What comes
//! in is the instance before with its plan, and which of its services, variants and offers are
//! which of the new one; names are known to whoever matches.

use super::instance::{Instance, Solution};
use super::movement::{Moved, Movements, movements};

/// Most that moving one pod may cost, US dollars, and longest time that it is spread over, hours.
pub const MOST_USD: f64 = 1e6;
pub const MOST_HOURS: f64 = 1e6;

/// Of each service, variant and offer of the instance before, which it is now; `None`: it is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    pub services: Vec<Option<u32>>,
    pub variants: Vec<Vec<Option<u32>>>,
    pub offers: Vec<Option<u32>>,
}

impl Matching {
    /// Everything is what has its index.
    pub fn by_index(was: &Instance) -> Matching {
        let all = |n: usize| (0..n as u32).map(Some).collect::<Vec<_>>();
        Matching {
            services: all(was.services.len()),
            variants: was.services.iter().map(|s| all(s.variants.len())).collect(),
            offers: all(was.offers.len()),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Variant that each service runs in, where the instance still has it.
    pub variants: Vec<Option<u32>>,
    /// Whether its pods may stay where they are: what they ask for is what they asked for.
    pub may_stay: Vec<bool>,
    /// In the order of the plan that runs.
    pub nodes: Vec<RunningMachines>,
    /// Pods of services that are gone.
    pub gone: u64,
}

/// Identical machines that run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunningMachines {
    /// `None`: it is not sold any more.
    pub offer: Option<u32>,
    /// Pods on each, of services that are still there; sorted.
    pub pods: Vec<(u32, u32)>,
    pub count: u32,
}

impl Running {
    /// Pods that a change itself stops or starts: those that cannot stay, and those that a service
    /// has more or fewer than before.
    pub fn changed(&self, now: &Instance) -> u64 {
        let none = Solution { variants: vec![0; now.services.len()], nodes: Vec::new() };
        let variants = self.variants.iter().map(|v| v.unwrap_or(0)).collect();
        let stopped = movements(now, self, &Solution { variants, ..none }, &[]);
        let of = |m: Moved| m.stopped.max(m.started) - m.moved;
        let services = stopped.iter().flat_map(|stopped| &stopped.services);
        services.map(|moved| of(*moved)).sum::<u64>() + self.gone
    }

    /// `solution` is well formed for `was`, and `matching` for both instances.
    pub fn new(was: &Instance, solution: &Solution, now: &Instance, matching: &Matching) -> Self {
        let services = now.services.len();
        let mut running = Running {
            variants: vec![None; services],
            may_stay: vec![false; services],
            ..Running::default()
        };
        for (s, new) in matching.services.iter().enumerate() {
            let before = solution.variants[s] as usize;
            let Some(new) = new.map(|new| new as usize) else { continue };
            running.variants[new] = matching.variants[s][before];
            running.may_stay[new] = running.variants[new].is_some_and(|v| {
                now.services[new].variants[v as usize].request
                    == was.services[s].variants[before].request
            });
        }
        for node in &solution.nodes {
            let mut made = RunningMachines {
                offer: matching.offers[node.offer as usize],
                pods: Vec::new(),
                count: node.count,
            };
            for &(s, pods) in &node.pods {
                match matching.services[s as usize] {
                    Some(new) => made.pods.push((new, pods)),
                    None => running.gone += u64::from(pods) * u64::from(node.count),
                }
            }
            made.pods.sort_unstable();
            running.nodes.push(made);
        }
        running
    }
}

/// What a move costs and how many a plan may make. A move is a pod that could have stayed and is
/// stopped, to be started elsewhere; what the change itself stops or starts is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Movement {
    /// US dollars that moving one pod costs, once.
    pub usd: f64,
    /// Hours that the plan is expected to run: what moves cost is spread over them.
    pub hours: f64,
    /// Of each service, most moves of one plan.
    pub most: Vec<u32>,
    /// Most moves of all services together.
    pub in_all: u32,
}

impl Movement {
    /// US dollars per hour that one move weighs in the objective.
    pub fn rate(&self) -> f64 {
        self.usd / self.hours
    }

    /// Whether so many moves are within the disruption budgets.
    pub fn allows(&self, movements: &Movements) -> bool {
        movements.total().moved <= u64::from(self.in_all) && self.beyond(movements).is_empty()
    }

    /// Services that move more than their budget, and how many of their pods move.
    pub fn beyond(&self, movements: &Movements) -> Vec<(u32, u64)> {
        let services = (0..).zip(&movements.services).zip(&self.most);
        let beyond = services.filter(|((_, of), most)| of.moved > u64::from(**most));
        beyond.map(|((s, of), _)| (s, of.moved)).collect()
    }
}
