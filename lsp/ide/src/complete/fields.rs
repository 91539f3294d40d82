//! Fields: after `(.` those of the value that follows, in `{ }` and after `:` those of the record
//! that is wanted there.

use super::offer::item;
use super::slot::Slot;
use super::template;
use super::{Completion, Insert};
use crate::at::{definitions_at, expressions_at};
use crate::describe::{Described, Kind, describe, local_type, parameters};
use crate::hover::type_of;
use crate::known::{filled, record_ctor};
use crate::names::{Meaning, occurrences_of, of_head};
use crate::roles::{Role, word};
use crate::scope;
use crate::signature::threaded;
use eclexia_base::Name;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_core::core::{CtorId, Entity, TypeDefKind};
use eclexia_core::cost::Resource;
use eclexia_core::words::{Special, Top, Word};
use eclexia_db::Analysis;
use eclexia_syntax::{NodeId, NodeKind};

/// `.x` for every field of the record that the access is of; of every record in scope where the
/// type is not known.
pub(super) fn accesses(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let ty = accessed(slot).and_then(|node| node_type(analysis, slot, node));
    let ctors = match ty.and_then(|ty| record_ctor(&analysis.program, ty)) {
        Some(ctor) => vec![ctor],
        None => records_in_scope(analysis, slot),
    };
    let one = |ctor: CtorId| {
        fields(analysis, ctor, &[]).into_iter().map(|mut item| {
            item.label = item.label.replacen(':', ".", 1);
            item.insert = Insert::Text(item.label.clone());
            item
        })
    };
    ctors.into_iter().flat_map(one).collect()
}

/// The node whose field is meant: behind `.x`, or the step before it in a `->`.
fn accessed(slot: &Slot) -> Option<NodeId> {
    let inner = slot.inner()?;
    let kids = slot.tree.children(inner);
    if slot.is_head() {
        let is_next = |kid: &&NodeId| slot.tree.span(**kid).start > slot.span.start;
        if let Some(next) = kids.iter().find(is_next) {
            return Some(*next);
        }
        // `(-> p (.x))`
        let outer = slot.around.iter().rev().nth(1)?;
        let steps = slot.tree.children(*outer);
        let at = steps.iter().position(|step| *step == inner)?;
        return is_threading(slot, *outer).then(|| steps.get(at.checked_sub(1)?).copied())?;
    }
    is_threading(slot, inner).then(|| kids.get(slot.index.checked_sub(1)?).copied())?
}

fn is_threading(slot: &Slot, node: NodeId) -> bool {
    matches!(word(slot.tree, node), Some(Word::Special(Special::ThreadFirst | Special::ThreadLast)))
}

/// The type of the expression that a node is; where the form around it is broken and was not
/// checked, what the node itself says.
fn node_type(analysis: &Analysis, slot: &Slot, node: NodeId) -> Option<Ty> {
    let span = slot.tree.span(node);
    let defs = definitions_at(analysis, slot.module?, span.file, span.start);
    let checked = expressions_at(analysis, span).find_map(|(def, e)| type_of(analysis, def, e));
    checked.or_else(|| match (slot.tree.kind(node), word(slot.tree, node)) {
        (NodeKind::Symbol(name), _) => {
            let locals = scope::locals(slot.tree, slot.text, slot.span.start);
            let local = locals.into_iter().find(|local| local.name == name)?;
            written_local_type(analysis, &defs, local.span)
        }
        (_, Some(Word::Special(Special::The))) => {
            let ty = *slot.tree.children(node).get(1)?;
            let NodeKind::Symbol(name) = slot.tree.kind(ty) else { return None };
            let scope = &analysis.program.modules[slot.module?].type_scope;
            match scope.get(&name)? {
                Entity::Type(id) => Some(Ty::new(TyKind::Con(*id, Box::default()))),
                _ => None,
            }
        }
        _ => None,
    })
}

/// The type of the local that is bound at a place.
pub(super) fn written_local_type(
    analysis: &Analysis,
    defs: &[eclexia_core::core::DefId],
    binder: eclexia_base::Span,
) -> Option<Ty> {
    defs.iter().find_map(|def| {
        let map = analysis.program.maps.get(*def)?;
        let local = map.locals.iter().find(|(_, place)| place.span == binder)?.0;
        local_type(analysis, *def, local)
    })
}

