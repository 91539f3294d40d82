//! Expressions. `expr` gives the variable of the value; in tail position it ends the function
//! instead and gives none, as it does where control does not come back. It goes down the last parts
//! of `let`, `do` and `if` in a loop, so that long programs need no deep stack here.

use super::Lowerer;
use crate::ir::{BlockId, Const, End, Op, VarId};
use eclexia_base::number::to_f64;
use eclexia_core::core::{Expr, ExprId, Literal, LocalId, Pat, PatId};
use eclexia_rt::layout::{Rep, ShapeId};

/// Where the ends of several branches meet, and the value that they bring.
pub(super) struct Join {
    meets: Option<(BlockId, VarId)>,
    shape: ShapeId,
}

impl Lowerer<'_> {
    pub(super) fn join(&mut self, shape: ShapeId) -> Join {
        Join { meets: None, shape }
    }

    /// A branch ends with this value.
    pub(super) fn leave_to(&mut self, join: &mut Join, value: VarId) {
        if !self.is_reached() {
            return;
        }
        let (block, _) = *join.meets.get_or_insert_with(|| {
            let block = self.new_block();
            let var = self.new_param(block, join.shape);
            (block, var)
        });
        self.end(End::Jump(block, vec![value]));
    }

    /// Goes on where branches meet; `None`: none of them comes there.
    pub(super) fn meet(&mut self, join: Join) -> Option<VarId> {
        let (block, var) = join.meets?;
        self.go_on_in(block);
        Some(var)
    }

    pub(super) fn expr(&mut self, start: ExprId, is_tail: bool) -> Option<VarId> {
        let shape = self.shape_of_expr(start);
        let mut join = self.join(shape);
        let last = self.last_part(start, is_tail, &mut join);
        match (last, join.meets) {
            (last, None) => last,
            (Some(value), Some(_)) => {
                self.leave_to(&mut join, value);
                self.meet(join)
            }
            (None, Some(_)) => self.meet(join),
        }
    }

    /// Branches that end on the way end in `join`.
    fn last_part(&mut self, start: ExprId, is_tail: bool, join: &mut Join) -> Option<VarId> {
        let body = self.body;
        let mut next = start;
        loop {
            match &body.exprs[next] {
                Expr::Let { pat, value, body } => {
                    self.bind_let(next, *pat, *value)?;
                    next = *body;
                }
                Expr::Do(parts) => {
                    let Some((last, first)) = parts.split_last() else {
                        let unit = self.unit();
                        return self.done(unit, is_tail);
                    };
                    for part in first {
                        self.expr(*part, false)?;
                    }
                    next = *last;
                }
                Expr::If { cond, then, other } => {
                    let cond = self.expr(*cond, false)?;
                    let (to_then, to_other) = (self.new_block(), self.new_block());
                    self.end(End::Branch { cond, then: to_then, other: to_other });
                    self.go_on_in(to_then);
                    if let Some(value) = self.expr(*then, is_tail) {
                        self.leave_to(join, value);
                    }
                    self.go_on_in(to_other);
                    next = *other;
                }
                Expr::Ascribe { value, .. } | Expr::Borrow(value) => next = *value,
                Expr::BorrowIn { local, value, body } => {
                    let var = self.expr(*value, false)?;
                    self.top().env.insert(*local, var);
                    next = *body;
                }
                _ => return self.leaf(next, is_tail),
            }
        }
    }

    /// The value of an expression in tail position is returned.
    pub(super) fn done(&mut self, value: VarId, is_tail: bool) -> Option<VarId> {
        if !is_tail {
            return self.is_reached().then_some(value);
        }
        self.end(End::give(value));
        None
    }

    /// Everything that does not continue into one last part.
    fn leaf(&mut self, e: ExprId, is_tail: bool) -> Option<VarId> {
        let body = self.body;
        if let Some(known) = self.facts.amounts.get(&e) {
            let value = self.amounts(e, known.as_ref())?;
            return self.done(value, is_tail);
        }
        let value = match &body.exprs[e] {
            Expr::Call { callee, args } => return self.call(e, *callee, args, is_tail),
            Expr::Match { value, arms } => return self.match_arms(e, *value, arms, is_tail),
            Expr::Loop { params, inits, body } => {
                return self.loops(e, params, inits, *body, is_tail);
            }
            Expr::Recur { args } => return self.recur(e, args),
            Expr::Return(value) => return self.return_value(*value),
            Expr::Abort(message) => {
                let message = self.expr(*message, false)?;
                self.end_at(e, End::Abort(message));
                return None;
            }
            Expr::Error => {
                self.end_at(e, End::Unreachable);
                return None;
            }
            Expr::Literal(literal) => self.literal(e, literal),
            Expr::Local(local) => self.local(e, *local)?,
            Expr::Global(def) => {
                let (def, dicts) = (*def, self.dict_args(e));
                self.global(e, def, dicts)?
            }
            Expr::Method(_, index) => self.method(e, *index)?,
            Expr::Ctor(ctor) => self.ctor_value(e, *ctor),
            Expr::Fn { params, body } => self.lambda(e, params, *body),
            Expr::Record { fields } => self.record(e, fields)?,
            Expr::Map { entries } => {
                let entries: Vec<_> = entries.clone();
                self.map(e, &entries)?
            }
            Expr::Vector(items) => {
                let items = self.exprs(items)?;
                let shape = self.shape_of_expr(e);
                self.emit_at(e, Op::Vector(items), shape)
            }
            Expr::Field { value, .. } => self.field(e, *value)?,
            Expr::WithFields { value, fields } => self.with_fields(e, *value, fields)?,
            Expr::With { local, acquire, release, body } => {
                self.with(e, *local, *acquire, *release, *body)?
            }
            Expr::For { pat, iter, body } => self.for_each(e, *pat, *iter, *body)?,
            Expr::Try(value) => self.try_value(e, *value)?,
            Expr::Admit { budget, call } => self.admit(e, *budget, *call)?,
            Expr::Let { .. }
            | Expr::Do(_)
            | Expr::If { .. }
            | Expr::Ascribe { .. }
            | Expr::Borrow(_)
            | Expr::BorrowIn { .. } => return self.expr(e, is_tail),
        };
        self.done(value, is_tail)
    }

    /// The values of expressions, from left to right.
    pub(super) fn exprs(&mut self, all: &[ExprId]) -> Option<Vec<VarId>> {
        all.iter().map(|e| self.expr(*e, false)).collect()
    }

    fn bind_let(&mut self, e: ExprId, pat: PatId, value: ExprId) -> Option<()> {
        let body = self.body;
        if let (Pat::Bind(local), Expr::Fn { .. }) = (&body.pats[pat], &body.exprs[value])
            && self.is_generic(*local)
        {
            self.templates.insert(*local, value);
            return Some(());
        }
        let var = self.expr(value, false)?;
        self.bind_irrefutable(e, pat, var);
        self.is_reached().then_some(())
    }

    fn local(&mut self, e: ExprId, local: LocalId) -> Option<VarId> {
        if let Some(var) = self.local_var(local) {
            return Some(var);
        }
        if let Some(value) = self.templates.get(&local).copied() {
            return Some(self.template(e, local, value));
        }
        self.end_at(e, End::Unreachable);
        None
    }

    pub(super) fn literal(&mut self, e: ExprId, literal: &Literal) -> VarId {
        let shape = self.shape_of_expr(e);
        let constant = match literal {
            // An Int literal where a number of dimension 1 is wanted.
            Literal::Int(n) if self.ir.shapes.rep(shape) == Rep::Float => float(*n as f64),
            Literal::Int(n) if self.facts.int_as_float.contains_key(&e) => {
                let shape = self.float_shape();
                return self.constant(float(*n as f64), shape);
            }
            other => self.literal_const(other),
        };
        self.constant(constant, shape)
    }

    pub(super) fn literal_const(&mut self, literal: &Literal) -> Const {
        match literal {
            Literal::Unit => Const::Int(0),
            Literal::Bool(b) => Const::Bool(*b),
            Literal::Int(n) => Const::Int(*n),
            Literal::Float(x) => float(*x),
            Literal::Quantity(amount, _) => float(to_f64(amount)),
            Literal::Str(text) => Const::Str(self.ir.string(text.as_str())),
            Literal::Keyword(name) => Const::Keyword(*name),
        }
    }

    pub(super) fn float_shape(&mut self) -> ShapeId {
        self.shape_of(eclexia_check::ty::Ty::quantity(eclexia_base::Dim::ONE))
    }
}

pub(super) fn float(x: f64) -> Const {
    Const::Float(x.to_bits())
}
