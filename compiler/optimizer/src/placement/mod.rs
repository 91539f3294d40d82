//! Placement at scale: thousands of services on machines of many shapes, regions and pools, within
//! budgets. What comes in is an [`Instance`]; what goes out is the best plan found, checked by a
//! judge that shares no code with the search, and a bound that no plan is below. At every moment
//! there is an incumbent; a clock may stop the search, and without one the work is counted.
//!
//! The journey: `tables` (lookups) → `insert` (a first plan) → on one thread `anneal` over `ruin`
//! and `insert`, on the other `market` (what is alike becomes one) → `generate` (column generation:
//! `supply` prices machines by `knapsack`, `configure` prices groups of services, `master`
//! chooses), or for the largest `decompose` (each market by itself) → `check`.
//! Absent: exact numbers, jobs in time and two-sided prices (see [`crate::Planner`]); branching.

mod anneal;
mod bound;
mod check;
mod configure;
mod cover;
mod effort;
mod insert;
mod instance;
mod knapsack;
mod market;
mod pack;
mod relax;
mod ruin;
mod solve;
mod state;
mod supply;
mod tables;

pub use anneal::Incumbent;
pub use check::{Evaluation, Figures, Violation, evaluate};
pub use effort::{Clock, Effort};
pub use instance::*;
pub use solve::{Placed, Progress, solve};

pub fn lab_relax(instance: &Instance, effort: Effort<'_>) {
    let tables = tables::Tables::new(instance);
    let markets = market::Markets::new(&tables);
    let mut relaxation = relax::Relaxation::new(&tables, &markets);
    relaxation.mix(&effort);
    eprintln!("{:.3} mixed {}", effort.spent(), relaxation.bound);
    while relaxation.round(&effort) { eprintln!("{:.3} round {}", effort.spent(), relaxation.bound); }
    eprintln!("{:.3} last {}", effort.spent(), relaxation.bound);
}
