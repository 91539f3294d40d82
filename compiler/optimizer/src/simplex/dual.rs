//! The dual simplex. What comes in: a basis with its values and reduced costs; what goes out: a
//! basis whose values keep their boxes, optimal for costs that may have moved, or the proof that
//! there is none.
//!
//! 1. Costs are moved so that every reduced cost has the right sign; boxed variables change sides.
//! 2. The place of the greatest squared violation over its steepest-edge weight leaves (Forrest and
//!    Goldfarb 1992).
//! 3. The bound-flipping ratio test passes breakpoints while the dual cost still rises (Maros
//!    2003), in groups by Harris's tolerance (1973); in the last group the largest pivot enters.
//! 4. A step that would be negative moves the entering variable's cost instead. When steps of
//!    length zero repeat, all costs move a little, by a fixed rule, the way that keeps signs.

use super::iterate::{Budget, spread};
use super::lu::Keep;
use super::{At, FEASIBLE, Simplex};

pub enum End {
    Feasible,
    Infeasible,
    Worse,
    Stopped,
}

/// Steps of length zero after which costs are moved, and how far in units of a cost of 1.
const DEGENERATE: usize = 20;
const MOVE: f64 = 5e-7;
/// Rounds in which costs may be moved.
const MOVING_ROUNDS: usize = 4;
const LEAST_EDGE: f64 = 1e-4;
/// Entries larger than this are pivots where there is no other.
const LAST_PIVOT: f64 = 1e-12;

/// Where a pivot row can be blocked: the variable, and the size of its entry.
#[derive(Clone, Copy)]
struct Breakpoint {
    j: u32,
    size: f64,
}

impl Simplex {
    pub(super) fn dual(&mut self, budget: &mut Budget, round: usize) -> End {
        if !self.edge_known {
            self.edge.fill(1.0);
            self.edge_known = true;
        }
        self.mend_signs();
        let mut degenerate = 0;
        let mut failures = 0;
        self.list_violations();
        loop {
            if budget.is_spent(self) {
                return End::Stopped;
            }
            if self.is_above(budget.cutoff()) {
                return End::Worse;
            }
            if !self.factored {
                self.start_afresh();
                self.mend_signs();
                self.list_violations();
            }
            let Some(place) = self.leaving_place() else {
                if self.refresh() {
                    self.mend_signs();
                    self.list_violations();
                    continue;
                }
                return End::Feasible;
            };
            let leaving = self.basic[place] as usize;
            let outside = self.outside(leaving);
            self.lu.btran_unit(place as u32, &mut self.space.rho);
            self.edge[place] = self.space.rho.squared_norm().max(LEAST_EDGE);
            self.tableau_row();
            let chosen = match self.entering_variable(outside, self.least_pivot()) {
                None if self.start_afresh() => {
                    self.mend_signs();
                    self.list_violations();
                    continue;
                }
                // A proof may not rest on what was too small to be a pivot.
                None => self.entering_variable(outside, LAST_PIVOT),
                chosen => chosen,
            };
            let Some(entering) = chosen else {
                self.keep_farkas(outside);
                return End::Infeasible;
            };
            self.tableau_column(entering);
            let (by_row, by_column) =
                (self.space.alpha.value[entering], self.space.entering.value[place]);
            if (by_row - by_column).abs() > 1e-7 * (1.0 + by_column.abs()) {
                failures += 1;
                if failures > 50 {
                    return End::Stopped;
                }
                if self.start_afresh() {
                    self.mend_signs();
                    self.list_violations();
                    continue;
                }
            }
            let step = self.dual_pivot(place, entering, outside);
            degenerate += usize::from(step <= FEASIBLE * 1e-3);
            if degenerate > DEGENERATE && round < MOVING_ROUNDS {
                degenerate = 0;
                self.move_costs(round);
            }
        }
    }

    /// Whether the dual cost proves that the cost of every point is above `cutoff`. Costs that have
    /// moved prove nothing.
    fn is_above(&self, cutoff: f64) -> bool {
        cutoff < f64::INFINITY && !self.costs_moved && self.objective() > cutoff
    }

