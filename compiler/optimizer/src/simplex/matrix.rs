//! The rows and columns of a programme, both ways round, ready to grow. A column belongs to a
//! *variable*: structural, or the activity of a row (its *logical*), which is the unit column
//! `-e_i`, so that every row reads `Σ a x - r = 0`. Rows list structural entries only.

pub type Entries = Vec<(u32, f64)>;

#[derive(Clone, Default)]
pub struct Matrix {
    pub columns: Vec<Entries>,
    pub rows: Vec<Entries>,
}

impl Matrix {
    /// A new row's logical; entries of structural variables as given.
    pub fn push_row(&mut self, entries: &[(u32, f64)]) -> u32 {
        let row = self.rows.len() as u32;
        for &(variable, v) in entries {
            self.columns[variable as usize].push((row, v));
        }
        self.rows.push(entries.to_vec());
        self.columns.push(vec![(row, -1.0)]);
        self.columns.len() as u32 - 1
    }

    pub fn push_column(&mut self, entries: Entries) -> u32 {
        let variable = self.columns.len() as u32;
        entries.iter().for_each(|&(row, v)| self.rows[row as usize].push((variable, v)));
        self.columns.push(entries);
        variable
    }

    /// `y · a_j`.
    pub fn dot(&self, y: &[f64], variable: usize) -> f64 {
        self.columns[variable].iter().map(|&(row, v)| y[row as usize] * v).sum()
    }
}

/// Sorted by index, repeated ones summed, zeros dropped.
pub fn tidy(entries: impl Iterator<Item = (u32, f64)>) -> Entries {
    let mut sorted: Entries = entries.collect();
    sorted.sort_by_key(|(i, _)| *i);
    sorted.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    sorted.retain(|(_, v)| *v != 0.0);
    sorted
}
