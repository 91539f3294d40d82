//! A long vector is filled while its elements are computed: were all of them there before it is
//! made, each would have to be kept until then, which takes allocators of registers time that
//! grows with the square of their number.
//!
//! ```text
//! a = ..; b = ..; .. v = vector (a b ..)
//!   =>  n = const ..; v0 = vector-new n; a = ..; v1 = vector-add v0 a;
//!       b = ..; v2 = vector-add v1 b ..
//! ```
//!
//! 1. An element is added behind its definition and behind the one before it. That is on every way
//!    to the vector, since both dominate it.
//! 2. Where the vector stands in another loop than a definition, the element is added in the next
//!    block on that way that is in the vector's loop: what is in a loop is done once in each round.
//! 3. There is room for all elements from the beginning, so that adding one can neither fail nor
//!    make anything: what is counted is as before.

use crate::ir::{BlockId, Const, Function, Inst, LocId, Op, Program, VarId};
use crate::passes::each::each;
use crate::passes::flow::Flow;
use crate::passes::rounds;
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_rt::layout::ShapeId;
use eclexia_rt::native::{NativeId, lookup};
use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

/// Elements of vectors that are filled so; `vector-new` makes room for no more.
const LONG: RangeInclusive<usize> = 65..=1 << 20;

static NEW: LazyLock<Option<NativeId>> = LazyLock::new(|| lookup("vector", "vector-new"));
static ADD: LazyLock<Option<NativeId>> = LazyLock::new(|| lookup("vector", "vector-add"));

pub fn run(program: &mut Program, new: &Range<usize>) {
    let (Some(make), Some(add)) = (*NEW, *ADD) else { return };
    let int = super::cons::int_shape(program);
    each(program, new, |_, _, body| {
        if body.blocks.values().flat_map(|block| &block.insts).any(|inst| is_long(&inst.op)) {
            Pieces { make, add, int }.function(body);
        }
    });
}

fn is_long(op: &Op) -> bool {
    matches!(op, Op::Vector(items) if LONG.contains(&items.len()))
}

struct Pieces {
    make: NativeId,
    add: NativeId,
    int: ShapeId,
}

/// Before which instruction of a block.
type Place = (BlockId, usize);

impl Pieces {
    fn function(&self, function: &mut Function) {
        let flow = Flow::new(function);
        let (loops, places) = (innermost_loops(function, &flow), places(function, &flow));
        let mut added: Vec<(Place, Inst)> = Vec::new();
        for block in flow.order.iter().copied() {
            for at in 0..function.blocks[block].insts.len() {
                let inst = &function.blocks[block].insts[at];
                if !is_long(&inst.op) {
                    continue;
                }
                // Nothing, and nobody else made one yet.
                let gone = Inst { dest: None, op: Op::Count(0), loc: None };
                let inst = std::mem::replace(&mut function.blocks[block].insts[at], gone);
                let way = Way::to(&flow, &loops, (block, at));
                self.vector(function, &way, &places, inst, &mut added);
            }
        }
        added.sort_by_key(|(place, _)| *place);
        for same in added.chunk_by(|(a, _), (b, _)| a.0 == b.0) {
            insert(function, same);
        }
    }

    fn vector(
        &self,
        function: &mut Function,
        way: &Way,
        places: &IdMap<VarId, Place>,
        inst: Inst,
        added: &mut Vec<(Place, Inst)>,
    ) {
        let Inst { dest: Some(dest), op: Op::Vector(items), loc } = inst else { return };
        let shape = function.vars[dest];
        let mut place = way.step_of(places[items[0]]);
        let mut put = |at: (usize, usize), dest, op, loc: Option<LocId>| {
            added.push(((way.blocks[at.0], at.1), Inst { dest: Some(dest), op, loc }));
        };
        let count = function.vars.push(self.int);
        put(place, count, Op::Const(Const::Int(items.len() as i64)), None);
        let mut vector = function.vars.push(shape);
        let op = Op::Native { native: self.make, args: vec![count], shapes: vec![shape] };
        put(place, vector, op, loc);
        for (at, item) in items.iter().enumerate() {
            place = place.max(way.step_of(places[*item]));
            let is_last = at + 1 == items.len();
            let longer = if is_last { dest } else { function.vars.push(shape) };
            let args = vec![vector, *item];
            put(place, longer, Op::Native { native: self.add, args, shapes: Vec::new() }, loc);
            vector = longer;
        }
    }
}

