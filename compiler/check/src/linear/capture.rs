//! What a function made here takes from around it: by move, or by borrow alone.

use eclexia_core::core::{Arm, Body, Expr, ExprId, LocalId, PatId};
use eclexia_core::verify::children;

/// Variables of the surroundings, in order of first use, each with that use.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    pub moved: Vec<(LocalId, ExprId)>,
    /// Used under `&` only.
    pub borrowed: Vec<(LocalId, ExprId)>,
}

/// The captures of the function expression `e`.
pub(crate) fn captures(body: &Body, e: ExprId) -> Captures {
    let mut scan = Scan { body, bound: Vec::new(), found: Captures::default() };
    scan.expr(e);
    let Scan { mut bound, mut found, .. } = scan;
    bound.sort_unstable();
    let outer = |(local, _): &(LocalId, ExprId)| bound.binary_search(local).is_err();
    found.moved.retain(outer);
    found.borrowed.retain(outer);
    first_uses(&mut found.moved);
    let moved = &found.moved;
    found.borrowed.retain(|(local, _)| moved.iter().all(|(m, _)| m != local));
    first_uses(&mut found.borrowed);
    found
}

fn first_uses(uses: &mut Vec<(LocalId, ExprId)>) {
    let mut seen = eclexia_base::FxHashSet::default();
    uses.retain(|(local, _)| seen.insert(*local));
}

struct Scan<'b> {
    body: &'b Body,
    bound: Vec<LocalId>,
    found: Captures,
}

impl Scan<'_> {
    fn expr(&mut self, e: ExprId) {
        match &self.body.exprs[e] {
            Expr::Local(local) => self.found.moved.push((*local, e)),
            Expr::Borrow(value) | Expr::Field { value, .. } => self.place(*value),
            Expr::BorrowIn { local, value, body } => {
                self.place(*value);
                self.bound.push(*local);
                self.expr(*body);
            }
            Expr::Fn { params, body } => {
                params.iter().for_each(|pat| self.pat(*pat));
                self.expr(*body);
            }
            Expr::Let { pat, value, body } | Expr::For { pat, iter: value, body } => {
                self.expr(*value);
                self.pat(*pat);
                self.expr(*body);
            }
            Expr::Match { value, arms } => {
                self.expr(*value);
                arms.iter().for_each(|arm| self.arm(arm));
            }
            Expr::Loop { params, inits, body } => {
                inits.iter().for_each(|init| self.expr(*init));
                params.iter().for_each(|pat| self.pat(*pat));
                self.expr(*body);
            }
            Expr::With { local, acquire, release, body } => {
                self.bound.push(*local);
                [acquire, release, body].into_iter().for_each(|e| self.expr(*e));
            }
            other => children(other).into_iter().for_each(|child| self.expr(child)),
        }
    }

    /// What is borrowed or read, without being moved.
    fn place(&mut self, e: ExprId) {
        match &self.body.exprs[e] {
            Expr::Local(local) => self.found.borrowed.push((*local, e)),
            Expr::Field { value, .. } | Expr::Borrow(value) | Expr::Ascribe { value, .. } => {
                self.place(*value)
            }
            _ => self.expr(e),
        }
    }

    fn arm(&mut self, arm: &Arm) {
        self.pat(arm.pat);
        arm.guard.into_iter().for_each(|guard| self.expr(guard));
        self.expr(arm.body);
    }

    fn pat(&mut self, pat: PatId) {
        self.body.each_binder(pat, &mut |local| self.bound.push(local));
    }
}
