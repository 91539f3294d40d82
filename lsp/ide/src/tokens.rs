//! Semantic tokens: what each name is, for colours. Brackets, comments and plain literals are not
//! among them: their look follows from the text alone.

use crate::describe::{Kind, is_linear, kind};
use crate::names::{Meaning, Occurrence, Use, occurrences, occurrences_of};
use crate::place::part;
use crate::roles::walk;
use eclexia_base::{FileId, FxHashMap, Span};
use eclexia_core::core::{DefId, LocalId};
use eclexia_db::Analysis;
use eclexia_syntax::{NodeId, NodeKind, Tree};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// A name, by what it means.
    Name(Kind),
    Parameter,
    /// The number of a quantity; its unit is a name.
    Quantity,
    /// `:name` that is no field.
    Keyword,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Modifiers {
    pub is_definition: bool,
    /// Its value is used exactly once.
    pub is_linear: bool,
    pub is_library: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    pub span: Span,
    pub kind: TokenKind,
    pub modifiers: Modifiers,
}

/// The tokens of a file in source order, none overlapping.
pub fn tokens(analysis: &Analysis, file: FileId) -> Vec<Token> {
    let Some(tree) = analysis.trees.get(&file) else { return Vec::new() };
    made(analysis, tree, &tree.roots, occurrences(analysis, file))
}

/// The tokens that overlap a span.
pub fn tokens_in(analysis: &Analysis, span: Span) -> Vec<Token> {
    let Some(tree) = analysis.trees.get(&span.file) else { return Vec::new() };
    let from = tree.roots.partition_point(|root| tree.span(*root).end <= span.start);
    let to = tree.roots.partition_point(|root| tree.span(*root).start < span.end);
    let roots = tree.roots.get(from..to).unwrap_or_default();
    let mut tokens = made(analysis, tree, roots, occurrences_of(analysis, tree, roots));
    tokens.retain(|token| token.span.start < span.end && span.start < token.span.end);
    tokens
}

fn made(
    analysis: &Analysis,
    tree: &Tree,
    roots: &[NodeId],
    occurrences: Vec<Occurrence>,
) -> Vec<Token> {
    let mut reader =
        TokenReader { analysis, kinds: FxHashMap::default(), parameters: FxHashMap::default() };
    let mut tokens: Vec<Token> = occurrences.into_iter().map(|o| reader.token(o)).collect();
    walk(tree, roots, &mut |node, _, _| {
        let span = tree.span(node);
        let (kind, span) = match tree.kind(node) {
            NodeKind::Keyword(_) => (TokenKind::Keyword, part(span, 1, span.range().len())),
            NodeKind::Quantity { unit, .. } => {
                let number = span.range().len().saturating_sub(unit.as_str().len());
                (TokenKind::Quantity, part(span, 0, number))
            }
            _ => return,
        };
        tokens.push(Token { span, kind, modifiers: Modifiers::default() });
    });
    // Of a field's keyword and the keyword itself the field stays: it came first.
    tokens.sort_by_key(|token| token.span.start);
    tokens.dedup_by_key(|token| token.span.start);
    tokens.retain(|token| token.span.start < token.span.end);
    tokens
}

struct TokenReader<'a> {
    analysis: &'a Analysis,
    kinds: FxHashMap<Meaning, (Kind, bool, bool)>,
    parameters: FxHashMap<DefId, Vec<LocalId>>,
}

impl TokenReader<'_> {
    fn token(&mut self, found: Occurrence) -> Token {
        let analysis = self.analysis;
        let (kind, is_linear, is_library) = *self.kinds.entry(found.meaning).or_insert_with(|| {
            let place = crate::describe::place_of(analysis, found.meaning);
            let is_own = place.is_none_or(|place| analysis.modules.contains_key(&place.file));
            (kind(analysis, found.meaning), is_linear(analysis, found.meaning), !is_own)
        });
        let is_parameter = match found.meaning {
            Meaning::Local(def, local) => self.parameters_of(def).contains(&local),
            _ => false,
        };
        let kind = if is_parameter { TokenKind::Parameter } else { TokenKind::Name(kind) };
        let is_definition = found.is == Use::Definition;
        let modifiers = Modifiers { is_definition, is_linear, is_library };
        Token { span: found.span, kind, modifiers }
    }

    fn parameters_of(&mut self, def: DefId) -> &[LocalId] {
        let analysis = self.analysis;
        self.parameters.entry(def).or_insert_with(|| {
            let mut found = Vec::new();
            if let Some(body) = &analysis.program.defs[def].body {
                for pat in &body.params {
                    body.each_binder(*pat, &mut |local| found.push(local));
                }
            }
            found
        })
    }
}
