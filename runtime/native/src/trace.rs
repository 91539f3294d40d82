//! Which calls were under way where native code was left: a walk over frame pointers.

#![expect(unsafe_code, reason = "frames are read where native code left them")]

use eclexia_rt::heap::Context;

/// What the calls return to, the innermost first; ends where `is_ours` does not know an address. To
/// be called before the stack is used again.
pub fn return_addresses(context: &Context, mut is_ours: impl FnMut(usize) -> bool) -> Vec<usize> {
    let mut found = Vec::new();
    let mut pc = context.stack.fault_pc as usize;
    let mut frame = context.stack.fault_fp as usize;
    while is_ours(pc) {
        found.push(pc);
        // SAFETY: every function of ours begins with a frame of this form, and its caller is ours
        // as long as what it returns to is; the stack is as it was left.
        unsafe {
            pc = *((frame + 8) as *const usize);
            frame = *(frame as *const usize);
        }
    }
    found
}
