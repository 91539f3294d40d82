//! Codes and pages agree: every code that a source raises has a page, every page is of a code that
//! some source raises.
//!
//! A raised code is a literal first argument of one of [`CONSTRUCTORS`] in code that ships, or a
//! constant of type `Code`. A page counts as raised where its slug stands as a literal in code that
//! ships, so that a code chosen from a table or by a `match` counts as well.

use super::{Exceptions, Finding, Tree};
use std::collections::{BTreeMap, BTreeSet};

const CONSTRUCTORS: &[&str] = &["error(", "error_at(", "warning(", "warning_at(", "without_place("];

pub fn check(
    tree: &Tree,
    pages: &BTreeMap<String, String>,
    exceptions: &Exceptions,
    findings: &mut Vec<Finding>,
) {
    let mut literals = BTreeSet::new();
    for file in tree.rust().filter(|file| file.is_product()) {
        // The value's own file names codes in examples only.
        if file.is_in(&["compiler/diag/"]) {
            continue;
        }
        let lines: Vec<(usize, &str)> = file.shipped_lines().collect();
        for (at, (n, line)) in lines.iter().enumerate() {
            literals.extend(string_literals(line).map(str::to_string));
            let constant = line.split_once(": Code =").map(|(_, value)| value);
            for rest in arguments(line).chain(constant) {
                let next = lines.get(at + 1).map_or("", |(_, next)| next.trim_start());
                let argument = if rest.trim().is_empty() { next } else { rest.trim_start() };
                let Some(code) = argument.strip_prefix('"').and_then(|a| a.split('"').next())
                else {
                    continue;
                };
                if is_slug(code) && !pages.contains_key(code) {
                    let text = format!("`{code}` has no page: `cargo xtask new-diag {code}`");
                    findings.push(Finding::new(&file.path, *n, "codes", text));
                }
            }
        }
    }
    for (slug, path) in pages {
        let is_excepted = exceptions.codes_raised_elsewhere.contains_key(slug);
        if is_excepted == literals.contains(slug) {
            let text = if is_excepted {
                "raised by a literal now: take the exception out of xtask/tidy.toml"
            } else {
                "no source raises this code: raise it, or take the page out"
            };
            findings.push(Finding::new(path, 0, "codes", text));
        }
    }
}

fn is_slug(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
    starts_well && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// What follows each constructor's parenthesis in the line.
fn arguments(line: &str) -> impl Iterator<Item = &str> {
    CONSTRUCTORS.iter().flat_map(move |call| {
        line.match_indices(call).filter_map(move |(at, _)| {
            let before = line[..at].chars().next_back();
            let is_whole = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.');
            is_whole.then(|| &line[at + call.len()..])
        })
    })
}

fn string_literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::super::SourceFile;
    use super::*;

    fn findings(text: &str, pages: &[&str]) -> Vec<String> {
        let path = "compiler/core/src/diagnostics.rs".to_string();
        let files = vec![SourceFile { path, text: text.into() }];
        let pages = pages.iter().map(|slug| (slug.to_string(), format!("{slug}.md"))).collect();
        let mut findings = Vec::new();
        check(&Tree { files }, &pages, &Exceptions::default(), &mut findings);
        findings.into_iter().map(|f| format!("{}:{}", f.path, f.line)).collect()
    }

    #[test]
    fn a_code_without_a_page_and_a_page_without_a_code_are_found() {
        let text = "fn f() {\n    Diagnostic::error(\n        \"unknown-name\",\n    )\n}\n";
        assert_eq!(findings(text, &["unknown-name"]), [""; 0]);
        assert_eq!(findings(text, &[]), ["compiler/core/src/diagnostics.rs:2"]);
        assert_eq!(findings(text, &["unknown-name", "odd"]), ["odd.md:0"]);
        let constant = "const BAD: Code = \"bad-thing\";\n";
        assert_eq!(findings(constant, &[]), ["compiler/core/src/diagnostics.rs:1"]);
    }

    #[test]
    fn other_calls_of_the_same_name_are_not_meant() {
        assert_eq!(findings("log.error(\"x\"); my_error(\"y\");", &[]), [""; 0]);
    }
}
