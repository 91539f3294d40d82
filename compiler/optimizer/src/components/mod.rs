//! Components on rented machines at the least price: which may share a machine, which must, how
//! many of each there are beside others. What comes in is an [`Instance`] of whole numbers; what
//! goes out is the machines, judged by code that the search does not use, and a bound that no
//! deployment costs less than.
//!
//! The journey: for each choice among components that exclude each other, `patterns` (sets that may
//! share a machine, at the cheapest offer that holds them) → `solve` (an integer programme that
//! counts machines by pattern) → `check`. The number of machines and their symmetry never enter.

mod check;
mod instance;
mod patterns;
mod solve;

pub use check::{Broken, check};
pub use instance::*;
pub use solve::{Deployed, End, TooLarge, solve};
