//! Checks that cannot fail are left out: of indices, of sums and of products. What stays is what
//! the program decides when it runs.
//!
//! ```text
//! branch (int-lt i n) b1 b2     b1: int-add (i 1)           => int-add-sure
//! v = vector-get w i ..         vector/set w i (x)          => vector-set-sure: i was fine
//! mod (i 7)                     where i is not negative     => rem-nat
//! ```
//!
//! Facts of branches and of checks that were passed (`facts`), whose length a vector has
//! (`lengths`), and proofs on demand from both (`prove`). Nothing is moved, and an operation that
//! was proved to succeed gives what the checked one gives, so engines and diagnostics do not see
//! the difference.

mod facts;
mod lengths;
mod prove;

use crate::ir::{BlockId, FuncId, Function, Op, Prim, Program, VarId};
use crate::passes::calls;
use crate::passes::flow::Flow;
use eclexia_rt::native::{self, NativeId};
use facts::{Facts, Sum, Term};
use prove::Prover;
use std::ops::Range;

/// A place: before instruction `inst` of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At {
    pub block: BlockId,
    pub inst: usize,
}

impl At {
    fn start(block: BlockId) -> At {
        At { block, inst: 0 }
    }

    fn end(block: BlockId) -> At {
        At { block, inst: usize::MAX }
    }

    /// Whether what holds from here on holds at another place.
    fn holds_at(self, flow: &Flow, at: At) -> bool {
        match self.block == at.block {
            true => self.inst <= at.inst,
            false => flow.dominates(self.block, at.block),
        }
    }
}

/// The natives that are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Native {
    Length,
    Get,
    Set,
    Repeat,
}

impl Native {
    fn of(id: NativeId) -> Option<Native> {
        match id.get().name {
            "vector-length" => Some(Native::Length),
            "vector-get" | "vector-get-sure" => Some(Native::Get),
            "vector/set" | "vector-set-sure" => Some(Native::Set),
            "vector/repeat" => Some(Native::Repeat),
            _ => None,
        }
    }
}

/// The count of a vector that is made of so many times the same.
fn repeat_count(facts: &Facts<'_>, vector: VarId) -> Option<VarId> {
    match &facts.made_by(vector)?.op {
        Op::Native { native, args, .. } if Native::of(*native) == Some(Native::Repeat) => {
            args.first().copied()
        }
        _ => None,
    }
}

pub fn run(program: &mut Program, new: &Range<usize>) {
    let mut results = lengths::no_results(program);
    for id in calls::Graph::new(program, new).order {
        let function = &program.functions[id];
        let flow = Flow::new(function);
        let lengths = lengths::lengths(program, function, &flow, &results);
        results[id] = lengths::result(function, &flow, &lengths);
        let facts = Facts::new(function, &flow, &lengths);
        let proved = proved(function, &facts);
        apply(program, id, proved);
    }
}

/// An instruction, and what it is instead.
type Proved = Vec<(BlockId, usize, Op)>;

fn proved(function: &Function, facts: &Facts<'_>) -> Proved {
    let mut proved = Vec::new();
    for id in &facts.flow.order {
        for (at, inst) in function.blocks[*id].insts.iter().enumerate() {
            if let Some(op) = without_check(facts, &inst.op, At { block: *id, inst: at }) {
                proved.push((*id, at, op));
            }
        }
    }
    proved
}

fn apply(program: &mut Program, id: FuncId, proved: Proved) {
    let function = &mut program.functions[id];
    for (block, at, op) in proved {
        function.blocks[block].insts[at].op = op;
    }
}

fn constant(value: i128) -> Sum {
    Sum { term: Term::Zero, plus: value }
}

/// The operation without its check, where that cannot fail.
fn without_check(facts: &Facts<'_>, op: &Op, at: At) -> Option<Op> {
    match op {
        Op::Native { native, args, shapes } => {
            let name = match native.get().name {
                "vector-get" => "vector-get-sure",
                "vector/set" => "vector-set-sure",
                _ => return None,
            };
            let (index, length) = (facts.sum(args[1]), facts.length(args[0]));
            let last = Sum { plus: length.plus - 1, ..length };
            let inside = Prover::new(facts).at_least(index, constant(0), at)
                && Prover::new(facts).at_most(index, last, at);
            let native = native::lookup("vector", name).filter(|_| inside)?;
            Some(Op::Native { native, args: args.clone(), shapes: shapes.clone() })
        }
        Op::Prim(prim @ (Prim::Quot | Prim::Rem | Prim::Mod), args) => {
            let is_natural = facts.constant(args[1]).is_some_and(|divisor| divisor > 0)
                && Prover::new(facts).is_positive(args[0], at);
            let prim = if *prim == Prim::Quot { Prim::QuotNat } else { Prim::RemNat };
            is_natural.then(|| Op::Prim(prim, args.clone()))
        }
        Op::Prim(prim, args) => {
            let sure = match prim {
                Prim::IntAdd => Prim::IntAddSure,
                Prim::IntSub => Prim::IntSubSure,
                Prim::IntMul => Prim::IntMulSure,
                _ => return None,
            };
            fits(facts, sure, args, at).then(|| Op::Prim(sure, args.clone()))
        }
        _ => None,
    }
}

/// Whether a result is an Int for certain.
fn fits(facts: &Facts<'_>, prim: Prim, args: &[VarId], at: At) -> bool {
    let (most, least) = (i128::from(i64::MAX), i128::from(i64::MIN));
    let constants = (facts.constant(args[0]), facts.constant(args[1]));
    let between = |var: VarId, low: i128, high: i128| {
        let sum = facts.sum(var);
        (low <= least || Prover::new(facts).at_least(sum, constant(low), at))
            && (high >= most || Prover::new(facts).at_most(sum, constant(high), at))
    };
    match (prim, constants) {
        (Prim::IntAddSure, (None, Some(c))) => plus(args[0], i128::from(c), between),
        (Prim::IntAddSure, (Some(c), None)) => plus(args[1], i128::from(c), between),
        (Prim::IntSubSure, (None, Some(c))) => plus(args[0], -i128::from(c), between),
        (Prim::IntMulSure, (None, Some(c))) => times(args[0], i128::from(c), between),
        (Prim::IntMulSure, (Some(c), None)) => times(args[1], i128::from(c), between),
        (Prim::IntAddSure | Prim::IntSubSure, (None, None)) => {
            let half = 1i128 << 62;
            args.iter().all(|arg| between(*arg, -half, half - 1))
        }
        (Prim::IntMulSure, (None, None)) => {
            let root = 1i128 << 31;
            args.iter().all(|arg| between(*arg, -root, root))
        }
        _ => false,
    }
}

fn plus(var: VarId, c: i128, between: impl Fn(VarId, i128, i128) -> bool) -> bool {
    let (most, least) = (i128::from(i64::MAX), i128::from(i64::MIN));
    between(var, least - c.min(0), most - c.max(0))
}

fn times(var: VarId, c: i128, between: impl Fn(VarId, i128, i128) -> bool) -> bool {
    if c == 0 {
        return true;
    }
    let most = i128::from(i64::MAX) / c.abs();
    between(var, -most, most)
}
