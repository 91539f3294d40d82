//! What runs functions of IR: the machine of this crate, or compiled code. All compute with the
//! same words in the same context, so values made by one are at home in the other.

use eclexia_ir::ir::{FuncId, LocId, Program};
use eclexia_rt::Stop;
use eclexia_rt::heap::Context;

/// A run that ended without a value.
#[derive(Debug)]
pub struct Halted {
    pub stop: Stop,
    /// Places of the calls under way, the innermost first; one inside of an inlined function is
    /// followed by that of its call.
    pub calls: Vec<LocId>,
}

pub trait Engine {
    /// Gets ready to call any function that the program has now; `false`: it cannot.
    fn prepare(&mut self, _program: &Program, _ctx: &mut Context) -> bool {
        true
    }

    /// Calls a function with words by the shapes of its parameters; gives the word of its result.
    fn call(
        &mut self,
        program: &Program,
        ctx: &mut Context,
        func: FuncId,
        args: &[u64],
    ) -> Result<u64, Halted>;
}
