//! Calls: arity, arguments, keyword arguments for a last parameter that is a record.

use super::expr::Agreed::{self, No, Yes};
use super::{Infer, Want, Why};
use crate::arena::{At, ERROR, Node, Run, Source, T};
use crate::diagnostics as report;
use crate::typed::CallFact;
use eclexia_base::Name;
use eclexia_core::core::{CtorId, Expr, ExprId, Literal, Pat, TypeDefKind};

impl<'a> Infer<'a> {
    pub(super) fn call(
        &mut self,
        e: ExprId,
        callee: ExprId,
        args: &'a [ExprId],
        want: Option<Want>,
    ) -> (T, Agreed) {
        if let Some(op) = self.budget_op(callee, args.len()) {
            return self.budget_call(e, callee, op, args);
        }
        let deferred_before = self.deferred.len();
        let used = self.uses.len();
        let function = self.callee(callee);
        if self.uses.len() > used {
            self.cx().callers.insert(callee, e);
        }
        match self.arena.node(function) {
            Node::Fn(params, ret) | Node::Fn1(params, ret) => {
                let reported = self.diags.len();
                let agreed = self.known_call(e, (callee, function), args, (params, ret), want);
                if self.deferred.len() > deferred_before {
                    self.settle_product(deferred_before, e);
                }
                if self.is_never(ret) {
                    self.cx().diverging.insert(e);
                    return (self.fresh(), agreed);
                }
                // What is left of a budget that was too small is not told again to be too little.
                let is_short = |d: &eclexia_diag::Diagnostic| d.code == "budget-insufficient";
                if self.diags.iter().skip(reported).any(is_short) && self.arena.holds_budget(ret) {
                    return (ERROR, No);
                }
                self.remember_call(e, ret);
                (ret, agreed)
            }
            Node::Var { .. } => {
                let types: Vec<T> = args.iter().map(|arg| self.expr(*arg, None)).collect();
                let ret = self.fresh();
                let wanted = self.arena.function(&types, ret);
                if let Err(clash) = self.arena.unify(function, wanted) {
                    let want = Want { ty: function, why: Why::Result };
                    self.blame_mismatch(callee, wanted, want, clash);
                }
                (ret, No)
            }
            Node::Error => {
                self.infer_all(args);
                (ERROR, No)
            }
            _ => {
                self.infer_all(args);
                let place = self.here(callee);
                let found = self.freeze_message(function);
                let keyword = match &self.body().exprs[callee] {
                    Expr::Literal(Literal::Keyword(name)) => Some(*name),
                    _ => None,
                };
                let problem =
                    report::not_a_function(self.program, place, found, args.len(), keyword);
                self.diags.push(problem);
                (ERROR, No)
            }
        }
    }

    /// A budget that a call gives is told as coming from there.
    fn remember_call(&mut self, e: ExprId, ret: T) {
        if let Node::Budget(index) = self.arena.node(ret)
            && self.arena.budget_at(index).source == Source::Given
        {
            let at = At { body: self.at, expr: e };
            self.arena.set_source(index, Source::Called(at));
        }
    }

    fn infer_all(&mut self, args: &[ExprId]) {
        for arg in args {
            self.expr(*arg, None);
        }
    }

    fn is_never(&self, ty: T) -> bool {
        matches!(self.arena.node(ty), Node::Con(id, _) if Some(id) == self.lang.never)
    }

    fn known_call(
        &mut self,
        e: ExprId,
        (callee, function): (ExprId, T),
        args: &'a [ExprId],
        (params, ret): (Run, T),
        want: Option<Want>,
    ) -> Agreed {
        let keywords = self.keyword_record(args, params);
        let agreed = self.result_first(e, ret, want);
        let reported = self.diags.len();
        match keywords {
            Some((ctor, from)) => {
                self.arguments(callee, &args[..from], params);
                let pairs: Vec<(Name, ExprId)> =
                    args[from..].chunks(2).filter_map(|pair| self.keyword_pair(pair)).collect();
                for key in args[from..].iter().step_by(2) {
                    self.expr(*key, None);
                }
                let record_type = self.arena.item(params, from);
                let place = self.here(e);
                // Without a field it is the callee's default that is taken.
                if !pairs.is_empty() {
                    self.check_may_make(self.at, place, ctor);
                }
                let record = self.record(e, place, ctor, record_type, &pairs);
                let fact = CallFact { from_arg: from as u32, record };
                self.cx().facts.calls.insert(e, fact);
            }
            None if params.len() == args.len() => self.arguments(callee, args, params),
            None => {
                let is_record =
                    matches!(self.body().exprs[callee], Expr::Ctor(_)) && params.len() == 1;
                let known = if is_record { 0 } else { args.len().min(params.len()) };
                self.arguments(callee, &args[..known], params);
                self.infer_all(&args[known..]);
                self.blame_arity(e, callee, function, args, params);
            }
        }
        if self.diags.len() > reported {
            self.forgive(callee);
        }
        agreed
    }

