//! Calls.

use super::{Alias, Lowerer, alias, dict};
use crate::ir::{End, FuncId, Op, VarId};
use eclexia_check::ty::Ty;
use eclexia_check::typed::{CallFact, Facts};
use eclexia_core::core::{DefId, DefKind, Expr, ExprId};
use eclexia_rt::layout::ShapeId;

/// What stands for an argument.
#[derive(Clone, Copy)]
pub(super) enum Arg<'f> {
    Expr(ExprId),
    Var(VarId),
    /// The trailing pairs of this call, as a record.
    Record(ExprId, &'f CallFact),
}

/// What a call passes: trailing pairs are one record.
pub(super) fn passed<'f>(facts: &'f Facts, e: ExprId, args: &[ExprId]) -> Vec<Arg<'f>> {
    let mut all: Vec<Arg<'_>> = args.iter().copied().map(Arg::Expr).collect();
    if let Some(fact) = facts.calls.get(&e) {
        all.truncate(fact.from_arg as usize);
        all.push(Arg::Record(e, fact));
    }
    all
}

impl Lowerer<'_> {
    pub(super) fn call(
        &mut self,
        e: ExprId,
        callee: ExprId,
        args: &[ExprId],
        is_tail: bool,
    ) -> Option<VarId> {
        let body = self.body;
        if let (Expr::Global(def), [cond, text]) = (&body.exprs[callee], args)
            && self.is_check(*def)
        {
            let value = self.check(e, *cond, *text)?;
            return self.done(value, is_tail);
        }
        if let Expr::Global(def) = &body.exprs[callee]
            && let Some(name) = self.budget_operation(*def, args.len())
        {
            let value = self.budget_call(e, name, args)?;
            return self.done(value, is_tail);
        }
        if let Some(candidates) = self.candidates(callee, args) {
            let value = self.choice(e, args, candidates)?;
            return self.done(value, is_tail);
        }
        let args = passed(self.facts, e, args);
        self.invoke(e, callee, &args, is_tail)
    }

    pub(super) fn invoke(
        &mut self,
        e: ExprId,
        callee: ExprId,
        args: &[Arg<'_>],
        is_tail: bool,
    ) -> Option<VarId> {
        let body = self.body;
        match &body.exprs[callee] {
            Expr::Global(def) => {
                let dicts = self.dict_args(callee);
                let ty = self.type_of(callee);
                self.call_def(e, *def, (ty, Some(callee)), dicts, args, is_tail)
            }
            Expr::Method(_, index) => {
                let dicts = self.dict_args(callee);
                let Some((def, dicts)) = dict::implementation(self.program, *index, &dicts) else {
                    self.end_at(e, End::Unreachable);
                    return None;
                };
                let ty = self.type_of(callee);
                self.call_def(e, def, (ty, Some(callee)), dicts, args, is_tail)
            }
            Expr::Ctor(ctor) => {
                let info = &self.program.ctors[*ctor];
                let (index, is_record) = (info.index as usize, info.is_record);
                let vars = self.args(Some(callee), args)?;
                let value = match vars.first() {
                    Some(record) if is_record => *record,
                    _ => {
                        let shape = self.shape_of_expr(e);
                        self.construct(e, shape, index, vars, None)
                    }
                };
                self.done(value, is_tail)
            }
            _ => {
                let closure = self.expr(callee, false)?;
                let vars = self.args(Some(callee), args)?;
                let shape = self.shape_of_expr(e);
                self.call_closure(e, closure, vars, shape, is_tail)
            }
        }
    }

    /// The variables of arguments, from left to right. The callee's type says which record trailing
    /// pairs are.
    pub(super) fn args(&mut self, callee: Option<ExprId>, args: &[Arg<'_>]) -> Option<Vec<VarId>> {
        let mut vars = Vec::with_capacity(args.len());
        for arg in args {
            vars.push(match arg {
                Arg::Expr(e) => match self.facts.inner_costs.get(e) {
                    Some(inner) => self.cost(*e, inner)?,
                    None => self.expr(*e, false)?,
                },
                Arg::Var(var) => *var,
                Arg::Record(e, fact) => {
                    let ty = callee.map_or(Ty::ERROR, |callee| self.type_of(callee));
                    let record = self.last_param(ty).unwrap_or(Ty::ERROR);
                    self.trailing_record(*e, fact, record)?
                }
            });
        }
        Some(vars)
    }

    pub(super) fn call_closure(
        &mut self,
        e: ExprId,
        closure: VarId,
        args: Vec<VarId>,
        shape: ShapeId,
        is_tail: bool,
    ) -> Option<VarId> {
        if is_tail && self.may_tail_call(shape) {
            self.end_at(e, End::TailCallClosure { closure, args });
            return None;
        }
        let value = self.emit_at(e, Op::CallClosure { closure, args }, shape);
        self.done(value, is_tail)
    }

    /// What is called gives what the function gives.
    fn may_tail_call(&self, shape: ShapeId) -> bool {
        let shapes = &self.ir.shapes;
        let own = self.current().func.result;
        own == shape || shapes.rep(own) == shapes.rep(shape)
    }

    /// A call of a definition at a closed type; the callee's expression, if it has one, says what
    /// trailing pairs are.
    pub(super) fn call_def(
        &mut self,
        e: ExprId,
        def: DefId,
        (ty, callee): (Ty, Option<ExprId>),
        dicts: Vec<dict::Known>,
        args: &[Arg<'_>],
        is_tail: bool,
    ) -> Option<VarId> {
        let shape = self.result_of(e, ty);
        match alias(self.program, self.typed, def) {
            Some(Alias::Builtin(id)) if usize::from(id.get().arity) == args.len() => {
                let vars = self.args(callee, args)?;
                let value = self.builtin(e, id, vars, shape);
                return self.done(value, is_tail);
            }
            Some(Alias::Swapped(id)) if args.len() == 2 => {
                let mut vars = self.args(callee, args)?;
                vars.reverse();
                let value = self.builtin(e, id, vars, shape);
                return self.done(value, is_tail);
            }
            Some(Alias::Function(other)) if dicts.is_empty() && other != def => {
                return self.call_def(e, other, (ty, callee), dicts, args, is_tail);
            }
            _ => {}
        }
        if !self.is_function(def) {
            let closure = self.global_at(e, def, ty, dicts)?;
            let vars = self.args(callee, args)?;
            return self.call_closure(e, closure, vars, shape, is_tail);
        }
        let vars = self.args(callee, args)?;
        let func = self.instance(def, ty, dicts);
        // Where an extern was called from is what its error points to.
        let is_tail = is_tail && self.program.defs[def].kind != DefKind::Extern;
        self.call_function(e, func, vars, shape, is_tail)
    }

    pub(super) fn call_function(
        &mut self,
        e: ExprId,
        func: FuncId,
        args: Vec<VarId>,
        shape: ShapeId,
        is_tail: bool,
    ) -> Option<VarId> {
        if is_tail && self.may_tail_call(shape) {
            self.end_at(e, End::TailCall { func, args });
            return None;
        }
        let value = self.emit_at(e, Op::Call { func, args }, shape);
        self.done(value, is_tail)
    }

    /// The shape of what a callee of this closed type gives.
    fn result_of(&mut self, e: ExprId, ty: Ty) -> ShapeId {
        match ty.kind() {
            eclexia_check::ty::TyKind::Fn(_, ret) => self.shape_of(*ret),
            _ => self.shape_of_expr(e),
        }
    }

    fn is_check(&self, def: DefId) -> bool {
        let found = alias(self.program, self.typed, def);
        matches!(found, Some(Alias::Builtin(id)) if id.get().name == "check-that")
    }

    /// `(check e)`. Of an equation both sides are kept, so that a failure can show them.
    fn check(&mut self, e: ExprId, cond: ExprId, text: ExprId) -> Option<VarId> {
        let body = self.body;
        let (cond, sides) = match &body.exprs[cond] {
            Expr::Call { callee, args } if args.len() == 2 && self.is_equality(*callee) => {
                let vars = self.exprs(args)?;
                let given: Vec<Arg<'_>> = vars.iter().copied().map(Arg::Var).collect();
                let truth = self.invoke(cond, *callee, &given, false)?;
                (truth, Some((vars[0], vars[1])))
            }
            _ => (self.expr(cond, false)?, None),
        };
        let text = self.expr(text, false)?;
        self.act(e, Op::Check { cond, text, sides });
        Some(self.unit())
    }

    fn is_equality(&self, callee: ExprId) -> bool {
        let Expr::Method(interface, index) = &self.body.exprs[callee] else { return false };
        let interface = &self.program.interfaces[*interface];
        interface.methods.get(*index as usize).is_some_and(|m| m.name == "=")
    }
}
