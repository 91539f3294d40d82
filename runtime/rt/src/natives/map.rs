//! Maps: see `table`.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::table::{self, Keys};
use super::{PURE, info_of, item, native, option, pair, rep};
use crate::heap::Context;
use crate::heap::cell::{Word, dup, field};
use crate::heap::vector::{self, items};
use crate::layout::ShapeId;
use crate::native::{Native, ShapeOf};

const MAP: ShapeOf = ShapeOf::Arg(0);
const RESULT: ShapeOf = ShapeOf::Result;

pub(super) const TABLE: &[Native] = &[
    native!("map/empty", ecl_map_empty, (), [RESULT], Ptr, PURE),
    native!("map/size", ecl_map_size, (Borrowed), [], Int, PURE),
    native!("map/get", ecl_map_get, (Borrowed, BorrowedWord), [MAP, RESULT], Ptr, PURE),
    native!("entry-get", ecl_map_get, (Borrowed, BorrowedWord), [MAP, RESULT], Ptr, PURE),
    native!("map/get-or", ecl_map_get_or, (Borrowed, BorrowedWord, OwnedWord), [MAP], Word, PURE),
    native!("map/contains?", ecl_map_contains, (Borrowed, BorrowedWord), [MAP], Bool, PURE),
    native!("map-put", ecl_map_put, (Owned, OwnedWord, OwnedWord), [MAP], Ptr, PURE),
    native!("map/remove", ecl_map_remove, (Owned, BorrowedWord), [MAP], Ptr, PURE),
    native!("map/merge", ecl_map_merge, (Owned, Borrowed), [MAP], Ptr, PURE),
    native!("map/keys", ecl_map_keys, (Borrowed), [MAP, RESULT], Ptr, PURE),
    native!("map/values", ecl_map_values, (Borrowed), [MAP, RESULT], Ptr, PURE),
    native!("map-entries", ecl_map_entries, (Borrowed), [MAP, RESULT], Ptr, PURE),
    native!("map/first", ecl_map_first, (Borrowed), [MAP, RESULT], Ptr, PURE),
    native!("map/last", ecl_map_last, (Borrowed), [MAP, RESULT], Ptr, PURE),
    native!("map/after", ecl_map_after, (Borrowed, BorrowedWord), [MAP, RESULT], Ptr, PURE),
    native!(
        "map/between",
        ecl_map_between,
        (Borrowed, BorrowedWord, BorrowedWord),
        [MAP],
        Ptr,
        PURE
    ),
    native!("map/of", ecl_map_of, (Borrowed), [RESULT], Ptr, PURE),
];

