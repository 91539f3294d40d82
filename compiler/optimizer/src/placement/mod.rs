//! Placement at scale: thousands of services on machines of many shapes, regions and pools, within
//! budgets. What comes in is an [`Instance`]; what goes out is the best plan found, checked by a
//! judge that shares no code with the search, and a bound that no plan is below. At every moment
//! there is an incumbent; a clock may stop the search, and without one the work is counted.
//!
//! The journey: `tables` (lookups) → `insert` (a first plan; with advice, by `pack`, whose values
//! are corrected) → on one thread `anneal` over `ruin`, `insert` and `pack`, on the other
//! `market` (what is alike becomes one) → `relax` (machines in fractions: `configure` prices groups
//! of services, `cover` and `supply` measure machines by `knapsack`, whose resources `lagrange`
//! prices; between small and large, fillings of all markets in one programme; where it is small,
//! branched on whole machines) → `check`.
//!
//! Where something runs already: `running` → `replan` (`anchor`s hold what runs in its place,
//! `repair` mends what a change broke, then `anneal`) → `matching` → `movement`; and `prove`, which
//! keeps a relaxation from one instance to the next.
//!
//! [`crate::Planner`] comes in beside an instance, with tables of an exact problem (`of_problem`),
//! and judges for itself. Absent: exact numbers; zones in the relaxation.

mod anchor;
mod anneal;
mod bound;
#[cfg(test)]
mod by_hand;
mod check;
mod configure;
mod cover;
#[cfg(test)]
mod cover_tests;
mod insert;
mod instance;
mod knapsack;
#[cfg(test)]
mod knapsack_tests;
mod lagrange;
mod market;
mod matching;
mod movement;
mod of_instance;
pub(crate) mod of_problem;
mod pack;
mod prove;
mod race;
mod relax;
mod repair;
mod replan;
mod ruin;
mod running;
mod solve;
mod state;
#[cfg(test)]
mod state_tests;
mod supply;
mod tables;

pub use crate::effort::{Clock, Effort};
pub use anneal::Incumbent;
pub use check::{Evaluation, Figures, Violation, evaluate};
pub use instance::*;
pub(crate) use movement::count as count_movements;
pub use movement::{Moved, Movements, Pair, movements};
pub use prove::{Proved, prove, prove_from};
pub use relax::Known;
pub(crate) use replan::{Asked, Found, Judged, continued};
pub use replan::{Refused, Replanned, replan};
pub use running::{MOST_HOURS, MOST_USD, Matching, Movement, Running, RunningMachines};
pub use solve::{Placed, Progress, solve};
pub(crate) use solve::{priced, relaxed, search_and_relax};
