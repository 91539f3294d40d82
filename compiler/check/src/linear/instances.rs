//! Instances at linear types. A method of an instance, or a default of an interface, may copy or
//! drop values of the type it is for; no signature says so, and uses may be checked before it is
//! known. So uses at types that may be linear are kept, and judged here when everything is.

use super::TypeFacts;
use crate::diagnostics as report;
use crate::ty::{Scheme, Ty, TyKind};
use crate::typed::{InstanceUse, Owed, Typed};
use eclexia_base::SharedMap;
use eclexia_core::core::{DefId, DefKind, Program, TypeId};
use eclexia_diag::Diagnostics;

/// Judges the uses in some groups.
pub(crate) fn instances(
    program: &Program,
    typed: &mut Typed,
    groups: &[Vec<DefId>],
) -> Diagnostics {
    let mut diags = Diagnostics::new();
    let uses = groups.iter().flatten().flat_map(|def| &typed.facts[*def].instance_uses);
    let uses: Vec<InstanceUse> = uses.copied().collect();
    // What a method needs of its instance's variables through another instance, it needs itself.
    let mut moved = true;
    while moved {
        moved = false;
        for at in &uses {
            moved |= hand_on(program, typed, *at);
        }
    }
    for at in uses {
        if let Some((part, owed)) = owed_part(program, typed, at) {
            diags.push(report::instance_not_unrestricted(program, &typed.tables, at, part, owed));
        }
    }
    diags
}

/// A part of the type that must be unrestricted and is not.
fn owed_part(program: &Program, typed: &Typed, at: InstanceUse) -> Option<(Ty, Owed)> {
    let instance = &program.instances[at.instance];
    let scheme = typed.scheme(at.def);
    let facts = &typed.tables.kinds;
    let own = own_debts(program, typed, at);
    let restricted = |ty: Ty| !is_unrestricted(program, facts, (&scheme, own), ty);
    let is_own = |index: u32| instance.methods.get(index as usize).is_some_and(Option::is_some);
    for (index, method) in instance.methods.iter().enumerate() {
        // A method of the instance's own answers for itself; a default may call the others.
        if at.method.is_some_and(is_own) {
            break;
        }
        let default = typed.defaults_owe.get(&(instance.interface, index as u32));
        if let (None, Some(owed)) = (method, default)
            && restricted(at.ty)
        {
            return Some((at.ty, *owed));
        }
    }
    let head = typed.tables.instances[at.instance].head;
    let (TyKind::Con(_, params), TyKind::Con(_, args)) = (head.kind(), at.ty.kind()) else {
        return None;
    };
    let owe = typed.instances_owe.get(&at.instance)?;
    owe.iter().find_map(|(var, owed)| {
        let is_var = |p: &Ty| matches!(p.kind(), TyKind::Var(v) if v.index == *var);
        let arg = *args.get(params.iter().position(is_var)?)?;
        restricted(arg).then_some((arg, *owed))
    })
}

/// What the instance that the use is in owes already.
fn own_debts<'t>(program: &Program, typed: &'t Typed, at: InstanceUse) -> &'t [(u32, Owed)] {
    match program.defs[at.def].kind {
        DefKind::InstanceMethod { instance, .. } => {
            typed.instances_owe.get(&instance).map_or(&[], Vec::as_slice)
        }
        _ => &[],
    }
}

/// Adds to the instance that the use is in what its own variables owe by it.
fn hand_on(program: &Program, typed: &mut Typed, at: InstanceUse) -> bool {
    let DefKind::InstanceMethod { instance, .. } = program.defs[at.def].kind else { return false };
    let Some((part, owed)) = owed_part(program, typed, at) else { return false };
    let TyKind::Var(var) = part.kind() else { return false };
    let known = typed.tables.instances[instance].vars.len();
    if var.index as usize >= known {
        return false;
    }
    typed.instances_owe.entry(instance).or_default().push((var.index, owed));
    true
}

fn is_unrestricted(
    program: &Program,
    facts: &SharedMap<TypeId, TypeFacts>,
    (scheme, own): (&Scheme, &[(u32, Owed)]),
    ty: Ty,
) -> bool {
    match ty.kind() {
        TyKind::Var(var) => {
            scheme.unrestricted.contains(&var.index)
                || var.index as usize >= scheme.vars.len()
                || own.iter().any(|(owing, _)| *owing == var.index)
                || scheme.constraints.iter().any(|(i, t)| *t == ty && program.only_reads(*i))
        }
        TyKind::Con(id, args) => facts.get(*id).is_none_or(|of| {
            let held = args.iter().zip(&of.holds).filter(|(_, holds)| **holds);
            !of.is_linear
                && held
                    .into_iter()
                    .all(|(arg, _)| is_unrestricted(program, facts, (scheme, own), *arg))
        }),
        TyKind::Fn1(..) | TyKind::Budget(_) => false,
        TyKind::Error | TyKind::Fn(..) | TyKind::Ref(_) | TyKind::Q(_) => true,
    }
}
