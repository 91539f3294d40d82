//! Calm: parts of requests for two variants at the margin, and no change for little.

/// Two variants that cost the same at the margin: the relaxation takes `part` of the second. All
/// replicas together keep to the part, without speaking to each other.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mix {
    pub first: usize,
    pub second: usize,
    /// From 0 to 1.
    pub part: f64,
}

impl Mix {
    /// Of a request, by any number that names it: the same number, the same variant.
    pub fn choose(&self, request: u64) -> usize {
        // SplitMix64's finaliser (Steele, Lea and Flood 2014): neighbours fall far apart.
        let mut x = request.wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        // 53 bits, as many as a number has.
        let place = (x >> 11) as f64 / (1_u64 << 53) as f64;
        if place < self.part { self.second } else { self.first }
    }
}

/// What is chosen now.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Habit {
    pub variant: usize,
}

impl Habit {
    /// Whether to change to `better`, which costs `cost`, from what costs `now`, where a change
    /// costs `change`: then it is made.
    pub fn offer(&mut self, better: usize, (now, cost): (f64, f64), change: f64) -> bool {
        let changes = better != self.variant && now - cost > change;
        if changes {
            self.variant = better;
        }
        changes
    }
}
