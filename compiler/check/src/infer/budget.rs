//! Operations on budgets: each call has the type that its amounts give it.
//!
//! 1. The amounts asked for are read off the call ([`super::amounts`]).
//! 2. As soon as the budget's own amounts are known, the operation takes from them what is asked:
//!    rest = amounts − asked, where rest ≥ 0 must be entailed ([`crate::grades`]).
//! 3. Every budget remembers what it came from, so a failure is told as the sum of the lines that
//!    overspend ([`super::overspent`]).
//!
//! A budget of unknown amounts is never given some: an operation that needs them is an error, with
//! `split?` and `at-least` as the way out; one that does not (`release`) takes any.

use super::amounts::Asked;
use super::expr::Agreed::{self, No};
use super::{Deferred, Infer, Want, Why};
use crate::arena::{Amount, At, Clash, ERROR, Node, Run, Source, T};
use crate::diagnostics as report;
use crate::grades::Linear;
use crate::ty::{Ty, TyKind};
use eclexia_base::number::int;
use eclexia_base::{Dim, Name, Rational};
use eclexia_core::core::{Expr, ExprId};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BudgetOp {
    Grant,
    Draw,
    Split,
    TrySplit,
    Merge,
    Spend,
    Release,
    Leave,
    AtLeast,
}

/// A call of an operation, its arguments inferred.
#[derive(Clone, Debug)]
pub(super) struct BudgetCall {
    pub at: At,
    pub op: BudgetOp,
    pub asked: Asked,
    /// The budgets it takes: the expression and its type.
    pub budgets: Vec<(ExprId, T)>,
    pub result: T,
}

impl BudgetOp {
    pub fn name(self) -> &'static str {
        match self {
            BudgetOp::Grant => "budget",
            BudgetOp::Draw => "draw",
            BudgetOp::Split => "split",
            BudgetOp::TrySplit => "split?",
            BudgetOp::Merge => "merge",
            BudgetOp::Spend => "spend",
            BudgetOp::Release => "release",
            BudgetOp::Leave => "leave",
            BudgetOp::AtLeast => "at-least",
        }
    }

    fn takes(self, args: usize) -> bool {
        match self {
            BudgetOp::Grant => args == 1 || args == 2,
            BudgetOp::Release => args == 1,
            _ => args == 2,
        }
    }
}

impl<'a> Infer<'a> {
    /// The operation that a callee is, given as many arguments as it takes.
    pub(super) fn budget_op(&self, callee: ExprId, args: usize) -> Option<BudgetOp> {
        let Expr::Global(def) = self.body().exprs[callee] else { return None };
        let defs = &self.lang.budget;
        if def < defs.first || def > defs.last {
            return None;
        }
        let def = Some(def);
        let all = [
            (defs.grant, BudgetOp::Grant),
            (defs.draw, BudgetOp::Draw),
            (defs.split, BudgetOp::Split),
            (defs.try_split, BudgetOp::TrySplit),
            (defs.merge, BudgetOp::Merge),
            (defs.spend, BudgetOp::Spend),
            (defs.release, BudgetOp::Release),
            (defs.leave, BudgetOp::Leave),
            (defs.at_least, BudgetOp::AtLeast),
        ];
        let found = all.into_iter().find(|(known, _)| *known == def);
        found.map(|(_, op)| op).filter(|op| op.takes(args))
    }

    pub(super) fn budget_call(
        &mut self,
        e: ExprId,
        callee: ExprId,
        op: BudgetOp,
        args: &'a [ExprId],
    ) -> (T, Agreed) {
        self.callee(callee);
        let mut call = BudgetCall {
            at: At { body: self.at, expr: e },
            op,
            asked: Asked::Items(Vec::new()),
            budgets: Vec::new(),
            result: ERROR,
        };
        for (i, arg) in args.iter().enumerate() {
            let is_last = i + 1 == args.len();
            match op {
                BudgetOp::Grant if !is_last => self.treasury(*arg, callee),
                BudgetOp::Draw if !is_last => self.account(*arg, callee),
                BudgetOp::Merge | BudgetOp::Release => call.budgets.push((*arg, ERROR)),
                _ if !is_last => call.budgets.push((*arg, ERROR)),
                _ => call.asked = self.amounts(*arg),
            }
            if let Some((of, ty)) = call.budgets.last_mut()
                && *of == *arg
            {
                *ty = self.budget_argument(*arg, callee, i as u32);
            }
        }
        if op == BudgetOp::Grant && args.len() == 1 {
            self.grants.push(call.at);
        }
        if op == BudgetOp::Draw && !self.is_in_account(args[0], &call) {
            return (ERROR, No);
        }
        match self.budget_result(&call) {
            Some(result) => (result, No),
            None => {
                call.result = self.fresh();
                let result = call.result;
                self.defer(Deferred::Budget(Box::new(call)));
                (result, No)
            }
        }
    }

