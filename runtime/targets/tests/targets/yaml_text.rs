//! The emitter against a reader that is not ours: what is written reads back as it was.

use eclexia_targets::yaml::{Map, Yaml, write};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

fn as_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => json!(value),
        Yaml::Int(value) => json!(value),
        Yaml::Str(text) => json!(text),
        Yaml::List(items) => items.iter().map(as_json).collect(),
        Yaml::Map(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.to_owned(), as_json(value))).collect())
        }
    }
}

fn reads_back(yaml: &Yaml) {
    let text = write(yaml);
    match serde_saphyr::from_str::<Value>(&text) {
        Ok(read) => assert_eq!(read, as_json(yaml), "\n{text}"),
        Err(error) => panic!("{error}\n{text}\n{yaml:?}"),
    }
}

/// What readers of some version take for something other than the string it is.
const AWKWARD: [&str; 48] = [
    "",
    " ",
    "yes",
    "No",
    "on",
    "OFF",
    "true",
    "null",
    "Null",
    "~",
    "012",
    "0o14",
    "0x1F",
    "1e3",
    "1_000",
    ".5",
    "-.inf",
    ".nan",
    "NaN",
    "1:30",
    "2026-11-21",
    "=",
    "<<",
    "-",
    "- a",
    "a: b",
    "a:",
    ":a",
    "a #b",
    "#a",
    "&a",
    "*a",
    "!a",
    "%a",
    "@a",
    "`a",
    "|",
    ">",
    "?",
    "[a]",
    "{a}",
    "'a'",
    "\"a\"",
    " lead",
    "trail ",
    "tab\tin",
    "---",
    "...",
];

const AWKWARD_LINES: [&str; 16] = [
    "a\nb",
    "a\nb\n",
    "a\n\nb\n",
    "a\nb\n\n",
    "\n",
    "\na",
    " a\nb",
    "a\n b\n",
    "a \nb",
    "a\n \nb",
    "a\r\nb",
    "a\u{85}b\nc",
    "a\u{2028}b",
    "\u{feff}a",
    "h\u{e9}llo \u{1F600}\nb",
    "a\\n\u{7}",
];

#[test]
fn awkward_strings_read_back_wherever_they_stand() {
    for text in AWKWARD.into_iter().chain(AWKWARD_LINES) {
        reads_back(&text.into());
        reads_back(&Map::new().with("key", text).with(text, "value").with("end", 1u32).into());
        let list = vec![text.into(), vec![Yaml::from(text)].into(), text.into()];
        reads_back(&Map::new().with("list", Yaml::List(list)).with("end", text).into());
    }
}

#[test]
fn ambiguous_words_are_quoted_and_plain_ones_are_not() {
    for word in ["yes", "n", "off", "null", "012", "1e3", "1:30", "", " a", "512Mi"] {
        assert_eq!(write(&word.into()), format!("\"{word}\"\n"));
    }
    for word in ["postgres:16", "apps/v1", "api", "app.kubernetes.io/name", "two words"] {
        assert_eq!(write(&word.into()), format!("{word}\n"));
    }
    assert_eq!(write(&"say \"hi\"".into()), "'say \"hi\"'\n");
}

#[test]
fn a_document_looks_as_people_write_it() {
    let inner = Map::new().with("b", vec!["x".to_owned()]).with("c", Map::new());
    let map = Map::new()
        .with("a", inner.clone())
        .with("l", vec![inner])
        .with("text", "one\ntwo\n")
        .with("none", Yaml::Null);
    let expected = "a:\n  b:\n    - x\n  c: {}\nl:\n  - b:\n      - x\n    c: {}\n\
                    text: |\n  one\n  two\nnone: null\n";
    assert_eq!(write(&map.into()), expected);
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(AWKWARD.to_vec()).prop_map(str::to_owned),
        2 => prop::sample::select(AWKWARD_LINES.to_vec()).prop_map(str::to_owned),
        2 => "[ -~\n]{0,12}",
        1 => any::<String>(),
        1 => "[a-z]{1,3}",
        1 => "x{1100}",
    ];
    prop::collection::vec(piece, 1..3).prop_map(|pieces| pieces.concat())
}

fn any_yaml() -> impl Strategy<Value = Yaml> {
    let leaf = prop_oneof![
        Just(Yaml::Null),
        any::<bool>().prop_map(Yaml::Bool),
        any::<i64>().prop_map(Yaml::Int),
        any_text().prop_map(Yaml::Str),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Yaml::List),
            prop::collection::vec((any_text(), inner), 0..4).prop_map(|entries| {
                let mut map = Map::new();
                for (key, value) in entries {
                    map.set(&key, value);
                }
                Yaml::Map(map)
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..Default::default()
    })]

    #[test]
    fn any_tree_reads_back(yaml in any_yaml()) {
        reads_back(&yaml);
    }
}
