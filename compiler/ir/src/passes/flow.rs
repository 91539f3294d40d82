//! What passes ask of a function's blocks: who leads where, in which order, who dominates whom, and
//! which variables are live at the borders.

use crate::ir::{Block, BlockId, Function, VarId};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use smallvec::SmallVec;

/// A set of small numbers as bits.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub fn new(len: usize) -> Bits {
        Bits { words: vec![0; len.div_ceil(64)] }
    }

    pub fn has(&self, index: usize) -> bool {
        self.words.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Whether it was not there.
    pub fn add(&mut self, index: usize) -> bool {
        let word = index / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        let before = self.words[word];
        self.words[word] |= 1 << (index % 64);
        before != self.words[word]
    }

    pub fn remove(&mut self, index: usize) {
        if let Some(word) = self.words.get_mut(index / 64) {
            *word &= !(1 << (index % 64));
        }
    }

    /// Whether anything was not there.
    pub fn add_all(&mut self, other: &Bits) -> bool {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        let mut changed = false;
        for (own, new) in self.words.iter_mut().zip(&other.words) {
            changed |= *new & !*own != 0;
            *own |= new;
        }
        changed
    }

    /// In rising order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                (rest != 0).then(|| {
                    rest &= rest - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

/// Most blocks have few.
pub type Preds = SmallVec<[BlockId; 4]>;

/// Order and dominance of the blocks that can be reached.
pub struct Flow {
    /// Predecessors that can be reached, once for each edge.
    pub preds: IdMap<BlockId, Preds>,
    /// Reverse postorder: a block stands behind its dominators.
    pub order: Vec<BlockId>,
    /// Place in `order`; `u32::MAX` for what is never reached.
    pub place: IdMap<BlockId, u32>,
    /// Immediate dominators; the entry's is itself.
    pub idom: IdMap<BlockId, BlockId>,
    /// First and last number below a block in the tree of dominators.
    span: IdMap<BlockId, (u32, u32)>,
}

impl Flow {
    pub fn new(function: &Function) -> Flow {
        let count = function.blocks.len();
        let order = reverse_postorder(function);
        let mut place: IdMap<BlockId, u32> = vec![u32::MAX; count].into();
        for (at, block) in order.iter().enumerate() {
            place[*block] = at as u32;
        }
        let mut preds: IdMap<BlockId, Preds> = vec![Preds::new(); count].into();
        for block in &order {
            function.blocks[*block].end.each_target(|to| preds[to].push(*block));
        }
        let idom = dominators(&order, &place, &preds);
        let span = spans(&order, &idom);
        Flow { preds, order, place, idom, span }
    }

    pub fn is_reached(&self, block: BlockId) -> bool {
        self.place[block] != u32::MAX
    }

    /// Whether every path to `below` leads through `above`; a block dominates itself.
    pub fn dominates(&self, above: BlockId, below: BlockId) -> bool {
        let ((first, last), (at, _)) = (self.span[above], self.span[below]);
        first <= at && at <= last
    }

    /// Whether a jump leads backwards.
    pub fn is_back_edge(&self, from: BlockId, to: BlockId) -> bool {
        self.place[to] <= self.place[from]
    }
}

fn reverse_postorder(function: &Function) -> Vec<BlockId> {
    let mut seen = Bits::new(function.blocks.len());
    let mut order = Vec::with_capacity(function.blocks.len());
    if function.blocks.is_empty() {
        return order;
    }
    seen.add(Function::ENTRY.index());
    let mut open = vec![(Function::ENTRY, function.blocks[Function::ENTRY].end.successors(), 0)];
    while let Some((block, targets, next)) = open.last_mut() {
        match targets.get(*next) {
            // The last target first, so that the first one stands right behind its block.
            Some(_) => {
                let to = targets[targets.len() - 1 - *next];
                *next += 1;
                if seen.add(to.index()) {
                    open.push((to, function.blocks[to].end.successors(), 0));
                }
            }
            None => {
                order.push(*block);
                open.pop();
            }
        }
    }
    order.reverse();
    order
}

/// Cooper, Harvey and Kennedy: A Simple, Fast Dominance Algorithm (2001).
fn dominators(
    order: &[BlockId],
    place: &IdMap<BlockId, u32>,
    preds: &IdMap<BlockId, Preds>,
) -> IdMap<BlockId, BlockId> {
    let unknown = BlockId(u32::MAX);
    let mut idom: IdMap<BlockId, BlockId> = vec![unknown; preds.len()].into();
    let Some(entry) = order.first() else { return idom };
    idom[*entry] = *entry;
    let mut changed = true;
    while changed {
        changed = false;
        for block in &order[1..] {
            let mut new = unknown;
            for pred in &preds[*block] {
                if idom[*pred] == unknown {
                    continue;
                }
                new = if new == unknown { *pred } else { meet(*pred, new, place, &idom) };
            }
            changed |= idom[*block] != new;
            idom[*block] = new;
        }
    }
    idom
}

/// Numbers the tree of dominators so that what is below a block has the numbers of a range.
fn spans(order: &[BlockId], idom: &IdMap<BlockId, BlockId>) -> IdMap<BlockId, (u32, u32)> {
    let mut sizes: IdMap<BlockId, u32> = vec![1; idom.len()].into();
    for block in order.iter().skip(1).rev() {
        let size = sizes[*block];
        sizes[idom[*block]] += size;
    }
    let mut spans: IdMap<BlockId, (u32, u32)> = vec![(1, 0); idom.len()].into();
    let mut next: IdMap<BlockId, u32> = vec![0; idom.len()].into();
    for (at, block) in order.iter().enumerate() {
        let above = idom[*block];
        let first = if at == 0 { 0 } else { next[above] };
        next[above] = first + sizes[*block];
        next[*block] = first + 1;
        spans[*block] = (first, first + sizes[*block] - 1);
    }
    spans
}

fn meet(
    mut a: BlockId,
    mut b: BlockId,
    place: &IdMap<BlockId, u32>,
    idom: &IdMap<BlockId, BlockId>,
) -> BlockId {
    while a != b {
        while place[a] > place[b] {
            a = idom[a];
        }
        while place[b] > place[a] {
            b = idom[b];
        }
    }
    a
}

/// Whose operand a use is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum At {
    Inst,
    End,
}

