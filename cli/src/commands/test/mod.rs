//! `test`: the `deftest`s of programs, the examples in their docstrings, and their golden plans.

mod golden;
mod properties;
mod report;
mod watch;

use super::program::{Loaded, load_checked};
use super::{Ended, Stop};
use crate::args::TestArgs;
use crate::console::{Console, Exit};
use crate::project;
use crate::{diagnostics, files};
use eclexia_core::core::{DefId, DefKind, ModuleId};
use eclexia_db::{Session, docs};
use eclexia_diag::Diagnostic;
use eclexia_interp::{Options, doc_examples};
use eclexia_rt::effects::Hermetic;
use report::Report;
use std::path::Path;

/// Steps that one test may take before it counts as hung.
const TEST_STEPS: u64 = 100_000_000;

pub fn test(console: &Console, args: &TestArgs) -> Ended {
    if args.watch {
        return watch::again_and_again(console, args);
    }
    once(console, args)
}

fn once(console: &Console, args: &TestArgs) -> Ended {
    let mut report = Report::new(console, args);
    for file in &files(args)? {
        let mut loaded = load(console, file)?;
        properties::give(args, &mut loaded.session);
        run_tests(args, &mut loaded, &mut report);
        run_examples(args, &mut loaded, &mut report);
        golden::run(console, args, &mut loaded, &mut report)?;
    }
    Ok(if report.end()? { Exit::Done } else { Exit::Error })
}

/// The files and modules whose tests are meant.
fn files(args: &TestArgs) -> Result<Vec<String>, Stop> {
    let mut files: Vec<String> = Vec::new();
    for path in project::given(&args.files) {
        if args.files.is_empty() || project::is_root(path) {
            let all = project::programs(path)?;
            files.extend(all.iter().map(|path| path.display().to_string()));
        } else {
            files.push(path.display().to_string());
        }
    }
    Ok(files)
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
    let module = module_of(&session, name);
    let module = module.ok_or_else(|| diagnostics::unknown_documentation(name))?;
    Ok(Loaded { session, module, name: name.to_owned(), found: Default::default(), project: None })
}

/// A module of a session by its name.
pub fn module_of(session: &Session, name: &str) -> Option<ModuleId> {
    session.program.modules.iter().find(|(_, module)| module.name == *name).map(|(id, _)| id)
}

fn options(args: &TestArgs) -> Options {
    let interrupt = Some(crate::interrupt::flag());
    let max_steps = Some(TEST_STEPS * properties::factor(args));
    Options { max_steps, interrupt, ..Options::default() }
}

fn run_tests(args: &TestArgs, loaded: &mut Loaded, report: &mut Report) {
    let program = &loaded.session.program;
    let tests: Vec<DefId> = program.modules[loaded.module]
        .defs
        .iter()
        .copied()
        .filter(|def| matches!(program.defs[*def].kind, DefKind::Test))
        .filter(|def| report.wants(program.defs[*def].name.as_str()))
        .collect();
    for test in tests {
        let mut world = Hermetic::default();
        let result = loaded.session.evaluator(options(args), &mut world).run_test(test);
        let name = result.name.to_string();
        report.tell(loaded, &name, &result.failures, &world.printed);
    }
}

fn run_examples(args: &TestArgs, loaded: &mut Loaded, report: &mut Report) {
    for example in doc_examples(&loaded.session.program, loaded.module) {
        if !report.wants(&example.expr) {
            continue;
        }
        let (failure, found) =
            docs::run_example(&mut loaded.session, loaded.module, &example, options(args));
        let failures: Vec<Diagnostic> = match failure {
            None => Vec::new(),
            Some(failure) => {
                let mut all = found.sorted();
                all.push(diagnostics::example_failed(&example, failure.shown.as_deref()));
                all
            }
        };
        report.tell(loaded, &format!("example {}", example.expr), &failures, &[]);
    }
}
