//! How pods are replaced, as far as plain Kubernetes objects say it.
//!
//! In: a service's rollout. Out: a Deployment's `strategy` or a StatefulSet's `updateStrategy`,
//! and annotations with what the objects cannot say, for the run time that can.

use crate::chosen::{Chosen, View};
use crate::yaml::Map;
use crate::{Report, room};
use eclexia_model::{Rollout, Signal};

pub fn deployment_strategy(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let at_a_time = match &chosen.service.rollout {
        Rollout::Recreate => return Map::new().with("type", "Recreate"),
        Rollout::Rolling { at_a_time } => chosen.at_a_time(*at_a_time),
        Rollout::BlueGreen | Rollout::Canary { .. } => {
            report_stages(chosen, report);
            1
        }
    };
    let (surge, unavailable) =
        if room::fits_beside(view, chosen, at_a_time) { (at_a_time, 0) } else { (0, at_a_time) };
    let rolling = Map::new().with("maxSurge", surge).with("maxUnavailable", unavailable);
    Map::new().with("type", "RollingUpdate").with("rollingUpdate", rolling)
}

/// A StatefulSet always replaces one pod after the other, the old one first.
pub fn stateful_strategy(chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let several = chosen.replicas > 1;
    match &chosen.service.rollout {
        Rollout::Rolling { at_a_time } if several && *at_a_time > 1 => {
            let why = "a StatefulSet replaces one pod after the other";
            report.add(chosen.address(), format!("rolling update of {at_a_time} at a time"), why);
        }
        Rollout::Recreate if several => {
            let why = "a StatefulSet replaces one pod after the other and never stops all first";
            report.add(chosen.address(), "recreate rollout", why);
        }
        Rollout::BlueGreen | Rollout::Canary { .. } => report_stages(chosen, report),
        Rollout::Rolling { .. } | Rollout::Recreate => {}
    }
    Map::new().with("type", "RollingUpdate")
}

fn report_stages(chosen: &Chosen<'_>, report: &mut Report) {
    let (what, missing) = match &chosen.service.rollout {
        Rollout::BlueGreen => ("blue-green rollout", "switch between two versions"),
        _ => ("canary rollout", "divide traffic and judge metrics"),
    };
    let why = format!(
        "plain objects do not {missing}; written as a rolling update of one at a time, with the \
         wish in annotations"
    );
    report.add(chosen.address(), what, why);
}

pub fn annotations(chosen: &Chosen<'_>) -> Map {
    let annotations = Map::new();
    match &chosen.service.rollout {
        Rollout::Rolling { .. } | Rollout::Recreate => annotations,
        Rollout::BlueGreen => annotations.with("eclexia.dev/rollout", "blue-green"),
        Rollout::Canary { steps, abort_when } => {
            let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
            let abort = abort_when
                .as_ref()
                .map(|limit| format!("{} > {}", signal_name(limit.signal), limit.above));
            annotations
                .with("eclexia.dev/rollout", "canary")
                .with("eclexia.dev/rollout-steps", steps.join(" "))
                .with_some("eclexia.dev/rollout-abort-when", abort)
        }
    }
}

pub fn signal_name(signal: Signal) -> &'static str {
    match signal {
        Signal::ErrorRate => "error-rate",
        Signal::LatencyP95 => "latency-p95",
        Signal::Memory => "memory",
        Signal::Cpu => "cpu",
    }
}
