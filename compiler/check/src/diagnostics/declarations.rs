//! Declarations: mixed-variable, extern-arguments.

use super::{error_at, fitting};
use eclexia_base::{Name, Span};
use eclexia_core::core::Place;
use eclexia_diag::Diagnostic;

pub(crate) fn mixed_variable(span: Span, name: Name) -> Diagnostic {
    let message = fitting(
        format!("`{name}` stands for a type and for a unit"),
        "a variable stands for a type and for a unit",
    );
    error_at("mixed-variable", Place { span, inside: None }, message)
        .here("elsewhere in this type it is the other")
        .note("a parameter of a type stands for a type: for `(Q J)`, not for `J`")
        .help("use two names, or pass the whole quantity: `a` instead of `(Q a)`")
}

pub(crate) fn extern_arguments(span: Span, name: Name, count: usize, most: usize) -> Diagnostic {
    let message = fitting(
        format!("the extern `{name}` takes {count} arguments"),
        "an extern takes too many arguments",
    );
    error_at("extern-arguments", Place { span, inside: None }, message)
        .here(format!("a C function gets {most} at most"))
        .help("Pass some of them in several calls.")
}
