//! Patterns: non-exhaustive-match, refutable-pattern, redundant-arm, match-too-large.

use super::{error_at, fitting, warning_at};
use eclexia_base::Span;
use eclexia_core::core::Place;
use eclexia_diag::Diagnostic;

/// What a match has no arm for.
pub(crate) struct Uncovered<'m> {
    pub witness: &'m str,
    /// Of an arm for it, and for what is like it.
    pub pattern: &'m str,
    pub is_guarded: bool,
    /// What an arm may be put behind, of a match that a user wrote.
    pub last: Option<Span>,
}

pub(crate) fn non_exhaustive_match(place: Place, uncovered: &Uncovered) -> Diagnostic {
    let Uncovered { witness, pattern, is_guarded, last } = *uncovered;
    let message = fitting(
        format!("this match has no arm for `{witness}`"),
        "this match does not cover all values",
    );
    let mut diag = error_at("non-exhaustive-match", place, message)
        .here(format!("`{witness}` is not matched"));
    if is_guarded {
        diag = diag.note("an arm with `:when` counts for nothing here: its guard may be false");
    }
    diag = diag.help(match pattern {
        "_" => "add an arm for all others: `[_ …]`".to_owned(),
        _ => format!("add an arm: `[{pattern} …]`"),
    });
    match last {
        Some(last) => {
            let arm = format!(" [{pattern} (abort \"not handled\")]");
            diag.fix(format!("add an arm for `{pattern}`"), last.after(), arm)
        }
        None => diag,
    }
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
