//! `destroy`: a deployment stopped, and with `--with-dependants` first what needs it.

use super::{ask, ask_to, folders, names, order, registry, who};
use crate::args::DestroyArgs;
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit, Spinner};
use eclexia_deploy::resolve::dependants;
use eclexia_supervisor::control::Request;
use eclexia_supervisor::folders::Folders;
use std::time::{Duration, Instant};

/// How often it is looked whether somebody still supervises.
const AGAIN: Duration = Duration::from_secs(1);

pub fn destroy(console: &Console, args: &DestroyArgs) -> Ended {
    let (folders, name) = (folders()?, args.deployment.as_str());
    let mut all = match args.with_dependants {
        true => dependants(&order::known_here(&folders, &[])?.running, name),
        false => Vec::new(),
    };
    all.push(name.to_owned());
    // Who does not care for others lets all of them go without.
    let along = if args.force { names(&folders)? } else { Vec::new() };
    for name in &all {
        destroy_one(console, &folders, name, &along)?;
        if console.global.json {
            console.json(&serde_json::json!({"format": "eclexia-destroy/1", "deployment": name}));
        }
        console.say(&format!("{name} is gone; its history, logs and volumes are kept.\n"));
    }
    Ok(Exit::Done)
}

/// Asks for the end of a deployment, though those of `along` need it, and waits for it.
pub fn destroy_one(
    console: &Console,
    folders: &Folders,
    name: &str,
    along: &[String],
) -> Result<(), Stop> {
    let request = Request::Destroy { deployment: name.to_owned(), by: who() };
    ask_to(folders, order::along(request, along))?;
    let _spinner = Spinner::start(console, "stopping", name);
    // What is left is read where it is recorded: whoever supervises is asked for nothing meanwhile,
    // but now and then whether it is there, for it may have been ended.
    let Some(registry) = registry(folders)? else { return Ok(()) };
    let mut asked = Instant::now();
    super::apply::until(|| {
        let is_left = registry.instances()?.iter().any(|one| one.deployment == name);
        if is_left && asked.elapsed() >= AGAIN {
            ask(folders, &Request::Outline)?;
            asked = Instant::now();
        }
        Ok((!is_left).then_some(()))
    })
}
