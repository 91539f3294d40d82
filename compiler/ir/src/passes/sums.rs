//! Sums come back in registers: who asks at once which constructor a call has given gets its number
//! and its fields, and no cell is made for them. As `results` does it for products; after Peyton
//! Jones' worker and wrapper.
//!
//! ```text
//! r = call f (x)                      t = call f' (x); w = more 0
//! switch (tag r) none some        =>  switch t none between
//! some: y = field r 0 ..              between: y = unpack w; jump some (y)
//! ```
//!
//! 1. A worker is made of a function that is not called through closures, that makes such a cell
//!    itself (or ends with the call of one that does), and whose last calls are of functions that
//!    have workers too. It is the same function but for its ends: they ask what they have, which
//!    `known` answers where the cell is made.
//! 2. Results are the constructor's number, then its fields as words, as many as the longest has;
//!    a constructor of more than [`MOST_MORE`] fields is passed as its cell.
//! 3. A call goes to the worker if all that is done with its result is to ask for the constructor,
//!    at once, and to load fields. What else is done with it is better done with a cell: another
//!    call goes to the function itself, which stays if anybody calls it, and so a long one is left
//!    alone where both would be there.

use crate::ir::{
    Block, BlockId, Const, End, FuncId, Function, FunctionKind, Inst, Op, Program, VarId,
};
use crate::passes::cons::int_shape;
use crate::passes::flow::Bits;
use crate::passes::{simplify, tidy};
use eclexia_base::ids::Id;
use eclexia_base::{FxHashMap, FxHashSet, IdMap};
use eclexia_rt::heap::MOST_MORE;
use eclexia_rt::layout::{LayoutId, Shape, ShapeId};
use std::ops::Range;

/// Instructions of a function that may be there twice.
const MOST_TWICE: usize = 400;

pub fn run(program: &mut Program, new: &Range<usize>) {
    let (able, makers) = able(program, new);
    if makers.is_empty() {
        return;
    }
    let mut workers = Workers { able, makers, made: FxHashMap::default(), order: Vec::new() };
    for index in new.clone() {
        workers.wanted_by(program, FuncId::from_index(index));
    }
    if workers.order.is_empty() {
        return;
    }
    let int = int_shape(program);
    let mut at = 0;
    while let Some((of, worker)) = workers.order.get(at).copied() {
        let mut body = program.functions[of].clone();
        for end in body.blocks.values_mut().map(|block| &mut block.end) {
            if let End::TailCall { func, .. } = end {
                *func = workers.of(program, *func);
            }
        }
        Sum::new(program, body.result, int).give(&mut body);
        program.functions[worker] = body;
        workers.wanted_by(program, worker);
        at += 1;
    }
    let made: Vec<usize> = workers.order.iter().map(|(_, worker)| worker.index()).collect();
    for id in new.clone().chain(made).map(FuncId::from_index) {
        let is_worker = !new.contains(&id.index());
        if call_workers(program, id, &workers, int) || is_worker {
            simplify::function(program, id);
        }
    }
}

/// Functions that a worker can be made of, and what there is of workers.
struct Workers {
    able: FxHashSet<FuncId>,
    /// Those for whose sake it is done.
    makers: FxHashSet<FuncId>,
    made: FxHashMap<FuncId, FuncId>,
    /// As they were made: a function and its worker.
    order: Vec<(FuncId, FuncId)>,
}

impl Workers {
    /// The worker of a function: made now, still empty, where it is not yet.
    fn of(&mut self, program: &mut Program, id: FuncId) -> FuncId {
        debug_assert!(self.able.contains(&id), "a worker of what cannot have one");
        *self.made.entry(id).or_insert_with(|| {
            let worker = program.functions.push(tidy::nothing());
            self.order.push((id, worker));
            worker
        })
    }

    /// Makes those that a function calls.
    fn wanted_by(&mut self, program: &mut Program, id: FuncId) {
        let asks = Asks::new(&program.functions[id]);
        let blocks = program.functions[id].blocks.ids();
        let calls = blocks.filter_map(|block| asks.call(&program.functions[id], block));
        let wanted: Vec<FuncId> =
            calls.map(|(_, func)| func).filter(|func| self.makers.contains(func)).collect();
        for func in wanted {
            self.of(program, func);
        }
    }
}

