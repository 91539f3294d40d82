//! What holds for any text: reading never panics, spans nest and are in bounds, the formatter is
//! its own fixed point and keeps the tree and every comment, a printed tree reads as itself.

use eclexia_base::FileId;
use eclexia_syntax::{
    CommentKind, NodeId, NodeKind, Tree, decode, format, lex, needs_more, print, read,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const FILE: FileId = FileId(0);

/// Runs a property on a fixed sequence of inputs, so that a test never fails by chance.
fn check<S: Strategy>(cases: u32, strategy: S, property: impl Fn(S::Value)) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&strategy, |input| {
        property(input);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Pieces of programs, in no sensible order.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "(defn f [x] ",
        "(let [a 1] ",
        "{:a 1 :b  2}",
        "&",
        "'",
        "`",
        "~",
        "~@",
        "#_",
        "#|",
        "|#",
        "\"",
        "\"\"\"",
        "\\",
        "\\u{41}",
        "; note\n",
        "\n",
        "\n  ",
        "\n    ",
        "\n\n\n",
        "\t",
        " ",
        " ",
        ",",
        "x",
        "foo/bar",
        ":key ",
        "42",
        "-7",
        "5%",
        "512MiB",
        "5/",
        "1e999",
        "99999999999999999999",
        "0x",
        "…",
        "é",
        "\u{a0}",
        "|",
        "@",
        "\r\n",
        "(if a\n b)",
        "#| c |#",
        "\"s\"",
        "\n(",
        ":replicas    (between 2 6)\n",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Programs without a mistake, with comments and any white space.
fn program() -> impl Strategy<Value = String> {
    let space = prop::sample::select(vec![
        " ",
        " ",
        " ",
        "\n",
        "\n  ",
        "\n\n\n",
        "  ",
        ", ",
        " ; note\n",
        "\n; own line\n ",
        " #| block |# ",
        "\n#| two\n lines |# ",
        " #_dropped ",
        " #_ #_ (a [b]) c\n",
    ]);
    let atom = prop::sample::select(vec![
        "x",
        "defn",
        "if",
        "let",
        "do",
        "match",
        "foo/bar",
        "...",
        "-",
        "&",
        ":key",
        ":a-rather-long-keyword",
        "42",
        "-7",
        "0xff",
        "1_000",
        "5%",
        "3.14",
        "1e-9",
        "512MiB",
        "1_0kWh",
        "\"s\"",
        "\"a\\n\\\"b\\u{1F600}\"",
        "\"\"\"raw \"x\"\n y\"\"\"",
        "\"a string of some length, so that lines grow too long\"",
        "é",
        "a-name-of-some-length",
    ]);
    let atom = atom.prop_map(str::to_owned);
    let datum = atom.prop_recursive(6, 80, 8, move |inner| {
        let items = prop::collection::vec((inner.clone(), space.clone()), 0..8);
        let kind = prop::sample::select(vec![("(", ")"), ("[", "]"), ("{", "}"), ("(", ")")]);
        let group = (kind, items, space.clone()).prop_map(|((open, close), items, first)| {
            let body: String = items.iter().map(|(item, space)| format!("{item}{space}")).collect();
            format!("{open}{first}{body}{close}")
        });
        prop_oneof![5 => group, 1 => inner.prop_map(|item| format!("&{item}"))]
    });
    let gap = prop::sample::select(vec!["\n", "\n\n", " ", "\n\n\n\n", " ; end\n"]);
    let data = prop::collection::vec((datum, gap), 0..6);
    data.prop_map(|data| data.iter().map(|(d, gap)| format!("{d}{gap}")).collect())
}

/// A tree without its places.
fn shape(tree: &Tree) -> Vec<(usize, NodeKind)> {
    let mut shape = Vec::new();
    let mut rest: Vec<NodeId> = tree.roots.iter().rev().copied().collect();
    while let Some(id) = rest.pop() {
        let children = tree.children(id);
        shape.push((children.len(), tree.kind(id)));
        rest.extend(children.iter().rev());
    }
    shape
}

/// What the comments say; of dropped forms only that they are there, since they are laid out too.
fn comments(text: &str, tree: &Tree) -> Vec<(CommentKind, String)> {
    let says = |kind, written: &str| match kind {
        CommentKind::Datum => String::new(),
        _ => written.trim_end().to_owned(),
    };
    let written = |start, end| &text[start as usize..end as usize];
    tree.comments.iter().map(|c| (c.kind, says(c.kind, written(c.start, c.end)))).collect()
}

fn spans_nest(text: &str, tree: &Tree) {
    let inside = |ids: &[NodeId], start: u32, end: u32| {
        let mut at = start;
        for id in ids {
            let node = tree.node(*id);
            assert!(at <= node.start && node.start <= node.end && node.end <= end, "{text:?}");
            assert!(text.is_char_boundary(node.start as usize), "{text:?}");
            assert!(text.is_char_boundary(node.end as usize), "{text:?}");
            at = node.end;
        }
    };
    inside(&tree.roots, 0, text.len() as u32);
    let mut rest = tree.roots.clone();
    while let Some(id) = rest.pop() {
        let node = tree.node(id);
        inside(tree.children(id), node.start, node.end);
        rest.extend(tree.children(id));
    }
}

fn reads(text: &str) {
    let (tokens, _) = lex(FILE, text);
    let ordered = tokens.windows(2).all(|pair| pair[0].end <= pair[1].start);
    assert!(ordered, "{text:?}");
    let (tree, found) = read(FILE, text);
    spans_nest(text, &tree);
    assert!(tree.comments.is_sorted_by_key(|c| c.start), "{text:?}");
    for problem in found.iter() {
        let span = problem.primary.as_ref().expect("a place").span;
        assert!(text.get(span.range()).is_some(), "{text:?} {problem:?}");
        assert!(problem.message.chars().count() <= 80, "{}", problem.message);
        for edit in problem.fixes.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.range()).is_some(), "{text:?} {edit:?}");
        }
    }
    let errors = shape(&tree).iter().any(|(_, kind)| *kind == NodeKind::Error);
    assert!(!errors || found.has_errors(), "an error node without an error: {text:?}");
    let _ = (needs_more(text), print::tree(&tree), print::tokens(text, &tokens));
}

