//! The walk over the paths of one body, after the table in `docs/language/linear.md`.
//!
//! 1. A variable is absent, available or consumed; a path that has ended has no state at all, so
//!    joining it with another gives the other. `frozen` counts the borrows around the place.
//! 2. Naming a variable consumes it. `&x` as an argument freezes it until the call is made, and in
//!    a `borrow`, a `match` on it or a function that only looks at it, until their end. Outside of
//!    these a borrow would outlive what it is of.
//! 3. Branches start from one state and must end in one. A loop's body, and each way from its start
//!    to `recur`, must leave the variables around it as they were.
//! 4. Whatever is bound is consumed when its scope ends, when `return` or `try` leaves the
//!    function, and when `recur` starts it again. What `with` binds it releases itself.
//!    So is what has been computed for a call not made yet, or what a `for` has not come to.
//! 5. A function expression is walked where it stands, with what it takes as its own.

use super::capture::captures;
use super::state::{Path, State};
use super::{Fault, FaultKind, Kind, Kinds, Need, Obligation, TypeFacts};
use crate::arena::{Arena, Node, T};
use crate::declare::Tables;
use eclexia_base::{FxHashMap, FxHashSet, Name, SharedMap};
use eclexia_core::core::{
    Body, CtorId, DefId, Entity, Expr, ExprId, LocalId, Pat, PatId, Place, Program, TypeDefKind,
    TypeId,
};
use eclexia_core::verify::children;

/// A body and its types.
pub(crate) struct Scene<'s> {
    pub program: &'s Program,
    pub tables: &'s Tables,
    pub facts: &'s SharedMap<TypeId, TypeFacts>,
    pub arena: &'s mut Arena,
    pub def: DefId,
    pub body: &'s Body,
    pub types: &'s [T],
    pub pats: &'s [T],
    pub locals: &'s [T],
    /// Calls that do not return.
    pub diverging: &'s FxHashSet<ExprId>,
    /// Constants of linear type: values that a session owns.
    pub owned_globals: &'s FxHashMap<DefId, T>,
    /// The parameters are only read: a method of an interface that extends `Unr`.
    pub reads: bool,
}

/// Who owes the consumption of what a pattern binds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Scope,
    /// Nobody: it stays part of what is borrowed.
    View,
    /// The `with` around it.
    With,
}

/// Where `recur` goes on.
#[derive(Clone, Copy, Default)]
struct Target {
    scope: usize,
    journal: usize,
}

/// A borrow that lasts until what it is for is done.
type Held = Vec<(LocalId, ExprId)>;

pub(super) struct Walk<'s> {
    pub(super) scene: Scene<'s>,
    pub(super) path: Path,
    scope: Vec<LocalId>,
    /// Where the scope of the innermost function begins.
    frame: usize,
    /// Values without a name that wait for what they are for, in the innermost function.
    waiting: Vec<ExprId>,
    target: Target,
    /// Variables of the scope before this one may only be borrowed.
    guard: Option<usize>,
    in_function: bool,
    globals: FxHashMap<DefId, ExprId>,
    found: Vec<Obligation>,
}

/// The obligations of a body.
pub(crate) fn walk(scene: Scene) -> Vec<Obligation> {
    let body = scene.body;
    let owner = if scene.reads { Owner::View } else { Owner::Scope };
    let mut walk = Walk {
        in_function: body.is_function,
        scene,
        path: Path::default(),
        scope: Vec::new(),
        frame: 0,
        waiting: Vec::new(),
        target: Target::default(),
        guard: None,
        globals: FxHashMap::default(),
        found: Vec::new(),
    };
    for pat in &body.params {
        walk.bind(*pat, owner);
    }
    walk.expr(body.root);
    walk.leave(0);
    walk.found
}

