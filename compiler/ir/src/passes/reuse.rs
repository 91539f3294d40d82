//! The memory of a cell that dies is used for one of the same size made later: `drop` becomes
//! `reset`, which gives a token, and `alloc` takes it. After Perceus, and Lorenzen and Leijen,
//! *Reference Counting with Frame Limited Reuse* (2022).
//!
//! 1. Drops are looked at in the order of the blocks; one counts if its cell's constructor is
//!    known.
//! 2. From there on, in blocks that it dominates, the first cell of the same size on every way that
//!    has no token yet gets this one, in a block the one that keeps most of its fields. At the head
//!    of a loop a way ends: one token makes one cell.
//! 3. Where ways part and one has no use for the token, it is freed.

use crate::ir::{BlockId, End, Function, Inst, Op, Program, VarId};
use crate::passes::cells::Cells;
use crate::passes::each::each;
use crate::passes::flow::{Bits, Flow};
use eclexia_base::ids::Id;
use eclexia_rt::layout::{Shape, ShapeId, Shapes};
use std::ops::Range;

pub fn run(program: &mut Program, new: &Range<usize>) {
    let token = token_shape(&mut program.shapes);
    each(program, new, |program, _, function| {
        let allocates =
            |inst: &Inst| matches!(&inst.op, Op::Alloc { fields, .. } if !fields.is_empty());
        if !function.blocks.values().any(|block| block.insts.iter().any(allocates)) {
            return;
        }
        let flow = Flow::new(function);
        for (block, var, size) in drops(program, function, &flow) {
            pair(function, &flow, (block, var, size), (&program.shapes, token));
        }
    });
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
    (shapes, shape): (&Shapes, ShapeId),
) {
    let insts = &function.blocks[block].insts;
    let Some(at) = insts.iter().position(|inst| inst.op == Op::Drop(var)) else { return };
    // A cell that keeps nothing would only take the memory from one further on that does.
    let with = |least| users(function, flow, (block, at), &Wanted { of: var, size, least, shapes });
    let users = Some(with(1)).filter(|users| !users.is_empty()).unwrap_or_else(|| with(0));
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
    free_elsewhere(function, flow, (block, token, size), &mut uses);
}

fn takes(inst: &Inst, size: usize, shapes: &Shapes) -> bool {
    match &inst.op {
        Op::Alloc { fields, token: None, layout, .. } => {
            fields.len() == size && !shapes.is_wrapper(*layout)
        }
        _ => false,
    }
}

/// What a cell is to take the memory of a dead one.
struct Wanted<'a> {
    shapes: &'a Shapes,
    of: VarId,
    size: usize,
    /// Fields that are the same in the same place.
    least: usize,
}

/// The cell of a block, from an instruction on, that takes the token: the one that keeps the most
/// fields of the cell that is dropped.
fn best(
    function: &Function,
    (block, from): (BlockId, usize),
    wanted: &Wanted<'_>,
) -> Option<usize> {
    let insts = function.blocks[block].insts.iter().enumerate().skip(from);
    let taking = insts.filter(|(_, inst)| takes(inst, wanted.size, wanted.shapes));
    let kept = |inst: &Inst| match &inst.op {
        Op::Alloc { fields, .. } => kept_fields(function, fields, wanted.of),
        _ => 0,
    };
    let all = taking.map(|(at, inst)| (kept(inst), at)).filter(|(kept, _)| *kept >= wanted.least);
    // The first of several.
    all.max_by_key(|(kept, at)| (*kept, usize::MAX - at)).map(|(_, at)| at)
}

/// How many fields of a cell are in the same place in another one.
fn kept_fields(function: &Function, fields: &[VarId], of: VarId) -> usize {
    let insts = function.blocks.values().flat_map(|block| &block.insts);
    let is_kept = |inst: &&Inst| match (inst.dest, &inst.op) {
        (Some(dest), Op::Field { of: cell, index }) => {
            *cell == of && fields.get(*index as usize) == Some(&dest)
        }
        _ => false,
    };
    insts.filter(is_kept).count()
}

/// Rule 2: the cells that take the token.
fn users(
    function: &Function,
    flow: &Flow,
    (block, at): (BlockId, usize),
    wanted: &Wanted<'_>,
) -> Vec<(BlockId, usize)> {
    if let Some(at) = best(function, (block, at + 1), wanted) {
        return vec![(block, at)];
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
        match best(function, (*next, 0), wanted) {
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
    (block, token, size): (BlockId, VarId, usize),
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
                let op = Op::FreeToken { token, size: size as u32 };
                let free = Inst { dest: None, op, loc: None };
                function.blocks[to].insts.insert(0, free);
            }
        }
    }
}
