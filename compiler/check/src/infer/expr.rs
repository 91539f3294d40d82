//! Expressions. Every rule either checks against the type its surroundings ask for and says so, or
//! infers one and leaves the comparison to [`Infer::expr`].

use super::{FnCx, Infer, Local, Want, Why};
use crate::arena::{ERROR, GENERIC, Node, T};
use crate::convert::{Converter, Scope};
use crate::diagnostics as report;
use crate::linear::capture::captures;
use crate::units::Unit;
use eclexia_core::core::{Arm, DefId, Expr, ExprId, Literal, LocalId, Pat, PatId, TypeExpr};

/// Whether a rule has compared its type with the wanted one.
pub(super) enum Agreed {
    Yes,
    No,
}

use Agreed::{No, Yes};

impl<'a> Infer<'a> {
    /// The type of `e`; where the wanted type does not fit, that is reported and the result is the
    /// wanted type, so that nothing follows from the mistake.
    pub(super) fn expr(&mut self, e: ExprId, want: Option<Want>) -> T {
        // A wanted type that is still unknown tells the rules nothing.
        let known =
            want.filter(|w| !matches!(self.arena.node(w.ty), Node::Var { .. } | Node::Error));
        let (mut ty, agreed) = self.form(e, known);
        if let Some(want) = want
            && (known.is_none() || matches!(agreed, No))
        {
            let fits = self.expect(e, ty, want);
            ty = if fits == ERROR { want.ty } else { fits };
        }
        self.cx().types[e.0 as usize] = ty;
        ty
    }

    fn form(&mut self, e: ExprId, want: Option<Want>) -> (T, Agreed) {
        let body = self.body();
        match &body.exprs[e] {
            Expr::Literal(literal) => (self.literal_expr(e, literal, want), No),
            Expr::Local(local) => (self.local(e, *local), No),
            Expr::Global(def) => (self.global(e, *def), No),
            Expr::Ctor(ctor) => {
                let tables = self.tables;
                (self.instantiate(e, &tables.ctors[*ctor].scheme), No)
            }
            Expr::Method(interface, index) => {
                let tables = self.tables;
                let method = tables.methods[*interface].get(*index as usize);
                (method.map_or(ERROR, |scheme| self.instantiate(e, scheme)), No)
            }
            Expr::Call { callee, args } => self.call(e, *callee, args, want),
            Expr::Fn { params, body } => self.function(e, params, *body, want),
            Expr::Let { pat, value, body } => self.let_in(*pat, *value, *body, want),
            Expr::If { cond, then, other } => {
                self.condition(*cond);
                self.both(*then, &[*other], want, Why::Branch)
            }
            Expr::Match { value, arms } => self.match_on(e, *value, arms, want),
            Expr::Loop { params, inits, body } => self.loop_over(params, inits, *body, want),
            Expr::Recur { args } => (self.recur(args), No),
            Expr::Do(items) => self.sequence(items, want),
            Expr::Record { fields } => self.braces(e, fields, want),
            Expr::Map { entries } => self.map(entries, want),
            Expr::Vector(items) => self.vector(items, want),
            Expr::Field { value, name } => (self.field(e, *value, *name), No),
            Expr::WithFields { value, fields } => (self.with_fields(e, *value, fields, want), No),
            Expr::Ascribe { value, ty } => (self.ascribe(*value, ty), No),
            Expr::Borrow(value) => {
                let inner = self.expr(*value, None);
                (self.arena.add(Node::Ref(inner)), No)
            }
            Expr::BorrowIn { local, value, body } => {
                let inner = self.expr(*value, None);
                let reference = self.arena.add(Node::Ref(inner));
                self.set_local(*local, reference);
                (self.expr(*body, want), Yes)
            }
            Expr::With { local, acquire, release, body } => {
                let resource = self.expr(*acquire, None);
                self.set_local(*local, resource);
                let ret = self.fresh();
                let wanted = self.arena.function(&[resource], ret);
                self.expr(*release, Some(Want { ty: wanted, why: Why::Release }));
                (self.expr(*body, want), Yes)
            }
            Expr::For { pat, iter, body } => {
                self.for_each(*pat, *iter, *body);
                (self.closed(self.lang.unit), No)
            }
            Expr::Try(value) => (self.try_value(e, *value), No),
            Expr::Return(value) => (self.return_value(e, *value), No),
            Expr::Abort(message) => {
                let string = self.closed(self.lang.string);
                self.expr(*message, Some(Want { ty: string, why: Why::Message }));
                (self.fresh(), No)
            }
            Expr::Admit { budget, call } => (self.admit(*budget, *call), No),
            Expr::Error => (ERROR, No),
        }
    }

