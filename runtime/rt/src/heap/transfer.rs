//! Values from one heap to another: whole copies, so that two contexts never share a cell and
//! counts need not be atomic. What is shared inside of a value is shared inside of its copy. Runs
//! on an explicit stack, so depth does not matter; of the heap that is read nothing changes, so
//! several threads may read it at once.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use super::cell::{
    self, BOOLS, FIELDS, MAP, OPAQUE, POINTERS, SET, SLICE, STRING, WORDS, Word, dup, field, info,
    is_immediate,
};
use super::{Context, string, vector};
use crate::layout::{FIRST_LAYOUT, LayoutKind, Rep, Shape, ShapeId};
use crate::natives::table::{self, Keys};
use crate::value::Value;
use eclexia_base::{FxHashMap, bug};
use std::rc::Rc;

/// What is still to be done, the next on top.
enum Work {
    /// The copy of a word goes to an address.
    Copy { word: Word, shape: ShapeId, to: *mut Word },
    /// Entries whose keys and values are complete make a map or set.
    Map { word: Word, shape: ShapeId, entries: Vec<Word>, to: *mut Word },
}

/// Copies a value, which is borrowed, from the heap of `from`; both contexts are of one program. Of
/// a closure the shape is not looked at.
pub(crate) fn transfer(from: &Context, word: Word, shape: ShapeId, to: &mut Context) -> Word {
    let mut result = word;
    let mut copier = Copier { from, to, copies: FxHashMap::default(), work: Vec::new() };
    copier.later(word, shape, &raw mut result);
    while let Some(next) = copier.work.pop() {
        copier.step(next);
    }
    result
}

/// Copies elements `range` of a vector of a shape.
pub(crate) fn transfer_part(
    from: &Context,
    word: Word,
    shape: ShapeId,
    range: std::ops::Range<usize>,
    to: &mut Context,
) -> Word {
    let mut copier = Copier { from, to, copies: FxHashMap::default(), work: Vec::new() };
    let made = copier.vector(word, shape, range);
    while let Some(next) = copier.work.pop() {
        copier.step(next);
    }
    made
}

struct Copier<'a> {
    from: &'a Context,
    to: &'a mut Context,
    /// Of cells with several references.
    copies: FxHashMap<Word, Word>,
    work: Vec<Work>,
}

