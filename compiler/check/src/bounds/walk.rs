//! The walk: a body in, rows of a linear program out (Hoffmann, Aehlig, Hofmann 2011, univariate).
//!
//! 1. Values carry potential ([`Pot`]); `q` is the potential that is free. Every cost is paid from
//!    `q`. Since costs are never negative, `q` may go below zero between calls: what counts is that
//!    it is enough where a function or loop ends, and where a call begins that may not end.
//! 2. A use of a variable that is used again later takes a part of its potential, the last use all
//!    that is left.
//! 3. To take a cell of a list apart frees its linear coefficient, and leaves the rest a list whose
//!    linear coefficient is larger by the quadratic one: C(n+1,2) = C(n,2) + n. To make a cell is
//!    the same backwards.
//! 4. Branches start with what there was; afterwards there is the least that any of them left.
//! 5. A call of a function asks for its parameters' potential and gives its result's (`calls`).
//!    Loops are functions of their parameters; what they use from outside has no potential there.

use super::Why;
use super::analysis::Analysis;
use super::known::{Dicts, Function, Known, known};
use super::lp::Lin;
use super::shape::{FnId, Pot, Shape, Vars};
use super::views::View;
use crate::typed::Facts;
use eclexia_base::number::int;
use eclexia_base::{FxHashMap, Rational};
use eclexia_core::core::{Body, DefId, Expr, ExprId, Literal, LocalId, Pat, PatId};
use std::rc::Rc;

/// Ints beyond it carry no potential: their binomials would not fit.
const LARGEST_LITERAL: i64 = 1_000_000_000;

/// Rows after which an analysis is given up.
pub(super) const MAX_ROWS: usize = 20_000;

/// How deep expressions may nest, over all bodies being walked.
const MAX_DEPTH: usize = 1_500;

/// What a branch sees and changes.
#[derive(Clone, Default)]
pub(super) struct State {
    pub locals: FxHashMap<LocalId, Pot>,
    /// Variables that were taken apart, and what has no name of their parts.
    pub views: FxHashMap<LocalId, View>,
    pub kept: Vec<Pot>,
    /// Ints above zero, and counters below their limit, whose first unit has been freed: their
    /// potential is that of one less.
    pub opened: Vec<LocalId>,
    /// Ints known to be above zero, or only not to be zero.
    pub positive: Vec<LocalId>,
    pub nonzero: Vec<LocalId>,
    /// Counters of loops known to be below their limit.
    pub below: Vec<LocalId>,
}

/// A loop around the place: what its next round takes.
pub(super) struct LoopCtx {
    pub params: Vec<Pot>,
    pub needed: Lin,
    /// Parameters that count up, and to what.
    pub counters: Vec<(usize, LocalId, ExprId)>,
}

/// Where a function's value goes.
#[derive(Clone)]
pub(super) struct Exit {
    pub result: Pot,
    pub left: Lin,
}

/// A body being walked.
pub(super) struct Frame<'a> {
    pub def: DefId,
    pub body: &'a Body,
    pub facts: &'a Facts,
    pub dicts: Dicts,
    pub vars: Vars,
    pub captured: Vec<(LocalId, FnId)>,
    pub state: State,
    /// Expressions still to be walked after the one at hand.
    pub pending: Vec<ExprId>,
    pub loops: Vec<LoopCtx>,
    pub exit: Exit,
    /// Which of the build's functions it is; none for a `fn`.
    pub own: Option<usize>,
}

