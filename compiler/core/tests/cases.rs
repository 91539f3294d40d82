//! `cases/*.md`: programs with the problems and the core they give. A case is a heading and blocks:
//! `ecl` the entry, `ecl NAME` another module, `problems` and `core` what comes out.
//! `UPDATE_EXPECT=1` writes what comes out into the file.

#![expect(clippy::disallowed_methods, reason = "reads its cases, and writes them when asked to")]

mod common;

use common::Resolved;
use eclexia_base::Span;
use std::fmt::Write;
use std::path::{Path, PathBuf};

struct Case {
    title: String,
    entry: String,
    modules: Vec<(String, String)>,
}

fn place(run: &Resolved, span: Span) -> String {
    let Some(source) = run.files.sources.get(span.file) else { return "?".to_owned() };
    let (line, column) = source.line_column(span.start);
    if source.name == "main" {
        format!("{line}:{column}")
    } else {
        format!("{}:{line}:{column}", source.name)
    }
}

fn problems(run: &Resolved) -> String {
    let mut out = String::new();
    for d in &run.found {
        let at = d.primary.as_ref().map_or(String::new(), |p| place(run, p.span));
        let _ = writeln!(out, "{at} {}: {}", d.code, d.message);
        if let Some(primary) = d.primary.as_ref().filter(|p| !p.text.is_empty()) {
            let _ = writeln!(out, "  here: {}", primary.text);
        }
        for label in &d.labels {
            let _ = writeln!(out, "  {}: {}", place(run, label.span), label.text);
        }
        for note in &d.notes {
            let _ = writeln!(out, "  note: {note}");
        }
        if let Some(help) = &d.help {
            let _ = writeln!(out, "  help: {help}");
        }
        assert!(d.message.chars().count() <= 80, "a long message: {}", d.message);
    }
    out
}

/// The file with the outputs of each case as they are now.
fn refreshed(text: &str) -> String {
    let mut out = String::new();
    let mut case = Case { title: String::new(), entry: String::new(), modules: Vec::new() };
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            case = Case { title: title.to_owned(), entry: String::new(), modules: Vec::new() };
        }
        let Some(info) = line.strip_prefix("```") else {
            let _ = writeln!(out, "{line}");
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
        let written = body.join("\n");
        let shown = match info.split_once(' ') {
            None if info == "ecl" => {
                case.entry.clone_from(&written);
                written
            }
            Some(("ecl", name)) => {
                case.modules.push((name.to_owned(), written.clone()));
                written
            }
            _ => {
                let run = common::run(&case.entry, &case.modules);
                let sound = eclexia_core::verify::verify(&run.program);
                assert!(sound.is_empty(), "{}: {sound:?}", case.title);
                match info {
                    "core" => eclexia_core::print::module(&run.program, run.module),
                    _ => problems(&run),
                }
            }
        };
        let _ = writeln!(out, "```{info}\n{}\n```", shown.trim_end());
    }
    out
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let found = std::fs::read_dir(folder).expect("the folder of cases");
    let mut files: Vec<PathBuf> = found.map(|e| e.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn cases_give_what_they_say() {
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a case");
        let now = refreshed(&text);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &now).expect("the case is written");
        } else if now != text {
            let lines = text.lines().zip(now.lines()).find(|(a, b)| a != b);
            panic!("{} differs: {lines:?}; UPDATE_EXPECT=1 accepts it", path.display());
        }
    }
}
