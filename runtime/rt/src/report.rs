//! What a run took, and how a context ends: it gives up what it holds of its own, the values of
//! constants and the program's strings, and what is live then, nobody has.
//!
//! In debug builds a context that goes looks for such cells, so that every test is one of counts.

use crate::heap::cell::set_unique;
use crate::heap::context::{GLOBAL_DONE, GLOBAL_NEW};
use crate::heap::{Context, Word};
use crate::layout::Rep;
use std::fmt;
use std::rc::Rc;

/// The same for the same program in every engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report {
    pub steps: u64,
    pub allocations: u64,
    /// Cells that are left though nobody has them; `None` where native code was left in the middle.
    pub live: Option<usize>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { steps, allocations, live } = self;
        let live = live.map_or("null".to_owned(), |live| live.to_string());
        write!(f, "{{\"steps\":{steps},\"allocations\":{allocations},\"live\":{live}}}")
    }
}

impl Context {
    /// What all runs took so far; forgets what they left for later ones.
    pub fn report(&mut self) -> Report {
        let (steps, allocations) = (self.steps(), self.allocations);
        let live = self.forget();
        Report { steps, allocations, live: (!self.host.was_left).then_some(live) }
    }

    /// As if nothing had run: constants have no value. Gives the number of cells that are live and
    /// not the program's own.
    pub fn forget(&mut self) -> usize {
        self.forget_values();
        let words = self.host.string_words.len() + self.host.amounts_words.len();
        let own = if self.host.borrows_constants { 0 } else { words };
        self.live().saturating_sub(own)
    }

    /// Frees what the context itself holds. What is live then, nobody has.
    pub fn finish(&mut self) -> usize {
        self.give_up();
        self.live()
    }

    fn give_up(&mut self) {
        self.forget_values();
        let strings = std::mem::take(&mut self.host.string_words);
        let amounts = std::mem::take(&mut self.host.amounts_words);
        for word in strings.into_iter().chain(amounts) {
            if !self.host.borrows_constants {
                // Runs inside that failed have left references.
                if self.host.has_lost_runs {
                    set_unique(word);
                }
                self.drop_word(word);
            }
        }
        self.amounts = std::ptr::null();
        self.strings = std::ptr::null();
    }

    fn forget_values(&mut self) {
        self.collect();
        self.forget_constants();
        let weights = self.host.weights.take().map(|(weights, _)| weights);
        if let Some(weights) = weights {
            self.drop_word(weights);
        }
    }

    pub(crate) fn forget_constants(&mut self) {
        for i in 0..self.host.globals.len() {
            let before = std::mem::replace(&mut self.host.global_states[i], GLOBAL_NEW);
            if before == GLOBAL_DONE && self.host.globals[i].rep == Rep::Ptr {
                let word: Word = self.host.global_words[i];
                self.drop_word(word);
            }
        }
    }

    /// Whether nobody has what is live when the context has given up its own: no run was left in
    /// the middle, and no closure outside waits to be called.
    fn is_complete(&self) -> bool {
        !self.host.was_left && Rc::strong_count(&self.host.returned) == 1
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.give_up();
        if cfg!(debug_assertions) && self.is_complete() && !std::thread::panicking() {
            assert_eq!(self.live(), 0, "live cells at the end");
        }
        self.host.returned.context_is_gone();
    }
}
