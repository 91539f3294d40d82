//! Who may grant: `(budget {…})` stands where a treasury, or the world that has it, is in scope.
//!
//! Comes in: the grants that name no treasury, once all types are known. Goes out: a diagnostic for
//! each that has none. What is in scope at an expression is found on the way to it from the root of
//! its body. A parameter called `world` or `treasury` of which nothing else says what it is, is
//! that.

use super::{Infer, Local};
use crate::arena::{At, T};
use crate::diagnostics as report;
use crate::ty::Ty;
use eclexia_core::core::{Body, Expr, ExprId, LocalId, PatId};
use eclexia_core::verify::children;

impl Infer<'_> {
    /// At the end of a group: what budgets have left open.
    pub(super) fn finish_budgets(&mut self) {
        for grant in std::mem::take(&mut self.grants) {
            self.grant(grant);
        }
        if self.arena.grades.is_waiting()
            && let Some(def) = self.bodies.first().map(|cx| cx.def)
        {
            let decl = &self.program.defs[def];
            let place = eclexia_core::core::Place { span: decl.span, inside: None };
            self.diags.push(report::undecided_amounts(place, decl));
            self.arena.grades.forget_waiting();
        }
    }

    fn grant(&mut self, grant: At) {
        let cx = &self.bodies[grant.body];
        let mut scope = Scope { body: cx.body, locals: Vec::new(), target: grant.expr };
        cx.body.params.iter().for_each(|pat| scope.bind(*pat));
        if !scope.find(cx.body.root) {
            return; // Not reached: a part of what was reported.
        }
        let types: Vec<T> = scope
            .locals
            .iter()
            .filter_map(|local| match &cx.locals[local.0 as usize] {
                Local::Mono(ty) | Local::Poly(ty, _) => Some(*ty),
                Local::Unset => None,
            })
            .collect();
        if types.iter().any(|ty| self.holds_treasury(*ty)) {
            return;
        }
        if !self.is_named(grant.body, &scope.locals) {
            let place = self.place(grant.body, grant.expr);
            self.diags.push(report::no_treasury(place));
        }
    }
}

impl Infer<'_> {
    /// Makes the world, or a treasury, of a local that is called so and not known to be anything.
    fn is_named(&mut self, body: usize, locals: &[LocalId]) -> bool {
        for local in locals.iter().rev() {
            let cx = &self.bodies[body];
            let Local::Mono(ty) = cx.locals[local.0 as usize] else { continue };
            let meant = match cx.body.locals[*local].as_str() {
                "world" => self.lang.world,
                "treasury" => self.lang.treasury.map_or(Ty::ERROR, |id| Ty::con(id, [])),
                _ => continue,
            };
            if self.arena.is_var(ty) {
                let meant = self.closed(meant);
                return self.arena.unify(ty, meant).is_ok();
            }
        }
        false
    }
}

struct Scope<'a> {
    body: &'a Body,
    /// In scope at the expression being looked at.
    locals: Vec<LocalId>,
    target: ExprId,
}

impl Scope<'_> {
    fn bind(&mut self, pat: PatId) {
        self.body.each_binder(pat, &mut |local| self.locals.push(local));
    }

    /// Goes down to the target; what it is in scope of stays in `locals`.
    fn find(&mut self, e: ExprId) -> bool {
        if e == self.target {
            return true;
        }
        let body = self.body;
        let (parts, binders, inner): (Vec<ExprId>, Vec<PatId>, Vec<ExprId>) = match &body.exprs[e] {
            Expr::Let { pat, value, body } => (vec![*value], vec![*pat], vec![*body]),
            Expr::Fn { params, body } => (Vec::new(), params.clone(), vec![*body]),
            Expr::Loop { params, inits, body } => (inits.clone(), params.clone(), vec![*body]),
            Expr::For { pat, iter, body } => (vec![*iter], vec![*pat], vec![*body]),
            Expr::Match { value, arms } => {
                return self.find(*value)
                    || arms.iter().any(|arm| {
                        let inner = arm.guard.into_iter().chain([arm.body]).collect();
                        self.inside(&[arm.pat], &[], inner)
                    });
            }
            Expr::BorrowIn { local, value, body } => {
                return self.find(*value) || self.inside(&[], &[*local], vec![*body]);
            }
            Expr::With { local, acquire, release, body } => {
                return self.find(*acquire) || self.inside(&[], &[*local], vec![*release, *body]);
            }
            other => (children(other), Vec::new(), Vec::new()),
        };
        parts.into_iter().any(|part| self.find(part)) || self.inside(&binders, &[], inner)
    }

    fn inside(&mut self, pats: &[PatId], locals: &[LocalId], parts: Vec<ExprId>) -> bool {
        let before = self.locals.len();
        pats.iter().for_each(|pat| self.bind(*pat));
        self.locals.extend(locals);
        let found = parts.into_iter().any(|part| self.find(part));
        if !found {
            self.locals.truncate(before);
        }
        found
    }
}