fn records_in_scope(analysis: &Analysis, slot: &Slot) -> Vec<CtorId> {
    let Some(module) = slot.module else { return Vec::new() };
    let scope = &analysis.program.modules[module].type_scope;
    let mut ctors: Vec<CtorId> = scope
        .values()
        .filter_map(|entity| match entity {
            Entity::Type(ty) => match analysis.program.types[*ty].kind {
                TypeDefKind::Record(ctor) => Some(ctor),
                _ => None,
            },
            _ => None,
        })
        .collect();
    ctors.sort_unstable();
    ctors
}

/// `:x` for the fields of a record but those that are there.
fn fields(analysis: &Analysis, ctor: CtorId, present: &[Name]) -> Vec<Completion> {
    let mut items = Vec::new();
    for (field, index) in analysis.program.ctors[ctor].fields.iter().zip(0u32..) {
        let Some(name) = field.name.filter(|name| !present.contains(name)) else { continue };
        let described = describe(analysis, Meaning::Field(ctor, index));
        // What has no default has to be given.
        let rank = index.min(40) + if field.default.is_some() { 40 } else { 0 };
        items.push(item(described, format!(":{name}"), rank));
    }
    items
}

/// What can stand after `:`: the fields of the record that is wanted, and words of the form.
pub(super) fn keys(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let mut items = keys_of_braces(analysis, slot);
    let Some(inner) = slot.inner() else { return items };
    let role = slot.roles.last().copied().unwrap_or(Role::Form);
    let words: &[&str] = match (word(slot.tree, inner), role) {
        (Some(Word::Top(Top::Import)), _) => &["as", "only", "all"],
        (Some(Word::Top(Top::Module)), _) => &["exports"],
        (Some(Word::Top(Top::Sig | Top::Implement)), _) => &["where"],
        (Some(Word::Top(Top::Deftype | Top::Defrecord)), _) => &["deriving", "linear", "private"],
        (Some(Word::Top(Top::Definterface)), _) => &["extends"],
        (Some(Word::Top(Top::Defn)), _) => &["requires", "metered", "trusted"],
        (Some(Word::Special(Special::Cond)), _) => &["else"],
        (Some(Word::Special(Special::With)), _) => &["release"],
        (_, Role::Arm | Role::Variant) => &["when"],
        (_, Role::Fields) => &["=", "from", "doc"],
        _ => &[],
    };
    let resources: Vec<&str> = match role {
        Role::Cost => Resource::ALL.iter().map(|resource| resource.name()).collect(),
        _ => Vec::new(),
    };
    for name in words.iter().chain(&resources) {
        let described = Described {
            name: (*name).to_owned(),
            kind: Kind::Option,
            detail: String::new(),
            doc: crate::forms::option_doc(name).map(str::to_owned),
            module: None,
            is_linear: false,
        };
        items.push(item(described, format!(":{name}"), 90));
    }
    items
}

/// The fields that the brackets around the word may take there.
pub(super) fn keys_of_braces(analysis: &Analysis, slot: &Slot) -> Vec<Completion> {
    let Some(inner) = slot.inner() else { return Vec::new() };
    let present = present(slot, inner);
    let ctors = match slot.tree.kind(inner) {
        NodeKind::Map if slot.index.is_multiple_of(2) => of_braces(analysis, slot, inner, &present),
        NodeKind::List if !slot.is_head() => of_call(analysis, slot, inner).into_iter().collect(),
        _ => Vec::new(),
    };
    ctors.into_iter().flat_map(|ctor| fields(analysis, ctor, &present)).collect()
}

/// The keywords among the children of a node, but the one that is being typed.
fn present(slot: &Slot, node: NodeId) -> Vec<Name> {
    let others = slot.tree.children(node).iter();
    let others = others.filter(|kid| slot.tree.span(**kid).start != slot.span.start);
    others
        .filter_map(|kid| match slot.tree.kind(*kid) {
            NodeKind::Keyword(name) => Some(name),
            _ => None,
        })
        .collect()
}

