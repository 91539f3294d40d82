//! The evaluator: what callers hold. Evaluates constants, calls functions, runs tests and `main`.
//! Between two calls it holds no values of the program but those in `Globals`.

use crate::diagnostics;
use crate::globals::{Constant, Globals};
use crate::machine::{Frame, Stop};
use eclexia_base::unit::UnitTable;
use eclexia_base::{Name, bug};
use eclexia_check::typed::Typed;
use eclexia_core::core::{CtorId, DefId, ModuleId, Program, TypeDefKind};
use eclexia_diag::Diagnostic;
use eclexia_rt::{Capability, Ctors, Effects, Fields, Value};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Limits of one run.
#[derive(Clone)]
pub struct Options {
    /// Calls and rounds of loops; `None`: any number.
    pub max_steps: Option<u64>,
    /// Calls that wait for each other.
    pub max_depth: usize,
    /// Set from elsewhere to stop at the next safe point.
    pub interrupt: Option<Arc<AtomicBool>>,
    /// Quantities print in these units.
    pub units: UnitTable,
}

impl Default for Options {
    /// Four million calls deep: a million non-tail calls fit with room, and the stack stays below
    /// half a gigabyte for functions of ordinary size.
    fn default() -> Options {
        Options {
            max_steps: None,
            max_depth: 4_000_000,
            interrupt: None,
            units: UnitTable::language(),
        }
    }
}

/// An error of a run: boxed, because runs succeed.
pub type Failure = Box<Diagnostic>;

pub struct Evaluator<'a> {
    pub(crate) program: &'a Program,
    pub(crate) typed: &'a Typed,
    pub(crate) globals: &'a mut Globals,
    pub(crate) options: Options,
    pub(crate) effects: &'a mut dyn Effects,
    pub(crate) ctors: Ctors,
    pub(crate) stack: Vec<Value>,
    /// The callers of the current frame, the outermost first.
    pub(crate) frames: Vec<Frame>,
    pub(crate) steps: u64,
    /// Steps until the next look at limits and the interrupt flag.
    pub(crate) fuel: u32,
    pub(crate) failed_checks: Vec<Diagnostic>,
    /// Meters that run, the innermost last.
    pub(crate) meters: Vec<crate::meter::Meter>,
}

/// What a test found.
#[derive(Debug)]
pub struct TestResult {
    pub name: Name,
    /// Failed checks in order, and last the error that ended the test, if one did.
    pub failures: Vec<Diagnostic>,
    pub steps: u64,
}

impl TestResult {
    pub fn is_passed(&self) -> bool {
        self.failures.is_empty()
    }
}

