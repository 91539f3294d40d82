//! Runs inside of a run, in native code: each on a stack of its own, so that frames which are left
//! can still be looked at; parts of one run on the threads of a pool.

#![expect(unsafe_code, reason = "compiled code is called here")]

use crate::stack::{self, Stack};
use crate::trace;
use eclexia_rt::bridge::function_of;
use eclexia_rt::heap::{Context, Runner, Word};
use eclexia_rt::stop::Stop;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use std::cell::RefCell;
use std::ops::Range;

/// Calls compiled closures.
pub struct Inside {
    /// Where the program's code is.
    code: Range<usize>,
    /// For closures that take one word and give one.
    shim: *const (),
}

thread_local! {
    /// Stacks that runs inside have used on this thread.
    static STACKS: RefCell<Vec<Stack>> = const { RefCell::new(Vec::new()) };
}

impl Inside {
    /// # Safety
    /// `code` holds the code of the context that runs by this, and `shim` is code for the
    /// convention of closures of one word.
    pub unsafe fn new(code: Range<usize>, shim: *const ()) -> Inside {
        Inside { code, shim }
    }
}

impl Runner for Inside {
    fn call(&self, inside: &mut Context, closure: Word, argument: Word) -> Option<Word> {
        let kept = STACKS.with_borrow_mut(Vec::pop);
        let Some(stack) = kept.or_else(Stack::new) else {
            inside.stop(Stop::StackExhausted);
            return None;
        };
        let mut words = [closure, argument];
        let number = function_of(closure) as usize;
        // SAFETY: the table has the code of every function, and the shim is of their convention: a
        // word that is an Int or a reference, and the same for the result.
        unsafe {
            let code = *inside.code.add(number);
            stack::enter(inside, &stack, self.code.clone(), self.shim, code, &mut words);
        }
        let is_done = inside.pending == 0;
        if !is_done {
            let calls = trace::addresses_on(inside, &stack, &self.code);
            inside.add_calls(calls);
        }
        STACKS.with_borrow_mut(|kept| kept.push(stack));
        is_done.then_some(words[0])
    }

    fn each(&self, count: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..count).into_par_iter().with_max_len(1).for_each(job);
    }
}
