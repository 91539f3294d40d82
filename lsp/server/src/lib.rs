//! The language server, for whatever speaks the Language Server Protocol (3.17, and of 3.18 what is
//! marked so).
//!
//! In: a stream of messages, and files on disk. Out: a stream of messages; how the conversation
//! ended. Four kinds of threads:
//!
//! ```text
//! reader ─messages→ loop ─texts→ analyser ─snapshot→ loop ─requests→ pool ─answers→ loop → writer
//!                                              └──────────→ planner ─live results→ loop
//! ```
//!
//! - The loop owns the open documents. It never computes: it notes, hands on, answers.
//! - The analyser owns the projects; it takes all edits that wait at once and gives an immutable
//!   snapshot that requests are answered from, on the pool.
//! - The planner looks for lints in the newest snapshot, then evaluates and plans its deployments:
//!   `eclexia_ide::live`. A newer one interrupts it.
//!
//! Holds: no message ends the server but `exit`, and the end of its input; a bug in one request is
//! answered as an internal error. This is the only crate that knows the types of the protocol.
//! Absent: what is known of a place in a program, which is `ide`'s.

mod analyser;
mod client;
mod context;
mod diagnostics;
mod documents;
mod features;
mod planner;
mod position;
mod progress;
mod projects;
mod server;
mod snapshot;
mod transport;
mod uri;

pub use server::{Ended, serve};
