//! Tokens in, tokens out that the grammar accepts: every bracket has its partner, every prefix a
//! datum, and nothing nests deeper than [`MAX_DEPTH`]. Balanced text passes unchanged, whatever
//! its indentation; only a text with a mistake is judged by it.
//!
//! 1. [`is_sound`]: one pass over the tokens. Nearly every file ends here.
//! 2. [`deep`]: what nests too deep becomes one unreadable token.
//! 3. [`units`]: the text is cut into top-level units, so that a mistake stays in its unit.
//! 4. [`repair`]: in each unbalanced unit, the cheapest insertions, deletions and replacements of
//!    closing brackets, where "cheap" includes agreement with the indentation.
//! 5. [`apply`]: the repairs are made and reported, those of one place as one diagnostic.
//! 6. [`prefixes`]: a prefix without a datum gets an unreadable token of no width.

mod apply;
mod deep;
mod greedy;
pub(crate) mod prefixes;
mod repair;
mod units;

use crate::layout::Layout;
use crate::lexer::Lexed;
use crate::report::Report;
use crate::token::Token;
use eclexia_base::FileId;

/// The deepest nesting of brackets and prefixes. It bounds every recursion over trees.
pub const MAX_DEPTH: usize = 512;

/// A change that balances a unit; indices are into the tokens without comments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Repair {
    /// Close the bracket `open` before the token `before`.
    Insert { open: u32, before: u32 },
    /// The closing bracket has no partner.
    Delete { token: u32 },
    /// The closing bracket is of the wrong kind for `open`.
    Replace { open: u32, token: u32 },
}

/// What every step reads: the text, its tokens without comments, and which have no end.
#[derive(Clone, Copy)]
pub(crate) struct Source<'t> {
    pub file: FileId,
    pub text: &'t str,
    pub tokens: &'t [Token],
    pub unterminated: &'t [u32],
}

/// `None` if the tokens are sound as they are.
pub(crate) fn balance(
    file: FileId,
    text: &str,
    lexed: &Lexed,
    report: &mut Report,
) -> Option<Vec<Token>> {
    if prefixes::is_sound(&lexed.tokens) {
        return None;
    }
    let mut tokens = lexed.tokens.clone();
    tokens.retain(|t| !t.kind.is_comment());
    let cut = deep::collapse(file, &mut tokens, report);
    let unterminated = &lexed.unterminated;
    let source = Source { file, text, tokens: &tokens, unterminated };
    let lines = Layout::of(text, &tokens);
    let mut budget = repair::MAX_SEARCHED;
    let mut repairs = Vec::new();
    let units = units::unbalanced(source, &lines);
    for unit in &units {
        repair::repair(source, &lines, unit, &mut budget, &mut repairs);
    }
    let silence = apply::Silence::of(&units, cut);
    let repaired = apply::apply(source, &lines, &repairs, &silence, report);
    Some(prefixes::complete(file, text, repaired, report))
}
