//! Runs inside of a run: another machine with the same code, in another context.

use super::{Machine, Promoter};
use crate::codes::Codes;
use crate::engine::Halted;
use eclexia_ir::ir::{FuncId, LocId, Program};
use eclexia_rt::bridge::function_of;
use eclexia_rt::heap::{Context, Runner, Word};

struct Inside<'p, 'e> {
    program: &'p Program,
    /// Of the machine that waits.
    codes: *mut Codes,
    max_depth: usize,
    promoter: Option<Promoter<'e>>,
}

/// Calls a function with words that it takes as its parameters say.
pub(crate) fn call(
    program: &Program,
    codes: &mut Codes,
    ctx: &mut Context,
    max_depth: usize,
    promoter: Option<Promoter<'_>>,
    func: FuncId,
    args: &[u64],
) -> Result<u64, Halted> {
    let codes: *mut Codes = codes;
    let inside = Inside { program, codes, max_depth, promoter };
    ctx.run_by(&inside, |ctx| inside.machine(ctx).call(func, args))
}

impl<'p, 'e> Inside<'p, 'e> {
    fn machine<'m>(&self, ctx: &'m mut Context) -> Machine<'m, 'e>
    where
        'p: 'm,
    {
        // SAFETY: alive; whoever else uses it waits in a native, and keeps nothing of the code but
        // addresses of what is never moved.
        let codes = unsafe { &mut *self.codes };
        Machine::new(self.program, codes, ctx, self.max_depth).promoting(self.promoter)
    }
}

impl Runner for Inside<'_, '_> {
    fn call(&self, inside: &mut Context, closure: Word, argument: Word) -> Option<Word> {
        let func = FuncId(function_of(closure));
        let ended = self.machine(inside).call(func, &[closure, argument]);
        match ended {
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
