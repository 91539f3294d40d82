//! Externs may not have budgets or capabilities in their types: what has no code here could make
//! one of nothing, or keep one, and no limit would hold. Nor may they take more arguments than
//! every engine passes.

use crate::diagnostics as report;
use crate::ty::{Ty, TyKind};
use crate::typed::Typed;
use eclexia_base::FxHashSet;
use eclexia_core::core::{CtorId, DefKind, Program, TypeDefKind, TypeId};
use eclexia_diag::Diagnostics;

/// Arguments of a C function, at most: what the interpreter can pass.
const MOST_ARGUMENTS: usize = 16;

/// Checks the externs among the definitions from index `first` on.
pub(crate) fn check(program: &Program, typed: &Typed, first: usize) -> Diagnostics {
    let mut diags = Diagnostics::new();
    for (id, def) in program.defs.iter().skip(first) {
        let Some(sig) = def.sig.as_ref().filter(|_| def.kind == DefKind::Extern) else { continue };
        let (ty, span) = (typed.scheme(id).ty, sig.ty.span);
        if let Some(part) = authority(program, typed, ty) {
            diags.push(report::extern_authority(program, span, def.name, part));
        }
        if let TyKind::Fn(params, _) | TyKind::Fn1(params, _) = ty.kind()
            && params.len() > MOST_ARGUMENTS
        {
            let count = params.len();
            diags.push(report::extern_arguments(span, def.name, count, MOST_ARGUMENTS));
        }
    }
    diags
}

/// What `main` receives and nothing else makes.
const CAPABILITIES: [&str; 6] = ["Files", "Clock", "Network", "Random", "Env", "Treasury"];

/// A budget or a capability that is part of a type, or of the fields of the data in it.
fn authority(program: &Program, typed: &Typed, ty: Ty) -> Option<Ty> {
    let (mut work, mut seen) = (vec![ty], FxHashSet::default());
    while let Some(ty) = work.pop() {
        match ty.kind() {
            TyKind::Budget(_) => return Some(ty),
            TyKind::Ref(inner) => work.push(*inner),
            TyKind::Fn(params, result) | TyKind::Fn1(params, result) => {
                work.extend(params.iter().chain([result]));
            }
            TyKind::Con(id, _) if is_capability(program, *id) => return Some(ty),
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
    None
}

fn is_capability(program: &Program, id: TypeId) -> bool {
    let def = &program.types[id];
    def.kind == TypeDefKind::Builtin && CAPABILITIES.contains(&def.name.as_str())
}
