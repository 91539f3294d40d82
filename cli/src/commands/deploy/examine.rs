//! `debug NAME` and `verify-instance`: what is looked at, one finding to a line, each as it
//! should be or with what to do about it.

mod jobs;

use super::{ask, fallen, folders, registry};
use crate::args::{DebugArgs, VerifyInstanceArgs};
use crate::commands::Ended;
use crate::console::{Console, Exit};
use crate::diagnostics;
use eclexia_deploy::dates::day;
use eclexia_deploy::keys::{TRUST_FILE, Trust};
use eclexia_deploy::package::{self, Limits, MODEL, PLAN, Package};
use eclexia_deploy::registry::{At, Filter, Instance, Registry, Version};
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Plan};
use eclexia_supervisor::control::{
    DeploymentStatus, Drift, InstanceStatus, JobStatus, Reply, Request, ServiceStatus, Status,
};
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::launch::Spec;
use eclexia_supervisor::{is_running, kept_by};
use eclexia_targets::local::{Service, tree};
use serde::Serialize;
use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

/// How long a port may take to be connected to.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far back ends of processes count, milliseconds.
const LATELY: u64 = 3_600_000;

/// Something that was looked at.
#[derive(Serialize)]
struct Finding {
    /// `connectivity`, `resources`, …
    area: &'static str,
    is_well: bool,
    what: String,
    /// What to do about it; empty where it is well.
    help: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    /// It should be so; else this helps.
    fn check(&mut self, area: &'static str, is_well: bool, what: String, help: &str) {
        let help = if is_well { String::new() } else { help.to_owned() };
        self.0.push(Finding { area, is_well, what, help });
    }

    fn tell(&self, console: &Console) -> Exit {
        for finding in &self.0 {
            if console.global.json {
                console.json(&serde_json::to_value(finding).unwrap_or_default());
                continue;
            }
            let mark = if finding.is_well { "ok   " } else { "FAULT" };
            console.out(&format!("{mark}  {:<12}  {}\n", finding.area, finding.what));
            if !finding.help.is_empty() {
                console.out(&format!("{:21}{}\n", "", finding.help));
            }
        }
        if self.0.iter().all(|finding| finding.is_well) { Exit::Done } else { Exit::Error }
    }
}

/// What runs; a supervisor is asked, and begun where none runs.
fn status(folders: &Folders) -> Result<Status, Diagnostic> {
    match ask(folders, &Request::Status)? {
        Reply::Status(status) => Ok(*status),
        _ => Ok(Status::of_nothing()),
    }
}

pub fn debug(console: &Console, args: &DebugArgs) -> Ended {
    let folders = folders()?;
    let status = status(&folders)?;
    let mut findings = Findings::default();
    let registry = registry(&folders)?;
    let (deployment, of) = match (looked_at(&status, args), &registry) {
        (Err(unknown), Some(registry)) => {
            return match of_fallen(&mut findings, (&folders, registry), args)? {
                true => Ok(findings.tell(console)),
                false => Err(unknown.into()),
            };
        }
        (found, _) => found?,
    };
    let planned = planned(&folders, deployment, &args.service)?;
    match of {
        Of::Service(service) => {
            connectivity(&mut findings, service);
            resources(&mut findings, service);
            if let Some(registry) = &registry {
                let resource = format!("service {}", service.name);
                let of = (deployment.name.as_str(), resource);
                check_ends(&mut findings, registry, of, ("an hour", LATELY), &ENDS)?;
            }
            if let Some(planned) = &planned {
                permissions(&mut findings, &folders, planned);
                volumes(&mut findings, &folders, deployment, planned);
            }
        }
        Of::Job(job) => {
            let (known, of) = ((&folders, registry.as_ref()), (deployment, job));
            jobs::job(&mut findings, known, of, planned.as_ref())?;
        }
    }
    if let Some(planned) = &planned {
        dependencies(&mut findings, deployment, planned);
    }
    Ok(findings.tell(console))
}

/// What is found of a service that does not run because its version failed; whether it is one.
fn of_fallen(
    findings: &mut Findings,
    (folders, registry): (&Folders, &Registry),
    args: &DebugArgs,
) -> Result<bool, Diagnostic> {
    let name = &args.service;
    let is_wanted =
        |version: &&Version| args.deployment.as_ref().is_none_or(|n| *n == version.deployment);
    let mut is_one = false;
    for version in fallen::fallen(registry)?.iter().filter(is_wanted) {
        if !fallen::unready(registry, version)?.contains(name) {
            continue;
        }
        is_one = true;
        let Version { deployment, number, reason, .. } = version;
        let reason = reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
        let what = format!("version {number} of {deployment} failed{reason}");
        findings.check("deployment", false, what, "mend it, and apply it again");
        if let Some(word) = fallen::last_word(folders, version, name) {
            let help = format!("`eclexia logs {name}` shows all of it");
            findings.check("log", false, format!("the last line that it wrote: {word}"), &help);
        }
        let of = (deployment.as_str(), format!("service {name}"));
        check_ends(findings, registry, of, ("an hour", LATELY), &ENDS)?;
    }
    Ok(is_one)
}

