//! Strings: UTF-8, counted in code points. How many there are is counted when first asked for and
//! kept; where it is the number of bytes, the string is ASCII and places are found at once. A slice
//! shares the bytes of its parent, which does not change while it is shared. Up to seven bytes are
//! in the word itself (`short`), longer ones always in a cell.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use super::cell::{
    CAPACITY, ELEMENTS, LENGTH, SLICE, STRING, Word, dup, field, info, is_immediate, is_unique,
    set_field,
};
use super::context::Context;
use super::free::words_for;
use super::short;
use std::cmp::Ordering;
use std::ops::Range;

/// The longest string that is made, in bytes: doubling in a loop ends here, not with the memory.
pub const MAX_BYTES: usize = 1 << 30;

/// The number of code points is not known yet.
const UNKNOWN: u32 = u32::MAX;

/// Where the number of code points is.
const CHARS: usize = 20;

/// A part of at most so many bytes is copied: it takes no more room than a slice.
const COPIED: usize = 32;

/// In a shorter text that is not ASCII, code points are counted from its beginning. A string of so
/// many bytes has a block of its own (`places`).
const LONG: usize = 8 * super::chunks::CLASSES;

/// The text of a string, which is held while it is looked at.
#[inline]
pub fn text(word: &Word) -> &str {
    let bytes = if is_immediate(*word) { short::bytes(word) } else { bytes_of_cell(*word) };
    // SAFETY: strings hold UTF-8.
    unsafe { std::str::from_utf8_unchecked(bytes) }
}

#[inline]
fn bytes_of_cell<'a>(word: Word) -> &'a [u8] {
    let start =
        if info(word) == STRING { word as usize + ELEMENTS } else { field(word, 3) as usize };
    // SAFETY: strings have bytes of this number; the caller holds the reference while it looks.
    unsafe { std::slice::from_raw_parts(start as *const u8, length_of_cell(word)) }
}

/// Whether two strings have the same text.
#[inline]
pub fn equal(a: Word, b: Word) -> bool {
    if a == b {
        return true;
    }
    if is_immediate(a) || is_immediate(b) {
        return false;
    }
    let (a, b) = (bytes_of_cell(a), bytes_of_cell(b));
    // As `copy` does it: short texts are the most.
    match a.len() {
        length if length != b.len() => false,
        8..=16 => a[..8] == b[..8] && a[a.len() - 8..] == b[b.len() - 8..],
        _ => a == b,
    }
}

/// By their bytes, which is the order of code points.
#[inline]
pub fn compare(a: Word, b: Word) -> Ordering {
    if is_immediate(a) && is_immediate(b) {
        return (short::head(a), short::length(a)).cmp(&(short::head(b), short::length(b)));
    }
    text(&a).cmp(text(&b))
}

/// Bytes.
#[inline]
pub fn length(word: Word) -> usize {
    if is_immediate(word) { short::length(word) } else { length_of_cell(word) }
}

#[inline]
fn length_of_cell(word: Word) -> usize {
    // SAFETY: strings and slices have their length here.
    unsafe { *((word as usize + LENGTH) as *const u64) as usize }
}

/// Bytes that a string has room for; of a slice, 0.
#[inline]
pub(crate) fn capacity(word: Word) -> usize {
    if is_immediate(word) {
        return short::LONGEST;
    }
    // SAFETY: a string has its capacity here, a slice 0.
    unsafe { *((word as usize + CAPACITY) as *const u32) as usize }
}

#[inline]
fn set_counts(word: Word, length: usize, chars: u32) {
    // SAFETY: strings and slices have their length and number of code points here.
    unsafe {
        *((word as usize + LENGTH) as *mut u64) = length as u64;
        *((word as usize + CHARS) as *mut u32) = chars;
    }
}

#[inline]
fn known_chars(word: Word) -> u32 {
    if is_immediate(word) {
        return short::chars(word) as u32;
    }
    // SAFETY: strings and slices have their number of code points here.
    unsafe { *((word as usize + CHARS) as *const u32) }
}

/// Code points.
#[inline]
pub fn chars(word: Word) -> usize {
    match known_chars(word) {
        UNKNOWN => {
            let count = text(&word).chars().count();
            set_counts(word, length_of_cell(word), count as u32);
            count
        }
        known => known as usize,
    }
}

#[inline]
pub fn is_ascii(word: Word) -> bool {
    chars(word) == length(word)
}

