//! Proofs that stand without the solver: what makes a point and multipliers optimal, multipliers
//! prove that nothing is feasible, and a direction prove that there is no least cost. What comes in:
//! a [`Model`] taken for real numbers and vectors from anywhere; what goes out: how far each
//! condition is from holding, relative to the numbers in it.

use crate::model::Model;

/// Errors up to this are rounding.
pub const CERTIFIED: f64 = 1e-9;

/// How much each condition of optimality is missed by, relative to 1 plus the magnitudes in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certificate {
    /// Rows and boxes.
    pub primal: f64,
    /// Signs of multipliers and reduced costs that no finite bound takes up.
    pub dual: f64,
    /// Largest product of a multiplier and its distance from the side it belongs to.
    pub slackness: f64,
    /// Between the cost and the dual cost.
    pub gap: f64,
    pub dual_objective: f64,
}

impl Certificate {
    pub fn holds(&self) -> bool {
        let worst = self.primal.max(self.dual).max(self.slackness).max(self.gap);
        worst <= CERTIFIED
    }
}

/// One row or column: where it stands, its box, and its multiplier or reduced cost.
struct Line {
    x: f64,
    /// Magnitude of what `x` was computed from.
    terms: f64,
    bounds: (f64, f64),
    price: f64,
    /// Magnitude of what the price was computed from.
    size: f64,
}

/// The certificate of `x` and row multipliers `y`.
pub fn certificate(model: &Model, x: &[f64], y: &[f64]) -> Certificate {
    let objective = model.objective(x);
    let activities = model.activities(x);
    let mut terms = vec![0.0f64; model.rows.len()];
    for (column, x) in model.columns.iter().zip(x) {
        column.entries.iter().for_each(|(row, a)| terms[*row] += (a * x).abs());
    }
    let rows = (0..model.rows.len()).map(|i| Line {
        x: activities[i],
        terms: terms[i],
        bounds: model.rows[i],
        price: y[i],
        size: y[i].abs(),
    });
    let columns = model.columns.iter().zip(x).map(|(column, x)| {
        let terms = column.entries.iter().map(|(row, a)| y[*row] * a);
        let (sum, size) = terms.fold((0.0, 0.0), |(s, m), t| (s + t, m + f64::abs(t)));
        Line {
            x: *x,
            terms: x.abs(),
            bounds: column.bounds,
            price: column.cost - sum,
            size: column.cost.abs() + size,
        }
    });
    let mut found =
        Certificate { primal: 0.0, dual: 0.0, slackness: 0.0, gap: 0.0, dual_objective: 0.0 };
    let (mut dual_objective, mut products) = (model.constant, objective.abs());
    for line in rows.chain(columns) {
        let (lo, hi) = line.bounds;
        let outside = (lo - line.x).max(line.x - hi).max(0.0);
        found.primal = found.primal.max(outside / (1.0 + line.terms));
        let side = if line.price > 0.0 { lo } else { hi };
        if side.is_finite() {
            dual_objective += line.price * side;
            products = products.max((line.price * side).abs());
            let product = (line.price * (line.x - side)).abs();
            found.slackness = found.slackness.max(product);
        } else {
            found.dual = found.dual.max(line.price.abs() / (1.0 + line.size));
        }
    }
    found.slackness /= 1.0 + products;
    found.gap = (objective - dual_objective).abs() / (1.0 + objective.abs());
    found.dual_objective = dual_objective;
    found
}

/// Least and greatest of a sum of products over boxes. Products within rounding of zero are.
#[derive(Default)]
struct Range {
    least: f64,
    most: f64,
    size: f64,
}

impl Range {
    fn add(&mut self, factor: f64, size: f64, (lo, hi): (f64, f64)) {
        if factor.abs() <= CERTIFIED * size {
            return;
        }
        let (a, b) = (factor * lo, factor * hi);
        self.least += a.min(b);
        self.most += a.max(b);
        let finite = [a, b].into_iter().filter(|v| v.is_finite());
        self.size = finite.fold(self.size, |most, v| most.max(v.abs()));
    }
}

/// Whether `y A x = y r` can hold for no `x` and `r` in their boxes.
pub fn proves_infeasible(model: &Model, y: &[f64]) -> bool {
    let mut range = Range::default();
    let largest = y.iter().fold(0.0f64, |most, y| most.max(y.abs()));
    for (bounds, y) in model.rows.iter().zip(y) {
        range.add(-y, largest, *bounds);
    }
    for column in &model.columns {
        let terms = column.entries.iter().map(|(row, a)| y[*row] * a);
        let (sum, size) = terms.fold((0.0, 0.0), |(s, m), t| (s + t, m + f64::abs(t)));
        range.add(sum, size, column.bounds);
    }
    let margin = CERTIFIED * range.size;
    let empty = model.rows.iter().chain(model.columns.iter().map(|c| &c.bounds));
    range.least > margin || range.most < -margin || empty.into_iter().any(|(lo, hi)| lo > hi)
}

/// Whether every feasible point can go along `direction` for ever at falling cost.
pub fn proves_unbounded(model: &Model, direction: &[f64]) -> bool {
    let size = direction.iter().fold(0.0f64, |most, d| most.max(d.abs()));
    let keeps = |rate: f64, scale: f64, (lo, hi): (f64, f64)| {
        let still = CERTIFIED * scale;
        (rate >= -still || lo == f64::NEG_INFINITY) && (rate <= still || hi == f64::INFINITY)
    };
    let mut scales = vec![size; model.rows.len()];
    for (column, d) in model.columns.iter().zip(direction) {
        column.entries.iter().for_each(|(row, a)| scales[*row] += (a * d).abs());
    }
    let rates = model.activities(direction);
    let cost: f64 = model.columns.iter().zip(direction).map(|(c, d)| c.cost * d).sum();
    cost < 0.0
        && model.columns.iter().zip(direction).all(|(c, d)| keeps(*d, size, c.bounds))
        && model.rows.iter().zip(&rates).zip(&scales).all(|((b, r), s)| keeps(*r, *s, *b))
}
