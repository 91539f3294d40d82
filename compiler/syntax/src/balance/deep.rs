//! Nesting beyond the limit: the too deep group, up to its end, becomes one unreadable token, and
//! prefixes beyond the limit become unreadable each. Reported once per file.

use super::MAX_DEPTH;
use crate::diagnostics;
use crate::report::Report;
use crate::token::{Token, TokenKind};
use eclexia_base::{FileId, Span};

/// Says whether a group has no end. Then the rest of the file was dropped with it, nothing is known
/// of the brackets before it, and those are closed in silence.
pub(crate) fn collapse(file: FileId, tokens: &mut Vec<Token>, report: &mut Report) -> bool {
    let mut kept = 0;
    let mut depth = 0;
    // The prefixes directly before the token at hand, and for each open bracket those before it.
    let mut prefixes = 0;
    let mut outer: Vec<usize> = Vec::new();
    let mut first: Option<Token> = None;
    // The start of the group that is being dropped, and how many brackets are open in it.
    let mut deep: Option<(usize, usize)> = None;
    for index in 0..tokens.len() {
        let mut token = tokens[index];
        if let Some((start, open)) = deep {
            let open = open + usize::from(token.kind.is_open());
            let open = open - usize::from(token.kind.is_close());
            deep = (open > 0).then_some((start, open));
            tokens[start].end = token.end;
            continue;
        }
        if token.kind.is_open() && depth + prefixes >= MAX_DEPTH {
            first = first.or(Some(token));
            token.kind = TokenKind::Unreadable;
            deep = Some((kept, 1));
        } else if token.kind.is_open() {
            depth += 1 + prefixes;
            outer.push(prefixes);
            prefixes = 0;
        } else if token.kind.is_close() {
            depth -= outer.pop().map_or(0, |p| p + 1);
            prefixes = 0;
        } else if token.kind.is_prefix() && depth + prefixes >= MAX_DEPTH {
            first = first.or(Some(token));
            token.kind = TokenKind::Unreadable;
        } else if token.kind.is_prefix() {
            prefixes += usize::from(token.kind != TokenKind::Discard);
        } else {
            prefixes = 0;
        }
        tokens[kept] = token;
        kept += 1;
    }
    tokens.truncate(kept);
    if let Some(token) = first {
        let span = Span::new(file, token.start, token.end);
        report.push(diagnostics::nesting_too_deep(span, MAX_DEPTH));
    }
    deep.is_some()
}
