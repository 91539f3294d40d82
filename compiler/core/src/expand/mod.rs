//! Macros: pattern clauses with ellipsis, compiled once at their definition, matched against a
//! call's arguments, instantiated into made forms.
//!
//! Hygiene is by marks. Every expansion has a fresh mark; every symbol that the template wrote
//! carries it. A marked binder binds only equally marked symbols, so neither side captures the
//! other; a marked name that nothing binds is looked up where the macro was defined.

mod compile;
mod instantiate;
mod matching;

pub(crate) use compile::compile;
pub(crate) use instantiate::{Expansion, instantiate};
pub(crate) use matching::{Mismatch, match_call};

use crate::core::ModuleId;
use eclexia_base::{Name, Span};
use eclexia_syntax::NodeKind;

/// Expansions one inside the other's result at the same place.
pub const MAX_EXPANSIONS_IN_PLACE: u32 = 1000;
/// Forms that the expansions of one module may make.
pub const MAX_MADE_FORMS: usize = 4_000_000;

/// How deep made forms may nest, so that everything that walks forms may recurse.
pub const MAX_MADE_DEPTH: u32 = 1000;

/// A macro with its clauses in order.
#[derive(Clone, Debug)]
pub struct Macro {
    pub name: Name,
    pub module: ModuleId,
    pub doc: Option<String>,
    /// The name in its first clause.
    pub span: Span,
    pub clauses: Vec<Clause>,
    /// The mark of the expansion that wrote this macro; 0 for one that a user wrote.
    pub(crate) parent: u32,
}

#[derive(Clone, Debug)]
pub struct Clause {
    /// The pattern as source: `(unless c body ...)`.
    pub shown: String,
    pub span: Span,
    pub(crate) pattern: SeqPattern,
    pub(crate) template: Template,
    pub(crate) slots: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Wildcard,
    Bind(usize),
    /// A keyword, number or string that matches itself.
    Atom(NodeKind),
    Seq(NodeKind, SeqPattern),
}

/// `before… repeat ... after…`
#[derive(Clone, Debug, Default)]
pub(crate) struct SeqPattern {
    pub before: Vec<Pattern>,
    pub repeat: Option<Box<Pattern>>,
    pub after: Vec<Pattern>,
}

#[derive(Clone, Debug)]
pub(crate) enum Template {
    Slot(usize),
    Atom(NodeKind, Span),
    Seq(NodeKind, Span, Vec<Item>),
    /// `(name-of x)`
    NameOf(usize, Span),
    /// `(source-of x)`
    SourceOf(usize, Span),
}

/// A part of a template's sequence; with `drivers` it is followed by `...` and repeated as often
/// as those slots are long.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub template: Template,
    pub drivers: Vec<usize>,
}
