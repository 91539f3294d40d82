//! Small products come back in registers: a function that makes its result at its ends gives the
//! fields instead, and who calls it makes the cell, if anybody still wants it. After Peyton Jones'
//! worker and wrapper, and Baker-Finch, Glynn and Peyton Jones, *Constructed product result
//! analysis for Haskell* (2004).
//!
//! ```text
//! f x = .. return (alloc y0 (a b))
//!   =>  f x  = r = call f' x; s = more 0; return (alloc y0 (r s))
//!       f' x = .. return a (b)
//! ```
//!
//! 1. A function's result is made by it if the result's type has one constructor of at most
//!    [`MOST_MORE`] + 1 fields, and what each end gives is a cell that it makes, or comes from a
//!    function (a tail call too) whose result is made by it. All must have the same layout: a
//!    record knows the place where it was made.
//! 2. What ways bring together is taken apart by `unbox`, which comes next.
//! 3. Closures, constants and the outside call the function under its old number.

use crate::ir::{
    Block, BlockId, End, FuncId, Function, FunctionKind, Inst, LocId, Op, Program, VarId,
};
use crate::passes::flow::Flow;
use crate::passes::{simplify, tidy};
use eclexia_base::ids::Id;
use eclexia_base::{FxHashMap, IdMap};
use eclexia_rt::heap::MOST_MORE;
use eclexia_rt::layout::{LayoutId, Shape};
use std::ops::Range;

/// Who works for a function.
type Workers = FxHashMap<FuncId, Work>;

pub fn run(program: &mut Program, new: &Range<usize>) {
    let made = made(program, new);
    let mut workers = Workers::default();
    let mut ids: Vec<(FuncId, LayoutId)> = made.into_iter().collect();
    ids.sort_unstable();
    for (id, layout) in &ids {
        let worker = program.functions.push(tidy::nothing());
        workers.insert(*id, Work { layout: *layout, worker });
    }
    for (id, layout) in ids {
        let work = workers[&id];
        let mut body = program.functions[id].clone();
        give_fields(program, &mut body, layout, &workers);
        program.functions[work.worker] = body;
        program.functions[id].vars = IdMap::new();
        program.functions[id].blocks = IdMap::new();
        wrap(program, id, work);
    }
    if workers.is_empty() {
        return;
    }
    let first_worker = program.functions.len() - workers.len();
    for index in new.start..program.functions.len() {
        let id = FuncId::from_index(index);
        if workers.contains_key(&id) {
            continue;
        }
        if call_workers(program, id, &workers) || index >= first_worker {
            simplify::function(program, id);
        }
    }
}

/// Rule 1: functions whose result is made by them, and its layout. What is not found wrong stays.
fn made(program: &Program, new: &Range<usize>) -> FxHashMap<FuncId, LayoutId> {
    let mut found: FxHashMap<FuncId, LayoutId> = FxHashMap::default();
    let all: Vec<FuncId> = new.clone().map(FuncId::from_index).collect();
    let candidates: Vec<FuncId> =
        all.into_iter().filter(|id| is_candidate(program, &program.functions[*id])).collect();
    // First those that make a cell themselves, then those that give what others give.
    loop {
        let before = found.len();
        for id in &candidates {
            if !found.contains_key(id)
                && let Some(layout) = a_layout(&program.functions[*id], &found)
            {
                found.insert(*id, layout);
            }
        }
        if found.len() == before {
            break;
        }
    }
    loop {
        let wrong: Vec<FuncId> = candidates
            .iter()
            .filter(|id| found.get(id).is_some_and(|layout| !gives(program, **id, *layout, &found)))
            .copied()
            .collect();
        if wrong.is_empty() {
            return found;
        }
        for id in wrong {
            found.remove(&id);
        }
    }
}

fn is_candidate(program: &Program, function: &Function) -> bool {
    let Shape::Data(ctors) = program.shapes.get(function.result) else { return false };
    let is_small = matches!(&ctors[..], [ctor] if (2..=MOST_MORE + 1).contains(&ctor.fields.len()));
    is_small && function.kind == FunctionKind::Plain && function.more.is_empty()
}

/// What some end of a function gives, if that is known.
fn a_layout(function: &Function, found: &FxHashMap<FuncId, LayoutId>) -> Option<LayoutId> {
    let results = Results::new(function, found);
    function.blocks.values().find_map(|block| match &block.end {
        End::Return(var, _) => results.layouts[*var],
        End::TailCall { func, .. } => found.get(func).copied(),
        _ => None,
    })
}

/// Whether all ends of a function give cells of a layout that are made for it.
fn gives(
    program: &Program,
    id: FuncId,
    layout: LayoutId,
    found: &FxHashMap<FuncId, LayoutId>,
) -> bool {
    let function = &program.functions[id];
    let results = Results::new(function, found);
    results.flow.order.iter().all(|block| match &function.blocks[*block].end {
        End::Return(var, _) => results.layouts[*var] == Some(layout),
        End::TailCall { func, .. } => found.get(func) == Some(&layout),
        End::TailCallClosure { .. } => false,
        _ => true,
    })
}

/// Layouts of variables that hold a cell which is made in a function or for it.
struct Results {
    flow: Flow,
    layouts: IdMap<VarId, Option<LayoutId>>,
}