fn keys(ctx: &Context, shape: u32) -> Keys {
    Keys::of(&ctx.host, ShapeId(shape))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_empty(ctx: &mut Context, result: u32) -> Word {
    let keys = keys(ctx, result);
    table::new(ctx, &keys, 0)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_size(_: &mut Context, map: Word) -> i64 {
    table::len(map) as i64
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_get(
    ctx: &mut Context,
    map: Word,
    key: Word,
    shape: u32,
    result: u32,
) -> Word {
    let keys = keys(ctx, shape);
    let found = table::get(ctx, &keys, map, key);
    if keys.is_value_reference {
        found.map(dup);
    }
    option(ctx, result, found)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_get_or(
    ctx: &mut Context,
    map: Word,
    key: Word,
    default: Word,
    shape: u32,
) -> Word {
    let keys = keys(ctx, shape);
    let Some(found) = table::get_to_put(ctx, &keys, map, key) else { return default };
    if keys.is_value_reference {
        dup(found);
        ctx.drop_word(default);
    }
    found
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_contains(ctx: &mut Context, map: Word, key: Word, shape: u32) -> u8 {
    let keys = keys(ctx, shape);
    u8::from(table::get(ctx, &keys, map, key).is_some())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_put(
    ctx: &mut Context,
    map: Word,
    key: Word,
    value: Word,
    shape: u32,
) -> Word {
    let keys = keys(ctx, shape);
    table::insert(ctx, &keys, map, key, value)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_remove(ctx: &mut Context, map: Word, key: Word, shape: u32) -> Word {
    let keys = keys(ctx, shape);
    table::remove(ctx, &keys, map, key)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_merge(ctx: &mut Context, first: Word, second: Word, shape: u32) -> Word {
    let keys = keys(ctx, shape);
    table::merge(ctx, &keys, first, second, true)
}

/// A vector of words that are borrowed.
fn vector_of(ctx: &mut Context, result: u32, words: impl ExactSizeIterator<Item = Word>) -> Word {
    let kind = vector::kind_of(rep(ctx, item(ctx, result)));
    let made = ctx.new_vector(kind, words.len());
    let length = words.len();
    for (i, word) in words.enumerate() {
        if kind == crate::heap::cell::POINTERS {
            dup(word);
        }
        vector::put(made, i, word);
    }
    vector::set_items(made, length);
    made
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_keys(ctx: &mut Context, map: Word, shape: u32, result: u32) -> Word {
    let all = table::sorted(&ctx.host, ShapeId(shape), map);
    vector_of(ctx, result, all.iter().map(|entry| entry.0))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_values(ctx: &mut Context, map: Word, shape: u32, result: u32) -> Word {
    let all = table::sorted(&ctx.host, ShapeId(shape), map);
    vector_of(ctx, result, all.iter().map(|entry| entry.1))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_entries(ctx: &mut Context, map: Word, shape: u32, result: u32) -> Word {
    let keys = keys(ctx, shape);
    let all = table::sorted(&ctx.host, ShapeId(shape), map);
    let info = info_of(ctx, item(ctx, result).0, 0);
    let made = ctx.new_vector(crate::heap::cell::POINTERS, all.len());
    for (i, entry) in all.iter().enumerate() {
        let (key, value) = keys.dup_entry(*entry);
        let entry = pair(ctx, info, key, value);
        vector::put(made, i, entry);
    }
    vector::set_items(made, all.len());
    made
}

fn outermost(ctx: &mut Context, map: Word, shape: u32, result: u32, is_last: bool) -> Word {
    let keys = keys(ctx, shape);
    let found = table::outermost(ctx, &keys, map, is_last);
    option_of_entry(ctx, &keys, found, result)
}

/// An entry, which is borrowed, as a pair.
fn option_of_entry(
    ctx: &mut Context,
    keys: &Keys,
    found: Option<(Word, Word)>,
    result: u32,
) -> Word {
    let some = ctx.host.ctors.some.1;
    let found = found.map(|entry| {
        let (key, value) = keys.dup_entry(entry);
        let entry_shape = super::ctor(ctx, result, some).fields[0];
        let info = info_of(ctx, entry_shape.0, 0);
        pair(ctx, info, key, value)
    });
    option(ctx, result, found)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_first(ctx: &mut Context, map: Word, shape: u32, result: u32) -> Word {
    outermost(ctx, map, shape, result, false)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_last(ctx: &mut Context, map: Word, shape: u32, result: u32) -> Word {
    outermost(ctx, map, shape, result, true)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_after(
    ctx: &mut Context,
    map: Word,
    key: Word,
    shape: u32,
    result: u32,
) -> Word {
    let keys = keys(ctx, shape);
    let found = table::after(ctx, &keys, map, key);
    option_of_entry(ctx, &keys, found, result)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_between(
    ctx: &mut Context,
    map: Word,
    from: Word,
    to: Word,
    shape: u32,
) -> Word {
    let keys = keys(ctx, shape);
    table::between(ctx, &keys, map, (from, to))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_map_of(ctx: &mut Context, pairs: Word, result: u32) -> Word {
    let keys = keys(ctx, result);
    let mut map = table::new(ctx, &keys, 0);
    for entry in items(pairs) {
        let (key, value) = keys.dup_entry((field(entry, 0), field(entry, 1)));
        map = table::insert(ctx, &keys, map, key, value);
    }
    map
}