/// Rule 1: functions that a worker can be made of, and those among them that make a cell.
fn able(program: &Program, new: &Range<usize>) -> (FxHashSet<FuncId>, FxHashSet<FuncId>) {
    let is_able = |id: &FuncId| is_candidate(program, &program.functions[*id]);
    let mut able: FxHashSet<FuncId> = new.clone().map(FuncId::from_index).filter(is_able).collect();
    if !able.is_empty() {
        leave_long_ones(program, new, &mut able);
    }
    let order: Vec<FuncId> =
        new.clone().map(FuncId::from_index).filter(|id| able.contains(id)).collect();
    let last_calls = |id: FuncId| {
        program.functions[id].blocks.values().filter_map(|block| match block.end {
            End::TailCall { func, .. } => Some(func),
            _ => None,
        })
    };
    loop {
        let before = able.len();
        for id in &order {
            if last_calls(*id).any(|func| !able.contains(&func)) {
                able.remove(id);
            }
        }
        if able.len() == before {
            break;
        }
    }
    let makes = |id: &FuncId| able.contains(id) && makes_a_cell(program, &program.functions[*id]);
    let mut makers: FxHashSet<FuncId> = order.iter().copied().filter(makes).collect();
    loop {
        let before = makers.len();
        for id in order.iter().filter(|id| able.contains(id)) {
            if last_calls(*id).any(|func| makers.contains(&func)) {
                makers.insert(*id);
            }
        }
        if makers.len() == before {
            return (able, makers);
        }
    }
}

fn is_candidate(program: &Program, function: &Function) -> bool {
    let Shape::Data(ctors) = program.shapes.get(function.result) else { return false };
    let ends_elsewhere = |block: &Block| matches!(block.end, End::TailCallClosure { .. });
    ctors.len() > 1
        && ctors.iter().any(|ctor| (1..=MOST_MORE).contains(&ctor.fields.len()))
        && function.kind == FunctionKind::Plain
        && function.more.is_empty()
        && !function.blocks.values().any(ends_elsewhere)
}

/// Whether what a function gives is made by it somewhere.
fn makes_a_cell(program: &Program, function: &Function) -> bool {
    let is_result = |layout: LayoutId| {
        let ctors = program.shapes.get(function.result).ctors();
        ctors.iter().any(|ctor| ctor.layout == Some(layout) && ctor.fields.len() <= MOST_MORE)
    };
    let mut made = Bits::default();
    for inst in function.blocks.values().flat_map(|block| &block.insts) {
        if let (Some(dest), Op::Alloc { layout, .. }) = (inst.dest, &inst.op)
            && is_result(*layout)
        {
            made.add(dest.index());
        }
    }
    loop {
        let mut changed = false;
        for block in function.blocks.values() {
            match &block.end {
                End::Return(var, _) if made.has(var.index()) => return true,
                End::Jump(to, args) => {
                    for (arg, param) in args.iter().zip(&function.blocks[*to].params) {
                        if made.has(arg.index()) && !made.has(param.index()) {
                            made.add(param.index());
                            changed = true;
                        }
                    }
                }
                _ => {}
            }
        }
        if !changed {
            return false;
        }
    }
}

/// Rule 3: long functions that somebody calls for a cell too.
fn leave_long_ones(program: &Program, new: &Range<usize>, able: &mut FxHashSet<FuncId>) {
    let size = |id: &FuncId| {
        program.functions[*id].blocks.values().map(|block| block.insts.len()).sum::<usize>()
    };
    let long: FxHashSet<FuncId> = able.iter().copied().filter(|id| size(id) > MOST_TWICE).collect();
    if long.is_empty() {
        return;
    }
    for id in new.clone().map(FuncId::from_index) {
        let function = &program.functions[id];
        let asks = Asks::new(function);
        for (block_id, block) in function.blocks.ids().zip(function.blocks.values()) {
            let asking = asks.call(function, block_id).map(|(at, _)| at);
            for (at, inst) in block.insts.iter().enumerate() {
                if let Op::Call { func, .. } = &inst.op
                    && long.contains(func)
                    && asking != Some(at)
                {
                    able.remove(func);
                }
            }
            if let End::TailCall { func, .. } = &block.end
                && long.contains(func)
                && *func != id
            {
                able.remove(func);
            }
        }
    }
}

/// Where a function asks at once what a call has given.
struct Asks {
    /// How often a variable is used, and how often otherwise than by a question or a load.
    uses: Vec<(u32, u32)>,
}

impl Asks {
    fn new(function: &Function) -> Asks {
        let mut uses = vec![(0, 0); function.vars.len()];
        for block in function.blocks.values() {
            for inst in &block.insts {
                let looks = matches!(inst.op, Op::Tag(_) | Op::Field { .. });
                inst.op.each_operand(|var| {
                    uses[var.index()].0 += 1;
                    uses[var.index()].1 += u32::from(!looks);
                });
            }
            block.end.each_operand(|var| {
                uses[var.index()].0 += 1;
                uses[var.index()].1 += 1;
            });
        }
        Asks { uses }
    }

