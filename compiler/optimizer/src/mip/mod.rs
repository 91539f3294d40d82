//! Mixed-integer programmes by branch and cut. What comes in: a [`Model`]; what goes out: the best
//! point found, checked against the model's own rows, and a lower bound; equal input gives equal
//! output at equal work.
//!
//! The journey: `presolve` (boxes and coefficients tightened, no row or column renamed) → `cuts`
//! (mixed-integer rounding of rows, sums of rows and rows of the tableau, at the root) → `tree`
//! (dives from the open node of least bound), which uses `propagate`, `branch` (pseudocosts, made
//! reliable by trying) and `heuristics`. The bound is as good as the floating-point simplex; the
//! point is as good as the model says.

mod branch;
mod cuts;
mod heuristics;
mod mir;
mod presolve;
mod propagate;
mod tree;

use crate::model::{Kind, Model};
use crate::simplex::{Limits, Simplex, Status};

/// How far from whole a value may be, and how far outside a row of magnitude 1 a point.
pub const WHOLE: f64 = 1e-6;
/// A node closes when it cannot be better by this fraction of the best value.
pub const CLOSE_ENOUGH: f64 = 1e-9;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    Optimal,
    Infeasible,
    Unbounded,
    /// Work or the caller's word ended it.
    Stopped,
}

#[derive(Clone, Debug)]
pub struct Found {
    pub end: End,
    /// Columns and cost.
    pub best: Option<(Vec<f64>, f64)>,
    /// No point costs less.
    pub bound: f64,
    pub nodes: usize,
    pub pivots: usize,
    /// Entries looked at: what [`Stop::work`] is a limit of.
    pub work: u64,
}

/// When to stop: entries looked at, and the caller's word, asked at every pivot.
#[derive(Clone, Copy)]
pub struct Stop<'a> {
    pub work: u64,
    pub stop: Option<&'a dyn Fn() -> bool>,
}

/// A point of the relaxation at a node, or one that may be the best.
pub struct Seen<'a> {
    pub x: &'a [f64],
    /// Multipliers of the model's rows and of those given before, in their order; empty where the
    /// point is no optimum of a relaxation.
    pub duals: Vec<f64>,
    pub value: f64,
    /// Nodes looked at so far.
    pub nodes: usize,
}

/// A row's sides and entries.
pub type Row = ((f64, f64), Vec<(usize, f64)>);

/// What is known beside the model while it is solved.
pub struct Guide<'a> {
    /// Points that cost as much are of no use; asked again and again.
    pub cutoff: &'a dyn Fn() -> f64,
    /// Rows that belong to the model and that a point breaks.
    pub separate: &'a mut dyn FnMut(&Seen<'_>) -> Vec<Row>,
}

/// Rows and columns of a model both ways round, with the boxes of the root.
#[derive(Clone)]
struct Problem {
    model: Model,
    rows: Vec<Vec<(u32, f64)>>,
    lo: Vec<f64>,
    hi: Vec<f64>,
    /// Differences of cost between points are multiples of this; 0 when they can be any.
    granule: f64,
}

impl Problem {
    fn new(model: &Model) -> Problem {
        let mut problem = Problem {
            model: model.clone(),
            rows: Vec::new(),
            lo: model.columns.iter().map(|c| c.bounds.0).collect(),
            hi: model.columns.iter().map(|c| c.bounds.1).collect(),
            granule: granule(model),
        };
        problem.list_rows();
        problem
    }

    fn list_rows(&mut self) {
        self.rows = vec![Vec::new(); self.model.rows.len()];
        for (j, column) in self.model.columns.iter().enumerate() {
            column.entries.iter().for_each(|&(row, a)| self.rows[row].push((j as u32, a)));
        }
    }

    fn is_whole(&self, j: usize) -> bool {
        self.model.columns[j].kind == Kind::Whole
    }

    fn relaxation(&self) -> Simplex {
        let mut lp = self.model.relaxation();
        for j in 0..self.lo.len() {
            lp.set_bounds(j, (self.lo[j], self.hi[j]));
        }
        lp
    }
}

/// Whether the point keeps every row, box and whole number of the model, to [`WHOLE`] of the
/// magnitudes in them.
fn accepts(model: &Model, x: &[f64]) -> bool {
    let mut sums = vec![(0.0, 0.0f64); model.rows.len()];
    for (column, x) in model.columns.iter().zip(x) {
        for &(row, a) in &column.entries {
            sums[row] = (sums[row].0 + a * x, sums[row].1.max((a * x).abs()));
        }
    }
    let inside = |x: f64, (lo, hi): (f64, f64), size: f64| {
        let slack = WHOLE * (1.0 + size);
        x >= lo - slack && x <= hi + slack
    };
    let whole = |x: f64| (x - x.round()).abs() <= WHOLE;
    let columns = model.columns.iter().zip(x);
    columns
        .into_iter()
        .all(|(c, x)| inside(*x, c.bounds, 0.0) && (c.kind == Kind::Real || whole(*x)))
        && sums.iter().zip(&model.rows).all(|((sum, size), bounds)| inside(*sum, *bounds, *size))
}

/// The greatest number of which every cost is a multiple, when only whole columns cost anything.
fn granule(model: &Model) -> f64 {
    let costs = || model.columns.iter().filter(|c| c.cost != 0.0);
    if costs().any(|c| c.kind == Kind::Real) {
        return 0.0;
    }
    for decimals in 0..5 {
        let scale = 10f64.powi(decimals);
        let exact = |c: f64| (c * scale - (c * scale).round()).abs() <= 1e-9 && c.abs() < 1e12;
        if costs().all(|c| exact(c.cost)) {
            let whole = costs().map(|c| (c.cost * scale).round().abs() as u64);
            return whole.fold(0, divisor) as f64 / scale;
        }
    }
    0.0
}

/// Euclid's algorithm.
fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// The least cost of a model, by branch and cut.
pub fn solve(model: &Model, stop: &Stop) -> Found {
    let guide = Guide { cutoff: &|| f64::INFINITY, separate: &mut |_| Vec::new() };
    solve_guided(model, stop, guide)
}

/// The same for a model of which some rows are only known once they are broken. The bound is the
/// cutoff where no point costs less.
pub fn solve_guided<'a>(model: &'a Model, stop: &Stop<'a>, guide: Guide<'a>) -> Found {
    let mut problem = Problem::new(model);
    let nothing = |end, bound| Found { end, best: None, bound, nodes: 0, pivots: 0, work: 0 };
    if presolve::presolve(&mut problem).is_err() {
        return nothing(End::Infeasible, f64::INFINITY);
    }
    let mut lp = problem.relaxation();
    let limits = Limits { work: stop.work, stop: stop.stop, cutoff: f64::INFINITY };
    match lp.solve(&limits) {
        Status::Optimal => {}
        Status::Infeasible => return nothing(End::Infeasible, f64::INFINITY),
        Status::Unbounded => return nothing(End::Unbounded, f64::NEG_INFINITY),
        _ => return nothing(End::Stopped, f64::NEG_INFINITY),
    }
    tree::Tree::new(model, problem, lp, *stop, guide).run()
}
