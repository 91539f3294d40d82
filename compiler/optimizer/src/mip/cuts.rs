//! Cutting planes at the root: rounds of mixed-integer rounding until the bound hardly moves. What
//! comes in: the problem and its solved relaxation; what goes out: both with the cuts that bind.
//!
//! Equations to round, in every round: rows of the tableau of whole columns that are not whole;
//! single rows; and sums of rows, in which a continuous column away from its bounds is eliminated
//! by another row that has it (Marchand and Wolsey 2001).

use super::mir::{Cut, Equation, Place};
use super::{Problem, WHOLE};
use crate::simplex::{Limits, Simplex, Status};

const ROUNDS: usize = 30;
/// Rounds without progress that end it, and what counts as progress of the bound.
const PATIENCE: usize = 4;
const PROGRESS: f64 = 1e-4;
const TABLEAU_ROWS: usize = 80;
const STARTS: usize = 400;
const SUMMED: usize = 6;
/// Cuts more parallel than this to a deeper one are left out.
const PARALLEL: f64 = 0.7;

/// Adds cuts; the relaxation stays solved. Any status but optimal ends the search.
pub fn separate(problem: &mut Problem, lp: &mut Simplex, limits: &Limits) -> Status {
    let own_rows = problem.rows.len();
    let mut stalled = 0;
    let mut before = lp.objective();
    for _ in 0..ROUNDS {
        let cuts = choose(found(problem, lp, own_rows), problem.rows.len());
        if cuts.is_empty() {
            break;
        }
        for cut in cuts {
            add(problem, lp, &cut);
        }
        let status = lp.solve(limits);
        if status != Status::Optimal {
            return status;
        }
        drop_slack(problem, lp, own_rows);
        let status = lp.solve(limits);
        if status != Status::Optimal {
            return status;
        }
        let now = lp.objective();
        let progress = now - before > PROGRESS * (1.0 + before.abs());
        stalled = if progress { 0 } else { stalled + 1 };
        before = now.max(before);
        if stalled >= PATIENCE {
            break;
        }
    }
    Status::Optimal
}

fn add(problem: &mut Problem, lp: &mut Simplex, cut: &Cut) {
    let bounds = (f64::NEG_INFINITY, cut.side);
    let row = lp.add_row(bounds, &cut.entries);
    problem.model.rows.push(bounds);
    problem.rows.push(cut.entries.iter().map(|&(j, a)| (j as u32, a)).collect());
    for &(j, a) in &cut.entries {
        problem.model.columns[j].entries.push((row, a));
    }
}

/// Takes out cuts that do not bind, by building the relaxation anew from where it stands.
fn drop_slack(problem: &mut Problem, lp: &mut Simplex, own_rows: usize) {
    let binds = |row: usize| {
        let (_, hi) = problem.model.rows[row];
        row < own_rows || hi - lp.activity(row) <= 1e-6 * (1.0 + hi.abs())
    };
    let keep: Vec<usize> = (0..problem.rows.len()).filter(|row| binds(*row)).collect();
    if keep.len() == problem.rows.len() {
        return;
    }
    let mut basis = lp.basis();
    basis.rows = keep.iter().map(|row| basis.rows[*row]).collect();
    problem.model.rows = keep.iter().map(|row| problem.model.rows[*row]).collect();
    problem.rows = keep.iter().map(|row| std::mem::take(&mut problem.rows[*row])).collect();
    problem.model.columns.iter_mut().for_each(|column| column.entries.clear());
    for (row, entries) in problem.rows.iter().enumerate() {
        for &(j, a) in entries {
            problem.model.columns[j as usize].entries.push((row, a));
        }
    }
    let (work, pivots) = (lp.work(), lp.pivots);
    *lp = problem.relaxation();
    lp.count_from(work, pivots);
    lp.set_basis(&basis);
}

/// Every cut there is at the present point.
fn found(problem: &Problem, lp: &mut Simplex, own_rows: usize) -> Vec<Cut> {
    let x = lp.values();
    let activities: Vec<f64> = (0..problem.rows.len()).map(|row| lp.activity(row)).collect();
    let whole_rows: Vec<bool> =
        (0..problem.rows.len()).map(|row| is_whole_row(problem, row)).collect();
    let place = Place { problem, whole_rows: &whole_rows, x: &x, activities: &activities };
    let mut cuts = Vec::new();
    let off = |j: usize| (x[j] - x[j].round()).abs();
    let mut fractional: Vec<usize> =
        (0..x.len()).filter(|j| problem.is_whole(*j) && off(*j) > WHOLE).collect();
    fractional.sort_by(|a, b| off(*b).total_cmp(&off(*a)).then(a.cmp(b)));
    for &j in fractional.iter().take(TABLEAU_ROWS) {
        if let Some(multipliers) = lp.multipliers_of(j) {
            let mut sum = Sum::new(problem);
            multipliers.iter().for_each(|&(row, by)| sum.add(row, by));
            cuts.extend(place.cut(&sum.equation()));
        }
    }
    let slack = |row: usize| {
        let (lo, hi) = problem.model.rows[row];
        (activities[row] - lo).min(hi - activities[row]).max(0.0) / (1.0 + activities[row].abs())
    };
    let mut starts: Vec<usize> = (0..own_rows).collect();
    starts.sort_by(|a, b| slack(*a).total_cmp(&slack(*b)).then(a.cmp(b)));
    for &start in starts.iter().take(STARTS) {
        cuts.extend(summed(&place, start, own_rows, &slack));
    }
    cuts
}

