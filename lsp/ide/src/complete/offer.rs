//! What the program offers: locals, names in scope, forms, types, units, modules, and names that
//! could be imported.

use super::library;
use super::slot::Slot;
use super::{Completion, Insert};
use crate::at::definitions_at;
use crate::describe::{Described, Kind, describe, of_entity};
use crate::forms::{DEFINITIONS, EXPRESSIONS, Form};
use crate::names::Meaning;
use crate::{place, scope};
use eclexia_base::Name;
use eclexia_check::show_ty;
use eclexia_core::core::{CtorId, DefId, Entity, ModuleId, TypeDefKind};
use eclexia_core::words::{Word, classify};
use eclexia_db::Analysis;
use eclexia_syntax::{NodeId, NodeKind};

/// Ranks of equal fit: what is nearest stands first. Between them is room for what is of the type
/// that is wanted, which stands before what is not.
const LOCAL: u32 = 0;
const OWN: u32 = 20;
const IMPORTED: u32 = 40;
const FORM: u32 = 60;
const PRELUDE: u32 = 80;
const QUALIFIED: u32 = 100;
const UNIMPORTED: u32 = 120;
const OTHER_TYPE: u32 = 10;
/// Of a type that is not matched, however well it fits what was typed.
const OTHER_MATCH: u32 = 5000;

pub(super) fn item(described: Described, label: String, rank: u32) -> Completion {
    let detail = one_line(&described.detail);
    Completion {
        insert: Insert::Text(label.clone()),
        label,
        kind: described.kind,
        detail,
        doc: described.doc,
        edits: Vec::new(),
        rank,
    }
}

/// The longest detail, in bytes.
const MAX_DETAIL: usize = 100;

fn one_line(detail: &str) -> String {
    let mut line = detail.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() > MAX_DETAIL {
        line.truncate(line.floor_char_boundary(MAX_DETAIL));
        line.push('…');
    }
    line
}

fn form(found: &Form, is_head: bool) -> Completion {
    let insert = match (found.snippet, is_head) {
        ("", true) => Insert::Text(found.name.to_owned()),
        ("", false) => Insert::Snippet(format!("({} $0)", found.name)),
        (snippet, true) => Insert::Snippet(snippet.to_owned()),
        (snippet, false) => Insert::Snippet(format!("({snippet})")),
    };
    Completion {
        label: found.name.to_owned(),
        kind: Kind::Form,
        detail: found.shape.to_owned(),
        doc: Some(found.doc.to_owned()),
        insert,
        edits: Vec::new(),
        rank: FORM,
    }
}

/// How near a name of the scope is.
fn rank_of(analysis: &Analysis, module: ModuleId, name: Name, entity: Entity) -> u32 {
    let this = &analysis.program.modules[module];
    if this.own.get(&name) == Some(&entity) || this.own_types.get(&name) == Some(&entity) {
        return OWN;
    }
    match of_entity_module(analysis, entity) {
        Some(home) if home == *"std.core" => PRELUDE,
        _ => IMPORTED,
    }
}

fn of_entity_module(analysis: &Analysis, entity: Entity) -> Option<Name> {
    let program = &analysis.program;
    let file = program.entity_span(entity).file;
    let module = crate::names::module_of(analysis, file)?;
    Some(program.modules[module].name)
}

pub(super) fn values(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let keys = super::fields::keys_of_braces(analysis, slot);
    let is_in_braces = |node| slot.tree.kind(node) == NodeKind::Map;
    if !keys.is_empty() && slot.inner().is_some_and(is_in_braces) {
        return keys;
    }
    let mut items = locals(analysis, slot);
    items.extend(EXPRESSIONS.iter().map(|found| form(found, slot.is_head())));
    items.extend(named(analysis, slot, |entity| {
        !matches!(entity, Entity::Type(_) | Entity::Interface(_) | Entity::Alias(_))
    }));
    for word in ["true", "false", "unit"] {
        let described = Described {
            name: word.to_owned(),
            kind: Kind::Constant,
            detail: if word == "unit" { "Unit" } else { "Bool" }.to_owned(),
            doc: None,
            module: None,
            is_linear: false,
        };
        items.push(item(described, word.to_owned(), PRELUDE));
    }
    if slot.typed.len() >= 2 {
        items.extend(library::unimported(analysis, slot, UNIMPORTED));
    }
    if slot.typed.is_empty() && !slot.is_head() {
        items.extend(keys);
    }
    if let Some(wanted) = super::fields::wanted_type(analysis, slot) {
        let shown = show_ty(&analysis.program, wanted);
        items.iter_mut().filter(|item| !gives(&item.detail, &shown)).for_each(|item| {
            item.rank += OTHER_TYPE;
        });
    }
    items
}

