//! Programs that run, `run/*.ecl`: what one prints stands in `; => ` lines at its end, or in a file
//! `NAME.out` beside it. A run that ends in a diagnostic says `; error: [slug]` after that.

use crate::bless::{Failures, updates};
use crate::{readers, tools};

/// What a program is to print, and the code that it is to end with.
#[derive(PartialEq, Eq, Debug, Default)]
struct Expected {
    printed: String,
    code: Option<String>,
}

/// The program without its expectations, and them.
fn split(program: &str) -> (String, Expected) {
    let is_mark = |line: &&str| {
        line.starts_with("; => ") || *line == "; =>" || line.starts_with("; error: [")
    };
    let lines: Vec<&str> = program.lines().collect();
    let first = lines.len() - lines.iter().rev().take_while(|line| is_mark(line)).count();
    let mut expected = Expected::default();
    for line in &lines[first..] {
        match line.strip_prefix("; error: [") {
            Some(code) => expected.code = Some(code.trim_end_matches(']').to_string()),
            None => {
                let text = line.trim_start_matches("; =>");
                expected.printed.push_str(text.strip_prefix(' ').unwrap_or(text));
                expected.printed.push('\n');
            }
        }
    }
    (lines[..first].iter().map(|line| format!("{line}\n")).collect(), expected)
}

fn join(program: &str, expected: &Expected) -> String {
    let mut text = program.to_string();
    for line in expected.printed.lines() {
        let blank = if line.is_empty() { "" } else { " " };
        text.push_str(&format!("; =>{blank}{line}\n"));
    }
    if let Some(code) = &expected.code {
        text.push_str(&format!("; error: [{code}]\n"));
    }
    text
}

/// The code of the first diagnostic that the command told.
fn code_of(err: &str) -> Option<String> {
    let rest = err.split("error[").nth(1)?;
    Some(rest.split(']').next()?.to_string())
}

#[test]
fn programs_print_what_they_say() {
    let mut failures = Failures::default();
    for (path, text) in readers::texts("tests/run", ".ecl") {
        let (program, mut expected) = split(&text);
        let beside = path.replace(".ecl", ".out");
        let beside_text = std::fs::read_to_string(xtask::root().join(&beside)).ok();
        let ran = tools::run(&mut tools::command(&xtask::root(), &["run", &path]));
        if ran.err.contains("panicked") || ran.code.is_none() {
            failures.push(&path, 1, ran.told());
            continue;
        }
        let mut actual = Expected { printed: ran.out.clone(), code: code_of(&ran.err) };
        if let Some(printed) = beside_text {
            failures.expect_file(&beside, &printed, &actual.printed);
            (expected.printed, actual.printed) = (String::new(), String::new());
        }
        if actual != expected && !updates() {
            failures.push(&path, 1, format!("expected {expected:?}\n{}", ran.told()));
        } else {
            failures.expect_file(&path, &text, &join(&program, &actual));
        }
    }
    failures.finish();
}

#[test]
fn what_a_program_prints_stands_at_its_end() {
    let text = "(def x 1)\n; => not at the end\n(print x)\n; => 1\n; =>\n; error: [step-limit]\n";
    let (program, expected) = split(text);
    assert!(program.ends_with("(print x)\n"), "{program}");
    assert_eq!(expected.printed, "1\n\n");
    assert_eq!(expected.code.as_deref(), Some("step-limit"));
    assert_eq!(join(&program, &expected), text);
}
