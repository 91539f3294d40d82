//! The judge of packings: every item in one bin, no bin above its capacity. It shares nothing with
//! the search.

use super::instance::{Bin, Instance};

/// Which rule a packing breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// There is no kind of this number.
    UnknownKind { bin: usize, kind: u32 },
    /// Another number of items of the kind is packed than there are.
    Count { kind: usize },
    /// A bin holds more than its capacity.
    Capacity { bin: usize, dimension: usize },
}

/// The number of bins that are used.
pub fn check(instance: &Instance, bins: &[Bin]) -> Result<u64, Broken> {
    let mut packed = vec![0u64; instance.kinds.len()];
    for (b, bin) in bins.iter().enumerate() {
        let mut load = vec![0i128; instance.capacity.len()];
        for &(kind, n) in bin {
            let Some(found) = instance.kinds.get(kind as usize) else {
                return Err(Broken::UnknownKind { bin: b, kind });
            };
            packed[kind as usize] += u64::from(n);
            for (sum, size) in load.iter_mut().zip(&found.size) {
                *sum += i128::from(*size) * i128::from(n);
            }
        }
        let full = |(load, capacity): (&i128, &i64)| *load > i128::from(*capacity);
        if let Some(dimension) = load.iter().zip(&instance.capacity).position(full) {
            return Err(Broken::Capacity { bin: b, dimension });
        }
    }
    let wrong = instance.kinds.iter().zip(&packed).position(|(k, n)| u64::from(k.count) != *n);
    match wrong {
        Some(kind) => Err(Broken::Count { kind }),
        None => Ok(bins.iter().filter(|bin| bin.iter().any(|(_, n)| *n > 0)).count() as u64),
    }
}
