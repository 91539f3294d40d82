//! Which of two fields a way goes on with, chosen without a branch: where a search tree is walked,
//! nobody can foretell which child is next, and a wrong guess costs more than both loads.

use crate::Made;
use crate::function::Translator;
use cranelift_codegen::ir::{BlockArg, InstBuilder};
use eclexia_ir::ir::{BlockId, End, Inst, Op, VarId};

impl<'a> Translator<'a> {
    /// Ends a block with a branch both of whose ways load another field of one cell and go on to
    /// the same block; `false` where that is not so. The ways have no blocks of their own then.
    pub fn choose(&mut self, cond: VarId, then: BlockId, other: BlockId) -> Made<bool> {
        let (Some((x, to, args)), Some((y, same, others))) = (self.way(then), self.way(other))
        else {
            return Ok(false);
        };
        let (Op::Field { of, .. }, Op::Field { of: cell, .. }) = (&x.op, &y.op) else {
            return Ok(false);
        };
        let pairs = || args.iter().zip(others);
        let good = |(a, b): (&VarId, &VarId)| a == b || (Some(*a), Some(*b)) == (x.dest, y.dest);
        if of != cell || to != same || !pairs().all(good) {
            return Ok(false);
        }
        self.inst(x)?;
        self.inst(y)?;
        let cond = self.value(cond);
        let mut all: Vec<BlockArg> = Vec::with_capacity(args.len());
        for (a, b) in pairs() {
            let (x, y) = (self.value(*a), self.value(*b));
            all.push(if a == b { x } else { self.b.ins().select(cond, x, y) }.into());
        }
        let to = self.blocks[to];
        self.b.ins().jump(to, &all);
        self.left_out[then.0 as usize] = true;
        self.left_out[other.0 as usize] = true;
        Ok(true)
    }

    /// A block of one instruction and a jump.
    fn way(&self, id: BlockId) -> Option<(&'a Inst, BlockId, &'a [VarId])> {
        let function = self.function;
        let block = &function.blocks[id];
        match (&block.insts[..], &block.end) {
            ([inst], End::Jump(to, args)) => Some((inst, *to, args)),
            _ => None,
        }
    }
}
