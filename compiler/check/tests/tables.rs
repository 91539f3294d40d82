//! Tables of programs: `tests/cases/*.txt`. A case is a title (`## …`), a program, and what check
//! says of it, one line each: `=> name : scheme` for a definition asked for, and every diagnostic
//! as `=> severity[code] line:column message`, further labels as `   line:column text`, and
//! `   help: …`. `UPDATE_EXPECT=1` writes what is said now.

#![expect(clippy::disallowed_methods, reason = "tests read the pages and tables")]

mod support;

use eclexia_base::Span;
use eclexia_check::show_scheme;
use std::fmt::Write;
use std::path::Path;
use support::{Checked, check, on_big_stack};

/// The expectations of a case, as now.
fn observe(checked: &Checked, asked: &[String]) -> String {
    let mut out = String::new();
    for name in asked {
        let module = &checked.program.modules[checked.module];
        let of_name = |id: &&_| checked.program.defs[**id].name == name.as_str();
        let text = match module.defs.iter().find(of_name) {
            Some(id) => show_scheme(&checked.program, &checked.typed.scheme(*id)),
            None => "no such definition".to_owned(),
        };
        let _ = writeln!(out, "=> {name} : {text}");
    }
    for diagnostic in &checked.diagnostics {
        let severity = if diagnostic.is_error() { "error" } else { "warning" };
        let primary = diagnostic.primary.as_ref();
        let at = primary.map_or(String::new(), |label| place(checked, label.span));
        let _ = writeln!(out, "=> {severity}[{}] {at} {}", diagnostic.code, diagnostic.message);
        if let Some(label) = primary.filter(|label| !label.text.is_empty()) {
            let _ = writeln!(out, "   here: {}", label.text);
        }
        for label in &diagnostic.labels {
            let _ = writeln!(out, "   {} {}", place(checked, label.span), label.text);
        }
        for note in &diagnostic.notes {
            let _ = writeln!(out, "   note: {note}");
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "   help: {help}");
        }
    }
    out
}

fn place(checked: &Checked, span: Span) -> String {
    let source = checked.sources.get(span.file).expect("a known file");
    let (line, column) = source.line_column(span.start);
    let name = if source.name == "test" { String::new() } else { format!("{}:", source.name) };
    format!("{name}{line}:{column}")
}

/// Title, program, expectations.
fn cases(text: &str) -> Vec<(String, String, String)> {
    let mut cases = Vec::new();
    for part in text.split("## ").skip(1) {
        let (title, rest) = part.split_once('\n').unwrap_or((part, ""));
        let start = rest.find("\n=> ").map_or(rest.len(), |at| at + 1);
        let (program, expected) = rest.split_at(start);
        cases.push((
            title.to_owned(),
            program.trim_end().to_owned(),
            expected.trim_end().to_owned(),
        ));
    }
    cases
}

fn asked(expected: &str) -> Vec<String> {
    let asked = expected.lines().filter_map(|line| line.strip_prefix("=> "));
    asked
        .filter_map(|line| line.split_once(" :"))
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.contains('[') && !name.contains(' '))
        .collect()
}

fn run(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    let text = std::fs::read_to_string(&path).expect("the cases are there");
    let (mut failures, mut blessed) = (String::new(), String::new());
    for (title, program, expected) in cases(&text) {
        let names = asked(&expected);
        let source = program.clone();
        let found = on_big_stack(move || observe(&check(&source), &names));
        let found = found.trim_end();
        let _ = write!(blessed, "## {title}\n{program}\n\n{found}\n\n");
        if found != expected {
            let _ = writeln!(failures, "## {title}\nexpected:\n{expected}\nfound:\n{found}\n");
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, blessed.trim_end().to_owned() + "\n").expect("the cases are written");
    } else {
        assert!(failures.is_empty(), "{name}:\n{failures}");
    }
}

#[test]
fn types_are_inferred() {
    run("inference.txt");
}

#[test]
fn mistakes_are_explained() {
    run("mistakes.txt");
}

#[test]
fn records_take_keywords_defaults_and_conversions() {
    run("records.txt");
}

#[test]
fn units_unify() {
    run("units.txt");
}

#[test]
fn interfaces_are_resolved() {
    run("interfaces.txt");
}

#[test]
fn patterns_are_covered() {
    run("patterns.txt");
}
