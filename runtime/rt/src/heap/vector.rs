//! Vectors: flat, changed in place when unique, with room doubled when it ends. Elements are words,
//! references or bytes (Bool) by the kind of the cell.
//!
//! A unique vector that loses its first words keeps the others where they are, and its header moves
//! up to them, so that a loop over `[x & rest]` is linear. It is *moved* then:
//!
//! ```text
//! given    [ header | length | capacity | a | b | c | d ]
//! rest     ..   [ gap in words | header | length | capacity, MOVED | c | d ]
//! ```

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use super::cell::{
    BOOLS, CAPACITY, ELEMENTS, LENGTH, POINTERS, WORDS, Word, dup, dup_by, info, is_unique,
};
use super::context::Context;
use super::free::words_for;
use crate::builtin::Fault;
use crate::layout::Rep;

/// The longest vector that is made: on 32 bits its bytes still fit in half of all memory.
pub const MAX_LENGTH: usize = if cfg!(target_pointer_width = "32") { 1 << 28 } else { 1 << 32 };

/// What ends a run that would make a longer one.
#[cold]
pub fn too_long() -> Fault {
    Fault::Abort(format!("the vector would have more than 2^{} elements", MAX_LENGTH.ilog2()))
}

#[inline]
pub fn length(word: Word) -> usize {
    // SAFETY: a vector has its length here.
    unsafe { *((word as usize + LENGTH) as *const u64) as usize }
}

fn set_length(word: Word, length: usize) {
    // SAFETY: a vector has its length here.
    unsafe { *((word as usize + LENGTH) as *mut u64) = length as u64 }
}

/// In the capacity of a moved vector. Compiled code compares signed numbers, so that one is never
/// large enough for it.
const MOVED: u64 = 1 << 63;

fn capacity_word(word: Word) -> u64 {
    // SAFETY: a vector has its capacity here.
    unsafe { *((word as usize + CAPACITY) as *const u64) }
}

/// Elements there is room for.
#[inline]
pub fn capacity(word: Word) -> usize {
    (capacity_word(word) & !MOVED) as usize
}

/// Words before the header.
#[inline]
fn gap(word: Word) -> usize {
    match capacity_word(word) & MOVED {
        0 => 0,
        // SAFETY: there is a gap, and its last word says how large it is.
        _ => unsafe { *((word as usize - 8) as *const u64) as usize },
    }
}

/// Where the memory of a vector begins, and its words behind a header.
#[inline]
pub(super) fn memory(word: Word) -> (Word, usize) {
    let gap = gap(word);
    (word - 8 * gap as u64, words_for(capacity(word) * width(info(word))) + gap)
}

fn set_capacity(word: Word, capacity: usize) {
    // SAFETY: a vector has its capacity here.
    unsafe { *((word as usize + CAPACITY) as *mut u64) = capacity as u64 }
}

/// Bytes of an element.
#[inline]
fn width(kind: u32) -> usize {
    if kind == BOOLS { 1 } else { 8 }
}

/// The kind of vectors of elements of a rep.
#[inline]
pub fn kind_of(rep: Rep) -> u32 {
    match rep {
        Rep::Int | Rep::Float => WORDS,
        Rep::Bool => BOOLS,
        Rep::Ptr => POINTERS,
    }
}

#[inline]
fn element(word: Word, index: usize, width: usize) -> *mut u8 {
    (word as usize + ELEMENTS + index * width) as *mut u8
}

/// Element `index`, which is there; borrowed.
#[inline]
pub fn get(word: Word, index: usize) -> Word {
    // SAFETY: the caller looked at the length.
    unsafe {
        if info(word) == BOOLS {
            u64::from(*element(word, index, 1))
        } else {
            *(element(word, index, 8) as *const Word)
        }
    }
}

/// Writes element `index`, for which there is room; what was there is not dropped.
#[inline]
pub fn put(word: Word, index: usize, value: Word) {
    // SAFETY: the caller looked at the capacity, and nobody else reads the vector now.
    unsafe {
        if info(word) == BOOLS {
            *element(word, index, 1) = value as u8;
        } else {
            *(element(word, index, 8) as *mut Word) = value;
        }
    }
}

/// The elements of a vector of words or references.
#[inline]
pub fn words<'a>(word: Word) -> &'a [Word] {
    debug_assert!(info(word) != BOOLS);
    // SAFETY: so many elements are there; the caller holds the reference while it looks.
    unsafe { std::slice::from_raw_parts((word as usize + ELEMENTS) as *const Word, length(word)) }
}

/// All elements, borrowed.
pub fn items(word: Word) -> impl DoubleEndedIterator<Item = Word> + ExactSizeIterator {
    (0..length(word)).map(move |i| get(word, i))
}

impl Context {
    /// An empty vector with room for so many elements at least.
    pub fn new_vector(&mut self, kind: u32, room: usize) -> Word {
        let words = words_for(room * width(kind));
        let word = self.alloc(words, kind);
        set_length(word, 0);
        set_capacity(word, (words - 2) * 8 / width(kind));
        word
    }

    /// Whether a vector of so many elements may be made; else the run ends.
    pub fn may_hold(&mut self, kind: u32, length: usize) -> bool {
        if length > MAX_LENGTH {
            self.stop(too_long());
            return false;
        }
        self.may_make(words_for(length * width(kind)))
    }

