//! Text in, tree out: `lex`, `balance`, and the datum grammar. Total: any text has a tree.

use crate::balance;
use crate::builder::Builder;
use crate::grammar::FileParser;
use crate::lexer;
use crate::report::Report;
use crate::terminal::Terminal;
use crate::token::{Token, TokenKind};
use crate::tree::{Comment, CommentKind, Tree};
use eclexia_base::{FileId, bug};
use eclexia_diag::Outcome;

/// The tree of a text, with error nodes where it is no program text.
pub fn read(file: FileId, text: &str) -> Outcome<Tree> {
    let mut report = Report::new();
    let lexed = lexer::lex_into(file, text, &mut report);
    let comments = comments(&lexed.tokens);
    let repaired = balance::balance(file, text, &lexed, &mut report);
    let tokens = repaired.as_ref().unwrap_or(&lexed.tokens);
    let mut builder = Builder::new(file, text, tokens.len(), &mut report);
    let terminals = tokens.iter().filter_map(|t| Terminal::try_from_token(*t));
    let parsed = FileParser::new().parse(&mut builder, terminals.map(|t| Ok(((), t, ()))));
    if let Err(error) = parsed {
        bug!("balanced tokens do not parse: {error:?}");
    }
    let mut tree = builder.finish(comments);
    let found = report.finish();
    let places = found.iter().filter_map(|d| d.primary.as_ref());
    tree.mistakes = places.map(|label| label.span).collect();
    tree.mistakes.sort_by_key(|span| span.start);
    (tree, found)
}

fn comments(tokens: &[Token]) -> Vec<Comment> {
    let comment = |token: &Token| {
        let kind = match token.kind {
            TokenKind::LineComment => CommentKind::Line,
            TokenKind::BlockComment => CommentKind::Block,
            _ => return None,
        };
        Some(Comment { kind, start: token.start, end: token.end })
    };
    tokens.iter().filter_map(comment).collect()
}

/// Whether a line typed into the REPL goes on: a bracket, string or block comment is open at its
/// end. A text with a bracket that fits nothing is complete; reading it says what is wrong.
pub fn needs_more(text: &str) -> bool {
    let lexed = lexer::lex_into(FileId(0), text, &mut Report::new());
    let mut open = Vec::new();
    for token in &lexed.tokens {
        if token.kind.is_open() {
            open.push(token.kind.closing());
        } else if token.kind.is_close() && open.pop() != Some(token.kind) {
            return false;
        }
    }
    !open.is_empty() || !lexed.unterminated.is_empty()
}
