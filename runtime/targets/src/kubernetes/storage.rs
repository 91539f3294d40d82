//! Volumes, claims and config files.
//!
//! In: a service's or job's mounts and files. Out: claim templates (one volume per replica), shared
//! claims (one writer, many readers), claims of jobs, ConfigMaps, and the pod's side of each. The
//! pod's writable places besides its volumes are `/tmp` and `/run`, empty at every start.

use super::object::{deployment_labels, head, named_labels, service_labels};
use crate::Report;
use crate::chosen::{Chosen, ChosenJob, View};
use crate::quantity::kubernetes_bytes;
use crate::yaml::{Map, strings};
use eclexia_model::{Address, ConfigFile, Exact, Job, Mount, Service};
use std::collections::BTreeMap;

/// Kubernetes refuses larger objects.
const LARGEST_CONFIG: usize = 1 << 20;

/// Directories that nearly every image writes to.
const SCRATCH: [(&str, &str); 2] = [("scratch-tmp", "/tmp"), ("scratch-run", "/run")];

fn files_name(name: &str) -> String {
    format!("{name}-files")
}

/// Of a shared volume: its claim, and its name within the pods that mount it.
fn shared_name(view: &View<'_>, mount: &Mount) -> String {
    format!("shared-{}", view.volume_label(mount))
}

/// The name of a volume within a pod, where `scratch-`, `shared-` and `own-` are ours to give.
fn volume_name(view: &View<'_>, mount: &Mount) -> String {
    let name = view.volume_label(mount);
    if view.is_shared(mount) {
        shared_name(view, mount)
    } else if ["scratch-", "shared-", "own-"].iter().any(|prefix| name.starts_with(prefix)) {
        format!("own-{name}")
    } else {
        name
    }
}

/// Mounts of its own volumes, each volume once with its largest size.
pub fn own_volumes<'a>(view: &View<'a>, chosen: &Chosen<'a>) -> Vec<(String, Exact)> {
    let mut sizes: Vec<(String, Exact)> = Vec::new();
    for mount in chosen.service.mounts.iter().filter(|mount| !view.is_shared(mount)) {
        let name = volume_name(view, mount);
        match sizes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, size)) => *size = (*size).clone().max(mount.size.clone()),
            None => sizes.push((name, mount.size.clone())),
        }
    }
    sizes
}

pub fn claim_templates(view: &View<'_>, chosen: &Chosen<'_>) -> Vec<Map> {
    let claims = own_volumes(view, chosen).into_iter().map(|(name, size)| {
        Map::new()
            .with("metadata", Map::new().with("name", name))
            .with("spec", claim_spec("ReadWriteOnce", &size))
    });
    claims.collect()
}

fn claim_spec(mode: &str, size: &Exact) -> Map {
    let requests = Map::new().with("storage", kubernetes_bytes(&(size.clone()).max(Exact::int(1))));
    Map::new()
        .with("accessModes", strings([mode]))
        .with("resources", Map::new().with("requests", requests))
}

/// A claim for each shared volume of the deployment, by file name.
pub fn shared_claims(view: &View<'_>, report: &mut Report) -> BTreeMap<String, Map> {
    let mut claims = BTreeMap::new();
    for mount in view.mounts().filter(|mount| view.is_shared(mount)) {
        let name = shared_name(view, mount);
        let what = format!("shared volume `{}`", mount.volume);
        let why = "written as a ReadWriteMany claim, which not every storage class offers";
        report.add(&view.address, what, why);
        let size = largest(view, mount);
        let labels = deployment_labels(view);
        let claim = head(view, "v1", "PersistentVolumeClaim", &name, labels)
            .with("spec", claim_spec("ReadWriteMany", &size));
        claims.insert(format!("{name}.yaml"), claim);
    }
    claims
}

/// Of a job's own volume, which stays from one run to the next.
fn job_claim(view: &View<'_>, chosen: &ChosenJob<'_>, mount: &Mount) -> String {
    format!("{}-{}", chosen.name, volume_name(view, mount))
}

/// A claim for each volume that is of one job alone, by file name.
pub fn job_claims(view: &View<'_>, chosen: &ChosenJob<'_>) -> BTreeMap<String, Map> {
    let own = chosen.job.mounts.iter().filter(|mount| !view.is_shared(mount));
    let claims = own.map(|mount| {
        let (name, labels) = (job_claim(view, chosen, mount), named_labels(view, &chosen.name));
        let claim = head(view, "v1", "PersistentVolumeClaim", &name, labels)
            .with("spec", claim_spec("ReadWriteOnce", &largest(view, mount)));
        (format!("volume-{}.yaml", view.volume_label(mount)), claim)
    });
    claims.collect()
}

fn largest(view: &View<'_>, mount: &Mount) -> Exact {
    let sizes =
        view.mounts().filter(|other| other.volume == mount.volume).map(|other| other.size.clone());
    sizes.max().unwrap_or_else(|| mount.size.clone())
}