    /// The call, by its place in the block, and whom it calls: the block ends with the question, or
    /// jumps to a block that does nothing but ask.
    fn call(&self, function: &Function, block: BlockId) -> Option<(usize, FuncId)> {
        let block = &function.blocks[block];
        let (result, before) = match &block.end {
            End::Switch { value, .. } => {
                let (last, before) = block.insts.split_last()?;
                (self.asked(last, *value)?, before)
            }
            End::Jump(to, args) => {
                let behind = &function.blocks[*to];
                let ([param], [inst], [arg]) = (&behind.params[..], &behind.insts[..], &args[..])
                else {
                    return None;
                };
                let End::Switch { value, .. } = &behind.end else { return None };
                let is_only =
                    self.asked(inst, *value) == Some(*param) && self.uses[arg.index()].0 == 1;
                (is_only.then_some(*arg)?, &block.insts[..])
            }
            _ => return None,
        };
        let at = before.iter().rposition(|inst| inst.dest == Some(result))?;
        let Op::Call { func, .. } = before[at].op else { return None };
        let is_calm = |inst: &Inst| match &inst.op {
            Op::Prim(prim, _) => !prim.is_checked(),
            Op::Const(_) | Op::Field { .. } | Op::Capture { .. } => true,
            _ => false,
        };
        before[at + 1..].iter().all(is_calm).then_some((at, func))
    }

    /// Whose constructor is asked for, if nobody else knows the answer or wants the cell.
    fn asked(&self, inst: &Inst, value: VarId) -> Option<VarId> {
        let Op::Tag(of) = inst.op else { return None };
        let is_only = inst.dest == Some(value) && self.uses[value.index()].0 == 1;
        (is_only && self.uses[of.index()].1 == 0).then_some(of)
    }
}

/// How a sum is given.
struct Sum {
    int: ShapeId,
    shape: ShapeId,
    ctors: Vec<Ctor>,
    /// Words behind the number.
    words: usize,
}

#[derive(Clone)]
enum Ctor {
    Immediate,
    Fields(LayoutId, Vec<ShapeId>),
    Cell,
}

impl Sum {
    fn new(program: &Program, shape: ShapeId, int: ShapeId) -> Sum {
        let ctors = program.shapes.get(shape).ctors().iter().map(|ctor| match ctor.layout {
            None => Ctor::Immediate,
            Some(layout) if ctor.fields.len() <= MOST_MORE && !ctor.is_record => {
                Ctor::Fields(layout, ctor.fields.clone())
            }
            // A record knows the place where it was made.
            Some(_) => Ctor::Cell,
        });
        let ctors: Vec<Ctor> = ctors.collect();
        let words = ctors.iter().map(|ctor| match ctor {
            Ctor::Immediate => 0,
            Ctor::Fields(_, fields) => fields.len(),
            Ctor::Cell => 1,
        });
        let words = words.max().unwrap_or(0);
        Sum { int, shape, ctors, words }
    }

    /// Makes a function's ends give a number and words.
    fn give(&self, function: &mut Function) {
        let mut shared = None;
        for id in function.blocks.ids() {
            let block = &function.blocks[id];
            let End::Return(var, _) = block.end else { continue };
            if block.insts.is_empty() && block.params == [var] {
                self.ask(function, id, var);
                continue;
            }
            let loc = block.loc;
            let to = *shared.get_or_insert_with(|| {
                let param = function.vars.push(self.shape);
                let params = vec![param];
                let to = function.blocks.push(Block { params, loc, ..Block::default() });
                self.ask(function, to, param);
                to
            });
            function.blocks[id].end = End::Jump(to, vec![var]);
        }
        function.result = self.int;
        function.more = vec![self.int; self.words];
    }

