//! The pages of this stage's codes: the example raises exactly that code, the fix is clean.

#![expect(clippy::disallowed_methods, reason = "tests read the pages and tables")]

mod support;

use std::path::Path;
use support::{check, on_big_stack};

const CODES: [&str; 40] = [
    "ambiguous-field",
    "ambiguous-type",
    "infinite-type",
    "invalid-conversion",
    "invalid-instance",
    "borrow-of-consumed",
    "borrowed",
    "branch-mismatch",
    "consumed-in-guard",
    "consumed-in-loop",
    "consumed-twice",
    "discarded-resource",
    "linear-capture",
    "linear-constant",
    "linear-field",
    "live-at-exit",
    "move-out-of-reference",
    "not-unrestricted",
    "one-shot-called-twice",
    "reference-escapes",
    "unconsumed-resource",
    "main-shape",
    "match-too-large",
    "type-too-large",
    "missing-field",
    "missing-instance",
    "mixed-variable",
    "non-exhaustive-match",
    "not-a-function",
    "not-a-record",
    "overlapping-instances",
    "redundant-arm",
    "refutable-pattern",
    "return-outside-function",
    "signature-too-general",
    "try-outside-result",
    "type-mismatch",
    "unit-mismatch",
    "unknown-field",
    "wrong-arity",
];

fn codes_of(program: &str) -> Vec<String> {
    let program = program.to_owned();
    on_big_stack(move || {
        let checked = check(&program);
        checked.diagnostics.iter().map(|d| d.code.to_owned()).collect()
    })
}

#[test]
fn examples_raise_their_code_and_fixes_are_clean() {
    let mut failures = Vec::new();
    for code in CODES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
        let page = std::fs::read_to_string(folder.join(format!("{code}.md"))).expect(code);
        let blocks: Vec<&str> =
            page.split("```ecl\n").skip(1).filter_map(|b| b.split("```").next()).collect();
        let [example, fix] = blocks[..] else {
            failures.push(format!("{code}: not two blocks"));
            continue;
        };
        let mut found = codes_of(example);
        found.dedup();
        if found != [code] {
            failures.push(format!("{code}: the example raises {found:?}"));
        }
        let found = codes_of(fix);
        if !found.is_empty() {
            failures.push(format!("{code}: the fix raises {found:?}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
