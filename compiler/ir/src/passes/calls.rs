//! Who calls whom among new functions.

use crate::ir::{End, FuncId, Function, Op, Program};
use eclexia_base::ids::Id;
use std::ops::Range;

pub struct Graph {
    start: usize,
    /// Callees before callers, as far as they do not call each other.
    pub order: Vec<FuncId>,
    /// The group of functions that call each other.
    group: Vec<u32>,
    /// Places that call a function or make a closure of it.
    uses: Vec<u32>,
}

/// Calls `each` with every function that is called or made a closure; `true` for calls that return
/// here.
pub fn each_callee(function: &Function, mut each: impl FnMut(FuncId, bool)) {
    for block in function.blocks.values() {
        for inst in &block.insts {
            match inst.op {
                Op::Call { func, .. } => each(func, true),
                Op::Closure { func, .. } => each(func, false),
                _ => {}
            }
        }
        if let End::TailCall { func, .. } = block.end {
            each(func, false);
        }
    }
}

/// Calls `each` with every function that a function's body refers to: calls it, makes closures of
/// it, or asks for the global that it gives the value of.
fn each_reference(program: &Program, function: &Function, mut each: impl FnMut(FuncId)) {
    each_callee(function, |func, _| each(func));
    for inst in function.blocks.values().flat_map(|block| &block.insts) {
        if let Op::Global(global) = inst.op {
            each(program.globals[global].init);
        }
    }
}

/// Functions that are reached from `roots`, by number.
pub(super) fn reached(program: &Program, roots: &[FuncId]) -> Vec<bool> {
    let mut reached = vec![false; program.functions.len()];
    let mut open: Vec<FuncId> = roots.to_vec();
    while let Some(id) = open.pop() {
        if !std::mem::replace(&mut reached[id.index()], true) {
            each_reference(program, &program.functions[id], |func| open.push(func));
        }
    }
    reached
}

/// Functions from `first` on that need no code, by number less that of the first: nothing is left
/// of them, and nobody refers to them.
pub fn gone(program: &Program, first: usize) -> Vec<bool> {
    let is_empty = |function: &Function| {
        let mut blocks = function.blocks.values();
        blocks.len() == 1 && blocks.all(|b| b.insts.is_empty() && b.end == End::Unreachable)
    };
    let mut gone: Vec<bool> = program.functions.values().skip(first).map(is_empty).collect();
    for function in program.functions.values().skip(first) {
        each_reference(program, function, |func| {
            if let Some(gone) = func.index().checked_sub(first).and_then(|at| gone.get_mut(at)) {
                *gone = false;
            }
        });
    }
    gone
}

impl Graph {
    /// Groups by Tarjan's algorithm, without recursion.
    pub fn new(program: &Program, new: &Range<usize>) -> Graph {
        let count = new.len();
        let mut uses = vec![0; count];
        let mut callees: Vec<Vec<usize>> = vec![Vec::new(); count];
        for index in new.clone() {
            let function = &program.functions[FuncId::from_index(index)];
            each_callee(function, |func, _| {
                if new.contains(&func.index()) {
                    uses[func.index() - new.start] += 1;
                    callees[index - new.start].push(func.index() - new.start);
                }
            });
        }
        let (order, group) = groups(&callees);
        let order = order.into_iter().map(|at| FuncId::from_index(new.start + at)).collect();
        Graph { start: new.start, order, group, uses }
    }

    /// The same in parts: what a function refers to outside of its group, and the whole group of
    /// that, is in parts before; of a group, each function has a part of its own.
    pub fn levels(&self, program: &Program) -> Vec<Vec<FuncId>> {
        let mut levels: Vec<Vec<FuncId>> = Vec::new();
        // By group: the part behind its last one.
        let mut behind = vec![0; self.group.len()];
        for members in self.order.chunk_by(|a, b| self.are_together(*a, *b)) {
            let group_of = |func: FuncId| self.group[func.index() - self.start] as usize;
            let mut level = 0;
            for id in members {
                each_callee(&program.functions[*id], |func, _| {
                    if func.index() >= self.start {
                        level = level.max(behind[group_of(func)]);
                    }
                });
            }
            for id in members {
                levels.resize_with(levels.len().max(level + 1), Vec::new);
                levels[level].push(*id);
                level += 1;
            }
            behind[group_of(members[0])] = level;
        }
        levels
    }

    pub fn are_together(&self, a: FuncId, b: FuncId) -> bool {
        self.group[a.index() - self.start] == self.group[b.index() - self.start]
    }

    pub fn uses(&self, func: FuncId) -> u32 {
        self.uses[func.index() - self.start]
    }

    /// Whether a function's body calls the group of `of`.
    pub fn is_recursive(&self, body: &Function, of: FuncId) -> bool {
        let mut found = false;
        each_callee(body, |func, _| found |= self.is_in(func, of));
        found
    }

    /// Whether a function's body calls the group of `of` and goes on afterwards.
    pub fn calls_back(&self, body: &Function, of: FuncId) -> bool {
        let mut found = false;
        each_callee(body, |func, returns| found |= returns && self.is_in(func, of));
        found
    }

    fn is_in(&self, func: FuncId, of: FuncId) -> bool {
        let known = |func: FuncId| {
            func.index().checked_sub(self.start).is_some_and(|at| at < self.group.len())
        };
        known(func) && known(of) && self.are_together(func, of)
    }
}

fn groups(callees: &[Vec<usize>]) -> (Vec<usize>, Vec<u32>) {
    const NONE: u32 = u32::MAX;
    let count = callees.len();
    let (mut order, mut group) = (Vec::with_capacity(count), vec![NONE; count]);
    let (mut number, mut low) = (vec![NONE; count], vec![0; count]);
    let (mut stack, mut next, mut groups) = (Vec::new(), 0, 0);
    for root in 0..count {
        if number[root] != NONE {
            continue;
        }
        let mut open = vec![(root, 0)];
        while let Some((at, edge)) = open.last_mut() {
            let at = *at;
            if *edge == 0 {
                (number[at], low[at]) = (next, next);
                next += 1;
                stack.push(at);
            }
            match callees[at].get(*edge) {
                Some(to) => {
                    *edge += 1;
                    if number[*to] == NONE {
                        open.push((*to, 0));
                    } else if group[*to] == NONE {
                        low[at] = low[at].min(number[*to]);
                    }
                    continue;
                }
                None if *edge == 0 => *edge = 1,
                None => {}
            }
            open.pop();
            if let Some((above, _)) = open.last() {
                low[*above] = low[*above].min(low[at]);
            }
            if low[at] == number[at] {
                while let Some(member) = stack.pop() {
                    group[member] = groups;
                    order.push(member);
                    if member == at {
                        break;
                    }
                }
                groups += 1;
            }
        }
    }
    (order, group)
}
