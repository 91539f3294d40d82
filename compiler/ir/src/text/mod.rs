//! The text form of a program, `print`ed and `parse`d back.
//!
//! Everything is named by its number; tables stand before functions; a place is optional.
//!
//! ```text
//! shape s0 int
//! shape s1 data (0 "nil" () none) (1 "cons" (s0 s1) y0)
//! layout y0 data s1 1 none (s0 s1)
//! fn f0 "length" d3 plain (v0: s1 borrowed) -> s0 @l0 {
//! b0:
//!   v1: s0 = tag v0
//!   switch v1 (0 b1 1 b2) @l1
//! ..
//! }
//! ```

mod lex;
pub mod parse;
pub mod print;
mod words;
