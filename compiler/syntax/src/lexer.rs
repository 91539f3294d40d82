//! Text in, tokens out, with what is wrong with single tokens. Total: any text gives tokens that
//! tile it up to white space (a comma is white space, as in Clojure). Strings and block comments
//! are scanned by hand, all else is a logos automaton.
//!
//! A string without its closing quote would swallow the rest of the file, and turn every later
//! string inside out. So when the end of the text is reached inside a string, the lexer goes back
//! to the first string that looks inside out (it spans lines, and its closing quote touches a
//! word), ends that one at the end of its first line, and lexes on from there. Raw strings and
//! block comments without end are ended before the next line that opens a top-level form.

use crate::diagnostics;
use crate::number::{self, Shape};
use crate::report::Report;
use crate::token::{Token, TokenKind};
use eclexia_base::{FileId, Span};
use eclexia_diag::Outcome;
use logos::Logos;

/// The largest text that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 64 << 20;

/// So many strings and comments without end are repaired with a look at what follows; from then on
/// a string ends on its own line. It keeps the lexer linear on texts made of nothing but quotes.
const MAX_OPEN: usize = 8;

#[derive(Logos, Clone, Copy, PartialEq, Eq, Debug)]
#[logos(skip r"[ \t\r\n\x0C,]+")]
#[logos(subpattern first = r"[\p{XID_Start}_+\-*/<>=!?.^$]")]
#[logos(subpattern rest = r"[\p{XID_Continue}_+\-*/<>=!?.^$&:']")]
#[logos(subpattern digits = r"[+-]?\.?[0-9]")]
enum Lexeme {
    #[token("(")]
    OpenParen,
    #[token(")")]
    CloseParen,
    #[token("[")]
    OpenBracket,
    #[token("]")]
    CloseBracket,
    #[token("{")]
    OpenBrace,
    #[token("}")]
    CloseBrace,
    #[token("&")]
    Ampersand,
    #[token("'")]
    Quote,
    #[token("`")]
    Quasiquote,
    #[token("~")]
    Unquote,
    #[token("~@")]
    Splice,
    #[token("#_")]
    Discard,
    #[token("#|")]
    BlockComment,
    #[token("\"")]
    Str,
    #[token("\"\"\"")]
    RawStr,
    #[regex(r";[^\n]*", allow_greedy = true)]
    LineComment,
    #[regex(r"(?&first)(?&rest)*", priority = 3)]
    Symbol,
    #[regex(r":(?&first)(?&rest)*", priority = 3)]
    #[regex(r":[0-9](?&rest)*", priority = 3)]
    Keyword,
    #[regex(r"(?&digits)((?&rest)|%)*", priority = 20)]
    Number,
}

/// The tokens of a text, with what the reader must know beside them.
pub(crate) struct Lexed {
    pub tokens: Vec<Token>,
    /// Starts of strings and comments that have no end, in order.
    pub unterminated: Vec<u32>,
}

/// Text to tokens; comments are kept, white space is not.
pub fn lex(file: FileId, text: &str) -> Outcome<Vec<Token>> {
    let mut report = Report::new();
    let lexed = lex_into(file, text, &mut report);
    (lexed.tokens, report.finish())
}

pub(crate) fn lex_into(file: FileId, text: &str, report: &mut Report) -> Lexed {
    if text.len() > MAX_FILE_BYTES {
        report.push(diagnostics::file_too_large(file, text.len()));
        return Lexed { tokens: Vec::new(), unterminated: Vec::new() };
    }
    let tokens = Vec::with_capacity(text.len() / 5 + 8);
    let mut lexer = LexCtx { text, tokens, unterminated: Vec::new() };
    let mut from = 0;
    while let Some(restart) = lexer.run(from) {
        from = restart;
    }
    lexer.report_mistakes(file, report);
    Lexed { tokens: lexer.tokens, unterminated: lexer.unterminated }
}

struct LexCtx<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    unterminated: Vec<u32>,
}