impl<'a> Analysis<'a> {
    pub(super) fn frame(&mut self) -> &mut Frame<'a> {
        match self.frames.last_mut() {
            Some(frame) => frame,
            None => eclexia_base::bug!("no body is walked"),
        }
    }

    pub(super) fn state(&mut self) -> &mut State {
        &mut self.frame().state
    }

    pub(super) fn fresh_var(&mut self) -> Lin {
        self.system.vars += 1;
        Lin::var(self.system.vars - 1)
    }

    /// A value of which the potential is to be found, of the degree at hand.
    pub(super) fn fresh(&mut self, shape: &Rc<Shape>) -> Pot {
        let mut degrees = Vec::new();
        shape.degrees(&mut degrees);
        let amounts = degrees
            .into_iter()
            .map(|degree| if degree < self.degree { self.fresh_var() } else { Lin::zero() })
            .collect();
        Pot { shape: shape.clone(), amounts }
    }

    /// `lin ≥ 0`
    pub(super) fn require(&mut self, lin: Lin) {
        let is_trivial = lin.terms.iter().all(|(_, c)| *c > 0)
            && lin.constant.as_ref().is_none_or(|c| *c > int(0));
        if !is_trivial {
            self.system.rows.push(lin);
            if self.system.rows.len() > MAX_ROWS {
                self.fail(Why::TooLarge);
            }
        }
    }

    /// `have ≥ wanted`, place by place.
    pub(super) fn cover(&mut self, have: &Pot, wanted: &Pot) {
        if self.is_dead {
            return;
        }
        let have = have.coerced(&wanted.shape);
        for (mine, theirs) in have.amounts.iter().zip(&wanted.amounts) {
            if !theirs.is_zero() {
                self.require(mine.plus(theirs, -1));
            }
        }
    }

    pub(super) fn pay(&mut self, amount: &Rational) {
        if !self.is_free && !self.is_dead {
            self.q.add(&Lin::constant(amount.clone()), -1);
        }
    }

    pub(super) fn gain(&mut self, lin: &Lin, times: i64) {
        if !self.is_dead {
            self.q.add(lin, times);
        }
    }

    pub(super) fn fail(&mut self, why: Why) {
        if self.failed.is_none() {
            self.failed = Some(why);
        }
    }

    /// The shape of an expression's value by its type.
    pub(super) fn shape_at(&mut self, e: ExprId) -> Rc<Shape> {
        let frame = self.frame();
        let (ty, vars) =
            (frame.facts.types.get(e).copied().unwrap_or_default(), frame.vars.clone());
        self.shapes.of(ty, &vars)
    }

    pub(super) fn shape_of_local(&mut self, local: LocalId) -> Rc<Shape> {
        let frame = self.frame();
        let ty = frame.facts.locals.get(local).copied().unwrap_or_default();
        let vars = frame.vars.clone();
        self.shapes.of(ty, &vars)
    }

    /// Walks `e` while `later` are still to come; `later` are in the order they come.
    pub(super) fn before(&mut self, later: &[ExprId], e: ExprId, is_wanted: bool) -> Pot {
        let depth = self.frame().pending.len();
        self.frame().pending.extend(later);
        let pot = self.expr(e, is_wanted);
        self.frame().pending.truncate(depth);
        pot
    }

    pub(super) fn expr(&mut self, e: ExprId, is_wanted: bool) -> Pot {
        if self.failed.is_some() || self.is_dead {
            return Pot::none();
        }
        if self.depth >= MAX_DEPTH {
            self.fail(Why::TooLarge);
            return Pot::none();
        }
        self.depth += 1;
        let pot = self.walk(e, is_wanted);
        self.depth -= 1;
        pot
    }

    fn walk(&mut self, e: ExprId, is_wanted: bool) -> Pot {
        let body = self.frame().body;
        match &body.exprs[e] {
            Expr::Literal(literal) => self.literal(literal, is_wanted),
            Expr::Local(local) => self.local(*local, is_wanted),
            Expr::Global(def) => self.global(e, *def),
            Expr::Ctor(ctor) => self.ctor_value(e, *ctor, is_wanted),
            Expr::Method(_, index) => self.method_value(e, *index),
            Expr::Call { callee, args } => self.call(e, *callee, args, is_wanted),
            Expr::Fn { .. } => self.closure(e),
            Expr::Let { pat, value, body } => {
                let pot = self.before(&[*body], *value, true);
                self.bind(*pat, pot);
                self.expr(*body, is_wanted)
            }
            Expr::BorrowIn { local, value, body } => {
                let pot = self.before(&[*body], *value, true);
                self.bind_local(*local, pot);
                self.expr(*body, is_wanted)
            }
            Expr::If { cond, then, other } => self.condition(e, *cond, *then, *other, is_wanted),
            Expr::Match { value, arms } => self.match_(e, *value, arms, is_wanted),
            Expr::Loop { params, inits, body } => self.loop_(e, params, inits, *body),
            Expr::Recur { args } => self.recur(args),
            Expr::Do(items) => self.sequence(items, is_wanted),
            Expr::Record { .. } | Expr::WithFields { .. } => self.record(e, is_wanted),
            Expr::Map { entries } => {
                let parts: Vec<ExprId> = entries.iter().flat_map(|(k, v)| [*k, *v]).collect();
                self.all(&parts, false);
                self.allocate(parts.len());
                Pot::none()
            }
            Expr::Vector(items) => self.vector(e, items, is_wanted),
            Expr::Field { value, .. } => self.field(e, *value, is_wanted),
            Expr::Ascribe { value, .. } | Expr::Borrow(value) => self.expr(*value, is_wanted),
            Expr::With { local, acquire, release, body } => {
                self.with(*local, *acquire, *release, *body, is_wanted)
            }
            Expr::For { pat, iter, body } => self.for_each(*pat, *iter, *body),
            Expr::Try(value) => self.try_(e, *value),
            Expr::Return(value) => {
                let pot = self.expr(*value, true);
                self.leave(&pot);
                self.is_dead = true;
                Pot::none()
            }
            Expr::Abort(value) => {
                self.expr(*value, false);
                self.is_dead = true;
                Pot::none()
            }
            Expr::Admit { budget, call } => self.admit(e, *budget, *call),
            Expr::Error => Pot::none(),
        }
    }

    /// Several, in order.
    pub(super) fn all(&mut self, parts: &[ExprId], is_wanted: bool) -> Vec<Pot> {
        let walk = |(i, e): (usize, &ExprId)| self.before(&parts[i + 1..], *e, is_wanted);
        parts.iter().enumerate().map(walk).collect()
    }

    fn sequence(&mut self, items: &[ExprId], is_wanted: bool) -> Pot {
        let mut pot = Pot::none();
        for (i, item) in items.iter().enumerate() {
            let is_last = i + 1 == items.len();
            pot = self.before(&items[i + 1..], *item, is_last && is_wanted);
        }
        pot
    }

    fn literal(&mut self, literal: &Literal, is_wanted: bool) -> Pot {
        let Literal::Int(n) = literal else { return Pot::none() };
        self.number(*n, is_wanted)
    }

    /// The potential of a number is paid where it is written.
    pub(super) fn number(&mut self, n: i64, is_wanted: bool) -> Pot {
        let shape = Rc::new(Shape::Int);
        // A negative number is no size; what counts down from it does not end.
        if !is_wanted || !(0..=LARGEST_LITERAL).contains(&n) {
            return Pot::zero(shape);
        }
        let pot = self.fresh(&shape);
        if n > 0 {
            self.gain(&pot.top(0), -n);
            self.gain(&pot.top(1), -(n * (n - 1) / 2));
        }
        pot
    }

    /// Whether a local is used after the expression at hand.
    pub(super) fn is_live(&mut self, local: LocalId) -> bool {
        let frame = self.frame();
        let (def, pending) = (frame.def, frame.pending.clone());
        pending.iter().any(|e| self.free(def, *e).binary_search(&local).is_ok())
    }

    fn local(&mut self, local: LocalId, is_wanted: bool) -> Pot {
        if let Some(pot) = self.viewed(local, is_wanted) {
            return pot;
        }
        let Some(pot) = self.frame().state.locals.get(&local).cloned() else {
            let found = self.frame().captured.iter().find(|(l, _)| *l == local).map(|(_, id)| *id);
            if let Some(id) = found {
                return Pot::zero(Rc::new(Shape::Fn(id)));
            }
            return Pot::zero(self.shape_of_local(local));
        };
        if pot.amounts.is_empty() {
            return pot;
        }
        // A counter's potential is that of what is left to count, not of its value.
        let is_counter = self.frame().loops.iter().any(|l| l.counters.iter().any(|c| c.1 == local));
        let is_wanted = is_wanted && !is_counter;
        if !is_wanted || pot.is_zero() {
            return Pot::zero(pot.shape);
        }
        let is_live = self.is_live(local) || self.is_viewed_later(local);
        let pot = self.taken(local, is_live);
        if self.frame().state.opened.contains(&local) { self.closed(&pot) } else { pot }
    }

    /// An Int whose first unit was freed, whole again.
    pub(super) fn closed(&mut self, pot: &Pot) -> Pot {
        let made = self.fresh(&pot.shape);
        self.gain(&made.top(0), -1);
        self.cover(pot, &made.rest());
        made
    }

    /// A local's potential: all of it, or if it is used again a part.
    pub(super) fn taken(&mut self, local: LocalId, is_live: bool) -> Pot {
        let Some(pot) = self.frame().state.locals.get(&local).cloned() else {
            return self.viewed(local, true).unwrap_or_else(Pot::none);
        };
        let is_live = is_live || self.is_live(local);
        let (used, left) = match is_live {
            true => self.split(&pot),
            false => (pot.clone(), Pot::zero(pot.shape.clone())),
        };
        self.state().locals.insert(local, left);
        used
    }

    /// Two values in place of one, that together have its potential.
    pub(super) fn split(&mut self, pot: &Pot) -> (Pot, Pot) {
        if pot.is_zero() {
            return (pot.clone(), pot.clone());
        }
        let used = self.fresh(&pot.shape);
        let mut left = pot.clone();
        for (mine, theirs) in left.amounts.iter_mut().zip(&used.amounts) {
            mine.add(theirs, -1);
        }
        for amount in left.amounts.clone() {
            if !self.is_dead {
                self.require(amount);
            }
        }
        (used, left)
    }

    /// The value of the function, or of the `fn` around, is `pot`.
    pub(super) fn leave(&mut self, pot: &Pot) {
        let exit = self.frame().exit.clone();
        self.cover(pot, &exit.result);
        if !self.is_dead {
            self.require(self.q.plus(&exit.left, -1));
        }
    }

    pub(super) fn closure(&mut self, e: ExprId) -> Pot {
        let def = self.frame().def;
        let free = self.free(def, e);
        if !free.is_empty() {
            self.allocate(free.len());
        }
        let mut captured = Vec::new();
        for local in free.iter() {
            let pot = self.local(*local, false);
            if let Shape::Fn(id) = *pot.shape {
                captured.push((*local, id));
            }
        }
        let (dicts, vars) = (self.frame().dicts.clone(), self.frame().vars.clone());
        let function = Function::Lambda { def, expr: e, dicts, vars, captured };
        Pot::zero(Rc::new(Shape::Fn(self.function_id(function))))
    }

    fn with(
        &mut self,
        local: LocalId,
        acquire: ExprId,
        release: ExprId,
        body: ExprId,
        is_wanted: bool,
    ) -> Pot {
        let pot = self.before(&[release, body], acquire, true);
        let (used, left) = self.split(&pot);
        self.bind_local(local, left);
        let function = self.before(&[body], release, false);
        // It runs once, whichever way the body is left: paid before, it is paid on every way.
        self.call_value(release, &function, vec![used]);
        self.expr(body, is_wanted)
    }

    /// `Err` leaves the function, `Ok` goes on.
    fn try_(&mut self, e: ExprId, value: ExprId) -> Pot {
        let pot = self.expr(value, true);
        self.leave(&pot);
        let ok = match &*pot.shape {
            Shape::Data { ctors, .. } => ctors.first().and_then(|fields| fields.first()),
            _ => None,
        };
        match ok {
            Some(super::shape::Slot::Of(shape)) => pot.slice(pot.shape.offset(0, 0), shape),
            _ => Pot::zero(self.shape_at(e)),
        }
    }

    // ------------------------------------------------------------------------------- patterns

    pub(super) fn bind_local(&mut self, local: LocalId, pot: Pot) {
        let wanted = match &*pot.shape {
            Shape::Opaque => self.shape_of_local(local),
            _ => pot.shape.clone(),
        };
        let pot = pot.coerced(&wanted);
        self.state().locals.insert(local, pot);
    }

    pub(super) fn bind(&mut self, pat: PatId, pot: Pot) {
        let body = self.frame().body;
        match &body.pats[pat] {
            Pat::Bind(local) => self.bind_local(*local, pot),
            Pat::Wildcard | Pat::Literal(_) | Pat::Error => {}
            Pat::As { local, pat } => {
                let (used, left) = self.split(&pot);
                self.bind_local(*local, used);
                self.bind(*pat, left);
            }
            Pat::Ctor { ctor, args } => self.bind_ctor(*ctor, args, &pot),
            Pat::Vector { items, rest } => {
                let mut pot = pot;
                for item in items {
                    let part = match &*pot.shape {
                        Shape::Vector(shape) => pot.slice(super::shape::DEGREES, shape),
                        _ => Pot::none(),
                    };
                    self.gain(&pot.top(0), 1);
                    pot = pot.rest();
                    self.bind(*item, part);
                }
                if let Some(rest) = rest {
                    self.bind(*rest, pot);
                }
            }
            Pat::Record { fields } => {
                let indices = self.frame().facts.pat_fields.get(&pat);
                for (i, (_, part)) in fields.iter().enumerate() {
                    let index = indices.and_then(|all| all.get(i)).copied().unwrap_or(u32::MAX);
                    let value = self.part(&pot, 0, index as usize);
                    self.bind(*part, value);
                }
            }
        }
    }

    fn bind_ctor(&mut self, ctor: eclexia_core::core::CtorId, args: &[PatId], pot: &Pot) {
        let info = &self.program.ctors[ctor];
        if info.is_record {
            if let Some(only) = args.first() {
                self.bind(*only, pot.clone());
            }
            return;
        }
        let index = info.index as usize;
        if is_cell(&pot.shape, index) {
            self.gain(&pot.top(0), 1);
        }
        for (field, arg) in args.iter().enumerate() {
            let part = self.part(pot, index, field);
            self.bind(*arg, part);
        }
    }

    /// The potential of a field.
    pub(super) fn part(&mut self, pot: &Pot, index: usize, field: usize) -> Pot {
        use super::shape::Slot;
        let Shape::Data { ctors, .. } = &*pot.shape else { return Pot::none() };
        match ctors.get(index).and_then(|fields| fields.get(field)) {
            Some(Slot::Same) => pot.rest(),
            Some(Slot::Of(shape)) => pot.slice(pot.shape.offset(index, field), shape),
            None => Pot::none(),
        }
    }

    /// Which dictionaries a use of a definition or method passes.
    pub(super) fn dicts_at(&mut self, e: ExprId) -> Vec<Known> {
        let typed = self.typed;
        let frame = self.frame();
        let dicts = frame.dicts.clone();
        let given = frame.facts.dict_args.get(&e).map_or(&[][..], Vec::as_slice);
        given.iter().map(|dict| known(typed, dict, &dicts)).collect()
    }
}

/// Whether values of the constructor count in the size: they contain values of their own type.
pub(super) fn is_cell(shape: &Shape, index: usize) -> bool {
    let Shape::Data { ctors, .. } = shape else { return false };
    ctors.get(index).is_some_and(|fields| fields.contains(&super::shape::Slot::Same))
}
