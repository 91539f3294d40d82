//! A linear programme that grows by columns: min c x, rows of one kind each, x >= 0, by the primal
//! simplex over an explicit inverse, warm from the last basis.

/// What a row says of its sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    AtLeast,
    Equal,
    AtMost,
}

const TINY: f64 = 1e-9;
const REFRESH: usize = 150;

#[derive(Default)]
pub struct Programme {
    kinds: Vec<Kind>,
    rhs: Vec<f64>,
    cost: Vec<f64>,
    starts: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<f64>,
    /// Column in the basis of each row; own columns are `columns + row`.
    basis: Vec<usize>,
    is_basic: Vec<bool>,
    /// Column-major inverse.
    inverse: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    slack_cost: Vec<f64>,
    pub pivots: usize,
    since: usize,
}

impl Programme {
    /// `elastic`: what one unit of a missed row costs.
    pub fn new(kinds: Vec<Kind>, rhs: Vec<f64>, elastic: f64) -> Programme {
        let m = kinds.len();
        let mut inverse = vec![0.0; m * m];
        let mut x = vec![0.0; m];
        let mut slack_cost = vec![0.0; m];
        for r in 0..m {
            let sign = if kinds[r] == Kind::AtLeast { -1.0 } else { 1.0 };
            inverse[r * m + r] = sign;
            x[r] = sign * rhs[r];
            slack_cost[r] = if kinds[r] == Kind::Equal { elastic } else { 0.0 };
        }
        let mut made = Programme {
            kinds,
            rhs,
            starts: vec![0],
            basis: (0..m).map(|r| usize::MAX - r).collect(),
            inverse,
            x,
            y: vec![0.0; m],
            slack_cost,
            ..Programme::default()
        };
        made.dual();
        made
    }

    pub fn columns(&self) -> usize {
        self.cost.len()
    }

    pub fn add(&mut self, cost: f64, entries: &[(u32, f64)]) -> usize {
        self.cost.push(cost);
        for (r, v) in entries {
            self.rows.push(*r);
            self.values.push(*v);
        }
        self.starts.push(self.rows.len());
        self.is_basic.push(false);
        self.cost.len() - 1
    }

    fn slack_sign(&self, r: usize) -> f64 {
        if self.kinds[r] == Kind::AtLeast { -1.0 } else { 1.0 }
    }

    fn column(&self, j: usize) -> (&[u32], &[f64]) {
        let range = self.starts[j]..self.starts[j + 1];
        (&self.rows[range.clone()], &self.values[range])
    }

    fn cost_of(&self, b: usize) -> f64 {
        if b > usize::MAX / 2 { self.slack_cost[usize::MAX - b] } else { self.cost[b] }
    }

    fn dual(&mut self) {
        let m = self.x.len();
        let c: Vec<f64> = self.basis.iter().map(|b| self.cost_of(*b)).collect();
        for r in 0..m {
            let col = &self.inverse[r * m..(r + 1) * m];
            self.y[r] = col.iter().zip(&c).map(|(a, b)| a * b).sum();
        }
    }

    pub fn duals(&self) -> &[f64] {
        &self.y
    }

    pub fn objective(&self) -> f64 {
        self.basis.iter().zip(&self.x).map(|(b, x)| self.cost_of(*b) * x).sum()
    }

    /// What rows are missed by, that may not be.
    pub fn missed(&self) -> f64 {
        let own = self.basis.iter().zip(&self.x);
        own.filter(|(b, _)| **b > usize::MAX / 2 && self.slack_cost[usize::MAX - **b] > 0.0)
            .map(|(_, x)| x.abs())
            .sum()
    }

    /// Values above zero.
    pub fn values(&self) -> Vec<f64> {
        let mut values = vec![0.0; self.cost.len()];
        for (b, x) in self.basis.iter().zip(&self.x) {
            if *b < usize::MAX / 2 {
                values[*b] = *x;
            }
        }
        values
    }

    pub fn reduced(&self, j: usize) -> f64 {
        let (rows, values) = self.column(j);
        let sum: f64 = rows.iter().zip(values).map(|(r, v)| self.y[*r as usize] * v).sum();
        self.cost[j] - sum
    }

    fn slack_reduced(&self, r: usize) -> f64 {
        self.slack_cost[r] - self.slack_sign(r) * self.y[r]
    }

    fn ftran(&self, b: usize) -> Vec<f64> {
        let m = self.x.len();
        let mut w = vec![0.0; m];
        let mut add = |r: usize, v: f64| {
            let col = &self.inverse[r * m..(r + 1) * m];
            w.iter_mut().zip(col).for_each(|(w, a)| *w += v * a);
        };
        if b > usize::MAX / 2 {
            let r = usize::MAX - b;
            add(r, self.slack_sign(r));
        } else {
            let (rows, values) = self.column(b);
            for (r, v) in rows.iter().zip(values) {
                add(*r as usize, *v);
            }
        }
        w
    }

