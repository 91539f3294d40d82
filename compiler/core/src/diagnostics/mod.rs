//! Every diagnostic of core, one constructor function per code. A place made by a macro names the
//! use site; the template's line is a second label.

mod cost;
mod forms;
mod lints;
mod macros;
mod modules;
mod names;

pub(crate) use cost::*;
pub(crate) use forms::*;
pub(crate) use lints::*;
pub(crate) use macros::*;
pub(crate) use modules::*;
pub(crate) use names::*;

use crate::core::Place;
use eclexia_base::Span;
use eclexia_diag::{Code, Diagnostic};

/// The message at a place: the user's place first, the macro's line second.
fn at(code: Code, place: Place, message: impl Into<String>) -> Diagnostic {
    let diagnostic = Diagnostic::error(code, place.span, message);
    match place.inside {
        Some((span, name)) => diagnostic.label(span, format!("in the macro `{name}`")),
        None => diagnostic,
    }
}

fn here(span: Span) -> Place {
    Place { span, inside: None }
}

/// A name short enough for a message's line.
fn clip(name: impl AsRef<str>) -> String {
    let name = name.as_ref();
    if name.len() <= 36 {
        return name.to_owned();
    }
    format!("{}…", &name[..name.floor_char_boundary(34)])
}

fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