/// The record that `{ }` is: as checking found it, as the form around it wants it, or the records
/// in scope that have the fields which are there.
fn of_braces(analysis: &Analysis, slot: &Slot, node: NodeId, present: &[Name]) -> Vec<CtorId> {
    let checked = expressions_at(analysis, slot.tree.span(node))
        .find_map(|(def, e)| analysis.typed.facts.get(def)?.records.get(&e).map(|fact| fact.ctor));
    if let Some(ctor) = checked.or_else(|| wanted(analysis, slot, node)) {
        return vec![ctor];
    }
    let has_all = |ctor: &CtorId| {
        let own = &analysis.program.ctors[*ctor].fields;
        present.iter().all(|name| own.iter().any(|field| field.name == Some(*name)))
    };
    let candidates = records_in_scope(analysis, slot).into_iter().filter(has_all).collect();
    if present.is_empty() { Vec::new() } else { candidates }
}

/// The record that the form around `node` wants in its place.
fn wanted(analysis: &Analysis, slot: &Slot, node: NodeId) -> Option<CtorId> {
    let at = slot.around.iter().position(|around| *around == node)?;
    let outer = *slot.around.get(at.checked_sub(1)?)?;
    let kids = slot.tree.children(outer);
    let index = kids.iter().position(|kid| *kid == node)?;
    match (word(slot.tree, outer), slot.roles.get(at - 1)?) {
        (Some(Word::Special(Special::WithFields)), _) => {
            record_ctor(&analysis.program, node_type(analysis, slot, *kids.get(1)?)?)
        }
        // A pattern: the record is what is matched.
        _ if slot.roles.get(at) == Some(&Role::Pattern) => {
            record_ctor(&analysis.program, pattern_type(analysis, slot, at)?)
        }
        (_, _) if slot.tree.kind(outer) == NodeKind::Map => {
            // The value of a field of another record.
            let NodeKind::Keyword(key) = slot.tree.kind(*kids.get(index.checked_sub(1)?)?) else {
                return None;
            };
            let records = of_braces(analysis, slot, outer, &present(slot, outer));
            let ty = field_type(analysis, &records, key)?;
            record_ctor(&analysis.program, ty).or_else(|| match ty.kind() {
                TyKind::Con(_, args) => record_ctor(&analysis.program, *args.first()?),
                _ => None,
            })
        }
        _ => match head_meaning(analysis, slot, outer)? {
            Meaning::Entity(Entity::Type(ty)) => match analysis.program.types[ty].kind {
                TypeDefKind::Record(ctor) => Some(ctor),
                _ => None,
            },
            Meaning::Entity(Entity::Macro(found)) => template::record_of(analysis, found, index),
            meaning => {
                let params = parameters(analysis, meaning)?;
                record_ctor(&analysis.program, *params.get(index.checked_sub(1)?)?)
            }
        },
    }
}

/// The type that is wanted in the place of the word, where that is one type.
pub(super) fn wanted_type(analysis: &Analysis, slot: &Slot) -> Option<Ty> {
    let ty = wanted_in(analysis, slot, slot.around.len().checked_sub(1)?, slot.index)?;
    (!matches!(ty.kind(), TyKind::Var(_) | TyKind::Error)).then_some(ty)
}