    fn eliminate(&mut self, w: &[f64], r: usize) {
        let m = self.x.len();
        let pivot = w[r];
        for c in 0..m {
            let col = &mut self.inverse[c * m..(c + 1) * m];
            if col[r] != 0.0 {
                let f = col[r] / pivot;
                col.iter_mut().zip(w).for_each(|(a, w)| *a -= f * w);
                col[r] = f;
            }
        }
    }

    /// The inverse afresh.
    fn refresh(&mut self) {
        let m = self.x.len();
        let old = self.basis.clone();
        self.inverse.fill(0.0);
        let mut done = vec![false; m];
        self.basis = (0..m).map(|r| usize::MAX - r).collect();
        for r in 0..m {
            self.inverse[r * m + r] = self.slack_sign(r);
        }
        let mut rest = Vec::new();
        for b in old {
            if b > usize::MAX / 2 {
                done[usize::MAX - b] = true;
            } else {
                rest.push(b);
            }
        }
        rest.sort_by_key(|j| self.starts[j + 1] - self.starts[*j]);
        for j in rest {
            self.is_basic[j] = false;
            let w = self.ftran(j);
            let mut best = (0.0, usize::MAX);
            for r in 0..m {
                if !done[r] && w[r].abs() > best.0 {
                    best = (w[r].abs(), r);
                }
            }
            if best.0 > 1e-9 {
                self.eliminate(&w, best.1);
                done[best.1] = true;
                self.basis[best.1] = j;
                self.is_basic[j] = true;
            }
        }
        self.x.fill(0.0);
        for r in 0..m {
            let b = self.rhs[r];
            if b != 0.0 {
                let col = &self.inverse[r * m..(r + 1) * m];
                self.x.iter_mut().zip(col).for_each(|(x, a)| *x += b * a);
            }
        }
        self.dual();
        self.since = 0;
    }

    /// Pivots until optimal or stopped; whether it is optimal.
    pub fn solve(&mut self, stop: &dyn Fn() -> bool) -> bool {
        let m = self.x.len();
        self.refresh();
        loop {
            if self.since >= REFRESH {
                self.refresh();
            }
            if self.pivots % 8 == 0 && stop() {
                return false;
            }
            let mut best = (-1e-9, 0);
            for j in 0..self.cost.len() {
                if !self.is_basic[j] {
                    let d = self.reduced(j) / (1.0 + self.cost[j].abs());
                    if d < best.0 {
                        best = (d, j);
                    }
                }
            }
            let own: Vec<bool> = {
                let mut own = vec![false; m];
                for b in &self.basis {
                    if *b > usize::MAX / 2 {
                        own[usize::MAX - b] = true;
                    }
                }
                own
            };
            for r in 0..m {
                if !own[r] && self.slack_reduced(r) < best.0 {
                    best = (self.slack_reduced(r), usize::MAX - r);
                }
            }
            if best.0 >= -1e-9 {
                if self.since > 0 {
                    self.refresh();
                    continue;
                }
                return true;
            }
            let j = best.1;
            let d = if j > usize::MAX / 2 { self.slack_reduced(usize::MAX - j) } else { self.reduced(j) };
            let w = self.ftran(j);
            let mut ratio = f64::INFINITY;
            for r in 0..m {
                if w[r] > 1e-8 {
                    ratio = ratio.min((self.x[r].max(0.0) + TINY) / w[r]);
                }
            }
            let mut out = (0.0, usize::MAX);
            for r in 0..m {
                if w[r] > 1e-8 && self.x[r].max(0.0) / w[r] <= ratio && w[r] > out.0 {
                    out = (w[r], r);
                }
            }
            if out.1 == usize::MAX {
                return false;
            }
            let r = out.1;
            let step = self.x[r].max(0.0) / w[r];
            self.x.iter_mut().zip(&w).for_each(|(x, w)| *x -= step * w);
            self.x[r] = step;
            let scale = d / w[r];
            for c in 0..m {
                self.y[c] += scale * self.inverse[c * m + r];
            }
            self.eliminate(&w, r);
            if self.basis[r] < usize::MAX / 2 {
                self.is_basic[self.basis[r]] = false;
            }
            self.basis[r] = j;
            if j < usize::MAX / 2 {
                self.is_basic[j] = true;
            }
            self.pivots += 1;
            self.since += 1;
        }
    }
}
