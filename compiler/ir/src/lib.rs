//! Typed core to IR, and the passes over IR. See [`ir`] for what IR is.

pub mod ir;
pub mod passes;
pub mod text;
pub mod verify;
