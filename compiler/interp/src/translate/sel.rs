//! Selected instructions: what `select` chose, still with variables, before they have registers.

use crate::bytecode::{Cold, Op};
use eclexia_ir::ir::{BlockId, FuncId};

/// One instruction of bytecode.
#[derive(Clone, Debug)]
pub(crate) struct Sel {
    pub op: Op,
    pub form: Form,
    /// Variable that it defines.
    pub dest: Option<u32>,
    /// Its operands, in `Selected::args`.
    pub args: (u32, u32),
    /// The instruction of the IR, where its place may matter.
    pub inst: Option<u32>,
}

/// How it is written down, and what else it says.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// Not written down.
    Nothing,
    /// `a` is the result, `b` and `c` are the operands, as far as there are any.
    Plain,
    /// `a`, `b` and `c` are the operands.
    Operands,
    /// `a` is the result, `b` the operand; and `n`.
    Number(i16, u8),
    /// `a` is the result.
    Small(i32),
    /// `a` is the result, `b` the operand.
    Wide(u64),
    /// `a` is the operand.
    WideArg(u64),
    /// A word of the cell `b`; `a` is the result.
    Index(u32),
    /// Jumps: `a` and `b` are operands.
    If(BlockId),
    /// Jumps: `a` is the operand.
    IfNumber(u16, BlockId),
    /// Jumps; by 32 bits: `a` is the operand.
    Far(BlockId),
    Loop(u8, BlockId),
    Step(u16),
    Count(u16),
    /// To the target of a jump, with these values for its parameters.
    Moves(BlockId, Vec<Source>),
    Switch {
        least: i64,
        cases: Vec<BlockId>,
        default: BlockId,
    },
    Search {
        cases: Vec<(i64, BlockId)>,
        default: BlockId,
    },
    SwitchTag {
        first_info: u32,
        immediates: Vec<BlockId>,
        layouts: Vec<BlockId>,
    },
    Tag {
        first_info: u32,
        ctors: Vec<u32>,
    },
    Global(u32),
    Alloc {
        info: u32,
    },
    Reuse {
        info: u32,
        unchanged: u64,
    },
    Closure {
        info: u32,
        func: FuncId,
    },
    Call(FuncId),
    CallClosure,
    TailCall(FuncId),
    TailCallClosure,
    /// `a` is the result, `b` and `c` are operands, the third is a list.
    Set,
    Native {
        address: u64,
        shapes: Vec<u32>,
    },
    Cold(Box<Cold>),
}

/// What a parameter of a block becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// The operand of this number.
    Arg(u32),
    Small(i32),
    Wide(u64),
}

/// A function with its instructions chosen.
#[derive(Default, Debug)]
pub(crate) struct Selected {
    /// In the order in which they are written down.
    pub order: Vec<BlockId>,
    /// Position in `order` by block; `u32::MAX` where it is not reached.
    pub position: Vec<u32>,
    /// By position: its instructions in `sels`.
    pub blocks: Vec<(u32, u32)>,
    pub sels: Vec<Sel>,
    pub args: Vec<u32>,
    /// How many variables there are.
    pub vars: u32,
    /// Steps that the function begins with.
    pub entry_steps: u32,
    /// Whether they are a safe point.
    pub entry_looks: bool,
}

impl Selected {
    pub fn args_of(&self, sel: &Sel) -> &[u32] {
        &self.args[sel.args.0 as usize..sel.args.1 as usize]
    }

    pub fn sels_of(&self, position: usize) -> std::ops::Range<usize> {
        let (from, to) = self.blocks[position];
        from as usize..to as usize
    }
}
