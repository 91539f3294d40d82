//! The top level: which forms define something. Macro calls are expanded and `do` is opened until
//! only definitions (and, where allowed, expressions) are left. Macros are registered on the way,
//! those written in the file before anything is expanded.

use super::ModuleCtx;
use super::names::Space;
use crate::core::Entity;
use crate::diagnostics as report;
use crate::expand::{self, Expansion, MAX_EXPANSIONS_IN_PLACE, Macro};
use crate::forms::Form;
use crate::resolve::Mark;
use crate::words::{Special, Top, Word};
use eclexia_base::{Name, Span};
use eclexia_diag::Edit;
use eclexia_syntax::NodeKind;

/// A top-level form; `top` is `None` for an expression.
pub(crate) struct Item {
    pub top: Option<Top>,
    pub form: Form,
}

impl ModuleCtx<'_, '_> {
    pub(super) fn collect(&mut self, roots: &[Form]) -> Vec<Item> {
        let is_macro = |f: &Form| self.forms.head(*f).is_some_and(|h| h == "defmacro");
        let macros: Vec<Form> = roots.iter().copied().filter(is_macro).collect();
        for form in macros {
            self.define_macro(form);
        }
        let mut items = Vec::with_capacity(roots.len());
        // Work list in reverse, so that what a form expands to comes before what follows it. The
        // number is how many expansions made the form.
        let mut work: Vec<(Form, u32)> = roots.iter().rev().map(|f| (*f, 0)).collect();
        while let Some((form, expansions)) = work.pop() {
            self.collect_one(form, expansions, &mut work, &mut items);
        }
        items
    }

    fn collect_one(
        &mut self,
        form: Form,
        expansions: u32,
        work: &mut Vec<(Form, u32)>,
        items: &mut Vec<Item>,
    ) {
        if self.forms.kind(form) == NodeKind::Error {
            return;
        }
        let head = self.forms.head(form);
        match head.map(|h| self.words.of(h)) {
            Some(Word::Top(Top::Module | Top::Import)) if expansions == 0 => {}
            Some(Word::Top(Top::Module | Top::Import)) => {
                let place = self.forms.place(form);
                self.diagnostics.push(report::import_in_macro(place));
            }
            Some(Word::Top(Top::Defmacro)) if expansions == 0 => {}
            Some(Word::Top(Top::Defmacro)) => self.define_macro(form),
            Some(Word::Top(top)) => items.push(Item { top: Some(top), form }),
            Some(Word::Special(Special::Do)) if expansions > 0 || !self.may_evaluate => {
                let kids = self.forms.to_vec(self.forms.kids(form).skip(1));
                work.extend(kids.into_iter().rev().map(|kid| (kid, expansions)));
            }
            _ => {
                if let Some(index) = head.and_then(|h| self.macro_at(form, h)) {
                    if expansions >= MAX_EXPANSIONS_IN_PLACE {
                        let place = self.forms.place(form);
                        self.diagnostics.push(report::macro_too_deep(place));
                    } else if let Some(made) = self.expand(index, form) {
                        work.push((made, expansions + 1));
                    }
                    return;
                }
                self.expression_at_top(form, head, items);
            }
        }
    }

    fn expression_at_top(&mut self, form: Form, head: Option<Name>, items: &mut Vec<Item>) {
        if self.may_evaluate {
            items.push(Item { top: None, form });
            return;
        }
        if self.has_unread(form) || self.continues_text(form) {
            return;
        }
        let place = self.forms.place(form);
        let known = head.and_then(|h| {
            let names = ["def", "defn", "sig", "deftype", "defrecord", "defmacro", "deftest"];
            let more = ["definterface", "implement", "import", "module", "defadaptive"];
            let near = super::suggest::nearest(h.as_str(), names.into_iter().chain(more));
            let lisp = match h.as_str() {
                "define" if self.defines_value(form) => Some("def".to_owned()),
                "defun" | "define" => Some("defn".to_owned()),
                "defparameter" | "defvar" | "defconstant" | "setq" => Some("def".to_owned()),
                "defstruct" => Some("defrecord".to_owned()),
                "defprotocol" | "defclass" => Some("definterface".to_owned()),
                "require" | "use" => Some("import".to_owned()),
                _ => None,
            };
            lisp.or(near)
        });
        let name = head.map(|h| h.as_str());
        let known_call = head.is_some_and(|h| {
            let mark = self.forms.mark(form);
            self.try_find(h, mark, Space::Value).is_some()
        });
        let near = known.filter(|_| !known_call);
        let found = match name.filter(|name| report::OF_DEPLOYMENTS.contains(name)) {
            Some(head) => report::deployments_not_imported(place, head, self.forms.tree()),
            None => {
                let kids = self.forms.kids(form);
                let head = self.forms.get(kids, 0).map(|head| self.forms.place(head));
                let written = head.filter(|head| head.inside.is_none()).map(|head| head.span);
                let brackets = match near.as_deref() {
                    Some("defn") => self.brackets_of_params(form),
                    _ => Vec::new(),
                };
                let (head, near) = (name.zip(written), near.as_deref());
                report::expression_at_top_level(place, head, near, brackets)
            }
        };
        self.diagnostics.push(found);
    }

    /// Whether a name stands behind the head, and not a name with parameters.
    fn defines_value(&self, form: Form) -> bool {
        let second = self.forms.get(self.forms.kids(form), 1);
        second.is_some_and(|second| self.forms.symbol(second).is_some())
    }

