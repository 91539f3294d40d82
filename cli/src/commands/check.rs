//! `check`: everything short of planning, for one file or many, or all files of a project.

use super::program::{load, strategies};
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
            false => one(console, &project::program(Some(path))?)?.0,
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
            let (ended, reached) = one(console, &path)?;
            exit = exit.max(ended);
            seen.extend(reached);
        }
    }
    Ok(exit)
}

/// How the check of a file ends, and the files that it reached.
fn one(console: &Console, path: &Path) -> Result<(Exit, Vec<PathBuf>), Stop> {
    let mut loaded = match load(path) {
        Ok(loaded) => loaded,
        // Of several files, one that cannot be read does not hide the others.
        Err(Stop::Outside(found)) => {
            return Ok((console.report(&[*found], &eclexia_diag::Sources::new()), Vec::new()));
        }
        Err(stop) => return Err(stop),
    };
    let mut found = std::mem::take(&mut loaded.found);
    if !found.has_errors() {
        let known = strategies(loaded.project.as_deref())?;
        found.extend(pipeline::elaborate(&mut loaded.session, loaded.module, &known).1);
    }
    let names = loaded.session.sources.iter().map(|(_, source)| source.name.clone());
    let reached = names.filter_map(|name| std::fs::canonicalize(name).ok()).collect();
    let found = found.sorted();
    let exit = console.report(&found, &loaded.session.sources);
    if exit == Exit::Done {
        console.say(&format!("{}: no errors\n", loaded.name));
    }
    Ok((exit, reached))
}
