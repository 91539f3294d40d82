//! Counts steps together: what is certain to be counted on the way from a block is counted there.
//!
//! 1. A block's step moves up to the nearest block that dominates it and has one, if every way from
//!    there leads through the block, or never back to it and out of the function: so a run that
//!    ends by returning counts the same. One that ends on the way may have counted some steps
//!    before their time, in every engine the same.
//! 2. Nothing stands between that begins or ends a meter, or that can be seen from outside: calls
//!    of natives and built-ins that may do anything. Calls of functions count their own.
//! 3. A step does not move over the head of a loop: it is counted each time.

use crate::ir::{BlockId, End, FuncId, Function, Inst, Op, Program};
use crate::passes::flow::{Bits, Flow};
use eclexia_base::ids::Id;
use std::ops::Range;

/// Blocks looked at for one step.
const FAR: usize = 24;

pub fn run(program: &mut Program, new: &Range<usize>) {
    for index in new.clone() {
        function(&mut program.functions[FuncId::from_index(index)]);
    }
}

fn function(function: &mut Function) {
    for block in function.blocks.values_mut() {
        within(&mut block.insts);
    }
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
            End::Return(_) | End::TailCall { .. } | End::TailCallClosure { .. } => true,
            _ => next == above || !flow.dominates(above, next),
        };
        if leaves || count > FAR || !block.insts.iter().all(lets_by) {
            return false;
        }
        open.extend(block.end.successors());
    }
    true
}
