//! What `eclexia doc` and `:doc` show of a module: every exported name with its kind, its shape as
//! written, and its docstring, in the order of the source.

use crate::core::{DefKind, Entity, ModuleId, Program, TypeDefKind};
use crate::print::type_text;
use eclexia_base::{Name, Span};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DocKind {
    Type,
    Interface,
    Function,
    Constant,
    Macro,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocItem {
    pub name: Name,
    pub kind: DocKind,
    pub entity: Entity,
    /// As written: a declared type, constructors or fields, methods, patterns of a macro, one line
    /// each; empty where nothing is written (an inferred type: ask `check`).
    pub shape: Vec<String>,
    pub doc: Option<String>,
    pub span: Span,
}

/// Everything exported by a module.
pub fn documentation(program: &Program, id: ModuleId) -> Vec<DocItem> {
    let module = &program.modules[id];
    let mut items: Vec<DocItem> = Vec::new();
    for (name, entity) in module.own.iter().chain(&module.own_types) {
        if program.is_exported(id, *name, *entity) {
            items.extend(item(program, *name, *entity));
        }
    }
    items.sort_by_key(|i| (i.span, i.kind));
    items
}

/// One entity's documentation; constructors and methods are shown with their type or interface.
pub fn item(program: &Program, name: Name, entity: Entity) -> Option<DocItem> {
    let (kind, shape, doc) = match entity {
        Entity::Def(def) => {
            let def = &program.defs[def];
            let sig = def.sig.as_ref().map(|s| type_text(program, &s.ty));
            let kind = match def.kind {
                DefKind::Constant | DefKind::Repl => DocKind::Constant,
                _ => DocKind::Function,
            };
            (kind, sig.into_iter().collect(), def.doc.clone())
        }
        Entity::Type(ty) => {
            let ty = &program.types[ty];
            (DocKind::Type, type_shape(program, &ty.kind), ty.doc.clone())
        }
        Entity::Interface(interface) => {
            let interface = &program.interfaces[interface];
            let methods = interface.methods.iter();
            let shape = methods
                .map(|m| format!("{} : {}", m.name, type_text(program, &m.sig.ty)))
                .collect();
            (DocKind::Interface, shape, interface.doc.clone())
        }
        Entity::Macro(index) => {
            let known = &program.kept.macros[index as usize];
            let shape = known.clauses.iter().map(|c| c.shown.clone()).collect();
            (DocKind::Macro, shape, known.doc.clone())
        }
        Entity::Alias(index) => {
            let alias = &program.kept.aliases[index as usize];
            let shape = match &alias.ty {
                crate::resolve::AliasState::Done(ty) => vec![type_text(program, ty)],
                _ => Vec::new(),
            };
            (DocKind::Type, shape, alias.doc.clone())
        }
        Entity::Ctor(_) | Entity::Method(..) => return None,
    };
    Some(DocItem { name, kind, entity, shape, doc, span: program.entity_span(entity) })
}

fn type_shape(program: &Program, kind: &TypeDefKind) -> Vec<String> {
    match kind {
        TypeDefKind::Builtin => Vec::new(),
        TypeDefKind::Data(ctors) => ctors
            .iter()
            .map(|ctor| {
                let ctor = &program.ctors[*ctor];
                if ctor.fields.is_empty() {
                    return ctor.name.to_string();
                }
                let fields: Vec<String> =
                    ctor.fields.iter().map(|f| type_text(program, &f.ty)).collect();
                format!("({} {})", ctor.name, fields.join(" "))
            })
            .collect(),
        TypeDefKind::Record(ctor) => program.ctors[*ctor]
            .fields
            .iter()
            .map(|field| {
                let name = field.name.map_or(String::new(), |n| n.to_string());
                let default = if field.default.is_some() { ", with a default" } else { "" };
                let doc = field.doc.as_ref().map_or(String::new(), |d| format!(": {d}"));
                format!(":{name} {}{default}{doc}", type_text(program, &field.ty))
            })
            .collect(),
    }
}