/// What the bracket at a position around the word wants as its child of an index: a call by the
/// types of its parameters, a record by those of its fields, a vector what is wanted of it.
fn wanted_in(analysis: &Analysis, slot: &Slot, at: usize, index: usize) -> Option<Ty> {
    let node = *slot.around.get(at)?;
    let kids = slot.tree.children(node);
    match slot.tree.kind(node) {
        NodeKind::List => {
            let params = parameters(analysis, head_meaning(analysis, slot, node)?)?;
            let above = slot.around.get(..at)?;
            params.get(index.checked_sub(1)? + threaded(slot.tree, above, node)).copied()
        }
        NodeKind::Map => {
            let NodeKind::Keyword(key) = slot.tree.kind(*kids.get(index.checked_sub(1)?)?) else {
                return None;
            };
            let records = of_braces(analysis, slot, node, &present(slot, node));
            field_type(analysis, &records, key)
        }
        NodeKind::Vector => {
            let outer = at.checked_sub(1)?;
            let above = slot.tree.children(slot.around[outer]);
            let index = above.iter().position(|kid| *kid == node)?;
            match wanted_in(analysis, slot, outer, index)?.kind() {
                TyKind::Con(id, args) if analysis.program.types[*id].name == "Vector" => {
                    args.first().copied()
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The type of the first field of a name.
fn field_type(analysis: &Analysis, records: &[CtorId], key: Name) -> Option<Ty> {
    records.iter().find_map(|ctor| {
        let own = &analysis.program.ctors[*ctor].fields;
        let index = own.iter().position(|field| field.name == Some(key))?;
        analysis.typed.field_types(*ctor).get(index).copied()
    })
}

/// The type of what is matched, where the word is the head of a pattern or is all of it.
pub(super) fn matched_type(analysis: &Analysis, slot: &Slot) -> Option<Ty> {
    let at = slot.around.len().checked_sub(1)?;
    match slot.roles.get(at)? {
        Role::Pattern if slot.is_head() => pattern_type(analysis, slot, at),
        _ => part_type(analysis, slot, at, slot.index),
    }
}

/// The type of what a pattern matches that is a bracket around the word.
fn pattern_type(analysis: &Analysis, slot: &Slot, at: usize) -> Option<Ty> {
    let outer = at.checked_sub(1)?;
    let kids = slot.tree.children(*slot.around.get(outer)?);
    let index = kids.iter().position(|kid| *kid == slot.around[at])?;
    part_type(analysis, slot, outer, index)
}

/// The type of what a bracket around the word has its child of an index match: an arm, bindings, or
/// a pattern of which the child is a part.
fn part_type(analysis: &Analysis, slot: &Slot, at: usize, index: usize) -> Option<Ty> {
    let (node, program) = (*slot.around.get(at)?, &analysis.program);
    let kids = slot.tree.children(node);
    match slot.roles.get(at)? {
        Role::Arm if index == 0 => {
            let matched = *slot.around.get(at.checked_sub(1)?)?;
            return node_type(analysis, slot, *slot.tree.children(matched).get(1)?);
        }
        Role::Bindings if index.is_multiple_of(2) => {
            return node_type(analysis, slot, *kids.get(index + 1)?);
        }
        Role::Pattern => {}
        _ => return None,
    }
    let own = pattern_type(analysis, slot, at)?;
    let own = if let TyKind::Ref(inner) = own.kind() { *inner } else { own };
    let field = match (slot.tree.kind(node), own.kind()) {
        (NodeKind::Vector, TyKind::Con(_, args)) => return args.first().copied(),
        (NodeKind::List, _) => {
            let NodeKind::Symbol(name) = slot.tree.kind(*kids.first()?) else { return None };
            let Entity::Ctor(ctor) = program.lookup(slot.module?, name.as_str())? else {
                return None;
            };
            *analysis.typed.field_types(ctor).get(index.checked_sub(1)?)?
        }
        (NodeKind::Map, _) => {
            let NodeKind::Keyword(key) = slot.tree.kind(*kids.get(index.checked_sub(1)?)?) else {
                return None;
            };
            field_type(analysis, &[record_ctor(program, own)?], key)?
        }
        _ => return None,
    };
    Some(filled(field, own))
}

/// The record of options that a call may end with.
fn of_call(analysis: &Analysis, slot: &Slot, list: NodeId) -> Option<CtorId> {
    let meaning = head_meaning(analysis, slot, list)?;
    let params = parameters(analysis, meaning)?;
    let ctor = record_ctor(&analysis.program, *params.last()?)?;
    (slot.index >= params.len()).then_some(ctor)
}

/// What the head of a list means.
fn head_meaning(analysis: &Analysis, slot: &Slot, list: NodeId) -> Option<Meaning> {
    let root = slot.around.get(..1)?;
    of_head(&occurrences_of(analysis, slot.tree, root), slot.tree, list)
}
