//! One instance as the supervisor knows it: what the registry has of it, and what is seen of it.

use crate::control::VolumeStatus;
use crate::disk::Held;
use crate::launch::Spec;
use crate::proxy::Backend;
use eclexia_deploy::registry::{At, Instance};
use eclexia_deploy::rollout::{Health, Replica};
use eclexia_deploy::watched::{Answer, Watched};
use eclexia_model::{Probe, ProbeKind};
use std::collections::BTreeMap;
use std::process::Child;
use std::sync::Arc;
use tokio::task::JoinHandle;

pub struct Live {
    pub instance: Instance,
    /// Whether it is a try of a job, and not a replica of a service.
    pub is_job: bool,
    pub watched: Watched,
    pub spec: Option<Spec>,
    /// When its program was there, in the place of the launcher.
    pub begun: Option<At>,
    /// Only of a process that this supervisor has started: others end without a status.
    pub child: Option<Child>,
    pub tasks: Vec<JoinHandle<()>>,
    pub backends: BTreeMap<u16, Arc<Backend>>,
    /// When it is started again.
    pub again: Option<At>,
    /// When it was asked to end: first its requests end, then it.
    pub leaving: Option<Leaving>,
    pub said: Option<String>,
    /// Those that it writes to: they are watched as long as somebody has them.
    pub held: Vec<Arc<Held>>,
    /// What is in them.
    pub volumes: BTreeMap<String, VolumeStatus>,
    /// Why it is ended, where that is what it wrote.
    pub exceeded: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaving {
    pub since: At,
    /// When it was sent the signal, and whether that was the last one.
    pub asked: Option<At>,
    pub ended: bool,
}

impl Leaving {
    /// From now on: it has not been asked yet.
    pub fn new(since: At) -> Leaving {
        Leaving { since, asked: None, ended: false }
    }
}

impl Live {
    pub fn new(instance: Instance, probes: Vec<Probe>) -> Live {
        let mut backends = BTreeMap::new();
        for (of_service, here) in &instance.ports {
            let backend = Backend::new(&instance.spec, *here);
            backends.insert(*of_service, backend);
        }
        Live {
            instance,
            is_job: false,
            watched: Watched::new(probes),
            spec: None,
            begun: None,
            child: None,
            tasks: Vec::new(),
            backends,
            again: None,
            leaving: None,
            said: None,
            held: Vec::new(),
            volumes: BTreeMap::new(),
            exceeded: None,
        }
    }

    /// What it is an instance of, as resources of events are named.
    pub fn kind(&self) -> &'static str {
        if self.is_job { "job" } else { "service" }
    }

    pub fn health(&self, now: At) -> Health {
        self.watched.health(self.instance.phase, self.instance.since, self.begun, now)
    }

    /// As rollouts see it.
    pub fn replica(&self, now: At) -> Replica {
        Replica {
            id: self.instance.id.clone(),
            spec: self.instance.spec.clone(),
            ordinal: self.instance.ordinal,
            health: self.health(now),
            failures: self.watched.failures,
        }
    }

    /// Takes the answer of a check. Gives whether it must be started anew.
    pub fn answered(&mut self, kind: ProbeKind, answer: &Answer, now: At) -> bool {
        match answer {
            Answer::Good if self.watched.is_gate(kind) => self.said = None,
            Answer::Good => {}
            Answer::Nobody(why) | Answer::Bad(why) => self.said = Some(why.clone()),
        }
        self.watched.answered(kind, answer, now)
    }

    /// It has ended by itself. Gives after how many milliseconds it is to be started again.
    pub fn fell(&mut self, now: At) -> u64 {
        let begun = self.begun.take().unwrap_or(now);
        self.watched.fell(&mut self.instance.restarts, begun, now)
    }

    /// Ends what watches it.
    pub fn let_go(&mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
        }
        self.held.clear();
    }

    /// Requests that it has.
    pub fn asked(&self) -> usize {
        self.backends.values().map(|backend| backend.asked()).sum()
    }
}
