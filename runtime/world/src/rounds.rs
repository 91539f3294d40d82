//! What should run compared with what is believed to run: replicas start and stop, requests go to
//! those that are ready.
//!
//! In: the wanted version with its places, the replicas and their health. Out: starts, stops,
//! routes. Always holds: each service is decided by `eclexia_deploy::rollout`, as on a real
//! machine; a replica stands where the plan has a place for it; who stands elsewhere counts as an
//! old one, so that moves are rollouts, one at a time.
//!
//! New replicas stand beside the old on their machine even where both are more than it has: the
//! processes of a machine are limited and reserve nothing. That is told as `crowded`.

use crate::machine::{Placed, State};
use crate::replica::Replica;
use crate::versions::Notes;
use crate::world::World;
use eclexia_deploy::rollout::{self, Aim, Decision, Health, Progress, Step};
use eclexia_model::{Resource, Rollout};
use eclexia_targets::local::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Follows the spec of a replica that stands where it should not.
const AWAY: char = '~';

/// What one round found.
#[derive(Default)]
struct Found {
    /// Services that what needs them may start after.
    ready: BTreeSet<String>,
    failed: Option<String>,
    has_acted: bool,
    is_done: bool,
}

/// The replicas of one service, by where they stand.
struct Standing {
    ids: Vec<u32>,
    /// Right in all but their place.
    away: BTreeSet<u32>,
    /// Places that are free.
    free: Vec<usize>,
    /// Whether there are any of another spec.
    has_old: bool,
}

