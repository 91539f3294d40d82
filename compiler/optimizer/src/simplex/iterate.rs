//! What both simplexes do: know where they stand, compute a row of the tableau, exchange a column,
//! move numbers against degeneracy and take the moves back, and count work.

use super::lu::Keep;
use super::{At, FEASIBLE, Limits, NOWHERE, Simplex};

/// Entries of the inverse's row beyond this share of all make the row of the tableau cheaper by
/// columns.
const SPARSE_ROW: f64 = 0.25;

/// What may still be spent.
pub struct Budget<'a> {
    limits: Limits<'a>,
    end_work: u64,
    end_pivots: usize,
}

impl Budget<'_> {
    pub fn new<'a>(limits: &Limits<'a>, simplex: &Simplex) -> Budget<'a> {
        let size = simplex.rows() + simplex.columns();
        Budget {
            limits: *limits,
            end_work: simplex.lu.work.saturating_add(limits.work),
            end_pivots: simplex.pivots + 10_000 + 100 * size,
        }
    }

    pub fn is_spent(&self, simplex: &Simplex) -> bool {
        simplex.lu.work >= self.end_work
            || simplex.pivots >= self.end_pivots
            || self.limits.stop.is_some_and(|stop| stop())
    }

    pub fn cutoff(&self) -> f64 {
        self.limits.cutoff
    }
}

impl Simplex {
    /// Entries looked at so far, by all solves.
    pub fn work(&self) -> u64 {
        self.lu.work
    }

    /// Factorises and recomputes what is out of date.
    pub(super) fn know(&mut self) {
        let (m, n) = (self.rows(), self.at.len());
        let space = &mut self.space;
        space.alpha.grow(n);
        for sparse in [&mut space.rho, &mut space.entering, &mut space.flips, &mut space.tau] {
            sparse.grow(m);
        }
        if !self.factored {
            self.refactor();
        }
        if !self.x_known {
            self.compute_x();
        }
        if !self.reduced_known {
            self.compute_reduced();
        }
    }

    /// Recomputes all from the factors there are, after pivots that updated it; false when it was
    /// fresh already.
    pub(super) fn refresh(&mut self) -> bool {
        if !std::mem::replace(&mut self.stale, false) {
            return false;
        }
        (self.x_known, self.reduced_known) = (false, false);
        self.know();
        true
    }

    /// Like [`Simplex::refresh`], with new factors; false when those were new.
    pub(super) fn start_afresh(&mut self) -> bool {
        if self.lu.updates == 0 && self.factored {
            return self.refresh();
        }
        self.factored = false;
        self.stale = false;
        self.know();
        true
    }

    /// New factors of the basis. Columns that depend on others leave it for logicals.
    fn refactor(&mut self) {
        self.space.weight.resize(self.at.len(), 1.0);
        for (j, edge) in self.basic.iter().zip(&self.edge) {
            self.space.weight[*j as usize] = *edge;
        }
        let before = std::mem::take(&mut self.basic);
        self.basic.clone_from(&before);
        let left =
            self.factor.factorize(&self.matrix, &self.logical, &mut self.basic, &mut self.lu);
        self.lu.work += (self.lu.entries + 4 * self.basic.len()) as u64;
        for j in left {
            self.place[j as usize] = NOWHERE;
            self.at[j as usize] = At::Lower;
            self.settle(j as usize);
        }
        for (row, &j) in self.basic.iter().enumerate() {
            self.place[j as usize] = row as u32;
            self.at[j as usize] = At::Basic;
            self.edge[row] = self.space.weight[j as usize];
        }
        before.iter().for_each(|j| self.space.weight[*j as usize] = 1.0);
        (self.factored, self.x_known, self.reduced_known) = (true, false, false);
    }

    /// Basic values from the others, refined once where the rows are missed.
    fn compute_x(&mut self) {
        self.basic.iter().for_each(|j| self.x[*j as usize] = 0.0);
        for _ in 0..3 {
            let missed = self.row_residual();
            let worst = missed.iter().fold(0.0f64, |most, v| v.abs().max(most));
            if worst <= 1e-13 {
                break;
            }
            let flips = &mut self.space.flips;
            flips.clear();
            flips.value.copy_from_slice(&missed);
            flips.collect();
            self.lu.ftran(flips, Keep::Nothing);
            for (place, v) in self.space.flips.entries() {
                self.x[self.basic[place] as usize] += v;
            }
        }
        self.x_known = true;
    }

