//! What a macro's argument becomes: the record that the template passes it on as. Known from the
//! macro's own text, so that its keys can be offered before a call of it can be read.

use crate::describe::parameters;
use crate::known::record_ctor;
use crate::names::{Meaning, canonical};
use crate::roles::word;
use eclexia_base::Name;
use eclexia_core::core::{CtorId, Entity, ModuleId, TypeDefKind};
use eclexia_core::words::{Top, Word};
use eclexia_db::Analysis;
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// Macros that pass an argument on to macros, one behind the other.
const MAX_STEPS: u32 = 4;

/// The record that argument `index` of a macro's call (from 1) is passed on as.
pub(super) fn record_of(analysis: &Analysis, found: u32, index: usize) -> Option<CtorId> {
    follow(analysis, found, index, MAX_STEPS)
}

fn follow(analysis: &Analysis, found: u32, index: usize, steps: u32) -> Option<CtorId> {
    let steps = steps.checked_sub(1)?;
    let found = analysis.program.macro_at(found)?;
    let tree = analysis.trees.get(&found.span.file)?;
    let clauses = tree.roots.iter().filter_map(|root| clause(tree, *root, found.name));
    clauses
        .filter_map(|(pattern, template)| {
            let NodeKind::Symbol(slot) = tree.kind(*pattern.get(index)?) else { return None };
            passed(analysis, tree, found.module, template, slot, steps)
        })
        .next()
}

/// The pattern and the template of a clause of the macro `name`.
fn clause(tree: &Tree, root: NodeId, name: Name) -> Option<(&[NodeId], NodeId)> {
    let kids = tree.children(root);
    let pattern = tree.children(*kids.get(1)?);
    let is_it = word(tree, root) == Some(Word::Top(Top::Defmacro))
        && tree.kind(*pattern.first()?) == NodeKind::Symbol(name);
    is_it.then_some((pattern, *kids.get(2..)?.last()?))
}

/// The record that is wanted where the template writes `slot`.
fn passed(
    analysis: &Analysis,
    tree: &Tree,
    module: ModuleId,
    template: NodeId,
    slot: Name,
    steps: u32,
) -> Option<CtorId> {
    let mut open = vec![template];
    while let Some(node) = open.pop() {
        let kids = tree.children(node);
        open.extend(kids);
        let at = kids.iter().position(|kid| tree.kind(*kid) == NodeKind::Symbol(slot));
        let (Some(at @ 1..), Some(head)) = (at, kids.first()) else { continue };
        let NodeKind::Symbol(head) = tree.kind(*head) else { continue };
        let record = match analysis.program.lookup(module, head.as_str()) {
            Some(Entity::Macro(next)) => follow(analysis, next, at, steps),
            Some(entity) => wanted(analysis, entity, at),
            None => None,
        };
        if record.is_some() {
            return record;
        }
    }
    None
}

fn wanted(analysis: &Analysis, entity: Entity, at: usize) -> Option<CtorId> {
    let program = &analysis.program;
    match canonical(program, Meaning::Entity(entity)) {
        Meaning::Entity(Entity::Type(ty)) => match program.types[ty].kind {
            TypeDefKind::Record(ctor) => Some(ctor),
            _ => None,
        },
        meaning => {
            let params = parameters(analysis, meaning)?;
            record_ctor(program, *params.get(at.checked_sub(1)?)?)
        }
    }
}
