//! What is known of Ints where: by the branches that lead somewhere, by checks that were passed, by
//! what an operation gives. Everything is said as *a variable is at most (at least, not) a term
//! plus a constant*.

use super::lengths::{Length, Lengths};
use super::{At, Native};
use crate::ir::{BlockId, Const, End, Function, Inst, Op, Prim, VarId};
use crate::passes::flow::Flow;
use eclexia_base::IdMap;

/// What bounds are in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Term {
    Zero,
    Var(VarId),
    /// The length of a vector, which is never negative.
    Len(VarId),
}

/// A term plus a constant; wide, so that sums of constants do not wrap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sum {
    pub term: Term,
    pub plus: i128,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    AtMost,
    AtLeast,
    Not,
}

/// From a place on.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    pub from: At,
    pub relation: Relation,
    pub to: Sum,
}

/// Where a variable is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Of the function.
    Param,
    /// Of a block, with the parameter's number.
    BlockParam(BlockId, usize),
    Inst(BlockId, usize),
}

/// The longest vector that there can be.
pub const LONGEST: i128 = 1 << 32;

pub struct Facts<'a> {
    pub function: &'a Function,
    pub flow: &'a Flow,
    pub lengths: &'a Lengths,
    pub sources: IdMap<VarId, Source>,
    facts: IdMap<VarId, Vec<Fact>>,
}

impl<'a> Facts<'a> {
    pub fn new(function: &'a Function, flow: &'a Flow, lengths: &'a Lengths) -> Facts<'a> {
        let mut facts = Facts {
            function,
            flow,
            lengths,
            sources: vec![Source::Param; function.vars.len()].into(),
            facts: vec![Vec::new(); function.vars.len()].into(),
        };
        for (id, block) in function.blocks.iter() {
            for (at, param) in block.params.iter().enumerate() {
                facts.sources[*param] = Source::BlockParam(id, at);
            }
            for (at, inst) in block.insts.iter().enumerate() {
                if let Some(dest) = inst.dest {
                    facts.sources[dest] = Source::Inst(id, at);
                }
            }
        }
        for id in &flow.order {
            for (at, inst) in function.blocks[*id].insts.iter().enumerate() {
                facts.passed(At { block: *id, inst: at + 1 }, inst);
            }
            facts.branch(&function.blocks[*id].end);
        }
        facts
    }

    /// The instruction that makes a variable.
    pub fn made_by(&self, var: VarId) -> Option<&'a Inst> {
        match self.sources[var] {
            Source::Inst(block, at) => self.function.blocks[block].insts.get(at),
            _ => None,
        }
    }

    pub fn constant(&self, var: VarId) -> Option<i64> {
        match self.made_by(var)?.op {
            Op::Const(Const::Int(value)) => Some(value),
            _ => None,
        }
    }

    /// A variable as a term and a constant: what is added on the way is exact, since a sum that
    /// overflows is never made.
    pub fn sum(&self, mut var: VarId) -> Sum {
        let mut plus = 0i128;
        loop {
            let zero = |value: i64| Sum { term: Term::Zero, plus: plus + i128::from(value) };
            let other = Sum { term: Term::Var(var), plus };
            let Some(inst) = self.made_by(var) else { return other };
            match &inst.op {
                Op::Const(Const::Int(value)) => return zero(*value),
                Op::Prim(Prim::IntAdd | Prim::IntAddSure, args) => {
                    match (self.constant(args[0]), self.constant(args[1])) {
                        (_, Some(value)) => (plus, var) = (plus + i128::from(value), args[0]),
                        (Some(value), _) => (plus, var) = (plus + i128::from(value), args[1]),
                        _ => return other,
                    }
                }
                Op::Prim(Prim::IntSub | Prim::IntSubSure, args) => match self.constant(args[1]) {
                    Some(value) => (plus, var) = (plus - i128::from(value), args[0]),
                    None => return other,
                },
                Op::Native { native, args, .. } if Native::of(*native) == Some(Native::Length) => {
                    let length = self.length(args[0]);
                    return Sum { term: length.term, plus: length.plus + plus };
                }
                _ => return other,
            }
        }
    }

