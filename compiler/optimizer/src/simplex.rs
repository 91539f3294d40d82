//! A bounded dual simplex with an explicit inverse, small and the same on every machine. What comes
//! in: an [`Lp`]; what goes out: a vertex, its multipliers, and the basis to go on from after a
//! change of boxes or of a right-hand side.
//!
//! Every structural column is boxed where its cost asks for it, so that any basis is made dual
//! feasible by choosing the bounds of the nonbasic columns: there is no first phase. Columns
//! `0..n` are the structural ones, `n + i` is the slack of row `i`, in `[0, ∞)` or `[0, 0]`.
//! Ties go to the larger pivot, then to the lower index; after many pivots without progress the
//! rules are Bland's, so that it ends. Nothing here is a proof: see `bound`.

use crate::lp::{Lp, Sense};

/// Primal and dual tolerances on rows and costs scaled to about 1.
pub const FEASIBLE: f64 = 1e-9;
const PIVOT: f64 = 1e-8;
const REFACTOR_EVERY: usize = 64;
const BLAND_AFTER: usize = 400;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    Basic(u32),
    Lower,
    Upper,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Optimal,
    /// The multipliers of [`Simplex::ray`] prove it.
    Infeasible,
    /// The pivots allowed are used up, or the numbers are too bad to go on.
    Stopped,
}

#[derive(Clone)]
pub struct Basis {
    pub basic: Vec<u32>,
    pub at: Vec<At>,
}

pub struct Simplex<'a> {
    pub lp: &'a Lp,
    pub lo: Vec<f64>,
    pub hi: Vec<f64>,
    pub rhs: Vec<f64>,
    n: usize,
    m: usize,
    basic: Vec<u32>,
    at: Vec<At>,
    /// Row-major inverse of the basis.
    inverse: Vec<f64>,
    xb: Vec<f64>,
    reduced: Vec<f64>,
    alpha: Vec<f64>,
    since_refactor: usize,
    pub pivots: usize,
    ray: Vec<f64>,
}

