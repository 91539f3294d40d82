//! The world: what is there, what will happen, and the loop in which it happens.
//!
//! In: a setup. Out: a world that has come to its end. Always holds: events happen in the order of
//! their times, those of one time in the order in which they were foreseen; between two events
//! nothing changes, so that what is used and served between them is a product; after each event the
//! deployment is decided on until nothing more is to be done, and then every promise is checked.

use crate::dice::Dice;
use crate::machine::{Machine, Placed, Present};
use crate::meter::Meter;
use crate::promises::Promises;
use crate::replica::Replica;
use crate::setup::{Behaviour, Planner, Setup};
use crate::tale::{Cause, Tale};
use crate::time::{HOUR, MINUTE};
use eclexia_deploy::registry::At;
use eclexia_deploy::rollout::Memory;
use eclexia_model::ProbeKind;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A machine that nobody reaches for so long is held for lost, and takes itself for lost: it ends
/// what it runs, so that nothing runs twice. The minute that a start may take, too.
pub const LOST_AFTER: u64 = MINUTE;

/// After so long without anything new all that should be ready is: longer than any wait of a
/// restart, any slow start and any rollout whose steps are held for the usual time.
const CALM: u64 = 30 * MINUTE;

/// How often a rollout is looked at that waits for time to pass.
const TICK: u64 = 1_000;

#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// Curves go on; jobs begin.
    Hour,
    /// By chance.
    Crash {
        replica: u32,
        life: u64,
    },
    Loss {
        machine: usize,
    },
    Cut {
        machine: usize,
    },
    /// As was asked for.
    Strike(usize),
    GiveUp {
        machine: usize,
        turn: u64,
    },
    Return {
        machine: usize,
        turn: u64,
    },
    /// A check is asked; `is_late`: there was no answer in its time.
    Ask {
        replica: u32,
        life: u64,
        kind: ProbeKind,
        round: u64,
        is_late: bool,
    },
    /// A replica ends by itself, as this version's do.
    Falls {
        replica: u32,
        life: u64,
    },
    Again {
        replica: u32,
        life: u64,
    },
    Ended {
        replica: u32,
        life: u64,
    },
    /// Time has passed, and something may be seen otherwise.
    Look,
    /// The same, while a rollout waits.
    Tick,
    Update(usize),
    Rollback,
    Calm {
        turn: u64,
    },
    Destroy,
}

/// A version of the deployment.
pub struct Version {
    pub placed: Rc<Placed>,
    pub behaviour: Behaviour,
    /// Services whose replicas are not those of the version before it.
    pub changed: BTreeSet<String>,
    /// The update that it came with; `None`: what the world began with.
    pub source: Option<usize>,
    pub is_completed: bool,
}

/// The newest version while it may be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trial {
    pub before: Option<usize>,
}

pub struct World<'a> {
    pub setup: &'a Setup,
    pub planner: &'a dyn Planner,
    pub dice: Dice,
    pub now: At,
    queue: BTreeMap<(At, u64), Event>,
    foreseen: u64,
    pub machines: Vec<Machine>,
    pub replicas: BTreeMap<u32, Replica>,
    pub next_replica: u32,
    pub versions: Vec<Version>,
    /// Which version should run, and which was last completed.
    pub wanted: Option<usize>,
    pub running: Option<usize>,
    pub trial: Option<Trial>,
    pub memories: BTreeMap<String, Memory>,
    /// Who gets which part of a service's requests.
    pub routes: BTreeMap<String, Vec<(u32, f64)>>,
    /// The part of the requests that a canary was last told to take.
    pub canaries: BTreeMap<String, u32>,
    pub is_ticking: bool,
    calm_turn: u64,
    /// All that should run is ready, and nothing else is there.
    pub is_whole: bool,
    pub is_destroyed: bool,
    pub meter: Meter,
    pub tale: Tale,
    pub promises: Promises,
}

