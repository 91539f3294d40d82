//! Interfaces with their methods and defaults, and instances with theirs.

use super::declare::{DEFINTERFACE, Declared};
use super::names::Space;
use super::types::TypeVars;
use super::{Job, JobKind, ModuleCtx};
use crate::core::{DefId, DefKind, Entity, Instance, InstanceId, InterfaceId, Method};
use crate::diagnostics as report;
use crate::forms::{Form, Kids};
use eclexia_base::Name;

pub(crate) const IMPLEMENT: &str = "(implement (Show Point) (defn show [p] ...))";

impl ModuleCtx<'_, '_> {
    pub(super) fn define_interfaces(&mut self, declared: &Declared) {
        for (id, form) in &declared.interfaces {
            self.define_interface(*id, *form);
        }
        for form in &declared.instances {
            self.define_instance(*form);
        }
    }

    fn define_interface(&mut self, id: InterfaceId, form: Form) {
        let kids = self.forms.kids(form);
        let (_, mut at) = self.doc_at(kids, 2);
        let is_extends = |f: Form| self.forms.keyword(f).is_some_and(|k| k == "extends");
        if self.forms.get(kids, at).is_some_and(is_extends) {
            let list = self.forms.get(kids, at + 1).filter(|f| self.forms.is_vector(*f));
            let Some(list) = list else {
                return self.malformed(form, "definterface", DEFINTERFACE, ":extends takes `[Eq]`");
            };
            for f in self.forms.to_vec(self.forms.kids(list)) {
                let Some(name) = self.forms.symbol(f) else { continue };
                match self.interface_named(f, name).filter(|i| *i != id) {
                    Some(found) if self.program.is_unr(found) => {
                        self.program.interfaces[id].is_unrestricted = true;
                    }
                    Some(found) => self.program.interfaces[id].supers.push(found),
                    None => {}
                }
            }
            at += 2;
        }
        let members = self.forms.to_vec(kids.skip(at));
        let is_default = |f: &Form| self.forms.head(*f).is_some_and(|h| h == "defn" || h == "def");
        let (defaults, methods): (Vec<Form>, Vec<Form>) = members.into_iter().partition(is_default);
        for member in methods {
            self.define_method(id, member);
        }
        for member in defaults {
            self.define_default(id, member);
        }
    }

    fn define_method(&mut self, id: InterfaceId, member: Form) {
        let kids = self.forms.kids(member);
        let name = self.forms.get(kids, 0).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let (doc, at) = self.doc_at(kids, 1);
        let Some((at_name, name)) = name.filter(|_| kids.len() > at) else {
            return self.malformed(member, "method", "(name (Fn [a] type))", "");
        };
        let Some(sig) = self.signature(member, kids, at, TypeVars::Any) else {
            return self.malformed(member, "method", "(name (Fn [a] type))", "");
        };
        let index = self.program.interfaces[id].methods.len() as u32;
        let span = self.forms.span(at_name);
        if self.enter(at_name, name, Entity::Method(id, index), Space::Value) {
            let method = Method { name, sig, default: None, doc, span };
            self.program.interfaces[id].methods.push(method);
        }
    }

    fn define_default(&mut self, id: InterfaceId, member: Form) {
        let kids = self.forms.kids(member);
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let Some((at_name, name)) = name else {
            return self.malformed(member, "definterface", DEFINTERFACE, "");
        };
        let Some(index) = self.method_index(id, at_name, name) else { return };
        let kind = DefKind::MethodDefault { interface: id, index };
        let Some(def) = self.method_body(member, at_name, name, kind) else { return };
        let slot = &mut self.program.interfaces[id].methods[index as usize].default;
        match *slot {
            None => *slot = Some(def),
            Some(first) => {
                let span = self.program.defs[first].span;
                let place = self.forms.place(at_name);
                self.diagnostics.push(report::duplicate_definition(place, name, span));
            }
        }
    }

    fn method_index(&mut self, id: InterfaceId, at: Form, name: Name) -> Option<u32> {
        let interface = &self.program.interfaces[id];
        if let Some(index) = interface.methods.iter().position(|m| m.name == name) {
            return Some(index as u32);
        }
        let names = interface.methods.iter().map(|m| m.name.as_str());
        let near = super::suggest::nearest(name.as_str(), names);
        let place = self.forms.place(at);
        self.diagnostics.push(report::unknown_method(place, name, interface, near.as_deref()));
        None
    }

