//! Promotion: a function that is often found running is compiled by an engine, with everything that
//! it may call, and from then on its entry leads to the machine code. A call under way goes on as
//! it began. Looks are taken at safe points, so what is hot depends on steps alone, and bytecode
//! pays nothing for it.

use super::{Ended, Machine};
use crate::bytecode::Entry;
use crate::engine::Engine;
use eclexia_ir::ir::FuncId;
use std::cell::RefCell;

pub(crate) type Promoter<'a> = &'a RefCell<&'a mut (dyn Engine + 'a)>;

impl Machine<'_, '_> {
    /// Whether the run goes on after a look at its limits, in a function or before it begins.
    #[cold]
    pub(super) fn may_go_on(&mut self, func: Option<FuncId>) -> bool {
        if let (Some(promoter), Some(func)) = (self.promoter, func) {
            let steps = self.ctx.steps();
            let since = steps.saturating_sub(std::mem::replace(&mut self.looked_at, steps));
            if self.codes.heat(self.program, func, since)
                && promoter.borrow_mut().prepare(self.program, self.ctx)
            {
                self.codes.promote(func);
            }
        }
        self.ctx.refuel();
        self.ctx.pending == 0
    }

    #[cold]
    pub(super) fn may_go_on_at(&mut self, pc: *const u64) -> bool {
        let func = self.codes.find(pc).map(|(func, _)| func);
        self.may_go_on(func)
    }

    /// Calls the machine code of a function whose arguments are in place, and returns from it.
    /// Without an engine the bytecode that is still there is run.
    #[inline(never)]
    pub(super) unsafe fn call_compiled(
        &mut self,
        entry: *const Entry,
        regs: *mut u64,
    ) -> Result<(*const u64, *mut u64), Ended> {
        // SAFETY: an entry lives as long as the code, and its frame has room for its arguments.
        let (func, args) = unsafe {
            let func = (*entry).func;
            let count = self.program.functions[func].params.len();
            (func, std::slice::from_raw_parts(regs, count))
        };
        let Some(promoter) = self.promoter else { return self.call_translated(func, regs) };
        match promoter.borrow_mut().call(self.program, self.ctx, func, args) {
            // SAFETY: the frame is one that was entered by a call.
            Ok(word) => Ok(unsafe { self.leave(regs, word) }),
            Err(halted) => {
                self.ctx.stop(halted.stop);
                self.ctx.add_calls(halted.calls.into_iter().map(|loc| loc.0 as usize));
                Err(Ended { is_left: true, ..Ended::at(std::ptr::null(), regs) })
            }
        }
    }

    fn call_translated(
        &mut self,
        func: FuncId,
        regs: *mut u64,
    ) -> Result<(*const u64, *mut u64), Ended> {
        let Some(code) = self.codes.code(func) else {
            eclexia_base::bug!("a promoted function that was never translated")
        };
        let pc = code.words.as_ptr();
        self.ctx.fuel -= i64::from(code.steps);
        if self.ctx.fuel < 0 && code.looks && !self.may_go_on(Some(func)) {
            return Err(Ended::entering(func, regs));
        }
        Ok((pc, regs))
    }
}
