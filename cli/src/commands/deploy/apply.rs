//! `apply` and `rollback`: a package handed to the supervisor, and followed until it is there.

use super::settings::{self, given};
use super::{ask_to, fallen, folders, order, registry, who};
use crate::args::{ApplyArgs, RollbackArgs};
use crate::commands::grant::issuer;
use crate::commands::package::pack;
use crate::commands::program::elaborate;
use crate::commands::render::tell_lacks;
use crate::commands::sign::{key, open, sign_with};
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit};
use crate::{diagnostics, interrupt};
use eclexia_deploy::dates::day;
use eclexia_deploy::keys::{KeyFolder, SecretKey, TRUST_FILE, Trust};
use eclexia_deploy::package::{Package, is_name};
use eclexia_deploy::registry::{At, Event, Filter, State};
use eclexia_diag::{Diagnostic, Sources};
use eclexia_supervisor::control::{Reply, Request};
use eclexia_supervisor::folders::Folders;
use serde_json::json;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

/// How often it looks how far it is.
const NAP: Duration = Duration::from_millis(50);

pub fn apply(console: &Console, args: &ApplyArgs) -> Ended {
    let folders = folders()?;
    let is_package = |path: &&std::path::PathBuf| path.extension().is_some_and(|e| e == "eclpkg");
    let (package, by) = match args.file.as_ref().filter(is_package) {
        Some(path) => {
            let mut package = open(path)?;
            // Who is named stands for it, too.
            if let Some(name) = &args.key {
                let (name, key) = key(Some(name))?;
                sign_with(&mut package, &name, &key, None)?;
            }
            let first = || package.signatures().next().map_or_else(who, |s| s.signer.clone());
            let by = args.key.clone().unwrap_or_else(first);
            (package, by)
        }
        None => packed(console, args, &folders)?,
    };
    let deployment = match &args.name {
        Some(name) if !is_name(name) => return Err(diagnostics::bad_deployment_name(name).into()),
        Some(name) => name.clone(),
        None => package.manifest().deployment.clone(),
    };
    let needs_none = package.manifest().dependencies.is_empty() && args.from.is_empty();
    if !needs_none || args.dry_run {
        let resolved = order::resolved(console, &folders, &package, &deployment, &args.from)?;
        if args.dry_run {
            order::tell(console, &resolved, &deployment);
            return Ok(Exit::Done);
        }
        if resolved.steps.len() > 1 {
            return order::apply(console, &folders, args, (&package, &by), &resolved, &deployment);
        }
    }
    settings::are_of(args, &[])?;
    let id = package.id();
    package.store(&folders.packed(&id), &Trust::read(&folders.trust())?)?;
    let request = Request::Apply {
        deployment,
        package: id,
        plan: package.plan().id.clone(),
        by,
        confirm_within: args.confirm_within.map(milliseconds),
        hold: args.hold.map(milliseconds),
        settings: given(args, None, &package.manifest().configuration)?,
        window: args.window,
        user: Some(who()),
    };
    handed(console, &folders, request, args.no_wait || is_later(args))
}

pub fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whether it is not to be brought about yet.
pub fn is_later(args: &ApplyArgs) -> bool {
    let now = At::of(SystemTime::now());
    args.window.is_some_and(|window| !window.is_open(now))
}

pub fn rollback(console: &Console, args: &RollbackArgs) -> Ended {
    let folders = folders()?;
    let request =
        Request::Rollback { deployment: args.deployment.clone(), version: args.version, by: who() };
    handed(console, &folders, request, args.no_wait)
}

/// Plans, packs and signs a program.
fn packed(
    console: &Console,
    args: &ApplyArgs,
    folders: &Folders,
) -> Result<(Package, String), Stop> {
    let program = elaborate(console, args.file.as_deref())?;
    let deployment = program.deployment(&args.ships.which)?;
    let plan = program.plan_or_saved(console, deployment, &args.ships.saved)?;
    let mut package = pack(&program, deployment, &plan, &args.ships.include)?;
    let (_, lacks) = eclexia_targets::local::tree(deployment, &plan);
    tell_lacks(console, "not here", &lacks);
    let (name, key) = match &args.key {
        Some(name) => key(Some(name))?,
        None => own_key(console, &folders.data)?,
    };
    owner(console, &folders.data, &name, &key)?;
    sign_with(&mut package, &name, &key, None)?;
    Ok((package, name))
}

/// The owner's key, or the only one here; where there is none it is made, and trusted: this machine
/// is its owner's.
pub fn own_key(console: &Console, data: &Path) -> Result<(String, SecretKey), Stop> {
    let keys = KeyFolder::new(data);
    let path = data.join(TRUST_FILE);
    let mut trust = Trust::read(&path)?;
    if keys.list()?.iter().any(|pair| pair.has_secret) {
        return issuer(&trust, None);
    }
    let (name, key) = ("own", SecretKey::generate()?);
    keys.keep(name, &key)?;
    trust.trust(key.public(), name, None)?;
    trust.own(&key.public().id());
    trust.write(&path)?;
    console.say(&format!(
        "Made the key `{name}`, and trusted it here: packages are signed with it.\n"
    ));
    Ok((name.to_owned(), key))
}

