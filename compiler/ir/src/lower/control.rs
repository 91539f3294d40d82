//! Loops, early exits, and what is released on every exit.

use super::Lowerer;
use super::function::Release;
use crate::ir::{Const, End, Op, Prim, VarId};
use eclexia_core::core::{ExprId, LocalId, PatId};
use eclexia_rt::layout::ShapeId;

impl Lowerer<'_> {
    pub(super) fn loops(
        &mut self,
        e: ExprId,
        params: &[PatId],
        inits: &[ExprId],
        body: ExprId,
        is_tail: bool,
    ) -> Option<VarId> {
        let values = self.exprs(inits)?;
        let start = self.new_block();
        let mut vars = Vec::with_capacity(values.len());
        for value in &values {
            let shape = self.shape(*value);
            vars.push(self.new_param(start, shape));
        }
        self.end(End::Jump(start, values));
        self.go_on_in(start);
        self.top().loops.push(start);
        self.bind_params(e, params, &vars);
        let value = self.expr(body, is_tail);
        self.top().loops.pop();
        value
    }

    pub(super) fn recur(&mut self, e: ExprId, args: &[ExprId]) -> Option<VarId> {
        let values = self.exprs(args)?;
        let Some(start) = self.top().loops.last().copied() else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        self.act(e, Op::Step(1));
        self.end(End::Jump(start, values));
        None
    }

    /// `(return e)`: in tail position where nothing has to be released.
    pub(super) fn return_value(&mut self, value: ExprId) -> Option<VarId> {
        if self.top().releases.is_empty() {
            return self.expr(value, true);
        }
        let value = self.expr(value, false)?;
        self.release_and_return(value)
    }

    /// Releases what every `with` around holds, the innermost first.
    fn release_and_return(&mut self, value: VarId) -> Option<VarId> {
        for release in self.top().releases.clone().into_iter().rev() {
            self.release(release);
        }
        self.end(End::give(value));
        None
    }

    fn release(&mut self, release: Release) {
        let Release { function, value, place } = release;
        let shape = self.unit_shape;
        self.emit_at(place, Op::CallClosure { closure: function, args: vec![value] }, shape);
    }

    /// `f` is evaluated right after the value was acquired, and applied on every exit.
    pub(super) fn with(
        &mut self,
        e: ExprId,
        local: LocalId,
        acquire: ExprId,
        f: ExprId,
        body: ExprId,
    ) -> Option<VarId> {
        let value = self.expr(acquire, false)?;
        self.top().env.insert(local, value);
        let function = self.expr(f, false)?;
        let release = Release { function, value, place: e };
        self.top().releases.push(release);
        let result = self.expr(body, false);
        self.top().releases.pop();
        let result = result?;
        self.release(release);
        Some(result)
    }

    /// Over the elements of a vector by their index, or over the cells of a list.
    pub(super) fn for_each(
        &mut self,
        e: ExprId,
        pat: PatId,
        iter: ExprId,
        body: ExprId,
    ) -> Option<VarId> {
        let all = self.expr(iter, false)?;
        let shape = self.shape(all);
        match self.is_vector(shape) {
            Some(item) => self.for_vector(e, pat, (all, item), body),
            None => self.for_list(e, pat, all, body),
        }
        Some(self.unit())
    }

    fn for_vector(&mut self, e: ExprId, pat: PatId, (all, item): (VarId, ShapeId), body: ExprId) {
        let (int, bool) = (self.int_shape, self.bool_shape);
        let length = self.named(e, "vector-length", vec![all], int);
        let zero = self.constant(Const::Int(0), int);
        let start = self.new_block();
        let at = self.new_param(start, int);
        self.end(End::Jump(start, vec![zero]));
        self.go_on_in(start);
        let more = self.emit(Op::Prim(Prim::IntLt, vec![at, length]), bool);
        let (inside, after) = (self.new_block(), self.new_block());
        self.end(End::Branch { cond: more, then: inside, other: after });
        self.go_on_in(inside);
        let element = self.named(e, "vector-get", vec![all, at], item);
        self.bind_irrefutable(e, pat, element);
        if self.is_reached() && self.expr(body, false).is_some() {
            let one = self.constant(Const::Int(1), int);
            let next = self.emit_at(e, Op::Prim(Prim::IntAdd, vec![at, one]), int);
            self.act(e, Op::Step(1));
            self.end(End::Jump(start, vec![next]));
        }
        self.go_on_in(after);
    }

    fn for_list(&mut self, e: ExprId, pat: PatId, all: VarId, body: ExprId) {
        let shape = self.shape(all);
        let fields = self.data_shape(shape).get(1).map(|cons| cons.fields.clone());
        let Some([item, _]) = fields.as_deref() else {
            return self.end_at(e, End::Unreachable);
        };
        let item = *item;
        let start = self.new_block();
        let list = self.new_param(start, shape);
        self.end(End::Jump(start, vec![all]));
        self.go_on_in(start);
        let int = self.int_shape;
        let tag = self.emit(Op::Tag(list), int);
        let (inside, after) = (self.new_block(), self.new_block());
        let cases = vec![(0, after), (1, inside)];
        self.end(End::Switch { value: tag, cases, default: None });
        self.go_on_in(inside);
        let element = self.emit(Op::Field { of: list, index: 0 }, item);
        let rest = self.emit(Op::Field { of: list, index: 1 }, shape);
        self.bind_irrefutable(e, pat, element);
        if self.is_reached() && self.expr(body, false).is_some() {
            self.act(e, Op::Step(1));
            self.end(End::Jump(start, vec![rest]));
        }
        self.go_on_in(after);
    }

    /// The value of `Ok`; an `Err` is one of the function's own result type.
    pub(super) fn try_value(&mut self, e: ExprId, value: ExprId) -> Option<VarId> {
        let value = self.expr(value, false)?;
        let shape = self.shape(value);
        let result = self.current().func.result;
        let find = |lowerer: &Self, shape: ShapeId, name: &str| {
            let found = lowerer.data_shape(shape).iter().position(|ctor| ctor.name == *name)?;
            let field = lowerer.data_shape(shape)[found].fields.first().copied()?;
            Some((found, field))
        };
        let parts = (find(self, shape, "Ok"), find(self, shape, "Err"), find(self, result, "Err"));
        let (Some((ok, ok_field)), Some((err, err_field)), Some((own, _))) = parts else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        let int = self.int_shape;
        let tag = self.emit(Op::Tag(value), int);
        let (to_ok, to_err) = (self.new_block(), self.new_block());
        let cases = vec![(ok as i64, to_ok), (err as i64, to_err)];
        self.end(End::Switch { value: tag, cases, default: None });
        self.go_on_in(to_err);
        let reason = self.emit(Op::Field { of: value, index: 0 }, err_field);
        let failed = self.construct(e, result, own, vec![reason], None);
        self.release_and_return(failed);
        self.go_on_in(to_ok);
        Some(self.emit(Op::Field { of: value, index: 0 }, ok_field))
    }
}