    /// `(admit b (f x))`: `(Result (Pair R (Budget)) (Budget))`.
    pub(super) fn admit(&mut self, budget: ExprId, call: ExprId) -> T {
        let wanted = self.closed(Ty::new(TyKind::Budget(None)));
        self.expr(budget, Some(Want { ty: wanted, why: Why::Admitted }));
        let value = self.expr(call, None);
        let (Some(pair), Some(result)) = (self.lang.pair, self.lang.result) else { return ERROR };
        let both = self.arena.con(pair, &[value, wanted]);
        self.arena.con(result, &[both, wanted])
    }

    /// An argument that must be a budget, owned; its type, or a variable.
    fn budget_argument(&mut self, arg: ExprId, callee: ExprId, index: u32) -> T {
        let ty = self.expr(arg, None);
        match self.arena.node(ty) {
            Node::Var { .. } | Node::Budget(_) | Node::Error => ty,
            _ => {
                let wanted = self.closed(Ty::new(TyKind::Budget(None)));
                let want = Want { ty: wanted, why: Why::Argument { callee, index } };
                self.expect(arg, ty, want);
                ERROR
            }
        }
    }

    fn treasury(&mut self, arg: ExprId, callee: ExprId) {
        let ty = self.expr(arg, None);
        if !self.holds_treasury(ty) {
            let id = self.lang.treasury;
            let wanted = id.map_or(ERROR, |id| self.closed(Ty::con(id, [])));
            self.expect(arg, ty, Want { ty: wanted, why: Why::Argument { callee, index: 0 } });
        }
    }

    /// A treasury, the world, or a reference to one of them.
    pub(super) fn holds_treasury(&self, ty: T) -> bool {
        let world = crate::declare::head_of(self.lang.world);
        let ty = self.through(ty);
        match self.arena.node(ty) {
            Node::Con(id, _) => Some(id) == self.lang.treasury || self.head(ty) == world,
            _ => false,
        }
    }

    /// An account is the record of that name of the standard library.
    fn account(&mut self, arg: ExprId, callee: ExprId) {
        let ty = self.expr(arg, None);
        let program = self.program;
        let find = || {
            let deploy = program.modules.values().find(|m| m.name == *"std.deploy")?;
            deploy.types.iter().copied().find(|t| program.types[*t].name == *"Account")
        };
        let known = match self.arena.node(ty) {
            Node::Con(id, _) => {
                let def = &program.types[id];
                def.name == *"Account" && program.modules[def.module].is_std
            }
            Node::Error => true,
            _ => false,
        };
        if known {
            return;
        }
        match find() {
            Some(id) => {
                let wanted = self.closed(Ty::con(id, []));
                self.expect(arg, ty, Want { ty: wanted, why: Why::Argument { callee, index: 0 } });
            }
            None => {
                let (found, place) = (self.freeze_message(ty), self.here(arg));
                self.diags.push(report::not_an_account(program, place, found));
            }
        }
    }

