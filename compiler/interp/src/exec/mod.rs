//! The machine: runs bytecode on a stack of words. Calls do not use Rust's stack, so recursion may
//! go as deep as the limits say; a tail call uses its caller's frame.
//!
//! What is said here once for all unsafe code of this folder: code comes from `translate`, which
//! writes registers below the size of the frame, distances to instructions of the same function and
//! addresses of entries and cold instructions that live as long as the code. A frame is entered only
//! when its words fit on the stack. What words mean is said in `rt::heap`, and IR keeps it
//! (`ir::verify`).

#![expect(unsafe_code, reason = "a machine over raw words; the module says why it is sound")]

mod cells;
mod cold;
mod dispatch;
mod stop;
mod unwind;

use crate::bytecode::{Entry, Inst, LINK, Op};
use crate::codes::Codes;
use eclexia_ir::ir::{FuncId, Program};
use eclexia_rt::heap::Context;
use eclexia_rt::stop::Stop;

/// Words per permitted call: keeps functions with very many variables from filling memory.
const WORDS_PER_CALL: usize = 16;

/// Words of a new stack.
const FIRST_WORDS: usize = 1 << 14;

pub(crate) struct Machine<'a> {
    pub program: &'a Program,
    pub codes: &'a mut Codes,
    pub ctx: &'a mut Context,
    stack: Vec<u64>,
    /// The first word behind the stack.
    end: *mut u64,
    /// Calls that may still be begun.
    depth_left: usize,
    max_depth: usize,
}

/// Where a run ended without a value; what it was is in the context.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// The instruction, or at the begin of a function its first one.
    at: *const u64,
    regs: *mut u64,
    is_entry: bool,
}

impl<'a> Machine<'a> {
    pub fn new(
        program: &'a Program,
        codes: &'a mut Codes,
        ctx: &'a mut Context,
        max_depth: usize,
    ) -> Machine<'a> {
        let end = std::ptr::null_mut();
        let stack = Vec::new();
        Machine { program, codes, ctx, stack, end, depth_left: max_depth, max_depth }
    }

    /// Calls a function with its arguments, which it takes as its parameters say.
    pub fn call(&mut self, func: FuncId, args: &[u64]) -> Result<u64, (Stop, Vec<crate::trace::Call>)> {
        let bottom = Inst::new(Op::Call, 0, LINK as u16 + 1, 0);
        let halt = [Inst::new(Op::Halt, 0, 0, 0).word()];
        let entry = self.codes.entry(func);
        if self.stack.is_empty() {
            self.stack = vec![0; FIRST_WORDS.max(args.len() + 2 * LINK)];
            self.end = self.stack.as_mut_ptr_range().end;
        }
        self.depth_left = self.max_depth;
        let first = LINK + 1;
        self.stack[1] = halt.as_ptr() as u64;
        self.stack[2] = bottom.word();
        self.stack[first..first + args.len()].copy_from_slice(args);
        // SAFETY: the stack has room for the arguments; see the module for the rest.
        let result = unsafe {
            let regs = self.stack.as_mut_ptr().add(first);
            self.begin(entry, regs).and_then(|(pc, regs)| self.run(pc, regs))
        };
        result.map_err(|ended| self.end_run(ended))
    }

    /// Enters a function whose arguments are in place: room on the stack, then its steps.
    unsafe fn begin(
        &mut self,
        entry: *const Entry,
        regs: *mut u64,
    ) -> Result<(*const u64, *mut u64), Ended> {
        // SAFETY: see the module.
        unsafe {
            if (*entry).is_stub() {
                self.translate(entry, regs)?;
            }
            let mut regs = regs;
            if regs.add((*entry).words as usize) > self.end {
                regs = self.grow((*entry).words as usize, regs, (*entry).start)?;
            }
            let pc = (*entry).start;
            self.ctx.fuel -= i64::from((*entry).steps);
            if self.ctx.fuel < 0 && !self.ctx.refuel() {
                return Err(Ended { at: pc, regs, is_entry: true });
            }
            Ok((pc, regs))
        }
    }

    #[cold]
    unsafe fn translate(&mut self, entry: *const Entry, regs: *mut u64) -> Result<(), Ended> {
        // SAFETY: see the module.
        let func = unsafe { (*entry).func };
        let is_done = self.codes.translate(self.program, self.ctx, func);
        if is_done {
            return Ok(());
        }
        self.ctx.stop(Stop::StackExhausted);
        // SAFETY: see the module.
        Err(Ended { at: unsafe { (*entry).start }, regs, is_entry: true })
    }

    /// A larger stack, for a frame at `regs` of so many words.
    #[cold]
    unsafe fn grow(
        &mut self,
        words: usize,
        regs: *mut u64,
        start: *const u64,
    ) -> Result<*mut u64, Ended> {
        // SAFETY: `regs` is inside of the stack.
        let at = unsafe { regs.offset_from(self.stack.as_ptr()) } as usize;
        let needed = at + words;
        let most = self.max_depth.saturating_mul(WORDS_PER_CALL).max(FIRST_WORDS);
        if needed > most {
            self.ctx.stop(Stop::StackExhausted);
            return Err(Ended { at: start, regs, is_entry: true });
        }
        let size = needed.max(self.stack.len() * 2).min(most);
        self.stack.resize(size, 0);
        self.end = self.stack.as_mut_ptr_range().end;
        // SAFETY: the stack has become larger.
        Ok(unsafe { self.stack.as_mut_ptr().add(at) })
    }
}
