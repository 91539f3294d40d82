//! Declarations: mixed-variable, linear-unchecked.

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

pub(crate) fn linear_unchecked(span: Span, name: Name) -> Diagnostic {
    let message = fitting(
        format!("uses of the linear type `{name}` are not counted yet"),
        "uses of this linear type are not counted yet",
    );
    Diagnostic::warning("linear-unchecked", span, message)
        .here("declared `:linear` here")
        .note("this version checks the types of linear values, not that each is used exactly once")
        .help("nothing to change; remove `:linear` to silence this")
}
