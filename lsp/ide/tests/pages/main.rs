//! What editors are answered, as pages: programs with a mark `<|>` where the cursor is, and below
//! each the answers, `lsp/ide/tests/*.md`. `UPDATE_EXPECT=1 cargo test -p eclexia-ide` writes what
//! is; read the difference.

#![expect(clippy::disallowed_methods, reason = "pages are files, and may be written again")]

mod answers;
mod page;
mod properties;
mod total;

use page::check;

#[test]
fn hover_tells_what_is_known_of_a_name() {
    check("hover.md");
}

#[test]
fn definitions_types_and_implementations_are_found() {
    check("goto.md");
}

#[test]
fn references_are_found_in_all_files() {
    check("references.md");
}

#[test]
fn renaming_keeps_the_program_or_says_why_not() {
    check("rename.md");
}

#[test]
fn symbols_tokens_and_ranges_follow_the_program() {
    check("structure.md");
}

#[test]
fn what_can_be_written_is_offered() {
    check("complete.md");
}

#[test]
fn calls_say_what_they_take() {
    check("signatures.md");
}

#[test]
fn what_is_written_for_nothing_is_told_and_mended() {
    check("lints.md");
}

#[test]
fn actions_mend_programs_or_keep_what_they_mean() {
    check("actions.md");
}
