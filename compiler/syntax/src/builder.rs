//! The arena behind the grammar's actions: tokens in, nodes out. Finished data wait on a stack
//! until the bracket or prefix around them ends; then they move, as one slice, into the shared
//! vector of children. So a node costs no allocation of its own.
//!
//! Values are read here, out of the text, and the mistakes inside single tokens are reported here.
//! Names are interned through a cache per file, to stay off the lock of the global table.

use crate::diagnostics;
use crate::number;
use crate::report::Report;
use crate::string;
use crate::token::{Token, TokenKind};
use crate::tree::{Comment, CommentKind, Node, NodeId, NodeKind, Tree};
use eclexia_base::{FileId, FxHashMap, Name, Span};

pub struct Builder<'t> {
    file: FileId,
    text: &'t str,
    nodes: Vec<Node>,
    children: Vec<NodeId>,
    /// Data that are finished and not yet part of another.
    stack: Vec<NodeId>,
    dropped: Vec<Comment>,
    names: FxHashMap<&'t str, Name>,
    report: &'t mut Report,
}

/// Where the arena stood when a `#_` began.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    start: u32,
    nodes: u32,
    children: u32,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(
        file: FileId,
        text: &'t str,
        tokens: usize,
        report: &'t mut Report,
    ) -> Builder<'t> {
        Builder {
            file,
            text,
            nodes: Vec::with_capacity(tokens),
            children: Vec::with_capacity(tokens),
            stack: Vec::with_capacity(64),
            dropped: Vec::new(),
            names: FxHashMap::default(),
            report,
        }
    }

    pub fn atom(&mut self, token: Token) {
        let kind = self.value(token);
        self.push(Node {
            kind,
            start: token.start,
            end: token.end,
            first_child: 0,
            child_count: 0,
        });
    }

    pub fn group(&mut self, kind: NodeKind, open: Token, count: u32, close: Token) {
        let first_child = self.children.len() as u32;
        let from = self.stack.len() - count as usize;
        self.children.extend_from_slice(&self.stack[from..]);
        self.stack.truncate(from);
        let (start, end) = (open.start, close.end);
        self.push(Node { kind, start, end, first_child, child_count: count });
    }

    pub fn prefixed(&mut self, token: Token) {
        let kind = match token.kind {
            TokenKind::Borrow => NodeKind::Borrow,
            TokenKind::Quote => NodeKind::Quote,
            TokenKind::Quasiquote => NodeKind::Quasiquote,
            TokenKind::Unquote => NodeKind::Unquote,
            _ => NodeKind::Splice,
        };
        if kind != NodeKind::Borrow {
            let span = Span::new(self.file, token.start, token.end);
            let written = token.text(self.text);
            self.report.push_with(diagnostics::QUOTATION_RESERVED, || {
                diagnostics::quotation_reserved(span, written)
            });
        }
        let end = self.stack.last().map_or(token.end, |id| self.nodes[id.0 as usize].end);
        self.group(kind, token, 1, Token { end, ..token });
    }

    pub fn mark(&mut self, token: Token) -> Mark {
        let (nodes, children) = (self.nodes.len() as u32, self.children.len() as u32);
        Mark { start: token.start, nodes, children }
    }

    /// Forgets the datum on top of the stack, and keeps its place as a comment.
    pub fn drop_since(&mut self, mark: Mark) {
        let end = self.stack.pop().map_or(mark.start, |id| self.nodes[id.0 as usize].end);
        self.dropped.push(Comment { kind: CommentKind::Datum, start: mark.start, end });
        self.nodes.truncate(mark.nodes as usize);
        self.children.truncate(mark.children as usize);
    }

    pub(crate) fn finish(self, comments: Vec<Comment>) -> Tree {
        let comments = merge_comments(comments, self.dropped);
        let (nodes, children) = (self.nodes.into(), self.children);
        Tree { file: self.file, nodes, children, roots: self.stack, comments, mistakes: Vec::new() }
    }

    fn push(&mut self, node: Node) {
        self.stack.push(NodeId(self.nodes.len() as u32));
        self.nodes.push(node);
    }

    fn name(&mut self, text: &'t str) -> Name {
        *self.names.entry(text).or_insert_with(|| Name::new(text))
    }

    fn value(&mut self, token: Token) -> NodeKind {
        let word: &'t str = &self.text[token.start as usize..token.end as usize];
        match token.kind {
            TokenKind::Symbol => NodeKind::Symbol(self.name(word)),
            TokenKind::Keyword => NodeKind::Keyword(self.name(&word[1..])),
            TokenKind::Int => self.in_range(token, number::int_value(word).map(NodeKind::Int)),
            TokenKind::Float => {
                self.in_range(token, number::float_value(word).map(NodeKind::Float))
            }
            TokenKind::Percent => {
                self.in_range(token, number::percent_value(word).map(NodeKind::Float))
            }
            TokenKind::Quantity => self.quantity(word),
            TokenKind::Str => self.string(token, word),
            TokenKind::RawStr => {
                let body = word.get(3..).unwrap_or("");
                NodeKind::Str(Name::new(body.strip_suffix("\"\"\"").unwrap_or(body)))
            }
            _ => NodeKind::Error,
        }
    }

    fn in_range(&mut self, token: Token, value: Option<NodeKind>) -> NodeKind {
        if let Some(kind) = value {
            return kind;
        }
        let span = Span::new(self.file, token.start, token.end);
        self.report.push_with(diagnostics::NUMBER_OUT_OF_RANGE, || {
            diagnostics::number_out_of_range(span, token.kind)
        });
        NodeKind::Error
    }

    fn quantity(&mut self, word: &'t str) -> NodeKind {
        let number::Shape::Quantity(at) = number::shape(word) else {
            return NodeKind::Error;
        };
        let (number, unit) = word.split_at(at);
        let number = if number.contains(['_', '+']) {
            Name::new(&number::without_underscores(number))
        } else {
            self.name(number)
        };
        NodeKind::Quantity { number, unit: self.name(unit) }
    }

    fn string(&mut self, token: Token, word: &'t str) -> NodeKind {
        let body = word.get(1..).unwrap_or("");
        let body = body.strip_suffix('"').unwrap_or(body);
        if !body.contains('\\') {
            return NodeKind::Str(self.name(body));
        }
        let (value, mistakes) = string::unescape(body);
        for mistake in mistakes {
            let start = token.start + 1 + mistake.at;
            let span = Span::new(self.file, start, start + mistake.length);
            let written = &body[mistake.at as usize..(mistake.at + mistake.length) as usize];
            self.report.push_with(diagnostics::BAD_ESCAPE, || {
                diagnostics::bad_escape(span, written, mistake.kind)
            });
        }
        NodeKind::Str(Name::new(&value))
    }
}

/// In order of start; what lies inside of a dropped datum is part of it.
fn merge_comments(mut comments: Vec<Comment>, dropped: Vec<Comment>) -> Vec<Comment> {
    if dropped.is_empty() {
        return comments;
    }
    comments.extend(dropped);
    comments.sort_by_key(|c| (c.start, std::cmp::Reverse(c.end)));
    let mut covered = 0;
    comments.retain(|c| {
        let own = c.start >= covered;
        if own && c.kind == CommentKind::Datum {
            covered = c.end;
        }
        own
    });
    comments
}
