//! What the adaptive functions cost that a body calls, directly or through other functions: what is
//! done one after the other adds up, of branches the most counts, and what is done who knows how
//! often (in a loop, a closure, by itself) is unbounded unless it is nothing.
//!
//! A call of an adaptive function counts what its choice takes where the choice is known; else the
//! most that a variant takes which may be chosen, and never more than its own limits.

use super::known::{Evaluator, Known};
use super::{Adaptive, Facts, Library, TERMS, Variant, limits};
use crate::typed::{Dict, InnerCost, Typed};
use eclexia_base::number::int;
use eclexia_base::{FxHashMap, Rational};
use eclexia_core::core::{Body, CtorId, DefId, Expr, ExprId, Program};

/// In the order of [`super::TERM_NAMES`], in base units; `None`: unbounded, or not known.
pub(crate) type Amounts = [Option<Rational>; TERMS];

pub(crate) struct Inner<'c> {
    evaluator: Evaluator<'c>,
    library: Library,
    done: FxHashMap<DefId, Amounts>,
    /// Definitions that are being looked at, and whether they were met again.
    open: Vec<(DefId, bool)>,
}

fn nothing() -> Amounts {
    std::array::from_fn(|_| Some(int(0)))
}

fn add(a: Amounts, b: &Amounts) -> Amounts {
    let sum = |(a, b): (Option<Rational>, &Option<Rational>)| Some(a? + b.as_ref()?);
    let mut b = b.iter();
    a.map(|a| b.next().and_then(|b| sum((a, b))))
}

fn most(a: Amounts, b: &Amounts) -> Amounts {
    let mut b = b.iter();
    a.map(|a| {
        let (a, b) = (a?, b.next()?.as_ref()?);
        Some(if a > *b { a } else { b.clone() })
    })
}

/// What happens any number of times.
fn repeated(a: Amounts) -> Amounts {
    a.map(|amount| amount.filter(|amount| *amount == int(0)))
}

