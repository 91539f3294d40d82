//! Counts steps together: what is certain to be counted on the way from a block is counted there.
//!
//! 1. A block's step moves up to the nearest block that dominates it and has one, if every way from
//!    there leads through the block, or never back to it and out of the function: so a run that
//!    ends by returning counts the same. One that ends on the way may have counted some steps
//!    before their time, in every engine the same.
//! 2. Nothing stands between that begins or ends a meter, or that can be seen from outside: calls
//!    of natives and built-ins that may do anything. Calls of functions count their own.
//! 3. A step does not move over the head of a loop: it is counted each time. But one that a loop
//!    begins with is counted at its end, and for the first time with the step of who enters it.

use crate::ir::{Block, BlockId, End, Function, Inst, LocId, Op, Program, VarId};
use crate::passes::each::each;
use crate::passes::flow::{Bits, Flow};
use eclexia_base::ids::Id;
use std::ops::Range;

/// Blocks looked at for one step.
const FAR: usize = 24;

pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |_, _, body| function(body));
}

fn function(function: &mut Function) {
    for block in function.blocks.values_mut() {
        within(&mut block.insts);
    }
    heads(function);
    let flow = Flow::new(function);
    for id in flow.order.iter().rev() {
        let Some(at) = function.blocks[*id].insts.iter().position(is_step) else { continue };
        let is_head = flow.preds[*id].iter().any(|pred| flow.is_back_edge(*pred, *id));
        if is_head
            || *id == Function::ENTRY
            || !function.blocks[*id].insts[..at].iter().all(lets_by)
        {
            continue;
        }
        let Some((above, into)) = find(function, &flow, *id) else { continue };
        let Op::Step(count) = function.blocks[*id].insts.remove(at).op else { continue };
        if let Op::Step(sum) = &mut function.blocks[above].insts[into].op {
            *sum += count;
        }
    }
}

/// Rule 3, for loops that are entered from one block, which has a step.
fn heads(function: &mut Function) {
    let flow = Flow::new(function);
    for id in flow.order.iter().skip(1).rev() {
        let Some(Inst { op: Op::Step(count), loc, .. }) = function.blocks[*id].insts.first() else {
            continue;
        };
        let (count, loc) = (*count, *loc);
        let (ends, entries): (Vec<BlockId>, Vec<BlockId>) =
            flow.preds[*id].iter().partition(|pred| flow.is_back_edge(**pred, *id));
        let [entry] = entries[..] else { continue };
        let insts = &function.blocks[entry].insts;
        let Some(at) = insts.iter().rposition(is_step) else { continue };
        if ends.is_empty() || !insts[at..].iter().all(lets_by) {
            continue;
        }
        if let Op::Step(sum) = &mut function.blocks[entry].insts[at].op {
            *sum += count;
        }
        let step = function.blocks[*id].insts.remove(0);
        let end = end_of_loop(function, *id, &ends, loc);
        function.blocks[end].insts.push(step);
    }
}

/// The block from which alone a loop goes on.
fn end_of_loop(
    function: &mut Function,
    head: BlockId,
    ends: &[BlockId],
    loc: Option<LocId>,
) -> BlockId {
    if let [only] = ends {
        return *only;
    }
    let Function { blocks, vars, .. } = function;
    let params: Vec<VarId> =
        blocks[head].params.iter().map(|param| vars.push(vars[*param])).collect();
    let end = End::Jump(head, params.clone());
    let made = blocks.push(Block { params, insts: Vec::new(), end, loc });
    for from in ends {
        if let End::Jump(to, _) = &mut blocks[*from].end {
            *to = made;
        }
    }
    made
}

fn is_step(inst: &Inst) -> bool {
    matches!(inst.op, Op::Step(_))
}

/// Whether a step may be counted before an instruction instead of behind it.
fn lets_by(inst: &Inst) -> bool {
    match &inst.op {
        Op::Native { native, .. } => native.get().is_pure,
        Op::Builtin { .. }
        | Op::Extern { .. }
        | Op::Check { .. }
        | Op::Admits { .. }
        | Op::AdmitRest { .. }
        | Op::MeterBegin { .. }
        | Op::MeterEnd => false,
        _ => true,
    }
}

/// Steps of one block.
fn within(insts: &mut Vec<Inst>) {
    let mut first: Option<usize> = None;
    let mut at = 0;
    while at < insts.len() {
        match (&insts[at].op, first) {
            (Op::Step(more), Some(into)) => {
                let more = *more;
                if let Op::Step(count) = &mut insts[into].op {
                    *count += more;
                }
                insts.remove(at);
                continue;
            }
            (Op::Step(_), None) => first = Some(at),
            _ if lets_by(&insts[at]) => {}
            _ => first = None,
        }
        at += 1;
    }
}

/// The block above a block whose step can count the block's.
fn find(function: &Function, flow: &Flow, id: BlockId) -> Option<(BlockId, usize)> {
    let mut above = id;
    loop {
        let below = above;
        above = flow.idom[above];
        if !leads_to(function, flow, above, below) {
            return None;
        }
        let insts = &function.blocks[above].insts;
        let last = insts.iter().rposition(is_step);
        let rest = last.map_or(0, |at| at + 1);
        if !insts[rest..].iter().all(lets_by) {
            return None;
        }
        if let Some(at) = last {
            return Some((above, at));
        }
        let is_head = flow.preds[above].iter().any(|pred| flow.is_back_edge(*pred, above));
        if is_head || above == Function::ENTRY {
            return None;
        }
    }
}

/// Whether every way from `above` that goes on leads to `below` with nothing between that a step
/// may not be counted before.
fn leads_to(function: &Function, flow: &Flow, above: BlockId, below: BlockId) -> bool {
    let mut seen = Bits::new(function.blocks.len());
    seen.add(below.index());
    let mut open = function.blocks[above].end.successors();
    let mut count = 0;
    while let Some(next) = open.pop() {
        if !seen.add(next.index()) {
            continue;
        }
        count += 1;
        let block = &function.blocks[next];
        let leaves = match block.end {
            End::Return(..) | End::TailCall { .. } | End::TailCallClosure { .. } => true,
            _ => next == above || !flow.dominates(above, next),
        };
        if leaves || count > FAR || !block.insts.iter().all(lets_by) {
            return false;
        }
        open.extend(block.end.successors());
    }
    true
}
