//! Readers of the test data: text of a data file in, what it expects out. They know no compiler, so
//! that a mistake in a reader cannot hide a mistake in what is tested.

pub mod blocks;
pub mod expectations;
pub mod sections;

use std::path::{Path, PathBuf};

/// The files of a folder of `tests/` whose names end so, sorted, as (path from the root, text).
/// Bytes that are no UTF-8 are given as [`u8`]s: the corpus has such files on purpose.
pub fn files(folder: &str, ending: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    visit(&xtask::root().join(folder), &mut found);
    let mut files: Vec<(String, Vec<u8>)> = found
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .map(|path| (from_root(&path), std::fs::read(&path).expect("the file can be read")))
        .collect();
    files.sort();
    files
}

/// [`files`] of text.
pub fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let text = |bytes| String::from_utf8(bytes).expect("test data is UTF-8");
    files(folder, ending).into_iter().map(|(path, bytes)| (path, text(bytes))).collect()
}

fn visit(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn from_root(path: &Path) -> String {
    path.strip_prefix(xtask::root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