pub fn config_map(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Option<Map> {
    let labels = service_labels(view, chosen, report);
    files_object(view, (&chosen.name, chosen.address(), labels), chosen.files(), report)
}

pub fn job_config_map(view: &View<'_>, chosen: &ChosenJob<'_>, report: &mut Report) -> Option<Map> {
    let labels = named_labels(view, &chosen.name);
    files_object(view, (&chosen.name, &chosen.job.address, labels), chosen.files(), report)
}

fn files_object(
    view: &View<'_>,
    (name, address, labels): (&str, &Address, Map),
    files: Vec<(String, &ConfigFile)>,
    report: &mut Report,
) -> Option<Map> {
    if files.is_empty() {
        return None;
    }
    let size: usize = files.iter().map(|(_, file)| file.content.len()).sum();
    if size >= LARGEST_CONFIG {
        let why = "Kubernetes refuses a ConfigMap of 1 MiB or more; put the content in a volume";
        report.add(address, format!("{size} bytes of files"), why);
    }
    let mut data = Map::new();
    for (key, file) in files {
        data.set(&key, file.content.as_str());
    }
    Some(head(view, "v1", "ConfigMap", &files_name(name), labels).with("data", data))
}

/// Volumes of the pod that no claim template makes.
pub fn pod_volumes(view: &View<'_>, chosen: &Chosen<'_>) -> Vec<Map> {
    let Service { mounts, files, .. } = chosen.service;
    let claimed = |mount: &Mount| view.is_shared(mount).then(|| shared_name(view, mount));
    volumes(view, &chosen.name, (mounts, files), claimed)
}

/// A job's pods are made anew for each run: all that they keep is claimed beside them.
pub fn job_volumes(view: &View<'_>, chosen: &ChosenJob<'_>) -> Vec<Map> {
    let Job { mounts, files, .. } = chosen.job;
    let claimed = |mount: &Mount| {
        Some(match view.is_shared(mount) {
            true => shared_name(view, mount),
            false => job_claim(view, chosen, mount),
        })
    };
    volumes(view, &chosen.name, (mounts, files), claimed)
}

fn volumes(
    view: &View<'_>,
    name: &str,
    (mounts, files): (&[Mount], &[ConfigFile]),
    claimed: impl Fn(&Mount) -> Option<String>,
) -> Vec<Map> {
    let mut volumes = Vec::new();
    let mut seen = Vec::new();
    for mount in mounts {
        let Some(claim) = claimed(mount).filter(|_| !seen.contains(&&mount.volume)) else {
            continue;
        };
        seen.push(&mount.volume);
        let claim = Map::new().with("claimName", claim);
        let name = volume_name(view, mount);
        volumes.push(Map::new().with("name", name).with("persistentVolumeClaim", claim));
    }
    if !files.is_empty() {
        let map = Map::new().with("name", files_name(name));
        volumes.push(Map::new().with("name", "scratch-files").with("configMap", map));
    }
    let free = SCRATCH.into_iter().filter(|(_, path)| !is_mounted(mounts, files, path));
    volumes
        .extend(free.map(|(name, _)| Map::new().with("name", name).with("emptyDir", Map::new())));
    volumes
}

pub fn mounts(view: &View<'_>, chosen: &Chosen<'_>) -> Vec<Map> {
    let Service { mounts, files, .. } = chosen.service;
    mounted(view, (mounts, files), chosen.files())
}

pub fn job_mounts(view: &View<'_>, chosen: &ChosenJob<'_>) -> Vec<Map> {
    let Job { mounts, files, .. } = chosen.job;
    mounted(view, (mounts, files), chosen.files())
}

fn mounted(
    view: &View<'_>,
    (mounts, files): (&[Mount], &[ConfigFile]),
    keyed: Vec<(String, &ConfigFile)>,
) -> Vec<Map> {
    let volumes = mounts.iter().map(|mount| {
        Map::new()
            .with("name", volume_name(view, mount))
            .with("mountPath", mount.path.as_str())
            .with_some("readOnly", mount.read_only.then_some(true))
    });
    let keyed = keyed.into_iter().map(|(key, file)| {
        Map::new()
            .with("name", "scratch-files")
            .with("mountPath", file.path.as_str())
            .with("subPath", key)
            .with("readOnly", true)
    });
    let free = SCRATCH.into_iter().filter(|(_, path)| !is_mounted(mounts, files, path));
    let scratch = free.map(|(name, path)| Map::new().with("name", name).with("mountPath", path));
    volumes.chain(keyed).chain(scratch).collect()
}

fn is_mounted(mounts: &[Mount], files: &[ConfigFile], path: &str) -> bool {
    let same = |other: &str| other.trim_end_matches('/') == path;
    mounts.iter().any(|mount| same(&mount.path)) || files.iter().any(|file| same(&file.path))
}
