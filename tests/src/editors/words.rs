//! Words are written out in the files of each editor, since each is installed alone. Here they are
//! compared with those of `compiler/core` and of the library, so that they cannot drift. How forms
//! are indented is asked of the formatter.

use super::laid_out;
use crate::bless::Failures;
use crate::readers;

const EMACS: &str = "editors/emacs/eclexia-mode.el";
const HIGHLIGHTS: &str = "editors/tree-sitter-eclexia/queries/highlights.scm";
const INDENTS: &str = "editors/tree-sitter-eclexia/queries/indents.scm";
const VIM: &str = "editors/neovim/syntax/eclexia.vim";
const LUA: &str = "editors/neovim/lua/eclexia/indent.lua";
const VSCODE: &str = "editors/vscode/syntaxes/eclexia.tmLanguage.json";

/// How arguments are indented, as `compiler/syntax/src/format/rules.rs` has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rule {
    Inner,
    Block(usize),
    Align,
}

/// The rule by which the formatter indents behind a name.
fn rule(head: &str) -> Rule {
    let is_two_in = |program: String| laid_out(&program).ends_with("\n  z)\n");
    // The last argument begins a line behind so many that do not.
    let behind = |count: usize| is_two_in(format!("({head} {}\nz)", "x ".repeat(count)));
    match (behind(1), behind(2), behind(3)) {
        (true, true, true) => Rule::Inner,
        (true, false, false) => Rule::Block(1),
        (false, true, false) => Rule::Block(2),
        _ if is_two_in(format!("({head}\nz)")) => Rule::Block(0),
        _ => Rule::Align,
    }
}

/// Macros of the library that define something, in its order.
fn library_definitions() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, text) in readers::texts("stdlib/std", ".ecl") {
        for rest in text.split("(defmacro (").skip(1) {
            let name = rest.split([' ', ')']).next().unwrap_or_default();
            if name.starts_with("def") && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

#[test]
fn the_words_of_grammars_are_those_of_the_compiler() {
    let special: Vec<&str> = eclexia_core::special_names().collect();
    let library = library_definitions();
    let mut definitions: Vec<&str> = eclexia_core::top_names().collect();
    definitions.extend(library.iter().map(String::as_str));
    let constants = ["true", "false", "unit"];

    let mut failures = Failures::default();
    let mut lists = |path, before, after, words: &[&str]| {
        let (quote, between) = match path {
            VSCODE => ("", "|"),
            VIM => ("", " "),
            LUA => ("\"", ", "),
            _ => ("\"", " "),
        };
        let words: Vec<String> = words.iter().map(|word| format!("{quote}{word}{quote}")).collect();
        expect(&mut failures, path, &format!("{before}{}{after}", words.join(between)));
    };
    lists(EMACS, "eclexia-special-forms '(", ")", &special);
    lists(EMACS, "eclexia-definitions '(", ")", &definitions);
    lists(EMACS, "eclexia-constants '(", ")", &constants);
    lists(HIGHLIGHTS, "(#any-of? @keyword ", "))", &special);
    lists(HIGHLIGHTS, "(#any-of? @keyword ", "))", &definitions);
    lists(HIGHLIGHTS, "(#any-of? @constant.builtin ", "))", &constants);
    lists(VIM, "syn keyword eclexiaSpecial ", " syn", &special);
    lists(VIM, "syn keyword eclexiaDefine ", " syn", &definitions);
    lists(VIM, "syn keyword eclexiaConstant ", " syn", &constants);
    lists(VSCODE, "(?:", ")", &special);
    lists(VSCODE, "(?:", ")", &definitions);
    lists(VSCODE, "(?:", ")", &constants);
    failures.finish();
}

#[test]
fn editors_indent_the_forms_that_the_formatter_indents() {
    let forms: Vec<&str> = eclexia_core::special_names().chain(eclexia_core::top_names()).collect();
    let (definitions, others): (Vec<&str>, Vec<&str>) =
        forms.iter().copied().partition(|name| name.starts_with("def"));
    // Editors know these by their beginning.
    assert!(definitions.iter().all(|name| rule(name) == Rule::Inner));
    assert!(library_definitions().iter().all(|name| rule(name) == Rule::Inner));

    let quoted = |wanted: &dyn Fn(Rule) -> bool| -> Vec<String> {
        let names = others.iter().filter(|name| wanted(rule(name)));
        names.map(|name| format!("\"{name}\"")).collect()
    };
    let inner = quoted(&|rule| rule == Rule::Inner);
    let indented = quoted(&|rule| rule != Rule::Align);
    let blocks = [0, 1, 2].map(|count| quoted(&|rule| rule == Rule::Block(count)));
    let numbered = blocks
        .iter()
        .enumerate()
        .flat_map(|(count, names)| names.iter().map(move |name| format!("({name} . {count})")));
    let numbered: Vec<String> = numbered.collect();

    let mut failures = Failures::default();
    let mut lists = |path, text: String| expect(&mut failures, path, &text);
    lists(EMACS, format!("eclexia-inner-forms '({})", inner.join(" ")));
    lists(EMACS, format!("eclexia-block-forms '({})", numbered.join(" ")));
    lists(INDENTS, format!("(#not-any-of? @_head {})", indented.join(" ")));
    lists(INDENTS, format!("(#any-of? @_head {})", indented.join(" ")));
    lists(LUA, format!("INNER = {{ {} }}", inner.join(", ")));
    for (count, names) in blocks.iter().enumerate() {
        lists(LUA, format!("[{count}] = {{ {}", names.join(", ")));
    }
    failures.finish();
}

/// Whether a file contains a text, whatever the white space; Vim's lists may go on in a further
/// command.
fn expect(failures: &mut Failures, path: &str, wanted: &str) {
    let text = std::fs::read_to_string(xtask::root().join(path)).unwrap_or_default();
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if path == VIM {
        let command: String = wanted.split_inclusive(' ').take(3).collect();
        let first = words.find(&command).map_or(0, |at| at + command.len());
        words = format!("{}{}", &words[..first], words[first..].replace(&command, ""));
    }
    if !words.contains(wanted) {
        failures.push(path, 1, format!("it does not say `{wanted}`"));
    }
}