/// Whether a type is the wanted one, or that of a function which gives it.
fn gives(ty: &str, wanted: &str) -> bool {
    let result = ty.strip_prefix("(Fn [").and_then(|ty| ty.strip_suffix(')'));
    ty == wanted
        || result.and_then(|ty| ty.strip_suffix(wanted)).is_some_and(|ty| ty.ends_with("] "))
}

/// Forms of the file: definitions, and macros, which may make some.
pub(super) fn definitions(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let is_inside = slot.inner().is_some();
    let mut items: Vec<Completion> =
        DEFINITIONS.iter().map(|found| form(found, is_inside)).collect();
    items.extend(named(analysis, slot, |entity| matches!(entity, Entity::Macro(_))));
    if !is_inside {
        for item in &mut items {
            if let Insert::Text(text) = &item.insert {
                item.insert = Insert::Snippet(format!("({text} $0)"));
            }
        }
    }
    items
}

fn locals(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let defs = match slot.module {
        Some(module) => definitions_at(analysis, module, slot.span.file, slot.span.start),
        None => Vec::new(),
    };
    let mut found = scope::locals(slot.tree, slot.text, slot.span.start);
    found.extend(bound_by_macros(analysis, slot, &defs, &found));
    let nearest = |i: usize| LOCAL + (i as u32).min(9);
    let one = |(i, local): (usize, scope::Local)| {
        let ty = super::fields::written_local_type(analysis, &defs, local.span);
        let described = Described {
            name: local.name.to_string(),
            kind: Kind::Local,
            detail: ty.map(|ty| show_ty(&analysis.program, ty)).unwrap_or_default(),
            doc: None,
            module: None,
            is_linear: false,
        };
        item(described, local.name.to_string(), nearest(i))
    };
    found.into_iter().enumerate().map(one).collect()
}

/// What a macro's call around the position makes a binder of: names that were written in it, not in
/// a list within, before the position. The tree does not tell, the body does.
fn bound_by_macros(
    analysis: &Analysis,
    slot: &Slot,
    defs: &[DefId],
    known: &[scope::Local],
) -> Vec<scope::Local> {
    let tree = slot.tree;
    let lists = |offset: u32| {
        let path = place::path(tree, slot.text, offset).into_iter();
        path.filter(|node| tree.kind(*node) == NodeKind::List).collect::<Vec<NodeId>>()
    };
    let around = lists(slot.span.start);
    let is_called = |list: &NodeId| {
        let head = tree.children(*list).first().map(|head| tree.kind(*head));
        matches!(head, Some(NodeKind::Symbol(name)) if classify(name.as_str()) == Word::Plain)
    };
    let bodies = defs.iter().filter_map(|def| {
        let body = analysis.program.defs[*def].body.as_ref()?;
        Some((body, &analysis.program.maps[*def]))
    });
    let written = bodies.flat_map(|(body, map)| {
        let own = map.locals.iter().filter(|(_, place)| place.inside.is_none());
        own.map(|(local, place)| scope::Local { name: body.locals[local], span: place.span })
    });
    written
        .filter(|local| local.span.end < slot.span.start)
        .filter(|local| known.iter().all(|other| other.name != local.name))
        .filter(|local| {
            let nearest = lists(local.span.start).pop();
            nearest.is_some_and(|list| around.contains(&list) && is_called(&list))
        })
        .collect()
}

