//! A version before it runs: its package verified and unpacked, and everything that is wrong with
//! bringing it about on this machine.
//!
//! In: a version, the package in the store, this machine. Out: the version as it is to run, or all
//! its faults at once. Always holds: nothing of it is started here.

use crate::diagnostics;
use crate::drift;
use crate::folders::Folders;
use crate::hooks::Passed;
use crate::loaded::{Loaded, read_secret};
use crate::proxy::Frontend;
use crate::record::Record;
use crate::supervisor::{Message, Supervisor, now};
use eclexia_deploy::dates::day;
use eclexia_deploy::keys::Trust;
use eclexia_deploy::package::{self, Limits, Moment, Package, Signer};
use eclexia_deploy::registry::{Event, Fact, State, Version};
use eclexia_diag::Diagnostic;
use eclexia_model::EnvValue;
use eclexia_targets::local::Service;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A version that is validated.
#[derive(Clone)]
pub struct Trial {
    pub loaded: Arc<Loaded>,
    /// What its signers and who asked lack, and what is wrong with its settings.
    pub told: Vec<Diagnostic>,
    /// Deployments whose needs do not count: they are changed with it.
    pub along: BTreeSet<String>,
    /// Nothing was found wrong with it.
    pub is_valid: bool,
}

impl Supervisor {
    /// Verifies and unpacks the package, beside everything else.
    pub fn prepare(&mut self, name: &str) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        let Some(version) = deployed.version.clone() else { return };
        deployed.is_preparing = true;
        let (folders, sender) = (self.folders.clone(), self.sender.clone());
        let deployment = name.to_owned();
        self.runtime.spawn_blocking(move || {
            let number = version.number;
            let found = unpacked(&folders, &deployment, &version.package);
            let _ = sender.send(Message::Prepared { deployment, number, found });
        });
    }

    /// The package is there, or is not to be trusted.
    pub fn prepared(
        &mut self,
        name: &str,
        number: u32,
        found: Result<Vec<Signer>, Vec<Diagnostic>>,
    ) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        deployed.is_preparing = false;
        let is_asked = |v: &Version| v.number == number && v.state == State::Preparing;
        if !deployed.version.as_ref().is_some_and(is_asked) {
            return;
        }
        let signers = match found {
            Ok(signers) => signers,
            Err(faults) => return self.refuse(name, &faults, Vec::new()),
        };
        let names: Vec<&str> = signers.iter().map(|signer| signer.name.as_str()).collect();
        let detail = format!("the package is signed by {}; it is validated", names.join(", "));
        self.change(name, State::Validating, None, detail);
        let package = match self.deployments.get(name).and_then(|d| d.version.as_ref()) {
            Some(version) => version.package.clone(),
            None => return,
        };
        let folder = self.folders.package(&package);
        let read = Record::read(&self.folders, name, number).and_then(|record| {
            Ok((Arc::new(Loaded::read(&folder, number, &record.settings)?), record))
        });
        let (loaded, record) = match read {
            Ok(read) => read,
            Err(why) => return self.fail(name, &why),
        };
        let mut told = self.lacks(name, &loaded, &signers, record.asker.as_ref());
        told.extend(loaded.unsettled.iter().cloned());
        if let Some(deployed) = self.deployments.get_mut(name) {
            deployed.trial = Some(Trial { loaded, told, along: record.along, is_valid: false });
        }
    }

    /// Looks at a version before anything of it is brought about: all that is wrong is told at
    /// once, and who may not deploy it has nothing of it run.
    pub fn validate(&mut self, name: &str) {
        let trial = self.deployments.get(name).and_then(|deployed| deployed.trial.clone());
        let Some(trial) = trial else { return };
        if !self.is_valid(name, &trial) {
            return;
        }
        let (number, loaded) = (trial.loaded.number, trial.loaded);
        // What comes after is told and holds up nothing but what comes then.
        if self.hooks(name, &loaded, Moment::AfterValidation) == Passed::Waiting {
            return;
        }
        match self.hooks(name, &loaded, Moment::BeforeDeployment) {
            Passed::Waiting => return,
            Passed::Failed(why) => return self.fail(name, &why),
            Passed::Done => {}
        }
        // A version that is tried again is not judged by what was measured of it before.
        for ((_, _), (service, frontend)) in self.frontends.iter().filter(|((of, _), _)| of == name)
        {
            loaded.specs.get(service).into_iter().for_each(|spec| frontend.forget(spec));
        }
        if let Some(deployed) = self.deployments.get_mut(name) {
            deployed.trial = None;
            deployed.loaded.insert(number, loaded);
            deployed.wanted = Some(number);
            deployed.memories.clear();
        }
        self.note(Fact::Wanted { deployment: name.to_owned(), number: Some(number) });
        self.change(name, State::Deploying, None, format!("version {number} is brought about"));
    }

    /// Whether a version is known to be valid; where it is not it fails, or waits for its hooks.
    fn is_valid(&mut self, name: &str, trial: &Trial) -> bool {
        if trial.is_valid {
            return true;
        }
        let Trial { loaded, along, .. } = trial;
        // Others may have come or gone since it was prepared.
        let mut told = trial.told.clone();
        told.extend(self.unmet(name, &loaded.manifest));
        told.extend(self.lose(name, Some(&loaded.manifest), along));
        if told.is_empty() {
            match self.hooks(name, loaded, Moment::BeforeValidation) {
                Passed::Waiting => return false,
                Passed::Failed(why) => {
                    self.fail(name, &why);
                    return false;
                }
                Passed::Done => {}
            }
        }
        let faults = self.faults(name, loaded);
        if !told.is_empty() || !faults.is_empty() {
            self.refuse(name, &told, faults);
            return false;
        }
        if let Some(trial) = self.deployments.get_mut(name).and_then(|d| d.trial.as_mut()) {
            trial.is_valid = true;
        }
        true
    }

    /// Fails a version for all of this. What has a code is an event of that kind, too, with what
    /// helps, which commands show as what it is.
    fn refuse(&mut self, name: &str, told: &[Diagnostic], faults: Vec<String>) {
        let number = self.deployments.get(name).and_then(|d| d.version.as_ref());
        let version = number.map(|version| version.number);
        for found in told {
            let help = found.help.clone().unwrap_or_default();
            let detail = format!("{}; {help}", found.message);
            self.event(Event { version, ..Event::new(name, found.code, now(), detail) });
        }
        let mut all: Vec<String> =
            told.iter().map(|found| found.message.clone()).chain(faults).collect();
        // What differs in help and notes alone is one reason.
        all.dedup();
        self.fail(name, &all.join("; "));
    }

    /// Everything that is wrong with bringing this about here.
    fn faults(&mut self, name: &str, loaded: &Loaded) -> Vec<String> {
        let mut faults = Vec::new();
        for service in loaded.processes() {
            let of = &service.name;
            match service.command.first() {
                None => faults.push(format!("`{of}` has no `:command`, and no image is run here")),
                Some(program) if !program.starts_with("$(") && !loaded.has_program(program) => {
                    faults.push(format!("the program `{program}` of `{of}` is not here"));
                }
                Some(_) => {}
            }
            faults.extend(misplaced(service));
            for entry in &service.env {
                let EnvValue::Secret { secret, key } = &entry.value else { continue };
                let path = self.folders.secret(secret, key);
                if let Err(error) = read_secret(&path) {
                    let why = match error.kind() {
                        ErrorKind::NotFound => format!("write its value to {}", path.display()),
                        _ => error.to_string(),
                    };
                    faults
                        .push(format!("the secret `{secret}/{key}` of `{of}` is not here: {why}"));
                }
            }
        }
        for job in loaded.tree.jobs.iter().map(|job| &job.process.name) {
            if loaded.service(job).is_some() {
                faults.push(format!("`{job}` is a service and a job; here they need two names"));
            }
        }
        let (memory, there) = (most_memory(loaded), machine_memory());
        if there.is_some_and(|there| memory > there) {
            let there = there.unwrap_or(0) >> 20;
            faults.push(format!(
                "it may use {} MiB of memory, this machine has {there} MiB",
                memory >> 20
            ));
        }
        for hook in loaded.manifest.hooks.iter().filter(|hook| !loaded.has_hook(hook)) {
            let program = hook.command.first().map(String::as_str).unwrap_or_default();
            faults.push(format!("the program `{program}` of a hook is not here"));
        }
        faults.extend(self.open_ports(name, loaded));
        faults
    }

    /// Listens on the ports of all services; gives those that cannot be listened on.
    pub fn open_ports(&mut self, name: &str, loaded: &Loaded) -> Vec<String> {
        let mut faults = Vec::new();
        for service in loaded.tree.services.iter().filter(|service| service.replicas > 0) {
            for port in &service.ports {
                let key = (name.to_owned(), port.port);
                if let Some((of, _)) = self.frontends.get_mut(&key) {
                    of.clone_from(&service.name);
                    continue;
                }
                let host = if service.public { [0, 0, 0, 0] } else { [127, 0, 0, 1] };
                let is_http = port.protocol == "http";
                let handle = self.runtime.handle().clone();
                match Frontend::open(&handle, (host, port.port).into(), is_http) {
                    Ok(frontend) => {
                        self.frontends.insert(key, (service.name.clone(), frontend));
                    }
                    Err(error) => {
                        let why = self.not_listening(port.port, &error);
                        faults.push(format!("port {} of `{}` {why}", port.port, service.name));
                    }
                }
            }
        }
        faults
    }

    /// Why a port cannot be listened on.
    fn not_listening(&self, port: u16, error: &std::io::Error) -> String {
        let others = self.frontends.iter().find(|((_, other), _)| *other == port);
        match (error.kind(), others) {
            (ErrorKind::AddrInUse, Some(((deployment, _), (service, _)))) => {
                format!("is that of `{service}` in `{deployment}`")
            }
            (ErrorKind::AddrInUse, None) => "is taken by another program".to_owned(),
            _ => format!("cannot be listened on: {error}"),
        }
    }
}

