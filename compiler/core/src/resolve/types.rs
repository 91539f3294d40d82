//! Types as written to [`TypeExpr`]s: names resolved, aliases replaced, unit expressions read.

use super::names::Space;
use super::{AliasState, ModuleCtx};
use crate::core::{Entity, InterfaceId, Signature, TypeExpr, TypeKind, UnitExpr};
use crate::diagnostics as report;
use crate::forms::{Form, Kids};
use crate::words::Word;
use eclexia_base::unit::UnitError;
use eclexia_base::{Dim, Name, Span};
use eclexia_syntax::NodeKind;

/// Which type variables a type may mention.
#[derive(Clone, Copy)]
pub(crate) enum TypeVars<'v> {
    Any,
    /// Those of a definition's head.
    Of(Name, &'v [Name]),
}

/// Type variables begin with a lower-case letter.
pub(crate) fn is_variable(name: Name) -> bool {
    name.as_str().starts_with(|c: char| c.is_lowercase() || c == '_')
}

fn float() -> TypeKind {
    TypeKind::Q(UnitExpr { dim: Dim::ONE, vars: Vec::new() })
}

impl ModuleCtx<'_, '_> {
    pub(crate) fn type_expr(&mut self, form: Form, vars: TypeVars) -> TypeExpr {
        let span = self.forms.span(form);
        let kind = match self.forms.kind(form) {
            NodeKind::Symbol(name) => self.type_name(form, name, &[], vars),
            NodeKind::List => self.type_list(form, vars),
            NodeKind::Borrow => match self.forms.get(self.forms.kids(form), 0) {
                Some(inner) => TypeKind::Ref(Box::new(self.type_expr(inner, vars))),
                None => TypeKind::Error,
            },
            NodeKind::Error => TypeKind::Error,
            // Reported by the reader.
            NodeKind::Quote | NodeKind::Quasiquote | NodeKind::Unquote | NodeKind::Splice => {
                TypeKind::Error
            }
            kind => {
                if !self.has_unread(form) {
                    self.diagnostics.push(report::no_type(self.forms.place(form), kind));
                }
                TypeKind::Error
            }
        };
        TypeExpr { kind, span }
    }

    fn type_list(&mut self, form: Form, vars: TypeVars) -> TypeKind {
        let kids = self.forms.kids(form);
        let Some(head) = self.forms.get(kids, 0) else {
            self.malformed(form, "type", "(List a)", "the Unit type is written `Unit`");
            return TypeKind::Error;
        };
        let Some(name) = self.forms.symbol(head) else {
            self.malformed(form, "type", "(List a)", "a type starts with its name");
            return TypeKind::Error;
        };
        let args = kids.skip(1);
        match name.as_str() {
            "Fn" => self.function_type(form, args, vars, TypeKind::Fn),
            "Fn1" => self.function_type(form, args, vars, TypeKind::Fn1),
            "&" => match self.forms.get(args, 0).filter(|_| args.len() == 1) {
                Some(inner) => TypeKind::Ref(Box::new(self.type_expr(inner, vars))),
                None => {
                    self.malformed(form, "type", "(& T)", "");
                    TypeKind::Error
                }
            },
            "Q" => match self.forms.get(args, 0).filter(|_| args.len() == 1) {
                Some(unit) => self.unit_expr(unit, vars).map_or(TypeKind::Error, TypeKind::Q),
                None => {
                    self.malformed(form, "type", "(Q J/s)", "one unit expression");
                    TypeKind::Error
                }
            },
            "Budget" => self.budget_type(form, args, vars),
            _ => {
                let args = self.forms.to_vec(args);
                self.type_name(head, name, &args, vars)
            }
        }
    }

    fn function_type(
        &mut self,
        form: Form,
        args: Kids,
        vars: TypeVars,
        make: fn(Vec<TypeExpr>, Box<TypeExpr>) -> TypeKind,
    ) -> TypeKind {
        let parts = (self.forms.get(args, 0), self.forms.get(args, 1), args.len());
        let (Some(params), Some(result), 2) = parts else {
            self.malformed(form, "type", "(Fn [A B] R)", "");
            return TypeKind::Error;
        };
        if !self.forms.is_vector(params) {
            self.malformed(form, "type", "(Fn [A B] R)", "the parameters stand in `[ ]`");
            return TypeKind::Error;
        }
        let params = self.forms.to_vec(self.forms.kids(params));
        let params = params.into_iter().map(|f| self.type_expr(f, vars)).collect();
        make(params, Box::new(self.type_expr(result, vars)))
    }

