//! Dropping. What a dead cell held is dropped next, from a list of dead cells, so that a list of
//! ten million elements needs no stack.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use super::cell::{
    self, BOOLS, Cell, ELEMENTS, FIELDS, MAP, NODE, OPAQUE, POINTERS, SET, SLICE, STRING, WORDS,
    Word, at, field, is_immediate,
};
use super::context::Context;
use super::vector;
use crate::layout::{FIRST_LAYOUT, Layout, Rep, Shapes};
use crate::natives::table;
use crate::value::Value;

/// What dropping a cell needs to know of its layout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CellShape {
    pub words: u32,
    /// Bit i: word i is a reference. Of more than 64 words all later ones are looked up.
    pub references: u64,
}

impl CellShape {
    pub fn of(layout: &Layout, shapes: &Shapes) -> CellShape {
        let mut references = 0;
        for (i, shape) in layout.fields.iter().enumerate().take(64) {
            if shapes.rep(*shape) == Rep::Ptr {
                references |= 1 << i;
            }
        }
        CellShape { words: layout.fields.len() as u32, references }
    }
}

/// Words of a cell behind its header that holds so many bytes of elements.
#[inline]
pub(crate) fn words_for(bytes: usize) -> usize {
    (ELEMENTS - FIELDS) / 8 + bytes.div_ceil(8)
}

impl Context {
    /// One reference less; frees what nothing refers to.
    #[inline]
    pub fn drop_word(&mut self, word: Word) {
        if is_immediate(word) {
            return;
        }
        // SAFETY: see `heap`.
        unsafe {
            let cell = at(word);
            (*cell).count -= 1;
            if (*cell).count == 0 {
                self.free_cell(word);
            }
        }
    }

    /// Frees a cell that nothing refers to any more, and what only it refers to.
    #[inline]
    pub fn free_cell(&mut self, word: Word) {
        // Most cells that die alone hold no references.
        match cell::info(word) {
            STRING => self.free_memory(word, words_for(super::string::capacity(word))),
            info if info >= FIRST_LAYOUT => {
                let shape = self.cell_shape(info);
                if shape.references == 0 && shape.words <= 64 {
                    self.free_memory(word, shape.words as usize);
                } else {
                    self.free_more(word);
                }
            }
            _ => self.free_more(word),
        }
    }

    fn free_more(&mut self, word: Word) {
        let waiting = self.host.dying.len();
        let next = self.take_apart(at(word));
        self.free_until(waiting, next);
    }

    /// Takes apart a dead cell, those that die by that, and those that were put on the list when
    /// there were `waiting` on it.
    fn free_until(&mut self, waiting: usize, mut next: *mut Cell) {
        loop {
            if next.is_null() {
                if self.host.dying.len() <= waiting {
                    return;
                }
                match self.host.dying.pop() {
                    Some(cell) => next = cell,
                    None => return,
                }
            }
            next = self.take_apart(next);
        }
    }

    /// Drops what a dead cell holds, and gives its memory back. What dies by that is put on the
    /// list, but for the last, which is given back.
    fn take_apart(&mut self, cell: *mut Cell) -> *mut Cell {
        let word = cell as Word;
        let info = cell::info(word);
        if info < FIRST_LAYOUT {
            return self.take_kind_apart(word, info);
        }
        let mut last = std::ptr::null_mut();
        let shape = self.drop_fields(word, info, &mut last);
        self.free_memory(word, shape);
        last
    }

    /// Drops the fields of a cell; gives its number of words.
    #[inline]
    fn drop_fields(&mut self, word: Word, info: u32, last: &mut *mut Cell) -> usize {
        let shape = self.cell_shape(info);
        let mut references = shape.references;
        while references != 0 {
            let index = references.trailing_zeros() as usize;
            references &= references - 1;
            self.lose(field(word, index), last);
        }
        if shape.words > 64 {
            self.drop_late_fields(word, info, last);
        }
        shape.words as usize
    }

