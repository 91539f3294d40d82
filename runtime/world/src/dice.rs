//! Chance, from a seed: the same seed gives the same numbers on every machine.
//!
//! Waiting times are made by von Neumann's comparisons ("Various techniques used in connection with
//! random digits", 1951) and not by a logarithm, whose last digit is the machine's own.

use eclexia_base::SplitMix64;

#[derive(Clone, Debug)]
pub struct Dice(SplitMix64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(SplitMix64(seed))
    }

    /// At least 0 and less than 1.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn happens(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// From half of `mean` to half as much again, evenly.
    pub fn around(&mut self, mean: u64) -> u64 {
        let part = 0.5 + self.unit();
        (mean as f64 * part) as u64
    }

    /// How long until it happens that happens so often a millisecond; `None`: it never does.
    pub fn wait(&mut self, rate: f64) -> Option<u64> {
        if rate <= 0.0 {
            return None;
        }
        let wait = self.exponential() / rate;
        // What lies beyond all clocks never happens.
        (wait < 1e15).then_some(wait as u64)
    }

    /// Exponentially distributed with mean 1. A run of falling numbers that begins with `x` has odd
    /// length with probability exp(-x); each run of even length adds a whole one.
    fn exponential(&mut self) -> f64 {
        let mut whole = 0.0;
        loop {
            let first = self.unit();
            let (mut last, mut length) = (first, 1);
            loop {
                let next = self.unit();
                if next >= last {
                    break;
                }
                (last, length) = (next, length + 1);
            }
            if length % 2 == 1 {
                return whole + first;
            }
            whole += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_have_their_mean_and_no_memory() {
        let mut dice = Dice::new(42);
        let waits: Vec<f64> = (0..100_000).map(|_| dice.exponential()).collect();
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        let later = |t: f64| waits.iter().filter(|w| **w > t).count() as f64;
        assert!((later(2.0) / later(1.0) - later(1.0) / 1e5).abs() < 0.01);
    }

    #[test]
    fn what_has_no_rate_never_happens() {
        assert_eq!(Dice::new(1).wait(0.0), None);
        assert!(!Dice::new(1).happens(0.0));
        assert!(Dice::new(1).happens(1.0));
    }
}
