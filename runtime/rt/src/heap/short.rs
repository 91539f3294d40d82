//! Strings of up to seven bytes are within their word: no cell is made for them, nothing counts
//! them, and two are equal where their words are. Every string that is so short is held so.
//!
//! ```text
//! word   [ 1: 1 bit | number of bytes: 7 bits | byte 0 | .. | byte 6 ]    from the lowest bits on
//! ```
//!
//! Bytes behind the text are 0. As the lowest bit is set, the word is no address of a cell.

use super::cell::{Word, is_immediate};

/// Bytes of the longest text that is within its word.
pub const LONGEST: usize = 7;

/// The string without text.
pub const EMPTY: Word = 1;

/// The lowest bit of each byte.
const ONES: u64 = u64::MAX / 255;

// The text of a word is read where the word is.
const _: () = assert!(cfg!(target_endian = "little"), "the lowest bits of a word come first");

/// Of at most [`LONGEST`] bytes.
#[inline]
pub fn word(text: &[u8]) -> Word {
    let bytes = match *text {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c] => u64::from(u32::from_le_bytes([a, b, c, 0])),
        [a, b, c, d, ref rest @ ..] => {
            // The last four bytes, some of them again.
            let last = text.last_chunk().map_or(0, |last| u32::from_le_bytes(*last));
            let first = u32::from_le_bytes([a, b, c, d]);
            u64::from(first) | (u64::from(last) << (8 * rest.len()))
        }
    };
    with(bytes, text.len())
}

/// Of the first bytes of eight.
#[inline]
pub fn of_first(eight: u64, length: usize) -> Word {
    with(eight & ((1 << (8 * length)) - 1), length)
}

#[inline]
fn with(bytes: u64, length: usize) -> Word {
    debug_assert!(length <= LONGEST);
    (bytes << 8) | ((length as u64) << 1) | 1
}

/// The word of a text that is short enough.
#[inline]
pub fn of(text: &[u8]) -> Option<Word> {
    (text.len() <= LONGEST).then(|| word(text))
}

/// The string of one code point.
#[inline]
pub fn of_char(c: char) -> Word {
    let mut buffer = [0; 4];
    word(c.encode_utf8(&mut buffer).as_bytes())
}

/// Bytes.
#[inline]
pub fn length(word: Word) -> usize {
    debug_assert!(is_immediate(word));
    (word as u8 >> 1) as usize
}

/// Code points: bytes that do not go on with one.
#[inline]
pub fn chars(word: Word) -> usize {
    let bytes = word >> 8;
    let go_on = (bytes >> 7) & !(bytes >> 6) & ONES;
    length(word) - go_on.count_ones() as usize
}

/// Where the bytes are: behind the first of the word.
#[inline]
pub fn bytes(word: &Word) -> &[u8] {
    // SAFETY: a word has so many bytes, of which `length` are of the text.
    #[expect(unsafe_code, reason = "the bytes of a word, whose number is in it")]
    unsafe {
        std::slice::from_raw_parts((word as *const Word).cast::<u8>().add(1), length(*word))
    }
}

/// `first` with the text of `more` behind it, where both together are short.
#[inline]
pub fn append(first: Word, more: Word) -> Word {
    let at = length(first);
    with(first >> 8 | (more >> 8) << (8 * at), at + length(more))
}

/// A number by which texts are ordered but for what follows the shorter one.
#[inline]
pub fn head(word: Word) -> u64 {
    (word >> 8).swap_bytes()
}
