//! What is in the cell of a map or a set: a hash table, or an ordered tree (`tree`).
//!
//! While a map is used by one owner it is a hash table that changes in place. Changed while it is
//! shared, it becomes a tree, once, for both owners: from then on versions share what is equal. So
//! does a map that is asked for its first or last entry, as a queue is again and again. What a map
//! is cannot be seen: entries are listed in the structural order of keys either way.
//!
//! ```text
//! map, set   [ header | flags | buckets or root of the tree, 0: none | entries | buckets less 1 ]
//! buckets    [ header | hash, key, value | hash, key, value | .. ]     hash 0: nothing is there
//! ```

use super::tree;
use crate::heap::cell::{
    BUCKETS, MAP, NODE, SET, Word, dup, field, is_immediate, is_unique, set_field,
};
use crate::heap::{Context, Host, short, string};
use crate::layout::{Rep, Shape, ShapeId, Shapes};
use crate::structure::{float_bits, floats, hash_text, keywords, mix};
use std::cmp::Ordering;

/// A shared table of at most so many entries is copied, not made into a tree.
const SMALL: usize = 8;

/// Words of a map.
pub(crate) const WORDS: usize = 4;
const FLAGS: usize = 0;
const HELD: usize = 1;
const LENGTH: usize = 2;
const MASK: usize = 3;

const KEY_IS_REFERENCE: u64 = 1;
const VALUE_IS_REFERENCE: u64 = 2;
const IS_TREE: u64 = 4;

/// The fewest buckets that are made.
const FEWEST: usize = 4;

