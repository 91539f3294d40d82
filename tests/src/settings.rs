//! Configuration as data: files of `tests/settings/NAME/`, each an example of the file NAME.toml
//! whose comments `#! [slug] "part of the message"` say what is wrong on their line; and what is
//! said of settings elsewhere, held to the table.

use crate::bless::Failures;
use crate::readers;
use eclexia_diag::{Diagnostic, Sources};
use eclexia_settings::environment::VARIABLES;
use eclexia_settings::table::FILES;
use eclexia_settings::{Settings, page};
use std::collections::BTreeSet;

const PAGE: &str = "docs/configuration.md";
const BEGIN: &str = "<!-- settings -->\n";
const END: &str = "<!-- end of settings -->\n";

#[test]
fn what_is_wrong_with_a_file_is_told_where_its_comments_say() {
    let mut failures = Failures::default();
    let mut cases = 0;
    for (path, text) in readers::texts("tests/settings", ".toml") {
        let name = path.split('/').nth(2).unwrap_or_default();
        let file = FILES.iter().find(|file| file.name.strip_suffix(".toml") == Some(name));
        let Some(file) = file else {
            failures.push(&path, 1, format!("`{name}` is no configuration file"));
            continue;
        };
        let mut sources = Sources::new();
        let (_, found) = Settings::of_texts(&[(file.name, &text)], &mut sources);
        let found = found.sorted();
        compare(&path, &text, &found, &sources, &mut failures);
        cases += 1;
    }
    assert!(cases >= FILES.len(), "the cases are there");
    failures.finish();
}

/// A line, a slug, a part of the message.
type Told<'t> = (usize, &'t str, &'t str);

fn compare(
    path: &str,
    text: &str,
    found: &[Diagnostic],
    sources: &Sources,
    failures: &mut Failures,
) {
    let mut expected: Vec<Told> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        expected.extend(line.split("#! [").skip(1).filter_map(|mark| {
            let (slug, rest) = mark.split_once(']')?;
            Some((n + 1, slug, rest.trim().trim_matches('"')))
        }));
    }
    for diagnostic in found {
        let place = diagnostic.primary.as_ref().map(|primary| primary.span);
        let source = place.and_then(|span| sources.get(span.file));
        let line = source.zip(place).map_or(0, |(s, span)| s.line_column(span.start).0);
        let is_it = |told: &Told| {
            told.0 == line && told.1 == diagnostic.code && diagnostic.message.contains(told.2)
        };
        match expected.iter().position(is_it) {
            Some(at) => {
                expected.remove(at);
            }
            None => {
                let (code, message) = (diagnostic.code, &diagnostic.message);
                failures.push(path, line, format!("not expected: [{code}] \"{message}\""));
            }
        }
        if diagnostic.help.is_none() || diagnostic.message.chars().count() > 80 {
            failures.push(path, line, format!("no help, or long: {}", diagnostic.message));
        }
    }
    for (line, slug, text) in expected {
        failures.push(path, line, format!("not told: [{slug}] \"{text}\""));
    }
}

#[test]
fn the_page_of_the_configuration_is_the_table() {
    let mut failures = Failures::default();
    let found = readers::texts("docs", "configuration.md").into_iter().find(|(p, _)| p == PAGE);
    let (path, text) = found.expect("the page is there");
    let (head, rest) = text.split_once(BEGIN).expect("the page has its first mark");
    let (_, tail) = rest.split_once(END).expect("the page has its second mark");
    let made = format!("{head}{BEGIN}\n{}\n{END}{tail}", page::tables());
    failures.expect_file(&path, &text, &made);
    failures.finish();
}

/// Variables of our own that are not for users: what a service is given, and a test's plug.
const OTHERS: [&str; 5] = [
    "ECLEXIA_DEPLOYMENT",
    "ECLEXIA_SERVICE",
    "ECLEXIA_REPLICA",
    "ECLEXIA_INSTANCE",
    "ECLEXIA_DIE_AT",
];

#[test]
fn every_variable_that_is_read_is_in_the_table() {
    let known: BTreeSet<&str> = VARIABLES.iter().map(|v| v.name).chain(OTHERS).collect();
    let mut missing = BTreeSet::new();
    for folder in ["cli/src", "runtime", "lsp/server/src"] {
        for (path, text) in readers::texts(folder, ".rs") {
            let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
            let names = words.filter(|w| w.starts_with("ECLEXIA_") && w.len() > 8);
            missing.extend(names.filter(|n| !known.contains(n)).map(|n| format!("{path}: {n}")));
        }
    }
    assert!(missing.is_empty(), "not in the table of variables: {missing:#?}");
}
