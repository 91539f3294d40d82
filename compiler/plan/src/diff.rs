//! Steps from the plan before to the new one, and the ids of both. Steps stand in the order of
//! execution: machines that come, services in the order of their needs, jobs, services that go in
//! the opposite order, machines that go. Equal choices give no step. Ids are BLAKE3 of the JSON of
//! the value; a plan's is taken with the id itself left empty.

use eclexia_model::{
    Action, Address, Deployment, Exact, JobChoice, NodeChoice, Plan, ServiceChoice, Step,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

pub fn digest(value: &impl Serialize) -> String {
    match serde_json::to_vec(value) {
        Ok(bytes) => blake3::hash(&bytes).to_hex().to_string(),
        Err(error) => eclexia_base::bug!("plain data that is no JSON: {error}"),
    }
}

pub fn plan_id(plan: &Plan) -> String {
    digest(&Plan { id: String::new(), ..plan.clone() })
}

type Attributes = BTreeMap<String, String>;

fn service_attributes(choice: &ServiceChoice, dep: Option<&Deployment>) -> Attributes {
    let mut all = Attributes::new();
    all.insert("variant".into(), choice.variant.clone());
    all.insert("replicas".into(), choice.replicas.to_string());
    let service = dep.and_then(|d| d.services.iter().find(|s| s.name == choice.service));
    if let Some(service) = service {
        let variant = service.variants.iter().find(|v| v.name == choice.variant);
        let image = variant.and_then(|v| v.image.clone()).unwrap_or_else(|| service.image.clone());
        all.insert("image".into(), image);
    }
    all
}

fn node_attributes(choice: &NodeChoice) -> Attributes {
    let pods: Vec<String> = choice.pods.iter().map(|(s, n)| format!("{s} × {n}")).collect();
    let mut all = Attributes::new();
    all.insert("count".into(), choice.count.to_string());
    all.insert("node type".into(), choice.node_type.clone());
    all.insert("pods".into(), pods.join(", "));
    all.insert("region".into(), choice.region.clone());
    all
}

fn job_attributes(choice: &JobChoice) -> Attributes {
    let mut all = Attributes::new();
    all.insert("start hour".into(), choice.start_hour.to_string());
    all.insert("hours".into(), choice.hours.to_string());
    all.insert("node type".into(), choice.node_type.clone());
    all.insert("region".into(), choice.region.clone());
    all
}

struct Element<'p> {
    address: &'p Address,
    attributes: Attributes,
    reason: &'p str,
}

/// The steps from `parent` (or from nothing) to `plan`.
pub fn steps(dep: &Deployment, parent: Option<&Plan>, plan: &Plan) -> Vec<Step> {
    let services = |plan: &'_ Plan, dep: Option<&Deployment>| -> Vec<(Address, Attributes, String)> {
        let all = plan.services.iter().map(|c| {
            (c.address.clone(), service_attributes(c, dep), c.reason.clone())
        });
        all.collect()
    };
    let order = needs_first(dep);
    let rank = |address: &Address| order.iter().position(|a| a == address).unwrap_or(order.len());
    let mut old = parent.map(|p| services(p, None)).unwrap_or_default();
    // An image is compared only where the old plan recorded it: plans hold choices, not models.
    let mut new = services(plan, Some(dep));
    let compared = parent.is_some_and(|p| p.model_id == plan.model_id);
    if compared {
        new.iter_mut().for_each(|(_, a, _)| drop(a.remove("image")));
    } else if let Some(p) = parent {
        carry_images(p, &mut old);
    }
    new.sort_by_key(|(address, _, _)| rank(address));
    let (nodes_old, nodes_new) = (parent.map_or(&[][..], |p| &p.nodes), &plan.nodes[..]);
    let (jobs_old, jobs_new) = (parent.map_or(&[][..], |p| &p.jobs), &plan.jobs[..]);
    let node = |c: &'_ NodeChoice| (c.address.clone(), node_attributes(c), c.reason.clone());
    let job = |c: &'_ JobChoice| (c.address.clone(), job_attributes(c), c.reason.clone());
    let mut node_steps = compare(
        &nodes_old.iter().map(node).collect::<Vec<_>>(),
        &nodes_new.iter().map(node).collect::<Vec<_>>(),
    );
    let mut service_steps = compare(&old, &new);
    let mut job_steps = compare(
        &jobs_old.iter().map(job).collect::<Vec<_>>(),
        &jobs_new.iter().map(job).collect::<Vec<_>>(),
    );
    let is_kept = |s: &Step| s.action != Action::Destroy;
    let gone = |steps: &mut Vec<Step>| -> Vec<Step> {
        let (kept, gone): (Vec<Step>, Vec<Step>) = steps.drain(..).partition(is_kept);
        *steps = kept;
        gone.into_iter().rev().collect()
    };
    let (nodes_gone, services_gone, jobs_gone) =
        (gone(&mut node_steps), gone(&mut service_steps), gone(&mut job_steps));
    let all = [node_steps, service_steps, job_steps, jobs_gone, services_gone, nodes_gone];
    all.into_iter().flatten().collect()
}