/// The numbers of code points that a part from `start` up to, not including, `end` has.
#[inline]
fn places_between(start: i64, end: i64) -> Range<usize> {
    let start = usize::try_from(start).unwrap_or(0);
    start..usize::try_from(end).unwrap_or(0).max(start)
}

impl Context {
    /// Where code point `index` begins, or the string ends.
    #[inline]
    fn byte_of(&mut self, word: Word, index: usize) -> usize {
        if is_ascii(word) { index.min(length(word)) } else { self.byte_among(word, index) }
    }

    fn byte_among(&mut self, word: Word, index: usize) -> usize {
        let text = text(&word);
        if text.len() < LONG {
            return text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
        }
        // What has so many bytes is a cell.
        let string = if info(word) == SLICE { field(word, 2) } else { word };
        let whole = bytes_of_cell(string);
        let from = text.as_ptr() as usize - whole.as_ptr() as usize;
        let places = &mut self.host.places;
        let before = if from == 0 { 0 } else { places.count_before(string, whole, from) };
        let byte = places.byte_of(string, whole, before.saturating_add(index));
        (byte - from).min(text.len())
    }

    /// The bytes of the code points from `start` up to, not including, `end`.
    #[inline]
    pub(crate) fn bytes_between(&mut self, of: Word, start: i64, end: i64) -> Range<usize> {
        let Range { start, end } = places_between(start, end);
        self.byte_of(of, start)..self.byte_of(of, end)
    }

    /// A string with room for so many bytes, all of its length still to be written.
    #[inline]
    fn string_with_room(&mut self, length: usize, room: usize) -> Word {
        let words = words_for(room);
        let word = self.alloc(words, STRING);
        // SAFETY: the cell was made with this room, rounded up to words.
        unsafe { *((word as usize + CAPACITY) as *mut u32) = ((words - 2) * 8) as u32 }
        set_counts(word, length, UNKNOWN);
        word
    }

    /// An empty string, to which so many bytes are appended: not less, as a short one is a word.
    pub(crate) fn string_for(&mut self, bytes: usize) -> Word {
        if bytes <= short::LONGEST {
            return short::EMPTY;
        }
        let word = self.string_with_room(0, bytes);
        set_counts(word, 0, 0);
        word
    }

    #[inline]
    pub fn new_string(&mut self, text: &str) -> Word {
        short::of(text.as_bytes()).unwrap_or_else(|| self.long_string(text, UNKNOWN))
    }

    /// As [`Context::new_string`], of a text that is known to be ASCII.
    #[inline]
    pub(crate) fn new_ascii(&mut self, text: &str) -> Word {
        short::of(text.as_bytes()).unwrap_or_else(|| self.long_string(text, text.len() as u32))
    }

    fn long_string(&mut self, text: &str, chars: u32) -> Word {
        let word = self.string_with_room(text.len(), text.len());
        write(word, 0, text.as_bytes());
        set_counts(word, text.len(), chars);
        word
    }

    /// Part of a string, from byte to byte at code points.
    #[inline]
    pub fn part(&mut self, of: Word, from: usize, to: usize) -> Word {
        short::of(&text(&of).as_bytes()[from..to]).unwrap_or_else(|| self.long_part(of, from, to))
    }

    fn long_part(&mut self, of: Word, from: usize, to: usize) -> Word {
        let whole = text(&of);
        if from == 0 && to == whole.len() {
            return dup(of);
        }
        let part = &whole[from..to];
        let is_ascii = known_chars(of) as usize == whole.len();
        let chars = if is_ascii { part.len() as u32 } else { UNKNOWN };
        if part.len() <= COPIED {
            return self.long_string(part, chars);
        }
        let parent = if info(of) == SLICE { field(of, 2) } else { of };
        let word = self.alloc(4, SLICE);
        set_field(word, 1, 0);
        set_counts(word, part.len(), chars);
        set_field(word, 2, dup(parent));
        set_field(word, 3, part.as_ptr() as u64);
        word
    }

    /// A part of a borrowed string's text, `part` being of `text(of)`.
    pub fn part_of(&mut self, of: &Word, part: &str) -> Word {
        let from = part.as_ptr() as usize - text(of).as_ptr() as usize;
        self.part(*of, from, from + part.len())
    }

