//! Symbols: what a file defines, nested, and what a project defines, searched.

use crate::describe::{Kind, describe, name_of, place_of};
use crate::goto::form_around;
use crate::names::{Meaning, module_of};
use crate::place::text_of;
use eclexia_base::{FileId, Name, Span};
use eclexia_core::core::{DefId, DefKind, Entity, ModuleId, TypeDefKind};
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
    let file = analysis.program.modules[module].span.file;
    let mut found: Vec<Symbol> = meanings(analysis, module)
        .into_iter()
        .map(|(meaning, parts)| {
            let parts = parts.into_iter().map(|part| symbol(analysis, part, Vec::new()));
            symbol(analysis, meaning, parts.collect())
        })
        .collect();
    found.extend(instances(analysis, module));
    found.retain(|symbol| symbol.span.file == file);
    found.sort_by_key(|symbol| (symbol.span, symbol.kind));
    found.dedup_by_key(|symbol| (symbol.span, symbol.kind));
    found
}

/// What a module defines, and the parts of each: constructors, fields, methods.
fn meanings(analysis: &Analysis, module: ModuleId) -> Vec<(Meaning, Vec<Meaning>)> {
    let program = &analysis.program;
    let this = &program.modules[module];
    let is_top = |def: &&DefId| {
        matches!(
            program.defs[**def].kind,
            DefKind::Function
                | DefKind::Constant
                | DefKind::Builtin
                | DefKind::Extern
                | DefKind::Test
        )
    };
    let alone = |entity: Entity| (Meaning::Entity(entity), Vec::new());
    let mut found: Vec<(Meaning, Vec<Meaning>)> =
        this.defs.iter().filter(is_top).map(|def| alone(Entity::Def(*def))).collect();
    for ty in &this.types {
        let parts = match &program.types[*ty].kind {
            TypeDefKind::Builtin => Vec::new(),
            TypeDefKind::Data(ctors) => {
                ctors.iter().map(|ctor| Meaning::Entity(Entity::Ctor(*ctor))).collect()
            }
            TypeDefKind::Record(ctor) => {
                let fields = program.ctors[*ctor].fields.len() as u32;
                (0..fields).map(|index| Meaning::Field(*ctor, index)).collect()
            }
        };
        found.push((Meaning::Entity(Entity::Type(*ty)), parts));
    }
    for interface in &this.interfaces {
        let methods = 0..program.interfaces[*interface].methods.len() as u32;
        let methods = methods.map(|index| Meaning::Entity(Entity::Method(*interface, index)));
        found.push((Meaning::Entity(Entity::Interface(*interface)), methods.collect()));
    }
    let named = this.own.values().chain(this.own_types.values());
    let named = named.filter(|entity| matches!(entity, Entity::Macro(_) | Entity::Alias(_)));
    found.extend(named.map(|entity| alone(*entity)));
    found
}

fn instances(analysis: &Analysis, module: ModuleId) -> Vec<Symbol> {
    let program = &analysis.program;
    let own = program.instances.values().filter(|i| i.module == module && !i.derived);
    own.map(|instance| {
        let text = analysis.sources.text(instance.span.file);
        let head = text_of(text, instance.head.span);
        let methods = instance.methods.iter().flatten();
        let methods = methods.map(|def| Meaning::Entity(Entity::Def(*def)));
        let methods = methods.map(|method| symbol(analysis, method, Vec::new())).collect();
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

fn symbol(analysis: &Analysis, meaning: Meaning, children: Vec<Symbol>) -> Symbol {
    let described = describe(analysis, meaning);
    let span = place_of(analysis, meaning);
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
/// those that begin with it first. What implements an interface is found from there.
pub fn workspace_symbols(analysis: &Analysis, query: &str) -> Vec<Match> {
    let mut found: Vec<(u8, Name, Meaning, Name)> = Vec::new();
    for module in analysis.modules.values() {
        let home = analysis.program.modules[*module].name;
        for (meaning, parts) in meanings(analysis, *module) {
            for meaning in std::iter::once(meaning).chain(parts) {
                let Some(name) = name_of(analysis, meaning) else { continue };
                let rank = crate::fuzzy::rank(name.as_str(), query);
                found.extend(rank.map(|rank| (rank, name, meaning, home)));
            }
        }
    }
    let place = |meaning| place_of(analysis, meaning);
    found.sort_by_cached_key(|(rank, name, meaning, home)| {
        (*rank, name.as_str().len(), *name, *home, place(*meaning))
    });
    found.truncate(MAX_MATCHES);
    let made = found.into_iter().map(|(_, _, meaning, module)| Match {
        symbol: symbol(analysis, meaning, Vec::new()),
        module,
    });
    made.collect()
}
