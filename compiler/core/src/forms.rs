//! Forms: what the resolver reads. A form is a datum of the module's tree or one that an expansion
//! made; both are read through [`Forms`], so code without macros is never copied.
//!
//! Made forms live in one overlay arena per module. A made form has a [`Place`] (the user's place
//! first) and a mark: 0 for what a user wrote, else the expansion whose template wrote it.
//!
//! ```text
//! Form = 0nnnnnnn…  node n of the tree        Form = 1nnnnnnn…  made form n
//! ```

use crate::core::Place;
use eclexia_base::{Name, Span};
use eclexia_syntax::{NodeId, NodeKind, Tree};
use std::fmt::Write;

/// A handle; copied freely.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Form(u32);

const MADE: u32 = 1 << 31;

/// The mark of what a user wrote.
pub const USER: u32 = 0;

struct Made {
    kind: NodeKind,
    place: Place,
    mark: u32,
    first: u32,
    count: u32,
    /// Made forms nested in it.
    depth: u32,
}

/// The forms of one module.
pub struct Forms<'t> {
    tree: &'t Tree,
    made: Vec<Made>,
    children: Vec<Form>,
}

/// A run of children of one form.
#[derive(Clone, Copy, Debug)]
pub struct Kids {
    parent: Form,
    from: u32,
    to: u32,
}

impl Kids {
    pub fn len(self) -> usize {
        (self.to - self.from) as usize
    }

    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// All but the first `n`.
    pub fn skip(self, n: usize) -> Kids {
        Kids { from: (self.from + n as u32).min(self.to), ..self }
    }

    /// Only the first `n`.
    pub fn take(self, n: usize) -> Kids {
        Kids { to: (self.from + n as u32).min(self.to), ..self }
    }
}

impl Form {
    pub fn of_node(node: NodeId) -> Form {
        Form(node.0)
    }

    fn made(self) -> Option<usize> {
        (self.0 & MADE != 0).then_some((self.0 & !MADE) as usize)
    }
}

impl<'t> Forms<'t> {
    /// Whether the reader reported something inside of the span.
    pub fn has_mistake(&self, span: Span) -> bool {
        let mistakes = &self.tree.mistakes;
        let from = mistakes.partition_point(|m| m.start < span.start);
        span.file == self.tree.file && mistakes.get(from).is_some_and(|m| m.start <= span.end)
    }

    pub fn new(tree: &'t Tree) -> Forms<'t> {
        Forms { tree, made: Vec::new(), children: Vec::new() }
    }

    pub fn tree(&self) -> &'t Tree {
        self.tree
    }

    pub fn kind(&self, form: Form) -> NodeKind {
        match form.made() {
            None => self.tree.kind(NodeId(form.0)),
            Some(i) => self.made[i].kind,
        }
    }

    pub fn span(&self, form: Form) -> Span {
        match form.made() {
            None => self.tree.span(NodeId(form.0)),
            Some(i) => self.made[i].place.span,
        }
    }

    /// A place with the space behind what stands before it; without, where a comment is between.
    pub fn with_gap(&self, before: Span, span: Span) -> Span {
        let comments = &self.tree.comments;
        let from = comments.partition_point(|comment| comment.start < before.end);
        let is_between = comments.get(from).is_some_and(|comment| comment.start < span.start);
        match is_between || before.end > span.start {
            true => span,
            false => Span { start: before.end, ..span },
        }
    }

    pub fn place(&self, form: Form) -> Place {
        match form.made() {
            None => Place { span: self.tree.span(NodeId(form.0)), inside: None },
            Some(i) => self.made[i].place,
        }
    }

    pub fn mark(&self, form: Form) -> u32 {
        form.made().map_or(USER, |i| self.made[i].mark)
    }

    /// The children of a list, vector, map or prefix form.
    pub fn kids(&self, form: Form) -> Kids {
        let count = match form.made() {
            None => self.tree.children(NodeId(form.0)).len() as u32,
            Some(i) => self.made[i].count,
        };
        Kids { parent: form, from: 0, to: count }
    }

