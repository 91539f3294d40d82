//! Words to [`Value`]s and back, by shape: for built-ins that have no native, for elaboration and
//! for showing. Both run on explicit stacks, so depth does not matter.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use crate::heap::cell::{
    FIELDS, OPAQUE, Word, at, dup, field, immediate, info, is_immediate, set_field,
};
use crate::heap::{Context, string, vector};
use crate::layout::{FIRST_LAYOUT, LayoutKind, Rep, Shape, ShapeId};
use crate::natives::table::{self, Keys};
use crate::value::{Closure, Fields, OrderedMap, OrderedSet, Site, Target, Value};
use crate::{Key, layout};
use eclexia_base::{Name, bug};
use std::cell::{Cell as Mutable, RefCell};
use std::rc::Rc;

/// References that closures outside of the heap gave back, to be dropped by the context's
/// [`Context::collect`].
#[derive(Default)]
pub struct Returned {
    words: RefCell<Vec<Word>>,
    is_gone: Mutable<bool>,
}

impl Returned {
    pub(crate) fn give_back(&self, word: Word) {
        if !self.is_gone.get() {
            self.words.borrow_mut().push(word);
        }
    }

    pub(crate) fn context_is_gone(&self) {
        self.is_gone.set(true);
    }
}

/// How a value is put together from those behind it.
enum Made {
    Visit(ShapeId, Word),
    Data { ctor: u32, index: u32, site: Option<Site>, fields: usize },
    Vector(usize),
    Map(usize),
    Set(usize),
}

impl Context {
    /// Drops what values outside gave back.
    pub fn collect(&mut self) {
        let words = std::mem::take(&mut *self.host.returned.words.borrow_mut());
        for word in words {
            self.drop_word(word);
        }
    }

    /// The value of a word, which is borrowed.
    pub fn to_value(&self, word: Word, shape: ShapeId) -> Value {
        let mut made = Vec::new();
        let mut pending = vec![Made::Visit(shape, word)];
        while let Some(next) = pending.pop() {
            let value = match next {
                Made::Visit(shape, word) => match self.leaf(shape, word) {
                    Some(value) => value,
                    None => {
                        self.visit(shape, word, &mut pending);
                        continue;
                    }
                },
                Made::Data { ctor, index, site, fields } => {
                    let start = made.len() - fields;
                    let fields = Fields::from(made.split_off(start));
                    Value::data(ctor, index, site, fields)
                }
                Made::Vector(length) => Value::vector(made.split_off(made.len() - length)),
                Made::Map(length) => {
                    let mut map = OrderedMap::new();
                    let mut parts = made.split_off(made.len() - 2 * length).into_iter();
                    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                        map.insert(Key(key), value);
                    }
                    Value::from_map(map)
                }
                Made::Set(length) => {
                    let items = made.split_off(made.len() - length);
                    Value::from_set(items.into_iter().map(Key).collect::<OrderedSet>())
                }
            };
            made.push(value);
        }
        made.pop().unwrap_or_default()
    }

    /// A value without parts.
    fn leaf(&self, shape: ShapeId, word: Word) -> Option<Value> {
        Some(match self.host.shapes.get(shape) {
            Shape::Unit | Shape::Token => Value::Unit,
            Shape::Bool => Value::Bool(word & 1 != 0),
            Shape::Int => Value::Int(word.cast_signed()),
            Shape::Keyword => match Name::from_id(word as u32) {
                Some(name) => Value::Keyword(name),
                None => bug!("a keyword is {word}"),
            },
            Shape::Quantity(dim) => Value::Quantity(f64::from_bits(word), *dim),
            Shape::String => Value::str(string::text(&word)),
            Shape::Enumeration(ctors) => {
                Value::Tag { ctor: ctors[word as usize].ctor, index: word as u32 }
            }
            Shape::Data(ctors) if is_immediate(word) => {
                let index = (word >> 1) as u32;
                Value::Tag { ctor: ctors[index as usize].ctor, index }
            }
            Shape::Vector(item) if self.host.shapes.rep(*item) != Rep::Ptr => {
                Value::vector(vector::items(word).filter_map(|word| self.leaf(*item, word)))
            }
            Shape::Wrapper(ctor, rep) if *rep != Rep::Ptr => {
                let field = self.leaf(ctor.fields[0], word)?;
                Value::data(ctor.ctor, 0, None, Fields::One([field]))
            }
            Shape::Function => self.function(word),
            Shape::Opaque => self.opaque(word),
            Shape::Wrapper(..)
            | Shape::Data(_)
            | Shape::Vector(_)
            | Shape::Map(..)
            | Shape::Set(_) => return None,
        })
    }

    /// A cell that holds a value as it is.
    pub fn new_opaque(&mut self, value: Value) -> Word {
        let word = self.alloc(2, OPAQUE);
        // SAFETY: the cell has room for a value, which is two words.
        unsafe { std::ptr::write((word as usize + FIELDS) as *mut Value, value) }
        word
    }

    /// The value in an opaque cell.
    pub(crate) fn opaque(&self, word: Word) -> Value {
        // SAFETY: an opaque cell holds a value.
        unsafe { (*((word as usize + FIELDS) as *const Value)).clone() }
    }

    fn function(&self, word: Word) -> Value {
        let name = match &self.host.layout_of(info(word)).kind {
            LayoutKind::Closure { name } => *name,
            LayoutKind::Data { .. } => bug!("a function is data"),
        };
        let closure = Closure { word: dup(word), name, owner: self.host.returned.clone() };
        Value::function(Target::Closure(closure), Fields::none())
    }

    /// Queues the parts of a value, the first on top, above what makes the value of them.
    fn visit(&self, shape: ShapeId, word: Word, pending: &mut Vec<Made>) {
        let host = &self.host;
        match host.shapes.get(shape) {
            Shape::Wrapper(ctor, _) => {
                pending.push(Made::Data { ctor: ctor.ctor, index: 0, site: None, fields: 1 });
                pending.push(Made::Visit(ctor.fields[0], word));
            }
            Shape::Data(ctors) => {
                let index = host.tag(word);
                let ctor = &ctors[index as usize];
                let site = match host.layout_of(info(word)).kind {
                    LayoutKind::Data { site, .. } => site,
                    LayoutKind::Closure { .. } => None,
                };
                let fields = ctor.fields.len();
                pending.push(Made::Data { ctor: ctor.ctor, index, site, fields });
                let fields = ctor.fields.iter().enumerate().rev();
                pending.extend(fields.map(|(i, s)| Made::Visit(*s, field(word, i))));
            }
            Shape::Vector(item) => {
                pending.push(Made::Vector(vector::length(word)));
                pending.extend(vector::items(word).rev().map(|word| Made::Visit(*item, word)));
            }
            Shape::Map(key, value) => {
                let all = table::unordered(word);
                pending.push(Made::Map(all.len()));
                for (k, v) in all.into_iter().rev() {
                    pending.push(Made::Visit(*value, v));
                    pending.push(Made::Visit(*key, k));
                }
            }
            Shape::Set(item) => {
                let all = table::unordered(word);
                pending.push(Made::Set(all.len()));
                pending.extend(all.into_iter().rev().map(|(k, _)| Made::Visit(*item, k)));
            }
            _ => {}
        }
    }
}

