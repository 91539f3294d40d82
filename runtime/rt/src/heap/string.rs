//! Strings: UTF-8, counted in code points. How many there are is counted when first asked for and
//! kept; where it is the number of bytes, the string is ASCII and places are found at once. A slice
//! shares the bytes of its parent, which does not change while it is shared.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use super::cell::{
    CAPACITY, ELEMENTS, LENGTH, SLICE, STRING, Word, dup, field, info, is_unique, set_field,
};
use super::context::Context;
use super::free::words_for;
use std::ops::Range;

/// The longest string that is made, in bytes: doubling in a loop ends here, not with the memory.
pub const MAX_BYTES: usize = 1 << 30;

/// The number of code points is not known yet.
const UNKNOWN: u32 = u32::MAX;

/// Where the number of code points is.
const CHARS: usize = 20;

/// A part of at most so many bytes is copied: it takes no more room than a slice.
const COPIED: usize = 32;

/// The bytes of a string, whose word lives longer.
#[inline]
pub fn text<'a>(word: Word) -> &'a str {
    let length = length(word);
    let start =
        if info(word) == STRING { word as usize + ELEMENTS } else { field(word, 3) as usize };
    // SAFETY: strings hold UTF-8 of this length; the caller holds the reference while it looks.
    unsafe {
        let bytes = std::slice::from_raw_parts(start as *const u8, length);
        std::str::from_utf8_unchecked(bytes)
    }
}

/// Whether two strings have the same text.
#[inline]
pub fn equal(a: Word, b: Word) -> bool {
    if a == b {
        return true;
    }
    let (a, b) = (text(a).as_bytes(), text(b).as_bytes());
    if a.len() != b.len() {
        return false;
    }
    // As `copy` does it: short texts are the most.
    let ends = |width: usize| -> bool {
        let last = a.len() - width;
        a[..width] == b[..width] && a[last..] == b[last..]
    };
    match a.len() {
        0 => true,
        1 => a[0] == b[0],
        2..4 => ends(2),
        4..8 => ends(4),
        8..=16 => ends(8),
        _ => a == b,
    }
}

/// Bytes.
#[inline]
pub fn length(word: Word) -> usize {
    // SAFETY: strings and slices have their length here.
    unsafe { *((word as usize + LENGTH) as *const u64) as usize }
}

/// Bytes that a string has room for; of a slice, 0.
#[inline]
pub(crate) fn capacity(word: Word) -> usize {
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
    // SAFETY: strings and slices have their number of code points here.
    unsafe { *((word as usize + CHARS) as *const u32) }
}

/// Code points.
#[inline]
pub fn chars(word: Word) -> usize {
    match known_chars(word) {
        UNKNOWN => {
            let count = text(word).chars().count();
            set_counts(word, length(word), count as u32);
            count
        }
        known => known as usize,
    }
}

#[inline]
pub fn is_ascii(word: Word) -> bool {
    chars(word) == length(word)
}

/// Where code point `index` begins, or the string ends.
#[inline]
fn byte_of(word: Word, index: usize) -> usize {
    if is_ascii(word) { index.min(length(word)) } else { byte_among(text(word), index) }
}

fn byte_among(text: &str, index: usize) -> usize {
    text.char_indices().nth(index).map_or(text.len(), |(at, _)| at)
}

/// The bytes of the code points from `start` up to, not including, `end`.
#[inline]
pub(crate) fn bytes_between(of: Word, start: i64, end: i64) -> Range<usize> {
    let start = usize::try_from(start).unwrap_or(0);
    let end = usize::try_from(end).unwrap_or(0).max(start);
    byte_of(of, start)..byte_of(of, end)
}

impl Context {
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

    /// An empty string with room for so many bytes.
    pub(crate) fn string_for(&mut self, bytes: usize) -> Word {
        let word = self.string_with_room(0, bytes);
        set_counts(word, 0, 0);
        word
    }

    #[inline]
    pub fn new_string(&mut self, text: &str) -> Word {
        let word = self.string_with_room(text.len(), text.len());
        write(word, 0, text.as_bytes());
        word
    }

