//! Bounds that hold whatever the solver did (Neumaier and Shcherbina 2004): any row multipliers
//! give, by weak duality, a lower bound on a linear programme over a box, and the arithmetic here
//! is rounded outwards. What comes in: an [`Lp`], boxes and multipliers from anywhere; what goes
//! out: a number no feasible point's cost is below. Nothing is assumed of the multipliers but their
//! signs, which are repaired.

use crate::lp::{Lp, Sense};

/// Relative error of one rounded operation, doubled; also covers that each coefficient is the
/// nearest float to an exact rational.
const UNIT: f64 = f64::EPSILON;

/// A lower bound on `min cost · x` over the rows and the box, and minus infinity when none follows.
/// With `scale_cost` 0 the cost is left out: a result above 0 then proves that no point is
/// feasible.
pub fn lagrangian(lp: &Lp, lo: &[f64], hi: &[f64], y: &[f64], scale_cost: f64) -> f64 {
    let clean = |i: usize| match lp.sense[i] {
        // Multipliers of `≤` rows of a minimisation are at most zero.
        Sense::AtMost if y[i] > 0.0 => 0.0,
        _ => y[i],
    };
    let y: Vec<f64> = (0..lp.rows()).map(clean).collect();
    let (mut sum, mut magnitude) = (0.0, 0.0);
    for (yi, b) in y.iter().zip(&lp.rhs) {
        sum += yi * b;
        magnitude += (yi * b).abs();
    }
    for j in 0..lp.columns() {
        let (rows, values) = lp.column(j);
        let c = lp.cost[j] * scale_cost;
        let (mut d, mut size) = (c, c.abs());
        for (r, v) in rows.iter().zip(values) {
            let term = y[*r as usize] * v;
            d -= term;
            size += term.abs();
        }
        let error = size * UNIT * (rows.len() + 3) as f64;
        let term = least_product(d - error, d + error, lo[j], hi[j]);
        if term == f64::NEG_INFINITY {
            return term;
        }
        sum += term;
        magnitude += term.abs();
    }
    let terms = (lp.columns() + lp.rows() + 3) as f64;
    sum - magnitude * UNIT * terms
}

/// The least of `d * x` for `d` in `low..=high` and `x` in the box; `lo` is finite.
fn least_product(low: f64, high: f64, lo: f64, hi: f64) -> f64 {
    if hi == f64::INFINITY {
        return if low < 0.0 { f64::NEG_INFINITY } else { (low * lo).min(high * lo) };
    }
    (low * lo).min(high * lo).min(low * hi).min(high * hi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_holds_for_any_multipliers() {
        let mut lp = Lp::new();
        let cover = lp.add_row(Sense::Equal, 3.0);
        lp.add_column(2.0, (0.0, 3.0), &[(cover, 1.0)]);
        lp.add_column(5.0, (0.0, 3.0), &[(cover, 2.0)]);
        let (lo, hi) = (lp.lo.clone(), lp.hi.clone());
        for y in [-4.0, 0.0, 1.0, 2.0, 2.5, 9.0] {
            assert!(lagrangian(&lp, &lo, &hi, &[y], 1.0) <= 6.0);
        }
        assert!(lagrangian(&lp, &lo, &hi, &[2.0], 1.0) > 6.0 - 1e-12);
        assert!(lagrangian(&lp, &lo, &[0.5, 0.5], &[1.0], 0.0) > 1.0);
    }
}
