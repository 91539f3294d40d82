//! `(defmacro (name pattern…) template)` to a clause. What cannot be a pattern or a template is
//! reported here, so matching and instantiation cannot fail on a compiled clause's shape.

use super::{Clause, Item, Pattern, SeqPattern, Template};
use crate::core::Place;
use crate::diagnostics as report;
use crate::forms::{Form, Forms, Kids};
use eclexia_base::{FxHashMap, Name};
use eclexia_diag::Diagnostic;
use eclexia_syntax::NodeKind;

/// Boxed, because results are passed up through every level.
type Problem = Box<Diagnostic>;

fn problem(place: Place, why: &str) -> Problem {
    Box::new(report::malformed_macro(place, why))
}

struct CompileCtx<'f, 't> {
    forms: &'f Forms<'t>,
    /// Slot and ellipsis depth of each variable, by name and mark.
    variables: FxHashMap<(Name, u32), (usize, usize)>,
}

/// Compiles one clause; `head` is `(name pattern…)`.
pub(crate) fn compile(forms: &Forms, head: Form, template: Form) -> Result<Clause, Problem> {
    let mut ctx = CompileCtx { forms, variables: FxHashMap::default() };
    let pattern = ctx.sequence(forms.kids(head).skip(1), 0)?;
    let template = ctx.template(template, 0)?;
    let slots = ctx.variables.len();
    Ok(Clause { shown: forms.show(head), span: forms.span(head), pattern, template, slots })
}

impl CompileCtx<'_, '_> {
    fn is_ellipsis(&self, form: Form) -> bool {
        self.forms.symbol(form).is_some_and(|n| n == "...")
    }

    fn sequence(&mut self, kids: Kids, depth: usize) -> Result<SeqPattern, Problem> {
        let mut seq = SeqPattern::default();
        let items = self.forms.to_vec(kids);
        let mut i = 0;
        while i < items.len() {
            let item = items[i];
            if self.is_ellipsis(item) {
                return Err(problem(self.forms.place(item), "`...` needs a pattern before it"));
            }
            if items.get(i + 1).is_some_and(|next| self.is_ellipsis(*next)) {
                if seq.repeat.is_some() {
                    let place = self.forms.place(items[i + 1]);
                    return Err(problem(place, "only one `...` may stand in one list"));
                }
                seq.repeat = Some(Box::new(self.pattern(item, depth + 1)?));
                i += 2;
                continue;
            }
            let pattern = self.pattern(item, depth)?;
            let side = if seq.repeat.is_some() { &mut seq.after } else { &mut seq.before };
            side.push(pattern);
            i += 1;
        }
        Ok(seq)
    }

    fn pattern(&mut self, form: Form, depth: usize) -> Result<Pattern, Problem> {
        match self.forms.kind(form) {
            NodeKind::Symbol(name) if name == "_" => Ok(Pattern::Wildcard),
            NodeKind::Symbol(name) => {
                let slot = self.variables.len();
                let key = (name, self.forms.mark(form));
                if self.variables.insert(key, (slot, depth)).is_some() {
                    let why = format!("`{name}` stands twice in the pattern");
                    return Err(problem(self.forms.place(form), &why));
                }
                Ok(Pattern::Bind(slot))
            }
            kind @ (NodeKind::List | NodeKind::Vector | NodeKind::Map | NodeKind::Borrow) => {
                Ok(Pattern::Seq(kind, self.sequence(self.forms.kids(form), depth)?))
            }
            atom => Ok(Pattern::Atom(atom)),
        }
    }

    fn template(&mut self, form: Form, depth: usize) -> Result<Template, Problem> {
        let span = self.forms.span(form);
        match self.forms.kind(form) {
            NodeKind::Symbol(name) => {
                let Some(&(slot, own)) = self.variables.get(&(name, self.forms.mark(form))) else {
                    return Ok(Template::Atom(NodeKind::Symbol(name), span));
                };
                if own > depth {
                    let why = format!("`{name}` stands for many forms here: write `{name} ...`");
                    return Err(problem(self.forms.place(form), &why));
                }
                Ok(Template::Slot(slot))
            }
            NodeKind::List => self.text_of(form).unwrap_or_else(|| self.seq(form, depth)),
            NodeKind::Vector | NodeKind::Map | NodeKind::Borrow => self.seq(form, depth),
            // A quotation is reported by the reader; it stays what it is.
            atom => Ok(Template::Atom(atom, span)),
        }
    }

    /// `(name-of x)` and `(source-of x)` of a variable.
    fn text_of(&self, form: Form) -> Option<Result<Template, Problem>> {
        let head = self.forms.head(form)?;
        let is_name = head == "name-of";
        if !is_name && head != "source-of" {
            return None;
        }
        let kids = self.forms.kids(form);
        let variable = self.forms.get(kids, 1).and_then(|f| {
            let key = (self.forms.symbol(f)?, self.forms.mark(f));
            self.variables.get(&key)
        });
        let place = self.forms.place(form);
        Some(match variable {
            Some((slot, 0)) if kids.len() == 2 && is_name => {
                Ok(Template::NameOf(*slot, place.span))
            }
            Some((slot, 0)) if kids.len() == 2 => Ok(Template::SourceOf(*slot, place.span)),
            _ => {
                let why = format!("`{head}` takes one variable of the pattern, without `...`");
                Err(problem(place, &why))
            }
        })
    }

    fn seq(&mut self, form: Form, depth: usize) -> Result<Template, Problem> {
        let children = self.forms.to_vec(self.forms.kids(form));
        let mut items = Vec::with_capacity(children.len());
        let mut i = 0;
        while i < children.len() {
            let child = children[i];
            if self.is_ellipsis(child) {
                let place = self.forms.place(child);
                return Err(problem(place, "`...` needs a form before it"));
            }
            let repeats = children.get(i + 1).is_some_and(|next| self.is_ellipsis(*next));
            let inner = depth + usize::from(repeats);
            let template = self.template(child, inner)?;
            let mut drivers = Vec::new();
            if repeats {
                self.drivers(child, inner, &mut drivers);
                if drivers.is_empty() {
                    let why = "nothing before this `...` was matched with `...` in the pattern";
                    let place = self.forms.place(children[i + 1]);
                    return Err(problem(place, why));
                }
            }
            items.push(Item { template, drivers });
            i += 1 + usize::from(repeats);
        }
        Ok(Template::Seq(self.forms.kind(form), self.forms.span(form), items))
    }

    /// The variables in `form` that are repeated at ellipsis depth `depth`.
    fn drivers(&self, form: Form, depth: usize, out: &mut Vec<usize>) {
        if let Some(name) = self.forms.symbol(form) {
            match self.variables.get(&(name, self.forms.mark(form))) {
                Some((slot, own)) if *own >= depth && !out.contains(slot) => out.push(*slot),
                _ => {}
            }
            return;
        }
        for child in self.forms.to_vec(self.forms.kids(form)) {
            self.drivers(child, depth, out);
        }
    }
}
