//! Vectors: flat, changed in place when unique, with room doubled when it ends. Elements are words,
//! references or bytes (Bool) by the kind of the cell.

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

/// Elements there is room for.
#[inline]
pub fn capacity(word: Word) -> usize {
    // SAFETY: a vector has its capacity here.
    unsafe { *((word as usize + CAPACITY) as *const u64) as usize }
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

    /// Shortens a unique vector, or moves its end, dropping what goes: elements `from..to` stay.
    pub fn keep_part(&mut self, vector: Word, from: usize, to: usize) {
        let old = length(vector);
        if info(vector) == POINTERS {
            for i in (0..from).chain(to..old) {
                let gone = get(vector, i);
                self.drop_word(gone);
            }
        }
        shift(vector, from, 0, to - from);
        set_length(vector, to - from);
    }
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
