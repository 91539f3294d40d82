//! Failures of the arithmetic of budgets, told as the sum of the lines that overspend.
//!
//! A budget is asked where it comes from, back to what granted it; every step that took some of
//! the key in question is a line of the message. The certificate (Farkas) of a failure is short:
//! what was granted, less what each line took, is below zero, each with the factor one.

use super::budget::BudgetCall;
use super::{Infer, Want, Why};
use crate::arena::{Amount, At, Clash, Node, Source};
use crate::diagnostics::{self as report, Line, Overspent};
use crate::grades::Linear;
use eclexia_base::amount::{amount_text, dims_of, sum_text};
use eclexia_base::number::int;
use eclexia_base::{Dim, Name, Rational};
use eclexia_core::core::{Expr, ExprId, LocalId, Pat, PatId};
use num_traits::Signed;

/// How a budget's amounts stand to those that are wanted.
enum Relation {
    Short { key: Name, found: String, wanted: String, short: Option<String> },
    Surplus { key: Name, found: String, wanted: String },
    Units { key: Name, found: Dim, wanted: Dim },
}

impl Infer<'_> {
    /// A constant in the unit that suits it.
    pub(super) fn amount_text(&self, value: &Rational, dim: Dim) -> String {
        amount_text(value, dim, &self.program.modules[self.module()].units)
    }

    /// `4cpu`, `n`, `(- n 2cpu)`
    fn sum_text(&self, sum: &Linear, dim: Option<Dim>) -> String {
        let sum = self.arena.grades.normal(sum);
        let name = |var: u32| self.arena.units.rigid_name(var).map_or("_", |var| var.name.as_str());
        let vars = sum.vars.iter().map(|(var, k)| (name(*var), k)).collect();
        sum_text((&sum.constant, vars), None, dim, &self.program.modules[self.module()].units)
    }

    /// The name of a local, where the expression is one.
    pub(super) fn local_name(&self, e: ExprId) -> Option<Name> {
        let body = self.body();
        match body.exprs.get(e)? {
            Expr::Local(local) => Some(body.locals[*local]),
            Expr::Ascribe { value, .. } => self.local_name(*value),
            _ => None,
        }
    }

    pub(super) fn blame_overspent(
        &mut self,
        call: &BudgetCall,
        of: u32,
        (key, dim): (Name, Dim),
        left: &Linear,
    ) {
        let taken = call.asked.known().unwrap_or_default();
        let taken = taken.iter().find(|(k, ..)| *k == key).map_or(int(0), |(_, v, _)| v.clone());
        let had = left.plus(&Linear::constant(taken.clone()));
        let is_constant = self.arena.grades.normal(left).vars.is_empty();
        let short = match is_constant {
            true => Some(-self.arena.grades.normal(left).constant),
            false => self.arena.grades.minimum(left).map(|least| -least),
        };
        let mut lines = Vec::new();
        self.lines(of, key, dim, &mut lines);
        let granted = self.grant_of(of, key);
        let raise = granted.zip(short.clone()).map(|(granted, short)| granted + short);
        let has_lines = lines.iter().any(|line: &Line| line.takes);
        let over = Overspent {
            place: self.asked_place(call, key),
            key,
            budget: self.root_name(of, call),
            taker: self.part_name(call.at),
            had: self.sum_text(&had, Some(dim)),
            least: self.arena.grades.minimum(&had).map(|v| self.amount_text(&v, dim)),
            is_constant,
            taken: self.amount_text(&taken, dim),
            short: short.map(|value| self.amount_text(&value, dim)),
            raise: raise.map(|value| self.amount_text(&value, dim)),
            lines,
            has_lines,
            meant: self.meant_key(of, key),
        };
        self.diags.push(report::budget_overspent(over));
    }

    /// The key of the budget that an unknown one is probably meant to be.
    fn meant_key(&self, of: u32, key: Name) -> Option<Name> {
        let amounts = self.arena.budget_at(of).amounts.as_ref()?;
        let is_known = amounts.iter().any(|a| a.key == key) || dims_of(key).is_some();
        let keys = amounts.iter().map(|amount| amount.key);
        if is_known { None } else { report::nearest(key, keys) }
    }

    /// Where the amount of `key` comes from, the first line first.
    fn lines(&self, of: u32, key: Name, dim: Dim, lines: &mut Vec<Line>) {
        let budget = self.arena.budget_at(of);
        let own = budget.amounts.iter().flatten().find(|amount| amount.key == key);
        let own = own.map_or_else(Linear::zero, |amount| amount.sum.clone());
        let text = match self.arena.grades.normal(&own).is_zero() {
            true => format!("no :{key}"),
            false => self.sum_text(&own, Some(dim)),
        };
        let mut line = |at: At, text: String, takes: bool| {
            let span = self.place(at.body, at.expr).span;
            lines.push(Line { span, text, takes });
        };
        match budget.source {
            Source::Granted(at) => line(at, format!("granted {text} here"), false),
            Source::Drawn(at) => line(at, format!("{text} drawn here"), false),
            Source::Called(at) => line(at, format!("this call gives {text}"), false),
            Source::Left(at) => line(at, format!("left with {text} here"), false),
            Source::Part(at) => line(at, format!("split off with {text} here"), false),
            Source::Merged(a, b, at) => {
                line(at, format!("merged to {text} here"), false);
                self.lines(a, key, dim, lines);
                self.lines(b, key, dim, lines);
            }
            Source::Rest(before, at) => {
                self.lines(before, key, dim, lines);
                let before = &self.arena.budget_at(before).amounts;
                let before = before.iter().flatten().find(|amount| amount.key == key);
                let before = before.map_or_else(Linear::zero, |amount| amount.sum.clone());
                let taken = self.arena.grades.normal(&before.minus(&own)).constant;
                if taken.is_positive() {
                    let taken = self.amount_text(&taken, dim);
                    let text = match self.part_name(at) {
                        Some(name) => format!("{taken} split for `{name}` here"),
                        None => format!("{taken} taken here"),
                    };
                    let span = self.place(at.body, at.expr).span;
                    lines.push(Line { span, text, takes: true });
                }
            }
            Source::Given => {
                let sum = self.arena.grades.normal(&own);
                let least = self.arena.grades.minimum(&sum).filter(|least| least.is_positive());
                let text = match least.filter(|_| !sum.vars.is_empty()) {
                    Some(least) => format!("{text}, {} or more,", self.amount_text(&least, dim)),
                    None => text,
                };
                self.given_line(text, lines);
            }
        }
    }

    /// A parameter's amounts are in the signature.
    fn given_line(&self, text: String, lines: &mut Vec<Line>) {
        let def = &self.program.defs[self.bodies[self.at].def];
        if let Some(sig) = &def.sig {
            let text = format!("{text} by the signature");
            if lines.iter().all(|line| line.span != sig.span) {
                lines.push(Line { span: sig.span, text, takes: false });
            }
        }
    }

    /// The constant amount that a chain of splits began with, when one grant is at its start.
    fn grant_of(&self, of: u32, key: Name) -> Option<Rational> {
        let budget = self.arena.budget_at(of);
        match budget.source {
            Source::Rest(before, _) => self.grant_of(before, key),
            Source::Granted(_) | Source::Drawn(_) | Source::Part(_) => {
                let amounts = budget.amounts.as_ref()?;
                let sum = amounts.iter().find(|amount| amount.key == key)?;
                let sum = self.arena.grades.normal(&sum.sum);
                sum.vars.is_empty().then_some(sum.constant)
            }
            _ => None,
        }
    }

    /// What the budget was called before anything was taken from it.
    fn root_name(&self, of: u32, call: &BudgetCall) -> Option<Name> {
        let mut name = self.local_name(call.budgets[0].0);
        let mut at = of;
        while let Source::Rest(before, taken) = self.arena.budget_at(at).source {
            if taken.body == self.at
                && let Expr::Call { args, .. } = &self.body().exprs[taken.expr]
                && let Some(first) = args.first()
            {
                name = self.local_name(*first).or(name);
            }
            at = before;
        }
        name
    }

    /// What the part that a `split` takes is called: the first name of the pair it is bound to.
    fn part_name(&self, at: At) -> Option<Name> {
        let body = self.bodies[at.body].body;
        let first_of = |pat: PatId| match body.pats.get(pat)? {
            Pat::Ctor { args, .. } if args.len() == 2 => bound(body.pats.get(args[0])?),
            _ => None,
        };
        let local = body.exprs.values().find_map(|expr| match expr {
            Expr::Let { pat, value, .. } if *value == at.expr => first_of(*pat),
            Expr::Match { value, arms } if *value == at.expr => first_of(arms.first()?.pat),
            _ => None,
        })?;
        Some(body.locals[local])
    }

    /// A clash of two budgets, told; false when it is of other types.
    pub(super) fn blame_budgets(&mut self, expr: ExprId, want: Want, clash: Clash) -> bool {
        let Clash::Differ(a, b) = clash else { return false };
        let (Node::Budget(found), Node::Budget(wanted)) = (self.arena.node(a), self.arena.node(b))
        else {
            return false;
        };
        let place = self.here(expr);
        let name = self.local_name(expr);
        let found_index = found;
        let (x, y) = (self.arena.budget_at(found), self.arena.budget_at(wanted));
        let (x, y) = match (&x.amounts, &y.amounts) {
            (None, Some(_)) => {
                let (why, _) = self.because(want);
                self.diags.push(report::amounts_unknown_here(place, name, why));
                return true;
            }
            (Some(x), Some(y)) => (x.clone(), y.clone()),
            _ => return false,
        };
        let Some(relation) = self.relation(&x, &y) else { return false };
        let (why, label) = self.because(want);
        let is_branch = matches!(want.why, Why::Branch(_) | Why::Arm(_) | Why::Item(_));
        let shown = [a, b].map(|t| self.freeze_message(t));
        let diag = match relation {
            Relation::Units { key, found, wanted } => {
                report::amount_unit(place, key, found, wanted)
            }
            Relation::Short { key, found, wanted, .. }
            | Relation::Surplus { key, found, wanted }
                if is_branch =>
            {
                report::branches_differ(self.program, place, key, (found, wanted), shown, label)
            }
            Relation::Surplus { key, found, wanted } => {
                let texts = (found, wanted);
                report::budget_surplus(self.program, place, (name, key), texts, shown, label)
            }
            Relation::Short { key, found, wanted, short } => {
                let dim = self.dim_of(&x, &y, key);
                let mut lines = Vec::new();
                self.lines(found_index, key, dim, &mut lines);
                let amounts = (found, wanted, short);
                report::budget_insufficient(place, (name, key), amounts, why, label, lines)
            }
        };
        self.diags.push(diag);
        true
    }

    fn dim_of(&self, x: &[Amount], y: &[Amount], key: Name) -> Dim {
        let of = |amounts: &[Amount]| amounts.iter().find(|a| a.key == key).and_then(|a| a.dim);
        of(x).or(of(y)).unwrap_or(Dim::ONE)
    }

    /// The first key of which there is too little, else the first that differs.
    fn relation(&self, found: &[Amount], wanted: &[Amount]) -> Option<Relation> {
        let mut keys: Vec<Name> = found.iter().chain(wanted).map(|amount| amount.key).collect();
        keys.sort();
        keys.dedup();
        let mut surplus = None;
        for key in keys {
            let (x, y) = (of_key(found, key), of_key(wanted, key));
            if let (Some(found), Some(wanted)) = (x.1, y.1)
                && found != wanted
            {
                return Some(Relation::Units { key, found, wanted });
            }
            let (dim, grades) = (x.1.or(y.1), &self.arena.grades);
            let least = self.least_wanted(&y.0);
            let texts = (self.sum_text(&x.0, dim), self.sum_text(&least, dim));
            let left = grades.normal(&x.0.minus(&least));
            if !grades.entails(&left) {
                let short = left.vars.is_empty().then(|| -left.constant.clone());
                let short = short.map(|v| self.amount_text(&v, dim.unwrap_or(Dim::ONE)));
                return Some(Relation::Short { key, found: texts.0, wanted: texts.1, short });
            }
            let differs = !grades.normal(&x.0.minus(&y.0)).is_zero();
            if differs && surplus.is_none() {
                surplus = Some(Relation::Surplus { key, found: texts.0, wanted: texts.1 });
            }
        }
        surplus
    }

    /// What is asked for at least: a variable that this use has just solved stands for its bound.
    fn least_wanted(&self, sum: &Linear) -> Linear {
        let mut least = Linear::constant(sum.constant.clone());
        for (var, k) in &sum.vars {
            let mut one = Linear::zero();
            one.add_var(*var, k);
            let value = self.arena.grades.normal(&one);
            let bound = Linear::constant(k * self.arena.grades.least(*var));
            let is_solved = value != one;
            let below = !self.arena.grades.entails(&value.minus(&bound));
            least = least.plus(if is_solved && below { &bound } else { &value });
        }
        least
    }

    /// What the surroundings are, in words, and a second place that shows it.
    fn because(&mut self, want: Want) -> (String, Option<(eclexia_base::Span, String)>) {
        let reason = self.reason(want.why);
        report::asks(&reason)
    }
}

fn of_key(amounts: &[Amount], key: Name) -> (Linear, Option<Dim>) {
    let amount = amounts.iter().find(|amount| amount.key == key);
    amount.map_or((Linear::zero(), None), |amount| (amount.sum.clone(), amount.dim))
}

fn bound(pat: &Pat) -> Option<LocalId> {
    match pat {
        Pat::Bind(local) | Pat::As { local, .. } => Some(*local),
        _ => None,
    }
}