/// Files and volumes whose places are not their own in a folder of the service's.
fn misplaced(service: &Service) -> Vec<String> {
    let of = &service.name;
    let files = service.files.iter().map(|file| file.path.as_str());
    let volumes = service.volumes.iter().map(|volume| volume.path.as_str());
    let mut places: Vec<(PathBuf, &str)> = Vec::new();
    let mut faults = Vec::new();
    for path in files.chain(volumes) {
        let parts = Path::new(path).components();
        let mut place = PathBuf::new();
        let mut leads_out = false;
        for part in parts {
            match part {
                Component::Normal(name) => place.push(name),
                Component::ParentDir => leads_out = true,
                _ => {}
            }
        }
        if leads_out || place.as_os_str().is_empty() {
            faults.push(format!("`{path}` of `{of}` is no place within its folder"));
            continue;
        }
        let within =
            |(other, _): &&(PathBuf, &str)| other.starts_with(&place) || place.starts_with(other);
        match places.iter().find(within) {
            Some((_, other)) => faults.push(format!(
                "`{other}` and `{path}` of `{of}` are one within the other; they need two places"
            )),
            None => places.push((place, path)),
        }
    }
    faults
}

/// Bytes that all services may use together, and the largest of the jobs beside them: which jobs
/// meet in an hour was the plan's to choose.
fn most_memory(loaded: &Loaded) -> u64 {
    let of = |service: &Service| {
        let each = service.limits.memory_bytes.unwrap_or(0);
        each.saturating_mul(u64::from(service.replicas))
    };
    let services = loaded.tree.services.iter().map(of).fold(0, u64::saturating_add);
    let job = loaded.tree.jobs.iter().map(|job| of(&job.process)).max();
    services.saturating_add(job.unwrap_or(0))
}

