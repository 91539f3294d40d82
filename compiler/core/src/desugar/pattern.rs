//! Patterns: names bind, constructors match, literals compare.

use super::BodyCtx;
use crate::core::{CtorId, Entity, Literal, Pat, PatId};
use crate::diagnostics as report;
use crate::forms::{Form, Kids};
use crate::resolve::names::Space;
use crate::words::Word;
use eclexia_base::{FxHashMap, Name, Span};
use eclexia_syntax::NodeKind;

/// Names bound so far by the patterns that are bound together.
type Seen = FxHashMap<(Name, u32), Span>;

impl BodyCtx<'_, '_, '_> {
    /// Patterns that are bound together: no name may stand in two of them.
    pub(crate) fn patterns(&mut self, forms: &[Form]) -> Vec<PatId> {
        let mut seen = Seen::default();
        forms.iter().map(|f| self.pattern(*f, &mut seen)).collect()
    }

    /// Patterns where names are bound (parameters, `let`, `for`): a literal's name alone would
    /// bind nothing, silently where it is `unit`.
    pub(crate) fn binders(&mut self, forms: &[Form]) -> Vec<PatId> {
        let mut seen = Seen::default();
        let mut made = Vec::with_capacity(forms.len());
        for form in forms {
            let name = self.cx.forms.symbol(*form);
            let word = name.map(|name| (name, self.cx.words.of(name)));
            made.push(match word {
                Some((name, Word::True | Word::False | Word::Unit)) => {
                    let place = self.place(*form);
                    self.cx.diagnostics.push(report::reserved_binder(place, name));
                    self.add_pat(Pat::Error, place)
                }
                _ => self.pattern(*form, &mut seen),
            });
        }
        made
    }

    fn pattern(&mut self, form: Form, seen: &mut Seen) -> PatId {
        let place = self.place(form);
        if !self.enter(place) {
            self.depth -= 1;
            return self.add_pat(Pat::Error, place);
        }
        let pat = match self.cx.forms.kind(form) {
            NodeKind::Symbol(name) => self.symbol_pattern(form, name, seen),
            NodeKind::List => self.list_pattern(form, seen),
            NodeKind::Vector => self.vector_pattern(form, seen),
            NodeKind::Map => {
                let pat = self.record_pattern(form, seen);
                self.depth -= 1;
                return pat;
            }
            NodeKind::Error => Pat::Error,
            NodeKind::Borrow => {
                self.pattern_error(form, "a borrow is taken of a value: (match &x …)")
            }
            // Reported by the reader.
            NodeKind::Quote | NodeKind::Quasiquote | NodeKind::Unquote | NodeKind::Splice => {
                Pat::Error
            }
            atom => self.atom(form, atom).map_or(Pat::Error, Pat::Literal),
        };
        self.depth -= 1;
        self.add_pat(pat, place)
    }

    fn pattern_error(&mut self, form: Form, why: &str) -> Pat {
        let shape = "a name, _, a literal, (Ctor p …), [p & rest], {:x p}, (as x p)";
        self.cx.malformed(form, "pattern", shape, why);
        Pat::Error
    }

    fn bind_once(&mut self, form: Form, name: Name, seen: &mut Seen) -> crate::core::LocalId {
        let mark = self.cx.forms.mark(form);
        let place = self.place(form);
        if let Some(first) = seen.insert((name, mark), place.span) {
            self.cx.diagnostics.push(report::duplicate_binder(place, name, Some(first)));
        }
        self.bind(form, name)
    }

    fn symbol_pattern(&mut self, form: Form, name: Name, seen: &mut Seen) -> Pat {
        match self.cx.words.of(name) {
            Word::Wildcard => Pat::Wildcard,
            Word::True => Pat::Literal(Literal::Bool(true)),
            Word::False => Pat::Literal(Literal::Bool(false)),
            Word::Unit => Pat::Literal(Literal::Unit),
            Word::Qualified => self.ctor_pattern(form, form, name, None, seen),
            Word::Plain if name.as_str().starts_with(char::is_uppercase) => {
                self.ctor_pattern(form, form, name, None, seen)
            }
            Word::Ampersand | Word::Ellipsis => {
                self.pattern_error(form, "`& rest` stands at the end of a `[ ]` pattern")
            }
            _ => Pat::Bind(self.bind_once(form, name, seen)),
        }
    }

    fn list_pattern(&mut self, form: Form, seen: &mut Seen) -> Pat {
        let kids = self.cx.forms.kids(form);
        let Some(head) = self.cx.forms.get(kids, 0) else {
            return self.pattern_error(form, "an empty list matches nothing");
        };
        let Some(name) = self.cx.forms.symbol(head) else {
            return self.pattern_error(form, "a constructor's name comes first");
        };
        if name == "as" && kids.len() == 3 {
            let parts = (self.cx.forms.get(kids, 1), self.cx.forms.get(kids, 2));
            if let (Some(at), Some(inner)) = parts
                && let Some(name) = self.cx.forms.symbol(at)
            {
                let local = self.bind_once(at, name, seen);
                let pat = self.pattern(inner, seen);
                return Pat::As { local, pat };
            }
        }
        self.ctor_pattern(form, head, name, Some(kids.skip(1)), seen)
    }

    /// A constructor with its argument patterns; `None`: a bare name.
    fn ctor_pattern(
        &mut self,
        form: Form,
        head: Form,
        name: Name,
        args: Option<Kids>,
        seen: &mut Seen,
    ) -> Pat {
        let ctor = self.ctor_of(head, name);
        let forms = args.map_or(Vec::new(), |a| self.cx.forms.to_vec(a));
        let Some(ctor) = ctor else {
            // The names below are bound all the same, so that the body's uses are not unknown too.
            for f in &forms {
                self.pattern(*f, seen);
            }
            return Pat::Error;
        };
        let known = &self.cx.program.ctors[ctor];
        if known.is_record {
            if let [only] = forms.as_slice()
                && self.cx.forms.kind(*only) == NodeKind::Map
            {
                return self.typed_record_pattern(*only, ctor, seen);
            }
            let why = format!("`{name}` is a record: match it by `{{:field pattern}}`");
            return self.pattern_error(form, &why);
        }
        let (wanted, span) = (known.fields.len(), known.span);
        if wanted != forms.len() {
            let place = self.place(form);
            let problem = report::constructor_arity(place, name, wanted, forms.len(), span);
            self.cx.diagnostics.push(problem);
            for f in &forms {
                self.pattern(*f, seen);
            }
            return Pat::Error;
        }
        let args = forms.iter().map(|f| self.pattern(*f, seen)).collect();
        Pat::Ctor { ctor, args }
    }

    /// `(Point {:x p})`: the one argument of a record's constructor is the record itself. Whether
    /// its fields exist is for `check`, which reports all uses of fields.
    fn typed_record_pattern(&mut self, form: Form, ctor: CtorId, seen: &mut Seen) -> Pat {
        Pat::Ctor { ctor, args: vec![self.record_pattern(form, seen)] }
    }

    fn ctor_of(&mut self, head: Form, name: Name) -> Option<CtorId> {
        let place = self.place(head);
        let mark = self.cx.forms.mark(head);
        if self.cx.words.of(name) == Word::Plain && self.ctor_named(head, name).is_none() {
            if self.cx.broken.all || self.cx.broken.names.contains(&name) {
                return None;
            }
            let home = self.cx.home_of(mark);
            let scope = &self.cx.program.modules[home].scope;
            let is_ctor = |(_, e): &(&Name, &Entity)| matches!(e, Entity::Ctor(_));
            let names = scope.iter().filter(is_ctor).map(|(n, _)| n.as_str());
            let near = crate::resolve::nearest(name.as_str(), names);
            self.cx.diagnostics.push(report::unknown_constructor(place, name, near.as_deref()));
            return None;
        }
        match self.cx.find(head, name, Space::Value, &Vec::new)? {
            Entity::Ctor(ctor) => Some(ctor),
            _ => {
                self.cx.diagnostics.push(report::not_a_constructor(place, name));
                None
            }
        }
    }

    /// `[a b & rest]`
    fn vector_pattern(&mut self, form: Form, seen: &mut Seen) -> Pat {
        let kids = self.cx.forms.to_vec(self.cx.forms.kids(form));
        let is_rest = |f: &Form| self.cx.forms.symbol(*f).is_some_and(|n| n == "&");
        let split = kids.iter().position(is_rest);
        let (items, rest) = match split {
            None => (&kids[..], None),
            Some(at) if at + 2 == kids.len() => (&kids[..at], Some(kids[at + 1])),
            Some(_) => {
                return self.pattern_error(form, "one pattern follows `&`, and nothing after it");
            }
        };
        let items = items.iter().map(|f| self.pattern(*f, seen)).collect();
        let rest = rest.map(|f| self.pattern(f, seen));
        Pat::Vector { items, rest }
    }

    /// `{:x p :y q}`
    fn record_pattern(&mut self, form: Form, seen: &mut Seen) -> PatId {
        let whole = self.place(form);
        let kids = self.cx.forms.to_vec(self.cx.forms.kids(form));
        let mut fields: Vec<(Name, PatId)> = Vec::with_capacity(kids.len() / 2);
        let mut spans: Vec<Span> = Vec::with_capacity(kids.len() / 2);
        let mut names: FxHashMap<Name, Span> = FxHashMap::default();
        for pair in kids.chunks(2) {
            let name = self.cx.forms.keyword(pair[0]);
            let (Some(name), Some(inner)) = (name, pair.get(1)) else {
                let error = self.pattern_error(pair[0], "a record's pattern is {:field pattern}");
                return self.add_pat(error, whole);
            };
            let place = self.place(pair[0]);
            let pat = self.pattern(*inner, seen);
            match names.insert(name, place.span) {
                Some(first) => {
                    self.cx.diagnostics.push(report::duplicate_field(place, name, first));
                }
                None => {
                    fields.push((name, pat));
                    spans.push(place.span);
                }
            }
        }
        let pat = self.add_pat(Pat::Record { fields }, whole);
        self.map.pat_fields.insert(pat, spans);
        pat
    }
}
