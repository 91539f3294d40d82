//! Files of public problems, as bytes, to problems of the optimiser; solutions to text. What comes
//! in may be anything: what goes out is an instance within the bounds that
//! [`eclexia_optimizer::placement`] asks for, or one diagnostic. Absent: files themselves, search.

mod check;
pub mod components;
mod diagnostics;
mod gzip;
pub mod integers;
pub mod mps;
pub mod packing;
mod placement;
pub mod reassign;
mod running;
pub mod trace;

pub use gzip::gunzip;
pub use placement::{Named, Outcome, read, write};
pub use running::{Plan, matching, read_plan, write_replanned};
