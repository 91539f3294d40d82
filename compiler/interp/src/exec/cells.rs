//! What instructions do that is too long for the loop.

use super::dispatch::listed;
use super::{Ended, Machine};
use crate::bytecode::{Entry, Inst};
use eclexia_rt::heap::cell;
use eclexia_rt::stop::Stop;

/// How far a `Search` jumps: its cases are sorted.
pub(super) unsafe fn search(pc: *const u64, word: u64) -> isize {
    let value = word.cast_signed();
    // SAFETY: behind the instruction stand the number of cases, the distance of all others, and
    // then the cases.
    unsafe {
        let (mut low, mut high) = (0, *pc.add(1) as usize);
        while low < high {
            let middle = low.midpoint(high);
            let case = pc.add(3 + 2 * middle);
            match (*case).cast_signed().cmp(&value) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return *case.add(1) as isize,
            }
        }
        *pc.add(2) as isize
    }
}

impl Machine<'_, '_> {
    /// A cell in the memory of a token, or where that is 0 a new one.
    #[inline(always)]
    pub(super) unsafe fn reuse(&mut self, pc: *const u64, regs: *mut u64, inst: Inst) -> u64 {
        // SAFETY: see the module; a token is 0 or memory of a cell of as many words.
        unsafe {
            let token = *regs.add(usize::from(inst.b));
            let (mut unchanged, info) = (*pc.add(1), *pc.add(2) as u32);
            let count = usize::from(inst.c);
            let word = if token == 0 {
                unchanged = 0;
                self.ctx.alloc(count, info)
            } else {
                cell::set_header(token, cell::Cell { count: 1, info });
                token
            };
            for i in 0..count {
                if i >= 64 || unchanged >> i & 1 == 0 {
                    cell::set_field(word, i, *regs.add(listed(pc.add(3), i)));
                }
            }
            word
        }
    }

    /// The function is not translated, the stack has no room, or the steps are used up: they are
    /// subtracted.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn enter_slowly(
        &mut self,
        entry: *const Entry,
        frame: *mut u64,
    ) -> Result<(*const u64, *mut u64), Ended> {
        // SAFETY: see the module.
        unsafe {
            let mut frame = frame;
            if frame.add((*entry).words as usize) > self.end {
                frame = self.grow((*entry).words as usize, frame, (*entry).func)?;
            }
            // What is promoted now is entered by the next call: the steps of this one are counted.
            let start = (*entry).start;
            if self.ctx.fuel < 0 && (*entry).looks && !self.may_go_on(Some((*entry).func)) {
                return Err(Ended::entering((*entry).func, frame));
            }
            Ok((start, frame))
        }
    }

    #[cold]
    pub(super) unsafe fn too_deep(&mut self, entry: *const Entry, frame: *mut u64) -> Ended {
        self.ctx.stop(Stop::StackExhausted);
        // SAFETY: see the module.
        let func = unsafe { (*entry).func };
        Ended::entering(func, frame)
    }
}
