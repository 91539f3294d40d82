//! What a jump knows of a constructor that the block behind it asks for: it goes to the answer at
//! once, and takes the fields along instead of the cell, which nobody makes then.
//!
//! ```text
//! .. c = Some x; jump j (c)              .. jump some (x)
//! j (p): switch (tag p) none some    =>  j (p): switch (tag p) none between
//! some:  y = field p 0 ..                between: z = field p 0; jump some (z)
//!                                        some (y): ..
//! ```
//!
//! 1. The block behind does nothing but ask, and whatever uses its parameter stands behind one of
//!    the answers.
//! 2. Behind an answer, fields of the parameter become parameters. What uses the cell itself gets
//!    it as another one.

use crate::ir::{Block, BlockId, Const, End, Function, Inst, Op, Program, VarId};
use crate::passes::flow::Flow;
use crate::passes::tidy;
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_rt::layout::LayoutKind;

/// Changes jumps; whether there were any.
pub fn function(program: &Program, function: &mut Function) -> bool {
    let asks: Vec<BlockId> =
        function.blocks.ids().filter(|id| asked(&function.blocks[*id]).is_some()).collect();
    if asks.is_empty() {
        return false;
    }
    let mut changed = false;
    let mut table = made(program, function);
    for id in asks {
        if question(function, &table, id) {
            table = made(program, function);
            changed = true;
        }
    }
    changed
}

/// The parameter whose tag a block asks for, if it does nothing else.
fn asked(block: &Block) -> Option<VarId> {
    let ([param], [inst], End::Switch { value, .. }) =
        (&block.params[..], &block.insts[..], &block.end)
    else {
        return None;
    };
    (inst.op == Op::Tag(*param) && inst.dest == Some(*value)).then_some(*param)
}

/// A constructor that is made: its index and its fields.
struct Made {
    index: u32,
    fields: Vec<VarId>,
}

fn made(program: &Program, function: &Function) -> IdMap<VarId, Option<Made>> {
    let open = tidy::open_cells(function);
    let mut all: IdMap<VarId, Option<Made>> = IdMap::default();
    all.resize_with(function.vars.len(), || None);
    for inst in function.blocks.values().flat_map(|block| &block.insts) {
        let Some(dest) = inst.dest.filter(|dest| !open.has(dest.index())) else { continue };
        all[dest] = match &inst.op {
            Op::Const(Const::Immediate(index)) => Some(Made { index: *index, fields: Vec::new() }),
            Op::Alloc { layout, fields, .. } => match program.shapes.layout(*layout).kind {
                LayoutKind::Data { index, .. } => Some(Made { index, fields: fields.clone() }),
                LayoutKind::Closure { .. } => None,
            },
            _ => None,
        };
    }
    all
}

fn question(function: &mut Function, made: &IdMap<VarId, Option<Made>>, id: BlockId) -> bool {
    let Some(param) = asked(&function.blocks[id]) else { return false };
    let made = |var: VarId| made[var].as_ref();
    let knows = |block: &Block| match &block.end {
        End::Jump(to, args) => *to == id && made(args[0]).is_some(),
        _ => false,
    };
    if !function.blocks.values().any(knows) {
        return false;
    }
    let flow = Flow::new(function);
    if !flow.is_reached(id) || flow.preds[id].iter().any(|pred| flow.is_back_edge(*pred, id)) {
        return false;
    }
    let End::Switch { cases, default, value } = function.blocks[id].end.clone() else {
        return false;
    };
    let mut known: Vec<(BlockId, VarId, BlockId)> = Vec::new();
    for pred in &flow.preds[id] {
        let End::Jump(_, args) = &function.blocks[*pred].end else { return false };
        let Some(Made { index, .. }) = made(args[0]) else { continue };
        let case = cases.iter().find(|(case, _)| *case == i64::from(*index)).map(|(_, to)| *to);
        if let Some(to) = case.or(default) {
            known.push((*pred, args[0], to));
        }
    }
    if known.is_empty() || !stands_behind(function, &flow, (id, value), param) {
        return false;
    }
    let mut answers: Vec<BlockId> = known.iter().map(|(.., to)| *to).collect();
    answers.sort_unstable();
    answers.dedup();
    for answer in answers {
        let is_one =
            Some(answer) != default && cases.iter().filter(|(_, to)| *to == answer).count() == 1;
        let taken = take_along(function, &flow, (answer, param), is_one);
        between(function, (id, answer), param, &taken);
        for (pred, arg, _) in known.iter().filter(|(.., to)| *to == answer) {
            let field = |index: &u32| made(*arg).map(|made| made.fields[*index as usize]);
            let args = taken.fields.iter().filter_map(|(index, _)| field(index));
            let args = args.chain(taken.whole.map(|_| *arg)).collect();
            function.blocks[*pred].end = End::Jump(answer, args);
        }
    }
    true
}

