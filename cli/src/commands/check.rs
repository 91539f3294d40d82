//! `check`: everything short of planning, for one file or many, or all files of a project; what is
//! right may still hold things written for nothing (`lints`).

use super::lints::{Fixed, Linted, fix, lints};
use super::program::{Loaded, load, strategies};
use super::{Ended, Stop};
use crate::args::CheckArgs;
use crate::console::{Console, Exit};
use crate::project;
use eclexia_db::pipeline;
use eclexia_diag::{Diagnostic, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A fix may uncover another; each makes the text shorter or a warning fewer, so few are enough.
const MOST_ROUNDS: usize = 10;

pub fn check(console: &Console, args: &CheckArgs) -> Ended {
    let mut exit = Exit::Done;
    let mut linted = Linted::new();
    let here = [PathBuf::from(".")];
    let paths = if args.files.is_empty() { &here[..] } else { &args.files[..] };
    for path in paths {
        let ended = match args.files.is_empty() || project::is_root(path) {
            true => all(console, args, path, &mut linted)?,
            false => {
                let path = project::program(Some(path))?;
                let (ended, loaded) = one(console, args, &path, &mut linted)?;
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
fn all(
    console: &Console,
    args: &CheckArgs,
    folder: &Path,
    linted: &mut Linted,
) -> Result<Exit, Stop> {
    let mut exit = Exit::Done;
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for path in project::programs(folder)? {
        if !std::fs::canonicalize(&path).is_ok_and(|full| seen.contains(&full)) {
            let (ended, loaded) = one(console, args, &path, linted)?;
            exit = exit.max(ended);
            let sources = loaded.iter().flat_map(|loaded| loaded.session.sources.iter());
            let names = sources.map(|(_, source)| source.name.clone());
            seen.extend(names.filter_map(|name| std::fs::canonicalize(name).ok()));
        }
    }
    Ok(exit)
}

/// How the check of a file ends, and what is known of it; of one that cannot be read, nothing.
fn one(
    console: &Console,
    args: &CheckArgs,
    path: &Path,
    linted: &mut Linted,
) -> Result<(Exit, Option<Loaded>), Stop> {
    let known = match args.fix && path.is_file() {
        true => fix_all(console, path, linted),
        false => found_in(path, linted),
    };
    let (found, loaded) = match known {
        Ok(found) => found,
        // Of several files, one that cannot be read does not hide the others.
        Err(Stop::Outside(found)) => {
            return Ok((console.report(&[*found], &Sources::new()), None));
        }
        Err(stop) => return Err(stop),
    };
    let exit = console.report(&found, &loaded.session.sources);
    if exit == Exit::Done {
        console.say(&format!("{}: no errors\n", loaded.name));
    }
    let is_denied = args.deny_warnings && !found.is_empty();
    Ok((if is_denied { exit.max(Exit::Error) } else { exit }, Some(loaded)))
}

/// Applies what warnings suggest until nothing is left to apply; what is to be said then.
fn fix_all(console: &Console, path: &Path, linted: &mut Linted) -> Result<Known, Stop> {
    let has_errors = |known: &Known| known.0.iter().any(Diagnostic::is_error);
    let before = linted.clone();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut known = found_in(path, linted)?;
    for _ in 0..MOST_ROUNDS {
        let fixed = match has_errors(&known) {
            true => Vec::new(),
            false => fix(&known.0, &known.1)?,
        };
        if fixed.is_empty() {
            break;
        }
        let mut again = before.clone();
        match found_in(path, &mut again) {
            Ok(next) if !has_errors(&next) => (known, *linted) = (next, again),
            broken => {
                // What breaks something else is no fix.
                fixed.iter().try_for_each(Fixed::undo)?;
                broken?;
                break;
            }
        }
        for fixed in fixed {
            *counts.entry(fixed.name).or_default() += fixed.count;
        }
    }
    for (name, count) in counts {
        console.say(&format!("fixed {count} in {name}\n"));
    }
    Ok(known)
}

/// What is to be said of a file, in order, and what is known of it.
type Known = (Vec<Diagnostic>, Loaded);

fn found_in(path: &Path, linted: &mut Linted) -> Result<Known, Stop> {
    let mut loaded = load(path)?;
    let mut found = std::mem::take(&mut loaded.found);
    if !found.has_errors() {
        let known = strategies(loaded.project.as_deref())?;
        let (elaborated, more) = pipeline::elaborate(&mut loaded.session, loaded.module, &known);
        found.extend(more);
        if !found.has_errors() {
            found.extend(lints(&loaded, &elaborated, linted));
        }
    }
    Ok((found.sorted(), loaded))
}