impl<'s> Walk<'s> {
    pub(super) fn body(&self) -> &'s Body {
        self.scene.body
    }

    pub(super) fn ty(&self, e: ExprId) -> T {
        self.scene.types[e.0 as usize]
    }

    fn kind(&self, ty: T) -> Kind {
        Kinds { arena: self.scene.arena, facts: self.scene.facts }.kind(ty)
    }

    fn is_reference(&self, ty: T) -> bool {
        matches!(self.scene.arena.node(ty), Node::Ref(_))
    }

    fn through(&self, ty: T) -> T {
        match self.scene.arena.node(ty) {
            Node::Ref(inner) => self.through(inner),
            _ => ty,
        }
    }

    pub(super) fn place(&self, e: ExprId) -> Place {
        crate::infer::place_of(self.scene.program, self.scene.def, e)
    }

    fn pat_place(&self, pat: PatId) -> Place {
        let map = self.scene.program.maps.get(self.scene.def);
        let span = self.scene.program.defs[self.scene.def].span;
        map.and_then(|m| m.pats.get(pat)).copied().unwrap_or(Place { span, inside: None })
    }

    fn local_place(&self, local: LocalId) -> Option<Place> {
        self.scene.program.maps.get(self.scene.def)?.locals.get(local).copied()
    }

    // ------------------------------------------------------------------------------- findings

    fn owe(&mut self, need: Need, ty: T, fault: Fault) {
        if self.path.is_dead {
            return;
        }
        let kinds = Kinds { arena: self.scene.arena, facts: self.scene.facts };
        let kind = kinds.judge(need, ty, &mut |_| {});
        if kind != Kind::Unrestricted {
            self.found.push(Obligation { need, ty, fault });
        }
    }

    /// A fault of a variable: the first one is told.
    fn fault(&mut self, kind: FaultKind, local: LocalId, at: Place, other: Option<Place>) {
        if self.path.is_dead || std::mem::replace(&mut self.path.var(local).is_reported, true) {
            return;
        }
        let name = self.body().locals[local];
        let fault = Fault { kind, name: Some(name), acquired: self.local_place(local), at, other };
        let ty = self.scene.locals[local.0 as usize];
        self.owe(Need::Unrestricted, ty, fault);
    }

    /// A value without a name.
    pub(super) fn nameless(&mut self, kind: FaultKind, ty: T, at: Place) {
        let fault = Fault { kind, name: None, acquired: None, at, other: None };
        self.owe(Need::Unrestricted, ty, fault);
    }

    // --------------------------------------------------------------------------------- scopes

    fn declare(&mut self, local: LocalId, owner: Owner) {
        let kind = self.kind(self.scene.locals[local.0 as usize]);
        let position = self.scope.len();
        self.scope.push(local);
        let var = self.path.var(local);
        var.is_watched = kind != Kind::Unrestricted;
        var.is_view = owner == Owner::View;
        var.is_managed = owner == Owner::With;
        var.position = position;
        if var.is_watched {
            self.path.set(local, State::Available);
        }
    }

    fn owes(&mut self, local: LocalId) -> bool {
        let is_dead = self.path.is_dead;
        let var = self.path.var(local);
        !is_dead
            && var.is_watched
            && !var.is_view
            && !var.is_managed
            && var.state == State::Available
    }

    /// Ends the scope of what was declared since `mark`.
    fn leave(&mut self, mark: usize) {
        for at in mark..self.scope.len() {
            let local = self.scope[at];
            if self.owes(local) {
                let binder = self.binder(local);
                self.fault(FaultKind::Unconsumed, local, binder, None);
            }
            self.path.set(local, State::Absent);
        }
        self.scope.truncate(mark);
    }

    fn binder(&self, local: LocalId) -> Place {
        let span = self.scene.program.defs[self.scene.def].span;
        self.local_place(local).unwrap_or(Place { span, inside: None })
    }

    /// `return` or `try` leaves the function here.
    fn exit(&mut self, kind: FaultKind, e: ExprId) {
        for at in self.frame..self.scope.len() {
            let local = self.scope[at];
            if self.owes(local) {
                let place = self.place(e);
                self.fault(kind, local, place, None);
            }
        }
        for at in 0..self.waiting.len() {
            let (ty, place) = (self.ty(self.waiting[at]), self.place(e));
            self.nameless(kind, ty, place);
        }
    }

    /// Parts that are computed one after the other and then used together.
    pub(super) fn parts(&mut self, parts: &[ExprId]) {
        let mark = self.waiting.len();
        for part in parts {
            self.expr(*part);
            self.waiting.push(*part);
        }
        self.waiting.truncate(mark);
    }

    // ------------------------------------------------------------------------------ variables

    fn consume(&mut self, local: LocalId, e: ExprId) {
        let var = *self.path.var(local);
        if self.path.is_dead || !var.is_watched {
            return;
        }
        let at = self.place(e);
        if var.is_view {
            return self.fault(FaultKind::MoveOut, local, at, None);
        }
        if self.guard.is_some_and(|guard| var.position < guard) {
            return self.fault(FaultKind::ConsumedInGuard, local, at, None);
        }
        if var.is_managed {
            return self.fault(FaultKind::Managed, local, at, None);
        }
        if var.frozen > 0 {
            let by = self.place(var.frozen_by);
            return self.fault(FaultKind::Borrowed, local, at, Some(by));
        }
        match var.state {
            State::Consumed(first) => {
                let first = self.place(first);
                let ty = self.scene.locals[local.0 as usize];
                let is_function = matches!(self.scene.arena.node(ty), Node::Fn1(..));
                let kind =
                    if is_function { FaultKind::CalledTwice } else { FaultKind::ConsumedTwice };
                self.fault(kind, local, at, Some(first));
            }
            State::Available => self.path.set(local, State::Consumed(e)),
            State::Absent => {}
        }
    }

    /// The variable that `e` is a part of, looked at without moving it; a value made here is owned
    /// by nobody.
    fn look(&mut self, e: ExprId) -> Option<LocalId> {
        match &self.body().exprs[e] {
            Expr::Local(local) => {
                let var = *self.path.var(*local);
                if self.path.is_dead || !var.is_watched {
                    return None;
                }
                if let State::Consumed(first) = var.state {
                    let (at, first) = (self.place(e), self.place(first));
                    self.fault(FaultKind::BorrowOfConsumed, *local, at, Some(first));
                }
                Some(*local)
            }
            Expr::Field { value, .. } | Expr::Borrow(value) | Expr::Ascribe { value, .. } => {
                self.look(*value)
            }
            Expr::Global(_) => None,
            _ => {
                self.expr(e);
                let at = self.place(e);
                self.nameless(FaultKind::Discarded, self.ty(e), at);
                None
            }
        }
    }

    fn freeze(&mut self, held: &[(LocalId, ExprId)]) {
        for (local, by) in held {
            let var = self.path.var(*local);
            var.frozen += 1;
            var.frozen_by = *by;
        }
    }

    fn thaw(&mut self, held: &[(LocalId, ExprId)]) {
        for (local, _) in held {
            self.path.var(*local).frozen -= 1;
        }
    }

    /// What was borrowed must not be part of `result`.
    fn confine(&mut self, held: &[(LocalId, ExprId)], result: T, at: Place) {
        if let Some((local, by)) = held.first() {
            let fault = Fault {
                kind: FaultKind::ReferenceEscapes,
                name: Some(self.body().locals[*local]),
                acquired: self.local_place(*local),
                at,
                other: Some(self.place(*by)),
            };
            self.owe(Need::Confined, result, fault);
        }
    }

    /// A borrow where nothing says when it ends.
    fn escapes(&mut self, held: Held, e: ExprId) {
        let at = self.place(e);
        for (local, _) in held {
            self.fault(FaultKind::ReferenceEscapes, local, at, None);
        }
    }

    // ------------------------------------------------------------------------------- patterns

    fn bind(&mut self, pat: PatId, owner: Owner) {
        let body = self.body();
        match &body.pats[pat] {
            Pat::Literal(_) | Pat::Error => {}
            Pat::Wildcard => {
                if owner == Owner::Scope {
                    let (ty, at) = (self.scene.pats[pat.0 as usize], self.pat_place(pat));
                    self.nameless(FaultKind::Discarded, ty, at);
                }
            }
            Pat::Bind(local) => self.declare(*local, owner),
            Pat::As { local, pat } => {
                self.declare(*local, owner);
                self.bind(*pat, Owner::View);
            }
            Pat::Ctor { args, .. } => args.iter().for_each(|arg| self.bind(*arg, owner)),
            Pat::Vector { items, rest } => {
                items.iter().chain(rest).for_each(|part| self.bind(*part, owner));
            }
            Pat::Record { fields } => {
                fields.iter().for_each(|(_, part)| self.bind(*part, owner));
                if owner == Owner::Scope {
                    self.unnamed_fields(pat, fields);
                }
            }
        }
    }

    /// Fields that a record's pattern leaves out are dropped.
    fn unnamed_fields(&mut self, pat: PatId, fields: &[(Name, PatId)]) {
        let ty = self.through(self.scene.pats[pat.0 as usize]);
        if self.kind(ty) == Kind::Unrestricted {
            return;
        }
        let Some(ctor) = self.record(ty) else { return };
        let at = self.pat_place(pat);
        for (index, field) in self.scene.program.ctors[ctor].fields.iter().enumerate() {
            if !fields.iter().any(|(name, _)| Some(*name) == field.name) {
                let part = self.field_type(ctor, index, ty);
                self.nameless(FaultKind::DiscardedPart(field.name), part, at);
            }
        }
    }

    fn record(&self, ty: T) -> Option<CtorId> {
        match self.scene.arena.node(ty) {
            Node::Con(id, _) => match self.scene.program.types[id].kind {
                TypeDefKind::Record(ctor) => Some(ctor),
                _ => None,
            },
            _ => None,
        }
    }

    fn field_type(&mut self, ctor: CtorId, index: usize, record: T) -> T {
        let args = match self.scene.arena.node(record) {
            Node::Con(_, run) => self.scene.arena.items(run).to_vec(),
            _ => Vec::new(),
        };
        self.scene.arena.instantiate(self.scene.tables.ctors[ctor].fields[index], &args, &[])
    }

    /// Whether what `from` on declared could show the inside of what it views.
    fn has_views(&mut self, from: usize) -> bool {
        (from..self.scope.len()).any(|at| {
            let local = self.scope[at];
            self.path.var(local).is_watched
        })
    }

    // ---------------------------------------------------------------------------- expressions

    #[expect(clippy::too_many_lines, reason = "one arm per construct, as in the table")]
    fn expr(&mut self, e: ExprId) {
        let body = self.body();
        match &body.exprs[e] {
            Expr::Local(local) => self.consume(*local, e),
            Expr::Global(def) => self.global(*def, e),
            Expr::Literal(_) | Expr::Ctor(_) | Expr::Method(..) | Expr::Error => {}
            Expr::Call { callee, args } => self.call(e, *callee, args),
            Expr::Fn { .. } => {
                let held = self.function(e);
                self.escapes(held, e);
            }
            Expr::Let { pat, value, body } => self.let_in(*pat, *value, *body),
            Expr::If { cond, then, other } => {
                self.expr(*cond);
                let mut fork = self.path.fork();
                for branch in [*then, *other] {
                    self.expr(branch);
                    self.path.end(&mut fork, branch);
                }
                self.join(fork);
            }
            Expr::Match { value, .. } => self.match_on(e, *value),
            Expr::Loop { params, inits, body } => {
                self.parts(inits);
                let mark = self.scope.len();
                let target = Target { scope: mark, journal: self.path.mark() };
                params.iter().for_each(|pat| self.bind(*pat, Owner::Scope));
                let outer = std::mem::replace(&mut self.target, target);
                self.expr(*body);
                self.target = outer;
                self.leave(mark);
            }
            Expr::Recur { args } => self.recur(e, args),
            Expr::Do(items) => {
                let last = items.len().saturating_sub(1);
                for (i, item) in items.iter().enumerate() {
                    self.expr(*item);
                    if i < last {
                        let at = self.place(*item);
                        self.nameless(FaultKind::Discarded, self.ty(*item), at);
                    }
                }
            }
            Expr::Field { value, name } => self.field(e, *value, *name),
            Expr::WithFields { value, fields } => self.with_fields(e, *value, fields),
            Expr::Borrow(value) => {
                if let Some(local) = self.look(*value) {
                    self.escapes(vec![(local, e)], e);
                }
            }
            Expr::BorrowIn { local, value, body } => {
                let held: Held = self.look(*value).map(|base| (base, e)).into_iter().collect();
                self.freeze(&held);
                let mark = self.scope.len();
                self.declare(*local, Owner::View);
                self.expr(*body);
                self.leave(mark);
                self.thaw(&held);
                let at = self.place(*body);
                self.confine(&held, self.ty(*body), at);
            }
            Expr::With { local, acquire, release, body } => {
                self.expr(*acquire);
                self.expr(*release);
                let mark = self.scope.len();
                self.declare(*local, Owner::With);
                self.expr(*body);
                let is_watched = self.path.var(*local).is_watched;
                self.leave(mark);
                if is_watched {
                    let at = self.place(*body);
                    self.confine(&[(*local, e)], self.ty(*body), at);
                }
            }
            Expr::For { pat, iter, body } => self.for_each(e, *pat, *iter, *body),
            Expr::Try(value) => {
                self.expr(*value);
                self.exit(FaultKind::LiveAtTry, e);
            }
            Expr::Return(value) => {
                self.expr(*value);
                self.exit(FaultKind::LiveAtReturn, e);
                self.path.is_dead = true;
            }
            Expr::Abort(message) => {
                self.expr(*message);
                self.path.is_dead = true;
            }
            Expr::Admit { budget, call } => self.admit(*budget, *call),
            other @ (Expr::Record { .. }
            | Expr::Map { .. }
            | Expr::Vector(_)
            | Expr::Ascribe { .. }) => self.parts(&children(other)),
        }
    }

    /// A value that a session owns is moved like a variable's.
    fn global(&mut self, def: DefId, e: ExprId) {
        let Some(ty) = self.scene.owned_globals.get(&def).copied() else { return };
        let (at, first) = (self.place(e), self.globals.insert(def, e));
        let decl = &self.scene.program.defs[def];
        let kind = match first {
            _ if self.in_function => FaultKind::Capture,
            Some(_) => FaultKind::ConsumedTwice,
            None => return,
        };
        // A result has the name that the session gave it.
        let module = self.scene.program.defs[self.scene.def].module;
        let scope = &self.scene.program.modules[module].scope;
        let meant = scope.iter().filter(|(_, entity)| **entity == Entity::Def(def));
        let name = meant.map(|(name, _)| *name).min_by_key(|name| name.as_str().to_owned());
        let fault = Fault {
            kind,
            name: name.or(Some(decl.name)),
            acquired: Some(Place { span: decl.span, inside: None }),
            at,
            other: first.map(|first| self.place(first)),
        };
        self.owe(Need::Unrestricted, ty, fault);
    }

    fn join(&mut self, fork: super::state::Fork) {
        for mismatch in self.path.join(fork) {
            let at = self.place(mismatch.live_in);
            let other = self.place(mismatch.consumed_by);
            self.fault(FaultKind::BranchMismatch, mismatch.local, at, Some(other));
        }
    }

    fn call(&mut self, e: ExprId, callee: ExprId, args: &[ExprId]) {
        let mut held = Held::new();
        let mark = self.waiting.len();
        for part in std::iter::once(callee).chain(args.iter().copied()) {
            let new: Held = match &self.body().exprs[part] {
                Expr::Borrow(value) => {
                    self.look(*value).map(|local| (local, part)).into_iter().collect()
                }
                Expr::Fn { .. } => self.function(part),
                _ => {
                    self.expr(part);
                    Held::new()
                }
            };
            self.waiting.push(part);
            self.freeze(&new);
            held.extend(new);
        }
        self.waiting.truncate(mark);
        self.thaw(&held);
        let at = self.place(e);
        self.confine(&held, self.ty(e), at);
        if self.scene.diverging.contains(&e) {
            self.path.is_dead = true;
        }
    }

    /// A function expression: what it takes is consumed here and owned inside. Gives what it only
    /// looks at.
    fn function(&mut self, e: ExprId) -> Held {
        let Expr::Fn { params, body } = &self.body().exprs[e] else { return Held::new() };
        let captured = captures(self.body(), e);
        let is_once = matches!(self.scene.arena.node(self.ty(e)), Node::Fn1(..));
        let mut own = Vec::new();
        for (local, used) in captured.moved {
            let var = *self.path.var(local);
            if !var.is_watched || var.is_reported {
                continue;
            }
            if var.is_view || is_once {
                self.consume(local, used);
                own.push((local, used));
            } else {
                let (at, used) = (self.place(e), self.place(used));
                self.fault(FaultKind::Capture, local, at, Some(used));
            }
        }
        let mut held = Held::new();
        for (local, used) in captured.borrowed {
            if self.path.var(local).is_watched && self.look(used).is_some() {
                held.push((local, e));
            }
        }
        self.inside(params, *body, &own);
        held
    }

    fn inside(&mut self, params: &[PatId], body: ExprId, own: &[(LocalId, ExprId)]) {
        let mark = self.scope.len();
        let saved = (self.frame, self.target, self.guard, self.in_function, self.path.is_dead);
        let vars: Vec<_> = own.iter().map(|(local, _)| *self.path.var(*local)).collect();
        let waiting = std::mem::take(&mut self.waiting);
        self.frame = mark;
        self.guard = None;
        self.in_function = true;
        for (local, _) in own {
            if !self.path.var(*local).is_view {
                self.declare(*local, Owner::Scope);
            }
        }
        self.target = Target { scope: self.scope.len(), journal: self.path.mark() };
        params.iter().for_each(|pat| self.bind(*pat, Owner::Scope));
        self.expr(body);
        self.leave(mark);
        (self.frame, self.target, self.guard, self.in_function, self.path.is_dead) = saved;
        self.waiting = waiting;
        for ((local, _), var) in own.iter().zip(vars) {
            self.path.set(*local, var.state);
            let is_reported = self.path.var(*local).is_reported;
            let now = self.path.var(*local);
            *now = super::state::Var { is_reported, ..var };
        }
    }

    fn let_in(&mut self, pat: PatId, value: ExprId, body: ExprId) {
        let is_name = matches!(self.body().pats[pat], Pat::Bind(_) | Pat::Wildcard);
        let (held, owner) = match &self.body().exprs[value] {
            Expr::Fn { .. } => (self.function(value), Owner::Scope),
            Expr::Borrow(inner) if !is_name => {
                let base = self.look(*inner);
                (base.map(|local| (local, value)).into_iter().collect(), Owner::View)
            }
            _ => {
                self.expr(value);
                let is_view = !is_name && self.is_reference(self.ty(value));
                (Held::new(), if is_view { Owner::View } else { Owner::Scope })
            }
        };
        let mark = self.scope.len();
        self.bind(pat, owner);
        let lasts = owner == Owner::Scope || self.has_views(mark);
        let held = if lasts { held } else { Held::new() };
        self.freeze(&held);
        self.expr(body);
        self.leave(mark);
        self.thaw(&held);
        if owner == Owner::Scope {
            let at = self.place(body);
            self.confine(&held, self.ty(body), at);
        }
    }

    fn match_on(&mut self, e: ExprId, value: ExprId) {
        let Expr::Match { arms, .. } = &self.body().exprs[e] else { return };
        let mut base = Held::new();
        match &self.body().exprs[value] {
            Expr::Borrow(inner) => base.extend(self.look(*inner).map(|local| (local, value))),
            _ => self.expr(value),
        }
        let is_view = self.is_reference(self.ty(value));
        let owner = if is_view { Owner::View } else { Owner::Scope };
        let mut fork = self.path.fork();
        for arm in arms {
            let mark = self.scope.len();
            self.bind(arm.pat, owner);
            let held = if self.has_views(mark) { base.clone() } else { Held::new() };
            self.freeze(&held);
            if let Some(guard) = arm.guard {
                let outer = self.guard.replace(self.scope.len());
                self.expr(guard);
                self.guard = outer;
            }
            self.expr(arm.body);
            self.leave(mark);
            self.thaw(&held);
            self.path.end(&mut fork, arm.body);
        }
        if !arms.is_empty() {
            self.join(fork);
        } else {
            self.path.is_dead = true;
        }
    }

    fn recur(&mut self, e: ExprId, args: &[ExprId]) {
        self.parts(args);
        let target = self.target;
        let at = self.place(e);
        for i in target.scope..self.scope.len() {
            let local = self.scope[i];
            if self.owes(local) {
                let binder = self.binder(local);
                self.fault(FaultKind::UnconsumedAtRecur, local, binder, Some(at));
            }
        }
        self.unchanged(target, at);
        self.path.is_dead = true;
    }

    /// What is around a loop is at its next turn as it was at its first.
    fn unchanged(&mut self, since: Target, by: Place) {
        for (local, old) in self.path.changes(since.journal) {
            let var = *self.path.var(local);
            if let (State::Available, State::Consumed(e)) = (old, var.state)
                && var.position < since.scope
            {
                let at = self.place(e);
                self.fault(FaultKind::ConsumedInLoop, local, at, Some(by));
            }
        }
    }

    fn for_each(&mut self, e: ExprId, pat: PatId, iter: ExprId, body: ExprId) {
        let mut held = Held::new();
        match &self.body().exprs[iter] {
            Expr::Borrow(inner) => held.extend(self.look(*inner).map(|local| (local, iter))),
            _ => self.expr(iter),
        }
        let is_view = self.is_reference(self.ty(iter));
        let since = Target { scope: self.scope.len(), journal: self.path.mark() };
        let was_dead = self.path.is_dead;
        self.bind(pat, if is_view { Owner::View } else { Owner::Scope });
        self.freeze(&held);
        // What the loop has not come to yet is still owned.
        self.waiting.push(iter);
        self.expr(body);
        self.waiting.pop();
        let at = self.place(body);
        self.nameless(FaultKind::Discarded, self.ty(body), at);
        self.leave(since.scope);
        self.thaw(&held);
        if !self.path.is_dead {
            let by = self.place(e);
            self.unchanged(since, by);
        }
        self.path.roll_back(since.journal);
        self.path.is_dead = was_dead;
    }

    /// `.x` reads a part and leaves the whole where it is.
    fn field(&mut self, e: ExprId, value: ExprId, name: Name) {
        let base = self.look(value);
        let is_view = self.is_reference(self.ty(value))
            || base.is_some_and(|local| self.path.var(local).is_view);
        let kind = if is_view { FaultKind::MoveOut } else { FaultKind::LinearField(name) };
        let at = self.place(e);
        let fault = Fault {
            kind,
            name: base.map(|local| self.body().locals[local]),
            acquired: base.and_then(|local| self.local_place(local)),
            at,
            other: None,
        };
        self.owe(Need::Unrestricted, self.ty(e), fault);
    }

    /// A copy with other fields: what they replace is dropped.
    fn with_fields(&mut self, e: ExprId, value: ExprId, fields: &[(Name, ExprId)]) {
        let ty = self.ty(value);
        let whole = self.through(ty);
        let at = self.place(e);
        if self.is_reference(ty) {
            self.look(value);
            self.nameless(FaultKind::MoveOut, whole, at);
        } else {
            self.expr(value);
        }
        if self.kind(whole) != Kind::Unrestricted
            && let Some(ctor) = self.record(whole)
        {
            let decl = &self.scene.program.ctors[ctor].fields;
            for (name, _) in fields {
                if let Some(index) = decl.iter().position(|f| f.name == Some(*name)) {
                    let part = self.field_type(ctor, index, whole);
                    self.nameless(FaultKind::LinearField(*name), part, at);
                }
            }
        }
        self.waiting.push(value);
        self.parts(&fields.iter().map(|(_, value)| *value).collect::<Vec<_>>());
        self.waiting.pop();
    }
}
