//! Lints: constant-condition.

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
