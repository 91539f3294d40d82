//! Sessions at the prompt, `repl/*.md`: after each block of `ecl`, which is what is typed, a block
//! of `text`, which is what is answered, standard output and error as they come. Files that a page
//! needs are in `NAME.in/`; the session runs in a copy of it. Times are shown as `N ms`.

use crate::bless::Failures;
use crate::{readers, tools};
use std::fs::File;
use std::path::Path;
use std::process::Stdio;

/// What `:edit` opens: an editor that writes 30 for 3.
const EDITOR: &str = "sed -i s/3/30/";

/// What a session answers to its input.
fn answered(input: &str, folder: &Path) -> String {
    let typed = folder.join(".typed");
    std::fs::write(&typed, input).expect("the input can be written");
    let answer = folder.join(".answered");
    let out = File::create(&answer).expect("the output can be made");
    let err = out.try_clone().expect("a file can be opened twice");
    let status = tools::command(folder, &["repl", "--color", "never"])
        .env("EDITOR", EDITOR)
        .env_remove("VISUAL")
        .stdin(Stdio::from(File::open(&typed).expect("the input is there")))
        .stdout(Stdio::from(out))
        .stderr(Stdio::from(err))
        .status();
    assert!(status.is_ok_and(|status| status.code().is_some()), "the command is not ended");
    let text = std::fs::read_to_string(&answer).expect("the output is text");
    text.lines().map(|line| timeless(line) + "\n").collect()
}

/// A line without the milliseconds that it tells.
fn timeless(line: &str) -> String {
    let words = line.split(' ').collect::<Vec<_>>();
    let is_time = |i: usize| words.get(i + 1).is_some_and(|w| w.starts_with("ms"));
    let shown = words.iter().enumerate().map(|(i, w)| if is_time(i) { "N" } else { w });
    shown.collect::<Vec<_>>().join(" ")
}

/// The page with what is answered in each block of `text`.
fn replay(path: &str, page: &str) -> String {
    let (mut out, mut rest) = (String::new(), page);
    while let Some((before, after)) = rest.split_once("```ecl\n") {
        let (typed, after) = after.split_once("```\n").expect("a block has an end");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let given = xtask::root().join(path.replace(".md", ".in"));
        copy(&given, folder.path());
        let answer = answered(typed, folder.path());
        out.push_str(&format!("{before}```ecl\n{typed}```\n\n```text\n{answer}```\n"));
        rest = match after.split_once("```text\n").filter(|(gap, _)| gap.trim().is_empty()) {
            Some((_, old)) => old.split_once("```\n").map_or("", |(_, rest)| rest),
            None => after,
        };
    }
    out + rest
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&to).expect("a folder can be made");
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), &to).expect("a file can be copied");
        }
    }
}

#[test]
fn the_prompt_answers_what_its_pages_say() {
    let mut failures = Failures::default();
    let pages = readers::texts("tests/repl", ".md");
    assert!(!pages.is_empty());
    for (path, page) in pages {
        failures.expect_file(&path, &page, &replay(&path, &page));
    }
    failures.finish();
}

#[test]
fn machine_code_of_a_function_can_be_seen() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let text = "(defn twice [x] (* x 2))\n:clif twice\n:disasm twice\n:disasm (fn [x] x)\n";
    let answer = answered(text, folder.path());
    if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        assert!(answer.contains("smul_overflow") || answer.contains("imul"), "{answer}");
        assert!(answer.contains("block0"), "{answer}");
        assert!(answer.lines().any(|line| line.trim_start().starts_with("ret")), "{answer}");
    }
}
