//! What holds of every program: the examples of the repository, and the library where it is read.

use crate::page::analyse;
use eclexia_base::{FileId, Name};
use eclexia_core::words::{Word, classify};
use eclexia_db::Analysis;
use eclexia_ide::roles::{Role, walk};
use eclexia_ide::{Edit, Meaning, Use, occurrences};
use eclexia_syntax::NodeKind;
use std::path::PathBuf;
use std::sync::Arc;

/// The examples by name and text.
pub fn examples() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let entries = std::fs::read_dir(folder).expect("the examples are there");
    let mut found: Vec<(String, String)> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "ecl"))
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(entry.path()).expect("an example can be read"))
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "there are examples");
    found
}

fn analysed(name: &str, text: &str) -> (Arc<Analysis>, FileId) {
    let module = name.trim_end_matches(".ecl").to_owned();
    let analysis = analyse(&[(module, name.to_owned(), text.to_owned())]);
    let file = analysis.file(name).expect("the file was read");
    (analysis, file)
}

/// The names of a file that mean nothing, with their lines.
fn unknown(analysis: &Analysis, file: FileId) -> Vec<String> {
    let tree = &analysis.trees[&file];
    let known = occurrences(analysis, file);
    let mut missing = Vec::new();
    walk(tree, &tree.roots, &mut |node, role, _| {
        let NodeKind::Symbol(name) = tree.kind(node) else { return };
        let is_name =
            matches!(classify(name.as_str()), Word::Plain | Word::Qualified | Word::Field);
        let is_macro = matches!(role, Role::MacroPattern | Role::Template | Role::Unit);
        let end = tree.span(node).end;
        let at = known.partition_point(|o| o.span.end < end);
        let is_known = known.get(at).is_some_and(|o| o.span.end == end);
        if is_name && !is_macro && !is_known {
            let source = analysis.sources.get(file);
            let line = source.map_or(0, |source| source.line_column(tree.span(node).start).0);
            missing.push(format!("{}:{line} {name} {role:?}", analysis.sources.name(file)));
        }
    });
    missing
}

#[test]
fn every_name_of_the_examples_means_something() {
    for (name, text) in examples() {
        let (analysis, file) = analysed(&name, &text);
        assert_eq!(unknown(&analysis, file), [""; 0]);
    }
}

#[test]
fn a_name_leads_to_its_definition() {
    for (name, text) in examples() {
        let (analysis, file) = analysed(&name, &text);
        for o in occurrences(&analysis, file).into_iter().step_by(7) {
            let found = eclexia_ide::definition(&analysis, file, o.span.start);
            for target in found.iter().filter(|_| !matches!(o.meaning, Meaning::Module(_))) {
                let there = occurrences(&analysis, target.file);
                let there = eclexia_ide::names::at(&there, target.end);
                let there = there.map(|there| (there.meaning, there.is));
                assert_eq!(there, Some((o.meaning, Use::Definition)), "{name} {o:?}");
            }
        }
    }
}

#[test]
fn a_program_with_another_name_is_the_same() {
    let mut renamed = 0;
    for (name, text) in examples() {
        let (analysis, file) = analysed(&name, &text);
        let all = occurrences(&analysis, file);
        for o in all.iter().filter(|o| o.is == Use::Definition).step_by(5) {
            let old = &text[o.span.range()];
            let new = format!("{old}zz");
            let Ok(edits) = eclexia_ide::rename(&analysis, file, o.span.start, &new) else {
                continue;
            };
            renamed += 1;
            let next = eclexia_ide::apply(&text, file, &edits);
            let (after, _) = analysed(&name, &next);
            let messages = |analysis: &Analysis| -> Vec<String> {
                analysis.found.iter().map(|found| found.code.to_owned()).collect()
            };
            assert_eq!(messages(&analysis), messages(&after), "{name}: {old} to {new}");
            assert_eq!(back(&edits, old, &next, file), text, "{name}: {new} to {old}");
        }
    }
    assert!(renamed > 20, "{renamed} names were changed");
}

