//! Sums that stay below what they stand for: a bound is only a proof when rounding cannot have
//! lifted it.

/// What prices are scaled down by beyond what pricing asks for, relative: more than the rounding of
/// a knapsack's value, a sum of some hundred terms.
pub const SAFETY: f64 = 1e-11;

/// A sum with the size of its terms.
#[derive(Default)]
pub struct Sum {
    total: f64,
    size: f64,
    terms: f64,
}

impl Sum {
    pub fn add(&mut self, term: f64) {
        self.total += term;
        self.size += term.abs();
        self.terms += 1.0;
    }

    /// No more than the exact sum: each addition rounds by at most half a unit in the last place of
    /// a partial sum, none of which is larger than the sum of sizes (Higham 1993).
    pub fn below(&self) -> f64 {
        if self.total == f64::INFINITY {
            return self.total;
        }
        self.total - self.size * self.terms * f64::EPSILON
    }
}