/// A cut from a row, or from a sum of rows that begins with it.
fn summed(
    place: &Place,
    start: usize,
    own_rows: usize,
    slack: &dyn Fn(usize) -> f64,
) -> Option<Cut> {
    let problem = place.problem;
    let mut sum = Sum::new(problem);
    let mut used = vec![start];
    sum.add(start, 1.0);
    for _ in 0..SUMMED {
        if let Some(cut) = place.cut(&sum.equation()) {
            return Some(cut);
        }
        let room = |j: usize| (place.x[j] - problem.lo[j]).min(problem.hi[j] - place.x[j]);
        let between =
            sum.columns.iter().filter(|(j, _)| !problem.is_whole(**j) && room(**j) > WHOLE);
        let widest = between.max_by(|a, b| room(*a.0).total_cmp(&room(*b.0)).then(b.0.cmp(a.0)));
        let (&j, &coefficient) = widest?;
        let entries = &problem.model.columns[j].entries;
        let others = entries.iter().filter(|(row, _)| *row < own_rows && !used.contains(row));
        let best = others.min_by(|a, b| {
            let merit = |row: usize| slack(row) + 1e-3 * problem.rows[row].len() as f64;
            merit(a.0).total_cmp(&merit(b.0)).then(a.0.cmp(&b.0))
        });
        let &(row, a) = best?;
        sum.add(row, -coefficient / a);
        sum.columns.remove(&j);
        used.push(row);
    }
    None
}

/// A weighted sum of rows `Σ a x - r = 0`.
struct Sum<'a> {
    problem: &'a Problem,
    columns: std::collections::BTreeMap<usize, f64>,
    rows: Vec<(usize, f64)>,
}

impl Sum<'_> {
    fn new(problem: &Problem) -> Sum<'_> {
        Sum { problem, columns: std::collections::BTreeMap::new(), rows: Vec::new() }
    }

    fn add(&mut self, row: usize, by: f64) {
        self.rows.push((row, -by));
        for &(j, a) in &self.problem.rows[row] {
            *self.columns.entry(j as usize).or_insert(0.0) += by * a;
        }
    }

    fn equation(&self) -> Equation {
        let columns = self.columns.iter().map(|(j, g)| (*j, *g));
        Equation {
            columns: columns.filter(|(_, g)| g.abs() > 1e-11).collect(),
            rows: self.rows.clone(),
        }
    }
}

fn is_whole_row(problem: &Problem, row: usize) -> bool {
    let whole = |v: f64| v.is_infinite() || v == v.round();
    let (lo, hi) = problem.model.rows[row];
    whole(lo)
        && whole(hi)
        && problem.rows[row].iter().all(|&(j, a)| problem.is_whole(j as usize) && whole(a))
}

/// The deepest first, without those nearly parallel to one chosen.
fn choose(mut cuts: Vec<Cut>, rows: usize) -> Vec<Cut> {
    cuts.sort_by(|a, b| b.depth.total_cmp(&a.depth).then(a.entries.len().cmp(&b.entries.len())));
    let mut chosen: Vec<Cut> = Vec::new();
    for cut in cuts {
        if chosen.len() >= 20 + rows {
            break;
        }
        if chosen.iter().all(|other| cosine(&cut.entries, &other.entries) <= PARALLEL) {
            chosen.push(cut);
        }
    }
    chosen
}

/// Of the angle between two cuts, their entries by column.
fn cosine(a: &[(usize, f64)], b: &[(usize, f64)]) -> f64 {
    let norm = |v: &[(usize, f64)]| v.iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
    let (mut at, mut product) = (0, 0.0);
    for &(j, x) in a {
        while at < b.len() && b[at].0 < j {
            at += 1;
        }
        if at < b.len() && b[at].0 == j {
            product += x * b[at].1;
        }
    }
    product / (norm(a) * norm(b))
}
