//! `do` where there is nothing to put together: around one form, or in a body, which is a sequence
//! already. Read off the tree, because core has no such `do` any more; not in macros, whose
//! templates need it.

use crate::diagnostics as report;
use eclexia_base::Span;
use eclexia_diag::Diagnostics;
use eclexia_syntax::{NodeId, NodeKind, Tree};

pub(super) fn lint(tree: &Tree, text: &str) -> Diagnostics {
    let mut found = Diagnostics::new();
    // A form, and whether it stands in a body.
    let mut work: Vec<(NodeId, bool)> =
        tree.roots.iter().rev().map(|root| (*root, false)).collect();
    while let Some((node, is_in_body)) = work.pop() {
        let kids = tree.children(node);
        let head = head(tree, node);
        match (tree.kind(node), head) {
            (NodeKind::Quote | NodeKind::Quasiquote, _) | (_, Some("defmacro")) => continue,
            // At the top level, whose forms are in order, `do` holds definitions.
            (_, Some("do")) if tree.roots.binary_search(&node).is_err() => {
                let parts = &kids[1..];
                let is_alone = parts.len() == 1;
                if let (Some(first), Some(last)) = (parts.first(), parts.last())
                    && (is_alone || is_in_body)
                {
                    let span = tree.span(node);
                    let inner = Span { start: tree.node(*first).start, ..span };
                    let inner = Span { end: tree.node(*last).end, ..inner };
                    let inner = text.get(inner.range()).unwrap_or_default();
                    found.push(report::redundant_do(span, is_alone, inner));
                }
            }
            _ => {}
        }
        let from = body_start(tree, node, head);
        let arms = if head == Some("match") { 2 } else { kids.len() };
        for (i, kid) in kids.iter().enumerate().rev() {
            match i >= arms && tree.kind(*kid) == NodeKind::Vector {
                true => work.extend(arm(tree, *kid)),
                false => work.push((*kid, i >= from)),
            }
        }
    }
    found
}

pub(super) fn head(tree: &Tree, node: NodeId) -> Option<&'static str> {
    if tree.kind(node) != NodeKind::List {
        return None;
    }
    match tree.kind(*tree.children(node).first()?) {
        NodeKind::Symbol(name) => Some(name.as_str()),
        _ => None,
    }
}

/// From which of its parts on a form is a sequence.
fn body_start(tree: &Tree, node: NodeId, head: Option<&str>) -> usize {
    let kids = tree.children(node);
    match head {
        Some("do") => 1,
        Some("fn" | "let" | "when" | "loop" | "for" | "times" | "with" | "borrow" | "deftest") => 2,
        Some("defn") => {
            let params = kids.iter().position(|kid| tree.kind(*kid) == NodeKind::Vector);
            params.map_or(kids.len(), |params| params + 1)
        }
        _ => kids.len(),
    }
}

/// The parts of `[pattern :when guard body …]`.
fn arm(tree: &Tree, node: NodeId) -> Vec<(NodeId, bool)> {
    let kids = tree.children(node);
    let is_guarded = kids
        .get(1)
        .is_some_and(|kid| matches!(tree.kind(*kid), NodeKind::Keyword(name) if name == "when"));
    let from = if is_guarded { 3 } else { 1 };
    kids.iter().enumerate().rev().map(|(i, kid)| (*kid, i >= from)).collect()
}
