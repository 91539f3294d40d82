//! A general mixed-integer programme as data: minimise `constant + cost · x` over rows
//! `lo ≤ Σ a x ≤ hi` and boxes, some columns whole. Read by `mps`, solved by `mip`. Always: every
//! coefficient is finite, no bound is NaN, entries of a column name each row once. A programme that
//! was to be maximised has its costs and constant turned around, and says so.

use crate::simplex::Simplex;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Real,
    Whole,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub cost: f64,
    pub bounds: (f64, f64),
    pub kind: Kind,
    /// Row and coefficient.
    pub entries: Vec<(usize, f64)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Direction {
    #[default]
    Minimise,
    Maximise,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub direction: Direction,
    pub constant: f64,
    pub columns: Vec<Column>,
    pub rows: Vec<(f64, f64)>,
}

impl Model {
    pub fn is_real(&self) -> bool {
        self.columns.iter().all(|c| c.kind == Kind::Real)
    }

    /// 1 to minimise, -1 to maximise: what turns a figure of this programme into the user's.
    pub fn sign(&self) -> f64 {
        match self.direction {
            Direction::Minimise => 1.0,
            Direction::Maximise => -1.0,
        }
    }

    pub fn objective(&self, x: &[f64]) -> f64 {
        let terms = self.columns.iter().zip(x).map(|(column, x)| column.cost * x);
        self.constant + terms.sum::<f64>()
    }

    /// `Σ a x` of every row.
    pub fn activities(&self, x: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.rows.len()];
        for (column, x) in self.columns.iter().zip(x).filter(|(_, x)| **x != 0.0) {
            column.entries.iter().for_each(|(row, a)| sums[*row] += a * x);
        }
        sums
    }

    /// The programme with whole numbers taken for real ones.
    pub fn relaxation(&self) -> Simplex {
        let mut simplex = Simplex::new();
        self.rows.iter().for_each(|bounds| {
            simplex.add_row(*bounds, &[]);
        });
        for column in &self.columns {
            simplex.add_column(column.cost, column.bounds, &column.entries);
        }
        simplex
    }
}
