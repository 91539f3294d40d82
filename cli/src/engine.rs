//! Compiled code as the engine of an evaluation.

use eclexia_codegen::jit::Jit;
use eclexia_interp::{Engine, Halted};
use eclexia_ir::ir::{FuncId, Program};
use eclexia_rt::heap::Context;

pub struct Compiled {
    jit: Jit,
    /// Whether perf is told where functions are.
    has_map: bool,
}

impl Compiled {
    /// `None` where there is no code for this machine, or no memory for it: the interpreter runs
    /// everything then.
    pub fn new() -> Option<Compiled> {
        Some(Compiled { jit: Jit::new().ok()?, has_map: false })
    }

    pub fn with_map(self, has_map: bool) -> Compiled {
        Compiled { has_map, ..self }
    }

    /// The file in which perf looks for the functions of this process.
    fn write_map(&self, program: &Program) {
        let lines = self.jit.symbols(program).into_iter();
        let text: String =
            lines.map(|(at, size, name)| format!("{at:x} {size:x} {name}\n")).collect();
        // A profile without names is no reason not to run.
        let _ = std::fs::write(format!("/tmp/perf-{}.map", std::process::id()), text);
    }
}

impl Engine for Compiled {
    fn prepare(&mut self, program: &Program, context: &mut Context) -> bool {
        self.jit.add(program, context);
        true
    }

    fn call(
        &mut self,
        program: &Program,
        context: &mut Context,
        func: FuncId,
        args: &[u64],
    ) -> Result<u64, Halted> {
        self.jit.add(program, context);
        if self.has_map {
            self.write_map(program);
        }
        let ended = self.jit.call(context, program, func, args);
        ended.map_err(|stopped| Halted { stop: stopped.stop, calls: stopped.trace })
    }
}

/// Compiled code for what the interpreter finds hot. Before that nothing is made.
#[derive(Default)]
pub struct WhenHot(Option<Option<Compiled>>);

impl Engine for WhenHot {
    fn prepare(&mut self, program: &Program, context: &mut Context) -> bool {
        let compiled = self.0.get_or_insert_with(Compiled::new);
        compiled.as_mut().is_some_and(|compiled| compiled.prepare(program, context))
    }

    fn call(
        &mut self,
        program: &Program,
        context: &mut Context,
        func: FuncId,
        args: &[u64],
    ) -> Result<u64, Halted> {
        match &mut self.0 {
            Some(Some(compiled)) => compiled.call(program, context, func, args),
            _ => eclexia_base::bug!("code that was never made is called"),
        }
    }
}
