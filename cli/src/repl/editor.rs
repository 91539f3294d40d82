//! Lines: from rustyline on a terminal (history, completion, colours), from standard input
//! elsewhere.

use super::names::Known;
use crate::manual::highlight;
use eclexia_base::FileId;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Context, Editor, Helper};
use std::borrow::Cow;
use std::cell::Cell;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

pub enum Line {
    Text(String),
    /// Ctrl-C at the prompt: what was typed is dropped.
    Cancelled,
    End,
}

pub enum Lines {
    Terminal { editor: Box<Editor<Assistant, FileHistory>>, history: Option<PathBuf> },
    Piped(std::io::StdinLock<'static>),
}

/// Completes names, colours what is typed, and knows when an input is complete.
#[derive(Default)]
pub struct Assistant {
    /// Asked for when something is completed.
    names: Option<Box<dyn Fn() -> Vec<Known>>>,
    is_colorful: bool,
    /// Whether the line is shown for the last time: no bracket is marked then.
    is_final: Cell<bool>,
}

/// How a text is shown by the class of its words (`manual::highlight`).
fn color(class: &str) -> &'static str {
    match class {
        "cm" => "90",
        "st" => "32",
        "nu" => "36",
        "ke" => "35",
        "ty" => "33",
        "fo" => "1;34",
        "he" => "34",
        "un" => "4;31",
        _ => "",
    }
}

const MARK: &str = "1;4";

/// A text in colours; the bytes at the places in `marked` stand out.
pub fn colored(text: &str, marked: &[usize]) -> String {
    let mut out = String::with_capacity(2 * text.len());
    let mut at = 0;
    for (class, word) in highlight::parts(text) {
        let style = if marked.contains(&at) { MARK } else { color(class) };
        match style {
            "" => out.push_str(word),
            style => out.push_str(&format!("\u{1b}[{style}m{word}\u{1b}[0m")),
        }
        at += word.len();
    }
    out
}

/// The bracket at or before a place, and the one that it goes with; brackets in strings are text.
pub fn brackets_at(text: &str, place: usize) -> Option<[usize; 2]> {
    let (tokens, _) = eclexia_syntax::lex(FileId(0), text);
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    for token in tokens {
        if token.kind.is_open() {
            open.push((token.start as usize, token.kind.closing()));
        } else if token.kind.is_close()
            && let Some((start, closing)) = open.pop()
            && closing == token.kind
        {
            pairs.push([start, token.start as usize]);
        }
    }
    let having = |place: usize| pairs.iter().find(|pair| pair.contains(&place)).copied();
    having(place).or_else(|| having(place.checked_sub(1)?))
}

impl Helper for Assistant {}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, place: usize) -> Cow<'l, str> {
        if !self.is_colorful {
            return Cow::Borrowed(line);
        }
        let marked = brackets_at(line, place).filter(|_| !self.is_final.get());
        Cow::Owned(colored(line, marked.as_ref().map_or(&[], <[usize; 2]>::as_slice)))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.is_final.set(kind == CmdKind::ForcedRefresh);
        self.is_colorful
    }
}

impl Validator for Assistant {
    /// Enter goes on to a new line while brackets are open: the history keeps an input whole.
    fn validate(&self, input: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match super::is_complete(input.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

impl Hinter for Assistant {
    type Hint = String;
}

/// Where the name that ends at a place begins.
pub fn start_of_name(text: &str) -> usize {
    let is_name = |c: char| !c.is_whitespace() && !"()[]{}\"&'`~".contains(c);
    let before = text.rfind(|c| !is_name(c));
    before.map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8))
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let head = &line[..at];
        let start = start_of_name(head);
        let names = self.names.as_ref().map_or(Vec::new(), |names| names());
        let matching = names.iter().filter(|known| known.name.starts_with(&head[start..]));
        let pairs = matching
            .map(|known| Pair { display: known.with_type(), replacement: known.name.clone() });
        Ok((start, pairs.collect()))
    }
}

