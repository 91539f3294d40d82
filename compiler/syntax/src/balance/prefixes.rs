//! Prefixes (`'`, `&`, `#_`, …) and what they stand before; and the test whether anything in a
//! file needs repair at all.
//!
//! Each open bracket, and the file itself, is a level. A level has pending prefixes, a stack. When
//! a datum ends, prefixes that wrap take it and are data themselves; a `#_` takes it and nothing
//! is left, so prefixes below still wait: `#_ #_ a b` drops two data.

use super::MAX_DEPTH;
use crate::diagnostics;
use crate::report::Report;
use crate::token::{Token, TokenKind};
use eclexia_base::{FileId, Span};

/// Brackets match, prefixes have data, nesting is within its limit.
pub(crate) fn is_sound(tokens: &[Token]) -> bool {
    let mut open: Vec<TokenKind> = Vec::with_capacity(64);
    let mut pending = Pending::default();
    for token in tokens {
        match token.kind {
            kind if kind.is_open() => {
                if open.len() + pending.wraps >= MAX_DEPTH {
                    return false;
                }
                open.push(kind.closing());
                pending.open();
            }
            kind if kind.is_close() => {
                if open.pop() != Some(kind) || pending.waiting().is_some() {
                    return false;
                }
                pending.close();
            }
            kind if kind.is_prefix() => {
                pending.prefix(*token);
                if open.len() + pending.wraps > MAX_DEPTH {
                    return false;
                }
            }
            kind if kind.is_comment() => {}
            _ => pending.datum(),
        }
    }
    open.is_empty() && pending.waiting().is_none()
}

/// Puts an unreadable token of no width where a prefix has nothing to stand before.
pub(crate) fn complete(
    file: FileId,
    text: &str,
    tokens: Vec<Token>,
    report: &mut Report,
) -> Vec<Token> {
    let mut result = Vec::with_capacity(tokens.len() + 1);
    let mut pending = Pending::default();
    let end = text.len();
    let end_of_file = Token::new(TokenKind::CloseParen, end, end);
    for (index, token) in tokens.iter().copied().chain([end_of_file]).enumerate() {
        match token.kind {
            kind if kind.is_close() => {
                if let Some(prefix) = pending.waiting() {
                    let span = Span::new(file, prefix.start, prefix.end);
                    let written = prefix.text(text);
                    report.push_with(diagnostics::MISSING_FORM, || {
                        diagnostics::missing_form(span, written)
                    });
                }
                while let Some(prefix) = pending.waiting() {
                    let at = prefix.end as usize;
                    result.push(Token::new(TokenKind::Unreadable, at, at));
                    pending.datum();
                }
                pending.close();
            }
            kind if kind.is_open() => pending.open(),
            kind if kind.is_prefix() => pending.prefix(token),
            _ => pending.datum(),
        }
        if index < tokens.len() {
            result.push(token);
        }
    }
    result
}

/// The pending prefixes of all open levels, innermost last.
#[derive(Default)]
struct Pending {
    prefixes: Vec<Token>,
    /// Where each open level begins in `prefixes`.
    levels: Vec<usize>,
    /// How many of `prefixes` wrap their datum, which makes the tree deeper.
    wraps: usize,
}

impl Pending {
    fn open(&mut self) {
        self.levels.push(self.prefixes.len());
    }

    /// Ends a level, which is a datum of the level around it.
    fn close(&mut self) {
        self.levels.pop();
        self.datum();
    }

    fn prefix(&mut self, token: Token) {
        self.wraps += usize::from(token.kind != TokenKind::Discard);
        self.prefixes.push(token);
    }

    fn waiting(&self) -> Option<Token> {
        let base = self.levels.last().copied().unwrap_or(0);
        self.prefixes.get(base..)?.last().copied()
    }

    fn datum(&mut self) {
        while let Some(prefix) = self.waiting() {
            self.prefixes.pop();
            if prefix.kind == TokenKind::Discard {
                return;
            }
            self.wraps -= 1;
        }
    }
}
