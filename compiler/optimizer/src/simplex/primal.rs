//! The primal simplex, from a basis whose values keep their boxes. What goes out: a basis optimal
//! for the true costs, for boxes that may have moved, or a direction along which the cost falls for
//! ever.
//!
//! 1. The variable of the greatest squared reduced cost over its Devex weight enters (Harris 1973;
//!    Forrest and Goldfarb 1992). Only those whose reduced cost has the wrong sign are looked at:
//!    after columns were added to an optimal basis, few of many.
//! 2. The ratio test has two passes: how far one may go if every box were larger by the tolerance,
//!    then the largest pivot within that.
//! 3. A step that would be negative moves the leaving variable's bound instead. When steps of
//!    length zero repeat, the boxes of basic variables grow a little by a fixed rule.

use super::iterate::{Budget, spread};
use super::{At, FEASIBLE, Simplex};

pub enum End {
    Optimal,
    Unbounded,
    Stopped,
}

/// Steps of length zero after which boxes grow, and how far in units of a bound of 1.
const DEGENERATE: usize = 20;
const MOVE: f64 = 5e-8;
const MOVING_ROUNDS: usize = 4;
/// Devex weights beyond this start again from 1.
const MOST_DEVEX: f64 = 1e7;

/// What stops the entering variable.
enum Block {
    /// The basic variable at this place, after this step.
    Place(usize, f64),
    /// Its own other bound.
    Opposite,
}

impl Simplex {
    pub(super) fn primal(&mut self, budget: &mut Budget, round: usize) -> End {
        self.devex.fill(1.0);
        self.list_attractive();
        let mut degenerate = 0;
        let mut failures = 0;
        loop {
            if budget.is_spent(self) {
                return End::Stopped;
            }
            if !self.factored {
                self.start_afresh();
                self.list_attractive();
                if !self.is_primal_feasible() {
                    self.contain();
                }
            }
            let Some(entering) = self.attractive_variable() else {
                if self.refresh() {
                    self.list_attractive();
                    continue;
                }
                return End::Optimal;
            };
            self.tableau_column(entering);
            let sign = -self.reduced[entering].signum();
            let Some(block) = self.blocking(entering, sign) else {
                if self.start_afresh() {
                    self.list_attractive();
                    continue;
                }
                self.keep_direction(entering, sign);
                return End::Unbounded;
            };
            let step = match block {
                Block::Opposite => {
                    self.cross(entering, sign);
                    continue;
                }
                Block::Place(place, step) => {
                    self.lu.btran_unit(place as u32, &mut self.space.rho);
                    self.tableau_row();
                    let by_row = self.space.alpha.value[entering];
                    let by_column = self.space.entering.value[place];
                    if (by_row - by_column).abs() > 1e-7 * (1.0 + by_column.abs()) {
                        failures += 1;
                        if failures > 50 {
                            return End::Stopped;
                        }
                        if self.start_afresh() {
                            self.list_attractive();
                            continue;
                        }
                    }
                    self.primal_pivot(place, entering, sign, step);
                    step
                }
            };
            degenerate += usize::from(step <= FEASIBLE * 1e-3);
            if degenerate > DEGENERATE && round < MOVING_ROUNDS {
                degenerate = 0;
                self.grow_boxes(round);
            }
        }
    }

    fn list_attractive(&mut self) {
        let n = self.at.len();
        self.space.candidates.reset(n);
        for j in 0..n {
            if self.attraction(j) != 0.0 {
                self.space.candidates.offer(j as u32);
            }
        }
        self.lu.work += n as u64;
    }

    fn attractive_variable(&mut self) -> Option<usize> {
        let mut list = std::mem::take(&mut self.space.candidates.list);
        let mut best: Option<(f64, u32)> = None;
        list.retain(|&j| {
            let d = self.attraction(j as usize);
            if d == 0.0 {
                self.space.candidates.listed[j as usize] = false;
                return false;
            }
            let merit = d * d / self.devex[j as usize];
            if best.is_none_or(|(most, at)| merit > most || (merit == most && j < at)) {
                best = Some((merit, j));
            }
            true
        });
        self.lu.work += list.len() as u64;
        self.space.candidates.list = list;
        best.map(|(_, j)| j as usize)
    }

