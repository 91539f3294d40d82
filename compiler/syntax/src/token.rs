//! Tokens: a kind and a byte range, `Copy`. Every byte of a text that is not white space lies in
//! exactly one token; comments and unreadable text are tokens too. Tokens carry no values: the
//! builder reads those out of the text.

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    /// `&` directly before what it borrows.
    Borrow,
    /// `'`
    Quote,
    /// `` ` ``
    Quasiquote,
    /// `~`
    Unquote,
    /// `~@`
    Splice,
    /// `#_`
    Discard,
    Symbol,
    Keyword,
    Int,
    Float,
    /// `5%`
    Percent,
    /// `512MiB`
    Quantity,
    Str,
    /// `"""…"""`
    RawStr,
    LineComment,
    BlockComment,
    /// No token of the language, or a number or string with a mistake that leaves no value.
    Unreadable,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Token {
    pub kind: TokenKind,
    pub start: u32,
    pub end: u32,
}

impl TokenKind {
    pub fn is_open(self) -> bool {
        matches!(self, TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace)
    }

    pub fn is_close(self) -> bool {
        matches!(self, TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace)
    }

    pub fn is_comment(self) -> bool {
        matches!(self, TokenKind::LineComment | TokenKind::BlockComment)
    }

    /// A token that stands before a datum and belongs to it.
    pub fn is_prefix(self) -> bool {
        use TokenKind::{Borrow, Discard, Quasiquote, Quote, Splice, Unquote};
        matches!(self, Borrow | Quote | Quasiquote | Unquote | Splice | Discard)
    }

    /// The closing bracket of an opening one; any other kind is its own partner.
    pub fn closing(self) -> TokenKind {
        match self {
            TokenKind::OpenParen => TokenKind::CloseParen,
            TokenKind::OpenBracket => TokenKind::CloseBracket,
            TokenKind::OpenBrace => TokenKind::CloseBrace,
            other => other,
        }
    }

    /// How a bracket is written.
    pub fn glyph(self) -> &'static str {
        match self {
            TokenKind::OpenParen => "(",
            TokenKind::CloseParen => ")",
            TokenKind::OpenBracket => "[",
            TokenKind::CloseBracket => "]",
            TokenKind::OpenBrace => "{",
            TokenKind::CloseBrace => "}",
            _ => "",
        }
    }
}

impl Token {
    pub fn new(kind: TokenKind, start: usize, end: usize) -> Token {
        Token { kind, start: start as u32, end: end as u32 }
    }

    /// The text of the token; empty where the token is not of this text.
    pub fn text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}
