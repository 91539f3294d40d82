//! What the grammar distinguishes: brackets, prefixes, and atoms, which are all alike to it.

use crate::token::{Token, TokenKind};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Terminal {
    OpenParen(Token),
    CloseParen(Token),
    OpenBracket(Token),
    CloseBracket(Token),
    OpenBrace(Token),
    CloseBrace(Token),
    Prefix(Token),
    Discard(Token),
    Atom(Token),
}

impl Terminal {
    /// `None` for a comment.
    pub(crate) fn try_from_token(token: Token) -> Option<Terminal> {
        Some(match token.kind {
            TokenKind::OpenParen => Terminal::OpenParen(token),
            TokenKind::CloseParen => Terminal::CloseParen(token),
            TokenKind::OpenBracket => Terminal::OpenBracket(token),
            TokenKind::CloseBracket => Terminal::CloseBracket(token),
            TokenKind::OpenBrace => Terminal::OpenBrace(token),
            TokenKind::CloseBrace => Terminal::CloseBrace(token),
            TokenKind::Discard => Terminal::Discard(token),
            TokenKind::LineComment | TokenKind::BlockComment => return None,
            kind if kind.is_prefix() => Terminal::Prefix(token),
            _ => Terminal::Atom(token),
        })
    }
}
