//! The pages of diagnostics: each example raises exactly the page's code, each fix is clean, and
//! the message keeps to its form.

use crate::bless::Failures;
use crate::program::{Form, compile, on_large_stack};
use crate::readers;
use crate::readers::blocks::{Program, programs};
use eclexia_diag::Diagnostic;

const LONGEST_MESSAGE: usize = 80;

/// What `eclexia check` tells of programs that are right.
const LINTS: [&str; 8] = [
    "constant-condition",
    "dominated-variant",
    "never-binding-budget",
    "redundant-do",
    "shadowed-name",
    "unreachable-code",
    "unused-binding",
    "unused-import",
];

#[test]
fn examples_raise_their_code_and_fixes_are_clean() {
    on_large_stack(|| {
        let mut failures = Failures::default();
        for (path, page) in readers::texts("docs/diagnostics", ".md") {
            let slug = path.trim_start_matches("docs/diagnostics/").trim_end_matches(".md");
            for program in programs(&page) {
                let block = program.last().expect("a program has a file");
                let problem = match block.section.as_str() {
                    "Example" => not_an_example(slug, &program),
                    "How to fix" => not_clean(slug, &program),
                    other => Some(format!("an `ecl` block under `{other}`")),
                };
                if let Some(text) = problem {
                    failures.push(&path, block.line, text);
                }
            }
        }
        failures.finish();
    });
}

fn not_an_example(slug: &str, program: &Program) -> Option<String> {
    let mut compiled = compile(program, Form::File);
    if LINTS.contains(&slug) && !compiled.has_errors() {
        compiled.lint();
        let (own, others): (Vec<_>, Vec<_>) = compiled.found.iter().partition(|d| d.code == slug);
        if own.is_empty() || !others.is_empty() {
            return Some(format!("does not raise exactly `{slug}`:\n{}", compiled.lines()));
        }
        return own.into_iter().find_map(ill_formed);
    }
    if !compiled.has_errors() && !compiled.found.iter().any(|d| d.code == slug) {
        compiled.go_on();
    }
    let raised: Vec<&Diagnostic> = compiled.found.iter().filter(|d| d.code == slug).collect();
    let other = compiled.found.iter().find(|d| d.is_error() && d.code != slug);
    if raised.is_empty() || other.is_some() {
        return Some(format!("does not raise exactly `{slug}`:\n{}", compiled.lines()));
    }
    raised.into_iter().find_map(ill_formed)
}

/// What is wrong with the form of a message, if anything.
fn ill_formed(diagnostic: &Diagnostic) -> Option<String> {
    let message = &diagnostic.message;
    let length = message.chars().count();
    if length > LONGEST_MESSAGE || message.contains('\n') {
        return Some(format!(
            "a message is one line of {LONGEST_MESSAGE}, not {length}: {message}"
        ));
    }
    let says_more = diagnostic.help.is_some() || !diagnostic.notes.is_empty();
    // What `abort` says is the program's own; its page has the help.
    let is_ours = diagnostic.code != "aborted";
    if is_ours && diagnostic.is_error() && !says_more && diagnostic.fixes.is_empty() {
        return Some(format!("neither help, note nor fix: {message}"));
    }
    None
}

fn not_clean(slug: &str, program: &Program) -> Option<String> {
    let mut compiled = compile(program, Form::File);
    if compiled.found.is_empty() {
        compiled.go_on();
        if LINTS.contains(&slug) {
            compiled.lint();
        }
    }
    (!compiled.found.is_empty()).then(|| format!("the fix is not clean:\n{}", compiled.lines()))
}