/// The text with every edit taken back.
fn back(edits: &[Edit], old: &str, next: &str, file: FileId) -> String {
    let mut grown = 0;
    let back: Vec<Edit> = edits
        .iter()
        .map(|edit| {
            let mut span = edit.span;
            span.start += grown;
            span.end = span.start + edit.text.len() as u32;
            grown += (edit.text.len() - old.len()) as u32;
            Edit::new(span, old)
        })
        .collect();
    eclexia_ide::apply(next, file, &back)
}

#[test]
fn what_stands_there_is_offered() {
    let mut missing: Vec<String> = Vec::new();
    for (name, text) in examples() {
        let (analysis, file) = analysed(&name, &text);
        for o in occurrences(&analysis, file).into_iter().step_by(3) {
            let is_new = o.is == Use::Definition;
            let is_offered = match o.meaning {
                Meaning::Module(_) | Meaning::TypeVariable(_) | Meaning::Option(_) => false,
                Meaning::Form(_) => o.span.range().len() > 3,
                _ => !is_new,
            };
            if !is_offered {
                continue;
            }
            let found = eclexia_ide::complete(&analysis, file, o.span.end);
            let found = found.unwrap_or_else(|| panic!("{name}: nothing at {:?}", o.span));
            let written = &text[found.span.start as usize..o.span.end as usize];
            if !found.items.iter().any(|item| item.label == written) {
                missing.push(format!("{name}:{} {written} {:?}", o.span.start, o.meaning));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}

/// As one types: nothing follows, and no bracket is closed.
#[test]
fn what_is_being_typed_is_offered() {
    let mut missing: Vec<String> = Vec::new();
    for (name, text) in examples() {
        let (analysis, file) = analysed(&name, &text);
        for o in occurrences(&analysis, file).into_iter().step_by(23) {
            let is_offered = match o.meaning {
                Meaning::Local(..) => o.is == Use::Reference,
                Meaning::Entity(_) => !analysis.modules.contains_key(&place(&analysis, &o)),
                Meaning::Field(..) => o.is == Use::Reference,
                _ => false,
            };
            if !is_offered {
                continue;
            }
            let (cut, file) = analysed(&name, &text[..o.span.end as usize]);
            let found = eclexia_ide::complete(&cut, file, o.span.end);
            let found = found.unwrap_or_else(|| panic!("{name}: nothing at {:?}", o.span));
            let written = &text[found.span.start as usize..o.span.end as usize];
            if !found.items.iter().any(|item| item.label == written) {
                missing.push(format!("{name}:{} {written} {:?}", o.span.start, o.meaning));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}

/// The file that defines what an occurrence means.
fn place(analysis: &Analysis, o: &eclexia_ide::Occurrence) -> FileId {
    let place = eclexia_ide::describe::place_of(analysis, o.meaning);
    place.map_or(FileId(u32::MAX), |place| place.file)
}

/// Each action that is no fix, at some expressions of every example.
#[test]
fn a_program_after_an_action_is_sound() {
    let mut wrong: Vec<String> = Vec::new();
    let mut tried = 0;
    for (name, text) in examples() {
        let (analysis, file) = analysed(&name, &text);
        let tree = &analysis.trees[&file];
        let mut spans = Vec::new();
        walk(tree, &tree.roots, &mut |node, role, _| {
            if role == Role::Value || role == Role::Name {
                spans.push(tree.span(node));
            }
        });
        for span in spans.into_iter().step_by(31) {
            for action in eclexia_ide::actions(&analysis, span, &Default::default()) {
                tried += 1;
                let next = eclexia_ide::apply(&text, file, &action.edits);
                let (after, _) = analysed(&name, &next);
                if let Some(found) = after.found.iter().find(|found| found.is_error()) {
                    let (title, message) = (&action.title, &found.message);
                    wrong.push(format!("{name}:{} {title}: {message}", span.start));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(tried > 20, "{tried} actions");
}

#[test]
fn most_names_of_the_library_mean_something() {
    let uses = ["list", "map", "vector", "deploy", "json", "regex", "time"];
    let text: String = uses.iter().map(|name| format!("(import std.{name})\n")).collect();
    let (analysis, _) = analysed("main.ecl", &text);
    for name in uses {
        let file = analysis.program.by_name.get(&Name::new(&format!("std.{name}")));
        let file = analysis.program.modules[*file.expect("the module was read")].span.file;
        assert_eq!(unknown(&analysis, file), [""; 0]);
    }
}
