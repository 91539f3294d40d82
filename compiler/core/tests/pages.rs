//! The pages of core's codes: each example raises exactly its code, each fix is clean.

#![expect(clippy::disallowed_methods, reason = "reads the pages of the codes")]

#[allow(dead_code, reason = "only the diagnostics are looked at")]
mod common;

use std::path::Path;

const CODES: [&str; 35] = [
    "alias-cycle",
    "amount-out-of-range",
    "cannot-derive",
    "constructor-arity",
    "dependency-cycle",
    "duplicate-binder",
    "duplicate-definition",
    "duplicate-field",
    "expression-at-top-level",
    "expression-too-deep",
    "import-cycle",
    "library-only",
    "lower-case-type",
    "macro-mismatch",
    "macro-too-deep",
    "macro-too-large",
    "malformed-form",
    "malformed-macro",
    "missing-instance-method",
    "module-name-mismatch",
    "private-constructor",
    "private-name",
    "recur-arity",
    "recur-not-tail",
    "reserved-name",
    "sig-without-definition",
    "type-arity",
    "unit-cycle",
    "unknown-constructor",
    "unknown-interface",
    "unknown-method",
    "unknown-module",
    "unknown-name",
    "unknown-type",
    "unknown-unit",
];

fn block<'t>(page: &'t str, heading: &str) -> Option<&'t str> {
    let section = page.split("\n## ").find(|s| s.starts_with(heading))?;
    let start = section.find("```ecl\n")? + 7;
    let length = section[start..].find("\n```")?;
    Some(&section[start..start + length])
}

#[test]
fn every_page_raises_its_code_and_its_fix_is_clean() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
    let mut wrong = Vec::new();
    for code in &CODES {
        let page = std::fs::read_to_string(folder.join(format!("{code}.md"))).expect("a page");
        if let Some(example) = block(&page, "Example") {
            let found: Vec<&str> = common::run(example, &[]).found.iter().map(|d| d.code).collect();
            if found.is_empty() || found.iter().any(|c| c != code) {
                wrong.push(format!("{code}: the example raises {found:?}"));
            }
        }
        if let Some(fix) = block(&page, "How to fix") {
            let found: Vec<&str> = common::run(fix, &[]).found.iter().map(|d| d.code).collect();
            if found.iter().any(|c| CODES.contains(c)) && !fix.contains("std.list") {
                wrong.push(format!("{code}: the fix raises {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
