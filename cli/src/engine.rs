//! Compiled code as the engine of an evaluation.

use eclexia_codegen::jit::Jit;
use eclexia_interp::{Engine, Halted};
use eclexia_ir::ir::{FuncId, Program};
use eclexia_rt::heap::Context;

pub struct Compiled(Jit);

impl Compiled {
    /// `None` where there is no code for this machine, or no memory for it: the interpreter runs
    /// everything then.
    pub fn new() -> Option<Compiled> {
        Jit::new().ok().map(Compiled)
    }
}

impl Engine for Compiled {
    fn prepare(&mut self, program: &Program, context: &mut Context) -> bool {
        self.0.add(program, context);
        true
    }

    fn call(
        &mut self,
        program: &Program,
        context: &mut Context,
        func: FuncId,
        args: &[u64],
    ) -> Result<u64, Halted> {
        self.0.add(program, context);
        let ended = self.0.call(context, program, func, args);
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
