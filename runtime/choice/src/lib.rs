//! Choices at run time by prices: which variant of a service costs least now. Without allocation,
//! locks or floating-point surprises: what is no number never wins. Adaptive functions and
//! whatever watches a deployment use the same.
//!
//! - [`Snapshot`]: the prices in force, shared by threads; a reader sees those of one change.
//! - [`Table`]: what each variant costs and uses; the least of cost and uses at prices wins.
//! - [`Standing`]: a table with its last choice, which stands as long as the prices do.
//! - [`Mix`]: at the margin the relaxation takes two variants, each for a part of requests.
//! - [`Habit`]: a variant is left only for one that is better by more than the change costs.
//! - [`Ascent`]: between two plans prices follow use, within the range in which the plan's hold.

#![no_std]

mod ascent;
mod mix;
mod snapshot;
mod standing;
mod table;

pub use ascent::Ascent;
pub use mix::{Habit, Mix};
pub use snapshot::Snapshot;
pub use standing::Standing;
pub use table::{Choice, Table};
