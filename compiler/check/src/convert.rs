//! Type expressions to closed types. Checks that a variable stands for types or for units, not
//! for both; numbers of parameters and unknown variables are core's to report.

use crate::diagnostics as report;
use crate::ty::{Ty, TyKind, TyVar, UnitTy};
use eclexia_base::{Name, Span};
use eclexia_core::core::{Program, TypeExpr, TypeKind, UnitExpr};
use eclexia_diag::Diagnostics;

/// Whether a variable may be new: in a signature yes, in a type definition no.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Open,
    Closed,
}

/// Converts the types of one signature, type definition, instance or body.
pub(crate) struct Converter<'a> {
    pub program: &'a Program,
    pub vars: Vec<Name>,
    pub units: Vec<Name>,
    scope: Scope,
    pub diags: Diagnostics,
}

impl<'a> Converter<'a> {
    pub fn new(program: &'a Program, vars: Vec<Name>, scope: Scope) -> Converter<'a> {
        Converter { program, vars, units: Vec::new(), scope, diags: Diagnostics::new() }
    }

    pub fn ty(&mut self, expr: &TypeExpr) -> Ty {
        match &expr.kind {
            TypeKind::Error => Ty::ERROR,
            TypeKind::Var(name) => self.var(*name, expr.span),
            TypeKind::Con(id, args) => {
                let converted = self.all(args);
                let wanted = self.program.types[*id].params.len();
                if args.len() != wanted {
                    return Ty::ERROR; // Reported by core.
                }
                Ty::con(*id, converted)
            }
            TypeKind::Fn(params, ret) => {
                let params = self.all(params).into();
                let ret = self.ty(ret);
                Ty::new(TyKind::Fn(params, ret))
            }
            TypeKind::Fn1(params, ret) => {
                let params = self.all(params).into();
                let ret = self.ty(ret);
                Ty::new(TyKind::Fn1(params, ret))
            }
            TypeKind::Ref(inner) => {
                let inner = self.ty(inner);
                Ty::new(TyKind::Ref(inner))
            }
            TypeKind::Q(unit) => self.quantity(unit, expr.span),
        }
    }

    fn all(&mut self, exprs: &[TypeExpr]) -> Vec<Ty> {
        exprs.iter().map(|e| self.ty(e)).collect()
    }

    fn var(&mut self, name: Name, span: Span) -> Ty {
        if self.units.contains(&name) {
            self.diags.push(report::mixed_variable(span, name));
            return Ty::ERROR;
        }
        let known = self.vars.iter().position(|v| *v == name);
        if known.is_none() && self.scope == Scope::Closed {
            return Ty::ERROR; // Reported by core.
        }
        let index = known.unwrap_or_else(|| {
            self.vars.push(name);
            self.vars.len() - 1
        });
        Ty::new(TyKind::Var(TyVar { index: index as u32, name }))
    }

    fn quantity(&mut self, unit: &UnitExpr, span: Span) -> Ty {
        let mut vars: Vec<(TyVar, i32)> = Vec::new();
        for (name, exponent) in &unit.vars {
            if self.vars.contains(name) {
                self.diags.push(report::mixed_variable(span, *name));
                return Ty::ERROR;
            }
            let known = self.units.iter().position(|v| v == name);
            if known.is_none() && self.scope == Scope::Closed {
                return Ty::ERROR; // Reported by core.
            }
            let index = known.unwrap_or_else(|| {
                self.units.push(*name);
                self.units.len() - 1
            });
            let var = TyVar { index: index as u32, name: *name };
            match vars.iter_mut().find(|(v, _)| *v == var) {
                Some((_, sum)) => *sum = sum.saturating_add(*exponent),
                None => vars.push((var, *exponent)),
            }
        }
        vars.retain(|(_, exponent)| *exponent != 0);
        Ty::new(TyKind::Q(UnitTy { dim: unit.dim, vars: vars.into() }))
    }
}
