//! Symbols: what a file defines, nested, and what a project defines, searched.

use crate::describe::{Kind, describe};
use crate::goto::form_around;
use crate::names::{Meaning, module_of};
use crate::place::text_of;
use eclexia_base::{FileId, Name, Span};
use eclexia_core::core::{DefKind, Entity, ModuleId, TypeDefKind};
use eclexia_db::Analysis;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    pub name: String,
    pub kind: Kind,
    /// Its type, in one line.
    pub detail: String,
    /// The whole form.
    pub form: Span,
    pub span: Span,
    pub children: Vec<Symbol>,
}

/// The definitions of a file in source order: constructors and fields below their types, methods
/// below interfaces and implementations.
pub fn document_symbols(analysis: &Analysis, file: FileId) -> Vec<Symbol> {
    module_of(analysis, file).map(|module| of_module(analysis, module)).unwrap_or_default()
}

fn of_module(analysis: &Analysis, module: ModuleId) -> Vec<Symbol> {
    let program = &analysis.program;
    let this = &program.modules[module];
    let mut found = Vec::new();
    for def in &this.defs {
        let is_top = matches!(
            program.defs[*def].kind,
            DefKind::Function
                | DefKind::Constant
                | DefKind::Builtin
                | DefKind::Extern
                | DefKind::Test
        );
        if is_top {
            found.push(symbol(analysis, Meaning::Entity(Entity::Def(*def)), Vec::new()));
        }
    }
    for ty in &this.types {
        let parts: Vec<Meaning> = match &program.types[*ty].kind {
            TypeDefKind::Builtin => Vec::new(),
            TypeDefKind::Data(ctors) => {
                ctors.iter().map(|ctor| Meaning::Entity(Entity::Ctor(*ctor))).collect()
            }
            TypeDefKind::Record(ctor) => {
                let fields = program.ctors[*ctor].fields.len() as u32;
                (0..fields).map(|index| Meaning::Field(*ctor, index)).collect()
            }
        };
        let parts = parts.into_iter().map(|part| symbol(analysis, part, Vec::new())).collect();
        found.push(symbol(analysis, Meaning::Entity(Entity::Type(*ty)), parts));
    }
    for interface in &this.interfaces {
        let methods = program.interfaces[*interface].methods.len() as u32;
        let methods = (0..methods).map(|index| Entity::Method(*interface, index));
        let parts = methods.map(|m| symbol(analysis, Meaning::Entity(m), Vec::new())).collect();
        found.push(symbol(analysis, Meaning::Entity(Entity::Interface(*interface)), parts));
    }
    for entity in this.own.values().chain(this.own_types.values()) {
        if matches!(entity, Entity::Macro(_) | Entity::Alias(_)) {
            found.push(symbol(analysis, Meaning::Entity(*entity), Vec::new()));
        }
    }
    found.extend(instances(analysis, module));
    found.retain(|symbol| symbol.span.file == this.span.file);
    found.sort_by_key(|symbol| (symbol.span, symbol.kind));
    found.dedup_by_key(|symbol| (symbol.span, symbol.kind));
    found
}

fn instances(analysis: &Analysis, module: ModuleId) -> Vec<Symbol> {
    let program = &analysis.program;
    let own = program.instances.values().filter(|i| i.module == module && !i.derived);
    own.map(|instance| {
        let text = analysis.sources.text(instance.span.file);
        let head = text_of(text, instance.head.span);
        let methods = instance.methods.iter().flatten();
        let methods = methods.map(|def| own_symbol(analysis, Entity::Def(*def))).collect();
        Symbol {
            name: format!("({} {head})", program.interfaces[instance.interface].name),
            kind: Kind::Interface,
            detail: String::new(),
            form: instance.span,
            span: instance.head.span,
            children: methods,
        }
    })
    .collect()
}

fn own_symbol(analysis: &Analysis, entity: Entity) -> Symbol {
    symbol(analysis, Meaning::Entity(entity), Vec::new())
}

fn symbol(analysis: &Analysis, meaning: Meaning, children: Vec<Symbol>) -> Symbol {
    let described = describe(analysis, meaning);
    let span = crate::describe::place_of(analysis, meaning);
    let span = span.unwrap_or(Span::new(FileId(u32::MAX), 0, 0));
    let form = match meaning {
        Meaning::Entity(Entity::Def(def)) => analysis.program.defs[def].form,
        Meaning::Field(..) | Meaning::Entity(Entity::Ctor(_) | Entity::Method(..)) => span,
        _ => form_around(analysis, span),
    };
    let form = if form.file == span.file { form.to(span) } else { span };
    let is_declared = matches!(described.kind, Kind::Record | Kind::Type | Kind::Interface);
    let detail = match is_declared || described.kind == Kind::Alias {
        true => String::new(),
        false => described.detail.lines().next().unwrap_or("").to_owned(),
    };
    Symbol { name: described.name, kind: described.kind, detail, form, span, children }
}

/// A symbol of the project and the module that it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    pub symbol: Symbol,
    pub module: Name,
}

/// The most symbols that one search gives.
pub const MAX_MATCHES: usize = 256;

/// The symbols of the project's files whose names have the letters of `query` in their order;
/// those that begin with it first.
pub fn workspace_symbols(analysis: &Analysis, query: &str) -> Vec<Match> {
    let mut found: Vec<(u8, Match)> = Vec::new();
    for module in analysis.modules.values() {
        let name = analysis.program.modules[*module].name;
        for symbol in of_module(analysis, *module) {
            for part in symbol.children.clone() {
                let rank = crate::fuzzy::rank(&part.name, query);
                found.extend(rank.map(|rank| (rank, Match { symbol: part, module: name })));
            }
            let rank = crate::fuzzy::rank(&symbol.name, query);
            let symbol = Symbol { children: Vec::new(), ..symbol };
            found.extend(rank.map(|rank| (rank, Match { symbol, module: name })));
        }
    }
    found.sort_by(|a, b| {
        let key = |m: &(u8, Match)| (m.0, m.1.symbol.name.len(), m.1.symbol.span);
        key(a).cmp(&key(b)).then_with(|| a.1.symbol.name.cmp(&b.1.symbol.name))
    });
    found.truncate(MAX_MATCHES);
    found.into_iter().map(|(_, found)| found).collect()
}
