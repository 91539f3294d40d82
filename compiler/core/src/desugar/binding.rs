//! Forms that bind patterns: `let`, `match`, `loop`, `for`.

use super::{BodyCtx, Tail, Target};
use crate::core::{Arm, Expr, ExprId};
use crate::forms::{Form, Kids};

impl BodyCtx<'_, '_, '_> {
    /// The pairs of `[p e p e …]`; `None` when it is no such vector.
    fn pairs(&self, head: Option<Form>) -> Option<Vec<(Form, Form)>> {
        let head = head.filter(|f| self.cx.forms.is_vector(*f))?;
        let items = self.cx.forms.to_vec(self.cx.forms.kids(head));
        let pairs = items.chunks_exact(2);
        pairs.remainder().is_empty().then(|| pairs.map(|p| (p[0], p[1])).collect())
    }

    /// What is wrong with bindings of an odd number of forms.
    fn without_value(&self, args: Kids) -> String {
        let head = self.cx.forms.get(args, 0).filter(|f| self.cx.forms.is_vector(*f));
        let items = head.map(|f| self.cx.forms.to_vec(self.cx.forms.kids(f))).unwrap_or_default();
        match items.last() {
            Some(last) if items.len() % 2 == 1 => {
                format!("`{}` has no value", self.cx.forms.show_short(*last, 30))
            }
            _ => String::new(),
        }
    }

    /// `(let [p e …] body …)`: each binding sees those before it.
    #[inline(never)]
    pub(super) fn let_form(&mut self, form: Form, args: Kids, tail: Tail) -> ExprId {
        let pairs = self.pairs(self.cx.forms.get(args, 0));
        let Some(pairs) = pairs.filter(|_| args.len() > 1) else {
            let why = match args.len() {
                1 => "the body is missing".to_owned(),
                _ => self.without_value(args),
            };
            let why = why.as_str();
            return self.malformed(form, "let", "(let [name value …] body ...)", why);
        };
        let place = self.place(form);
        let (saved, depth) = (self.scope.save(), self.depth);
        let mut bound = Vec::with_capacity(pairs.len());
        for (pattern, value) in pairs {
            if !self.enter(place) {
                break;
            }
            let value = self.expr(value, Tail::No);
            let pat = self.binders(&[pattern])[0];
            bound.push((pat, value));
        }
        let body = self.sequence(args.skip(1), form, tail);
        self.depth = depth;
        self.scope.restore(saved);
        self.wrap(bound, body, place)
    }

    /// `(match e [p body …] [p :when guard body …] …)`
    #[inline(never)]
    pub(super) fn match_form(&mut self, form: Form, args: Kids, tail: Tail) -> ExprId {
        let Some(value) = self.cx.forms.get(args, 0) else {
            return self.malformed(form, "match", "(match value [pattern body ...] …)", "");
        };
        let mut before = self.cx.forms.span(value);
        let value = self.expr(value, Tail::No);
        let forms = self.cx.forms.to_vec(args.skip(1));
        // Where brackets were forgotten, they mostly were around all arms.
        let bare = forms.iter().copied().find(|arm| !self.cx.forms.is_vector(*arm));
        let mut arms = Vec::with_capacity(forms.len());
        let mut gone = Vec::with_capacity(forms.len());
        for arm in &forms {
            let span = self.cx.forms.span(*arm);
            if (self.cx.forms.is_vector(*arm) || Some(*arm) == bare)
                && let Some(made) = self.arm(*arm, tail)
            {
                arms.push(made);
                gone.push(self.cx.forms.with_gap(before, span));
            }
            before = span;
        }
        let place = self.place(form);
        if bare.is_some() {
            // Which values it leaves out is not known.
            return self.error(place);
        }
        let e = self.add(Expr::Match { value, arms }, place);
        if place.inside.is_none() {
            self.map.arms.insert(e, gone);
        }
        e
    }

    fn arm(&mut self, arm: Form, tail: Tail) -> Option<Arm> {
        const SHAPE: &str = "[pattern :when guard body ...]";
        let kids = self.cx.forms.kids(arm);
        let pattern = self.cx.forms.get(kids, 0).filter(|_| self.cx.forms.is_vector(arm));
        let Some(pattern) = pattern.filter(|_| kids.len() > 1) else {
            self.malformed(arm, "match", SHAPE, "an arm is a `[ ]` with a pattern and a body");
            return None;
        };
        let saved = self.scope.save();
        let pat = self.patterns(&[pattern])[0];
        let second = self.cx.forms.get(kids, 1).and_then(|f| self.cx.forms.keyword(f));
        let is_guarded = second.is_some_and(|k| k == "when") && kids.len() > 2;
        let mut guard = None;
        if is_guarded && let Some(test) = self.cx.forms.get(kids, 2) {
            guard = Some(self.expr(test, Tail::No));
        }
        let body = kids.skip(if is_guarded { 3 } else { 1 });
        let body = if body.is_empty() {
            self.malformed(arm, "match", SHAPE, "the body is missing")
        } else {
            self.sequence(body, arm, tail)
        };
        self.scope.restore(saved);
        Some(Arm { pat, guard, body })
    }

    /// `(loop [p e …] body …)`: the first values are computed outside of the loop.
    #[inline(never)]
    pub(super) fn loop_form(&mut self, form: Form, args: Kids) -> ExprId {
        let pairs = self.pairs(self.cx.forms.get(args, 0));
        let Some(pairs) = pairs.filter(|_| args.len() > 1) else {
            let why = self.without_value(args);
            return self.malformed(form, "loop", "(loop [name start …] body ...)", &why);
        };
        let place = self.place(form);
        let inits: Vec<ExprId> = pairs.iter().map(|(_, e)| self.expr(*e, Tail::No)).collect();
        let saved = self.scope.save();
        let patterns: Vec<Form> = pairs.iter().map(|(p, _)| *p).collect();
        let params = self.binders(&patterns);
        self.targets.push(Target { arity: params.len(), span: place.span });
        let body = self.sequence(args.skip(1), form, Tail::Yes);
        self.targets.pop();
        self.scope.restore(saved);
        self.add(Expr::Loop { params, inits, body }, place)
    }

    /// `(for [p e …] body …)`: for effect; a second pair is an inner loop.
    #[inline(never)]
    pub(super) fn for_form(&mut self, form: Form, args: Kids) -> ExprId {
        let pairs = self.pairs(self.cx.forms.get(args, 0));
        let Some(pairs) = pairs.filter(|p| args.len() > 1 && !p.is_empty()) else {
            return self.malformed(form, "for", "(for [x items] body ...)", "");
        };
        let place = self.place(form);
        let (saved, depth) = (self.scope.save(), self.depth);
        let mut loops = Vec::with_capacity(pairs.len());
        for (pattern, items) in pairs {
            if !self.enter(place) {
                break;
            }
            let iter = self.expr(items, Tail::No);
            loops.push((self.binders(&[pattern])[0], iter));
        }
        let body = self.sequence(args.skip(1), form, Tail::No);
        self.depth = depth;
        self.scope.restore(saved);
        loops
            .into_iter()
            .rev()
            .fold(body, |body, (pat, iter)| self.add(Expr::For { pat, iter, body }, place))
    }
}
