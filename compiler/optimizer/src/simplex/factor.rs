//! Triangular factors of a basis. What comes in: the columns of the basis; what goes out: `L` and
//! `U` in an [`Lu`], the basis in the order of its pivots' rows, and the columns that depend on
//! others, whose places the logicals of the rows left over have taken.
//!
//! Pivots are chosen by Markowitz's count (1957) among entries at least a tenth of the largest in
//! their column, looking at a few shortest columns and rows (Zlatev 1980). Logicals come first:
//! their rows go to `U` at once, so that only the rest, usually small, is searched.

use super::lu::Lu;
use super::matrix::{Entries, Matrix};

const NONE: u32 = u32::MAX;
/// Least size of a pivot beside the largest entry of its column, and at all.
const THRESHOLD: f64 = 0.1;
const SINGULAR: f64 = 1e-10;
/// Lines looked at in search of a pivot once one is known.
const LOOKED_AT: usize = 4;

/// Lines of equal count in doubly linked lists.
#[derive(Clone, Default)]
struct Counts {
    head: Vec<u32>,
    next: Vec<u32>,
    before: Vec<u32>,
    count: Vec<u32>,
}

impl Counts {
    fn reset(&mut self, lines: usize, most: usize) {
        for list in [&mut self.next, &mut self.before, &mut self.count] {
            list.clear();
            list.resize(lines, NONE);
        }
        self.head.clear();
        self.head.resize(most + 1, NONE);
    }

    fn remove(&mut self, line: u32) {
        let at = line as usize;
        let (before, next) = (self.before[at], self.next[at]);
        if next != NONE {
            self.before[next as usize] = before;
        }
        if before != NONE {
            self.next[before as usize] = next;
        } else if self.count[at] != NONE {
            self.head[self.count[at] as usize] = next;
        }
        self.count[at] = NONE;
    }

    fn put(&mut self, line: u32, count: usize) {
        if self.count[line as usize] == count as u32 {
            return;
        }
        self.remove(line);
        let at = line as usize;
        self.count[at] = count as u32;
        self.before[at] = NONE;
        self.next[at] = self.head[count];
        if self.next[at] != NONE {
            self.before[self.next[at] as usize] = line;
        }
        self.head[count] = line;
    }

    fn of(&self, count: usize) -> impl Iterator<Item = u32> + '_ {
        let first = Some(self.head[count]).filter(|line| *line != NONE);
        std::iter::successors(first, |line| {
            Some(self.next[*line as usize]).filter(|line| *line != NONE)
        })
    }
}

/// Working space, kept from one factorisation to the next.
#[derive(Clone, Default)]
pub struct Factor {
    /// Variables of the active columns, what is left of them, and what has gone to `U`.
    variables: Vec<u32>,
    columns: Vec<Entries>,
    upper: Vec<Entries>,
    /// Active columns with an entry in a row.
    rows: Vec<Vec<u32>>,
    column_counts: Counts,
    row_counts: Counts,
    /// Variable whose pivot is in the row.
    pivoted: Vec<u32>,
    /// Row of an active column's pivot.
    pivot_row: Vec<u32>,
    scatter: Vec<f64>,
}

impl Factor {
    /// Factorises; returns the variables that had to leave.
    pub fn factorize(
        &mut self,
        matrix: &Matrix,
        logical: &[u32],
        basic: &mut [u32],
        lu: &mut Lu,
    ) -> Vec<u32> {
        let m = basic.len();
        self.start(matrix, logical, basic, lu);
        while let Some((row, column)) = self.choose() {
            self.pivot(row, column, lu);
        }
        let mut left = Vec::new();
        for (c, &variable) in self.variables.iter().enumerate() {
            if self.pivot_row[c] == NONE {
                left.push(variable);
            }
        }
        for row in 0..m as u32 {
            let at = row as usize;
            if self.pivoted[at] == NONE {
                self.pivoted[at] = logical[at];
                lu.diagonal[at] = -1.0;
                lu.order.push(row);
            }
        }
        self.finish(lu);
        basic.copy_from_slice(&self.pivoted);
        lu.reset(m);
        left
    }