/// Bytes of memory of this machine.
fn machine_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Reads the package of the store, checks who signed it, and unpacks it if it is not yet. Gives who
/// signed it.
fn unpacked(folders: &Folders, deployment: &str, id: &str) -> Result<Vec<Signer>, Vec<Diagnostic>> {
    let one = |found: Diagnostic| vec![found];
    let path = folders.packed(id);
    let file = std::fs::File::open(&path).map_err(|e| one(diagnostics::no_package(&path, &e)))?;
    let package = Package::read(file, &Limits::default()).map_err(one)?;
    if package.id() != id {
        return Err(one(diagnostics::other_package(&path)));
    }
    let trust = Trust::read(&folders.trust()).map_err(one)?;
    let today = day(SystemTime::now());
    let signers = package::verify(&package, &trust, today)?;
    let folder = folders.package(id);
    // One that was changed since is not what was signed: it is brought anew. What runs from it has
    // its files open.
    if folder.is_dir() && !drift::files(deployment, &folder, package.manifest()).is_empty() {
        std::fs::remove_dir_all(&folder).map_err(|e| one(diagnostics::no_folder(&folder, &e)))?;
    }
    if !folder.is_dir() {
        package::unpack(&package, &folder).map_err(one)?;
    }
    Ok(signers)
}
