//! The memory of a cell that dies is used for one of the same size made later: `drop` becomes
//! `reset`, which gives a token, and `alloc` takes it. After Perceus, and Lorenzen and Leijen,
//! *Reference Counting with Frame Limited Reuse* (2022).
//!
//! 1. Drops are looked at in the order of the blocks; one counts if its cell's constructor is
//!    known.
//! 2. From there on, in blocks that it dominates, the first cell of the same size on every way that
//!    has no token yet gets this one. At the head of a loop a way ends: one token makes one cell.
//! 3. Where ways part and one has no use for the token, it is freed.

use crate::ir::{BlockId, End, FuncId, Function, Inst, Op, Program, VarId};
use crate::passes::cells::Cells;
use crate::passes::flow::{Bits, Flow};
use eclexia_base::ids::Id;
use eclexia_rt::layout::{Shape, ShapeId, Shapes};
use std::ops::Range;

pub fn run(program: &mut Program, new: &Range<usize>) {
    for index in new.clone() {
        let id = FuncId::from_index(index);
        let function = &program.functions[id];
        let allocates =
            |inst: &Inst| matches!(&inst.op, Op::Alloc { fields, .. } if !fields.is_empty());
        if !function.blocks.values().any(|block| block.insts.iter().any(allocates)) {
            continue;
        }
        let flow = Flow::new(function);
        let drops = drops(program, function, &flow);
        if drops.is_empty() {
            continue;
        }
        let token = token_shape(&mut program.shapes);
        let function = &mut program.functions[id];
        for (block, var, size) in drops {
            pair(function, &flow, (block, var, size), token);
        }
    }
}

/// The shape of tokens.
pub fn token_shape(shapes: &mut Shapes) -> ShapeId {
    let all = (0..shapes.len()).map(|index| ShapeId(index as u32));
    let known = all.into_iter().find(|id| *shapes.get(*id) == Shape::Token);
    known.unwrap_or_else(|| shapes.add(Shape::Token))
}

/// Drops of cells with a known number of fields, in order.
fn drops(program: &Program, function: &Function, flow: &Flow) -> Vec<(BlockId, VarId, usize)> {
    let cells = Cells::new(program, function, flow);
    let mut drops = Vec::new();
    for block in &flow.order {
        for inst in &function.blocks[*block].insts {
            if let Op::Drop(var) = inst.op
                && let Some(fields) = cells.fields(program, function, flow, (var, *block))
            {
                drops.push((*block, var, fields.len()));
            }
        }
    }
    drops
}

/// Gives the memory of a cell that is dropped to cells made later, if there are any.
fn pair(
    function: &mut Function,
    flow: &Flow,
    (block, var, size): (BlockId, VarId, usize),
    shape: ShapeId,
) {
    let insts = &function.blocks[block].insts;
    let Some(at) = insts.iter().position(|inst| inst.op == Op::Drop(var)) else { return };
    let users = users(function, flow, (block, at), size);
    if users.is_empty() {
        return;
    }
    let token = function.vars.push(shape);
    let drop = &mut function.blocks[block].insts[at];
    (drop.dest, drop.op) = (Some(token), Op::Reset(var));
    let mut uses = Bits::new(function.blocks.len());
    for (user, at) in &users {
        if let Op::Alloc { token: slot, .. } = &mut function.blocks[*user].insts[*at].op {
            *slot = Some(token);
        }
        uses.add(user.index());
    }
    free_elsewhere(function, flow, (block, token), &mut uses);
}

fn takes(inst: &Inst, size: usize) -> bool {
    matches!(&inst.op, Op::Alloc { fields, token: None, .. } if fields.len() == size)
}

/// Rule 2: the cells that take the token.
fn users(
    function: &Function,
    flow: &Flow,
    (block, at): (BlockId, usize),
    size: usize,
) -> Vec<(BlockId, usize)> {
    let here = function.blocks[block].insts.iter().skip(at + 1);
    if let Some(next) = here.into_iter().position(|inst| takes(inst, size)) {
        return vec![(block, at + 1 + next)];
    }
    let mut users = Vec::new();
    let mut has = Bits::new(function.blocks.len());
    has.add(block.index());
    let start = flow.place[block] as usize;
    for next in &flow.order[start + 1..] {
        // A jump backwards comes from what was not looked at yet, and so has nothing.
        let comes = flow.preds[*next].iter().all(|pred| has.has(pred.index()));
        if !comes || !flow.dominates(block, *next) {
            continue;
        }
        let insts = &function.blocks[*next].insts;
        match insts.iter().position(|inst| takes(inst, size)) {
            Some(at) => users.push((*next, at)),
            None => drop(has.add(next.index())),
        }
    }
    users
}

/// Rule 3. `uses` are the blocks that use the token.
fn free_elsewhere(
    function: &mut Function,
    flow: &Flow,
    (block, token): (BlockId, VarId),
    uses: &mut Bits,
) {
    // Blocks that the token comes into.
    let needs = uses;
    let start = flow.place[block] as usize;
    for next in flow.order[start + 1..].iter().rev() {
        let mut leads = false;
        function.blocks[*next].end.each_target(|to| {
            leads |= needs.has(to.index()) && !flow.is_back_edge(*next, to);
        });
        if leads && flow.dominates(block, *next) {
            needs.add(next.index());
        }
    }
    for next in &flow.order[start..] {
        if *next != block && !needs.has(next.index()) {
            continue;
        }
        let used = |inst: &Inst| matches!(inst.op, Op::Alloc { token: Some(t), .. } if t == token);
        if function.blocks[*next].insts.iter().any(used) {
            continue;
        }
        let targets = match function.blocks[*next].end {
            End::Jump(..) => continue,
            ref end => end.successors(),
        };
        for to in targets {
            if !needs.has(to.index()) {
                let free = Inst { dest: None, op: Op::FreeToken(token), loc: None };
                function.blocks[to].insts.insert(0, free);
            }
        }
    }
}
