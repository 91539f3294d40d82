//! Where code points are in long texts that are not ASCII: of a few strings that were asked last,
//! the byte where every 64th begins. So a loop over the places of a text is linear, and so is one
//! over what is left of it.
//!
//! 1. Known is what a place was asked for, up to there: what is behind is found when it is asked
//!    for. Appending in place changes nothing of it.
//! 2. A slice is found in the string that it is a part of.
//! 3. Only strings with a block of their own are known: who gives a block back, or moves it, says
//!    so here, and small cells are freed without a look.

use super::cell::Word;

/// Code points from one known place to the next.
const APART: usize = 64;

/// Strings that are known at a time.
const MOST: usize = 4;

#[derive(Default)]
pub(crate) struct Places {
    /// The one that was asked last comes last.
    known: Vec<Known>,
}

struct Known {
    string: Word,
    /// Of code point `i * APART`, the byte.
    bytes: Vec<u32>,
}

impl Places {
    /// A block is no string any more, or not this one.
    #[inline]
    pub fn forget(&mut self, block: Word) {
        if !self.known.is_empty() {
            self.known.retain(|known| known.string != block);
        }
    }

    fn of(&mut self, string: Word) -> &mut Known {
        match self.known.iter().position(|known| known.string == string) {
            Some(at) => self.known[at..].rotate_left(1),
            None => {
                if self.known.len() == MOST {
                    self.known.remove(0);
                }
                self.known.push(Known { string, bytes: vec![0] });
            }
        }
        let last = self.known.len() - 1;
        &mut self.known[last]
    }

    /// Where code point `index` of a string with this text begins, or the text ends.
    pub fn byte_of(&mut self, string: Word, text: &[u8], index: usize) -> usize {
        let known = self.of(string);
        known.look_until(text, |count, _| count > index / APART);
        let nearest = (index / APART).min(known.bytes.len() - 1);
        let mut left = index - nearest * APART;
        skip(text, known.bytes[nearest] as usize, |_| {
            left = left.wrapping_sub(1);
            left == usize::MAX
        })
    }

    /// How many code points of a string with this text begin before a byte.
    pub fn count_before(&mut self, string: Word, text: &[u8], byte: usize) -> usize {
        let known = self.of(string);
        known.look_until(text, |_, last| last >= byte);
        let nearest = known.bytes.partition_point(|known| *known as usize <= byte) - 1;
        let mut count = nearest * APART;
        skip(text, known.bytes[nearest] as usize, |at| {
            count += usize::from(at < byte);
            at >= byte
        });
        count
    }
}

impl Known {
    /// Adds places until there are enough by their number and the last of them, or the text ends.
    fn look_until(&mut self, text: &[u8], enough: impl Fn(usize, usize) -> bool) {
        loop {
            let last = self.bytes[self.bytes.len() - 1] as usize;
            if enough(self.bytes.len(), last) {
                return;
            }
            let mut left = APART;
            let next = skip(text, last, |_| {
                let is_there = left == 0;
                left = left.saturating_sub(1);
                is_there
            });
            if next == text.len() {
                return;
            }
            self.bytes.push(next as u32);
        }
    }
}

/// The first byte from `at` on where a code point begins of which `is_there` says so; else the end.
#[inline]
fn skip(text: &[u8], mut at: usize, mut is_there: impl FnMut(usize) -> bool) -> usize {
    while let Some(first) = text.get(at) {
        if is_there(at) {
            return at;
        }
        at += match first {
            0..0xC0 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_counting_finds() {
        let mut places = Places::default();
        let text = "aäß€😀b".repeat(100);
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let bytes = text.as_bytes();
        for step in [1, 7, 63, 64, 65, 128, 200] {
            for index in (0..starts.len()).step_by(step).chain((0..starts.len()).rev()) {
                assert_eq!(places.byte_of(8, bytes, index), starts[index]);
                assert_eq!(places.count_before(8, bytes, starts[index]), index);
            }
            places.forget(8);
        }
        for index in [starts.len(), starts.len() + 1, usize::MAX] {
            assert_eq!(places.byte_of(16, bytes, index), text.len());
        }
        assert_eq!(places.count_before(16, bytes, text.len()), starts.len());
    }

    #[test]
    fn what_is_appended_is_found_too() {
        let mut places = Places::default();
        let mut text = "é".repeat(100);
        for _ in 0..20 {
            let count = text.chars().count();
            assert_eq!(places.byte_of(8, text.as_bytes(), count), text.len());
            assert_eq!(places.byte_of(8, text.as_bytes(), count - 1), text.len() - 2);
            text.push_str(&"aé".repeat(50));
        }
    }

    #[test]
    fn few_strings_are_known_and_the_last_stay() {
        let mut places = Places::default();
        let text = "é".repeat(1000);
        for string in 1..=6u64 {
            places.byte_of(8 * string, text.as_bytes(), 900);
            places.byte_of(8, text.as_bytes(), 900);
        }
        assert_eq!(places.known.len(), MOST);
        assert!(places.known.iter().any(|known| known.string == 8));
        places.forget(8);
        assert!(places.known.iter().all(|known| known.string != 8));
    }
}
