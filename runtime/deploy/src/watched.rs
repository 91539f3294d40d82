//! Whether an instance is well: judged by the answers of its checks, and by how it ends.
//!
//! In: its checks, their answers as they come, its ends, the time. Out: its health as rollouts see
//! it, and when it is started again. Always holds: a function of what it was told; whoever watches
//! instances (the supervisor of this machine, the simulated world) judges them by this alone.
//! Absent: how a check is asked, and what an instance is.

use crate::registry::{At, Phase};
use crate::rollout::Health;
use eclexia_model::{Probe, ProbeKind};
use std::collections::BTreeMap;

/// Without a check an instance whose program has run so long is taken to be ready, milliseconds.
const SETTLED: u64 = 300;

/// Until when a service must answer at all, milliseconds; an answer that is bad counts at once.
pub const MOST_START: u64 = 60_000;

/// How long an instance may take to end after it was asked to, milliseconds.
pub const GRACE: u64 = 10_000;

/// How long requests that an instance has may take before it is asked to end, milliseconds.
pub const DRAIN: u64 = 10_000;

/// An instance that was ready for so long starts anew without a past, milliseconds.
const FORGIVEN: u64 = 60_000;

/// How often one is asked that nobody has heard yet, milliseconds.
pub const EAGER: u64 = 100;

/// The first wait before it is started again; it doubles each time.
const FIRST_WAIT: u64 = 200;

/// The longest wait before it is started again.
pub const LONGEST_WAIT: u64 = 60_000;

/// What a check was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    Good,
    /// Nobody is there yet, or any more.
    Nobody(String),
    /// Somebody is there, and says that it is not well, or says nothing in time.
    Bad(String),
}

/// What is known of how one instance is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watched {
    /// At most one of each kind.
    pub probes: Vec<Probe>,
    ready: bool,
    was_ready: Option<At>,
    /// Bad answers one after the other, of each kind of check.
    bad: BTreeMap<ProbeKind, u32>,
    /// Ends before it was ever ready.
    pub failures: u32,
}

impl Watched {
    pub fn new(probes: Vec<Probe>) -> Watched {
        Watched { probes, ready: false, was_ready: None, bad: BTreeMap::new(), failures: 0 }
    }

    /// The check that says whether it may have requests.
    pub fn gate(&self) -> Option<&Probe> {
        let of = |kind| self.probes.iter().find(|probe| probe.kind == kind);
        of(ProbeKind::Readiness).or_else(|| of(ProbeKind::Liveness))
    }

    pub fn is_gate(&self, kind: ProbeKind) -> bool {
        self.gate().is_some_and(|gate| gate.kind == kind)
    }

    /// How long it may take until it is ready, milliseconds.
    pub fn most_start(&self) -> u64 {
        let asked = |gate: &Probe| u64::from(gate.every) * u64::from(gate.retries) * 1000;
        MOST_START.max(self.gate().map_or(0, asked))
    }

    /// `since`: when it came into its phase; `begun`: when its program was there, if it is.
    pub fn health(&self, phase: Phase, since: At, begun: Option<At>, now: At) -> Health {
        match phase {
            Phase::Stopping => return Health::Stopping,
            Phase::Waiting => return Health::Waiting,
            Phase::Starting => return Health::Starting,
            Phase::Running => {}
        }
        let age = now.since(since);
        let Some(gate) = self.gate() else {
            return match begun {
                Some(begun) if now.since(begun) >= self.settled() => Health::Ready,
                None if age > MOST_START => Health::Failed,
                _ => Health::Starting,
            };
        };
        if self.ready {
            return Health::Ready;
        }
        if self.was_ready.is_some() {
            return Health::Unready;
        }
        if self.is_over(gate.kind) || age > self.most_start() {
            Health::Failed
        } else {
            Health::Starting
        }
    }

    /// After how many milliseconds it is taken to be ready without a check: twice as many for each
    /// time that it ended before it was.
    pub fn settled(&self) -> u64 {
        SETTLED << self.failures.min(5)
    }

    /// Whether a check was answered badly as often as it may be.
    pub fn is_over(&self, kind: ProbeKind) -> bool {
        let retries = self.probes.iter().find(|p| p.kind == kind).map_or(1, |p| p.retries.max(1));
        self.bad.get(&kind).copied().unwrap_or(0) >= retries
    }

    /// Takes the answer of a check. Gives whether it must be started anew: it was well, and its
    /// liveness check has failed as often as it may.
    pub fn answered(&mut self, kind: ProbeKind, answer: &Answer, now: At) -> bool {
        let is_gate = self.is_gate(kind);
        if *answer == Answer::Good {
            self.bad.remove(&kind);
            if is_gate {
                self.ready = true;
                self.was_ready.get_or_insert(now);
                self.failures = 0;
            }
            return false;
        }
        let is_starting = self.was_ready.is_none();
        if is_starting && matches!(answer, Answer::Nobody(_)) {
            return false;
        }
        *self.bad.entry(kind).or_insert(0) += 1;
        let is_over = self.is_over(kind);
        if is_gate && is_over {
            self.ready = false;
        }
        is_over && kind == ProbeKind::Liveness && !is_starting
    }

