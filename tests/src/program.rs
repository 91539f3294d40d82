//! A program of a test page, taken through the pipeline in this process: read, resolved, checked,
//! elaborated, evaluated, planned, as far as it has no errors.

use crate::readers::blocks::Program;
use crate::tools;
use eclexia_base::Name;
use eclexia_check::bounds;
use eclexia_core::core::{DefId, DefKind, ModuleId};
use eclexia_core::cost::Resource;
use eclexia_db::library::{Embedded, ModuleSource, Provider};
use eclexia_db::{Session, pipeline};
use eclexia_diag::{Diagnostic, render};
use eclexia_interp::{Engine, Options, show_with};
use eclexia_plan::elaborate::{Elaborated, Strategies};
use eclexia_rt::effects::Hermetic;
use eclexia_rt::{Fields, Report, Value};
use std::collections::BTreeMap;
use std::ops::Range;

/// Steps that one definition of a page may take.
const STEPS: u64 = 20_000_000;

const STACK: usize = 256 << 20;

/// The other files of a program, and the standard library.
struct Files(BTreeMap<String, String>);

impl Provider for Files {
    fn module(&mut self, name: &str) -> Option<ModuleSource> {
        match self.0.get(name) {
            Some(text) => Some(ModuleSource {
                name: format!("{}.ecl", name.replace('.', "/")),
                bytes: text.clone().into_bytes(),
            }),
            None => Embedded.module(name),
        }
    }
}

/// Whether a page's program may have expressions at its top level.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Page,
    File,
}

pub struct Compiled {
    session: Session,
    module: ModuleId,
    /// Of the program's last file first; every stage that ran has its share.
    pub found: Vec<Diagnostic>,
}

/// What a run of `main` did.
#[derive(PartialEq, Debug)]
pub struct Ran {
    pub printed: String,
    /// What stopped it, as people read it.
    pub told: String,
    pub steps: u64,
    pub allocations: u64,
    pub live: Option<usize>,
}

impl Ran {
    /// Of a command that was run with `ECLEXIA_REPORT`: a line of JSON, then what it has to say.
    pub fn of_command(ran: &tools::Ran) -> Ran {
        let (report, told) = ran.err.split_once('\n').unwrap_or_default();
        let number = |key: &str| -> Option<u64> {
            let rest = report.split_once(&format!("\"{key}\":"))?.1;
            rest.split([',', '}']).next()?.parse().ok()
        };
        let [steps, allocations] =
            ["steps", "allocations"].map(|key| number(key).unwrap_or_else(|| panic!("{ran:?}")));
        let live = number("live").map(|live| live as usize);
        Ran { printed: ran.out.clone(), told: told.to_owned(), steps, allocations, live }
    }

    /// The same was done in another engine, which leaves no cell unless it was left in the middle;
    /// unless it failed, in as many steps and with as many cells.
    pub fn assert_like(&self, other: &Ran, what: &str) {
        assert_eq!(self.printed, other.printed, "{what}");
        assert_eq!(self.told, other.told, "{what}");
        let counts = |ran: &Ran| (ran.steps, ran.allocations);
        if self.told.is_empty() {
            assert_eq!(counts(self), counts(other), "steps and allocations: {what}");
        }
        assert!(other.live.is_none_or(|live| live == 0), "live: {:?}: {what}", other.live);
    }
}

/// A definition of the program, as a page asks about it.
pub struct Defined {
    pub def: DefId,
    /// The line, from 1, that its form ends on.
    pub line: usize,
    pub is_expression: bool,
}

/// Runs a test with the stack that the command runs with: deeply nested programs are tested too.
pub fn on_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(test);
    if let Err(panic) = thread.expect("a thread can be started").join() {
        std::panic::resume_unwind(panic);
    }
}

pub fn compile(program: &Program, form: Form) -> Compiled {
    let (main, others) = program.split_last().expect("a program has a file");
    let module = |path: &str| path.trim_end_matches(".ecl").replace('/', ".");
    let others = others.iter().filter_map(|b| Some((module(b.file.as_ref()?), b.text.clone())));
    let name = main.file.clone().unwrap_or_else(|| "main.ecl".to_string());
    let text = main.text.as_bytes();
    compile_bytes(&name, text, others.collect(), form)
}

