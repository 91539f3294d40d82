//! Data types and records: constructors, fields, defaults; signatures of definitions.

use super::declare::{Declared, TypeDecl};
use super::names::Space;
use super::types::TypeVars;
use super::{Job, JobKind, ModuleCtx};
use crate::core::{Ctor, CtorId, DefKind, Entity, Field, TypeDefKind, TypeExpr, TypeId, TypeKind};
use crate::diagnostics as report;
use crate::forms::{Form, Kids};
use eclexia_base::Name;

impl ModuleCtx<'_, '_> {
    pub(super) fn define_types(&mut self, declared: &Declared) {
        // Constructors are named before any field is read: a `:from` may name one of them.
        let made: Vec<Vec<(CtorId, Form)>> =
            declared.types.iter().map(|decl| self.name_ctors(decl)).collect();
        for (decl, ctors) in declared.types.iter().zip(made) {
            let (owner, params) = self.owner(decl.id);
            for (ctor, form) in ctors {
                let fields = if decl.is_record {
                    self.record_fields(form, ctor, owner, &params)
                } else {
                    self.positional_fields(form, owner, &params)
                };
                self.program.ctors[ctor].fields = fields;
            }
        }
    }

    fn owner(&self, ty: TypeId) -> (Name, Vec<Name>) {
        let ty = &self.program.types[ty];
        (ty.name, ty.params.clone())
    }

    fn name_ctors(&mut self, decl: &TypeDecl) -> Vec<(CtorId, Form)> {
        let mut out = Vec::new();
        if decl.is_record {
            let name = self.program.types[decl.id].name;
            let head = self.forms.get(self.forms.kids(decl.form), 1).unwrap_or(decl.form);
            let at = self.forms.get(self.forms.kids(head), 0).unwrap_or(head);
            let at = if self.forms.symbol(head).is_some() { head } else { at };
            let ctor = self.new_ctor(decl.id, name, at, 0, true);
            self.program.types[decl.id].kind = TypeDefKind::Record(ctor);
            return vec![(ctor, decl.parts[0])];
        }
        for part in &decl.parts {
            let head = self.forms.get(self.forms.kids(*part), 0);
            let at = if self.forms.symbol(*part).is_some() { Some(*part) } else { head };
            let Some((at, name)) = at.and_then(|f| Some((f, self.forms.symbol(f)?))) else {
                self.malformed(*part, "constructor", "Name or (Name type ...)", "");
                continue;
            };
            let ctor = self.new_ctor(decl.id, name, at, out.len() as u32, false);
            out.push((ctor, *part));
        }
        let ids = out.iter().map(|(ctor, _)| *ctor).collect();
        self.program.types[decl.id].kind = TypeDefKind::Data(ids);
        out
    }

    fn new_ctor(
        &mut self,
        ty: TypeId,
        name: Name,
        at: Form,
        index: u32,
        is_record: bool,
    ) -> CtorId {
        let span = self.forms.span(at);
        let ctor = Ctor { name, ty, index, fields: Vec::new(), is_record, span };
        let id = self.program.ctors.push(ctor);
        if !super::types::is_variable(name) {
            self.enter(at, name, Entity::Ctor(id), Space::Value);
        } else if !is_record {
            let place = self.forms.place(at);
            self.diagnostics.push(report::lower_case_type(place, name));
        }
        id
    }

    fn positional_fields(&mut self, form: Form, owner: Name, params: &[Name]) -> Vec<Field> {
        let kids = self.forms.to_vec(self.forms.kids(form).skip(1));
        let vars = TypeVars::Of(owner, params);
        kids.into_iter()
            .map(|f| {
                let ty = self.type_expr(f, vars);
                let span = self.forms.span(f);
                Field { name: None, ty, default: None, from: None, doc: None, span }
            })
            .collect()
    }

