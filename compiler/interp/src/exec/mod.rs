//! The machine: runs bytecode on a stack of words. Calls do not use Rust's stack, so recursion may
//! go as deep as the limits say; a tail call uses its caller's frame.
//!
//! What is said here once for all unsafe code of this folder: code comes from `translate`, which
//! writes registers below the size of the frame, distances to instructions of the same function and
//! addresses of entries and cold instructions that live as long as the code. A frame is entered
//! only when its words fit on the stack. What words mean is said in `rt::heap`, and IR keeps it
//! (`ir::verify`).

#![expect(unsafe_code, reason = "a machine over raw words; the module says why it is sound")]

mod cells;
mod cold;
mod compiled;
pub(crate) mod dispatch;
mod inside;
mod stop;
#[cfg(test)]
mod tests;
mod unwind;

pub(crate) use compiled::Promoter;
pub(crate) use inside::call;

use crate::bytecode::{Entry, Inst, LINK, Op};
use crate::codes::Codes;
use crate::engine::Halted;
use eclexia_ir::ir::{FuncId, Program};
use eclexia_rt::heap::Context;
use eclexia_rt::layout::Rep;
use eclexia_rt::stop::Stop;
use std::alloc::Layout;

/// Words per permitted call: keeps functions with very many variables from filling memory.
const WORDS_PER_CALL: usize = 16;

/// Words of a new stack.
const FIRST_WORDS: usize = 1 << 14;

pub(crate) struct Machine<'a, 'e> {
    pub program: &'a Program,
    pub codes: &'a mut Codes,
    pub ctx: &'a mut Context,
    stack: Stack,
    /// The first word behind the stack.
    end: *mut u64,
    /// Calls that may still be begun.
    depth_left: usize,
    max_depth: usize,
    /// Who compiles hot functions, if anybody does.
    promoter: Option<Promoter<'e>>,
    /// The steps when somebody last looked what runs.
    looked_at: u64,
}

/// Where a run ended without a value; what it was is in the context.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// The instruction.
    at: *const u64,
    regs: *mut u64,
    /// The function that was entered, and not yet begun.
    entered: Option<FuncId>,
    /// The frame is machine code's, which has given it up.
    is_left: bool,
}

impl Ended {
    fn entering(func: FuncId, regs: *mut u64) -> Ended {
        Ended { at: std::ptr::null(), regs, entered: Some(func), is_left: false }
    }

    fn at(at: *const u64, regs: *mut u64) -> Ended {
        Ended { at, regs, entered: None, is_left: false }
    }
}

impl<'a, 'e> Machine<'a, 'e> {
    pub fn new(
        program: &'a Program,
        codes: &'a mut Codes,
        ctx: &'a mut Context,
        max_depth: usize,
    ) -> Machine<'a, 'e> {
        let stack = Stack::default();
        let end = stack.end();
        let depth_left = max_depth;
        let (promoter, looked_at) = (None, ctx.steps());
        Machine { program, codes, ctx, stack, end, depth_left, max_depth, promoter, looked_at }
    }

    pub fn promoting(self, promoter: Option<Promoter<'e>>) -> Machine<'a, 'e> {
        Machine { promoter, ..self }
    }

    /// Calls a function with its arguments, which it takes as its parameters say.
    pub fn call(&mut self, func: FuncId, args: &[u64]) -> Result<u64, Halted> {
        let bottom = Inst::new(Op::Call, 0, LINK as u16 + 1, 0);
        let halt = [Inst::new(Op::Halt, 0, 0, 0).word()];
        let entry = self.codes.entry(func);
        let first = LINK + 1;
        if self.stack.words < first + args.len() {
            self.stack.grow(FIRST_WORDS.max(first + args.len()));
            self.end = self.stack.end();
        }
        self.depth_left = self.max_depth;
        // SAFETY: the stack has room for the arguments; see the module for the rest.
        let result = unsafe {
            *self.stack.start.add(1) = halt.as_ptr() as u64;
            *self.stack.start.add(2) = bottom.word();
            let regs = self.stack.start.add(first);
            std::ptr::copy_nonoverlapping(args.as_ptr(), regs, args.len());
            self.begin(entry, regs).and_then(|(pc, regs)| self.run(pc, regs))
        };
        match result {
            Ok(word) if self.ctx.fuel < 0 => self.settle(func, word),
            Ok(word) => Ok(word),
            Err(ended) => Err(self.end_run(ended)),
        }
    }

    /// Looks at the steps behind a run. One that took too many ends at its function.
    #[cold]
    fn settle(&mut self, func: FuncId, word: u64) -> Result<u64, Halted> {
        self.ctx.settle();
        if self.ctx.pending == 0 {
            return Ok(word);
        }
        let function = &self.program.functions[func];
        if self.program.shapes.rep(function.result) == Rep::Ptr {
            self.ctx.drop_word(word);
        }
        let stop = self.ctx.take_stop().unwrap_or(Stop::Unreachable);
        Err(Halted { stop, calls: vec![function.loc] })
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
                regs = self.grow((*entry).words as usize, regs, (*entry).func)?;
            }
            let pc = (*entry).start;
            self.ctx.fuel -= i64::from((*entry).steps);
            if self.ctx.fuel < 0 && (*entry).looks && !self.may_go_on(Some((*entry).func)) {
                return Err(Ended::entering((*entry).func, regs));
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
        Err(Ended::entering(func, regs))
    }

    /// A larger stack, for a frame at `regs` of so many words.
    #[cold]
    unsafe fn grow(
        &mut self,
        words: usize,
        regs: *mut u64,
        func: FuncId,
    ) -> Result<*mut u64, Ended> {
        // SAFETY: `regs` is inside of the stack.
        let at = unsafe { regs.offset_from(self.stack.start) } as usize;
        let needed = at + words;
        let most = self.max_depth.saturating_mul(WORDS_PER_CALL).max(FIRST_WORDS);
        if needed > most {
            self.ctx.stop(Stop::StackExhausted);
            return Err(Ended::entering(func, regs));
        }
        self.stack.grow(needed.max(self.stack.words * 2).min(most));
        self.end = self.stack.end();
        // SAFETY: the stack has become larger.
        Ok(unsafe { self.stack.start.add(at) })
    }
}

/// Memory for frames. What a frame has not written it does not read.
struct Stack {
    start: *mut u64,
    words: usize,
}

impl Default for Stack {
    fn default() -> Stack {
        Stack { start: std::ptr::null_mut(), words: 0 }
    }
}

impl Stack {
    fn layout(words: usize) -> Layout {
        match Layout::array::<u64>(words) {
            Ok(layout) => layout,
            Err(_) => eclexia_base::bug!("a stack of {words} words"),
        }
    }

    /// Keeps what is there.
    fn grow(&mut self, words: usize) {
        let (old, new) = (Stack::layout(self.words), Stack::layout(words));
        // SAFETY: `start` is null or was allocated with the layout of `words`, which is not empty.
        let start = unsafe {
            match self.start.is_null() {
                true => std::alloc::alloc(new),
                false => std::alloc::realloc(self.start.cast(), old, new.size()),
            }
        };
        if start.is_null() {
            std::alloc::handle_alloc_error(new);
        }
        self.start = start.cast();
        self.words = words;
    }

    fn end(&self) -> *mut u64 {
        self.start.wrapping_add(self.words)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if !self.start.is_null() {
            // SAFETY: allocated with this layout.
            unsafe { std::alloc::dealloc(self.start.cast(), Stack::layout(self.words)) }
        }
    }
}
