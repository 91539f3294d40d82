//! How one service comes from what runs to what should run.
//!
//! In: what should run (`Aim`), the replicas as they are seen, the time. Out: what to start and to
//! stop now, who gets the requests, and how far it is. Always holds: it is computed anew from what
//! is seen, so that it goes on after any stop; a replica gets no requests before it is ready; the
//! decision is a function of its arguments. Absent: processes, and what is done about a failure.
//!
//! A *new* replica was started from what should run, an *old* one from anything else.
//!
//! - rolling `k`: at most `k` more than asked for; an old one goes when a new one is ready for it.
//! - recreate: all old ones go, then new ones come.
//! - blue-green: all new ones beside the old; when all of them are ready the requests change over
//!   at once; the old stay until the change is confirmed.
//! - canary: so many new ones as a step's weight asks for, with that part of the requests, held for
//!   a time; a measurement over the threshold ends it. What is returned to is no canary: it comes
//!   at once.
//!
//! Where replicas write volumes old and new are never there together: then all of these stop first.

mod canary;
#[cfg(test)]
mod tests;

pub use canary::{Measured, Memory};

use crate::registry::At;
use eclexia_model::{Rollout, Threshold};
use std::collections::BTreeMap;

/// A new replica that has ended so often before it was ever ready will not become ready.
pub const MOST_STARTS: u32 = 3;

/// How long a step of a canary is held where nothing is said, milliseconds.
pub const HOLD: u64 = 30_000;

/// What should run of one service.
#[derive(Clone, PartialEq, Debug)]
pub struct Aim {
    /// Digest of what a replica is started from.
    pub spec: String,
    pub replicas: u32,
    pub rollout: Rollout,
    /// Old and new must not be there together.
    pub exclusive: bool,
    /// Whether what it needs is there: else nothing is started.
    pub may_start: bool,
    /// Whether the operator has confirmed, or need not.
    pub confirmed: bool,
    /// Whether it ran before, as what is returned to did: then nothing of it is tried out.
    pub proven: bool,
    /// How long a step of a canary is held, milliseconds.
    pub hold: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replica {
    pub id: String,
    pub spec: String,
    pub ordinal: u32,
    pub health: Health,
    /// Times that it was started again without having become ready.
    pub failures: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Health {
    /// Not yet ready, and may become so.
    Starting,
    /// Takes requests.
    Ready,
    /// Was ready.
    Unready,
    /// Did not become ready in its time.
    Failed,
    /// Ended, and will be started again.
    Waiting,
    Stopping,
}

impl Health {
    pub fn name(self) -> &'static str {
        match self {
            Health::Starting => "starting",
            Health::Ready => "ready",
            Health::Unready => "unready",
            Health::Failed => "failed",
            Health::Waiting => "waiting",
            Health::Stopping => "stopping",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    Start { ordinal: u32 },
    Stop { id: String },
}

#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    pub steps: Vec<Step>,
    /// Part of the requests for the replicas of each spec; those of one share it equally.
    pub traffic: BTreeMap<String, f64>,
    pub progress: Progress,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    Underway,
    Done,
    /// The version will not do, and why.
    Failed(String),
}

/// The replicas of one service, sorted.
struct Seen<'a> {
    new: Vec<&'a Replica>,
    old: Vec<&'a Replica>,
    stopping: usize,
}

impl<'a> Seen<'a> {
    fn of(aim: &Aim, replicas: &'a [Replica]) -> Seen<'a> {
        let mut there: Vec<&Replica> =
            replicas.iter().filter(|r| r.health != Health::Stopping).collect();
        there.sort_by_key(|r| (r.ordinal, &r.id));
        let (new, old) = there.iter().copied().partition(|r| r.spec == aim.spec);
        Seen { new, old, stopping: replicas.len() - there.len() }
    }

    fn ready_new(&self) -> u32 {
        count(self.new.iter().filter(|r| r.health == Health::Ready))
    }

    fn total(&self) -> u32 {
        count(self.new.iter()) + count(self.old.iter())
    }

    /// Steps that start new ones until there are `wanted`, each with an ordinal of its own.
    fn start(&self, wanted: u32) -> Vec<Step> {
        let missing = wanted.saturating_sub(count(self.new.iter()));
        let free = (0..).filter(|n| !self.new.iter().any(|r| r.ordinal == *n));
        free.take(missing as usize).map(|ordinal| Step::Start { ordinal }).collect()
    }
}

fn count<T>(of: impl Iterator<Item = T>) -> u32 {
    u32::try_from(of.count()).unwrap_or(u32::MAX)
}

fn stop(replica: &Replica) -> Step {
    Step::Stop { id: replica.id.clone() }
}

/// What to do now. `memory` is what a canary remembers between calls; after a restart it begins
/// anew, and so does the canary.
pub fn decide(
    aim: &Aim,
    replicas: &[Replica],
    measured: &Measured,
    memory: &mut Memory,
    now: At,
) -> Decision {
    let seen = Seen::of(aim, replicas);
    let is_update = !seen.old.is_empty();
    let is_leaving = seen.stopping > 0;
    if let Some(why) = failure(&seen) {
        let traffic = of_all(&seen, false);
        return Decision { steps: Vec::new(), traffic, progress: Progress::Failed(why) };
    }
    let strategy = match &aim.rollout {
        _ if aim.exclusive && (is_update || is_leaving) => Way::StopFirst,
        Rollout::Recreate if is_update || is_leaving => Way::Recreate,
        // Nothing old is there to be careful with.
        _ if !is_update => Way::Fill,
        Rollout::Recreate => Way::Recreate,
        Rollout::Rolling { at_a_time } => Way::Rolling((*at_a_time).max(1)),
        Rollout::BlueGreen => Way::BlueGreen,
        // Who is on trial is the old one here: it must not have what the steps leave.
        Rollout::Canary { .. } if aim.proven => Way::Rolling(aim.replicas.max(1)),
        Rollout::Canary { steps, abort_when } => Way::Canary(steps, abort_when.as_ref()),
    };
    let mut decision = match strategy {
        Way::Fill => fill(aim, &seen),
        Way::StopFirst => stop_first(aim, &seen),
        Way::Recreate => recreate(&seen),
        Way::Rolling(at_a_time) => rolling(aim, &seen, at_a_time),
        Way::BlueGreen => blue_green(aim, &seen),
        Way::Canary(steps, abort) => {
            canary::decide(aim, &seen, (steps, abort, measured), memory, now)
        }
    };
    if !is_update {
        *memory = Memory::default();
    }
    if !aim.may_start {
        decision.steps.retain(|step| matches!(step, Step::Stop { .. }));
    }
    decision
}

enum Way<'a> {
    Fill,
    StopFirst,
    Recreate,
    Rolling(u32),
    BlueGreen,
    Canary(&'a [eclexia_model::Exact], Option<&'a Threshold>),
}

fn failure(seen: &Seen<'_>) -> Option<String> {
    let failed = seen.new.iter().find(|r| r.health == Health::Failed);
    if let Some(replica) = failed {
        return Some(format!("{} did not become ready in its time", replica.id));
    }
    let fallen = seen.new.iter().find(|r| r.failures >= MOST_STARTS)?;
    Some(format!("{} ended {} times before it was ready", fallen.id, fallen.failures))
}

/// All that are ready share alike; with `new_only` the old get nothing.
fn of_all(seen: &Seen<'_>, new_only: bool) -> BTreeMap<String, f64> {
    let old = if new_only { &[][..] } else { &seen.old[..] };
    let ready: Vec<&&Replica> =
        seen.new.iter().chain(old).filter(|r| r.health == Health::Ready).collect();
    let mut parts = BTreeMap::new();
    for replica in &ready {
        *parts.entry(replica.spec.clone()).or_insert(0.0) += 1.0 / ready.len() as f64;
    }
    parts
}

/// Too many of the new ones: the last go.
fn surplus<'a>(aim: &Aim, seen: &Seen<'a>) -> impl Iterator<Item = Step> + use<'a> {
    let more = seen.new.len().saturating_sub(aim.replicas as usize);
    let last: Vec<&Replica> = seen.new.iter().rev().take(more).copied().collect();
    last.into_iter().map(stop)
}

