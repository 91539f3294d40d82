//! Going to places: where a name is defined, where the type of a value is, what implements an
//! interface or a method.

use crate::at::at;
use crate::describe::{self, declared_type, place_of};
use crate::names::Meaning;
use eclexia_base::{FileId, Span};
use eclexia_check::ty::Ty;
use eclexia_core::core::{Entity, TypeKind};
use eclexia_db::Analysis;

/// The name in its definition; of a module the start of its file.
pub fn definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Span> {
    let found = at(analysis, file, offset).and_then(|at| at.occurrence);
    found.and_then(|found| place_of(analysis, found.meaning)).into_iter().collect()
}

/// The top-level form around a place.
pub(crate) fn form_around(analysis: &Analysis, span: Span) -> Span {
    let Some(tree) = analysis.trees.get(&span.file) else { return span };
    let after = tree.roots.partition_point(|root| tree.span(*root).start <= span.start);
    let root = after.checked_sub(1).and_then(|at| tree.roots.get(at));
    root.map(|root| tree.span(*root)).filter(|form| form.end >= span.end).unwrap_or(span)
}

/// Where the type of a value is defined: of a function, that of its result.
pub fn type_definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Span> {
    let Some(at) = at(analysis, file, offset) else { return Vec::new() };
    let declared = match at.occurrence.map(|found| found.meaning) {
        Some(Meaning::Entity(Entity::Ctor(ctor))) => {
            Some(Meaning::Entity(Entity::Type(analysis.program.ctors[ctor].ty)))
        }
        Some(
            meaning @ Meaning::Entity(
                Entity::Type(_) | Entity::Interface(_) | Entity::Macro(_) | Entity::Alias(_),
            ),
        ) => Some(meaning),
        found => {
            let of_name = found.and_then(|meaning| describe::type_of(analysis, meaning));
            let of_expression = || {
                let (def, e) = at.expression(analysis)?;
                crate::hover::type_of(analysis, def, e)
            };
            let ty = of_name.or_else(of_expression).filter(|ty| *ty != Ty::ERROR);
            let found = ty.and_then(|ty| declared_type(analysis, ty));
            found.map(|ty| Meaning::Entity(Entity::Type(ty)))
        }
    };
    declared.and_then(|meaning| place_of(analysis, meaning)).into_iter().collect()
}

/// The instances of an interface, those of a method's interface with its bodies, and of a type the
/// instances for it.
pub fn implementations(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Span> {
    let Some(found) = at(analysis, file, offset).and_then(|at| at.occurrence) else {
        return Vec::new();
    };
    let program = &analysis.program;
    let mut targets = Vec::new();
    for instance in program.instances.values() {
        let whole = instance.head.span;
        let found_at = match found.meaning {
            Meaning::Entity(Entity::Interface(interface)) => {
                (instance.interface == interface).then_some(whole)
            }
            Meaning::Entity(Entity::Method(interface, index)) => {
                let own = instance.methods.get(index as usize).copied().flatten();
                let own = own.filter(|_| instance.interface == interface);
                own.map(|def| program.defs[def].span)
            }
            Meaning::Entity(Entity::Type(ty)) => match instance.head.kind {
                TypeKind::Con(head, _) if head == ty => Some(whole),
                _ => None,
            },
            _ => None,
        };
        targets.extend(found_at);
    }
    targets.sort();
    targets.dedup();
    targets
}
