//! What must hold in every world, whatever strikes it: checked after each event.
//!
//! 1. Of a service there are never more replicas than its rollout allows.
//! 2. No request goes to a replica that is not believed to be ready.
//! 3. No two processes of one ordinal write the same volume.
//! 4. What runs stands on machines that are paid for.
//! 5. When nothing new has happened for long, as many are ready as were asked for, and no version
//!    is left half done.
//! 6. A version that was taken back leaves what ran before it, as it ran.
//! 7. Requests that failed are no more than those that were asked.
//! 8. After the end nothing runs.
//!
//! A broken one is a bug of ours, never the program's.

use crate::machine::{Placed, State};
use crate::replica::Replica;
use crate::tale::Cause;
use crate::world::World;
use eclexia_deploy::registry::At;
use eclexia_deploy::rollout::{Aim, Health};
use eclexia_deploy::watched::{DRAIN, GRACE, MOST_START};
use eclexia_model::Rollout;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[derive(Default)]
pub struct Promises {
    allowed: BTreeMap<String, Allowed>,
    /// What ran before the version on trial.
    remembered: Option<(usize, Rc<Placed>)>,
    /// It was, and what ran before is on its way.
    pub is_taken_back: bool,
    broken: Option<Broken>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    pub at: At,
    pub what: String,
}

/// The most since all was whole, and what is asked now.
#[derive(Clone, Copy, Default)]
struct Allowed {
    most: Room,
    now: Room,
}

#[derive(Clone, Copy, Default)]
struct Room {
    replicas: u32,
    surge: u32,
}

impl Promises {
    pub fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    pub fn broken(&self) -> Option<&Broken> {
        self.broken.as_ref()
    }

    /// Only the first is kept: what follows from it says little.
    pub fn broken_by(&mut self, at: At, what: String) {
        self.broken.get_or_insert(Broken { at, what });
    }

    /// What is asked of a service now; `is_change`: there are replicas that should not be there.
    pub fn asks(&mut self, aim: &Aim, service: &str, is_change: bool) {
        let surge = match &aim.rollout {
            _ if aim.exclusive || !is_change => 0,
            Rollout::Rolling { at_a_time } => (*at_a_time).max(1),
            Rollout::Recreate => 0,
            Rollout::BlueGreen | Rollout::Canary { .. } => aim.replicas,
        };
        let allowed = self.allowed.entry(service.to_owned()).or_default();
        allowed.now = Room { replicas: aim.replicas, surge };
        allowed.most.replicas = allowed.most.replicas.max(aim.replicas);
        allowed.most.surge = allowed.most.surge.max(surge);
    }

    pub fn remember(&mut self, before: usize, placed: &Rc<Placed>) {
        self.remembered = Some((before, Rc::clone(placed)));
        self.is_taken_back = false;
    }

    pub fn forget(&mut self) {
        self.remembered = None;
        self.is_taken_back = false;
    }
}

