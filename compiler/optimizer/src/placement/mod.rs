//! Placement at scale.

mod anneal;
mod check;
mod generate;
mod configure;
mod insert;
mod instance;
mod knapsack;
mod market;
mod rng;
mod master;
mod ruin;
mod state;
mod supply;
mod tables;

pub use anneal::{Annealing, Incumbent};
pub use check::{Evaluation, Figures, Violation, evaluate};
pub use instance::*;
pub use tables::Tables;
pub use generate::Generation;
pub use market::Markets;

/// When to stop.
pub struct Limits<'a> {
    pub stop: &'a dyn Fn() -> bool,
}

impl Limits<'_> {
    pub fn is_over(&self) -> bool {
        (self.stop)()
    }
}
