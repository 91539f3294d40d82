//! Steps from the plan before to the new one. Steps stand in the order of
//! execution: machines that come, services in the order of their needs, jobs, then what goes, in
//! the opposite order. Equal choices give no step.

use crate::words;
use eclexia_model::saved::digest;
use eclexia_model::{Action, Address, Deployment, JobChoice, Piece, Plan, Service, Step, Variant};
use serde::Serialize;
use std::collections::BTreeMap;

/// Enough digits to tell two versions of one element apart.
pub fn short_digest(value: &impl Serialize) -> String {
    digest(value)[..16].to_owned()
}

/// What one pod is made of. While it stays the same a pod need not be started anew; how many there
/// are, where they may be and who is to be told of them is not part of it.
pub fn pod(service: &Service, variant: &Variant) -> String {
    let image = variant.image.as_ref().unwrap_or(&service.image);
    let contents = (&service.command, &service.env, &service.files, &service.mounts);
    let surface = (&service.ports, &service.probes, service.stateful, service.isolated);
    let amounts = (&variant.requires, &variant.limits, &variant.gpu_model);
    short_digest(&(image, contents, surface, amounts))
}

/// An element of a plan as what is compared.
struct Element {
    address: Address,
    attributes: BTreeMap<&'static str, String>,
    reason: String,
}

/// The steps from `parent` (or from nothing) to `plan`.
pub fn steps(dep: &Deployment, parent: Option<&Plan>, plan: &Plan) -> Vec<Step> {
    let order = needs_first(dep);
    let rank = |e: &Element| order.iter().position(|a| *a == e.address).unwrap_or(order.len());
    let none = || (Vec::new(), Vec::new(), Vec::new());
    let (old_nodes, old_services, old_jobs) = parent.map_or_else(none, elements);
    let (nodes, mut services, jobs) = elements(plan);
    services.sort_by_key(rank);
    let kinds = [(&old_nodes, &nodes), (&old_services, &services), (&old_jobs, &jobs)];
    let mut steps: Vec<Step> = kinds.iter().flat_map(|(old, new)| arrivals(old, new)).collect();
    steps.extend(kinds.iter().rev().flat_map(|(old, new)| departures(old, new)));
    steps
}

fn elements(plan: &Plan) -> (Vec<Element>, Vec<Element>, Vec<Element>) {
    let nodes = plan.nodes.iter().map(|c| {
        let pods: Vec<String> = c.pods.iter().map(|(s, n)| format!("{s} × {n}")).collect();
        Element {
            address: c.address.clone(),
            attributes: BTreeMap::from([("count", c.count.to_string()), ("pods", pods.join(", "))]),
            reason: c.reason.clone(),
        }
    });
    let services = plan.services.iter().map(|c| Element {
        address: c.address.clone(),
        attributes: BTreeMap::from([
            ("variant", c.variant.clone()),
            ("replicas", c.replicas.to_string()),
            ("definition", c.spec.clone()),
        ]),
        reason: c.reason.clone(),
    });
    let jobs = plan.jobs.iter().map(|c| Element {
        address: c.address.clone(),
        attributes: BTreeMap::from([
            ("start hour", of_pieces(c, |piece| piece.start_hour)),
            ("hours", of_pieces(c, |piece| piece.hours)),
            ("node type", c.node_type.clone()),
            ("region", c.region.clone()),
            ("definition", c.spec.clone()),
        ]),
        reason: c.reason.clone(),
    });
    (nodes.collect(), services.collect(), jobs.collect())
}

/// `2 and 9`, of every piece of a run.
fn of_pieces(choice: &JobChoice, what: impl Fn(&Piece) -> u32) -> String {
    words::list(&choice.in_pieces().iter().map(|p| what(p).to_string()).collect::<Vec<_>>())
}

/// What is new or changed, in the order of the new plan.
fn arrivals(old: &[Element], new: &[Element]) -> Vec<Step> {
    let step = |e: &Element| {
        let before = old.iter().find(|o| o.address == e.address);
        let changed = |(name, value): (&&'static str, &String)| {
            let was = before.and_then(|b| b.attributes.get(name));
            (was != Some(value)).then(|| (name.to_string(), (was.cloned(), Some(value.clone()))))
        };
        let changes: BTreeMap<_, _> = e.attributes.iter().filter_map(changed).collect();
        let action = if before.is_some() { Action::Change } else { Action::Add };
        (!changes.is_empty()).then(|| Step {
            action,
            address: e.address.clone(),
            changes,
            reason: e.reason.clone(),
        })
    };
    new.iter().filter_map(step).collect()
}

/// What is gone, last first.
fn departures(old: &[Element], new: &[Element]) -> Vec<Step> {
    let gone = old.iter().rev().filter(|o| new.iter().all(|n| n.address != o.address));
    let step = |e: &Element| Step {
        action: Action::Destroy,
        address: e.address.clone(),
        changes: e
            .attributes
            .iter()
            .map(|(name, value)| (name.to_string(), (Some(value.clone()), None)))
            .collect(),
        reason: "no longer part of the plan".to_owned(),
    };
    gone.map(step).collect()
}

/// Services' addresses, each after what it needs, otherwise in source order.
fn needs_first(dep: &Deployment) -> Vec<Address> {
    let mut done: Vec<usize> = Vec::new();
    while done.len() < dep.services.len() {
        let is_done = |name: &str| done.iter().any(|s| dep.services[*s].name == name);
        let known = |name: &str| dep.services.iter().any(|s| s.name == name);
        let ready = (0..dep.services.len()).filter(|s| !done.contains(s)).find(|s| {
            let needs = &dep.services[*s].needs;
            needs.iter().all(|n| is_done(&n.service) || !known(&n.service))
        });
        // Elaboration refuses cycles; should one get here, source order does.
        let next = ready.or_else(|| (0..dep.services.len()).find(|s| !done.contains(s)));
        done.extend(next);
    }
    done.into_iter().map(|s| dep.services[s].address.clone()).collect()
}
