//! The life of a replica: it starts, answers, is asked how it is, ends, and starts again.
//!
//! Always holds: what is believed of a replica comes from the answers of its checks and from ends
//! that are seen (`eclexia_deploy::watched`), never from what is true of it. Of checks only those
//! are asked whose answers may change what is believed: a replica that is well and believed to be
//! is asked again when something becomes of it, at the time at which it would have been asked.

use crate::machine::Placed;
use crate::replica::{Load, Process, Replica};
use crate::setup::Behaviour;
use crate::tale::{Cause, Kind, UNREADY};
use crate::time::span;
use crate::world::{Event, World};
use eclexia_deploy::registry::Phase;
use eclexia_deploy::rollout::Health;
use eclexia_deploy::watched::{self, Answer, EAGER, Watched};
use eclexia_model::ProbeKind;
use std::collections::BTreeMap;

/// How long a replica takes to end when it is asked to, mean, milliseconds; it may take
/// `watched::GRACE`.
const END: u64 = 500;

impl World<'_> {
    /// A new replica of a version; without a machine it waits for a place.
    pub fn add(
        &mut self,
        placed: &Placed,
        (service, version): (&str, usize),
        ordinal: u32,
        machine: Option<usize>,
    ) -> u32 {
        self.next_replica += 1;
        let id = self.next_replica;
        let spec = placed.specs.get(service).cloned().unwrap_or_default();
        let probes = placed.service(service).map(|of| of.probes.clone()).unwrap_or_default();
        let is_changed = self.versions[version].changed.contains(service);
        let behaviour = self.versions[version].behaviour;
        let replica = Replica {
            id,
            service: service.to_owned(),
            spec,
            version,
            ordinal,
            machine,
            phase: Phase::Waiting,
            since: self.now,
            restarts: 0,
            watched: Watched::new(probes),
            life: 0,
            process: None,
            behaviour: if is_changed { behaviour } else { Behaviour::Well },
            asked_from: self.now,
            load: Load::of(placed, service),
            rounds: BTreeMap::new(),
        };
        self.replicas.insert(id, replica);
        if machine.is_some() {
            self.start_process(id);
        }
        id
    }

    pub fn start_process(&mut self, id: u32) {
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        let Some(machine) = replica.machine else { return };
        replica.life += 1;
        (replica.phase, replica.since, replica.asked_from) = (Phase::Running, self.now, self.now);
        let (life, behaviour) = (replica.life, replica.behaviour);
        let most = match replica.watched.gate() {
            Some(_) => replica.watched.most_start() + 1,
            None => replica.watched.settled(),
        };
        self.soon(most, Event::Look);
        self.disturb();
        // Who starts it does not know that the machine is lost: nothing answers.
        if !self.machines[machine].is_up() {
            return;
        }
        let mut takes = self.dice.around(self.setup.start);
        let is_slow = self.dice.happens(self.setup.faults.slow);
        if is_slow {
            takes *= crate::faults::SLOW_TIMES;
            self.tell_slow(id, takes);
        }
        let crash = self.dice.wait(self.setup.faults.crash.a_millisecond());
        if let Some(after) = crash {
            self.soon(after, Event::Crash { replica: id, life });
        }
        if behaviour == Behaviour::Ends {
            self.soon(takes, Event::Falls { replica: id, life });
        }
        self.soon(takes, Event::Look);
        // Until it answers it is asked again and again, and nothing comes of that.
        let first = self.now.after(takes.div_ceil(EAGER) * EAGER);
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        replica.process = Some(Process { answers: self.now.after(takes) });
        replica.asked_from = first;
        self.question(id);
    }

    fn tell_slow(&mut self, id: u32, takes: u64) {
        let Some(replica) = self.replicas.get(&id) else { return };
        let (name, service) = (replica.name(), replica.service.clone());
        let cause = Cause::Replica(id);
        if self.tale.is_open(cause) {
            return self.tale.note(cause, self.now, format!("slow to start: {}", span(takes)));
        }
        let text = format!("{name} is slow to start: {}", span(takes));
        let kind = (Kind::Slow, Some(service.as_str()));
        self.tale.open(cause, self.now, kind, text, self.meter.failed);
    }

    /// Asks a replica's checks from their next times on.
    pub fn question(&mut self, id: u32) {
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        let (now, life) = (self.now, replica.life);
        let mut asked = Vec::new();
        for probe in &replica.watched.probes {
            let round = replica.rounds.entry(probe.kind).or_insert(0);
            *round += 1;
            asked.push((probe.kind, *round, replica.next_question(probe, now)));
        }
        for (kind, round, at) in asked {
            self.foresee(at, Event::Ask { replica: id, life, kind, round, is_late: false });
        }
    }

    pub fn ask(&mut self, id: u32, (life, round): (u64, u64), kind: ProbeKind, is_late: bool) {
        let now = self.now;
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        let is_current = replica.life == life && replica.rounds.get(&kind) == Some(&round);
        let probe = replica.watched.probes.iter().find(|probe| probe.kind == kind).cloned();
        let (Some(probe), true) = (probe, is_current && replica.phase == Phase::Running) else {
            return;
        };
        let again = |is_late| Event::Ask { replica: id, life: replica.life, kind, round, is_late };
        let is_reached = replica.machine.is_some_and(|machine| self.machines[machine].is_up());
        if !is_reached && !is_late {
            let patience = u64::from(probe.timeout.max(1)) * 1000;
            let event = again(true);
            return self.soon(patience, event);
        }
        let answer = if is_late || !is_reached {
            Answer::Bad(format!("no answer within {} s", probe.timeout.max(1)))
        } else if !replica.answers(now) {
            Answer::Nobody("nobody is there".to_owned())
        } else if replica.behaviour == Behaviour::Unready {
            Answer::Bad("HTTP 503".to_owned())
        } else {
            Answer::Good
        };
        let was = replica.health(now);
        let must_go = replica.watched.answered(kind, &answer, now);
        let is = replica.health(now);
        let was_good = matches!(was, Health::Ready | Health::Unready);
        let event = again(false);
        let goes_on = answer != Answer::Good && !replica.watched.is_over(kind);
        if was != is {
            self.tell_health(id, was, is);
        }
        if must_go && is_reached {
            return self.fall(id);
        }
        if goes_on {
            self.soon(watched::pause(&probe, was_good, &answer), event);
        }
    }

    fn tell_health(&mut self, id: u32, was: Health, is: Health) {
        let Some(replica) = self.replicas.get(&id) else { return };
        match (was, is, replica.machine) {
            (_, Health::Ready, _) => {
                self.tale.close(Cause::Replica(id), self.now, self.meter.failed);
            }
            (Health::Ready, Health::Unready, Some(machine)) => {
                let text = format!("{}{UNREADY}", replica.name());
                self.tale.note(Cause::Machine(machine), self.now, text);
            }
            _ => {}
        }
    }

    /// A replica ends by itself, and that is seen; it is started again, later.
    pub fn fall(&mut self, id: u32) {
        let now = self.now;
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        replica.process = None;
        replica.life += 1;
        if replica.is_leaving() {
            return self.remove(id);
        }
        let wait = replica.watched.fell(&mut replica.restarts, replica.since, now);
        (replica.phase, replica.since) = (Phase::Waiting, now);
        let (life, service) = (replica.life, replica.service.clone());
        self.meter.tally(&service).restarts += 1;
        self.soon(wait, Event::Again { replica: id, life });
        self.disturb();
    }

    /// Lets a replica leave: it gets no more requests, then it ends.
    pub fn stop(&mut self, id: u32) {
        let now = self.now;
        let Some(replica) = self.replicas.get_mut(&id) else { return };
        if replica.is_leaving() {
            return;
        }
        (replica.phase, replica.since) = (Phase::Stopping, now);
        let (life, machine) = (replica.life, replica.machine);
        let is_reached = machine.is_some_and(|machine| self.machines[machine].is_up());
        if replica.process.is_none() {
            self.remove(id);
        } else if is_reached {
            let takes = self.dice.around(END);
            self.soon(takes, Event::Ended { replica: id, life });
        }
        // Else it ends when its machine takes itself for lost, or is back and is told.
    }

    pub fn remove(&mut self, id: u32) {
        self.replicas.remove(&id);
        self.tale.close(Cause::Replica(id), self.now, self.meter.failed);
    }

    /// When a replica that was told to end does so, where that was not foreseen.
    pub fn end_soon(&mut self, id: u32) {
        let Some(replica) = self.replicas.get(&id) else { return };
        let life = replica.life;
        let takes = self.dice.around(END);
        self.soon(takes, Event::Ended { replica: id, life });
    }

    /// Ids of the replicas on a machine.
    pub fn on(&self, machine: usize) -> Vec<u32> {
        let its = |(_, replica): &(&u32, &Replica)| replica.machine == Some(machine);
        self.replicas.iter().filter(its).map(|(id, _)| *id).collect()
    }

    /// Until when a replica that starts now may take.
    pub fn slowest(&self) -> u64 {
        let longest = self.setup.start + self.setup.start / 2;
        let is_slow = self.setup.faults.slow > 0.0;
        if is_slow { longest * crate::faults::SLOW_TIMES } else { longest }
    }
}
