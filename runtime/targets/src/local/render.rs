//! A plan as the tree of processes of this machine.
//!
//! In: the joined view. Out: the tree, and `processes.json` with it. Services come in the order in
//! which they start, jobs after them. What one machine cannot have is reported: zones, other
//! regions, images (a command of the package runs instead), devices.

use super::tree::{FORMAT, Job, KEPT, Limits, Neighbour, Service, Tree, Volume};
use crate::chosen::{Chosen, ChosenJob, Edge, View, positive};
use crate::{Files, Report, Unsupported, names};
use eclexia_model::{Deployment, EnvVar, Exact, Mount, Plan, Probe, ProbeKind, Resource, Rollout};
use num_traits::ToPrimitive;

/// What is to run, and what of the plan does not come about here.
pub fn tree(dep: &Deployment, plan: &Plan) -> (Tree, Vec<Unsupported>) {
    let mut report = Report::default();
    let view = View::new(dep, plan, &mut report);
    let tree = of_view(&view, &mut report);
    (tree, report.in_model_order(dep))
}

pub(crate) fn files(view: &View<'_>, report: &mut Report) -> Files {
    let tree = of_view(view, report);
    let mut bytes = match serde_json::to_vec_pretty(&tree) {
        Ok(bytes) => bytes,
        Err(error) => eclexia_base::bug!("plain data that is no JSON: {error}"),
    };
    bytes.push(b'\n');
    Files::from([("processes.json".to_owned(), bytes)])
}

fn of_view(view: &View<'_>, report: &mut Report) -> Tree {
    report_deployment(view, report);
    let services = in_start_order(view).into_iter();
    Tree {
        format: FORMAT.to_owned(),
        deployment: view.dep.name.clone(),
        plan: view.plan.id.clone(),
        services: services.map(|chosen| service(view, chosen, report)).collect(),
        jobs: view.jobs.iter().map(|chosen| job(view, chosen, report)).collect(),
    }
}

fn report_deployment(view: &View<'_>, report: &mut Report) {
    let regions: Vec<&str> = view.regions().into_iter().collect();
    if regions.len() > 1 {
        let what = format!("the regions {}", regions.join(", "));
        report.add(&view.address, what, "one machine is in one place; all replicas run here");
    }
    for alert in &view.dep.alerts {
        let what = format!("the alert {}", alert.name);
        report.add(&view.address, what, "nothing watches for alerts on this machine");
    }
}

/// What is needed stands before what needs it, else in source order (Kahn 1962). A circle, which
/// no checked program has, keeps its order.
fn in_start_order<'v, 'a>(view: &'v View<'a>) -> Vec<&'v Chosen<'a>> {
    let mut waiting: Vec<&Chosen<'_>> = view.services.iter().collect();
    let mut order: Vec<&Chosen<'_>> = Vec::new();
    while !waiting.is_empty() {
        let is_free = |chosen: &&Chosen<'_>| {
            view.needs(chosen)
                .iter()
                .all(|edge| !waiting.iter().any(|w| w.service.name == edge.other.service.name))
        };
        let at = waiting.iter().position(is_free).unwrap_or(0);
        order.push(waiting.remove(at));
    }
    order
}

