//! A bounded revised simplex for sparse programmes that change: minimise `c · x` over rows
//! `lo ≤ Σ a x ≤ hi` and boxes `lo ≤ x ≤ hi`, any of them infinite, equal or free. What goes out:
//! a vertex, multipliers, reduced costs, the basis to go on from, and a ray where there is no
//! optimum. The same input gives the same vertex on every machine: no clock, no randomness, ties
//! by index.
//!
//! # How column generation uses it
//!
//! ```text
//! let mut lp = Simplex::new();
//! let row = lp.add_row(demand, f64::INFINITY);
//! lp.add_column(penalty, (0.0, f64::INFINITY), &[(row, 1.0)]);      // keeps it feasible
//! loop {
//!     let status = lp.solve(&Limits::work(1_000_000_000));          // warm from the last basis
//!     let new = price(lp.duals());                                  // reduced cost = c - y · a
//!     if new.is_empty() { break }
//!     for pattern in new { lp.add_column(pattern.cost, pattern.bounds, &pattern.entries); }
//! }
//! ```
//!
//! Bounds, costs and sides of rows may change between any two calls of [`Simplex::solve`], and rows
//! and columns may be added; the basis stays. A column is taken out by the box `[0, 0]`.
//!
//! # How it works
//!
//! 1. `scale`: powers of two on rows, columns and cost, once; what is added later is scaled alike.
//! 2. A basis that is not primal feasible goes to `dual`, which first moves costs so that it is
//!    dual feasible (boxed variables change sides instead). Infeasibility is found here, and the
//!    ray proves it whatever the costs.
//! 3. A basis that is primal but not dual feasible goes to `primal`. Columns added to an optimal
//!    basis lead straight here. Unboundedness is found here.
//! 4. Both move costs or bounds by a fixed rule when steps of length zero repeat; the moves are
//!    taken back at the end, and what they spoilt is mended by the other one.
//!
//! `lu` and `factor` are the basis, `vector` and `matrix` the numbers, `iterate` what `dual` and
//! `primal` share. Absent: integrality, presolve, and any proof (see `bound` and `certificate`).

mod dual;
mod factor;
mod iterate;
mod lu;
mod matrix;
mod primal;
mod ranging;
mod scale;
pub mod tangent;
mod vector;

use crate::lp::{Lp, Sense};
use factor::Factor;
use lu::Lu;
use matrix::{Entries, Matrix, tidy};
use vector::Sparse;

/// Tolerance on bounds and on reduced costs, of scaled numbers.
pub const FEASIBLE: f64 = 1e-9;
const NOWHERE: u32 = u32::MAX;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    Basic,
    Lower,
    Upper,
    /// A free variable that is not basic, at zero.
    Zero,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Optimal,
    /// The multipliers of [`Simplex::farkas`] prove it.
    Infeasible,
    /// Along [`Simplex::direction`] the cost falls for ever.
    Unbounded,
    /// No point costs less than the cutoff.
    Worse,
    /// The work allowed is used up, the caller said so, or the numbers are too bad to go on.
    Stopped,
}

/// Where to go on from: it outlives rows and columns added since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Basis {
    pub columns: Vec<At>,
    pub rows: Vec<At>,
}

/// When to stop.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Entries looked at, in one call.
    pub work: u64,
    /// Asked at every pivot; true stops. A command passes its clock here.
    pub stop: Option<&'a dyn Fn() -> bool>,
    /// The dual simplex stops once the cost cannot be less.
    pub cutoff: f64,
}

impl Limits<'_> {
    pub fn work(work: u64) -> Limits<'static> {
        Limits { work, stop: None, cutoff: f64::INFINITY }
    }
}

