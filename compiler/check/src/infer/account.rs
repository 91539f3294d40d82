//! Draws from accounts whose limits stand in the program: one draw of more than there is at all is
//! told before anything runs. What several draws take together is counted when they run.

use super::Infer;
use super::budget::BudgetCall;
use crate::diagnostics as report;
use eclexia_base::{Dim, Name, Rational};
use eclexia_core::core::{Body, DefId, Expr, ExprId};

/// Accounts of accounts are followed so far.
const MAX_DEPTH: u32 = 32;

/// The limit of a key, and where it stands.
struct Limit {
    value: Rational,
    dim: Dim,
    account: Name,
    def: DefId,
    expr: ExprId,
}

impl Infer<'_> {
    /// Whether a draw fits, as far as that is known; else it is reported.
    pub(super) fn is_in_account(&mut self, account: ExprId, call: &BudgetCall) -> bool {
        let Expr::Global(account) = self.body().exprs[account] else { return true };
        for (key, asked, dim) in call.asked.known().unwrap_or_default() {
            let Some(limit) = self.limit_of(account, key, 0) else { continue };
            let place = self.asked_place(call, key);
            if limit.dim != dim && asked != eclexia_base::number::int(0) {
                self.diags.push(report::amount_unit(place, key, dim, limit.dim));
                return false;
            }
            if asked > limit.value {
                let granted = super::place_of(self.program, limit.def, limit.expr).span;
                let texts = [&limit.value, &asked, &(&asked - &limit.value)]
                    .map(|value| self.amount_text(value, dim));
                let who = (limit.account, key);
                self.diags.push(report::draw_overspent(place, who, texts, granted));
                return false;
            }
        }
        true
    }

    fn limit_of(&self, account: DefId, key: Name, depth: u32) -> Option<Limit> {
        let def = &self.program.defs[account];
        let body = def.body.as_ref().filter(|body| !body.is_function && depth < MAX_DEPTH)?;
        let Expr::Call { callee, args } = body.exprs.get(body.root)? else { return None };
        let Expr::Global(maker) = body.exprs.get(*callee)? else { return None };
        let maker = &self.program.defs[*maker];
        let is_maker = maker.name == *"budget-account" || maker.name == *"account-of";
        if !is_maker || !self.program.modules[maker.module].is_std {
            return None;
        }
        if let Some(found) = self.limit_in(body, *args.get(1)?, key) {
            let (expr, value, dim) = found;
            return Some(Limit { value, dim, account: def.name, def: account, expr });
        }
        let Expr::Global(parent) = body.exprs.get(*args.get(2)?)? else { return None };
        self.limit_of(*parent, key, depth + 1)
    }

    fn limit_in(&self, body: &Body, limits: ExprId, key: Name) -> Option<(ExprId, Rational, Dim)> {
        let Expr::Record { fields } = body.exprs.get(limits)? else { return None };
        let (_, value) = fields.iter().find(|(name, _)| *name == key)?;
        let (amount, dim) = self.evaluate(body, *value, 0)?;
        Some((*value, amount, dim))
    }
}
