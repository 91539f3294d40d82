//! Value to model (`elaborate`), model to plan (`plan`).

pub mod adapt;
mod chart;
mod continuing;
mod diagnostics;
mod diff;
mod edit;
pub mod elaborate;
pub mod evaluate;
pub mod explain;
pub mod frontier;
pub mod funding;
pub mod graph;
pub mod infeasible;
mod lint;
pub mod page;
mod plan;
mod prices;
pub mod problem;
mod report;
pub mod schedule;
mod svg;
pub mod sweep;
mod words;

pub use diagnostics::plan_error;
pub use edit::Edit;
pub use explain::{what_if, why, why_not};
pub use frontier::{Frontier, frontier};
pub use funding::check_funding;
pub use graph::graph;
pub use lint::lint;
pub use page::page;
pub use plan::plan;
pub use schedule::{Schedule, schedule};
pub use sweep::{Curve, Sweep};

pub use eclexia_optimizer::{Interrupt, interruptible};

use eclexia_base::Span;
use eclexia_model::Origin;

/// Where the elements of a model stand in source.
pub trait OriginSpans {
    fn span(&self, origin: Origin) -> Option<Span>;
}

impl OriginSpans for elaborate::Origins {
    fn span(&self, origin: Origin) -> Option<Span> {
        self.get(origin)
    }
}
