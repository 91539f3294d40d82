//! What is left over goes: blocks that are never reached, blocks that only follow each other,
//! operations whose result nobody uses, numbers that nobody has. Steps of a block are counted
//! together where nothing between them can see it.

use crate::ir::{Block, BlockId, End, Function, FunctionKind, Inst, LocId, Op, Program, VarId};
use crate::passes::flow::{Bits, Flow};
use eclexia_base::ids::Id;
use eclexia_base::{IdMap, Name};
use eclexia_core::core::DefId;
use eclexia_rt::layout::ShapeId;

/// A function that stands in for one that is being worked on.
pub fn nothing() -> Function {
    let kind = FunctionKind::Plain;
    Function::new(Name::new(""), DefId(0), ShapeId(0), kind, LocId(0))
}

/// Tidies a function; whether anything but numbers changed.
pub fn function(program: &Program, function: &mut Function) -> bool {
    let mut changed = join(function);
    changed |= empty_branches(function);
    changed |= forward(function);
    changed |= unused(program, function);
    for block in function.blocks.values_mut() {
        steps(block);
    }
    renumber(function);
    changed
}

/// A block that one jump alone leads to is the rest of the block before it.
fn join(function: &mut Function) -> bool {
    let flow = Flow::new(function);
    let mut changed = false;
    let mut gone = Bits::new(function.blocks.len());
    for id in &flow.order {
        if gone.has(id.index()) {
            continue;
        }
        while let End::Jump(to, _) = function.blocks[*id].end
            && flow.preds[to].len() == 1
            && to != *id
        {
            let next = std::mem::take(&mut function.blocks[to]);
            gone.add(to.index());
            let block = &mut function.blocks[*id];
            let args = match std::mem::replace(&mut block.end, next.end) {
                End::Jump(_, args) => args,
                _ => Vec::new(),
            };
            block.insts.extend(next.insts);
            block.loc = next.loc;
            rename(function, &next.params, &args);
            changed = true;
        }
    }
    changed
}

/// Parameters of a joined block are the arguments. There are none as a rule: simplification has
/// replaced them.
fn rename(function: &mut Function, params: &[VarId], args: &[VarId]) {
    if params.is_empty() {
        return;
    }
    let new = |var: &mut VarId| {
        if let Some(at) = params.iter().position(|param| param == var) {
            *var = args[at];
        }
    };
    for block in function.blocks.values_mut() {
        for inst in &mut block.insts {
            inst.op.each_operand_mut(new);
        }
        block.end.each_operand_mut(new);
    }
}

/// A branch both of whose ways go to the same place at once is a jump there.
fn empty_branches(function: &mut Function) -> bool {
    let mut changed = false;
    for id in function.blocks.ids() {
        let End::Branch { then, other, .. } = function.blocks[id].end else { continue };
        let (a, b) = (&function.blocks[then], &function.blocks[other]);
        let same = a.insts.is_empty() && b.insts.is_empty() && a.end == b.end;
        if same && matches!(a.end, End::Jump(..)) {
            let end = a.end.clone();
            function.blocks[id].end = end;
            changed = true;
        }
    }
    changed
}

/// A jump to a block that does nothing but go on does so itself.
fn forward(function: &mut Function) -> bool {
    let mut changed = false;
    for id in function.blocks.ids() {
        let End::Jump(to, _) = function.blocks[id].end else { continue };
        let target = &function.blocks[to];
        let does_nothing = target.insts.is_empty() && target.params.is_empty() && to != id;
        if does_nothing && matches!(target.end, End::Return(..)) {
            let (end, loc) = (target.end.clone(), target.loc);
            (function.blocks[id].end, function.blocks[id].loc) = (end, loc);
            changed = true;
        }
    }
    changed
}

/// Cells of which a place is filled after they are made.
pub fn open_cells(function: &Function) -> Bits {
    let mut open = Bits::default();
    for inst in function.blocks.values().flat_map(|block| &block.insts) {
        if let Op::Hole { of, .. } = inst.op {
            open.add(of.index());
        }
    }
    open
}

/// Whether an operation only gives its result.
pub fn is_pure(program: &Program, op: &Op) -> bool {
    let _ = program;
    match op {
        Op::Prim(prim, _) => !prim.is_checked(),
        Op::Native { native, .. } => native.get().is_pure && !native.get().can_fault,
        Op::Const(_)
        | Op::Alloc { .. }
        | Op::Vector(_)
        | Op::Update { .. }
        | Op::Closure { .. }
        | Op::Field { .. }
        | Op::Capture { .. }
        | Op::Tag(_) => true,
        _ => false,
    }
}

