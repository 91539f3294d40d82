//! Loops in which nobody but the loop itself looks at the fuel: it is kept in a register there, and
//! put back into the context on every way out.

use crate::abi;
use crate::function::Translator;
use cranelift_codegen::ir::types;
use eclexia_ir::ir::{BlockId, Function, Op, Program};
use eclexia_rt::layout::{Rep, Shape};

/// The blocks of loops that do not call, by block.
pub(crate) fn quiet(program: &Program, function: &Function) -> Vec<bool> {
    let is_quiet: Vec<bool> = function
        .blocks
        .values()
        .map(|block| block.insts.iter().all(|inst| is_quiet(program, function, &inst.op)))
        .collect();
    let predecessors = predecessors(function);
    let mut found = vec![false; function.blocks.len()];
    for (from, head) in back_edges(function) {
        let body = body(from, head, &predecessors);
        if body.iter().all(|block| is_quiet[block.0 as usize]) {
            body.iter().for_each(|block| found[block.0 as usize] = true);
        }
    }
    found
}

/// How many loops each block is in.
pub(crate) fn depths(function: &Function) -> Vec<u32> {
    let predecessors = predecessors(function);
    let mut loops: Vec<(BlockId, Vec<BlockId>)> = Vec::new();
    for (from, head) in back_edges(function) {
        let own = body(from, head, &predecessors);
        match loops.iter_mut().find(|(other, _)| *other == head) {
            Some((_, all)) => all.extend(own),
            None => loops.push((head, own)),
        }
    }
    let mut depths = vec![0; function.blocks.len()];
    for (_, mut blocks) in loops {
        blocks.sort_unstable();
        blocks.dedup();
        blocks.iter().for_each(|block| depths[block.0 as usize] += 1);
    }
    depths
}

fn predecessors(function: &Function) -> Vec<Vec<BlockId>> {
    let mut predecessors: Vec<Vec<BlockId>> = vec![Vec::new(); function.blocks.len()];
    for (id, block) in function.blocks.iter() {
        block.end.each_target(|to| predecessors[to.0 as usize].push(id));
    }
    predecessors
}

/// Whether an instruction leaves the fuel alone, or is translated so that it sees the right one.
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
fn body(from: BlockId, head: BlockId, predecessors: &[Vec<BlockId>]) -> Vec<BlockId> {
    let mut body = vec![head];
    let mut work = vec![from];
    while let Some(block) = work.pop() {
        if !body.contains(&block) {
            body.push(block);
            work.extend(&predecessors[block.0 as usize]);
        }
    }
    body
}

impl Translator<'_> {
    fn is_quiet(&self, block: BlockId) -> bool {
        self.quiet[block.0 as usize]
    }

    /// Whether the fuel is in a register where we are.
    pub fn holds_fuel(&self) -> bool {
        self.is_quiet(self.at_block)
    }

    /// What follows may look at the fuel in the context.
    pub fn put_fuel(&mut self) {
        if self.holds_fuel() {
            let fuel = self.b.use_var(self.fuel);
            self.set_context_word(fuel, abi::FUEL);
        }
    }

    /// What ran may have changed it.
    pub fn take_fuel(&mut self) {
        if self.holds_fuel() {
            let fuel = self.context_word(types::I64, abi::FUEL);
            self.b.def_var(self.fuel, fuel);
        }
    }

    /// Before a jump.
    pub fn before_jump(&mut self, to: BlockId) {
        match (self.holds_fuel(), self.is_quiet(to)) {
            (true, false) => self.put_fuel(),
            (false, true) => {
                let fuel = self.context_word(types::I64, abi::FUEL);
                self.b.def_var(self.fuel, fuel);
            }
            _ => {}
        }
    }

    /// At the begin of a block that a branch leads to, which nothing else does.
    pub fn after_branch(&mut self, from: BlockId) {
        if self.is_quiet(from) && !self.holds_fuel() {
            let fuel = self.b.use_var(self.fuel);
            self.set_context_word(fuel, abi::FUEL);
        }
    }
}