    /// The length of a vector.
    pub fn length(&self, vector: VarId) -> Sum {
        match self.lengths[vector] {
            Some(Length::Const(value)) => Sum { term: Term::Zero, plus: i128::from(value) },
            Some(Length::Of(root)) => Sum { term: Term::Len(root), plus: 0 },
            None => Sum { term: Term::Len(vector), plus: 0 },
        }
    }

    /// Facts about a variable that hold at a place.
    pub fn at(&self, var: VarId, at: At) -> impl Iterator<Item = Fact> + '_ {
        let holds = move |fact: &&Fact| fact.from.holds_at(self.flow, at);
        self.facts[var].iter().filter(holds).copied()
    }

    /// `left` is at most, at least or not `right`, from a place on; both sides learn it.
    fn learn(&mut self, from: At, left: Sum, relation: Relation, right: Sum) {
        let opposite = match relation {
            Relation::AtMost => Relation::AtLeast,
            Relation::AtLeast => Relation::AtMost,
            Relation::Not => Relation::Not,
        };
        let sides = [(left, relation, right), (right, opposite, left)];
        for (own, relation, other) in sides {
            if let Term::Var(var) = own.term {
                let to = Sum { term: other.term, plus: other.plus - own.plus };
                self.facts[var].push(Fact { from, relation, to });
            }
        }
    }

    /// Behind a branch.
    fn branch(&mut self, end: &End) {
        match end {
            End::Branch { cond, then, other } => {
                let Some(inst) = self.made_by(*cond) else { return };
                let Op::Prim(prim, args) = &inst.op else { return };
                let (Some(x), Some(y)) = (args.first(), args.get(1)) else { return };
                let (x, y) = (self.sum(*x), self.sum(*y));
                let (then, other) = (At::start(*then), At::start(*other));
                let less = |sum: Sum| Sum { plus: sum.plus - 1, ..sum };
                match prim {
                    Prim::IntLt => {
                        self.learn(then, x, Relation::AtMost, less(y));
                        self.learn(other, y, Relation::AtMost, x);
                    }
                    Prim::IntLe => {
                        self.learn(then, x, Relation::AtMost, y);
                        self.learn(other, y, Relation::AtMost, less(x));
                    }
                    Prim::IntEq => {
                        self.learn(then, x, Relation::AtMost, y);
                        self.learn(then, x, Relation::AtLeast, y);
                        self.learn(other, x, Relation::Not, y);
                    }
                    _ => {}
                }
            }
            End::Switch { value, cases, default } => {
                let value = self.sum(*value);
                for (case, to) in cases {
                    let case = Sum { term: Term::Zero, plus: i128::from(*case) };
                    self.learn(At::start(*to), value, Relation::AtMost, case);
                    self.learn(At::start(*to), value, Relation::AtLeast, case);
                    if let Some(default) = default {
                        self.learn(At::start(*default), value, Relation::Not, case);
                    }
                }
            }
            _ => {}
        }
    }

    /// Behind an instruction that would have ended the run otherwise.
    fn passed(&mut self, at: At, inst: &Inst) {
        let zero = Sum { term: Term::Zero, plus: 0 };
        let Op::Native { native, args, .. } = &inst.op else { return };
        match Native::of(*native) {
            Some(Native::Get | Native::Set) => {
                let (index, length) = (self.sum(args[1]), self.length(args[0]));
                let last = Sum { plus: length.plus - 1, ..length };
                self.learn(at, index, Relation::AtLeast, zero);
                self.learn(at, index, Relation::AtMost, last);
            }
            Some(Native::Repeat) => {
                let longest = Sum { term: Term::Zero, plus: LONGEST };
                let count = self.sum(args[0]);
                self.learn(at, count, Relation::AtMost, longest);
            }
            _ => {}
        }
    }
}