    /// The code points from `start` up to, not including, `end`.
    #[inline]
    pub fn slice_string(&mut self, of: Word, start: i64, end: i64) -> Word {
        let bytes = self.bytes_between(of, start, end);
        let part = self.part(of, bytes.start, bytes.end);
        if !is_immediate(part) && known_chars(part) == UNKNOWN {
            // Else the next part of this part would have to count it.
            let Range { start, end } = places_between(start, end);
            set_counts(part, bytes.len(), (end.min(chars(of)) - start) as u32);
        }
        part
    }

    /// `first` with `more` behind it; owns `first`. In place when it is used nowhere else, with
    /// room doubled, so that appending in a loop is linear. The caller has seen to the size.
    #[inline]
    pub fn append_string(&mut self, first: Word, more: Word) -> Word {
        self.append_bytes(first, text(&more).as_bytes(), known_chars(more))
    }

    /// The same with a part of `more`, between code points, which is not made for that.
    #[inline]
    pub(crate) fn append_part(&mut self, first: Word, more: Word, part: Range<usize>) -> Word {
        let is_ascii = known_chars(more) as usize == length(more);
        let chars = if is_ascii { part.len() as u32 } else { UNKNOWN };
        self.append_bytes(first, &text(&more).as_bytes()[part], chars)
    }

    #[inline]
    fn append_bytes(&mut self, first: Word, more: &[u8], chars: u32) -> Word {
        let old = length(first);
        let total = old + more.len();
        if is_immediate(first) {
            if total <= short::LONGEST {
                return short::append(first, short::word(more));
            }
            return self.append_slowly(first, more, chars);
        }
        if info(first) == STRING && is_unique(first) && total <= capacity(first) {
            write(first, old, more);
            set_counts(first, total, sum_of_chars(known_chars(first), chars));
            return first;
        }
        self.append_slowly(first, more, chars)
    }

    fn append_slowly(&mut self, first: Word, more: &[u8], chars: u32) -> Word {
        let old = length(first);
        let total = old + more.len();
        let chars = sum_of_chars(known_chars(first), chars);
        // What is behind itself must not move away.
        let is_itself = text(&first).as_bytes().as_ptr_range().contains(&more.as_ptr());
        let is_own = !is_immediate(first) && info(first) == STRING && is_unique(first);
        if !is_own || is_itself {
            let word = self.string_with_room(total, total);
            write(word, 0, text(&first).as_bytes());
            write(word, old, more);
            set_counts(word, total, chars);
            self.drop_word(first);
            return word;
        }
        let mut word = first;
        let room = capacity(first);
        if total > room {
            let words = words_for(total.max((2 * room).min(MAX_BYTES)));
            word = self.grow_memory(first, words_for(room), words);
            // SAFETY: the cell has this room now.
            unsafe { *((word as usize + CAPACITY) as *mut u32) = ((words - 2) * 8) as u32 }
        }
        write(word, old, more);
        set_counts(word, total, chars);
        word
    }
}

#[inline]
fn sum_of_chars(first: u32, more: u32) -> u32 {
    match (first, more) {
        (UNKNOWN, _) | (_, UNKNOWN) => UNKNOWN,
        (a, b) => a + b,
    }
}

/// Copies bytes into a string that has room for them.
#[inline]
fn write(word: Word, at: usize, text: &[u8]) {
    // SAFETY: the string has the room, and is no other than `text`'s.
    unsafe { copy(text.as_ptr(), (word as usize + ELEMENTS + at) as *mut u8, text.len()) }
}

/// A few bytes as two numbers that overlap: less than a call takes.
///
/// # Safety
/// As that of `copy_nonoverlapping`.
#[inline]
unsafe fn copy(from: *const u8, to: *mut u8, length: usize) {
    // SAFETY: no number goes beyond `length`.
    unsafe {
        match length {
            0 => {}
            1 => *to = *from,
            2..4 => ends::<u16>(from, to, length),
            4..8 => ends::<u32>(from, to, length),
            8..=16 => ends::<u64>(from, to, length),
            _ => std::ptr::copy_nonoverlapping(from, to, length),
        }
    }
}

/// The first and the last of `length` bytes.
///
/// # Safety
/// As that of `copy_nonoverlapping`, and there are as many bytes as `T` has.
#[inline]
unsafe fn ends<T: Copy>(from: *const u8, to: *mut u8, length: usize) {
    let last = length - size_of::<T>();
    // SAFETY: the caller's promise.
    unsafe {
        let ends = [from, from.add(last)].map(|at| (at as *const T).read_unaligned());
        (to as *mut T).write_unaligned(ends[0]);
        (to.add(last) as *mut T).write_unaligned(ends[1]);
    }
}
