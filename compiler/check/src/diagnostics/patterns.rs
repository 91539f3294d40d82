//! Patterns: non-exhaustive-match, refutable-pattern, redundant-arm, match-too-large.

use super::{error_at, fitting, warning_at};
use eclexia_base::Span;
use eclexia_core::core::Place;
use eclexia_diag::Diagnostic;

pub(crate) fn non_exhaustive_match(place: Place, witness: &str, guarded: bool) -> Diagnostic {
    let message = fitting(
        format!("this match has no arm for `{witness}`"),
        "this match does not cover all values",
    );
    let diag = error_at("non-exhaustive-match", place, message)
        .here(format!("`{witness}` is not matched"));
    let diag = if guarded {
        diag.note("an arm with `:when` counts for nothing here: its guard may be false")
    } else {
        diag
    };
    // One more number or text would leave the next one.
    let is_literal = witness.starts_with(|c: char| c.is_ascii_digit() || "\"-:".contains(c));
    diag.help(match is_literal {
        true => "add an arm for all others: `[_ …]`".to_owned(),
        false => format!("add an arm: `[{witness} …]`"),
    })
}

pub(crate) fn refutable_pattern(place: Place, witness: &str) -> Diagnostic {
    let message = fitting(
        format!("this pattern does not match `{witness}`"),
        "this pattern does not match all values",
    );
    error_at("refutable-pattern", place, message)
        .here("a pattern here has to match every value")
        .help(format!("use `match`, with a further arm for `{witness}`"))
}

/// `gone`: what goes with the arm.
pub(crate) fn redundant_arm(place: Place, gone: Option<Span>) -> Diagnostic {
    let found = warning_at("redundant-arm", place, "this arm is never reached")
        .here("the arms above match everything that this one does")
        .help("remove the arm, or move it up");
    match gone {
        Some(gone) => found.fix("remove the arm", gone, ""),
        None => found,
    }
}

pub(crate) fn match_too_large(place: Place) -> Diagnostic {
    error_at("match-too-large", place, "this match is too large to check")
        .here("its patterns combine in too many ways")
        .help("split it into matches of fewer parts each")
}
