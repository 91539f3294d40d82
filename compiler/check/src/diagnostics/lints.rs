//! Lints: constant-condition, unreachable-code.

use super::warning_at;
use eclexia_base::Span;
use eclexia_core::core::Place;
use eclexia_diag::Diagnostic;

/// `fix`: what may be replaced by what.
pub(crate) fn constant_condition(
    place: Place,
    value: bool,
    fix: Option<(Span, String)>,
) -> Diagnostic {
    let found = warning_at("constant-condition", place, format!("this is always `{value}`"))
        .here("a condition that decides nothing")
        .help("write what is taken, or what was meant to decide");
    match fix {
        Some((span, text)) if text == ":else" => found.fix("write `:else`", span, text),
        Some((span, text)) => found.fix("write what is taken", span, text),
        None => found,
    }
}

/// `gone`: what may go with it.
pub(crate) fn unreachable_code(place: Place, ends: Span, gone: Option<Span>) -> Diagnostic {
    let found = warning_at("unreachable-code", place, "this is never reached")
        .here("from here on nothing is done")
        .label(ends, "this never comes back")
        .help("leave it out, or do it before");
    match gone {
        Some(span) => found.fix("leave out what is never reached", span, ""),
        None => found,
    }
}
