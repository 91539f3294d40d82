//! The prices in force: how much more or less than usual each resource costs now. Adaptive
//! functions multiply the weights of their `:minimize` by them at every choice. One snapshot for
//! the process, read without locks: a reader sees all five weights of one change, never some of the
//! next.

use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Mutex, PoisonError};

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

const USUAL: u64 = 1.0_f64.to_bits();

/// Odd while the weights change.
static VERSION: AtomicU64 = AtomicU64::new(0);
static WEIGHTS: [AtomicU64; 5] = [const { AtomicU64::new(USUAL) }; 5];
/// One change at a time.
static CHANGE: Mutex<()> = Mutex::new(());

/// Puts other prices into force, for choices from now on. What is no positive number stays out.
pub fn set(prices: Prices) -> bool {
    let is_price = |weight: &f64| weight.is_finite() && *weight >= 0.0;
    let all = prices.all();
    if !all.iter().all(is_price) {
        return false;
    }
    let _one = CHANGE.lock().unwrap_or_else(PoisonError::into_inner);
    let version = VERSION.load(Ordering::Relaxed);
    VERSION.store(version + 1, Ordering::Relaxed);
    fence(Ordering::Release);
    for (place, weight) in WEIGHTS.iter().zip(all) {
        place.store(weight.to_bits(), Ordering::Relaxed);
    }
    VERSION.store(version + 2, Ordering::Release);
    true
}

/// Which change the prices are of; another number, other prices.
#[inline]
pub fn version() -> u64 {
    VERSION.load(Ordering::Acquire)
}

/// The prices in force, and their version.
pub fn in_force() -> (Prices, u64) {
    loop {
        let before = version();
        let [energy, latency, carbon, memory, money] =
            [0, 1, 2, 3, 4].map(|i| f64::from_bits(WEIGHTS[i].load(Ordering::Relaxed)));
        fence(Ordering::Acquire);
        if before.is_multiple_of(2) && VERSION.load(Ordering::Relaxed) == before {
            return (Prices { energy, latency, carbon, memory, money }, before);
        }
        std::hint::spin_loop();
    }
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
