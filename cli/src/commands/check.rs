//! `check`: everything short of planning, for one file or many.

use super::program::{load, strategies};
use super::{Ended, Stop};
use crate::args::CheckArgs;
use crate::console::{Console, Exit};
use crate::files;
use eclexia_db::pipeline;
use std::path::Path;

pub fn check(console: &Console, args: &CheckArgs) -> Ended {
    let mut paths = args.files.clone();
    if paths.is_empty() {
        paths.push(files::program_here()?);
    }
    let mut exit = Exit::Done;
    for path in &paths {
        exit = exit.max(one(console, path)?);
    }
    Ok(exit)
}

fn one(console: &Console, path: &Path) -> Result<Exit, Stop> {
    let mut loaded = match load(path) {
        Ok(loaded) => loaded,
        // Of several files, one that cannot be read does not hide the others.
        Err(Stop::Outside(found)) => {
            return Ok(console.report(&[*found], &eclexia_diag::Sources::new()));
        }
        Err(stop) => return Err(stop),
    };
    let mut found = std::mem::take(&mut loaded.found);
    if !found.has_errors() {
        let known = strategies()?;
        found.extend(pipeline::elaborate(&mut loaded.session, loaded.module, &known).1);
    }
    let found = found.sorted();
    let exit = console.report(&found, &loaded.session.sources);
    if exit == Exit::Done {
        console.say(&format!("{}: no errors\n", loaded.name));
    }
    Ok(exit)
}
