//! Faults as they strike: replicas end, machines are lost, cut off, held for lost, and are back.
//!
//! A lost machine and one that nobody reaches look alike from outside: checks are not answered, and
//! after `LOST_AFTER` the machine is given up. Then it is planned anew without it; where no plan is
//! found what ran there waits for it.

use crate::faults::Struck;
use crate::machine::{Placed, State, reduced};
use crate::tale::{Cause, Kind};
use crate::time::span;
use crate::world::{Event, LOST_AFTER, World};
use eclexia_deploy::registry::Phase;
use std::collections::BTreeMap;
use std::rc::Rc;

impl World<'_> {
    /// The next faults of a machine by chance.
    pub fn expect_faults(&mut self, machine: usize) {
        if self.machines[machine].is_expecting {
            return;
        }
        self.machines[machine].is_expecting = true;
        self.expect(self.setup.faults.node.a_millisecond(), Event::Loss { machine });
        self.expect(self.setup.faults.partition.a_millisecond(), Event::Cut { machine });
    }

    fn expect(&mut self, rate: f64, event: Event) {
        if let Some(after) = self.dice.wait(rate) {
            self.soon(after, event);
        }
    }

    pub fn loss_by_chance(&mut self, machine: usize) {
        let lasts = self.dice.around(self.setup.faults.node_for);
        if self.machines[machine].is_had {
            self.lose(machine, Some(lasts), false);
        }
        self.expect(self.setup.faults.node.a_millisecond(), Event::Loss { machine });
    }

    pub fn cut_by_chance(&mut self, machine: usize) {
        let lasts = self.dice.around(self.setup.faults.partition_for);
        if self.machines[machine].is_had {
            self.lose(machine, Some(lasts), true);
        }
        self.expect(self.setup.faults.partition.a_millisecond(), Event::Cut { machine });
    }

    /// A fault that was asked for at this time.
    pub fn strike(&mut self, index: usize) {
        let machine = |name: &str| self.machines.iter().position(|m| m.name == name);
        match &self.setup.strikes[index].what {
            Struck::Node(name, lasts) => {
                if let Some(machine) = machine(name) {
                    self.lose(machine, *lasts, false);
                }
            }
            Struck::Partition(name, lasts) => {
                if let Some(machine) = machine(name) {
                    self.lose(machine, *lasts, true);
                }
            }
            Struck::Crash(service, ordinal) => {
                let of = |replica: &&crate::replica::Replica| {
                    replica.service == *service
                        && ordinal.is_none_or(|ordinal| replica.ordinal == ordinal)
                        && replica.process.is_some()
                };
                let found = self.replicas.values().filter(of).map(|r| (r.ordinal, r.id)).min();
                if let Some((_, id)) = found {
                    self.crash(id, None);
                }
            }
        }
    }

    /// A replica ends by itself; `life`: unless it has ended since that was foreseen.
    pub fn crash(&mut self, id: u32, life: Option<u64>) {
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        if life.is_some_and(|life| life != replica.life) || replica.process.is_none() {
            return;
        }
        let Some(machine) = replica.machine else { return };
        if !self.machines[machine].is_up() {
            // Nobody sees it before the machine is back.
            replica.process = None;
            return;
        }
        if !replica.is_leaving() && !self.tale.is_open(Cause::Replica(id)) {
            let text = format!("{} ends by itself on {}", replica.name(), self.machine_name(id));
            let service = self.replicas[&id].service.clone();
            let kind = (Kind::Crash, Some(service.as_str()));
            self.tale.open(Cause::Replica(id), self.now, kind, text, self.meter.failed);
        }
        self.fall(id);
    }

    fn machine_name(&self, id: u32) -> &str {
        let machine = self.replicas.get(&id).and_then(|replica| replica.machine);
        machine.map_or("no machine", |machine| &self.machines[machine].name)
    }

    fn lose(&mut self, machine: usize, lasts: Option<u64>, is_cut: bool) {
        let now = self.now;
        let of = &mut self.machines[machine];
        if !of.is_up() || self.is_destroyed {
            return;
        }
        of.turn += 1;
        of.state = State::Lost { since: now, is_cut };
        let (turn, name, place) = (of.turn, of.name.clone(), of.place());
        let there = self.on(machine);
        let names = self.names(&there);
        let how = if is_cut { "is cut off" } else { "is lost" };
        let what = if names.is_empty() { String::new() } else { format!(", with {names}") };
        let text = format!("{name} ({place}) {how}{what}");
        let cause = Cause::Machine(machine);
        self.tale.close(cause, now, self.meter.failed);
        self.tale.open(cause, now, (Kind::Fault, None), text, self.meter.failed);
        for id in there {
            if is_cut {
                self.question(id);
                continue;
            }
            let Some(replica) = self.replicas.get_mut(&id) else { continue };
            let is_waiting = replica.phase == Phase::Waiting;
            replica.process = None;
            if replica.is_leaving() {
                self.remove(id);
            } else if !is_waiting {
                replica.life += 1;
                self.question(id);
            }
        }
        self.soon(LOST_AFTER, Event::GiveUp { machine, turn });
        if let Some(lasts) = lasts {
            self.soon(lasts, Event::Return { machine, turn });
        }
        self.meter.faults += 1;
        self.disturb();
    }

    /// `api.0, api.1, db.0`
    pub fn names(&self, ids: &[u32]) -> String {
        let names = ids.iter().filter_map(|id| self.replicas.get(id)).map(|r| r.name());
        names.collect::<Vec<_>>().join(", ")
    }

    /// Nobody has reached a machine for so long that nothing of it counts any more.
    pub fn give_up(&mut self, machine: usize, turn: u64) {
        if self.machines[machine].turn != turn || self.machines[machine].is_up() {
            return;
        }
        self.machines[machine].state = State::GivenUp;
        let there = self.on(machine);
        let mut moved: BTreeMap<String, u32> = BTreeMap::new();
        for id in &there {
            let replica = &self.replicas[id];
            if !replica.is_leaving() {
                *moved.entry(replica.service.clone()).or_insert(0) += 1;
            }
        }
        let names = self.names(&there);
        there.iter().for_each(|id| self.remove(*id));
        self.disturb();
        let Some(wanted) = self.wanted else { return };
        let cause = Cause::Machine(machine);
        let is_planned = self.versions[wanted].placed.members.iter().any(|(m, _)| *m == machine);
        if !is_planned {
            return self.tale.note(cause, self.now, "held for lost; the plan has no need of it");
        }
        match self.plan_anew() {
            Some(told) => {
                self.tale.note(cause, self.now, format!("held for lost; planned anew: {told}"));
                for (service, many) in moved {
                    self.meter.tally(&service).moves += many;
                }
            }
            None => {
                let wait = if names.is_empty() { String::new() } else { format!("; {names} wait") };
                let text = format!("held for lost; there is no plan without it{wait}");
                self.tale.note(cause, self.now, text);
            }
        }
    }

    /// Plans what should run again, on the machines that are left; `None`: there is no plan. Gives
    /// what is where now, for people.
    pub fn plan_anew(&mut self) -> Option<String> {
        let wanted = self.wanted?;
        let placed = Rc::clone(&self.versions[wanted].placed);
        let deployment = reduced(&placed.deployment, &self.machines);
        let left = placed.left(&self.machines);
        let plan = self.planner.plan(&deployment, Some(&left))?;
        let known = self.machines.len();
        let present = self.present();
        let next = Placed::new(&placed.deployment, &plan, &mut self.machines, &present);
        let told = self.told_of(&placed, &next, known);
        self.versions[wanted].placed = Rc::new(next);
        Some(told)
    }

    /// Where there are more replicas of a service than before, and which machines are new.
    pub fn told_of(&self, before: &Placed, after: &Placed, known: usize) -> String {
        let mut told = Vec::new();
        for (machine, _) in &after.members {
            let count = |placed: &Placed, service: &str| {
                let places = placed.slots.get(service).into_iter().flatten();
                places.filter(|place| *place == machine).count()
            };
            let more = after.slots.keys().filter_map(|service| {
                let more = count(after, service).saturating_sub(count(before, service));
                match more {
                    0 => None,
                    1 => Some(service.clone()),
                    n => Some(format!("{service} × {n}")),
                }
            });
            let more: Vec<String> = more.collect();
            if !more.is_empty() {
                let of = &self.machines[*machine];
                let new = if *machine >= known {
                    format!(", new, {}", of.place())
                } else {
                    String::new()
                };
                told.push(format!("{} to {}{new}", more.join(", "), of.name));
            }
        }
        if told.is_empty() { "nothing moves".to_owned() } else { told.join("; ") }
    }

    /// A machine is there again.
    pub fn come_back(&mut self, machine: usize, turn: u64) {
        if self.machines[machine].turn != turn || self.machines[machine].is_up() {
            return;
        }
        let was = self.machines[machine].state;
        self.machines[machine].state = State::Up;
        self.machines[machine].turn += 1;
        if self.is_destroyed {
            return self.on(machine).into_iter().for_each(|id| self.remove(id));
        }
        self.disturb();
        if let State::Lost { since, .. } = was {
            let after = span(self.now.since(since));
            let text = format!("{} is back after {after}", self.machines[machine].name);
            self.tale.note(Cause::Machine(machine), self.now, text);
            return self.take_up(machine);
        }
        let name = self.machines[machine].name.clone();
        let Some(wanted) = self.wanted else { return };
        let placed = &self.versions[wanted].placed;
        let is_planned = placed.members.iter().any(|(m, _)| *m == machine);
        let misses = placed.slots.values().flatten().any(|m| !self.is_had_for(*m));
        let told = if is_planned {
            "; what waited for it starts".to_owned()
        } else if misses {
            match self.plan_anew() {
                Some(told) => format!("; planned anew: {told}"),
                None => String::new(),
            }
        } else {
            ", and not needed".to_owned()
        };
        self.tale.tell(self.now, Kind::Return, format!("{name} is back{told}"));
    }

    fn is_had_for(&self, machine: usize) -> bool {
        self.machines[machine].state != State::GivenUp
    }

    /// What runs on a machine that was away for less than it takes to be given up.
    fn take_up(&mut self, machine: usize) {
        for id in self.on(machine) {
            let Some(replica) = self.replicas.get(&id) else { continue };
            match (replica.phase, replica.process) {
                (Phase::Stopping, Some(_)) => self.end_soon(id),
                (Phase::Stopping, None) => self.remove(id),
                (Phase::Waiting, _) => {}
                (_, None) => self.fall(id),
                (_, Some(_)) => self.question(id),
            }
        }
    }
}
