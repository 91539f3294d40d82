//! Four rounds of a short loop stand one behind the other, so that steps are counted and looked at
//! once for all of them. A way out of a later round counts those before it.
//!
//! ```text
//! head: branch c body out                     head:  branch c  body  out
//! body: ..; step 1; jump head        =>       body:  ..; jump head'
//! out:  ..                                    head': branch c' body' out'    (twice more)
//!                                             last:  ..; step 4; jump head
//!                                             out':  step 1; jump out
//! ```
//!
//! 1. Only loops of a few operations that call nobody, make nothing and have no loop inside: where
//!    more is done, counting does not show.
//! 2. Every test stays, so it does not matter how many rounds there are.
//! 3. What a round makes and somebody behind the loop uses becomes a parameter there.

use crate::ir::{Block, BlockId, End, Function, Inst, Op, Program, VarId};
use crate::passes::each::each;
use crate::passes::flow::{Bits, Flow};
use eclexia_base::FxHashMap;
use eclexia_base::ids::Id;
use std::ops::Range;

const ROUNDS: u32 = 4;

/// Operations of a short loop.
const SHORT: usize = 8;

pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |_, _, body| function(body));
}

fn function(function: &mut Function) {
    let flow = Flow::new(function);
    let ends = flow.order.iter().filter_map(|id| match function.blocks[*id].end {
        End::Jump(head, _) if flow.is_back_edge(*id, head) => Some((head, *id)),
        _ => None,
    });
    for (head, end) in ends.collect::<Vec<_>>() {
        let flow = Flow::new(function);
        if let Some(short) = find(function, &flow, head, end) {
            short.repeat(function);
        }
    }
}

/// A loop that is to be repeated.
struct Short {
    head: BlockId,
    /// The only block that jumps back; its last instruction is the step of a round.
    end: BlockId,
    blocks: Vec<BlockId>,
    outs: Vec<Out>,
}

/// A way out behind a test.
struct Out {
    block: BlockId,
    /// This and other blocks that nobody comes to on another way.
    below: Vec<BlockId>,
    /// What is used there of what a round makes.
    used: Vec<VarId>,
}

/// Rules 1 and 3.
fn find(function: &Function, flow: &Flow, head: BlockId, end: BlockId) -> Option<Short> {
    if !flow.dominates(head, end) || head == Function::ENTRY {
        return None;
    }
    let inside = inside(flow, head, end);
    let blocks: Vec<BlockId> = inside.iter().map(BlockId::from_index).collect();
    let mut made = Bits::new(function.vars.len());
    let (mut cost, mut outs) = (0, Vec::new());
    for id in &blocks {
        let block = &function.blocks[*id];
        let (last, rest) = match block.insts.split_last() {
            Some((last, rest)) if *id == end => (Some(last), rest),
            _ => (None, &block.insts[..]),
        };
        let leads_back = |to: &BlockId| inside.has(to.index()) && flow.is_back_edge(*id, *to);
        if !rest.iter().all(|inst| is_short(&inst.op))
            || last.is_some_and(|inst| !matches!(inst.op, Op::Step(_)))
            || *id != end && block.end.successors().iter().any(leads_back)
        {
            return None;
        }
        cost += rest.iter().filter(|inst| !matches!(inst.op, Op::Const(_))).count();
        let vars = block.params.iter().copied();
        for var in vars.chain(rest.iter().filter_map(|inst| inst.dest)) {
            made.add(var.index());
        }
        if !matches!(block.end, End::Jump(..)) {
            cost += 1;
            let targets = block.end.successors().into_iter();
            let leaving = targets.filter(|to| !inside.has(to.index()));
            outs.extend(leaving.map(|block| Out { block, below: Vec::new(), used: Vec::new() }));
        }
    }
    if cost > SHORT || !matches!(function.blocks[end].insts.last()?.op, Op::Step(_)) {
        return None;
    }
    for id in flow.order.iter().filter(|id| !inside.has(id.index())) {
        let block = &function.blocks[*id];
        let mut used = Vec::new();
        let mut note = |var: VarId| used.extend(made.has(var.index()).then_some(var));
        block.insts.iter().for_each(|inst| inst.op.each_operand(&mut note));
        block.end.each_operand(&mut note);
        match outs.iter_mut().find(|out| flow.dominates(out.block, *id)) {
            Some(out) => {
                out.below.push(*id);
                out.used.extend(used);
            }
            None if used.is_empty() => {}
            None => return None,
        }
    }
    for out in &mut outs {
        out.used.sort_unstable();
        out.used.dedup();
    }
    Some(Short { head, end, blocks, outs })
}