    /// What the entering variable meets first, moving up (`sign` 1) or down.
    fn blocking(&self, entering: usize, sign: f64) -> Option<Block> {
        let least = self.least_pivot();
        let room = |place: usize, rate: f64| {
            let j = self.basic[place] as usize;
            if rate < 0.0 { self.x[j] - self.moved_lo[j] } else { self.moved_hi[j] - self.x[j] }
        };
        let moving = || {
            let rates = self.space.entering.entries().map(|(place, v)| (place, -sign * v));
            rates.filter(|(_, rate)| rate.abs() > least)
        };
        let reach = moving()
            .map(|(place, rate)| (room(place, rate) + FEASIBLE) / rate.abs())
            .fold(f64::INFINITY, f64::min);
        let own = self.moved_hi[entering] - self.moved_lo[entering];
        if own.is_finite() && own <= reach {
            return Some(Block::Opposite);
        }
        if reach == f64::INFINITY {
            return None;
        }
        let mut best: Option<(usize, f64, f64)> = None;
        for (place, rate) in moving() {
            let step = room(place, rate) / rate.abs();
            let larger = |(at, _, size): (usize, f64, f64)| {
                rate.abs() > size || (rate.abs() == size && self.basic[place] < self.basic[at])
            };
            if step <= reach && best.is_none_or(larger) {
                best = Some((place, step, rate.abs()));
            }
        }
        best.map(|(place, step, _)| Block::Place(place, step.max(0.0)))
    }

    /// To the opposite bound, the basis unchanged.
    fn cross(&mut self, entering: usize, sign: f64) {
        let range = self.moved_hi[entering] - self.moved_lo[entering];
        self.update_x(entering, sign * range);
        self.at[entering] = if sign > 0.0 { At::Upper } else { At::Lower };
        self.x[entering] =
            if sign > 0.0 { self.moved_hi[entering] } else { self.moved_lo[entering] };
        self.stale = true;
        self.pivots += 1;
    }

    fn primal_pivot(&mut self, place: usize, entering: usize, sign: f64, step: f64) {
        let leaving = self.basic[place] as usize;
        let falls = -sign * self.space.entering.value[place] < 0.0;
        let side = if falls { At::Lower } else { At::Upper };
        self.update_x(entering, sign * step);
        let bound = if falls { &mut self.moved_lo[leaving] } else { &mut self.moved_hi[leaving] };
        // Outside by less than the tolerance: the bound moves, not the point.
        if (falls && self.x[leaving] < *bound) || (!falls && self.x[leaving] > *bound) {
            *bound = self.x[leaving];
            self.bounds_moved = true;
        }
        self.update_devex(entering, leaving);
        self.update_reduced(entering, leaving);
        self.exchange(place, entering, side);
        self.edge_known = false;
        for at in 0..self.space.alpha.index.len() {
            let j = self.space.alpha.index[at];
            if self.attraction(j as usize) != 0.0 {
                self.space.candidates.offer(j);
            }
        }
        if self.attraction(leaving) != 0.0 {
            self.space.candidates.offer(leaving as u32);
        }
    }

    fn update_devex(&mut self, entering: usize, leaving: usize) {
        let (weight, pivot) = (self.devex[entering], self.space.alpha.value[entering]);
        for (j, v) in self.space.alpha.entries() {
            let ratio = v / pivot;
            self.devex[j] = self.devex[j].max(ratio * ratio * weight);
        }
        self.devex[leaving] = (weight / (pivot * pivot)).max(1.0);
        if self.devex[leaving] > MOST_DEVEX {
            self.devex.fill(1.0);
        }
    }

    /// Values that recomputing has shown to be outside take their bounds along.
    fn contain(&mut self) {
        for place in 0..self.basic.len() {
            let j = self.basic[place] as usize;
            let outside = self.outside(j);
            if outside < 0.0 {
                self.moved_lo[j] = self.x[j];
                self.bounds_moved = true;
            } else if outside > 0.0 {
                self.moved_hi[j] = self.x[j];
                self.bounds_moved = true;
            }
        }
    }

    /// Every basic variable's box grows a little.
    fn grow_boxes(&mut self, round: usize) {
        let size = MOVE * 0.1f64.powi(round as i32);
        for &j in &self.basic {
            let j = j as usize;
            let by = size * spread(j);
            self.moved_lo[j] -= by * (1.0 + self.moved_lo[j].abs().min(1e3));
            self.moved_hi[j] += by * (1.0 + self.moved_hi[j].abs().min(1e3));
        }
        self.bounds_moved = true;
    }

    fn keep_direction(&mut self, entering: usize, sign: f64) {
        let mut scaled = vec![0.0; self.at.len()];
        scaled[entering] = sign;
        for (place, v) in self.space.entering.entries() {
            scaled[self.basic[place] as usize] = -sign * v;
        }
        let columns = self.column.iter().map(|j| *j as usize);
        self.direction = columns.map(|j| scaled[j] * self.scale[j]).collect();
    }
}
