//! How the optimum moves with a side of a row: the one-sided derivative, and how far it holds.
//!
//! At an optimal point `x`, the derivative of the optimum in a direction of right-hand sides is
//! itself the optimum of a programme (Gal 1979): the same costs and rows over the directions that
//! `x` can move in, which is a cone of boxes (what stands at a lower bound cannot fall, and so on).
//! Where the optimal basis is degenerate, the two sides have different derivatives, and both come
//! out right, because no basis of `x` is asked. Along the direction found the derivative stays as
//! long as `x` keeps its boxes; from there the next cone is asked, until its derivative differs.

use super::{At, FEASIBLE, Limits, Simplex, Status};

/// Beyond so many cones a reach is the one proved so far.
const MOST_CONES: usize = 400;
const SAME_SLOPE: f64 = 1e-7;
/// Scaled reduced costs that an optimum may have on the wrong side, and some more.
const OPTIMAL: f64 = 1e-8;

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Slope {
    /// Cost per unit of the row's side.
    pub slope: f64,
    /// Units, in the direction asked for.
    pub reach: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Lower,
    Upper,
    Both,
}

/// The cones at an optimal point. Made from a solved [`Simplex`]; ask it more than once.
pub struct Tangent {
    cone: Simplex,
    lo: Vec<f64>,
    hi: Vec<f64>,
    x: Vec<f64>,
    /// Of the programme; the cones' own are its reduced costs, which make the same difference
    /// between directions that keep the rows.
    cost: Vec<f64>,
}

impl Tangent {
    pub fn new(optimal: &Simplex) -> Tangent {
        let mut cone = optimal.clone();
        cone.pivots = 0;
        // A reduced cost within the tolerance of an optimum is none: in a cone nothing bounds what
        // it would gain.
        let clean = optimal.reduced.iter().map(|d| if d.abs() <= OPTIMAL { 0.0 } else { *d });
        let reduced: Vec<f64> = clean.collect();
        (0..reduced.len()).for_each(|j| cone.set_scaled_cost(j, reduced[j]));
        let (lo, hi, x) = (optimal.lo.clone(), optimal.hi.clone(), optimal.x.clone());
        Tangent { cone, lo, hi, x, cost: optimal.cost.clone() }
    }

    /// What the optimum does as `side` of `row` moves up (`direction` 1) or down (-1); `None` when
    /// nothing is feasible then, or the limits are used up.
    pub fn slide(
        &mut self,
        row: usize,
        side: Side,
        direction: f64,
        limits: &Limits,
    ) -> Option<Slope> {
        let moved = self.cone.logical[row] as usize;
        let (lo, hi, x) = (self.lo.clone(), self.hi.clone(), self.x.clone());
        let found = self.walk(moved, side, direction, limits);
        (self.lo, self.hi, self.x) = (lo, hi, x);
        found
    }

    fn walk(&mut self, moved: usize, side: Side, direction: f64, limits: &Limits) -> Option<Slope> {
        let mut found: Option<Slope> = None;
        let unit = self.cone.scale[moved];
        let same = |a: f64, b: f64| (a - b).abs() <= SAME_SLOPE * (1.0 + a.abs());
        for _ in 0..MOST_CONES {
            self.set_cone(moved, side, direction);
            if self.cone.solve(limits) != Status::Optimal {
                return found;
            }
            let terms = self.cost.iter().zip(&self.cone.x).map(|(c, rate)| c * rate);
            let slope = direction * terms.sum::<f64>() / self.cone.cost_scale / unit;
            if let Some(first) = found
                && !same(first.slope, slope)
            {
                return found;
            }
            let reach = self.reach(moved, side, direction);
            let so_far = found.map_or(0.0, |f| f.reach);
            let slope = found.map_or(slope, |f| f.slope);
            found = Some(Slope { slope, reach: so_far + reach * unit });
            if reach == f64::INFINITY {
                return found;
            }
            self.advance(moved, side, direction * reach, reach);
        }
        found
    }

    /// Boxes of the directions that keep the boxes of `x` to first order, in scaled units; the
    /// row's moved side moves by one.
    fn set_cone(&mut self, moved: usize, side: Side, direction: f64) {
        for j in 0..self.x.len() {
            let (at_lo, at_hi) = (self.is_tight(j, self.lo[j]), self.is_tight(j, self.hi[j]));
            let by = |moves: bool| if j == moved && moves { direction } else { 0.0 };
            let lo = if at_lo { by(side != Side::Upper) } else { f64::NEG_INFINITY };
            let hi = if at_hi { by(side != Side::Lower) } else { f64::INFINITY };
            self.cone.set_scaled_bounds(j, lo.min(hi), hi);
        }
    }

    fn is_tight(&self, j: usize, bound: f64) -> bool {
        bound.is_finite()
            && (self.x[j] - bound).abs() <= 10.0 * FEASIBLE * (1.0 + bound.abs() * 1e-2)
    }

    /// How many steps of the direction found keep every box.
    fn reach(&self, moved: usize, side: Side, direction: f64) -> f64 {
        let mut reach = f64::INFINITY;
        for (j, &rate) in self.cone.x.iter().enumerate() {
            let own = |moves: bool| if j == moved && moves { direction } else { 0.0 };
            let fall = own(side != Side::Upper) - rate;
            let rise = rate - own(side != Side::Lower);
            if fall > FEASIBLE && !self.is_tight(j, self.lo[j]) {
                reach = reach.min((self.x[j] - self.lo[j]) / fall);
            }
            if rise > FEASIBLE && !self.is_tight(j, self.hi[j]) {
                reach = reach.min((self.hi[j] - self.x[j]) / rise);
            }
        }
        reach.max(0.0)
    }

    fn advance(&mut self, moved: usize, side: Side, by: f64, steps: f64) {
        for (x, rate) in self.x.iter_mut().zip(&self.cone.x) {
            *x += steps * rate;
        }
        if side != Side::Upper {
            self.lo[moved] += by;
        }
        if side != Side::Lower {
            self.hi[moved] += by;
        }
    }
}

impl Simplex {
    fn set_scaled_cost(&mut self, j: usize, cost: f64) {
        (self.cost[j], self.moved_cost[j]) = (cost, cost);
        self.reduced_known = false;
    }

    fn set_scaled_bounds(&mut self, j: usize, lo: f64, hi: f64) {
        (self.lo[j], self.hi[j]) = (lo, hi);
        (self.moved_lo[j], self.moved_hi[j]) = (lo, hi);
        if self.at[j] != At::Basic {
            self.settle(j);
            self.x_known = false;
        }
    }
}
