//! `status`: deployments, their services and replicas, as the supervisor sees them.

use super::{ask, fallen, folders, known, registry};
use crate::args::StatusArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit};
use crate::interrupt;
use eclexia_deploy::registry::{At, Lock, Version};
use eclexia_diag::Diagnostic;
use eclexia_supervisor::client::is_needed;
use eclexia_supervisor::control::{
    DeploymentStatus, InstanceStatus, JobStatus, Reply, Request, ServiceStatus, Status,
};
use eclexia_supervisor::folders::Folders;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::time::Duration;

const AGAIN: Duration = Duration::from_secs(1);

pub fn status(console: &Console, args: &StatusArgs) -> Ended {
    let folders = folders()?;
    known(&folders, args.deployment.as_deref())?;
    let is_over = interrupt::flag();
    loop {
        once(console, args, &folders)?;
        if !args.watch || is_over.load(Ordering::Relaxed) {
            return Ok(Exit::Done);
        }
        std::thread::sleep(AGAIN);
        if is_over.load(Ordering::Relaxed) {
            return Ok(Exit::Done);
        }
    }
}

fn once(console: &Console, args: &StatusArgs, folders: &Folders) -> Result<(), Diagnostic> {
    let is_wanted = |name: &str| args.deployment.as_ref().is_none_or(|wanted| wanted == name);
    let registry = registry(folders)?;
    let mut fallen = registry.as_ref().map_or(Ok(Vec::new()), fallen::fallen)?;
    fallen.retain(|version| is_wanted(&version.deployment));
    let Some(registry) = registry.filter(|registry| is_needed(registry).unwrap_or(true)) else {
        if console.global.json {
            let nothing = serde_json::json!({"deployments": []});
            console.json(&as_json(nothing, &fallen));
            return Ok(());
        }
        let mut text = String::new();
        show_fallen(&mut text, &fallen);
        console.out(&text);
        console.say("Nothing is deployed here: `eclexia apply FILE` does it.\n");
        return Ok(());
    };
    let Reply::Status(mut status) = ask(folders, &Request::Status)? else { return Ok(()) };
    status.deployments.retain(|deployment| is_wanted(&deployment.name));
    // Of one that is still being stopped the supervisor tells itself.
    fallen.retain(|version| status.deployments.iter().all(|d| d.name != version.deployment));
    if console.global.json {
        let known = serde_json::to_value(&status).unwrap_or_default();
        console.json(&as_json(known, &fallen));
        return Ok(());
    }
    let mut text = String::new();
    if args.watch && std::io::stdout().is_terminal() {
        text.push_str("\u{1b}[2J\u{1b}[H");
    }
    for deployment in &status.deployments {
        let lock = registry.lock_of(&deployment.name)?;
        show(&mut text, deployment, lock.as_ref());
    }
    show_fallen(&mut text, &fallen);
    limits(&mut text, &status);
    console.out(&text);
    Ok(())
}

fn as_json(mut value: serde_json::Value, fallen: &[Version]) -> serde_json::Value {
    value["format"] = "eclexia-status/1".into();
    value["failed"] = fallen
        .iter()
        .map(|version| {
            serde_json::json!({"deployment": version.deployment, "version": version.number,
                "reason": version.reason})
        })
        .collect();
    value
}

/// Deployments of which nothing runs because their newest version failed.
fn show_fallen(text: &mut String, fallen: &[Version]) {
    for Version { deployment, number, reason, .. } in fallen {
        let _ = writeln!(text, "{deployment} version {number}: failed, and nothing of it runs");
        if let Some(reason) = reason {
            let _ = writeln!(text, "  {reason}");
        }
        text.push('\n');
    }
}

