//! The text format of vector bin packing: integers between blanks. The number of dimensions, the
//! capacity of a bin in each; the number of lines of items; then per line the sizes and a count.
//! What comes in: text; what goes out: an instance within the bounds that the search asks for, or
//! which number is wrong and why.

use crate::integers::Numbers;
pub use crate::integers::{Fault, What};
use eclexia_optimizer::packing::{Instance, Kind, MOST_AMOUNT, MOST_DIMENSIONS, MOST_ITEMS};

/// Reads an instance.
pub fn read(text: &str) -> Result<Instance, Fault> {
    let mut numbers = Numbers::new(text);
    let dims = numbers.between(1, MOST_DIMENSIONS as i64, "number of dimensions, 1 to 32")?;
    let mut instance = Instance::default();
    for _ in 0..dims {
        instance.capacity.push(numbers.between(0, MOST_AMOUNT, "capacity of a bin")?);
    }
    let lines = numbers.between(0, MOST_ITEMS as i64, "number of lines of items")?;
    let mut items = 0;
    for line in 1..=lines as usize {
        let size = |_| numbers.between(-MOST_AMOUNT, MOST_AMOUNT, "size of an item");
        let size: Vec<i64> = (0..dims).map(size).collect::<Result<_, _>>()?;
        let count = numbers.between(0, MOST_ITEMS as i64, "number of items of this size")?;
        items += count as u64;
        if items > MOST_ITEMS {
            return Err(numbers.fault("end of the items: at most 20000", What::TooMany));
        }
        if size.iter().zip(&instance.capacity).any(|(s, c)| s > c) {
            return Err(numbers.fault("items that fit into a bin", What::TooBig { line }));
        }
        instance.kinds.push(Kind { size, count: count as u32 });
    }
    numbers.end("end of the instance")?;
    Ok(instance)
}
