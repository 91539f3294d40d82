//! What the editor waits for after a letter: a text that changed, and everything checked, for
//! 10,000 lines in one file and in ten. The letter changes a call in the middle of the file.

use criterion::{Criterion, criterion_group, criterion_main};
use eclexia_benches::program;
use eclexia_db::Workspace;
use eclexia_db::library::Embedded;
use std::hint::black_box;
use std::sync::Arc;

/// Checks `files` of so many lines after each change of the last one, which nobody imports.
fn edits(c: &mut Criterion, name: &str, files: usize, lines: usize, edit: [&str; 2]) {
    let text = program::long(lines);
    let middle = text.len() / 2;
    let at = middle + text[middle..].find(edit[0]).expect("it is there");
    let edited: Arc<str> =
        format!("{}{}{}", &text[..at], edit[1], &text[at + edit[0].len()..]).into();
    let text: Arc<str> = text.into();
    let mut workspace = Workspace::new(Box::new(Embedded));
    for i in 0..files {
        workspace.set(&format!("part{i}"), &format!("part{i}.ecl"), Arc::clone(&text));
    }
    let (module, file) = (format!("part{}", files - 1), format!("part{}.ecl", files - 1));
    let mut is_edited = false;
    c.bench_function(name, |b| {
        b.iter(|| {
            is_edited = !is_edited;
            let text = if is_edited { &edited } else { &text };
            workspace.set(&module, &file, Arc::clone(text));
            black_box(workspace.analysis());
        });
    });
}

fn bench(c: &mut Criterion) {
    let number = ["(* amount pieces)", "(* amount amount)"];
    let unknown = ["(* amount pieces)", "(* amount piecesx)"];
    edits(c, "a body in one of ten files", 10, 1_000, number);
    edits(c, "a body in one file", 1, 10_000, number);
    edits(c, "a name that is not there, in one file", 1, 10_000, unknown);
}

criterion_group!(benches, bench);
criterion_main!(benches);
