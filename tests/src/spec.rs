//! The language's manual, `spec/*.md`, and the guides of `docs/language`: every `ecl` block is a
//! program that says what it expects, at the ends of its lines (`readers/expectations.rs`). Every
//! diagnostic of a block is expected.

use crate::bless::Failures;
use crate::program::{Compiled, Form, compile, on_large_stack};
use crate::readers;
use crate::readers::blocks::{Program, programs};
use crate::readers::expectations::{Expect, Expected, expectations};

#[test]
fn the_manual_is_right() {
    on_large_stack(|| {
        let mut failures = Failures::default();
        let guides = readers::texts("docs/language", ".md");
        for (path, page) in readers::texts("tests/spec", ".md").into_iter().chain(guides) {
            for program in programs(&page) {
                let first = program.last().expect("a program has a file").line;
                for (line, text) in problems(&program) {
                    failures.push(&path, first + line.saturating_sub(1), text);
                }
            }
        }
        failures.finish();
    });
}

/// What a program does not keep of what it says, by line of its last file.
fn problems(program: &Program) -> Vec<(usize, String)> {
    let mut problems = Vec::new();
    let mut expected = Vec::new();
    let last = program.len() - 1;
    for (n, block) in program.iter().enumerate() {
        match expectations(&block.text) {
            // Of the other files only what goes wrong is of interest, wherever it is.
            Ok(found) if n == last => expected.extend(found),
            Ok(found) => expected.extend(found.into_iter().map(|e| Expected { line: 0, ..e })),
            Err(why) => problems.push((1, why)),
        }
    }
    let mut compiled = compile(program, Form::Page);
    let mut found = compiled.found.clone();
    if !compiled.has_errors() {
        problems.extend(types_and_values(&mut compiled, &expected, &mut found));
    }
    for diagnostic in &found {
        let line = compiled.line_of(diagnostic);
        let is_meant = |e: &Expected| (e.line == line || e.line == 0) && fits(&e.what, diagnostic);
        match expected.iter().position(is_meant) {
            Some(at) => drop(expected.remove(at)),
            None => {
                let told = compiled.line(diagnostic);
                problems.push((line, format!("unexpected: {told}")));
            }
        }
    }
    for Expected { line, what } in expected {
        if let Expect::Error { slug, text } | Expect::Warning { slug, text } = what {
            problems.push((line, format!("[{slug}] \"{text}\" is not raised")));
        }
    }
    problems.sort();
    problems
}

fn fits(what: &Expect, found: &eclexia_diag::Diagnostic) -> bool {
    let said = || {
        let labels = found.primary.iter().chain(&found.labels).map(|label| label.text.as_str());
        let words = labels.chain(found.notes.iter().map(String::as_str));
        words.chain([found.message.as_str()]).chain(found.help.as_deref()).collect::<Vec<_>>()
    };
    match what {
        Expect::Error { slug, text } => {
            found.is_error() && slug == found.code && said().iter().any(|w| w.contains(text))
        }
        Expect::Warning { slug, text } => {
            !found.is_error() && slug == found.code && said().iter().any(|w| w.contains(text))
        }
        Expect::Type(_) | Expect::Value(_) | Expect::Cost(_) => false,
    }
}

/// Compares types and values, and adds what evaluation finds.
fn types_and_values(
    compiled: &mut Compiled,
    expected: &[Expected],
    found: &mut Vec<eclexia_diag::Diagnostic>,
) -> Vec<(usize, String)> {
    let mut problems = Vec::new();
    let definitions = compiled.definitions();
    for Expected { line, what } in expected {
        let Some(defined) = definitions.iter().rev().find(|d| d.line == *line) else {
            if matches!(what, Expect::Type(_) | Expect::Value(_) | Expect::Cost(_)) {
                problems.push((*line, "nothing ends on this line".to_string()));
            }
            continue;
        };
        let (is, should) = match what {
            Expect::Type(should) => (compiled.type_of(defined.def), should),
            Expect::Value(should) => match compiled.value_of(defined.def) {
                Ok(is) => (is, should),
                Err(diagnostic) => {
                    found.push(*diagnostic);
                    continue;
                }
            },
            Expect::Cost(should) => {
                let all = compiled.costs_of(defined.def);
                let is = all.iter().find(|line| *line == should);
                (is.cloned().unwrap_or_else(|| all.join("; ")), should)
            }
            Expect::Error { .. } | Expect::Warning { .. } => continue,
        };
        if is != *should {
            problems.push((*line, format!("{is} and not {should}")));
        }
    }
    // What is expected to go wrong when it is evaluated has no value to ask for.
    for defined in definitions.iter().filter(|d| d.is_expression) {
        let is_asked = |e: &Expected| e.line == defined.line && matches!(e.what, Expect::Value(_));
        if !expected.iter().any(is_asked)
            && let Err(diagnostic) = compiled.value_of(defined.def)
        {
            found.push(*diagnostic);
        }
    }
    problems
}
