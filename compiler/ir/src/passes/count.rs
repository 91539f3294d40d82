//! Makes counting explicit: where a reference is copied stands `dup`, where one is given up `drop`.
//! After Reinking, Xie, de Moura and Leijen, *Perceus* (2021), on blocks.
//!
//! A variable is *owned* (it holds a reference), *static* (someone else holds one for as long as
//! the function runs) or a *part*: loaded from another variable and borrowed from it.
//!
//! 1. An owned variable's reference goes to its last use if that takes it over; an earlier use that
//!    takes it over gets a copy. Where it is not used any more it is dropped: behind an instruction
//!    that only looked at it, at the beginning of a block that does not use it, at its definition.
//! 2. A part is borrowed as long as something that it was loaded from is live; when the last of
//!    them dies, the part is copied first and owned from then on. So whether a part is owned
//!    follows from what is live, the same on every way to a place.
//! 3. Where nothing of a cell and its parts is taken over, the parts keep the cell live instead,
//!    and so do the captures of a closure: nothing is copied.
//!    A block's parameter that walks along what one variable holds is a part of it too (`own`).
//! 4. A tail call takes everything along that it needs; what it would have to drop afterwards was
//!    made owned by `borrow`. Where the callee is older and borrows, the tail call becomes a call.

use crate::ir::{BlockId, End, Function, FunctionKind, Inst, Mode, Op, Program, VarId};
use crate::passes::borrow::{borrowed_params, wanted_for_reuse};
use crate::passes::each::each;
use crate::passes::flow::{At, Bits, Flow, Liveness};
use crate::passes::own::{
    Kind, borrowed_at_entry, each_end_use, each_use, is_part, kinds, part_params, root,
};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use std::ops::Range;

/// Counts in new functions.
pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |program, _, function| {
        calls_that_return_here(program, function);
        let flow = Flow::new(function);
        let (borrowed, _) = borrowed_params(program, function, &[]);
        let counter = Counter::new(program, function, &flow, borrowed);
        let order = flow.order.iter();
        let counted: Vec<Vec<Inst>> = order.map(|block| counter.block(*block)).collect();
        for (block, insts) in flow.order.iter().zip(counted) {
            function.blocks[*block].insts = insts;
        }
    });
}

/// Rule 4.
fn calls_that_return_here(program: &Program, function: &mut Function) {
    let (_, tail_called) = borrowed_params(program, function, &[]);
    if tail_called.is_empty() {
        return;
    }
    for block in function.blocks.values_mut() {
        let End::TailCall { func, args } = &block.end else { continue };
        if tail_called.iter().any(|(callee, _)| callee == func) {
            let result = function.vars.push(function.result);
            let op = Op::Call { func: *func, args: args.clone() };
            block.insts.push(Inst { dest: Some(result), op, loc: block.loc });
            let mut more = Vec::with_capacity(function.more.len());
            for (index, shape) in function.more.iter().enumerate() {
                let result = function.vars.push(*shape);
                let op = Op::More(index as u32);
                block.insts.push(Inst { dest: Some(result), op, loc: block.loc });
                more.push(result);
            }
            block.end = End::Return(result, more);
        }
    }
}

struct Counter<'a> {
    program: &'a Program,
    function: &'a Function,
    flow: &'a Flow,
    /// Parameters of blocks and of the function that are borrowed.
    borrowed: Bits,
    kinds: IdMap<VarId, Kind>,
    /// Parts loaded from a variable.
    parts: IdMap<VarId, Vec<VarId>>,
    /// Parts that keep what they were loaded from live.
    keeps: Bits,
    live: Liveness,
}

/// What happens to live variables along a block.
struct Course {
    /// At the beginning, with parameters.
    start: Bits,
    /// Last used at an instruction, with what they keep live.
    dies: Vec<Vec<VarId>>,
    /// Instructions whose result is never used.
    unused: Bits,
}

