//! Macros.

use super::{at, clip};
use crate::core::Place;
use crate::expand::{MAX_EXPANSIONS_IN_PLACE, Macro, Mismatch};
use eclexia_base::Name;
use eclexia_diag::Diagnostic;

pub(crate) fn malformed_macro(place: Place, why: &str) -> Diagnostic {
    at("malformed-macro", place, "this macro is malformed")
        .here(why)
        .help("its shape: (defmacro (name pattern ...) template)")
}

pub(crate) fn macro_mismatch(
    place: Place,
    called: &Macro,
    miss: &Mismatch,
    shown: &str,
) -> Diagnostic {
    let name = clip(called.name.as_str());
    let mut diagnostic =
        at("macro-mismatch", place, format!("no pattern of `{name}` matches this"));
    if !miss.expected.is_empty() {
        if miss.place == place {
            diagnostic = diagnostic.here(&miss.expected);
        } else {
            diagnostic = diagnostic.label(miss.place.span, &miss.expected);
        }
    }
    let patterns: Vec<&str> = called.clauses.iter().take(6).map(|c| c.shown.as_str()).collect();
    if let Some(first) = called.clauses.first() {
        diagnostic = diagnostic.label(first.span, "the macro");
    }
    let shapes = patterns.join("  or  ");
    diagnostic.note(format!("written: {shown}")).help(format!("write it as {shapes}"))
}

pub(crate) fn macro_too_deep(place: Place) -> Diagnostic {
    at("macro-too-deep", place, "this macro call never stops expanding")
        .here(format!("more than {MAX_EXPANSIONS_IN_PLACE} expansions, one inside the other"))
        .help("give the macro a clause that ends the recursion, or hold the items in a vector")
}

pub(crate) fn macro_too_large(place: Place, name: Name) -> Diagnostic {
    let name = clip(name.as_str());
    at("macro-too-large", place, format!("expanding `{name}` makes too much code"))
        .here("millions of forms, or nested a thousand deep")
        .help("let the macro call a function instead of repeating its arguments")
}
