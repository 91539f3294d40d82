//! Points from relaxations: rounding one, and diving, which rounds a column at a time and solves
//! again. What comes out is offered to the tree, which checks it.

use super::propagate::propagate;
use super::tree::Tree;
use crate::simplex::{Limits, Status};

/// Work of one dive, in multiples of the root's relaxation.
const DIVE_WORK: u64 = 20;
/// Least work of one dive.
const LEAST_DIVE: u64 = 2_000_000;

/// What a dive rounds first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dive {
    /// What is nearest to whole.
    Nearest,
    /// What can be rounded without breaking a row, then what is nearest; up where both can break.
    Locks,
}

/// How many rows rounding a column can break, down and up.
pub fn locks(tree: &Tree) -> Vec<(u32, u32)> {
    let problem = &tree.problem;
    let of = |column: &crate::model::Column| {
        let (mut down, mut up) = (0, 0);
        for &(row, a) in &column.entries {
            let (lo, hi) = problem.model.rows[row];
            let (falls, rises) = (lo.is_finite(), hi.is_finite());
            let (breaks_down, breaks_up) = if a > 0.0 { (falls, rises) } else { (rises, falls) };
            down += u32::from(breaks_down);
            up += u32::from(breaks_up);
        }
        (down, up)
    };
    problem.model.columns.iter().map(of).collect()
}

impl Tree<'_> {
    /// Rounds each column the way that breaks no row, else to the nearest.
    pub fn round(&mut self, x: &[f64]) {
        let mut point = x.to_vec();
        for (j, x) in point.iter_mut().enumerate() {
            if self.problem.is_whole(j) {
                *x = match self.locks[j] {
                    (0, _) => (*x + super::WHOLE).floor(),
                    (_, 0) => (*x - super::WHOLE).ceil(),
                    _ => x.round(),
                };
            }
        }
        self.offer_exact(&point);
    }

    /// Dives from the solved relaxation of a node; its boxes are left changed.
    pub fn dive(&mut self, dive: Dive) {
        let budget = (self.root_work * DIVE_WORK).max(LEAST_DIVE);
        let end = self.lp.work().saturating_add(budget.min(self.work_left()));
        let (mut lo, mut hi) = self.boxes();
        // A step bounds a column; where numbers are too large for that, work does not end it.
        for _ in 0..=4 * lo.len() {
            if self.lp.work() >= end {
                return;
            }
            let x = self.lp.values();
            let Some((j, target)) = self.next_rounded(&x, dive) else {
                self.offer(&x);
                return;
            };
            let up = target > x[j];
            if !self.descend((&mut lo, &mut hi), (j, target, up), end)
                && !self.descend(
                    (&mut lo, &mut hi),
                    (j, if up { x[j].floor() } else { x[j].ceil() }, !up),
                    end,
                )
            {
                return;
            }
            let x = self.lp.values();
            self.round(&x);
        }
    }

    /// Bounds a column, propagates, solves; false when nothing better than the best is there, with
    /// the boxes as they were.
    fn descend(
        &mut self,
        (lo, hi): (&mut Vec<f64>, &mut Vec<f64>),
        (j, target, up): (usize, f64, bool),
        end: u64,
    ) -> bool {
        let before = (lo.clone(), hi.clone());
        if up {
            lo[j] = target
        } else {
            hi[j] = target
        }
        let mut changed = vec![j as u32];
        let mut fine = lo[j] <= hi[j] && propagate(&self.problem, lo, hi, &mut changed).is_ok();
        if fine {
            self.set_boxes(lo, hi);
            let work = end.saturating_sub(self.lp.work());
            let limits = Limits { work, stop: self.stop.stop, cutoff: self.lp_cutoff() };
            fine = self.lp.solve(&limits) == Status::Optimal && self.lp.objective() < self.cutoff();
        }
        if !fine {
            (*lo, *hi) = before;
        }
        fine
    }

    /// The next column to round, and to what; `None` when all are whole.
    fn next_rounded(&self, x: &[f64], dive: Dive) -> Option<(usize, f64)> {
        let mut best: Option<(f64, usize, f64)> = None;
        for (j, &x) in x.iter().enumerate() {
            let off = (x - x.round()).abs();
            if !self.problem.is_whole(j) || off <= super::WHOLE {
                continue;
            }
            let (down, up) = self.locks[j];
            let (target, order) = match dive {
                Dive::Nearest => (x.round(), off),
                Dive::Locks if down == 0 => (x.floor(), 2.0),
                Dive::Locks if up == 0 => (x.ceil(), 2.0),
                Dive::Locks => (x.ceil(), x.ceil() - x),
            };
            if best.is_none_or(|(least, _, _)| order < least) {
                best = Some((order, j, target));
            }
        }
        best.map(|(_, j, target)| (j, target))
    }
}
