//! Text to tree: `decode` bytes, `lex` to tokens, `balance` the brackets, `read` to a tree; `print`
//! a tree back, `format` a file. One file, one value, no context. Every function here is total and
//! none recurses: any bytes give a tree with error nodes and diagnostics, in linear time and with
//! the nesting of the tree bounded by [`MAX_DEPTH`].

mod balance;
mod builder;
mod decode;
mod diagnostics;
mod format;
mod layout;
mod lexer;
mod number;
pub mod print;
mod read;
mod report;
mod string;
mod terminal;
pub mod token;
pub mod tree;

/// Generated from `grammar.lalrpop` by the build script.
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, reason = "generated code")]
#[allow(dead_code, unused_imports, reason = "generated code")]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/grammar.rs"));
}

pub use balance::MAX_DEPTH;
pub use decode::{decode, read_bytes};
pub use format::format;
pub use lexer::{MAX_FILE_BYTES, lex};
pub use read::{needs_more, read};
pub use token::{Token, TokenKind};
pub use tree::{Comment, CommentKind, Node, NodeId, NodeKind, Tree};
