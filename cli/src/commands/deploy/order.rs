//! A package with those that it needs: found, shown as a tree, and deployed in order, each through
//! all stages before the next begins.
//!
//! Always holds: every package is read whole and stored before the first is deployed. When one
//! does not come about, those that this command deployed before it are taken back: what is new is
//! destroyed, what was updated returns to what it was. An interrupted command takes nothing back.

use super::apply::{handed, is_later, milliseconds, until};
use super::destroy::destroy_one;
use super::settings::{are_of, given};
use super::{ask_to, registry, who};
use crate::args::ApplyArgs;
use crate::commands::sign::data;
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit};
use crate::diagnostics;
use eclexia_deploy::dates::day;
use eclexia_deploy::keys::{TRUST_FILE, Trust};
use eclexia_deploy::package::{Package, Setting, Values};
use eclexia_deploy::registry::State;
use eclexia_deploy::resolve::{Change, Known, Occupant, Offer, Places, Resolved, known, resolve};
use eclexia_supervisor::control::{Reply, Request};
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::record::Record;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What runs here and which packages there are.
pub fn known_here(folders: &Folders, from: &[PathBuf]) -> Result<Known, Stop> {
    let registry = registry(folders)?;
    let places = Places {
        registry: registry.as_ref(),
        store: &folders.packages(),
        folders: from,
        trust: &Trust::read(&data().join(TRUST_FILE))?,
        today: day(SystemTime::now()),
    };
    Ok(known(&places)?)
}

/// What is to be deployed with a package; what was passed over on the way is told.
pub fn resolved(
    console: &Console,
    folders: &Folders,
    package: &Package,
    deployment: &str,
    from: &[PathBuf],
) -> Result<Resolved, Stop> {
    let known = known_here(folders, from)?;
    for (path, why) in &known.unread {
        console.err(&format!("{} is passed over: {why}\n", path.display()));
    }
    let manifest = Offer::of(package.manifest(), Path::new(""));
    let root = Offer { deployment: deployment.to_owned(), ..manifest };
    Ok(resolve(&root, &known)?)
}

/// A request that is made though these deployments need what it changes.
pub fn along(request: Request, deployments: &[String]) -> Request {
    match deployments {
        [] => request,
        all => Request::Along { deployments: all.to_vec(), request: Box::new(request) },
    }
}

/// Shows what is needed by whom, and the order.
pub fn tell(console: &Console, resolved: &Resolved, root: &str) {
    if console.global.json {
        let steps = resolved.steps.iter().map(|name| step_value(name, &resolved.after[name]));
        let needs = resolved.after.keys().map(|name| (name.clone(), needs_value(resolved, name)));
        let needs: serde_json::Map<String, Value> =
            needs.filter(|(_, n)| *n != json!([])).collect();
        console.json(&json!({"format": "eclexia-order/1", "steps": steps.collect::<Vec<_>>(),
            "needs": needs}));
    }
    let mut text = String::new();
    branch(resolved, root, "", &mut BTreeSet::new(), &mut text);
    if resolved.steps.len() > 1 {
        text.push_str("In this order:\n");
        for name in &resolved.steps {
            let _ = writeln!(text, "  {}", titled(name, &resolved.after[name]));
        }
    }
    console.say(&text);
}

fn step_value(name: &str, one: &Occupant) -> Value {
    let Offer { name: package, version, id, .. } = &one.offer;
    let from = match &one.change {
        Change::Update { from, .. } => Some(from),
        Change::Kept | Change::New => None,
    };
    json!({"deployment": name, "package": package, "version": version, "id": id, "from": from})
}

fn needs_value(resolved: &Resolved, of: &str) -> Value {
    let need = |need| json!({"needs": need, "met-by": resolved.provider(of, need)});
    resolved.after[of].offer.needs.iter().map(need).collect()
}

/// `store 1.5.0`, with the deployment where that has another name, and what becomes of it.
fn titled(name: &str, one: &Occupant) -> String {
    let Offer { name: package, version, .. } = &one.offer;
    let title = match package == name {
        true => format!("{package} {version}"),
        false => format!("{package} {version} as {name}"),
    };
    match &one.change {
        Change::Kept => format!("{title}, which runs here"),
        Change::New => format!("{title}, new"),
        Change::Update { from, .. } => format!("{title}, in the place of {from}"),
    }
}

/// A deployment and below it what it needs; what was shown before is not shown again.
fn branch<'r>(
    resolved: &'r Resolved,
    name: &'r str,
    indent: &str,
    shown: &mut BTreeSet<&'r str>,
    text: &mut String,
) {
    let one = &resolved.after[name];
    let is_new = shown.insert(name);
    let above = if is_new || one.offer.needs.is_empty() { "" } else { " (above)" };
    let _ = writeln!(text, "{}{above}", titled(name, one));
    for (at, need) in one.offer.needs.iter().enumerate().filter(|_| is_new) {
        let is_last = at + 1 == one.offer.needs.len();
        let (fork, more) = if is_last { ("└─", "   ") } else { ("├─", "│  ") };
        let _ = write!(text, "{indent}{fork} {} {}: ", need.name, need.version);
        match resolved.provider(name, need) {
            Some(on) => branch(resolved, on, &format!("{indent}{more}"), shown, text),
            None => text.push_str("nothing here\n"),
        }
    }
}

/// A package that is ready to be deployed.
struct Ready<'r> {
    deployment: &'r str,
    one: &'r Occupant,
    package: String,
    plan: String,
    settings: Values,
}

