//! Names of modules that the file has not imported: the project's, with the import that they need,
//! and those of the library, which a qualifier alone reaches.
//!
//! A library module that the program has not read is read here as text, once per process: its
//! definitions, signatures and documentation, nothing resolved.

use super::offer::item;
use super::slot::Slot;
use super::{Completion, Insert};
use crate::describe::{Described, Kind, of_entity};
use crate::roles::word;
use eclexia_base::{FileId, FxHashMap, FxHashSet, Name};
use eclexia_core::core::{Entity, ModuleId};
use eclexia_core::import_edit;
use eclexia_core::words::{Top, Word, last_part};
use eclexia_db::Analysis;
use eclexia_db::library::{Embedded, Provider, modules};
use eclexia_syntax::{NodeId, NodeKind, Tree, print};
use std::sync::OnceLock;

/// A name of a library module, by its text.
struct LibraryName {
    /// `std.list`
    module: &'static str,
    name: Name,
    kind: Kind,
    detail: String,
    doc: Option<String>,
}

fn index() -> &'static [LibraryName] {
    static INDEX: OnceLock<Vec<LibraryName>> = OnceLock::new();
    INDEX.get_or_init(|| modules().flat_map(read).collect())
}

fn read(module: &'static str) -> Vec<LibraryName> {
    let Some(source) = Embedded.module(module) else { return Vec::new() };
    let (_, (tree, _)) = eclexia_syntax::read_bytes(FileId(0), &source.bytes);
    let mut types: FxHashMap<Name, String> = FxHashMap::default();
    let mut names = Vec::new();
    let mut exports: Option<Vec<Name>> = None;
    for root in &tree.roots {
        let Some(Word::Top(top)) = word(&tree, *root) else { continue };
        let kids = tree.children(*root);
        match top {
            Top::Module => exports = exported(&tree, kids),
            Top::Sig => {
                if let (Some(name), Some(ty)) = (name_of(&tree, kids.get(1)), kids.get(2)) {
                    types.insert(name, print::datum(&tree, *ty));
                }
            }
            _ => names.extend(defined(module, &tree, kids, top)),
        }
    }
    names.retain(|found| exports.as_ref().is_none_or(|all| all.contains(&found.name)));
    for found in &mut names {
        if let Some(ty) = types.remove(&found.name) {
            found.detail = ty;
        }
    }
    names
}

fn exported(tree: &Tree, kids: &[NodeId]) -> Option<Vec<Name>> {
    let is_key = |kid: &NodeId| matches!(tree.kind(*kid), NodeKind::Keyword(k) if k == "exports");
    let at = kids.iter().position(is_key)?;
    let names = tree.children(*kids.get(at + 1)?).iter();
    Some(names.filter_map(|name| name_of(tree, Some(name))).collect())
}

