//! Which parameters a function only looks at: those it borrows. After Ullrich and de Moura,
//! *Counting Immutable Beans* (2019), with blocks' parameters beside functions'.
//!
//! 1. Every parameter of a new function and of its blocks begins as borrowed, but for closures'.
//! 2. One that is taken over somewhere (made a field, returned, passed as owned) becomes owned.
//! 3. A block's parameter becomes owned when something comes in that is not borrowed for as long as
//!    the function runs. So does the parameter of a function that is tail-called with such a thing:
//!    nobody would be left to drop it.
//! 4. A parameter whose cell is dead where a cell of the same type and size is made becomes owned,
//!    so that its memory can be used. (Of another type it is mostly something that is only read, as
//!    the program in an interpreter.) (A field that is taken over does not make its cell owned: a
//!    lookup in a tree would count every node on its way.)
//! 5. Until nothing changes; a function again when a function that it calls has changed.

use crate::ir::{Block, End, FuncId, Function, FunctionKind, Mode, Op, Program, VarId};
use crate::passes::cells::Cells;
use crate::passes::flow::{Bits, Flow, Liveness};
use crate::passes::own::{self, Kind, each_end_use, each_use, kinds, root};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_rt::layout::ShapeId;
use std::ops::Range;

/// Sets the modes of new functions' parameters.
pub fn run(program: &mut Program, new: &Range<usize>) {
    let callers = callers(program, new);
    let mut wanted = Vec::with_capacity(new.len());
    for index in new.clone() {
        let function = &program.functions[FuncId::from_index(index)];
        wanted.push(wanted_for_reuse(program, function));
    }
    for index in new.clone() {
        let function = &mut program.functions[FuncId::from_index(index)];
        let is_closure = function.kind == FunctionKind::Closure;
        for param in &mut function.params {
            let takes = is_closure || wanted[index - new.start].contains(&param.var);
            param.mode = if takes { Mode::Owned } else { Mode::Borrowed };
        }
    }
    let mut open: Vec<usize> = new.clone().rev().collect();
    let mut is_open = vec![true; new.len()];
    while let Some(index) = open.pop() {
        is_open[index - new.start] = false;
        let id = FuncId::from_index(index);
        for changed in infer(program, id, &wanted[index - new.start], new) {
            let again = callers[changed.index() - new.start].iter().copied();
            for other in again.chain([changed.index()]) {
                if !std::mem::replace(&mut is_open[other - new.start], true) {
                    open.push(other);
                }
            }
        }
    }
    for index in new.clone() {
        uncounted_are_owned(program, FuncId::from_index(index));
    }
}

/// Modes mean nothing for what is not counted; one of them is the usual.
fn uncounted_are_owned(program: &mut Program, id: FuncId) {
    let function = &program.functions[id];
    let counted: Vec<bool> =
        function.params.iter().map(|p| own::is_counted(program, function, p.var)).collect();
    for (param, counted) in program.functions[id].params.iter_mut().zip(counted) {
        if !counted {
            param.mode = Mode::Owned;
        }
    }
}

/// New functions that call a new function, by its index.
fn callers(program: &Program, new: &Range<usize>) -> Vec<Vec<usize>> {
    let mut callers = vec![Vec::new(); new.len()];
    let mut add = |callee: FuncId, caller: usize| {
        if new.contains(&callee.index()) {
            let list: &mut Vec<usize> = &mut callers[callee.index() - new.start];
            if list.last() != Some(&caller) {
                list.push(caller);
            }
        }
    };
    for index in new.clone() {
        for block in program.functions[FuncId::from_index(index)].blocks.values() {
            for inst in &block.insts {
                if let Op::Call { func, .. } = inst.op {
                    add(func, index);
                }
            }
            if let End::TailCall { func, .. } = block.end {
                add(func, index);
            }
        }
    }
    callers
}

/// One function; gives those of which a parameter has become owned, itself maybe.
fn infer(program: &mut Program, id: FuncId, wanted: &[VarId], new: &Range<usize>) -> Vec<FuncId> {
    let (borrowed, tail_called) = borrowed_params(program, &program.functions[id], wanted);
    let mut changed = Vec::new();
    let mut own = |func: FuncId, param: &mut crate::ir::Param| {
        if param.mode == Mode::Borrowed {
            param.mode = Mode::Owned;
            changed.push(func);
        }
    };
    for param in &mut program.functions[id].params {
        if !borrowed.has(param.var.index()) {
            own(id, param);
        }
    }
    for (func, at) in tail_called {
        if new.contains(&func.index()) {
            own(func, &mut program.functions[func].params[at]);
        }
    }
    changed
}

