//! Broken programs as data: `balance.md` holds programs, what the reader says of each (code, place,
//! second place) and the tree it gives all the same. `UPDATE_EXPECT=1` rewrites the results.
#![expect(clippy::disallowed_methods, reason = "a test reads, and blesses, its data")]

use eclexia_base::FileId;
use eclexia_diag::{Diagnostic, Sources};
use eclexia_syntax::{print, read};
use std::fmt::Write;
use std::path::Path;

const FENCE: &str = "```";

struct Case {
    title: String,
    program: String,
    problems: String,
    tree: String,
}

fn cases(text: &str) -> Vec<Case> {
    let blocks = |section: &str| {
        let part = section.split("\n```").collect::<Vec<_>>();
        let body = |language: &str| {
            let found = part.iter().find_map(|p| p.strip_prefix(language)?.strip_prefix('\n'));
            found.map(|p| format!("{p}\n")).unwrap_or_default()
        };
        (body("ecl"), body("problems"), body("tree"))
    };
    let sections = text.split("\n## ").skip(1);
    sections
        .map(|section| {
            let title = section.lines().next().unwrap_or_default().to_owned();
            let (program, problems, tree) = blocks(section);
            Case { title, program, problems, tree }
        })
        .collect()
}

/// `code line:column "text" -> line:column`, one line per diagnostic.
fn describe(program: &str, found: &[Diagnostic]) -> String {
    let mut sources = Sources::new();
    let file = sources.add("case.ecl", program);
    let source = sources.get(file).expect("just added");
    let place = |offset: u32| {
        let (line, column) = source.line_column(offset);
        format!("{line}:{column}")
    };
    let mut out = String::new();
    for problem in found {
        let span = problem.primary.as_ref().expect("the reader's diagnostics have places").span;
        let at = &program[span.range()];
        let _ = write!(out, "{} {} `{}`", problem.code, place(span.start), at.trim());
        for label in &problem.labels {
            let _ = write!(out, " -> {}", place(label.span.start));
        }
        for fix in &problem.fixes {
            let _ = write!(out, ", {}", fix.title);
        }
        out.push('\n');
    }
    out
}

fn run(program: &str) -> (String, String) {
    let (tree, found) = read(FileId(0), program);
    (describe(program, &found.sorted()), print::tree(&tree))
}

#[test]
fn every_mistake_has_one_error_at_the_right_place_and_the_rest_keeps_its_tree() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/balance.md");
    let text = std::fs::read_to_string(&path).expect("balance.md is there");
    let cases = cases(&text);
    assert!(cases.len() >= 20, "only {} cases", cases.len());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let head = text.split("\n## ").next().unwrap_or_default();
        std::fs::write(&path, bless(head, &cases)).expect("balance.md is writable");
        return;
    }
    for case in &cases {
        let (problems, tree) = run(&case.program);
        assert_eq!(problems, case.problems, "problems of: {}", case.title);
        assert_eq!(tree, case.tree, "tree of: {}", case.title);
    }
}

fn bless(head: &str, cases: &[Case]) -> String {
    let mut out = head.to_owned();
    for case in cases {
        let (problems, tree) = run(&case.program);
        let _ = write!(out, "\n## {}\n", case.title);
        for (language, body) in [("ecl", &case.program), ("problems", &problems), ("tree", &tree)] {
            let _ = write!(out, "\n{FENCE}{language}\n{body}{FENCE}\n");
        }
    }
    out
}

/// The fix of a bracket mistake, applied, leaves a text without any mistake and the same tree.
#[test]
fn applying_all_fixes_leaves_no_mistake() {
    let text = include_str!("balance.md");
    for case in cases(text) {
        let (_, found) = read(FileId(0), &case.program);
        let fixes = found.iter().flat_map(|d| d.fixes.first());
        let edits = fixes.flat_map(|fix| &fix.edits);
        let fixed = eclexia_diag::edit::apply(&case.program, FileId(0), edits);
        let (_, left) = read(FileId(0), &fixed);
        assert!(left.is_empty(), "{}: {left:?}\n{fixed}", case.title);
    }
}
