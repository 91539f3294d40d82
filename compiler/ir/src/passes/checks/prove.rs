//! Whether a variable is at most, or at least, a term plus a constant, at a place. After Bodik,
//! Gupta and Sarkar, *ABCD: Eliminating Array Bounds Checks on Demand* (2000), on blocks with
//! parameters:
//!
//! 1. A bound follows from a fact that holds at the place (a branch, a check that was passed) and a
//!    bound of what the fact compares with, or from what the variable is made of.
//! 2. A block's parameter has a bound if what every jump passes has it, where it jumps. What the
//!    proof comes back to is assumed, if it is asked for no more than the first time: induction
//!    over the rounds of the loop. The term is the same in all rounds: it is made outside.
//! 3. A variable that is at most `t` and not `t` is at most `t - 1`.
//!
//! A proof that takes more than [`MOST`] questions is given up.

use super::At;
use super::facts::{Facts, LONGEST, Relation, Source, Sum, Term};
use super::repeat_count;
use crate::ir::{Function, Op, Prim, VarId};

/// Questions of one proof.
const MOST: u32 = 300;
/// Questions that wait for each other.
const DEEP: usize = 24;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    AtMost,
    AtLeast,
}

pub struct Prover<'a> {
    facts: &'a Facts<'a>,
    left: u32,
    /// What is being proved of parameters of blocks: assumed meanwhile.
    open: Vec<(Side, VarId, Sum)>,
    depth: usize,
}

