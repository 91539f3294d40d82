//! What is in the cell of a map or a set: a hash table, or an ordered tree (`tree`).
//!
//! While a map is used by one owner it is a hash table that changes in place. Changed while it is
//! shared, it becomes a tree, once, for both owners: from then on versions share what is equal. So
//! does a map that is asked for its first or last entry, as a queue is again and again. What a map
//! is cannot be seen: entries are listed in the structural order of keys either way.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use super::tree;
use crate::heap::cell::{MAP, NODE, SET, Word, dup, field, is_unique, set_field};
use crate::heap::{Context, Host, string};
use crate::layout::{Rep, Shape, ShapeId, Shapes};
use crate::structure::{float_bits, floats, hash_text, keywords, mix};
use hashbrown::HashTable;
use std::cmp::Ordering;

/// A shared table of at most so many entries is copied, not made into a tree.
const SMALL: usize = 8;

pub struct Table {
    is_key_reference: bool,
    is_value_reference: bool,
    repr: Repr,
}

enum Repr {
    Flat(HashTable<Entry>),
    Tree(Word),
}

#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    key: Word,
    value: Word,
}

/// What is to be known of keys and values, from the shape of the map or set.
#[derive(Clone, Copy)]
pub(crate) struct Keys {
    shape: ShapeId,
    kind: KeyKind,
    is_set: bool,
    pub is_reference: bool,
    pub is_value_reference: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    /// Compared as `i64`.
    Int,
    Keyword,
    Float,
    String,
    Other,
}

impl Keys {
    /// Of a map or set.
    #[inline]
    pub fn of(host: &Host, shape: ShapeId) -> Keys {
        match host.keys.get(shape.0 as usize) {
            Some(Some(keys)) => *keys,
            _ => eclexia_base::bug!("a map or set is {:?}", host.shapes.get(shape)),
        }
    }

    /// `None` of what is neither a map nor a set.
    pub fn find(shapes: &Shapes, shape: ShapeId) -> Option<Keys> {
        let (key, value) = match shapes.get(shape) {
            Shape::Map(key, value) => (*key, Some(*value)),
            Shape::Set(key) => (*key, None),
            _ => return None,
        };
        let kind = match shapes.get(key) {
            Shape::Int | Shape::Bool | Shape::Unit | Shape::Enumeration(_) => KeyKind::Int,
            Shape::Keyword => KeyKind::Keyword,
            Shape::Quantity(_) => KeyKind::Float,
            Shape::String => KeyKind::String,
            _ => KeyKind::Other,
        };
        Some(Keys {
            shape: key,
            kind,
            is_set: value.is_none(),
            is_reference: shapes.rep(key) == Rep::Ptr,
            is_value_reference: value.is_some_and(|value| shapes.rep(value) == Rep::Ptr),
        })
    }

    pub fn rep(&self, host: &Host) -> Rep {
        host.shapes.rep(self.shape)
    }

    #[inline]
    pub fn compare(&self, host: &Host, a: Word, b: Word) -> Ordering {
        match self.kind {
            KeyKind::Int => a.cast_signed().cmp(&b.cast_signed()),
            KeyKind::Keyword => keywords(a, b),
            KeyKind::Float => floats(a, b),
            KeyKind::String => string::text(a).cmp(string::text(b)),
            KeyKind::Other => host.compare(self.shape, a, b),
        }
    }

    #[inline]
    fn equal(&self, host: &Host, a: Word, b: Word) -> bool {
        match self.kind {
            KeyKind::Int | KeyKind::Keyword => a == b,
            KeyKind::Float => floats(a, b).is_eq(),
            KeyKind::String => a == b || string::text(a) == string::text(b),
            KeyKind::Other => host.compare(self.shape, a, b).is_eq(),
        }
    }

    #[inline]
    fn hash(&self, host: &Host, key: Word) -> u64 {
        match self.kind {
            KeyKind::Int | KeyKind::Keyword => mix(key, 0),
            KeyKind::Float => mix(float_bits(key), 0),
            KeyKind::String => hash_text(string::text(key)),
            KeyKind::Other => host.hash(self.shape, key),
        }
    }

    pub fn drop_entry(&self, ctx: &mut Context, key: Word, value: Word) {
        if self.is_reference {
            ctx.drop_word(key);
        }
        if self.is_value_reference {
            ctx.drop_word(value);
        }
    }

    pub fn dup_entry(&self, (key, value): (Word, Word)) -> (Word, Word) {
        if self.is_reference {
            dup(key);
        }
        if self.is_value_reference {
            dup(value);
        }
        (key, value)
    }
}