    /// When the result is built by the same constructor as what is wanted, the wanted type tells
    /// the arguments theirs: `{…}` inside `(Some {…})` becomes the record it should be.
    fn result_first(&mut self, e: ExprId, ret: T, want: Option<Want>) -> Agreed {
        let Some(want) = want else { return No };
        match (self.arena.node(ret), self.arena.node(want.ty)) {
            (Node::Con(a, xs), Node::Con(b, _)) if a == b && xs.len() > 0 => {
                if let Err(clash) = self.arena.unify(ret, want.ty) {
                    self.blame_mismatch(e, ret, want, clash);
                }
                Yes
            }
            _ => No,
        }
    }

    /// Lambdas last: by then their parameters' types are known from the other arguments.
    fn arguments(&mut self, callee: ExprId, args: &'a [ExprId], params: Run) {
        let body = self.body();
        let is_lambda = |e: ExprId| matches!(body.exprs[e], Expr::Fn { .. });
        for lambdas in [false, true] {
            for (i, arg) in args.iter().enumerate() {
                if is_lambda(*arg) == lambdas {
                    let ty = self.arena.item(params, i);
                    let why = Why::Argument { callee, index: i as u32 };
                    self.expr(*arg, Some(Want { ty, why }));
                }
            }
        }
    }

    fn keyword(&self, e: ExprId) -> Option<Name> {
        match self.body().exprs[e] {
            Expr::Literal(Literal::Keyword(name)) => Some(name),
            _ => None,
        }
    }

    fn keyword_pair(&self, pair: &[ExprId]) -> Option<(Name, ExprId)> {
        match pair {
            [key, value] => Some((self.keyword(*key)?, *value)),
            _ => None,
        }
    }

    /// The record that the trailing arguments stand for, and the argument they start at.
    fn keyword_record(&self, args: &[ExprId], params: Run) -> Option<(CtorId, usize)> {
        let from = params.len().checked_sub(1)?;
        if args.len() == params.len() || args.len() < from {
            return None;
        }
        let ctor = self.record_ctor(self.arena.item(params, from))?;
        let trailing = &args[from..];
        let pairs = trailing.len().is_multiple_of(2)
            && trailing.iter().step_by(2).all(|key| self.keyword(*key).is_some());
        if !pairs || (trailing.is_empty() && !self.has_all_defaults(ctor)) {
            return None;
        }
        Some((ctor, from))
    }

    fn has_all_defaults(&self, ctor: CtorId) -> bool {
        self.program.ctors[ctor].fields.iter().all(|field| field.default.is_some())
    }

    /// The constructor of a record type; through references.
    pub(super) fn record_ctor(&self, ty: T) -> Option<CtorId> {
        match self.arena.node(ty) {
            Node::Con(id, _) => match self.program.types[id].kind {
                TypeDefKind::Record(ctor) => Some(ctor),
                _ => None,
            },
            Node::Ref(inner) => self.record_ctor(inner),
            _ => None,
        }
    }

    fn blame_arity(
        &mut self,
        e: ExprId,
        callee: ExprId,
        function: T,
        args: &[ExprId],
        params: Run,
    ) {
        let record = match params.len() {
            0 => None,
            n => self.record_ctor(self.arena.item(params, n - 1)),
        };
        let function = self.freeze_message(function);
        let extra = args.get(params.len()).map(|arg| self.here(*arg).span);
        let keyword = args.last().and_then(|last| match &self.body().exprs[*last] {
            Expr::Literal(Literal::Keyword(name)) => Some(*name),
            _ => None,
        });
        let arity = report::Arity {
            keyword,
            place: self.here(e),
            callee: self.callee_name(callee),
            defined: self.definition_of(callee),
            function,
            wanted: params.len(),
            found: args.len(),
            params: self.param_names(callee),
            extra,
            record,
        };
        self.diags.push(report::wrong_arity(self.program, arity));
    }

    /// How the callee is called in messages.
    pub(super) fn callee_name(&self, callee: ExprId) -> Option<Name> {
        let body = self.body();
        match &body.exprs[callee] {
            Expr::Global(def) => Some(self.program.defs[*def].name),
            Expr::Local(local) => Some(body.locals[*local]),
            Expr::Ctor(ctor) => Some(self.program.ctors[*ctor].name),
            Expr::Method(interface, index) => {
                let methods = &self.program.interfaces[*interface].methods;
                methods.get(*index as usize).map(|method| method.name)
            }
            _ => None,
        }
    }

    /// Where the callee is defined, when that is a place in a user's file.
    pub(super) fn definition_of(&self, callee: ExprId) -> Option<eclexia_base::Span> {
        let program = self.program;
        let (module, span) = match &self.body().exprs[callee] {
            Expr::Global(def) => {
                let def = &program.defs[*def];
                (def.module, def.sig.as_ref().map_or(def.span, |sig| sig.span))
            }
            Expr::Ctor(ctor) => {
                let ctor = &program.ctors[*ctor];
                (program.types[ctor.ty].module, ctor.span)
            }
            _ => return None,
        };
        (!program.modules[module].is_std).then_some(span)
    }

    fn param_names(&self, callee: ExprId) -> Vec<Option<Name>> {
        let Expr::Global(def) = &self.body().exprs[callee] else { return Vec::new() };
        let Some(body) = &self.program.defs[*def].body else { return Vec::new() };
        let name = |pat| match &body.pats[pat] {
            Pat::Bind(local) | Pat::As { local, .. } => Some(body.locals[*local]),
            _ => None,
        };
        body.params.iter().map(|pat| name(*pat)).collect()
    }
}
