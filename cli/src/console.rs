//! The only place that prints. A closed pipe on standard output ends the command quietly, as
//! `head` expects; every other failure to write is a diagnostic.

use crate::args::{Color, Global};
use eclexia_diag::{Diagnostic, Sources, render};
use std::io::{ErrorKind, IsTerminal, Write};

/// What a command ends with; see the exit codes in `eclexia --help`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    Done = 0,
    Error = 1,
    Changes = 2,
    Budget = 3,
    Interrupted = 130,
}

/// Who hears what a program prints.
pub trait Output {
    fn print(&self, text: &str);

    /// Whether every line is to be heard at once.
    fn is_live(&self) -> bool;
}

pub struct Console {
    pub global: Global,
}

/// Codes that mean a budget is broken: exit code 3.
const BUDGET_CODES: [&str; 2] = ["budget-overspent", "infeasible-placement"];

impl Output for Console {
    /// Standard error takes it while standard output carries JSON.
    fn print(&self, text: &str) {
        if self.global.json { self.err(text) } else { self.out(text) }
    }

    fn is_live(&self) -> bool {
        std::io::stdout().is_terminal()
    }
}

impl Console {
    pub fn new(global: Global) -> Console {
        Console { global }
    }

    /// Whether to colour what goes to a stream; `NO_COLOR` and `CLICOLOR_FORCE` are honoured.
    fn colored(&self, is_terminal: bool) -> bool {
        match self.global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
                !set("NO_COLOR") && (is_terminal || set("CLICOLOR_FORCE"))
            }
        }
    }

    /// Whether standard output takes colours.
    pub fn is_colorful(&self) -> bool {
        self.colored(std::io::stdout().is_terminal())
    }

    /// Writes to standard output, whole.
    pub fn out(&self, text: &str) {
        self.write(&mut std::io::stdout().lock(), text.as_bytes());
    }

    /// What people want to know and machines do not: nothing when quiet or JSON.
    pub fn say(&self, text: &str) {
        if !self.global.quiet && !self.global.json {
            self.out(text);
        }
    }

    pub fn err(&self, text: &str) {
        // Nowhere is left to report that standard error is closed.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    fn write(&self, stream: &mut dyn Write, bytes: &[u8]) {
        let written = stream.write_all(bytes).and_then(|()| stream.flush());
        if let Err(error) = written {
            if error.kind() == ErrorKind::BrokenPipe {
                std::process::exit(Exit::Done as i32);
            }
            let found = crate::diagnostics::output_failed(&error);
            self.report(&[found], &Sources::new());
            std::process::exit(Exit::Error as i32);
        }
    }

    /// A JSON line of a versioned format.
    pub fn json(&self, value: &serde_json::Value) {
        self.out(&format!("{value}\n"));
    }

    /// Prints diagnostics (JSON to standard output, text to standard error) and says how the
    /// command ends because of them.
    pub fn report(&self, diagnostics: &[Diagnostic], sources: &Sources) -> Exit {
        let shown: Vec<Diagnostic> =
            diagnostics.iter().filter(|d| d.is_error() || !self.global.quiet).cloned().collect();
        if self.global.json {
            self.out(&render::json(&shown, sources));
        } else {
            self.err(&render::human(
                &shown,
                sources,
                self.colored(std::io::stderr().is_terminal()),
            ));
        }
        let mut errors = diagnostics.iter().filter(|d| d.is_error()).peekable();
        if errors.peek().is_none() {
            Exit::Done
        } else if errors.all(|d| BUDGET_CODES.contains(&d.code)) {
            Exit::Budget
        } else {
            Exit::Error
        }
    }
}

/// A spinner on a terminal while something long runs; nothing elsewhere.
pub struct Spinner(Option<indicatif::ProgressBar>);

impl Spinner {
    pub fn start(console: &Console, doing: &str, what: &str) -> Spinner {
        let is_shown =
            std::io::stderr().is_terminal() && !console.global.quiet && !console.global.json;
        Spinner(is_shown.then(|| {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.set_message(format!("{doing} {what}"));
            bar.enable_steady_tick(std::time::Duration::from_millis(100));
            bar
        }))
    }
}

impl Spinner {
    /// Says how far it is.
    pub fn say(&self, text: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(text.to_owned());
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
