//! Any bytes have a tree: reading never panics, error nodes come with an error, and a text without
//! a mistake prints as a text with the same tree.
#![no_main]

use eclexia_base::FileId;
use eclexia_syntax::{NodeId, NodeKind, Tree, decode, lex, needs_more, print, read};
use libfuzzer_sys::fuzz_target;

const FILE: FileId = FileId(0);

fn shape(tree: &Tree) -> Vec<(usize, NodeKind)> {
    let mut shape = Vec::new();
    let mut rest: Vec<NodeId> = tree.roots.iter().rev().copied().collect();
    while let Some(id) = rest.pop() {
        shape.push((tree.children(id).len(), tree.kind(id)));
        rest.extend(tree.children(id).iter().rev());
    }
    shape
}

fuzz_target!(|bytes: &[u8]| {
    let (text, _) = decode(FILE, bytes);
    let (tokens, _) = lex(FILE, &text);
    let (tree, found) = read(FILE, &text);
    let _ = (needs_more(&text), print::tokens(&text, &tokens));
    let nodes = shape(&tree);
    let printed = print::tree(&tree);
    if nodes.iter().any(|(_, kind)| *kind == NodeKind::Error) {
        assert!(found.has_errors());
    } else if !found.has_errors() {
        assert_eq!(shape(&read(FILE, &printed).0), nodes);
    }
});
