//! Work that runs once a day, at the hour the plan chose.
//!
//! In: a job and its choice. Out: a CronJob. Hour 0 is taken as midnight UTC: the plan's hours
//! count from its start, and a manifest knows no clock. A start beyond the first day is the same
//! hour of each day, reported.

use super::container::{container_security, pod_spec};
use super::object::{head_with, named_labels, unexpanded};
use super::placement::node_affinity;
use super::storage::{scratch_mounts, scratch_volumes};
use crate::Report;
use crate::chosen::{ChosenJob, View, positive};
use crate::quantity::{kubernetes_bytes, kubernetes_cpu, whole};
use crate::yaml::Map;
use eclexia_model::Resource;

/// A failed run is tried again this often; each try costs a whole run.
const RETRIES: u32 = 2;

pub fn job(view: &View<'_>, chosen: &ChosenJob<'_>, report: &mut Report) -> Map {
    let start = chosen.choice.start_hour;
    let address = &chosen.job.address;
    if start >= 24 {
        let why =
            format!("a CronJob knows hours of the day; it runs each day at {}:00", start % 24);
        report.add(address, format!("a first start {start} h after the plan's"), why);
    }
    if let Some(bandwidth) = positive(&chosen.job.requires, Resource::Network) {
        report.add(address, format!("network {bandwidth} B/s"), "Kubernetes reserves no bandwidth");
    }
    let template = Map::new()
        .with("metadata", Map::new().with("labels", named_labels(view, &chosen.name)))
        .with("spec", job_spec(view, chosen));
    let spec = Map::new()
        .with("schedule", format!("0 {} * * *", start % 24))
        .with("timeZone", "Etc/UTC")
        // A run that could not start within its hour waits for the next day's: later hours are
        // the ones that the plan did not choose.
        .with("startingDeadlineSeconds", 3600u32)
        .with("concurrencyPolicy", "Forbid")
        .with("jobTemplate", template);
    let labels = named_labels(view, &chosen.name);
    let annotations = Map::new().with("eclexia.dev/start-hour", start.to_string());
    head_with(view, "batch/v1", "CronJob", &chosen.name, labels, annotations).with("spec", spec)
}

fn job_spec(view: &View<'_>, chosen: &ChosenJob<'_>) -> Map {
    let spec = pod_spec()
        .with("restartPolicy", "Never")
        .with("affinity", affinity(chosen))
        .with("containers", vec![container(chosen)])
        .with("volumes", scratch_volumes(|_| false));
    let template = Map::new()
        .with("metadata", Map::new().with("labels", named_labels(view, &chosen.name)))
        .with("spec", spec);
    let hours = chosen.job.deadline_hours.saturating_sub(chosen.choice.start_hour).max(1);
    Map::new()
        .with("activeDeadlineSeconds", i64::from(hours) * 3600)
        .with("backoffLimit", RETRIES)
        .with("template", template)
}

fn affinity(chosen: &ChosenJob<'_>) -> Map {
    Map::new().with("nodeAffinity", node_affinity(std::slice::from_ref(&chosen.pool)))
}

fn container(chosen: &ChosenJob<'_>) -> Map {
    let job = chosen.job;
    let amount = |resource| positive(&job.requires, resource);
    let gpus = amount(Resource::Gpu).map(|n| whole(n).to_string());
    let amounts = Map::new()
        .with_some("cpu", amount(Resource::Cpu).map(kubernetes_cpu))
        .with_some("memory", amount(Resource::Memory).map(kubernetes_bytes))
        .with_some("nvidia.com/gpu", gpus);
    let resources =
        Map::new().with_nonempty("requests", amounts.clone()).with_nonempty("limits", amounts);
    let args = job.command.iter().map(|word| unexpanded(word)).collect::<Vec<_>>();
    Map::new()
        .with("name", chosen.name.as_str())
        .with("image", job.image.as_str())
        .with_nonempty("args", args)
        .with_nonempty("resources", resources)
        .with("securityContext", container_security())
        .with("volumeMounts", scratch_mounts(|_| false))
}
