//! Expressions. `expr` leaves the value on the operand stack, or, in tail position, returns it. It
//! goes down the last parts of `let`, `do` and `if` in a loop, so that long programs need no deep
//! stack here.

use super::{Compiler, LoopTarget, Release, Var};
use crate::code::Op;
use eclexia_base::Dim;
use eclexia_base::number::to_f64;
use eclexia_core::core::{Expr, ExprId, Literal, LocalId, Pat, PatId};
use eclexia_rt::{Fields, Target, Value};

impl Compiler<'_> {
    pub(super) fn expr(&mut self, start: ExprId, is_tail: bool) {
        let body = self.body;
        let scope = self.top().next_slot;
        let mut ends = Vec::new();
        let mut next = start;
        loop {
            match &body.exprs[next] {
                Expr::Let { pat, value, body } => {
                    self.bind_let(*pat, *value);
                    next = *body;
                }
                Expr::Do(parts) => {
                    let Some((last, first)) = parts.split_last() else {
                        self.push_and_return(Value::Unit, is_tail);
                        break;
                    };
                    for part in first {
                        self.expr(*part, false);
                        self.emit(Op::Pop);
                    }
                    next = *last;
                }
                Expr::If { cond, then, other } => {
                    self.expr(*cond, false);
                    let to_other = self.emit(Op::JumpFalse(0));
                    let scope = self.top().next_slot;
                    self.expr(*then, is_tail);
                    self.top().next_slot = scope;
                    if !is_tail {
                        ends.push(self.emit(Op::Jump(0)));
                    }
                    self.patch(to_other);
                    next = *other;
                }
                Expr::Ascribe { value, .. } | Expr::Borrow(value) => next = *value,
                Expr::BorrowIn { local, value, body } => {
                    let slot = self.slot_of(*value);
                    self.top().vars.insert(Var::Local(*local), slot);
                    next = *body;
                }
                _ => {
                    self.leaf(next, is_tail);
                    break;
                }
            }
        }
        self.patch_all(ends);
        self.top().next_slot = scope;
    }

    /// Everything that does not continue into one last part.
    fn leaf(&mut self, e: ExprId, is_tail: bool) {
        let body = self.body;
        if let Some(known) = self.facts.amounts.get(&e) {
            return self.amounts(e, known.as_ref(), is_tail);
        }
        match &body.exprs[e] {
            Expr::Call { callee, args } => return self.call(e, *callee, args, is_tail),
            Expr::Match { value, arms } => return self.match_arms(*value, arms, is_tail),
            Expr::Loop { params, inits, body } => return self.loops(params, inits, *body, is_tail),
            Expr::Recur { args } => return self.recur(args),
            Expr::Return(value) => return self.return_value(*value),
            Expr::Abort(message) => {
                self.expr(*message, false);
                self.emit_at(e, Op::Abort);
                return;
            }
            Expr::Error => {
                self.emit_at(e, Op::Unreachable);
                return;
            }
            Expr::Literal(literal) => {
                let as_float = self.facts.int_as_float.contains_key(&e);
                self.constant(literal_value(literal, as_float));
            }
            Expr::Local(local) => self.local(e, *local),
            Expr::Global(def) => self.global(e, *def, self.dict_args(e)),
            Expr::Method(interface, index) => self.method(e, *interface, *index),
            Expr::Ctor(ctor) => self.ctor_value(*ctor),
            Expr::Fn { params, body } => self.closure(e, params, *body),
            Expr::Record { fields } => self.record(e, fields),
            Expr::Map { entries } => {
                for (key, value) in entries {
                    self.expr(*key, false);
                    self.expr(*value, false);
                }
                self.emit(Op::Map(entries.len() as u32));
            }
            Expr::Vector(items) => {
                items.iter().for_each(|item| self.expr(*item, false));
                self.emit(Op::Vector(items.len() as u32));
            }
            Expr::Field { value, .. } => self.field(e, *value),
            Expr::WithFields { value, fields } => self.with_fields(e, *value, fields),
            Expr::With { local, acquire, release, body } => {
                self.with(e, *local, *acquire, *release, *body);
            }
            Expr::For { pat, iter, body } => self.for_each(e, *pat, *iter, *body),
            Expr::Try(value) => self.try_value(e, *value),
            Expr::Admit { budget, call } => self.admit(e, *budget, *call),
            Expr::Let { .. }
            | Expr::Do(_)
            | Expr::If { .. }
            | Expr::Ascribe { .. }
            | Expr::Borrow(_)
            | Expr::BorrowIn { .. } => self.expr(e, false),
        }
        if is_tail {
            self.emit(Op::Return);
        }
    }

    pub(super) fn push_and_return(&mut self, value: Value, is_tail: bool) {
        self.constant(value);
        if is_tail {
            self.emit(Op::Return);
        }
    }

    /// A slot that holds the value: the local's own, or a new one.
    pub(super) fn slot_of(&mut self, value: ExprId) -> u32 {
        let body = self.body;
        if let Expr::Local(local) = &body.exprs[value]
            && self.dict_args(value).is_empty()
            && let Some(&slot) = self.top().vars.get(&Var::Local(*local))
        {
            return slot;
        }
        if let Expr::Borrow(inner) | Expr::Ascribe { value: inner, .. } = &body.exprs[value] {
            return self.slot_of(*inner);
        }
        self.expr(value, false);
        self.store_new()
    }

    fn bind_let(&mut self, pat: PatId, value: ExprId) {
        let body = self.body;
        match &body.pats[pat] {
            Pat::Wildcard => {
                self.expr(value, false);
                self.emit(Op::Pop);
            }
            Pat::Bind(local) => {
                let slot = self.slot_of(value);
                self.top().vars.insert(Var::Local(*local), slot);
            }
            _ => {
                let slot = self.slot_of(value);
                self.bind_irrefutable(pat, slot);
            }
        }
    }

    /// A local; one that a `let` generalised over constraints is applied to its dictionaries.
    fn local(&mut self, e: ExprId, local: LocalId) {
        self.push_var(Var::Local(local));
        let dicts = self.dict_args(e);
        if !dicts.is_empty() {
            dicts.iter().for_each(|dict| self.dict(dict));
            self.emit(Op::Partial(super::narrow(dicts.len())));
        }
    }

    fn ctor_value(&mut self, ctor: eclexia_core::core::CtorId) {
        let info = &self.program.ctors[ctor];
        let (index, arity) = (info.index, info.fields.len() as u32);
        let value = if info.is_record {
            Value::function(Target::Identity, Fields::none())
        } else if arity == 0 {
            Value::Tag { ctor: ctor.0, index }
        } else {
            Value::function(Target::Ctor { ctor: ctor.0, index, arity }, Fields::none())
        };
        self.constant(value);
    }

    fn loops(&mut self, params: &[PatId], inits: &[ExprId], body: ExprId, is_tail: bool) {
        let pats = &self.body.pats;
        let first = self.top().next_slot;
        params.iter().for_each(|_| {
            self.new_slot();
        });
        for ((slot, init), param) in (first..).zip(inits).zip(params) {
            self.expr(*init, false);
            self.emit(Op::Store(slot));
            if let Pat::Bind(local) = &pats[*param] {
                self.top().vars.insert(Var::Local(*local), slot);
            }
        }
        let start = self.here();
        self.top().loops.push(LoopTarget { start, first, count: params.len() as u32 });
        self.bind_slots(first, params);
        self.expr(body, is_tail);
        self.top().loops.pop();
    }

    fn recur(&mut self, args: &[ExprId]) {
        args.iter().for_each(|arg| self.expr(*arg, false));
        let Some(target) = self.top().loops.last().copied() else {
            self.emit(Op::Unreachable);
            return;
        };
        for slot in (target.first..target.first + target.count).rev() {
            self.emit(Op::Store(slot));
        }
        self.emit(Op::Back(target.start));
    }

    /// `(return e)`: in tail position where nothing has to be released.
    fn return_value(&mut self, value: ExprId) {
        if self.top().releases.is_empty() {
            return self.expr(value, true);
        }
        self.expr(value, false);
        self.release_and_return();
    }

    /// Releases what every `with` around holds, the innermost first, and returns the value on top.
    fn release_and_return(&mut self) {
        let releases = self.top().releases.clone();
        if !releases.is_empty() {
            let scope = self.top().next_slot;
            let result = self.store_new();
            releases.iter().rev().for_each(|release| self.release(*release));
            self.emit(Op::Local(result));
            self.top().next_slot = scope;
        }
        self.emit(Op::Return);
    }

    fn release(&mut self, release: Release) {
        self.emit(Op::Local(release.function));
        self.emit(Op::Local(release.value));
        self.emit_at(release.place, Op::Call(1));
        self.emit(Op::Pop);
    }

    /// `f` is evaluated right after the value was acquired, and applied on every exit.
    fn with(&mut self, e: ExprId, local: LocalId, acquire: ExprId, f: ExprId, body: ExprId) {
        self.expr(acquire, false);
        let value = self.store_new();
        self.top().vars.insert(Var::Local(local), value);
        self.expr(f, false);
        let function = self.store_new();
        let release = Release { function, value, place: e };
        self.top().releases.push(release);
        self.expr(body, false);
        self.top().releases.pop();
        let result = self.store_new();
        self.release(release);
        self.emit(Op::Local(result));
    }

    fn for_each(&mut self, e: ExprId, pat: PatId, iter: ExprId, body: ExprId) {
        self.expr(iter, false);
        let collection = self.store_new();
        self.constant(Value::Int(0));
        self.store_new();
        let item = self.new_slot();
        let start = self.here();
        let to_end = self.emit_at(e, Op::ForNext { slot: collection, target: 0 });
        self.bind_slots(item, &[pat]);
        self.expr(body, false);
        self.emit(Op::Pop);
        self.emit(Op::Back(start));
        self.patch(to_end);
        self.constant(Value::Unit);
    }

    fn try_value(&mut self, e: ExprId, value: ExprId) {
        self.expr(value, false);
        let to_ok = self.emit_at(e, Op::TryJump(0));
        self.release_and_return();
        self.patch(to_ok);
    }
}

pub(super) fn literal_value(literal: &Literal, as_float: bool) -> Value {
    match literal {
        Literal::Unit => Value::Unit,
        Literal::Bool(b) => Value::Bool(*b),
        Literal::Int(n) if as_float => Value::float(*n as f64),
        Literal::Int(n) => Value::Int(*n),
        Literal::Float(x) => Value::Quantity(*x, Dim::ONE),
        Literal::Quantity(amount, dim) => Value::Quantity(to_f64(amount), *dim),
        Literal::Str(text) => Value::str(text.as_str()),
        Literal::Keyword(name) => Value::Keyword(*name),
    }
}
