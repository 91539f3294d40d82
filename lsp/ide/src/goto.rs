//! Going to places: where a name is defined, where the type of a value is, what implements an
//! interface or a method.

use crate::at::at;
use crate::describe::{declared_type, local_type, place_of};
use crate::names::Meaning;
use eclexia_base::{FileId, Span};
use eclexia_check::ty::Ty;
use eclexia_core::core::{Entity, TypeKind};
use eclexia_db::Analysis;

/// A place to go to, and the name that led there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// The name asked about.
    pub from: Span,
    /// The name in its definition; the start of the file of a module.
    pub to: Span,
    /// The whole form that defines it.
    pub form: Span,
}

pub fn definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Target> {
    let Some(found) = at(analysis, file, offset).and_then(|at| at.occurrence) else {
        return Vec::new();
    };
    target(analysis, found.span, found.meaning).into_iter().collect()
}

fn target(analysis: &Analysis, from: Span, meaning: Meaning) -> Option<Target> {
    let to = place_of(analysis, meaning)?;
    Some(Target { from, to, form: form_around(analysis, to) })
}

/// The top-level form around a place.
pub(crate) fn form_around(analysis: &Analysis, span: Span) -> Span {
    let Some(tree) = analysis.trees.get(&span.file) else { return span };
    let after = tree.roots.partition_point(|root| tree.span(*root).start <= span.start);
    let root = after.checked_sub(1).and_then(|at| tree.roots.get(at));
    root.map(|root| tree.span(*root)).filter(|form| form.end >= span.end).unwrap_or(span)
}

/// Where the type of a value is defined: of a function, that of its result.
pub fn type_definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Target> {
    let Some(at) = at(analysis, file, offset) else { return Vec::new() };
    let span = |node| analysis.trees.get(&file).map(|tree| tree.span(node));
    let from = match at.occurrence {
        Some(found) => found.span,
        None => match at.path.last().and_then(|node| span(*node)) {
            Some(span) => span,
            None => return Vec::new(),
        },
    };
    let ty = match at.occurrence.map(|found| found.meaning) {
        Some(Meaning::Local(def, local)) => local_type(analysis, def, local),
        Some(Meaning::Entity(Entity::Def(def))) => Some(analysis.typed.scheme(def).ty),
        Some(Meaning::Entity(Entity::Ctor(ctor))) => {
            let ty = Meaning::Entity(Entity::Type(analysis.program.ctors[ctor].ty));
            return target(analysis, from, ty).into_iter().collect();
        }
        Some(Meaning::Entity(Entity::Method(interface, index))) => {
            Some(analysis.typed.method_scheme(interface, index).ty)
        }
        Some(Meaning::Field(ctor, index)) => {
            analysis.typed.field_types(ctor).get(index as usize).copied()
        }
        Some(meaning @ Meaning::Entity(_)) => {
            return target(analysis, from, meaning).into_iter().collect();
        }
        _ => at.expression(analysis).and_then(|(def, e)| crate::hover::type_of(analysis, def, e)),
    };
    let found = ty.filter(|ty| *ty != Ty::ERROR).and_then(|ty| declared_type(analysis, ty));
    let meaning = found.map(|ty| Meaning::Entity(Entity::Type(ty)));
    meaning.and_then(|meaning| target(analysis, from, meaning)).into_iter().collect()
}

/// The instances of an interface, those of a method's interface with its bodies, and of a type the
/// instances for it.
pub fn implementations(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Target> {
    let Some(found) = at(analysis, file, offset).and_then(|at| at.occurrence) else {
        return Vec::new();
    };
    let program = &analysis.program;
    let mut targets = Vec::new();
    for instance in program.instances.values() {
        let whole = (instance.head.span, instance.span);
        let found_at = match found.meaning {
            Meaning::Entity(Entity::Interface(interface)) => {
                (instance.interface == interface).then_some(whole)
            }
            Meaning::Entity(Entity::Method(interface, index)) => {
                let own = instance.methods.get(index as usize).copied().flatten();
                let own = own.filter(|_| instance.interface == interface);
                own.map(|def| (program.defs[def].span, program.defs[def].form))
            }
            Meaning::Entity(Entity::Type(ty)) => match instance.head.kind {
                TypeKind::Con(head, _) if head == ty => Some(whole),
                _ => None,
            },
            _ => None,
        };
        targets.extend(found_at.map(|(to, form)| Target { from: found.span, to, form }));
    }
    targets.sort_by_key(|target| target.to);
    targets.dedup();
    targets
}
