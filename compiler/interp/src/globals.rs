//! What outlives one evaluation: the program as IR and as bytecode, and the values of its
//! constants. Ids of a growing program stay valid, so the REPL keeps one `Globals` for a session.

use crate::codes::Codes;
use eclexia_base::unit::UnitTable;
use eclexia_ir::ir;
use eclexia_ir::lower::LowerState;
use eclexia_rt::heap::{Context, Limits};
use eclexia_rt::{Ctors, Outstanding};

pub struct Globals {
    pub(crate) ir: ir::Program,
    pub(crate) lowered: LowerState,
    pub(crate) codes: Codes,
    pub(crate) ctx: Box<Context>,
}

impl Default for Globals {
    fn default() -> Globals {
        Globals {
            ir: ir::Program::default(),
            lowered: LowerState::default(),
            codes: Codes::default(),
            ctx: Context::new(Ctors::default(), UnitTable::language().clone(), Limits::default()),
        }
    }
}

impl Globals {
    pub fn new() -> Globals {
        Globals::default()
    }

    /// Functions that the interpreter found hot and an engine runs now.
    pub fn promoted(&self) -> usize {
        self.codes.promoted
    }

    /// Cells, strings and vectors made so far.
    pub fn allocations(&self) -> u64 {
        self.ctx.allocations
    }

    /// What evaluation has drawn from accounts so far and not given back.
    pub fn outstanding(&self) -> Vec<Outstanding> {
        self.ctx.host.ledger.outstanding()
    }
}