fn formats(text: &str) {
    let (tree, _) = read(FILE, text);
    let formatted = format(text, &tree);
    let (again, _) = read(FILE, &formatted);
    assert_eq!(shape(&tree), shape(&again), "{text:?}\n{formatted}");
    assert_eq!(comments(text, &tree), comments(&formatted, &again), "{text:?}\n{formatted}");
    assert_eq!(format(&formatted, &again), formatted, "{text:?}\n{formatted}");
}

#[test]
fn any_bytes_have_a_tree_whose_spans_nest() {
    check(2_000, prop::collection::vec(any::<u8>(), 0..80), |bytes| {
        let (text, _) = decode(FILE, &bytes);
        reads(&text);
    });
}

#[test]
fn any_soup_of_tokens_has_a_tree_whose_spans_nest() {
    check(4_000, soup(), |text| reads(&text));
}

#[test]
fn programs_read_without_a_mistake_and_print_as_they_read() {
    check(500, program(), |text| {
        reads(&text);
        let (tree, found) = read(FILE, &text);
        assert!(!found.has_errors(), "{text:?} {found:?}");
        let printed = print::tree(&tree);
        let (again, _) = read(FILE, &printed);
        assert_eq!(shape(&tree), shape(&again), "{text:?}\n{printed}");
    });
}

#[test]
fn formatting_keeps_trees_and_comments_and_is_its_own_fixed_point() {
    check(1_000, program(), |text| formats(&text));
    check(1_000, soup(), |text| formats(&text));
}

#[test]
fn formatted_text_has_no_space_at_line_ends_and_no_two_blank_lines() {
    check(500, program(), |text| {
        let formatted = format(&text, &read(FILE, &text).0);
        assert!(formatted.lines().all(|line| line.trim_end() == line), "{formatted}");
        assert!(!formatted.contains("\n\n\n") && !formatted.starts_with('\n'), "{formatted}");
        assert!(formatted.is_empty() || formatted.ends_with('\n'), "{formatted}");
    });
}

#[test]
fn a_megabyte_of_anything_is_read_at_once_with_few_messages() {
    for piece in ["(", ")", "[(", "(\n", "&", "'", "#_", "\"", "#|", "{\"\\"] {
        let text = piece.repeat(1_000_000 / piece.len());
        let (tree, found) = read(FILE, &text);
        assert!(found.has_errors(), "{piece}");
        assert!(found.len() <= 200, "{piece}: {}", found.len());
        spans_nest(&text, &tree);
    }
}

#[test]
fn a_line_goes_on_while_a_bracket_a_string_or_a_comment_is_open() {
    for open in ["(", "(f [x]", "\"abc", "\"\"\"a\" \"", "#| a #| b |#", "{:a (f)"] {
        assert!(needs_more(open), "{open}");
    }
    for closed in ["", "x", "(f)", "(f]", ")", "\"a\"", "#| |#", "; (", "#_", "[\"(\"]"] {
        assert!(!needs_more(closed), "{closed}");
    }
}