/// How far behind its bucket a key may stand. Only keys chosen for it come so far, of less than
/// 2^30; a map of these becomes a tree, so that nobody can make it slow.
const FARTHEST: usize = 1024;

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
            KeyKind::String => string::compare(a, b),
            KeyKind::Other => host.compare(self.shape, a, b),
        }
    }

    #[inline]
    fn equal(&self, host: &Host, a: Word, b: Word) -> bool {
        match self.kind {
            KeyKind::Int | KeyKind::Keyword => a == b,
            KeyKind::Float => floats(a, b).is_eq(),
            KeyKind::String => string::equal(a, b),
            KeyKind::Other => host.compare(self.shape, a, b).is_eq(),
        }
    }

    /// Of a key that equals no other word.
    #[inline]
    fn hash_of_word(&self, key: Word) -> Option<u64> {
        let is_word = match self.kind {
            KeyKind::Int | KeyKind::Keyword => true,
            KeyKind::String => is_immediate(key),
            KeyKind::Float | KeyKind::Other => false,
        };
        // 0 is of no key.
        is_word.then(|| mix(key, 0) | 1 << 63)
    }

    #[inline]
    fn hash(&self, host: &Host, key: Word) -> u64 {
        if let Some(hash) = self.hash_of_word(key) {
            return hash;
        }
        let hash = match self.kind {
            KeyKind::Float => mix(float_bits(key), 0),
            KeyKind::String => hash_text(string::text(&key)),
            _ => host.hash(self.shape, key),
        };
        hash | 1 << 63
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

/// Every reference that a map holds, for dropping them.
pub(crate) fn each_reference(map: Word, mut each: impl FnMut(Word)) {
    let flags = field(map, FLAGS);
    if flags & IS_TREE != 0 {
        return each(field(map, HELD));
    }
    if flags & (KEY_IS_REFERENCE | VALUE_IS_REFERENCE) == 0 {
        return;
    }
    for (key, value) in buckets(map) {
        if flags & KEY_IS_REFERENCE != 0 {
            each(key);
        }
        if flags & VALUE_IS_REFERENCE != 0 {
            each(value);
        }
    }
}

/// The number of words of the cell of buckets, if there is one.
pub(crate) fn bucket_words(map: Word) -> Option<(Word, usize)> {
    let is_flat = field(map, FLAGS) & IS_TREE == 0 && field(map, HELD) != 0;
    is_flat.then(|| (field(map, HELD), 3 * (field(map, MASK) as usize + 1)))
}

#[inline]
pub(crate) fn is_tree(map: Word) -> bool {
    field(map, FLAGS) & IS_TREE != 0
}

#[inline]
pub(crate) fn len(map: Word) -> usize {
    if is_tree(map) { tree::size(field(map, HELD)) } else { field(map, LENGTH) as usize }
}

/// The entries of a hash table, in the order of its buckets.
fn buckets(map: Word) -> impl Iterator<Item = (Word, Word)> {
    let held = field(map, HELD);
    let count = if held == 0 { 0 } else { field(map, MASK) as usize + 1 };
    let used = (0..count).filter(move |i| field(held, 3 * i) != 0);
    used.map(move |i| (field(held, 3 * i + 1), field(held, 3 * i + 2)))
}

fn wrap(ctx: &mut Context, keys: &Keys, flags: u64, held: Word) -> Word {
    let word = ctx.alloc(WORDS, if keys.is_set { SET } else { MAP });
    let references = u64::from(keys.is_reference) * KEY_IS_REFERENCE
        + u64::from(keys.is_value_reference) * VALUE_IS_REFERENCE;
    set_field(word, FLAGS, flags | references);
    set_field(word, HELD, held);
    set_field(word, LENGTH, 0);
    set_field(word, MASK, 0);
    word
}

/// An empty map or set with room.
pub(crate) fn new(ctx: &mut Context, keys: &Keys, room: usize) -> Word {
    let map = wrap(ctx, keys, 0, 0);
    if room > 0 {
        rehash(ctx, map, (room * 4 / 3 + 1).next_power_of_two().max(FEWEST));
    }
    map
}

/// Moves the entries to so many buckets, a power of two with room for them.
#[cold]
fn rehash(ctx: &mut Context, map: Word, count: usize) {
    let made = ctx.alloc(3 * count, BUCKETS);
    ctx.allocations -= 1;
    for i in 0..count {
        set_field(made, 3 * i, 0);
    }
    let mask = count - 1;
    if let Some((old, words)) = bucket_words(map) {
        for from in (0..words).step_by(3).filter(|from| field(old, *from) != 0) {
            let mut at = field(old, from) as usize & mask;
            while field(made, 3 * at) != 0 {
                at = (at + 1) & mask;
            }
            write(made, at, field(old, from), (field(old, from + 1), field(old, from + 2)));
        }
        ctx.free_memory(old, words);
    }
    set_field(map, HELD, made);
    set_field(map, MASK, mask as u64);
}

#[inline]
fn write(buckets: Word, at: usize, hash: u64, (key, value): (Word, Word)) {
    set_field(buckets, 3 * at, hash);
    set_field(buckets, 3 * at + 1, key);
    set_field(buckets, 3 * at + 2, value);
}

/// The bucket of a key, or the free one where it would be. There are buckets.
#[inline]
fn place(host: &Host, keys: &Keys, map: Word, hash: u64, key: Word) -> (usize, bool) {
    let (held, mask) = (field(map, HELD), field(map, MASK) as usize);
    let mut at = hash as usize & mask;
    loop {
        match field(held, 3 * at) {
            0 => return (at, false),
            found if found == hash && keys.equal(host, field(held, 3 * at + 1), key) => {
                return (at, true);
            }
            _ => at = (at + 1) & mask,
        }
    }
}

/// The value of a key, borrowed; of a set, anything.
#[inline]
pub(crate) fn get(ctx: &Context, keys: &Keys, map: Word, key: Word) -> Option<Word> {
    if is_tree(map) {
        let found = tree::find(ctx, keys, field(map, HELD), key);
        return found.map(|node| tree::entry(node).1);
    }
    let at = find(&ctx.host, keys, map, key)?;
    Some(field(field(map, HELD), 3 * at + 2))
}

/// As [`get`], of a key whose value is often put back changed: its bucket is kept in mind.
#[inline]
pub(crate) fn get_to_put(ctx: &mut Context, keys: &Keys, map: Word, key: Word) -> Option<Word> {
    if is_tree(map) {
        return get(ctx, keys, map, key);
    }
    let at = find(&ctx.host, keys, map, key)?;
    ctx.host.last_bucket = at;
    Some(field(field(map, HELD), 3 * at + 2))
}

/// The bucket of a key of a hash table.
#[inline]
fn find(host: &Host, keys: &Keys, map: Word, key: Word) -> Option<usize> {
    if field(map, LENGTH) == 0 {
        return None;
    }
    match keys.hash_of_word(key) {
        Some(hash) => find_word(map, hash, key),
        None => find_slowly(host, keys, map, key),
    }
}

/// Of a key that equals no other word.
#[inline]
fn find_word(map: Word, hash: u64, key: Word) -> Option<usize> {
    let (held, mask) = (field(map, HELD), field(map, MASK) as usize);
    let mut at = hash as usize & mask;
    loop {
        let found = field(held, 3 * at);
        if found == hash && field(held, 3 * at + 1) == key {
            return Some(at);
        }
        if found == 0 {
            return None;
        }
        at = (at + 1) & mask;
    }
}

fn find_slowly(host: &Host, keys: &Keys, map: Word, key: Word) -> Option<usize> {
    let hash = keys.hash(host, key);
    let (at, is_there) = place(host, keys, map, hash, key);
    is_there.then_some(at)
}

/// Whether the key of the bucket that was looked at last is this very word, so that nothing need be
/// looked for.
#[inline]
fn is_at_hand(ctx: &Context, map: Word, key: Word) -> bool {
    let (held, at) = (field(map, HELD), ctx.host.last_bucket);
    held != 0
        && at <= field(map, MASK) as usize
        && field(held, 3 * at) != 0
        && field(held, 3 * at + 1) == key
}

/// A table that this map alone has; owns the map. A large shared one becomes a tree.
#[inline]
fn own(ctx: &mut Context, keys: &Keys, map: Word) -> Word {
    if is_unique(map) { map } else { copy(ctx, keys, map) }
}

fn copy(ctx: &mut Context, keys: &Keys, map: Word) -> Word {
    let made = if !is_tree(map) && len(map) <= SMALL {
        let mut made = new(ctx, keys, len(map));
        for entry in unordered(map) {
            let (key, value) = keys.dup_entry(entry);
            made = insert(ctx, keys, made, key, value);
        }
        made
    } else {
        let root = dup(as_tree(ctx, keys, map));
        wrap(ctx, keys, IS_TREE, root)
    };
    ctx.drop_word(map);
    made
}

/// The map as a tree, which it is from now on; borrowed.
fn as_tree(ctx: &mut Context, keys: &Keys, map: Word) -> Word {
    if is_tree(map) {
        return field(map, HELD);
    }
    let entries = entries(&ctx.host, keys, map);
    let root = tree::build(ctx, keys, &entries);
    if let Some((buckets, words)) = bucket_words(map) {
        ctx.free_memory(buckets, words);
    }
    set_field(map, FLAGS, field(map, FLAGS) | IS_TREE);
    set_field(map, HELD, root);
    root
}

/// Owns all three.
#[inline]
pub(crate) fn insert(ctx: &mut Context, keys: &Keys, map: Word, key: Word, value: Word) -> Word {
    if is_unique(map) && !is_tree(map) && is_at_hand(ctx, map, key) {
        change_value(ctx, keys, map, ctx.host.last_bucket, key, value);
        return map;
    }
    insert_anywhere(ctx, keys, map, key, value)
}

fn insert_anywhere(ctx: &mut Context, keys: &Keys, map: Word, key: Word, value: Word) -> Word {
    let map = own(ctx, keys, map);
    if is_tree(map) {
        return insert_into_tree(ctx, keys, map, key, value);
    }
    let (length, count) = (field(map, LENGTH) as usize, field(map, MASK) as usize + 1);
    // At most three of four buckets are used.
    if field(map, HELD) == 0 {
        rehash(ctx, map, FEWEST);
    } else if 4 * (length + 1) > 3 * count {
        rehash(ctx, map, 2 * count);
    }
    let hash = keys.hash(&ctx.host, key);
    let (at, is_there) = place(&ctx.host, keys, map, hash, key);
    if is_there {
        change_value(ctx, keys, map, at, key, value);
    } else if at.wrapping_sub(hash as usize) & field(map, MASK) as usize > FARTHEST {
        as_tree(ctx, keys, map);
        return insert_into_tree(ctx, keys, map, key, value);
    } else {
        write(field(map, HELD), at, hash, (key, value));
        set_field(map, LENGTH, length as u64 + 1);
    }
    map
}

/// Of a key that is there; owns it and the value.
#[inline]
fn change_value(ctx: &mut Context, keys: &Keys, map: Word, at: usize, key: Word, value: Word) {
    let held = field(map, HELD);
    let before = field(held, 3 * at + 2);
    set_field(held, 3 * at + 2, value);
    keys.drop_entry(ctx, key, before);
}

fn insert_into_tree(ctx: &mut Context, keys: &Keys, map: Word, key: Word, value: Word) -> Word {
    let root = tree::insert(ctx, keys, field(map, HELD), key, value);
    set_field(map, HELD, root);
    map
}

/// Owns the map.
pub(crate) fn remove(ctx: &mut Context, keys: &Keys, map: Word, key: Word) -> Word {
    if get(ctx, keys, map, key).is_none() {
        return map;
    }
    let map = own(ctx, keys, map);
    if is_tree(map) {
        let root = tree::remove(ctx, keys, field(map, HELD), key);
        set_field(map, HELD, root);
        return map;
    }
    let hash = keys.hash(&ctx.host, key);
    let (at, _) = place(&ctx.host, keys, map, hash, key);
    let held = field(map, HELD);
    let entry = (field(held, 3 * at + 1), field(held, 3 * at + 2));
    close_gap(held, at, field(map, MASK) as usize);
    set_field(map, LENGTH, field(map, LENGTH) - 1);
    keys.drop_entry(ctx, entry.0, entry.1);
    map
}

/// Moves back what stands behind a bucket only because that was used.
fn close_gap(held: Word, gap: usize, mask: usize) {
    let (mut gap, mut at) = (gap, gap);
    loop {
        at = (at + 1) & mask;
        let hash = field(held, 3 * at);
        if hash == 0 {
            return set_field(held, 3 * gap, 0);
        }
        let wanted = hash as usize & mask;
        if at.wrapping_sub(wanted) & mask >= at.wrapping_sub(gap) & mask {
            write(held, gap, hash, (field(held, 3 * at + 1), field(held, 3 * at + 2)));
            gap = at;
        }
    }
}

/// The entries in the order of keys, borrowed.
fn entries(host: &Host, keys: &Keys, map: Word) -> Vec<(Word, Word)> {
    let mut all = unordered(map);
    if !is_tree(map) {
        match keys.kind {
            KeyKind::Int => all.sort_unstable_by_key(|(key, _)| key.cast_signed()),
            KeyKind::String => sort_strings(&mut all),
            _ => all.sort_unstable_by(|a, b| keys.compare(host, a.0, b.0)),
        }
    }
    all
}

/// By the first eight bytes first, which are mostly enough.
fn sort_strings(all: &mut Vec<(Word, Word)>) {
    let head = |word: Word| {
        if is_immediate(word) {
            return short::head(word);
        }
        let bytes = string::text(&word).as_bytes();
        bytes.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
    };
    let mut keyed: Vec<(u64, (Word, Word))> = all.iter().map(|e| (head(e.0), *e)).collect();
    keyed.sort_unstable_by(|(a, (x, _)), (b, (y, _))| {
        a.cmp(b).then_with(|| string::compare(*x, *y))
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
    if !is_tree(map) && len(map) <= SMALL {
        let order = |a: &(Word, Word), b: &(Word, Word)| keys.compare(&ctx.host, a.0, b.0);
        return if is_last { buckets(map).max_by(order) } else { buckets(map).min_by(order) };
    }
    let root = as_tree(ctx, keys, map);
    tree::outermost(root, is_last).map(tree::entry)
}

/// The entry of the smallest key that is greater than this one, borrowed. As [`outermost`].
pub(crate) fn after(ctx: &mut Context, keys: &Keys, map: Word, key: Word) -> Option<(Word, Word)> {
    if !is_tree(map) && len(map) <= SMALL {
        let order = |a: &(Word, Word), b: &(Word, Word)| keys.compare(&ctx.host, a.0, b.0);
        let later = |entry: &(Word, Word)| keys.compare(&ctx.host, key, entry.0).is_lt();
        return buckets(map).filter(later).min_by(order);
    }
    let root = as_tree(ctx, keys, map);
    tree::after(ctx, keys, root, key).map(tree::entry)
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
    wrap(ctx, keys, IS_TREE, root)
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
    if is_tree(map) {
        tree::walk(field(map, HELD), &mut |key, value| all.push((key, value)));
    } else {
        all.extend(buckets(map));
    }
    all
}