/// Names in scope of the wanted kind; with a qualifier those of imported modules, once something
/// has been typed.
fn named(analysis: &Analysis, slot: &Slot, wanted: impl Fn(&Entity) -> bool) -> Vec<Completion> {
    let Some(module) = slot.module else { return Vec::new() };
    let has_word = !slot.typed.is_empty();
    let names = analysis.program.names_in_scope(module).into_iter();
    let is_fit = |name: &Name| {
        let is_qualified = eclexia_core::words::split_qualified(*name).is_some();
        (has_word || !is_qualified) && crate::fuzzy::rank(name.as_str(), slot.typed).is_some()
    };
    names
        .filter(|(name, entity)| wanted(entity) && is_fit(name))
        .map(|(name, entity)| {
            let is_qualified = eclexia_core::words::split_qualified(name).is_some();
            let rank = match is_qualified {
                true => QUALIFIED,
                false => rank_of(analysis, module, name, entity),
            };
            item(of_entity(analysis, entity), name.to_string(), rank)
        })
        .collect()
}

/// Those of the type that is matched stand first, with places for their parts.
pub(super) fn constructors(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let program = &analysis.program;
    let matched = super::fields::matched_type(analysis, slot).and_then(eclexia_check::head_type);
    let wanted: Vec<CtorId> = match matched.map(|ty| &program.types[ty].kind) {
        Some(TypeDefKind::Data(ctors)) => ctors.clone(),
        Some(TypeDefKind::Record(ctor)) => vec![*ctor],
        _ => Vec::new(),
    };
    let mut items = named(analysis, slot, |entity| match entity {
        Entity::Ctor(ctor) => !wanted.contains(ctor),
        _ => false,
    });
    for item in &mut items {
        item.rank += if wanted.is_empty() { 0 } else { OTHER_MATCH };
    }
    for (ctor, rank) in wanted.into_iter().zip(0..) {
        let name = match slot.module {
            Some(module) => program.written_ctor(module, ctor),
            None => program.ctors[ctor].name.to_string(),
        };
        let mut item = item(of_entity(analysis, Entity::Ctor(ctor)), name.clone(), rank);
        let of = &program.ctors[ctor];
        let parts = (1..=of.fields.len()).map(|i| format!(" ${{{i}:_}}")).collect::<String>();
        item.insert = match (of.is_record, of.fields.len(), slot.is_head()) {
            (true, ..) => Insert::Snippet("{:$0}".to_owned()),
            (_, 0, _) => Insert::Text(name),
            (_, _, true) => Insert::Snippet(format!("{name}{parts}")),
            (_, _, false) => Insert::Snippet(format!("({name}{parts})")),
        };
        items.push(item);
    }
    items
}

pub(super) fn interfaces(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    named(analysis, slot, |entity| matches!(entity, Entity::Interface(_)))
}

pub(super) fn types(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let mut items = named(analysis, slot, |entity| {
        matches!(entity, Entity::Type(_) | Entity::Interface(_) | Entity::Alias(_))
    });
    let of_language: [(&str, &str, &str); 6] = [
        ("Float", "a number of dimension 1", "Float"),
        ("Fn", "(Fn [a b] result)", "Fn [$1] $0"),
        ("Fn1", "(Fn1 [a] result), a function that is called once", "Fn1 [$1] $0"),
        ("Q", "(Q J/s), a quantity of a unit", "Q $0"),
        ("&", "(& T), a reference", "& $0"),
        ("Budget", "(Budget {:cpu 4cpu})", "Budget {$0}"),
    ];
    for (name, detail, snippet) in of_language {
        let insert = match (snippet.contains('$'), slot.is_head()) {
            (false, _) => Insert::Text(name.to_owned()),
            (true, true) => Insert::Snippet(snippet.to_owned()),
            (true, false) => Insert::Snippet(format!("({snippet})")),
        };
        let (label, detail) = (name.to_owned(), detail.to_owned());
        let (kind, doc, edits) = (Kind::Type, None, Vec::new());
        items.push(Completion { label, kind, detail, doc, insert, edits, rank: PRELUDE });
    }
    items
}

/// Parameters and the words of costs.
pub(super) fn costs(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let mut items = locals(analysis, slot);
    for (name, shape) in [("at-most", "(at-most amount)"), ("size", "(size parameter)")] {
        items.push(Completion {
            label: name.to_owned(),
            kind: Kind::Form,
            detail: shape.to_owned(),
            doc: None,
            insert: match slot.is_head() {
                true => Insert::Text(name.to_owned()),
                false => Insert::Snippet(format!("({name} $0)")),
            },
            edits: Vec::new(),
            rank: FORM,
        });
    }
    items
}