/// Deploys all of it.
pub fn apply(
    console: &Console,
    folders: &Folders,
    args: &ApplyArgs,
    (package, by): (&Package, &str),
    resolved: &Resolved,
    root: &str,
) -> Ended {
    if is_later(args) {
        return Err(diagnostics::dependencies_first(resolved.steps.len() - 1).into());
    }
    let others = resolved.steps.iter().filter(|name| *name != root);
    let others: Vec<&str> = others.map(|name| resolved.after[name].offer.name.as_str()).collect();
    are_of(args, &others)?;
    let mut ready = Vec::new();
    for deployment in &resolved.steps {
        let one = &resolved.after[deployment];
        let ready_one = |package: &Package, of: Option<&str>| -> Result<Ready<'_>, Stop> {
            package.store(&folders.packed(&package.id()), &Trust::read(&folders.trust())?)?;
            let settings = settings(folders, args, (deployment, one), of, package)?;
            let (id, plan) = (package.id(), package.plan().id.clone());
            Ok(Ready { deployment, one, package: id, plan, settings })
        };
        ready.push(match deployment == root {
            true => ready_one(package, None)?,
            false => ready_one(&one.offer.read()?, Some(&one.offer.name))?,
        });
    }
    tell(console, resolved, root);
    let mut done: Vec<&Ready<'_>> = Vec::new();
    for (at, step) in ready.iter().enumerate() {
        let is_root = step.deployment == root;
        let request = Request::Apply {
            deployment: step.deployment.to_owned(),
            package: step.package.clone(),
            plan: step.plan.clone(),
            by: by.to_owned(),
            confirm_within: args.confirm_within.filter(|_| is_root).map(milliseconds),
            hold: args.hold.map(milliseconds),
            settings: step.settings.clone(),
            window: None,
            user: Some(who()),
        };
        let rest: Vec<String> = ready[at + 1..].iter().map(|r| r.deployment.to_owned()).collect();
        // What comes after it needs it.
        let no_wait = args.no_wait && rest.is_empty();
        console.say(&format!("{}:\n", titled(step.deployment, step.one)));
        let ended = handed(console, folders, along(request, &rest), no_wait);
        let exit = ended.unwrap_or_else(|stop| stop.report(console));
        if exit != Exit::Done {
            return Ok(broken_off(console, folders, &done, &rest, exit));
        }
        done.push(step);
    }
    Ok(Exit::Done)
}

/// What was given for it; what it was set to before stays, where it still has the setting.
fn settings(
    folders: &Folders,
    args: &ApplyArgs,
    (deployment, one): (&str, &Occupant),
    of: Option<&str>,
    package: &Package,
) -> Result<Values, Stop> {
    let asked = &package.manifest().configuration;
    let mut settings = match &one.change {
        Change::Update { number, .. } if of.is_some() => {
            Record::read(folders, deployment, *number).unwrap_or_default().settings
        }
        _ => Values::new(),
    };
    settings.retain(|name, _| asked.iter().any(|setting: &Setting| setting.name == *name));
    settings.extend(given(args, of, asked)?);
    Ok(settings)
}

/// Takes back what was deployed, unless somebody only stopped waiting, and tells it.
fn broken_off(
    console: &Console,
    folders: &Folders,
    done: &[&Ready<'_>],
    rest: &[String],
    exit: Exit,
) -> Exit {
    let mut lines = Vec::new();
    if exit == Exit::Interrupted {
        lines.extend(done.iter().map(|r| (r.deployment, "stays deployed".to_owned())));
    } else {
        let all: Vec<String> = done.iter().map(|r| r.deployment.to_owned()).collect();
        // Those that return to what they were in the order of need, then those that are new in
        // the other one: nobody is left without what it needs.
        for ready in done {
            if let Change::Update { number, from } = &ready.one.change {
                let said = match returned(folders, ready.deployment, *number, &all) {
                    Ok(true) => format!("is {from} again"),
                    Ok(false) => format!("did not return to {from}: `eclexia status`"),
                    Err(stop) => failed(console, stop),
                };
                lines.push((ready.deployment, said));
            }
        }
        for ready in done.iter().rev().filter(|r| r.one.change == Change::New) {
            let said = match destroy_one(console, folders, ready.deployment, &all) {
                Ok(()) => "is destroyed again".to_owned(),
                Err(stop) => failed(console, stop),
            };
            lines.push((ready.deployment, said));
        }
    }
    lines.extend(rest.iter().map(|name| (name.as_str(), "was not begun".to_owned())));
    if console.global.json {
        let lines = lines.iter().map(|(name, said)| json!({"deployment": name, "said": said}));
        console.json(&json!({"format": "eclexia-broken-off/1",
            "deployments": lines.collect::<Vec<_>>()}));
    }
    for (name, said) in lines {
        console.say(&format!("{name} {said}.\n"));
    }
    exit
}

fn failed(console: &Console, stop: Stop) -> String {
    stop.report(console);
    "could not be taken back".to_owned()
}

/// Returns to an earlier version, and waits for it.
fn returned(
    folders: &Folders,
    deployment: &str,
    number: u32,
    all: &[String],
) -> Result<bool, Stop> {
    let name = deployment.to_owned();
    let request = Request::Rollback { deployment: name, version: Some(number), by: who() };
    let Reply::Version { number, .. } = ask_to(folders, along(request, all))? else {
        return Ok(false);
    };
    let Some(registry) = registry(folders)? else { return Ok(false) };
    let state = until(|| {
        let version = registry.version(deployment, number)?;
        Ok(version.map(|version| version.state).filter(|state| state.is_end()))
    })?;
    Ok(state == State::Completed)
}
