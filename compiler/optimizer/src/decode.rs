//! From integers to pods: what comes in are the columns' whole values; what goes out is an
//! [`Assignment`] with each service's pods on machines in zones. Replicas of a service are laid on
//! different machines where slots allow. Zones are found by a bounded search; when there is no way
//! to keep the spread, the caller excludes the point.

use crate::canonical::Canonical;
use crate::master::Kind;
use crate::patterns::Pattern;
use crate::problem::{Assignment, Nodes, Problem, Taken};
use std::collections::BTreeMap;

const ZONE_STEPS: usize = 20_000;

/// Why whole values are no plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Miss {
    /// No assignment has these values.
    Impossible,
    /// None was found within the steps allowed.
    GaveUp,
}

/// One machine being filled.
struct Machine {
    offer: usize,
    /// Free slots of each class.
    free: BTreeMap<usize, u32>,
    pods: BTreeMap<usize, u32>,
    zone: u32,
}

pub fn decode(
    problem: &Problem,
    canon: &Canonical,
    patterns: &[Pattern],
    kinds: &[Kind],
    values: &[u32],
) -> Result<Assignment, Miss> {
    let (services, members) = modes(problem, canon, kinds, values);
    let jobs = vec![Taken::default(); problem.jobs.len()];
    let mut plan = Assignment { services, nodes: Vec::new(), jobs };
    let mut machines: Vec<Machine> = Vec::new();
    // Pods of a class for a site; classes with one site have no column for it.
    let mut wanted: Vec<BTreeMap<usize, u32>> = vec![BTreeMap::new(); canon.classes.len()];
    for (kind, &n) in kinds.iter().zip(values).filter(|(_, n)| **n > 0) {
        match *kind {
            Kind::Pattern { pattern } => {
                let pattern = &patterns[pattern];
                machines.extend((0..n).map(|_| Machine {
                    offer: pattern.offer,
                    free: pattern.slots.iter().copied().collect(),
                    pods: BTreeMap::new(),
                    zone: 0,
                }));
            }
            Kind::Pods { class, site } => {
                wanted[class].insert(site, n);
            }
            Kind::Job { job, option } => plan.jobs[job].option = option,
            Kind::Piece { job, piece, .. } => plan.jobs[job].pieces.push(piece),
            _ => {}
        }
    }
    for (c, class) in canon.classes.iter().enumerate() {
        if class.sites.len() == 1 && !class.by_region {
            wanted[c].insert(0, members[c].iter().map(|(_, n)| n).sum());
        }
    }
    for (c, members) in members.into_iter().enumerate() {
        place(canon, c, members, &wanted[c], &mut machines).ok_or(Miss::Impossible)?;
    }
    machines.retain(|m| !m.pods.is_empty());
    zones(problem, &plan, &mut machines)?;
    let mut merged: BTreeMap<(usize, u32, BTreeMap<usize, u32>), u32> = BTreeMap::new();
    for machine in machines {
        *merged.entry((machine.offer, machine.zone, machine.pods)).or_default() += 1;
    }
    let nodes = merged.into_iter();
    plan.nodes =
        nodes.map(|((offer, zone, pods), count)| Nodes { offer, zone, count, pods }).collect();
    Ok(plan)
}

/// Services and pods of each class.
type Members = Vec<Vec<(usize, u32)>>;

/// The mode of each service, and for each class whose pods it has: modes go to the services of a
/// group in order.
fn modes(
    problem: &Problem,
    canon: &Canonical,
    kinds: &[Kind],
    values: &[u32],
) -> (Vec<(usize, u32)>, Members) {
    let mut services = vec![(0, 0); problem.services.len()];
    let mut members: Members = vec![Vec::new(); canon.classes.len()];
    let mut next = vec![0; canon.groups.len()];
    for (kind, &n) in kinds.iter().zip(values) {
        let Kind::Mode { group, mode } = *kind else { continue };
        let chosen = &canon.groups[group].modes[mode];
        for _ in 0..n {
            let Some(&s) = canon.groups[group].services.get(next[group]) else { break };
            next[group] += 1;
            services[s] = (chosen.variant, chosen.replicas);
            if let Some(class) = chosen.class {
                members[class].push((s, chosen.replicas));
            }
        }
    }
    members.iter_mut().for_each(|m| m.sort_unstable());
    (services, members)
}

