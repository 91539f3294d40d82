//! Call hierarchy: who uses a definition, and what it uses.

use crate::at::{at, enclosing};
use crate::names::{Meaning, Use, occurrences_of};
use crate::references::everywhere;
use eclexia_base::{FileId, Span};
use eclexia_core::core::{DefId, DefKind, Entity};
use eclexia_db::Analysis;
use std::collections::BTreeMap;

/// A definition in a hierarchy of calls, with the places of the uses that link it to the one that
/// was asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    pub def: DefId,
    pub uses: Vec<Span>,
}

/// The definition at an offset: the one that is named there, else the one around it.
pub fn callable(analysis: &Analysis, file: FileId, offset: u32) -> Option<DefId> {
    match at(analysis, file, offset)?.occurrence.map(|found| found.meaning) {
        Some(Meaning::Entity(Entity::Def(def))) => Some(def),
        _ => enclosing(analysis, file, offset),
    }
}

/// The definitions that use `def`, in the order of their places.
pub fn incoming(analysis: &Analysis, def: DefId) -> Vec<Caller> {
    let mut callers: BTreeMap<DefId, Vec<Span>> = BTreeMap::new();
    for found in everywhere(analysis, Meaning::Entity(Entity::Def(def))) {
        if found.is == Use::Reference
            && let Some(caller) = enclosing(analysis, found.span.file, found.span.start)
        {
            callers.entry(caller).or_default().push(found.span);
        }
    }
    callers.into_iter().map(|(def, uses)| Caller { def, uses }).collect()
}

/// The definitions that `def` uses, in the order of their first use.
pub fn outgoing(analysis: &Analysis, def: DefId) -> Vec<Caller> {
    let form = analysis.program.defs[def].form;
    let Some(tree) = analysis.trees.get(&form.file) else { return Vec::new() };
    let is_around = |root: &&eclexia_syntax::NodeId| {
        let span = tree.span(**root);
        span.start <= form.start && form.end <= span.end
    };
    let Some(root) = tree.roots.iter().find(is_around) else { return Vec::new() };
    let mut callees: Vec<Caller> = Vec::new();
    for found in occurrences_of(analysis, tree, std::slice::from_ref(root)) {
        let Meaning::Entity(Entity::Def(callee)) = found.meaning else { continue };
        let is_inside = form.start <= found.span.start && found.span.end <= form.end;
        let is_test = analysis.program.defs[callee].kind == DefKind::Test;
        if found.is == Use::Definition || !is_inside || is_test {
            continue;
        }
        match callees.iter_mut().find(|known| known.def == callee) {
            Some(known) => known.uses.push(found.span),
            None => callees.push(Caller { def: callee, uses: vec![found.span] }),
        }
    }
    callees
}
