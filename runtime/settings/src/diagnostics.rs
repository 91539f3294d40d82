//! What is wrong with configuration files: one constructor per code.

use crate::value::Wrong;
use eclexia_base::Span;
use eclexia_diag::{Diagnostic, Severity};
use std::fmt::Display;

/// A file of which nothing can be used.
pub fn unreadable(path: &str, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("bad-configuration", format!("{} cannot be used", clip_path(path)))
        .note(format!("The file: {path}. The reason: {why}."))
        .help("make it a readable text file of at most 1 MiB, or move it away")
}

/// No TOML.
pub fn no_toml(span: Span, why: &str) -> Diagnostic {
    Diagnostic::error("bad-configuration", span, "this is not TOML")
        .here(why)
        .help("write `key = value` lines under `[table]` headings")
}

/// A key or a table that is not in the table; `known`: what there is.
pub fn unknown_setting(
    span: Span,
    what: String,
    near: Option<&str>,
    known: &[String],
) -> Diagnostic {
    let found = Diagnostic::error("unknown-setting", span, what);
    match near {
        Some(near) => found.here("nothing reads this").help(format!("did you mean `{near}`?")).fix(
            format!("write `{near}`"),
            span,
            near,
        ),
        None => found.here("nothing reads this").help(format!("there is {}", known.join(", "))),
    }
}

/// A file beside those that are read.
pub fn unread_file(path: &str, near: Option<&str>, known: &[&str]) -> Diagnostic {
    let text = format!("{} is not read", clip_path(path));
    let help = match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!("these are read: {}", known.join(", ")),
    };
    let found = Diagnostic::without_place("unknown-setting", text).help(help);
    Diagnostic { severity: Severity::Warning, ..found }
}

/// A value that its key cannot have.
pub fn bad_setting(span: Span, wrong: Wrong) -> Diagnostic {
    Diagnostic::error("bad-setting", span, wrong.message).here(wrong.here).help(wrong.help)
}

/// A key where a table is meant, or the other way round.
pub fn not_a_table(span: Span, name: &str, heading: &str) -> Diagnostic {
    let wrong = Wrong {
        message: format!("`{name}` is a table"),
        here: "this is a value".to_owned(),
        help: format!("write its keys under `{heading}`"),
    };
    bad_setting(span, wrong)
}

/// Two settings that do not go together.
pub fn clash(span: Span, message: &str, other: Option<Span>, here: &str, help: &str) -> Diagnostic {
    let wrong = Wrong { message: message.to_owned(), here: here.to_owned(), help: help.to_owned() };
    let found = bad_setting(span, wrong);
    match other {
        Some(other) => found.label(other, "against this"),
        None => found,
    }
}

/// The end of a long path.
fn clip_path(path: &str) -> String {
    let count = path.chars().count();
    if count <= 50 {
        return path.to_owned();
    }
    std::iter::once('…').chain(path.chars().skip(count - 49)).collect()
}
