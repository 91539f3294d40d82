//! Runs inside of a run: another machine with the same code, in another context.

use super::Machine;
use crate::codes::Codes;
use crate::engine::Halted;
use eclexia_ir::ir::{FuncId, LocId, Program};
use eclexia_rt::bridge::function_of;
use eclexia_rt::heap::{Context, Runner, Word};

struct Inside<'a> {
    program: &'a Program,
    /// Of the machine that waits.
    codes: *mut Codes,
    max_depth: usize,
}

/// Calls a function with words that it takes as its parameters say.
pub(crate) fn call(
    program: &Program,
    codes: &mut Codes,
    ctx: &mut Context,
    max_depth: usize,
    func: FuncId,
    args: &[u64],
) -> Result<u64, Halted> {
    let codes: *mut Codes = codes;
    let inside = Inside { program, codes, max_depth };
    ctx.run_by(&inside, |ctx| {
        // SAFETY: alive and used by nobody else but machines inside, while this one waits.
        let codes = unsafe { &mut *codes };
        Machine::new(program, codes, ctx, max_depth).call(func, args)
    })
}

impl Runner for Inside<'_> {
    fn call(&self, inside: &mut Context, closure: Word, argument: Word) -> Option<Word> {
        // SAFETY: the machine of the run around waits in a native; it keeps nothing of the code but
        // addresses of what is never moved.
        let codes = unsafe { &mut *self.codes };
        let func = FuncId(function_of(closure));
        let mut machine = Machine::new(self.program, codes, inside, self.max_depth);
        match machine.call(func, &[closure, argument]) {
            Ok(word) => Some(word),
            Err(Halted { stop, calls }) => {
                inside.stop(stop);
                inside.add_calls(calls.into_iter().map(|LocId(loc)| loc as usize));
                None
            }
        }
    }

    // Code has their addresses in it.
    fn shares_constants(&self) -> bool {
        true
    }
}
