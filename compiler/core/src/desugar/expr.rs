//! Expressions: literals, names, brackets; lists go to `call` or `special`.

use super::{BodyCtx, Tail};
use crate::core::{Expr, ExprId, Literal, Pat};
use crate::diagnostics as report;
use crate::expand::MAX_EXPANSIONS_IN_PLACE;
use crate::forms::{Form, Kids};
use crate::resolve::names::Space;
use crate::words::Word;
use eclexia_base::number::parse_decimal;
use eclexia_base::{Dim, FxHashMap, Name, Span};
use eclexia_syntax::NodeKind;

impl BodyCtx<'_, '_, '_> {
    pub(crate) fn expr(&mut self, form: Form, tail: Tail) -> ExprId {
        let place = self.place(form);
        if !self.enter(place) {
            self.depth -= 1;
            return self.error(place);
        }
        let id = match self.cx.forms.kind(form) {
            NodeKind::List => self.list(form, tail),
            NodeKind::Symbol(name) => self.symbol(form, name),
            NodeKind::Vector => self.vector(form),
            NodeKind::Map => self.map(form),
            NodeKind::Borrow => self.borrow(form),
            // Reported by the reader.
            NodeKind::Error
            | NodeKind::Quote
            | NodeKind::Quasiquote
            | NodeKind::Unquote
            | NodeKind::Splice => self.error(place),
            atom => match self.atom(form, atom) {
                Some(literal) => self.literal(literal, place),
                None => self.error(place),
            },
        };
        self.depth -= 1;
        id
    }

    /// The value of a number, string or keyword; `None` when its unit is unknown (reported).
    #[inline(never)]
    pub(crate) fn atom(&mut self, form: Form, kind: NodeKind) -> Option<Literal> {
        Some(match kind {
            NodeKind::Int(n) => Literal::Int(n),
            NodeKind::Float(x) => Literal::Float(x),
            NodeKind::Str(text) => Literal::Str(text),
            NodeKind::Keyword(name) => Literal::Keyword(name),
            NodeKind::Quantity { number, unit } => {
                let unit = self.cx.unit_of(form, number, unit)?;
                let Some(value) = parse_decimal(number.as_str()) else {
                    let place = self.place(form);
                    self.cx.diagnostics.push(report::amount_out_of_range(place, number));
                    return None;
                };
                if unit.dim == Dim::ONE {
                    Literal::Float(eclexia_base::number::to_f64(&(value * unit.scale)))
                } else {
                    Literal::Quantity(value * unit.scale, unit.dim)
                }
            }
            _ => return None,
        })
    }

    fn symbol(&mut self, form: Form, name: Name) -> ExprId {
        let place = self.place(form);
        let mark = self.cx.forms.mark(form);
        if let Some(local) = self.scope.get(name, mark) {
            return self.add(Expr::Local(local), place);
        }
        match self.cx.words.of(name) {
            Word::True => self.bool(true, place),
            Word::False => self.bool(false, place),
            Word::Unit => self.unit(place),
            Word::Field => self.field_function(form, name),
            Word::Wildcard => {
                self.malformed(form, "_", "a pattern", "`_` names nothing, so it has no value")
            }
            Word::Ellipsis => self.malformed(form, "...", "(defmacro (m x ...) (f x ...))", ""),
            Word::Ampersand => self.malformed(form, "&", "&x", "what is borrowed follows directly"),
            Word::Special(_) => {
                let shape = format!("({name} …)");
                self.malformed(form, name.as_str(), &shape, "a form is not a value")
            }
            Word::Top(_) => {
                let shape = format!("({name} …)");
                self.malformed(form, name.as_str(), &shape, "a definition is not a value")
            }
            Word::Plain | Word::Qualified => {
                let scope = &self.scope;
                match self.cx.find(form, name, Space::Value, &|| scope.names(mark)) {
                    Some(entity) => self.entity(entity, place, name),
                    None => self.error(place),
                }
            }
        }
    }

    /// `.x` as a value: `(fn [v] (.x v))`.
    #[inline(never)]
    fn field_function(&mut self, form: Form, name: Name) -> ExprId {
        let place = self.place(form);
        let (local, pat) = self.fresh("value", place);
        let value = self.add(Expr::Local(local), place);
        let body = self.field(value, name, place, place.span);
        self.add(Expr::Fn { params: vec![pat], body }, place)
    }

    /// `(.x value)`; `name` is with its dot.
    pub(crate) fn field(
        &mut self,
        value: ExprId,
        name: Name,
        place: crate::core::Place,
        span: Span,
    ) -> ExprId {
        let name = Name::new(&name.as_str()[1..]);
        let id = self.add(Expr::Field { value, name }, place);
        self.map.fields.insert(id, vec![span]);
        id
    }

    fn vector(&mut self, form: Form) -> ExprId {
        let kids = self.cx.forms.kids(form);
        let items = self.exprs(kids);
        let place = self.place(form);
        self.add(Expr::Vector(items), place)
    }

    pub(crate) fn exprs(&mut self, kids: Kids) -> Vec<ExprId> {
        let forms = self.cx.forms.to_vec(kids);
        forms.into_iter().map(|form| self.expr(form, Tail::No)).collect()
    }

    /// `{…}`: a record when all keys are keywords, else a map.
    #[inline(never)]
    fn map(&mut self, form: Form) -> ExprId {
        let kids = self.cx.forms.kids(form);
        if !kids.len().is_multiple_of(2) {
            return self.malformed(form, "{ }", "{:key value …}", "a key has no value");
        }
        let keys = (0..kids.len()).step_by(2).filter_map(|i| self.cx.forms.get(kids, i));
        if keys.into_iter().all(|f| self.cx.forms.keyword(f).is_some()) {
            let (fields, spans) = self.record_parts(form);
            let place = self.place(form);
            let id = self.add(Expr::Record { fields }, place);
            self.map.fields.insert(id, spans);
            return id;
        }
        let values = self.exprs(kids);
        let entries = values.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let place = self.place(form);
        self.add(Expr::Map { entries }, place)
    }

    /// The fields of `{:x e …}`, each name once, with the places of the names.
    #[inline(never)]
    pub(crate) fn record_parts(&mut self, form: Form) -> (Vec<(Name, ExprId)>, Vec<Span>) {
        let kids = self.cx.forms.kids(form);
        let mut fields: Vec<(Name, ExprId)> = Vec::with_capacity(kids.len() / 2);
        let mut spans = Vec::with_capacity(kids.len() / 2);
        let mut seen: FxHashMap<Name, Span> = FxHashMap::default();
        for i in (0..kids.len()).step_by(2) {
            let pair = (self.cx.forms.get(kids, i), self.cx.forms.get(kids, i + 1));
            let (Some(key), Some(value)) = pair else { continue };
            let Some(name) = self.cx.forms.keyword(key) else { continue };
            let value = self.expr(value, Tail::No);
            let span = self.cx.forms.span(key);
            if let Some(first) = seen.insert(name, span) {
                let place = self.place(key);
                self.cx.diagnostics.push(report::duplicate_field(place, name, first));
                continue;
            }
            fields.push((name, value));
            spans.push(span);
        }
        (fields, spans)
    }

    #[inline(never)]
    fn borrow(&mut self, form: Form) -> ExprId {
        let kids = self.cx.forms.kids(form);
        let Some(inner) = self.cx.forms.get(kids, 0) else {
            return self.malformed(form, "&", "&x", "");
        };
        let value = self.expr(inner, Tail::No);
        let place = self.place(form);
        self.add(Expr::Borrow(value), place)
    }

    /// Forms in sequence; none is `unit`.
    pub(crate) fn sequence(&mut self, kids: Kids, form: Form, tail: Tail) -> ExprId {
        let place = self.place(form);
        let Some(last) = kids.len().checked_sub(1) else { return self.unit(place) };
        let mut items = Vec::with_capacity(kids.len());
        for i in 0..kids.len() {
            let Some(kid) = self.cx.forms.get(kids, i) else { continue };
            items.push(self.expr(kid, if i == last { tail } else { Tail::No }));
        }
        match items.as_slice() {
            [only] => *only,
            _ => self.add(Expr::Do(items), place),
        }
    }

    /// A list: a special form, a macro call, a field access or a call.
    fn list(&mut self, form: Form, tail: Tail) -> ExprId {
        let mut form = form;
        let mut expansions = 0;
        loop {
            if self.cx.forms.kind(form) != NodeKind::List {
                return self.expr(form, tail);
            }
            let kids = self.cx.forms.kids(form);
            let Some(head) = self.cx.forms.get(kids, 0) else {
                return self.malformed(form, "( )", "(f x)", "an empty list; `unit` is a value");
            };
            let Some(name) = self.cx.forms.symbol(head) else {
                return self.call(form, head, kids.skip(1));
            };
            let mark = self.cx.forms.mark(head);
            if self.scope.get(name, mark).is_some() {
                return self.call(form, head, kids.skip(1));
            }
            match self.cx.words.of(name) {
                Word::Special(special) => return self.special(form, special, kids.skip(1), tail),
                Word::Top(_) => {
                    let place = self.place(form);
                    self.cx.diagnostics.push(report::misplaced_definition(place, name));
                    return self.error(place);
                }
                Word::Field => return self.field_access(form, name, head, kids.skip(1)),
                _ => {}
            }
            let Some(index) = self.cx.macro_at(form, name) else {
                return self.named_call(form, head, name, kids.skip(1));
            };
            expansions += 1;
            let place = self.place(form);
            if expansions > MAX_EXPANSIONS_IN_PLACE {
                self.cx.diagnostics.push(report::macro_too_deep(place));
                return self.error(place);
            }
            match self.cx.expand(index, form) {
                Some(made) => form = made,
                None => return self.error(place),
            }
        }
    }

    #[inline(never)]
    fn field_access(&mut self, form: Form, name: Name, head: Form, args: Kids) -> ExprId {
        let place = self.place(form);
        let Some(value) = self.cx.forms.get(args, 0).filter(|_| args.len() == 1) else {
            let shape = format!("({name} record)");
            return self.malformed(form, name.as_str(), &shape, "");
        };
        let value = self.expr(value, Tail::No);
        let span = self.cx.forms.span(head);
        self.field(value, name, place, span)
    }

    /// A value that may be used twice: a name or literal as it is, anything else bound once. The
    /// binding, if any, is pushed to `bound`, to be put around with [`BodyCtx::wrap`].
    pub(crate) fn once(
        &mut self,
        value: ExprId,
        bound: &mut Vec<(crate::core::PatId, ExprId)>,
    ) -> Expr {
        match &self.body.exprs[value] {
            simple @ (Expr::Local(_) | Expr::Global(_) | Expr::Ctor(_) | Expr::Error) => {
                simple.clone()
            }
            Expr::Literal(literal) => Expr::Literal(literal.clone()),
            _ => {
                let place = self.map.exprs[value];
                let local = self.add_local(Name::new("value"), place);
                let pat = self.add_pat(Pat::Bind(local), place);
                bound.push((pat, value));
                Expr::Local(local)
            }
        }
    }

    /// `body` inside the bindings, the first outermost.
    pub(crate) fn wrap(
        &mut self,
        bound: Vec<(crate::core::PatId, ExprId)>,
        body: ExprId,
        place: crate::core::Place,
    ) -> ExprId {
        bound
            .into_iter()
            .rev()
            .fold(body, |body, (pat, value)| self.add(Expr::Let { pat, value, body }, place))
    }
}