#[derive(Clone, Default)]
pub struct Simplex {
    matrix: Matrix,
    /// Variable of each column, and of each row's activity.
    column: Vec<u32>,
    logical: Vec<u32>,
    /// Per variable, scaled; `moved_*` are what the pivots see.
    cost: Vec<f64>,
    lo: Vec<f64>,
    hi: Vec<f64>,
    moved_cost: Vec<f64>,
    moved_lo: Vec<f64>,
    moved_hi: Vec<f64>,
    costs_moved: bool,
    bounds_moved: bool,
    /// True value of a variable over its scaled one.
    scale: Vec<f64>,
    cost_scale: f64,
    is_scaled: bool,
    at: Vec<At>,
    x: Vec<f64>,
    reduced: Vec<f64>,
    /// Place in the basis of each variable, and the variable at each place.
    place: Vec<u32>,
    basic: Vec<u32>,
    lu: Lu,
    factor: Factor,
    factored: bool,
    /// Whether `x` and `reduced` belong to the basis, bounds and costs.
    x_known: bool,
    reduced_known: bool,
    /// Whether they have been updated since they were computed.
    stale: bool,
    /// Steepest-edge weights of the dual by place, Devex weights of the primal by variable.
    edge: Vec<f64>,
    edge_known: bool,
    devex: Vec<f64>,
    /// Scaled row multipliers; and in true units, of the last solve.
    y: Vec<f64>,
    duals: Vec<f64>,
    farkas: Vec<f64>,
    direction: Vec<f64>,
    space: Space,
    pub pivots: usize,
}

/// Vectors of one pivot, kept to save allocation.
#[derive(Clone, Default)]
struct Space {
    /// Row of the inverse, by row; row of the tableau, by variable.
    rho: Sparse,
    alpha: Sparse,
    /// Column of the tableau, by place.
    entering: Sparse,
    flips: Sparse,
    tau: Sparse,
    /// By variable; all 1 between uses.
    weight: Vec<f64>,
    /// What the choice of pivot goes through: places in the dual, variables in the primal.
    candidates: Candidates,
}

/// Indices that may be worth a pivot: all that are, and some that no longer are.
#[derive(Clone, Default)]
struct Candidates {
    list: Vec<u32>,
    listed: Vec<bool>,
}

impl Candidates {
    fn reset(&mut self, len: usize) {
        self.list.clear();
        self.listed.clear();
        self.listed.resize(len, false);
    }

    fn offer(&mut self, index: u32) {
        if !std::mem::replace(&mut self.listed[index as usize], true) {
            self.list.push(index);
        }
    }
}

impl From<&Lp> for Simplex {
    fn from(lp: &Lp) -> Simplex {
        let mut simplex = Simplex::new();
        for (rhs, sense) in lp.rhs.iter().zip(&lp.sense) {
            let lo = if *sense == Sense::Equal { *rhs } else { f64::NEG_INFINITY };
            simplex.add_row((lo, *rhs), &[]);
        }
        for j in 0..lp.columns() {
            let (rows, values) = lp.column(j);
            let entries = rows.iter().zip(values).map(|(r, v)| (*r, *v));
            simplex.push_column(lp.cost[j], (lp.lo[j], lp.hi[j]), entries.collect());
        }
        simplex
    }
}

impl Simplex {
    pub fn new() -> Simplex {
        Simplex { cost_scale: 1.0, ..Simplex::default() }
    }

    /// Goes on counting where another one, which this one replaces, has got to.
    pub fn count_from(&mut self, work: u64, pivots: usize) {
        self.lu.work += work;
        self.pivots += pivots;
    }

    pub fn rows(&self) -> usize {
        self.logical.len()
    }

    pub fn columns(&self) -> usize {
        self.column.len()
    }

    /// Entries name columns, may repeat one, and are summed. Gives the row's index.
    pub fn add_row(&mut self, bounds: (f64, f64), entries: &[(usize, f64)]) -> usize {
        let named = entries.iter().map(|&(j, v)| (self.column[j], v));
        let mut entries = tidy(named);
        let scale = self.scale_row(&mut entries);
        let variable = self.matrix.push_row(&entries);
        self.logical.push(variable);
        self.push_variable(0.0, bounds, scale);
        self.at[variable as usize] = At::Basic;
        self.place[variable as usize] = self.basic.len() as u32;
        self.basic.push(variable);
        self.edge.push(1.0);
        self.y.push(0.0);
        self.factored = false;
        self.logical.len() - 1
    }

    /// Entries name rows, may repeat one, and are summed. Gives the column's index.
    pub fn add_column(&mut self, cost: f64, bounds: (f64, f64), entries: &[(usize, f64)]) -> usize {
        let named = entries.iter().map(|&(i, v)| (i as u32, v));
        self.push_column(cost, bounds, tidy(named))
    }

