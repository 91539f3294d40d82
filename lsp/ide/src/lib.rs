//! What is known of a place in a program: what editors ask about.
//!
//! Comes in: an [`eclexia_db::Analysis`], a file and a byte offset. Goes out: plain values with
//! spans and texts. Always holds: every function is total (any offset of any text, however broken,
//! gives an answer or none), has no state, and gives equal answers to equal questions. Absent:
//! protocols, files, and anything that waits.

pub mod at;
pub mod describe;
pub mod forms;
pub mod goto;
pub mod hover;
pub mod inspect;
mod known;
pub mod live;
pub mod names;
pub mod place;
pub mod roles;
pub mod scope;
pub mod units;

pub use at::{At, at};
pub use describe::{Described, Kind, describe};
pub use goto::{Target, definition, implementations, type_definition};
pub use hover::{Hover, hover};
pub use names::{Meaning, Occurrence, Use, occurrences};
