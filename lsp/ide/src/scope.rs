//! Locals in scope at an offset, by the tree alone: what is bound around it and before it.

use crate::place;
use crate::roles::{Role, along, roles_of};
use eclexia_base::{Name, Span};
use eclexia_core::words::{Word, classify};
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// A name that is bound, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Local {
    pub name: Name,
    pub span: Span,
}

/// The locals that an expression at the offset can name, the innermost first; a name that is bound
/// twice is there once.
pub fn locals(tree: &Tree, text: &str, offset: u32) -> Vec<Local> {
    let path = place::path(tree, text, offset);
    let roles = along(tree, &path);
    let mut found = Vec::new();
    for (node, role) in path.iter().zip(&roles).rev() {
        let mut here = Vec::new();
        bound_by(tree, *node, *role, offset, &mut here);
        found.extend(here.into_iter().rev());
    }
    let mut seen = Vec::new();
    found.retain(|local: &Local| {
        let is_new = !seen.contains(&local.name);
        seen.push(local.name);
        is_new
    });
    found
}

/// What a form binds for its part at the offset.
fn bound_by(tree: &Tree, node: NodeId, role: Role, offset: u32, out: &mut Vec<Local>) {
    let kids = tree.children(node);
    let is_before = |kid: NodeId| tree.span(kid).end < offset;
    let roles = roles_of(tree, node, role);
    match role {
        Role::Bindings => {
            // Each binding sees those before it.
            for pair in kids.chunks(2) {
                if pair.get(1).is_some_and(|value| is_before(*value)) {
                    binders(tree, pair[0], out);
                }
            }
        }
        Role::Arm => kids.iter().take(1).filter(|p| is_before(**p)).for_each(|p| {
            binders(tree, *p, out);
        }),
        _ => {
            for (kid, role) in kids.iter().zip(roles).filter(|(kid, _)| is_before(**kid)) {
                match role {
                    Role::Pattern => binders(tree, *kid, out),
                    Role::Bindings => {
                        tree.children(*kid).iter().step_by(2).for_each(|p| binders(tree, *p, out));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The names that a pattern binds.
fn binders(tree: &Tree, pattern: NodeId, out: &mut Vec<Local>) {
    let mut open = vec![(pattern, true)];
    while let Some((node, may_bind)) = open.pop() {
        match tree.kind(node) {
            NodeKind::Symbol(name) if may_bind => {
                let is_name = classify(name.as_str()) == Word::Plain
                    && !name.as_str().starts_with(char::is_uppercase);
                if is_name {
                    out.push(Local { name, span: tree.span(node) });
                }
            }
            NodeKind::List => {
                let kids = tree.children(node).iter().skip(1);
                open.extend(kids.rev().map(|kid| (*kid, true)));
            }
            NodeKind::Vector | NodeKind::Map => {
                open.extend(tree.children(node).iter().rev().map(|kid| (*kid, true)));
            }
            _ => {}
        }
    }
}
