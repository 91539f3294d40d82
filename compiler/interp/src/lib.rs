//! Runs typed core at once: a program that `check` accepted comes in, values and run-time
//! diagnostics come out. Definitions are lowered to IR when something needs them, functions
//! translated to bytecode when they are first called (`translate`) and run by a machine on a stack
//! of words (`exec`): tail calls take no stack, deep recursion takes memory and ends in a
//! diagnostic, arithmetic is checked, every effect goes through [`eclexia_rt::Effects`]. Words,
//! cells and what they mean are shared with compiled code (`rt::heap`).
//!
//! ```text
//! core + facts ─lower→ ir ─translate→ bytecode ─exec→ words ─to_value→ value ─show→ text
//! ```

mod bytecode;
mod codes;
mod docs;
mod engine;
mod evaluator;
mod exec;
mod globals;
mod hooks;
mod json;
mod natives;
mod show;
mod trace;
mod translate;

pub use docs::{DocExample, doc_examples};
pub use engine::{Engine, Halted};
pub use evaluator::{Evaluator, Failure, Options, TestResult, ctors};
pub use globals::Globals;
pub use json::value_to_json;
pub use show::{show_value, show_with};
