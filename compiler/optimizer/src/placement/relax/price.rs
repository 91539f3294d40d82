//! Two-sided prices of the budgets, of the programme as it stands: the right and the left
//! derivative of its optimum by each limit. Leaving a group out, which the rounds may pay for, is
//! not a solution here, so its penalty is no price.

use super::Relaxation;
use crate::interrupt::Here;
use crate::price::{TwoSided, two_sided};
use crate::simplex::tangent::Tangent;
use crate::simplex::{Limits, Status};

/// Entries looked at by the programme's solve and by each side of each price.
const WORK: u64 = 2_000_000_000;

impl Relaxation<'_> {
    /// The optimum, and the price of each budget asked for by its row and the row's scale; `None`
    /// when nothing is feasible. The objective is the true one times `scale`.
    pub fn prices(
        &mut self,
        rows: &[Option<(usize, f64)>],
        scale: f64,
    ) -> Option<(f64, Vec<TwoSided>)> {
        for group in 0..self.tables.groups.len() {
            self.lp.set_bounds(self.first_absent + group, (0.0, 0.0));
        }
        let interrupt = Here::new();
        let stop = || interrupt.is_over();
        let limits = Limits { stop: Some(&stop), ..Limits::work(WORK) };
        if self.lp.solve(&limits) != Status::Optimal {
            return None;
        }
        let mut tangent = Tangent::new(&self.lp);
        let row = |row: &Option<(usize, f64)>| row.map(|(r, by)| (self.first_budget + r, by));
        let prices = rows.iter().map(|r| two_sided(&mut tangent, row(r), scale, &limits)).collect();
        Some((self.lp.objective() / scale, prices))
    }
}