    /// `f [x]` of `(define (f x) …)` and of `(defun f (x) …)`.
    fn brackets_of_params(&self, form: Form) -> Vec<Edit> {
        let kids = self.forms.kids(form);
        let list = |i| {
            let list = self.forms.get(kids, i).filter(|f| self.forms.kind(*f) == NodeKind::List);
            list.map(|list| (self.forms.kids(list), self.forms.span(list)))
        };
        let ends = |span: Span| {
            (Span { end: span.start + 1, ..span }, Span { start: span.end - 1, ..span })
        };
        if let Some((own, span)) = list(1) {
            let Some(name) = self.forms.get(own, 0) else { return Vec::new() };
            let (open, close) = ends(span);
            let params = self.forms.get(own, 1).map(|first| self.forms.span(first));
            let gap = Span { end: params.unwrap_or(close).start, ..self.forms.span(name).after() };
            return vec![Edit::new(open, ""), Edit::new(gap, " ["), Edit::new(close, "]")];
        }
        let params = list(2).map(|(_, span)| ends(span)).into_iter();
        params.flat_map(|(open, close)| [Edit::new(open, "["), Edit::new(close, "]")]).collect()
    }

    /// Whether the form goes on with a text that is no program (`function f(x) …`), so that its
    /// beginning has been reported: of two forms side by side one is no call.
    fn continues_text(&mut self, form: Form) -> bool {
        let span = self.forms.span(form);
        let is_call = self.forms.kind(form) == NodeKind::List;
        let before = self.last_expression.replace((span, is_call));
        before.is_some_and(|(before, was_call)| {
            let is_beside = span.start.wrapping_sub(before.end) <= 1 && span.file == before.file;
            is_beside && !(is_call && was_call)
        })
    }

    /// The macro that a list's head symbol means, by index.
    pub(crate) fn macro_at(&mut self, form: Form, head: Name) -> Option<u32> {
        let symbol = self.forms.get(self.forms.kids(form), 0)?;
        let mark = self.forms.mark(symbol);
        let found = match self.words.of(head) {
            Word::Plain => self.try_find(head, mark, Space::Value)?,
            Word::Qualified => {
                let (prefix, rest) = crate::words::split_qualified(head)?;
                let target = self.program.module_named(self.home_of(mark), prefix)?;
                self.program.modules[target].own.get(&rest).copied()?
            }
            _ => return None,
        };
        match found {
            Entity::Macro(index) => Some(index),
            _ => None,
        }
    }

    /// One expansion of a macro call; reports what fails.
    pub(crate) fn expand(&mut self, index: u32, call: Form) -> Option<Form> {
        let kept = &mut self.program.kept;
        let called = &kept.macros[index as usize];
        let place = self.forms.place(call);
        let (clause, bindings) = match expand::match_call(&self.forms, called, call) {
            Ok(matched) => matched,
            Err(miss) => {
                let shown = self.forms.show_short(call, 60);
                self.diagnostics.push(report::macro_mismatch(place, called, &miss, &shown));
                return None;
            }
        };
        let mark = kept.marks.len() as u32;
        kept.marks.push(Mark { module: called.module, parent: called.parent });
        let keeps_inside = self.program.modules[called.module].is_std;
        let expansion = Expansion { call: place, name: called.name, mark, keeps_inside };
        let template = &called.clauses[clause].template;
        let made = expand::instantiate(&mut self.forms, template, &bindings, &expansion);
        if made.is_none() {
            self.diagnostics.push(report::macro_too_large(place, called.name));
        }
        made
    }

    /// The form with every macro call in it expanded.
    pub(super) fn expand_all(&mut self, form: Form, depth: u32) -> Form {
        let mut form = form;
        for _ in 0..MAX_EXPANSIONS_IN_PLACE {
            let Some(index) = self.forms.head(form).and_then(|head| self.macro_at(form, head))
            else {
                break;
            };
            match self.expand(index, form) {
                Some(made) => form = made,
                None => return form,
            }
        }
        let kids = self.forms.to_vec(self.forms.kids(form));
        if kids.is_empty() || depth > crate::desugar::MAX_DEPTH {
            return form;
        }
        let made: Vec<Form> = kids.iter().map(|kid| self.expand_all(*kid, depth + 1)).collect();
        if made == kids {
            return form;
        }
        let (kind, place, mark) =
            (self.forms.kind(form), self.forms.place(form), self.forms.mark(form));
        self.forms.make(kind, place, mark, &made)
    }

    /// Registers a `defmacro`: a new macro, or a further clause of the one just before.
    fn define_macro(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let (doc, at) = if kids.len() > 3 { self.doc_at(kids, 2) } else { (None, 2) };
        let head = self.forms.get(kids, 1);
        let template = self.forms.get(kids, at).filter(|_| kids.len() == at + 1);
        let named = head.and_then(|h| {
            let name = self.forms.get(self.forms.kids(h), 0)?;
            Some((h, name, self.forms.head(h)?))
        });
        let (Some((head, at_name, name)), Some(template)) = (named, template) else {
            self.malformed(form, "defmacro", "(defmacro (name pattern ...) template)", "");
            return;
        };
        let clause = match expand::compile(&self.forms, head, template) {
            Ok(clause) => clause,
            Err(problem) => return self.diagnostics.push(*problem),
        };
        let mark = self.forms.mark(at_name);
        let previous = self.own_entity(name, mark, Space::Value);
        if let Some(Entity::Macro(index)) = previous
            && index as usize + 1 == self.program.kept.macros.len()
        {
            let known = &mut self.program.kept.macros[index as usize];
            known.clauses.push(clause);
            known.doc = known.doc.take().or(doc);
            return;
        }
        let index = self.program.kept.macros.len() as u32;
        let span = self.forms.span(at_name);
        let (module, clauses) = (self.module, vec![clause]);
        let made = Macro { name, module, doc, span, clauses, parent: mark };
        self.program.kept.macros.push(made);
        self.enter(at_name, name, Entity::Macro(index), Space::Value);
    }
}