    /// The vector itself if it is used nowhere else and has the room, else one that is; owns it.
    /// Only the first `keep` elements are taken over. 0: it would be too large, and the run ends.
    pub fn own_vector(&mut self, vector: Word, keep: usize, room: usize) -> Word {
        let kind = info(vector);
        if is_unique(vector) {
            if room <= capacity(vector) {
                return vector;
            }
            let is_moved = gap(vector) > 0;
            let vector = move_back(vector);
            // Where most of the memory was a gap, there is enough for as many again.
            if is_moved && 2 * room <= capacity(vector) {
                return vector;
            }
            let wanted = room.max((2 * capacity(vector)).clamp(4, MAX_LENGTH));
            if !self.may_hold(kind, wanted) {
                self.drop_word(vector);
                return 0;
            }
            let (old, new) =
                (words_for(capacity(vector) * width(kind)), words_for(wanted * width(kind)));
            let moved = self.grow_memory(vector, old, new);
            super::cell::set_header(moved, super::cell::Cell { count: 1, info: kind });
            set_capacity(moved, (new - 2) * 8 / width(kind));
            return moved;
        }
        if !self.may_hold(kind, room) {
            self.drop_word(vector);
            return 0;
        }
        let copy = self.new_vector(kind, room);
        copy_items(vector, 0, copy, 0, keep);
        set_length(copy, keep);
        self.drop_word(vector);
        copy
    }

    /// Owns both.
    #[inline]
    pub fn push(&mut self, vector: Word, value: Word) -> Word {
        let length = length(vector);
        let vector = if is_unique(vector) && length < capacity(vector) {
            vector
        } else {
            let is_reference = info(vector) == POINTERS;
            let own = self.own_vector(vector, length, length + 1);
            if own == 0 {
                if is_reference {
                    self.drop_word(value);
                }
                return 1;
            }
            own
        };
        put(vector, length, value);
        set_length(vector, length + 1);
        vector
    }

    /// A new vector of some elements of another, which keeps them.
    pub fn copy_part(&mut self, of: Word, from: usize, to: usize) -> Word {
        let kind = info(of);
        let copy = self.new_vector(kind, to - from);
        copy_items(of, from, copy, 0, to - from);
        set_length(copy, to - from);
        copy
    }

    /// Shortens a unique vector, dropping what goes: elements `from..to` stay, of the vector that
    /// is given back.
    pub fn keep_part(&mut self, vector: Word, from: usize, to: usize) -> Word {
        let old = length(vector);
        if info(vector) == POINTERS {
            for i in (0..from).chain(to..old) {
                let gone = get(vector, i);
                self.drop_word(gone);
            }
        }
        let part = match info(vector) {
            BOOLS => {
                shift(vector, from, 0, to - from);
                vector
            }
            _ => move_up(vector, from),
        };
        set_length(part, to - from);
        part
    }
}

/// A unique vector of words or references without its first elements, which are dropped.
fn move_up(vector: Word, count: usize) -> Word {
    if count == 0 {
        return vector;
    }
    let (room, gap) = (capacity(vector) - count, gap(vector) + count);
    let moved = vector + 8 * count as u64;
    let kind = info(vector);
    // SAFETY: the header takes the place of the last of these elements and what is before it, and
    // the word before it is of what the vector had there.
    unsafe { *((moved as usize - 8) as *mut u64) = gap as u64 }
    super::cell::set_header(moved, super::cell::Cell { count: 1, info: kind });
    set_capacity(moved, room | MOVED as usize);
    moved
}

/// A unique vector where its memory begins, with all of it.
fn move_back(vector: Word) -> Word {
    let gap = gap(vector);
    if gap == 0 {
        return vector;
    }
    let (kind, length, room) = (info(vector), length(vector), capacity(vector) + gap);
    let (first, _) = memory(vector);
    // SAFETY: both places are in the vector's memory, which has this room.
    unsafe { std::ptr::copy(element(vector, 0, 8), element(first, 0, 8), 8 * length) }
    super::cell::set_header(first, super::cell::Cell { count: 1, info: kind });
    set_capacity(first, room);
    set_length(first, length);
    first
}

/// Copies elements between two vectors of one kind, references counted.
pub fn copy_items(from: Word, start: usize, to: Word, at: usize, count: usize) {
    let width = width(info(from));
    if info(from) == POINTERS {
        for i in start..start + count {
            dup(get(from, i));
        }
    }
    // SAFETY: the elements are there, and there is room for them in the other vector.
    unsafe {
        std::ptr::copy_nonoverlapping(
            element(from, start, width),
            element(to, at, width),
            count * width,
        );
    }
}

/// Writes so many elements into a new vector with room for them, all the same; the references are
/// counted.
pub fn fill(vector: Word, count: usize, value: Word) {
    let first = element(vector, 0, 1);
    // SAFETY: there is room, and nobody else has the vector.
    unsafe {
        match info(vector) {
            BOOLS => first.write_bytes(value as u8, count),
            _ => std::slice::from_raw_parts_mut(first as *mut Word, count).fill(value),
        }
    }
    if info(vector) == POINTERS {
        dup_by(value, count);
    }
    set_length(vector, count);
}

/// Moves elements inside of a unique vector; counts do not change.
pub fn shift(vector: Word, from: usize, to: usize, count: usize) {
    let width = width(info(vector));
    // SAFETY: both places are inside of the vector's room.
    unsafe {
        std::ptr::copy(element(vector, from, width), element(vector, to, width), count * width);
    }
}

/// Says that a vector has so many elements, which were written.
pub fn set_items(vector: Word, length: usize) {
    set_length(vector, length);
}
