//! Strings cut into parts. Long parts share the bytes of what they are of.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::text::ecl_string_chars;
use super::{FAULTS, native};
use crate::heap::Context;
use crate::heap::cell::{POINTERS, Word};
use crate::heap::short;
use crate::heap::string::{self, text};
use crate::native::Native;

pub(super) const TABLE: &[Native] = &[
    native!("string/lines", ecl_string_lines, (Borrowed), [], Ptr, FAULTS),
    native!("string/words", ecl_string_words, (Borrowed), [], Ptr, FAULTS),
    native!("string/split", ecl_string_split, (Borrowed, Borrowed), [], Ptr, FAULTS),
];

/// The parts of a string, put into a vector.
struct Parts {
    of: Word,
    all: Word,
}

impl Parts {
    fn new(ctx: &mut Context, of: Word) -> Parts {
        // Parts of what is ASCII are ASCII, which is known once it was counted.
        string::chars(of);
        Parts { of, all: ctx.new_vector(POINTERS, 4) }
    }

    #[inline]
    fn add(&mut self, ctx: &mut Context, from: usize, to: usize) {
        let part = ctx.part(self.of, from, to);
        // Where there is no more memory the vector goes, with what it holds.
        self.all = ctx.push(self.all, part);
    }

    /// The vector of them all; where memory does not allow it, nothing, and the run ends. `whole`
    /// is the text that the parts are of.
    fn of_texts<'a>(
        mut self,
        ctx: &mut Context,
        whole: &'a str,
        parts: impl Iterator<Item = &'a str>,
    ) -> Word {
        for part in parts {
            let from = part.as_ptr() as usize - whole.as_ptr() as usize;
            self.add(ctx, from, from + part.len());
            if ctx.pending != 0 {
                break;
            }
        }
        self.all
    }
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_lines(ctx: &mut Context, of: Word) -> Word {
    let whole = text(&of);
    Parts::new(ctx, of).of_texts(ctx, whole, whole.lines())
}

/// What `char::is_whitespace` has of ASCII.
#[inline]
fn is_space(byte: u8) -> bool {
    byte == b' ' || (b'\t'..=b'\r').contains(&byte)
}

/// Of bytes as a number, the highest bit of the first that is at most a space.
#[inline]
fn first_low(eight: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    eight.wrapping_sub(ONES * (b' ' as u64 + 1)) & !eight & (ONES * 128)
}

/// Where the next white space of an ASCII text is, or its end. Eight bytes are looked at together.
fn next_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = eight_from(bytes, at) {
        let low = first_low(eight);
        if low == 0 {
            at += 8;
            continue;
        }
        at += low.trailing_zeros() as usize / 8;
        if is_space(bytes[at]) {
            return at;
        }
        at += 1;
    }
    let rest = bytes[at..].iter().position(|byte| is_space(*byte));
    rest.map_or(bytes.len(), |rest| at + rest)
}

#[inline]
fn eight_from(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.first_chunk().map(|eight| u64::from_le_bytes(*eight))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_words(ctx: &mut Context, of: Word) -> Word {
    let (mut parts, whole) = (Parts::new(ctx, of), text(&of));
    if !string::is_ascii(of) {
        return parts.of_texts(ctx, whole, whole.split_whitespace());
    }
    let bytes = whole.as_bytes();
    let mut at = 0;
    while at < bytes.len() && ctx.pending == 0 {
        // Most words are short, and so are the bytes before their end.
        if let Some(eight) = eight_from(bytes, at)
            && let length = first_low(eight).trailing_zeros() as usize / 8
            && length <= short::LONGEST
            && is_space(bytes[at + length])
        {
            if length > 0 {
                parts.all = ctx.push(parts.all, short::of_first(eight, length));
            }
            at += length + 1;
            continue;
        }
        let end = next_space(bytes, at);
        if end > at {
            parts.add(ctx, at, end);
        }
        at = end + 1;
    }
    parts.all
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_split(ctx: &mut Context, of: Word, by: Word) -> Word {
    let whole = text(&of);
    match text(&by).as_bytes() {
        [] => ecl_string_chars(ctx, of),
        [byte] => Parts::new(ctx, of).of_texts(ctx, whole, whole.split(*byte as char)),
        _ => Parts::new(ctx, of).of_texts(ctx, whole, whole.split(text(&by))),
    }
}
