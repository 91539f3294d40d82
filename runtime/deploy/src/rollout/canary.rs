//! Canary: new replicas with a growing part of the requests, ended by what is measured of them.

use super::{Aim, Decision, Progress, Seen, count, stop, underway};
use crate::registry::At;
use eclexia_model::{Exact, Signal, Threshold};
use std::collections::BTreeMap;

/// How far a canary is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Memory {
    step: usize,
    /// When the step had as many ready replicas as it asks for.
    since: Option<At>,
}

/// What was measured of the new replicas since the step began; `None`: nothing was asked of them,
/// or it is not measured here.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Measured {
    /// Requests that were answered.
    pub requests: u64,
    /// Part of them that failed, 0 to 1.
    pub error_rate: Option<f64>,
    /// Seconds.
    pub latency_p95: Option<f64>,
    /// Parts of their limits.
    pub memory: Option<f64>,
    pub cpu: Option<f64>,
}

impl Measured {
    fn of(&self, signal: Signal) -> Option<f64> {
        match signal {
            Signal::ErrorRate => self.error_rate,
            Signal::LatencyP95 => self.latency_p95,
            Signal::Memory => self.memory,
            Signal::Cpu => self.cpu,
        }
    }
}

type Plan<'a> = (&'a [Exact], Option<&'a Threshold>, &'a Measured);

pub(super) fn decide(
    aim: &Aim,
    seen: &Seen<'_>,
    (steps, abort, measured): Plan<'_>,
    memory: &mut Memory,
    now: At,
) -> Decision {
    if let Some(why) = passed(abort, measured) {
        // Who runs the canary takes it back; until then the old ones have all requests.
        let progress = Progress::Failed(why);
        return Decision { steps: Vec::new(), traffic: parts(aim, seen, 0.0), progress };
    }
    let weight = weight_of(steps, memory.step);
    let wanted = replicas_for(weight, aim.replicas);
    let mut starts = seen.start(wanted);
    if seen.ready_new() < wanted {
        memory.since = None;
        // So long the step before it holds: with none before it, nothing new is asked.
        let before = memory.step.checked_sub(1).map_or(0.0, |step| weight_of(steps, step));
        return underway(starts, parts(aim, seen, before));
    }
    let since = *memory.since.get_or_insert(now);
    if now.since(since) >= aim.hold {
        if weight < 1.0 {
            *memory = Memory { step: memory.step + 1, since: None };
        } else if aim.confirmed {
            starts.extend(seen.old.iter().map(|old| stop(old)));
        }
    }
    underway(starts, parts(aim, seen, weight))
}

/// The last step is always the whole.
fn weight_of(steps: &[Exact], step: usize) -> f64 {
    steps.get(step).map_or(1.0, |weight| weight.to_f64().clamp(0.0, 1.0))
}

fn replicas_for(weight: f64, of: u32) -> u32 {
    ((f64::from(of) * weight).ceil() as u32).clamp(1.min(of), of)
}

fn passed(abort: Option<&Threshold>, measured: &Measured) -> Option<String> {
    let threshold = abort?;
    let value = measured.of(threshold.signal)?;
    let above = threshold.above.to_f64();
    let name = match threshold.signal {
        Signal::ErrorRate => "error-rate",
        Signal::LatencyP95 => "latency-p95",
        Signal::Memory => "memory-use",
        Signal::Cpu => "cpu-use",
    };
    let shown = |value: f64| match threshold.signal {
        Signal::LatencyP95 => format!("{} ms", (value * 1000.0).round()),
        _ => format!("{} %", (value * 1000.0).round() / 10.0),
    };
    (value > above).then(|| {
        let (is, most, requests) = (shown(value), shown(above), measured.requests);
        format!("{name} of the new replicas is {is}, above {most} (requests: {requests})")
    })
}

/// `weight` for the new ones and the rest for the old; who has nobody ready gets nothing.
fn parts(aim: &Aim, seen: &Seen<'_>, weight: f64) -> BTreeMap<String, f64> {
    let ready_old: Vec<_> = seen.old.iter().filter(|r| r.health == super::Health::Ready).collect();
    let new = match (seen.ready_new(), ready_old.len()) {
        (0, _) => 0.0,
        (_, 0) => 1.0,
        _ => weight,
    };
    let mut parts = BTreeMap::new();
    if new > 0.0 {
        parts.insert(aim.spec.clone(), new);
    }
    let each = (1.0 - new) / f64::from(count(ready_old.iter()).max(1));
    for old in ready_old.iter().filter(|_| each > 0.0) {
        *parts.entry(old.spec.clone()).or_insert(0.0) += each;
    }
    parts
}
