//! Externs may not have budgets in their types: what has no code here could make one of nothing, or
//! keep one, and no limit would hold.

use crate::diagnostics as report;
use crate::ty::{Ty, TyKind};
use crate::typed::Typed;
use eclexia_base::FxHashSet;
use eclexia_core::core::{CtorId, DefKind, Program, TypeDefKind};
use eclexia_diag::Diagnostics;

/// Checks the externs among the definitions from index `first` on.
pub(crate) fn check(program: &Program, typed: &Typed, first: usize) -> Diagnostics {
    let mut diags = Diagnostics::new();
    for (id, def) in program.defs.iter().skip(first) {
        if def.kind == DefKind::Extern
            && let Some(sig) = &def.sig
            && has_budget(program, typed, typed.scheme(id).ty)
        {
            diags.push(report::extern_budget(sig.ty.span, def.name));
        }
    }
    diags
}

/// Whether a budget is part of a type, or of the fields of the data in it.
fn has_budget(program: &Program, typed: &Typed, ty: Ty) -> bool {
    let (mut work, mut seen) = (vec![ty], FxHashSet::default());
    while let Some(ty) = work.pop() {
        match ty.kind() {
            TyKind::Budget(_) => return true,
            TyKind::Ref(inner) => work.push(*inner),
            TyKind::Fn(params, result) | TyKind::Fn1(params, result) => {
                work.extend(params.iter().chain([result]));
            }
            TyKind::Con(id, args) => {
                work.extend(args.iter());
                if !seen.insert(*id) {
                    continue;
                }
                let ctors: &[CtorId] = match &program.types[*id].kind {
                    TypeDefKind::Builtin => &[],
                    TypeDefKind::Data(ctors) => ctors,
                    TypeDefKind::Record(ctor) => std::slice::from_ref(ctor),
                };
                work.extend(ctors.iter().flat_map(|ctor| typed.field_types(*ctor)));
            }
            TyKind::Error | TyKind::Var(_) | TyKind::Q(_) => {}
        }
    }
    false
}
