//! Work that runs once a day, at the hours the plan chose.
//!
//! In: a job and its choice. Out: a CronJob; for a run that is interrupted one for each length of
//! its pieces, which starts the program at the pieces' hours and stops it when they end. Hour 0 is
//! taken as midnight UTC: the plan's hours count from its start, and a manifest knows no clock. A
//! start beyond the first day is the same hour of each day, reported.

use super::container::{container_security, env, pod_spec};
use super::object::{head_with, named_labels, unexpanded};
use super::placement::node_affinity;
use super::storage;
use crate::Report;
use crate::chosen::{ChosenJob, View, positive};
use crate::quantity::{kubernetes_bytes, kubernetes_cpu, whole};
use crate::yaml::Map;
use eclexia_model::{Piece, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// A failed run is tried again this often; each try costs a whole run.
const RETRIES: u32 = 2;

/// A CronJob: what its name and file end in, when it starts, and the hours after which it stops.
struct Timed {
    ending: String,
    starts: Vec<u32>,
    hours: u32,
}

/// The CronJobs of a job, by what their files' names end in.
pub fn jobs(view: &View<'_>, chosen: &ChosenJob<'_>, report: &mut Report) -> BTreeMap<String, Map> {
    let pieces = chosen.choice.in_pieces();
    report_job(view, chosen, &pieces, report);
    let container = container(view, chosen, report);
    let object = |timed: Timed| (timed.ending.clone(), cron_job(view, chosen, &timed, &container));
    timed(chosen, &pieces).into_iter().map(object).collect()
}

fn timed(chosen: &ChosenJob<'_>, pieces: &[Piece]) -> Vec<Timed> {
    if let [only] = pieces {
        let hours = chosen.job.deadline_hours.saturating_sub(only.start_hour).max(1);
        return vec![Timed { ending: String::new(), starts: vec![only.start_hour], hours }];
    }
    let lengths: BTreeSet<u32> = pieces.iter().map(|piece| piece.hours).collect();
    let of_length = |hours: u32| {
        let alike = pieces.iter().filter(|piece| piece.hours == hours);
        let starts = alike.map(|piece| piece.start_hour).collect();
        Timed { ending: format!("-{hours}h"), starts, hours }
    };
    lengths.into_iter().map(of_length).collect()
}

fn report_job(view: &View<'_>, chosen: &ChosenJob<'_>, pieces: &[Piece], report: &mut Report) {
    let address = &chosen.job.address;
    if pieces.len() > 1 {
        let why = "the program is stopped when a piece ends and started again with the next one; \
                   what it has done it must keep itself";
        report.add(address, format!("a run in {} pieces", pieces.len()), why);
    }
    let hours = || pieces.iter().flat_map(|piece| piece.start_hour..piece.end_hour());
    let of_day: BTreeSet<u32> = hours().map(|hour| hour % 24).collect();
    if pieces.len() > 1 && of_day.len() < hours().count() {
        let why = "a CronJob knows hours of the day; of two that meet only the first one runs";
        report.add(address, "pieces at the same hours of several days", why);
    }
    for start in pieces.iter().map(|piece| piece.start_hour).filter(|start| *start >= 24) {
        let why =
            format!("a CronJob knows hours of the day; it runs each day at {}:00", start % 24);
        let what = match pieces {
            [_] => format!("a first start {start} h after the plan's"),
            _ => format!("a piece {start} h after the plan's start"),
        };
        report.add(address, what, why);
    }
    let needs = view.job_needs(chosen);
    if !needs.is_empty() {
        let names: Vec<&str> = needs.iter().map(|need| need.other.service.name.as_str()).collect();
        let why = "a CronJob starts at its hour; the program tries until what it needs is up";
        report.add(address, format!("start after {}", names.join(", ")), why);
    }
    if let Some(bandwidth) = positive(&chosen.job.requires, Resource::Network) {
        report.add(address, format!("network {bandwidth} B/s"), "Kubernetes reserves no bandwidth");
    }
}

fn cron_job(view: &View<'_>, chosen: &ChosenJob<'_>, timed: &Timed, container: &Map) -> Map {
    let template = Map::new()
        .with("metadata", Map::new().with("labels", named_labels(view, &chosen.name)))
        .with("spec", job_spec(view, chosen, timed.hours, container));
    let of_day: BTreeSet<u32> = timed.starts.iter().map(|start| start % 24).collect();
    let spec = Map::new()
        .with("schedule", format!("0 {} * * *", listed(of_day)))
        .with("timeZone", "Etc/UTC")
        // A run that could not start within its hour waits for the next day's: later hours are
        // the ones that the plan did not choose.
        .with("startingDeadlineSeconds", 3600u32)
        .with("concurrencyPolicy", "Forbid")
        .with("jobTemplate", template);
    let labels = named_labels(view, &chosen.name);
    let annotations = Map::new().with("eclexia.dev/start-hour", listed(timed.starts.clone()));
    let name = format!("{}{}", chosen.name, timed.ending);
    head_with(view, "batch/v1", "CronJob", &name, labels, annotations).with("spec", spec)
}

fn listed(hours: impl IntoIterator<Item = u32>) -> String {
    hours.into_iter().map(|hour| hour.to_string()).collect::<Vec<_>>().join(",")
}

fn job_spec(view: &View<'_>, chosen: &ChosenJob<'_>, hours: u32, container: &Map) -> Map {
    let spec = pod_spec()
        .with("restartPolicy", "Never")
        .with("affinity", affinity(chosen))
        .with("containers", vec![container.clone()])
        .with_nonempty("volumes", storage::job_volumes(view, chosen));
    let template = Map::new()
        .with("metadata", Map::new().with("labels", named_labels(view, &chosen.name)))
        .with("spec", spec);
    Map::new()
        .with("activeDeadlineSeconds", i64::from(hours) * 3600)
        .with("backoffLimit", RETRIES)
        .with("template", template)
}

fn affinity(chosen: &ChosenJob<'_>) -> Map {
    Map::new().with("nodeAffinity", node_affinity(std::slice::from_ref(&chosen.pool)))
}

fn container(view: &View<'_>, chosen: &ChosenJob<'_>, report: &mut Report) -> Map {
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
        .with_nonempty("env", env(&job.env, &job.address, report))
        .with_nonempty("resources", resources)
        .with("securityContext", container_security())
        .with_nonempty("volumeMounts", storage::job_mounts(view, chosen))
}
