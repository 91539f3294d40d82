//! A walk along a list that somebody else has too counts nothing on its way: what it begins with is
//! kept until it ends, so that the cells are borrowed. Else each of them would be copied and given
//! up again.
//!
//! ```text
//! f xs; loop (ys: xs): .. jump loop (field ys 1)     out: g ys
//!   =>                                               out: keep xs; g ys
//! ```
//!
//! 1. Only loops that call nobody, make nothing and free nothing else: what is kept a little longer
//!    is nothing that they could have used, so that no more memory is needed.
//! 2. Only where the list was given away before, so that it is likely to have another owner. One
//!    that nobody else has is taken apart on the way.

use crate::ir::{BlockId, End, Function, Inst, Mode, Op, Program, VarId};
use crate::passes::each::each;
use crate::passes::flow::{Bits, Flow};
use crate::passes::own::{each_use, is_counted};
use crate::passes::rounds::inside;
use eclexia_base::ids::Id;
use std::ops::Range;

pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |program, _, body| function(program, body));
}

fn function(program: &Program, function: &mut Function) {
    if !function.blocks.values().any(|block| block.insts.iter().any(is_field)) {
        return;
    }
    let flow = Flow::new(function);
    let mut kept = Vec::new();
    for head in &flow.order {
        let Some(blocks) = quiet_loop(function, &flow, *head) else { continue };
        for at in 0..function.blocks[*head].params.len() {
            let Some(first) = walked(program, function, &flow, (*head, at), &blocks) else {
                continue;
            };
            if is_given_before(program, function, &flow, first, *head) {
                let outs = outs(function, &blocks);
                kept.extend(outs.into_iter().map(|out| (out, first)));
            }
        }
    }
    for (out, first) in kept {
        let loc = function.blocks[out].loc;
        let keep = Inst { dest: None, op: Op::Keep(first), loc };
        function.blocks[out].insts.insert(0, keep);
    }
}

fn is_field(inst: &Inst) -> bool {
    matches!(inst.op, Op::Field { .. })
}

/// Rule 1: the blocks of a loop that begins with `head`.
fn quiet_loop(function: &Function, flow: &Flow, head: BlockId) -> Option<Bits> {
    let mut blocks = Bits::new(function.blocks.len());
    for pred in flow.preds[head].iter().filter(|pred| flow.is_back_edge(**pred, head)) {
        if !flow.dominates(head, *pred) {
            return None;
        }
        blocks.add_all(&inside(flow, head, *pred));
    }
    let is_quiet = |inst: &Inst| {
        matches!(
            inst.op,
            Op::Const(_)
                | Op::Prim(..)
                | Op::Field { .. }
                | Op::Capture { .. }
                | Op::Tag(_)
                | Op::Step(_)
                | Op::Count(_)
        )
    };
    let mut any = false;
    for index in blocks.iter() {
        any = true;
        if !function.blocks[BlockId::from_index(index)].insts.iter().all(is_quiet) {
            return None;
        }
    }
    any.then_some(blocks)
}

/// What a parameter of a loop walks along: what comes in before it, where all that comes in later
/// is loaded from the parameter.
fn walked(
    program: &Program,
    function: &Function,
    flow: &Flow,
    (head, at): (BlockId, usize),
    blocks: &Bits,
) -> Option<VarId> {
    let param = function.blocks[head].params[at];
    if !is_counted(program, function, param) {
        return None;
    }
    let (mut first, mut goes_on) = (None, false);
    for pred in &flow.preds[head] {
        let End::Jump(_, args) = &function.blocks[*pred].end else { return None };
        match blocks.has(pred.index()) {
            true if is_part_of(function, blocks, args[at], param) => goes_on = true,
            false if first.is_none() => first = Some(args[at]),
            _ => return None,
        }
    }
    first.filter(|_| goes_on)
}

/// Whether `part` was loaded from `of`, directly or through others, in the loop.
fn is_part_of(function: &Function, blocks: &Bits, part: VarId, of: VarId) -> bool {
    let mut part = part;
    // Each load is of something that was made before it.
    loop {
        let insts = blocks.iter().flat_map(|i| &function.blocks[BlockId::from_index(i)].insts);
        let found = insts.into_iter().find(|inst| inst.dest == Some(part)).map(|inst| &inst.op);
        match found {
            Some(Op::Field { of: from, .. }) if *from == of => return true,
            Some(Op::Field { of: from, .. }) => part = *from,
            _ => return false,
        }
    }
}

/// Rule 2.
fn is_given_before(
    program: &Program,
    function: &Function,
    flow: &Flow,
    var: VarId,
    head: BlockId,
) -> bool {
    let before = flow.order.iter().filter(|id| **id != head && flow.dominates(**id, head));
    let mut insts = before.flat_map(|id| &function.blocks[*id].insts);
    insts.any(|inst| {
        let mut is_given = false;
        each_use(program, &inst.op, |used, mode| {
            is_given |= used == var && mode == Mode::Owned;
        });
        is_given
    })
}

/// Where the ways out of a loop lead: each behind a test, so that nobody comes there otherwise.
fn outs(function: &Function, blocks: &Bits) -> Vec<BlockId> {
    let mut outs = Vec::new();
    for index in blocks.iter() {
        function.blocks[BlockId::from_index(index)].end.each_target(|to| {
            if !blocks.has(to.index()) && !outs.contains(&to) {
                outs.push(to);
            }
        });
    }
    outs
}