    fn type_name(&mut self, at: Form, name: Name, args: &[Form], vars: TypeVars) -> TypeKind {
        if self.words.of(name) == Word::Plain && is_variable(name) {
            return self.type_variable(at, name, args, vars);
        }
        if name == "Float" && args.is_empty() {
            return float();
        }
        if name == "Budget" && args.is_empty() {
            return TypeKind::Budget(None);
        }
        if matches!(name.as_str(), "Fn" | "Fn1" | "Q" | "&") {
            self.malformed(at, "type", "(Fn [A B] R), (Q J/s), (& T)", "");
            return TypeKind::Error;
        }
        let place = self.forms.place(at);
        match self.find(at, name, Space::Type, &Vec::new) {
            Some(Entity::Type(id)) => {
                let wanted = self.program.types[id].params.len();
                if wanted != args.len() {
                    let span = self.program.types[id].span;
                    let problem = report::type_arity(place, name, wanted, args.len(), span);
                    self.diagnostics.push(problem);
                    return TypeKind::Error;
                }
                let args = args.iter().map(|f| self.type_expr(*f, vars)).collect();
                TypeKind::Con(id, args)
            }
            Some(Entity::Alias(index)) => self.alias_use(at, name, index, args, vars),
            Some(Entity::Interface(id)) => {
                let span = self.program.interfaces[id].span;
                self.diagnostics.push(report::interface_as_type(place, name, span));
                TypeKind::Error
            }
            _ => TypeKind::Error,
        }
    }

    pub(super) fn type_variable(
        &mut self,
        at: Form,
        name: Name,
        args: &[Form],
        vars: TypeVars,
    ) -> TypeKind {
        let place = self.forms.place(at);
        if !args.is_empty() {
            self.diagnostics.push(report::applied_variable(place, name));
            return TypeKind::Error;
        }
        if let TypeVars::Of(owner, known) = vars
            && !known.contains(&name)
        {
            self.diagnostics.push(report::unknown_type_variable(place, name, owner, known));
            return TypeKind::Error;
        }
        TypeKind::Var(name)
    }

    fn alias_use(
        &mut self,
        at: Form,
        name: Name,
        index: u32,
        args: &[Form],
        vars: TypeVars,
    ) -> TypeKind {
        let place = self.forms.place(at);
        let alias = &self.program.kept.aliases[index as usize];
        let (wanted, span) = (alias.params.len(), alias.span);
        if wanted != args.len() {
            self.diagnostics.push(report::type_arity(place, name, wanted, args.len(), span));
            return TypeKind::Error;
        }
        let params = alias.params.clone();
        let Some(ty) = self.alias(index, place.span) else { return TypeKind::Error };
        let args: Vec<TypeExpr> = args.iter().map(|f| self.type_expr(*f, vars)).collect();
        substitute(&ty, &params, &args).kind
    }

    /// What an alias stands for; resolves those it is made of first.
    fn alias(&mut self, index: u32, used_at: Span) -> Option<TypeExpr> {
        let at = index as usize;
        match &self.program.kept.aliases[at].ty {
            AliasState::Done(ty) => Some(ty.clone()),
            AliasState::Active => {
                let alias = &self.program.kept.aliases[at];
                self.diagnostics.push(report::alias_cycle(alias.name, alias.span, used_at));
                None
            }
            AliasState::Pending(form) => {
                let form = self.alias_forms[*form as usize];
                let alias = &mut self.program.kept.aliases[at];
                alias.ty = AliasState::Active;
                let (name, params) = (alias.name, alias.params.clone());
                let ty = self.type_expr(form, TypeVars::Of(name, &params));
                self.program.kept.aliases[at].ty = AliasState::Done(ty.clone());
                Some(ty)
            }
        }
    }

