//! Guard inlining: a recursive function that begins with a test and returns at once on one side is
//! split into that beginning and a *worker* for the rest. The beginning is small and no more
//! recursive, so that `inline` puts it into every place that calls the function, into the worker
//! too: half of all calls of such a function are never made.
//!
//! ```text
//! fib n: if n < 2 then n else fib (n - 1) + fib (n - 2)
//!   =>  fib n:    if n < 2 then n else worker n
//!       worker n: (m = n - 1; if m < 2 then m else worker m) + ..
//! ```
//!
//! The worker does not count the step of the function's entry: the beginning has. Where the test
//! stands at the head of a loop, the worker enters the loop behind it.

use crate::ir::{Block, BlockId, End, FuncId, Function, FunctionKind, Inst, Op, Program, VarId};
use crate::passes::flow::Flow;
use crate::passes::{cons, simplify, tidy};
use eclexia_base::ids::Id;
use std::ops::Range;

/// Instructions that a beginning or a side that returns may have.
const MOST: usize = 8;

pub fn run(program: &mut Program, new: &Range<usize>) {
    for index in new.clone() {
        let id = FuncId::from_index(index);
        let function = &program.functions[id];
        if function.kind != FunctionKind::Plain || !calls(function, id) {
            continue;
        }
        // What becomes a loop by `cons` calls itself no more.
        if cons::is_candidate(program, id) {
            continue;
        }
        let Some(split) = find(program, function) else { continue };
        let Some(worker) = worker(function, &split) else { continue };
        let worker = program.functions.push(worker);
        beginning(&mut program.functions[id], &split, worker);
        simplify::function(program, id);
        simplify::function(program, worker);
    }
}

/// Where a function is split.
struct Split {
    /// The block with the test: the entry, or the head of a loop behind it.
    test: BlockId,
    /// The block of the rest.
    rest: BlockId,
}

fn calls(function: &Function, id: FuncId) -> bool {
    let is_call = |inst: &Inst| matches!(inst.op, Op::Call { func, .. } if func == id);
    function.blocks.values().any(|block| block.insts.iter().any(is_call))
}

/// Whether an instruction can stand in the beginning and again in the worker.
fn is_cheap(program: &Program, inst: &Inst) -> bool {
    let makes = matches!(
        inst.op,
        Op::Alloc { .. } | Op::Vector(_) | Op::Update { .. } | Op::Closure { .. }
    );
    tidy::is_pure(program, &inst.op) && !makes && inst.dest.is_some()
}

fn find(program: &Program, function: &Function) -> Option<Split> {
    let entry = &function.blocks[Function::ENTRY];
    let is_step = |inst: &Inst| matches!(inst.op, Op::Step(_));
    let cheap = |block: &Block| {
        block.insts.len() <= MOST
            && block.insts.iter().all(|inst| is_step(inst) || is_cheap(program, inst))
    };
    let test = match &entry.end {
        End::Jump(to, _) => *to,
        _ => Function::ENTRY,
    };
    let block = &function.blocks[test];
    if !cheap(entry) || !cheap(block) {
        return None;
    }
    let mut targets = block.end.successors();
    // What is made on the side that returns is made there only.
    let returns = |id: &BlockId| {
        let block = &function.blocks[*id];
        let pure = |inst: &Inst| tidy::is_pure(program, &inst.op);
        block.insts.len() <= MOST
            && block.insts.iter().all(pure)
            && matches!(block.end, End::Return(..))
    };
    let count = targets.len();
    targets.retain(|to| !returns(to));
    match targets[..] {
        [rest] if count > 1 => Some(Split { test, rest }),
        _ => None,
    }
}

/// The function without its beginning.
fn worker(function: &Function, split: &Split) -> Option<Function> {
    let mut worker = function.clone();
    let is_step = |inst: &Inst| matches!(inst.op, Op::Step(_));
    if split.test == Function::ENTRY {
        let entry = &mut worker.blocks[Function::ENTRY];
        entry.insts.retain(|inst| !is_step(inst));
        entry.end = End::Jump(split.rest, Vec::new());
        return Some(worker);
    }
    let flow = Flow::new(function);
    let inside = |id: BlockId| flow.dominates(split.rest, id);
    // Everything but the sides that return lies in the rest.
    let known = |id: &BlockId| {
        let returns = matches!(function.blocks[*id].end, End::Return(..));
        *id == Function::ENTRY || *id == split.test || inside(*id) || returns
    };
    if !flow.order.iter().all(known) {
        return None;
    }
    let head = function.blocks[split.test].clone();
    let mut renamed: Vec<(VarId, VarId)> = Vec::new();
    let mut fresh = |worker: &mut Function, var: VarId| {
        let new = worker.vars.push(worker.vars[var]);
        renamed.push((var, new));
        new
    };
    let params: Vec<VarId> = head.params.iter().map(|p| fresh(&mut worker, *p)).collect();
    // What the test computed is computed again; simplification finds what is not needed.
    let mut insts: Vec<Inst> = Vec::new();
    for inst in head.insts.iter().filter(|inst| !is_step(inst)) {
        let dest = inst.dest.map(|dest| fresh(&mut worker, dest));
        insts.push(Inst { dest, ..inst.clone() });
    }
    insts.append(&mut worker.blocks[split.rest].insts);
    worker.blocks[split.rest].insts = insts;
    worker.blocks[split.rest].params = params;
    let new = |var: &mut VarId| {
        if let Some((_, new)) = renamed.iter().find(|(old, _)| old == var) {
            *var = *new;
        }
    };
    for id in flow.order.iter().filter(|id| inside(**id)) {
        let block = &mut worker.blocks[*id];
        for inst in &mut block.insts {
            inst.op.each_operand_mut(new);
        }
        block.end.each_operand_mut(new);
    }
    let between = worker
        .blocks
        .push(Block { end: End::Jump(split.rest, head.params.clone()), ..Block::default() });
    worker.blocks[split.test].end.each_target_mut(|to| {
        if *to == split.rest {
            *to = between;
        }
    });
    let entry = &mut worker.blocks[Function::ENTRY];
    entry.insts.retain(|inst| !is_step(inst));
    if let End::Jump(to, _) = &mut entry.end {
        *to = split.rest;
    }
    Some(worker)
}

/// What is left of the function.
fn beginning(function: &mut Function, split: &Split, worker: FuncId) {
    let args = function.params.iter().map(|p| p.var).collect();
    let loc = function.blocks[split.rest].loc.or(Some(function.loc));
    let end = End::TailCall { func: worker, args };
    function.blocks[split.rest] = Block { end, loc, ..Block::default() };
    // The rest of the blocks is never reached.
    let mut work = std::mem::replace(function, tidy::nothing());
    tidy::renumber(&mut work);
    *function = work;
}