    fn literal_expr(&mut self, e: ExprId, literal: &Literal, want: Option<Want>) -> T {
        if let (Literal::Int(_), Some(want)) = (literal, want)
            && let Node::Q(unit) = self.arena.node(want.ty)
            && self.arena.units.normal(self.arena.unit(unit)) == Unit::ONE
        {
            self.cx().facts.int_as_float.insert(e, ());
            return want.ty;
        }
        self.literal(literal)
    }

    pub(super) fn literal(&mut self, literal: &Literal) -> T {
        let ty = match literal {
            Literal::Unit => self.lang.unit,
            Literal::Bool(_) => self.lang.bool,
            Literal::Int(_) => self.lang.int,
            Literal::Float(_) => self.lang.float,
            Literal::Quantity(_, dim) => return self.arena.constant_quantity(*dim),
            Literal::Str(_) => self.lang.string,
            Literal::Keyword(_) => self.lang.keyword,
        };
        self.closed(ty)
    }

    fn local(&mut self, e: ExprId, local: LocalId) -> T {
        match &self.cx().locals[local.0 as usize] {
            Local::Unset => ERROR,
            Local::Mono(ty) => *ty,
            Local::Poly(ty, preds) => {
                let (ty, preds) = (*ty, preds.clone());
                let mut fresh = Vec::new();
                let level = self.level;
                let result = self.arena.freshen(ty, level, &mut fresh);
                let at = self.at;
                if !preds.is_empty() {
                    let mut dicts = Vec::new();
                    for (interface, ty) in preds {
                        let ty = self.arena.freshen(ty, level, &mut fresh);
                        dicts.push(self.require(interface, ty, e));
                    }
                    self.cx().facts.dict_args.insert(e, dicts);
                }
                self.local_uses.push((at, e, fresh));
                result
            }
        }
    }

    fn global(&mut self, e: ExprId, def: DefId) -> T {
        if let Some(ty) = self.mono.get(&def) {
            let ty = *ty;
            let at = self.at;
            self.mono_uses.push((at, e));
            return ty;
        }
        if Some(def) == self.lang.times || Some(def) == self.lang.over {
            return self.product(e, Some(def) == self.lang.over);
        }
        self.budget_value(e);
        let schemes = self.schemes;
        schemes.get(def).map_or(ERROR, |scheme| self.instantiate(e, scheme))
    }

    pub(super) fn condition(&mut self, cond: ExprId) {
        let bool = self.closed(self.lang.bool);
        self.expr(cond, Some(Want { ty: bool, why: Why::Condition }));
    }

    /// Expressions of one type: branches, arms, items. Without a wanted type the first decides.
    pub(super) fn both(
        &mut self,
        first: ExprId,
        rest: &[ExprId],
        want: Option<Want>,
        why: fn(ExprId) -> Why,
    ) -> (T, Agreed) {
        let ty = self.expr(first, want);
        let want = want.unwrap_or(Want { ty, why: why(first) });
        for item in rest {
            self.expr(*item, Some(want));
        }
        (want.ty, Yes)
    }

    pub(super) fn function(
        &mut self,
        e: ExprId,
        params: &[PatId],
        body: ExprId,
        want: Option<Want>,
    ) -> (T, Agreed) {
        let known = want.and_then(|want| match self.arena.node(want.ty) {
            Node::Fn(run, ret) | Node::Fn1(run, ret) if run.len() == params.len() => {
                Some((self.arena.items(run).to_vec(), ret, want.why))
            }
            _ => None,
        });
        let (types, ret) = match &known {
            Some((types, ret, _)) => (types.clone(), *ret),
            None => (self.fresh_many(params.len()), self.fresh()),
        };
        for (pat, ty) in params.iter().zip(&types) {
            self.irrefutable(*pat, *ty);
        }
        self.cx().functions.push(FnCx { ret: Some(ret), recur: vec![types.clone()] });
        let why = known.as_ref().map_or(Why::Result, |(.., why)| *why);
        self.expr(body, Some(Want { ty: ret, why }));
        self.cx().functions.pop();
        if let Some(used) = self.owned_capture(e) {
            return self.one_shot(e, used, &types, ret, want);
        }
        match (known, want) {
            (Some(_), Some(want)) => (want.ty, Yes),
            _ => (self.arena.function(&types, ret), No),
        }
    }

