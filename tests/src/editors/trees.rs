//! The tree-sitter grammar: its own tests, its generated parser, and its leaves beside the
//! compiler's tokens.

use super::programs;
use crate::bless::Failures;
use crate::tools::{self, run};
use eclexia_base::FileId;
use eclexia_syntax::{TokenKind, lex};
use std::path::{Path, PathBuf};
use std::process::Command;

const GRAMMAR: &str = "editors/tree-sitter-eclexia";

/// The version that wrote `parser.c`; another one may write it otherwise.
const VERSION: &str = "0.26.3";

/// Words that begin like something and are something else, or nothing.
const ODD_WORDS: &str = r###"
(512MiB 5kWh* 0xfg 0xff 0x .5 3. 3.x 1/2 5%% 5% 1e3 1e3% 1e3/s 5e 1e2eV 3m*s^-2 -7 + - +5 +x 1_)
(5&x &x & (f & b) [&y &] 5µs größe x' 'x' ... .field ..x a.5 :a := :0 ::a -0x1f -0x +.5 1_0.0_1)
("" "#| no ; no" "a\n\q\u{12}b" """raw "x" \n""" "two
lines") #| yes #| nested |# ; |# #_ #_ a b `(a ~b ~@c) @ # #% @x \y | 3m^ 3m^-x 2work-unit 0x_
"###;

/// A leaf: what it is, and where it begins and ends, as line and byte, both from 0.
type Leaf = (&'static str, [usize; 4]);

/// Leaves that both sides know; brackets and prefixes have no nodes of their own.
const KINDS: [(TokenKind, &str); 11] = [
    (TokenKind::Symbol, "symbol"),
    (TokenKind::Keyword, "keyword"),
    (TokenKind::Int, "number"),
    (TokenKind::Float, "number"),
    (TokenKind::Percent, "percent"),
    (TokenKind::Quantity, "quantity"),
    (TokenKind::Str, "string"),
    (TokenKind::RawStr, "raw_string"),
    (TokenKind::LineComment, "line_comment"),
    (TokenKind::BlockComment, "block_comment"),
    (TokenKind::Unreadable, "bad_token"),
];

fn tree_sitter() -> Option<PathBuf> {
    let how = format!("cargo install tree-sitter-cli@{VERSION} --no-default-features --locked");
    let command = tools::find("tree-sitter", &how)?;
    let told = run(Command::new(&command).arg("--version")).out;
    tools::required(told.contains(VERSION), &format!("tree-sitter {VERSION}"), &how)?;
    Some(command)
}

/// A command of tree-sitter in the folder of the grammar; what it compiles is kept in `target`.
fn command(tree_sitter: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(tree_sitter);
    command.args(arguments).current_dir(xtask::root().join(GRAMMAR));
    command.env("TREE_SITTER_LIBDIR", xtask::root().join("target/tree-sitter"));
    command.env("XDG_CONFIG_HOME", xtask::root().join("target/tree-sitter/config"));
    command
}

#[test]
fn the_grammar_passes_its_own_tests() {
    let Some(tree_sitter) = tree_sitter() else { return };
    let ran = run(&mut command(&tree_sitter, &["test"]));
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    for query in ["folds", "indents", "injections"] {
        let query = format!("queries/{query}.scm");
        let ran = run(&mut command(&tree_sitter, &["query", &query, "test/highlight/words.ecl"]));
        assert_eq!(ran.code, Some(0), "{query}: {}", ran.told());
        assert!(ran.out.contains("capture"), "{query} finds nothing: {}", ran.told());
    }
}

#[test]
fn the_generated_parser_is_that_of_the_grammar() {
    let Some(tree_sitter) = tree_sitter() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let output = folder.path().to_string_lossy();
    let ran = run(&mut command(&tree_sitter, &["generate", "--abi", "14", "-o", &output]));
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    for name in ["parser.c", "grammar.json", "node-types.json"] {
        let text = |folder: &Path| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let committed = text(&xtask::root().join(GRAMMAR).join("src"));
        let is_same = text(folder.path()) == committed;
        assert!(is_same, "{name} is old: run `tree-sitter generate --abi 14` in {GRAMMAR}");
    }
}

#[test]
fn the_leaves_of_trees_are_the_tokens_of_the_compiler() {
    let Some(tree_sitter) = tree_sitter() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut texts = programs();
    assert!(texts.len() > 50, "only {} programs", texts.len());
    texts.push(("the odd words".to_owned(), ODD_WORDS.to_owned()));
    let files = texts.iter().enumerate().map(|(n, (_, text))| {
        let file = folder.path().join(format!("{n}.ecl"));
        std::fs::write(&file, text).expect("the program can be written");
        file
    });
    let ran = run(command(&tree_sitter, &["parse"]).args(files));
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    let trees: Vec<&str> = ran.out.split("(source_file ").skip(1).collect();
    assert_eq!(trees.len(), texts.len());
    let mut failures = Failures::default();
    for ((path, text), tree) in texts.iter().zip(trees) {
        let (tokens, leaves) = (tokens(text), leaves(tree));
        let apart = tokens.iter().zip(&leaves).find(|(token, leaf)| token != leaf);
        if let Some((token, leaf)) = apart {
            failures.push(path, token.1[0] + 1, format!("{token:?} is {leaf:?} in the tree"));
        } else if tokens.len() != leaves.len() {
            let (tokens, leaves) = (tokens.len(), leaves.len());
            failures.push(path, 1, format!("{tokens} tokens, {leaves} leaves"));
        }
    }
    failures.finish();
}

fn tokens(text: &str) -> Vec<Leaf> {
    let (tokens, _) = lex(FileId(0), text);
    let place = |offset: u32| {
        let before = &text[..offset as usize];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        [before.matches('\n').count(), before.len() - line_start]
    };
    let leaf = |token: &eclexia_syntax::Token| {
        let (_, kind) = KINDS.iter().find(|(kind, _)| *kind == token.kind)?;
        let ([line, column], [last_line, end]) = (place(token.start), place(token.end));
        Some((*kind, [line, column, last_line, end]))
    };
    tokens.iter().filter_map(leaf).collect()
}

/// Leaves out of a tree as `tree-sitter parse` prints it: `(symbol [0, 1] - [0, 4])`. The parts of
/// a quantity stand behind a field's name and are left out.
fn leaves(tree: &str) -> Vec<Leaf> {
    let leaf = |line: &str| {
        let (name, places) = line.trim_start().strip_prefix('(')?.split_once(' ')?;
        let (_, kind) = KINDS.iter().find(|(_, kind)| *kind == name)?;
        let numbers = places.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        let numbers: Vec<usize> = numbers.filter_map(|number| number.parse().ok()).collect();
        Some((*kind, numbers.get(..4)?.try_into().ok()?))
    };
    tree.lines().filter_map(leaf).collect()
}