/// Leaves out pure operations and blocks' parameters that nothing depends on.
fn unused(program: &Program, function: &mut Function) -> bool {
    let flow = Flow::new(function);
    let mut used = Bits::new(function.vars.len());
    let mut open: Vec<VarId> = Vec::new();
    // Where a variable is defined: an instruction, or a block's parameter.
    let mut places: IdMap<VarId, Option<(BlockId, usize)>> = vec![None; function.vars.len()].into();
    let mut params: IdMap<VarId, Option<(BlockId, usize)>> = places.clone();
    for id in &flow.order {
        let block = &function.blocks[*id];
        for (at, param) in block.params.iter().enumerate() {
            params[*param] = Some((*id, at));
        }
        for (at, inst) in block.insts.iter().enumerate() {
            if let (Some(dest), true) = (inst.dest, is_pure(program, &inst.op)) {
                places[dest] = Some((*id, at));
            } else {
                inst.op.each_operand(|var| open.push(var));
            }
        }
        if !matches!(block.end, End::Jump(..)) {
            block.end.each_operand(|var| open.push(var));
        }
    }
    while let Some(var) = open.pop() {
        if !used.add(var.index()) {
            continue;
        }
        if let Some((block, at)) = places[var] {
            function.blocks[block].insts[at].op.each_operand(|var| open.push(var));
        }
        if let Some((block, at)) = params[var] {
            for pred in &flow.preds[block] {
                if let End::Jump(_, args) = &function.blocks[*pred].end {
                    open.push(args[at]);
                }
            }
        }
    }
    let mut changed = false;
    for id in &flow.order {
        let kept: Vec<bool> =
            function.blocks[*id].params.iter().map(|param| used.has(param.index())).collect();
        if kept.contains(&false) {
            changed = true;
            let keep = |list: &mut Vec<VarId>| {
                let mut at = kept.iter();
                list.retain(|_| *at.next().unwrap_or(&true));
            };
            keep(&mut function.blocks[*id].params);
            for pred in &flow.preds[*id] {
                if let End::Jump(_, args) = &mut function.blocks[*pred].end {
                    keep(args);
                }
            }
        }
        let block = &mut function.blocks[*id];
        let before = block.insts.len();
        block.insts.retain(|inst| match inst.dest {
            Some(dest) => used.has(dest.index()) || !is_pure(program, &inst.op),
            None => true,
        });
        changed |= before != block.insts.len();
    }
    changed
}

/// Counts the steps of a block at the first of them, as far as nothing between can see it.
fn steps(block: &mut Block) {
    let mut first: Option<usize> = None;
    let mut gone = Vec::new();
    for at in 0..block.insts.len() {
        match (&block.insts[at].op, first) {
            (Op::Step(more), Some(into)) => {
                let more = *more;
                if let Op::Step(count) = &mut block.insts[into].op {
                    *count += more;
                    gone.push(at);
                }
            }
            (Op::Step(_), None) => first = Some(at),
            (
                Op::Prim(..) | Op::Const(_) | Op::Field { .. } | Op::Capture { .. } | Op::Tag(_),
                _,
            )
            | (Op::Alloc { .. } | Op::Closure { .. } | Op::Vector(_) | Op::Update { .. }, _) => {}
            _ => first = None,
        }
    }
    for at in gone.into_iter().rev() {
        block.insts.remove(at);
    }
}

/// Numbers blocks in their order and variables by their definitions.
pub fn renumber(function: &mut Function) {
    let flow = Flow::new(function);
    let mut blocks: IdMap<BlockId, BlockId> = vec![BlockId(0); function.blocks.len()].into();
    for (at, id) in flow.order.iter().enumerate() {
        blocks[*id] = BlockId::from_index(at);
    }
    let mut vars: IdMap<VarId, Option<VarId>> = vec![None; function.vars.len()].into();
    let mut shapes: IdMap<VarId, ShapeId> = IdMap::new();
    let mut define = |var: &mut VarId, vars: &mut IdMap<VarId, Option<VarId>>| {
        let new = shapes.push(function.vars[*var]);
        vars[*var] = Some(new);
        *var = new;
    };
    for param in &mut function.params {
        define(&mut param.var, &mut vars);
    }
    let mut made: Vec<Block> = Vec::with_capacity(flow.order.len());
    for id in &flow.order {
        let mut block = std::mem::take(&mut function.blocks[*id]);
        block.params.iter_mut().for_each(|param| define(param, &mut vars));
        for Inst { dest, .. } in &mut block.insts {
            if let Some(dest) = dest {
                define(dest, &mut vars);
            }
        }
        made.push(block);
    }
    for block in &mut made {
        let new = |var: &mut VarId| *var = vars[*var].unwrap_or(*var);
        for inst in &mut block.insts {
            inst.op.each_operand_mut(new);
        }
        block.end.each_operand_mut(new);
        block.end.each_target_mut(|to| *to = blocks[*to]);
    }
    function.blocks = made.into();
    function.vars = shapes;
}
