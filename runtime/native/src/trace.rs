//! Which calls were under way where native code was left: a walk over frame pointers.

#![expect(unsafe_code, reason = "frames are read where native code left them")]

use crate::stack::Stack;
use eclexia_rt::heap::Context;
use std::ops::Range;

/// What the calls return to, the innermost first; ends where `is_ours` does not know an address. To
/// be called before the stack is used again.
pub fn return_addresses(context: &Context, mut is_ours: impl FnMut(usize) -> bool) -> Vec<usize> {
    let mut found = Vec::new();
    let mut pc = context.stack.fault_pc as usize;
    let mut frame = context.stack.fault_fp as usize;
    // Deep stacks come from a few calls that are made again and again.
    let mut known = [0; 8];
    while known.contains(&pc) && pc != 0 || is_ours(pc) {
        known[found.len() % known.len()] = pc;
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

/// Of longer traces the calls in the middle are left out.
const MOST_CALLS: usize = 4_000_000;

/// The calls that stand behind return addresses: `each` adds those of one, the innermost first.
pub fn calls<T>(addresses: &[usize], mut each: impl FnMut(usize, &mut Vec<T>)) -> Vec<T> {
    let mut inner = Vec::new();
    let mut rest = addresses.iter();
    while inner.len() < MOST_CALLS / 2
        && let Some(at) = rest.next()
    {
        each(*at, &mut inner);
    }
    let mut outer: Vec<T> = Vec::new();
    let mut one = Vec::new();
    while outer.len() < MOST_CALLS / 2
        && let Some(at) = rest.next_back()
    {
        each(*at, &mut one);
        outer.extend(one.drain(..).rev());
    }
    inner.extend(outer.into_iter().rev());
    inner
}

/// The same of a run on `stack`, whose code is in a range; last is the address of what entered it,
/// which is no place of the program's.
pub(crate) fn addresses_on(context: &Context, stack: &Stack, code: &Range<usize>) -> Vec<usize> {
    let mut found = Vec::new();
    let mut pc = context.stack.fault_pc as usize;
    let mut frame = context.stack.fault_fp as usize;
    while code.contains(&pc) && stack.contains(frame) {
        found.push(pc);
        // SAFETY: frames on the stack are of our own functions, and of the code that entered them,
        // whose caller's frame is on another.
        unsafe {
            pc = *((frame + 8) as *const usize);
            frame = *(frame as *const usize);
        }
    }
    found
}
