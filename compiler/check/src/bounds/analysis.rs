//! The analysis of definitions: systems of rows per function and way of calling it, kept and copied
//! for every call; solved on request.
//!
//! A *template* is the system of a function at one [`Key`] (which dictionaries, which shapes of
//! arguments) together with what it calls. A call of a function of another group puts a fresh copy
//! of its template into the caller's system: two calls of `append` may spend potential differently.
//! Within a group (mutual recursion) calls share the one set of unknowns of the template being
//! built; at degree 2 such a call adds a *cost-free* copy of degree 1, which carries potential
//! through the call and pays for nothing (resource-polymorphic recursion).

use super::Why;
use super::known::{Dicts, Function, Known};
use super::lp::{Lin, solve};
use super::poly::Bound;
use super::shape::{DEGREES, FnId, Pot, Shape, Shapes, Vars};
use super::walk::{Exit, Frame, MAX_ROWS, State};
use crate::ty::TyKind;
use crate::typed::{Facts, Typed};
use eclexia_base::number::int;
use eclexia_base::{FxHashMap, Rational};
use eclexia_core::core::{Body, DefId, Expr, ExprId, LocalId, Pat, Program};
use eclexia_core::cost::{CostPoly, Resource};
use std::rc::Rc;

/// Templates being built inside of each other.
const MAX_NESTED: usize = 40;
/// Ways of calling that one recursion may have.
const MAX_VARIANTS: usize = 24;

/// A way of calling a function.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Key {
    pub def: DefId,
    pub dicts: Vec<Known>,
    pub params: Vec<Rc<Shape>>,
    pub vars: Vec<Rc<Shape>>,
}

/// What a call needs, and what it gives back.
#[derive(Clone)]
pub(super) struct Sig {
    params: Vec<Pot>,
    needed: Lin,
    result: Pot,
    left: Lin,
}

#[derive(Default)]
pub(super) struct System {
    pub vars: u32,
    pub rows: Vec<Lin>,
}

struct Template {
    vars: u32,
    rows: Vec<Lin>,
    sig: Sig,
}

/// The recursion being built.
struct Build {
    group: DefId,
    sigs: Vec<(Key, Sig)>,
    done: usize,
}

/// What a bound leaves out.
#[derive(Clone, Default, Debug)]
pub(crate) struct Assumed {
    /// Calls of functions that are not known: what those cost comes on top.
    pub unknown: Vec<(DefId, ExprId)>,
    /// Methods of a type that is not known: counted as built in.
    pub is_method: bool,
}

type Cached = Result<(Rc<Template>, Assumed), Why>;

pub(crate) struct Analysis<'a> {
    pub program: &'a Program,
    pub typed: &'a Typed,
    pub(super) shapes: Shapes<'a>,
    pub resource: Resource,
    /// Whether calls of unknown functions are refused; else they count as free and are noted.
    pub is_strict: bool,
    pub assumed: Assumed,
    pub(super) system: System,
    pub(super) q: Lin,
    pub(super) is_dead: bool,
    pub(super) is_free: bool,
    /// 1: linear potential, 2: quadratic as well.
    pub(super) degree: usize,
    pub(super) depth: usize,
    pub(super) failed: Option<Why>,
    pub(super) frames: Vec<Frame<'a>>,
    pub(super) functions: Vec<Function>,
    function_ids: FxHashMap<Function, FnId>,
    builds: Vec<Build>,
    templates: FxHashMap<(Key, usize, bool), Cached>,
    free: FxHashMap<(DefId, ExprId), Rc<[LocalId]>>,
}

