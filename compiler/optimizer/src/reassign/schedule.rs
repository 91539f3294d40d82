//! How a search cools: the logarithm of the temperature, in those of the instance, falls steadily
//! between a few points.

/// Parts of the search and the logarithms there, from 0 to 1.
#[derive(Clone, Debug)]
pub struct Schedule(Vec<(f64, f64)>);

impl Schedule {
    pub fn through(points: &[(f64, f64)]) -> Schedule {
        Schedule(points.to_vec())
    }

    pub fn logarithm(&self, progress: f64) -> f64 {
        let pairs = self.0.windows(2);
        let within = |pair: &&[(f64, f64)]| progress <= pair[1].0;
        let Some(pair) = pairs.clone().find(within).or(pairs.last()) else { return 0.0 };
        let ((from, high), (until, low)) = (pair[0], pair[1]);
        let inside = ((progress - from) / (until - from).max(1e-9)).clamp(0.0, 1.0);
        high + (low - high) * inside
    }
}
