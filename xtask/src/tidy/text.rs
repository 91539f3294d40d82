//! The form of files: a header that says what the file is, calm sizes, no leftovers.
//!
//! Sizes are those that calm Rust codebases measure; trouble is always in the tail, so the tail
//! needs a reason (`long-files` in `xtask/tidy.toml`) and an end (1,000 lines).

use super::{Exceptions, Finding, SourceFile, Tree};

const LONGEST_LINE: usize = 100;
const LONG_FILE: usize = 800;

/// What is put off or apologised for instead of being done or decided. In two halves, so that this
/// list does not find itself.
const BANNED: &[(&str, &str)] = &[
    ("TO", "DO"),
    ("FIX", "ME"),
    ("XX", "X"),
    ("HA", "CK"),
    ("for n", "ow"),
    ("in a real imple", "mentation"),
    ("quick and d", "irty"),
    ("not yet imple", "mented"),
    ("should never hap", "pen"),
    ("sor", "ry"),
    ("work in prog", "ress"),
    ("stub", "bed"),
];

const BANNED_CODE: &[(&str, &str)] =
    &[("todo", "!("), ("dbg", "!("), ("unimplemented", "!("), ("default_", "solver")];

pub fn check(tree: &Tree, exceptions: &Exceptions, findings: &mut Vec<Finding>) {
    for file in &tree.files {
        lines(file, findings);
        if file.path.ends_with(".rs") {
            header(file, findings);
        }
        length(file, exceptions, findings);
    }
    for path in exceptions.long_files.keys() {
        let lines = tree.files.iter().find(|f| f.path == *path).map(|f| f.text.lines().count());
        if lines.is_none_or(|n| n <= LONG_FILE) {
            let text = format!("`{path}` needs no exception any more: take it out");
            findings.push(Finding::new("xtask/tidy.toml", 0, "long-files", text));
        }
    }
}

fn header(file: &SourceFile, findings: &mut Vec<Finding>) {
    if !file.text.starts_with("//!") {
        let text = "a file opens with `//!`: what comes in, what goes out, what always holds";
        findings.push(Finding::new(&file.path, 1, "header", text));
    }
}

fn length(file: &SourceFile, exceptions: &Exceptions, findings: &mut Vec<Finding>) {
    let lines = file.text.lines().count();
    // Programs that the tests read are as long as what they test; Rust files are read by people.
    if lines > LONG_FILE
        && file.path.ends_with(".rs")
        && !exceptions.long_files.contains_key(&file.path)
    {
        let text = format!("{lines} lines: split it, or give the reason in xtask/tidy.toml");
        findings.push(Finding::new(&file.path, 0, "long-files", text));
    }
}

fn lines(file: &SourceFile, findings: &mut Vec<Finding>) {
    let is_rust = file.path.ends_with(".rs");
    // What a crash was found with, and what `fmt` is tested with, is kept as it was.
    if file.is_in(&["tests/corpus/", "tests/fmt/", "fuzz/"]) {
        return;
    }
    for (n, line) in file.text.lines().enumerate().map(|(n, line)| (n + 1, line)) {
        let width = line.chars().count();
        if width > LONGEST_LINE && !line.contains("https://") {
            let text = format!("{width} columns; {LONGEST_LINE} is the limit");
            findings.push(Finding::new(&file.path, n, "line-length", text));
        }
        for (one, two) in BANNED {
            if has_word(line, &format!("{one}{two}")) {
                let text = format!("`{one}{two}`: do it, or say what is absent and why");
                findings.push(Finding::new(&file.path, n, "banned-phrase", text));
            }
        }
        if is_rust {
            rust_line(file, n, line, findings);
        }
    }
}

fn rust_line(file: &SourceFile, n: usize, line: &str, findings: &mut Vec<Finding>) {
    for (one, two) in BANNED_CODE {
        let word = format!("{one}{two}");
        if line.contains(&word) && !line.trim_start().starts_with("//") {
            findings.push(Finding::new(&file.path, n, "banned-code", format!("`{word}`")));
        }
    }
    let comment = line.trim_start().strip_prefix("//").unwrap_or("").trim_start();
    let is_code =
        ["println!", "eprintln!", "dbg!", "print!"].iter().any(|call| comment.starts_with(call));
    if is_code || comment.starts_with("let ") && comment.ends_with(';') {
        let text = "commented-out code: git keeps it";
        findings.push(Finding::new(&file.path, n, "commented-out", text));
    }
}

/// Whether `phrase` occurs and is not part of a longer word.
fn has_word(line: &str, phrase: &str) -> bool {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(phrase).any(|(at, _)| {
        let after = line[at + phrase.len()..].chars().next();
        !part_of_word(line[..at].chars().next_back()) && !part_of_word(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        let files = vec![SourceFile { path: path.into(), text: text.into() }];
        let mut findings = Vec::new();
        check(&Tree { files }, &Exceptions::default(), &mut findings);
        findings.iter().map(|f| f.rule).collect()
    }

    #[test]
    fn a_calm_file_has_no_findings() {
        assert_eq!(rules("a/src/b.rs", "//! What this is.\n\nfn f() {}\n"), [""; 0]);
    }

    #[test]
    fn leftovers_are_found() {
        assert_eq!(rules("b.rs", "fn f() {}\n"), ["header"]);
        let put_off = format!("//! x\n// {}{}: later\n", "TO", "DO");
        assert_eq!(rules("b.rs", &put_off), ["banned-phrase"]);
        let debug = format!("//! x\n// {}{}\"x\");\n", "eprintln", "!(");
        assert_eq!(rules("b.rs", &debug), ["commented-out"]);
        assert_eq!(rules("b.ecl", &"x".repeat(101)), ["line-length"]);
        assert_eq!(rules("b.rs", &format!("//! x\n{}", "\n".repeat(800))), ["long-files"]);
    }

    #[test]
    fn a_phrase_inside_a_word_is_another_word() {
        assert!(!has_word("mastodon", "todo"));
        assert!(has_word("a todo: b", "todo"));
    }
}