impl<'a> Counter<'a> {
    fn new(
        program: &'a Program,
        function: &'a Function,
        flow: &'a Flow,
        borrowed: Bits,
    ) -> Counter<'a> {
        let mut kinds = kinds(program, function, &borrowed);
        part_params(function, flow, &mut kinds);
        for var in kinds.ids() {
            let is_counted = matches!(kinds[var], Kind::Part(_));
            if is_counted && kinds[root(&kinds, var)] != Kind::Owned {
                kinds[var] = Kind::Static;
            }
        }
        let mut parts: IdMap<VarId, Vec<VarId>> = vec![Vec::new(); kinds.len()].into();
        for (var, kind) in kinds.iter() {
            if let Kind::Part(of) = kind {
                parts[*of].push(var);
            }
        }
        let keeps = keeps(program, function, &borrowed, &kinds);
        let live = Liveness::new(function, flow, |var, at, add| match at {
            At::Inst => kept(&kinds, &keeps, var, add),
            At::End if kinds[var] != Kind::Plain => add(var),
            At::End => {}
        });
        let borrowed = borrowed_at_entry(function, &kinds, &live, &borrowed);
        Counter { program, function, flow, borrowed, kinds, parts, keeps, live }
    }

    fn course(&self, id: BlockId) -> Course {
        let block = &self.function.blocks[id];
        let mut live = self.live.exit[id].clone();
        block.end.each_operand(|var| {
            if self.kinds[var] != Kind::Plain {
                live.add(var.index());
            }
        });
        let mut dies = vec![Vec::new(); block.insts.len()];
        let mut unused = Bits::new(block.insts.len());
        for (at, inst) in block.insts.iter().enumerate().rev() {
            if let Some(dest) = inst.dest {
                if !live.has(dest.index()) {
                    unused.add(at);
                }
                live.remove(dest.index());
            }
            inst.op.each_operand(|var| {
                kept(&self.kinds, &self.keeps, var, &mut |var| {
                    if live.add(var.index()) {
                        dies[at].push(var);
                    }
                });
            });
        }
        Course { start: live, dies, unused }
    }

    /// A block's instructions with counting.
    fn block(&self, id: BlockId) -> Vec<Inst> {
        let block = &self.function.blocks[id];
        let Course { start, dies, unused } = self.course(id);
        let mut out = Vec::with_capacity(block.insts.len() * 2);
        self.enter(id, &start, &mut out);
        let mut live = start;
        // What stands behind an instruction and its further results.
        let mut behind = Vec::new();
        for (at, inst) in block.insts.iter().enumerate() {
            let mut uses: Vec<(VarId, Mode)> = Vec::new();
            each_use(self.program, &inst.op, |var, mode| uses.push((var, mode)));
            let before = live.clone();
            dies[at].iter().for_each(|var| live.remove(var.index()));
            // What an instruction looks at stays until it is done, and what keeps it.
            let mut during = live.clone();
            for (var, mode) in &uses {
                if *mode == Mode::Borrowed {
                    kept(&self.kinds, &self.keeps, *var, &mut |var| {
                        during.add(var.index());
                    });
                } else if self.keeps.has(var.index()) {
                    kept(&self.kinds, &self.keeps, *var, &mut |kept| {
                        if kept != *var {
                            during.add(kept.index());
                        }
                    });
                }
            }
            self.take_over(&uses, &before, &during, &mut out);
            out.push(inst.clone());
            if let Some(dest) = inst.dest
                && !unused.has(at)
            {
                live.add(dest.index());
            }
            self.give_up(&dies[at], &during, &live, &mut behind);
            if let Some(dest) = inst.dest
                && unused.has(at)
                && self.kinds[dest] == Kind::Owned
            {
                behind.push(counting(Op::Drop(dest)));
            }
            if !matches!(block.insts.get(at + 1).map(|next| &next.op), Some(Op::More(_))) {
                out.append(&mut behind);
            }
        }
        let mut uses = Vec::new();
        each_end_use(self.program, self.function, &self.borrowed, &block.end, |var, mode| {
            uses.push((var, mode));
        });
        self.take_over(&uses, &live, &self.live.exit[id], &mut out);
        out
    }

    /// What dies on the way into a block, and parameters that are not used.
    fn enter(&self, id: BlockId, start: &Bits, out: &mut Vec<Inst>) {
        if let [pred] = self.flow.preds[id][..]
            && !matches!(self.function.blocks[pred].end, End::Jump(..))
        {
            let before = &self.live.exit[pred];
            let dead = before.iter().filter(|var| !start.has(*var)).map(VarId::from_index);
            self.give_up(&dead.collect::<Vec<_>>(), before, start, out);
        }
        let function_params = self.function.params.iter().map(|p| p.var);
        let own = function_params.filter(|_| id == Function::ENTRY);
        for var in own.chain(self.function.blocks[id].params.iter().copied()) {
            let is_reference = matches!(self.kinds[var], Kind::Owned | Kind::Part(_));
            if is_reference && !self.borrowed.has(var.index()) && !start.has(var.index()) {
                out.push(counting(Op::Drop(var)));
            }
        }
    }

    /// Before something that takes over some variables: copies of what is needed later, and of
    /// parts that lose what they are borrowed from.
    fn take_over(&self, uses: &[(VarId, Mode)], before: &Bits, during: &Bits, out: &mut Vec<Inst>) {
        for (at, (var, mode)) in uses.iter().enumerate() {
            let kind = self.kinds[*var];
            if *mode == Mode::Borrowed || kind == Kind::Plain {
                continue;
            }
            let is_last = !uses[at + 1..].contains(&(*var, Mode::Owned));
            let is_owned = kind != Kind::Static && !is_part(&self.kinds, *var, before);
            if is_last && is_owned && !during.has(var.index()) {
                self.copy_parts(*var, during, out);
            } else {
                out.push(counting(Op::Dup(*var)));
            }
        }
    }

    /// Drops those variables that are owned while `before` is live, when `after` is.
    fn give_up(&self, dead: &[VarId], before: &Bits, after: &Bits, out: &mut Vec<Inst>) {
        let owned = |var: &VarId| {
            let is_reference = matches!(self.kinds[*var], Kind::Owned | Kind::Part(_));
            is_reference && before.has(var.index()) && !is_part(&self.kinds, *var, before)
        };
        let owned: Vec<VarId> = dead.iter().copied().filter(owned).collect();
        owned.iter().for_each(|var| self.copy_parts(*var, after, out));
        out.extend(owned.into_iter().map(|var| counting(Op::Drop(var))));
    }

    /// Copies the parts of a variable that outlive it.
    fn copy_parts(&self, var: VarId, live: &Bits, out: &mut Vec<Inst>) {
        for part in &self.parts[var] {
            match live.has(part.index()) {
                true => out.push(counting(Op::Dup(*part))),
                false => self.copy_parts(*part, live, out),
            }
        }
    }
}

