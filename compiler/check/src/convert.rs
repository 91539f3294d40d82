//! Type expressions to closed types. Checks that a variable stands for types or for units, not
//! for both; numbers of parameters and unknown variables are core's to report.

use crate::diagnostics as report;
use crate::ty::{AmountTy, GradeTy, Ty, TyKind, TyVar, UnitTy};
use eclexia_base::amount::dims_of;
use eclexia_base::{Dim, Name, Rational, Span};
use eclexia_core::core::{AmountExpr, Place, Program, TypeExpr, TypeKind, UnitExpr};
use eclexia_diag::Diagnostics;
use num_traits::{Signed, Zero};

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
    /// Unit variables, and grade variables among them.
    pub units: Vec<Name>,
    grades: Vec<Name>,
    scope: Scope,
    pub diags: Diagnostics,
}

impl<'a> Converter<'a> {
    pub fn new(program: &'a Program, vars: Vec<Name>, scope: Scope) -> Converter<'a> {
        Converter {
            program,
            vars,
            units: Vec::new(),
            grades: Vec::new(),
            scope,
            diags: Diagnostics::new(),
        }
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
            TypeKind::Budget(None) => Ty::new(TyKind::Budget(None)),
            TypeKind::Budget(Some(amounts)) => self.budget(amounts),
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
            if self.vars.contains(name) || self.grades.contains(name) {
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

    fn budget(&mut self, amounts: &[AmountExpr]) -> Ty {
        let mut converted = Vec::with_capacity(amounts.len());
        for amount in amounts {
            match self.amount(amount) {
                Some(amount) if amount.vars.is_empty() && amount.constant.is_zero() => {}
                Some(amount) => converted.push(amount),
                None => return Ty::ERROR,
            }
        }
        Ty::new(TyKind::Budget(Some(converted.into())))
    }

    fn amount(&mut self, amount: &AmountExpr) -> Option<AmountTy> {
        let known = dims_of(amount.key);
        let is_known = |dim: &Dim| known.as_ref().is_none_or(|known| known.contains(dim));
        let wrong = amount.dims.iter().find(|dim| !is_known(dim)).or(amount.dims.get(1));
        if let Some(dim) = wrong {
            let first = known.as_ref().and_then(|known| known.first()).or(amount.dims.first());
            let wanted = first.copied().unwrap_or(Dim::ONE);
            self.diags.push(report::amount_unit(at(amount.span), amount.key, *dim, wanted));
            return None;
        }
        let is_negative = amount.constant.is_negative() && amount.vars.is_empty();
        if is_negative || amount.least.as_ref().is_some_and(Rational::is_negative) {
            self.diags.push(report::negative_amount(at(amount.span), amount.key));
            return None;
        }
        let dim = amount.dims.first().copied().or(match known.as_deref() {
            Some([only]) => Some(*only),
            _ => None,
        });
        let mut vars = Vec::with_capacity(amount.vars.len());
        for (name, factor) in &amount.vars {
            let var = self.grade(*name, amount.span)?;
            let least = amount.least.clone().unwrap_or_else(Rational::zero);
            vars.push(GradeTy { var, factor: factor.clone(), least });
        }
        let constant = amount.constant.clone();
        Some(AmountTy { key: amount.key, dim, constant, vars: vars.into() })
    }

    fn grade(&mut self, name: Name, span: Span) -> Option<TyVar> {
        let is_unit = self.units.contains(&name) && !self.grades.contains(&name);
        if self.vars.contains(&name) || is_unit {
            self.diags.push(report::mixed_variable(span, name));
            return None;
        }
        let known = self.units.iter().position(|v| *v == name);
        if known.is_none() && self.scope == Scope::Closed {
            return None; // Reported by core.
        }
        let index = known.unwrap_or_else(|| {
            self.units.push(name);
            self.grades.push(name);
            self.units.len() - 1
        });
        Some(TyVar { index: index as u32, name })
    }
}

fn at(span: Span) -> Place {
    Place { span, inside: None }
}
