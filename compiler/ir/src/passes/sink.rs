//! What is made on all ways and used on some is made on those: a constructor whose parts a match
//! already knows is then made only where it is wanted whole.
//!
//! 1. Ways that end alike with something that was made above, and use it nowhere else, are led
//!    through one block, where it is made.
//! 2. What is made moves down to the nearest block that dominates all of its uses, but not into a
//!    loop.
//! 3. What is only looked at (a field, a tag) moves to the beginning of the one target of its
//!    block's branch below which all of its uses stand. It does not move over a call: what it is
//!    loaded from would have to live longer.

use crate::ir::{Block, BlockId, End, Function, Inst, Op, Program, VarId};
use crate::passes::each::each;
use crate::passes::flow::{Bits, Flow};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use std::ops::Range;

/// How often what moved is looked at again.
const ROUNDS: usize = 8;

pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |_, _, body| function(body));
}

fn function(function: &mut Function) {
    let branches = |block: &Block| block.end.successors().len() > 1;
    if !function.blocks.values().any(branches) {
        return;
    }
    let mut uses = uses(function, &Flow::new(function));
    share(function, &mut uses);
    let flow = Flow::new(function);
    let order = flow.order.clone();
    for _ in 0..ROUNDS {
        let mut moved = false;
        for block in order.iter().rev() {
            moved |= sink(function, &flow, &mut uses, *block);
        }
        if !moved {
            break;
        }
    }
}

/// Blocks that use a variable, once for each use.
type Uses = IdMap<VarId, Vec<BlockId>>;

fn uses(function: &Function, flow: &Flow) -> Uses {
    let mut uses: Uses = IdMap::default();
    uses.resize_with(function.vars.len(), Vec::new);
    for id in &flow.order {
        let block = &function.blocks[*id];
        for inst in &block.insts {
            inst.op.each_operand(|var| uses[var].push(*id));
        }
        block.end.each_operand(|var| uses[var].push(*id));
    }
    uses
}

fn makes(op: &Op) -> bool {
    match op {
        Op::Alloc { token, .. } => token.is_none(),
        Op::Const(_) | Op::Vector(_) | Op::Closure { .. } => true,
        _ => false,
    }
}

fn looks(op: &Op) -> bool {
    match op {
        Op::Field { .. } | Op::Capture { .. } | Op::Tag(_) => true,
        Op::Prim(prim, _) => !prim.is_checked(),
        _ => false,
    }
}

/// Rule 1.
fn share(function: &mut Function, uses: &mut Uses) {
    for block in Flow::new(function).order {
        let mut at = function.blocks[block].insts.len();
        while at > 0 {
            at -= 1;
            let inst = &function.blocks[block].insts[at];
            let is_cell = matches!(&inst.op, Op::Alloc { .. } | Op::Vector(_) | Op::Closure { .. });
            let Some(dest) = inst.dest.filter(|_| is_cell && makes(&inst.op)) else { continue };
            let Some((end, loc)) = common_end(function, block, &uses[dest], dest) else { continue };
            let inst = function.blocks[block].insts.remove(at);
            let made = Block { params: Vec::new(), insts: vec![inst], end, loc };
            let shared = function.blocks.push(made);
            for user in std::mem::take(&mut uses[dest]) {
                let end = std::mem::replace(
                    &mut function.blocks[user].end,
                    End::Jump(shared, Vec::new()),
                );
                end.each_operand(|var| moves(uses, var, user, shared));
            }
            let insts = std::mem::take(&mut function.blocks[shared].insts);
            for inst in &insts {
                inst.op.each_operand(|var| moves(uses, var, block, shared));
            }
            function.blocks[shared].insts = insts;
        }
    }
}

/// A use stands elsewhere now.
fn moves(uses: &mut Uses, var: VarId, from: BlockId, to: BlockId) {
    if let Some(here) = uses[var].iter_mut().find(|user| **user == from) {
        *here = to;
    }
}

/// The end that all blocks that use a variable have, where they use it only there and lead into no
/// loop that does not go through `made`.
fn common_end(
    function: &Function,
    made: BlockId,
    users: &[BlockId],
    var: VarId,
) -> Option<(End, Option<crate::ir::LocId>)> {
    let (first, others) = users.split_first()?;
    let Block { end, loc, .. } = &function.blocks[*first];
    let same = |user: &BlockId| {
        let block = &function.blocks[*user];
        *user != made && user != first && block.end == *end && block.loc == *loc
    };
    let is_once = (1..users.len()).all(|at| !users[at..].contains(&users[at - 1]));
    if others.is_empty() || *first == made || !is_once || !others.iter().all(same) {
        return None;
    }
    let mut ends = 0;
    end.each_operand(|operand| ends += usize::from(operand == var));
    let stays = matches!(end, End::Return(..) | End::Jump(..)) && ends == 1;
    let returns = |user: &BlockId| comes_back(function, *first, *user, made);
    (stays && !users.iter().any(returns)).then(|| (end.clone(), *loc))
}

/// Whether a way leads from behind a block to another one without going through `around`.
fn comes_back(function: &Function, from: BlockId, to: BlockId, around: BlockId) -> bool {
    let mut seen = Bits::new(function.blocks.len());
    let mut open = function.blocks[from].end.successors();
    while let Some(next) = open.pop() {
        if next == around || !seen.add(next.index()) {
            continue;
        }
        if next == to {
            return true;
        }
        open.extend(function.blocks[next].end.successors());
    }
    false
}

/// Rules 2 and 3, for what stands in one block.
fn sink(function: &mut Function, flow: &Flow, uses: &mut Uses, block: BlockId) -> bool {
    let targets = function.blocks[block].end.successors();
    let mut moved = false;
    let mut calls = false;
    let mut at = function.blocks[block].insts.len();
    while at > 0 {
        at -= 1;
        let inst = &function.blocks[block].insts[at];
        let target = match inst.dest {
            Some(dest) if uses[dest].is_empty() => None,
            Some(dest) if makes(&inst.op) => nearest(function, flow, block, &uses[dest]),
            Some(dest) if looks(&inst.op) && !calls && targets.len() > 1 => {
                let all = |to: &&BlockId| uses[dest].iter().all(|user| flow.dominates(**to, *user));
                targets.iter().find(all).copied()
            }
            _ => None,
        };
        calls |= !makes(&inst.op) && !looks(&inst.op) && !is_silent(inst);
        let Some(target) = target else { continue };
        let inst = function.blocks[block].insts.remove(at);
        inst.op.each_operand(|var| moves(uses, var, block, target));
        function.blocks[target].insts.insert(0, inst);
        moved = true;
    }
    moved
}

/// Whether an instruction takes no time and holds nothing.
fn is_silent(inst: &Inst) -> bool {
    matches!(inst.op, Op::Step(_) | Op::Prim(..) | Op::Global(_))
}

/// Rule 2: where something can be made instead of in `block`.
fn nearest(function: &Function, flow: &Flow, block: BlockId, users: &[BlockId]) -> Option<BlockId> {
    let mut at = *users.first()?;
    while !users.iter().all(|user| flow.dominates(at, *user)) {
        at = flow.idom[at];
    }
    while at != block && comes_back(function, at, at, block) {
        at = flow.idom[at];
    }
    (at != block).then_some(at)
}
