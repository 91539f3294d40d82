//! `run --untrusted`: a program that may do nothing but compute, with how it ended as one word.
//!
//! It is checked here; what is run is a copy of its sources in a folder of its own, by this command
//! in the limits of a service that nobody trusts.

use super::package::Shipped;
use super::program::{Loaded, load, report};
use super::{Ended, Stop};
use crate::args::{RunArgs, RunEngine};
use crate::console::{Console, Exit};
use crate::diagnostics;
use eclexia_project::source::{full, relative};
use eclexia_supervisor::untrusted::{Bounds, Command, Outcome, Status, run as run_within};
use std::path::Path;

pub fn run(console: &Console, args: &RunArgs) -> Ended {
    let path = crate::project::program(args.file.as_deref())?;
    let mut loaded = load(&path)?;
    if loaded.found.has_errors() {
        let found = std::mem::take(&mut loaded.found);
        if console.global.json {
            tell(console, &refused());
        }
        return report(console, found, &loaded.session.sources).map(|()| Exit::Error);
    }
    let io = |error: std::io::Error| Stop::from(diagnostics::cannot_run_untrusted(&error));
    let folder = tempfile::Builder::new().prefix("eclexia-untrusted-").tempdir().map_err(io)?;
    let file = copy(&loaded, &path, folder.path())?;
    let eclexia = std::env::current_exe().map_err(io)?;
    let standard = Bounds::default();
    let bounds = Bounds {
        time: args.deadline.unwrap_or(standard.time),
        memory: args.max_memory.unwrap_or(standard.memory),
        output: args
            .max_output
            .map_or(standard.output, |most| usize::try_from(most).unwrap_or(usize::MAX)),
    };
    let command = Command {
        launcher: &eclexia,
        words: words(args, &eclexia, &file, bounds),
        folder: folder.path(),
        reads: vec![eclexia.clone()],
    };
    let outcome = run_within(&command, bounds).map_err(io)?;
    if console.global.json {
        tell(console, &outcome);
    } else {
        console.out(&outcome.stdout);
        console.err(&outcome.stderr);
        if outcome.status != Status::Success {
            console.err(&format!("eclexia: {}: {}\n", name(outcome.status), outcome.reason));
        }
    }
    Ok(if outcome.status == Status::Success { Exit::Done } else { Exit::Error })
}

/// What the language refuses to run never begins.
fn refused() -> Outcome {
    Outcome {
        status: Status::CompileError,
        code: None,
        reason: "the program has errors".to_owned(),
        stdout: String::new(),
        stderr: String::new(),
        seconds: 0.0,
        cpu_seconds: None,
    }
}

fn name(status: Status) -> String {
    let name = serde_json::to_value(status).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

fn tell(console: &Console, outcome: &Outcome) {
    let mut value = serde_json::to_value(outcome).unwrap_or_default();
    value["format"] = "eclexia-untrusted/1".into();
    console.json(&value);
}

/// Copies the sources of a program; gives where its file is among them.
fn copy(loaded: &Loaded, path: &Path, folder: &Path) -> Result<String, Stop> {
    for (name, file) in Shipped::of(loaded, &[])?.files {
        let place = folder.join(&name);
        if let Some(parent) = place.parent() {
            crate::files::make_folder(parent)?;
        }
        crate::files::write(&place, &file.bytes)?;
    }
    let named = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(match &loaded.project {
        Some(opened) => relative(&full(&opened.project.root), &full(path)),
        None if path == Path::new("-") => "main.ecl".to_owned(),
        None => named(path),
    })
}

fn words(args: &RunArgs, eclexia: &Path, file: &str, bounds: Bounds) -> Vec<String> {
    let mut words = vec![eclexia.display().to_string(), "run".to_owned()];
    // The program's own memory is bounded first: that is told with its place in the source.
    words.push(format!("--max-memory={}B", bounds.memory / 2));
    if let Some(steps) = args.max_steps {
        words.push(format!("--max-steps={steps}"));
    }
    match args.engine {
        Some(RunEngine::Interpreter) => words.push("--engine=interpreter".to_owned()),
        Some(RunEngine::Jit) => words.push("--engine=jit".to_owned()),
        None => {}
    }
    words.push(file.to_owned());
    words.extend(args.args.iter().cloned());
    words
}
