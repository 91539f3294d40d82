//! Who may do what: only the command prints and exits (and executables, which are commands), no
//! compiler crate touches files, clock, network or environment, and two libraries are each known to
//! one place only.
//!
//! The layer table (`layers.rs`) checks what cargo knows; this checks what only the text shows.
//! The checks are of words in code that ships: comments, test modules and build scripts are free.

use super::{Finding, SourceFile, Tree};

/// Parts of `std` that a compiler crate may not name, and what to do instead.
const OUTSIDE: &[&str] = &["fs", "env", "net", "time", "process", "thread::sleep"];

/// What prints or ends the process.
const PRINTS: &[&str] = &[
    "println!(",
    "eprintln!(",
    "print!(",
    "eprint!(",
    "process::exit(",
    "process::abort(",
    "io::stdout(",
    "io::stderr(",
];

/// A library and the only places that may name it.
const PRIVATE: &[(&str, &[&str])] = &[
    ("ariadne", &["compiler/diag/src/"]),
    ("good_lp", &["compiler/optimizer/src/solver.rs"]),
    ("cargo_metadata", &["xtask/src/"]),
    ("rustyline", &["cli/src/"]),
    ("clap", &["cli/src/"]),
    ("pulldown_cmark", &["cli/src/manual/"]),
    ("pubgrub", &["runtime/project/src/", "runtime/deploy/src/resolve/"]),
    ("gen_lsp_types", &["lsp/server/src/"]),
    ("lsp_server", &["lsp/server/src/"]),
];

pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    for file in tree.rust() {
        if file.is_product() {
            prints(file, findings);
            if file.is_in(&["compiler/"]) {
                outside(file, findings);
            }
        }
        private(file, findings);
    }
}

fn prints(file: &SourceFile, findings: &mut Vec<Finding>) {
    // An executable is a command of its own; a failpoint is how tests pull the plug.
    if file.is_in(&["cli/", "runtime/native/", "runtime/deploy/src/failpoint.rs"]) {
        return;
    }
    for (n, line) in file.shipped_lines() {
        for call in PRINTS.iter().filter(|call| names(line, call)) {
            let text = format!("`{call}`: only the command prints or exits; return a value");
            findings.push(Finding::new(&file.path, n, "prints", text));
        }
    }
}

fn outside(file: &SourceFile, findings: &mut Vec<Finding>) {
    for (n, line) in file.shipped_lines() {
        for part in OUTSIDE {
            if names(line, &format!("std::{part}")) || in_use_list(line, part) {
                let text = format!("`std::{part}` in a compiler crate: take the value as an input");
                findings.push(Finding::new(&file.path, n, "outside-world", text));
            }
        }
    }
}

fn private(file: &SourceFile, findings: &mut Vec<Finding>) {
    for (library, places) in PRIVATE {
        if file.is_in(places) || file.is_in(&["xtask/"]) {
            continue;
        }
        for (n, line) in file.shipped_lines() {
            if names(line, &format!("{library}::")) {
                let text = format!("`{library}` may be named in {} only", places.join(", "));
                findings.push(Finding::new(&file.path, n, "private-library", text));
            }
        }
    }
}

/// Whether `path` occurs in the line and does not go on from a longer name.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        let goes_on = path.ends_with(|c: char| c.is_alphanumeric())
            && after.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_') && !goes_on
    })
}

/// `use std::{fmt, fs};` on one line.
fn in_use_list(line: &str, part: &str) -> bool {
    let Some(list) = line.trim_start().strip_prefix("use std::{") else { return false };
    list.split(['{', '}', ',', ';']).any(|item| {
        let item = item.trim();
        item == part || item.starts_with(&format!("{part}::"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        let files = vec![SourceFile { path: path.into(), text: text.into() }];
        let mut findings = Vec::new();
        check(&Tree { files }, &mut findings);
        findings.iter().map(|f| f.rule).collect()
    }

    #[test]
    fn a_compiler_crate_reads_no_file_however_it_is_written() {
        assert_eq!(rules("compiler/core/src/a.rs", "use std::fs::File;"), ["outside-world"]);
        assert_eq!(rules("compiler/core/src/a.rs", "use std::{fmt, time::Instant};").len(), 1);
        assert_eq!(rules("compiler/core/src/a.rs", "let x = std::env::var(y);").len(), 1);
        assert_eq!(rules("compiler/core/src/a.rs", "use std::fmt; // not std::fsx").len(), 0);
        assert_eq!(rules("runtime/rt/src/a.rs", "use std::fs::File;").len(), 0);
    }

    #[test]
    fn only_the_command_prints() {
        assert_eq!(rules("runtime/rt/src/a.rs", "    println!(\"x\");"), ["prints"]);
        assert_eq!(rules("cli/src/a.rs", "    println!(\"x\");").len(), 0);
        assert_eq!(rules("compiler/core/src/a.rs", "    pretty_print!(x);").len(), 0);
    }

    #[test]
    fn a_private_library_has_one_place() {
        let line = "use good_lp::variable;";
        assert_eq!(rules("compiler/optimizer/src/price.rs", line), ["private-library"]);
        assert_eq!(rules("compiler/optimizer/src/solver.rs", line).len(), 0);
    }
}
