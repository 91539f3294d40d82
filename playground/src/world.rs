//! The world of a program in a page: what it prints is kept, up to a length; time passes only where
//! it sleeps, and sleeping takes none; chance is the same every time. Files, network and
//! environment are refused, as [`Effects`] does by itself.

use eclexia_rt::effects::{Effects, SplitMix64};

/// What a page shows of what is printed, in bytes.
pub const MOST_PRINTED: usize = 1 << 18;

pub struct World {
    pub printed: String,
    /// Whether more was printed than is kept.
    pub is_cut: bool,
    /// Seconds since 1970-01-01 UTC when the program began.
    began: f64,
    slept: f64,
    random: SplitMix64,
}

impl World {
    pub fn new(now: f64) -> World {
        World {
            printed: String::new(),
            is_cut: false,
            began: now,
            slept: 0.0,
            random: SplitMix64(0),
        }
    }
}

impl Effects for World {
    fn print(&mut self, line: &str) {
        self.is_cut |= self.printed.len() + line.len() >= MOST_PRINTED;
        if !self.is_cut {
            self.printed.push_str(line);
            self.printed.push('\n');
        }
    }

    fn now(&mut self) -> f64 {
        self.began + self.slept
    }

    fn elapsed(&mut self) -> f64 {
        self.slept
    }

    fn sleep(&mut self, seconds: f64) {
        self.slept += seconds.max(0.0);
    }

    fn random(&mut self) -> u64 {
        self.random.next_u64()
    }
}
