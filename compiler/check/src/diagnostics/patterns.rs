//! Patterns: non-exhaustive-match, refutable-pattern, redundant-arm, match-too-large.

use super::{error_at, fitting, listed, warning_at};
use eclexia_base::Span;
use eclexia_core::core::Place;
use eclexia_diag::{Diagnostic, Edit};

/// What a match has no arm for.
pub(crate) struct Uncovered {
    pub witnesses: Vec<String>,
    /// Of an arm for each, and for what is like it.
    pub patterns: Vec<String>,
    pub is_guarded: bool,
    /// What an arm may be put behind, of a match that a user wrote.
    pub last: Option<Span>,
}

/// Patterns that are named; of more, how many.
const MOST_NAMED: usize = 3;

pub(crate) fn non_exhaustive_match(place: Place, uncovered: &Uncovered) -> Diagnostic {
    let Uncovered { witnesses, patterns, is_guarded, last } = uncovered;
    let is_one = patterns.len() == 1;
    let (an_arm, is) = if is_one { ("an arm", "is") } else { ("arms", "are") };
    let no_arm = |most| format!("this match has no arm for {}", first(witnesses, most));
    let message =
        fitting(no_arm(MOST_NAMED), &fitting(no_arm(1), "this match does not cover all values"));
    let mut diag = error_at("non-exhaustive-match", place, message)
        .here(format!("{} {is} not matched", first(witnesses, MOST_NAMED)));
    if *is_guarded {
        diag = diag.note("an arm with `:when` counts for nothing here: its guard may be false");
    }
    let shown: Vec<String> = patterns.iter().map(|pattern| format!("[{pattern} …]")).collect();
    diag = diag.help(match &patterns[..] {
        [all] if all == "_" => "add an arm for all others: `[_ …]`".to_owned(),
        [..] if patterns.len() > MOST_NAMED => {
            format!("add arms: {}; or one for all others: `[_ …]`", first(&shown, MOST_NAMED))
        }
        [..] => format!("add {an_arm}: {}", listed(&shown)),
    });
    let Some(last) = last else { return diag };
    let arm = |pattern| Edit::new(last.after(), format!(" [{pattern} (abort \"not handled\")]"));
    let title = format!("add {an_arm} for {}", first(patterns, MOST_NAMED));
    diag.fix_by(title, patterns.iter().map(arm).collect())
}

/// `` `a`, `b` and 3 more ``
fn first(names: &[String], most: usize) -> String {
    match names.get(..most).filter(|shown| shown.len() < names.len()) {
        None => listed(names),
        Some(shown) => {
            let shown: Vec<String> = shown.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and {} more", shown.join(", "), names.len() - most)
        }
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