impl<'a> Evaluator<'a> {
    pub fn new(
        program: &'a Program,
        typed: &'a Typed,
        globals: &'a mut Globals,
        options: Options,
        effects: &'a mut dyn Effects,
    ) -> Evaluator<'a> {
        Evaluator {
            program,
            typed,
            globals,
            options,
            effects,
            ctors: ctors(program),
            stack: Vec::new(),
            frames: Vec::new(),
            steps: 0,
            fuel: 0,
            failed_checks: Vec::new(),
            meters: Vec::new(),
        }
    }

    /// The value of a constant, evaluated once.
    pub fn constant(&mut self, def: DefId) -> Result<Value, Failure> {
        if let Constant::Done(value) = self.globals.constant(def) {
            return Ok(value.clone());
        }
        let frame = self.constant_frame(def);
        self.globals.set_constant(def, Constant::Started);
        self.finish(frame)?;
        match self.globals.constant(def) {
            Constant::Done(value) => Ok(value.clone()),
            _ => bug!("{def:?} ended without a value"),
        }
    }

    /// Calls a definition that takes no dictionaries.
    pub fn call(&mut self, def: DefId, args: Vec<Value>) -> Result<Value, Failure> {
        let is_constant = self.program.defs[def].body.as_ref().is_some_and(|b| !b.is_function);
        let function = if is_constant {
            self.constant(def)?
        } else {
            Value::function(eclexia_rt::Target::Def(def.0), Fields::none())
        };
        self.apply(&function, args)
    }

    /// Calls a function value.
    pub fn apply(&mut self, function: &Value, args: Vec<Value>) -> Result<Value, Failure> {
        let argc = args.len() as u32;
        self.stack.push(function.clone());
        self.stack.extend(args);
        let frame = self.entry_frame(argc);
        self.finish(frame)
    }

    /// Runs a `deftest`.
    pub fn run_test(&mut self, def: DefId) -> TestResult {
        let before = self.steps();
        let result = self.call(def, Vec::new());
        let mut failures = std::mem::take(&mut self.failed_checks);
        failures.extend(result.err().map(|failure| *failure));
        TestResult { name: self.program.defs[def].name, failures, steps: self.steps() - before }
    }

    /// Calls `main` of a module with the world and these arguments; without a parameter, `main` is
    /// called without. `None` when the module has no `main`.
    pub fn run_main(
        &mut self,
        module: ModuleId,
        args: &[String],
    ) -> Option<Result<Value, Failure>> {
        let named_main = |def: &&DefId| self.program.defs[**def].name == "main";
        let main = *self.program.modules[module].defs.iter().rfind(named_main)?;
        let body = self.program.defs[main].body.as_ref()?;
        Some(match (body.is_function, body.params.len()) {
            (false, _) => self.constant(main),
            (true, 0) => self.call(main, Vec::new()),
            (true, _) => {
                let world = self.world(args);
                self.call(main, vec![world])
            }
        })
    }

    /// Steps so far, over all calls.
    pub fn steps(&self) -> u64 {
        self.steps - u64::from(self.fuel)
    }

    /// Failed checks outside of a test, in order.
    pub fn take_failed_checks(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.failed_checks)
    }

    fn finish(&mut self, frame: Frame) -> Result<Value, Failure> {
        let result = self.run(frame).map_err(|stop| Box::new(self.diagnose(stop)));
        if result.is_err() {
            self.unwind();
        }
        result
    }

    /// Forgets an evaluation that failed; constants it had begun may be tried again.
    fn unwind(&mut self) {
        for frame in std::mem::take(&mut self.frames) {
            if let Some(def) = frame.constant() {
                self.globals.set_constant(def, Constant::New);
            }
        }
        self.stack.clear();
        self.meters.clear();
    }

    fn diagnose(&self, stop: Stop) -> Diagnostic {
        diagnostics::of_stop(stop, &self.trace(), self.options.max_steps)
    }

    /// The record that `main` receives: all capabilities, and the arguments.
    fn world(&self, args: &[String]) -> Value {
        let ty = self.program.lang.types.get(&Name::new("World"));
        let Some(TypeDefKind::Record(ctor)) = ty.map(|ty| &self.program.types[*ty].kind) else {
            return Value::Unit;
        };
        let fields = self.program.ctors[*ctor].fields.iter().map(|field| {
            match field.name.map_or("", Name::as_str) {
                "files" => Value::Capability(Capability::Files),
                "clock" => Value::Capability(Capability::Clock),
                "network" => Value::Capability(Capability::Network),
                "random" => Value::Capability(Capability::Random),
                "env" => Value::Capability(Capability::Env),
                "treasury" => Value::Capability(Capability::Treasury),
                _ => Value::vector(args.iter().map(|arg| Value::str(arg.as_str()))),
            }
        });
        Value::data(ctor.0, 0, None, Fields::from(fields.collect::<Vec<_>>()))
    }
}

/// The constructors of `std.core` that built-ins need.
pub fn ctors(program: &Program) -> Ctors {
    let find = |name: &str| {
        let ctor: Option<&CtorId> = program.lang.ctors.get(&Name::new(name));
        // No constructor has this id: where the library lacks one, core reported it.
        ctor.map_or((u32::MAX, 0), |c| (c.0, program.ctors[*c].index))
    };
    Ctors {
        none: find("None"),
        some: find("Some"),
        ok: find("Ok"),
        err: find("Err"),
        nil: find("Nil"),
        cons: find("Cons"),
        pair: find("Pair"),
        less: find("Less"),
        equal: find("Equal"),
        greater: find("Greater"),
        json_null: find("JsonNull"),
        json_bool: find("JsonBool"),
        json_number: find("JsonNumber"),
        json_string: find("JsonString"),
        json_array: find("JsonArray"),
        json_object: find("JsonObject"),
    }
}
