//! What every Kubernetes object starts with: kind, name, labels, annotations.
//!
//! In: the view and a service. Out: the head of an object as YAML. The plan's id stands in the
//! annotations of objects and never in a pod template, where a new plan would restart every pod.

use crate::Report;
use crate::chosen::{Chosen, View};
use crate::names;
use crate::yaml::{Map, Yaml};

pub const PLAN: &str = "eclexia.dev/plan";

/// An object of the deployment's namespace, up to `spec`.
pub fn head(view: &View<'_>, api: &str, kind: &str, name: &str, labels: Map) -> Map {
    head_with(view, api, kind, name, labels, Map::new())
}

pub fn head_with(
    view: &View<'_>,
    api: &str,
    kind: &str,
    name: &str,
    labels: Map,
    annotations: Map,
) -> Map {
    let mut all = Map::new().with(PLAN, view.plan.id.as_str());
    for (key, value) in annotations.iter() {
        all.set(key, value.clone());
    }
    let metadata = Map::new()
        .with("name", name)
        .with("namespace", view.name.as_str())
        .with("labels", labels)
        .with("annotations", all);
    Map::new().with("apiVersion", api).with("kind", kind).with("metadata", metadata)
}

/// Labels that select the pods of one service or job; they never change.
pub fn selector(view: &View<'_>, name: &str) -> Map {
    Map::new()
        .with("app.kubernetes.io/name", name)
        .with("app.kubernetes.io/part-of", view.name.as_str())
}

pub fn match_labels(view: &View<'_>, name: &str) -> Map {
    Map::new().with("matchLabels", selector(view, name))
}

/// Labels of everything that belongs to the deployment.
pub fn deployment_labels(view: &View<'_>) -> Map {
    Map::new()
        .with("app.kubernetes.io/part-of", view.name.as_str())
        .with("app.kubernetes.io/managed-by", "eclexia")
}

pub fn named_labels(view: &View<'_>, name: &str) -> Map {
    selector(view, name).with("app.kubernetes.io/managed-by", "eclexia")
}

/// The labels of a service's objects and pods: ours, and the program's own where they are valid.
pub fn service_labels(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let mut labels = named_labels(view, &chosen.name);
    let variant = &chosen.variant.name;
    let value =
        names::label_value(variant).map_or_else(|| names::dns_label(variant), str::to_owned);
    labels.set("eclexia.dev/variant", value);
    for (key, value) in &chosen.service.labels {
        let what = format!("label `{key}`");
        if key.starts_with("app.kubernetes.io/") || key.starts_with("eclexia.dev/") {
            report.add(
                chosen.address(),
                what,
                "the renderer sets the labels of this prefix itself",
            );
        } else if !names::is_label_key(key) || names::label_value(value).is_none() {
            let why = "Kubernetes takes at most 63 letters, digits, `-`, `_` and `.`; left out";
            report.add(chosen.address(), what, why);
        } else {
            labels.set(key, value.as_str());
        }
    }
    labels
}

/// One entry of `env`.
pub fn plain_env(name: &str, value: &str) -> Yaml {
    Map::new().with("name", name).with("value", unexpanded(value)).into()
}

/// Kubernetes reads `$(NAME)` as a reference and `$$` as `$` in commands and environments.
pub fn unexpanded(text: &str) -> String {
    if text.contains("$(") || text.contains("$$") {
        text.replace('$', "$$")
    } else {
        text.to_owned()
    }
}
