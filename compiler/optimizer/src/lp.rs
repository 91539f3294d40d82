//! A linear programme as data: minimise `cost · x` over rows `Σ a x ≤ b` or `= b` and boxes
//! `lo ≤ x ≤ hi`. What comes in are rows and columns in the order they are added; what goes out is
//! read by the simplex, the safe bound and the named solvers. Always: every column's box is finite
//! below, and finite above unless its cost is at least zero. Absent: integrality (see `master`).

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sense {
    AtMost,
    Equal,
}

#[derive(Clone, Debug, Default)]
pub struct Lp {
    pub cost: Vec<f64>,
    pub lo: Vec<f64>,
    pub hi: Vec<f64>,
    /// Entries of column `j` are `start[j]..start[j + 1]` of `row` and `value`.
    start: Vec<u32>,
    row: Vec<u32>,
    value: Vec<f64>,
    pub rhs: Vec<f64>,
    pub sense: Vec<Sense>,
}

impl Lp {
    pub fn new() -> Lp {
        Lp { start: vec![0], ..Lp::default() }
    }

    pub fn add_row(&mut self, sense: Sense, rhs: f64) -> usize {
        self.rhs.push(rhs);
        self.sense.push(sense);
        self.rhs.len() - 1
    }

    /// Entries may repeat a row; they are summed.
    pub fn add_column(
        &mut self,
        cost: f64,
        (lo, hi): (f64, f64),
        entries: &[(usize, f64)],
    ) -> usize {
        let mut sorted: Vec<(usize, f64)> = entries.to_vec();
        sorted.sort_by_key(|(row, _)| *row);
        let mut last = usize::MAX;
        for (row, value) in sorted {
            if row == last {
                if let Some(previous) = self.value.last_mut() {
                    *previous += value;
                }
            } else if value != 0.0 {
                self.row.push(row as u32);
                self.value.push(value);
                last = row;
            }
        }
        self.start.push(self.row.len() as u32);
        self.cost.push(cost);
        self.lo.push(lo);
        self.hi.push(hi);
        self.cost.len() - 1
    }

    pub fn rows(&self) -> usize {
        self.rhs.len()
    }

    pub fn columns(&self) -> usize {
        self.cost.len()
    }

    /// Row indices and values of a column.
    pub fn column(&self, j: usize) -> (&[u32], &[f64]) {
        let range = self.start[j] as usize..self.start[j + 1] as usize;
        (&self.row[range.clone()], &self.value[range])
    }

    /// `y · A_j`.
    pub fn dot(&self, y: &[f64], j: usize) -> f64 {
        let (rows, values) = self.column(j);
        rows.iter().zip(values).map(|(r, v)| y[*r as usize] * v).sum()
    }

    /// The columns of `keep`, in that order, with all rows.
    pub fn with_columns(&self, keep: &[usize]) -> Lp {
        let mut small = Lp::new();
        small.rhs.clone_from(&self.rhs);
        small.sense.clone_from(&self.sense);
        for &j in keep {
            let (rows, values) = self.column(j);
            small.row.extend_from_slice(rows);
            small.value.extend_from_slice(values);
            small.start.push(small.row.len() as u32);
            small.cost.push(self.cost[j]);
            small.lo.push(self.lo[j]);
            small.hi.push(self.hi[j]);
        }
        small
    }
}
