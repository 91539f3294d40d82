//! Closed types with their variables replaced by closed types.

use crate::ty::{AmountTy, GradeTy, Ty, TyKind, TyVar, UnitTy};

/// What stands for each variable, by index.
pub(crate) struct Renaming {
    pub vars: Vec<Ty>,
    pub units: Vec<TyVar>,
}

pub(crate) fn subst(ty: Ty, renaming: &Renaming) -> Ty {
    if !ty.has_vars() {
        return ty;
    }
    let all = |tys: &[Ty]| tys.iter().map(|t| subst(*t, renaming)).collect::<Box<[Ty]>>();
    match ty.kind() {
        TyKind::Error => ty,
        TyKind::Var(var) => renaming.vars.get(var.index as usize).copied().unwrap_or(ty),
        TyKind::Con(id, args) => Ty::new(TyKind::Con(*id, all(args))),
        TyKind::Fn(params, ret) => Ty::new(TyKind::Fn(all(params), subst(*ret, renaming))),
        TyKind::Fn1(params, ret) => Ty::new(TyKind::Fn1(all(params), subst(*ret, renaming))),
        TyKind::Ref(inner) => Ty::new(TyKind::Ref(subst(*inner, renaming))),
        TyKind::Q(unit) => {
            let new = |var: &TyVar| renaming.units.get(var.index as usize).copied().unwrap_or(*var);
            let vars = unit.vars.iter().map(|(var, e)| (new(var), *e)).collect();
            Ty::new(TyKind::Q(UnitTy { dim: unit.dim, vars }))
        }
        TyKind::Budget(None) => ty,
        TyKind::Budget(Some(amounts)) => {
            let renamed = amounts.iter().map(|amount| subst_amount(amount, renaming));
            Ty::new(TyKind::Budget(Some(renamed.collect())))
        }
    }
}

fn subst_amount(amount: &AmountTy, renaming: &Renaming) -> AmountTy {
    let rename = |grade: &GradeTy| {
        let var = renaming.units.get(grade.var.index as usize).copied().unwrap_or(grade.var);
        GradeTy { var, ..grade.clone() }
    };
    AmountTy { vars: amount.vars.iter().map(rename).collect(), ..amount.clone() }
}
