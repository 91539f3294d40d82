//! Loops, and the quiet ones among them: those that call nobody but where they hardly ever get. No
//! register is lost to such a call.

use eclexia_base::ids::Id;
use eclexia_ir::ir::{BlockId, Function, Op, Program};
use eclexia_ir::passes::flow::Bits;
use eclexia_rt::layout::{Rep, Shape};
use std::collections::BTreeMap;

/// The loops of a function.
pub(crate) struct Loops {
    /// For each edge from the end of a loop to its head: the head, and what is in the loop.
    found: Vec<(BlockId, Bits)>,
}

impl Loops {
    pub fn of(function: &Function) -> Loops {
        let edges = back_edges(function);
        if edges.is_empty() {
            return Loops { found: Vec::new() };
        }
        let predecessors = predecessors(function);
        let found = edges.into_iter().map(|(from, head)| (head, body(from, head, &predecessors)));
        Loops { found: found.collect() }
    }

    /// By block: whether a loop begins with it.
    pub fn heads(&self, function: &Function) -> Vec<bool> {
        let mut heads = vec![false; function.blocks.len()];
        self.found.iter().for_each(|(head, _)| heads[head.index()] = true);
        heads
    }

    /// By block: whether it is in a loop that does not call.
    pub fn quiet(&self, program: &Program, function: &Function) -> Vec<bool> {
        let calls = |id: usize| {
            let block = &function.blocks[BlockId::from_index(id)];
            !block.insts.iter().all(|inst| is_quiet(program, function, &inst.op))
        };
        let mut quiet = vec![false; function.blocks.len()];
        for (_, body) in &self.found {
            if !body.iter().any(calls) {
                body.iter().for_each(|block| quiet[block] = true);
            }
        }
        quiet
    }

    /// By block: how many loops it is in.
    pub fn depths(&self, function: &Function) -> Vec<u32> {
        let mut loops: BTreeMap<BlockId, Bits> = BTreeMap::new();
        for (head, body) in &self.found {
            loops.entry(*head).or_default().add_all(body);
        }
        let mut depths = vec![0; function.blocks.len()];
        for body in loops.values() {
            body.iter().for_each(|block| depths[block] += 1);
        }
        depths
    }
}

fn predecessors(function: &Function) -> Vec<Vec<BlockId>> {
    let mut predecessors: Vec<Vec<BlockId>> = vec![Vec::new(); function.blocks.len()];
    for (id, block) in function.blocks.iter() {
        block.end.each_target(|to| predecessors[to.0 as usize].push(id));
    }
    predecessors
}

/// Whether an instruction is done in place, or nearly always.
fn is_quiet(program: &Program, function: &Function, op: &Op) -> bool {
    match op {
        Op::Call { .. }
        | Op::CallClosure { .. }
        | Op::Builtin { .. }
        | Op::Extern { .. }
        | Op::Global(_)
        | Op::Vector(_)
        | Op::Update { .. }
        | Op::Check { .. }
        | Op::Admits { .. }
        | Op::AdmitRest { .. }
        | Op::MeterBegin { .. }
        | Op::MeterEnd => false,
        Op::Native { native, args, .. } => {
            let items = args.first().map(|arg| program.shapes.get(function.vars[*arg]));
            match (native.get().name, items) {
                ("string-append-slice", _) => true,
                (
                    "vector-length" | "vector-get" | "vector-get-sure" | "vector-push",
                    Some(Shape::Vector(_)),
                ) => true,
                ("vector/set" | "vector-set-sure" | "vector-put", Some(Shape::Vector(item))) => {
                    program.shapes.rep(*item) != Rep::Ptr
                }
                _ => false,
            }
        }
        _ => true,
    }
}

/// Edges to a block that is being visited: from the end of a loop to its head.
fn back_edges(function: &Function) -> Vec<(BlockId, BlockId)> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Visited,
        Done,
    }
    let mut states = vec![State::New; function.blocks.len()];
    let mut edges = Vec::new();
    let mut stack = vec![(Function::ENTRY, function.blocks[Function::ENTRY].end.successors())];
    states[0] = State::Visited;
    while let Some((block, rest)) = stack.last_mut() {
        let Some(next) = rest.pop() else {
            states[block.0 as usize] = State::Done;
            stack.pop();
            continue;
        };
        match states[next.0 as usize] {
            State::Visited => edges.push((*block, next)),
            State::Done => {}
            State::New => {
                states[next.0 as usize] = State::Visited;
                stack.push((next, function.blocks[next].end.successors()));
            }
        }
    }
    edges
}

/// What can reach the end of a loop without passing its head.
fn body(from: BlockId, head: BlockId, predecessors: &[Vec<BlockId>]) -> Bits {
    let mut body = Bits::new(predecessors.len());
    body.add(head.index());
    let mut work = vec![from];
    while let Some(block) = work.pop() {
        if body.add(block.index()) {
            work.extend(&predecessors[block.index()]);
        }
    }
    body
}
