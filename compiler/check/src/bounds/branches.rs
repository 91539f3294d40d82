//! Branches, and what their conditions say of Ints; loops.
//!
//! An Int in a bound is a natural number. Where it is known to be above zero, `(- n k)` is smaller
//! by at least one and frees a linear coefficient, as the tail of a list does. A loop's parameter
//! that counts up to a limit is a natural number counted from the other end: `limit − i`.

use super::analysis::Analysis;
use super::lp::Lin;
use super::shape::{DEGREES, Pot, Shape};
use super::walk::{LoopCtx, State};
use eclexia_core::core::{Arm, Expr, ExprId, Literal, LocalId, Pat, PatId};
use std::rc::Rc;

/// What a branch left.
pub(super) struct Outcome {
    state: State,
    q: Lin,
    is_dead: bool,
    pot: Pot,
}

/// What a condition says of a local where it holds, or where it does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fact {
    Positive(LocalId),
    Nonzero(LocalId),
    Below(LocalId),
}

impl Analysis<'_> {
    /// Runs a branch from the given start.
    fn branch(
        &mut self,
        start: &(State, Lin, bool),
        walk: impl FnOnce(&mut Self) -> Pot,
    ) -> Outcome {
        *self.state() = start.0.clone();
        self.q = start.1.clone();
        self.is_dead = start.2;
        let pot = walk(self);
        self.settle_views(&start.0);
        self.close(&start.0);
        let state = std::mem::take(self.state());
        Outcome { state, q: std::mem::take(&mut self.q), is_dead: self.is_dead, pot }
    }

    fn start(&mut self) -> (State, Lin, bool) {
        (self.state().clone(), self.q.clone(), self.is_dead)
    }

    /// Goes on with the least that any branch left; the result's shape is that of the type, or a
    /// function that all of them are.
    fn join(&mut self, outcomes: Vec<Outcome>, shape: Rc<Shape>, is_wanted: bool) -> Pot {
        let mut live: Vec<Outcome> = outcomes.into_iter().filter(|o| !o.is_dead).collect();
        self.is_dead = live.is_empty();
        let Some(first) = live.first() else { return Pot::zero(shape) };
        let shape = match &*first.pot.shape {
            Shape::Fn(_) if live.iter().all(|o| o.pot.shape == first.pot.shape) => {
                first.pot.shape.clone()
            }
            _ => shape,
        };
        if live.len() == 1 {
            let only = live.remove(0);
            *self.state() = only.state;
            self.q = only.q;
            return only.pot.coerced(&shape);
        }
        let pots: Vec<Pot> = live.iter().map(|o| o.pot.coerced(&shape)).collect();
        let pot = if is_wanted { self.least(&pots) } else { Pot::zero(shape) };
        let mut state = live[0].state.clone();
        state.positive.retain(|l| live.iter().all(|o| o.state.positive.contains(l)));
        state.nonzero.retain(|l| live.iter().all(|o| o.state.nonzero.contains(l)));
        state.below.retain(|l| live.iter().all(|o| o.state.below.contains(l)));
        for at in 0..state.kept.len() {
            let all: Vec<Pot> = live.iter().filter_map(|o| o.state.kept.get(at).cloned()).collect();
            state.kept[at] = self.least(&all);
        }
        let mut locals: Vec<LocalId> = state.locals.keys().copied().collect();
        locals.sort_unstable();
        for local in locals {
            let all: Option<Vec<Pot>> =
                live.iter().map(|o| o.state.locals.get(&local).cloned()).collect();
            match all {
                // Bound in one branch only: of no use behind it.
                None => drop(state.locals.remove(&local)),
                Some(all) => drop(state.locals.insert(local, self.least(&all))),
            }
        }
        *self.state() = state;
        let all: Vec<Lin> = live.iter().map(|o| o.q.clone()).collect();
        self.q = self.least_of(&all);
        pot
    }

    fn least(&mut self, pots: &[Pot]) -> Pot {
        let mut pot = pots[0].clone();
        for at in 0..pot.amounts.len() {
            let all: Vec<Lin> =
                pots.iter().map(|p| p.amounts.get(at).cloned().unwrap_or_default()).collect();
            pot.amounts[at] = self.least_of(&all);
        }
        pot
    }

    /// Of amounts that may be negative (free potential on the way), a difference of two unknowns.
    pub(super) fn least_of(&mut self, all: &[Lin]) -> Lin {
        if all.iter().all(|lin| *lin == all[0]) {
            return all[0].clone();
        }
        let may_be_negative = all.iter().any(|lin| lin.terms.iter().any(|(_, c)| *c < 0))
            || all.iter().any(|lin| lin.constant.as_ref().is_some_and(|c| *c < num_traits::zero()));
        let mut least = self.fresh_var();
        if may_be_negative {
            let below = self.fresh_var();
            least.add(&below, -1);
        }
        for lin in all {
            self.require(lin.plus(&least, -1));
        }
        least
    }

    pub(super) fn condition(
        &mut self,
        e: ExprId,
        cond: ExprId,
        then: ExprId,
        other: ExprId,
        is_wanted: bool,
    ) -> Pot {
        self.before(&[then, other], cond, false);
        let start = self.start();
        let mut outcomes = Vec::with_capacity(2);
        for (branch, holds) in [(then, true), (other, false)] {
            let facts = self.facts_of(cond, holds);
            outcomes.push(self.branch(&start, |walk| {
                walk.learn(&facts);
                walk.expr(branch, is_wanted)
            }));
        }
        let shape = self.shape_at(e);
        self.join(outcomes, shape, is_wanted)
    }

    pub(super) fn match_(
        &mut self,
        e: ExprId,
        value: ExprId,
        arms: &[Arm],
        is_wanted: bool,
    ) -> Pot {
        let parts: Vec<ExprId> =
            arms.iter().flat_map(|arm| arm.guard.into_iter().chain([arm.body])).collect();
        let body = self.frame().body;
        let named = match &body.exprs[value] {
            Expr::Local(local) => Some(*local),
            Expr::Borrow(inner) => match &body.exprs[*inner] {
                Expr::Local(local) => Some(*local),
                _ => None,
            },
            _ => None,
        };
        let viewed = named
            .filter(|local| arms.iter().all(|arm| arm.guard.is_none()) && self.has_own(*local));
        let is_looked_at =
            |arm: &Arm| !matches!(body.pats[arm.pat], Pat::Wildcard | Pat::Literal(_));
        let mut pot = match viewed {
            // All of it goes into the arms, where it can be put together again.
            Some(local) => self.all_of(local),
            None => self.before(&parts, value, arms.iter().any(is_looked_at)),
        };
        let mut start = self.start();
        let mut outcomes = Vec::with_capacity(arms.len());
        let mut is_nonzero = false;
        for arm in arms {
            if let Some(guard) = arm.guard {
                (start, pot) = self.guard(&start, pot, arm, guard);
            }
            let facts = arm.guard.map_or(Vec::new(), |guard| self.facts_of(guard, true));
            let own = pot.clone();
            outcomes.push(self.branch(&start, |walk| {
                walk.learn(&facts);
                if let Some(local) = named.filter(|_| is_nonzero) {
                    walk.learn(&[Fact::Nonzero(local)]);
                }
                match viewed {
                    Some(local) => walk.bind_viewed(arm.pat, own, local),
                    None => walk.bind(arm.pat, own),
                }
                walk.expr(arm.body, is_wanted)
            }));
            is_nonzero |=
                matches!(body.pats[arm.pat], Pat::Literal(Literal::Int(0))) && arm.guard.is_none();
        }
        let shape = self.shape_at(e);
        self.join(outcomes, shape, is_wanted)
    }

    /// Whether a local has a potential of its own, and is no counter.
    fn has_own(&mut self, local: LocalId) -> bool {
        let frame = self.frame();
        let is_counter = frame.loops.iter().any(|l| l.counters.iter().any(|c| c.1 == local));
        let pot = frame.state.locals.get(&local);
        pot.is_some_and(|pot| !matches!(*pot.shape, Shape::Fn(_))) && !is_counter
    }

    fn all_of(&mut self, local: LocalId) -> Pot {
        let Some(pot) = self.frame().state.locals.get(&local).cloned() else { return Pot::none() };
        let left = Pot::zero(pot.shape.clone());
        self.state().locals.insert(local, left);
        pot
    }

    /// A guard looks at a part of the value's potential. What it costs is paid whether it holds
    /// or not; where the pattern does not even fit, it is not run.
    fn guard(
        &mut self,
        start: &(State, Lin, bool),
        pot: Pot,
        arm: &Arm,
        guard: ExprId,
    ) -> ((State, Lin, bool), Pot) {
        *self.state() = start.0.clone();
        (self.q, self.is_dead) = (start.1.clone(), start.2);
        let (used, left) = self.split(&pot);
        let skipped = self.branch(start, |_| Pot::none());
        let tried = self.branch(start, |walk| {
            walk.bind(arm.pat, used);
            let mut later: Vec<ExprId> = vec![arm.body];
            later.extend(walk.frame().pending.clone());
            walk.before(&later, guard, false);
            Pot::none()
        });
        self.join(vec![skipped, tried], Rc::new(Shape::Opaque), false);
        (self.start(), left)
    }

    fn learn(&mut self, facts: &[Fact]) {
        let state = self.state();
        for fact in facts {
            match fact {
                Fact::Positive(local) => state.positive.push(*local),
                Fact::Nonzero(local) => state.nonzero.push(*local),
                Fact::Below(local) => state.below.push(*local),
            }
        }
        for fact in facts {
            let (Fact::Positive(local) | Fact::Nonzero(local) | Fact::Below(local)) = *fact;
            self.open(local, matches!(fact, Fact::Below(_)));
        }
    }

    /// Frees the first unit of an Int that is above zero, or of a counter below its limit.
    fn open(&mut self, local: LocalId, as_counter: bool) {
        let Some(pot) = self.frame().state.locals.get(&local).cloned() else { return };
        let is_known = self.frame().state.opened.contains(&local);
        if *pot.shape != Shape::Int || is_known || self.has_own(local) == as_counter {
            return;
        }
        self.gain(&pot.top(0), 1);
        let state = self.state();
        state.locals.insert(local, pot.rest());
        state.opened.push(local);
    }

    /// At the end of a branch, Ints opened in it are whole again.
    fn close(&mut self, start: &State) {
        let opened = self.frame().state.opened.clone();
        for local in opened.into_iter().filter(|local| !start.opened.contains(local)) {
            let Some(pot) = self.frame().state.locals.get(&local).cloned() else { continue };
            let pot = match !self.is_dead && self.is_live(local) {
                true => self.closed(&pot),
                false => Pot::zero(pot.shape),
            };
            self.state().locals.insert(local, pot);
        }
        self.state().opened.clone_from(&start.opened);
    }

    /// What holds where the condition is true (or false).
    fn facts_of(&mut self, cond: ExprId, holds: bool) -> Vec<Fact> {
        let body = self.frame().body;
        match &body.exprs[cond] {
            Expr::If { cond, then, other } => {
                let is = |e: &ExprId, b: bool| body.exprs[*e] == Expr::Literal(Literal::Bool(b));
                // `(and a b)` holds: both do. `(or a b)` does not: neither does.
                let second = match holds {
                    true if is(other, false) => *then,
                    false if is(then, true) => *other,
                    _ => return Vec::new(),
                };
                let mut facts = self.facts_of(*cond, holds);
                facts.extend(self.facts_of(second, holds));
                facts
            }
            Expr::Call { callee, args } => match (self.operator(*callee), args.as_slice()) {
                (Some("not"), [inner]) => self.facts_of(*inner, !holds),
                (Some(name), [a, b]) => self.comparison(name, *a, *b, holds),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The name of a method or of a function of the prelude.
    pub(super) fn operator(&mut self, callee: ExprId) -> Option<&'static str> {
        let (body, program) = (self.frame().body, self.program);
        match &body.exprs[callee] {
            Expr::Method(interface, index) => {
                let interface = &program.interfaces[*interface];
                let is_std = program.modules[interface.module].is_std;
                let method = interface.methods.get(*index as usize).filter(|_| is_std)?;
                Some(method.name.as_str())
            }
            Expr::Global(def) => {
                let def = &program.defs[*def];
                (program.modules[def.module].name == "std.core").then(|| def.name.as_str())
            }
            _ => None,
        }
    }

    fn comparison(&mut self, name: &str, a: ExprId, b: ExprId, holds: bool) -> Vec<Fact> {
        // As one of `a < b`, `a <= b`, `a = b`, `a ≠ b`.
        let (relation, a, b) = match (name, holds) {
            ("<", true) => ("<", a, b),
            (">", true) => ("<", b, a),
            ("<=", true) => ("<=", a, b),
            (">=", true) => ("<=", b, a),
            ("<", false) => ("<=", b, a),
            (">", false) => ("<=", a, b),
            ("<=", false) => ("<", b, a),
            (">=", false) => ("<", a, b),
            ("=", false) | ("not=", true) => ("≠", a, b),
            _ => return Vec::new(),
        };
        let body = self.frame().body;
        let local = |e: ExprId| match &body.exprs[e] {
            Expr::Local(local) => Some(*local),
            _ => None,
        };
        let number = |e: ExprId| match &body.exprs[e] {
            Expr::Literal(Literal::Int(n)) => Some(*n),
            _ => None,
        };
        let counts_to = |e: ExprId, limit: ExprId| {
            let counters = self.frames.last().and_then(|f| f.loops.last()).map(|l| &l.counters);
            let found = counters.into_iter().flatten().find(|(_, local_of, to)| {
                local(e) == Some(*local_of) && body.exprs[*to] == body.exprs[limit]
            });
            found.map(|(_, local, _)| Fact::Below(*local))
        };
        match relation {
            "<" => {
                let least = number(a).zip(local(b)).filter(|(n, _)| *n >= 0);
                let positive = least.map(|(_, local)| Fact::Positive(local));
                positive.into_iter().chain(counts_to(a, b)).collect()
            }
            "<=" => {
                let least = number(a).zip(local(b)).filter(|(n, _)| *n >= 1);
                least.map(|(_, local)| Fact::Positive(local)).into_iter().collect()
            }
            _ => {
                let zero = |x: ExprId, y: ExprId| {
                    local(x).filter(|_| number(y) == Some(0)).map(Fact::Nonzero)
                };
                let found = zero(a, b).or_else(|| zero(b, a));
                found.into_iter().chain(counts_to(a, b)).chain(counts_to(b, a)).collect()
            }
        }
    }

    // ---------------------------------------------------------------------------------- loops

    pub(super) fn loop_(
        &mut self,
        e: ExprId,
        params: &[PatId],
        inits: &[ExprId],
        body: ExprId,
    ) -> Pot {
        let mut later: Vec<ExprId> = inits.to_vec();
        later.push(body);
        let counters = self.counters(params, inits, body);
        let mut given = Vec::with_capacity(inits.len());
        for (i, init) in inits.iter().enumerate() {
            let pot = match counters.iter().find(|(at, ..)| *at == i) {
                Some((_, _, limit)) => {
                    self.before(&later[i + 1..], *init, false);
                    self.distance(*init, *limit)
                }
                None => self.before(&later[i + 1..], *init, true),
            };
            given.push(pot);
        }
        let shapes: Vec<Rc<Shape>> =
            params.iter().zip(&given).map(|(pat, pot)| self.shape_of_param(*pat, pot)).collect();
        let wanted: Vec<Pot> = shapes.iter().map(|shape| self.fresh(shape)).collect();
        given.iter().zip(&wanted).for_each(|(have, wanted)| self.cover(have, wanted));
        let shape = self.shape_at(e);
        let (needed, result, left) = (self.fresh_var(), self.fresh(&shape), self.fresh_var());
        self.gain(&needed, -1);
        self.require_paid();
        let (outside, q, is_dead) = self.start();
        self.close_locals();
        self.q = needed.clone();
        for (pat, pot) in params.iter().zip(&wanted) {
            self.bind(*pat, pot.clone());
        }
        self.frame().loops.push(LoopCtx { params: wanted, needed, counters });
        let pending = std::mem::take(&mut self.frame().pending);
        let pot = self.expr(body, true);
        self.frame().pending = pending;
        self.frame().loops.pop();
        self.cover(&pot, &result);
        if !self.is_dead {
            self.require(self.q.plus(&left, -1));
        }
        (*self.state(), self.q, self.is_dead) = (outside, q, is_dead);
        self.gain(&left, 1);
        result
    }

    fn shape_of_param(&mut self, pat: PatId, pot: &Pot) -> Rc<Shape> {
        let body = self.frame().body;
        match (&*pot.shape, &body.pats[pat]) {
            (Shape::Opaque, Pat::Bind(local)) => self.shape_of_local(*local),
            _ => pot.shape.clone(),
        }
    }

    /// Inside of a loop, and of a body run for each element, locals have no potential.
    fn close_locals(&mut self) {
        let state = self.state();
        let locals = std::mem::take(&mut state.locals);
        #[expect(clippy::iter_over_hash_type, reason = "each entry by itself")]
        for (local, pot) in locals {
            state.locals.insert(local, Pot::zero(pot.shape));
        }
    }

    pub(super) fn recur(&mut self, args: &[ExprId]) -> Pot {
        let Some(loop_) = self.frame().loops.last() else { return self.recur_function(args) };
        let (params, needed) = (loop_.params.clone(), loop_.needed.clone());
        let counters = loop_.counters.clone();
        self.count_step();
        self.count_call();
        for (i, arg) in args.iter().enumerate() {
            let counter = counters.iter().find(|(at, ..)| *at == i);
            let pot = match counter {
                Some((_, local, _)) => self.next_count(*local),
                None => self.before(&args[i + 1..], *arg, true),
            };
            match params.get(i) {
                Some(wanted)
                    if matches!(*wanted.shape, Shape::Fn(_)) && pot.shape != wanted.shape =>
                {
                    self.fail(super::Why::Functions);
                }
                Some(wanted) => self.cover(&pot, wanted),
                None => {}
            }
        }
        if !self.is_dead {
            self.require(self.q.plus(&needed, -1));
        }
        self.is_dead = true;
        Pot::none()
    }

    /// Parameters that every `recur` of this loop counts up by a literal, with the limit that a
    /// condition of the loop compares them to.
    fn counters(
        &mut self,
        params: &[PatId],
        inits: &[ExprId],
        body: ExprId,
    ) -> Vec<(usize, LocalId, ExprId)> {
        let core = self.frame().body;
        let (mut recurs, mut conds) = (Vec::new(), Vec::new());
        let mut work = vec![body];
        while let Some(e) = work.pop() {
            match &core.exprs[e] {
                Expr::Loop { inits, .. } => work.extend(inits),
                Expr::Fn { .. } => {}
                Expr::Recur { args } => recurs.push(args),
                other => {
                    if let Expr::If { cond, .. } = other {
                        conds.push(*cond);
                    }
                    work.extend(eclexia_core::verify::children(other));
                }
            }
        }
        let mut found = Vec::new();
        for (i, (pat, init)) in params.iter().zip(inits).enumerate() {
            let Pat::Bind(local) = core.pats[*pat] else { continue };
            let Expr::Literal(Literal::Int(from @ 0..)) = core.exprs[*init] else { continue };
            let counts = |args: &&Vec<ExprId>| {
                args.get(i).is_some_and(|arg| self.frames_step(*arg, local).is_some())
            };
            if recurs.is_empty() || !recurs.iter().all(counts) {
                continue;
            }
            // From 0 by ones, a counter does not jump over a natural number.
            let steps_by_one =
                from == 0 && recurs.iter().all(|args| self.frames_step(args[i], local) == Some(1));
            let limit = conds
                .iter()
                .rev()
                .find_map(|cond| self.limit_in(*cond, local, params, steps_by_one));
            found.extend(limit.map(|limit| (i, local, limit)));
        }
        found
    }

    /// `k` where the expression is `(+ i k)`, `(+ k i)` or `(inc i)` of the local, `k ≥ 1`.
    fn frames_step(&self, e: ExprId, local: LocalId) -> Option<i64> {
        let frame = self.frames.last()?;
        let core = frame.body;
        let Expr::Call { callee, args } = &core.exprs[e] else { return None };
        let name = match &core.exprs[*callee] {
            Expr::Method(interface, index) => {
                self.program.interfaces[*interface].methods.get(*index as usize)?.name
            }
            Expr::Global(def) => self.program.defs[*def].name,
            _ => return None,
        };
        let is_it = |e: &ExprId| core.exprs[*e] == Expr::Local(local);
        let number = |e: &ExprId| match &core.exprs[*e] {
            Expr::Literal(Literal::Int(n)) if *n >= 1 => Some(*n),
            _ => None,
        };
        match (name.as_str(), args.as_slice()) {
            ("inc", [x]) if is_it(x) => Some(1),
            ("+", [x, k]) if is_it(x) => number(k),
            ("+", [k, x]) if is_it(x) => number(k),
            _ => None,
        }
    }

    /// What a condition compares a counter to: a number, or a local from outside of the loop.
    fn limit_in(
        &mut self,
        cond: ExprId,
        counter: LocalId,
        params: &[PatId],
        steps_by_one: bool,
    ) -> Option<ExprId> {
        let core = self.frame().body;
        let (callee, args) = match &core.exprs[cond] {
            Expr::Call { callee, args } => (*callee, args),
            Expr::If { cond, then, other } => {
                return [*cond, *then, *other]
                    .into_iter()
                    .find_map(|e| self.limit_in(e, counter, params, steps_by_one));
            }
            _ => return None,
        };
        let name = self.operator(callee)?;
        if name == "not" {
            return self.limit_in(*args.first()?, counter, params, steps_by_one);
        }
        let [a, b] = args.as_slice() else { return None };
        let is_counter = |e: &ExprId| core.exprs[*e] == Expr::Local(counter);
        let limit = match name {
            "<" | ">=" if is_counter(a) => *b,
            ">" | "<=" if is_counter(b) => *a,
            "=" | "not=" if steps_by_one && is_counter(a) => *b,
            "=" | "not=" if steps_by_one && is_counter(b) => *a,
            _ => return None,
        };
        let is_param = |local: LocalId| params.iter().any(|p| core.pats[*p] == Pat::Bind(local));
        match &core.exprs[limit] {
            Expr::Literal(Literal::Int(_)) => Some(limit),
            Expr::Local(local) if !is_param(*local) => Some(limit),
            _ => None,
        }
    }

    /// The potential of `limit − start`, taken from the limit's.
    fn distance(&mut self, start: ExprId, limit: ExprId) -> Pot {
        let core = self.frame().body;
        let Expr::Literal(Literal::Int(from)) = core.exprs[start] else { return Pot::none() };
        match &core.exprs[limit] {
            Expr::Literal(Literal::Int(to)) => self.number(to.saturating_sub(from).max(0), true),
            Expr::Local(local) => {
                // The body compares to the limit, and needs no potential for that.
                let Some(pot) = self.frame().state.locals.get(local).cloned() else {
                    return Pot::zero(Rc::new(Shape::Int));
                };
                let (used, left) = self.split(&pot);
                self.state().locals.insert(*local, left);
                used.coerced(&Rc::new(Shape::Int))
            }
            _ => Pot::zero(Rc::new(Shape::Int)),
        }
    }

    /// The counter's next value is nearer to its limit by at least one.
    fn next_count(&mut self, local: LocalId) -> Pot {
        let Some(pot) = self.frame().state.locals.get(&local).cloned() else { return Pot::none() };
        let left = Pot::zero(pot.shape.clone());
        if !self.frame().state.opened.contains(&local) {
            return left;
        }
        self.state().locals.insert(local, left);
        pot
    }

    /// `(for [p e] body)`: the body once per element, paid from what the elements hold.
    pub(super) fn for_each(&mut self, pat: PatId, iter: ExprId, body: ExprId) -> Pot {
        let pot = self.before(&[body], iter, true);
        let item = match &*pot.shape {
            Shape::Vector(shape) => pot.slice(DEGREES, shape),
            Shape::Data { ctors, .. } => {
                let index = ctors.iter().position(|fields| !fields.is_empty()).unwrap_or(0);
                self.part(&pot, index, 0)
            }
            _ => Pot::none(),
        };
        let (outside, q, is_dead) = self.start();
        self.close_locals();
        let pending = std::mem::take(&mut self.frame().pending);
        // Each round starts with the element's share and nothing else.
        self.q = pot.top(0);
        self.count_step();
        self.count_call();
        self.bind(pat, item);
        self.expr(body, false);
        if !self.is_dead {
            self.require(self.q.clone());
        }
        self.frame().pending = pending;
        (*self.state(), self.q, self.is_dead) = (outside, q, is_dead);
        Pot::none()
    }
}