    /// Makes every reduced cost's sign right: by changing sides, else by moving the cost.
    fn mend_signs(&mut self) {
        let mut turned = false;
        for j in 0..self.at.len() {
            let d = self.attraction(j);
            if d == 0.0 {
                continue;
            }
            let (lo, hi) = (self.moved_lo[j], self.moved_hi[j]);
            if lo > f64::NEG_INFINITY && hi < f64::INFINITY {
                self.at[j] = if d > 0.0 { At::Lower } else { At::Upper };
                self.x[j] = if d > 0.0 { lo } else { hi };
                turned = true;
            } else {
                self.moved_cost[j] -= d;
                self.reduced[j] = 0.0;
                self.costs_moved = true;
            }
        }
        if turned {
            self.x_known = false;
            self.know();
        }
    }

    fn list_violations(&mut self) {
        let m = self.rows();
        self.space.candidates.reset(m);
        for place in 0..m {
            if self.outside(self.basic[place] as usize) != 0.0 {
                self.space.candidates.offer(place as u32);
            }
        }
    }

    fn leaving_place(&mut self) -> Option<usize> {
        let mut list = std::mem::take(&mut self.space.candidates.list);
        let mut best: Option<(f64, u32)> = None;
        list.retain(|&place| {
            let outside = self.outside(self.basic[place as usize] as usize);
            if outside == 0.0 {
                self.space.candidates.listed[place as usize] = false;
                return false;
            }
            let merit = outside * outside / self.edge[place as usize];
            if best.is_none_or(|(most, at)| merit > most || (merit == most && place < at)) {
                best = Some((merit, place));
            }
            true
        });
        self.lu.work += list.len() as u64;
        self.space.candidates.list = list;
        best.map(|(_, place)| place as usize)
    }

    /// Chooses what enters; what is passed on the way changes sides, with its effect in `flips`.
    fn entering_variable(&mut self, outside: f64, least: f64) -> Option<usize> {
        let sign = outside.signum();
        let mut open: Vec<Breakpoint> = Vec::new();
        for (j, v) in self.space.alpha.entries() {
            let a = v * sign;
            let blocks = match self.at[j] {
                At::Basic => false,
                _ if self.lo[j] == self.hi[j] => false,
                At::Lower => a > least,
                At::Upper => a < -least,
                At::Zero => a.abs() > least,
            };
            if blocks {
                open.push(Breakpoint { j: j as u32, size: a.abs() });
            }
        }
        let mut slope = outside.abs();
        let mut passed: Vec<Breakpoint> = Vec::new();
        let mut best: Option<(usize, usize)> = None;
        while !open.is_empty() {
            let slack = |b: &Breakpoint| self.reduced[b.j as usize].abs();
            let reach = open.iter().map(|b| (slack(b) + FEASIBLE) / b.size);
            let reach = reach.fold(f64::INFINITY, f64::min);
            let before = passed.len();
            let (group, rest) = open.into_iter().partition(|b| slack(b) / b.size <= reach);
            let group: Vec<Breakpoint> = group;
            open = rest;
            let strongest = group.iter().fold(None, |best: Option<&Breakpoint>, b| match best {
                Some(most) if most.size > b.size || (most.size == b.size && most.j < b.j) => best,
                _ => Some(b),
            })?;
            // A later group is worth having only for a pivot that is no worse.
            let prefers = best.is_none_or(|(_, j)| {
                strongest.size > 0.1 * self.space.alpha.value[j].abs() || strongest.size > 1e-3
            });
            if prefers {
                best = Some((before, strongest.j as usize));
            }
            for b in &group {
                let j = b.j as usize;
                slope -= b.size * (self.moved_hi[j] - self.moved_lo[j]);
            }
            passed.extend(group);
            if slope < 0.0 {
                break;
            }
        }
        let (count, entering) = best?;
        self.space.flips.clear();
        for b in &passed[..count] {
            let j = b.j as usize;
            self.flip(j);
        }
        Some(entering)
    }