    /// The first use of what a function takes from around it, if that is of a linear type.
    fn owned_capture(&self, e: ExprId) -> Option<(LocalId, ExprId)> {
        let cx = &self.bodies[self.at];
        let moved = captures(cx.body, e).moved;
        let is_linear =
            |(local, _): &(LocalId, ExprId)| self.is_linear(cx.locals[local.0 as usize].ty());
        moved.into_iter().find(is_linear)
    }

    /// A function that owns what it takes runs once.
    fn one_shot(
        &mut self,
        e: ExprId,
        (local, used): (LocalId, ExprId),
        types: &[T],
        ret: T,
        want: Option<Want>,
    ) -> (T, Agreed) {
        let ty = self.arena.one_shot(types, ret);
        let Some(want) = want else { return (ty, No) };
        if let Node::Fn(run, wanted) = self.arena.node(want.ty)
            && run.len() == types.len()
        {
            let params = self.arena.items(run).to_vec();
            let parts = params.into_iter().zip(types.to_vec()).chain([(wanted, ret)]);
            if parts.into_iter().all(|(a, b)| self.arena.unify(a, b).is_ok()) {
                self.blame_capture(e, local, used, want);
                return (ERROR, Yes);
            }
        }
        (ty, No)
    }

    fn let_in(
        &mut self,
        pat: PatId,
        value: ExprId,
        body: ExprId,
        want: Option<Want>,
    ) -> (T, Agreed) {
        let core = self.body();
        match (&core.pats[pat], &core.exprs[value]) {
            (Pat::Bind(local), Expr::Fn { .. }) => self.let_function(*local, value),
            _ => {
                let ty = self.expr(value, None);
                self.irrefutable(pat, ty);
            }
        }
        (self.expr(body, want), Yes)
    }

    /// Only lambdas are generalised: what they need of dictionaries they take as parameters.
    fn let_function(&mut self, local: LocalId, value: ExprId) {
        let preds_before = self.preds.len();
        let deferred_before = self.deferred.len();
        self.level += 1;
        let ty = self.expr(value, None);
        self.level -= 1;
        self.settle(preds_before, deferred_before);
        if matches!(self.arena.node(ty), Node::Fn1(..)) {
            // What it owns is one value of one type.
            let level = self.level;
            self.arena.lower_all(ty, level);
            self.set_local(local, ty);
            return;
        }
        self.keep_deferred_monomorphic(deferred_before);
        let preds = self.generalise_function(value, preds_before);
        let level = self.level;
        let mut vars = Vec::new();
        self.arena.each_var(ty, &mut |var| vars.push(var));
        for (_, ty) in &preds {
            self.arena.each_var(*ty, &mut |var| vars.push(var));
        }
        let mut generic = false;
        for var in vars {
            if let Node::Var { level: own } = self.arena.node(var)
                && own > level
            {
                self.arena.set_level(var, GENERIC);
                generic = true;
            }
        }
        let bound = if generic { Local::Poly(ty, preds) } else { Local::Mono(ty) };
        self.cx().locals[local.0 as usize] = bound;
    }

    fn match_on(
        &mut self,
        e: ExprId,
        value: ExprId,
        arms: &'a [Arm],
        want: Option<Want>,
    ) -> (T, Agreed) {
        let scrutinee = self.expr(value, None);
        self.cx().matches.push(e);
        let mut want = want;
        for arm in arms {
            self.pattern(arm.pat, scrutinee);
            if let Some(guard) = arm.guard {
                let bool = self.closed(self.lang.bool);
                self.expr(guard, Some(Want { ty: bool, why: Why::Guard }));
            }
            let ty = self.expr(arm.body, want);
            want = want.or(Some(Want { ty, why: Why::Arm(arm.body) }));
        }
        match want {
            Some(want) => (want.ty, Yes),
            None => (self.fresh(), No),
        }
    }

    fn loop_over(
        &mut self,
        params: &[PatId],
        inits: &[ExprId],
        body: ExprId,
        want: Option<Want>,
    ) -> (T, Agreed) {
        let mut types = Vec::with_capacity(params.len());
        for (pat, init) in params.iter().zip(inits) {
            let ty = self.expr(*init, None);
            self.irrefutable(*pat, ty);
            types.push(ty);
        }
        self.innermost().recur.push(types);
        let ty = self.expr(body, want);
        self.innermost().recur.pop();
        (ty, Yes)
    }

    fn recur(&mut self, args: &[ExprId]) -> T {
        let target = self.innermost().recur.last().cloned();
        let types = target.unwrap_or_default();
        for (i, arg) in args.iter().enumerate() {
            let want = types.get(i).map(|ty| Want { ty: *ty, why: Why::Recur(i as u32) });
            self.expr(*arg, want);
        }
        self.fresh()
    }

