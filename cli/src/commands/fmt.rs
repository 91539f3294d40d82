//! `fmt`: lays files out in place, or says what would change.

use super::Ended;
use crate::args::FmtArgs;
use crate::console::{Console, Exit};
use crate::{files, project};
use eclexia_diag::{Diagnostic, Sources};
use serde_json::json;
use similar::TextDiff;
use std::path::{Path, PathBuf};

pub fn fmt(console: &Console, args: &FmtArgs) -> Ended {
    let mut exit = Exit::Done;
    for path in paths(&args.files) {
        exit = exit.max(one(console, args, &path)?);
    }
    Ok(exit)
}

fn paths(given: &[PathBuf]) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for path in project::given(given) {
        if path.is_dir() {
            paths.extend(files::sources_below(path))
        } else {
            paths.push(path.to_owned())
        }
    }
    paths
}

fn one(console: &Console, args: &FmtArgs, path: &Path) -> Result<Exit, Diagnostic> {
    let (name, bytes) = files::read(path)?;
    let mut sources = Sources::new();
    let (text, (tree, found)) = eclexia_syntax::read_bytes(sources.next_id(), &bytes);
    sources.add(name.clone(), text.as_str());
    if found.has_errors() {
        return Ok(console.report(&found.sorted(), &sources));
    }
    let laid_out = eclexia_syntax::format(&text, &tree);
    let changes = laid_out != text;
    if args.diff && changes {
        let diff = TextDiff::from_lines(&text, &laid_out);
        console.out(&diff.unified_diff().header(&name, &name).to_string());
    }
    if console.global.json {
        console.json(&json!({"format": "eclexia-fmt/1", "file": name, "changes": changes}));
    }
    if path == Path::new("-") && !args.check && !args.diff {
        console.out(&laid_out);
        return Ok(Exit::Done);
    }
    if !changes {
        return Ok(Exit::Done);
    }
    if args.check || args.diff {
        if args.check && !args.diff {
            console.say(&format!("{name} is not laid out\n"));
        }
        return Ok(Exit::Error);
    }
    files::write(path, laid_out.as_bytes())?;
    console.say(&format!("laid out {name}\n"));
    Ok(Exit::Done)
}