    /// The call's type; `None` while that of a budget it takes is unknown.
    fn budget_result(&mut self, call: &BudgetCall) -> Option<T> {
        let mut indices = Vec::with_capacity(2);
        for (_, ty) in &call.budgets {
            match self.arena.node(*ty) {
                Node::Var { .. } => return None,
                Node::Budget(index) => indices.push(index),
                _ => return Some(ERROR),
            }
        }
        if matches!(call.asked, Asked::Wrong) {
            return Some(ERROR);
        }
        let current = std::mem::replace(&mut self.at, call.at.body);
        let result = match (call.op, &indices[..]) {
            (BudgetOp::Grant, _) => self.granted(call, Source::Granted(call.at)),
            (BudgetOp::Draw, _) => self.granted(call, Source::Drawn(call.at)),
            (BudgetOp::Release, _) => self.closed(self.lang.unit),
            (BudgetOp::Merge, [a, b]) => self.merged(call, *a, *b),
            (BudgetOp::Split, [of]) => self.split(call, *of),
            (BudgetOp::Spend, [of]) => match self.taken(call, *of) {
                Some((_, rest)) => self.arena.budget(Some(rest), Source::Rest(*of, call.at)),
                None => ERROR,
            },
            (BudgetOp::Leave, [of]) => match self.taken(call, *of) {
                Some((part, _)) => self.arena.budget(Some(part), Source::Left(call.at)),
                None => ERROR,
            },
            (BudgetOp::TrySplit, [of]) => self.try_split(call, *of),
            (BudgetOp::AtLeast, [of]) => self.at_least(call, *of),
            _ => ERROR,
        };
        self.at = current;
        Some(result)
    }

    fn granted(&mut self, call: &BudgetCall, source: Source) -> T {
        let amounts = call.asked.known().map(constants);
        self.arena.budget(amounts, source)
    }

    fn merged(&mut self, call: &BudgetCall, a: u32, b: u32) -> T {
        let (x, y) = (self.arena.budget_at(a).amounts.clone(), &self.arena.budget_at(b).amounts);
        let (Some(mut sum), Some(y)) = (x, y.clone()) else {
            return self.arena.budget(None, Source::Merged(a, b, call.at));
        };
        for amount in y {
            match sum.iter_mut().find(|known| known.key == amount.key) {
                Some(known) => {
                    if let (Some(x), Some(y)) = (known.dim, amount.dim)
                        && x != y
                    {
                        let place = self.here(call.at.expr);
                        self.diags.push(report::amount_unit(place, amount.key, y, x));
                        return ERROR;
                    }
                    known.sum = known.sum.plus(&amount.sum);
                    known.dim = known.dim.or(amount.dim);
                }
                None => sum.push(amount),
            }
        }
        sum.sort_by_key(|amount| amount.key);
        self.arena.budget(Some(sum), Source::Merged(a, b, call.at))
    }

    fn split(&mut self, call: &BudgetCall, of: u32) -> T {
        let Some(pair) = self.lang.pair else { return ERROR };
        let (part, rest) = match self.taken(call, of) {
            Some((part, rest)) => (
                self.arena.budget(Some(part), Source::Part(call.at)),
                self.arena.budget(Some(rest), Source::Rest(of, call.at)),
            ),
            // The part is what was asked for; what is left is not told again to be too little.
            None => match call.asked.known() {
                Some(known) => {
                    let amounts = Some(constants(known));
                    (self.arena.budget(amounts, Source::Part(call.at)), ERROR)
                }
                None => (ERROR, ERROR),
            },
        };
        self.arena.con(pair, &[part, rest])
    }

    /// The part and the rest, when the amounts are known and enough; else that is reported.
    fn taken(&mut self, call: &BudgetCall, of: u32) -> Option<(Vec<Amount>, Vec<Amount>)> {
        let name = self.local_name(call.budgets.first()?.0);
        if self.arena.budget_at(of).amounts.is_none() {
            let place = self.here(call.budgets[0].0);
            self.diags.push(report::dynamic_budget(place, call.op, name));
            return None;
        }
        let Some(asked) = call.asked.known() else {
            let place = call.asked.unknown().unwrap_or_else(|| self.here(call.at.expr));
            self.diags.push(report::amount_not_static(place, call.op, name));
            return None;
        };
        let rest = self.rest(call, of, &asked)?;
        for (key, _, dim) in &asked {
            let amount = rest.iter().find(|amount| amount.key == *key);
            let left = amount.map_or_else(Linear::zero, |amount| amount.sum.clone());
            if !self.arena.grades.demand(&left, &self.arena.units) {
                self.blame_overspent(call, of, (*key, *dim), &left);
                return None;
            }
        }
        Some((constants(asked), rest))
    }

