//! Typed core to IR, and the passes over IR. See [`ir`] for what IR is.

mod diagnostics;
pub mod ir;
pub mod lower;
pub mod passes;
pub mod text;
pub mod verify;

pub use lower::{LowerState, Root, lower};
