//! Programs in classes of words, for colours on a page and at the prompt, by the lexer that reads
//! them: every byte of the text is in the output once, in order.

use super::frame::escape;
use eclexia_base::FileId;
use eclexia_syntax::{Token, TokenKind, lex};
use std::fmt::Write;

/// HTML of a text.
pub fn line(text: &str) -> String {
    let mut html = String::new();
    for (class, word) in parts(text) {
        match class {
            "" => html.push_str(&escape(word)),
            class => drop(write!(html, "<span class=\"{class}\">{}</span>", escape(word))),
        }
    }
    html
}

/// The text in parts, each with its class; white space has none.
pub fn parts(text: &str) -> Vec<(&'static str, &str)> {
    let (tokens, _) = lex(FileId(0), text);
    let mut parts = Vec::new();
    let mut at = 0;
    for (n, token) in tokens.iter().enumerate() {
        let is_head = n > 0 && tokens[n - 1].kind == TokenKind::OpenParen;
        parts.push(("", text.get(at..token.start as usize).unwrap_or_default()));
        let word = token.text(text);
        parts.push((class(*token, word, is_head), word));
        at = token.end as usize;
    }
    parts.push(("", text.get(at..).unwrap_or_default()));
    parts.retain(|(_, word)| !word.is_empty());
    parts
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