pub fn compile_bytes(
    name: &str,
    text: &[u8],
    others: BTreeMap<String, String>,
    form: Form,
) -> Compiled {
    let mut session = Session::new(Box::new(Files(others)));
    let (module, mut found) = match form {
        Form::File => session.load(name, text),
        Form::Page => {
            let (tree, mut found) = session.read(name, text);
            let (module, more) = session.resolve_input(&tree, "main", None);
            found.extend(more);
            found.extend(session.check());
            (module, found)
        }
    };
    if !found.has_errors() {
        let known = Strategies::new();
        found.extend(pipeline::elaborate(&mut session, module, &known).1);
    }
    Compiled { session, module, found: found.sorted() }
}

fn options() -> Options {
    Options { max_steps: Some(STEPS), ..Options::default() }
}

impl Compiled {
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(Diagnostic::is_error)
    }

    /// Line, from 1, of a diagnostic; 0 where it has no place in the program's last file.
    pub fn line_of(&self, diagnostic: &Diagnostic) -> usize {
        let file = self.session.file_of(self.module);
        let source = self.session.sources.get(file);
        let primary = diagnostic.primary.as_ref().filter(|p| p.span.file == file);
        primary.zip(source).map_or(0, |(p, source)| source.line_column(p.span.start).0)
    }

    /// A diagnostic in one line, with its place.
    pub fn line(&self, diagnostic: &Diagnostic) -> String {
        let line = render::line(std::slice::from_ref(diagnostic), &self.session.sources);
        line.trim_end().to_string()
    }

    /// What a person would read.
    pub fn told(&self) -> String {
        render::human(&self.found, &self.session.sources, false)
    }

    /// What was found, shortly.
    pub fn lines(&self) -> String {
        let first = &self.found[..self.found.len().min(5)];
        render::line(first, &self.session.sources)
    }

    pub fn definitions(&self) -> Vec<Defined> {
        let file = self.session.file_of(self.module);
        let source = self.session.sources.get(file).expect("the module has a file");
        let program = &self.session.program;
        let defined = program.modules[self.module].defs.iter().map(|def| {
            let form = program.defs[*def].form;
            Defined {
                def: *def,
                line: source.line_column(form.end.saturating_sub(1)).0,
                is_expression: program.defs[*def].kind == DefKind::Repl,
            }
        });
        defined.collect()
    }

    /// Where the expressions of a page stand in its text.
    pub fn expressions(&self) -> Vec<Range<usize>> {
        let program = &self.session.program;
        let defs = program.modules[self.module].defs.iter().map(|def| &program.defs[*def]);
        let forms = defs.filter(|def| def.kind == DefKind::Repl).map(|def| def.form);
        forms.map(|form| form.start as usize..form.end as usize).collect()
    }

    pub fn type_of(&self, def: DefId) -> String {
        eclexia_check::show_scheme(&self.session.program, &self.session.typed.scheme(def))
    }

    /// What `bounds` says of a function, a line per resource.
    pub fn costs_of(&self, def: DefId) -> Vec<String> {
        let (program, typed) = (&self.session.program, &self.session.typed);
        let function = bounds::of_definition(program, typed, def, &Resource::ALL);
        function.found.iter().map(|found| found.said(function.mode)).collect()
    }

    pub fn named(&self, name: &str) -> Option<DefId> {
        let program = &self.session.program;
        program.modules[self.module].defs.iter().copied().find(|d| program.defs[*d].name == *name)
    }

    /// The most steps that a call of a function of lists of Ints takes.
    pub fn most_steps(&mut self, def: DefId, inputs: &[Vec<&[i64]>]) -> i64 {
        let cons = self.session.program.lang.ctors[&Name::new("Cons")];
        let nil = self.session.program.lang.ctors[&Name::new("Nil")];
        let empty = Value::Tag { ctor: nil.0, index: 0 };
        let list = |items: &&[i64]| {
            items.iter().rev().fold(empty.clone(), |rest, n| {
                Value::data(cons.0, 1, None, Fields::from(vec![Value::Int(*n), rest]))
            })
        };
        let mut world = Hermetic::default();
        let mut evaluator = self.session.evaluator(options(), &mut world);
        let mut most = 0;
        for input in inputs {
            let before = evaluator.steps();
            let args = input.iter().map(list).collect();
            evaluator.call(def, args).expect("the function has a value");
            most = most.max(evaluator.steps() - before);
        }
        i64::try_from(most).expect("few steps")
    }

    /// The bound of a function's steps.
    pub fn steps_bound(&self, def: DefId) -> bounds::Bound {
        let (program, typed) = (&self.session.program, &self.session.typed);
        let function = bounds::of_definition(program, typed, def, &[Resource::Steps]);
        match function.found.into_iter().next().map(|found| found.outcome) {
            Some(bounds::Outcome::Bounded { bound, .. }) => bound,
            _ => panic!("`{}` has no bound", program.defs[def].name),
        }
    }

    /// The value of a constant as the prompt shows it.
    pub fn value_of(&mut self, def: DefId) -> Result<String, Box<Diagnostic>> {
        let units = self.session.program.modules[self.module].units.clone();
        let mut world = Hermetic::default();
        let value = self.session.evaluator(options(), &mut world).constant(def)?;
        Ok(show_with(&value, &self.session.program, &units))
    }

    /// What stops `main`, the tests or a constant when they are evaluated.
    fn run(&mut self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for defined in self.definitions() {
            match self.session.program.defs[defined.def].kind {
                DefKind::Constant | DefKind::Repl => {
                    found.extend(self.value_of(defined.def).err().map(|failure| *failure));
                }
                DefKind::Test => {
                    let mut world = Hermetic::default();
                    let mut evaluator = self.session.evaluator(options(), &mut world);
                    found.extend(evaluator.run_test(defined.def).failures);
                }
                _ => {}
            }
        }
        let mut world = Hermetic::default();
        let ran = self.session.evaluator(options(), &mut world).run_main(self.module, &[]);
        found.extend(ran.and_then(Result::err).map(|failure| *failure));
        found
    }

    /// What `main` prints, and what stops it.
    pub fn main(&mut self) -> (Vec<String>, Option<Box<Diagnostic>>) {
        let mut world = Hermetic::default();
        let ran = self.session.evaluator(options(), &mut world).run_main(self.module, &[]);
        (world.printed, ran.and_then(Result::err))
    }

    /// What `main` does, in an engine other than the interpreter if one is given.
    pub fn ran(&mut self, engine: Option<&mut dyn Engine>, args: &[String], max_steps: u64) -> Ran {
        let mut world = Hermetic::default();
        let options = Options { max_steps: Some(max_steps), ..Options::default() };
        let mut evaluator = self.session.evaluator(options, &mut world);
        if let Some(engine) = engine {
            evaluator.set_engine(engine);
        }
        let failure = evaluator.run_main(self.module, args).and_then(Result::err);
        let Report { steps, allocations, live } = evaluator.report();
        drop(evaluator);
        let failure = Vec::from_iter(failure.map(|failure| *failure));
        let told = render::human(&failure, &self.session.sources, false);
        let printed = world.printed.iter().map(|line| format!("{line}\n")).collect();
        Ran { printed, told, steps, allocations, live }
    }

    /// What is written for nothing, in the program's last file and in what it deploys.
    pub fn lint(&mut self) {
        let elaborated = self.elaborated();
        self.found.extend(self.session.lint(self.module));
        let (entry, sources) = (self.session.file_of(self.module), &self.session.sources);
        let (model, origins) = (&elaborated.model, &elaborated.origins);
        self.found.extend(eclexia_plan::lint(model, entry, origins, sources));
    }

    /// What the program deploys.
    pub fn elaborated(&mut self) -> Elaborated {
        pipeline::elaborate(&mut self.session, self.module, &Strategies::new()).0
    }

    /// Evaluates what evaluates by itself, plans what deploys, and keeps what that finds.
    pub fn go_on(&mut self) {
        let found = self.run();
        self.found.extend(found);
        if self.has_errors() {
            return;
        }
        let elaborated = self.elaborated();
        for deployment in &elaborated.model.deployments {
            let module = &elaborated.model.module;
            let (_, found) = eclexia_plan::plan(deployment, module, None, &elaborated.origins);
            self.found.extend(found.sorted());
        }
    }
}
