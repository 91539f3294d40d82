//! The threading forms. They rewrite forms: the value so far goes into the next step as its first
//! or last argument. What is made has the place of the step, because that is what a user wrote.

use super::{BodyCtx, Tail};
use crate::core::{Arm, Expr, ExprId, Pat};
use crate::forms::{Form, Kids};
use eclexia_base::Name;
use eclexia_syntax::NodeKind;

impl BodyCtx<'_, '_, '_> {
    /// `(f a)` with `value` put in: `(f value a)` or `(f a value)`; a bare `f` is `(f value)`.
    fn step(&mut self, step: Form, value: Form, is_first: bool) -> Form {
        let place = self.place(step);
        let mark = self.cx.forms.mark(step);
        let mut parts = match self.cx.forms.kind(step) {
            NodeKind::List => self.cx.forms.to_vec(self.cx.forms.kids(step)),
            _ => vec![step],
        };
        let at = if is_first { 1.min(parts.len()) } else { parts.len() };
        parts.insert(at, value);
        self.cx.forms.make(NodeKind::List, place, mark, &parts)
    }

    /// `(-> x (f a) g)` is `(g (f x a))`; `->>` puts the value last.
    #[inline(never)]
    pub(super) fn thread(&mut self, form: Form, args: Kids, tail: Tail, is_first: bool) -> ExprId {
        let steps = self.cx.forms.to_vec(args);
        let Some((first, rest)) = steps.split_first() else {
            return self.malformed(form, "->", "(-> value (f a) …)", "");
        };
        let whole = rest.iter().fold(*first, |value, step| self.step(*step, value, is_first));
        self.expr(whole, tail)
    }

    /// `(as-> x name e1 e2)`: each value is `name` in the next.
    #[inline(never)]
    pub(super) fn thread_as(&mut self, form: Form, args: Kids, tail: Tail) -> ExprId {
        let parts = (self.cx.forms.get(args, 0), self.cx.forms.get(args, 1));
        let name = parts.1.and_then(|f| Some((f, self.cx.forms.symbol(f)?)));
        let (Some(first), Some((at, _))) = (parts.0, name) else {
            return self.malformed(form, "as->", "(as-> value name e1 e2 …)", "");
        };
        let place = self.place(form);
        let (saved, depth) = (self.scope.save(), self.depth);
        let mut value = first;
        let mut bound = Vec::new();
        for step in self.cx.forms.to_vec(args.skip(2)) {
            if !self.enter(place) {
                break;
            }
            let given = self.expr(value, Tail::No);
            bound.push((self.binders(&[at])[0], given));
            value = step;
        }
        let body = self.expr(value, tail);
        self.depth = depth;
        self.scope.restore(saved);
        self.wrap(bound, body, place)
    }

    /// A symbol that no user's name equals, to stand for a value inside made forms.
    fn hidden(&mut self, form: Form) -> (Form, Name, u32) {
        let place = self.place(form);
        let kept = &mut self.cx.program.kept;
        let mark = kept.marks.len() as u32;
        let module = self.cx.module;
        kept.marks.push(crate::resolve::Mark { module, parent: 0 });
        let name = Name::new("value");
        (self.cx.forms.make(NodeKind::Symbol(name), place, mark, &[]), name, mark)
    }

    /// `(some-> x (f a) g)`: goes on while the value is `Some`; every step gives an Option.
    #[inline(never)]
    pub(super) fn thread_some(&mut self, form: Form, args: Kids, tail: Tail) -> ExprId {
        let steps = self.cx.forms.to_vec(args);
        let Some((first, rest)) = steps.split_first() else {
            return self.malformed(form, "some->", "(some-> option (f a) …)", "");
        };
        let ctors = (self.prelude_ctor("Some"), self.prelude_ctor("None"));
        let (Some(some), Some(none)) = ctors else {
            let place = self.place(form);
            return self.error(place);
        };
        let depth = self.depth;
        let mut value = self.expr(*first, if rest.is_empty() { tail } else { Tail::No });
        let mut opened = Vec::new();
        let saved = self.scope.save();
        for (i, step) in rest.iter().enumerate() {
            let place = self.place(*step);
            if !self.enter(place) {
                break;
            }
            let (symbol, name, mark) = self.hidden(*step);
            let local = self.add_local(name, place);
            self.scope.bind(name, mark, local);
            let call = self.step(*step, symbol, true);
            let is_last = i + 1 == rest.len();
            let next = self.expr(call, if is_last { tail } else { Tail::No });
            opened.push((value, local, place));
            value = next;
        }
        self.depth = depth;
        self.scope.restore(saved);
        opened.into_iter().rev().fold(value, |body, (value, local, place)| {
            let inner = self.add_pat(Pat::Bind(local), place);
            let some_pat = self.add_pat(Pat::Ctor { ctor: some, args: vec![inner] }, place);
            let none_pat = self.add_pat(Pat::Ctor { ctor: none, args: Vec::new() }, place);
            let nothing = self.add(Expr::Ctor(none), place);
            // The Option first: a step that gives none is the one that is wrong.
            let arms = vec![
                Arm { pat: none_pat, guard: None, body: nothing },
                Arm { pat: some_pat, guard: None, body },
            ];
            self.add(Expr::Match { value, arms }, place)
        })
    }

    /// `(cond-> x c1 (f a) c2 g)`: the steps whose conditions hold.
    #[inline(never)]
    pub(super) fn thread_cond(&mut self, form: Form, args: Kids, _tail: Tail) -> ExprId {
        let place = self.place(form);
        let Some(first) = self.cx.forms.get(args, 0).filter(|_| !args.len().is_multiple_of(2))
        else {
            return self.malformed(form, "cond->", "(cond-> value test (f a) …)", "");
        };
        let (saved, depth) = (self.scope.save(), self.depth);
        let mut value = self.expr(first, Tail::No);
        let mut bound = Vec::new();
        for pair in self.cx.forms.to_vec(args.skip(1)).chunks_exact(2) {
            if !self.enter(place) {
                break;
            }
            let (symbol, name, mark) = self.hidden(pair[1]);
            let (local, pat) = self.fresh("value", place);
            self.scope.bind(name, mark, local);
            bound.push((pat, value));
            let cond = self.expr(pair[0], Tail::No);
            let call = self.step(pair[1], symbol, true);
            let then = self.expr(call, Tail::No);
            let other = self.add(Expr::Local(local), place);
            value = self.add(Expr::If { cond, then, other }, place);
        }
        self.depth = depth;
        self.scope.restore(saved);
        self.wrap(bound, value, place)
    }
}
