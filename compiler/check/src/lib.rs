//! Core to typed: types, interfaces, units, exhaustiveness.

pub mod ty;
pub mod typed;