/// A data folder that never had an owner gets one: whoever signs here for the first time with a key
/// that is trusted. Who can do this can write the trust store anyway.
fn owner(console: &Console, data: &Path, name: &str, key: &SecretKey) -> Result<(), Stop> {
    let path = data.join(TRUST_FILE);
    let mut trust = Trust::read(&path)?;
    let id = key.public().id();
    let has_owner = trust.keys().any(|(_, trusted)| trusted.is_owner);
    let is_trusted = trust.get(&id).is_some_and(|t| t.holds(day(SystemTime::now())));
    if has_owner || !is_trusted {
        return Ok(());
    }
    trust.own(&id);
    trust.write(&path)?;
    console.say(&format!("The key `{name}` is the owner's here: it may do everything.\n"));
    Ok(())
}

/// Asks for a version, and follows it.
pub fn handed(console: &Console, folders: &Folders, request: Request, no_wait: bool) -> Ended {
    // What happened before is not told again.
    let seen = registry(folders)?
        .map(|registry| {
            registry.events(&Filter { newest_first: true, limit: Some(1), ..Filter::default() })
        })
        .transpose()?
        .and_then(|events| events.first().map(|event| event.seq))
        .unwrap_or(0);
    let reply = ask_to(folders, request)?;
    let Reply::Version { deployment, number } = reply else { return Ok(Exit::Done) };
    if no_wait {
        if console.global.json {
            console.json(&json!({"format": "eclexia-apply/1", "deployment": deployment,
                "version": number, "state": "created"}));
        }
        console.say(&format!("Version {number} of {deployment} is under way: `eclexia status`.\n"));
        return Ok(Exit::Done);
    }
    follow(console, folders, (&deployment, number), seen)
}

/// Tells what happens until the version has ended, one way or another.
fn follow(
    console: &Console,
    folders: &Folders,
    (deployment, number): (&str, u32),
    mut seen: u64,
) -> Ended {
    // The version is recorded, so there is a registry.
    let Some(registry) = registry(folders)? else { return Ok(Exit::Done) };
    let mut faults = Vec::new();
    let version = until(|| {
        let filter = Filter {
            deployment: Some(deployment.to_owned()),
            after: Some(seen),
            ..Filter::default()
        };
        for event in registry.events(&filter)? {
            seen = event.seq;
            tell(console, &event);
            faults.extend(fault(&event));
        }
        let version = registry.version(deployment, number)?;
        let waits = |v: &eclexia_deploy::registry::Version| {
            v.state.is_end() || (v.state == State::Activating && v.confirm.is_some())
        };
        Ok(version.filter(waits))
    })?;
    if console.global.json {
        console.json(&json!({"format": "eclexia-apply/1", "deployment": deployment,
            "version": number, "state": version.state, "reason": version.reason}));
    }
    match version.state {
        State::Completed => {
            console.say(&format!("Version {number} of {deployment} runs.\n"));
            addresses(console, folders, deployment);
            Ok(Exit::Done)
        }
        State::Activating => {
            let minutes = version.confirm.unwrap_or(0) / 1000;
            console.say(&format!(
                "Version {number} of {deployment} is taken back in {minutes} s unless it is \
                 confirmed:\n  eclexia confirm {deployment}\n"
            ));
            Ok(Exit::Done)
        }
        _ => {
            let mut words = Vec::new();
            for service in fallen::unready(&registry, &version)? {
                let word = fallen::last_word(folders, &version, &service);
                words.push((service, word));
            }
            let why = version.reason.unwrap_or_default();
            let kept = version.before.filter(|_| version.state == State::RolledBack);
            faults.push(diagnostics::not_deployed((deployment, number), &why, &words, kept));
            Ok(console.report(&faults, &Sources::new()))
        }
    }
}

fn tell(console: &Console, event: &Event) {
    if console.global.json {
        console.json(&serde_json::to_value(event).unwrap_or_default());
    }
    let what = event.status.as_deref().unwrap_or(&event.kind);
    console.say(&format!("  {what:<12} {}\n", event.detail));
}

/// What a version failed for, where that has a code of its own.
fn fault(event: &Event) -> Option<Diagnostic> {
    let mut codes = eclexia_diag::catalogue::codes();
    let code = codes.find(|code| event.status.is_none() && *code == event.kind)?;
    let (message, help) = event.detail.split_once("; ")?;
    Some(Diagnostic::without_place(code, message).help(help))
}

fn addresses(console: &Console, folders: &Folders, deployment: &str) {
    let Some(Reply::Status(status)) = super::asked_status(folders) else { return };
    let of = status.deployments.iter().filter(|d| d.name == deployment);
    for service in of.flat_map(|d| &d.services) {
        for address in &service.addresses {
            console.say(&format!("  {} at {address}\n", service.name));
        }
    }
    let of = status.deployments.iter().filter(|d| d.name == deployment);
    for job in of.flat_map(|d| &d.jobs) {
        console.say(&format!("  job {} {}\n", job.name, super::status::told(job)));
    }
}

/// Asks again and again until there is an answer, or Ctrl-C.
pub fn until<T>(mut ask: impl FnMut() -> Result<Option<T>, Diagnostic>) -> Result<T, Stop> {
    let is_over = interrupt::flag();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if is_over.load(Ordering::Relaxed) {
            return Err(Stop::Reported(Exit::Interrupted));
        }
        std::thread::sleep(NAP);
    }
}
