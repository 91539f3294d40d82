//! `test`: the `deftest`s of programs and the examples in their docstrings.

use super::program::{Loaded, load_checked};
use super::{Ended, Stop};
use crate::args::TestArgs;
use crate::console::{Console, Exit};
use crate::project;
use crate::{diagnostics, files};
use eclexia_core::core::{DefId, DefKind};
use eclexia_db::{Session, docs};
use eclexia_diag::Diagnostic;
use eclexia_interp::{Options, doc_examples};
use eclexia_rt::effects::Hermetic;
use serde_json::json;
use std::path::Path;

/// Steps that one test may take before it counts as hung.
const TEST_STEPS: u64 = 100_000_000;

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

pub fn test(console: &Console, args: &TestArgs) -> Ended {
    let mut files: Vec<String> = Vec::new();
    let here = [".".to_owned()];
    let given = if args.files.is_empty() { &here[..] } else { &args.files[..] };
    for path in given {
        if args.files.is_empty() || project::is_root(Path::new(path)) {
            let all = project::programs(Path::new(path))?;
            files.extend(all.iter().map(|path| path.display().to_string()));
        } else {
            files.push(path.clone());
        }
    }
    let mut tally = Tally::default();
    for file in &files {
        let mut loaded = load(console, file)?;
        run_tests(console, args, &mut loaded, &mut tally);
        run_examples(console, args, &mut loaded, &mut tally);
    }
    let line = format!("{} passed, {} failed\n", tally.passed, tally.failed);
    console.say(&line);
    Ok(if tally.failed == 0 { Exit::Done } else { Exit::Error })
}

/// A file, or a module of the library by its name.
fn load(console: &Console, what: &str) -> Result<Loaded, Stop> {
    let is_module = what.starts_with("std.") || what.starts_with("cloud.");
    if !is_module || files::is_source(Path::new(what)) {
        return load_checked(console, &project::program(Some(Path::new(what)))?);
    }
    library_module(console, what)
}

/// A module of the library or of a package, loaded as a program would.
pub fn library_module(console: &Console, name: &str) -> Result<Loaded, Stop> {
    let mut session = Session::new(Box::new(project::provider_here()?));
    let import = format!("(import {name})");
    let (_, found) = session.load("<argument>", import.as_bytes());
    super::program::report(console, found, &session.sources)?;
    let module = session.program.modules.iter().find(|(_, m)| m.name == *name).map(|(id, _)| id);
    let module = module.ok_or_else(|| diagnostics::unknown_documentation(name))?;
    Ok(Loaded { session, module, name: name.to_owned(), found: Default::default(), project: None })
}

fn is_wanted(args: &TestArgs, name: &str) -> bool {
    args.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
}

fn options() -> Options {
    let interrupt = Some(crate::interrupt::flag());
    Options { max_steps: Some(TEST_STEPS), interrupt, ..Options::default() }
}

fn run_tests(console: &Console, args: &TestArgs, loaded: &mut Loaded, tally: &mut Tally) {
    let program = &loaded.session.program;
    let tests: Vec<DefId> = program.modules[loaded.module]
        .defs
        .iter()
        .copied()
        .filter(|def| matches!(program.defs[*def].kind, DefKind::Test))
        .filter(|def| is_wanted(args, program.defs[*def].name.as_str()))
        .collect();
    for test in tests {
        let mut world = Hermetic::default();
        let result = loaded.session.evaluator(options(), &mut world).run_test(test);
        let name = result.name.to_string();
        report(console, loaded, &name, &result.failures, tally);
        if !result.is_passed() && !console.global.json {
            world.printed.iter().for_each(|line| console.err(&format!("  printed: {line}\n")));
        }
    }
}

fn run_examples(console: &Console, args: &TestArgs, loaded: &mut Loaded, tally: &mut Tally) {
    for example in doc_examples(&loaded.session.program, loaded.module) {
        if !is_wanted(args, &example.expr) {
            continue;
        }
        let (failure, found) =
            docs::run_example(&mut loaded.session, loaded.module, &example, options());
        let failures: Vec<Diagnostic> = match failure {
            None => Vec::new(),
            Some(failure) => {
                let mut all = found.sorted();
                all.push(diagnostics::example_failed(&example, failure.shown.as_deref()));
                all
            }
        };
        report(console, loaded, &format!("example {}", example.expr), &failures, tally);
    }
}

fn report(
    console: &Console,
    loaded: &Loaded,
    name: &str,
    failures: &[Diagnostic],
    tally: &mut Tally,
) {
    let passed = failures.is_empty();
    if passed {
        tally.passed += 1
    } else {
        tally.failed += 1
    }
    if console.global.json {
        console.json(&json!({
            "format": "eclexia-test/1", "file": loaded.name, "test": name, "passed": passed,
        }));
    } else {
        console.say(&format!("{} {name}\n", if passed { "ok    " } else { "FAILED" }));
    }
    if !passed {
        console.report(failures, &loaded.session.sources);
    }
}
