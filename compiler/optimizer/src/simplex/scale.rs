//! Geometric scaling by powers of two, which rounds nothing: rows and columns in turn are divided
//! by the root of their least times their greatest magnitude (Fulkerson and Wolfe 1962; Curtis and
//! Reid 1972 compare), the cost by its geometric mean. What is added later is scaled to what is
//! there.

use super::Simplex;
use super::matrix::Entries;

const PASSES: usize = 4;
/// Programmes whose entries lie between these are left alone.
const NARROW: (f64, f64) = (0.2, 5.0);
const MOST_EXPONENT: f64 = 60.0;

impl Simplex {
    /// Scales everything, the first time it is called.
    pub(super) fn scale_all(&mut self) {
        if self.is_scaled {
            return;
        }
        self.is_scaled = true;
        let entries = || self.matrix.rows.iter().flatten().map(|(_, v)| v.abs());
        let widest = entries().fold((1.0f64, 1.0f64), |(a, b), v| (a.min(v), b.max(v)));
        if widest.0 < NARROW.0 || widest.1 > NARROW.1 {
            self.scale_matrix();
        }
        let costs = self.cost.iter().filter(|c| **c != 0.0).map(|c| log2(c.abs()));
        let (count, sum) = costs.fold((0, 0.0), |(n, sum), log| (n + 1, sum + log));
        if count > 0 {
            self.cost_scale = power(-sum / f64::from(count));
            self.cost.iter_mut().for_each(|c| *c *= self.cost_scale);
        }
        self.moved_cost.clone_from(&self.cost);
        self.moved_lo.clone_from(&self.lo);
        self.moved_hi.clone_from(&self.hi);
        (self.factored, self.x_known, self.reduced_known) = (false, false, false);
        (0..self.at.len()).filter(|j| self.place[*j] == super::NOWHERE).for_each(|j| {
            self.x[j] = if self.scale[j] == 1.0 { self.x[j] } else { self.x[j] / self.scale[j] };
        });
    }

    fn scale_matrix(&mut self) {
        let mut row_log = vec![0.0; self.rows()];
        let mut column_log = vec![0.0; self.at.len()];
        for _ in 0..PASSES {
            for (i, row) in self.matrix.rows.iter().enumerate() {
                let logs = row.iter().map(|(j, v)| log2(v.abs()) + column_log[*j as usize]);
                row_log[i] = -middle(logs);
            }
            for &j in &self.column {
                let entries = self.matrix.columns[j as usize].iter();
                let logs = entries.map(|(i, v)| log2(v.abs()) + row_log[*i as usize]);
                column_log[j as usize] = -middle(logs);
            }
        }
        let row_scale: Vec<f64> = row_log.iter().map(|log| power(*log)).collect();
        for &j in &self.column {
            self.scale[j as usize] = power(column_log[j as usize]);
        }
        for (i, &j) in self.logical.iter().enumerate() {
            self.scale[j as usize] = 1.0 / row_scale[i];
        }
        for (i, row) in self.matrix.rows.iter_mut().enumerate() {
            row.iter_mut().for_each(|(j, v)| *v *= row_scale[i] * self.scale[*j as usize]);
        }
        for &j in &self.column {
            let s = self.scale[j as usize];
            let column = &mut self.matrix.columns[j as usize];
            column.iter_mut().for_each(|(i, v)| *v *= row_scale[*i as usize] * s);
        }
        for j in 0..self.at.len() {
            self.cost[j] *= self.scale[j];
            self.lo[j] /= self.scale[j];
            self.hi[j] /= self.scale[j];
        }
    }

    /// Scales a new column to the rows there are; gives its scale.
    pub(super) fn scale_column(&self, entries: &mut Entries) -> f64 {
        if !self.is_scaled {
            return 1.0;
        }
        for (i, v) in entries.iter_mut() {
            *v /= self.scale[self.logical[*i as usize] as usize];
        }
        let scale = power(-middle(entries.iter().map(|(_, v)| log2(v.abs()))));
        entries.iter_mut().for_each(|(_, v)| *v *= scale);
        scale
    }

    /// Scales a new row, of variables, to the columns there are; gives its logical's scale.
    pub(super) fn scale_row(&self, entries: &mut Entries) -> f64 {
        if !self.is_scaled {
            return 1.0;
        }
        for (j, v) in entries.iter_mut() {
            *v *= self.scale[*j as usize];
        }
        let scale = power(-middle(entries.iter().map(|(_, v)| log2(v.abs()))));
        entries.iter_mut().for_each(|(_, v)| *v *= scale);
        1.0 / scale
    }
}

/// Half way between least and greatest; 0 of nothing.
fn middle(logs: impl Iterator<Item = f64>) -> f64 {
    let wide = (f64::INFINITY, f64::NEG_INFINITY);
    let (least, most) = logs.fold(wide, |(a, b), v| (a.min(v), b.max(v)));
    if least <= most { (least + most) / 2.0 } else { 0.0 }
}

/// The binary logarithm to a tenth, the same on every machine: the exponent, and between powers of
/// two a straight line.
fn log2(size: f64) -> f64 {
    let bits = size.to_bits();
    let exponent = (bits >> 52) as f64 - 1023.0;
    let mantissa = (bits & ((1 << 52) - 1)) as f64 / (1u64 << 52) as f64;
    exponent + mantissa
}

/// The nearest power of two.
fn power(log: f64) -> f64 {
    let exponent = log.round().clamp(-MOST_EXPONENT, MOST_EXPONENT) as i64;
    f64::from_bits(((1023 + exponent) as u64) << 52)
}