    /// `{:x type := default :from f :doc "…" :y type …}`
    fn record_fields(
        &mut self,
        form: Form,
        ctor: CtorId,
        owner: Name,
        params: &[Name],
    ) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        let kids = self.forms.kids(form);
        if self.forms.kind(form) != eclexia_syntax::NodeKind::Map {
            self.malformed(form, "defrecord", "(defrecord Name {:field type ...})", "");
            return fields;
        }
        let mut at = 0;
        while let Some(key) = self.forms.get(kids, at) {
            let name = self.forms.keyword(key).filter(|k| *k != "=");
            let (Some(name), Some(ty)) = (name, self.forms.get(kids, at + 1)) else {
                self.malformed(key, "field", "{:name type := default}", "");
                return fields;
            };
            let ty = self.type_expr(ty, TypeVars::Of(owner, params));
            let span = self.forms.span(key);
            let index = fields.len() as u32;
            let mut field =
                Field { name: Some(name), ty, default: None, from: None, doc: None, span };
            at += 2;
            while self.field_option(kids, at, &mut field, DefKind::FieldDefault { ctor, index }) {
                at += 2;
            }
            if let Some(first) = fields.iter().find(|f| f.name == Some(name)) {
                let place = self.forms.place(key);
                self.diagnostics.push(report::duplicate_field(place, name, first.span));
                continue;
            }
            fields.push(field);
        }
        fields
    }

    fn field_option(&mut self, kids: Kids, at: usize, field: &mut Field, kind: DefKind) -> bool {
        let key = self.forms.get(kids, at).and_then(|f| self.forms.keyword(f));
        let (Some(key), Some(value)) = (key, self.forms.get(kids, at + 1)) else { return false };
        match key.as_str() {
            "=" => {
                let name = field.name.unwrap_or(key);
                let def = self.new_def(name, kind, value, value);
                self.jobs.push(Job { def, kind: JobKind::Constant(value) });
                field.default = Some(def);
            }
            "from" => {
                let name = self.forms.symbol(value);
                let Some(name) = name else {
                    self.malformed(value, "field", "{:name type :from function}", "");
                    return true;
                };
                match self.find(value, name, Space::Value, &Vec::new) {
                    Some(found @ (Entity::Def(_) | Entity::Ctor(_))) => field.from = Some(found),
                    Some(_) => self.malformed(value, "field", "{:name type :from function}", ""),
                    None => {}
                }
            }
            "doc" => match self.forms.string(value) {
                Some(text) => field.doc = Some(text.as_str().to_owned()),
                None => return false,
            },
            _ => return false,
        }
        true
    }

    /// `(sig name type :where [...])` and the types of built-ins.
    pub(super) fn define_signatures(&mut self, declared: &Declared) {
        for form in &declared.sigs {
            self.define_sig(*form);
        }
        for (def, form) in &declared.builtins {
            let kids = self.forms.kids(*form);
            let at = if self.forms.get(kids, 3).is_some_and(|f| self.forms.string(f).is_some()) {
                kids.take(3)
            } else {
                kids
            };
            match self.signature(*form, at, 2, TypeVars::Any) {
                Some(sig) => self.set_sig(*def, sig),
                None => self.malformed(*form, "builtin", "(builtin name type \"doc\")", ""),
            }
        }
    }

    fn define_sig(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let Some((at, name)) = name else {
            return self.malformed(form, "sig", SIG, "");
        };
        let Some(sig) = self.signature(form, kids, 2, TypeVars::Any) else {
            return self.malformed(form, "sig", SIG, "");
        };
        let place = self.forms.place(at);
        match self.own_entity(name, self.forms.mark(at), Space::Value) {
            Some(Entity::Def(def))
                if !matches!(self.program.defs[def].kind, DefKind::Builtin | DefKind::Extern) =>
            {
                if let Some(first) = &self.program.defs[def].sig {
                    let problem = report::duplicate_definition(place, name, first.span);
                    return self.diagnostics.push(problem);
                }
                self.set_sig(def, sig);
            }
            _ => {
                let this = &self.program.modules[self.module];
                let near =
                    super::suggest::nearest(name.as_str(), this.own.keys().map(|n| n.as_str()));
                self.diagnostics.push(report::sig_without_definition(place, name, near.as_deref()));
            }
        }
    }
}

/// The variables of a type that stand for types (not those that only stand for units).
pub(crate) fn type_variables(ty: &TypeExpr, out: &mut Vec<Name>) {
    match &ty.kind {
        TypeKind::Var(name) if !out.contains(name) => out.push(*name),
        TypeKind::Con(_, items) => items.iter().for_each(|t| type_variables(t, out)),
        TypeKind::Fn(items, result) | TypeKind::Fn1(items, result) => {
            items.iter().for_each(|t| type_variables(t, out));
            type_variables(result, out);
        }
        TypeKind::Ref(inner) => type_variables(inner, out),
        TypeKind::Var(_) | TypeKind::Q(_) | TypeKind::Budget(_) | TypeKind::Error => {}
    }
}

const SIG: &str = "(sig name type :where [(Eq a)])";
