//! `(admit b (f x))`: a call that may not take place, and then loses what it would have consumed.

use super::FaultKind;
use super::walk::Walk;
use eclexia_core::core::{Expr, ExprId};

impl Walk<'_> {
    /// The budget moves, then the arguments do, which are no resources.
    pub(super) fn admit(&mut self, budget: ExprId, call: ExprId) {
        let body = self.body();
        let was_dead = self.path.is_dead;
        self.parts(&[budget, call]);
        let Expr::Call { args, .. } = &body.exprs[call] else { return };
        for arg in args {
            let at = self.place(*arg);
            self.nameless(FaultKind::Discarded, self.ty(*arg), at);
        }
        // Where it is refused, it does return.
        if self.scene.diverging.contains(&call) {
            self.path.is_dead = was_dead;
        }
    }
}
