//! `lock`: the versions of all dependencies chosen, fetched, and written down with their hashes.

use super::{Ended, Stop};
use crate::args::LockArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files, project};
use eclexia_diag::Sources;
use eclexia_project::resolve::Resolved;
use eclexia_project::source::full;
use eclexia_project::{Content, Keep, LOCK, Lock, Project, VENDOR, resolve};
use serde_json::json;

pub fn lock(console: &Console, args: &LockArgs) -> Ended {
    if let Some(deployment) = &args.deployment {
        return super::deploy::state::hold(console, deployment, args.reason.as_deref());
    }
    let mut sources = Sources::new();
    let project = project::here(&mut sources)?;
    let keep = args.update.as_deref().map_or(Keep::All, Keep::AllBut);
    let old = old_lock(&project, &mut sources);
    let resolved = choose(console, &project, old.as_ref(), keep, sources)?;
    let changes = resolved.lock.changes(old.as_ref().unwrap_or(&Lock::default()));
    if args.check {
        let is_new = !is_written(&project, &resolved.lock);
        tell(console, &project, &resolved.lock, &changes, is_new);
        return Ok(if is_new { Exit::Error } else { Exit::Done });
    }
    let is_new = save(&project, &resolved)?;
    tell(console, &project, &resolved.lock, &changes, is_new);
    if !changes.is_empty() && project.beside(VENDOR).is_dir() {
        console.say("vendor/ holds what was locked before: run `eclexia vendor`.\n");
    }
    Ok(Exit::Done)
}

/// The lock as it is; one that cannot be read counts as none, since it is about to be replaced.
pub fn old_lock(project: &Project, sources: &mut Sources) -> Option<Lock> {
    project.lock(sources).ok().flatten()
}

/// Resolves a project; stops with what stands in the way.
pub fn choose(
    console: &Console,
    project: &Project,
    old: Option<&Lock>,
    keep: Keep,
    mut sources: Sources,
) -> Result<Resolved, Stop> {
    let name = &project.manifest.name.value;
    let spinner = crate::console::Spinner::start(console, "resolving", name);
    let (resolved, found) = resolve(project, &project::store(), old, keep, &mut sources);
    drop(spinner);
    match resolved {
        Some(resolved) => Ok(resolved),
        None => Err(Stop::Placed(found, Box::new(sources))),
    }
}

fn is_written(project: &Project, lock: &Lock) -> bool {
    let path = project.beside(LOCK);
    match std::fs::read_to_string(path) {
        Ok(text) => text == lock.text(&full(&project.root)),
        Err(_) => lock.packages.is_empty(),
    }
}

/// Keeps the contents of what was fetched, and writes the lock; whether it is another one.
pub fn save(project: &Project, resolved: &Resolved) -> Result<bool, Stop> {
    for (name, content) in &resolved.contents {
        let is_fetched = resolved.lock.packages.get(name).is_some_and(|l| l.commit.is_some());
        if is_fetched {
            keep(content)?;
        }
    }
    if is_written(project, &resolved.lock) {
        return Ok(false);
    }
    let text = resolved.lock.text(&full(&project.root));
    files::write(&project.beside(LOCK), text.as_bytes())?;
    Ok(true)
}

/// Contents are kept, to be there when their source is not.
pub fn keep(content: &Content) -> Result<(), Stop> {
    let store = project::store();
    let folder = store.package(&content.hash()).display().to_string();
    store.keep(content).map_err(|error| diagnostics::write_failed(&folder, &error).into())
}

pub fn tell(console: &Console, project: &Project, lock: &Lock, changes: &[String], is_new: bool) {
    if console.global.json {
        let root = full(&project.root);
        let packages: Vec<_> = lock
            .packages
            .iter()
            .map(|(name, l)| {
                json!({"name": name, "version": l.version.to_string(),
                    "source": l.source.shown(&root), "commit": l.commit, "hash": l.hash})
            })
            .collect();
        let format = "eclexia-lock/1";
        console.json(&json!({"format": format, "changes": is_new, "packages": packages}));
        return;
    }
    for line in changes {
        console.say(&format!("{line}\n"));
    }
    let count = lock.packages.len();
    let noun = if count == 1 { "package" } else { "packages" };
    match is_new {
        false if count == 0 => console.say("This project has no dependencies to lock.\n"),
        true => console.say(&format!("Locked {count} {noun} in {LOCK}.\n")),
        false => console.say(&format!("{LOCK} is up to date: {count} {noun}.\n")),
    }
}
