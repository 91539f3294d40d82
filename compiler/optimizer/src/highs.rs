//! HiGHS (Huangfu and Hall 2018, https://highs.dev) for programmes of `model`: the only file that
//! knows it, behind the feature of its name, since it is C++ and takes minutes to build. What comes
//! out is what [`crate::mip`] gives; that the point keeps the rows is looked at here, the bound is
//! HiGHS' word.

use crate::mip::{End, Found};
use crate::model::{Kind, Model};
use highs::HighsModelStatus::{self, Infeasible, Optimal, Unbounded, UnboundedOrInfeasible};
use highs::{RowProblem, Sense};

/// Gaps that count as none.
const GAP: f64 = 1e-9;
/// A point that breaks a row or a bound by more, relative, is none.
const BROKEN: f64 = 1e-6;

/// Solves with at most so many seconds, on so many threads.
pub fn solve(model: &Model, seconds: Option<f64>, threads: u32) -> Found {
    let (status, gap, mut x) = ask(model, seconds, threads);
    // What is to be whole is so but for rounding. Where a row does not hold any more without that,
    // the rest is found anew.
    for (x, column) in x.iter_mut().zip(&model.columns) {
        if column.kind == Kind::Whole && (*x - x.round()).abs() <= BROKEN {
            *x = x.round() + 0.0;
        }
    }
    let is_none = matches!(status, Infeasible | Unbounded | UnboundedOrInfeasible);
    if !is_none && !keeps(model, &x) && x.len() == model.columns.len() {
        x = ask(&with_whole_at(model, &x), seconds, threads).2;
    }
    let best = keeps(model, &x).then(|| {
        let value = model.objective(&x);
        (x, value)
    });
    let value = best.as_ref().map_or(f64::INFINITY, |(_, value)| *value);
    let (end, bound) = match status {
        Optimal if best.is_some() => (End::Optimal, value),
        Infeasible => (End::Infeasible, f64::INFINITY),
        Unbounded | UnboundedOrInfeasible => (End::Unbounded, f64::NEG_INFINITY),
        _ => {
            let bound = if gap.is_finite() { value - gap * value.abs() } else { f64::NEG_INFINITY };
            (End::Stopped, if bound.is_nan() { f64::NEG_INFINITY } else { bound })
        }
    };
    Found { end, best, bound, nodes: 0, pivots: 0, work: 0 }
}

/// What HiGHS says: how it ended, the gap, and a point, which is empty if there is none.
fn ask(model: &Model, seconds: Option<f64>, threads: u32) -> (HighsModelStatus, f64, Vec<f64>) {
    let mut rows = RowProblem::default();
    let columns: Vec<_> = model
        .columns
        .iter()
        .map(|column| {
            let (lo, hi) = column.bounds;
            rows.add_column_with_integrality(column.cost, lo..=hi, column.kind == Kind::Whole)
        })
        .collect();
    let mut entries = vec![Vec::new(); model.rows.len()];
    for (j, column) in columns.iter().zip(&model.columns) {
        column.entries.iter().for_each(|(row, a)| entries[*row].push((*j, *a)));
    }
    for ((lo, hi), entries) in model.rows.iter().zip(entries) {
        rows.add_row(*lo..=*hi, entries);
    }
    let mut asked = rows.optimise(Sense::Minimise);
    asked.make_quiet();
    asked.set_option("threads", i32::try_from(threads).unwrap_or(i32::MAX));
    asked.set_option("mip_rel_gap", GAP);
    asked.set_option("mip_abs_gap", GAP);
    if let Some(seconds) = seconds {
        asked.set_option("time_limit", seconds);
    }
    let solved = asked.solve();
    (solved.status(), solved.mip_gap(), solved.get_solution().columns().to_vec())
}

/// The model where whole columns have the values of a point, and only the others are left.
fn with_whole_at(model: &Model, x: &[f64]) -> Model {
    let mut fixed = model.clone();
    for (column, x) in fixed.columns.iter_mut().zip(x) {
        if column.kind == Kind::Whole {
            column.bounds = (*x, *x);
        }
    }
    fixed
}

/// Whether a point is one, within rounding, and whole where it is to be.
fn keeps(model: &Model, x: &[f64]) -> bool {
    if x.len() != model.columns.len() {
        return false;
    }
    let within = |value: f64, (lo, hi): (f64, f64)| {
        let slack = BROKEN * (1.0 + value.abs());
        lo - slack <= value && value <= hi + slack
    };
    let columns = model.columns.iter().zip(x).all(|(column, x)| {
        within(*x, column.bounds) && (column.kind == Kind::Real || *x == x.round())
    });
    columns && model.activities(x).into_iter().zip(&model.rows).all(|(a, row)| within(a, *row))
}