impl<'a> Prover<'a> {
    pub fn new(facts: &'a Facts<'a>) -> Prover<'a> {
        Prover { facts, left: MOST, open: Vec::new(), depth: 0 }
    }

    /// Whether `x` is at most `y`, at a place.
    pub fn at_most(&mut self, x: Sum, y: Sum, at: At) -> bool {
        self.asks(Side::AtMost, x, y, at)
    }

    pub fn at_least(&mut self, x: Sum, y: Sum, at: At) -> bool {
        self.asks(Side::AtLeast, x, y, at)
    }

    fn asks(&mut self, side: Side, x: Sum, y: Sum, at: At) -> bool {
        if self.left == 0 || self.depth >= DEEP {
            return false;
        }
        self.left -= 1;
        self.depth += 1;
        let bound = Sum { term: y.term, plus: y.plus - x.plus };
        let proved = self.term(side, x.term, bound, at);
        self.depth -= 1;
        proved
    }

    fn term(&mut self, side: Side, term: Term, bound: Sum, at: At) -> bool {
        let fits = |limit: i128| match side {
            Side::AtMost => limit <= bound.plus,
            Side::AtLeast => limit >= bound.plus,
        };
        if term == bound.term && fits(0) {
            return true;
        }
        match (term, bound.term) {
            (Term::Zero, Term::Zero) => false,
            // The same, seen from the other side.
            (Term::Zero, other) => {
                let other_side = match side {
                    Side::AtMost => Side::AtLeast,
                    Side::AtLeast => Side::AtMost,
                };
                let to = Sum { term: Term::Zero, plus: -bound.plus };
                self.term(other_side, other, to, at)
            }
            (Term::Len(vector), _) => self.length(side, vector, bound, at),
            (Term::Var(var), _) => {
                let extreme = match side {
                    Side::AtMost => i128::from(i64::MAX),
                    Side::AtLeast => i128::from(i64::MIN),
                };
                bound.term == Term::Zero && fits(extreme)
                    || self.repeated(side, var, bound, at)
                    || self.by_facts(side, var, bound, at)
                    || self.by_source(side, var, bound, at)
            }
        }
    }

    /// A length is never negative, nor longer than the longest; that of a vector of `n` times the
    /// same is at least `n`.
    fn length(&mut self, side: Side, vector: VarId, bound: Sum, at: At) -> bool {
        match side {
            Side::AtMost => bound.term == Term::Zero && LONGEST <= bound.plus,
            Side::AtLeast => {
                if bound.term == Term::Zero && bound.plus <= 0 {
                    return true;
                }
                let Some(count) = repeat_count(self.facts, vector) else { return false };
                let count = self.facts.sum(count);
                self.asks(side, count, bound, at)
            }
        }
    }

    /// At most the length of a vector of `n` times the same, by being at most `n`.
    fn repeated(&mut self, side: Side, var: VarId, bound: Sum, at: At) -> bool {
        let (Side::AtMost, Term::Len(vector)) = (side, bound.term) else { return false };
        let Some(count) = repeat_count(self.facts, vector) else { return false };
        let count = self.facts.sum(count);
        let bound = Sum { term: count.term, plus: count.plus + bound.plus };
        self.asks(side, Sum { term: Term::Var(var), plus: 0 }, bound, at)
    }

    fn by_facts(&mut self, side: Side, var: VarId, bound: Sum, at: At) -> bool {
        let mut facts: Vec<_> = self.facts.at(var, at).collect();
        // The shortest proofs first.
        facts.sort_by_key(|fact| match (fact.relation, fact.to.term) {
            (Relation::Not, _) => 3,
            (_, term) if term == bound.term => 0,
            (_, Term::Zero) => 1,
            _ => 2,
        });
        for fact in facts {
            let proved = match (fact.relation, side) {
                (Relation::AtMost, Side::AtMost) | (Relation::AtLeast, Side::AtLeast) => {
                    self.asks(side, fact.to, bound, at)
                }
                (Relation::Not, _) => {
                    let inner = if side == Side::AtMost { -1 } else { 1 };
                    let next = Sum { plus: fact.to.plus + inner, ..fact.to };
                    fact.to != bound
                        && self.asks(side, next, bound, at)
                        && self.asks(side, var_sum(var), fact.to, at)
                }
                _ => false,
            };
            if proved {
                return true;
            }
        }
        false
    }

    fn by_source(&mut self, side: Side, var: VarId, bound: Sum, at: At) -> bool {
        match self.facts.sources[var] {
            Source::Param => false,
            Source::BlockParam(block, nth) => {
                let assumed = self.open.iter().any(|(s, v, assumed)| {
                    let weaker = match side {
                        Side::AtMost => assumed.plus <= bound.plus,
                        Side::AtLeast => assumed.plus >= bound.plus,
                    };
                    *s == side && *v == var && assumed.term == bound.term && weaker
                });
                if assumed {
                    return true;
                }
                let again = |(s, v, b): &(Side, VarId, Sum)| {
                    *s == side && *v == var && b.term == bound.term
                };
                if self.open.iter().any(again) || !self.is_made_before(bound.term, block) {
                    return false;
                }
                self.open.push((side, var, bound));
                let facts = self.facts;
                let proved = facts.flow.preds[block].iter().all(|pred| {
                    let end = &facts.function.blocks[*pred].end;
                    let crate::ir::End::Jump(_, args) = end else { return false };
                    let passed = facts.sum(args[nth]);
                    self.asks(side, passed, bound, At::end(*pred))
                });
                self.open.pop();
                proved
            }
            Source::Inst(block, nth) => {
                let op = &self.facts.function.blocks[block].insts[nth].op;
                self.by_operation(side, op, bound, at)
            }
        }
    }

    /// Whether a term is the same in all rounds of a loop that begins at `block`.
    fn is_made_before(&self, term: Term, block: crate::ir::BlockId) -> bool {
        let (Term::Var(var) | Term::Len(var)) = term else { return true };
        let made = match self.facts.sources[var] {
            Source::Param => Function::ENTRY,
            Source::BlockParam(made, _) | Source::Inst(made, _) => made,
        };
        made != block && self.facts.flow.dominates(made, block)
    }

    fn by_operation(&mut self, side: Side, op: &Op, bound: Sum, at: At) -> bool {
        let Op::Prim(prim, args) = op else { return false };
        let constant = args.get(1).and_then(|arg| self.facts.constant(*arg)).map(i128::from);
        let within = |low: i128, high: i128| {
            bound.term == Term::Zero
                && match side {
                    Side::AtMost => high <= bound.plus,
                    Side::AtLeast => low >= bound.plus,
                }
        };
        match (prim, constant) {
            (Prim::Mod | Prim::RemNat, Some(n)) if n > 0 => {
                within(0, n - 1) || side == Side::AtMost && self.is_less(args[0], bound, at)
            }
            (Prim::Rem, Some(n)) if n != 0 => {
                let most = n.abs() - 1;
                within(-most, most)
                    || within(0, most) && self.is_positive(args[0], at)
                    || side == Side::AtMost && self.is_less(args[0], bound, at)
            }
            // Toward zero: of what is not negative it is not larger.
            (Prim::Quot | Prim::QuotNat, Some(n)) if n > 0 => match side {
                Side::AtMost => {
                    within(0, i128::from(i64::MAX) / n) || self.is_less(args[0], bound, at)
                }
                Side::AtLeast => {
                    within(i128::from(i64::MIN) / n, 0)
                        || within(0, 0) && self.is_positive(args[0], at)
                }
            },
            (Prim::IntMul | Prim::IntMulSure, _) => {
                let positive = self.is_positive(args[0], at) && self.is_positive(args[1], at);
                match side {
                    Side::AtLeast => within(0, 0) && positive,
                    Side::AtMost => positive && self.product(args, bound, at),
                }
            }
            (Prim::BitAnd, Some(mask)) if mask >= 0 => within(0, mask),
            // Something that is not negative makes a sum no smaller, a difference no larger.
            (Prim::IntAdd | Prim::IntAddSure, None) if side == Side::AtLeast => {
                let other = |own: &mut Self, a: VarId, b: VarId| {
                    let a = own.facts.sum(a);
                    own.is_positive(b, at) && own.asks(side, a, bound, at)
                };
                other(self, args[0], args[1])
                    || other(self, args[1], args[0])
                    || self.halves(side, args, bound, at)
            }
            (Prim::IntAdd | Prim::IntAddSure, None) => self.halves(side, args, bound, at),
            (Prim::IntSub | Prim::IntSubSure, None) if side == Side::AtMost => {
                let of = self.facts.sum(args[0]);
                self.is_positive(args[1], at) && self.asks(side, of, bound, at)
            }
            _ => false,
        }
    }

    /// A sum by the halves of its bound.
    fn halves(&mut self, side: Side, args: &[VarId], bound: Sum, at: At) -> bool {
        // Rounded so that two of them are no looser than the whole.
        let plus = match side {
            Side::AtMost => bound.plus.div_euclid(2),
            Side::AtLeast => -(-bound.plus).div_euclid(2),
        };
        let half = Sum { plus, ..bound };
        bound.term == Term::Zero
            && args.iter().all(|arg| {
                let arg = self.facts.sum(*arg);
                self.asks(side, arg, half, at)
            })
    }

    /// A product of what is not negative by a factor that is known, or by the root of its bound.
    fn product(&mut self, args: &[VarId], bound: Sum, at: At) -> bool {
        if bound.term != Term::Zero || bound.plus < 0 {
            return false;
        }
        let constants = [args[0], args[1]].map(|arg| self.facts.constant(arg).map(i128::from));
        let limits = match constants {
            [_, Some(factor)] if factor > 0 => [Some(bound.plus / factor), None],
            [Some(factor), _] if factor > 0 => [None, Some(bound.plus / factor)],
            _ => [Some(bound.plus.isqrt()); 2],
        };
        args.iter().zip(limits).all(|(arg, limit)| {
            let arg = self.facts.sum(*arg);
            limit
                .is_none_or(|plus| self.asks(Side::AtMost, arg, Sum { term: Term::Zero, plus }, at))
        })
    }

    pub fn is_positive(&mut self, var: VarId, at: At) -> bool {
        let (of, zero) = (self.facts.sum(var), Sum { term: Term::Zero, plus: 0 });
        self.asks(Side::AtLeast, of, zero, at)
    }

    /// Of something that makes what is not negative no larger, and nothing else larger than 0.
    fn is_less(&mut self, of: VarId, bound: Sum, at: At) -> bool {
        let sum = self.facts.sum(of);
        self.is_positive(of, at) && self.asks(Side::AtMost, sum, bound, at)
    }
}

fn var_sum(var: VarId) -> Sum {
    Sum { term: Term::Var(var), plus: 0 }
}
