//! How good a plan can be at best, by the relaxation alone: for a plan that continues another the
//! bound is the same, since moves only add to what a plan costs.

use super::instance::Instance;
use super::market::Markets;
use super::relax::Relaxation;
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

/// Without a clock, after one round of covers; with one, until the time is up or nothing is left.
pub fn prove(instance: &Instance, effort: Effort<'_>) -> Proved {
    let tables = Tables::new(instance);
    let markets = Markets::new(&tables);
    let mut relaxation = Relaxation::new(&tables, &markets);
    let mut is_open = relaxation.mix(&effort) && relaxation.round(&effort);
    while is_open && effort.is_timed() {
        is_open = relaxation.round(&effort);
    }
    Proved { bound: relaxation.bound.max(0.0), prices: relaxation.best.budgets.clone() }
}
