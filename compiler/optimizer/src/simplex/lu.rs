//! `B = L R⁻¹ U`: triangular factors of the basis and the changes since. What comes in: factors
//! from `factor`, a right-hand side with its nonzeros listed; what goes out: the solution, alike.
//!
//! 1. Every index is a row: `factor` orders the basis so that the column at place `i` has its
//!    pivot in row `i`. Solves therefore permute nothing.
//! 2. Forrest and Tomlin (1972): when the column at place `p` is exchanged, its column of `U`
//!    becomes the new column as it was half way through its own solve (the *spike*), place `p`
//!    moves to the end of the order, and what is left of row `p` is eliminated by one row of `R`.
//!    Those multipliers are the half-way result of solving with the unit vector of `p` (the *row
//!    part*), which the simplex needs anyway.
//! 3. A right-hand side with few nonzeros is solved along the graph of the factor: a depth-first
//!    search finds which entries can become nonzero, in topological order (Gilbert and Peierls
//!    1988), and nothing else is looked at.

use super::matrix::Entries;
use super::vector::{Sparse, TINY};

const NOWHERE: u32 = u32::MAX;

#[derive(Clone, Default)]
pub struct Lu {
    /// Column of `L` of the pivot in this row, without its diagonal of 1; and the transpose.
    pub lower: Vec<Entries>,
    pub lower_rows: Vec<Entries>,
    /// Pivots that have entries in `L` either way, in the order of elimination.
    pub lower_order: Vec<u32>,
    pub upper: Vec<Entries>,
    pub upper_rows: Vec<Entries>,
    pub diagonal: Vec<f64>,
    /// Places in triangular order; those that have moved leave [`NOWHERE`] behind.
    pub order: Vec<u32>,
    pub place: Vec<u32>,
    etas: Vec<(u32, Entries)>,
    spike: Entries,
    row_part: Entries,
    row_part_of: u32,
    search: Search,
    /// Density of the results of the four triangular solves, as a running mean.
    density: [f64; 4],
    /// Exchanges since the factorisation.
    pub updates: usize,
    /// Entries of `U` and `R` now, and of `U` when it was new.
    pub entries: usize,
    pub fresh_entries: usize,
    /// Entries looked at, ever.
    pub work: u64,
}

/// What is remembered of a solve for the exchange that follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Spike,
    Nothing,
}

#[derive(Clone, Copy)]
enum Part {
    Lower = 0,
    Upper = 1,
    UpperT = 2,
    LowerT = 3,
}

impl Lu {
    /// Called by `factor` when the factors are new.
    pub fn reset(&mut self, m: usize) {
        self.updates = 0;
        self.etas.clear();
        self.row_part_of = NOWHERE;
        self.entries = self.upper.iter().map(Vec::len).sum();
        self.fresh_entries = self.entries;
        self.place.clear();
        self.place.resize(m, NOWHERE);
        for (at, &p) in self.order.iter().enumerate() {
            self.place[p as usize] = at as u32;
        }
        self.search.mark.clear();
        self.search.mark.resize(m, false);
    }

    /// Whether so much has been added that new factors pay.
    pub fn is_worn(&self) -> bool {
        self.updates >= 100 || self.entries > 3 * self.fresh_entries + 4 * self.diagonal.len()
    }

    /// Solves `B x = b` in place.
    pub fn ftran(&mut self, x: &mut Sparse, keep: Keep) {
        self.triangular(Part::Lower, x);
        for (p, row) in &self.etas {
            let sum: f64 = row.iter().map(|&(j, mu)| mu * x.value[j as usize]).sum();
            if sum != 0.0 {
                x.add(*p, -sum);
            }
            self.work += row.len() as u64;
        }
        if keep == Keep::Spike {
            self.spike.clear();
            self.spike.extend(x.entries().map(|(i, v)| (i as u32, v)));
        }
        self.triangular(Part::Upper, x);
    }

    /// Solves `Bᵀ y = c` in place.
    pub fn btran(&mut self, y: &mut Sparse) {
        self.triangular(Part::UpperT, y);
        self.btran_rest(y);
    }

    /// `y` becomes row `p` of the inverse; the row part is kept for an exchange at `p`.
    pub fn btran_unit(&mut self, p: u32, y: &mut Sparse) {
        y.clear();
        y.add(p, 1.0);
        self.triangular(Part::UpperT, y);
        let scale = -self.diagonal[p as usize];
        self.row_part.clear();
        self.row_part
            .extend(y.index.iter().filter(|&&j| j != p).map(|&j| (j, y.value[j as usize] * scale)));
        self.row_part_of = p;
        self.btran_rest(y);
    }

    fn btran_rest(&mut self, y: &mut Sparse) {
        for (p, row) in self.etas.iter().rev() {
            let v = y.value[*p as usize];
            if v != 0.0 {
                y.add_scaled(row, -v);
                self.work += row.len() as u64;
            }
        }
        self.triangular(Part::LowerT, y);
    }

