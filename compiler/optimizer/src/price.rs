//! Two-sided prices: the right and the left derivative of the relaxation's optimum by each limit,
//! and how far each holds. What comes in: a [`Master`]; what goes out: per budget a [`TwoSided`].
//!
//! From an optimal basis the right-hand side is moved in one direction. While basic columns at
//! their bounds would leave them, the basis is changed by dual pivots (steps of length 0 first, the
//! fastest leaver first); the multiplier of the first basis that can move a positive step is the
//! derivative, and moving on while it stays the same gives the range. Nothing is read off a dual
//! that is one of many: where the optimum has a kink, the two sides differ, and both are right.

use crate::master::Master;
use crate::simplex::{Simplex, Status};

const PIVOTS: usize = 50_000;
const MOVES: usize = 2_000;
/// Steps shorter than this, of right-hand sides scaled to about 1, are taken for degeneracy.
const STEP: f64 = 1e-9;
const SAME: f64 = 1e-7;

/// In true units: cost per unit of the budget, and units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TwoSided {
    /// Saved per unit by a slightly larger limit.
    pub buy: f64,
    /// Paid per unit by a slightly smaller limit; `None`: there is no solution then.
    pub sell: Option<f64>,
    /// How far the limit can fall and rise before the sell or the buy price changes; infinite
    /// where it never does.
    pub down: f64,
    pub up: f64,
}

/// The relaxation's optimum and the prices of its budgets; `None` when it is infeasible.
pub struct Relaxation {
    pub objective: f64,
    pub prices: Vec<TwoSided>,
}

pub fn relaxation(master: &Master) -> Option<Relaxation> {
    let mut simplex = Simplex::new(&master.lp);
    if simplex.solve(PIVOTS) != Status::Optimal {
        return None;
    }
    let objective = simplex.objective() / master.cost_scale;
    let prices =
        (0..master.budget_rows.len()).map(|k| two_sided(master, &mut simplex, k)).collect();
    Some(Relaxation { objective, prices })
}

fn two_sided(master: &Master, simplex: &mut Simplex, budget: usize) -> TwoSided {
    let Some((row, scale)) = master.budget_rows[budget] else {
        return TwoSided { buy: 0.0, sell: Some(0.0), down: f64::INFINITY, up: f64::INFINITY };
    };
    let price = |y: f64| (-y * scale / master.cost_scale).max(0.0);
    let basis = simplex.basis();
    let mut side = |direction: f64| {
        let moved = walk(simplex, row, direction);
        simplex.rhs[row] = master.lp.rhs[row];
        simplex.restore(&basis);
        moved
    };
    let (up, down) = (side(1.0), side(-1.0));
    TwoSided {
        buy: up.map_or(0.0, |(y, _)| price(y)),
        sell: down.map(|(y, _)| price(y)),
        down: down.map_or(0.0, |(_, t)| t / scale),
        up: up.map_or(f64::INFINITY, |(_, t)| t / scale),
    }
}

/// The multiplier of `row` just beyond its right-hand side, and how far it stays.
fn walk(simplex: &mut Simplex, row: usize, direction: f64) -> Option<(f64, f64)> {
    let mut price: Option<f64> = None;
    let mut total = 0.0;
    for _ in 0..MOVES {
        let rates = simplex.inverse_column(row);
        let blocked = blocking(simplex, &rates, direction);
        let step = blocked.map_or(f64::INFINITY, |(_, t, _)| t);
        if step > STEP {
            let y = simplex.multipliers()[row];
            match price {
                Some(p) if (p - y).abs() > SAME * (1.0 + p.abs()) => return Some((p, total)),
                _ => price = price.or(Some(y)),
            }
            total += step;
        }
        let Some((k, t, below)) = blocked else { return price.map(|p| (p, f64::INFINITY)) };
        simplex.rhs[row] += direction * t;
        simplex.settle();
        simplex.price_row(k);
        let Some(entering) = simplex.entering(below, false) else {
            return price.map(|p| (p, total));
        };
        if !simplex.pivot(k, entering, below) {
            return price.map(|p| (p, total));
        }
    }
    price.map(|p| (p, total))
}

/// The basic row that leaves its box first, after which step, and whether below; of several at
/// once the fastest.
fn blocking(simplex: &Simplex, rates: &[f64], direction: f64) -> Option<(usize, f64, bool)> {
    let mut best: Option<(usize, f64, bool)> = None;
    for (k, rate) in rates.iter().enumerate() {
        let speed = rate * direction;
        if speed.abs() <= 1e-10 {
            continue;
        }
        let j = simplex.basic_column(k) as usize;
        let x = simplex.value(j);
        let bound = if speed < 0.0 { simplex.lo[j] } else { simplex.hi[j] };
        if !bound.is_finite() {
            continue;
        }
        let step = ((bound - x) / speed).max(0.0);
        let step = if step < STEP { 0.0 } else { step };
        let faster = |b: usize| rates[b].abs() < rate.abs();
        if best.is_none_or(|(b, t, _)| step < t || (step == t && faster(b))) {
            best = Some((k, step, speed < 0.0));
        }
    }
    best
}
