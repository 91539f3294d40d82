//! IR to bytecode, one function at a time, when it is first called.
//!
//! 1. `select` chooses instructions, still with variables.
//! 2. `registers` finds out where each variable lives and gives it a register.
//! 3. Here they are written down, and jumps learn where their targets are.

mod choose;
mod encode;
mod ops;
mod registers;
mod sel;
mod select;

pub(crate) use registers::TooLarge;
pub(crate) use sel::Form;
pub(crate) use select::Constants;

use crate::bytecode::{Code, Entry};
use eclexia_ir::ir::{FuncId, Program};

/// The running program as translation sees it.
pub(crate) trait Entries {
    /// How a function is entered; its address does not change.
    fn entry(&mut self, func: FuncId) -> *const Entry;
}

pub(crate) fn translate(
    program: &Program,
    func: FuncId,
    constants: &mut dyn Constants,
    entries: &mut dyn Entries,
) -> Result<Code, TooLarge> {
    let function = &program.functions[func];
    for is_far in [false, true] {
        let selected = select::select(program, function, constants, is_far);
        let registers = registers::assign(function, &selected)?;
        if let Some(code) = encode::encode(function, &selected, registers, entries)? {
            return Ok(code);
        }
    }
    Err(TooLarge)
}
