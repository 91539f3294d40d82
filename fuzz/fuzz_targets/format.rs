//! The formatter is its own fixed point, keeps the tree, and never panics.
#![no_main]

use eclexia_base::FileId;
use eclexia_syntax::{NodeId, NodeKind, Tree, decode, format, read};
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
    let (tree, _) = read(FILE, &text);
    let formatted = format(&text, &tree);
    let (again, _) = read(FILE, &formatted);
    assert_eq!(shape(&tree), shape(&again));
    assert_eq!(tree.comments.len(), again.comments.len());
    assert_eq!(format(&formatted, &again), formatted);
});