/// Fills the class's slots, service by service, each pod on the machine with the fewest of its
/// kind.
fn place(
    canon: &Canonical,
    c: usize,
    members: Vec<(usize, u32)>,
    wanted: &BTreeMap<usize, u32>,
    machines: &mut [Machine],
) -> Option<()> {
    let class = &canon.classes[c];
    let mut left = wanted.clone();
    for (s, replicas) in members {
        for _ in 0..replicas {
            let open = machines.iter().enumerate().filter(|(_, m)| {
                let site = class.site[m.offer].and_then(|site| left.get(&site));
                m.free.get(&c).is_some_and(|n| *n > 0) && site.is_some_and(|n| *n > 0)
            });
            let (k, _) = open.min_by_key(|(k, m)| (m.pods.get(&s).copied().unwrap_or(0), *k))?;
            let machine = &mut machines[k];
            *machine.pods.entry(s).or_default() += 1;
            *machine.free.entry(c).or_default() -= 1;
            *left.entry(class.site[machine.offer]?).or_default() -= 1;
        }
    }
    Some(())
}

/// Gives each machine a zone: in turn where nothing is to be spread, else by a search in which
/// the machines with the most spread pods come first and the emptiest zone is tried first.
fn zones(problem: &Problem, plan: &Assignment, machines: &mut [Machine]) -> Result<(), Miss> {
    for region in 0..problem.zones.len() {
        let spread = |s: &usize| problem.services[*s].min_zones > 1;
        let mut own: Vec<usize> = (0..machines.len())
            .filter(|k| problem.offers[machines[*k].offer].region == region)
            .collect();
        let weight = |k: usize| -> u32 {
            machines[k].pods.iter().filter(|(s, _)| spread(s)).map(|(_, n)| *n).sum()
        };
        own.sort_by_key(|k| (std::cmp::Reverse(weight(*k)), *k));
        let count = problem.zones[region].max(1);
        let mut search = ZoneSearch {
            most: plan
                .services
                .iter()
                .zip(&problem.services)
                .map(|((_, r), s)| if s.min_zones > 1 { r.div_ceil(s.min_zones) } else { u32::MAX })
                .collect(),
            pods: own.iter().map(|k| machines[*k].pods.clone()).collect(),
            load: vec![BTreeMap::new(); count as usize],
            machines: vec![0; count as usize],
            zone: vec![0; own.len()],
            steps: 0,
        };
        if !search.descend(0) {
            let gave_up = search.steps > ZONE_STEPS;
            return Err(if gave_up { Miss::GaveUp } else { Miss::Impossible });
        }
        for (k, zone) in own.into_iter().zip(search.zone) {
            machines[k].zone = zone;
        }
    }
    Ok(())
}

struct ZoneSearch {
    /// Most pods of each service in a zone.
    most: Vec<u32>,
    pods: Vec<BTreeMap<usize, u32>>,
    load: Vec<BTreeMap<usize, u32>>,
    machines: Vec<u32>,
    zone: Vec<u32>,
    steps: usize,
}

impl ZoneSearch {
    fn descend(&mut self, k: usize) -> bool {
        if k == self.pods.len() {
            return true;
        }
        let mut order: Vec<usize> = (0..self.load.len()).collect();
        order.sort_by_key(|z| (self.machines[*z], *z));
        let mut tried_empty = false;
        for z in order {
            self.steps += 1;
            if self.steps > ZONE_STEPS {
                return false;
            }
            // Empty zones are alike.
            if self.machines[z] == 0 && std::mem::replace(&mut tried_empty, true) {
                continue;
            }
            let fits = self.pods[k].iter().all(|(s, n)| {
                self.load[z].get(s).copied().unwrap_or(0).saturating_add(*n) <= self.most[*s]
            });
            if !fits {
                continue;
            }
            self.shift(k, z, true);
            self.zone[k] = z as u32;
            if self.descend(k + 1) {
                return true;
            }
            self.shift(k, z, false);
        }
        false
    }

    fn shift(&mut self, k: usize, z: usize, into: bool) {
        for (s, n) in &self.pods[k] {
            let entry = self.load[z].entry(*s).or_default();
            *entry = if into { *entry + n } else { *entry - n };
        }
        self.machines[z] = if into { self.machines[z] + 1 } else { self.machines[z] - 1 };
    }
}
