//! Adaptive functions that cannot choose, or cannot promise what they require.

use super::warning_at;
use eclexia_base::number::{int, to_decimal, to_f64};
use eclexia_base::unit::{UnitTable, display};
use eclexia_base::{Dim, Name, Rational, Span};
use eclexia_core::core::Place;
use eclexia_diag::Diagnostic;

pub(crate) struct Excess {
    /// With what the variant calls.
    pub total: Rational,
    pub own: Rational,
    pub limit: Rational,
    pub dim: Dim,
}

/// An amount in its best unit, so that two different ones never look the same.
fn shown(amount: &Rational, other: &Rational, dim: Dim) -> String {
    let table = UnitTable::language();
    let (a, b) = (display(to_f64(amount), dim, table), display(to_f64(other), dim, table));
    if a != b {
        return a;
    }
    let (unit, scale) = table.best(to_f64(amount), dim);
    format!("{}{unit}", to_decimal(&(amount / scale), 30))
}

/// Why a variant is never chosen.
pub(crate) fn is_above(variant: Name, term: &str, amounts: &Excess) -> String {
    let Excess { total, own, limit, dim } = amounts;
    let (is, most) = (shown(total, limit, *dim), shown(limit, total, *dim));
    let inside = total - own;
    let parts = if inside == int(0) {
        String::new()
    } else {
        let (own, inside) = (shown(own, &inside, *dim), shown(&inside, own, *dim));
        format!(" ({own} of its own, {inside} of what it calls)")
    };
    format!("`{variant}`: its {term}, {is}{parts}, is above the limit, {most}")
}

pub(crate) fn never_applies(variant: Name) -> String {
    format!("`{variant}`: its guard is always false")
}

pub(crate) fn no_feasible_variant(span: Span, name: Name, reasons: Vec<String>) -> Diagnostic {
    let text = super::fitting(
        format!("no variant of `{name}` is ever within its limits"),
        "no variant of this function is ever within its limits",
    );
    let mut found = Diagnostic::error("no-feasible-variant", span, text)
        .here("every call of it would end the program");
    for reason in reasons {
        found = found.note(reason);
    }
    found.help("loosen a limit of `:requires`, or add a variant that takes less")
}

pub(crate) fn unbounded_choice(place: Place, variant: Name, term: &str) -> Diagnostic {
    let text = super::fitting(
        format!("the {term} of `{variant}` is not bounded by its declared cost"),
        "what this variant takes is not bounded by its declared cost",
    );
    warning_at("unbounded-choice", place, text)
        .here("it calls an adaptive function any number of times, or at an unknown cost")
        .note("only what a variant declares is counted then, so the limit is not promised")
        .help("limit the inner function by `:requires`, or call it outside of loops and closures")
}