enum Of<'a> {
    Service(&'a ServiceStatus),
    Job(&'a JobStatus),
}

/// The service or job of this name. A deployment that runs here has no two of one name.
fn looked_at<'a>(
    status: &'a Status,
    args: &DebugArgs,
) -> Result<(&'a DeploymentStatus, Of<'a>), Diagnostic> {
    let mut found = Vec::new();
    let is_wanted = |d: &&DeploymentStatus| args.deployment.as_ref().is_none_or(|n| *n == d.name);
    for deployment in status.deployments.iter().filter(is_wanted) {
        let services = deployment.services.iter().filter(|one| one.name == args.service);
        let jobs = deployment.jobs.iter().filter(|one| one.name == args.service);
        let all = services.map(Of::Service).chain(jobs.map(Of::Job));
        found.extend(all.map(|of| (deployment, of)));
    }
    match found.len() {
        0 => Err(diagnostics::no_service(&args.service, &names(status))),
        1 => Ok(found.remove(0)),
        _ => {
            let names: Vec<String> = found.iter().map(|(d, _)| d.name.clone()).collect();
            Err(diagnostics::which_deployment(&names))
        }
    }
}

fn names(status: &Status) -> Vec<String> {
    let services = status.deployments.iter().flat_map(|d| &d.services).map(|one| &one.name);
    let jobs = status.deployments.iter().flat_map(|d| &d.jobs).map(|one| &one.name);
    services.chain(jobs).cloned().collect()
}

/// The service, or a job's process, as the version that runs has it.
fn planned(
    folders: &Folders,
    deployment: &DeploymentStatus,
    name: &str,
) -> Result<Option<Service>, Diagnostic> {
    let number = deployment.running.or(deployment.version);
    let Some((registry, number)) = registry(folders)?.zip(number) else { return Ok(None) };
    let Some(version) = registry.version(&deployment.name, number)? else { return Ok(None) };
    let folder = folders.package(&version.package);
    let read = |name: &str| std::fs::read(folder.join(name)).ok();
    let model: Option<Deployment> =
        read(MODEL).and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let plan = read(PLAN).and_then(|bytes| Plan::from_json(&bytes).ok());
    let Some((model, plan)) = model.zip(plan) else { return Ok(None) };
    let (tree, _) = tree(&model, &plan);
    Ok(tree.processes().find(|of| of.name == name).cloned())
}

fn answers(address: SocketAddr) -> Result<(), String> {
    TcpStream::connect_timeout(&address, PATIENCE).map(drop).map_err(|error| error.to_string())
}

fn connectivity(findings: &mut Findings, service: &ServiceStatus) {
    let area = "connectivity";
    let what = format!("{} of {} replicas are ready", service.ready, service.replicas);
    findings.check(area, service.ready >= service.replicas, what, "its replicas follow");
    for address in service.addresses.iter().filter_map(|address| address.parse().ok()) {
        let answered = answers(address);
        let said = answered.as_ref().err().map_or(String::new(), |why| format!(": {why}"));
        let what = format!("its port at {address} takes connections{said}");
        findings.check(area, answered.is_ok(), what, "is another program listening there?");
    }
    for instance in &service.instances {
        let id = &instance.id;
        let help = "`eclexia logs` shows what it wrote";
        findings.check(area, instance.health == "ready", health(instance), help);
        for (port, own) in &instance.ports {
            let answered = answers(([127, 0, 0, 1], *own).into());
            let said = answered.as_ref().err().map_or(String::new(), |why| format!(": {why}"));
            let what = format!("{id} listens at {own} for port {port}{said}");
            findings.check(area, answered.is_ok(), what, "let it listen at $PORT of 127.0.0.1");
        }
    }
}

fn health(instance: &InstanceStatus) -> String {
    let InstanceStatus { id, health, said, .. } = instance;
    let said = said.as_ref().map_or(String::new(), |said| format!(" ({said})"));
    format!("{id} is {health}{said}")
}

fn check_memory(
    findings: &mut Findings,
    instance: &InstanceStatus,
    limit: Option<u64>,
    help: &str,
) {
    if let (Some(used), Some(most)) = (instance.used.memory_bytes, limit) {
        let percent = used * 100 / most.max(1);
        let what = format!("{} uses {percent} % of its memory ({} MiB)", instance.id, most >> 20);
        findings.check("resources", percent < 90, what, help);
    }
}

