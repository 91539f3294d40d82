//! What is left of a budget where a part of it is taken: the checker has added up.

use super::Hint;
use eclexia_base::FileId;
use eclexia_check::show_ty;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_core::core::{Def, DefId, DefKind, Expr};
use eclexia_db::Analysis;

/// Behind each call that takes from a budget of known amounts what it leaves, in source order.
pub fn left(analysis: &Analysis, file: FileId) -> Vec<Hint> {
    let program = &analysis.program;
    let Some(module) = analysis.modules.get(&file) else { return Vec::new() };
    let mut hints = Vec::new();
    for def in &program.modules[*module].defs {
        let (Some(body), Some(map)) = (&program.defs[*def].body, program.maps.get(*def)) else {
            continue;
        };
        for (e, expr) in body.exprs.iter() {
            let Expr::Call { callee, .. } = expr else { continue };
            let Expr::Global(taker) = body.exprs[*callee] else { continue };
            let rest = rest(analysis, &program.defs[taker], *def, e);
            let place = map.exprs.get(e).filter(|place| place.inside.is_none());
            let (Some(rest), Some(place)) = (rest, place) else { continue };
            let text = format!("leaves {}", amounts(analysis, rest));
            let more = format!("What is left: `{}`", show_ty(program, rest));
            hints.push(Hint { at: place.span.start..place.span.end, text, more });
        }
    }
    hints.sort_by_key(|hint| (hint.at.end, hint.at.start));
    hints
}

/// The type of what a call of an operation on budgets leaves.
fn rest(
    analysis: &Analysis,
    operation: &Def,
    def: DefId,
    e: eclexia_core::core::ExprId,
) -> Option<Ty> {
    let is_builtin = operation.kind == DefKind::Builtin;
    let ty = analysis.typed.facts.get(def)?.types.get(e).copied()?;
    let rest = match (operation.name.as_str(), ty.kind()) {
        ("split", TyKind::Con(_, parts)) if is_builtin => *parts.get(1)?,
        ("spend" | "leave", TyKind::Budget(_)) if is_builtin => ty,
        _ => return None,
    };
    matches!(rest.kind(), TyKind::Budget(Some(_))).then_some(rest)
}

/// `cpu 1cpu, memory 2GiB` of `(Budget {:cpu 1cpu :memory 2GiB})`; of an empty one `nothing`.
fn amounts(analysis: &Analysis, rest: Ty) -> String {
    let shown = show_ty(&analysis.program, rest);
    let inner = shown.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}'));
    let inner = inner.map_or("", |(inner, _)| inner).trim();
    let amounts = inner.strip_prefix(':').unwrap_or(inner).replace(" :", ", ");
    if amounts.is_empty() { "nothing".to_owned() } else { amounts }
}
