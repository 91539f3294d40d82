//! `destroy`: a deployment stopped, and with `--with-dependants` first what needs it.

use super::{ask, ask_to, asked_status, folders, names, order, registry, who};
use crate::args::DestroyArgs;
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit, Spinner};
use eclexia_deploy::resolve::dependants;
use eclexia_supervisor::control::{Reply, Request};
use eclexia_supervisor::folders::Folders;

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
    super::apply::until(|| {
        let Some(Reply::Status(status)) = asked_status(folders) else {
            // It ends when nothing is left. If it was ended before, another one goes on.
            let known = registry(folders)?.map(|registry| registry.instances()).transpose()?;
            let is_left = known.unwrap_or_default().iter().any(|i| i.deployment == name);
            if is_left {
                ask(folders, &Request::Status)?;
            }
            return Ok((!is_left).then_some(()));
        };
        let left = status.deployments.iter().find(|d| d.name == name);
        let is_gone = left.is_none_or(|d| {
            d.services.iter().all(|service| service.instances.is_empty())
                && d.jobs.iter().all(|job| job.instances.is_empty())
        });
        Ok(is_gone.then_some(()))
    })
}
