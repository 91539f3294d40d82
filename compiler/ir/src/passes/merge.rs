//! Code that stands twice becomes one: a match of several values repeats the tests of the later
//! ones behind every way that the earlier ones can go.
//!
//! 1. A tree is a block that a branch or switch leads to, with what lies behind branches and
//!    switches below it. It ends in returns, calls and jumps to blocks outside.
//! 2. Trees are the same if they do the same with the same variables, their own ones apart, at the
//!    same places, and end alike.
//! 3. Both are led to one block instead, the largest trees first.

use crate::ir::{Block, BlockId, End, Function, Inst, Op, Program, VarId};
use crate::passes::each::each;
use crate::passes::flow::{Bits, Flow};
use crate::passes::simplify;
use eclexia_base::ids::Id;
use eclexia_base::{FxHashMap, IdMap};
use std::ops::Range;

/// Operations and blocks of the smallest tree that is worth it.
const LEAST: usize = 6;
/// Trees of one size that are compared.
const MOST: usize = 64;

pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |program, _, body| {
        if function(body) {
            simplify::body(program, body);
        }
    });
}

fn function(function: &mut Function) -> bool {
    let flow = Flow::new(function);
    let trees = trees(function, &flow);
    let mut gone = Bits::new(function.blocks.len());
    let mut merged = false;
    for same_size in trees.chunk_by(|(a, _), (b, _)| a == b) {
        let roots: Vec<BlockId> = same_size.iter().take(MOST).map(|(_, root)| *root).collect();
        for (at, first) in roots.iter().enumerate() {
            let mut shared = None;
            for second in &roots[at + 1..] {
                let is_there = |root: &BlockId| !gone.has(root.index());
                if !is_there(first) || !is_there(second) {
                    continue;
                }
                if Pair::default().trees(function, shared.unwrap_or(*first), *second) {
                    let to = *shared.get_or_insert_with(|| own_block(function, *first));
                    take_out(function, *second, &mut gone);
                    function.blocks[*second].end = End::Jump(to, Vec::new());
                    merged = true;
                }
            }
        }
    }
    merged
}

/// Roots of trees that are large enough, with their sizes, the largest first.
fn trees(function: &Function, flow: &Flow) -> Vec<(usize, BlockId)> {
    let mut sizes: IdMap<BlockId, usize> = vec![0; function.blocks.len()].into();
    let mut is_target = Bits::new(function.blocks.len());
    for id in flow.order.iter().rev() {
        let block = &function.blocks[*id];
        sizes[*id] = 1 + block.insts.len();
        each_below(block, |to| {
            let size = sizes[to];
            sizes[*id] += size;
            is_target.add(to.index());
        });
    }
    let roots = flow.order.iter().filter(|id| is_target.has(id.index()) && sizes[**id] >= LEAST);
    let mut trees: Vec<(usize, BlockId)> = roots.map(|id| (sizes[*id], *id)).collect();
    trees.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    trees
}

/// Blocks that nothing else leads to.
fn each_below(block: &Block, each: impl FnMut(BlockId)) {
    if !matches!(block.end, End::Jump(..)) {
        block.end.each_target(each);
    }
}

/// Moves a block's content to a new one, which others may lead to.
fn own_block(function: &mut Function, id: BlockId) -> BlockId {
    let block = std::mem::take(&mut function.blocks[id]);
    function.blocks[id].loc = block.loc;
    let own = function.blocks.push(block);
    function.blocks[id].end = End::Jump(own, Vec::new());
    own
}

fn take_out(function: &mut Function, root: BlockId, gone: &mut Bits) {
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        gone.add(id.index());
        let block = std::mem::take(&mut function.blocks[id]);
        each_below(&block, |to| open.push(to));
        function.blocks[id].loc = block.loc;
    }
}

/// What the variables of one tree are in the other.
#[derive(Default)]
struct Pair {
    second: FxHashMap<VarId, VarId>,
}

impl Pair {
    fn trees(&mut self, function: &Function, first: BlockId, second: BlockId) -> bool {
        let (a, b) = (&function.blocks[first], &function.blocks[second]);
        let alike = a.insts.len() == b.insts.len() && a.loc == b.loc;
        alike
            && a.insts.iter().zip(&b.insts).all(|(x, y)| self.insts(function, x, y))
            && self.ends(function, a, b)
    }

    fn insts(&mut self, function: &Function, first: &Inst, second: &Inst) -> bool {
        let mut op = first.op.clone();
        op.each_operand_mut(|var| *var = self.of(*var));
        if op != second.op || first.loc != second.loc || matches!(op, Op::Hole { .. }) {
            return false;
        }
        match (first.dest, second.dest) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                self.second.insert(a, b);
                function.vars[a] == function.vars[b]
            }
            _ => false,
        }
    }

    fn of(&self, var: VarId) -> VarId {
        self.second.get(&var).copied().unwrap_or(var)
    }

    fn ends(&mut self, function: &Function, first: &Block, second: &Block) -> bool {
        let (mut a, mut b) = (first.end.clone(), second.end.clone());
        a.each_operand_mut(|var| *var = self.of(*var));
        if matches!(a, End::Jump(..)) {
            return a == b;
        }
        let (below_a, below_b) = (a.successors(), b.successors());
        a.each_target_mut(|to| *to = Function::ENTRY);
        b.each_target_mut(|to| *to = Function::ENTRY);
        a == b && below_a.iter().zip(&below_b).all(|(x, y)| self.trees(function, *x, *y))
    }
}