fn counting(op: Op) -> Inst {
    Inst { dest: None, op, loc: None }
}

/// Calls `add` with a variable and with what it keeps live.
fn kept(kinds: &IdMap<VarId, Kind>, keeps: &Bits, mut var: VarId, add: &mut dyn FnMut(VarId)) {
    if kinds[var] == Kind::Plain {
        return;
    }
    add(var);
    while keeps.has(var.index())
        && let Kind::Part(of) = kinds[var]
    {
        add(of);
        var = of;
    }
}

/// Rule 3.
fn keeps(
    program: &Program,
    function: &Function,
    borrowed: &Bits,
    kinds: &IdMap<VarId, Kind>,
) -> Bits {
    let mut taken = Bits::new(kinds.len());
    for var in wanted_for_reuse(program, function) {
        taken.add(root(kinds, var).index());
    }
    let mut borrowed = borrowed.clone();
    for var in function.blocks.values().flat_map(|block| &block.params) {
        if matches!(kinds[*var], Kind::Part(_)) {
            borrowed.add(var.index());
        }
    }
    let mut take = |var: VarId, mode: Mode| {
        if mode == Mode::Owned {
            taken.add(root(kinds, var).index());
        }
    };
    for block in function.blocks.values() {
        for inst in &block.insts {
            each_use(program, &inst.op, &mut take);
        }
        each_end_use(program, function, &borrowed, &block.end, &mut take);
    }
    let closure = function.params.first().filter(|_| function.kind == FunctionKind::Closure);
    let mut keeps = Bits::new(kinds.len());
    for (var, kind) in kinds.iter() {
        let root = root(kinds, var);
        let holds = !taken.has(root.index()) || closure.is_some_and(|p| p.var == root);
        if holds && matches!(kind, Kind::Part(_)) {
            keeps.add(var.index());
        }
    }
    keeps
}
