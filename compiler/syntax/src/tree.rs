//! The tree: a value per file; one node per datum, error nodes where the text is no datum, comments
//! beside it. It is total, lossless together with the text (spans tile the file up to white space
//! and comments), and knows no names: `if` and `foo` are both symbols.
//!
//! Nodes live in one arena in the order they end (children before parents); children of a node are
//! a contiguous slice of one shared vector.

use eclexia_base::{FileId, IdMap, Name, Span};

eclexia_base::define_id!(NodeId, "n");

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum NodeKind {
    /// `( … )`
    List,
    /// `[ … ]`
    Vector,
    /// `{ … }`
    Map,
    /// `&x`: one child.
    Borrow,
    /// `'x`, `` `x ``, `~x`, `~@x`: one child; reserved, an error in a program.
    Quote,
    Quasiquote,
    Unquote,
    Splice,
    /// Any name: `foo`, `list/map`, `.x`, `...`, `&`.
    Symbol(Name),
    /// `:name`, without the colon.
    Keyword(Name),
    Int(i64),
    /// A float literal, or `5%` as 0.05.
    Float(f64),
    /// `512MiB`: the number as written (`_` removed) and the unit expression as written.
    Quantity {
        number: Name,
        unit: Name,
    },
    /// A string with its escapes resolved.
    Str(Name),
    /// No datum: an unreadable token or a bracket without partner; already reported.
    Error,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Node {
    pub kind: NodeKind,
    pub start: u32,
    pub end: u32,
    pub(crate) first_child: u32,
    pub(crate) child_count: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommentKind {
    /// `; …` to the end of the line.
    Line,
    /// `#| … |#`, nested.
    Block,
    /// `#_form`: the prefix and the form it drops.
    Datum,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    pub kind: CommentKind,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Tree {
    pub file: FileId,
    pub(crate) nodes: IdMap<NodeId, Node>,
    pub(crate) children: Vec<NodeId>,
    /// The top-level data, in order.
    pub roots: Vec<NodeId>,
    /// In order of `start`.
    pub comments: Vec<Comment>,
    /// Where reading failed, in order of `start`: what is built there is a guess.
    pub mistakes: Vec<Span>,
}

impl Tree {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }
    pub fn kind(&self, id: NodeId) -> NodeKind {
        self.nodes[id].kind
    }
    pub fn children(&self, id: NodeId) -> &[NodeId] {
        let node = &self.nodes[id];
        let first = node.first_child as usize;
        &self.children[first..first + node.child_count as usize]
    }
    pub fn span(&self, id: NodeId) -> Span {
        let node = &self.nodes[id];
        Span::new(self.file, node.start, node.end)
    }
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}
