//! `(admit b (f x))`: the bounds of the call that the budget is compared with when it runs.
//!
//! Comes in: checked bodies. Goes out: per `admit`, a bound for every resource that counts, in the
//! sizes of the call's arguments as written; or why there is none. Energy, time and declared carbon
//! always count. Steps, calls, memory and the carbon of energy count where the budget has the key:
//! where its type does not say, the bound is there, and looked at if the budget turns out to have
//! it. What the function calls that is not known is refused, so that a bound leaves nothing out.

use super::Why;
use super::analysis::Analysis;
use super::known::known;
use super::limits::unbounded;
use super::measure;
use super::poly::{Bound, is_sound};
use super::shape::{Pot, Shape};
use super::table::carbon_per_joule;
use crate::ty::TyKind;
use crate::typed::Typed;
use eclexia_base::measure::Measure;
use eclexia_base::{Name, Rational};
use eclexia_core::core::{DefId, Expr, ExprId, Pat, Program};
use eclexia_core::cost::Resource;
use eclexia_diag::Diagnostics;

/// What a call may take of one resource.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub resource: Resource,
    /// Whether it counts though the budget never had the key.
    pub always: bool,
    /// In the arguments of the call, trailing pairs as one record; `None`: not known, and the
    /// budget's type says that it does not have the key.
    pub bound: Option<Measure>,
}

const ASKED: &str = "`admit` has to know it";

/// Finds the bounds of the `admit`s of `defs`.
pub(crate) fn admits(program: &Program, typed: &mut Typed, defs: &[DefId]) -> Diagnostics {
    let mut diags = Diagnostics::new();
    let mut made: Vec<(DefId, ExprId, Vec<Admitted>)> = Vec::new();
    for def in defs {
        let Some(body) = &program.defs[*def].body else { continue };
        for (e, expr) in body.exprs.iter() {
            let Expr::Admit { budget, call } = expr else { continue };
            let mut found = Vec::new();
            let mut energy = None;
            for resource in Resource::ALL {
                let ty = typed.facts[*def].types.get(*budget).copied().unwrap_or_default();
                let is_named = names(ty.kind(), resource);
                let (always, is_needed) = counts(ty.kind(), resource);
                let mut analysis = Analysis::new(program, typed, resource, true);
                match analysis.of_call(*def, *call) {
                    Ok(bound) => {
                        let is_derived = resource == Resource::Carbon
                            && energy.as_ref().is_some_and(|e| is_carbon_of(&bound, e));
                        let always = always && (is_named || !is_derived);
                        if resource == Resource::Energy {
                            energy = Some(bound.clone());
                        }
                        let bound = Some(measure::of(&bound));
                        found.push(Admitted { resource, always, bound });
                    }
                    Err(_) if !is_needed => {
                        found.push(Admitted { resource, always, bound: None });
                    }
                    Err(why) => {
                        let Some((target, callee)) = callee(program, *def, *call) else { break };
                        if is_broken(program, target) {
                            break;
                        }
                        let at = (program.maps[*def].exprs[callee].span, ASKED);
                        diags.push(unbounded(&mut analysis, target, at, &why));
                        break;
                    }
                }
            }
            made.push((*def, e, found));
        }
    }
    for (def, e, found) in made {
        typed.facts[def].admits.insert(e, found);
    }
    diags
}

/// Whether a resource counts against a budget of this type even without its key, and whether its
/// bound has to be known.
fn counts(budget: &TyKind, resource: Resource) -> (bool, bool) {
    match (resource, budget) {
        (Resource::Energy | Resource::Time | Resource::Carbon, _) => (true, true),
        (_, TyKind::Budget(Some(_))) => {
            let is_named = names(budget, resource);
            (is_named, is_named)
        }
        _ => (false, true),
    }
}

fn names(budget: &TyKind, resource: Resource) -> bool {
    let TyKind::Budget(Some(amounts)) = budget else { return false };
    let key = Name::new(resource.name());
    amounts.iter().any(|amount| amount.key == key)
}

/// Whether all carbon is that of energy: nobody declared any.
fn is_carbon_of(carbon: &Bound, energy: &Bound) -> bool {
    let same = |(a, b): (&Rational, &Rational)| *a == b * carbon_per_joule();
    let mut params = carbon.params.iter().zip(&energy.params);
    same((&carbon.constant, &energy.constant))
        && params.all(|((_, a), (_, b))| a.iter().zip(b).all(same))
}