/// The parameters of a function and of its blocks that are borrowed, as the modes stand now; and
/// the parameters of functions that are tail-called with something that is not borrowed for ever.
pub fn borrowed_params(
    program: &Program,
    function: &Function,
    wanted: &[VarId],
) -> (Bits, Vec<(FuncId, usize)>) {
    let mut borrowed = Bits::new(function.vars.len());
    for param in function.params.iter().filter(|p| p.mode == Mode::Borrowed) {
        borrowed.add(param.var.index());
    }
    for block in function.blocks.values() {
        block.params.iter().for_each(|var| {
            borrowed.add(var.index());
        });
    }
    wanted.iter().for_each(|var| borrowed.remove(var.index()));
    let first = borrowed.clone();
    let kinds = kinds(program, function, &borrowed);
    for block in function.blocks.values() {
        for inst in &block.insts {
            each_use(program, &inst.op, |var, mode| {
                if mode == Mode::Owned {
                    borrowed.remove(var.index());
                }
            });
        }
    }
    loop {
        let before = borrowed.clone();
        for block in function.blocks.values() {
            let now = borrowed.clone();
            each_end_use(program, function, &now, &block.end, |var, mode| {
                if mode == Mode::Owned {
                    borrowed.remove(var.index());
                }
            });
            if let End::Jump(to, args) = &block.end {
                for (arg, param) in args.iter().zip(&function.blocks[*to].params) {
                    if !lasts(&kinds, (&first, &borrowed), *arg) {
                        borrowed.remove(param.index());
                    }
                }
            }
        }
        if borrowed == before {
            break;
        }
    }
    let mut tail_called = Vec::new();
    for block in function.blocks.values() {
        if let End::TailCall { func, args } = &block.end {
            let params = program.functions[*func].params.iter().map(|p| p.mode);
            for (at, (arg, mode)) in args.iter().zip(params).enumerate() {
                if mode == Mode::Borrowed && !lasts(&kinds, (&first, &borrowed), *arg) {
                    tail_called.push((*func, at));
                }
            }
        }
    }
    (borrowed, tail_called)
}

/// Whether something is borrowed for as long as the function runs. Parameters in `first` are so
/// while they are in `now`.
fn lasts(kinds: &IdMap<VarId, Kind>, (first, now): (&Bits, &Bits), var: VarId) -> bool {
    let root = root(kinds, var);
    match kinds[root] {
        Kind::Plain => true,
        Kind::Static => now.has(root.index()) || !first.has(root.index()),
        _ => false,
    }
}

/// Parameters, of the function and of blocks, whose cells' memory can be used for other cells.
pub fn wanted_for_reuse(program: &Program, function: &Function) -> Vec<VarId> {
    let is_alloc = |op: &Op| matches!(op, Op::Alloc { fields, .. } if !fields.is_empty());
    let allocates = |block: &Block| block.insts.iter().any(|inst| is_alloc(&inst.op));
    if !function.blocks.values().any(allocates) {
        return Vec::new();
    }
    let flow = Flow::new(function);
    let cells = Cells::new(program, function, &flow);
    let live = Liveness::new(function, &flow, |var, _, add| add(var));
    let kinds = kinds(program, function, &Bits::default());
    let mut params = Bits::new(function.vars.len());
    let all = function.blocks.values().flat_map(|block| &block.params);
    for var in function.params.iter().map(|p| &p.var).chain(all) {
        params.add(var.index());
    }
    let mut wanted = Vec::new();
    for (var, from) in cells.all() {
        let root = root(&kinds, var);
        if !params.has(root.index()) || wanted.contains(&root) {
            continue;
        }
        let Some(fields) = cells.fields(program, function, &flow, (var, from)) else { continue };
        let size = fields.len();
        let dominated = flow.order.iter().filter(|id| flow.dominates(from, **id));
        let own_type = first_ctor(program, function.vars[var]);
        let used = dominated.filter(|id| !live.exit[**id].has(var.index())).any(|id| {
            let block = &function.blocks[*id];
            let is_last = |at: usize| {
                let rest = &block.insts[at..];
                let mut uses = false;
                rest.iter().for_each(|inst| inst.op.each_operand(|v| uses |= v == var));
                block.end.each_operand(|v| uses |= v == var);
                !uses
            };
            let mut insts = block.insts.iter().enumerate();
            insts.any(|(at, inst)| match (&inst.op, inst.dest) {
                (Op::Alloc { fields, .. }, Some(made)) => {
                    let same = first_ctor(program, function.vars[made]) == own_type;
                    same && fields.len() == size && is_last(at)
                }
                _ => false,
            })
        });
        if used {
            wanted.push(root);
        }
    }
    wanted
}

/// What a data type is known by, whatever its parameters are.
fn first_ctor(program: &Program, shape: ShapeId) -> Option<u32> {
    program.shapes.get(shape).ctors().first().map(|ctor| ctor.ctor)
}
