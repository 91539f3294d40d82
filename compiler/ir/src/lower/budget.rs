//! Operations on budgets. Amounts that the checker knows are constants, exactly as written; others
//! are made of what their fields evaluate to.

use super::Lowerer;
use super::call::{Arg, passed};
use crate::ir::{Const, End, Op, VarId};
use eclexia_base::{Amounts, Name};
use eclexia_check::ty::{Ty, TyKind};
use eclexia_core::core::{DefId, Expr, ExprId};
use eclexia_rt::layout::ShapeId;

impl Lowerer<'_> {
    fn opaque_shape(&mut self) -> ShapeId {
        self.shape_of(Ty::new(TyKind::Budget(None)))
    }

    /// `{:cpu 2cpu :memory m}`, as the argument of an operation.
    pub(super) fn amounts(&mut self, e: ExprId, known: Option<&Amounts>) -> Option<VarId> {
        let shape = self.opaque_shape();
        if let Some(known) = known {
            let id = self.ir.amounts.push(known.clone());
            return Some(self.constant(Const::Amounts(id), shape));
        }
        let body = self.body;
        let Expr::Record { fields } = &body.exprs[e] else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        let mut keyed = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            keyed.push((*name, self.expr(*value, false)?));
        }
        let id = self.ir.amounts.push(Amounts::default());
        let mut amounts = self.constant(Const::Amounts(id), shape);
        let key_shape = self.keyword_shape();
        for (name, value) in keyed {
            let key = self.constant(Const::Keyword(name), key_shape);
            amounts = self.named(e, "amounts-with", vec![amounts, key, value], shape);
        }
        Some(amounts)
    }

    fn keyword_shape(&mut self) -> ShapeId {
        let id = self.program.lang.types.get(&Name::new("Keyword")).copied();
        self.shape_of(id.map_or(Ty::ERROR, |id| Ty::con(id, [])))
    }

    /// `(admit b (f x))`: the answer, then the call.
    pub(super) fn admit(&mut self, e: ExprId, budget: ExprId, call: ExprId) -> Option<VarId> {
        let body = self.body;
        let (Expr::Call { callee, args }, true) =
            (&body.exprs[call], self.facts.admits.contains_key(&e))
        else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        let passed = passed(self.facts, call, args);
        let budget = self.expr(budget, false)?;
        let args = self.args(Some(*callee), &passed)?;
        let (def, opaque, bool) = (self.def, self.opaque_shape(), self.bool_shape);
        let op = Op::Admits { def, expr: e, budget, args: args.clone() };
        let cond = self.emit_at(e, op, bool);
        let shape = self.shape_of_expr(e);
        let (then, other) = (self.new_block(), self.new_block());
        self.end(End::Branch { cond, then, other });
        let mut join = self.join(shape);
        self.go_on_in(other);
        let refused = self.result(e, shape, "Err", budget)?;
        self.leave_to(&mut join, refused);
        self.go_on_in(then);
        let op = Op::AdmitRest { def, expr: e, budget, args: args.clone() };
        let rest = self.emit_at(e, op, opaque);
        let given: Vec<Arg<'_>> = args.into_iter().map(Arg::Var).collect();
        if let Some(value) = self.invoke(call, *callee, &given, false) {
            let pair = self.field_shape(shape, "Ok")?;
            let pair = self.construct(e, pair, 0, vec![value, rest], None);
            let admitted = self.result(e, shape, "Ok", pair)?;
            self.leave_to(&mut join, admitted);
        }
        self.meet(join)
    }

    fn field_shape(&self, shape: ShapeId, ctor: &str) -> Option<ShapeId> {
        let ctor = self.data_shape(shape).iter().find(|c| c.name == *ctor)?;
        ctor.fields.first().copied()
    }

    fn result(&mut self, e: ExprId, shape: ShapeId, ctor: &str, field: VarId) -> Option<VarId> {
        let index = self.data_shape(shape).iter().position(|c| c.name == *ctor)?;
        Some(self.construct(e, shape, index, vec![field], None))
    }

    /// Whether a call is a grant without its treasury, or a draw, which remembers its place.
    pub(super) fn budget_operation(&self, def: DefId, args: usize) -> Option<&'static str> {
        let is = |name: &str| self.program.lang.defs.get(&Name::new(name)) == Some(&def);
        match args {
            1 if is("budget") => Some("budget"),
            2 if is("draw") => Some("draw"),
            _ => None,
        }
    }

    pub(super) fn budget_call(&mut self, e: ExprId, name: &str, args: &[ExprId]) -> Option<VarId> {
        let shape = self.opaque_shape();
        let mut vars = self.exprs(args)?;
        if name == "budget" {
            let treasury = self.unit();
            vars.insert(0, treasury);
        } else {
            let (place, int) = (i64::from(self.def.0) << 32 | i64::from(e.0), self.int_shape);
            vars.push(self.constant(Const::Int(place), int));
        }
        Some(self.named(e, name, vars, shape))
    }
}
