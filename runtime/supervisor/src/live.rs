//! One instance as the supervisor knows it: what the registry has of it, and what is seen of it.

use crate::health::Answer;
use crate::launch::Spec;
use crate::proxy::Backend;
use eclexia_deploy::registry::{At, Instance, Phase};
use eclexia_deploy::rollout::{Health, Replica};
use eclexia_model::{Probe, ProbeKind};
use std::collections::BTreeMap;
use std::process::Child;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Without a check an instance that has run so long is taken to be ready, milliseconds.
const SETTLED: u64 = 300;

/// Until when a service must answer at all, milliseconds; an answer that is bad counts at once.
const MOST_START: u64 = 60_000;

/// How long an instance may take to end after it was asked to, milliseconds.
pub const GRACE: u64 = 10_000;

/// How long requests that an instance has may take before it is asked to end, milliseconds.
pub const DRAIN: u64 = 10_000;

/// An instance that was ready for so long starts anew without a past, milliseconds.
const FORGIVEN: u64 = 60_000;

pub struct Live {
    pub instance: Instance,
    pub probes: Vec<Probe>,
    pub spec: Option<Spec>,
    /// Only of a process that this supervisor has started: others end without a status.
    pub child: Option<Child>,
    pub tasks: Vec<JoinHandle<()>>,
    /// Tells the copying of its output that nothing more comes.
    pub output: Option<watch::Sender<bool>>,
    pub backends: BTreeMap<u16, Arc<Backend>>,
    ready: bool,
    was_ready: Option<At>,
    /// Bad answers one after the other, of each kind of check.
    bad: BTreeMap<ProbeKind, u32>,
    /// Ends before it was ever ready.
    pub failures: u32,
    /// When it is started again.
    pub again: Option<At>,
    /// When it was asked to end: first its requests end, then it.
    pub leaving: Option<Leaving>,
    pub said: Option<String>,
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
            probes,
            spec: None,
            child: None,
            tasks: Vec::new(),
            output: None,
            backends,
            ready: false,
            was_ready: None,
            bad: BTreeMap::new(),
            failures: 0,
            again: None,
            leaving: None,
            said: None,
        }
    }

    /// The check that says whether it may have requests.
    fn gate(&self) -> Option<&Probe> {
        let of = |kind| self.probes.iter().find(|probe| probe.kind == kind);
        of(ProbeKind::Readiness).or_else(|| of(ProbeKind::Liveness))
    }

    pub fn health(&self, now: At) -> Health {
        match self.instance.phase {
            Phase::Stopping => return Health::Stopping,
            Phase::Waiting => return Health::Waiting,
            Phase::Starting => return Health::Starting,
            Phase::Running => {}
        }
        let age = now.since(self.instance.since);
        let Some(gate) = self.gate() else {
            return if age >= SETTLED { Health::Ready } else { Health::Starting };
        };
        if self.ready {
            return Health::Ready;
        }
        if self.was_ready.is_some() {
            return Health::Unready;
        }
        let most = MOST_START.max(u64::from(gate.every) * u64::from(gate.retries) * 1000);
        let bad = self.bad.get(&gate.kind).copied().unwrap_or(0);
        if bad >= gate.retries.max(1) || age > most { Health::Failed } else { Health::Starting }
    }

    /// As rollouts see it.
    pub fn replica(&self, now: At) -> Replica {
        Replica {
            id: self.instance.id.clone(),
            spec: self.instance.spec.clone(),
            ordinal: self.instance.ordinal,
            health: self.health(now),
            failures: self.failures,
        }
    }

    /// Takes the answer of a check. Gives whether it must be started anew: it was well, and its
    /// liveness check has failed as often as it may.
    pub fn answered(&mut self, kind: ProbeKind, answer: &Answer, now: At) -> bool {
        let is_gate = self.gate().is_some_and(|gate| gate.kind == kind);
        match answer {
            Answer::Good => {
                self.bad.remove(&kind);
                if is_gate {
                    self.ready = true;
                    self.was_ready.get_or_insert(now);
                    self.failures = 0;
                    self.said = None;
                }
                return false;
            }
            Answer::Nobody(why) | Answer::Bad(why) => self.said = Some(why.clone()),
        }
        let is_starting = self.was_ready.is_none();
        if is_starting && matches!(answer, Answer::Nobody(_)) {
            return false;
        }
        let bad = self.bad.entry(kind).or_insert(0);
        *bad += 1;
        let retries = self.probes.iter().find(|p| p.kind == kind).map_or(1, |p| p.retries.max(1));
        let is_over = *bad >= retries;
        if is_gate && is_over {
            self.ready = false;
        }
        is_over && kind == ProbeKind::Liveness && !is_starting
    }

    /// It has ended by itself. Gives after how many milliseconds it is to be started again.
    pub fn fell(&mut self, now: At) -> u64 {
        let was_long_ready = self.was_ready.is_some_and(|since| now.since(since) >= FORGIVEN);
        let has_no_check = self.gate().is_none();
        let lived = now.since(self.instance.since);
        if self.was_ready.is_none() && !(has_no_check && lived >= SETTLED) {
            self.failures += 1;
        }
        if was_long_ready || (has_no_check && lived >= FORGIVEN) {
            self.instance.restarts = 0;
        }
        self.instance.restarts += 1;
        (self.ready, self.was_ready) = (false, None);
        self.bad.clear();
        // 0.2 s, doubled each time, at most a minute.
        let doubled = 1_u64 << (self.instance.restarts - 1).min(9);
        (200 * doubled).min(60_000)
    }

    /// Ends what watches it.
    pub fn let_go(&mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
        }
        if let Some(output) = self.output.take() {
            let _ = output.send(true);
        }
    }

    /// Requests that it has.
    pub fn asked(&self) -> usize {
        self.backends.values().map(|backend| backend.asked()).sum()
    }
}