fn underway(steps: Vec<Step>, traffic: BTreeMap<String, f64>) -> Decision {
    Decision { steps, traffic, progress: Progress::Underway }
}

fn fill(aim: &Aim, seen: &Seen<'_>) -> Decision {
    let mut steps = seen.start(aim.replicas);
    steps.extend(surplus(aim, seen));
    let is_done = steps.is_empty() && seen.ready_new() == aim.replicas && seen.stopping == 0;
    let progress = if is_done { Progress::Done } else { Progress::Underway };
    Decision { steps, traffic: of_all(seen, true), progress }
}

/// One after the other; the next comes when the one before it is ready.
fn stop_first(aim: &Aim, seen: &Seen<'_>) -> Decision {
    let are_settled = seen.new.iter().all(|r| r.health == Health::Ready) && seen.stopping == 0;
    let steps = if !are_settled {
        Vec::new()
    } else if seen.total() < aim.replicas {
        let taken = |n: &u32| seen.new.iter().chain(&seen.old).any(|r| r.ordinal == *n);
        let free = (0..aim.replicas).find(|n| !taken(n));
        free.into_iter().map(|ordinal| Step::Start { ordinal }).collect()
    } else {
        seen.old.last().map(|old| stop(old)).into_iter().collect()
    };
    underway(steps, of_all(seen, false))
}

fn recreate(seen: &Seen<'_>) -> Decision {
    underway(seen.old.iter().map(|old| stop(old)).collect(), of_all(seen, true))
}

fn rolling(aim: &Aim, seen: &Seen<'_>, at_a_time: u32) -> Decision {
    let room = (aim.replicas + at_a_time).saturating_sub(seen.total());
    let mut steps = seen.start(aim.replicas);
    steps.truncate(room as usize);
    // As many old ones stay as are needed until new ones are ready; those that serve go last.
    let needed = aim.replicas.saturating_sub(seen.ready_new()) as usize;
    let mut old = seen.old.clone();
    old.sort_by_key(|r| r.health == Health::Ready);
    steps.extend(old[..old.len().saturating_sub(needed)].iter().map(|r| stop(r)));
    underway(steps, of_all(seen, false))
}

fn blue_green(aim: &Aim, seen: &Seen<'_>) -> Decision {
    let are_all_ready = seen.ready_new() >= aim.replicas;
    let mut steps = seen.start(aim.replicas);
    if are_all_ready && aim.confirmed {
        steps.extend(seen.old.iter().map(|old| stop(old)));
    }
    let old: BTreeMap<String, f64> =
        of_all(seen, false).into_iter().filter(|(spec, _)| *spec != aim.spec).collect();
    let whole: f64 = old.values().sum();
    let blue = old.into_iter().map(|(spec, part)| (spec, part / whole)).collect();
    underway(steps, if are_all_ready { of_all(seen, true) } else { blue })
}