impl<'c> Inner<'c> {
    pub fn new(program: &'c Program, typed: &'c Typed, library: Library) -> Inner<'c> {
        let evaluator = Evaluator::new(program, typed);
        Inner { evaluator, library, done: FxHashMap::default(), open: Vec::new() }
    }

    pub fn program(&self) -> &'c Program {
        self.evaluator.program
    }

    pub fn evaluator(&self) -> &Evaluator<'c> {
        &self.evaluator
    }

    /// What a variant is known to take.
    pub fn facts(&mut self, def: DefId, body: &Body, variant: &Variant) -> Facts {
        let applies = self.evaluator.value(def, body, variant.guard);
        let cost = self.evaluator.value(def, body, variant.cost);
        let own = std::array::from_fn(|term| match &cost {
            Known::Data(_, fields) => match fields.get(term) {
                Some(Known::Number(n, dim)) => Some((n.clone(), *dim)),
                _ => None,
            },
            _ => None,
        });
        // Met again, the function is in a cycle with itself.
        self.open.push((def, false));
        let inner = self.expr(def, body, variant.body);
        let is_cycle = self.open.pop().is_some_and(|(_, met)| met);
        let inner = if is_cycle { repeated(inner) } else { inner };
        Facts { applies, own, inner }
    }

    /// What the evaluator adds to the costs of a function's variants.
    pub fn costs(
        &mut self,
        def: DefId,
        body: &Body,
        adaptive: &Adaptive,
    ) -> FxHashMap<ExprId, InnerCost> {
        let mut costs = FxHashMap::default();
        for variant in &adaptive.variants {
            let facts = self.facts(def, body, variant);
            if facts.inner.iter().all(|amount| amount.as_ref().is_none_or(|a| *a == int(0))) {
                continue;
            }
            // Exact sums where all is known, so that just the limit is within the limit.
            let own: Option<Vec<Rational>> =
                facts.own.iter().map(|own| Some(own.as_ref()?.0.clone())).collect();
            let is_total = own.is_some();
            let own = own.unwrap_or_else(|| vec![int(0); TERMS]);
            let inner = facts.inner.iter().map(|amount| amount.clone().unwrap_or_else(|| int(0)));
            let amounts: Vec<Rational> = own.iter().zip(inner).map(|(a, b)| a + b).collect();
            costs.insert(variant.cost, InnerCost { is_total, amounts });
        }
        costs
    }

    /// What a call of a definition takes in choices.
    fn def(&mut self, def: DefId) -> Amounts {
        if let Some(known) = self.done.get(&def) {
            return known.clone();
        }
        if let Some(open) = self.open.iter_mut().find(|(open, _)| *open == def) {
            open.1 = true;
            return nothing();
        }
        let program = self.program();
        let defined = &program.defs[def];
        let Some(body) = defined.body.as_ref() else { return nothing() };
        // The library chooses nothing.
        if program.modules[defined.module].is_std {
            return nothing();
        }
        let amounts = match self.library.adaptive(body) {
            Some(adaptive) => self.choice(def, body, &adaptive),
            None => {
                self.open.push((def, false));
                let amounts = self.expr(def, body, body.root);
                let is_cycle = self.open.pop().is_some_and(|(_, met)| met);
                if is_cycle { repeated(amounts) } else { amounts }
            }
        };
        self.done.insert(def, amounts.clone());
        amounts
    }

    fn choice(&mut self, def: DefId, body: &Body, adaptive: &Adaptive) -> Amounts {
        let spec = self.evaluator.value(def, body, adaptive.spec);
        let limits = limits(&spec);
        let all: Vec<Facts> =
            adaptive.variants.iter().map(|variant| self.facts(def, body, variant)).collect();
        let possible: Vec<&Facts> = all.iter().filter(|f| f.never(&limits).is_none()).collect();
        if let Some(chosen) = self.chosen(&spec, &limits, &possible) {
            return chosen;
        }
        let mut amounts = nothing();
        for facts in possible {
            amounts = most(amounts, &total(facts));
        }
        // A choice is within the limits.
        let mut limits = limits.into_iter();
        amounts.map(|amount| match (amount, limits.next().flatten().flatten()) {
            (Some(amount), Some(limit)) => Some(amount.min(limit)),
            (amount, limit) => amount.or(limit),
        })
    }

    /// The cheapest, where all is known of all that may be chosen.
    fn chosen(
        &self,
        spec: &Known,
        limits: &[Option<Option<Rational>>; TERMS],
        possible: &[&Facts],
    ) -> Option<Amounts> {
        let mut best: Option<(Rational, Amounts)> = None;
        // The weights of a `Spec` are its second field; before a program runs, the usual prices are
        // in force, which change no weight.
        let Known::Data(_, spec) = spec else { return None };
        let weights = spec.get(1)?;
        for facts in possible {
            let is_known = facts.applies == Known::Bool(true) && limits.iter().all(Option::is_some);
            let fields: Option<Vec<Known>> = (0..TERMS)
                .map(|term| {
                    let (own, dim) = facts.own[term].clone()?;
                    Some(Known::Number(own + facts.inner[term].clone()?, dim))
                })
                .collect();
            let cost = Known::Data(self.cost_ctor()?, fields.filter(|_| is_known)?);
            let price = self.evaluator.apply(self.library.price, vec![weights.clone(), cost]);
            let price = price.number()?.clone();
            if best.as_ref().is_none_or(|(least, _)| price < *least) {
                best = Some((price, total(facts)));
            }
        }
        best.map(|(_, amounts)| amounts)
    }

    fn cost_ctor(&self) -> Option<CtorId> {
        let program = self.program();
        let module = program.defs[self.library.price].module;
        let types = &program.modules[module].types;
        let cost = types.iter().find(|ty| program.types[**ty].name == *"Cost")?;
        match &program.types[*cost].kind {
            eclexia_core::core::TypeDefKind::Record(ctor) => Some(*ctor),
            _ => None,
        }
    }

    fn all(&mut self, def: DefId, body: &Body, parts: &[ExprId]) -> Amounts {
        let mut sum = nothing();
        for part in parts {
            sum = add(sum, &self.expr(def, body, *part));
        }
        sum
    }

    fn expr(&mut self, def: DefId, body: &Body, start: ExprId) -> Amounts {
        let mut sum = nothing();
        let mut next = start;
        // Down the last parts in a loop: long programs nest there.
        loop {
            match &body.exprs[next] {
                Expr::Let { value, body: rest, .. } | Expr::BorrowIn { value, body: rest, .. } => {
                    sum = add(sum, &self.expr(def, body, *value));
                    next = *rest;
                }
                Expr::Do(parts) => {
                    let Some((last, first)) = parts.split_last() else { return sum };
                    sum = add(sum, &self.all(def, body, first));
                    next = *last;
                }
                Expr::If { cond, then, other } => {
                    sum = add(sum, &self.expr(def, body, *cond));
                    let then = self.expr(def, body, *then);
                    let other = self.expr(def, body, *other);
                    return add(sum, &most(then, &other));
                }
                _ => return add(sum, &self.leaf(def, body, next)),
            }
        }
    }

    fn leaf(&mut self, def: DefId, body: &Body, e: ExprId) -> Amounts {
        match &body.exprs[e] {
            Expr::Call { callee, args } => {
                let args = self.all(def, body, args);
                let called = match &body.exprs[*callee] {
                    Expr::Global(called) => self.def(*called),
                    Expr::Method(_, index) => self.method(def, *callee, *index),
                    _ => self.expr(def, body, *callee),
                };
                add(args, &called)
            }
            // As a value it may be called any number of times.
            Expr::Global(named) if self.is_function(*named) => repeated(self.def(*named)),
            Expr::Fn { body: inner, .. } => repeated(self.expr(def, body, *inner)),
            Expr::Match { value, arms } => {
                let value = self.expr(def, body, *value);
                let mut branches = nothing();
                for arm in arms {
                    let guard = arm.guard.map_or_else(nothing, |g| self.expr(def, body, g));
                    let arm = add(guard, &self.expr(def, body, arm.body));
                    branches = most(branches, &arm);
                }
                add(value, &branches)
            }
            Expr::Loop { inits, body: inner, .. } => {
                let inits = self.all(def, body, inits);
                let inner = self.expr(def, body, *inner);
                add(inits, &repeated(inner))
            }
            Expr::For { iter, body: inner, .. } => {
                let iter = self.expr(def, body, *iter);
                let inner = self.expr(def, body, *inner);
                add(iter, &repeated(inner))
            }
            Expr::Recur { args } | Expr::Vector(args) | Expr::Do(args) => self.all(def, body, args),
            Expr::Record { fields } => {
                let values: Vec<ExprId> = fields.iter().map(|(_, value)| *value).collect();
                self.all(def, body, &values)
            }
            Expr::WithFields { value, fields } => {
                let mut values = vec![*value];
                values.extend(fields.iter().map(|(_, value)| *value));
                self.all(def, body, &values)
            }
            Expr::Map { entries } => {
                let parts: Vec<ExprId> = entries.iter().flat_map(|(k, v)| [*k, *v]).collect();
                self.all(def, body, &parts)
            }
            Expr::With { acquire, release, body: inner, .. } => {
                self.all(def, body, &[*acquire, *release, *inner])
            }
            Expr::Field { value, .. } | Expr::Ascribe { value, .. } => self.expr(def, body, *value),
            Expr::Admit { budget, call } => self.all(def, body, &[*budget, *call]),
            Expr::Borrow(value) | Expr::Try(value) | Expr::Return(value) | Expr::Abort(value) => {
                self.expr(def, body, *value)
            }
            _ => nothing(),
        }
    }

    fn is_function(&self, def: DefId) -> bool {
        self.program().defs[def].body.as_ref().is_some_and(|body| body.is_function)
    }

    /// A method of an instance that is known here.
    fn method(&mut self, def: DefId, callee: ExprId, index: u32) -> Amounts {
        let typed = self.evaluator.typed;
        let dicts = typed.facts.get(def).and_then(|facts| facts.dict_args.get(&callee));
        let Some(Dict::Instance(instance, _)) = dicts.and_then(|dicts| dicts.first()) else {
            return nothing();
        };
        let methods = &self.program().instances[*instance].methods;
        match methods.get(index as usize).copied().flatten() {
            Some(method) => self.def(method),
            None => nothing(),
        }
    }
}

fn total(facts: &Facts) -> Amounts {
    std::array::from_fn(|term| Some(&facts.own[term].as_ref()?.0 + facts.inner[term].as_ref()?))
}
