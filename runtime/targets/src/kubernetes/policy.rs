//! What bounds a workload over time: disruption budgets and autoscalers.
//!
//! In: a chosen service. Out: a PodDisruptionBudget where there is more than one replica, and a
//! HorizontalPodAutoscaler where the model gives a range of them.

use super::object::{head, match_labels, service_labels};
use super::workloads::kind;
use crate::Report;
use crate::chosen::{Chosen, View};
use crate::yaml::Map;
use eclexia_base::number;
use eclexia_model::Resource;
use num_traits::ToPrimitive;

/// Drains take one pod after the other.
pub fn disruption_budget(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Option<Map> {
    if chosen.replicas < 2 {
        return None;
    }
    let labels = service_labels(view, chosen, report);
    let spec =
        Map::new().with("maxUnavailable", 1u32).with("selector", match_labels(view, &chosen.name));
    Some(head(view, "policy/v1", "PodDisruptionBudget", &chosen.name, labels).with("spec", spec))
}

pub fn autoscaler(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Option<Map> {
    if !chosen.is_range() {
        return None;
    }
    let replicas = &chosen.service.replicas;
    let resource = [("cpu", Resource::Cpu), ("memory", Resource::Memory)];
    let measured = resource.into_iter().find(|(_, resource)| chosen.requires(*resource).is_some());
    let Some((metric, _)) = measured else {
        let what = format!("replicas between {} and {}", replicas.min, replicas.max);
        let why = "an autoscaler needs a cpu or memory requirement; the plan's count is fixed";
        report.add(chosen.address(), what, why);
        return None;
    };
    if replicas.min == 0 {
        let why = "an autoscaler keeps at least one pod; written as 1";
        report.add(chosen.address(), "no replica at all", why);
    }
    let target = Map::new()
        .with("apiVersion", "apps/v1")
        .with("kind", kind(view, chosen))
        .with("name", chosen.name.as_str());
    let utilisation =
        Map::new().with("type", "Utilization").with("averageUtilization", target_percent(chosen));
    let source = Map::new().with("name", metric).with("target", utilisation);
    let metrics = vec![Map::new().with("type", "Resource").with("resource", source)];
    let spec = Map::new()
        .with("scaleTargetRef", target)
        .with("minReplicas", replicas.min.max(1))
        .with("maxReplicas", replicas.max)
        .with("metrics", metrics);
    let labels = service_labels(view, chosen, report);
    let head = head(view, "autoscaling/v2", "HorizontalPodAutoscaler", &chosen.name, labels);
    Some(head.with("spec", spec))
}

/// The load at which the model says a replica runs, kept between 50 and 80 %: below, every pod
/// is idle; above, the limit throttles a pod before the autoscaler sees the need.
fn target_percent(chosen: &Chosen<'_>) -> u32 {
    let percent = (&chosen.variant.utilisation.0 * number::int(100)).round().to_integer();
    percent.to_u32().unwrap_or(80).clamp(50, 80)
}