    #[cold]
    fn drop_late_fields(&mut self, word: Word, info: u32, last: &mut *mut Cell) {
        let layout = self.host.layout_of(info);
        let late: Vec<usize> = layout
            .fields
            .iter()
            .enumerate()
            .filter(|(i, shape)| *i >= 64 && self.host.shapes.rep(**shape) == Rep::Ptr)
            .map(|(i, _)| i)
            .collect();
        for index in late {
            self.lose(field(word, index), last);
        }
    }

    /// One reference less; what is dead now becomes `last`, which was put on the list.
    #[inline]
    fn lose(&mut self, word: Word, last: &mut *mut Cell) {
        if is_immediate(word) {
            return;
        }
        let cell = at(word);
        // SAFETY: see `heap`.
        unsafe {
            (*cell).count -= 1;
            if (*cell).count != 0 {
                return;
            }
        }
        // What holds nothing goes at once.
        if cell::info(word) == STRING {
            return self.free_memory(word, words_for(super::string::capacity(word)));
        }
        let before = std::mem::replace(last, cell);
        if !before.is_null() {
            self.host.dying.push(before);
        }
    }

    fn take_kind_apart(&mut self, word: Word, info: u32) -> *mut Cell {
        let mut last = std::ptr::null_mut();
        match info {
            STRING => {
                let capacity = super::string::capacity(word);
                self.free_memory(word, words_for(capacity));
            }
            SLICE => {
                self.lose(field(word, 2), &mut last);
                self.free_memory(word, 4);
            }
            WORDS | POINTERS | BOOLS => {
                if info == POINTERS {
                    for item in vector::words(word) {
                        self.lose(*item, &mut last);
                    }
                }
                let (memory, words) = vector::memory(word);
                self.free_memory(memory, words);
            }
            MAP | SET => {
                table::each_reference(word, |word| self.lose(word, &mut last));
                if let Some((buckets, words)) = table::bucket_words(word) {
                    self.free_memory(buckets, words);
                }
                self.free_memory(word, table::WORDS);
            }
            OPAQUE => {
                // SAFETY: an opaque cell holds a value, which nobody uses any more.
                unsafe { std::ptr::drop_in_place((word as usize + FIELDS) as *mut Value) };
                self.free_memory(word, 2);
            }
            _ => {
                let flags = info - NODE;
                if flags & 1 != 0 {
                    self.lose(field(word, 1), &mut last);
                }
                if flags & 2 != 0 {
                    self.lose(field(word, 2), &mut last);
                }
                self.lose(field(word, 3), &mut last);
                self.lose(field(word, 4), &mut last);
                self.free_memory(word, 5);
            }
        }
        last
    }

    /// A new cell with the words of another one, which owns nothing yet. Counts as an allocation.
    pub fn copy_words(&mut self, word: Word) -> Word {
        let info = cell::info(word);
        let words = self.cell_shape(info).words as usize;
        let copy = self.alloc(words, info);
        for index in 0..words {
            cell::set_field(copy, index, field(word, index));
        }
        copy
    }

    /// Frees a token that was not used: memory of a cell with a layout, or 0.
    #[inline]
    pub fn free_token(&mut self, token: Word) {
        if token != 0 {
            let words = self.cell_shape(cell::info(token)).words as usize;
            self.free_memory(token, words);
        }
    }

    #[inline]
    fn cell_shape(&self, info: u32) -> CellShape {
        match self.host.cell_shapes.get((info - FIRST_LAYOUT) as usize) {
            Some(shape) => *shape,
            None => CellShape::of(self.host.layout_of(info), &self.host.shapes),
        }
    }
}

impl crate::heap::Host {
    /// Of a cell that has one.
    pub fn layout_of(&self, info: u32) -> &Layout {
        let index = (info - FIRST_LAYOUT) as usize;
        if index < self.shapes.layout_count() {
            return self.shapes.layout(crate::layout::LayoutId(index as u32));
        }
        &self.outside[(u32::MAX - info) as usize]
    }
}
