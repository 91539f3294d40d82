//! The prices in force: how much more or less than usual each resource costs now. Adaptive
//! functions multiply the weights of their `:minimize` by them at every choice. One snapshot for
//! the process, read without locks: a reader sees all five weights of one change, never some of the
//! next.

use eclexia_choice::Snapshot;

/// Weights: 1 is the usual price.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Prices {
    pub energy: f64,
    pub latency: f64,
    pub carbon: f64,
    pub memory: f64,
    pub money: f64,
}

impl Default for Prices {
    fn default() -> Prices {
        Prices { energy: 1.0, latency: 1.0, carbon: 1.0, memory: 1.0, money: 1.0 }
    }
}

impl Prices {
    /// In the order in which programs get them.
    pub fn all(&self) -> [f64; 5] {
        [self.energy, self.latency, self.carbon, self.memory, self.money]
    }
}

/// Usual at first.
static IN_FORCE: Snapshot<5> = Snapshot::new(1.0);

/// Puts other prices into force, for choices from now on. What is no number of 0 or more stays out.
pub fn set(prices: Prices) -> bool {
    IN_FORCE.set(&prices.all())
}

/// Which change the prices are of; another number, other prices.
#[inline]
pub fn version() -> u64 {
    IN_FORCE.epoch()
}

/// The prices in force, and their version.
pub fn in_force() -> (Prices, u64) {
    let ([energy, latency, carbon, memory, money], version) = IN_FORCE.read();
    (Prices { energy, latency, carbon, memory, money }, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_of_one_change() {
        let equal = |x| Prices { energy: x, latency: x, carbon: x, memory: x, money: x };
        std::thread::scope(|scope| {
            scope.spawn(|| (1..10_000).all(|i| set(equal(f64::from(i)))));
            for _ in 0..10_000 {
                let all = in_force().0.all();
                assert!(all.iter().all(|weight| weight.to_bits() == all[0].to_bits()), "{all:?}");
            }
        });
        assert!(!set(equal(f64::NAN)) && !set(equal(-1.0)));
        assert!(set(Prices::default()));
        assert_eq!(in_force().0, Prices::default());
    }
}
