//! The formatter's behaviour as data: `format.md` holds pairs of a program and its usual form.
//! `UPDATE_EXPECT=1` rewrites the latter.
#![expect(clippy::disallowed_methods, reason = "a test reads, and blesses, its data")]

use eclexia_base::FileId;
use eclexia_syntax::{format as usual_form, read};
use std::fmt::Write;
use std::path::Path;

const FENCE: &str = "```";

fn run(program: &str) -> String {
    let (tree, found) = read(FileId(0), program);
    assert!(!found.has_errors(), "{found:?}");
    usual_form(program, &tree)
}

/// Title, program, and usual form of each case.
fn cases(text: &str) -> Vec<(String, String, String)> {
    let sections = text.split("\n## ").skip(1);
    sections
        .map(|section| {
            let title = section.lines().next().unwrap_or_default().to_owned();
            let blocks: Vec<&str> = section.split("\n```ecl\n").skip(1).collect();
            let body = |i: usize| {
                let block = blocks.get(i).copied().unwrap_or_default();
                block.split_once("```").map_or("", |(body, _)| body).to_owned()
            };
            (title, body(0), body(1))
        })
        .collect()
}

#[test]
fn programs_take_their_usual_form_and_keep_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format.md");
    let text = std::fs::read_to_string(&path).expect("format.md is there");
    let cases = cases(&text);
    assert!(cases.len() >= 15, "only {} cases", cases.len());
    let mut out = text.split("\n## ").next().unwrap_or_default().to_owned();
    let bless = std::env::var_os("UPDATE_EXPECT").is_some();
    for (title, program, expected) in &cases {
        let formatted = run(program);
        assert_eq!(run(&formatted), formatted, "not stable: {title}");
        let _ = write!(out, "\n## {title}\n");
        for block in [program, &formatted] {
            let _ = write!(out, "\n{FENCE}ecl\n{block}{FENCE}\n");
        }
        if !bless {
            assert_eq!(&formatted, expected, "{title}");
        }
    }
    if bless {
        std::fs::write(&path, out).expect("format.md is writable");
    }
}

/// In a text in its usual form, the indentation says where a lost bracket stood, well enough for
/// one message.
#[test]
fn one_bracket_less_is_one_mistake() {
    let text = include_str!("format.md");
    let mut lost = 0;
    for (title, _, program) in cases(text) {
        let (tokens, _) = eclexia_syntax::lex(FileId(0), &program);
        for token in tokens.iter().filter(|t| t.kind.is_open() || t.kind.is_close()) {
            let mut broken = program.clone();
            broken.replace_range(token.start as usize..token.end as usize, " ");
            let (_, found) = read(FileId(0), &broken);
            assert_eq!(found.len(), 1, "{title}: {found:?}\n{broken}");
            lost += 1;
        }
    }
    assert!(lost > 200, "only {lost} brackets");
}

#[test]
fn the_deepest_nesting_is_formatted_without_trouble() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    for n in [eclexia_syntax::MAX_DEPTH, eclexia_syntax::MAX_DEPTH + 1, 100_000] {
        let program = deep(n);
        let (tree, _) = read(FileId(0), &program);
        assert_eq!(usual_form(&program, &tree).trim_end(), program);
    }
}
