//! What is other than it was deployed: files of the package, limits, replicas, ports, volumes, runs
//! of jobs.
//!
//! In: what should be, and the machine as it is now. Out: each difference once. Only what the
//! deployment says is compared; what others have on this machine is their own.

use crate::control::Drift;
use crate::live::Live;
use crate::loaded::Loaded;
use crate::stages::Deployed;
use crate::supervisor::Supervisor;
use eclexia_deploy::package::{MANIFEST, Manifest};
use eclexia_deploy::registry::RunState;
use eclexia_targets::local::Service;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

impl Supervisor {
    /// Of one deployment, or of all.
    pub fn drift(&self, only: Option<&str>) -> Vec<Drift> {
        let mut found = Vec::new();
        let names = self.deployments.iter().filter(|(name, _)| only.is_none_or(|o| o == *name));
        for (name, deployed) in names {
            let Some(loaded) = deployed.wanted.and_then(|n| self.loaded(name, n)) else { continue };
            let folder = self.folders.package(&loaded.manifest.id());
            found.extend(files(name, &folder, &loaded.manifest));
            self.services(name, &loaded, &mut found);
            self.jobs_drift(name, deployed, &mut found);
        }
        found
    }

    fn services(&self, name: &str, loaded: &Loaded, found: &mut Vec<Drift>) {
        for service in &loaded.tree.services {
            let mut add = adding(found, name, format!("service {}", service.name));
            let spec = loaded.specs.get(&service.name);
            let of = |live: &&crate::live::Live| {
                live.instance.deployment == name
                    && live.instance.service == service.name
                    && live.leaving.is_none()
            };
            let lives: Vec<_> = self.live.values().filter(of).collect();
            let same = lives.iter().filter(|live| Some(&live.instance.spec) == spec).count();
            if same != service.replicas as usize {
                add("replicas", service.replicas.to_string(), same.to_string());
            }
            for port in service.ports.iter().filter(|_| service.replicas > 0) {
                if !self.frontends.contains_key(&(name.to_owned(), port.port)) {
                    add("port", port.port.to_string(), "another program listens".to_owned());
                }
            }
            for live in lives.iter().filter(|live| live.instance.process.is_some()) {
                self.limits_drift(service, live, &mut add);
                self.volumes_drift((name, service, live.instance.ordinal), &mut add);
            }
        }
    }

    /// Jobs as they are told, each by its last run and by the process of it that is there. Who is
    /// about to be started or stopped is no difference: that is what the supervisor is for.
    fn jobs_drift(&self, name: &str, deployed: &Deployed, found: &mut Vec<Drift>) {
        let Some(aim) = self.aim_of_jobs(name, deployed) else { return };
        for job in &aim.tree.jobs {
            let of = &job.process.name;
            let mut add = adding(found, name, format!("job {of}"));
            let lives: Vec<&Live> =
                self.of_job(name, of).filter(|live| live.leaving.is_none()).collect();
            if lives.len() > 1 {
                add("processes", "1".to_owned(), lives.len().to_string());
            }
            if let Some(run) = self.last_run(name, of)
                && matches!(run.state, RunState::Failed | RunState::Late)
            {
                let said = run.said.as_deref().unwrap_or("nothing is known of it");
                let is = format!("{}: {said}", run.state.name());
                add(&format!("run of {}", run.date()), RunState::Done.name().to_owned(), is);
            }
            let begun = lives.iter().filter(|live| live.instance.process.is_some());
            for live in begun.clone() {
                self.limits_drift(&job.process, live, &mut add);
            }
            // What it kept is needed when it is run again, not only while it runs.
            let has_run = self.last_run(name, of).is_some_and(|run| run.state == RunState::Done);
            if has_run || begun.count() > 0 {
                self.volumes_drift((name, &job.process, 0), &mut add);
            }
        }
    }

    /// Limits of a process that is there.
    fn limits_drift(
        &self,
        service: &Service,
        live: &Live,
        add: &mut impl FnMut(&str, String, String),
    ) {
        let (id, limits) = (&live.instance.id, self.cgroups.limits(&live.instance.id));
        let wanted = service.limits.memory_bytes.filter(|_| limits.memory_bytes.is_some());
        if let (Some(wanted), Some(is)) = (wanted, limits.memory_bytes)
            && wanted / PAGE != is / PAGE
        {
            add(&format!("memory limit of {id}"), wanted.to_string(), is.to_string());
        }
        let wanted = service.limits.cpu_millis.filter(|_| limits.cpu_millis.is_some());
        if let (Some(wanted), Some(is)) = (wanted, limits.cpu_millis)
            && wanted.max(10) != is
        {
            add(&format!("cores of {id}"), wanted.to_string(), format!("{is} thousandths"));
        }
    }

    fn volumes_drift(
        &self,
        (deployment, service, ordinal): (&str, &Service, u32),
        add: &mut impl FnMut(&str, String, String),
    ) {
        for volume in &service.volumes {
            if !self.folders.volume(deployment, volume, ordinal).is_dir() {
                add("volume", volume.name.clone(), "its folder is gone".to_owned());
            }
        }
    }
}

/// Adds differences of one resource.
fn adding(
    found: &mut Vec<Drift>,
    deployment: &str,
    resource: String,
) -> impl FnMut(&str, String, String) {
    move |what, wanted, is| {
        found.push(Drift {
            deployment: deployment.to_owned(),
            resource: resource.clone(),
            what: what.to_owned(),
            wanted,
            found: is,
        });
    }
}

/// Limits of memory are whole pages.
const PAGE: u64 = 4096;

/// Files of a package's folder that are not what the manifest says.
pub fn files(deployment: &str, folder: &Path, manifest: &Manifest) -> Vec<Drift> {
    let drift = |path: &str, wanted: &str, found: &str| Drift {
        deployment: deployment.to_owned(),
        resource: format!("file {path}"),
        what: "contents".to_owned(),
        wanted: wanted.to_owned(),
        found: found.to_owned(),
    };
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let mut found = Vec::new();
    let mut known = BTreeSet::from([folder.join(MANIFEST)]);
    for file in &manifest.files {
        let path = folder.join(&file.path);
        match std::fs::read(&path) {
            Ok(bytes) => {
                let is = blake3::hash(&bytes).to_hex().to_string();
                if is != file.blake3 {
                    found.push(drift(&file.path, &short(&file.blake3), &short(&is)));
                }
            }
            Err(error) => {
                found.push(drift(&file.path, &short(&file.blake3), &error.to_string()));
            }
        }
        known.insert(path);
    }
    for extra in below(folder).into_iter().filter(|path| !known.contains(path)) {
        let shown = extra.strip_prefix(folder).unwrap_or(&extra).display().to_string();
        found.push(drift(&shown, "nothing", "a file that no package brought"));
    }
    found
}

/// Files in a folder and those in it, without following links.
fn below(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => files.push(entry.path()),
            }
        }
    }
    files.sort();
    files
}
