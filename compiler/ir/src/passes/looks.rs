//! Steps that need not look whether the run may go on: they become `Count`, which is a subtraction
//! where a step is a comparison, a branch and a call besides.
//!
//! 1. A round of a loop looks once: behind a jump backwards, the nearest step above it stays.
//! 2. A function that calls, or has a loop, looks once on every way before that: a step stays that
//!    none dominates which stays. So between two looks there are as many steps as one function and
//!    those that it calls for their results alone have without loops, and no recursion is without.
//! 3. A function that does neither does not look: who called it has, or will.
//!
//! What is taken beyond a limit that way is seen by the next look, at the latest behind the end of
//! the run, in every engine at the same one.

use crate::ir::{BlockId, End, Function, Inst, Op, Program};
use crate::passes::each::each;
use crate::passes::flow::Flow;
use eclexia_base::FxHashSet;
use eclexia_base::ids::Id;
use std::ops::Range;

pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |_, _, body| function(body));
}

/// A block, and an instruction of it.
type At = (BlockId, usize);

fn function(function: &mut Function) {
    let flow = Flow::new(function);
    let mut looks: FxHashSet<At> = FxHashSet::default();
    let ends = flow.order.iter().filter_map(|id| match function.blocks[*id].end {
        End::Jump(to, _) if flow.is_back_edge(*id, to) => Some((*id, to)),
        _ => None,
    });
    let calls = |id: &BlockId| {
        let block = &function.blocks[*id];
        let leaves = matches!(block.end, End::TailCall { .. } | End::TailCallClosure { .. });
        leaves || block.insts.iter().any(is_call)
    };
    let mut is_leaf = !flow.order.iter().any(calls);
    for (from, head) in ends {
        is_leaf = false;
        looks.extend(above(function, &flow, from, head));
    }
    if !is_leaf {
        for id in &flow.order {
            let Some(at) = function.blocks[*id].insts.iter().position(is_step) else { continue };
            let is_below = |other: &At| other.0 != *id && flow.dominates(other.0, *id);
            if !looks.iter().any(is_below) {
                looks.insert((*id, at));
            }
        }
    }
    for (index, block) in function.blocks.values_mut().enumerate() {
        let id = BlockId::from_index(index);
        for (at, inst) in block.insts.iter_mut().enumerate() {
            if let Op::Step(count) = inst.op
                && !looks.contains(&(id, at))
            {
                inst.op = Op::Count(count);
            }
        }
    }
}

/// The last step on the way from a loop's head to a jump back to it.
fn above(function: &Function, flow: &Flow, from: BlockId, head: BlockId) -> Option<At> {
    let mut id = from;
    loop {
        if let Some(at) = function.blocks[id].insts.iter().rposition(is_step) {
            return Some((id, at));
        }
        if id == head || id == Function::ENTRY {
            return None;
        }
        id = flow.idom[id];
    }
}

fn is_step(inst: &Inst) -> bool {
    matches!(inst.op, Op::Step(_))
}

fn is_call(inst: &Inst) -> bool {
    matches!(inst.op, Op::Call { .. } | Op::CallClosure { .. } | Op::Global(_))
}
