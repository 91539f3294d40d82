//! The editors' files: the words that they list, the tree-sitter grammar, and the tests that each
//! editor's own tools run, on programs that the formatter has laid out.

mod capabilities;
mod clients;
mod trees;
mod words;

use crate::readers;
use eclexia_base::FileId;
use std::path::Path;

/// The programs of the repository that are sound, by path.
fn programs() -> Vec<(String, String)> {
    let folders = ["examples", "stdlib/std", "stdlib/cloud", "tests/run"];
    folders.iter().flat_map(|folder| readers::texts(folder, ".ecl")).collect()
}

fn laid_out(text: &str) -> String {
    let (tree, _) = eclexia_syntax::read(FileId(0), text);
    eclexia_syntax::format(text, &tree)
}

/// Writes every program into a folder as the formatter lays it out.
fn write_laid_out(folder: &Path) {
    for (path, text) in programs() {
        let file = folder.join(path.replace('/', "-"));
        std::fs::write(file, laid_out(&text)).expect("the program can be written");
    }
}