impl World<'_> {
    /// Does what is to be done now. Gives whether that was anything.
    pub fn round(&mut self) -> bool {
        let placed = self.wanted.map(|wanted| Rc::clone(&self.versions[wanted].placed));
        let mut found = Found { is_done: true, ..Found::default() };
        if let (Some(placed), Some(wanted)) = (&placed, self.wanted) {
            let mut ids: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            for replica in self.replicas.values() {
                ids.entry(replica.service.clone()).or_default().push(replica.id);
            }
            for service in &placed.tree.services {
                let ids = ids.remove(&service.name).unwrap_or_default();
                let standing = self.standing(&service.name, placed, ids);
                self.service(&mut found, (placed, wanted), service, standing);
            }
        }
        if let Some(why) = found.failed {
            self.fail(&why);
            return true;
        }
        let (has_rest, has_stopped) = self.stop_rest(placed.as_deref(), found.is_done);
        let is_done = found.is_done && !has_rest;
        if is_done && self.trial.is_some() {
            self.complete();
            return true;
        }
        self.is_whole = is_done && self.wanted.is_some();
        found.has_acted || has_stopped
    }

    fn standing(&self, service: &str, placed: &Placed, ids: Vec<u32>) -> Standing {
        let spec = placed.specs.get(service).map_or("", String::as_str);
        let its = ids.iter().filter_map(|id| self.replicas.get(id));
        let mut free = placed.slots.get(service).cloned().unwrap_or_default();
        let mut away = BTreeSet::new();
        let there = its.filter(|replica| !replica.is_leaving());
        for replica in there.clone().filter(|replica| replica.spec == spec) {
            let Some(machine) = replica.machine else { continue };
            match free.iter().position(|place| *place == machine) {
                Some(at) => {
                    free.remove(at);
                }
                None => {
                    away.insert(replica.id);
                }
            }
        }
        free.retain(|machine| self.machines[*machine].state != State::GivenUp);
        let has_old = there.clone().any(|replica| replica.spec != spec);
        Standing { away, free, has_old, ids }
    }

    fn service(
        &mut self,
        found: &mut Found,
        (placed, wanted): (&Placed, usize),
        service: &Service,
        mut standing: Standing,
    ) {
        self.give_places(found, &mut standing);
        let replicas = self.seen(&standing);
        let aim = self.aim(found, placed, service, &standing);
        let mut memory = self.memories.get(&service.name).copied().unwrap_or_default();
        let measured = self.meter.measured(&service.name, &aim.spec);
        let decision = rollout::decide(&aim, &replicas, &measured, &mut memory, self.now);
        self.memories.insert(service.name.clone(), memory);
        let is_change = standing.has_old || !standing.away.is_empty();
        self.promises.asks(&aim, &service.name, is_change);
        if standing.has_old {
            self.tell_canary(&aim, &decision, &service.name);
        }
        for step in &decision.steps {
            found.has_acted = true;
            match step {
                Step::Start { ordinal } => {
                    let place = (!standing.free.is_empty()).then(|| standing.free.remove(0));
                    self.add(placed, (&service.name, wanted), *ordinal, place);
                    if let Some(machine) = place {
                        self.look_for_crowd(machine);
                    }
                }
                Step::Stop { id } => {
                    let Some(id) = id.parse().ok() else { continue };
                    if standing.away.contains(&id) {
                        self.meter.tally(&service.name).moves += 1;
                    }
                    self.stop(id);
                }
            }
        }
        self.route(&service.name, &standing, &decision);
        let is_ready = |r: &&rollout::Replica| {
            r.health == Health::Ready && r.spec.trim_end_matches(AWAY) == aim.spec
        };
        if service.replicas == 0 || replicas.iter().any(|r| is_ready(&r)) {
            found.ready.insert(service.name.clone());
        }
        match &decision.progress {
            Progress::Done => {}
            Progress::Underway => found.is_done = false,
            Progress::Failed(why) => {
                found.is_done = false;
                found.failed.get_or_insert(format!("{}: {}", service.name, self.named(why)));
            }
        }
    }

    /// Those that wait for a place get one where there is one.
    fn give_places(&mut self, found: &mut Found, standing: &mut Standing) {
        for id in &standing.ids {
            let Some(replica) = self.replicas.get_mut(id) else { continue };
            if replica.machine.is_none() && !replica.is_leaving() && !standing.free.is_empty() {
                let machine = standing.free.remove(0);
                replica.machine = Some(machine);
                found.has_acted = true;
                self.start_process(*id);
            }
        }
    }

    /// The replicas as rollouts see them. What was completed is not taken back: it is started for
    /// as long as it takes.
    fn seen(&mut self, standing: &Standing) -> Vec<rollout::Replica> {
        let (is_trial, now) = (self.trial.is_some(), self.now);
        let mut seen = Vec::new();
        for id in &standing.ids {
            let Some(replica) = self.replicas.get(id) else { continue };
            let mut one = replica.seen(now);
            if standing.away.contains(id) {
                one.spec.push(AWAY);
            }
            if !is_trial {
                one.failures = 0;
            }
            if !is_trial && one.health == Health::Failed {
                one.health = Health::Unready;
                if replica.machine.is_some_and(|machine| self.machines[machine].is_up()) {
                    self.fall(*id);
                    one.health = Health::Waiting;
                }
            }
            seen.push(one);
        }
        seen
    }

    fn aim(&self, found: &Found, placed: &Placed, service: &Service, standing: &Standing) -> Aim {
        let is_move = !standing.has_old && !standing.away.is_empty();
        let rollout =
            if is_move { Rollout::Rolling { at_a_time: 1 } } else { service.rollout.clone() };
        Aim {
            spec: placed.specs.get(&service.name).cloned().unwrap_or_default(),
            replicas: service.replicas,
            rollout,
            exclusive: service.volumes.iter().any(|volume| !volume.read_only),
            may_start: service.needs.iter().all(|need| found.ready.contains(&need.service)),
            confirmed: true,
            proven: self.trial.is_none(),
            hold: self.setup.hold,
        }
    }

    /// A canary needs time to pass, and people want to know how far it is.
    fn tell_canary(&mut self, aim: &Aim, decision: &Decision, service: &str) {
        if !matches!(aim.rollout, Rollout::Canary { .. }) || aim.exclusive {
            return;
        }
        self.tick();
        let part = decision.traffic.get(&aim.spec).copied().unwrap_or(0.0);
        let percent = (part * 100.0).round() as u32;
        let last = self.canaries.insert(service.to_owned(), percent).unwrap_or(0);
        if percent > last {
            self.note_version(format!("{service}: {percent} % of the requests for the new"));
        }
    }

    /// Who gets the requests of a service from now on.
    fn route(&mut self, service: &str, standing: &Standing, decision: &Decision) {
        let now = self.now;
        let mut of_spec: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let its = standing.ids.iter().filter_map(|id| self.replicas.get(id));
        for replica in its.filter(|replica| replica.health(now) == Health::Ready) {
            let mut spec = replica.spec.clone();
            if standing.away.contains(&replica.id) {
                spec.push(AWAY);
            }
            of_spec.entry(spec).or_default().push(replica.id);
        }
        let mut routes = Vec::new();
        for (spec, ids) in of_spec {
            let part = decision.traffic.get(&spec).copied().unwrap_or(0.0);
            let each = part / ids.len() as f64;
            routes.extend(ids.into_iter().filter(|_| each > 0.0).map(|id| (id, each)));
        }
        self.routes.insert(service.to_owned(), routes);
    }

    /// Replicas of services that should not run: they stop when all that should run does, what
    /// needs others before these. Gives whether there are any, and whether any was stopped now.
    fn stop_rest(&mut self, placed: Option<&Placed>, is_done: bool) -> (bool, bool) {
        let is_wanted = |service: &str| placed.is_some_and(|p| p.service(service).is_some());
        let rest: Vec<&Replica> =
            self.replicas.values().filter(|replica| !is_wanted(&replica.service)).collect();
        if rest.is_empty() || (placed.is_some() && !is_done) {
            return (!rest.is_empty(), false);
        }
        // What others of these need stops after them.
        let needs = |replica: &&Replica| {
            let placed = &self.versions[replica.version].placed;
            let of = placed.service(&replica.service).map(|of| of.needs.clone());
            of.unwrap_or_default().into_iter().map(|need| need.service)
        };
        let needed: BTreeSet<String> = rest.iter().flat_map(needs).collect();
        let is_free =
            |replica: &&&Replica| !needed.contains(&replica.service) && !replica.is_leaving();
        let stops: Vec<u32> = rest.iter().filter(is_free).map(|replica| replica.id).collect();
        let services: Vec<String> = rest.iter().map(|replica| replica.service.clone()).collect();
        stops.iter().for_each(|id| self.stop(*id));
        for service in services {
            self.routes.remove(&service);
        }
        (true, !stops.is_empty())
    }

    /// Tells where old and new together are more than a machine has.
    fn look_for_crowd(&mut self, machine: usize) {
        let (of, version) = (&self.machines[machine], self.wanted.unwrap_or_default());
        for resource in [Resource::Cpu, Resource::Memory, Resource::Gpu] {
            let there = self.replicas.values().filter(|r| r.machine == Some(machine));
            let taken: f64 = there.filter_map(|r| r.load.takes.get(&resource)).sum();
            let has = of.capacity(resource);
            if taken > has * (1.0 + 1e-9) && self.meter.crowd(version, &of.name, resource) {
                let text = Notes::crowded(&of.name, resource, taken, has);
                return self.note_version(text);
            }
        }
    }

    /// The replicas that a sentence names by their numbers, by their names.
    fn named(&self, why: &str) -> String {
        match why.split_once(' ') {
            Some((id, rest)) => match id.parse().ok().and_then(|id| self.replicas.get(&id)) {
                Some(replica) => format!("{} {rest}", replica.name()),
                None => why.to_owned(),
            },
            None => why.to_owned(),
        }
    }
}