impl World<'_> {
    /// Checks what must hold at every moment.
    pub fn promise(&mut self) {
        let found = self
            .surpassed()
            .or_else(|| self.misrouted())
            .or_else(|| self.shared_volume())
            .or_else(|| self.unpaid())
            .or_else(|| self.miscounted());
        if let Some(what) = found {
            self.promises.broken_by(self.now, what);
        }
        if self.is_whole {
            for allowed in self.promises.allowed.values_mut() {
                allowed.most = allowed.now;
            }
        }
    }

    fn there(&self) -> impl Iterator<Item = &Replica> {
        self.replicas.values().filter(|replica| !replica.is_leaving())
    }

    fn surpassed(&self) -> Option<String> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for replica in self.there() {
            *counts.entry(&replica.service).or_insert(0) += 1;
        }
        counts.into_iter().find_map(|(service, count)| {
            let room = self.promises.allowed.get(service)?.most;
            let most = room.replicas + room.surge;
            (count > most).then(|| format!("{count} replicas of {service}, at most {most} allowed"))
        })
    }

    fn misrouted(&self) -> Option<String> {
        self.routes.iter().find_map(|(service, routes)| {
            let is_wrong = |(id, _): &&(u32, f64)| {
                self.replicas.get(id).is_none_or(|r| r.health(self.now) != Health::Ready)
            };
            if routes.iter().any(|route| is_wrong(&route)) {
                return Some(format!("requests of {service} go to a replica that is not ready"));
            }
            let whole: f64 = routes.iter().map(|(_, part)| part).sum();
            (whole > 1.0 + 1e-9).then(|| format!("{whole} of the requests of {service} are routed"))
        })
    }

    fn shared_volume(&self) -> Option<String> {
        let placed = &self.versions.get(self.wanted?)?.placed;
        let writes = |service: &str| {
            let of = placed.service(service);
            of.is_some_and(|of| of.volumes.iter().any(|volume| !volume.read_only))
        };
        let mut seen = BTreeSet::new();
        let running = self.replicas.values().filter(|r| r.process.is_some() && writes(&r.service));
        for replica in running {
            if !seen.insert((&replica.service, replica.ordinal)) {
                return Some(format!("two of {} write the same volume", replica.name()));
            }
        }
        None
    }

    fn unpaid(&self) -> Option<String> {
        let is_unpaid = |machine: usize| {
            !self.machines[machine].is_had || self.machines[machine].state == State::GivenUp
        };
        let wrong = |replica: &&Replica| replica.machine.is_some_and(is_unpaid);
        let replica = self.replicas.values().find(wrong)?;
        Some(format!("{} runs where nobody pays for a machine", replica.name()))
    }

    fn miscounted(&self) -> Option<String> {
        self.meter.services.iter().find_map(|(service, tally)| {
            let most = tally.asked * (1.0 + 1e-9) + 1e-6;
            (tally.failed < -1e-6 || tally.failed > most)
                .then(|| format!("{} of {} requests of {service}", tally.failed, tally.asked))
        })
    }

    /// Nothing new has happened for long.
    pub fn promise_rest(&mut self) {
        let Some(wanted) = self.wanted else { return };
        let placed = Rc::clone(&self.versions[wanted].placed);
        // Who takes longer to start than it may never becomes ready, and that is as it should be.
        if self.slowest() > MOST_START || self.is_ticking {
            return;
        }
        let has_places = placed.tree.services.iter().all(|service| {
            let places = placed.slots.get(&service.name).into_iter().flatten();
            places.filter(|place| self.machines[**place].is_up()).count()
                >= service.replicas as usize
        });
        if has_places && !self.is_whole {
            let what = match self.trial {
                Some(_) => format!("version {} is left half done", wanted + 1),
                None => "fewer are ready than were asked for, and nothing comes".to_owned(),
            };
            self.promises.broken_by(self.now, what);
        }
    }

    /// All is whole after a version was taken back.
    pub fn promise_undone(&mut self) {
        if !self.promises.is_taken_back {
            return;
        }
        let Some((before, remembered)) = self.promises.remembered.take() else { return };
        self.promises.is_taken_back = false;
        let Some(wanted) = self.wanted else { return };
        let placed = &self.versions[wanted].placed;
        // Where a machine was lost meanwhile it was planned anew, and runs by that plan.
        if wanted == before && !Rc::ptr_eq(placed, &remembered) {
            return;
        }
        let mut should: Vec<(&str, &str, usize)> = Vec::new();
        for (service, places) in &remembered.slots {
            let spec = remembered.specs.get(service).map_or("", String::as_str);
            should.extend(places.iter().map(|place| (service.as_str(), spec, *place)));
        }
        let mut does: Vec<(&str, &str, usize)> = Vec::new();
        for replica in self.there() {
            let machine = replica.machine.unwrap_or(usize::MAX);
            does.push((&replica.service, &replica.spec, machine));
        }
        should.sort_unstable();
        does.sort_unstable();
        if wanted != before || should != does {
            let what = format!("version {} does not run as it ran before", before + 1);
            self.promises.broken_by(self.now, what);
        }
    }

    /// All was destroyed, and everything has had its time to end.
    pub fn promise_the_end(&mut self) {
        let since = self.now.since(At(self.setup.until));
        let most = crate::world::LOST_AFTER + DRAIN + GRACE;
        if self.is_destroyed && self.replicas.is_empty() {
            self.tale.close(Cause::Version(usize::MAX), self.now, self.meter.failed);
        }
        if self.is_destroyed && (!self.replicas.is_empty() || since > most) {
            let ids: Vec<u32> = self.replicas.keys().copied().collect();
            let what = format!("still there after the end: {}", self.names(&ids));
            self.promises.broken_by(self.now, what);
        }
    }
}
