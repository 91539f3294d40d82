//! Tokens and trees as text, for `--emit` and for tests. A printed tree is a program again: if the
//! tree has no error nodes, reading the text gives the same tree. A form stands on one line where
//! it fits; otherwise its children stand on lines of their own, two columns further in.

use crate::token::Token;
use crate::tree::{NodeId, NodeKind, Tree};
use eclexia_base::FxHashSet;
use std::fmt::Write;

const WIDTH: usize = 100;
/// Further in, everything is printed as if it stood here.
const MAX_INDENT: usize = 60;

/// One token per line: its range, its kind, its text.
pub fn tokens(text: &str, tokens: &[Token]) -> String {
    let mut out = String::new();
    for token in tokens {
        let (kind, written) = (format!("{:?}", token.kind), token.text(text));
        let _ = writeln!(out, "{}..{} {kind} {}", token.start, token.end, written.escape_debug());
    }
    out
}

/// One top-level form after another.
pub fn tree(tree: &Tree) -> String {
    let mut printer = PrintCtx { tree, wide: wide(tree), out: String::new() };
    for root in &tree.roots {
        printer.root(*root);
        printer.out.push('\n');
    }
    printer.out
}

/// One datum of a tree on one line.
pub fn datum(tree: &Tree, id: NodeId) -> String {
    let mut printer = PrintCtx { tree, wide: FxHashSet::default(), out: String::new() };
    printer.root(id);
    printer.out
}

/// What is still to be printed.
enum Task {
    Node {
        id: NodeId,
        indent: usize,
    },
    Text(&'static str),
    /// Between two children: a space, or a new line with this indentation.
    Gap(Option<usize>),
}

struct PrintCtx<'t> {
    tree: &'t Tree,
    /// Nodes that are too wide for one line.
    wide: FxHashSet<NodeId>,
    out: String,
}

impl PrintCtx<'_> {
    fn root(&mut self, id: NodeId) {
        let mut tasks = vec![Task::Node { id, indent: 0 }];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Text(text) => self.out.push_str(text),
                Task::Gap(None) => self.out.push(' '),
                Task::Gap(Some(indent)) => {
                    let _ = write!(self.out, "\n{:indent$}", "");
                }
                Task::Node { id, indent } => self.node(id, indent, &mut tasks),
            }
        }
    }

    fn node(&mut self, id: NodeId, indent: usize, tasks: &mut Vec<Task>) {
        let kind = self.tree.kind(id);
        let (open, close) = delimiters(kind);
        if open.is_empty() {
            return atom(kind, &mut self.out);
        }
        self.out.push_str(open);
        tasks.push(Task::Text(close));
        let broken = self.wide.contains(&id);
        let inner = if close.is_empty() { indent } else { (indent + 2).min(MAX_INDENT) };
        let children = self.tree.children(id);
        for (index, child) in children.iter().enumerate().rev() {
            tasks.push(Task::Node { id: *child, indent: inner });
            if index > 0 {
                tasks.push(Task::Gap(broken.then_some(inner)));
            }
        }
    }
}

/// Brackets or prefix; empty for an atom.
pub fn delimiters(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::List => ("(", ")"),
        NodeKind::Vector => ("[", "]"),
        NodeKind::Map => ("{", "}"),
        NodeKind::Borrow => ("&", ""),
        NodeKind::Quote => ("'", ""),
        NodeKind::Quasiquote => ("`", ""),
        NodeKind::Unquote => ("~", ""),
        NodeKind::Splice => ("~@", ""),
        _ => ("", ""),
    }
}

fn atom(kind: NodeKind, out: &mut String) {
    let _ = match kind {
        NodeKind::Symbol(name) => write!(out, "{name}"),
        NodeKind::Keyword(name) => write!(out, ":{name}"),
        NodeKind::Int(value) => write!(out, "{value}"),
        NodeKind::Float(value) => write!(out, "{value:?}"),
        NodeKind::Quantity { number, unit } => write!(out, "{number}{unit}"),
        NodeKind::Str(text) => write!(out, "{}", quoted(text.as_str())),
        _ => write!(out, "<error>"),
    };
}

/// A string as it is written in a program.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\0' => out.push_str("\\0"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The nodes too wide for a line, measured children first.
fn wide(tree: &Tree) -> FxHashSet<NodeId> {
    let mut wide = FxHashSet::default();
    let mut widths: Vec<usize> = Vec::with_capacity(tree.len());
    let mut buffer = String::new();
    for (id, _) in tree.nodes.iter() {
        let kind = tree.kind(id);
        let (open, close) = delimiters(kind);
        let width = if open.is_empty() {
            buffer.clear();
            atom(kind, &mut buffer);
            buffer.chars().count()
        } else {
            let children = tree.children(id);
            let inner: usize = children.iter().map(|c| widths[c.0 as usize] + 1).sum();
            open.len() + close.len() + inner.saturating_sub(1)
        };
        if width > WIDTH && !open.is_empty() {
            wide.insert(id);
        }
        widths.push(width);
    }
    wide
}
