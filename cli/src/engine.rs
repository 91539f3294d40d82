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
