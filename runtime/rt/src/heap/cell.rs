//! Cells: a header of 8 bytes, then words. What `info` says of the rest is in `layout`; the kinds
//! below are of cells that have no layout.
//!
//! ```text
//! string   [count|1]  length u64   capacity u32, chars u32   bytes ..
//! slice    [count|2]  length u64   0 u32, chars u32          parent   address of the first byte
//! words    [count|3]  length u64   capacity u64              elements, 8 bytes each
//! pointers [count|4]  the same, elements are references
//! bools    [count|5]  the same, one byte each
//! map, set [count|6,7] see `natives/table`
//! opaque   [count|8]  a `Value`
//! node     [count|9..=12] size, key, value, left, right      of an ordered tree (`natives/table`)
//! ```

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

/// 64 bits of a running program.
pub type Word = u64;

/// The header of a cell.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub count: u32,
    pub info: u32,
}

pub const STRING: u32 = 1;
pub const SLICE: u32 = 2;
/// A vector of words.
pub const WORDS: u32 = 3;
/// A vector of references.
pub const POINTERS: u32 = 4;
/// A vector of Bools, a byte each.
pub const BOOLS: u32 = 5;
pub const MAP: u32 = 6;
pub const SET: u32 = 7;
pub const OPAQUE: u32 = 8;
/// The first of four: plus 1 where keys are references, plus 2 where values are.
pub const NODE: u32 = 9;
/// The buckets of one map or set, which nothing else refers to.
pub const BUCKETS: u32 = 13;

/// Where the words of a cell begin.
pub const FIELDS: usize = 8;
/// Of strings and vectors.
pub const LENGTH: usize = 8;
pub const CAPACITY: usize = 16;
/// Where the elements of a vector begin, and the bytes of a string.
pub const ELEMENTS: usize = 24;

/// Whether a word of rep `Ptr` is no cell: a constructor without fields, or a short string.
#[inline]
pub fn is_immediate(word: Word) -> bool {
    word & 1 == 1
}

/// The word of a constructor without fields.
#[inline]
pub fn immediate(index: u32) -> Word {
    (u64::from(index) << 1) | 1
}

#[inline]
pub fn at(word: Word) -> *mut Cell {
    word as *mut Cell
}

#[inline]
pub fn info(word: Word) -> u32 {
    // SAFETY: see `heap`; the word is no immediate.
    unsafe { (*at(word)).info }
}

#[inline]
pub fn is_unique(word: Word) -> bool {
    // SAFETY: see `heap`; the word is no immediate.
    unsafe { (*at(word)).count == 1 }
}

/// Whoever else refers to a cell is gone.
pub(crate) fn set_unique(word: Word) {
    if !is_immediate(word) {
        // SAFETY: see `heap`.
        unsafe { (*at(word)).count = 1 }
    }
}

/// One more reference.
#[inline]
pub fn dup(word: Word) -> Word {
    if !is_immediate(word) {
        // SAFETY: see `heap`.
        unsafe { (*at(word)).count += 1 }
    }
    word
}

/// So many more references.
pub(crate) fn dup_by(word: Word, count: usize) {
    if !is_immediate(word) {
        // SAFETY: see `heap`; a vector that holds them all has at most 2^32 elements, each of which
        // takes memory, so that the count ends after the memory.
        unsafe {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            (*at(word)).count = (*at(word)).count.saturating_add(count);
        }
    }
}

/// Field `index` of a cell, which keeps it.
#[inline]
pub fn field(word: Word, index: usize) -> Word {
    // SAFETY: the cell has the field, which its layout says.
    unsafe { *((word as *const u8).add(FIELDS) as *const Word).add(index) }
}

#[inline]
pub fn set_field(word: Word, index: usize, value: Word) {
    // SAFETY: the cell has the field, and nobody else reads it now.
    unsafe { *((word as *mut u8).add(FIELDS) as *mut Word).add(index) = value }
}

#[inline]
pub fn set_header(word: Word, header: Cell) {
    // SAFETY: the memory is a cell's.
    unsafe { *at(word) = header }
}
