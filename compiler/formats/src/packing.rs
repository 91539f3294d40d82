//! The text format of vector bin packing: integers between blanks. The number of dimensions, the
//! capacity of a bin in each; the number of lines of items; then per line the sizes and a count.
//! What comes in: text; what goes out: an instance within the bounds that the search asks for, or
//! which number is wrong and why.

use eclexia_optimizer::packing::{Instance, Kind, MOST_AMOUNT, MOST_DIMENSIONS, MOST_ITEMS};

/// Which number of the text, counted from 1, and what it should have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub number: usize,
    pub expected: &'static str,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// No integer of the size that may stand here.
    Number(String),
    /// The text ends before it.
    Ends,
    /// It goes on after the last.
    GoesOn,
    /// An item of this line, counted from 1, does not fit into an empty bin.
    TooBig { line: usize },
    /// There are more items than are read.
    TooMany,
}

struct Numbers<'a> {
    words: std::str::SplitWhitespace<'a>,
    taken: usize,
}

impl Numbers<'_> {
    fn fault(&self, expected: &'static str, what: What) -> Fault {
        Fault { number: self.taken, expected, what }
    }

    fn between(&mut self, least: i64, most: i64, expected: &'static str) -> Result<i64, Fault> {
        self.taken += 1;
        let Some(word) = self.words.next() else { return Err(self.fault(expected, What::Ends)) };
        match word.parse::<i64>() {
            Ok(value) if (least..=most).contains(&value) => Ok(value),
            _ => Err(self.fault(expected, What::Number(word.chars().take(40).collect()))),
        }
    }
}

/// Reads an instance.
pub fn read(text: &str) -> Result<Instance, Fault> {
    let mut numbers = Numbers { words: text.split_whitespace(), taken: 0 };
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
    numbers.taken += 1;
    match numbers.words.next() {
        None => Ok(instance),
        Some(_) => Err(numbers.fault("end of the instance", What::GoesOn)),
    }
}
