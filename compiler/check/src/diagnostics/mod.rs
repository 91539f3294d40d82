//! One constructor per code of this stage; nothing is formatted where an error is raised.
//!
//! Types come closed and are written as users write them. Code made by a macro is told at the use
//! site; the macro's own line is a further label.

mod adaptive;
mod budgets;
mod calls;
mod costs;
mod declarations;
mod interfaces;
mod linear;
mod lints;
mod mismatch;
mod patterns;
mod records;

pub(crate) use adaptive::*;
pub(crate) use budgets::*;
pub(crate) use calls::*;
pub(crate) use costs::*;
pub(crate) use declarations::*;
pub(crate) use interfaces::*;
pub(crate) use linear::*;
pub(crate) use lints::*;
pub(crate) use mismatch::*;
pub(crate) use patterns::*;
pub(crate) use records::*;

use eclexia_base::Name;
use eclexia_core::core::Place;
use eclexia_diag::{Code, Diagnostic};

/// Longest message, in characters.
const MAX_MESSAGE: usize = 80;

fn error_at(code: Code, place: Place, message: impl Into<String>) -> Diagnostic {
    inside(Diagnostic::error(code, place.span, message), place)
}

fn warning_at(code: Code, place: Place, message: impl Into<String>) -> Diagnostic {
    inside(Diagnostic::warning(code, place.span, message), place)
}

fn inside(diagnostic: Diagnostic, place: Place) -> Diagnostic {
    match place.inside {
        Some((span, name)) if span != place.span => {
            diagnostic.label(span, format!("written here by the macro `{name}`"))
        }
        _ => diagnostic,
    }
}

/// `long` where it is short enough for one line, else `short`.
fn fitting(long: String, short: &str) -> String {
    if long.chars().count() <= MAX_MESSAGE { long } else { short.to_owned() }
}

/// `` `a`, `b` and `c` ``
fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The name nearest to `wanted`, when it is near enough to be meant.
pub(crate) fn nearest(wanted: Name, names: impl Iterator<Item = Name>) -> Option<Name> {
    let limit = 1 + wanted.as_str().chars().count() / 3;
    let distance = |name: &Name| eclexia_base::unit::edit_distance(wanted.as_str(), name.as_str());
    let scored = names.map(|name| (distance(&name), name));
    scored.filter(|(d, _)| *d <= limit).min_by_key(|(d, _)| *d).map(|(_, name)| name)
}

/// `` an `Int` ``, `` a `(List a)` ``.
fn a_type(text: &str) -> String {
    let first = text.trim_start_matches('(').chars().next();
    let article = if first.is_some_and(|c| "AEIOaeio".contains(c)) { "an" } else { "a" };
    format!("{article} `{text}`")
}

fn plural(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `1st`, `2nd`, `3rd`, `4th`.
fn ordinal(n: usize) -> String {
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}
