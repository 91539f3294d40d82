//! What the rows say about the boxes of whole columns: a row's least activity leaves so much room
//! for each of its columns (Savelsbergh 1994).

use super::Problem;

/// Nothing is feasible.
pub struct Empty;

/// Slack of an activity that counts as none, relative to its magnitude.
const TOLERANCE: f64 = 1e-6;
/// Rows looked at in one call, in multiples of all rows.
const MOST_PASSES: usize = 20;

/// Least or greatest activity of a row, its infinite terms counted apart.
#[derive(Clone, Copy, Default)]
pub struct Activity {
    pub sum: f64,
    pub infinite: usize,
}

impl Activity {
    fn add(&mut self, term: f64) {
        if term.is_finite() { self.sum += term } else { self.infinite += 1 }
    }

    /// Without one term; `None` where it is infinite.
    pub fn without(&self, term: f64) -> Option<f64> {
        match (self.infinite, term.is_finite()) {
            (0, true) => Some(self.sum - term),
            (1, false) => Some(self.sum),
            _ => None,
        }
    }
}

/// Least and greatest activity of a row in a box.
pub fn activity(row: &[(u32, f64)], lo: &[f64], hi: &[f64]) -> (Activity, Activity) {
    let (mut least, mut most) = (Activity::default(), Activity::default());
    for &(j, a) in row {
        let (l, h) = (a * lo[j as usize], a * hi[j as usize]);
        least.add(if a > 0.0 { l } else { h });
        most.add(if a > 0.0 { h } else { l });
    }
    (least, most)
}

/// Tightens boxes until nothing follows any more, from the rows of the `changed` columns.
pub fn propagate(
    problem: &Problem,
    lo: &mut [f64],
    hi: &mut [f64],
    changed: &mut Vec<u32>,
) -> Result<(), Empty> {
    let mut queued = vec![false; problem.rows.len()];
    let mut queue: Vec<u32> = Vec::new();
    let touch = |j: u32, queue: &mut Vec<u32>, queued: &mut Vec<bool>| {
        for &(row, _) in &problem.model.columns[j as usize].entries {
            if !std::mem::replace(&mut queued[row], true) {
                queue.push(row as u32);
            }
        }
    };
    changed.iter().for_each(|&j| touch(j, &mut queue, &mut queued));
    let mut next = 0;
    while next < queue.len() && next < MOST_PASSES * problem.rows.len() {
        let row = queue[next] as usize;
        next += 1;
        queued[row] = false;
        let before = changed.len();
        tighten(problem, row, lo, hi, changed)?;
        for &j in &changed[before..] {
            touch(j, &mut queue, &mut queued);
        }
    }
    Ok(())
}

/// What one row says.
fn tighten(
    problem: &Problem,
    row: usize,
    lo: &mut [f64],
    hi: &mut [f64],
    changed: &mut Vec<u32>,
) -> Result<(), Empty> {
    let entries = &problem.rows[row];
    let (row_lo, row_hi) = problem.model.rows[row];
    let (least, most) = activity(entries, lo, hi);
    let slack = TOLERANCE * (1.0 + least.sum.abs().max(most.sum.abs()));
    if (least.infinite == 0 && least.sum > row_hi + slack)
        || (most.infinite == 0 && most.sum < row_lo - slack)
    {
        return Err(Empty);
    }
    let loose = (most.infinite == 0 && most.sum <= row_hi) || row_hi == f64::INFINITY;
    let loose =
        loose && ((least.infinite == 0 && least.sum >= row_lo) || row_lo == f64::NEG_INFINITY);
    if loose || (least.infinite > 1 && most.infinite > 1) {
        return Ok(());
    }
    for &(j, a) in entries {
        let at = j as usize;
        if !problem.is_whole(at) || lo[at] == hi[at] {
            continue;
        }
        let (l, h) = (a * lo[at], a * hi[at]);
        let (own_least, own_most) = if a > 0.0 { (l, h) } else { (h, l) };
        // a x ≤ above and a x ≥ below.
        let above = least.without(own_least).map_or(f64::INFINITY, |rest| row_hi - rest);
        let below = most.without(own_most).map_or(f64::NEG_INFINITY, |rest| row_lo - rest);
        let (low, high) = if a > 0.0 { (below / a, above / a) } else { (above / a, below / a) };
        let (low, high) = ((low - TOLERANCE).ceil(), (high + TOLERANCE).floor());
        if low > lo[at] + 0.5 || high < hi[at] - 0.5 {
            lo[at] = lo[at].max(low);
            hi[at] = hi[at].min(high);
            if lo[at] > hi[at] {
                return Err(Empty);
            }
            changed.push(j);
            // The activities are of the old box; the row will be looked at again.
            return tighten(problem, row, lo, hi, changed);
        }
    }
    Ok(())
}
