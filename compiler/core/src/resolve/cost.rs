//! Costs as written: `:requires {…}`, `:metered` and `:trusted` between a function's parameters and
//! its body, and `(extern name type :cost {…})`. Units are checked here, since resources have fixed
//! dimensions; whether a parameter has a size is left to `check`.

use super::declare::Declared;
use super::names::Space;
use super::types::TypeVars;
use super::{ModuleCtx, suggest};
use crate::core::{DefId, DefKind, Entity};
use crate::cost::{CostDecl, CostLimit, CostMode, CostPoly, Resource, SizeOf};
use crate::diagnostics as report;
use crate::forms::{Form, Kids};
use eclexia_base::number::{int, parse_decimal};
use eclexia_base::{Dim, Name};
use eclexia_syntax::NodeKind;
use num_traits::Zero;

/// Attributes met while declaring; read when units are known.
pub(crate) struct CostForm {
    pub def: DefId,
    pub params: Option<Form>,
    /// The `{ }` of limits.
    pub limits: Option<Form>,
    pub mode: Option<(CostMode, Form)>,
}

const REQUIRES: &str = "(defn f [xs] :requires {:steps (at-most (* 3 (size xs)))} body ...)";
const EXTERN: &str = "(extern name (Fn [Int] Int) :cost {:energy 15J :time 2ms})";
const LIMIT: &str = "5J, (at-most 5J), (at-most (* 3 (size xs)))";

impl ModuleCtx<'_, '_> {
    /// Takes the attributes before a body; what is left is the body.
    pub(super) fn attributes(&mut self, mut body: Kids, cost: &mut CostForm) -> Kids {
        while let Some(first) = self.forms.get(body, 0) {
            let Some(word) = self.forms.keyword(first).filter(|_| body.len() > 1) else { break };
            let mode = match word.as_str() {
                "metered" => CostMode::Metered,
                "trusted" => CostMode::Trusted,
                "requires" => {
                    let limits = self.forms.get(body, 1);
                    if cost.limits.is_some() {
                        self.malformed(first, "defn", REQUIRES, "`:requires` stands here twice");
                    }
                    cost.limits = limits;
                    body = body.skip(2);
                    continue;
                }
                _ => break,
            };
            if cost.mode.is_some() {
                let why = "a function is `:metered` or `:trusted`, and once";
                self.malformed(first, "defn", REQUIRES, why);
            }
            cost.mode = Some((mode, first));
            body = body.skip(1);
        }
        body
    }

    pub(super) fn declare_extern(&mut self, form: Form, declared: &mut Declared) {
        let kids = self.forms.kids(form);
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let Some((at_name, name)) = name.filter(|_| kids.len() >= 3) else {
            return self.malformed(form, "extern", EXTERN, "");
        };
        let def = self.new_def(name, DefKind::Extern, at_name, form);
        self.enter(at_name, name, Entity::Def(def), Space::Value);
        declared.externs.push((def, form));
        let mut at = 3;
        let (doc, next) = self.doc_at(kids, at);
        if doc.is_some() {
            (self.program.defs[def].doc, at) = (doc, next);
        }
        let mut cost = CostForm { def, params: None, limits: None, mode: None };
        if let Some(key) = self.forms.get(kids, at) {
            let is_cost = self.forms.keyword(key).is_some_and(|k| k == "cost");
            cost.limits = self.forms.get(kids, at + 1).filter(|_| kids.len() == at + 2 && is_cost);
            if cost.limits.is_none() {
                return self.malformed(form, "extern", EXTERN, "after its type stands its `:cost`");
            }
        }
        self.costs.push(cost);
    }

    pub(super) fn define_externs(&mut self, declared: &Declared) {
        for (def, form) in &declared.externs {
            let kids = self.forms.kids(*form);
            match self.signature(*form, kids.take(3), 2, TypeVars::Any) {
                Some(sig) => self.set_sig(*def, sig),
                None => self.malformed(*form, "extern", EXTERN, ""),
            }
        }
    }

    pub(super) fn define_costs(&mut self) {
        for form in std::mem::take(&mut self.costs) {
            let is_extern = form.params.is_none();
            if let (Some((_, at)), None) = (form.mode, form.limits) {
                let why = "it is held to its `:requires`, which is missing";
                self.malformed(at, "defn", REQUIRES, why);
                continue;
            }
            let limits = match form.limits {
                Some(limits) => self.limits(limits, form.params),
                None if is_extern => Vec::new(),
                None => continue,
            };
            let mode = match form.mode {
                Some((mode, _)) => mode,
                None if is_extern => CostMode::Trusted,
                None => CostMode::Proved,
            };
            self.program.defs[form.def].cost = Some(Box::new(CostDecl { limits, mode }));
        }
    }

    fn limits(&mut self, form: Form, params: Option<Form>) -> Vec<CostLimit> {
        let mut limits: Vec<CostLimit> = Vec::new();
        if self.forms.kind(form) != NodeKind::Map {
            self.malformed(form, "limits", "{:energy (at-most 5J) :steps (at-most 100)}", "");
            return limits;
        }
        let names = params.map_or(Vec::new(), |p| self.forms.to_vec(self.forms.kids(p)));
        let names: Vec<Option<Name>> = names.into_iter().map(|f| self.forms.symbol(f)).collect();
        let items = self.forms.to_vec(self.forms.kids(form));
        for pair in items.chunks(2) {
            let Some(key) = self.forms.keyword(pair[0]).filter(|_| pair.len() == 2) else {
                let shape = "{:energy (at-most 5J) :steps (at-most 100)}";
                self.malformed(pair[0], "limits", shape, "");
                return limits;
            };
            let place = self.forms.place(pair[0]);
            let Some(resource) = Resource::named(key.as_str()) else {
                let known = Resource::ALL.into_iter().map(Resource::name);
                let near = suggest::nearest(key.as_str(), known);
                self.diagnostics.push(report::unknown_resource(place, key, near.as_deref()));
                continue;
            };
            if let Some(first) = limits.iter().find(|l| l.resource == resource) {
                self.diagnostics.push(report::duplicate_field(place, key, first.span));
                continue;
            }
            if let Some(bound) = self.limit(pair[1], resource, &names) {
                let span = self.forms.span(pair[1]);
                limits.push(CostLimit { resource, bound, span });
            }
        }
        limits
    }