    /// Entries smaller than this are not pivots; the older the factors, the more is asked.
    pub(super) fn least_pivot(&self) -> f64 {
        match self.lu.updates {
            0..10 => 1e-9,
            10..30 => 1e-8,
            _ => 1e-7,
        }
    }

    /// The variable goes to its other bound; the rows' change is added to `flips`.
    fn flip(&mut self, j: usize) {
        let (lo, hi) = (self.moved_lo[j], self.moved_hi[j]);
        let (at, to, by) = match self.at[j] {
            At::Lower => (At::Upper, hi, hi - lo),
            _ => (At::Lower, lo, lo - hi),
        };
        self.at[j] = at;
        self.x[j] = to;
        self.space.flips.add_scaled(&self.matrix.columns[j], by);
    }

    /// Carries a pivot out; gives the length of the dual step.
    fn dual_pivot(&mut self, place: usize, entering: usize, outside: f64) -> f64 {
        let leaving = self.basic[place] as usize;
        if !self.space.flips.index.is_empty() {
            self.lu.ftran(&mut self.space.flips, Keep::Nothing);
            for (at, v) in self.space.flips.entries() {
                let j = self.basic[at] as usize;
                self.x[j] -= v;
                if at != place && self.outside(j) != 0.0 {
                    self.space.candidates.offer(at as u32);
                }
            }
        }
        let pivot = self.space.entering.value[place];
        // Of the wrong sign by less than the tolerance: the cost moves, not the dual point.
        let wrong = self.reduced[entering] * self.space.alpha.value[entering] * outside < 0.0;
        if wrong {
            self.moved_cost[entering] -= self.reduced[entering];
            self.reduced[entering] = 0.0;
            self.costs_moved = true;
        }
        let length = (self.reduced[entering] / self.space.alpha.value[entering]).abs();
        self.update_reduced(entering, leaving);
        let (side, bound) = if outside < 0.0 {
            (At::Lower, self.moved_lo[leaving])
        } else {
            (At::Upper, self.moved_hi[leaving])
        };
        let step = (self.x[leaving] - bound) / pivot;
        self.update_x(entering, step);
        self.update_edge(place, pivot);
        self.exchange(place, entering, side);
        let list = &mut self.space.candidates;
        for &at in self.space.entering.index.iter().chain([&(place as u32)]) {
            if !list.listed[at as usize] {
                list.listed[at as usize] = true;
                list.list.push(at);
            }
        }
        length
    }

    /// Steepest-edge weights after the exchange (Forrest and Goldfarb 1992, update for rows).
    fn update_edge(&mut self, place: usize, pivot: f64) {
        let weight = self.edge[place];
        self.space.tau.copy_from(&self.space.rho);
        self.lu.ftran(&mut self.space.tau, Keep::Nothing);
        for (at, v) in self.space.entering.entries() {
            if at != place {
                let ratio = v / pivot;
                let change = ratio * (ratio * weight - 2.0 * self.space.tau.value[at]);
                self.edge[at] = (self.edge[at] + change).max(LEAST_EDGE);
            }
        }
        self.edge[place] = (weight / (pivot * pivot)).max(LEAST_EDGE);
    }

    /// Moves every cost a little in the direction its reduced cost can grow.
    fn move_costs(&mut self, round: usize) {
        let size = MOVE * 0.1f64.powi(round as i32);
        for j in 0..self.at.len() {
            if self.lo[j] == self.hi[j] {
                continue;
            }
            let by = size * (1.0 + self.cost[j].abs()) * spread(j);
            let by = match self.at[j] {
                At::Lower => by,
                At::Upper => -by,
                _ => continue,
            };
            self.moved_cost[j] += by;
            self.reduced[j] += by;
        }
        self.costs_moved = true;
    }

    fn keep_farkas(&mut self, outside: f64) {
        for (i, v) in self.space.rho.entries() {
            let row_scale = 1.0 / self.scale[self.logical[i] as usize];
            self.farkas[i] = v * row_scale * outside.signum();
        }
    }
}
