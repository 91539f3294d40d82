//! What is made on all ways and used on one is made on that one: a constructor whose parts a match
//! already knows is then made only where it is wanted whole.
//!
//! From the entry down: an operation that makes something, or a constant, all of whose uses stand
//! below one target of its block's branch, moves to the beginning of that target. Targets have no
//! other way in, so it never moves into a loop.

use crate::ir::{BlockId, FuncId, Function, Op, Program, VarId};
use crate::passes::flow::Flow;
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use std::ops::Range;

pub fn run(program: &mut Program, new: &Range<usize>) {
    for index in new.clone() {
        function(&mut program.functions[FuncId::from_index(index)]);
    }
}

fn function(function: &mut Function) {
    let branches = |id: &BlockId| function.blocks[*id].end.successors().len() > 1;
    let blocks: Vec<BlockId> = function.blocks.ids().filter(branches).collect();
    if blocks.is_empty() {
        return;
    }
    let flow = Flow::new(function);
    let mut uses = uses(function);
    // A target may come before its block in the arena: what moved there moves on the next time.
    for _ in 0..blocks.len().min(8) {
        let mut moved = false;
        for block in &blocks {
            moved |= flow.is_reached(*block) && sink(function, &flow, &mut uses, *block);
        }
        if !moved {
            break;
        }
    }
}

/// Blocks that use a variable, once for each use.
fn uses(function: &Function) -> IdMap<VarId, Vec<BlockId>> {
    let mut uses: IdMap<VarId, Vec<BlockId>> = IdMap::default();
    uses.resize_with(function.vars.len(), Vec::new);
    for (id, block) in function.blocks.iter() {
        for inst in &block.insts {
            inst.op.each_operand(|var| uses[var].push(id));
        }
        block.end.each_operand(|var| uses[var].push(id));
    }
    uses
}

fn may_sink(op: &Op) -> bool {
    match op {
        Op::Alloc { token, .. } => token.is_none(),
        Op::Const(_) | Op::Vector(_) | Op::Closure { .. } => true,
        _ => false,
    }
}

fn sink(
    function: &mut Function,
    flow: &Flow,
    uses: &mut IdMap<VarId, Vec<BlockId>>,
    block: BlockId,
) -> bool {
    let targets = function.blocks[block].end.successors();
    let mut moved = false;
    let mut at = function.blocks[block].insts.len();
    while at > 0 {
        at -= 1;
        let inst = &function.blocks[block].insts[at];
        let Some(dest) = inst.dest.filter(|_| may_sink(&inst.op)) else { continue };
        let below = |target: &&BlockId| {
            !uses[dest].is_empty() && uses[dest].iter().all(|user| flow.dominates(**target, *user))
        };
        let Some(target) = targets.iter().find(below).copied() else { continue };
        let inst = function.blocks[block].insts.remove(at);
        inst.op.each_operand(|var| {
            if let Some(here) = uses[var].iter_mut().find(|user| **user == block) {
                *here = target;
            }
        });
        function.blocks[target].insts.insert(0, inst);
        moved = true;
    }
    moved
}
