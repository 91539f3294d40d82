//! The stack that native code runs on: large, committed as it is used, with pages at its end that
//! may not be touched. Whoever touches them has gone too deep, and the run ends:
//!
//! ```text
//! low   [ red: never ][ yellow: opened for Rust's own code ][ ....... the stack ....... ]   high
//! ```
//!
//! Eclexia's code is left at once. Rust's (a native that was called there) is let go on for a while
//! in the yellow pages, since it must not be left in the middle; the next step ends the run.

#![expect(unsafe_code, reason = "stacks are mapped and signals handled here")]

use crate::switch;
use eclexia_rt::heap::Context;
use eclexia_rt::stop::Stop;
use std::cell::Cell;
use std::ops::Range;
use std::ptr::{null, null_mut};
use std::sync::Once;

const SIZE: usize = 1 << 30;
const RED: usize = 64 << 10;
const YELLOW: usize = 1 << 20;
/// For the handler, which runs on a stack of its own.
const SIGNAL_STACK: usize = 64 << 10;

/// One for each thread that runs native code.
pub struct Stack {
    low: *mut u8,
}

/// What the handler must know of the run of its thread.
#[derive(Clone, Copy)]
struct Run {
    context: *mut Context,
    low: *mut u8,
    /// Where Eclexia's own code is.
    code: (usize, usize),
    /// Whether the yellow pages are open: the next step ends the run.
    is_low: bool,
}

const NO_RUN: Run = Run { context: null_mut(), low: null_mut(), code: (0, 0), is_low: false };

thread_local! {
    static RUN: Cell<Run> = const { Cell::new(NO_RUN) };
}

impl Stack {
    /// `None` when the system gives no such memory.
    pub fn new() -> Option<Stack> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping, of which nothing is used that this does not check.
        let low = unsafe {
            libc::mmap(null_mut(), SIZE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        };
        if low == libc::MAP_FAILED {
            return None;
        }
        let stack = Stack { low: low.cast() };
        stack.close();
        Some(stack)
    }

    /// Nobody may touch the pages at the end.
    fn close(&self) {
        // SAFETY: the first pages of our own mapping, which no frame is on.
        unsafe { libc::mprotect(self.low.cast(), RED + YELLOW, libc::PROT_NONE) };
    }

    pub(crate) fn contains(&self, address: usize) -> bool {
        (self.low as usize + RED..self.high() as usize).contains(&address)
    }

    fn high(&self) -> *mut u8 {
        // SAFETY: one past the end of the mapping.
        unsafe { self.low.add(SIZE) }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: our own mapping, which nothing runs on any more.
        unsafe { libc::munmap(self.low.cast(), SIZE) };
    }
}

/// Calls `code` through `shim` with the words; the result is the first of them, unless
/// `context.pending` says that the run was left. `range` is where Eclexia's code is.
///
/// # Safety
/// `shim` is code for the convention of `code`, both made for this context, and `words` has room
/// for all arguments, which are of the shapes of the parameters, and for the result.
pub unsafe fn enter(
    context: &mut Context,
    stack: &Stack,
    range: Range<usize>,
    shim: *const (),
    code: *const (),
    words: &mut [u64],
) {
    install();
    let context: *mut Context = context;
    let before = RUN.get();
    // Who is called back from native code stays on its stack.
    let is_nested = before.low == stack.low;
    let top = if is_nested { null_mut() } else { stack.high() };
    if !is_nested {
        let code = (range.start, range.end);
        RUN.set(Run { context, low: stack.low, code, is_low: false });
    }
    // SAFETY: as this function's.
    unsafe {
        switch::switch(context, words.as_mut_ptr(), code, shim, top);
        let context = &mut *context;
        if context.pending == 0 && context.fuel < 0 {
            settle(context, code);
        }
        context.host.was_left |= context.pending != 0;
    }
    if !is_nested {
        if RUN.get().is_low {
            stack.close();
        }
        RUN.set(before);
    }
}

/// Looks at the steps behind a run. One that took too many ends where its function begins.
#[cold]
fn settle(context: &mut Context, code: *const ()) {
    context.settle();
    if context.pending != 0 {
        context.stack.fault_pc = null_mut();
        context.add_calls([code as usize]);
    }
}

/// Whether the run must end because its stack does.
pub(crate) fn is_exhausted() -> bool {
    RUN.get().is_low
}

