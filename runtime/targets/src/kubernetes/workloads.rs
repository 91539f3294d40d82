//! The workload of a service: a Deployment, or a StatefulSet for what keeps identity or volumes.
//!
//! In: a chosen service. Out: one object. The replicas are the plan's; where the model leaves a
//! range, the autoscaler moves within it and the next apply returns to the plan.

use super::object::{head_with, match_labels, service_labels};
use super::{container, rollout, storage};
use crate::Report;
use crate::chosen::{Chosen, View};
use crate::yaml::Map;

/// A service that only reads volumes that others write keeps nothing itself.
pub fn is_stateful(view: &View<'_>, chosen: &Chosen<'_>) -> bool {
    let keeps = chosen.service.mounts.iter().any(|m| !view.is_shared(m) || !m.read_only);
    chosen.service.stateful || keeps
}

pub fn kind(view: &View<'_>, chosen: &Chosen<'_>) -> &'static str {
    if is_stateful(view, chosen) { "StatefulSet" } else { "Deployment" }
}

pub fn headless_name(chosen: &Chosen<'_>) -> String {
    format!("{}-headless", chosen.name)
}

pub fn workload(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let labels = service_labels(view, chosen, report);
    let annotations = rollout::annotations(chosen);
    let kind = kind(view, chosen);
    let start = Map::new()
        .with("replicas", chosen.replicas)
        .with("selector", match_labels(view, &chosen.name));
    let spec = if kind == "StatefulSet" {
        start
            .with("serviceName", headless_name(chosen))
            .with("updateStrategy", rollout::stateful_strategy(chosen, report))
            .with("template", container::pod_template(view, chosen, report))
            .with_nonempty("volumeClaimTemplates", storage::claim_templates(view, chosen))
    } else {
        start
            .with("strategy", rollout::deployment_strategy(view, chosen, report))
            .with("template", container::pod_template(view, chosen, report))
    };
    head_with(view, "apps/v1", kind, &chosen.name, labels, annotations).with("spec", spec)
}
