//! Which column to branch on: pseudocosts, made reliable by trying both sides while they rest on few
//! trials (Achterberg, Koch and Martin 2005).

use super::tree::Tree;
use crate::simplex::{Basis, Limits, Status};

/// Trials in each direction after which a pseudocost is believed.
const RELIABLE: u32 = 4;
/// Candidates tried in a row without finding a better one, and in all.
const PATIENCE: usize = 6;
const MOST_TRIED: usize = 40;
/// Work of one trial, beside that of the root's relaxation.
const TRIAL_SHARE: u64 = 2;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Down = 0,
    Up = 1,
}

/// Cost per unit of a column's fraction, as seen so far.
pub struct Pseudocosts {
    sum: [Vec<f64>; 2],
    count: [Vec<u32>; 2],
}

impl Pseudocosts {
    pub fn new(columns: usize) -> Pseudocosts {
        let sum = [vec![0.0; columns], vec![0.0; columns]];
        Pseudocosts { sum, count: [vec![0; columns], vec![0; columns]] }
    }

    pub fn learn(&mut self, j: usize, way: Way, fraction: f64, rise: f64) {
        if fraction > 1e-9 {
            self.sum[way as usize][j] += rise.max(0.0) / fraction;
            self.count[way as usize][j] += 1;
        }
    }

    fn mean(&self, way: Way) -> f64 {
        let (sums, counts) = (&self.sum[way as usize], &self.count[way as usize]);
        let seen = sums.iter().zip(counts).filter(|(_, n)| **n > 0);
        let means = seen.map(|(sum, n)| sum / f64::from(*n));
        let (total, count) = means.fold((0.0, 0u32), |(t, c), mean| (t + mean, c + 1));
        if count == 0 { 1.0 } else { total / f64::from(count) }
    }

    fn of(&self, j: usize, way: Way, mean: f64) -> f64 {
        match self.count[way as usize][j] {
            0 => mean,
            n => self.sum[way as usize][j] / f64::from(n),
        }
    }

    fn is_reliable(&self, j: usize) -> bool {
        self.count.iter().all(|counts| counts[j] >= RELIABLE)
    }
}

pub enum Branch {
    /// On this column, at this value.
    On(usize, f64),
    /// One side of it is closed: the column's new box.
    Tighten(usize, f64, f64),
    Closed,
}

fn merit(down: f64, up: f64) -> f64 {
    down.max(1e-6) * up.max(1e-6)
}

impl Tree<'_> {
    /// Chooses among columns that are not whole at the solved node; the relaxation may end up with
    /// another basis than it had.
    pub fn choose(&mut self, fractional: &[(usize, f64)], basis: &Basis) -> Branch {
        let cost = self.lp.objective();
        let means = (self.pseudocosts.mean(Way::Down), self.pseudocosts.mean(Way::Up));
        let mut ranked: Vec<(f64, usize, f64)> = Vec::with_capacity(fractional.len());
        for &(j, x) in fractional {
            let below = x - x.floor();
            let down = below * self.pseudocosts.of(j, Way::Down, means.0);
            let up = (1.0 - below) * self.pseudocosts.of(j, Way::Up, means.1);
            ranked.push((merit(down, up), j, x));
        }
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best: Option<(f64, usize, f64)> = None;
        let (mut tried, mut worse) = (0, 0);
        for &(estimate, j, x) in &ranked {
            let mut value = estimate;
            if !self.pseudocosts.is_reliable(j) && tried < MOST_TRIED {
                tried += 1;
                let down = self.try_side(j, x, Way::Down, cost, basis);
                let up = self.try_side(j, x, Way::Up, cost, basis);
                let (lo, hi) = self.lp.bounds(j);
                match (down, up) {
                    (None, None) => return Branch::Closed,
                    (None, _) => return Branch::Tighten(j, x.ceil(), hi),
                    (_, None) => return Branch::Tighten(j, lo, x.floor()),
                    (Some(down), Some(up)) => value = merit(down, up),
                }
            }
            if best.is_none_or(|(most, _, _)| value > most) {
                best = Some((value, j, x));
                worse = 0;
            } else {
                worse += 1;
                if worse >= PATIENCE {
                    break;
                }
            }
        }
        best.map_or(Branch::Closed, |(_, j, x)| Branch::On(j, x))
    }

    /// How much the cost rises with the column on one side; `None` when that side is closed.
    fn try_side(&mut self, j: usize, x: f64, way: Way, cost: f64, basis: &Basis) -> Option<f64> {
        let (lo, hi) = self.lp.bounds(j);
        let side = if way == Way::Down { (lo, x.floor()) } else { (x.ceil(), hi) };
        self.lp.set_bounds(j, side);
        let work = (self.root_work / TRIAL_SHARE).max(20_000);
        let limits = Limits {
            work: work.min(self.work_left()),
            stop: self.stop.stop,
            cutoff: self.lp_cutoff(),
        };
        let status = self.lp.solve(&limits);
        let rise = self.lp.objective() - cost;
        self.lp.set_bounds(j, (lo, hi));
        self.lp.set_basis(basis);
        match status {
            Status::Infeasible | Status::Worse => None,
            Status::Optimal => {
                let fraction = if way == Way::Down { x - x.floor() } else { x.ceil() - x };
                self.pseudocosts.learn(j, way, fraction, rise);
                Some(rise)
            }
            _ => Some(rise.max(0.0)),
        }
    }
}
