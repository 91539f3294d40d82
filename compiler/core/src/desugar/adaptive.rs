//! `defadaptive`: a function that chooses among its variants each time it is called.
//!
//! ```text
//! (defadaptive f [a] SPEC (variant "gpu" :when c COST body …) …)
//!   → (defn f [a]
//!       (match (adaptive/choose "f" SPEC [(adaptive/candidate "gpu" c COST) …])
//!         [0 body …] … [_ (abort "no variant of `f` is feasible")]))
//! ```

use super::{BodyCtx, Tail, Target};
use crate::core::{Arm, Expr, ExprId, Literal, Pat, Place};
use crate::forms::{Form, Kids};
use eclexia_base::Name;

pub(crate) const ADAPTIVE: &str =
    "(defadaptive name [a] {:requires {…}} (variant \"v\" {…} body ...) …)";
const VARIANT: &str = "(variant \"name\" :when guard {:energy 5J …} body ...)";

struct Variant {
    form: Form,
    name: Name,
    guard: Option<Form>,
    cost: Form,
    body: Kids,
}

impl BodyCtx<'_, '_, '_> {
    pub(super) fn adaptive(&mut self, form: Form) -> ExprId {
        self.body.is_function = true;
        let place = self.place(form);
        let kids = self.cx.forms.kids(form);
        let (_, at) = self.cx.doc_at(kids, 2);
        let params = self.cx.forms.get(kids, at).filter(|f| self.cx.forms.is_vector(*f));
        let (Some(params), Some(spec)) = (params, self.cx.forms.get(kids, at + 1)) else {
            return self.malformed(form, "defadaptive", ADAPTIVE, "");
        };
        let params = self.params(params);
        self.targets.push(Target { arity: params.len(), span: place.span });
        self.body.params = params;
        let spec = self.expr(spec, Tail::No);
        let parts = self.cx.forms.to_vec(kids.skip(at + 2));
        let is_bare = parts.is_empty();
        let variants: Vec<Variant> = parts.into_iter().filter_map(|f| self.variant(f)).collect();
        if variants.is_empty() {
            // Variants that are malformed have been reported.
            if !is_bare {
                return self.error(place);
            }
            return self.malformed(form, "defadaptive", ADAPTIVE, "it has at least one variant");
        }
        let candidates = variants.iter().map(|v| self.candidate(v)).collect();
        let candidates = self.add(Expr::Vector(candidates), place);
        let callee = self.library("choose", place);
        let name = self.cx.forms.get(kids, 1).map_or(String::new(), |f| self.cx.forms.show(f));
        let called = self.literal(Literal::Str(Name::new(&name)), place);
        let value = self.add(Expr::Call { callee, args: vec![called, spec, candidates] }, place);
        let mut arms: Vec<Arm> = variants.iter().zip(0..).map(|(v, i)| self.case(v, i)).collect();
        let message = Name::new(&format!("no variant of `{name}` is feasible"));
        let message = self.literal(Literal::Str(message), place);
        let body = self.add(Expr::Abort(message), place);
        arms.push(Arm { pat: self.add_pat(Pat::Wildcard, place), guard: None, body });
        self.add(Expr::Match { value, arms }, place)
    }

    fn variant(&mut self, form: Form) -> Option<Variant> {
        let found = self.try_variant(form);
        if found.is_none() {
            self.cx.malformed(form, "variant", VARIANT, "");
        }
        found
    }

    fn try_variant(&self, form: Form) -> Option<Variant> {
        let forms = &self.cx.forms;
        let kids = forms.kids(form);
        forms.head(form).filter(|h| *h == "variant")?;
        let name = forms.string(forms.get(kids, 1)?)?;
        let is_guarded = forms.keyword(forms.get(kids, 2)?).is_some_and(|k| k == "when");
        let guard = if is_guarded { Some(forms.get(kids, 3)?) } else { None };
        let at = if is_guarded { 4 } else { 2 };
        let cost = forms.get(kids, at)?;
        let body = kids.skip(at + 1);
        (!body.is_empty()).then_some(Variant { form, name, guard, cost, body })
    }

    fn candidate(&mut self, variant: &Variant) -> ExprId {
        let place = self.place(variant.form);
        let name = self.literal(Literal::Str(variant.name), place);
        let guard = match variant.guard {
            Some(guard) => self.expr(guard, Tail::No),
            None => self.bool(true, place),
        };
        let cost = self.expr(variant.cost, Tail::No);
        let callee = self.library("candidate", place);
        self.add(Expr::Call { callee, args: vec![name, guard, cost] }, place)
    }

    fn case(&mut self, variant: &Variant, index: i64) -> Arm {
        let place = self.place(variant.form);
        let pat = self.add_pat(Pat::Literal(Literal::Int(index)), place);
        let body = self.sequence(variant.body, variant.form, Tail::Yes);
        Arm { pat, guard: None, body }
    }

    /// A function of `std.adaptive`; a program with a `defadaptive` always reaches it.
    fn library(&mut self, name: &str, place: Place) -> ExprId {
        let name = Name::new(name);
        let module = self.cx.program.by_name.get(&Name::new("std.adaptive")).copied();
        let found = module.and_then(|m| self.cx.program.modules[m].own.get(&name).copied());
        match found {
            Some(entity) => self.entity(entity, place, name),
            None => self.error(place),
        }
    }
}
