//! Native code from IR, through Cranelift: at once in memory ([`jit`]), or as an object file
//! ([`object`]). Both translate with the same code (`function` and what it uses), so an executable
//! does what `eclexia run` does.
//!
//! Conventions: functions of IR have Cranelift's tail convention and take the fuel (`fuel`) and
//! then their parameters by `Rep`; a register that nothing else uses holds the
//! [`Context`](eclexia_rt::heap::Context); natives and support functions have the C convention and
//! take it as first argument. Every call site is listed with its place, so that a trace is a walk
//! over frame pointers.

pub mod isa;
pub mod jit;
pub mod object;

mod abi;
mod arith;
mod calls;
mod choose;
mod counts;
mod debug;
mod declared;
mod define;
mod drops;
mod entry;
pub mod exports;
mod externs;
mod fuel;
mod function;
mod keep;
mod loops;
mod memory;
mod natives;
mod places;
mod reuse;
mod run_time;
mod strings;
mod tags;

/// What Cranelift refuses, which only a mistake of ours can bring about.
pub(crate) type Made<T> = Result<T, Box<cranelift_module::ModuleError>>;

#[cfg(test)]
mod tests;
