//! Adaptive functions: what is known of their choices before anything runs.
//!
//! 1. Each variant has the cost that it declares, and that of the adaptive functions which its body
//!    calls, directly or through others (`inner`). The second is a fact for the evaluator, which
//!    adds it at run time.
//! 2. A variant whose guard is known to be false, or one of whose costs is known to be above its
//!    limit, is never chosen. Where that is so of every variant, every call would fail: an error.
//! 3. Where a limit is set on a cost that calls inside of a loop or a closure make unbounded, the
//!    limit cannot be promised: a warning.
//!
//! Amounts are exact: what sums up to just the limit fits.

mod inner;
mod known;

use crate::diagnostics as report;
use crate::typed::{InnerCost, Typed};
use eclexia_base::{Dim, FxHashMap, Name, Rational};
use eclexia_core::core::{Body, DefId, Expr, ExprId, Program};
use eclexia_diag::Diagnostics;
use inner::{Amounts, Inner};
use known::Known;

/// What a call takes, in the order of the fields of `std.adaptive`'s `Cost`.
pub(crate) const TERMS: usize = 5;

/// A `defadaptive` as core has it.
pub(crate) struct Adaptive {
    spec: ExprId,
    variants: Vec<Variant>,
}

pub(crate) struct Variant {
    name: Name,
    /// The whole form.
    form: ExprId,
    guard: ExprId,
    cost: ExprId,
    body: ExprId,
}

/// Definitions of `std.adaptive`.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    choose: DefId,
    candidate: DefId,
    price: DefId,
}

/// What is known of a variant.
pub(crate) struct Facts {
    applies: Known,
    /// Its own cost and what it calls; `None` where it is not known.
    own: [Option<(Rational, Dim)>; TERMS],
    inner: Amounts,
}

/// Looks at the definitions from `from` on.
pub(crate) fn check(program: &Program, typed: &mut Typed, from: usize) -> Diagnostics {
    let mut found = Diagnostics::new();
    let Some(library) = Library::of(program) else { return found };
    let mut costs: Vec<(DefId, FxHashMap<ExprId, InnerCost>)> = Vec::new();
    {
        let mut inner = Inner::new(program, typed, library);
        for (def, body) in new_bodies(program, from) {
            if let Some(adaptive) = library.adaptive(body) {
                judge(&mut inner, def, body, &adaptive, &mut found);
                costs.push((def, inner.costs(def, body, &adaptive)));
            }
        }
    }
    for (def, costs) in costs {
        if let Some(facts) = typed.facts.get_mut(def) {
            facts.inner_costs = costs;
        }
    }
    found
}

fn new_bodies(program: &Program, from: usize) -> impl Iterator<Item = (DefId, &Body)> {
    let bodies = program.defs.iter().skip(from);
    bodies.filter_map(|(id, def)| Some((id, def.body.as_ref()?)))
}

impl Library {
    fn of(program: &Program) -> Option<Library> {
        let module = program.by_name.get(&Name::new("std.adaptive"))?;
        let defs = &program.modules[*module].defs;
        let find = |name: &str| defs.iter().copied().find(|def| program.defs[*def].name == *name);
        let (choose, candidate) = (find("choose")?, find("candidate")?);
        Some(Library { choose, candidate, price: find("price")? })
    }

    /// A body that core made of a `defadaptive`.
    pub(crate) fn adaptive(&self, body: &Body) -> Option<Adaptive> {
        let Expr::Match { value, arms } = body.exprs.get(body.root)? else { return None };
        let Expr::Call { callee, args } = &body.exprs[*value] else { return None };
        let is_choice = matches!(&body.exprs[*callee], Expr::Global(d) if *d == self.choose);
        let [_, spec, candidates] = args[..] else { return None };
        let Expr::Vector(candidates) = &body.exprs[candidates] else { return None };
        let variants = candidates.iter().zip(arms).filter_map(|(form, arm)| {
            let Expr::Call { callee, args } = &body.exprs[*form] else { return None };
            let is_candidate =
                matches!(&body.exprs[*callee], Expr::Global(d) if *d == self.candidate);
            let [name, guard, cost] = args[..] else { return None };
            let name = match &body.exprs[name] {
                Expr::Literal(eclexia_core::core::Literal::Str(name)) => *name,
                _ => return None,
            };
            let variant = Variant { name, form: *form, guard, cost, body: arm.body };
            is_candidate.then_some(variant)
        });
        let variants: Vec<Variant> = variants.collect();
        is_choice.then_some(Adaptive { spec, variants })
    }
}

/// The limits of a spec, `None` where there is none; outside `None` where it is not known.
pub(crate) fn limits(spec: &Known) -> [Option<Option<Rational>>; TERMS] {
    let requires = match spec {
        Known::Data(_, parts) => parts.first(),
        _ => None,
    };
    let Some(Known::Data(_, bounds)) = requires else { return Default::default() };
    let limit = |n: usize| match bounds.get(n)? {
        // `None`, or `(Some (AtMost amount))`.
        Known::Data(_, option) => match option.first() {
            None => Some(None),
            Some(Known::Data(_, amount)) => Some(Some(amount.first()?.number()?.clone())),
            Some(_) => None,
        },
        _ => None,
    };
    std::array::from_fn(limit)
}

/// Why a variant is never chosen.
enum Never {
    Guard,
    Above(usize, Box<report::Excess>),
}

impl Facts {
    fn never(&self, limits: &[Option<Option<Rational>>; TERMS]) -> Option<Never> {
        if self.applies == Known::Bool(false) {
            return Some(Never::Guard);
        }
        (0..TERMS).find_map(|term| {
            let limit = limits[term].clone()??;
            let (own, dim) = self.own[term].clone()?;
            let total = &own + self.inner[term].clone()?;
            let is_above = total > limit;
            let excess = report::Excess { total, own, limit, dim };
            is_above.then(|| Never::Above(term, Box::new(excess)))
        })
    }
}

fn judge(inner: &mut Inner, def: DefId, body: &Body, adaptive: &Adaptive, found: &mut Diagnostics) {
    let program = inner.program();
    let spec = inner.evaluator().value(def, body, adaptive.spec);
    let limits = limits(&spec);
    let mut reasons: Vec<String> = Vec::new();
    for variant in &adaptive.variants {
        let facts = inner.facts(def, body, variant);
        match facts.never(&limits) {
            Some(Never::Guard) => reasons.push(report::never_applies(variant.name)),
            Some(Never::Above(term, excess)) => {
                reasons.push(report::is_above(variant.name, TERM_NAMES[term], &excess));
            }
            None => {}
        }
        let unbounded =
            (0..TERMS).find(|term| facts.inner[*term].is_none() && limits[*term] != Some(None));
        if let Some(term) = unbounded.filter(|term| limits[*term].is_some()) {
            let place = program.maps[def].exprs[variant.form];
            found.push(report::unbounded_choice(place, variant.name, TERM_NAMES[term]));
        }
    }
    if reasons.len() == adaptive.variants.len() {
        let defined = &program.defs[def];
        found.push(report::no_feasible_variant(defined.span, defined.name, reasons));
    }
}

const TERM_NAMES: [&str; TERMS] = ["energy", "latency", "carbon", "memory", "money"];
