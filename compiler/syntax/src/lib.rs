//! Text to tree: `decode` bytes, `lex` to tokens, `balance` the brackets, `read` to a tree; `print`
//! a tree back, `format` a file. One file, one value, no context.

pub mod tree;

pub use tree::{Comment, CommentKind, Node, NodeId, NodeKind, Tree};
