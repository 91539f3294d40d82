//! Tail recursion modulo constructors: a function that makes a cell around its own result fills a
//! place in the cell instead, and so needs no stack. After Leijen and Lorenzen, *Tail Recursion
//! Modulo Context* (2023).
//!
//! ```text
//! map f xs = .. Cons (f x) (map f rest)
//!   =>  map f xs        = .. c = Cons (f x) _; fill-map f rest (place of _ in c); c
//!       fill-map f xs p = .. c = Cons (f x) _; put c at p; fill-map f rest (place of _ in c)
//!                         .. every other result: put it at p
//! ```
//!
//! A place is an address, which nothing counts: the cell around it lives as long as the first one,
//! which the caller holds. Until it is filled a constructor without fields stands there.

use crate::ir::{
    Block, BlockId, Const, End, FuncId, Function, FunctionKind, Inst, LocId, Mode, Op, Param,
    Program, VarId,
};
use crate::passes::{loops, tidy};
use eclexia_base::ids::Id;
use eclexia_rt::layout::{Shape, ShapeId};
use std::ops::Range;

pub fn run(program: &mut Program, new: &Range<usize>) {
    for index in new.clone() {
        let id = FuncId::from_index(index);
        let sites = sites(program, id);
        if sites.is_empty() {
            continue;
        }
        let int = int_shape(program);
        let filler = program.functions.next_id();
        let mut work = program.functions[id].clone();
        let mut made = fill(&work, (id, filler), &sites, int);
        loops::function(&mut made, filler);
        program.functions.push(made);
        for site in &sites {
            first(&mut work, site, filler, int);
        }
        program.functions[id] = work;
    }
}

/// Whether calls of a function by itself stand in constructors only.
pub fn is_candidate(program: &Program, id: FuncId) -> bool {
    let own = |inst: &Inst| matches!(inst.op, Op::Call { func, .. } if func == id);
    let blocks = program.functions[id].blocks.values();
    let calls = blocks.map(|block| block.insts.iter().filter(|inst| own(inst)).count());
    let sites = sites(program, id).len();
    sites > 0 && calls.sum::<usize>() == sites
}

pub(super) fn int_shape(program: &mut Program) -> ShapeId {
    let mut all = (0..program.shapes.len()).map(|index| ShapeId(index as u32));
    let known = all.find(|id| *program.shapes.get(*id) == Shape::Int);
    known.unwrap_or_else(|| program.shapes.add(Shape::Int))
}

/// A block that ends with cells around the function's own result.
struct Site {
    block: BlockId,
    /// The call.
    call: usize,
    /// The innermost cell, and its field.
    cell: (usize, u32),
}

fn sites(program: &Program, id: FuncId) -> Vec<Site> {
    let function = &program.functions[id];
    let is_data = matches!(program.shapes.get(function.result), Shape::Data(_));
    if function.kind != FunctionKind::Plain || !is_data {
        return Vec::new();
    }
    let blocks = function.blocks.iter();
    blocks.filter_map(|(block, body)| site(program, (id, block), body)).collect()
}

fn site(program: &Program, (id, block): (FuncId, BlockId), body: &Block) -> Option<Site> {
    let own = |inst: &Inst| matches!(inst.op, Op::Call { func, .. } if func == id);
    let call = body.insts.iter().rposition(own)?;
    let mut around = body.insts[call].dest?;
    let mut cell = None;
    for (at, inst) in body.insts.iter().enumerate().skip(call + 1) {
        if !tidy::is_pure(program, &inst.op) {
            return None;
        }
        let mut uses = 0;
        inst.op.each_operand(|var| uses += usize::from(var == around));
        match &inst.op {
            _ if uses == 0 => {}
            Op::Alloc { fields, .. } if uses == 1 => {
                let index = fields.iter().position(|field| *field == around)?;
                cell.get_or_insert((at, index as u32));
                around = inst.dest?;
            }
            _ => return None,
        }
    }
    let returned = matches!(body.end, End::Return(var, _) if var == around);
    // What a cell goes into is used nowhere else: a later use would have been looked at above.
    returned.then_some(Site { block, call, cell: cell? })
}

/// Takes the call out of a site and puts a place into the cell: the arguments, and the place.
fn open(function: &mut Function, site: &Site, int: ShapeId) -> (Vec<VarId>, VarId, Option<LocId>) {
    let (at, index) = site.cell;
    let hole = function.vars.push(int);
    let block = &mut function.blocks[site.block];
    let of = block.insts[at].dest.unwrap_or(hole);
    let place = Inst { dest: Some(hole), op: Op::Hole { of, index }, loc: block.insts[at].loc };
    block.insts.insert(at + 1, place);
    // The result's variable stands for the place's first content.
    let call = &mut block.insts[site.call];
    let content = Op::Const(Const::Immediate(0));
    let args = match std::mem::replace(&mut call.op, content) {
        Op::Call { args, .. } => args,
        _ => Vec::new(),
    };
    (args, hole, call.loc)
}

/// The function itself: fills the place of its first cell by calling the other.
fn first(function: &mut Function, site: &Site, filler: FuncId, int: ShapeId) {
    let (mut args, hole, loc) = open(function, site, int);
    args.push(hole);
    let done = function.vars.push(int);
    let op = Op::Call { func: filler, args };
    let block = &mut function.blocks[site.block];
    block.insts.push(Inst { dest: Some(done), op, loc });
    // Who calls this may have no use for the cells: they are there until all is filled.
    if let End::Return(cells, _) = block.end {
        block.insts.push(Inst { dest: None, op: Op::Keep(cells), loc });
    }
}

/// The function that puts its result at a place.
fn fill(
    function: &Function,
    (own, filler): (FuncId, FuncId),
    sites: &[Site],
    int: ShapeId,
) -> Function {
    let mut made = function.clone();
    let place = made.vars.push(int);
    made.params.push(Param { var: place, mode: Mode::Owned });
    made.result = int;
    for id in made.blocks.ids() {
        let site = sites.iter().find(|site| site.block == id);
        let opened = site.map(|site| open(&mut made, site, int));
        let result = made.vars.push(function.result);
        let done = made.vars.push(int);
        let block = &mut made.blocks[id];
        let loc = block.loc;
        let op = match (&mut block.end, opened) {
            (End::Return(var, _), Some((mut args, hole, call))) => {
                args.push(hole);
                let fill = Op::Fill { hole: place, value: *var };
                block.insts.push(Inst { dest: None, op: fill, loc });
                (block.end, block.loc) = (End::TailCall { func: filler, args }, call);
                continue;
            }
            (End::Return(var, _), None) => {
                let fill = Op::Fill { hole: place, value: *var };
                block.insts.push(Inst { dest: None, op: fill, loc });
                returns(block, done);
                continue;
            }
            (End::TailCall { func, args }, _) if *func == own => {
                *func = filler;
                args.push(place);
                continue;
            }
            (End::TailCall { func, args }, _) => {
                Op::Call { func: *func, args: std::mem::take(args) }
            }
            (End::TailCallClosure { closure, args }, _) => {
                Op::CallClosure { closure: *closure, args: std::mem::take(args) }
            }
            _ => continue,
        };
        block.insts.push(Inst { dest: Some(result), op, loc });
        let fill = Op::Fill { hole: place, value: result };
        block.insts.push(Inst { dest: None, op: fill, loc });
        returns(block, done);
    }
    made
}

fn returns(block: &mut Block, done: VarId) {
    let op = Op::Const(Const::Int(0));
    block.insts.push(Inst { dest: Some(done), op, loc: block.loc });
    block.end = End::give(done);
}
