//! `check`: everything short of planning, for one file or many, or all files of a project.

use super::program::{Loaded, load, strategies};
use super::{Ended, Stop};
use crate::args::CheckArgs;
use crate::console::{Console, Exit};
use crate::project;
use eclexia_db::pipeline;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub fn check(console: &Console, args: &CheckArgs) -> Ended {
    let mut exit = Exit::Done;
    let here = [PathBuf::from(".")];
    let paths = if args.files.is_empty() { &here[..] } else { &args.files[..] };
    for path in paths {
        let ended = match args.files.is_empty() || project::is_root(path) {
            true => all(console, path)?,
            false => {
                let (ended, loaded) = one(console, &project::program(Some(path))?)?;
                // With the only file the process ends: freeing what is known of it piece by piece
                // would take a tenth of the time.
                if paths.len() == 1 {
                    std::mem::forget(loaded);
                }
                ended
            }
        };
        exit = exit.max(ended);
    }
    Ok(exit)
}

/// The sources of a folder's project. A module that an earlier one reached is checked with it.
fn all(console: &Console, folder: &Path) -> Result<Exit, Stop> {
    let mut exit = Exit::Done;
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for path in project::programs(folder)? {
        if !std::fs::canonicalize(&path).is_ok_and(|full| seen.contains(&full)) {
            let (ended, loaded) = one(console, &path)?;
            exit = exit.max(ended);
            let sources = loaded.iter().flat_map(|loaded| loaded.session.sources.iter());
            let names = sources.map(|(_, source)| source.name.clone());
            seen.extend(names.filter_map(|name| std::fs::canonicalize(name).ok()));
        }
    }
    Ok(exit)
}

/// How the check of a file ends, and what is known of it; of one that cannot be read, nothing.
fn one(console: &Console, path: &Path) -> Result<(Exit, Option<Loaded>), Stop> {
    let mut loaded = match load(path) {
        Ok(loaded) => loaded,
        // Of several files, one that cannot be read does not hide the others.
        Err(Stop::Outside(found)) => {
            return Ok((console.report(&[*found], &eclexia_diag::Sources::new()), None));
        }
        Err(stop) => return Err(stop),
    };
    let mut found = std::mem::take(&mut loaded.found);
    if !found.has_errors() {
        let known = strategies(loaded.project.as_deref())?;
        found.extend(pipeline::elaborate(&mut loaded.session, loaded.module, &known).1);
    }
    let found = found.sorted();
    let exit = console.report(&found, &loaded.session.sources);
    if exit == Exit::Done {
        console.say(&format!("{}: no errors\n", loaded.name));
    }
    Ok((exit, Some(loaded)))
}
