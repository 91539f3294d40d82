//! What is other than it was deployed: files of the package, limits, replicas, ports, volumes.
//!
//! In: what should be, and the machine as it is now. Out: each difference once. Only what the
//! deployment says is compared; what others have on this machine is their own.

use crate::control::Drift;
use crate::loaded::Loaded;
use crate::supervisor::Supervisor;
use eclexia_deploy::package::{MANIFEST, Manifest};
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
        }
        found
    }

    fn services(&self, name: &str, loaded: &Loaded, found: &mut Vec<Drift>) {
        for service in &loaded.tree.services {
            let mut add = |what: &str, wanted: String, is: String| {
                found.push(Drift {
                    deployment: name.to_owned(),
                    resource: format!("service {}", service.name),
                    what: what.to_owned(),
                    wanted,
                    found: is,
                });
            };
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
                for volume in &service.volumes {
                    let folder = self.folders.volume(name, volume, live.instance.ordinal);
                    if !folder.is_dir() {
                        add("volume", volume.name.clone(), "its folder is gone".to_owned());
                    }
                }
            }
        }
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