    /// As [`Context::new_string`], of a text that is known to be ASCII.
    #[inline]
    pub(crate) fn new_ascii(&mut self, text: &str) -> Word {
        let word = self.new_string(text);
        set_counts(word, text.len(), text.len() as u32);
        word
    }

    /// The string of one character; those of ASCII are made once.
    pub fn char_string(&mut self, c: char) -> Word {
        let Some(kept) = self.host.ascii.get(c as usize).copied() else {
            let mut buffer = [0; 4];
            let word = self.new_string(c.encode_utf8(&mut buffer));
            set_counts(word, c.len_utf8(), 1);
            return word;
        };
        if kept != 0 {
            return dup(kept);
        }
        let mut buffer = [0; 4];
        let word = self.new_ascii(c.encode_utf8(&mut buffer));
        self.allocations -= 1;
        self.host.ascii[c as usize] = word;
        dup(word)
    }

    /// Part of a string, from byte to byte at code points.
    pub fn part(&mut self, of: Word, from: usize, to: usize) -> Word {
        let whole = text(of);
        if from == 0 && to == whole.len() {
            return dup(of);
        }
        let part = &whole[from..to];
        let all_ascii = known_chars(of) as usize == whole.len();
        if part.len() <= COPIED {
            if all_ascii && part.len() > 1 {
                return self.new_ascii(part);
            }
            let mut chars = part.chars();
            return match (chars.next(), chars.next()) {
                (Some(only), None) => self.char_string(only),
                _ => self.new_string(part),
            };
        }
        let parent = if info(of) == SLICE { field(of, 2) } else { of };
        let word = self.alloc(4, SLICE);
        set_field(word, 1, 0);
        set_counts(word, part.len(), if all_ascii { part.len() as u32 } else { UNKNOWN });
        set_field(word, 2, dup(parent));
        set_field(word, 3, part.as_ptr() as u64);
        word
    }

    /// A part of a borrowed string's text.
    pub fn part_of(&mut self, of: Word, part: &str) -> Word {
        let from = part.as_ptr() as usize - text(of).as_ptr() as usize;
        self.part(of, from, from + part.len())
    }

    /// The code points from `start` up to, not including, `end`.
    #[inline]
    pub fn slice_string(&mut self, of: Word, start: i64, end: i64) -> Word {
        // One character of what is ASCII, by far the most common.
        if end.wrapping_sub(start) == 1
            && (start as u64) < length(of) as u64
            && known_chars(of) as usize == length(of)
        {
            let byte = text(of).as_bytes()[start as usize];
            let kept = self.host.ascii[usize::from(byte & 127)];
            if kept != 0 {
                return dup(kept);
            }
        }
        self.slice_slowly(of, start, end)
    }

    fn slice_slowly(&mut self, of: Word, start: i64, end: i64) -> Word {
        let Range { start, end } = bytes_between(of, start, end);
        self.part(of, start, end)
    }

    /// `first` with `more` behind it; owns `first`. In place when it is used nowhere else, with
    /// room doubled, so that appending in a loop is linear. The caller has seen to the size.
    #[inline]
    pub fn append_string(&mut self, first: Word, more: Word) -> Word {
        self.append_bytes(first, text(more).as_bytes(), known_chars(more))
    }

    /// The same with a part of `more`, between code points, which is not made for that.
    #[inline]
    pub(crate) fn append_part(&mut self, first: Word, more: Word, part: Range<usize>) -> Word {
        let is_ascii = known_chars(more) as usize == length(more);
        let chars = if is_ascii { part.len() as u32 } else { UNKNOWN };
        self.append_bytes(first, &text(more).as_bytes()[part], chars)
    }

    #[inline]
    fn append_bytes(&mut self, first: Word, more: &[u8], chars: u32) -> Word {
        let old = length(first);
        let total = old + more.len();
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
        let is_itself = text(first).as_bytes().as_ptr_range().contains(&more.as_ptr());
        if info(first) != STRING || !is_unique(first) || is_itself {
            let word = self.string_with_room(total, total);
            write(word, 0, text(first).as_bytes());
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
