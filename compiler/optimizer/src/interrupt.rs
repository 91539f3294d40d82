//! Giving up what nobody waits for any more. An interrupt holds for all that is computed within
//! [`interruptible`], however deep and by however many threads: planners look at it at every pivot
//! and end what they do as if their work was used up. What they found by then is dropped, so a
//! result is either the whole one or none; equal input still gives equal output.

use std::cell::RefCell;
use std::sync::Arc;

/// Says that what is computed is not wanted; once it has, it stays so.
pub type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

thread_local! {
    static WITHIN: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
}

/// What is computed, unless it was interrupted.
pub fn interruptible<T>(interrupt: &Interrupt, compute: impl FnOnce() -> T) -> Option<T> {
    let before = WITHIN.replace(Some(Arc::clone(interrupt)));
    let _outer = Outer(before);
    let made = compute();
    (!interrupt()).then_some(made)
}

/// Holds again when what is within has ended, by a panic too.
struct Outer(Option<Interrupt>);

impl Drop for Outer {
    fn drop(&mut self) {
        WITHIN.set(self.0.take());
    }
}

/// The interrupt that holds where this is made.
pub(crate) struct Here(Option<Interrupt>);

impl Here {
    pub fn new() -> Here {
        Here(WITHIN.with_borrow(Clone::clone))
    }

    pub fn is_over(&self) -> bool {
        self.0.as_ref().is_some_and(|interrupt| interrupt())
    }

    /// As a clock of an effort: 1 ends it at once.
    pub fn clock(&self) -> f64 {
        f64::from(u8::from(self.is_over()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn an_interrupt_holds_within_and_not_after() {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&flag);
        let interrupt: Interrupt = Arc::new(move || seen.load(Ordering::Relaxed));
        assert_eq!(interruptible(&interrupt, || Here::new().is_over()), Some(false));
        flag.store(true, Ordering::Relaxed);
        let mut was_over = false;
        assert_eq!(interruptible(&interrupt, || was_over = Here::new().is_over()), None);
        assert!(was_over && !Here::new().is_over());
    }
}