/// What the module itself defines.
pub(super) fn own(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let Some(module) = slot.module else { return Vec::new() };
    let defs = analysis.program.modules[module].own.iter();
    let defs = defs.filter(|(_, entity)| matches!(entity, Entity::Def(_)));
    defs.map(|(name, entity)| item(of_entity(analysis, *entity), name.to_string(), OWN)).collect()
}

/// The methods of the interface that the form around the word implements or declares.
pub(super) fn methods(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let kids = slot.around.first().map_or(&[][..], |root| slot.tree.children(*root));
    let head = kids.get(1).and_then(|head| slot.tree.children(*head).first());
    let name = match head.map(|head| slot.tree.kind(*head)) {
        Some(NodeKind::Symbol(name)) => name,
        _ => return Vec::new(),
    };
    let found = slot.module.and_then(|module| analysis.program.lookup(module, name.as_str()));
    let Some(Entity::Interface(interface)) = found else { return Vec::new() };
    let methods = analysis.program.interfaces[interface].methods.iter().zip(0..);
    methods
        .map(|(method, index)| {
            let described = of_entity(analysis, Entity::Method(interface, index));
            item(described, method.name.to_string(), OWN)
        })
        .collect()
}

pub(super) fn units(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let Some(module) = slot.module else { return Vec::new() };
    let this = &analysis.program.modules[module];
    let names = this.units.names().iter().enumerate();
    names
        .map(|(i, name)| {
            let described = describe(analysis, Meaning::Unit(*name));
            // In the order of the table, which has the usual ones first; own ones before.
            let is_own = this.own_units.contains(name);
            let rank = if is_own { 0 } else { 1 + (i as u32).min(90) };
            item(described, name.to_string(), rank)
        })
        .collect()
}

/// Modules that could be imported.
pub(super) fn modules(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let own = analysis.modules.values();
    let own = own.filter(|module| Some(**module) != slot.module);
    let own = own.map(|module| analysis.program.modules[*module].name.to_string());
    let library = eclexia_db::library::modules().map(str::to_owned);
    let mut names: Vec<(String, u32)> =
        own.map(|name| (name, OWN)).chain(library.map(|name| (name, PRELUDE))).collect();
    names.sort();
    names.dedup_by(|a, b| a.0 == b.0);
    let one = |(name, rank): (String, u32)| {
        let module = analysis.program.by_name.get(&Name::new(&name)).copied();
        let doc = module.and_then(|module| analysis.program.modules[module].doc.clone());
        let described = Described {
            name: name.clone(),
            kind: Kind::Module,
            detail: String::new(),
            doc,
            module: None,
            is_linear: false,
        };
        item(described, name, rank)
    };
    names.into_iter().map(one).collect()
}

/// What a module exports.
pub(super) fn exports(analysis: &Analysis, module: Option<ModuleId>) -> Vec<Completion> {
    let Some(module) = module else { return Vec::new() };
    let program = &analysis.program;
    let this = &program.modules[module];
    let mut items = Vec::new();
    for name in program.exported_names(module) {
        let found = this.own.get(&name).or_else(|| this.own_types.get(&name));
        if let Some(entity) = found {
            items.push(item(of_entity(analysis, *entity), name.to_string(), OWN));
        }
    }
    items
}

/// What the module of a qualifier exports; a library module that the program has not read yet is
/// one that a qualifier alone reaches.
pub(super) fn qualified(analysis: &Analysis, slot: &Slot, prefix: Name) -> Vec<Completion> {
    let known = slot.module.and_then(|module| analysis.program.module_named(module, prefix));
    let mut items = match known {
        Some(module) => exports(analysis, Some(module)),
        None => library::of_prefix(prefix.as_str()),
    };
    for item in &mut items {
        item.label = format!("{prefix}/{}", item.label);
        item.insert = Insert::Text(item.label.clone());
    }
    items.extend(library::own_of_prefix(analysis, slot, prefix));
    items
}