/// How a word is put together from those behind it.
enum Built<'a> {
    Visit(ShapeId, &'a Value),
    Data { info: u32, fields: usize },
    Vector(Rep, usize),
    Map(ShapeId, usize),
    Set(ShapeId, usize),
}

impl Context {
    /// The word of a value, owned.
    pub fn from_value(&mut self, value: &Value, shape: ShapeId) -> Word {
        let mut made: Vec<Word> = Vec::new();
        let mut pending = vec![Built::Visit(shape, value)];
        while let Some(next) = pending.pop() {
            let word = match next {
                Built::Visit(shape, value) => match self.leaf_word(shape, value) {
                    Some(word) => word,
                    None => {
                        self.visit_value(shape, value, &mut pending);
                        continue;
                    }
                },
                Built::Data { info, fields } => {
                    let word = self.alloc(fields, info);
                    let start = made.len() - fields;
                    for (i, field) in made.drain(start..).enumerate() {
                        set_field(word, i, field);
                    }
                    word
                }
                Built::Vector(rep, length) => {
                    let word = self.new_vector(vector::kind_of(rep), length);
                    let start = made.len() - length;
                    for (i, item) in made.drain(start..).enumerate() {
                        vector::put(word, i, item);
                    }
                    vector::set_items(word, length);
                    word
                }
                Built::Map(shape, length) => {
                    let keys = Keys::of(&self.host, shape);
                    let mut word = table::new(self, &keys, length);
                    let start = made.len() - 2 * length;
                    for pair in made.split_off(start).chunks_exact(2) {
                        word = table::insert(self, &keys, word, pair[0], pair[1]);
                    }
                    word
                }
                Built::Set(shape, length) => {
                    let keys = Keys::of(&self.host, shape);
                    let mut word = table::new(self, &keys, length);
                    for key in made.split_off(made.len() - length) {
                        word = table::insert(self, &keys, word, key, 0);
                    }
                    word
                }
            };
            made.push(word);
        }
        made.pop().unwrap_or_default()
    }