/// A symbol, or the first of a list.
fn name_of(tree: &Tree, node: Option<&NodeId>) -> Option<Name> {
    match tree.kind(*node?) {
        NodeKind::Symbol(name) => Some(name),
        NodeKind::List => match tree.kind(*tree.children(*node?).first()?) {
            NodeKind::Symbol(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn defined(module: &'static str, tree: &Tree, kids: &[NodeId], top: Top) -> Option<LibraryName> {
    let kind = match top {
        Top::Defn | Top::Builtin | Top::Extern | Top::Defadaptive => Kind::Function,
        Top::Def => Kind::Constant,
        Top::Defmacro => Kind::Macro,
        _ => return None,
    };
    let name = name_of(tree, kids.get(1))?;
    let mut docs = kids.iter().skip(2).filter_map(|kid| match tree.kind(*kid) {
        NodeKind::Str(text) => Some(text.as_str().to_owned()),
        _ => None,
    });
    let shown = match top {
        Top::Builtin | Top::Extern => kids.get(2),
        Top::Defmacro => kids.get(1),
        _ => None,
    };
    let detail = shown.map(|node| print::datum(tree, *node)).unwrap_or_default();
    Some(LibraryName { module, name, kind, detail, doc: docs.next() })
}

fn completion(found: &LibraryName, label: String, rank: u32) -> Completion {
    let described = Described {
        name: found.name.to_string(),
        kind: found.kind,
        detail: found.detail.clone(),
        doc: found.doc.clone(),
        module: None,
        is_linear: false,
    };
    item(described, label, rank)
}

/// The names of the library module that a qualifier means.
pub(super) fn of_prefix(prefix: &str) -> Vec<Completion> {
    let own = index().iter().filter(|found| last_part(found.module) == prefix);
    own.map(|found| completion(found, found.name.to_string(), 0)).collect()
}

/// Names that fit the word, of modules that the file has not imported.
pub(super) fn unimported(analysis: &Analysis, slot: &Slot, rank: u32) -> Vec<Completion> {
    let mut items = Vec::new();
    let Some(module) = slot.module else { return items };
    let this = &analysis.program.modules[module];
    let is_fit = |name: &str| crate::fuzzy::rank(name, slot.typed).is_some_and(|rank| rank < 3);
    for found in index() {
        let prefix = last_part(found.module);
        // `std.core` needs no qualifier; what is imported has been offered.
        let is_reached = this.aliases.contains_key(&Name::new(prefix)) || prefix == "core";
        if !is_reached && is_fit(found.name.as_str()) {
            items.push(completion(found, format!("{prefix}/{}", found.name), rank));
        }
    }
    for (target, name, entity) in own_names(analysis, module, is_fit) {
        items.extend(with_import(analysis, slot, target, name, entity, rank));
    }
    items
}

/// What a module of the project that is not imported gives under its last part.
pub(super) fn own_of_prefix(analysis: &Analysis, slot: &Slot, prefix: Name) -> Vec<Completion> {
    let Some(module) = slot.module else { return Vec::new() };
    let own = own_names(analysis, module, |_| true).into_iter();
    let own = own.filter(|(target, ..)| {
        last_part(analysis.program.modules[*target].name.as_str()) == prefix.as_str()
    });
    own.filter_map(|(target, name, entity)| with_import(analysis, slot, target, name, entity, 0))
        .collect()
}

/// The values of fitting names that modules of the project export and `module` has not imported,
/// in no order.
fn own_names(
    analysis: &Analysis,
    module: ModuleId,
    is_fit: impl Fn(&str) -> bool,
) -> Vec<(ModuleId, Name, Entity)> {
    let program = &analysis.program;
    let known: FxHashSet<ModuleId> = program.modules[module].aliases.values().copied().collect();
    let is_other = |other: &&ModuleId| **other != module && !known.contains(*other);
    let mut names = Vec::new();
    for other in analysis.modules.values().filter(is_other) {
        let own = program.modules[*other].own.iter();
        let own = own.filter(|(name, entity)| {
            is_fit(name.as_str()) && program.is_exported(*other, **name, **entity)
        });
        names.extend(own.map(|(name, entity)| (*other, *name, *entity)));
    }
    names
}

fn with_import(
    analysis: &Analysis,
    slot: &Slot,
    target: ModuleId,
    name: Name,
    entity: Entity,
    rank: u32,
) -> Option<Completion> {
    let full = analysis.program.modules[target].name;
    let label = format!("{}/{name}", last_part(full.as_str()));
    let mut made = item(of_entity(analysis, entity), label.clone(), rank);
    made.insert = Insert::Text(label);
    made.edits = vec![import_edit(slot.tree, &format!("(import {full})"))];
    Some(made)
}

/// Modules that export a value or type of this name: of the project with their last parts, which
/// qualify it, and their imports, or with the names that the file gave them; of the library.
pub(crate) fn exporting(
    analysis: &Analysis,
    module: ModuleId,
    name: Name,
) -> Vec<(String, Option<String>)> {
    let program = &analysis.program;
    let aliases = &program.modules[module].aliases;
    let is_own = |target: &&ModuleId| **target != module;
    let own = analysis.modules.values().filter(is_own).filter_map(|target| {
        let other = &program.modules[*target];
        let entity = other.own.get(&name).or_else(|| other.own_types.get(&name))?;
        if !program.is_exported(*target, name, *entity) {
            return None;
        }
        let named = aliases.iter().filter(|(_, imported)| *imported == target);
        Some(match named.map(|(alias, _)| alias.to_string()).min() {
            Some(alias) => (alias, None),
            None => {
                let last = last_part(other.name.as_str()).to_owned();
                (last, Some(format!("(import {})", other.name)))
            }
        })
    });
    let library = index().iter().filter(|found| found.name == name);
    let library = library.map(|found| (last_part(found.module).to_owned(), None));
    let mut all: Vec<_> = own.chain(library.filter(|(prefix, _)| prefix != "core")).collect();
    all.sort();
    all.dedup();
    all
}