    /// The amounts of a budget less those asked for; negative ones too.
    fn rest(
        &mut self,
        call: &BudgetCall,
        of: u32,
        asked: &[(Name, Rational, Dim)],
    ) -> Option<Vec<Amount>> {
        let mut rest = self.arena.budget_at(of).amounts.clone()?;
        for (key, value, dim) in asked {
            let taken = Linear::constant(value.clone());
            match rest.iter_mut().find(|amount| amount.key == *key) {
                Some(amount) => {
                    if let Some(own) = amount.dim
                        && own != *dim
                        && value != &int(0)
                    {
                        let place = self.asked_place(call, *key);
                        self.diags.push(report::amount_unit(place, *key, *dim, own));
                        return None;
                    }
                    amount.sum = amount.sum.minus(&taken);
                }
                None => {
                    let sum = Linear::zero().minus(&taken);
                    rest.push(Amount { key: *key, dim: Some(*dim), sum });
                }
            }
        }
        rest.retain(|amount| !amount.sum.is_zero());
        rest.sort_by_key(|amount| amount.key);
        Some(rest)
    }

    /// `(Result (Pair part rest) b)`: what is not known to be enough is decided at run time.
    fn try_split(&mut self, call: &BudgetCall, of: u32) -> T {
        let (Some(pair), Some(result)) = (self.lang.pair, self.lang.result) else { return ERROR };
        let known = call.asked.known();
        let rest = known.as_ref().and_then(|asked| self.rest(call, of, asked));
        let enough =
            rest.filter(|rest| rest.iter().all(|amount| self.arena.grades.entails(&amount.sum)));
        let part = self.arena.budget(known.map(constants), Source::Part(call.at));
        let rest = self.arena.budget(enough, Source::Rest(of, call.at));
        let both = self.arena.con(pair, &[part, rest]);
        self.arena.con(result, &[both, call.budgets[0].1])
    }

    fn at_least(&mut self, call: &BudgetCall, of: u32) -> T {
        let Some(result) = self.lang.result else { return ERROR };
        let Some(asked) = call.asked.known() else {
            let place = call.asked.unknown().unwrap_or_else(|| self.here(call.at.expr));
            let name = self.local_name(call.budgets[0].0);
            self.diags.push(report::amount_not_static(place, call.op, name));
            return ERROR;
        };
        if self.rest(call, of, &asked).is_none() && self.arena.budget_at(of).amounts.is_some() {
            return ERROR;
        }
        let kept = self.arena.budget(Some(constants(asked)), Source::Left(call.at));
        self.arena.con(result, &[kept, call.budgets[0].1])
    }

    /// A deferred call whose budget may be known by now.
    pub(super) fn try_budget(&mut self, call: &BudgetCall) -> bool {
        let Some(found) = self.budget_result(call) else { return false };
        if let Err(clash) = self.arena.unify(found, call.result) {
            let current = std::mem::replace(&mut self.at, call.at.body);
            let want = Want { ty: call.result, why: Why::Result };
            self.blame_mismatch(call.at.expr, found, want, clash);
            self.at = current;
        }
        true
    }

    /// The last resort for a call whose budget nothing decides: what works for any amounts takes a
    /// budget of unknown ones, everything else is told.
    pub(super) fn resort_budget(&mut self, call: &BudgetCall) {
        let needs_amounts = matches!(call.op, BudgetOp::Split | BudgetOp::Spend | BudgetOp::Leave);
        for (arg, ty) in &call.budgets {
            if !self.arena.is_var(*ty) {
                continue;
            }
            if needs_amounts {
                let current = std::mem::replace(&mut self.at, call.at.body);
                let (place, name) = (self.here(*arg), self.local_name(*arg));
                let def = &self.program.defs[self.bodies[self.at].def];
                let asked = call.asked.known();
                self.diags.push(report::unknown_amounts(place, call.op, name, def, asked));
                self.at = current;
                let _ = self.arena.unify(*ty, ERROR);
                let _ = self.arena.unify(call.result, ERROR);
                return;
            }
            let any = self.arena.budget(None, Source::Given);
            let _ = self.arena.unify(*ty, any);
        }
        self.try_budget(call);
    }

    /// The place of the amount asked of a key, else of the call.
    pub(super) fn asked_place(&self, call: &BudgetCall, key: Name) -> eclexia_core::core::Place {
        match &call.asked {
            Asked::Items(items) => items.iter().find(|item| item.key == key).map(|i| i.place),
            _ => None,
        }
        .unwrap_or_else(|| self.here(call.at.expr))
    }

