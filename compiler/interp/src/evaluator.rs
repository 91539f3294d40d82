//! The evaluator: what callers hold. Evaluates constants, calls functions, runs tests and `main`.
//! Between two calls it holds no values of the program but those in `Globals`.

use crate::codes::Codes;
use crate::engine::{Engine, Halted};
use crate::exec;
use crate::globals::Globals;
use crate::hooks::Bounds;
use crate::trace;
use eclexia_base::unit::UnitTable;
use eclexia_base::{Name, bug};
use eclexia_check::typed::Typed;
use eclexia_core::core::{CtorId, DefId, ModuleId, Program, TypeDefKind};
use eclexia_diag::Diagnostic;
use eclexia_ir::ir::{FuncId, LocId, Mode};
use eclexia_ir::lower::{Root, lower};
use eclexia_rt::diagnostics;
use eclexia_rt::heap::{Deadline, Limits};
use eclexia_rt::layout::{Rep, ShapeId};
use eclexia_rt::support::{ecl_global_begin, ecl_global_set};
use eclexia_rt::{Capability, Ctors, Effects, Fields, Report, Stop, Value};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Limits of one run.
#[derive(Clone)]
pub struct Options {
    /// Calls and rounds of loops; `None`: any number.
    pub max_steps: Option<u64>,
    /// Calls that wait for each other.
    pub max_depth: usize,
    /// Bytes of the heap.
    pub max_memory: u64,
    /// When it must be done.
    pub deadline: Option<Deadline>,
    /// Set from elsewhere to stop at the next safe point.
    pub interrupt: Option<Arc<AtomicBool>>,
    /// Quantities print in these units.
    pub units: UnitTable,
}

impl Default for Options {
    /// Four million calls deep: a million non-tail calls fit with room, and the stack stays below
    /// half a gigabyte for functions of ordinary size. A recursion that builds a list takes no
    /// stack; without end it ends at four gigabytes.
    fn default() -> Options {
        Options {
            max_steps: None,
            max_depth: 4_000_000,
            max_memory: 4 << 30,
            deadline: None,
            interrupt: None,
            units: UnitTable::language().clone(),
        }
    }
}

/// An error of a run: boxed, because runs succeed.
pub type Failure = Box<Diagnostic>;

pub struct Evaluator<'a> {
    program: &'a Program,
    typed: &'a Typed,
    globals: &'a mut Globals,
    options: Options,
    effects: &'a mut dyn Effects,
    /// Beside the interpreter, or in its place.
    engine: Option<(Role, &'a mut dyn Engine)>,
    /// Steps and allocations of the session before.
    steps_before: u64,
    allocations_before: u64,
}