impl Copier<'_> {
    fn later(&mut self, word: Word, shape: ShapeId, to: *mut Word) {
        self.work.push(Work::Copy { word, shape, to });
    }

    fn step(&mut self, next: Work) {
        let (word, to, made) = match next {
            Work::Copy { word, shape, to } => {
                if is_immediate(word) {
                    return write(to, word);
                }
                if let Some(copy) = self.copies.get(&word) {
                    return write(to, dup(*copy));
                }
                let Some(made) = self.cell(word, shape, to) else { return };
                (word, to, made)
            }
            Work::Map { word, shape, entries, to } => (word, to, self.map(shape, &entries)),
        };
        if !cell::is_unique(word) {
            self.copies.insert(word, made);
        }
        write(to, made);
    }

    /// The copy of a cell, whose parts follow; `None` of a map, which is made when its parts are.
    fn cell(&mut self, word: Word, shape: ShapeId, to: *mut Word) -> Option<Word> {
        // Other cells know themselves what they are; of a closure nobody else does.
        let shape = match info(word) {
            WORDS | POINTERS | BOOLS | MAP | SET => self.from.host.shapes.inside(shape),
            _ => shape,
        };
        Some(match info(word) {
            STRING | SLICE => self.to.new_string(string::text(&word)),
            WORDS | POINTERS | BOOLS => self.vector(word, shape, 0..vector::length(word)),
            OPAQUE => {
                let value = apart(opaque(word));
                self.to.new_opaque(value)
            }
            MAP | SET => {
                let all = table::unordered(word).into_iter();
                let entries = all.flat_map(|(key, value)| [key, value]).collect();
                self.entries(word, shape, entries, to);
                return None;
            }
            kind if kind >= FIRST_LAYOUT => self.data(word, kind),
            kind => bug!("a cell of kind {kind} is no value"),
        })
    }

    fn data(&mut self, word: Word, kind: u32) -> Word {
        let from = self.from;
        let layout = from.host.layout_of(kind);
        let is_known = (kind - FIRST_LAYOUT) < from.host.shapes.layout_count() as u32;
        let kind = match layout.kind {
            LayoutKind::Data { shape, site: Some(site), .. } if !is_known => {
                self.to.info_at(shape, site)
            }
            _ => kind,
        };
        let made = self.to.alloc(layout.fields.len(), kind);
        for (i, shape) in layout.fields.iter().enumerate() {
            let value = field(word, i);
            cell::set_field(made, i, value);
            if from.host.shapes.rep(*shape) == Rep::Ptr && !is_immediate(value) {
                self.later(value, *shape, (made as usize + FIELDS + 8 * i) as *mut Word);
            }
        }
        made
    }

    fn vector(&mut self, word: Word, shape: ShapeId, range: std::ops::Range<usize>) -> Word {
        let count = range.len();
        let made = self.to.new_vector(info(word), count);
        if info(word) != POINTERS {
            vector::copy_items(word, range.start, made, 0, count);
            vector::set_items(made, count);
            return made;
        }
        let Shape::Vector(item) = self.from.host.shapes.get(shape) else {
            bug!("a vector is {:?}", self.from.host.shapes.get(shape))
        };
        let place = made as usize + cell::ELEMENTS;
        for (i, at) in range.enumerate() {
            let value = vector::get(word, at);
            vector::put(made, i, value);
            if !is_immediate(value) {
                self.later(value, *item, (place + 8 * i) as *mut Word);
            }
        }
        vector::set_items(made, count);
        made
    }

    fn entries(&mut self, word: Word, shape: ShapeId, mut entries: Vec<Word>, to: *mut Word) {
        let shapes = &self.from.host.shapes;
        let (key, value) = match shapes.get(shape) {
            Shape::Map(key, value) => (*key, Some(*value)),
            Shape::Set(key) => (*key, None),
            other => bug!("a map or set is {other:?}"),
        };
        // Moving the vector does not move its elements.
        let start = entries.as_mut_ptr();
        let parts = [
            (shapes.rep(key) == Rep::Ptr).then_some(key),
            value.filter(|shape| shapes.rep(*shape) == Rep::Ptr),
        ];
        let all: Vec<Word> = entries.clone();
        self.work.push(Work::Map { word, shape, entries, to });
        for (i, word) in all.into_iter().enumerate() {
            if let Some(shape) = parts[i % 2] {
                // SAFETY: as many words are there.
                self.later(word, shape, unsafe { start.add(i) });
            }
        }
    }

    fn map(&mut self, shape: ShapeId, entries: &[Word]) -> Word {
        let keys = Keys::of(&self.to.host, shape);
        let mut made = table::new(self.to, &keys, entries.len() / 2);
        for pair in entries.chunks_exact(2) {
            made = table::insert(self.to, &keys, made, pair[0], pair[1]);
        }
        made
    }
}

#[inline]
fn write(to: *mut Word, word: Word) {
    // SAFETY: a field or element of a copy that nobody has seen yet, or the result.
    unsafe { *to = word }
}

/// The same value, which shares nothing with what it was: the counts of `Value` are for one thread.
pub(super) fn apart(value: &Value) -> Value {
    match value {
        Value::Budget(holding) => Value::Budget(Rc::new((**holding).clone())),
        Value::Attenuated(own) => Value::Attenuated(Rc::new((**own).clone())),
        Value::Str(text) => Value::Str(Rc::new((**text).clone())),
        Value::Unit
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Quantity(..)
        | Value::Keyword(_)
        | Value::Tag { .. }
        | Value::Capability(_) => value.clone(),
        other => bug!("{other:?} in an opaque cell"),
    }
}

/// The value in an opaque cell, which lives longer.
pub(super) fn opaque<'a>(word: Word) -> &'a Value {
    // SAFETY: an opaque cell holds a value.
    unsafe { &*((word as usize + FIELDS) as *const Value) }
}
