//! `logs`: what a service wrote, oldest first.

use super::{folders, names, registry};
use crate::args::LogsArgs;
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit};
use crate::{diagnostics, interrupt};
use eclexia_deploy::registry::Filter;
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::hooks::LOG;
use eclexia_supervisor::logs::{FILES, Line, older};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

const NAP: Duration = Duration::from_millis(100);

pub fn logs(console: &Console, args: &LogsArgs) -> Ended {
    let path = find(args)?;
    let failed =
        |error: std::io::Error| diagnostics::cannot_read(&path.display().to_string(), &error);
    let mut lines = Vec::new();
    // Older files only where the newer ones have too few lines.
    let mut place = 0;
    for n in 0..FILES {
        let file = if n == 0 { path.clone() } else { older(&path, n) };
        if lines.len() >= args.lines || !file.is_file() {
            break;
        }
        let (mut read, end) = read(&file, 0).map_err(failed)?;
        if n == 0 {
            place = end;
        }
        read.append(&mut lines);
        lines = read;
    }
    let skip = lines.len().saturating_sub(args.lines);
    lines[skip..].iter().for_each(|line| tell(console, line));
    let is_over = interrupt::flag();
    while args.follow && !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(NAP);
        // A file that is shorter than it was is a new one.
        let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if size < place {
            place = 0;
        }
        if size > place {
            let (lines, end) = read(&path, place).map_err(failed)?;
            place = end;
            lines.iter().for_each(|line| tell(console, line));
        }
    }
    Ok(Exit::Done)
}

/// Whole lines from a place on, and where the last of them ends.
fn read(path: &Path, from: u64) -> std::io::Result<(Vec<String>, u64)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let (mut reader, mut lines, mut end) = (BufReader::new(file), Vec::new(), from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        end += line.len() as u64;
        lines.push(String::from_utf8_lossy(&line[..line.len() - 1]).into_owned());
        line.clear();
    }
    Ok((lines, end))
}

fn tell(console: &Console, line: &str) {
    if console.global.json {
        console.out(&format!("{line}\n"));
    } else if let Ok(line) = serde_json::from_str::<Line>(line) {
        let at = eclexia_deploy::registry::At(line.at);
        console.out(&format!("{at} {} {}\n", line.instance, line.line));
    }
}

/// The deployment of a service to which anything ever happened: then it has only not written yet.
fn silent(folders: &Folders, args: &LogsArgs) -> Result<Option<String>, Stop> {
    let filter = Filter {
        deployment: args.deployment.clone(),
        resource: Some(format!("service {}", args.service)),
        limit: Some(1),
        ..Filter::default()
    };
    let Some(registry) = registry(folders)? else { return Ok(None) };
    Ok(registry.events(&filter)?.into_iter().next().map(|event| event.deployment))
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
            (false, false) => Err(diagnostics::unknown_deployment(&args.service, &names).into()),
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