    pub(super) fn define_aliases(&mut self) {
        for index in 0..self.program.kept.aliases.len() {
            let alias = &self.program.kept.aliases[index];
            if alias.module == self.module && matches!(alias.ty, AliasState::Pending(_)) {
                let span = alias.span;
                self.alias(index as u32, span);
            }
        }
    }

    /// `J/s`, `u*v^2`, `Energy`, `1`.
    fn unit_expr(&mut self, form: Form, vars: TypeVars) -> Option<UnitExpr> {
        let name = match self.forms.kind(form) {
            NodeKind::Int(1) => return Some(UnitExpr { dim: Dim::ONE, vars: Vec::new() }),
            NodeKind::Symbol(name) => name,
            NodeKind::Error => return None,
            _ => {
                self.malformed(form, "type", "(Q J/s)", "one unit expression");
                return None;
            }
        };
        let mut result = UnitExpr { dim: Dim::ONE, vars: Vec::new() };
        let (mut rest, mut sign) = (name.as_str(), 1);
        loop {
            let end = rest.find(['*', '/']).unwrap_or(rest.len());
            let (text, power) = rest[..end].split_once('^').unwrap_or((&rest[..end], "1"));
            let power = power.parse::<i32>().ok().filter(|p| p.abs() <= 16);
            let Some(power) = power.filter(|_| !text.is_empty()) else {
                self.malformed(form, "unit", "a*b/c^2", "");
                return None;
            };
            let factor = self.unit_factor(form, text, vars)?;
            multiply(&mut result, &factor, sign * power);
            if end == rest.len() {
                result.vars.retain(|(_, e)| *e != 0);
                return Some(result);
            }
            sign = if rest.as_bytes()[end] == b'*' { 1 } else { -1 };
            rest = &rest[end + 1..];
        }
    }

    fn unit_factor(&mut self, form: Form, text: &str, vars: TypeVars) -> Option<UnitExpr> {
        let name = Name::new(text);
        let mark = self.forms.mark(form);
        if text == "1" {
            return Some(UnitExpr { dim: Dim::ONE, vars: Vec::new() });
        }
        if let Some(unit) = self.program.modules[self.home_of(mark)].units.get(name) {
            return Some(UnitExpr { dim: unit.dim, vars: Vec::new() });
        }
        let place = self.forms.place(form);
        if let Some(Entity::Alias(index)) = self.try_find(name, mark, Space::Type) {
            let ty = self.alias(index, place.span)?;
            if let TypeKind::Q(unit) = ty.kind {
                return Some(unit);
            }
            self.diagnostics.push(report::not_a_quantity(place, name));
            return None;
        }
        if is_variable(name) {
            return match self.type_variable(form, name, &[], vars) {
                TypeKind::Var(name) => Some(UnitExpr { dim: Dim::ONE, vars: vec![(name, 1)] }),
                _ => None,
            };
        }
        let error = UnitError::Unknown {
            name: text.to_owned(),
            nearest: self.program.modules[self.module].units.nearest(text),
        };
        self.diagnostics.push(report::unknown_unit(place, None, &error));
        None
    }

    /// `[(Eq a) (Show b)]`
    pub(super) fn constraints(
        &mut self,
        form: Form,
        vars: TypeVars,
    ) -> Vec<(InterfaceId, TypeExpr)> {
        let mut out = Vec::new();
        for item in self.forms.to_vec(self.forms.kids(form)) {
            let kids = self.forms.kids(item);
            let head = self.forms.get(kids, 0).and_then(|f| Some((f, self.forms.symbol(f)?)));
            let ty = self.forms.get(kids, 1).filter(|_| kids.len() == 2);
            let (Some((at, name)), Some(ty)) = (head, ty) else {
                self.malformed(item, ":where", ":where [(Eq a) (Show b)]", "");
                continue;
            };
            if let Some(interface) = self.interface_named(at, name) {
                out.push((interface, self.type_expr(ty, vars)));
            }
        }
        out
    }

