//! Values and built-ins.

pub mod value;
