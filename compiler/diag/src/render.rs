//! Renderers: diagnostics in, text out, for a person, for a line-based tool, for a program.
//!
//! What always holds: no renderer panics, whatever a span says (a place outside its text is clamped
//! to it, an unknown file has no excerpt), nothing a program contains reaches a terminal as a
//! control character, and the order of the diagnostics is the caller's. Only this crate knows
//! ariadne. What is absent: printing, counting against a limit, and the choice of a renderer, which
//! are the command's.

mod excerpt;
mod human;
mod json;
mod line;

pub use human::human;
pub use json::{FORMAT, json};
pub use line::line;

use crate::{Diagnostic, Severity};

/// The heading of a diagnostic: `error[unit-mismatch]`.
fn heading(diagnostic: &Diagnostic) -> String {
    format!("{}[{}]", word(diagnostic.severity), diagnostic.code)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// `2 errors, 1 warning`; empty where there is nothing to count.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let counts = [(errors, "error"), (diagnostics.len() - errors, "warning")];
    let told = counts.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| {
        let plural = if *n == 1 { "" } else { "s" };
        format!("{n} {noun}{plural}")
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Text that is safe to show on a terminal: control and direction-changing characters of a program
/// become `\u{FFFD}`, so that a source file cannot move the cursor or reorder what is read.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { visible_char(c) }).collect()
}

fn visible_char(c: char) -> char {
    match c {
        '\t' => '\t',
        // These end a line for ariadne, not for us; as blanks they keep the columns right.
        '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        c if c.is_control() => '\u{FFFD}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sources;
    use eclexia_base::Span;

    #[test]
    fn a_summary_counts_errors_and_warnings_apart() {
        let mut sources = Sources::new();
        let span = Span::new(sources.add("a.ecl", "x"), 0, 1);
        let error = Diagnostic::error("bad-thing", span, "bad");
        let warning = Diagnostic::warning("odd-thing", span, "odd");
        assert_eq!(summary(&[]), "");
        assert_eq!(summary(std::slice::from_ref(&warning)), "1 warning");
        assert_eq!(summary(&[error.clone(), error, warning]), "2 errors, 1 warning");
    }

    #[test]
    fn what_could_steer_a_terminal_is_made_visible() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202E}c\r\nd\te"), "a\u{FFFD}[2Jb\u{FFFD}c \nd\te");
    }
}
