//! Programs in colours, by the lexer that reads them: every byte of the text is in the output once,
//! in order.

use super::frame::escape;
use eclexia_base::FileId;
use eclexia_syntax::{Token, TokenKind, lex};
use std::fmt::Write;

/// HTML of a text.
pub fn line(text: &str) -> String {
    let (tokens, _) = lex(FileId(0), text);
    let mut html = String::new();
    let mut at = 0;
    for (n, token) in tokens.iter().enumerate() {
        let is_head = n > 0 && tokens[n - 1].kind == TokenKind::OpenParen;
        html.push_str(&escape(text.get(at..token.start as usize).unwrap_or_default()));
        let word = token.text(text);
        match class(*token, word, is_head) {
            "" => html.push_str(&escape(word)),
            class => drop(write!(html, "<span class=\"{class}\">{}</span>", escape(word))),
        }
        at = token.end as usize;
    }
    html.push_str(&escape(text.get(at..).unwrap_or_default()));
    html
}

fn class(token: Token, word: &str, is_head: bool) -> &'static str {
    use TokenKind as K;
    match token.kind {
        K::LineComment | K::BlockComment | K::Discard => "cm",
        K::Str | K::RawStr => "st",
        K::Int | K::Float | K::Percent | K::Quantity => "nu",
        K::Keyword => "ke",
        K::Unreadable => "un",
        K::Symbol if is_form(word) && is_head => "fo",
        K::Symbol if ["true", "false", "unit"].contains(&word) => "nu",
        K::Symbol if word.starts_with(char::is_uppercase) => "ty",
        K::Symbol if is_head => "he",
        kind if kind.is_open() || kind.is_close() => "br",
        _ => "",
    }
}

/// What is syntax and no function.
fn is_form(word: &str) -> bool {
    let others = ["module", "import", "sig", "instance", "extern", "variant", "builtin"];
    word.starts_with("def")
        || others.contains(&word)
        || eclexia_core::special_names().any(|n| n == word)
}