    /// Puts the column last solved with [`Keep::Spike`] at place `p`, after
    /// [`Lu::btran_unit`] of `p`. `pivot` is that column's entry in row `p` of the solution. False:
    /// the numbers disagree and the basis has to be factorised anew.
    pub fn exchange(&mut self, p: u32, pivot: f64) -> bool {
        if self.row_part_of != p {
            return false;
        }
        let at = p as usize;
        let expected = self.diagonal[at] * pivot;
        for (i, _) in std::mem::take(&mut self.upper[at]) {
            drop_entry(&mut self.upper_rows[i as usize], p);
            self.entries -= 1;
        }
        for (j, _) in std::mem::take(&mut self.upper_rows[at]) {
            drop_entry(&mut self.upper[j as usize], p);
            self.entries -= 1;
        }
        let mut spike = std::mem::take(&mut self.spike);
        let mut diagonal = 0.0;
        self.search.scatter.resize(self.diagonal.len(), 0.0);
        for &(i, v) in &spike {
            self.search.scatter[i as usize] = v;
            if i == p {
                diagonal = v;
            } else if v.abs() > TINY {
                self.upper[at].push((i, v));
                self.upper_rows[i as usize].push((p, v));
                self.entries += 1;
            }
        }
        for &(j, mu) in &self.row_part {
            diagonal -= mu * self.search.scatter[j as usize];
        }
        spike.iter().for_each(|&(i, _)| self.search.scatter[i as usize] = 0.0);
        self.work += (spike.len() + self.row_part.len()) as u64;
        spike.clear();
        self.spike = spike;
        self.diagonal[at] = diagonal;
        self.order[self.place[at] as usize] = NOWHERE;
        self.place[at] = self.order.len() as u32;
        self.order.push(p);
        if !self.row_part.is_empty() {
            self.entries += self.row_part.len();
            self.etas.push((p, std::mem::take(&mut self.row_part)));
        }
        self.row_part_of = NOWHERE;
        self.updates += 1;
        diagonal.abs() > TINY && (diagonal - expected).abs() <= 1e-6 * diagonal.abs()
    }

    fn triangular(&mut self, part: Part, x: &mut Sparse) {
        let m = self.diagonal.len();
        let (graph, diagonal, order, backwards) = match part {
            Part::Lower => (&self.lower, None, &self.lower_order, false),
            Part::LowerT => (&self.lower_rows, None, &self.lower_order, true),
            Part::Upper => (&self.upper, Some(&self.diagonal), &self.order, true),
            Part::UpperT => (&self.upper_rows, Some(&self.diagonal), &self.order, false),
        };
        let density = &mut self.density[part as usize];
        if x.index.len() * 10 < m && *density < 0.15 {
            self.work += self.search.solve(graph, diagonal.map(Vec::as_slice), x);
        } else {
            let mut work = order.len() as u64;
            let mut step = |k: u32| work += eliminate(graph, diagonal.map(Vec::as_slice), x, k);
            if backwards {
                order.iter().rev().for_each(|&k| step(k));
            } else {
                order.iter().for_each(|&k| step(k));
            }
            x.collect();
            self.work += work;
        }
        *density = 0.9 * *density + 0.1 * (x.index.len() as f64 / m.max(1) as f64);
    }
}

/// One step of a dense solve; how many entries were looked at.
fn eliminate(graph: &[Entries], diagonal: Option<&[f64]>, x: &mut Sparse, k: u32) -> u64 {
    if k == NOWHERE || x.value[k as usize] == 0.0 {
        return 0;
    }
    let k = k as usize;
    if x.value[k].abs() <= TINY {
        x.value[k] = 0.0;
        return 0;
    }
    if let Some(diagonal) = diagonal {
        x.value[k] /= diagonal[k];
    }
    let v = x.value[k];
    graph[k].iter().for_each(|&(i, a)| x.value[i as usize] -= a * v);
    graph[k].len() as u64
}

fn drop_entry(entries: &mut Entries, index: u32) {
    if let Some(at) = entries.iter().position(|(i, _)| *i == index) {
        entries.swap_remove(at);
    }
}

/// Working space of the depth-first search; `mark` is all false between calls.
#[derive(Clone, Default)]
struct Search {
    mark: Vec<bool>,
    stack: Vec<(u32, u32)>,
    reached: Vec<u32>,
    /// All zero between calls.
    scatter: Vec<f64>,
}

impl Search {
    fn solve(&mut self, graph: &[Entries], diagonal: Option<&[f64]>, x: &mut Sparse) -> u64 {
        self.reach(graph, &x.index);
        let mut work = 2 * self.reached.len() as u64;
        x.index.clear();
        for at in (0..self.reached.len()).rev() {
            let k = self.reached[at];
            self.mark[k as usize] = false;
            work += 2 * eliminate(graph, diagonal, x, k);
            if x.value[k as usize] != 0.0 {
                x.index.push(k);
            }
        }
        work
    }

    /// All that can be reached from `starts`, each after what it reaches.
    fn reach(&mut self, graph: &[Entries], starts: &[u32]) {
        self.reached.clear();
        for &start in starts {
            if self.mark[start as usize] {
                continue;
            }
            self.mark[start as usize] = true;
            self.stack.push((start, 0));
            while let Some((node, next)) = self.stack.last_mut() {
                let children = &graph[*node as usize];
                match children.get(*next as usize) {
                    Some(&(child, _)) => {
                        *next += 1;
                        if !self.mark[child as usize] {
                            self.mark[child as usize] = true;
                            self.stack.push((child, 0));
                        }
                    }
                    None => {
                        self.reached.push(*node);
                        self.stack.pop();
                    }
                }
            }
        }
    }
}
