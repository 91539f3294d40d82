//! Several inputs into one program, as the REPL gives them: later ones see and shadow earlier ones.

mod common;

use common::Files;
use eclexia_core::core::{DefKind, Entity, Program};
use eclexia_core::doc::{DocKind, documentation};
use eclexia_core::{expand_to_string, resolve, resolve_page};

#[test]
fn later_inputs_see_and_shadow_earlier_ones() {
    let mut files = Files::default();
    let mut program = Program::default();
    let first = files.tree("<repl>", "(def x 1)\n(defmacro (twice e) (Pair e e))\n(+ x 1)");
    let (one, found) = resolve_page(&mut program, &first, "repl", &mut files);
    assert!(found.is_empty(), "{found:?}");
    let groups = program.groups.clone();
    let second = files.tree("<repl>", "(def x \"text\")\n(twice x)\n(list/map x)");
    let (two, found) = resolve(&mut program, &second, "repl", Some(one), &mut files);
    let codes: Vec<_> = found.iter().map(|d| d.code).collect();
    assert!(codes.iter().all(|c| *c == "unknown-module" || *c == "unknown-name"), "{codes:?}");
    assert_eq!(&program.groups[..groups.len()], &groups[..], "groups only grow");
    let repl = program.modules[two].defs.iter().filter(|d| program.defs[**d].kind == DefKind::Repl);
    assert_eq!(repl.count(), 2);
    assert_ne!(program.lookup(one, "x"), program.lookup(two, "x"));
    assert!(matches!(program.lookup(two, "twice"), Some(Entity::Macro(_))));
    assert!(matches!(program.lookup(two, "Some"), Some(Entity::Ctor(_))));
    let names = program.names_in_scope(two);
    assert!(names.iter().any(|(n, _)| *n == "x") && names.is_sorted_by_key(|(n, _)| *n));
}

#[test]
fn a_file_may_not_hold_expressions_but_a_page_may() {
    assert_eq!(common::run("(+ 1 2)", &[]).found[0].code, "expression-at-top-level");
    assert!(common::run_page("(+ 1 2)").found.is_empty());
}

#[test]
fn macros_can_be_expanded_to_text() {
    let mut run = common::run("(defmacro (unless c body ...) (if c unit (do body ...)))", &[]);
    let tree = run.files.tree("<expand>", "(f (unless x (str 1 2)))");
    let (texts, found) = expand_to_string(&mut run.program, run.module, &tree);
    assert!(found.is_empty());
    let str_text = "(string-append (show 1) (string-append (show 2) \"\"))";
    let plain = "(string-append (show 1) (show 2))";
    let expected = |inner| vec![format!("(f (if x unit (do {inner})))")];
    assert!(texts == expected(str_text) || texts == expected(plain), "{texts:?}");
}

#[test]
fn documentation_lists_what_is_exported_in_source_order() {
    let text = "(module main :exports [Shape area twice])
        (deftype Shape \"A shape.\" (Circle Float))
        (defmacro (twice e) \"Two.\" (Pair e e))
        (sig area (Fn [Shape] Float))
        (defn area \"Its area.\" [s] (hidden s))
        (defn hidden [s] 1.0)";
    let run = common::run(text, &[]);
    assert!(run.found.is_empty(), "{:?}", run.found);
    let items = documentation(&run.program, run.module);
    let shown: Vec<_> = items
        .iter()
        .map(|i| (i.name.as_str(), i.kind, i.doc.as_deref(), i.shape.join("|")))
        .collect();
    assert_eq!(
        shown,
        [
            ("Shape", DocKind::Type, Some("A shape."), "(Circle Float)".to_owned()),
            ("twice", DocKind::Macro, Some("Two."), "(twice e)".to_owned()),
            ("area", DocKind::Function, Some("Its area."), "(Fn [Shape] Float)".to_owned()),
        ]
    );
}
