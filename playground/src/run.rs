//! Runs the program of a page: its `main` with a world of the page's, and its tests with none, as
//! `eclexia run` and `eclexia test` do. Every run has limits, and what passes them is a diagnostic.

use crate::found::{Found, found};
use crate::world::World;
use eclexia_core::core::{DefId, DefKind};
use eclexia_db::Session;
use eclexia_db::library::Embedded;
use eclexia_diag::Diagnostic;
use eclexia_interp::Options;
use eclexia_rt::Value;
use eclexia_rt::effects::Hermetic;
use serde::Serialize;

/// Some seconds in a page.
const MOST_STEPS: u64 = 100_000_000;
const MOST_TEST_STEPS: u64 = 10_000_000;
/// What a tab can spare.
const MOST_MEMORY: u64 = 512 << 20;
/// Their frames take up to 128 MiB.
const MOST_DEPTH: usize = 1_000_000;

#[derive(Serialize, Default, Debug)]
pub struct Ran {
    /// Errors before the run, or the one that ended it.
    pub found: Vec<Found>,
    /// `None`: there is no `main`, or the program has errors.
    pub main: Option<Main>,
    pub tests: Vec<Test>,
}

#[derive(Serialize, Debug)]
pub struct Main {
    pub printed: String,
    /// Whether more was printed than that.
    pub is_cut: bool,
    /// What it gives, but for `unit`; `None` where it was stopped, too.
    pub value: Option<String>,
    pub is_done: bool,
}

#[derive(Serialize, Debug)]
pub struct Test {
    pub name: String,
    pub is_passed: bool,
    pub found: Vec<Found>,
}

pub fn run(text: &str, now: f64) -> Ran {
    let mut session = Session::new(Box::new(Embedded));
    let (module, errors) = session.load(crate::FILE, text.as_bytes());
    if errors.has_errors() {
        return Ran { found: found(errors.sorted(), &session.sources), ..Ran::default() };
    }
    let mut world = World::new(now);
    let ended = session.evaluator(options(MOST_STEPS), &mut world).run_main(module, &[]);
    let (value, failure) = match ended {
        Some(Ok(Value::Unit)) => (None, None),
        Some(Ok(ref value)) => (Some(session.show(value)), None),
        Some(Err(ref failure)) => (None, Some(Diagnostic::clone(failure))),
        None => (None, None),
    };
    let World { printed, is_cut, .. } = world;
    let is_done = failure.is_none();
    let main = ended.map(|_| Main { printed, is_cut, value, is_done });
    let tests = tests(&mut session, module);
    Ran { found: found(failure.into_iter().collect(), &session.sources), main, tests }
}

fn options(steps: u64) -> Options {
    Options {
        max_steps: Some(steps),
        max_memory: MOST_MEMORY,
        max_depth: MOST_DEPTH,
        ..Options::default()
    }
}

fn tests(session: &mut Session, module: eclexia_core::core::ModuleId) -> Vec<Test> {
    let program = &session.program;
    let is_test = |def: &DefId| matches!(program.defs[*def].kind, DefKind::Test);
    let defs: Vec<DefId> = program.modules[module].defs.iter().copied().filter(is_test).collect();
    let mut tests = Vec::new();
    for def in defs {
        let mut nothing = Hermetic::default();
        let result = session.evaluator(options(MOST_TEST_STEPS), &mut nothing).run_test(def);
        let (name, is_passed) = (result.name.to_string(), result.is_passed());
        let found = found(result.failures, &session.sources);
        tests.push(Test { name, is_passed, found });
    }
    tests
}