    /// Makes a block ask which constructor a variable has, and give it.
    fn ask(&self, function: &mut Function, id: BlockId, var: VarId) {
        let loc = function.blocks[id].loc;
        let value = function.vars.push(self.int);
        let mut cases = Vec::with_capacity(self.ctors.len());
        for (index, ctor) in self.ctors.iter().enumerate() {
            let mut block = Block { loc, ..Block::default() };
            let mut push = |op: Op, shape: ShapeId, vars: &mut IdMap<VarId, ShapeId>| {
                let dest = vars.push(shape);
                block.insts.push(Inst { dest: Some(dest), op, loc });
                dest
            };
            let vars = &mut function.vars;
            let number = push(Op::Const(Const::Int(index as i64)), self.int, vars);
            let mut words = Vec::with_capacity(self.words);
            match ctor {
                Ctor::Immediate => {}
                Ctor::Fields(_, shapes) => {
                    for (index, shape) in shapes.iter().enumerate() {
                        let field = push(Op::Field { of: var, index: index as u32 }, *shape, vars);
                        words.push(push(Op::Pack(field), self.int, vars));
                    }
                }
                Ctor::Cell => words.push(push(Op::Pack(var), self.int, vars)),
            }
            while words.len() < self.words {
                words.push(push(Op::Const(Const::Int(0)), self.int, vars));
            }
            block.end = End::Return(number, words);
            cases.push((index as i64, function.blocks.push(block)));
        }
        let block = &mut function.blocks[id];
        block.insts.push(Inst { dest: Some(value), op: Op::Tag(var), loc });
        block.end = End::Switch { value, cases, default: None };
    }

    /// Calls a worker where a block asks what a call has given, and makes the cells for those that
    /// ask: `known` sends each to its answer.
    fn take(&self, function: &mut Function, (id, at): (BlockId, usize), worker: FuncId) {
        let mut rest = function.blocks[id].insts.split_off(at);
        let call = rest.remove(0);
        let (Some(result), Op::Call { args, .. }) = (call.dest, call.op) else { return };
        let loc = call.loc;
        let number = function.vars.push(self.int);
        let words: Vec<VarId> = (0..self.words).map(|_| function.vars.push(self.int)).collect();
        let block = &mut function.blocks[id];
        let old_end = std::mem::take(&mut block.end);
        block.insts.push(Inst { dest: Some(number), op: Op::Call { func: worker, args }, loc });
        for (index, word) in words.iter().enumerate() {
            block.insts.push(Inst { dest: Some(*word), op: Op::More(index as u32), loc });
        }
        let join = match old_end {
            End::Jump(to, _) => {
                function.blocks[id].insts.append(&mut rest);
                to
            }
            end => {
                let question = rest.split_off(rest.len() - 1);
                let block = &mut function.blocks[id];
                block.insts.append(&mut rest);
                let (params, loc) = (vec![result], block.loc);
                function.blocks.push(Block { params, insts: question, end, loc })
            }
        };
        let mut cases = Vec::with_capacity(self.ctors.len());
        for (index, ctor) in self.ctors.iter().enumerate() {
            let mut block = Block { loc: function.blocks[id].loc, ..Block::default() };
            let mut unpack = |word: VarId, shape: ShapeId, insts: &mut Vec<Inst>| {
                let dest = function.vars.push(shape);
                insts.push(Inst { dest: Some(dest), op: Op::Unpack(word), loc });
                dest
            };
            let value = match ctor {
                Ctor::Cell => unpack(words[0], self.shape, &mut block.insts),
                _ => {
                    let op = match ctor {
                        Ctor::Fields(layout, shapes) => {
                            let fields = words.iter().zip(shapes);
                            let fields =
                                fields.map(|(word, shape)| unpack(*word, *shape, &mut block.insts));
                            Op::Alloc {
                                layout: *layout,
                                fields: fields.collect(),
                                token: None,
                                unchanged: Vec::new(),
                            }
                        }
                        _ => Op::Const(Const::Immediate(index as u32)),
                    };
                    let dest = function.vars.push(self.shape);
                    block.insts.push(Inst { dest: Some(dest), op, loc });
                    dest
                }
            };
            block.end = End::Jump(join, vec![value]);
            cases.push((index as i64, function.blocks.push(block)));
        }
        function.blocks[id].end = End::Switch { value: number, cases, default: None };
    }
}

/// Calls workers where a function asks at once; whether there were any.
fn call_workers(program: &mut Program, id: FuncId, workers: &Workers, int: ShapeId) -> bool {
    let asks = Asks::new(&program.functions[id]);
    let blocks: Vec<BlockId> = program.functions[id].blocks.ids().collect();
    let mut changed = false;
    for block in blocks {
        let Some((at, func)) = asks.call(&program.functions[id], block) else { continue };
        if let Some(worker) = workers.made.get(&func)
            && workers.makers.contains(&func)
        {
            let sum = Sum::new(program, program.functions[func].result, int);
            sum.take(&mut program.functions[id], (block, at), *worker);
            changed = true;
        }
    }
    changed
}
