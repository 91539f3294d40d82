//! The heap of a running program: counted cells that compiled code, the interpreter and natives
//! share.
//!
//! What is said here once for all unsafe code of this crate: a word of rep `Ptr` that a program
//! holds is odd (a constructor without fields, a short string) or the address of a live cell of its
//! context, counted once for every word that owns it. Lowering and the pass `count` see to that,
//! `ir::verify` checks it, and natives keep it. Functions that take words trust it as machine code
//! trusts a register.

pub mod cell;
pub mod chunks;
pub mod context;
pub mod free;
pub(crate) mod inside;
mod places;
pub mod short;
pub mod string;
pub(crate) mod transfer;
pub mod vector;

pub use cell::{Cell, Word};
pub use context::{Context, Deadline, FailedCheck, Hooks, Host, Limits, MOST_MORE, StackRecord};
pub use inside::Runner;