    pub(super) fn interface_named(&mut self, at: Form, name: Name) -> Option<InterfaceId> {
        let mark = self.forms.mark(at);
        let place = self.forms.place(at);
        let is_plain = self.words.of(name) == Word::Plain;
        if is_plain && self.try_find(name, mark, Space::Type).is_none() {
            if self.broken.all || self.broken.names.contains(&name) {
                return None;
            }
            let home = &self.program.modules[self.home_of(mark)];
            let is_interface = |(_, e): &(&Name, &Entity)| matches!(e, Entity::Interface(_));
            let names = home.type_scope.iter().filter(is_interface).map(|(n, _)| n.as_str());
            let near = super::suggest::nearest(name.as_str(), names);
            self.diagnostics.push(report::unknown_interface(place, name, near.as_deref()));
            return None;
        }
        match self.find(at, name, Space::Type, &Vec::new)? {
            Entity::Interface(id) => Some(id),
            other => {
                let span = self.program.entity_span(other);
                self.diagnostics.push(report::not_an_interface(place, name, span));
                None
            }
        }
    }

    /// A type and an optional `:where [...]` from position `at` on.
    pub(super) fn signature(
        &mut self,
        form: Form,
        kids: Kids,
        at: usize,
        vars: TypeVars,
    ) -> Option<Signature> {
        let ty = self.forms.get(kids, at)?;
        let mut sig = Signature {
            ty: self.type_expr(ty, vars),
            constraints: Vec::new(),
            span: self.forms.span(form),
        };
        if let Some(key) = self.forms.get(kids, at + 1) {
            let list = self.forms.get(kids, at + 2).filter(|f| self.forms.is_vector(*f));
            let is_where = self.forms.keyword(key).is_some_and(|k| k == "where");
            sig.constraints = self.constraints(list.filter(|_| is_where)?, vars);
        }
        Some(sig)
    }
}

fn multiply(into: &mut UnitExpr, factor: &UnitExpr, power: i32) {
    into.dim = into.dim.times(factor.dim.pow(power));
    for (name, exponent) in &factor.vars {
        match into.vars.iter_mut().find(|(n, _)| n == name) {
            Some((_, e)) => *e = e.saturating_add(exponent.saturating_mul(power)),
            None => into.vars.push((*name, exponent.saturating_mul(power))),
        }
    }
}

/// The alias's type with its parameters replaced.
fn substitute(ty: &TypeExpr, params: &[Name], args: &[TypeExpr]) -> TypeExpr {
    let all = |items: &[TypeExpr]| items.iter().map(|t| substitute(t, params, args)).collect();
    let one = |inner: &TypeExpr| Box::new(substitute(inner, params, args));
    let kind = match &ty.kind {
        TypeKind::Var(name) => match params.iter().position(|p| p == name) {
            Some(i) => return args[i].clone(),
            None => TypeKind::Var(*name),
        },
        TypeKind::Con(id, items) => TypeKind::Con(*id, all(items)),
        TypeKind::Fn(items, result) => TypeKind::Fn(all(items), one(result)),
        TypeKind::Fn1(items, result) => TypeKind::Fn1(all(items), one(result)),
        TypeKind::Ref(inner) => TypeKind::Ref(one(inner)),
        TypeKind::Q(unit) => TypeKind::Q(substitute_units(unit, params, args)),
        TypeKind::Budget(amounts) => TypeKind::Budget(amounts.clone()),
        TypeKind::Error => TypeKind::Error,
    };
    TypeExpr { kind, span: ty.span }
}

/// A unit variable that is an alias's parameter takes the quantity or variable given for it.
fn substitute_units(unit: &UnitExpr, params: &[Name], args: &[TypeExpr]) -> UnitExpr {
    let mut out = UnitExpr { dim: unit.dim, vars: Vec::new() };
    for (name, power) in &unit.vars {
        let given = params.iter().position(|p| p == name).map(|i| &args[i].kind);
        let factor = match given {
            Some(TypeKind::Q(unit)) => unit.clone(),
            Some(TypeKind::Var(var)) => UnitExpr { dim: Dim::ONE, vars: vec![(*var, 1)] },
            _ => UnitExpr { dim: Dim::ONE, vars: vec![(*name, 1)] },
        };
        multiply(&mut out, &factor, *power);
    }
    out.vars.retain(|(_, e)| *e != 0);
    out
}
