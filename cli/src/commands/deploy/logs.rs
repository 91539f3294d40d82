//! `logs`: what a service or job wrote, oldest first.

use super::{folders, names, registry};
use crate::args::LogsArgs;
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit};
use crate::{diagnostics, interrupt};
use eclexia_deploy::registry::Filter;
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::hooks::LOG;
use eclexia_supervisor::logs::{self, Line};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

const NAP: Duration = Duration::from_millis(100);

pub fn logs(console: &Console, args: &LogsArgs) -> Ended {
    let path = find(args)?;
    let failed =
        |error: std::io::Error| diagnostics::cannot_read(&path.display().to_string(), &error);
    let logs::Lines { lines, end: mut place } = logs::last(&path, args.lines).map_err(failed)?;
    lines.iter().for_each(|line| tell(console, line));
    let is_over = interrupt::flag();
    while args.follow && !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(NAP);
        // A file that is shorter than it was is a new one.
        let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if size < place {
            place = 0;
        }
        if size > place {
            let more = logs::read(&path, place).map_err(failed)?;
            place = more.end;
            more.lines.iter().for_each(|line| tell(console, line));
        }
    }
    Ok(Exit::Done)
}

fn tell(console: &Console, line: &str) {
    if console.global.json {
        console.out(&format!("{line}\n"));
    } else if let Ok(line) = serde_json::from_str::<Line>(line) {
        let at = eclexia_deploy::registry::At(line.at);
        console.out(&format!("{at} {} {}\n", line.instance, line.line));
    }
}

/// The deployment of a service or job to which anything ever happened: then it has only not
/// written yet.
fn silent(folders: &Folders, args: &LogsArgs) -> Result<Option<String>, Stop> {
    let Some(registry) = registry(folders)? else { return Ok(None) };
    for kind in ["service", "job"] {
        let filter = Filter {
            deployment: args.deployment.clone(),
            resource: Some(format!("{kind} {}", args.service)),
            limit: Some(1),
            ..Filter::default()
        };
        if let Some(event) = registry.events(&filter)?.into_iter().next() {
            return Ok(Some(event.deployment));
        }
    }
    Ok(None)
}

/// The file of the one service of this name.
fn find(args: &LogsArgs) -> Result<PathBuf, Stop> {
    let folders = folders()?;
    let names = names(&folders)?;
    if args.hooks {
        let path = folders.logs(&args.service, LOG);
        return match (path.is_file(), names.contains(&args.service)) {
            (true, _) => Ok(path),
            (false, true) => Err(diagnostics::no_hook_logs(&args.service).into()),
            (false, false) => Err(diagnostics::never_deployed(Some(&args.service), &names).into()),
        };
    }
    let wanted = |name: &&String| args.deployment.as_ref().is_none_or(|wanted| wanted == *name);
    let found: Vec<PathBuf> = names
        .iter()
        .filter(wanted)
        .map(|name| folders.logs(name, &args.service))
        .filter(|path| path.is_file())
        .collect();
    match &found[..] {
        [only] => Ok(only.clone()),
        [] => match silent(&folders, args)? {
            Some(deployment) => Ok(folders.logs(&deployment, &args.service)),
            None => Err(diagnostics::no_logs(&args.service).into()),
        },
        _ => Err(diagnostics::which_deployment(&names).into()),
    }
}
