//! Prices shared by an atomic snapshot: a sequence lock. Readers never wait for each other and
//! write nothing; one writer at a time changes all prices together.

use core::array;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicU64, Ordering, fence};

/// So many prices, on cache lines of their own.
#[repr(align(64))]
pub struct Snapshot<const R: usize> {
    /// Odd while the prices change.
    epoch: AtomicU64,
    /// By their bits.
    prices: [AtomicU64; R],
}

impl<const R: usize> Snapshot<R> {
    /// All prices the same at first.
    pub const fn new(price: f64) -> Snapshot<R> {
        let prices = [const { AtomicU64::new(0) }; R];
        let mut at = 0;
        let mut made = Snapshot { epoch: AtomicU64::new(0), prices };
        while at < R {
            made.prices[at] = AtomicU64::new(price.to_bits());
            at += 1;
        }
        made
    }

    /// Puts other prices into force; `false`, and nothing changes, where one is no number of 0 or
    /// more.
    pub fn set(&self, prices: &[f64; R]) -> bool {
        if !prices.iter().all(|price| price.is_finite() && *price >= 0.0) {
            return false;
        }
        // The epoch is odd for whoever else would write.
        let mut epoch = self.epoch.load(Ordering::Relaxed) & !1;
        while let Err(now) =
            self.epoch.compare_exchange(epoch, epoch + 1, Ordering::Acquire, Ordering::Relaxed)
        {
            spin_loop();
            epoch = now & !1;
        }
        fence(Ordering::Release);
        for (place, price) in self.prices.iter().zip(prices) {
            place.store(price.to_bits(), Ordering::Relaxed);
        }
        self.epoch.store(epoch + 2, Ordering::Release);
        true
    }

    /// Which change the prices are of; another number, other prices.
    #[inline]
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// The prices in force, and their epoch.
    #[inline]
    pub fn read(&self) -> ([f64; R], u64) {
        loop {
            let before = self.epoch();
            let prices =
                array::from_fn(|at| f64::from_bits(self.prices[at].load(Ordering::Relaxed)));
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.epoch.load(Ordering::Relaxed) == before {
                return (prices, before);
            }
            spin_loop();
        }
    }
}