/// The kind of tree nodes of such keys and values.
pub(crate) fn node_info(keys: &Keys) -> u32 {
    NODE + u32::from(keys.is_reference) + 2 * u32::from(keys.is_value_reference)
}

impl Table {
    /// Every word that the table refers to, for dropping them.
    pub(crate) fn each_word(&self, mut each: impl FnMut(Word)) {
        match &self.repr {
            Repr::Tree(root) => each(*root),
            Repr::Flat(_) if !self.is_key_reference && !self.is_value_reference => {}
            Repr::Flat(entries) => {
                for entry in entries {
                    if self.is_key_reference {
                        each(entry.key);
                    }
                    if self.is_value_reference {
                        each(entry.value);
                    }
                }
            }
        }
    }

    fn len(&self) -> usize {
        match &self.repr {
            Repr::Flat(entries) => entries.len(),
            Repr::Tree(root) => tree::size(*root),
        }
    }
}

/// The table of a map or set; what is said in `heap` holds for it.
fn table<'a>(word: Word) -> &'a mut Table {
    // SAFETY: the first word of a map is its table. Tables are not shared between threads, and no
    // reference to one is kept while the heap changes.
    unsafe { &mut *(field(word, 0) as *mut Table) }
}

#[inline]
pub(crate) fn len(map: Word) -> usize {
    table(map).len()
}

fn wrap(ctx: &mut Context, keys: &Keys, repr: Repr) -> Word {
    let word = ctx.alloc(1, if keys.is_set { SET } else { MAP });
    let (is_key_reference, is_value_reference) = (keys.is_reference, keys.is_value_reference);
    let table = Table { is_key_reference, is_value_reference, repr };
    set_field(word, 0, Box::into_raw(Box::new(table)) as Word);
    word
}

/// An empty map or set with room.
pub(crate) fn new(ctx: &mut Context, keys: &Keys, room: usize) -> Word {
    wrap(ctx, keys, Repr::Flat(HashTable::with_capacity(room)))
}

/// The value of a key, borrowed; of a set, anything.
#[inline]
pub(crate) fn get(ctx: &Context, keys: &Keys, map: Word, key: Word) -> Option<Word> {
    match &table(map).repr {
        Repr::Flat(entries) if entries.is_empty() => None,
        Repr::Flat(entries) => {
            let hash = keys.hash(&ctx.host, key);
            let same = |e: &Entry| e.hash == hash && keys.equal(&ctx.host, e.key, key);
            entries.find(hash, same).map(|entry| entry.value)
        }
        Repr::Tree(root) => tree::find(ctx, keys, *root, key).map(|node| tree::entry(node).1),
    }
}

/// A table that this map alone has; owns the map. A large shared one becomes a tree.
fn own(ctx: &mut Context, keys: &Keys, map: Word) -> Word {
    if is_unique(map) {
        return map;
    }
    let repr = match &table(map).repr {
        Repr::Flat(entries) if entries.len() <= SMALL => copied(keys, entries),
        _ => Repr::Tree(dup(as_tree(ctx, keys, map))),
    };
    let copy = wrap(ctx, keys, repr);
    ctx.drop_word(map);
    copy
}

fn copied(keys: &Keys, entries: &HashTable<Entry>) -> Repr {
    for entry in entries {
        keys.dup_entry((entry.key, entry.value));
    }
    Repr::Flat(entries.clone())
}

/// The map as a tree, which it is from now on; borrowed.
fn as_tree(ctx: &mut Context, keys: &Keys, map: Word) -> Word {
    let entries = match &table(map).repr {
        Repr::Tree(root) => return *root,
        Repr::Flat(_) => entries(&ctx.host, keys, map),
    };
    let root = tree::build(ctx, keys, &entries);
    table(map).repr = Repr::Tree(root);
    root
}

/// Owns all three.
pub(crate) fn insert(ctx: &mut Context, keys: &Keys, map: Word, key: Word, value: Word) -> Word {
    let map = own(ctx, keys, map);
    match &mut table(map).repr {
        Repr::Flat(entries) => {
            let hash = keys.hash(&ctx.host, key);
            let host = &ctx.host;
            let same = |e: &Entry| e.hash == hash && keys.equal(host, e.key, key);
            if let Some(entry) = entries.find_mut(hash, same) {
                let before = std::mem::replace(&mut entry.value, value);
                keys.drop_entry(ctx, key, before);
            } else {
                entries.insert_unique(hash, Entry { hash, key, value }, |entry| entry.hash);
            }
        }
        Repr::Tree(root) => *root = tree::insert(ctx, keys, *root, key, value),
    }
    map
}