    /// The word of a value without parts.
    fn leaf_word(&mut self, shape: ShapeId, value: &Value) -> Option<Word> {
        Some(match (self.host.shapes.get(shape), value) {
            (Shape::Unit | Shape::Token, _) => 0,
            (Shape::Bool, Value::Bool(b)) => u64::from(*b),
            (Shape::Int, Value::Int(n)) => n.cast_unsigned(),
            (Shape::Keyword, Value::Keyword(name)) => u64::from(name.id()),
            (Shape::Quantity(_), Value::Quantity(x, _)) => x.to_bits(),
            (Shape::Quantity(_), Value::Int(n)) => (*n as f64).to_bits(),
            (Shape::String, Value::Str(text)) => self.new_string(text),
            (Shape::Enumeration(_), Value::Tag { index, .. }) => u64::from(*index),
            (Shape::Data(_), Value::Tag { index, .. }) => immediate(*index),
            (Shape::Wrapper(ctor, rep), Value::Data(data)) if *rep != Rep::Ptr => {
                let field = ctor.fields[0];
                return self.leaf_word(field, data.fields.first()?);
            }
            (Shape::Function, Value::Function(function)) => match &function.target {
                Target::Closure(closure) if Rc::ptr_eq(&closure.owner, &self.host.returned) => {
                    dup(closure.word)
                }
                _ => bug!("a function that is no closure of this program"),
            },
            (Shape::Opaque, value) => self.new_opaque(value.clone()),
            (Shape::Data(_) | Shape::Wrapper(..), Value::Data(_))
            | (Shape::Vector(_), Value::Vector(_))
            | (Shape::Map(..), Value::Map(_))
            | (Shape::Set(_), Value::Set(_)) => return None,
            (shape, value) => bug!("{value:?} where the shape is {shape:?}"),
        })
    }

    fn visit_value<'a>(&mut self, shape: ShapeId, value: &'a Value, pending: &mut Vec<Built<'a>>) {
        match (self.host.shapes.get(shape), value) {
            (Shape::Data(ctors), Value::Data(data)) => {
                let Some(ctor) = ctors.get(data.index as usize) else {
                    bug!("{value:?} has no constructor in its shape")
                };
                let Some(layout) = ctor.layout else { bug!("{value:?} has fields") };
                let shapes = ctor.fields.clone();
                let info = match data.site.filter(|_| ctor.is_record) {
                    Some(site) => self.info_at(shape, site),
                    None => FIRST_LAYOUT + layout.0,
                };
                pending.push(Built::Data { info, fields: shapes.len() });
                let parts = shapes.into_iter().zip(data.fields.iter()).rev();
                pending.extend(parts.map(|(shape, value)| Built::Visit(shape, value)));
            }
            (Shape::Wrapper(ctor, _), Value::Data(data)) => {
                let field = ctor.fields[0];
                pending.extend(data.fields.first().map(|value| Built::Visit(field, value)));
            }
            (Shape::Vector(item), Value::Vector(seq)) => {
                let (item, rep) = (*item, self.host.shapes.rep(*item));
                pending.push(Built::Vector(rep, seq.items.len()));
                pending.extend(seq.items.iter().rev().map(|value| Built::Visit(item, value)));
            }
            (Shape::Map(key, held), Value::Map(entries)) => {
                pending.push(Built::Map(shape, entries.map.len()));
                for (k, v) in entries.map.iter().rev() {
                    pending.push(Built::Visit(*held, v));
                    pending.push(Built::Visit(*key, &k.0));
                }
            }
            (Shape::Set(item), Value::Set(members)) => {
                pending.push(Built::Set(shape, members.set.len()));
                pending.extend(members.set.iter().rev().map(|k| Built::Visit(*item, &k.0)));
            }
            _ => {}
        }
    }

    /// `info` of records of a shape that were made at a site: the program's layout, or one that is
    /// made here, whose number no layout of the program gets.
    pub(crate) fn info_at(&mut self, shape: ShapeId, site: Site) -> u32 {
        if let Some(layout) = self.host.shapes.known_layout_at(shape, site) {
            return FIRST_LAYOUT + layout.0;
        }
        if let Some(info) = self.host.outside_at.get(&(shape, site)) {
            return *info;
        }
        let fields = self.host.shapes.get(shape).ctors()[0].fields.clone();
        let kind = LayoutKind::Data { shape, index: 0, site: Some(site) };
        let info = u32::MAX - self.host.outside.len() as u32;
        self.host.outside.push(layout::Layout { fields, kind });
        self.host.outside_at.insert((shape, site), info);
        info
    }
}

impl Drop for Closure {
    fn drop(&mut self) {
        self.owner.give_back(self.word);
    }
}

/// The number of the function of a closure.
pub fn function_of(closure: Word) -> u32 {
    debug_assert!(!at(closure).is_null());
    field(closure, 0) as u32
}
