//! Places: the nodes of a tree at an offset. Total: any offset of any text.

use eclexia_base::Span;
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// The nodes around an offset, from the outermost to the innermost; empty between the forms of the
/// file. At the end of a name the offset still belongs to it, so that what is being typed is found;
/// a bracket that the reader had to add holds all that follows.
pub fn path(tree: &Tree, text: &str, offset: u32) -> Vec<NodeId> {
    let mut path = Vec::new();
    let mut level: &[NodeId] = &tree.roots;
    while let Some(node) = touched(tree, text, level, offset) {
        path.push(node);
        level = tree.children(node);
    }
    path
}

fn touched(tree: &Tree, text: &str, level: &[NodeId], offset: u32) -> Option<NodeId> {
    let after = level.partition_point(|node| tree.span(*node).start <= offset);
    let last = *level.get(after.checked_sub(1)?)?;
    let span = tree.span(last);
    // Before a bracket stands a name without a space: the name is meant.
    if span.start == offset && is_bracket(tree, last) && after >= 2 {
        let before = level[after - 2];
        if tree.span(before).end == offset && !is_bracket(tree, before) {
            return Some(before);
        }
    }
    let is_inside = offset < span.end
        || offset == span.end && !is_bracket(tree, last)
        || is_open(tree, text, last);
    is_inside.then_some(last)
}

pub fn is_bracket(tree: &Tree, node: NodeId) -> bool {
    matches!(tree.kind(node), NodeKind::List | NodeKind::Vector | NodeKind::Map)
}

/// Whether the closing bracket of a node is missing in the text.
pub fn is_open(tree: &Tree, text: &str, node: NodeId) -> bool {
    let close = match tree.kind(node) {
        NodeKind::List => ")",
        NodeKind::Vector => "]",
        NodeKind::Map => "}",
        _ => return false,
    };
    let span = tree.span(node);
    let inside = tree.children(node).last().map_or(span.start + 1, |last| tree.span(*last).end);
    span.end <= inside || !text_of(text, span).ends_with(close)
}

/// The text of a span; empty where it is not of this text.
pub fn text_of(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or("")
}

/// A part of a span by offsets from its start.
pub fn part(span: Span, from: usize, to: usize) -> Span {
    Span::new(span.file, span.start + from as u32, span.start + to as u32)
}