/// The blocks on every way to a vector, from the entry on.
struct Way {
    blocks: Vec<BlockId>,
    /// Of each, the first from it on that is in the vector's loop.
    next: Vec<usize>,
    /// Places in `blocks`.
    steps: IdMap<BlockId, Option<u32>>,
}

impl Way {
    fn to(flow: &Flow, loops: &IdMap<BlockId, Option<BlockId>>, (end, _): Place) -> Way {
        let above = |block: &BlockId| Some(flow.idom[*block]).filter(|above| above != block);
        let mut blocks: Vec<BlockId> = std::iter::successors(Some(end), above).collect();
        blocks.reverse();
        let mut next: Vec<usize> = (0..blocks.len()).collect();
        for at in (0..blocks.len() - 1).rev() {
            if loops[blocks[at]] != loops[end] {
                next[at] = next[at + 1];
            }
        }
        let mut steps: IdMap<BlockId, Option<u32>> = vec![None; loops.len()].into();
        for (at, block) in blocks.iter().enumerate() {
            steps[*block] = Some(at as u32);
        }
        Way { blocks, next, steps }
    }

    /// The earliest place behind a definition, by the block's number on the way.
    fn step_of(&self, (block, at): Place) -> (usize, usize) {
        let Some(step) = self.steps[block] else {
            eclexia_base::bug!("an element that is not there on every way")
        };
        let (step, next) = (step as usize, self.next[step as usize]);
        (next, if next == step { at } else { 0 })
    }
}

/// The head of the innermost loop that each block is in.
fn innermost_loops(function: &Function, flow: &Flow) -> IdMap<BlockId, Option<BlockId>> {
    let mut loops: IdMap<BlockId, Option<BlockId>> = vec![None; function.blocks.len()].into();
    // Outer heads stand before inner ones.
    for head in &flow.order {
        for end in flow.preds[*head].iter().filter(|end| flow.is_back_edge(**end, *head)) {
            for block in rounds::inside(flow, *head, *end).iter() {
                loops[BlockId::from_index(block)] = Some(*head);
            }
        }
    }
    loops
}

/// Where each variable is there: behind its definition, and behind the further results of a call.
fn places(function: &Function, flow: &Flow) -> IdMap<VarId, Place> {
    let nowhere = (Function::ENTRY, 0);
    let mut places: IdMap<VarId, Place> = vec![nowhere; function.vars.len()].into();
    for id in flow.order.iter().copied() {
        let block = &function.blocks[id];
        block.params.iter().for_each(|param| places[*param] = (id, 0));
        let mut behind = block.insts.len();
        for at in (0..block.insts.len()).rev() {
            if !matches!(block.insts.get(at + 1), Some(Inst { op: Op::More(_), .. })) {
                behind = at + 1;
            }
            if let Some(dest) = block.insts[at].dest {
                places[dest] = (id, behind);
            }
        }
    }
    places
}

/// Puts instructions into one block, each before the instruction that stood at its place.
fn insert(function: &mut Function, added: &[(Place, Inst)]) {
    let Some(((block, _), _)) = added.first() else { return };
    let before = std::mem::take(&mut function.blocks[*block].insts);
    let mut insts = Vec::with_capacity(before.len() + added.len());
    let mut added = added.iter().peekable();
    for (at, inst) in before.into_iter().map(Some).chain([None]).enumerate() {
        while let Some((_, new)) = added.next_if(|((_, place), _)| *place <= at) {
            insts.push(new.clone());
        }
        insts.extend(inst.filter(|inst| inst.op != Op::Count(0)));
    }
    function.blocks[*block].insts = insts;
}