/// Variables live at the borders of blocks. A block's own parameters are not live at its entry.
pub struct Liveness {
    pub entry: IdMap<BlockId, Bits>,
    pub exit: IdMap<BlockId, Bits>,
}

impl Liveness {
    /// `uses(var, at, add)` adds what a use of `var` keeps alive: itself, and what it is borrowed
    /// from.
    pub fn new(
        function: &Function,
        flow: &Flow,
        mut uses: impl FnMut(VarId, At, &mut dyn FnMut(VarId)),
    ) -> Liveness {
        let (blocks, vars) = (function.blocks.len(), function.vars.len());
        let mut made: Vec<(Bits, Bits)> = Vec::with_capacity(blocks);
        for block in function.blocks.values() {
            made.push(local(block, vars, &mut uses));
        }
        let mut entry: IdMap<BlockId, Bits> = vec![Bits::new(vars); blocks].into();
        let mut exit = entry.clone();
        let mut changed = true;
        while changed {
            changed = false;
            for block in flow.order.iter().rev() {
                let mut out = std::mem::take(&mut exit[*block]);
                function.blocks[*block].end.each_target(|to| {
                    out.add_all(&entry[to]);
                });
                let (used, defined) = &made[block.index()];
                let live = &mut entry[*block];
                for (at, word) in live.words.iter_mut().enumerate() {
                    let new = used.words[at] | out.words[at] & !defined.words[at];
                    changed |= new != *word;
                    *word = new;
                }
                exit[*block] = out;
            }
        }
        Liveness { entry, exit }
    }
}

/// What a block uses before it defines it, and what it defines.
fn local(
    block: &Block,
    vars: usize,
    uses: &mut impl FnMut(VarId, At, &mut dyn FnMut(VarId)),
) -> (Bits, Bits) {
    let (mut used, mut defined) = (Bits::new(vars), Bits::new(vars));
    block.params.iter().for_each(|param| {
        defined.add(param.index());
    });
    let mut use_one = |var: VarId, at: At, defined: &Bits| {
        uses(var, at, &mut |var| {
            if !defined.has(var.index()) {
                used.add(var.index());
            }
        });
    };
    for inst in &block.insts {
        inst.op.each_operand(|var| use_one(var, At::Inst, &defined));
        if let Some(dest) = inst.dest {
            defined.add(dest.index());
        }
    }
    block.end.each_operand(|var| use_one(var, At::End, &defined));
    (used, defined)
}