fn resources(findings: &mut Findings, service: &ServiceStatus) {
    for instance in &service.instances {
        check_memory(findings, instance, service.memory_limit, "raise `:memory` of its variant");
        let what = format!("restarts of {}: {}", instance.id, instance.restarts);
        let help = "the ends below and `eclexia logs` say why";
        findings.check("resources", instance.restarts == 0, what, help);
    }
}

/// How processes of a service may end, and what helps.
const ENDS: [(&str, &str); 5] = [
    ("memory-exceeded", "raise `:memory` of its variant, or mend what takes it"),
    ("security-violation", "it asks the system for what no service may do"),
    ("not-started", "its log says what could not be set up"),
    ("log-flood", "it writes more than 4 MiB a second, and waits for that"),
    ("liveness", "its liveness check fails; does it hang?"),
];

/// Ends of its processes lately: of these kinds there should be none.
fn check_ends(
    findings: &mut Findings,
    registry: &Registry,
    (deployment, resource): (&str, String),
    (span, milliseconds): (&str, u64),
    kinds: &[(&str, &str)],
) -> Result<(), Diagnostic> {
    let now = At::of(SystemTime::now());
    let filter = Filter {
        deployment: Some(deployment.to_owned()),
        resource: Some(resource),
        from: Some(At(now.0.saturating_sub(milliseconds))),
        newest_first: true,
        limit: Some(1000),
        ..Filter::default()
    };
    let events = registry.events(&filter)?;
    for (kind, help) in kinds {
        let count = events.iter().filter(|event| event.kind == *kind).count();
        findings.check("resources", count == 0, format!("{kind} within {span}: {count}"), help);
    }
    Ok(())
}

fn permissions(findings: &mut Findings, folders: &Folders, service: &Service) {
    let area = "permissions";
    for entry in &service.env {
        if let eclexia_model::EnvValue::Secret { secret, key } = &entry.value {
            let path = folders.secret(secret, key);
            let read = std::fs::read(&path);
            let said = read.as_ref().err().map_or(String::new(), |why| format!(": {why}"));
            let what = format!("the secret {secret}/{key} can be read{said}");
            findings.check(area, read.is_ok(), what, &format!("put it into {}", path.display()));
        }
    }
    let network = match (service.isolated, service.needs.is_empty(), service.ports.is_empty()) {
        (false, ..) => "it may connect anywhere",
        (true, true, true) => "it is isolated: it has no network",
        (true, ..) => "it is isolated: it listens at its ports and reaches what it needs",
    };
    findings.check(area, true, network.to_owned(), "");
}

fn volumes(
    findings: &mut Findings,
    folders: &Folders,
    deployment: &DeploymentStatus,
    service: &Service,
) {
    for volume in &service.volumes {
        for ordinal in 0..if volume.per_replica { service.replicas } else { 1 } {
            let folder = folders.volume(&deployment.name, volume, ordinal);
            let what = format!("the volume {} is at {}", volume.name, folder.display());
            let help = "start it again: the folder is made anew";
            findings.check("permissions", folder.is_dir(), what, help);
        }
    }
}

fn dependencies(findings: &mut Findings, deployment: &DeploymentStatus, service: &Service) {
    for need in &service.needs {
        let other = deployment.services.iter().find(|other| other.name == need.service);
        let ready = other.map_or(0, |other| other.ready);
        let what = format!("{} has {ready} ready replicas", need.service);
        let help = format!("`eclexia debug {}` says why", need.service);
        findings.check("dependencies", ready > 0, what, &help);
        for port in &need.ports {
            let answered = answers(([127, 0, 0, 1], *port).into());
            let what = format!("{} is reached at 127.0.0.1:{port}", need.service);
            findings.check("dependencies", answered.is_ok(), what, &help);
        }
    }
}

/// Whether what runs is what was signed, and in the bounds that it was given.
pub fn verify_instance(console: &Console, args: &VerifyInstanceArgs) -> Ended {
    let folders = folders()?;
    let known = status(&folders)?;
    let Some(registry) = registry(&folders)? else {
        return Err(diagnostics::no_service(args.name.as_deref().unwrap_or("…"), &[]).into());
    };
    let wanted = |instance: &&Instance| {
        args.name.as_ref().is_none_or(|name| *name == instance.service || *name == instance.id)
    };
    let instances = registry.instances()?;
    let instances: Vec<&Instance> = instances.iter().filter(wanted).collect();
    if instances.is_empty() {
        let name = args.name.as_deref().unwrap_or("any service");
        return Err(diagnostics::no_service(name, &names(&known)).into());
    }
    let trust = Trust::read(&folders.data.join(TRUST_FILE))?;
    let mut findings = Findings::default();
    let mut packages: Vec<(&str, u32)> =
        instances.iter().map(|i| (i.deployment.as_str(), i.version)).collect();
    packages.dedup();
    for (deployment, number) in packages {
        signed(&mut findings, &folders, &registry, &trust, deployment, number)?;
    }
    let Reply::Drift(drifts) = ask(&folders, &Request::Drift { deployment: None })? else {
        return Ok(Exit::Done);
    };
    for instance in instances {
        running(&mut findings, &folders, instance);
        limits(&mut findings, instance, &drifts);
    }
    Ok(findings.tell(console))
}

