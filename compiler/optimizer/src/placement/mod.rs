//! Placement at scale.

mod anneal;
mod check;
mod insert;
mod instance;
mod rng;
mod ruin;
mod state;
mod tables;

pub use anneal::{Annealing, Incumbent};
pub use check::{Evaluation, Figures, Violation, evaluate};
pub use instance::*;
pub use tables::Tables;

/// When to stop.
pub struct Limits<'a> {
    pub stop: &'a dyn Fn() -> bool,
}

impl Limits<'_> {
    pub fn is_over(&self) -> bool {
        (self.stop)()
    }
}
