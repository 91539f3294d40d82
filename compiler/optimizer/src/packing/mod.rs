//! Vector bin packing: items with sizes in several dimensions into as few equal bins as hold them.
//! What comes in is an [`Instance`] of whole numbers; what goes out is a packing, and a bound that
//! no packing is below. At every moment there is a packing; a clock may stop the search, and
//! without one the work is counted.
//!
//! The journey: `problem` (equal items are one kind) → `fit` (first packings) → `anneal` (moves
//! and swaps) → `generate` (column generation: `knapsack` prices fillings of one bin over `lanes`,
//! the simplex chooses, Farley's bound proves) → `dive` (whole bins from fractions) → `check`,
//! which shares nothing with the search.

mod anneal;
mod check;
mod dive;
mod fit;
mod generate;
mod instance;
mod knapsack;
mod lanes;
mod problem;
mod solve;

pub use check::{Broken, check};
pub use instance::*;
pub use solve::{Packed, Progress, solve};