impl<'a> Analysis<'a> {
    pub fn new(
        program: &'a Program,
        typed: &'a Typed,
        resource: Resource,
        is_strict: bool,
    ) -> Analysis<'a> {
        Analysis {
            program,
            typed,
            shapes: Shapes { program, typed },
            resource,
            is_strict,
            assumed: Assumed::default(),
            system: System::default(),
            q: Lin::zero(),
            is_dead: false,
            is_free: false,
            degree: 1,
            depth: 0,
            failed: None,
            frames: Vec::new(),
            functions: Vec::new(),
            function_ids: FxHashMap::default(),
            builds: Vec::new(),
            templates: FxHashMap::default(),
            free: FxHashMap::default(),
        }
    }

    /// The least bound of a definition called with anything: linear if there is one, else
    /// quadratic. The highest degree is made small first.
    pub fn bound(&mut self, def: DefId) -> Result<Bound, Why> {
        let mut why = Why::Unsolvable;
        for degree in 1..=DEGREES {
            let template = self.own_template(def, degree)?;
            match self.solved(&template, &[]) {
                Some(mut bound) => {
                    bound.constant += self.entry(def);
                    return Ok(bound);
                }
                None if template.rows.len() > MAX_ROWS => why = Why::TooLarge,
                None => {}
            }
        }
        Err(why)
    }

    /// Whether a definition keeps a declared bound: whether some certificate lies below it, place
    /// by place.
    pub fn keeps(&mut self, def: DefId, limit: &CostPoly) -> Result<bool, Why> {
        let parts = super::poly::from_one(limit);
        for degree in 1..=DEGREES {
            let template = self.own_template(def, degree)?;
            let sig = &template.sig;
            let mut rows = Vec::new();
            let entry = self.entry(def);
            let at_most = |have: &Lin, most: &Rational| {
                let mut row = Lin::constant(most.clone());
                row.add(have, -1);
                row
            };
            let constant = parts.iter().find(|(size, _)| size.is_none());
            let constant = constant.map_or_else(|| int(0), |(_, c)| c[0].clone());
            // Sizes that the limit mentions count from one on: C(1+m, 2) = C(m, 2) + m.
            let mut needed = sig.needed.clone();
            for (i, param) in sig.params.iter().enumerate() {
                let own = super::poly::allowed(&parts, i as u32);
                let has_top = !param.top(0).is_zero() || !param.top(1).is_zero();
                for (at, amount) in param.amounts.iter().enumerate() {
                    let most = own.as_ref().and_then(|own| own.get(at)).filter(|_| has_top);
                    let mut amount = amount.clone();
                    if at == 0 && most.is_some() {
                        needed.add(&amount, 1);
                        amount.add(&param.top(1), 1);
                    }
                    rows.push(at_most(&amount, most.unwrap_or(&int(0))));
                }
            }
            rows.push(at_most(&needed, &(constant - entry)));
            if self.solved(&template, &rows).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The first call of a recursion is a call.
    fn entry(&self, def: DefId) -> Rational {
        let is_function = self.program.defs[def].body.as_ref().is_some_and(|b| b.is_function);
        int(i64::from(is_function && self.resource == Resource::Calls))
    }

    fn solved(&self, template: &Template, more: &[Lin]) -> Option<Bound> {
        let rows: Vec<Lin> = template.rows.iter().chain(more).cloned().collect();
        least(template.vars, &rows, &template.sig.needed, &template.sig.params)
    }

    /// A system of its own, in the body of `def`, for code that is not all of the body.
    pub(super) fn begin(&mut self, def: DefId, body: &'a Body, facts: &'a Facts) -> Lin {
        self.system = System::default();
        self.assumed = Assumed::default();
        (self.is_dead, self.is_free, self.failed) = (false, false, None);
        let opaque = Rc::new(Shape::Opaque);
        let vars = self.typed.scheme(def).vars.iter().map(|_| opaque.clone()).collect();
        let exit = Exit { result: Pot::none(), left: Lin::zero() };
        self.frames = vec![Frame {
            def,
            body,
            facts,
            dicts: Rc::new(Vec::new()),
            vars: Rc::new(vars),
            captured: Vec::new(),
            state: State::default(),
            pending: Vec::new(),
            loops: Vec::new(),
            exit,
            own: None,
        }];
        self.fresh_var()
    }

    /// The least that what has been walked since `begin` needs of its parameters.
    pub(super) fn least_bound(&self, needed: &Lin, params: &[Pot]) -> Option<Bound> {
        least(self.system.vars, &self.system.rows, needed, params)
    }
    fn own_template(&mut self, def: DefId, degree: usize) -> Result<Rc<Template>, Why> {
        self.degree = degree;
        self.is_free = false;
        let scheme = self.typed.scheme(def);
        let opaque = Rc::new(Shape::Opaque);
        let vars: Vec<Rc<Shape>> = scheme.vars.iter().map(|_| opaque.clone()).collect();
        let params = match (scheme.ty.kind(), &self.program.defs[def].body) {
            (TyKind::Fn(params, _) | TyKind::Fn1(params, _), Some(body)) if body.is_function => {
                params.iter().map(|ty| self.shapes.of(*ty, &vars)).collect()
            }
            _ => Vec::new(),
        };
        let dicts = vec![Known::Unknown; self.typed.facts[def].dict_params.len()];
        let key = Key { def, dicts, params, vars };
        let (template, assumed) = self.template(&key)?;
        self.assumed = assumed;
        Ok(template)
    }

    pub(super) fn function_id(&mut self, function: Function) -> FnId {
        if let Some(id) = self.function_ids.get(&function) {
            return *id;
        }
        let id = FnId(self.functions.len() as u32);
        self.functions.push(function.clone());
        self.function_ids.insert(function, id);
        id
    }

    pub(super) fn key(&self, def: DefId, dicts: Vec<Known>, args: &[Pot]) -> Key {
        let vars = self.variables(def, args);
        let scheme = self.typed.scheme(def);
        let wanted = match scheme.ty.kind() {
            TyKind::Fn(params, _) | TyKind::Fn1(params, _) => params.to_vec(),
            _ => Vec::new(),
        };
        let param = |(i, arg): (usize, &Pot)| match (&*arg.shape, wanted.get(i)) {
            (Shape::Fn(_), _) | (_, None) => arg.shape.clone(),
            (_, Some(ty)) => self.shapes.of(*ty, &vars),
        };
        let params = args.iter().enumerate().map(param).collect();
        Key { def, dicts, params, vars }
    }

    pub(super) fn call_key(&mut self, key: Key, args: &[Pot]) -> Pot {
        let group = self.program.defs[key.def].group;
        let is_own = self.builds.last().is_some_and(|b| b.group == group);
        if is_own {
            return self.call_own(key, args);
        }
        let sig = match self.copied(&key, self.degree, self.is_free) {
            Ok(sig) => sig,
            Err(why) => {
                self.fail(why);
                return Pot::none();
            }
        };
        for (have, wanted) in args.iter().zip(&sig.params) {
            self.cover(have, wanted);
        }
        self.gain(&sig.needed, -1);
        self.require_paid();
        self.gain(&sig.left, 1);
        sig.result
    }

    /// What has been spent so far was there: only then may a call that perhaps never returns give
    /// something back.
    pub(super) fn require_paid(&mut self) {
        if !self.is_dead {
            self.require(self.q.clone());
        }
    }

    /// A call within the recursion being built.
    fn call_own(&mut self, key: Key, args: &[Pot]) -> Pot {
        let index = self.own_sig(key.clone());
        let Some(index) = index else {
            self.fail(Why::TooLarge);
            return Pot::none();
        };
        let Some(build) = self.builds.last() else { return Pot::none() };
        let sig = build.sigs[index].1.clone();
        self.count_call();
        let mut wanted = sig.params.clone();
        let mut result = sig.result.clone();
        self.gain(&sig.needed, -1);
        let mut left = sig.left.clone();
        if self.degree > 1 {
            match self.copied(&key, self.degree - 1, true) {
                Ok(free) => {
                    add(&mut wanted, &free.params);
                    add(std::slice::from_mut(&mut result), std::slice::from_ref(&free.result));
                    self.gain(&free.needed, -1);
                    left.add(&free.left, 1);
                }
                Err(why) => self.fail(why),
            }
        }
        self.require_paid();
        self.gain(&left, 1);
        for (have, wanted) in args.iter().zip(&wanted) {
            self.cover(have, wanted);
        }
        result
    }

    /// `recur` outside of any loop: the function itself, in tail position.
    pub(super) fn recur_function(&mut self, args: &[ExprId]) -> Pot {
        let own = self.frame().own;
        let pots = self.all(args, true);
        let Some(key) = own.and_then(|i| self.builds.last().map(|b| b.sigs[i].0.clone())) else {
            self.fail(Why::Functions);
            return Pot::none();
        };
        let key = self.key(key.def, key.dicts, &pots);
        let pot = self.call_own(key, &pots);
        self.leave(&pot);
        self.is_dead = true;
        Pot::none()
    }

    fn own_sig(&mut self, key: Key) -> Option<usize> {
        let build = self.builds.last()?;
        if let Some(found) = build.sigs.iter().position(|(own, _)| *own == key) {
            return Some(found);
        }
        if build.sigs.len() >= MAX_VARIANTS {
            return None;
        }
        let sig = self.new_sig(&key);
        let build = self.builds.last_mut()?;
        build.sigs.push((key, sig));
        Some(build.sigs.len() - 1)
    }

    fn new_sig(&mut self, key: &Key) -> Sig {
        let scheme = self.typed.scheme(key.def);
        let result = match scheme.ty.kind() {
            TyKind::Fn(_, result) | TyKind::Fn1(_, result) if !key.params.is_empty() => *result,
            TyKind::Fn(params, result) | TyKind::Fn1(params, result) if params.is_empty() => {
                *result
            }
            _ => scheme.ty,
        };
        let shape = self.shapes.of(result, &key.vars);
        Sig {
            params: key.params.iter().map(|shape| self.fresh(shape)).collect(),
            needed: self.fresh_var(),
            result: self.fresh(&shape),
            left: self.fresh_var(),
        }
    }

    /// A fresh copy of a template, put into the system at hand.
    fn copied(&mut self, key: &Key, degree: usize, is_free: bool) -> Result<Sig, Why> {
        let (was, had) = (self.degree, self.is_free);
        (self.degree, self.is_free) = (degree, is_free);
        let found = self.template(key);
        (self.degree, self.is_free) = (was, had);
        let (template, assumed) = found?;
        self.assumed.unknown.extend(assumed.unknown);
        self.assumed.is_method |= assumed.is_method;
        let offset = self.system.vars;
        self.system.vars += template.vars;
        if self.system.rows.len() + template.rows.len() > MAX_ROWS {
            return Err(Why::TooLarge);
        }
        self.system.rows.extend(template.rows.iter().map(|row| row.shifted(offset)));
        let shift = |pot: &Pot| Pot {
            shape: pot.shape.clone(),
            amounts: pot.amounts.iter().map(|lin| lin.shifted(offset)).collect(),
        };
        let sig = &template.sig;
        Ok(Sig {
            params: sig.params.iter().map(shift).collect(),
            needed: sig.needed.shifted(offset),
            result: shift(&sig.result),
            left: sig.left.shifted(offset),
        })
    }

    fn template(&mut self, key: &Key) -> Cached {
        let slot = (key.clone(), self.degree, self.is_free);
        if let Some(found) = self.templates.get(&slot) {
            return found.clone();
        }
        let group = self.program.defs[key.def].group;
        if self.builds.len() >= MAX_NESTED {
            return Err(Why::TooLarge);
        }
        // A cost-free copy of the recursion at hand is built inside of it; else a group met again
        // is a recursion through methods, which has no rows of its own.
        let inside = self.builds.iter().filter(|b| b.group == group).count();
        if inside >= DEGREES {
            return Err(Why::Unsolvable);
        }
        let system = std::mem::take(&mut self.system);
        let q = std::mem::take(&mut self.q);
        let (is_dead, failed) = (self.is_dead, self.failed.take());
        let frames = std::mem::take(&mut self.frames);
        let assumed = std::mem::take(&mut self.assumed);
        self.is_dead = false;
        self.builds.push(Build { group, sigs: Vec::new(), done: 0 });
        let entry = self.own_sig(key.clone());
        while let Some(next) = self.next_function() {
            self.function(next);
        }
        let build = self.builds.pop();
        let made = std::mem::replace(&mut self.system, system);
        let noted = std::mem::replace(&mut self.assumed, assumed);
        let ended = std::mem::replace(&mut self.failed, failed);
        self.frames = frames;
        (self.q, self.is_dead) = (q, is_dead);
        let cached = match (ended, build, entry) {
            (None, Some(build), Some(entry)) => {
                let sig = build.sigs[entry].1.clone();
                Ok((Rc::new(Template { vars: made.vars, rows: made.rows, sig }), noted))
            }
            (Some(why), ..) => Err(why),
            _ => Err(Why::TooLarge),
        };
        if cached.is_ok() || self.builds.is_empty() {
            self.templates.insert(slot, cached.clone());
        }
        cached
    }

    fn next_function(&mut self) -> Option<usize> {
        let build = self.builds.last_mut()?;
        if self.failed.is_some() || build.done >= build.sigs.len() {
            return None;
        }
        build.done += 1;
        Some(build.done - 1)
    }

    /// Walks one function of the build.
    fn function(&mut self, index: usize) {
        let Some(build) = self.builds.last() else { return };
        let (key, sig) = build.sigs[index].clone();
        let program = self.program;
        let Some(body) = &program.defs[key.def].body else { return };
        let facts = &self.typed.facts[key.def];
        if body.exprs.is_empty() {
            return;
        }
        let dicts: Dicts =
            Rc::new(facts.dict_params.iter().copied().zip(key.dicts.iter().cloned()).collect());
        let vars: Vars = Rc::new(key.vars.clone());
        let exit = Exit { result: sig.result.clone(), left: sig.left.clone() };
        self.frames.push(Frame {
            def: key.def,
            body,
            facts,
            dicts,
            vars,
            captured: Vec::new(),
            state: State::default(),
            pending: Vec::new(),
            loops: Vec::new(),
            exit,
            own: Some(index),
        });
        self.q = sig.needed.clone();
        self.is_dead = false;
        if body.is_function {
            self.count_step();
        }
        for (pat, pot) in body.params.iter().zip(&sig.params) {
            self.bind(*pat, pot.clone());
        }
        let pot = self.expr(body.root, true);
        self.leave(&pot);
        self.frames.pop();
    }

    /// The locals free in an expression, ascending.
    pub(super) fn free(&mut self, def: DefId, e: ExprId) -> Rc<[LocalId]> {
        if let Some(found) = self.free.get(&(def, e)) {
            return found.clone();
        }
        let program = self.program;
        let Some(body) = &program.defs[def].body else { return Rc::from([]) };
        let mut found: Vec<LocalId> = Vec::new();
        let mut bound: Vec<LocalId> = Vec::new();
        let mut work = vec![e];
        let mut pats = Vec::new();
        while let Some(at) = work.pop() {
            match &body.exprs[at] {
                Expr::Local(local) => found.push(*local),
                Expr::Fn { params, .. } | Expr::Loop { params, .. } => pats.extend(params),
                Expr::Let { pat, .. } | Expr::For { pat, .. } => pats.push(*pat),
                Expr::Match { arms, .. } => pats.extend(arms.iter().map(|arm| arm.pat)),
                Expr::BorrowIn { local, .. } | Expr::With { local, .. } => bound.push(*local),
                _ => {}
            }
            work.extend(eclexia_core::verify::children(&body.exprs[at]));
        }
        while let Some(pat) = pats.pop() {
            match &body.pats[pat] {
                Pat::Bind(local) => bound.push(*local),
                Pat::As { local, pat } => {
                    bound.push(*local);
                    pats.push(*pat);
                }
                Pat::Ctor { args, .. } => pats.extend(args),
                Pat::Vector { items, rest } => pats.extend(items.iter().chain(rest)),
                Pat::Record { fields } => pats.extend(fields.iter().map(|(_, p)| *p)),
                Pat::Wildcard | Pat::Literal(_) | Pat::Error => {}
            }
        }
        // Every binder has a local of its own, so what is bound inside is not free inside.
        bound.sort_unstable();
        found.retain(|local| bound.binary_search(local).is_err());
        found.sort_unstable();
        found.dedup();
        let found: Rc<[LocalId]> = found.into();
        self.free.insert((def, e), found.clone());
        found
    }
}

/// The solution that makes a bound least.
fn least(vars: u32, rows: &[Lin], needed: &Lin, params: &[Pot]) -> Option<Bound> {
    // One objective per degree, the highest first; then the constant; then Ints before data and
    // later parameters before earlier ones, so that of two that could pay it is the first list.
    let mut goals = vec![Lin::zero(); DEGREES];
    let (mut ints, mut order) = (Vec::new(), Vec::new());
    for param in params {
        let mut degrees = Vec::new();
        param.shape.degrees(&mut degrees);
        let mut own = Lin::zero();
        for (amount, degree) in param.amounts.iter().zip(degrees) {
            goals[DEGREES - 1 - degree].add(amount, 1);
            own.add(amount, 1);
        }
        match *param.shape {
            Shape::Int => ints.insert(0, own),
            _ => order.insert(0, own),
        }
    }
    goals.push(needed.clone());
    goals.extend(ints.into_iter().chain(order));
    let solution = solve(vars, rows, &goals)?;
    let amounts = |pot: &Pot| pot.amounts.iter().map(|lin| lin.eval(&solution)).collect();
    Some(Bound {
        constant: needed.eval(&solution),
        params: params.iter().map(|p| (p.shape.clone(), amounts(p))).collect(),
    })
}

fn add(to: &mut [Pot], more: &[Pot]) {
    for (pot, other) in to.iter_mut().zip(more) {
        for (amount, by) in pot.amounts.iter_mut().zip(&other.amounts) {
            amount.add(by, 1);
        }
    }
}