    /// It has ended by itself, after its program had `begun`. Gives after how many milliseconds it
    /// is to be started again; `restarts` counts how often it was, since it last was well for long.
    pub fn fell(&mut self, restarts: &mut u32, begun: At, now: At) -> u64 {
        let was_long_ready = self.was_ready.is_some_and(|at| now.since(at) >= FORGIVEN);
        let has_no_check = self.gate().is_none();
        let lived = now.since(begun);
        if self.was_ready.is_none() && !(has_no_check && lived >= self.settled()) {
            self.failures += 1;
        }
        if was_long_ready || (has_no_check && lived >= FORGIVEN) {
            *restarts = 0;
        }
        *restarts = restarts.saturating_add(1);
        (self.ready, self.was_ready) = (false, None);
        self.bad.clear();
        let doubled = 1_u64 << (*restarts - 1).min(9);
        (FIRST_WAIT * doubled).min(LONGEST_WAIT)
    }
}

/// After how many milliseconds a check is asked again. A bad answer is asked again at the period:
/// it counts. Nobody there does not yet, and is asked soon, so that a good one is known early.
pub fn pause(probe: &Probe, was_good: bool, answer: &Answer) -> u64 {
    let period = u64::from(probe.every.max(1)) * 1000;
    let is_early = !was_good && matches!(answer, Answer::Nobody(_));
    if is_early { EAGER.min(period) } else { period }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_model::Check;

    fn probe(kind: ProbeKind) -> Probe {
        Probe { kind, check: Check::Tcp { port: 80 }, every: 5, timeout: 1, retries: 3 }
    }

    #[test]
    fn it_is_ready_by_its_gate_and_unready_after_as_many_bad_answers_as_it_may_give() {
        let mut watched = Watched::new(vec![probe(ProbeKind::Readiness)]);
        let health =
            |watched: &Watched, now| watched.health(Phase::Running, At(0), Some(At(0)), At(now));
        let nobody = Answer::Nobody(String::new());
        for _ in 0..100 {
            watched.answered(ProbeKind::Readiness, &nobody, At(100));
        }
        assert_eq!(health(&watched, 100), Health::Starting);
        assert_eq!(health(&watched, MOST_START + 1), Health::Failed);
        watched.answered(ProbeKind::Readiness, &Answer::Good, At(200));
        for bad in 0..3 {
            assert_eq!(health(&watched, 300), Health::Ready, "after {bad}");
            watched.answered(ProbeKind::Readiness, &nobody, At(300));
        }
        assert_eq!(health(&watched, 300), Health::Unready);
    }

    /// With as many retries as the language has by default.
    #[test]
    fn who_says_that_it_is_not_well_has_failed_two_periods_later() {
        let probe = probe(ProbeKind::Readiness);
        let mut watched = Watched::new(vec![probe.clone()]);
        let bad = Answer::Bad("500".to_owned());
        let mut now = 0;
        loop {
            watched.answered(ProbeKind::Readiness, &bad, At(now));
            if watched.health(Phase::Running, At(0), Some(At(0)), At(now)) == Health::Failed {
                break;
            }
            now += pause(&probe, false, &bad);
        }
        assert_eq!(now, 2 * 1000 * u64::from(probe.every));
    }

    #[test]
    fn without_a_check_it_is_ready_when_its_program_has_run_a_while() {
        let mut watched = Watched::new(Vec::new());
        let health = |watched: &Watched, begun: Option<u64>, now| {
            watched.health(Phase::Running, At(0), begun.map(At), At(now))
        };
        assert_eq!(health(&watched, None, MOST_START), Health::Starting);
        assert_eq!(health(&watched, None, MOST_START + 1), Health::Failed);
        assert_eq!(health(&watched, Some(5_000), 5_000 + SETTLED - 1), Health::Starting);
        assert_eq!(health(&watched, Some(5_000), 5_000 + SETTLED), Health::Ready);
        watched.fell(&mut 0, At(0), At(SETTLED - 1));
        assert_eq!(health(&watched, Some(5_000), 5_000 + SETTLED), Health::Starting);
        assert_eq!(health(&watched, Some(5_000), 5_000 + 2 * SETTLED), Health::Ready);
    }

    #[test]
    fn waits_double_to_a_minute_and_begin_anew_after_a_minute_of_being_well() {
        let mut watched = Watched::new(vec![probe(ProbeKind::Liveness)]);
        let mut restarts = 0;
        let waits: Vec<u64> = (0..10).map(|_| watched.fell(&mut restarts, At(0), At(10))).collect();
        assert_eq!(waits[..3], [200, 400, 800]);
        assert_eq!(waits[9], LONGEST_WAIT);
        assert_eq!(watched.failures, 10);
        watched.answered(ProbeKind::Liveness, &Answer::Good, At(1_000));
        assert_eq!(watched.fell(&mut restarts, At(0), At(61_000)), 200);
    }
}