/// Reported already: of what is not there nothing is known.
fn is_broken(program: &Program, def: DefId) -> bool {
    let body = program.defs[def].body.as_ref();
    body.is_some_and(|body| {
        body.exprs.values().any(|expr| *expr == Expr::Error)
            || body.pats.values().any(|pat| *pat == Pat::Error)
    })
}

fn callee(program: &Program, def: DefId, call: ExprId) -> Option<(DefId, ExprId)> {
    let exprs = &program.defs[def].body.as_ref()?.exprs;
    let Expr::Call { callee, .. } = &exprs[call] else { return None };
    let Expr::Global(target) = &exprs[*callee] else { return None };
    Some((*target, *callee))
}

impl Analysis<'_> {
    /// An `admit` inside of a function: the call costs what it costs, or, refused, nothing; what it
    /// would give back is not counted on.
    pub(super) fn admit(&mut self, e: ExprId, budget: ExprId, call: ExprId) -> Pot {
        let body = self.frame().body;
        self.before(&[call], budget, false);
        if let Expr::Call { callee, args } = &body.exprs[call]
            && let Expr::Global(target) = &body.exprs[*callee]
        {
            let pots = self.arguments(call, args, true);
            let before = self.q.clone();
            let dicts = self.dicts_at(*callee);
            let was_dead = self.is_dead;
            self.call_known(*target, dicts, pots, call, false);
            if !was_dead {
                self.q = match self.is_dead {
                    true => before,
                    false => {
                        let after = self.q.clone();
                        self.least_of(&[before, after])
                    }
                };
                self.is_dead = false;
            }
        }
        // `Pair` and `Ok`.
        self.allocate(2);
        self.allocate(1);
        Pot::zero(self.shape_at(e))
    }

    /// The bound of a call of a named function, in what its arguments are when it is entered.
    fn of_call(&mut self, def: DefId, call: ExprId) -> Result<Bound, Why> {
        let mut why = Why::Unsolvable;
        for degree in 1..=super::shape::DEGREES {
            self.degree = degree;
            match self.of_call_at(def, call)? {
                Some(bound) if is_sound(&bound) => return Ok(bound),
                Some(_) => {}
                None if self.system.rows.len() > super::walk::MAX_ROWS => why = Why::TooLarge,
                None => {}
            }
        }
        Err(why)
    }

    /// A system of its own, for a body that does nothing but the call.
    fn of_call_at(&mut self, def: DefId, call: ExprId) -> Result<Option<Bound>, Why> {
        let program = self.program;
        let (Some((target, callee)), Some(body)) =
            (callee(program, def, call), &program.defs[def].body)
        else {
            return Err(Why::Unsolvable);
        };
        let Expr::Call { args, .. } = &body.exprs[call] else { return Err(Why::Unsolvable) };
        let facts = &self.typed.facts[def];
        let needed = self.begin(def, body, facts);
        let kept = facts.calls.get(&call).map_or(args.len(), |fact| fact.from_arg as usize);
        let mut params: Vec<Pot> = Vec::with_capacity(args.len());
        for arg in args.iter().take(kept) {
            let pot = match &body.exprs[*arg] {
                Expr::Global(def) => self.global(*arg, *def),
                Expr::Fn { .. } => self.closure(*arg),
                _ => Pot::none(),
            };
            params.push(match *pot.shape {
                Shape::Fn(_) => pot,
                _ => {
                    let shape = self.shape_at(*arg);
                    self.fresh(&shape)
                }
            });
        }
        if kept < args.len() || facts.calls.contains_key(&call) {
            params.push(Pot::none());
        }
        // Arguments are there before the call is.
        self.q = needed.clone();
        let given = facts.dict_args.get(&callee).map_or(&[][..], Vec::as_slice);
        let dicts = given.iter().map(|dict| known(self.typed, dict, &[])).collect();
        let is_function = program.defs[target].body.as_ref().is_some_and(|b| b.is_function);
        if is_function {
            self.count_call();
        }
        self.call_known(target, dicts, params.clone(), call, true);
        self.require_paid();
        if let Some(why) = self.failed.take() {
            return Err(why);
        }
        if self.assumed.is_method {
            return Err(Why::Methods);
        }
        Ok(self.least_bound(&needed, &params))
    }
}
