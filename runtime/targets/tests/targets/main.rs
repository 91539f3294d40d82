//! The targets' tests: one binary.
//!
//! Fixtures are models with plans made by hand, one per theme; golden files hold what is written
//! for them, validators of the real tools judge it, and properties hold for random models.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]

mod fixtures;
mod golden;
mod properties;
mod structure;
mod validators;
mod yaml_text;
