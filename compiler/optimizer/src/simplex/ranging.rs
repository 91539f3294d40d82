//! What an optimal basis says beyond its point: how far a cost can change before another vertex is
//! optimal, and which rows make up a basic column.

use super::{At, FEASIBLE, NOWHERE, Simplex};

impl Simplex {
    /// The costs of a column between which the present vertex stays optimal by the present basis;
    /// a degenerate vertex may stay so longer. Call it after [`super::Status::Optimal`].
    pub fn cost_range(&mut self, column: usize) -> (f64, f64) {
        let j = self.column[column] as usize;
        let unit = self.scale[j] * self.cost_scale;
        let (fall, rise) = match self.at[j] {
            At::Basic => self.basic_range(j),
            _ if self.lo[j] == self.hi[j] => (f64::INFINITY, f64::INFINITY),
            At::Lower => (self.reduced[j].max(0.0), f64::INFINITY),
            At::Upper => (f64::INFINITY, (-self.reduced[j]).max(0.0)),
            At::Zero => (0.0, 0.0),
        };
        ((self.cost[j] - fall) / unit, (self.cost[j] + rise) / unit)
    }

    /// A basic variable's cost moves every reduced cost by its row of the tableau.
    fn basic_range(&mut self, j: usize) -> (f64, f64) {
        self.lu.btran_unit(self.place[j], &mut self.space.rho);
        self.tableau_row();
        let (mut fall, mut rise) = (f64::INFINITY, f64::INFINITY);
        for (k, v) in self.space.alpha.entries() {
            if v.abs() <= FEASIBLE || self.lo[k] == self.hi[k] || self.place[k] != NOWHERE {
                continue;
            }
            let reach = (self.reduced[k] / v).abs();
            let towards_zero = match self.at[k] {
                At::Lower => v > 0.0,
                At::Upper => v < 0.0,
                _ => {
                    (fall, rise) = (0.0, 0.0);
                    continue;
                }
            };
            if towards_zero {
                rise = rise.min(reach);
            } else {
                fall = fall.min(reach);
            }
        }
        (fall, rise)
    }

    /// Multipliers of the rows `Σ a x - r = 0` that leave this basic column with coefficient 1 and
    /// every other basic variable with 0; `None` of a column that is not basic.
    pub fn multipliers_of(&mut self, column: usize) -> Option<Vec<(usize, f64)>> {
        let j = self.column[column] as usize;
        if self.place[j] == NOWHERE {
            return None;
        }
        self.lu.btran_unit(self.place[j], &mut self.space.rho);
        let unit = self.scale[j];
        let row_scale = |i: usize| 1.0 / self.scale[self.logical[i] as usize];
        Some(self.space.rho.entries().map(|(i, v)| (i, v * row_scale(i) * unit)).collect())
    }
}
