//! The standard library and the examples resolve without a diagnostic, to sound core.

#![expect(clippy::disallowed_methods, reason = "reads the library and the examples")]

#[allow(dead_code, reason = "only the diagnostics are looked at")]
mod common;

use eclexia_core::verify::verify;
use std::path::Path;

/// The `.ecl` files of a folder of the project, sorted.
fn texts(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|e| Some(e.ok()?.path()));
    let mut files: Vec<_> = paths.filter(|p| p.extension().is_some_and(|e| e == "ecl")).collect();
    files.sort();
    let stem = |p: &Path| p.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    files.iter().map(|p| (stem(p), std::fs::read_to_string(p).expect("a readable file"))).collect()
}

fn assert_clean(name: &str, text: &str) {
    let run = common::run(text, &[]);
    assert!(run.found.is_empty(), "{name}: {:#?}", run.found);
    let problems = verify(&run.program);
    assert!(problems.is_empty(), "{name}: {problems:?}");
}

#[test]
fn every_module_of_the_library_resolves() {
    for band in ["std", "cloud"] {
        for (stem, _) in texts(&format!("stdlib/{band}")) {
            assert_clean(&stem, &format!("(import {band}.{stem})"));
        }
    }
}

#[test]
fn every_example_resolves() {
    for (stem, text) in texts("examples") {
        assert_clean(&stem, &text);
    }
}