    pub(super) fn innermost(&mut self) -> &mut FnCx {
        let functions = &mut self.bodies[self.at].functions;
        if functions.is_empty() {
            functions.push(FnCx { ret: None, recur: Vec::new() });
        }
        let last = functions.len() - 1;
        &mut functions[last]
    }

    fn sequence(&mut self, items: &[ExprId], want: Option<Want>) -> (T, Agreed) {
        let Some((last, discarded)) = items.split_last() else {
            return (self.closed(self.lang.unit), No);
        };
        for item in discarded {
            self.expr(*item, None);
        }
        (self.expr(*last, want), Yes)
    }

    fn vector(&mut self, items: &[ExprId], want: Option<Want>) -> (T, Agreed) {
        let Some(vector) = self.lang.vector else { return (ERROR, No) };
        if let Some(want) = want
            && let Node::Con(id, args) = self.arena.node(want.ty)
            && id == vector
        {
            let item = self.arena.item(args, 0);
            if let Some((first, rest)) = items.split_first() {
                let known = (!self.arena.is_var(item)).then_some(Want { ty: item, why: want.why });
                let (ty, _) = self.both(*first, rest, known, Why::Item);
                if known.is_none() {
                    let _ = self.arena.unify(item, ty);
                }
            }
            return (want.ty, Yes);
        }
        let item = match items.split_first() {
            Some((first, rest)) => self.both(*first, rest, None, Why::Item).0,
            None => self.fresh(),
        };
        (self.arena.con(vector, &[item]), No)
    }

    fn ascribe(&mut self, value: ExprId, ty: &TypeExpr) -> T {
        let span = ty.span;
        let mut converter = Converter::new(self.program, Vec::new(), Scope::Open);
        let closed = converter.ty(ty);
        let (names, units) = (converter.vars, converter.units);
        self.diags.extend(converter.diags);
        let vars: Vec<T> = names.iter().map(|name| self.scoped_var(*name)).collect();
        let units: Vec<u32> = units.iter().map(|name| self.scoped_unit(*name)).collect();
        let ty = self.arena.instantiate(closed, &vars, &units);
        self.expr(value, Some(Want { ty, why: Why::Ascription(span) }));
        ty
    }

    /// A variable in `the` is the signature's of that name, or one of the whole definition.
    fn scoped_var(&mut self, name: eclexia_base::Name) -> T {
        if let Some((_, var)) = self.cx().vars.iter().find(|(n, _)| *n == name) {
            return *var;
        }
        let var = self.arena.var(1);
        self.cx().vars.push((name, var));
        var
    }

    fn scoped_unit(&mut self, name: eclexia_base::Name) -> u32 {
        if let Some((_, var)) = self.cx().units.iter().find(|(n, _)| *n == name) {
            return *var;
        }
        let var = self.arena.units.fresh();
        self.cx().units.push((name, var));
        var
    }

    fn try_value(&mut self, e: ExprId, value: ExprId) -> T {
        let Some(result) = self.lang.result else { return ERROR };
        let (ok, err) = (self.fresh(), self.fresh());
        let wanted = self.arena.con(result, &[ok, err]);
        self.expr(value, Some(Want { ty: wanted, why: Why::Tried }));
        let other = self.fresh();
        let returned = self.arena.con(result, &[other, err]);
        let place = self.here(e);
        match self.innermost().ret {
            None => self.diags.push(report::try_outside_result(self.program, place, None)),
            Some(ret) => {
                if let Err(clash) = self.arena.unify(returned, ret) {
                    let not_result =
                        !matches!(self.arena.node(ret), Node::Con(id, _) if id == result);
                    if not_result {
                        let found = self.freeze_message(ret);
                        self.diags.push(report::try_outside_result(
                            self.program,
                            place,
                            Some(found),
                        ));
                    } else {
                        self.blame_mismatch(
                            e,
                            returned,
                            Want { ty: ret, why: Why::Returned },
                            clash,
                        );
                    }
                }
            }
        }
        ok
    }

    fn return_value(&mut self, e: ExprId, value: ExprId) -> T {
        match self.innermost().ret {
            Some(ret) => {
                self.expr(value, Some(Want { ty: ret, why: Why::Returned }));
            }
            None => {
                self.expr(value, None);
                let place = self.here(e);
                self.diags.push(report::return_outside_function(place));
            }
        }
        self.fresh()
    }
}
