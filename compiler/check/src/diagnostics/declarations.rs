//! Declarations: mixed-variable.

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
