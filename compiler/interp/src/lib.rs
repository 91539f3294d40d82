//! Evaluates typed core: a program that `check` accepted comes in, values and run-time diagnostics
//! come out. Definitions are compiled to code on first use (`compile`) and run by a machine whose
//! stacks are on the heap (`machine`): tail calls take no stack, deep recursion takes memory and
//! ends in a diagnostic, arithmetic is checked, every effect goes through [`eclexia_rt::Effects`].
//! Absent: native code, reference counts made explicit (`ir` brings both), threads.
//!
//! ```text
//! core + facts ─compile→ code ─machine→ value ─show→ text
//! ```

mod admit;
mod calls;
mod code;
mod compile;
mod construct;
mod diagnostics;
mod dictionary;
mod docs;
mod evaluator;
mod globals;
mod json;
mod machine;
mod meter;
mod show;
mod trace;

pub use docs::{DocExample, doc_examples};
pub use evaluator::{Evaluator, Failure, Options, TestResult, ctors};
pub use globals::Globals;
pub use json::value_to_json;
pub use show::{show_value, show_with};