/// What can reach the end of a loop without passing its head.
pub(super) fn inside(flow: &Flow, head: BlockId, end: BlockId) -> Bits {
    let mut inside = Bits::new(flow.idom.len());
    inside.add(head.index());
    let mut open = vec![end];
    while let Some(id) = open.pop() {
        if inside.add(id.index()) {
            open.extend(&flow.preds[id]);
        }
    }
    inside
}

fn is_short(op: &Op) -> bool {
    match op {
        Op::Native { native, .. } => native.get().is_pure,
        Op::Const(_) | Op::Prim(..) | Op::Field { .. } | Op::Capture { .. } | Op::Tag(_) => true,
        _ => false,
    }
}

impl Short {
    fn repeat(&self, function: &mut Function) {
        let Some(step) = function.blocks[self.end].insts.pop() else { return };
        let Op::Step(count) = step.op else { return };
        let steps = |rounds: u32| Inst { op: Op::Step(count * rounds), ..step.clone() };
        self.outs.iter().for_each(|out| out.meet(function));
        let round: Vec<Block> = self.blocks.iter().map(|id| function.blocks[*id].clone()).collect();
        let mut from = self.end;
        for number in 1..ROUNDS {
            let copies = self.add_round(function, &round, &steps(number));
            if let End::Jump(to, _) = &mut function.blocks[from].end {
                *to = copies[&self.head];
            }
            from = copies[&self.end];
        }
        function.blocks[from].insts.push(steps(ROUNDS));
    }

    /// One more round, which jumps back to the loop's head and counts those before it where it
    /// leads out; the copies of its blocks.
    fn add_round(
        &self,
        function: &mut Function,
        round: &[Block],
        before: &Inst,
    ) -> FxHashMap<BlockId, BlockId> {
        let first = function.blocks.len();
        let place = |at: usize| BlockId::from_index(first + at);
        let copies: FxHashMap<BlockId, BlockId> =
            self.blocks.iter().enumerate().map(|(at, id)| (*id, place(at))).collect();
        let mut vars: FxHashMap<VarId, VarId> = FxHashMap::default();
        for block in round {
            let made = block.params.iter().copied();
            for var in made.chain(block.insts.iter().filter_map(|inst| inst.dest)) {
                vars.insert(var, function.vars.push(function.vars[var]));
            }
        }
        let rename = |var: &mut VarId| *var = vars.get(var).copied().unwrap_or(*var);
        for block in round {
            let mut block = block.clone();
            block.params.iter_mut().for_each(rename);
            for inst in &mut block.insts {
                inst.dest.iter_mut().for_each(rename);
                inst.op.each_operand_mut(rename);
            }
            block.end.each_operand_mut(rename);
            function.blocks.push(block);
        }
        for at in 0..round.len() {
            let mut end = std::mem::take(&mut function.blocks[place(at)].end);
            let is_jump = matches!(end, End::Jump(..));
            end.each_target_mut(|to| match copies.get(to) {
                Some(_) if *to == self.head => {}
                Some(copy) => *to = *copy,
                None if is_jump => function.blocks[place(at)].insts.push(before.clone()),
                None => {
                    let mut out = function.blocks[*to].clone();
                    out.insts.push(before.clone());
                    out.end.each_operand_mut(rename);
                    *to = function.blocks.push(out);
                }
            });
            function.blocks[place(at)].end = end;
        }
        copies
    }
}

impl Out {
    /// A block of its own leads to what is done there, so that others can.
    fn meet(&self, function: &mut Function) {
        let Function { blocks, vars, .. } = function;
        let loc = blocks[self.block].loc;
        let params: Vec<VarId> = self.used.iter().map(|var| vars.push(vars[*var])).collect();
        let rename = |var: &mut VarId| {
            if let Ok(at) = self.used.binary_search(var) {
                *var = params[at];
            }
        };
        for id in &self.below {
            let block = &mut blocks[*id];
            block.insts.iter_mut().for_each(|inst| inst.op.each_operand_mut(rename));
            block.end.each_operand_mut(rename);
        }
        let done = std::mem::take(&mut blocks[self.block]);
        let joined = blocks.push(Block { params: params.clone(), ..done });
        let end = End::Jump(joined, self.used.clone());
        blocks[self.block] = Block { end, loc, ..Block::default() };
    }
}
