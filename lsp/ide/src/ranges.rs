//! Ranges of text: what can be folded, what a selection grows to, where imports lead.

use crate::names::{Meaning, module_of, occurrences_of};
use crate::place;
use eclexia_base::{FileId, Span};
use eclexia_db::Analysis;
use eclexia_syntax::{CommentKind, NodeId, NodeKind, Tree};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FoldKind {
    Form,
    /// Comments on lines one below the other, or one over several lines.
    Comment,
    /// Imports one after the other.
    Imports,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fold {
    pub span: Span,
    pub kind: FoldKind,
}

/// What takes more than one line, in source order.
pub fn folds(analysis: &Analysis, file: FileId) -> Vec<Fold> {
    let Some(tree) = analysis.trees.get(&file) else { return Vec::new() };
    let text = analysis.sources.text(file);
    let is_tall = |span: &Span| place::text_of(text, *span).contains('\n');
    let mut folds = Vec::new();
    let mut open: Vec<NodeId> = tree.roots.clone();
    while let Some(node) = open.pop() {
        let span = tree.span(node);
        if is_tall(&span) {
            if place::is_bracket(tree, node) || matches!(tree.kind(node), NodeKind::Str(_)) {
                folds.push(Fold { span, kind: FoldKind::Form });
            }
            open.extend(tree.children(node));
        }
    }
    let comments = tree.comments.iter().filter(|comment| comment.kind != CommentKind::Datum);
    let comments = comments.map(|comment| Span::new(file, comment.start, comment.end));
    let runs = runs(text, comments);
    folds.extend(runs.filter(&is_tall).map(|span| Fold { span, kind: FoldKind::Comment }));
    let is_import = |root: &&NodeId| {
        let head = tree.children(**root).first().map(|head| tree.kind(*head));
        matches!(head, Some(NodeKind::Symbol(name)) if name == "import")
    };
    let imports = tree.roots.iter().filter(is_import).map(|root| tree.span(*root));
    let imports = self::runs(text, imports);
    folds.extend(imports.filter(&is_tall).map(|span| Fold { span, kind: FoldKind::Imports }));
    folds.sort_by_key(|fold| (fold.span.start, fold.kind, fold.span.end));
    folds
}

/// Spans that only a line's end stands between, put together.
fn runs(text: &str, spans: impl Iterator<Item = Span>) -> impl Iterator<Item = Span> {
    let mut runs: Vec<Span> = Vec::new();
    for span in spans {
        let between = |last: &Span| text.get(last.end as usize..span.start as usize);
        let is_next = |gap: &str| gap.trim().is_empty() && gap.matches('\n').count() <= 1;
        match runs.last_mut() {
            Some(last) if between(last).is_some_and(is_next) => *last = last.to(span),
            _ => runs.push(span),
        }
    }
    runs.into_iter()
}

/// The spans that a selection at an offset grows through, from the innermost: the name, what is
/// between the brackets, the form, and at last the file.
pub fn selections(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Span> {
    let Some(tree) = analysis.trees.get(&file) else { return Vec::new() };
    let text = analysis.sources.text(file);
    let mut spans = Vec::new();
    for node in place::path(tree, text, offset).into_iter().rev() {
        spans.extend(
            between_brackets(tree, node).filter(|span| span.start <= offset && offset <= span.end),
        );
        spans.push(tree.span(node));
    }
    spans.push(Span::new(file, 0, text.len() as u32));
    // Each holds the one before and is larger.
    let mut grown: Vec<Span> = Vec::new();
    for span in spans {
        let grows = |last: &Span| span.start <= last.start && last.end <= span.end;
        if grown.last().is_none_or(|last| grows(last) && *last != span) {
            grown.push(span);
        }
    }
    grown
}

fn between_brackets(tree: &Tree, node: NodeId) -> Option<Span> {
    let kids = tree.children(node);
    let (first, last) = (tree.span(*kids.first()?), tree.span(*kids.last()?));
    place::is_bracket(tree, node).then(|| first.to(last))
}

/// A name that leads to a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    pub span: Span,
    pub file: FileId,
}

/// The modules that a file's imports name.
pub fn links(analysis: &Analysis, file: FileId) -> Vec<Link> {
    let Some(tree) = analysis.trees.get(&file) else { return Vec::new() };
    let own = module_of(analysis, file);
    let mut links = Vec::new();
    for root in &tree.roots {
        let head = tree.children(*root).first().map(|head| tree.kind(*head));
        if !matches!(head, Some(NodeKind::Symbol(name)) if name == "import") {
            continue;
        }
        for found in occurrences_of(analysis, tree, std::slice::from_ref(root)) {
            let Meaning::Module(module) = found.meaning else { continue };
            let written = place::text_of(analysis.sources.text(file), found.span);
            // The name that `:as` gives leads nowhere else.
            if Some(module) != own && analysis.program.modules[module].name == *written {
                let file = analysis.program.modules[module].span.file;
                links.push(Link { span: found.span, file });
            }
        }
    }
    links
}