    fn start(&mut self, matrix: &Matrix, logical: &[u32], basic: &[u32], lu: &mut Lu) {
        let m = basic.len();
        for lists in [&mut lu.lower, &mut lu.lower_rows, &mut lu.upper, &mut lu.upper_rows] {
            lists.iter_mut().for_each(Vec::clear);
            lists.resize(m, Vec::new());
        }
        lu.lower_order.clear();
        lu.order.clear();
        lu.diagonal.clear();
        lu.diagonal.resize(m, 0.0);
        self.pivoted.clear();
        self.pivoted.resize(m, NONE);
        self.scatter.resize(m, 0.0);
        self.rows.iter_mut().for_each(Vec::clear);
        self.rows.resize(m, Vec::new());
        self.variables.clear();
        for &variable in basic {
            match matrix.columns[variable as usize][..] {
                [(row, v)] if logical[row as usize] == variable => {
                    self.pivoted[row as usize] = variable;
                    lu.diagonal[row as usize] = v;
                    lu.order.push(row);
                }
                _ => self.variables.push(variable),
            }
        }
        let active = self.variables.len();
        for lists in [&mut self.columns, &mut self.upper] {
            lists.iter_mut().for_each(Vec::clear);
            if lists.len() < active {
                lists.resize(active, Vec::new());
            }
        }
        self.pivot_row.clear();
        self.pivot_row.resize(active, NONE);
        self.column_counts.reset(active, m);
        self.row_counts.reset(m, active);
        for c in 0..active {
            for &(row, v) in &matrix.columns[self.variables[c] as usize] {
                if self.pivoted[row as usize] == NONE {
                    self.columns[c].push((row, v));
                    self.rows[row as usize].push(c as u32);
                } else {
                    self.upper[c].push((row, v));
                }
            }
            self.column_counts.put(c as u32, self.columns[c].len());
        }
        for row in 0..m {
            if self.pivoted[row] == NONE {
                self.row_counts.put(row as u32, self.rows[row].len());
            }
        }
    }

    /// The next pivot; columns without a usable entry are given up on the way.
    fn choose(&mut self) -> Option<(u32, u32)> {
        let most = self.column_counts.head.len().max(self.row_counts.head.len());
        let mut best: Option<(u32, u32, usize)> = None;
        let mut looked_at = 0;
        for count in 1..most {
            if best.is_some_and(|(_, _, cost)| cost <= (count - 1) * (count - 1)) {
                break;
            }
            while let Some(c) = self.hopeless(count) {
                self.give_up(c);
            }
            let columns = self.column_counts.head.get(count).is_some();
            let rows = self.row_counts.head.get(count).is_some();
            let columns = columns.then(|| self.column_counts.of(count)).into_iter().flatten();
            for c in columns {
                let found = self.best_in_column(c);
                looked_at += 1;
                if let Some((row, cost)) = found
                    && best.is_none_or(|(_, _, least)| cost < least)
                {
                    best = Some((row, c, cost));
                }
                if count == 1 || (looked_at >= LOOKED_AT && best.is_some()) {
                    return best.map(|(row, c, _)| (row, c));
                }
            }
            let rows = rows.then(|| self.row_counts.of(count)).into_iter().flatten();
            for row in rows {
                let found = self.best_in_row(row);
                looked_at += 1;
                if let Some((c, cost)) = found
                    && best.is_none_or(|(_, _, least)| cost < least)
                {
                    best = Some((row, c, cost));
                }
                if best.is_some() && (count == 1 || looked_at >= LOOKED_AT) {
                    return best.map(|(row, c, _)| (row, c));
                }
            }
        }
        best.map(|(row, c, _)| (row, c))
    }

    /// A column of this count, among the first looked at, with nothing but rounding in it.
    fn hopeless(&self, count: usize) -> Option<u32> {
        self.column_counts.head.get(count)?;
        let mut first = self.column_counts.of(count).take(LOOKED_AT);
        first.find(|&c| largest(&self.columns[c as usize]) < SINGULAR)
    }

    fn give_up(&mut self, c: u32) {
        self.column_counts.remove(c);
        for (row, _) in std::mem::take(&mut self.columns[c as usize]) {
            self.rows[row as usize].retain(|other| *other != c);
            self.row_counts.put(row, self.rows[row as usize].len());
        }
    }

    fn best_in_column(&self, c: u32) -> Option<(u32, usize)> {
        let entries = &self.columns[c as usize];
        let least = THRESHOLD * largest(entries);
        let usable = entries.iter().filter(|(_, v)| v.abs() >= least && v.abs() >= SINGULAR);
        let best = usable.min_by(|a, b| {
            let (x, y) = (self.rows[a.0 as usize].len(), self.rows[b.0 as usize].len());
            x.cmp(&y).then(b.1.abs().total_cmp(&a.1.abs()))
        })?;
        Some((best.0, (entries.len() - 1) * (self.rows[best.0 as usize].len() - 1)))
    }