/// The handler for the process, and a stack for it on this thread.
fn install() {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| {
        // SAFETY: a plain record of numbers and pointers.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = on_fault as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: the handler only does what a handler may.
        unsafe { libc::sigaction(libc::SIGSEGV, &action, previous()) };
    });
    thread_local! {
        static HAS_STACK: Cell<bool> = const { Cell::new(false) };
    }
    if HAS_STACK.replace(true) {
        return;
    }
    // SAFETY: plain system calls; the memory is kept for as long as the process lives.
    unsafe {
        let mut known: libc::stack_t = std::mem::zeroed();
        libc::sigaltstack(null(), &mut known);
        if known.ss_flags & libc::SS_DISABLE == 0 {
            return;
        }
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let memory =
            libc::mmap(null_mut(), SIGNAL_STACK, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        if memory != libc::MAP_FAILED {
            let own = libc::stack_t { ss_sp: memory, ss_flags: 0, ss_size: SIGNAL_STACK };
            libc::sigaltstack(&own, null_mut());
        }
    }
}

/// What handled faults before.
fn previous() -> *mut libc::sigaction {
    static mut PREVIOUS: std::mem::MaybeUninit<libc::sigaction> = std::mem::MaybeUninit::zeroed();
    (&raw mut PREVIOUS).cast()
}

extern "C" fn on_fault(_: i32, info: *mut libc::siginfo_t, machine: *mut libc::c_void) {
    // SAFETY: what the system passes to a handler of this kind.
    let (address, machine) = unsafe { ((*info).si_addr() as usize, &mut *machine.cast()) };
    let mut run = RUN.get();
    let low = run.low as usize;
    if run.context.is_null() || !(low..low + RED + YELLOW).contains(&address) {
        // SAFETY: who handled this before does so when the instruction is tried again.
        unsafe { libc::sigaction(libc::SIGSEGV, previous(), null_mut()) };
        return;
    }
    // SAFETY: the context of the run that this thread is in the middle of.
    let context = unsafe { &mut *run.context };
    let machine: &mut libc::ucontext_t = machine;
    let pc = registers::pc(machine);
    let is_ours = (run.code.0..run.code.1).contains(&pc);
    if !is_ours && !run.is_low && address >= low + RED {
        run.is_low = true;
        RUN.set(run);
        // SAFETY: pages of our own mapping.
        unsafe {
            let all = libc::PROT_READ | libc::PROT_WRITE;
            libc::mprotect(run.low.add(RED).cast(), YELLOW, all);
        }
        context.look_soon();
        return;
    }
    context.stop(Stop::StackExhausted);
    let (pc, fp) = registers::caller(machine, is_ours);
    context.stack.fault_pc = pc as *mut u8;
    context.stack.fault_fp = fp as *mut u8;
    registers::go_on_at(machine, switch::leave_from_handler as *const () as usize, run.context);
}

/// The machine's registers where the fault was.
#[cfg(target_arch = "x86_64")]
mod registers {
    use libc::{REG_RBP, REG_RDI, REG_RIP, REG_RSP, ucontext_t};

    pub fn pc(machine: &ucontext_t) -> usize {
        machine.uc_mcontext.gregs[REG_RIP as usize] as usize
    }

    /// Who made the call that was too much: what it returns to and its frame.
    pub fn caller(machine: &ucontext_t, is_ours: bool) -> (usize, usize) {
        let registers = &machine.uc_mcontext.gregs;
        let [pc, fp, sp] = [REG_RIP, REG_RBP, REG_RSP].map(|r| registers[r as usize] as usize);
        if !is_ours {
            return (0, fp);
        }
        // SAFETY: code that was being run, and the stack above the guard pages.
        unsafe {
            let code = pc as *const u8;
            match (*code, *code.add(1)) {
                // A function's first instruction, which saves the frame pointer.
                (0x55, _) => (*(sp as *const usize), fp),
                // A call: by offset, through a register, through an extended register.
                (0xe8, _) => (pc + 5, fp),
                (0xff, _) => (pc + 2, fp),
                (0x41, 0xff) => (pc + 3, fp),
                // The rest of what a function begins with.
                _ => (*((fp + 8) as *const usize), *(fp as *const usize)),
            }
        }
    }

    pub fn go_on_at(machine: &mut ucontext_t, pc: usize, context: *mut super::Context) {
        let registers = &mut machine.uc_mcontext.gregs;
        registers[REG_RIP as usize] = pc as i64;
        registers[REG_RDI as usize] = context as i64;
    }
}

#[cfg(target_arch = "aarch64")]
mod registers {
    use libc::ucontext_t;

    pub fn pc(machine: &ucontext_t) -> usize {
        machine.uc_mcontext.pc as usize
    }

    /// Who made the call that was too much: a function begins with saving both registers.
    pub fn caller(machine: &ucontext_t, _: bool) -> (usize, usize) {
        let registers = &machine.uc_mcontext.regs;
        (registers[30] as usize, registers[29] as usize)
    }

    pub fn go_on_at(machine: &mut ucontext_t, pc: usize, context: *mut super::Context) {
        machine.uc_mcontext.pc = pc as u64;
        machine.uc_mcontext.regs[0] = context as u64;
    }
}
