//! The way into native code and out of it, in assembly: `switch` saves what its caller wants kept,
//! changes to another stack and calls; `leave` comes back from wherever native code is, and the
//! frames between are no more. What they held is lost to the heap's free lists until the context
//! ends; a run that is left has failed.
//!
//! The register that holds the context in native code is r15, or x21.

#![expect(unsafe_code, reason = "stacks are switched here")]

use eclexia_rt::heap::Context;
use std::arch::naked_asm;
use std::mem::offset_of;

const ENTRY: usize = offset_of!(Context, stack.entry);
const FAULT_PC: usize = offset_of!(Context, stack.fault_pc);
const FAULT_FP: usize = offset_of!(Context, stack.fault_fp);

/// Calls `shim(context, words, code)` on `stack`, or on this stack when that is null.
///
/// # Safety
/// `shim` is code for the convention of `code`, and `words` has room for arguments and result.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn switch(
    context: *mut Context,
    words: *mut u64,
    code: *const (),
    shim: *const (),
    stack: *mut u8,
) {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "push qword ptr [rdi + {entry}]",
        "mov qword ptr [rdi + {entry}], rsp",
        "test r8, r8",
        "cmovz r8, rsp",
        "and r8, -16",
        "mov rsp, r8",
        "call rcx",
        "mov rsp, qword ptr [r15 + {entry}]",
        "pop qword ptr [r15 + {entry}]",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        entry = const ENTRY,
    )
}

/// Called by native code that cannot go on: remembers where that was, and returns from `switch`.
///
/// # Safety
/// Only native code that `switch` called may call it.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_leave(context: *mut Context) {
    naked_asm!(
        "mov rax, qword ptr [rsp]",
        "mov qword ptr [rdi + {pc}], rax",
        "mov qword ptr [rdi + {fp}], rbp",
        "jmp {out}",
        pc = const FAULT_PC,
        fp = const FAULT_FP,
        out = sym leave_from_handler,
    )
}

/// The same for the caller of who calls it, whose frame is the innermost one.
///
/// # Safety
/// As for `ecl_leave`.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_leave_caller(context: *mut Context) {
    naked_asm!(
        "mov rax, qword ptr [rbp + 8]",
        "mov qword ptr [rdi + {pc}], rax",
        "mov rax, qword ptr [rbp]",
        "mov qword ptr [rdi + {fp}], rax",
        "jmp {out}",
        pc = const FAULT_PC,
        fp = const FAULT_FP,
        out = sym leave_from_handler,
    )
}

/// The same, where the place is known already.
///
/// # Safety
/// As for `ecl_leave`.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave_from_handler(context: *mut Context) {
    naked_asm!(
        "mov rsp, qword ptr [rdi + {entry}]",
        "pop qword ptr [rdi + {entry}]",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        entry = const ENTRY,
    )
}

#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn switch(
    context: *mut Context,
    words: *mut u64,
    code: *const (),
    shim: *const (),
    stack: *mut u8,
) {
    naked_asm!(
        "stp x29, x30, [sp, #-176]!",
        "mov x29, sp",
        "stp x19, x20, [sp, #16]",
        "stp x21, x22, [sp, #32]",
        "stp x23, x24, [sp, #48]",
        "stp x25, x26, [sp, #64]",
        "stp x27, x28, [sp, #80]",
        "stp d8, d9, [sp, #96]",
        "stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]",
        "stp d14, d15, [sp, #144]",
        "ldr x9, [x0, #{entry}]",
        "str x9, [sp, #160]",
        "mov x9, sp",
        "str x9, [x0, #{entry}]",
        "cbz x4, 2f",
        "mov sp, x4",
        "2:",
        "blr x3",
        "mov x0, x21",
        "b {out}",
        entry = const ENTRY,
        out = sym leave_from_handler,
    )
}

#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_leave(context: *mut Context) {
    naked_asm!(
        "str x30, [x0, #{pc}]",
        "str x29, [x0, #{fp}]",
        "b {out}",
        pc = const FAULT_PC,
        fp = const FAULT_FP,
        out = sym leave_from_handler,
    )
}

#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_leave_caller(context: *mut Context) {
    naked_asm!(
        "ldr x9, [x29, #8]",
        "str x9, [x0, #{pc}]",
        "ldr x9, [x29]",
        "str x9, [x0, #{fp}]",
        "b {out}",
        pc = const FAULT_PC,
        fp = const FAULT_FP,
        out = sym leave_from_handler,
    )
}

#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave_from_handler(context: *mut Context) {
    naked_asm!(
        "ldr x9, [x0, #{entry}]",
        "mov sp, x9",
        "ldr x9, [sp, #160]",
        "str x9, [x0, #{entry}]",
        "ldp x19, x20, [sp, #16]",
        "ldp x21, x22, [sp, #32]",
        "ldp x23, x24, [sp, #48]",
        "ldp x25, x26, [sp, #64]",
        "ldp x27, x28, [sp, #80]",
        "ldp d8, d9, [sp, #96]",
        "ldp d10, d11, [sp, #112]",
        "ldp d12, d13, [sp, #128]",
        "ldp d14, d15, [sp, #144]",
        "ldp x29, x30, [sp], #176",
        "ret",
        entry = const ENTRY,
    )
}