impl<'a> Simplex<'a> {
    pub fn new(lp: &'a Lp) -> Simplex<'a> {
        let (n, m) = (lp.columns(), lp.rows());
        let slack_hi = lp.sense.iter().map(|s| match s {
            Sense::AtMost => f64::INFINITY,
            Sense::Equal => 0.0,
        });
        let mut at = vec![At::Lower; n];
        at.extend((0..m).map(|i| At::Basic(i as u32)));
        let mut simplex = Simplex {
            lp,
            lo: lp.lo.iter().copied().chain(vec![0.0; m]).collect(),
            hi: lp.hi.iter().copied().chain(slack_hi).collect(),
            rhs: lp.rhs.clone(),
            n,
            m,
            basic: (n as u32..(n + m) as u32).collect(),
            at,
            inverse: vec![0.0; m * m],
            xb: vec![0.0; m],
            reduced: vec![0.0; n + m],
            alpha: vec![0.0; n + m],
            since_refactor: 0,
            pivots: 0,
            ray: vec![0.0; m],
        };
        simplex.refactor();
        simplex
    }

    pub fn basis(&self) -> Basis {
        Basis { basic: self.basic.clone(), at: self.at.clone() }
    }

    /// Goes on from `basis`; the boxes are the caller's to set before.
    pub fn restore(&mut self, basis: &Basis) {
        self.basic.clone_from(&basis.basic);
        self.at.clone_from(&basis.at);
        self.refactor();
    }

    /// Multipliers that prove infeasibility after [`Status::Infeasible`].
    pub fn ray(&self) -> &[f64] {
        &self.ray
    }

    pub fn basic_column(&self, row: usize) -> u32 {
        self.basic[row]
    }

    pub fn value(&self, j: usize) -> f64 {
        match self.at[j] {
            At::Basic(row) => self.xb[row as usize],
            At::Lower => self.lo[j],
            At::Upper => self.hi[j],
        }
    }

    pub fn values(&self) -> Vec<f64> {
        (0..self.n).map(|j| self.value(j)).collect()
    }

    pub fn objective(&self) -> f64 {
        (0..self.n).map(|j| self.lp.cost[j] * self.value(j)).sum()
    }

    pub fn reduced_cost(&self, j: usize) -> f64 {
        self.reduced[j]
    }

    /// Row multipliers of the present basis: `c_B` times the inverse.
    pub fn multipliers(&self) -> Vec<f64> {
        let mut y = vec![0.0; self.m];
        for (k, &column) in self.basic.iter().enumerate() {
            let c = self.cost(column as usize);
            if c != 0.0 {
                let row = &self.inverse[k * self.m..(k + 1) * self.m];
                y.iter_mut().zip(row).for_each(|(yi, b)| *yi += c * b);
            }
        }
        y
    }

    /// Column `i` of the inverse: how the basic values move with the right-hand side of row `i`.
    pub fn inverse_column(&self, i: usize) -> Vec<f64> {
        (0..self.m).map(|k| self.inverse[k * self.m + i]).collect()
    }

    fn cost(&self, j: usize) -> f64 {
        if j < self.n { self.lp.cost[j] } else { 0.0 }
    }

    fn row_dot(&self, y: &[f64], j: usize) -> f64 {
        if j < self.n { self.lp.dot(y, j) } else { y[j - self.n] }
    }

    /// Recomputes inverse, values and reduced costs from the basis; a basis that has become
    /// singular loses the offending columns to slacks.
    pub fn refactor(&mut self) {
        self.invert();
        let y = self.multipliers();
        for j in 0..self.n + self.m {
            self.reduced[j] = match self.at[j] {
                At::Basic(_) => 0.0,
                _ => self.cost(j) - self.row_dot(&y, j),
            };
        }
        self.settle();
        self.since_refactor = 0;
    }

    /// Puts each nonbasic column on the bound its reduced cost asks for, then computes the basic
    /// values.
    pub fn settle(&mut self) {
        for j in 0..self.n + self.m {
            if matches!(self.at[j], At::Basic(_)) {
                continue;
            }
            if self.reduced[j] > FEASIBLE || self.hi[j] == f64::INFINITY {
                self.at[j] = At::Lower;
            } else if self.reduced[j] < -FEASIBLE {
                self.at[j] = At::Upper;
            }
        }
        let mut b = self.rhs.clone();
        for j in 0..self.n + self.m {
            if !matches!(self.at[j], At::Basic(_)) {
                let x = self.value(j);
                if x != 0.0 {
                    self.subtract_column(&mut b, j, x);
                }
            }
        }
        for k in 0..self.m {
            let row = &self.inverse[k * self.m..(k + 1) * self.m];
            self.xb[k] = row.iter().zip(&b).map(|(a, b)| a * b).sum();
        }
    }

    fn subtract_column(&self, b: &mut [f64], j: usize, x: f64) {
        if j >= self.n {
            b[j - self.n] -= x;
            return;
        }
        let (rows, values) = self.lp.column(j);
        for (r, v) in rows.iter().zip(values) {
            b[*r as usize] -= v * x;
        }
    }

    /// Gauss-Jordan on the basis, slack columns first (they cost nothing), with partial pivoting.
    fn invert(&mut self) {
        let m = self.m;
        let columns = std::mem::take(&mut self.basic);
        let mut placed: Vec<u32> = vec![u32::MAX; m];
        let mut inverse = vec![0.0; m * m];
        for i in 0..m {
            inverse[i * m + i] = 1.0;
        }
        let mut rest = Vec::new();
        for &c in &columns {
            match (c as usize).checked_sub(self.n) {
                Some(row) => placed[row] = c,
                None => rest.push(c),
            }
        }
        let mut w = vec![0.0; m];
        for c in rest {
            let (rows, values) = self.lp.column(c as usize);
            for (k, wk) in w.iter_mut().enumerate() {
                let row = &inverse[k * m..(k + 1) * m];
                *wk = rows.iter().zip(values).map(|(r, v)| row[*r as usize] * v).sum();
            }
            let free = (0..m).filter(|k| placed[*k] == u32::MAX);
            let best = free.fold(None, |best: Option<usize>, k| match best {
                Some(b) if w[b].abs() >= w[k].abs() => best,
                _ => Some(k),
            });
            match best {
                Some(k) if w[k].abs() > 1e-10 => {
                    placed[k] = c;
                    eliminate(&mut inverse, &w, k, m);
                }
                _ => self.at[c as usize] = At::Lower,
            }
        }
        for (k, p) in placed.iter_mut().enumerate() {
            if *p == u32::MAX {
                *p = (self.n + k) as u32;
            }
            self.at[*p as usize] = At::Basic(k as u32);
        }
        self.inverse = inverse;
        self.basic = placed;
    }

    /// Pivots until optimal, infeasible, or `limit` pivots later.
    pub fn solve(&mut self, limit: usize) -> Status {
        let end = self.pivots + limit;
        let mut stalled = 0;
        let mut fresh = false;
        loop {
            let bland = stalled > BLAND_AFTER;
            let Some((row, below)) = self.leaving(bland) else {
                if self.since_refactor > 0 && !fresh {
                    self.refactor();
                    fresh = true;
                    continue;
                }
                return Status::Optimal;
            };
            fresh = false;
            if self.pivots >= end {
                return Status::Stopped;
            }
            self.price_row(row);
            let Some(entering) = self.entering(below, bland) else {
                if self.since_refactor > 0 {
                    self.refactor();
                    continue;
                }
                self.keep_ray(row, below);
                return Status::Infeasible;
            };
            let step = self.reduced[entering].abs();
            stalled = if step > 1e-12 { 0 } else { stalled + 1 };
            if stalled > 20 * BLAND_AFTER || !self.pivot(row, entering, below) {
                return Status::Stopped;
            }
        }
    }

    /// The basic row farthest outside its box, and whether it is below.
    fn leaving(&self, bland: bool) -> Option<(usize, bool)> {
        let mut best: Option<(usize, bool)> = None;
        let mut worst = 0.0;
        for k in 0..self.m {
            let (j, x) = (self.basic[k] as usize, self.xb[k]);
            let scale = 1.0 + x.abs() * 1e-3;
            let (low, high) = (self.lo[j] - x, x - self.hi[j]);
            let violation = low.max(high);
            if violation <= FEASIBLE * scale {
                continue;
            }
            let better = if bland {
                best.is_none_or(|(b, _)| self.basic[b] > self.basic[k])
            } else {
                violation > worst * (1.0 + 1e-9)
            };
            if better {
                worst = violation;
                best = Some((k, low > high));
            }
        }
        best
    }

    /// `alpha_j` of the row for every nonbasic column that is not fixed.
    pub fn price_row(&mut self, row: usize) {
        let (n, m) = (self.n, self.m);
        let r = self.inverse[row * m..(row + 1) * m].to_vec();
        for j in 0..n + m {
            self.alpha[j] = match self.at[j] {
                At::Basic(_) => 0.0,
                _ => self.row_dot(&r, j),
            };
        }
    }

    /// The column of least dual ratio; in a first pass with relaxed bounds (Harris), in a second
    /// the largest pivot among those within it.
    pub fn entering(&self, below: bool, bland: bool) -> Option<usize> {
        let eligible = |j: usize| {
            let a = if below { -self.alpha[j] } else { self.alpha[j] };
            let fits = match self.at[j] {
                At::Basic(_) => false,
                At::Lower => a > PIVOT,
                At::Upper => a < -PIVOT,
            };
            fits && self.lo[j] < self.hi[j]
        };
        let slackness = |j: usize| self.reduced[j].abs();
        let mut reach = f64::INFINITY;
        for j in (0..self.n + self.m).filter(|j| eligible(*j)) {
            let relax = if bland { 0.0 } else { FEASIBLE };
            reach = reach.min((slackness(j) + relax) / self.alpha[j].abs());
        }
        let mut best: Option<usize> = None;
        for j in (0..self.n + self.m).filter(|j| eligible(*j)) {
            let within = slackness(j) / self.alpha[j].abs() <= reach;
            let larger =
                best.is_none_or(|b| self.alpha[j].abs() > self.alpha[b].abs() * (1.0 + 1e-9));
            if within && if bland { best.is_none() } else { larger } {
                best = Some(j);
            }
        }
        best
    }

    /// Exchanges the basic column of `row`, which goes to its violated bound, with `entering`.
    /// False when the numbers contradict each other even after a fresh inverse.
    pub fn pivot(&mut self, row: usize, entering: usize, below: bool) -> bool {
        let m = self.m;
        let w = self.transformed(entering);
        let error = (w[row] - self.alpha[entering]).abs();
        if error > 1e-6 * (1.0 + w[row].abs()) || w[row].abs() < PIVOT * 0.1 {
            if self.since_refactor == 0 {
                return false;
            }
            self.refactor();
            self.pivots += 1;
            return true;
        }
        let leaving = self.basic[row] as usize;
        let target = if below { self.lo[leaving] } else { self.hi[leaving] };
        let step = (self.xb[row] - target) / w[row];
        let ratio = self.reduced[entering] / self.alpha[entering];
        for j in 0..self.n + m {
            if self.alpha[j] != 0.0 {
                self.reduced[j] -= ratio * self.alpha[j];
            }
        }
        self.reduced[leaving] = -ratio;
        self.reduced[entering] = 0.0;
        let from = self.value(entering);
        self.xb.iter_mut().zip(&w).for_each(|(x, w)| *x -= step * w);
        self.xb[row] = from + step;
        self.at[leaving] = if below { At::Lower } else { At::Upper };
        self.at[entering] = At::Basic(row as u32);
        self.basic[row] = entering as u32;
        eliminate(&mut self.inverse, &w, row, m);
        self.pivots += 1;
        self.since_refactor += 1;
        if self.since_refactor >= REFACTOR_EVERY {
            self.refactor();
        }
        true
    }

    /// The inverse times column `j`.
    fn transformed(&self, j: usize) -> Vec<f64> {
        let m = self.m;
        if j >= self.n {
            return self.inverse_column(j - self.n);
        }
        let (rows, values) = self.lp.column(j);
        let entry = |k: usize| {
            let row = &self.inverse[k * m..(k + 1) * m];
            rows.iter().zip(values).map(|(r, v)| row[*r as usize] * v).sum()
        };
        (0..m).map(entry).collect()
    }

    fn keep_ray(&mut self, row: usize, below: bool) {
        let m = self.m;
        let sign = if below { -1.0 } else { 1.0 };
        let r = &self.inverse[row * m..(row + 1) * m];
        self.ray = r.iter().map(|v| sign * v).collect();
    }
}

/// Row operations that turn `w` into the unit vector of `row`.
fn eliminate(inverse: &mut [f64], w: &[f64], row: usize, m: usize) {
    let pivot = w[row];
    let (before, rest) = inverse.split_at_mut(row * m);
    let (own, after) = rest.split_at_mut(m);
    own.iter_mut().for_each(|v| *v /= pivot);
    for (k, other) in before.chunks_exact_mut(m).chain(after.chunks_exact_mut(m)).enumerate() {
        let k = if k < row { k } else { k + 1 };
        if w[k] != 0.0 {
            other.iter_mut().zip(own.iter()).for_each(|(v, o)| *v -= w[k] * o);
        }
    }
}
