//! How long to go on. Without a clock a search ends after work that is counted, the same on every
//! machine; with one it goes on until the time is up, and what it finds depends on the machine.

use std::sync::atomic::{AtomicU64, Ordering};

/// Part of the allowed time that is spent: 1 or more when it is up, or when someone says stop.
pub type Clock<'a> = &'a (dyn Fn() -> f64 + Sync);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Measure {
    Work,
    Time,
}

#[derive(Clone, Copy)]
pub struct Effort<'a> {
    clock: Clock<'a>,
    measure: Measure,
    /// Part of the time after which this effort is over.
    until: f64,
    /// Part of the work that is done when work is counted.
    share: f64,
    /// Work done by one thread, and how much it may do.
    spent: Option<(&'a AtomicU64, u64)>,
}

impl<'a> Effort<'a> {
    /// As much work as a fixed count allows; `clock` says 0, or 1 to stop at once.
    pub fn counted(clock: Clock<'a>) -> Effort<'a> {
        Effort { clock, measure: Measure::Work, until: 1.0, share: 1.0, spent: None }
    }

    pub fn timed(clock: Clock<'a>) -> Effort<'a> {
        Effort { clock, measure: Measure::Time, until: 1.0, share: 1.0, spent: None }
    }

    /// A part of the same effort.
    pub fn part(self, until: f64) -> Effort<'a> {
        Effort { until: until.min(self.until), ..self }
    }

    /// A part of the work, where that is counted: for answers that are wanted soon.
    pub fn share(self, share: f64) -> Effort<'a> {
        Effort { share: self.share * share, ..self }
    }

    /// So much of work that is counted.
    pub fn of(&self, work: u64) -> u64 {
        (work as f64 * self.share) as u64
    }

    /// Of one thread, which counts what it does in `spent`: parts of the effort are parts of this
    /// work, where work is counted.
    pub fn counting(self, spent: &'a AtomicU64, most: u64) -> Effort<'a> {
        let most = self.of(most).max(1);
        Effort { spent: (!self.is_timed()).then_some((spent, most)), ..self }
    }

    pub fn spend(&self, work: u64) {
        if let Some((spent, _)) = self.spent {
            spent.fetch_add(work, Ordering::Relaxed);
        }
    }

    pub fn is_timed(&self) -> bool {
        self.measure == Measure::Time
    }

    /// Part of the time that is left.
    pub fn left(&self) -> f64 {
        (self.until - (self.clock)()).max(0.0)
    }

    /// Cheap enough to be asked at every pivot.
    pub fn is_over(&self) -> bool {
        let done = self
            .spent
            .map_or(0.0, |(spent, most)| spent.load(Ordering::Relaxed) as f64 / most as f64);
        done.max((self.clock)()) >= self.until
    }
}