/// Rule 1.
fn stands_behind(
    function: &Function,
    flow: &Flow,
    (id, value): (BlockId, VarId),
    param: VarId,
) -> bool {
    let answers = function.blocks[id].end.successors();
    flow.order.iter().filter(|at| **at != id).all(|at| {
        let block = &function.blocks[*at];
        let (mut uses, mut asks) = (false, false);
        let mut look = |var: VarId| {
            uses |= var == param;
            asks |= var == value;
        };
        block.insts.iter().for_each(|inst| inst.op.each_operand(&mut look));
        block.end.each_operand(&mut look);
        !asks && (!uses || answers.iter().any(|answer| flow.dominates(*answer, *at)))
    })
}

/// What an answer gets as parameters.
struct Taken {
    fields: Vec<(u32, VarId)>,
    whole: Option<VarId>,
}

/// Rule 2: puts parameters in the place of what is used behind an answer.
fn take_along(
    function: &mut Function,
    flow: &Flow,
    (answer, param): (BlockId, VarId),
    is_one: bool,
) -> Taken {
    let mut taken = Taken { fields: Vec::new(), whole: None };
    let mut same: Vec<(VarId, VarId)> = Vec::new();
    let below: Vec<BlockId> =
        flow.order.iter().copied().filter(|at| flow.dominates(answer, *at)).collect();
    for at in &below {
        let mut block = std::mem::take(&mut function.blocks[*at]);
        block.insts.retain(|inst| match (&inst.op, inst.dest) {
            (Op::Field { of, index }, Some(dest)) if is_one && *of == param => {
                match taken.fields.iter().find(|(known, _)| known == index) {
                    Some((_, known)) => same.push((dest, *known)),
                    None => taken.fields.push((*index, dest)),
                }
                false
            }
            _ => true,
        });
        function.blocks[*at] = block;
    }
    let mut whole = None;
    let mut rename = |var: &mut VarId, vars: &mut IdMap<VarId, _>| {
        if *var == param {
            *var = *whole.get_or_insert_with(|| vars.push(vars[param]));
        } else if let Some((_, known)) = same.iter().find(|(gone, _)| gone == var) {
            *var = *known;
        }
    };
    for at in &below {
        let Function { blocks, vars, .. } = &mut *function;
        let block = &mut blocks[*at];
        for inst in &mut block.insts {
            inst.op.each_operand_mut(|var| rename(var, vars));
        }
        block.end.each_operand_mut(|var| rename(var, vars));
    }
    taken.whole = whole;
    let params = taken.fields.iter().map(|(_, var)| *var).chain(taken.whole).collect();
    function.blocks[answer].params = params;
    taken
}

/// The way from the question to an answer, which only jumps may lead to now.
fn between(function: &mut Function, (id, answer): (BlockId, BlockId), param: VarId, taken: &Taken) {
    let mut block = Block { loc: function.blocks[id].loc, ..Block::default() };
    let mut args = Vec::new();
    for (index, var) in &taken.fields {
        let shape = function.vars[*var];
        let dest = function.vars.push(shape);
        let op = Op::Field { of: param, index: *index };
        block.insts.push(Inst { dest: Some(dest), op, loc: block.loc });
        args.push(dest);
    }
    args.extend(taken.whole.map(|_| param));
    block.end = End::Jump(answer, args);
    let between = function.blocks.push(block);
    function.blocks[id].end.each_target_mut(|to| {
        if *to == answer {
            *to = between;
        }
    });
}