/// The package of a version: whole, signed, and unpacked as it was signed.
fn signed(
    findings: &mut Findings,
    folders: &Folders,
    registry: &Registry,
    trust: &Trust,
    deployment: &str,
    number: u32,
) -> Result<(), Diagnostic> {
    let which = format!("version {number} of {deployment}");
    let help = "apply the package again, from where it can be trusted";
    let Some(version) = registry.version(deployment, number)? else { return Ok(()) };
    let path = folders.packed(&version.package);
    let read = File::open(&path)
        .map_err(|error| error.to_string())
        .and_then(|file| Package::read(file, &Limits::default()).map_err(|found| found.message));
    let package = match read {
        Ok(package) => package,
        Err(why) => {
            let what = format!("the package of {which} is whole: {why}");
            findings.check("package", false, what, help);
            return Ok(());
        }
    };
    let is_it = package.id() == version.package;
    let what = format!("{which} is package {}", &version.package[..12]);
    findings.check("package", is_it, what, help);
    match package::verify(&package, trust, day(SystemTime::now())) {
        Ok(signers) => {
            let names: Vec<String> = signers.into_iter().map(|signer| signer.name).collect();
            let what = format!("{which} is signed by {}", names.join(", "));
            findings.check("package", true, what, "");
        }
        Err(faults) => {
            let why: Vec<String> = faults.into_iter().map(|found| found.message).collect();
            let what = format!("{which} is signed: {}", why.join("; "));
            findings.check("package", false, what, "`eclexia key list` shows who is trusted");
        }
    }
    let folder = folders.package(&version.package);
    let others = eclexia_supervisor::changed_files(deployment, &folder, package.manifest());
    let named: Vec<String> = others.into_iter().map(|drift| drift.resource).collect();
    let what = match &named[..] {
        [] => format!("the files of {which} are those of its package"),
        named => format!("the files of {which} are those of its package: {}", named.join(", ")),
    };
    findings.check("files", named.is_empty(), what, help);
    Ok(())
}

/// A process is the one that was started, and has no privileges.
fn running(findings: &mut Findings, folders: &Folders, instance: &Instance) {
    let id = &instance.id;
    let Some(process) = instance.process.as_ref().filter(|process| is_running(process)) else {
        let help = "`eclexia debug` says why";
        findings.check("process", false, format!("{id} runs"), help);
        return;
    };
    // What a job is lies in the process that its own one keeps.
    let spec = std::fs::read(folders.spec(id)).ok();
    let spec = spec.and_then(|bytes| serde_json::from_slice::<Spec>(&bytes).ok());
    let is_kept = spec.is_some_and(|spec| spec.kept.is_some());
    let pid = is_kept.then(|| kept_by(process)).flatten().unwrap_or(process.pid);
    let read = |file: &str| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let mark = format!("ECLEXIA_INSTANCE={}", folders.mark_of(id)).into_bytes();
    let is_ours = read("environ").split(|byte| *byte == 0).any(|entry| entry == mark);
    let help = "end it: `eclexia destroy` and apply again";
    findings.check("process", is_ours, format!("process {pid} was started as {id}"), help);
    let status = String::from_utf8_lossy(&read("status")).into_owned();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().trim().to_owned()
    };
    for (name, wanted, what) in [
        ("NoNewPrivs", "1", "can gain no privileges"),
        ("Seccomp", "2", "is held to the calls that services may make"),
        ("CapEff", "0000000000000000", "has no capabilities"),
    ] {
        findings.check("privileges", field(name) == wanted, format!("{id} {what}"), help);
    }
}

fn limits(findings: &mut Findings, instance: &Instance, drifts: &[Drift]) {
    let of = |drift: &&Drift| {
        drift.deployment == instance.deployment && drift.what.ends_with(&instance.id)
    };
    let others: Vec<String> = drifts
        .iter()
        .filter(of)
        .map(|drift| format!("{}: {} wanted, {} found", drift.what, drift.wanted, drift.found))
        .collect();
    let what = match &others[..] {
        [] => format!("{} has the limits of its plan", instance.id),
        others => format!("{} has the limits of its plan: {}", instance.id, others.join(", ")),
    };
    let help = "somebody changed them: apply again, or set them back";
    findings.check("limits", others.is_empty(), what, help);
}