fn show(text: &mut String, deployment: &DeploymentStatus, lock: Option<&Lock>) {
    let state = deployment.state.map_or("", |state| state.name());
    let version = deployment.version.map_or(String::new(), |n| format!(" version {n}"));
    let _ = writeln!(text, "{}{version}: {state}", deployment.name);
    if let Some(reason) = &deployment.reason {
        let _ = writeln!(text, "  {reason}");
    }
    if deployment.running != deployment.version
        && let Some(running) = deployment.running
    {
        let _ = writeln!(text, "  version {running} runs");
    }
    if let Some(at) = deployment.confirm_by {
        let name = &deployment.name;
        let _ = writeln!(text, "  taken back at {at} unless `eclexia confirm {name}`");
    }
    if let Some(lock) = lock {
        let _ = writeln!(
            text,
            "  held by {} since {} ({}): `eclexia unlock {} {}`",
            lock.owner, lock.at, lock.reason, deployment.name, lock.id
        );
    }
    for service in &deployment.services {
        show_service(text, service);
    }
    for job in &deployment.jobs {
        let _ = writeln!(text, "  job {}  {}", job.name, told(job));
        for instance in &job.instances {
            let _ = writeln!(text, "    {}", line(instance, job.memory_limit));
        }
    }
    text.push('\n');
}

fn show_service(text: &mut String, service: &ServiceStatus) {
    let variant = match service.variant.as_str() {
        "" | "default" => String::new(),
        variant => format!(" ({variant})"),
    };
    let at = match &service.addresses[..] {
        [] => String::new(),
        all => format!(" at {}", all.join(", ")),
    };
    let asked = match (service.requests, service.failed) {
        (0, _) => String::new(),
        (n, 0) => format!(", {n} requests"),
        (n, failed) => format!(", {n} requests, {failed} failed"),
    };
    let _ = writeln!(
        text,
        "  {}{variant}  {}/{} ready{at}{asked}",
        service.name, service.ready, service.replicas
    );
    for instance in &service.instances {
        let _ = writeln!(text, "    {}", line(instance, service.memory_limit));
    }
}

/// `waits until 2026-12-03T02:00:00Z`
pub fn told(job: &JobStatus) -> String {
    let at = |at: Option<At>| at.map_or(String::new(), |at| format!(" {at}"));
    let why = job.said.as_ref().map_or(String::new(), |said| format!(": {said}"));
    let next = job.next.map_or(String::new(), |next| format!(", next {next}"));
    let day = job.day.as_ref().map_or(String::new(), |day| format!(" for {day}"));
    match job.state.as_str() {
        "waiting" if !job.waits_for.is_empty() => {
            format!("waits for {}, which it needs", job.waits_for.join(", "))
        }
        "waiting" => match (job.failures, job.next) {
            (0, Some(next)) => format!("waits until {next}"),
            (0, None) => "waits".to_owned(),
            (n, next) => format!("failed at try {n}{why}; it is tried again{}", at(next)),
        },
        "running" | "stopping" => format!("is {} since{}", job.state, at(job.since)),
        "done" => format!("is done{day} since{}{next}", at(job.since)),
        state => format!("is {state}{day}{why}{next}"),
    }
}

fn line(instance: &InstanceStatus, memory_limit: Option<u64>) -> String {
    let mut parts = vec![format!("{:<9}", instance.health), instance.id.clone()];
    parts.extend(instance.pid.map(|pid| format!("process {pid}")));
    if let Some(bytes) = instance.used.memory_bytes {
        let of = memory_limit.map_or(String::new(), |most| format!(" of {}", size(most)));
        parts.push(format!("{}{of}", size(bytes)));
    }
    if let Some(micros) = instance.used.cpu_micros {
        parts.push(format!("{:.1} s of cores", micros as f64 / 1e6));
    }
    if instance.restarts > 0 {
        parts.push(format!("restarts {}", instance.restarts));
    }
    parts.extend(instance.said.clone());
    parts.join("  ")
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes >> 10),
        1_048_576..10_737_418_240 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}

/// What this machine can hold services to, and what it cannot.
fn limits(text: &mut String, status: &Status) {
    let able = &status.able;
    let lacks =
        ["memory", "cpu", "pids"].into_iter().filter(|c| !able.cgroups.iter().any(|a| a == c));
    let lacks: Vec<&str> = lacks.collect();
    if !lacks.is_empty() {
        let memory =
            if lacks.contains(&"memory") { "; memory by address space instead" } else { "" };
        let _ = writeln!(text, "Not limited here by cgroups: {}{memory}.", lacks.join(", "));
    }
    if !able.landlock {
        text.push_str("Files are not restricted here: this kernel has no Landlock.\n");
    }
    let _ = writeln!(text, "Supervisor {} since {}.", status.supervisor, At(status.since.0));
}
