//! The tree of manifests.
//!
//! In: the joined view. Out: one object per file, a folder per service and job named as the
//! service, and at the root what belongs to all: the namespace, the policy that denies, shared
//! claims, `kustomization.yaml` that lists every object in order of path, and Prometheus rules
//! (which are no Kubernetes object and are not listed).

use super::object::deployment_labels;
use super::{jobs, network, policy, storage, workloads};
use crate::chosen::{Chosen, View};
use crate::yaml::{self, Map, Yaml};
use crate::{Files, Report, prometheus};
use std::collections::BTreeMap;

pub const HEADER: &str = "# Written by eclexia; the next render overwrites changes made here.\n";

pub fn files(view: &View<'_>, report: &mut Report) -> Files {
    let mut objects: BTreeMap<String, Map> = BTreeMap::new();
    objects.insert("namespace.yaml".into(), namespace(view));
    objects.insert("default-deny.yaml".into(), network::default_deny(view));
    objects.extend(storage::shared_claims(view, report));
    for chosen in &view.services {
        service(view, chosen, report, &mut objects);
    }
    for chosen in &view.jobs {
        for (ending, object) in jobs::jobs(view, chosen, report) {
            objects.insert(format!("{}/cronjob{ending}.yaml", chosen.name), object);
        }
        let allowed = network::job_policy(view, chosen);
        objects.insert(format!("{}/networkpolicy.yaml", chosen.name), allowed);
        for (file, claim) in storage::job_claims(view, chosen) {
            objects.insert(format!("{}/{file}", chosen.name), claim);
        }
        if let Some(files) = storage::job_config_map(view, chosen, report) {
            objects.insert(format!("{}/configmap.yaml", chosen.name), files);
        }
    }
    report_deployment(view, report);
    let mut out: Files = Files::new();
    out.insert("kustomization.yaml".into(), document(kustomization(&objects)));
    for (path, object) in objects {
        out.insert(path, document(object));
    }
    let scope = prometheus::rules::Scope::Kubernetes;
    if let Some(rules) = prometheus::rules::rules(view, scope, report) {
        out.insert("prometheus-rules.yaml".into(), document(rules));
    }
    out
}

fn document(map: Map) -> Vec<u8> {
    format!("{HEADER}{}", yaml::write(&Yaml::Map(map))).into_bytes()
}

fn service(
    view: &View<'_>,
    chosen: &Chosen<'_>,
    report: &mut Report,
    objects: &mut BTreeMap<String, Map>,
) {
    let workload = workloads::workload(view, chosen, report);
    let file = format!("{}.yaml", workloads::kind(view, chosen).to_lowercase());
    let made = [
        (file.as_str(), Some(workload)),
        ("service.yaml", network::service(view, chosen, report)),
        ("service-headless.yaml", network::headless(view, chosen, report)),
        ("service-public.yaml", network::public(view, chosen, report)),
        ("configmap.yaml", storage::config_map(view, chosen, report)),
        ("networkpolicy.yaml", Some(network::policy(view, chosen, report))),
        ("poddisruptionbudget.yaml", policy::disruption_budget(view, chosen, report)),
        ("horizontalpodautoscaler.yaml", policy::autoscaler(view, chosen, report)),
    ];
    for (file, object) in made {
        if let Some(object) = object {
            objects.insert(format!("{}/{file}", chosen.name), object);
        }
    }
}

/// The namespace refuses pods that break the restricted standard, whoever makes them.
fn namespace(view: &View<'_>) -> Map {
    let labels = deployment_labels(view)
        .with("pod-security.kubernetes.io/enforce", "restricted")
        .with("pod-security.kubernetes.io/enforce-version", "latest");
    let annotations = Map::new().with(super::object::PLAN, view.plan.id.as_str());
    let metadata = Map::new()
        .with("name", view.name.as_str())
        .with("labels", labels)
        .with("annotations", annotations);
    Map::new().with("apiVersion", "v1").with("kind", "Namespace").with("metadata", metadata)
}

fn kustomization(objects: &BTreeMap<String, Map>) -> Map {
    Map::new()
        .with("apiVersion", "kustomize.config.k8s.io/v1beta1")
        .with("kind", "Kustomization")
        .with("resources", yaml::strings(objects.keys().map(String::as_str)))
}

fn report_deployment(view: &View<'_>, report: &mut Report) {
    if !view.dep.peaks.is_empty() {
        let names: Vec<&str> = view.dep.peaks.iter().map(|peak| peak.metric.name()).collect();
        let why = "the plan keeps to it; no object holds jobs to it that run late";
        report.add(&view.address, format!("the peak of {}", names.join(", ")), why);
    }
    let regions = view.regions();
    if regions.len() > 1 {
        let names: Vec<&str> = regions.into_iter().collect();
        let why = "the manifests are for one cluster that has machines in all of them; how many \
                   pods run in each is the scheduler's choice";
        report.add(&view.address, format!("placement in {}", names.join(", ")), why);
    }
    if !view.dep.limits.is_empty() {
        let names: Vec<&str> = view.dep.limits.iter().map(|limit| limit.metric.name()).collect();
        let why = if view.services.iter().any(Chosen::is_range) {
            "the plan keeps to it; no object holds the cluster to it, and autoscalers may pass it"
        } else {
            "the plan keeps to it; no object holds the cluster to it afterwards"
        };
        report.add(&view.address, format!("the budget for {}", names.join(", ")), why);
    }
}