    /// `(defn name [params] body…)` or `(def name value)` as the body of a method.
    fn method_body(
        &mut self,
        member: Form,
        at_name: Form,
        name: Name,
        kind: DefKind,
    ) -> Option<DefId> {
        if self.forms.head(member).is_some_and(|h| h == "defn") {
            let (def, job) = self.function(member, at_name, name, kind)?;
            self.jobs.push(job);
            return Some(def);
        }
        let kids = self.forms.kids(member);
        let Some(value) = self.forms.get(kids, 2).filter(|_| kids.len() == 3) else {
            self.malformed(member, "def", "(def name value)", "");
            return None;
        };
        let def = self.new_def(name, kind, at_name, member);
        self.jobs.push(Job { def, kind: JobKind::Constant(value) });
        Some(def)
    }

    pub(crate) fn define_instance(&mut self, form: Form) -> Option<InstanceId> {
        let kids = self.forms.kids(form);
        let head = self.forms.get(kids, 1);
        let parts = head.and_then(|h| {
            let kids = self.forms.kids(h);
            let at = self.forms.get(kids, 0)?;
            let name = self.forms.symbol(at)?;
            let ty = self.forms.get(kids, 1).filter(|_| kids.len() == 2)?;
            Some((at, name, ty))
        });
        let Some((at, name, ty)) = parts else {
            self.malformed(form, "implement", IMPLEMENT, "");
            return None;
        };
        let interface = self.interface_named(at, name);
        let head = self.type_expr(ty, TypeVars::Any);
        let mut members = kids.skip(2);
        let mut context = Vec::new();
        if self
            .forms
            .get(members, 0)
            .and_then(|f| self.forms.keyword(f))
            .is_some_and(|k| k == "where")
        {
            match self.forms.get(members, 1).filter(|f| self.forms.is_vector(*f)) {
                Some(list) => context = self.constraints(list, TypeVars::Any),
                None => self.malformed(form, "implement", IMPLEMENT, ":where takes `[(Show a)]`"),
            }
            members = members.skip(2);
        }
        let interface = interface?;
        let instance = Instance {
            interface,
            module: self.module,
            head,
            context,
            methods: vec![None; self.program.interfaces[interface].methods.len()],
            derived: false,
            span: self.forms.span(form),
        };
        let id = self.program.instances.push(instance);
        if self.instance_methods(id, interface, members) {
            self.check_missing(id, form, ty);
        }
        Some(id)
    }

    /// Whether every member was a method: a misspelt one is not reported as missing too.
    fn instance_methods(&mut self, id: InstanceId, interface: InterfaceId, members: Kids) -> bool {
        let mut is_sound = true;
        for member in self.forms.to_vec(members) {
            let is_def = self.forms.head(member).is_some_and(|h| h == "defn" || h == "def");
            let at_name = self.forms.get(self.forms.kids(member), 1);
            let name = at_name.and_then(|f| Some((f, self.forms.symbol(f)?)));
            let Some((at_name, name)) = name.filter(|_| is_def) else {
                self.malformed(member, "implement", IMPLEMENT, "");
                is_sound = false;
                continue;
            };
            let Some(index) = self.method_index(interface, at_name, name) else {
                is_sound = false;
                continue;
            };
            let kind = DefKind::InstanceMethod { instance: id, index };
            let Some(def) = self.method_body(member, at_name, name, kind) else { continue };
            let slot = &mut self.program.instances[id].methods[index as usize];
            match *slot {
                None => *slot = Some(def),
                Some(first) => {
                    let span = self.program.defs[first].span;
                    let place = self.forms.place(at_name);
                    self.diagnostics.push(report::duplicate_definition(place, name, span));
                }
            }
        }
        is_sound
    }

    fn check_missing(&mut self, id: InstanceId, form: Form, ty: Form) {
        let instance = &self.program.instances[id];
        let interface = &self.program.interfaces[instance.interface];
        let missing: Vec<Name> = interface
            .methods
            .iter()
            .zip(&instance.methods)
            .filter(|(method, given)| method.default.is_none() && given.is_none())
            .map(|(method, _)| method.name)
            .collect();
        if !missing.is_empty() {
            let head = self.forms.get(self.forms.kids(form), 1).unwrap_or(form);
            let place = self.forms.place(head);
            let shown = self.forms.show_short(ty, 30);
            let problem = report::missing_instance_method(place, &missing, interface, &shown);
            self.diagnostics.push(problem);
        }
    }
}
