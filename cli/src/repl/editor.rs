//! Lines: from rustyline on a terminal (history, completion), from standard input elsewhere.

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper};
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

pub enum Line {
    Text(String),
    /// Ctrl-C at the prompt: what was typed is dropped.
    Cancelled,
    End,
}

pub enum Lines {
    Terminal { editor: Box<Editor<Names, FileHistory>>, history: Option<PathBuf> },
    Piped(std::io::StdinLock<'static>),
}

/// Completes names, and knows when an input is complete.
#[derive(Default)]
pub struct Names {
    names: Vec<String>,
}

impl Helper for Names {}
impl Highlighter for Names {}

impl Validator for Names {
    /// Enter goes on to a new line while brackets are open: the history keeps an input whole.
    fn validate(&self, input: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match super::is_complete(input.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

impl Hinter for Names {
    type Hint = String;
}

impl Completer for Names {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let is_name = |c: char| !c.is_whitespace() && !"()[]{}\"&'`~".contains(c);
        let head = &line[..at];
        let start = head
            .rfind(|c| !is_name(c))
            .map_or(0, |i| i + head[i..].chars().next().map_or(1, char::len_utf8));
        let prefix = &head[start..];
        let commands = super::commands::NAMES.iter().map(|c| format!(":{c}"));
        let all = commands.chain(self.names.iter().cloned());
        let matching = all.filter(|name| name.starts_with(prefix));
        let pairs =
            matching.map(|name| Pair { display: name.clone(), replacement: name }).collect();
        Ok((start, pairs))
    }
}

impl Lines {
    pub fn open() -> std::io::Result<Lines> {
        if !std::io::stdin().is_terminal() {
            return Ok(Lines::Piped(std::io::stdin().lock()));
        }
        let config = rustyline::Config::builder().auto_add_history(true).build();
        let editor = Editor::with_config(config).map_err(std::io::Error::other)?;
        let mut editor: Box<Editor<Names, FileHistory>> = Box::new(editor);
        editor.set_helper(Some(Names::default()));
        let history = history_file();
        if let Some(path) = &history {
            // The first time there is none.
            let _ = editor.load_history(path);
        }
        Ok(Lines::Terminal { editor, history })
    }

    pub fn is_terminal(&self) -> bool {
        matches!(self, Lines::Terminal { .. })
    }

    pub fn set_names(&mut self, names: Vec<String>) {
        if let Lines::Terminal { editor, .. } = self
            && let Some(helper) = editor.helper_mut()
        {
            helper.names = names;
        }
    }

    pub fn next(&mut self, prompt: &str) -> Line {
        match self {
            Lines::Terminal { editor, .. } => match editor.readline(prompt) {
                Ok(line) => Line::Text(line),
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

impl Drop for Lines {
    fn drop(&mut self) {
        if let Lines::Terminal { editor, history: Some(path) } = self {
            if let Some(folder) = path.parent() {
                let _ = std::fs::create_dir_all(folder);
            }
            // A history that cannot be kept is no reason to complain at the end of a session.
            let _ = editor.save_history(path);
        }
    }
}

fn history_file() -> Option<PathBuf> {
    Some(crate::files::data_folder()?.join("history"))
}