/// Owns the map.
pub(crate) fn remove(ctx: &mut Context, keys: &Keys, map: Word, key: Word) -> Word {
    if get(ctx, keys, map, key).is_none() {
        return map;
    }
    let map = own(ctx, keys, map);
    match &mut table(map).repr {
        Repr::Flat(entries) => {
            let hash = keys.hash(&ctx.host, key);
            let host = &ctx.host;
            let same = |e: &Entry| e.hash == hash && keys.equal(host, e.key, key);
            if let Ok(found) = entries.find_entry(hash, same) {
                let (entry, _) = found.remove();
                keys.drop_entry(ctx, entry.key, entry.value);
            }
        }
        Repr::Tree(root) => *root = tree::remove(ctx, keys, *root, key),
    }
    map
}

/// The entries in the order of keys, borrowed.
fn entries(host: &Host, keys: &Keys, map: Word) -> Vec<(Word, Word)> {
    let mut all = Vec::with_capacity(len(map));
    match &table(map).repr {
        Repr::Tree(root) => tree::walk(*root, &mut |key, value| all.push((key, value))),
        Repr::Flat(entries) => {
            all.extend(entries.iter().map(|entry| (entry.key, entry.value)));
            match keys.kind {
                KeyKind::Int => all.sort_unstable_by_key(|(key, _)| key.cast_signed()),
                KeyKind::String => sort_strings(&mut all),
                _ => all.sort_unstable_by(|a, b| keys.compare(host, a.0, b.0)),
            }
        }
    }
    all
}

/// By the first eight bytes first, which are mostly enough.
fn sort_strings(all: &mut Vec<(Word, Word)>) {
    let head = |word: Word| {
        let bytes = string::text(word).as_bytes();
        let mut head = [0; 8];
        let length = bytes.len().min(8);
        head[..length].copy_from_slice(&bytes[..length]);
        u64::from_be_bytes(head)
    };
    let mut keyed: Vec<(u64, (Word, Word))> = all.iter().map(|e| (head(e.0), *e)).collect();
    keyed.sort_unstable_by(|(a, (x, _)), (b, (y, _))| {
        a.cmp(b).then_with(|| string::text(*x).cmp(string::text(*y)))
    });
    all.clear();
    all.extend(keyed.into_iter().map(|(_, entry)| entry));
}

/// The entries of a map or set of this shape, in order, borrowed.
pub(crate) fn sorted(host: &Host, shape: ShapeId, map: Word) -> Vec<(Word, Word)> {
    entries(host, &Keys::of(host, shape), map)
}

/// The first or last entry, borrowed.
pub(crate) fn outermost(
    ctx: &mut Context,
    keys: &Keys,
    map: Word,
    is_last: bool,
) -> Option<(Word, Word)> {
    if let Repr::Flat(entries) = &table(map).repr
        && entries.len() <= SMALL
    {
        let pairs = entries.iter().map(|entry| (entry.key, entry.value));
        let order = |a: &(Word, Word), b: &(Word, Word)| keys.compare(&ctx.host, a.0, b.0);
        return if is_last { pairs.max_by(order) } else { pairs.min_by(order) };
    }
    let root = as_tree(ctx, keys, map);
    tree::outermost(root, is_last).map(tree::entry)
}

/// A new map of the entries from one key up to, not including, another.
pub(crate) fn between(ctx: &mut Context, keys: &Keys, map: Word, bounds: (Word, Word)) -> Word {
    if keys.compare(&ctx.host, bounds.0, bounds.1) != Ordering::Less {
        return new(ctx, keys, 0);
    }
    let root = as_tree(ctx, keys, map);
    let mut all = Vec::new();
    tree::between(ctx, keys, root, bounds, &mut |key, value| {
        all.push(keys.dup_entry((key, value)));
    });
    let root = tree::build(ctx, keys, &all);
    wrap(ctx, keys, Repr::Tree(root))
}

/// The entries of both; of equal keys the second's values if `second_counts`. Owns `first`.
pub(crate) fn merge(
    ctx: &mut Context,
    keys: &Keys,
    first: Word,
    second: Word,
    second_counts: bool,
) -> Word {
    let mut result = first;
    for entry in unordered(second) {
        if second_counts || get(ctx, keys, result, entry.0).is_none() {
            let (key, value) = keys.dup_entry(entry);
            result = insert(ctx, keys, result, key, value);
        }
    }
    result
}

/// The entries in any order, which is the same on every run; borrowed.
pub(crate) fn unordered(map: Word) -> Vec<(Word, Word)> {
    let mut all = Vec::with_capacity(len(map));
    match &table(map).repr {
        Repr::Tree(root) => tree::walk(*root, &mut |key, value| all.push((key, value))),
        Repr::Flat(entries) => all.extend(entries.iter().map(|e| (e.key, e.value))),
    }
    all
}
