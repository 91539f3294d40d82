//! Deploying to this machine, and looking after what is deployed.

mod adapt;
pub mod apply;
mod choose;
pub mod destroy;
pub mod examine;
mod fallen;
pub mod history;
mod intensity;
pub mod logs;
mod machine;
pub mod observe;
pub mod order;
pub mod serve;
pub mod settings;
pub mod state;
pub mod status;
pub mod usage;

use super::sign::data;
use super::{Ended, Stop};
use crate::args::{DriftArgs, StartArgs};
use crate::console::{Console, Exit};
use crate::diagnostics;
use eclexia_deploy::registry::Registry;
use eclexia_diag::Diagnostic;
use eclexia_supervisor::client::{self, Only};
use eclexia_supervisor::control::{Again, DeploymentStatus, Drift, Reply, Request};
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::launch;
use std::path::PathBuf;

/// Where deployments of this machine are kept.
pub fn folders() -> Result<Folders, Diagnostic> {
    let data = data();
    Folders::make(&data).map_err(|e| diagnostics::write_failed(&data.display().to_string(), &e))
}

/// This program.
fn eclexia() -> Result<PathBuf, Diagnostic> {
    std::env::current_exe().map_err(|e| diagnostics::cannot_read("the eclexia command", &e))
}

fn ask(folders: &Folders, request: &Request) -> Result<Reply, Diagnostic> {
    client::ask(folders, &eclexia()?, request)
}

/// Asks for a change: with the rights of the token in `ECLEXIA_TOKEN`, else with the owner's.
fn ask_to(folders: &Folders, request: Request) -> Result<Reply, Diagnostic> {
    let request = match token() {
        Some(token) => Request::As { token, request: Box::new(request) },
        None => request,
    };
    ask(folders, &request)
}

/// The token in `ECLEXIA_TOKEN`.
fn token() -> Option<String> {
    std::env::var("ECLEXIA_TOKEN").ok().filter(|token| !token.is_empty())
}

/// The registry as it is; none: nothing was ever deployed.
fn registry(folders: &Folders) -> Result<Option<Registry>, Diagnostic> {
    Registry::open_to_read(&folders.registry())
}

/// What was ever deployed here.
fn names(folders: &Folders) -> Result<Vec<String>, Diagnostic> {
    let Some(registry) = registry(folders)? else { return Ok(Vec::new()) };
    Ok(registry.deployments()?.into_iter().map(|deployment| deployment.name).collect())
}

/// Refuses a name under which nothing was ever deployed here.
fn known(folders: &Folders, name: Option<&str>) -> Result<(), Diagnostic> {
    let names = names(folders)?;
    match name {
        Some(name) if !names.iter().any(|known| known == name) => {
            Err(diagnostics::never_deployed(Some(name), &names))
        }
        _ => Ok(()),
    }
}

/// Who asks: as the key that signs, or by the name of the user.
fn who() -> String {
    let user = std::env::var("USER").ok().filter(|user| !user.is_empty());
    user.unwrap_or_else(|| "somebody".to_owned())
}

/// `drift`: every difference, one to a line; nothing where there is none.
pub fn drift(console: &Console, args: &DriftArgs) -> Ended {
    let folders = folders()?;
    known(&folders, args.deployment.as_deref())?;
    let request = Request::Drift { deployment: args.deployment.clone() };
    let Reply::Drift(drifts) = ask(&folders, &request)? else { return Ok(Exit::Done) };
    for drift in &drifts {
        if console.global.json {
            console.json(&serde_json::to_value(drift).unwrap_or_default());
        }
        let Drift { deployment, resource, what, wanted, found } = drift;
        console.say(&format!("{deployment} {resource}: {what}: {wanted} wanted, {found} found\n"));
    }
    Ok(if drifts.is_empty() { Exit::Done } else { Exit::Changes })
}

pub fn confirm(console: &Console, deployment: &str) -> Ended {
    let request = Request::Confirm { deployment: deployment.to_owned(), by: who() };
    ask_to(&folders()?, request)?;
    if console.global.json {
        console.json(&serde_json::json!({"format": "eclexia-confirm/1", "deployment": deployment}));
    }
    console.say(&format!("{deployment} is kept.\n"));
    Ok(Exit::Done)
}

/// `start`: a job, now.
pub fn start(console: &Console, args: &StartArgs) -> Ended {
    let folders = folders()?;
    let StartArgs { job, deployment, again } = args;
    let again = if *again { Again::Yes } else { Again::No };
    let Reply::Status(status) = ask(&folders, &Request::Outline)? else { return Ok(Exit::Done) };
    let has = |d: &&DeploymentStatus| d.jobs.iter().any(|one| one.name == *job);
    let found: Vec<String> = match deployment {
        Some(name) => vec![name.clone()],
        None => status.deployments.iter().filter(has).map(|d| d.name.clone()).collect(),
    };
    let deployment = match &found[..] {
        [only] => only.clone(),
        [] => {
            let jobs = status.deployments.iter().flat_map(|d| &d.jobs);
            let known: Vec<String> = jobs.map(|job| job.name.clone()).collect();
            return Err(diagnostics::no_job(job, &known).into());
        }
        several => return Err(diagnostics::which_deployment(several).into()),
    };
    let (by, name) = (who(), deployment.clone());
    let request = Request::Start { deployment: name, job: job.clone(), by, again };
    ask_to(&folders, request)?;
    if console.global.json {
        let told = serde_json::json!({"format": "eclexia-start/1", "deployment": deployment,
            "job": job});
        console.json(&told);
    }
    console.say(&format!("{job} is started: `eclexia logs {job} -f` shows what it writes.\n"));
    Ok(Exit::Done)
}

fn asked_status(folders: &Folders) -> Option<Reply> {
    client::ask_running(folders, &Request::Status)?.ok()
}

/// The supervisor itself: one for a data folder, in a session of its own.
pub fn supervise() -> Ended {
    let folders = folders()?;
    // Who closes the terminal does not mean what runs.
    let _ = rustix::process::setsid();
    let Some(only) = Only::new(&folders)? else { return Ok(Exit::Done) };
    let ended = eclexia_supervisor::supervise(&folders, &eclexia()?);
    drop(only);
    ended.map(|()| Exit::Done).map_err(Stop::from)
}

/// Who copies what services write: it outlives the supervisor.
pub fn logger() -> Ended {
    let _ = rustix::process::setsid();
    eclexia_supervisor::logger::copy(&folders()?).map(|()| Exit::Done).map_err(Stop::from)
}

/// A process that becomes a service.
pub fn launch(console: &Console) -> Ended {
    // A group of its own, which is ended as a whole. One that is kept leaves its keeper's.
    let _ = rustix::process::setsid();
    let code = launch::become_service().unwrap_or_else(|why| {
        console.err(&format!("eclexia: the service could not be started: {why}\n"));
        launch::NOT_STARTED
    });
    std::process::exit(code)
}
