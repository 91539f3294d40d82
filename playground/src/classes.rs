//! Words in classes, for colours: comments, texts and numbers by the lexer, names by what they
//! mean where that is known. What comes out is sorted, and nothing in it overlaps.

use crate::places::Places;
use eclexia_base::FileId;
use eclexia_db::Analysis;
use eclexia_ide::TokenKind as Meant;
use eclexia_ide::describe::Kind;
use eclexia_syntax::TokenKind as Read;
use serde::Serialize;

/// Start, end, and the name of the class.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word(pub u32, pub u32, pub &'static str);

/// The words of a file that have a colour.
pub fn words(analysis: &Analysis, file: FileId) -> Vec<Word> {
    let text = analysis.sources.text(file);
    let meant = eclexia_ide::tokens(analysis, file);
    let meant = meant
        .iter()
        .filter_map(|token| Some(Word(token.span.start, token.span.end, of_meaning(token.kind)?)));
    let (tokens, _) = eclexia_syntax::lex(file, text);
    let read = tokens.iter().filter_map(|t| Some(Word(t.start, t.end, of_reading(t.kind)?)));
    let mut all: Vec<Word> = meant.chain(read).collect();
    // A quantity is one token to the lexer; its number, which is shorter, comes first, then its
    // unit. The name behind the colon of a keyword goes: it has the same colour.
    all.sort_by_key(|word| (word.0, word.1));
    let mut end = 0;
    all.retain(|word| {
        let is_apart = word.0 >= end && word.0 < word.1;
        end = if is_apart { word.1 } else { end };
        is_apart
    });
    let bounds = Places::new(text).ascending(all.iter().flat_map(|word| [word.0, word.1]));
    let bounds = bounds.chunks_exact(2);
    all.iter().zip(bounds).map(|(word, at)| Word(at[0], at[1], word.2)).collect()
}

fn of_meaning(kind: Meant) -> Option<&'static str> {
    Some(match kind {
        Meant::Parameter => "parameter",
        Meant::Quantity => "number",
        Meant::Keyword => "keyword",
        Meant::Name(kind) => match kind {
            Kind::Form | Kind::Macro => "form",
            Kind::Function | Kind::Method => "function",
            Kind::Constant | Kind::Deployed | Kind::Test => "constant",
            Kind::Constructor => "constructor",
            Kind::Record | Kind::Type | Kind::Alias | Kind::Interface | Kind::TypeVariable => {
                "type"
            }
            Kind::Field | Kind::Option => "keyword",
            Kind::Unit => "unit",
            Kind::Module => "module",
            Kind::Local => return None,
        },
    })
}

fn of_reading(kind: Read) -> Option<&'static str> {
    Some(match kind {
        Read::LineComment | Read::BlockComment | Read::Discard => "comment",
        Read::Str | Read::RawStr => "text",
        Read::Int | Read::Float | Read::Percent | Read::Quantity => "number",
        Read::Keyword => "keyword",
        Read::Unreadable => "unreadable",
        kind if kind.is_open() || kind.is_close() => "bracket",
        _ => return None,
    })
}
