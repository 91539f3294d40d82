//! The registry of deployments: looked into, locked, copied, put back.

use super::{folders, names, registry, token, who};
use crate::args::{StateVerb, UnlockArgs};
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_deploy::grants::{Token, Verb};
use eclexia_deploy::registry::{self as registries, At, Lock, Registry};
use eclexia_supervisor::client::{self, Only};
use eclexia_supervisor::control::Request;
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::record::Record;
use std::fmt::Write;
use std::path::Path;
use std::time::SystemTime;

/// `lock DEPLOYMENT`.
pub fn hold(console: &Console, deployment: &str, reason: Option<&str>) -> Ended {
    let folders = folders()?;
    let mut registry = writable(&folders, deployment)?;
    let reason = reason.unwrap_or("no reason given");
    let owner = holder(&folders, deployment)?;
    let lock = Lock::new(deployment, &owner, reason, At::of(SystemTime::now()));
    registry.lock(&lock)?;
    if console.global.json {
        console.json(&serde_json::to_value(&lock).unwrap_or_default());
    }
    let Lock { deployment, id, .. } = &lock;
    console
        .say(&format!("{deployment} is held. Give it back:  eclexia unlock {deployment} {id}\n"));
    Ok(Exit::Done)
}

pub fn unlock(console: &Console, args: &UnlockArgs) -> Ended {
    let folders = folders()?;
    holder(&folders, &args.deployment)?;
    writable(&folders, &args.deployment)?.unlock(&args.deployment, &args.id)?;
    console.say(&format!("{} is not held any more.\n", args.deployment));
    Ok(Exit::Done)
}

/// Who holds a lock: the key of a token, which must be one that may change the deployment, as the
/// supervisor calls it when it asks for changes; else the user.
fn holder(folders: &Folders, deployment: &str) -> Result<String, Stop> {
    let Some(token) = token() else { return Ok(who()) };
    let who = Token::check_at(&folders.data, &token, At::of(SystemTime::now()))?;
    who.may(Verb::Deploy, Some(deployment))?;
    Ok(who.name)
}

/// To write beside the supervisor, in a transaction of its own, about what is deployed.
fn writable(folders: &Folders, deployment: &str) -> Result<Registry, Stop> {
    let names = names(folders)?;
    if !names.iter().any(|name| name == deployment) {
        return Err(diagnostics::never_deployed(Some(deployment), &names).into());
    }
    Ok(Registry::open(&folders.registry())?)
}

pub fn state(console: &Console, verb: &StateVerb) -> Ended {
    let folders = folders()?;
    match verb {
        StateVerb::List => list(console, &folders, None),
        StateVerb::Show { deployment } => list(console, &folders, Some(deployment)),
        StateVerb::Export { output } => {
            let bytes = registries::export(&Registry::open(&folders.registry())?)?;
            files::write(output, &bytes)?;
            console.say(&format!("Wrote {}.\n", output.display()));
            Ok(Exit::Done)
        }
        StateVerb::Import { file } => {
            let (_, bytes) = files::read(file)?;
            registries::import(&mut Registry::open(&folders.registry())?, &bytes)?;
            console.say("Imported; processes of the other machine are not.\n");
            Ok(Exit::Done)
        }
        StateVerb::Backup { output } => backup(console, &folders, output),
        StateVerb::Restore { file } => restore(console, &folders, file),
    }
}

fn list(console: &Console, folders: &Folders, only: Option<&String>) -> Ended {
    let Some(registry) = registry(folders)? else {
        console.say("Nothing was ever deployed here.\n");
        return Ok(Exit::Done);
    };
    let all = registry.deployments()?;
    let names: Vec<String> = all.iter().map(|d| d.name.clone()).collect();
    if let Some(name) = only.filter(|name| !names.contains(name)) {
        return Err(diagnostics::never_deployed(Some(name), &names).into());
    }
    let mut text = String::new();
    for deployment in all.iter().filter(|d| only.is_none_or(|name| d.name == *name)) {
        let versions = registry.versions(&deployment.name)?;
        let instances = registry.instances()?;
        let own = instances.iter().filter(|instance| instance.deployment == deployment.name);
        let record = deployment.wanted.and_then(|number| {
            // One that cannot be read is told of when the version is deployed anew.
            Record::read(folders, &deployment.name, number).ok()
        });
        let settings = record.map(|record| record.settings).unwrap_or_default();
        if console.global.json {
            console.json(
                &serde_json::json!({"format": "eclexia-state/1", "deployment": deployment,
                "versions": versions, "instances": own.clone().collect::<Vec<_>>(),
                "settings": settings}),
            );
        }
        let runs = deployment.wanted.map_or("nothing".to_owned(), |n| format!("version {n}"));
        let _ = writeln!(
            text,
            "{}: {runs} is wanted, {} versions, {} processes",
            deployment.name,
            versions.len(),
            own.clone().count()
        );
        for (name, value) in settings.iter().filter(|_| only.is_some()) {
            let _ = writeln!(text, "  setting   {name} = {value}");
        }
        for instance in own.filter(|_| only.is_some()) {
            let pid = instance.process.as_ref().map_or(String::new(), |p| p.pid.to_string());
            let _ = writeln!(text, "  {:<9} {} {pid}", instance.phase.name(), instance.id);
        }
    }
    console.say(&text);
    Ok(Exit::Done)
}

fn backup(console: &Console, folders: &Folders, output: &Path) -> Ended {
    if output.exists() {
        return Err(diagnostics::already_exists(&output.display().to_string()).into());
    }
    let Some(registry) = registry(folders)? else {
        console.say("Nothing was ever deployed here.\n");
        return Ok(Exit::Done);
    };
    registry.backup(output)?;
    console.say(&format!("Wrote {}.\n", output.display()));
    Ok(Exit::Done)
}

fn restore(console: &Console, folders: &Folders, file: &Path) -> Ended {
    // What runs goes on; the next supervisor takes it up by what the backup says.
    client::ask_running(folders, &Request::Leave);
    let only = Only::wait(folders)?;
    let kept = registries::restore(file, &folders.registry())?;
    drop(only);
    let kept = kept.map_or(String::new(), |path| format!(" What was there is {}.", path.display()));
    console.say(&format!("Restored.{kept}\n"));
    Ok(Exit::Done)
}