    /// A budget of known amounts is one of unknown ones; so are a reference to it, and what holds
    /// it, where nothing can be put in. `None`: no budgets are compared here.
    pub(super) fn fit_budgets(&mut self, found: T, wanted: T) -> Option<Result<(), Clash>> {
        match (self.arena.node(found), self.arena.node(wanted)) {
            (Node::Budget(x), Node::Budget(y)) => {
                let forgets = self.arena.budget_at(y).amounts.is_none()
                    && self.arena.budget_at(x).amounts.is_some();
                forgets.then_some(Ok(()))
            }
            (Node::Ref(x), Node::Ref(y)) => self.fit_budgets(x, y),
            (Node::Con(x, xs), Node::Con(y, ys)) if x == y && self.only_holds(x) => {
                let fits = |infer: &mut Self, i| {
                    let (x, y) = (infer.arena.item(xs, i), infer.arena.item(ys, i));
                    infer.fit(x, y)
                };
                Some((0..xs.len()).try_for_each(|i| fits(self, i)))
            }
            (Node::Fn(xs, x), Node::Fn(ys, y) | Node::Fn1(ys, y))
                if xs.len() == ys.len() && (0..xs.len()).any(|i| self.takes_any((xs, ys), i)) =>
            {
                for i in 0..xs.len() {
                    if !self.takes_any((xs, ys), i) {
                        let (x, y) = (self.arena.item(xs, i), self.arena.item(ys, i));
                        if let Err(clash) = self.arena.unify(x, y) {
                            return Some(Err(clash));
                        }
                    }
                }
                Some(self.arena.unify(x, y))
            }
            _ => None,
        }
    }

    /// Whether the i-th parameter takes any budget where one of known amounts will be given.
    fn takes_any(&self, (xs, ys): (Run, Run), i: usize) -> bool {
        let node = |run, i| self.arena.node(self.arena.item(run, i));
        match (node(xs, i), node(ys, i)) {
            (Node::Budget(x), Node::Budget(y)) => {
                self.arena.budget_at(x).amounts.is_none()
                    && self.arena.budget_at(y).amounts.is_some()
            }
            _ => false,
        }
    }

    /// A type whose values hold those of its parameters, and to which nothing is added.
    fn only_holds(&self, id: eclexia_core::core::TypeId) -> bool {
        let lang = self.lang;
        [lang.pair, lang.option, lang.result, lang.list, lang.vector].contains(&Some(id))
    }

    pub(super) fn is_amounts(&self, ty: T) -> bool {
        let amounts = crate::declare::head_of(self.lang.amounts);
        amounts.is_some() && self.head(ty) == amounts
    }

    fn any_budget_op(&self, e: ExprId) -> Option<BudgetOp> {
        [2, 1].into_iter().find_map(|args| self.budget_op(e, args))
    }

    /// What is called; an operation on budgets may only be that.
    pub(super) fn callee(&mut self, callee: ExprId) -> T {
        let Expr::Global(def) = self.body().exprs[callee] else { return self.expr(callee, None) };
        if self.any_budget_op(callee).is_none() {
            return self.expr(callee, None);
        }
        let schemes = self.schemes;
        let ty = schemes.get(def).map_or(ERROR, |scheme| self.instantiate(callee, scheme));
        self.cx().types[callee.0 as usize] = ty;
        ty
    }

    /// Operations as values have no amounts in their types: of those that need some, that is said.
    pub(super) fn budget_value(&mut self, e: ExprId) {
        let Some(op) = self.any_budget_op(e) else { return };
        if !matches!(op, BudgetOp::Release | BudgetOp::Merge) {
            let place = self.here(e);
            self.diags.push(report::operation_as_value(place, op));
        }
    }
}

/// Amounts without variables, by key, without zeros.
fn constants(known: Vec<(Name, Rational, Dim)>) -> Vec<Amount> {
    let mut amounts: Vec<Amount> = known
        .into_iter()
        .filter(|(_, value, _)| *value != int(0))
        .map(|(key, value, dim)| Amount { key, dim: Some(dim), sum: Linear::constant(value) })
        .collect();
    amounts.sort_by_key(|amount| amount.key);
    amounts
}
