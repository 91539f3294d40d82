//! Cuts a text with a mistake into top-level units, so that a mistake stays in its unit.
//!
//! 1. An opening bracket or a prefix that stands first on its line, in the leftmost
//!    column of the file, begins a piece; so does any token there, if nothing is open before it.
//! 2. A piece whose brackets match is sound.
//! 3. A piece that leaves brackets open may be written without indentation: it is joined with the
//!    next pieces if their closing brackets fit exactly. A definition is never joined to a piece
//!    that is itself indented, because there the indentation says that it stands outside.
//! 4. What is left is unbalanced: a unit of its own.

use super::Source;
use crate::layout::Layout;
use crate::token::TokenKind;
use std::ops::Range;

/// How many pieces may be joined to a unit without indentation.
const MAX_JOINED: usize = 64;

/// Tokens that do not match, as far as the mistake can reach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unit {
    pub tokens: Range<usize>,
    /// A string or comment without end stands in it; its brackets are not worth a word.
    pub silent: bool,
}

pub(crate) fn unbalanced(source: Source<'_>, lines: &Layout) -> Vec<Unit> {
    let pieces = pieces(source, lines);
    let mut units = Vec::new();
    let mut index = 0;
    while index < pieces.len() {
        let joined = sound_pieces(source, lines, &pieces[index..]);
        if joined == 0 {
            let tokens = pieces[index].clone();
            let silent = has_open_literal(source, &tokens);
            units.push(Unit { tokens, silent });
        }
        index += joined.max(1);
    }
    units
}

fn pieces(source: Source<'_>, lines: &Layout) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut open = 0usize;
    for (index, token) in source.tokens.iter().enumerate() {
        let kind = token.kind;
        let begins = (open == 0 || kind.is_open() || kind.is_prefix())
            && lines.column(index) == lines.base
            && lines.is_first(index, source.tokens, source.text);
        if begins && index > 0 {
            pieces.push(start..index);
            start = index;
            open = 0;
        }
        open += usize::from(kind.is_open());
        open = open.saturating_sub(usize::from(kind.is_close()));
    }
    pieces.push(start..source.tokens.len());
    pieces
}

/// How many pieces from the first on are sound together; 0 if none are.
fn sound_pieces(source: Source<'_>, lines: &Layout, pieces: &[Range<usize>]) -> usize {
    let mut open: Vec<TokenKind> = Vec::new();
    let mut indented = false;
    for (count, piece) in pieces.iter().take(MAX_JOINED).enumerate() {
        if count > 0 && indented && is_definition(source, piece) {
            return 0;
        }
        for index in piece.clone() {
            let kind = source.tokens[index].kind;
            if count > 0 && open.is_empty() {
                return 0;
            } else if kind.is_open() {
                open.push(kind.closing());
            } else if kind.is_close() && open.pop() != Some(kind) {
                return 0;
            }
        }
        if open.is_empty() {
            return count + 1;
        }
        let last = piece.end.saturating_sub(1);
        indented |= count > 0 || lines.line(piece.start) != lines.line(last);
    }
    0
}

/// `(def…`, and the other forms that stand at top level only.
fn is_definition(source: Source<'_>, piece: &Range<usize>) -> bool {
    let mut tokens = source.tokens[piece.clone()].iter().skip_while(|t| t.kind.is_prefix());
    let head = tokens.nth(1).filter(|t| t.kind == TokenKind::Symbol);
    head.is_some_and(|t| {
        let name = t.text(source.text);
        name.starts_with("def")
            || ["sig", "import", "module", "extern", "implement"].contains(&name)
    })
}

fn has_open_literal(source: Source<'_>, tokens: &Range<usize>) -> bool {
    let start = source.tokens.get(tokens.start).map_or(0, |t| t.start);
    let end = source.tokens.get(tokens.end).map_or(u32::MAX, |t| t.start);
    source.unterminated.iter().any(|at| (start..end).contains(at))
}