    /// The `i`-th of a run.
    pub fn get(&self, kids: Kids, i: usize) -> Option<Form> {
        (i < kids.len()).then(|| self.child(kids.parent, kids.from as usize + i))
    }

    fn child(&self, form: Form, i: usize) -> Form {
        match form.made() {
            None => Form(self.tree.children(NodeId(form.0))[i].0),
            Some(at) => self.children[self.made[at].first as usize + i],
        }
    }

    pub fn to_vec(&self, kids: Kids) -> Vec<Form> {
        (0..kids.len()).filter_map(|i| self.get(kids, i)).collect()
    }

    /// The name of a symbol.
    pub fn symbol(&self, form: Form) -> Option<Name> {
        match self.kind(form) {
            NodeKind::Symbol(name) => Some(name),
            _ => None,
        }
    }

    pub fn keyword(&self, form: Form) -> Option<Name> {
        match self.kind(form) {
            NodeKind::Keyword(name) => Some(name),
            _ => None,
        }
    }

    pub fn string(&self, form: Form) -> Option<Name> {
        match self.kind(form) {
            NodeKind::Str(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_vector(&self, form: Form) -> bool {
        self.kind(form) == NodeKind::Vector
    }

    /// The symbol that a list starts with.
    pub fn head(&self, form: Form) -> Option<Name> {
        match self.kind(form) {
            NodeKind::List => self.symbol(self.get(self.kids(form), 0)?),
            _ => None,
        }
    }

    /// Adds a form.
    pub fn make(&mut self, kind: NodeKind, place: Place, mark: u32, children: &[Form]) -> Form {
        let first = self.children.len() as u32;
        self.children.extend_from_slice(children);
        let count = children.len() as u32;
        let depth = children.iter().map(|child| self.made_depth(*child)).max().unwrap_or(0) + 1;
        self.made.push(Made { kind, place, mark, first, count, depth });
        Form((self.made.len() - 1) as u32 | MADE)
    }

    /// How much expansions have made: forms and places for children.
    pub fn made_count(&self) -> usize {
        self.made.len() + self.children.len()
    }

    /// How deep made forms nest in a form; the reader bounds the depth of what a user wrote.
    pub fn made_depth(&self, form: Form) -> u32 {
        form.made().map_or(0, |i| self.made[i].depth)
    }

    /// The form as one line of source.
    pub fn show(&self, form: Form) -> String {
        let mut out = String::new();
        self.write(form, &mut out);
        out
    }

    /// The form as one line of at most about `limit` bytes, for messages.
    pub fn show_short(&self, form: Form, limit: usize) -> String {
        let text = self.show(form);
        if text.len() <= limit {
            return text;
        }
        let cut = text.floor_char_boundary(limit);
        format!("{}…", text[..cut].trim_end())
    }

    fn write(&self, form: Form, out: &mut String) {
        let kind = self.kind(form);
        let (open, close) = eclexia_syntax::print::delimiters(kind);
        if open.is_empty() {
            return write_atom(kind, out);
        }
        out.push_str(open);
        for (i, child) in self.to_vec(self.kids(form)).into_iter().enumerate() {
            if i > 0 {
                out.push(' ');
            }
            self.write(child, out);
        }
        out.push_str(close);
    }
}

/// An atom as source.
pub fn write_atom(kind: NodeKind, out: &mut String) {
    let _ = match kind {
        NodeKind::Symbol(name) => write!(out, "{name}"),
        NodeKind::Keyword(name) => write!(out, ":{name}"),
        NodeKind::Int(n) => write!(out, "{n}"),
        NodeKind::Float(x) => write!(out, "{}", eclexia_base::unit::display_float(x)),
        NodeKind::Quantity { number, unit } => write!(out, "{number}{unit}"),
        NodeKind::Str(text) => write!(out, "{:?}", text.as_str()),
        _ => write!(out, "…"),
    };
}