/// What an engine other than the interpreter is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Everything,
    /// Functions that the interpreter finds hot.
    Hot,
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
        let (steps_before, allocations_before) = (globals.ctx.steps(), globals.ctx.allocations);
        let host = &mut globals.ctx.host;
        host.ctors = ctors(program);
        host.units = options.units.clone();
        host.interrupt = options.interrupt.clone();
        let max_steps = options.max_steps.map_or(u64::MAX, |max| steps_before.saturating_add(max));
        globals.ctx.set_limits(Limits {
            max_steps,
            max_memory: options.max_memory,
            deadline: options.deadline,
        });
        let engine = None;
        Evaluator {
            program,
            typed,
            globals,
            options,
            effects,
            engine,
            steps_before,
            allocations_before,
        }
    }

    /// Runs everything with another engine.
    pub fn set_engine(&mut self, engine: &'a mut dyn Engine) {
        self.engine = Some((Role::Everything, engine));
    }

    /// Runs functions with another engine that the interpreter finds hot.
    pub fn promote_to(&mut self, engine: &'a mut dyn Engine) {
        self.engine = Some((Role::Hot, engine));
    }

    /// The value of a constant, evaluated once.
    pub fn constant(&mut self, def: DefId) -> Result<Value, Failure> {
        let init = self.lower(Root::Constant(def))?;
        let Some(global) = self.globals.lowered.global_of(self.typed, def) else {
            bug!("{def:?} is no constant")
        };
        let shape = self.globals.ir.globals[global].shape;
        let word = match self.globals.ctx.global(global.0) {
            Some(word) => word,
            None => {
                ecl_global_begin(&mut self.globals.ctx, global.0);
                let word = self.run(init, &[])?;
                ecl_global_set(&mut self.globals.ctx, global.0, word);
                word
            }
        };
        Ok(self.globals.ctx.to_value(word, shape))
    }

    /// The definitions under way, the innermost first, when the evaluation of a constant is stopped
    /// by the limit of steps; `None`: it ended before.
    pub fn stopped_in(&mut self, def: DefId) -> Option<Vec<Name>> {
        let init = self.lower(Root::Constant(def)).ok()?;
        let halted = self.run_halting(init, &[]).err()?;
        let is_limit = matches!(halted.stop, Stop::StepLimit);
        let calls = trace::calls(self.program, &self.globals.ir, &halted.calls);
        is_limit.then(|| calls.into_iter().map(|call| call.name).collect())
    }

    /// Calls a definition that takes no dictionaries.
    pub fn call(&mut self, def: DefId, args: Vec<Value>) -> Result<Value, Failure> {
        let func = self.lower(Root::Function(def))?;
        let Globals { ir, ctx, .. } = &mut *self.globals;
        let function = &ir.functions[func];
        let params: Vec<(ShapeId, Mode)> =
            function.params.iter().map(|p| (function.vars[p.var], p.mode)).collect();
        let result = function.result;
        let words: Vec<u64> =
            args.iter().zip(&params).map(|(arg, (shape, _))| ctx.from_value(arg, *shape)).collect();
        let outcome = self.run(func, &words);
        let Globals { ir, ctx, .. } = &mut *self.globals;
        for (word, (shape, mode)) in words.iter().zip(&params) {
            if *mode == Mode::Borrowed && ir.shapes.rep(*shape) == Rep::Ptr {
                ctx.drop_word(*word);
            }
        }
        let word = outcome?;
        let value = ctx.to_value(word, result);
        if ir.shapes.rep(result) == Rep::Ptr {
            ctx.drop_word(word);
        }
        Ok(value)
    }

    /// The function of a root, lowered now where it is not yet.
    fn lower(&mut self, root: Root) -> Result<FuncId, Failure> {
        let Globals { ir, lowered, ctx, .. } = &mut *self.globals;
        let func = lower(self.program, self.typed, ir, lowered, root)?;
        Codes::learn(ir, ctx);
        Ok(func)
    }

    fn run(&mut self, func: FuncId, args: &[u64]) -> Result<u64, Failure> {
        self.run_halting(func, args).map_err(|halted| Box::new(self.diagnose(halted)))
    }

    fn run_halting(&mut self, func: FuncId, args: &[u64]) -> Result<u64, Halted> {
        let Globals { ir, codes, ctx, .. } = &mut *self.globals;
        let hooks = Bounds { program: self.program, typed: self.typed };
        let max_depth = self.options.max_depth;
        ctx.collect();
        let engine = &mut self.engine;
        ctx.within(&mut *self.effects, &hooks, |ctx| match engine {
            Some((Role::Everything, engine)) => engine.call(ir, ctx, func, args),
            Some((Role::Hot, engine)) => {
                let engine: &mut dyn Engine = &mut **engine;
                let engine = RefCell::new(engine);
                exec::call(ir, codes, ctx, max_depth, Some(&engine), func, args)
            }
            None => exec::call(ir, codes, ctx, max_depth, None, func, args),
        })
    }

    /// Runs a `deftest`.
    pub fn run_test(&mut self, def: DefId) -> TestResult {
        let before = self.steps();
        let result = self.call(def, Vec::new());
        let mut failures = self.take_failed_checks();
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
        self.globals.ctx.steps() - self.steps_before
    }

    /// What all calls took so far; constants are evaluated anew afterwards.
    pub fn report(&mut self) -> Report {
        let Report { steps, allocations, live } = self.globals.ctx.report();
        let steps = steps - self.steps_before;
        Report { steps, allocations: allocations - self.allocations_before, live }
    }

    /// Failed checks outside of a test, in order.
    pub fn take_failed_checks(&mut self) -> Vec<Diagnostic> {
        let failed = std::mem::take(&mut self.globals.ctx.host.failed_checks);
        let ir = &self.globals.ir;
        let diagnostics = failed.into_iter().map(|check| {
            let call = trace::call_at(self.program, ir, LocId(check.loc));
            diagnostics::check_failed(call.map(|call| call.span), &check.text, check.sides)
        });
        diagnostics.collect()
    }

    fn diagnose(&self, halted: Halted) -> Diagnostic {
        let calls = trace::calls(self.program, &self.globals.ir, &halted.calls);
        diagnostics::of_stop(halted.stop, &calls, self.options.max_steps)
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
