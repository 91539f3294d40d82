//! How good a plan can be at best, by the relaxation alone: for a plan that continues another the
//! bound is the same, since moves only add to what a plan costs. What one instance's relaxation
//! found is kept for the next: a service that changed costs milliseconds.

use super::instance::Instance;
use super::market::Markets;
use super::relax::{Known, Relaxation};
use super::tables::Tables;
use crate::effort::Effort;

/// What the relaxation proves of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Proved {
    /// No plan's objective is below; infinite when some service can be placed nowhere.
    pub bound: f64,
    /// Objective that one more unit of each budget's limit would save, in the relaxation.
    pub prices: Vec<f64>,
}

/// Without a clock, of what machines hold by their resources and single services; with one,
/// machines are covered besides until the time is up or nothing is left.
pub fn prove(instance: &Instance, effort: Effort<'_>) -> Proved {
    prove_from(None, instance, effort).0
}

/// The same, from what is known of an instance before, where that is alike enough.
pub fn prove_from(
    known: Option<Known>,
    instance: &Instance,
    effort: Effort<'_>,
) -> (Proved, Known) {
    let tables = Tables::new(instance);
    let markets = Markets::new(&tables);
    let mut relaxation = match known {
        Some(known) => Relaxation::resume(&tables, &markets, instance, known),
        None => Relaxation::new(&tables, &markets),
    };
    let mut is_open = relaxation.mix(&effort);
    while is_open && effort.is_timed() {
        is_open = relaxation.round(&effort);
    }
    let (bound, prices) = (relaxation.bound.max(0.0), relaxation.best.budgets.clone());
    let parts = relaxation.into_parts();
    (Proved { bound, prices }, Known::new(instance.clone(), markets, parts))
}
