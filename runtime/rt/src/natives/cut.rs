//! Strings cut into parts. Long parts share the bytes of what they are of; a short one that comes
//! again soon is the string that was made of it before.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::table::short_hash;
use super::text::ecl_string_chars;
use super::{FAULTS, native};
use crate::heap::cell::{POINTERS, Word, add_references};
use crate::heap::chunks::SMALL_BLOCK;
use crate::heap::string::{self, text};
use crate::heap::{Context, vector};
use crate::native::Native;

pub(super) const TABLE: &[Native] = &[
    native!("string/lines", ecl_string_lines, (Borrowed), [], Ptr, FAULTS),
    native!("string/words", ecl_string_words, (Borrowed), [], Ptr, FAULTS),
    native!("string/split", ecl_string_split, (Borrowed, Borrowed), [], Ptr, FAULTS),
];

/// What is looked for among so many at most.
const MOST_SEEN: usize = 1 << 16;

/// The parts of a string.
struct Parts {
    of: Word,
    all: Word,
    seen: Vec<Seen>,
}

/// A short part, which the vector holds.
#[derive(Clone, Copy)]
struct Seen {
    /// Which no other part has; 0: there is none.
    hash: u64,
    word: Word,
    /// How often the vector holds it, but for the first time: counted here, so that the string
    /// itself need not be looked at each time.
    again: u32,
}

const NONE: Seen = Seen { hash: 0, word: 0, again: 0 };

impl Parts {
    fn new(ctx: &mut Context, of: Word) -> Parts {
        // Parts of what is ASCII are ASCII, which is known once it was counted.
        string::chars(of);
        let places = (string::length(of) / 16).next_power_of_two().min(MOST_SEEN);
        Parts { of, all: ctx.new_vector(POINTERS, 4), seen: vec![NONE; places] }
    }

    #[inline]
    fn add(&mut self, ctx: &mut Context, from: usize, to: usize) {
        let bytes = &text(self.of).as_bytes()[from..to];
        let part = match short_hash(bytes) {
            None => ctx.part(self.of, from, to),
            Some(hash) => {
                let at = hash as usize & (self.seen.len() - 1);
                let known = &mut self.seen[at];
                if known.hash == hash {
                    known.again += 1;
                    known.word
                } else {
                    let word = ctx.part(self.of, from, to);
                    known.count();
                    *known = Seen { hash, word, again: 0 };
                    word
                }
            }
        };
        let room = vector::capacity(self.all);
        if vector::length(self.all) == room && 32 * room >= SMALL_BLOCK {
            // Where there is no more memory the vector goes, with what it holds.
            self.count();
        }
        self.all = ctx.push(self.all, part);
    }

    /// The vector; where memory does not allow it, nothing, and the run ends.
    fn done(mut self) -> Word {
        self.count();
        self.all
    }

    fn count(&mut self) {
        self.seen.iter_mut().for_each(Seen::count);
    }

    /// All of them, where memory allows.
    fn of_texts<'a>(mut self, ctx: &mut Context, parts: impl Iterator<Item = &'a str>) -> Word {
        let begin = text(self.of).as_ptr() as usize;
        for part in parts {
            let from = part.as_ptr() as usize - begin;
            self.add(ctx, from, from + part.len());
            if ctx.pending != 0 {
                break;
            }
        }
        self.done()
    }
}

impl Seen {
    fn count(&mut self) {
        if self.again > 0 {
            add_references(self.word, self.again);
            self.again = 0;
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_lines(ctx: &mut Context, of: Word) -> Word {
    Parts::new(ctx, of).of_texts(ctx, text(of).lines())
}

/// What `char::is_whitespace` has of ASCII.
#[inline]
fn is_space(byte: u8) -> bool {
    byte == b' ' || (b'\t'..=b'\r').contains(&byte)
}

/// Where the next white space of an ASCII text is, or its end. Eight bytes are looked at together.
#[inline]
fn next_space(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    while let Some(eight) = bytes.get(at..at + 8).and_then(|eight| eight.first_chunk()) {
        let eight = u64::from_le_bytes(*eight);
        // Of the first byte that is at most a space, the highest bit is set.
        let low = eight.wrapping_sub(ONES * (b' ' as u64 + 1)) & !eight & (ONES * 128);
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

#[unsafe(no_mangle)]
extern "C" fn ecl_string_words(ctx: &mut Context, of: Word) -> Word {
    let mut parts = Parts::new(ctx, of);
    if !string::is_ascii(of) {
        return parts.of_texts(ctx, text(of).split_whitespace());
    }
    let bytes = text(of).as_bytes();
    let mut at = 0;
    while at < bytes.len() && ctx.pending == 0 {
        let end = next_space(bytes, at);
        if end > at {
            parts.add(ctx, at, end);
        }
        at = end + 1;
    }
    parts.done()
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_split(ctx: &mut Context, of: Word, by: Word) -> Word {
    match text(by).as_bytes() {
        [] => ecl_string_chars(ctx, of),
        [byte] => Parts::new(ctx, of).of_texts(ctx, text(of).split(*byte as char)),
        _ => Parts::new(ctx, of).of_texts(ctx, text(of).split(text(by))),
    }
}