    /// `(at-most e)` or `e`, measured in what the resource is.
    fn limit(&mut self, form: Form, of: Resource, names: &[Option<Name>]) -> Option<CostPoly> {
        let is_at_most = self.forms.head(form).is_some_and(|h| h == "at-most");
        let amount = match (is_at_most, self.forms.kids(form)) {
            (true, kids) if kids.len() == 2 => self.forms.get(kids, 1)?,
            (true, _) => {
                self.malformed(form, "at-most", LIMIT, "it takes one amount");
                return None;
            }
            _ => form,
        };
        let (poly, dim) = self.cost_amount(amount, names, 0)?;
        let place = self.forms.place(amount);
        if dim != of.dim() && !(poly.terms.is_empty() && dim == Dim::ONE) {
            self.diagnostics.push(report::limit_unit(place, of, dim));
            return None;
        }
        if poly.as_constant().is_some_and(|amount| amount < Zero::zero()) {
            self.malformed(amount, "at-most", LIMIT, "a cost is not negative");
            return None;
        }
        Some(poly)
    }

    fn cost_amount(
        &mut self,
        form: Form,
        names: &[Option<Name>],
        depth: u32,
    ) -> Option<(CostPoly, Dim)> {
        match self.forms.kind(form) {
            NodeKind::Int(n) => Some((CostPoly::constant(int(n)), Dim::ONE)),
            NodeKind::Float(x) => {
                Some((CostPoly::constant(parse_decimal(&format!("{x:e}"))?), Dim::ONE))
            }
            NodeKind::Quantity { number, unit } => {
                let place = self.forms.place(form);
                let unit = self.unit_of(form, number, unit)?;
                let Some(value) = parse_decimal(number.as_str()) else {
                    self.diagnostics.push(report::amount_out_of_range(place, number));
                    return None;
                };
                Some((CostPoly::constant(value * unit.scale), unit.dim))
            }
            NodeKind::Symbol(name) => {
                let at = self.parameter(form, name, names)?;
                Some((CostPoly::of(SizeOf::Value(at)), Dim::ONE))
            }
            NodeKind::List if depth < 32 => self.operation(form, names, depth + 1),
            NodeKind::Error => None,
            _ => self.not_an_amount(form),
        }
    }

    fn operation(
        &mut self,
        form: Form,
        names: &[Option<Name>],
        depth: u32,
    ) -> Option<(CostPoly, Dim)> {
        let head = self.forms.head(form);
        let Some(head) = head else { return self.not_an_amount(form) };
        let kids = self.forms.to_vec(self.forms.kids(form).skip(1));
        if head == "size" {
            let named = kids.first().and_then(|f| Some((*f, self.forms.symbol(*f)?)));
            let Some((at, name)) = named.filter(|_| kids.len() == 1) else {
                self.malformed(form, "size", "(size xs)", "`size` is of a parameter");
                return None;
            };
            let at = self.parameter(at, name, names)?;
            return Some((CostPoly::of(SizeOf::Size(at)), Dim::ONE));
        }
        let known = ["+", "-", "*", "/", "quot"];
        if !known.iter().any(|k| head == **k) || kids.is_empty() {
            return self.not_an_amount(form);
        }
        let mut parts = Vec::with_capacity(kids.len());
        for kid in &kids {
            parts.push((self.cost_amount(*kid, names, depth)?, *kid));
        }
        let ((mut poly, mut dim), _) = parts.remove(0);
        for ((next, unit), at) in parts {
            let place = self.forms.place(at);
            let made = match head.as_str() {
                "+" | "-" if unit != dim => {
                    self.diagnostics.push(report::limit_sum(place, dim, unit));
                    return None;
                }
                "+" => Some(poly.plus(&next)),
                "-" => Some(poly.plus(&next.scaled(&int(-1)))),
                "*" => {
                    dim = dim.times(unit);
                    poly.times(&next)
                }
                _ => {
                    dim = dim.over(unit);
                    next.as_constant().filter(|by| !by.is_zero()).map(|by| poly.scaled(&by.recip()))
                }
            };
            let is_quotient = head == "quot";
            match made.filter(|made| !is_quotient || made.is_whole()) {
                Some(made) => poly = made,
                None => return self.not_an_amount(form),
            }
        }
        Some((poly, dim))
    }

    fn parameter(&mut self, at: Form, name: Name, names: &[Option<Name>]) -> Option<u32> {
        if let Some(at) = names.iter().position(|n| *n == Some(name)) {
            return Some(at as u32);
        }
        let place = self.forms.place(at);
        let all: Vec<Name> = names.iter().flatten().copied().collect();
        self.diagnostics.push(report::not_a_parameter(place, name, &all));
        None
    }

    fn not_an_amount<T>(&mut self, form: Form) -> Option<T> {
        if !self.has_unread(form) {
            let place = self.forms.place(form);
            let shown = self.forms.show_short(form, 40);
            self.diagnostics.push(report::not_a_limit(place, &shown));
        }
        None
    }
}
