//! Machine reassignment (ROADEF/EURO challenge 2012, problem set by Google): processes of services
//! run on machines; better machines are sought for them, within capacities (also while they move),
//! one process of a service per machine, spread over locations and dependencies within
//! neighbourhoods, at the least cost of load above safety, imbalance and moves.
//!
//! What comes in: an [`Instance`] and an assignment that keeps its rules; what goes out: one that
//! keeps them too, checked by [`Instance::check`], which shares no code with the search. The
//! journey: `tables` (the instance as the search reads it) → `state` and `moves` (an assignment and
//! the exact change of cost of a move), `exchange` (several moves at once) → `search` (one
//! annealing) → `anneal` (several, in stages).
//! All amounts are integers, so sums are exact. Equal input, seed, threads and number of moves give
//! equal output on every machine.

mod anneal;
mod check;
mod exchange;
mod instance;
mod moves;
mod search;
mod state;
mod tables;
#[cfg(test)]
mod walk_tests;

pub use anneal::{Effort, Found, anneal};
pub use check::{Broken, Cost};
pub use instance::{Balance, Instance, Machine, Process, Service};