    fn push_column(&mut self, cost: f64, bounds: (f64, f64), mut entries: Entries) -> usize {
        let scale = self.scale_column(&mut entries);
        let variable = self.matrix.push_column(entries);
        self.column.push(variable);
        self.push_variable(cost, bounds, scale);
        let j = variable as usize;
        self.reduced[j] = self.cost[j] - self.matrix.dot(&self.y, j);
        self.column.len() - 1
    }

    fn push_variable(&mut self, cost: f64, bounds: (f64, f64), scale: f64) {
        let cost = cost * scale * self.cost_scale;
        self.scale.push(scale);
        self.cost.push(cost);
        self.moved_cost.push(cost);
        for list in [&mut self.lo, &mut self.hi, &mut self.moved_lo, &mut self.moved_hi] {
            list.push(0.0);
        }
        self.x.push(0.0);
        self.reduced.push(0.0);
        self.at.push(At::Lower);
        self.place.push(NOWHERE);
        self.devex.push(1.0);
        self.set_variable_bounds(self.cost.len() - 1, bounds);
    }

    /// # Panics
    /// Never for a column that [`Simplex::add_column`] has given.
    pub fn set_cost(&mut self, column: usize, cost: f64) {
        let j = self.column[column] as usize;
        let cost = cost * self.scale[j] * self.cost_scale;
        if cost != self.cost[j] {
            self.cost[j] = cost;
            self.moved_cost[j] = cost;
            self.reduced_known = false;
        }
    }

    pub fn set_bounds(&mut self, column: usize, bounds: (f64, f64)) {
        self.set_variable_bounds(self.column[column] as usize, bounds);
    }

    pub fn set_row_bounds(&mut self, row: usize, bounds: (f64, f64)) {
        self.set_variable_bounds(self.logical[row] as usize, bounds);
    }

    fn set_variable_bounds(&mut self, j: usize, (lo, hi): (f64, f64)) {
        (self.lo[j], self.hi[j]) = (lo / self.scale[j], hi / self.scale[j]);
        (self.moved_lo[j], self.moved_hi[j]) = (self.lo[j], self.hi[j]);
        if self.at[j] != At::Basic {
            let before = self.x[j];
            self.settle(j);
            self.x_known &= before == self.x[j];
        }
    }

    /// Puts a variable that is not basic on a bound it has, its own side if it can.
    fn settle(&mut self, j: usize) {
        let (lo, hi) = (self.lo[j], self.hi[j]);
        self.at[j] = match self.at[j] {
            At::Upper if hi < f64::INFINITY => At::Upper,
            _ if lo > f64::NEG_INFINITY => At::Lower,
            _ if hi < f64::INFINITY => At::Upper,
            _ => At::Zero,
        };
        self.x[j] = match self.at[j] {
            At::Lower => lo,
            At::Upper => hi,
            _ => 0.0,
        };
    }

    pub fn bounds(&self, column: usize) -> (f64, f64) {
        self.true_bounds(self.column[column] as usize)
    }

    pub fn row_bounds(&self, row: usize) -> (f64, f64) {
        self.true_bounds(self.logical[row] as usize)
    }

    fn true_bounds(&self, j: usize) -> (f64, f64) {
        (self.lo[j] * self.scale[j], self.hi[j] * self.scale[j])
    }

    pub fn value(&self, column: usize) -> f64 {
        let j = self.column[column] as usize;
        self.x[j] * self.scale[j]
    }

    pub fn values(&self) -> Vec<f64> {
        (0..self.columns()).map(|j| self.value(j)).collect()
    }

    /// `Σ a x` of a row.
    pub fn activity(&self, row: usize) -> f64 {
        let j = self.logical[row] as usize;
        self.x[j] * self.scale[j]
    }

    pub fn objective(&self) -> f64 {
        let terms = self.column.iter().map(|j| self.cost[*j as usize] * self.x[*j as usize]);
        terms.sum::<f64>() / self.cost_scale
    }

    /// Row multipliers `y` of the last solve: at least zero where only the row's lower side binds.
    pub fn duals(&self) -> &[f64] {
        &self.duals
    }