fn service(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Service {
    let model = chosen.service;
    if model.command.is_empty() {
        report.add(&model.address, format!("the image {}", chosen.image()), NO_IMAGE);
    }
    if let Some(gpus) = chosen.requires(Resource::Gpu) {
        report.add(&model.address, format!("{gpus} GPUs"), NO_DEVICES);
    }
    Service {
        name: model.name.clone(),
        address: model.address.clone(),
        variant: chosen.variant.name.clone(),
        replicas: chosen.replicas,
        command: model.command.clone(),
        env: environment(&model.env),
        files: model.files.clone(),
        ports: chosen.ports().into_iter().cloned().collect(),
        needs: neighbours(view.needs(chosen)),
        volumes: volumes(view, (&chosen.name, &model.mounts), chosen.replicas),
        probes: probes(chosen),
        limits: Limits {
            cpu_millis: chosen.limit(Resource::Cpu).map(|cores| upward(cores, 1000)),
            memory_bytes: chosen.limit(Resource::Memory).map(|bytes| upward(bytes, 1)),
        },
        rollout: model.rollout.clone(),
        isolated: model.isolated,
        public: model.public,
    }
}

const NO_IMAGE: &str =
    "no image is run here; give it a `:command` of the package or of this machine";
const NO_DEVICES: &str = "devices are not handed out here; it sees all of them";

/// What a job may keep where it asks for no `:storage`.
const MOST_KEPT: u64 = 1 << 30;

fn job(view: &View<'_>, chosen: &ChosenJob<'_>, report: &mut Report) -> Job {
    let model = chosen.job;
    if model.command.is_empty() {
        report.add(&model.address, format!("the image {}", model.image), NO_IMAGE);
    }
    let amount = |resource| positive(&model.requires, resource);
    if let Some(gpus) = amount(Resource::Gpu) {
        report.add(&model.address, format!("{gpus} GPUs"), NO_DEVICES);
    }
    let pieces = chosen.choice.in_pieces();
    let first = pieces.first().map_or(0, |first| first.start_hour);
    let span = pieces.last().map_or(0, |last| last.end_hour().saturating_sub(first));
    if span > 24 {
        let what = format!("a run each day, of pieces over {span} h");
        let why = "a run that would begin while the one before it is under way is left out";
        report.add(&model.address, what, why);
    }
    let mut volumes = volumes(view, (&chosen.name, &model.mounts), 1);
    volumes.push(Volume {
        name: format!("{}--{KEPT}", chosen.name),
        path: KEPT.to_owned(),
        bytes: amount(Resource::Storage).map_or(MOST_KEPT, |bytes| upward(bytes, 1)),
        read_only: false,
        per_replica: false,
    });
    Job {
        process: Service {
            name: model.name.clone(),
            address: model.address.clone(),
            variant: String::new(),
            replicas: 1,
            command: model.command.clone(),
            env: environment(&model.env),
            files: model.files.clone(),
            ports: Vec::new(),
            needs: neighbours(view.job_needs(chosen)),
            volumes,
            probes: Vec::new(),
            limits: Limits {
                cpu_millis: amount(Resource::Cpu).map(|cores| upward(cores, 1000)),
                memory_bytes: amount(Resource::Memory).map(|bytes| upward(bytes, 1)),
            },
            rollout: Rollout::Recreate,
            isolated: model.isolated,
            public: false,
        },
        pieces,
        deadline_hours: model.deadline_hours,
        interruptible: model.interruptible,
    }
}

fn environment(env: &[EnvVar]) -> Vec<EnvVar> {
    env.iter().filter(|variable| names::is_env_name(&variable.name)).cloned().collect()
}

fn neighbours(needs: Vec<Edge<'_, '_>>) -> Vec<Neighbour> {
    let neighbours = needs.into_iter().map(|edge| Neighbour {
        service: edge.other.service.name.clone(),
        ports: edge.ports.into_iter().collect(),
    });
    neighbours.collect()
}

/// What a service or job of this name mounts.
fn volumes(view: &View<'_>, (of, mounts): (&str, &[Mount]), replicas: u32) -> Vec<Volume> {
    let mounts = mounts.iter().map(|mount| {
        let shared = view.is_shared(mount);
        let label = view.volume_label(mount);
        Volume {
            name: if shared { label } else { format!("{of}--{label}") },
            path: mount.path.clone(),
            bytes: upward(&mount.size, 1),
            read_only: mount.read_only,
            per_replica: !shared && replicas > 1,
        }
    });
    mounts.collect()
}

fn probes(chosen: &Chosen<'_>) -> Vec<Probe> {
    let kinds = [ProbeKind::Liveness, ProbeKind::Readiness];
    kinds.iter().filter_map(|kind| chosen.probe(*kind)).cloned().collect()
}

/// So many parts of one, rounded up.
fn upward(amount: &Exact, parts: i64) -> u64 {
    (&amount.0 * eclexia_base::number::int(parts)).ceil().to_integer().to_u64().unwrap_or(u64::MAX)
}