impl<'a> World<'a> {
    pub fn new(setup: &'a Setup, planner: &'a dyn Planner) -> World<'a> {
        World {
            setup,
            planner,
            dice: Dice::new(setup.seed),
            now: At(0),
            queue: BTreeMap::new(),
            foreseen: 0,
            machines: Vec::new(),
            replicas: BTreeMap::new(),
            next_replica: 0,
            versions: Vec::new(),
            wanted: None,
            running: None,
            trial: None,
            memories: BTreeMap::new(),
            routes: BTreeMap::new(),
            canaries: BTreeMap::new(),
            is_ticking: false,
            calm_turn: 0,
            is_whole: false,
            is_destroyed: false,
            meter: Meter::default(),
            tale: Tale::default(),
            promises: Promises::default(),
        }
    }

    pub fn foresee(&mut self, at: At, event: Event) {
        self.foreseen += 1;
        self.queue.insert((at, self.foreseen), event);
    }

    pub fn soon(&mut self, after: u64, event: Event) {
        self.foresee(self.now.after(after), event);
    }

    /// From the first start to the last end.
    pub fn run(&mut self) {
        self.run_until(At(u64::MAX));
        self.promise_the_end();
        self.tale.end(self.meter.failed);
    }

    /// Everything that happens before some time.
    pub fn run_until(&mut self, stop: At) {
        for (index, strike) in self.setup.strikes.iter().enumerate() {
            self.foresee(strike.at, Event::Strike(index));
        }
        for (index, update) in self.setup.updates.iter().enumerate() {
            self.foresee(update.at, Event::Update(index));
        }
        for at in &self.setup.rollbacks {
            self.foresee(*at, Event::Rollback);
        }
        self.foresee(At(self.setup.until), Event::Destroy);
        self.begin_first();
        self.foresee(self.now, Event::Hour);
        self.settle();
        while !self.promises.is_broken()
            && !self.is_over()
            && let Some(((at, _), event)) = self.queue.pop_first()
            && at < stop
        {
            self.pass(at);
            self.now = at;
            self.happen(event);
            self.settle();
        }
    }

    /// All was destroyed, and nothing of it is left.
    fn is_over(&self) -> bool {
        self.is_destroyed && self.replicas.is_empty()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Look => {}
            Event::Tick => self.is_ticking = false,
            Event::Hour => self.hour(),
            Event::Crash { replica, life } => self.crash(replica, Some(life)),
            Event::Loss { machine } => self.loss_by_chance(machine),
            Event::Cut { machine } => self.cut_by_chance(machine),
            Event::Strike(index) => self.strike(index),
            Event::GiveUp { machine, turn } => self.give_up(machine, turn),
            Event::Return { machine, turn } => self.come_back(machine, turn),
            Event::Ask { replica, life, kind, round, is_late } => {
                self.ask(replica, (life, round), kind, is_late);
            }
            Event::Falls { replica, life } if self.lives(replica, life) => self.fall(replica),
            Event::Again { replica, life } if self.lives(replica, life) => {
                self.start_process(replica);
            }
            Event::Ended { replica, life } if self.lives(replica, life) => self.remove(replica),
            Event::Falls { .. } | Event::Again { .. } | Event::Ended { .. } => {}
            Event::Update(index) => self.update(index),
            Event::Rollback => self.roll_back(),
            Event::Calm { turn } => {
                if turn == self.calm_turn {
                    self.promise_rest();
                }
            }
            Event::Destroy => self.destroy(),
        }
    }

    /// Whether a replica is still in the life that an event was foreseen of.
    fn lives(&self, replica: u32, life: u64) -> bool {
        self.replicas.get(&replica).is_some_and(|replica| replica.life == life)
    }

    fn hour(&mut self) {
        if self.is_destroyed {
            return;
        }
        self.begin_jobs();
        self.soon(HOUR, Event::Hour);
    }

    /// Decides until nothing more is to be done.
    fn settle(&mut self) {
        // Each round that acts starts or stops somebody; more than that would be a circle.
        let most = 100 + 10 * self.replicas.len();
        let mut rounds = 0;
        while self.round() {
            rounds += 1;
            if rounds > most {
                self.promises.broken_by(self.now, "it is decided on without an end".to_owned());
                return;
            }
        }
        self.have_machines();
        self.meter_lanes();
        self.promise();
        if self.is_whole {
            self.promise_undone();
            // What is believed to be well may not be: then it is not over.
            if self.all_serve() {
                self.tale.close_all(self.now, self.meter.failed);
            }
        }
    }

    /// Something new happened: it takes a while until all is at rest.
    pub fn disturb(&mut self) {
        self.calm_turn += 1;
        let turn = self.calm_turn;
        self.soon(CALM, Event::Calm { turn });
    }

    /// A rollout waits for time to pass.
    pub fn tick(&mut self) {
        if !self.is_ticking {
            self.is_ticking = true;
            self.soon(TICK, Event::Tick);
        }
    }

    /// Which machines are paid for: those of what should run, of what it may be taken back to, and
    /// those with something on them.
    fn have_machines(&mut self) {
        let mut had = BTreeSet::new();
        let before = self.trial.and_then(|trial| trial.before);
        for version in self.wanted.into_iter().chain(before) {
            had.extend(self.versions[version].placed.members.iter().map(|(machine, _)| *machine));
        }
        had.extend(self.replicas.values().filter_map(|replica| replica.machine));
        for machine in 0..self.machines.len() {
            let was = self.machines[machine].is_had;
            self.machines[machine].is_had = had.contains(&machine);
            if !was && had.contains(&machine) {
                self.expect_faults(machine);
            }
        }
    }

    /// Pods that are there, for whoever places others.
    pub fn present(&self) -> Present {
        let mut present = Present::new();
        for replica in self.replicas.values().filter(|replica| !replica.is_leaving()) {
            if let Some(machine) = replica.machine {
                let services = present.entry(machine).or_default();
                *services.entry(replica.service.clone()).or_insert(0) += 1;
            }
        }
        present
    }

    /// What is told of the version that is on trial or, without one, of a machine.
    pub fn note_version(&mut self, text: impl Into<String>) {
        if let Some(version) = self.wanted {
            self.tale.note(Cause::Version(version), self.now, text);
        }
    }
}
