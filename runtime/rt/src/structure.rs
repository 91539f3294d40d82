//! The structural order of words, by their shape: the same as [`crate::order`] has of values. And a
//! hash that agrees with it. Both run on explicit stacks, so depth does not matter.

use crate::heap::cell::{Word, field, info, is_immediate};
use crate::heap::{Host, string, vector};
use crate::layout::{FIRST_LAYOUT, LayoutKind, Shape, ShapeId};
use crate::natives::table;
use eclexia_base::Name;
use std::cmp::Ordering;

/// What is still to be compared.
enum Pending {
    Pair(ShapeId, Word, Word),
    /// Elements from an index on, then the lengths.
    Items(ShapeId, Word, Word, usize),
    Is(Ordering),
}

impl Host {
    /// The constructor's index of data.
    #[inline]
    pub fn tag(&self, word: Word) -> u32 {
        if is_immediate(word) {
            return (word >> 1) as u32;
        }
        let info = info(word);
        if info < FIRST_LAYOUT {
            return 0;
        }
        match self.layout_of(info).kind {
            LayoutKind::Data { index, .. } => index,
            LayoutKind::Closure { .. } => 0,
        }
    }

    pub fn compare(&self, shape: ShapeId, a: Word, b: Word) -> Ordering {
        if let Some(order) = self.scalar(shape, a, b) {
            return order;
        }
        let mut pending = vec![Pending::Pair(shape, a, b)];
        while let Some(next) = pending.pop() {
            let order = match next {
                Pending::Is(order) => order,
                Pending::Items(shape, a, b, at) => {
                    let (la, lb) = (vector::length(a), vector::length(b));
                    if at >= la || at >= lb {
                        la.cmp(&lb)
                    } else {
                        pending.push(Pending::Items(shape, a, b, at + 1));
                        let (a, b) = (vector::get(a, at), vector::get(b, at));
                        self.step(shape, a, b, &mut pending)
                    }
                }
                Pending::Pair(shape, a, b) => self.step(shape, a, b, &mut pending),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }

    fn step(&self, shape: ShapeId, a: Word, b: Word, pending: &mut Vec<Pending>) -> Ordering {
        match self.scalar(shape, a, b) {
            Some(order) => order,
            None => self.parts(shape, a, b, pending),
        }
    }

    /// The order of two words without parts; `None` when both have parts.
    #[inline]
    fn scalar(&self, shape: ShapeId, a: Word, b: Word) -> Option<Ordering> {
        Some(match self.shapes.get(shape) {
            Shape::Int | Shape::Bool | Shape::Enumeration(_) => {
                a.cast_signed().cmp(&b.cast_signed())
            }
            Shape::Keyword => keywords(a, b),
            Shape::Quantity(_) => floats(a, b),
            Shape::String => string::compare(a, b),
            Shape::Data(_) => {
                if a == b {
                    return Some(Ordering::Equal);
                }
                if !is_immediate(a) && !is_immediate(b) {
                    return None;
                }
                self.tag(a).cmp(&self.tag(b))
            }
            Shape::Vector(_) | Shape::Map(..) | Shape::Set(_) if a != b => return None,
            Shape::Wrapper(ctor, _) => return self.scalar(ctor.fields[0], a, b),
            _ => Ordering::Equal,
        })
    }

    /// Compares what can be compared at once and queues pairs of parts, the first on top.
    fn parts(&self, shape: ShapeId, a: Word, b: Word, pending: &mut Vec<Pending>) -> Ordering {
        match self.shapes.get(shape) {
            Shape::Data(ctors) => {
                let (index, other) = (self.tag(a), self.tag(b));
                if index != other {
                    return index.cmp(&other);
                }
                let fields = ctors[index as usize].fields.iter().enumerate().rev();
                pending.extend(fields.map(|(i, s)| Pending::Pair(*s, field(a, i), field(b, i))));
            }
            Shape::Wrapper(ctor, _) => pending.push(Pending::Pair(ctor.fields[0], a, b)),
            Shape::Vector(item) => pending.push(Pending::Items(*item, a, b, 0)),
            Shape::Set(item) => {
                let (a, b) = (table::sorted(self, shape, a), table::sorted(self, shape, b));
                pending.push(Pending::Is(a.len().cmp(&b.len())));
                let pairs = a.iter().zip(&b).rev();
                pending.extend(pairs.map(|(a, b)| Pending::Pair(*item, a.0, b.0)));
            }
            Shape::Map(key, value) => {
                let (a, b) = (table::sorted(self, shape, a), table::sorted(self, shape, b));
                pending.push(Pending::Is(a.len().cmp(&b.len())));
                for (a, b) in a.iter().zip(&b).rev() {
                    pending.push(Pending::Pair(*value, a.1, b.1));
                    pending.push(Pending::Pair(*key, a.0, b.0));
                }
            }
            _ => {}
        }
        Ordering::Equal
    }

    /// A hash of a word; words that are equal have the same.
    pub fn hash(&self, shape: ShapeId, word: Word) -> u64 {
        let mut hash = 0;
        let mut pending = vec![(shape, word)];
        while let Some((shape, word)) = pending.pop() {
            hash = mix(hash, self.hash_step(shape, word, &mut pending));
        }
        hash
    }

    fn hash_step(&self, shape: ShapeId, word: Word, pending: &mut Vec<(ShapeId, Word)>) -> u64 {
        match self.shapes.get(shape) {
            Shape::Int | Shape::Bool | Shape::Enumeration(_) | Shape::Keyword => word,
            Shape::Quantity(_) => float_bits(word),
            Shape::String => hash_text(string::text(&word)),
            Shape::Data(ctors) => {
                let index = self.tag(word);
                if !is_immediate(word) {
                    let fields = ctors[index as usize].fields.iter().enumerate();
                    pending.extend(fields.map(|(i, shape)| (*shape, field(word, i))));
                }
                u64::from(index)
            }
            Shape::Wrapper(ctor, _) => {
                pending.push((ctor.fields[0], word));
                0
            }
            Shape::Vector(item) => {
                pending.extend(vector::items(word).map(|word| (*item, word)));
                vector::length(word) as u64
            }
            Shape::Set(item) => {
                let all = table::sorted(self, shape, word);
                pending.extend(all.iter().map(|entry| (*item, entry.0)));
                all.len() as u64
            }
            Shape::Map(key, value) => {
                let all = table::sorted(self, shape, word);
                pending.extend(all.iter().flat_map(|e| [(*key, e.0), (*value, e.1)]));
                all.len() as u64
            }
            _ => 0,
        }
    }
}

/// `-0.0` equals `0.0`; NaN equals itself and is above all numbers.
#[inline]
pub fn floats(a: Word, b: Word) -> Ordering {
    let (a, b) = (f64::from_bits(a), f64::from_bits(b));
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The same for floats that are equal.
pub(crate) fn float_bits(word: Word) -> u64 {
    let x = f64::from_bits(word);
    if x.is_nan() { f64::NAN.to_bits() } else { (x + 0.0).to_bits() }
}

/// As text.
#[inline]
pub fn keywords(a: Word, b: Word) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let text = |word: Word| Name::from_id(word as u32).map_or("", Name::as_str);
    text(a).cmp(text(b))
}

/// A product of 128 bits, folded: every bit of the result depends on every bit that goes in.
#[inline]
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    const SALT: u64 = 0x9e37_79b9_7f4a_7c15;
    let wide = u128::from(a ^ SALT) * u128::from(b ^ 0xa076_1d64_78bd_642f);
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[inline]
pub(crate) fn hash_text(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let length = bytes.len();
    let eight = |at: usize| match bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
        Some(Ok(part)) => u64::from_le_bytes(part),
        _ => 0,
    };
    let four = |at: usize| match bytes.get(at..at + 4).map(<[u8; 4]>::try_from) {
        Some(Ok(part)) => u64::from(u32::from_le_bytes(part)),
        _ => 0,
    };
    // What remains of less than eight bytes is read together with what is before it.
    match length {
        0 => 0,
        1..4 => {
            let [first, middle, last] = [0, length / 2, length - 1].map(|i| u64::from(bytes[i]));
            mix(length as u64, first | middle << 8 | last << 16)
        }
        4..8 => mix(length as u64, four(0) | four(length - 4) << 32),
        _ => {
            let mut hash = length as u64;
            let mut at = 0;
            while at + 8 < length {
                hash = mix(hash, eight(at));
                at += 8;
            }
            mix(hash, eight(length - 8))
        }
    }
}