impl LexCtx<'_> {
    /// Lexes from a place; gives the place to go on from when an open string was repaired.
    fn run(&mut self, from: usize) -> Option<usize> {
        let mut lexer = Lexeme::lexer(self.text);
        lexer.bump(from);
        while let Some(raw) = lexer.next() {
            let span = lexer.span();
            let kind = match raw {
                Ok(Lexeme::Symbol) => TokenKind::Symbol,
                Ok(Lexeme::OpenParen) => TokenKind::OpenParen,
                Ok(Lexeme::CloseParen) => TokenKind::CloseParen,
                Ok(Lexeme::Number) => number::shape(lexer.slice()).token_kind(),
                Ok(Lexeme::Keyword) => TokenKind::Keyword,
                Ok(Lexeme::OpenBracket) => TokenKind::OpenBracket,
                Ok(Lexeme::CloseBracket) => TokenKind::CloseBracket,
                Ok(Lexeme::OpenBrace) => TokenKind::OpenBrace,
                Ok(Lexeme::CloseBrace) => TokenKind::CloseBrace,
                Ok(Lexeme::LineComment) => TokenKind::LineComment,
                Ok(Lexeme::Ampersand) => self.ampersand(span.end),
                Ok(Lexeme::Quote) => TokenKind::Quote,
                Ok(Lexeme::Quasiquote) => TokenKind::Quasiquote,
                Ok(Lexeme::Unquote) => TokenKind::Unquote,
                Ok(Lexeme::Splice) => TokenKind::Splice,
                Ok(Lexeme::Discard) => TokenKind::Discard,
                Ok(Lexeme::Str | Lexeme::RawStr) => {
                    let is_raw = raw == Ok(Lexeme::RawStr);
                    let end = match self.string_end(span.end, is_raw) {
                        Some(end) => end,
                        None => return Some(self.repair_string(span.start, is_raw)),
                    };
                    lexer.bump(end - span.end);
                    let kind = if is_raw { TokenKind::RawStr } else { TokenKind::Str };
                    self.tokens.push(Token::new(kind, span.start, end));
                    continue;
                }
                Ok(Lexeme::BlockComment) => {
                    let end = self.comment_end(span.start, span.end);
                    lexer.bump(end - span.end);
                    self.tokens.push(Token::new(TokenKind::BlockComment, span.start, end));
                    continue;
                }
                Err(()) => {
                    self.push_unreadable(span.start, span.end);
                    continue;
                }
            };
            self.tokens.push(Token::new(kind, span.start, span.end));
        }
        None
    }

    /// `&` borrows what it touches; before white space or a closing bracket it is a name.
    fn ampersand(&self, end: usize) -> TokenKind {
        let separators = b" \t\r\n\x0C,;)]}";
        match self.text.as_bytes().get(end) {
            None => TokenKind::Symbol,
            Some(next) if separators.contains(next) => TokenKind::Symbol,
            Some(_) => TokenKind::Borrow,
        }
    }

    /// Neighbouring unreadable characters are one token.
    fn push_unreadable(&mut self, start: usize, end: usize) {
        match self.tokens.last_mut() {
            Some(last)
                if last.kind == TokenKind::Unreadable
                    && last.end as usize == start
                    && !starts_like_number(last.text(self.text)) =>
            {
                last.end = end as u32;
            }
            _ => self.tokens.push(Token::new(TokenKind::Unreadable, start, end)),
        }
    }

    /// The end of the string whose text starts at `from`; `None` if the text ends first.
    fn string_end(&self, from: usize, is_raw: bool) -> Option<usize> {
        let one_line = self.unterminated.len() >= MAX_OPEN;
        let window = if one_line { &self.text[..self.line_end(from)] } else { self.text };
        if is_raw {
            return window[from..].find("\"\"\"").map(|i| from + i + 3);
        }
        let bytes = window.as_bytes();
        let mut at = from;
        loop {
            match bytes.get(at)? {
                b'"' => return Some(at + 1),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    }

    fn line_end(&self, from: usize) -> usize {
        self.text[from..].find('\n').map_or(self.text.len(), |i| from + i)
    }

    fn comment_end(&mut self, start: usize, from: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut depth = 1;
        let mut at = from;
        while at + 1 < bytes.len() {
            match &bytes[at..at + 2] {
                b"|#" => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return at;
                    }
                }
                b"#|" => {
                    depth += 1;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        let end = match self.unterminated.len() < MAX_OPEN {
            true => self.next_top_level(start),
            false => bytes.len(),
        };
        self.unterminated.push(start as u32);
        end
    }

    /// Ends the open string that starts at `start`, or the earlier one that swallowed its
    /// beginning, and says where to go on.
    fn repair_string(&mut self, start: usize, is_raw: bool) -> usize {
        let (start, is_raw) = match self.inside_out() {
            Some(index) => {
                let culprit = self.tokens[index];
                self.tokens.truncate(index);
                (culprit.start as usize, culprit.kind == TokenKind::RawStr)
            }
            None => (start, is_raw),
        };
        let one_line = self.unterminated.len() >= MAX_OPEN;
        let end = if is_raw && !one_line {
            self.before_closers(start + 3, self.next_top_level(start))
        } else {
            self.before_closers(start + 1, self.line_end(start))
        };
        self.unterminated.push(start as u32);
        let kind = if is_raw { TokenKind::RawStr } else { TokenKind::Str };
        self.tokens.push(Token::new(kind, start, end));
        end
    }

    /// The first string after the last repair that spans lines and whose closing quote touches
    /// a word: what it holds is code, and its closing quote opens the next string.
    fn inside_out(&self) -> Option<usize> {
        if self.unterminated.len() >= MAX_OPEN {
            return None;
        }
        let done = self.unterminated.last().map_or(0, |s| *s as usize + 1);
        let first = self.tokens.partition_point(|t| (t.start as usize) < done);
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b"/\\.$<%_-".contains(b);
        let suspect = |token: &Token| {
            matches!(token.kind, TokenKind::Str)
                && token.text(self.text).contains('\n')
                && self.text.as_bytes().get(token.end as usize).is_some_and(is_word)
        };
        self.tokens[first..].iter().position(suspect).map(|i| first + i)
    }

    /// `end`, before those closing brackets at it that have no partner within the string: they
    /// most likely belong to the code around it.
    fn before_closers(&self, from: usize, end: usize) -> usize {
        let from = from.min(end);
        let line = self.text[from..end].trim_end();
        let body = line.trim_end_matches([')', ']', '}', ' ', '\t']);
        let open = body.bytes().fold(0usize, |depth, b| match b {
            b'(' | b'[' | b'{' => depth + 1,
            b')' | b']' | b'}' => depth.saturating_sub(1),
            _ => depth,
        });
        let own = line[body.len()..].bytes().take(open).count();
        from + body.len() + own
    }

    /// The start of the next line that opens a top-level form, or the end of the text.
    fn next_top_level(&self, from: usize) -> usize {
        let end = self.text[from..].find("\n(").map_or(self.text.len(), |i| from + i);
        from + self.text[from..end].trim_end().len()
    }

    /// Reports unreadable tokens and open ones, after all repairs are done.
    fn report_mistakes(&self, file: FileId, report: &mut Report) {
        let mut open = self.unterminated.iter().peekable();
        let unreadable = |t: &&Token| {
            matches!(t.kind, TokenKind::Unreadable)
                || matches!(t.kind, TokenKind::Str | TokenKind::RawStr | TokenKind::BlockComment)
        };
        for token in self.tokens.iter().filter(unreadable) {
            let span = Span::new(file, token.start, token.end);
            let text = token.text(self.text);
            if token.kind != TokenKind::Unreadable {
                if open.next_if_eq(&&token.start).is_some() {
                    report.push(match token.kind {
                        TokenKind::BlockComment => {
                            let line_end = self.line_end(span.start as usize) as u32;
                            diagnostics::unterminated_comment(span, line_end)
                        }
                        kind => diagnostics::unterminated_string(span, kind == TokenKind::RawStr),
                    });
                }
                continue;
            }
            match starts_like_number(text).then(|| number::shape(text)) {
                Some(Shape::Malformed(mistake)) => {
                    report.push_with(diagnostics::MALFORMED_NUMBER, || {
                        diagnostics::malformed_number(span, text, mistake)
                    });
                }
                _ => report.push_with(diagnostics::UNREADABLE_TEXT, || {
                    diagnostics::unreadable_text(span, text)
                }),
            }
        }
    }
}

fn starts_like_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned);
    digits.starts_with(|c: char| c.is_ascii_digit())
}
