//! Two-sided prices: the right and the left derivative of the relaxation's optimum by each limit,
//! and how far each holds. What comes in: a [`Master`]; what goes out: per budget a [`TwoSided`].
//!
//! Nothing is read off a dual that is one of many (see `simplex::tangent`): where the optimum has a
//! kink, the two sides differ, and both are right.

use crate::interrupt::Here;
use crate::master::Master;
use crate::simplex::tangent::{Side, Tangent};
use crate::simplex::{Limits, Simplex, Status};

/// Entries looked at by the relaxation, and by each side of each price.
const WORK: u64 = 20_000_000_000;

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

pub fn relaxation(master: &Master, interrupt: &Here) -> Option<Relaxation> {
    let mut simplex = Simplex::from(&master.lp);
    let stop = || interrupt.is_over();
    let limits = Limits { stop: Some(&stop), ..Limits::work(WORK) };
    if simplex.solve(&limits) != Status::Optimal {
        return None;
    }
    let objective = simplex.objective() / master.cost_scale;
    let mut tangent = Tangent::new(&simplex);
    let rows = master.budget_rows.iter();
    let prices =
        rows.map(|row| two_sided(&mut tangent, *row, master.cost_scale, &limits)).collect();
    Some(Relaxation { objective, prices })
}

/// The price of a limit, given its row and what the row is the true one times; `None`: it is not
/// limited. The programme's cost is the true one times `cost_scale`.
pub fn two_sided(
    tangent: &mut Tangent,
    row: Option<(usize, f64)>,
    cost_scale: f64,
    limits: &Limits,
) -> TwoSided {
    let Some((row, scale)) = row else {
        return TwoSided { buy: 0.0, sell: Some(0.0), down: f64::INFINITY, up: f64::INFINITY };
    };
    let price = |slope: f64| (-slope * scale / cost_scale).max(0.0);
    let mut side = |direction| tangent.slide(row, Side::Upper, direction, limits);
    let (up, down) = (side(1.0), side(-1.0));
    TwoSided {
        buy: up.map_or(0.0, |up| price(up.slope)),
        sell: down.map(|down| price(down.slope)),
        down: down.map_or(0.0, |down| down.reach / scale),
        up: up.map_or(f64::INFINITY, |up| up.reach / scale),
    }
}