    fn best_in_row(&self, row: u32) -> Option<(u32, usize)> {
        let columns = &self.rows[row as usize];
        let mut best: Option<(u32, usize)> = None;
        for &c in columns {
            let entries = &self.columns[c as usize];
            let cost = (entries.len() - 1) * (columns.len() - 1);
            if best.is_some_and(|(_, least)| least <= cost) {
                continue;
            }
            let v = entries.iter().find(|(r, _)| *r == row).map_or(0.0, |(_, v)| v.abs());
            if v >= SINGULAR && v >= THRESHOLD * largest(entries) {
                best = Some((c, cost));
            }
        }
        best
    }

    fn pivot(&mut self, row: u32, column: u32, lu: &mut Lu) {
        let (r, c) = (row as usize, column as usize);
        let entries = std::mem::take(&mut self.columns[c]);
        let pivot = entries.iter().find(|(i, _)| *i == row).map_or(1.0, |(_, v)| *v);
        self.column_counts.remove(column);
        self.row_counts.remove(row);
        self.pivoted[r] = self.variables[c];
        self.pivot_row[c] = row;
        lu.diagonal[r] = pivot;
        lu.order.push(row);
        lu.work += entries.len() as u64;
        for &(i, v) in entries.iter().filter(|(i, _)| *i != row) {
            let others = &mut self.rows[i as usize];
            if let Some(at) = others.iter().position(|other| *other == column) {
                others.swap_remove(at);
            }
            self.scatter[i as usize] = v / pivot;
            lu.lower[r].push((i, v / pivot));
        }
        let mut others = std::mem::take(&mut self.rows[r]);
        for &other in others.iter().filter(|other| **other != column) {
            self.subtract(row, other, lu);
        }
        for &(i, _) in &lu.lower[r] {
            self.scatter[i as usize] = 0.0;
            self.row_counts.put(i, self.rows[i as usize].len());
        }
        others.clear();
        self.rows[r] = others;
    }

    /// Takes the pivot's column from another column with an entry in the pivot's row.
    fn subtract(&mut self, row: u32, other: u32, lu: &mut Lu) {
        let entries = &mut self.columns[other as usize];
        let Some(at) = entries.iter().position(|(i, _)| *i == row) else { return };
        let (_, u) = entries.swap_remove(at);
        self.upper[other as usize].push((row, u));
        let lower = &lu.lower[row as usize];
        lu.work += (entries.len() + 2 * lower.len()) as u64;
        if !lower.is_empty() {
            for (i, v) in entries.iter_mut() {
                let l = self.scatter[*i as usize];
                if l != 0.0 {
                    *v -= l * u;
                    self.scatter[*i as usize] = 0.0;
                }
            }
            for &(i, l) in lower {
                if self.scatter[i as usize] != 0.0 {
                    entries.push((i, -l * u));
                    self.rows[i as usize].push(other);
                }
                self.scatter[i as usize] = l;
            }
        }
        self.column_counts.put(other, self.columns[other as usize].len());
    }

    /// Names columns of `U` by the rows of their pivots, and transposes both factors.
    fn finish(&mut self, lu: &mut Lu) {
        for (c, &row) in self.pivot_row.iter().enumerate() {
            if row == NONE {
                continue;
            }
            for &(i, v) in &self.upper[c] {
                lu.upper_rows[i as usize].push((row, v));
            }
            std::mem::swap(&mut self.upper[c], &mut lu.upper[row as usize]);
        }
        for k in 0..lu.order.len() {
            let p = lu.order[k];
            let mut column = std::mem::take(&mut lu.lower[p as usize]);
            for &(i, l) in &column {
                lu.lower_rows[i as usize].push((p, l));
            }
            std::mem::swap(&mut column, &mut lu.lower[p as usize]);
        }
        for &p in &lu.order {
            let at = p as usize;
            if !lu.lower[at].is_empty() || !lu.lower_rows[at].is_empty() {
                lu.lower_order.push(p);
            }
        }
    }
}

fn largest(entries: &[(u32, f64)]) -> f64 {
    entries.iter().fold(0.0, |most, (_, v)| v.abs().max(most))
}
