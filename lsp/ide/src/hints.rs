//! Inlay hints: types that were inferred, beside what they are of.

use crate::describe::local_type;
use crate::names::module_of;
use crate::roles::Role;
use eclexia_base::Span;
use eclexia_check::ty::Ty;
use eclexia_check::{show_scheme, show_ty};
use eclexia_core::core::{DefId, DefKind, Expr, Literal};
use eclexia_db::Analysis;

/// A text after an offset.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hint {
    /// Empty: the hint stands there.
    pub at: Span,
    pub text: String,
}

/// The longest hint; a longer type is cut, and hover has the whole.
pub const MAX_HINT: usize = 60;

/// The types in a span: of definitions without a `sig`, and of what `let` names, where the value
/// itself does not show it.
pub fn type_hints(analysis: &Analysis, span: Span) -> Vec<Hint> {
    let Some(module) = module_of(analysis, span.file) else { return Vec::new() };
    let mut hints = Vec::new();
    for def in &analysis.program.modules[module].defs {
        let form = analysis.program.defs[*def].form;
        if form.file == span.file && form.start < span.end && span.start < form.end {
            of_definition(analysis, *def, &mut hints);
            of_lets(analysis, *def, &mut hints);
        }
    }
    hints.retain(|hint| span.start <= hint.at.start && hint.at.start <= span.end);
    hints.sort();
    hints.dedup_by_key(|hint| hint.at);
    hints
}

fn of_definition(analysis: &Analysis, id: DefId, hints: &mut Vec<Hint>) {
    let def = &analysis.program.defs[id];
    let is_named = matches!(def.kind, DefKind::Function | DefKind::Constant);
    let scheme = analysis.typed.scheme(id);
    if !is_named || def.sig.is_some() || scheme.ty == Ty::ERROR || !is_written(analysis, id) {
        return;
    }
    let body = def.body.as_ref();
    if body.is_some_and(|body| shows_type(&body.exprs[body.root])) {
        return;
    }
    let text = cut(show_scheme(&analysis.program, &scheme));
    hints.push(Hint { at: def.span.after(), text });
}

/// Whether the name stands in a `def` or `defn`, not in a macro's call.
fn is_written(analysis: &Analysis, id: DefId) -> bool {
    let def = &analysis.program.defs[id];
    let Some(tree) = analysis.trees.get(&def.span.file) else { return false };
    let text = analysis.sources.text(def.span.file);
    let path = crate::place::path(tree, text, def.span.start);
    crate::roles::along(tree, &path).last() == Some(&Role::Name)
}

/// Whether a value says its type to every reader.
fn shows_type(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(literal) => !matches!(literal, Literal::Unit),
        Expr::Ascribe { .. } => true,
        _ => false,
    }
}

fn of_lets(analysis: &Analysis, id: DefId, hints: &mut Vec<Hint>) {
    let def = &analysis.program.defs[id];
    let (Some(body), Some(map)) = (&def.body, analysis.program.maps.get(id)) else { return };
    for expr in body.exprs.values() {
        let Expr::Let { pat, value, .. } = expr else { continue };
        if shows_type(&body.exprs[*value]) {
            continue;
        }
        let mut locals = Vec::new();
        body.each_binder(*pat, &mut |local| locals.push(local));
        for local in locals {
            let Some(place) = map.locals.get(local).filter(|place| place.inside.is_none()) else {
                continue;
            };
            let text = analysis.sources.text(place.span.file);
            let is_written = crate::place::text_of(text, place.span) == body.locals[local].as_str();
            if let Some(ty) = local_type(analysis, id, local).filter(|_| is_written) {
                let text = cut(show_ty(&analysis.program, ty));
                hints.push(Hint { at: place.span.after(), text });
            }
        }
    }
}

fn cut(text: String) -> String {
    if text.len() <= MAX_HINT {
        return text;
    }
    let end = text.floor_char_boundary(MAX_HINT);
    format!("{}…", &text[..end])
}
