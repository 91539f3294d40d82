//! What vector bin packing is about, as data.

/// Most dimensions, items counted one by one, and the magnitude of an amount.
pub const MOST_DIMENSIONS: usize = 32;
pub const MOST_ITEMS: u64 = 20_000;
pub const MOST_AMOUNT: i64 = 1 << 40;

/// Items of equal sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// One amount per dimension; one below zero makes room.
    pub size: Vec<i64>,
    pub count: u32,
}

/// Bins are alike, and there are as many as are wanted. Always: every kind has as many sizes as
/// there are dimensions, each item fits into a bin alone, and all is within the bounds above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    pub capacity: Vec<i64>,
    pub kinds: Vec<Kind>,
}

/// Kind and number of each item in one bin, kinds rising.
pub type Bin = Vec<(u32, u32)>;

impl Instance {
    pub fn items(&self) -> u64 {
        self.kinds.iter().map(|k| u64::from(k.count)).sum()
    }

    /// The bins that the sum of sizes alone asks for, in the worst dimension.
    pub fn volume_bound(&self) -> u64 {
        let mut least = u64::from(self.items() > 0);
        for (d, capacity) in self.capacity.iter().enumerate() {
            let terms = self.kinds.iter().map(|k| i128::from(k.size[d]) * i128::from(k.count));
            let (sum, capacity) = (terms.sum::<i128>(), i128::from(*capacity));
            if sum > 0 && capacity > 0 {
                least = least.max(((sum + capacity - 1) / capacity) as u64);
            }
        }
        least
    }
}
