//! Integers between blanks, counted as they are taken: what the plain text formats are made of.

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
    /// There is no resource, machine or service of this number.
    Unknown(i64),
    /// Costs could overflow.
    Overflow,
    /// An item of this line, counted from 1, does not fit into an empty bin.
    TooBig { line: usize },
    /// There are more items than are read.
    TooMany,
}

pub struct Numbers<'a> {
    words: std::str::SplitWhitespace<'a>,
    taken: usize,
}

impl Numbers<'_> {
    pub fn new(text: &str) -> Numbers<'_> {
        Numbers { words: text.split_whitespace(), taken: 0 }
    }

    /// About the number taken last.
    pub fn fault(&self, expected: &'static str, what: What) -> Fault {
        Fault { number: self.taken, expected, what }
    }

    pub fn between(&mut self, least: i64, most: i64, expected: &'static str) -> Result<i64, Fault> {
        self.taken += 1;
        let Some(word) = self.words.next() else { return Err(self.fault(expected, What::Ends)) };
        match word.parse::<i64>() {
            Ok(value) if (least..=most).contains(&value) => Ok(value),
            _ => Err(self.fault(expected, What::Number(word.chars().take(40).collect()))),
        }
    }

    pub fn end(mut self, expected: &'static str) -> Result<(), Fault> {
        self.taken += 1;
        match self.words.next() {
            None => Ok(()),
            Some(_) => Err(self.fault(expected, What::GoesOn)),
        }
    }
}