impl Results {
    fn new(function: &Function, found: &FxHashMap<FuncId, LayoutId>) -> Results {
        let flow = Flow::new(function);
        let open = tidy::open_cells(function);
        let mut layouts: IdMap<VarId, Option<LayoutId>> = vec![None; function.vars.len()].into();
        for inst in function.blocks.values().flat_map(|block| &block.insts) {
            let Some(dest) = inst.dest else { continue };
            layouts[dest] = match &inst.op {
                Op::Alloc { layout, token: None, .. } if !open.has(dest.index()) => Some(*layout),
                Op::Call { func, .. } => found.get(func).copied(),
                _ => None,
            };
        }
        let mut results = Results { flow, layouts };
        while results.one_more_param(function) {}
        results
    }

    /// A parameter that only such cells come into holds one.
    fn one_more_param(&mut self, function: &Function) -> bool {
        for id in &self.flow.order {
            for (at, param) in function.blocks[*id].params.iter().enumerate() {
                if self.layouts[*param].is_some() {
                    continue;
                }
                let passed = |pred: &BlockId| match &function.blocks[*pred].end {
                    End::Jump(_, args) => self.layouts[args[at]],
                    _ => None,
                };
                let mut ways = self.flow.preds[*id].iter().map(passed);
                let first = ways.next().flatten();
                if first.is_some() && ways.all(|layout| layout == first) {
                    self.layouts[*param] = first;
                    return true;
                }
            }
        }
        false
    }
}

/// Makes ends give fields.
fn give_fields(program: &Program, function: &mut Function, layout: LayoutId, workers: &Workers) {
    let shapes = program.shapes.layout(layout).fields.clone();
    for id in function.blocks.ids() {
        let block = &mut function.blocks[id];
        match &mut block.end {
            End::Return(var, more) => {
                let of = *var;
                let mut fields = Vec::with_capacity(shapes.len());
                for (index, shape) in shapes.iter().enumerate() {
                    let field = function.vars.push(*shape);
                    let op = Op::Field { of, index: index as u32 };
                    block.insts.push(Inst { dest: Some(field), op, loc: block.loc });
                    fields.push(field);
                }
                *var = fields[0];
                *more = fields.split_off(1);
            }
            End::TailCall { func, .. } => *func = workers[func].worker,
            _ => {}
        }
    }
    function.result = shapes[0];
    function.more = shapes[1..].to_vec();
}

/// A function that makes a cell of what its worker gives.
fn wrap(program: &mut Program, id: FuncId, work: Work) {
    let shapes: Vec<_> = {
        let inner = &program.functions[work.worker];
        inner.params.iter().map(|param| inner.vars[param.var]).collect()
    };
    let function = &mut program.functions[id];
    let mut args = Vec::with_capacity(shapes.len());
    for (param, shape) in function.params.iter_mut().zip(shapes) {
        param.var = function.vars.push(shape);
        args.push(param.var);
    }
    let (result, loc) = (function.vars.push(function.result), function.loc);
    let mut block = Block { end: End::give(result), loc: Some(loc), ..Block::default() };
    block.insts = work.instead(program, id, (result, Some(loc)), args);
    program.functions[id].blocks.push(block);
}

#[derive(Clone, Copy)]
struct Work {
    /// Of the product.
    layout: LayoutId,
    /// Gives its fields.
    worker: FuncId,
}

impl Work {
    /// Instructions in the place of a call: that of the worker, and the cell.
    fn instead(
        &self,
        program: &mut Program,
        caller: FuncId,
        (dest, loc): (VarId, Option<LocId>),
        args: Vec<VarId>,
    ) -> Vec<Inst> {
        let vars = &mut program.functions[caller].vars;
        let shapes = &program.shapes.layout(self.layout).fields;
        let fields: Vec<VarId> = shapes.iter().map(|shape| vars.push(*shape)).collect();
        let mut insts = Vec::with_capacity(fields.len() + 1);
        let op = Op::Call { func: self.worker, args };
        insts.push(Inst { dest: Some(fields[0]), op, loc });
        for (index, field) in fields[1..].iter().enumerate() {
            insts.push(Inst { dest: Some(*field), op: Op::More(index as u32), loc });
        }
        let op = Op::Alloc { layout: self.layout, fields, token: None, unchanged: Vec::new() };
        insts.push(Inst { dest: Some(dest), op, loc });
        insts
    }
}

/// Calls workers where a function calls those that they work for; whether there were any.
fn call_workers(program: &mut Program, id: FuncId, workers: &Workers) -> bool {
    let mut changed = false;
    for block in program.functions[id].blocks.ids() {
        let insts = std::mem::take(&mut program.functions[id].blocks[block].insts);
        let mut made = Vec::with_capacity(insts.len());
        for inst in insts {
            let work = match &inst.op {
                Op::Call { func, .. } => workers.get(func),
                _ => None,
            };
            match (work, inst) {
                (Some(work), Inst { dest: Some(dest), op: Op::Call { args, .. }, loc }) => {
                    made.extend(work.instead(program, id, (dest, loc), args));
                    changed = true;
                }
                (_, inst) => made.push(inst),
            }
        }
        program.functions[id].blocks[block].insts = made;
    }
    changed
}
