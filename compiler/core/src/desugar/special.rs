//! Special forms. Each says its shape when it is written wrongly (`malformed-form`).

use super::{BodyCtx, Tail, Target};
use crate::core::{Expr, ExprId, Pat};
use crate::diagnostics as report;
use crate::forms::{Form, Kids};
use crate::resolve::TypeVars;
use crate::resolve::names::Space;
use crate::words::Special;
use eclexia_base::Name;
use eclexia_syntax::NodeKind;

impl BodyCtx<'_, '_, '_> {
    pub(crate) fn special(
        &mut self,
        form: Form,
        special: Special,
        args: Kids,
        tail: Tail,
    ) -> ExprId {
        match special {
            Special::Let => self.let_form(form, args, tail),
            Special::Fn => self.fn_form(form, args),
            Special::If => self.if_form(form, args, tail),
            Special::Cond => self.cond_form(form, args, tail),
            Special::When => self.when_form(form, args, tail),
            Special::And => self.and_or(form, args, tail, Special::And),
            Special::Or => self.and_or(form, args, tail, Special::Or),
            Special::Do => self.sequence(args, form, tail),
            Special::Match => self.match_form(form, args, tail),
            Special::Loop => self.loop_form(form, args),
            Special::Recur => self.recur_form(form, args, tail),
            Special::For => self.for_form(form, args),
            Special::Times => self.times_form(form, args),
            Special::The => self.the_form(form, args),
            Special::Try => self.one_argument(form, args, "(try result)", Expr::Try),
            Special::Return => self.return_form(form, args),
            Special::Abort => self.one_argument(form, args, "(abort message)", Expr::Abort),
            Special::With => self.with_form(form, args),
            Special::Borrow => self.borrow_form(form, args),
            Special::WithFields => self.with_fields(form, args),
            Special::ThreadFirst => self.thread(form, args, tail, true),
            Special::ThreadLast => self.thread(form, args, tail, false),
            Special::ThreadAs => self.thread_as(form, args, tail),
            Special::ThreadSome => self.thread_some(form, args, tail),
            Special::ThreadCond => self.thread_cond(form, args, tail),
        }
    }

    #[inline(never)]
    fn fn_form(&mut self, form: Form, args: Kids) -> ExprId {
        let params = self.cx.forms.get(args, 0).filter(|f| self.cx.forms.is_vector(*f));
        let Some(params) = params.filter(|_| args.len() > 1) else {
            return self.malformed(form, "fn", "(fn [a b] body ...)", "");
        };
        let place = self.place(form);
        let saved = self.scope.save();
        let params = self.params(params);
        self.targets.push(Target { arity: params.len(), span: place.span });
        let body = self.sequence(args.skip(1), form, Tail::Yes);
        self.targets.pop();
        self.scope.restore(saved);
        self.add(Expr::Fn { params, body }, place)
    }

    /// `(if c a b)`; without `b` the other side is `unit`.
    #[inline(never)]
    fn if_form(&mut self, form: Form, args: Kids, tail: Tail) -> ExprId {
        let parts = (self.cx.forms.get(args, 0), self.cx.forms.get(args, 1));
        let (Some(cond), Some(then), 2..=3) = (parts.0, parts.1, args.len()) else {
            let why =
                if args.len() > 3 { "several forms in one branch stand in `(do …)`" } else { "" };
            return self.malformed(form, "if", "(if condition then else)", why);
        };
        let place = self.place(form);
        let cond = self.expr(cond, Tail::No);
        let then = self.expr(then, tail);
        let other = match self.cx.forms.get(args, 2) {
            Some(other) => self.expr(other, tail),
            None => self.unit(place),
        };
        self.add(Expr::If { cond, then, other }, place)
    }

    #[inline(never)]
    fn when_form(&mut self, form: Form, args: Kids, tail: Tail) -> ExprId {
        let Some(cond) = self.cx.forms.get(args, 0).filter(|_| args.len() > 1) else {
            return self.malformed(form, "when", "(when condition body ...)", "");
        };
        let place = self.place(form);
        let cond = self.expr(cond, Tail::No);
        let then = self.sequence(args.skip(1), form, tail);
        let other = self.unit(place);
        self.add(Expr::If { cond, then, other }, place)
    }

    #[inline(never)]
    fn cond_form(&mut self, form: Form, args: Kids, tail: Tail) -> ExprId {
        let place = self.place(form);
        if !args.len().is_multiple_of(2) || args.is_empty() {
            let shape = "(cond test value … :else value)";
            return self.malformed(form, "cond", shape, "a test has no value");
        }
        let saved = self.depth;
        let mut arms = Vec::with_capacity(args.len() / 2);
        let mut other = None;
        for i in (0..args.len()).step_by(2) {
            let pair = (self.cx.forms.get(args, i), self.cx.forms.get(args, i + 1));
            let (Some(test), Some(value)) = pair else { continue };
            if self.cx.forms.keyword(test).is_some_and(|k| k == "else") {
                other = Some(self.expr(value, tail));
                if i + 2 < args.len() {
                    let extra = self.cx.forms.get(args, i + 2).unwrap_or(form);
                    let shape = "(cond test value … :else value)";
                    self.malformed(extra, "cond", shape, "nothing follows `:else`");
                }
                break;
            }
            let test_place = self.place(test);
            let cond = self.expr(test, Tail::No);
            let then = self.expr(value, tail);
            arms.push((cond, then, test_place));
            if !self.enter(place) {
                break;
            }
        }
        self.depth = saved;
        let last = other.unwrap_or_else(|| self.unit(place));
        arms.into_iter().rev().enumerate().fold(last, |other, (i, (cond, then, at))| {
            let own = if i + 1 == args.len() / 2 { place } else { at };
            self.add(Expr::If { cond, then, other }, own)
        })
    }

    #[inline(never)]
    fn and_or(&mut self, form: Form, args: Kids, tail: Tail, special: Special) -> ExprId {
        let place = self.place(form);
        let is_and = special == Special::And;
        let Some(last) = args.len().checked_sub(1) else { return self.bool(is_and, place) };
        let saved = self.depth;
        let mut items = Vec::with_capacity(args.len());
        for i in 0..args.len() {
            let Some(kid) = self.cx.forms.get(args, i) else { continue };
            items.push(self.expr(kid, if i == last { tail } else { Tail::No }));
            if !self.enter(place) {
                break;
            }
        }
        self.depth = saved;
        let Some(end) = items.pop() else { return self.bool(is_and, place) };
        items.into_iter().rev().fold(end, |rest, cond| {
            let short = self.bool(!is_and, place);
            let (then, other) = if is_and { (rest, short) } else { (short, rest) };
            self.add(Expr::If { cond, then, other }, place)
        })
    }

    #[inline(never)]
    fn one_argument(
        &mut self,
        form: Form,
        args: Kids,
        shape: &str,
        make: fn(ExprId) -> Expr,
    ) -> ExprId {
        let Some(value) = self.cx.forms.get(args, 0).filter(|_| args.len() == 1) else {
            let name = shape[1..].split(' ').next().unwrap_or_default();
            return self.malformed(form, name, shape, "");
        };
        let value = self.expr(value, Tail::No);
        let place = self.place(form);
        self.add(make(value), place)
    }

    #[inline(never)]
    fn return_form(&mut self, form: Form, args: Kids) -> ExprId {
        if args.is_empty() {
            let place = self.place(form);
            let value = self.unit(place);
            return self.add(Expr::Return(value), place);
        }
        self.one_argument(form, args, "(return value)", Expr::Return)
    }

    #[inline(never)]
    fn the_form(&mut self, form: Form, args: Kids) -> ExprId {
        let parts = (self.cx.forms.get(args, 0), self.cx.forms.get(args, 1));
        let (Some(ty), Some(value), 2) = (parts.0, parts.1, args.len()) else {
            return self.malformed(form, "the", "(the type value)", "");
        };
        let ty = self.cx.type_expr(ty, TypeVars::Any);
        let value = self.expr(value, Tail::No);
        let place = self.place(form);
        self.add(Expr::Ascribe { value, ty }, place)
    }

    /// A `recur` in tail position, with as many values as its target takes.
    #[inline(never)]
    fn recur_form(&mut self, form: Form, args: Kids, tail: Tail) -> ExprId {
        let place = self.place(form);
        let target = self.targets.last().copied();
        let Some(target) = target.filter(|_| tail == Tail::Yes) else {
            self.cx.diagnostics.push(report::recur_not_tail(place, target.map(|t| t.span)));
            self.exprs(args);
            return self.error(place);
        };
        if target.arity != args.len() {
            let problem = report::recur_arity(place, target.arity, args.len(), target.span);
            self.cx.diagnostics.push(problem);
            return self.error(place);
        }
        let args = self.exprs(args);
        self.add(Expr::Recur { args }, place)
    }

    /// `(with [x acquire :release f] body …)`
    #[inline(never)]
    fn with_form(&mut self, form: Form, args: Kids) -> ExprId {
        const SHAPE: &str = "(with [x (acquire) :release f] body ...)";
        let head = self.cx.forms.get(args, 0).filter(|f| self.cx.forms.is_vector(*f));
        let parts = head.map(|h| self.cx.forms.to_vec(self.cx.forms.kids(h)));
        let Some([name, acquire, key, release]) = parts.as_deref() else {
            return self.malformed(form, "with", SHAPE, "");
        };
        let is_release = self.cx.forms.keyword(*key).is_some_and(|k| k == "release");
        let Some(symbol) = self.cx.forms.symbol(*name).filter(|_| is_release && args.len() > 1)
        else {
            return self.malformed(form, "with", SHAPE, "");
        };
        let acquire = self.expr(*acquire, Tail::No);
        let release = self.expr(*release, Tail::No);
        let saved = self.scope.save();
        let local = self.bind(*name, symbol);
        let body = self.sequence(args.skip(1), form, Tail::No);
        self.scope.restore(saved);
        let place = self.place(form);
        self.add(Expr::With { local, acquire, release, body }, place)
    }

    /// `(borrow [r x] body …)`
    #[inline(never)]
    fn borrow_form(&mut self, form: Form, args: Kids) -> ExprId {
        const SHAPE: &str = "(borrow [r x] body ...)";
        let head = self.cx.forms.get(args, 0).filter(|f| self.cx.forms.is_vector(*f));
        let parts = head.map(|h| self.cx.forms.to_vec(self.cx.forms.kids(h)));
        let Some([name, value]) = parts.as_deref() else {
            return self.malformed(form, "borrow", SHAPE, "");
        };
        let Some(symbol) = self.cx.forms.symbol(*name).filter(|_| args.len() > 1) else {
            return self.malformed(form, "borrow", SHAPE, "");
        };
        let value = self.expr(*value, Tail::No);
        let saved = self.scope.save();
        let local = self.bind(*name, symbol);
        let body = self.sequence(args.skip(1), form, Tail::No);
        self.scope.restore(saved);
        let place = self.place(form);
        self.add(Expr::BorrowIn { local, value, body }, place)
    }

    /// `(with-fields e {:x 3.0})`
    #[inline(never)]
    fn with_fields(&mut self, form: Form, args: Kids) -> ExprId {
        const SHAPE: &str = "(with-fields record {:field value …})";
        let parts = (self.cx.forms.get(args, 0), self.cx.forms.get(args, 1));
        let (Some(value), Some(fields), 2) = (parts.0, parts.1, args.len()) else {
            return self.malformed(form, "with-fields", SHAPE, "");
        };
        let kids = self.cx.forms.kids(fields);
        let is_map = self.cx.forms.kind(fields) == NodeKind::Map && kids.len().is_multiple_of(2);
        let mut keys = (0..kids.len()).step_by(2).filter_map(|i| self.cx.forms.get(kids, i));
        if !is_map || !keys.all(|f| self.cx.forms.keyword(f).is_some()) {
            return self.malformed(form, "with-fields", SHAPE, "");
        }
        let value = self.expr(value, Tail::No);
        let (fields, spans) = self.record_parts(fields);
        let place = self.place(form);
        let id = self.add(Expr::WithFields { value, fields }, place);
        self.map.fields.insert(id, spans);
        id
    }

    /// `(times [i n] body …)` or `(times n body …)`: a loop that counts.
    #[inline(never)]
    fn times_form(&mut self, form: Form, args: Kids) -> ExprId {
        const SHAPE: &str = "(times [i n] body ...)";
        let Some(head) = self.cx.forms.get(args, 0).filter(|_| args.len() > 1) else {
            return self.malformed(form, "times", SHAPE, "");
        };
        let (name, count) = if self.cx.forms.is_vector(head) {
            let kids = self.cx.forms.kids(head);
            let name = self.cx.forms.get(kids, 0).and_then(|f| Some((f, self.cx.forms.symbol(f)?)));
            match (name, self.cx.forms.get(kids, 1), kids.len()) {
                (Some(name), Some(count), 2) => (Some(name), count),
                _ => return self.malformed(form, "times", SHAPE, ""),
            }
        } else {
            (None, head)
        };
        let place = self.place(form);
        let count = self.expr(count, Tail::No);
        let (limit, limit_pat) = self.fresh("count", place);
        let saved = self.scope.save();
        let counter = match name {
            Some((at, name)) => self.bind(at, name),
            None => self.add_local(Name::new("i"), place),
        };
        let param = self.add_pat(Pat::Bind(counter), place);
        self.targets.push(Target { arity: 1, span: place.span });
        let done = self.sequence(args.skip(1), form, Tail::No);
        self.targets.pop();
        self.scope.restore(saved);
        let next = self.add(Expr::Local(counter), place);
        let one = self.literal(crate::core::Literal::Int(1), place);
        let next = self.prelude_call("+", vec![next, one], place);
        let again = self.add(Expr::Recur { args: vec![next] }, place);
        let then = self.add(Expr::Do(vec![done, again]), place);
        let i = self.add(Expr::Local(counter), place);
        let n = self.add(Expr::Local(limit), place);
        let cond = self.prelude_call("<", vec![i, n], place);
        let other = self.unit(place);
        let body = self.add(Expr::If { cond, then, other }, place);
        let zero = self.literal(crate::core::Literal::Int(0), place);
        let body = self.add(Expr::Loop { params: vec![param], inits: vec![zero], body }, place);
        self.add(Expr::Let { pat: limit_pat, value: count, body }, place)
    }

    pub(crate) fn prelude_call(
        &mut self,
        name: &str,
        args: Vec<ExprId>,
        place: crate::core::Place,
    ) -> ExprId {
        let callee = self.prelude(name, place);
        self.add(Expr::Call { callee, args }, place)
    }

    /// The entity of the prelude's name, for patterns.
    pub(crate) fn prelude_ctor(&self, name: &str) -> Option<crate::core::CtorId> {
        let core = self.cx.program.by_name.get(&Name::new("std.core"))?;
        match self.cx.program.modules[*core].own.get(&Name::new(name)) {
            Some(crate::core::Entity::Ctor(ctor)) => Some(*ctor),
            _ => None,
        }
    }

    /// Binds a symbol to a new local.
    pub(crate) fn bind(&mut self, at: Form, name: Name) -> crate::core::LocalId {
        let place = self.place(at);
        if self.cx.words.is_reserved(name) {
            self.cx.diagnostics.push(report::reserved_name(place, name));
        }
        let local = self.add_local(name, place);
        let mark = self.cx.forms.mark(at);
        self.scope.bind(name, mark, local);
        local
    }

    /// The constructor a name means, if it means one.
    pub(crate) fn ctor_named(&mut self, at: Form, name: Name) -> Option<crate::core::Entity> {
        let mark = self.cx.forms.mark(at);
        self.cx.try_find(name, mark, Space::Value)
    }
}