impl Lines {
    pub fn open(is_colorful: bool) -> std::io::Result<Lines> {
        if !std::io::stdin().is_terminal() {
            return Ok(Lines::Piped(std::io::stdin().lock()));
        }
        let config = rustyline::Config::builder()
            .auto_add_history(true)
            .completion_type(CompletionType::List)
            .build();
        let editor = Editor::with_config(config).map_err(std::io::Error::other)?;
        let mut editor: Box<Editor<Assistant, FileHistory>> = Box::new(editor);
        editor.set_helper(Some(Assistant { is_colorful, ..Assistant::default() }));
        let history = history_file();
        if let Some(path) = &history {
            if let Some(folder) = path.parent() {
                // Without a place to keep it there is no history, which is no reason to complain.
                let _ = std::fs::create_dir_all(folder);
            }
            // The first time there is none.
            let _ = editor.load_history(path);
        }
        Ok(Lines::Terminal { editor, history })
    }

    pub fn is_terminal(&self) -> bool {
        matches!(self, Lines::Terminal { .. })
    }

    /// Where what is completed comes from.
    pub fn set_names(&mut self, names: impl Fn() -> Vec<Known> + 'static) {
        if let Lines::Terminal { editor, .. } = self
            && let Some(helper) = editor.helper_mut()
        {
            helper.names = Some(Box::new(names));
        }
    }

    pub fn next(&mut self, prompt: &str) -> Line {
        match self {
            Lines::Terminal { editor, history } => match editor.readline(prompt) {
                Ok(line) => {
                    // At once: a session that is killed leaves its history too.
                    if let Some(path) = history {
                        let _ = editor.append_history(path);
                    }
                    Line::Text(line)
                }
                Err(ReadlineError::Interrupted) => Line::Cancelled,
                Err(_) => Line::End,
            },
            Lines::Piped(input) => {
                let mut bytes = Vec::new();
                match input.read_until(b'\n', &mut bytes) {
                    Ok(0) | Err(_) => Line::End,
                    Ok(_) => {
                        let line = String::from_utf8_lossy(&bytes);
                        Line::Text(line.trim_end_matches(['\n', '\r']).to_owned())
                    }
                }
            }
        }
    }
}

/// Names and the commands, which begin with a colon.
pub fn with_commands(mut names: Vec<Known>) -> Vec<Known> {
    let commands = super::commands::COMMANDS.iter();
    names.extend(commands.map(|command| Known {
        name: format!(":{}", command.name),
        kind: command.takes.shown,
        ty: String::new(),
    }));
    names
}

fn history_file() -> Option<PathBuf> {
    Some(crate::files::data_folder()?.join("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bracket_goes_with_its_other_and_strings_have_none() {
        let text = "(f \")\" [1 2])";
        assert_eq!(brackets_at(text, 0), Some([0, 12]));
        assert_eq!(brackets_at(text, 13), Some([0, 12]));
        assert_eq!(brackets_at(text, 7), Some([7, 11]));
        assert_eq!(brackets_at(text, 4), None);
        assert_eq!(brackets_at("(f", 0), None);
    }

    #[test]
    fn colours_leave_the_text_as_it_is() {
        let text = "(def x \"é)\") ; ok";
        let shown = colored(text, &[0, 11]);
        let mut plain = String::new();
        let mut rest = shown.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').map_or("", |(_, rest)| rest);
        }
        plain.push_str(rest);
        assert_eq!(plain, text);
        assert!(shown.starts_with("\u{1b}[1;4m("), "{shown}");
    }

    #[test]
    fn a_name_begins_behind_brackets_and_blanks() {
        assert_eq!(start_of_name("(list/ma"), 1);
        assert_eq!(start_of_name("(f é xs"), 6);
        assert_eq!(start_of_name(":pl"), 0);
    }
}