    /// Minus the rows' left sides, which should be zero.
    fn row_residual(&mut self) -> Vec<f64> {
        let mut missed = vec![0.0; self.rows()];
        for (j, x) in self.x.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            for &(i, v) in &self.matrix.columns[j] {
                missed[i as usize] -= v * x;
            }
        }
        self.lu.work += self.x.len() as u64;
        missed
    }

    /// Multipliers and reduced costs of `moved_cost`.
    fn compute_reduced(&mut self) {
        self.y.fill(0.0);
        for _ in 0..3 {
            let mut worst = 0.0f64;
            let rho = &mut self.space.rho;
            rho.clear();
            for (place, &j) in self.basic.iter().enumerate() {
                let j = j as usize;
                let missed = self.moved_cost[j] - self.matrix.dot(&self.y, j);
                if missed != 0.0 {
                    rho.add(place as u32, missed);
                }
                worst = worst.max(missed.abs());
            }
            if worst <= 1e-13 {
                break;
            }
            self.lu.btran(rho);
            rho.entries().for_each(|(i, v)| self.y[i] += v);
        }
        for j in 0..self.at.len() {
            self.reduced[j] = match self.at[j] {
                At::Basic => 0.0,
                _ => self.moved_cost[j] - self.matrix.dot(&self.y, j),
            };
            self.lu.work += self.matrix.columns[j].len() as u64;
        }
        self.reduced_known = true;
    }

    /// How far a variable is outside its box beyond what is tolerated: negative below.
    pub(super) fn outside(&self, j: usize) -> f64 {
        let x = self.x[j];
        let tolerance = FEASIBLE * (1.0 + x.abs() * 1e-3);
        if x < self.moved_lo[j] - tolerance {
            x - self.moved_lo[j]
        } else if x > self.moved_hi[j] + tolerance {
            x - self.moved_hi[j]
        } else {
            0.0
        }
    }

    /// How much the cost falls per unit of the better direction, beyond what is tolerated: the
    /// reduced cost, or 0 where the variable cannot move that way.
    pub(super) fn attraction(&self, j: usize) -> f64 {
        let d = self.reduced[j];
        let tolerance = FEASIBLE * (1.0 + self.cost[j].abs() * 1e-3);
        let wrong = match self.at[j] {
            At::Basic => false,
            _ if self.lo[j] == self.hi[j] => false,
            At::Lower => d < -tolerance,
            At::Upper => d > tolerance,
            At::Zero => d.abs() > tolerance,
        };
        if wrong { d } else { 0.0 }
    }

    pub(super) fn is_primal_feasible(&self) -> bool {
        self.basic.iter().all(|j| self.outside(*j as usize) == 0.0)
    }

    pub(super) fn is_dual_feasible(&self) -> bool {
        (0..self.at.len()).all(|j| self.attraction(j) == 0.0)
    }

    /// `alpha`: the row of the tableau that belongs to `rho`, over variables that are not basic.
    pub(super) fn tableau_row(&mut self) {
        let (rho, alpha) = (&self.space.rho, &mut self.space.alpha);
        alpha.clear();
        if (rho.index.len() as f64) < SPARSE_ROW * rho.value.len() as f64 {
            for (i, v) in rho.entries() {
                let row = &self.matrix.rows[i];
                self.lu.work += row.len() as u64;
                alpha.add_scaled(row, v);
            }
        } else {
            for &j in &self.column {
                if self.at[j as usize] != At::Basic {
                    let column = &self.matrix.columns[j as usize];
                    self.lu.work += column.len() as u64;
                    let v: f64 = column.iter().map(|&(i, v)| rho.value[i as usize] * v).sum();
                    if v != 0.0 {
                        alpha.add(j, v);
                    }
                }
            }
        }
        let place = &self.place;
        let values = &mut alpha.value;
        alpha.index.retain(|&j| {
            let keep = place[j as usize] == NOWHERE && values[j as usize].abs() > 1e-13;
            if !keep {
                values[j as usize] = 0.0;
            }
            keep
        });
        for (i, v) in rho.entries() {
            let j = self.logical[i];
            if self.place[j as usize] == NOWHERE {
                alpha.add(j, -v);
            }
        }
    }

    /// The tableau's column of a variable, with its spike kept.
    pub(super) fn tableau_column(&mut self, j: usize) {
        let entering = &mut self.space.entering;
        entering.clear();
        entering.add_scaled(&self.matrix.columns[j], 1.0);
        self.lu.ftran(entering, Keep::Spike);
    }

    /// Reduced costs after the entering variable's has become zero.
    pub(super) fn update_reduced(&mut self, entering: usize, leaving: usize) {
        let ratio = self.reduced[entering] / self.space.alpha.value[entering];
        if ratio != 0.0 {
            for (j, v) in self.space.alpha.entries() {
                self.reduced[j] -= ratio * v;
            }
        }
        self.reduced[entering] = 0.0;
        self.reduced[leaving] = -ratio;
    }

    /// The entering variable moves by `step`, and the basic ones with it.
    pub(super) fn update_x(&mut self, entering: usize, step: f64) {
        if step != 0.0 {
            for (place, v) in self.space.entering.entries() {
                self.x[self.basic[place] as usize] -= step * v;
            }
            self.x[entering] += step;
        }
    }

    /// Exchanges the basic variable at `place`, which goes to `side`, with `entering`.
    pub(super) fn exchange(&mut self, place: usize, entering: usize, side: At) {
        let leaving = self.basic[place] as usize;
        let pivot = self.space.entering.value[place];
        self.at[leaving] = side;
        self.place[leaving] = NOWHERE;
        self.x[leaving] =
            if side == At::Lower { self.moved_lo[leaving] } else { self.moved_hi[leaving] };
        self.at[entering] = At::Basic;
        self.place[entering] = place as u32;
        self.basic[place] = entering as u32;
        self.pivots += 1;
        self.stale = true;
        let sound = self.lu.exchange(place as u32, pivot);
        if !sound || self.lu.is_worn() {
            self.factored = false;
        }
    }

    /// Takes back what was moved against degeneracy.
    pub(super) fn restore_costs(&mut self) {
        if std::mem::replace(&mut self.costs_moved, false) {
            self.moved_cost.clone_from(&self.cost);
            self.reduced_known = false;
        }
    }

    pub(super) fn restore_bounds(&mut self) {
        if std::mem::replace(&mut self.bounds_moved, false) {
            self.moved_lo.clone_from(&self.lo);
            self.moved_hi.clone_from(&self.hi);
            for j in 0..self.at.len() {
                if self.at[j] != At::Basic {
                    self.settle(j);
                }
            }
            self.x_known = false;
        }
    }
}

/// A number in `[1, 2)` that belongs to an index: the mixing step of SplitMix64 (Steele, Lea and
/// Flood 2014).
pub fn spread(index: usize) -> f64 {
    let mut z = (index as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    1.0 + ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}