    /// `c - y · a` of a column.
    pub fn reduced_cost(&self, column: usize) -> f64 {
        let j = self.column[column] as usize;
        self.reduced[j] / (self.scale[j] * self.cost_scale)
    }

    /// After [`Status::Infeasible`]: multipliers `y` for which `(y A) x` cannot be what `y` times
    /// the rows' sides asks for, whatever `x` in its box. All zero where a box is empty itself.
    pub fn farkas(&self) -> &[f64] {
        &self.farkas
    }

    /// After [`Status::Unbounded`]: how the columns move.
    pub fn direction(&self) -> &[f64] {
        &self.direction
    }

    pub fn basis(&self) -> Basis {
        let at = |list: &[u32]| list.iter().map(|j| self.at[*j as usize]).collect();
        Basis { columns: at(&self.column), rows: at(&self.logical) }
    }

    /// Goes on from `basis`; what was added since stays as it came.
    pub fn set_basis(&mut self, basis: &Basis) {
        for row in basis.rows.len()..self.rows() {
            self.at[self.logical[row] as usize] = At::Basic;
        }
        for j in basis.columns.len()..self.columns() {
            self.at[self.column[j] as usize] = At::Lower;
        }
        for (j, at) in self.column.iter().zip(&basis.columns) {
            self.at[*j as usize] = *at;
        }
        for (j, at) in self.logical.iter().zip(&basis.rows) {
            self.at[*j as usize] = *at;
        }
        self.gather();
        (self.factored, self.edge_known) = (false, false);
        (self.x_known, self.reduced_known) = (false, false);
    }

    /// Lists the basic variables; too many lose their place, too few are made up by logicals.
    fn gather(&mut self) {
        let m = self.rows();
        self.basic.clear();
        self.place.fill(NOWHERE);
        for j in 0..self.at.len() {
            if self.at[j] == At::Basic && self.basic.len() < m {
                self.place[j] = self.basic.len() as u32;
                self.basic.push(j as u32);
            } else {
                self.at[j] = if self.at[j] == At::Basic { At::Lower } else { self.at[j] };
                self.settle(j);
            }
        }
        for row in 0..m {
            let j = self.logical[row] as usize;
            if self.basic.len() < m && self.at[j] != At::Basic {
                self.at[j] = At::Basic;
                self.place[j] = self.basic.len() as u32;
                self.basic.push(j as u32);
            }
        }
    }

    /// Pivots until optimal, proved to have no optimum, or stopped.
    pub fn solve(&mut self, limits: &Limits) -> Status {
        self.farkas = vec![0.0; self.rows()];
        if (0..self.lo.len()).any(|j| self.lo[j] > self.hi[j]) {
            return Status::Infeasible;
        }
        self.scale_all();
        let mut budget = iterate::Budget::new(limits, self);
        let status = self.rounds(&mut budget);
        self.restore_costs();
        self.restore_bounds();
        self.refresh();
        self.know();
        self.publish();
        status
    }

    fn rounds(&mut self, budget: &mut iterate::Budget) -> Status {
        for round in 0..ROUNDS {
            self.know();
            if !self.is_primal_feasible() {
                match self.dual(budget, round) {
                    dual::End::Feasible => {}
                    dual::End::Infeasible => return Status::Infeasible,
                    dual::End::Worse => return Status::Worse,
                    dual::End::Stopped => return Status::Stopped,
                }
                self.restore_costs();
                self.know();
            }
            if !self.is_dual_feasible() {
                match self.primal(budget, round) {
                    primal::End::Optimal => {}
                    primal::End::Unbounded => return Status::Unbounded,
                    primal::End::Stopped => return Status::Stopped,
                }
                self.restore_bounds();
                self.know();
            }
            if self.is_primal_feasible() && self.is_dual_feasible() {
                return Status::Optimal;
            }
        }
        Status::Stopped
    }

    fn publish(&mut self) {
        self.duals.clear();
        for (i, y) in self.y.iter().enumerate() {
            let row_scale = 1.0 / self.scale[self.logical[i] as usize];
            self.duals.push(y * row_scale / self.cost_scale);
        }
    }
}

/// How often dual and primal may mend what the other left; the first rounds may move numbers.
const ROUNDS: usize = 12;
