//! Sets: maps whose values are nothing.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::table::{self, Keys};
use super::{PURE, native, option};
use crate::heap::Context;
use crate::heap::cell::{POINTERS, Word, dup};
use crate::heap::vector::{self, items};
use crate::layout::{Rep, ShapeId};
use crate::native::{Native, ShapeOf};

const SET: ShapeOf = ShapeOf::Arg(0);
const RESULT: ShapeOf = ShapeOf::Result;

pub(super) const TABLE: &[Native] = &[
    native!("set/empty", ecl_set_empty, (), [RESULT], Ptr, PURE),
    native!("set/size", ecl_set_size, (Borrowed), [], Int, PURE),
    native!("set/contains?", ecl_set_contains, (Borrowed, BorrowedWord), [SET], Bool, PURE),
    native!("set/insert", ecl_set_insert, (Owned, OwnedWord), [SET], Ptr, PURE),
    native!("set/remove", ecl_set_remove, (Owned, BorrowedWord), [SET], Ptr, PURE),
    native!("set/union", ecl_set_union, (Owned, Borrowed), [SET], Ptr, PURE),
    native!("set/intersection", ecl_set_intersection, (Borrowed, Borrowed), [SET], Ptr, PURE),
    native!("set/difference", ecl_set_difference, (Borrowed, Borrowed), [SET], Ptr, PURE),
    native!("set/subset?", ecl_set_subset, (Borrowed, Borrowed), [SET], Bool, PURE),
    native!("set-to-vector", ecl_set_to_vector, (Borrowed), [SET], Ptr, PURE),
    native!("set/first", ecl_set_first, (Borrowed), [SET, RESULT], Ptr, PURE),
    native!("set/last", ecl_set_last, (Borrowed), [SET, RESULT], Ptr, PURE),
    native!("set/of", ecl_set_of, (Borrowed), [RESULT], Ptr, PURE),
];

fn keys(ctx: &Context, shape: u32) -> Keys {
    Keys::of(&ctx.host, ShapeId(shape))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_empty(ctx: &mut Context, result: u32) -> Word {
    let keys = keys(ctx, result);
    table::new(ctx, &keys, 0)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_size(_: &mut Context, set: Word) -> i64 {
    table::len(set) as i64
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_contains(ctx: &mut Context, set: Word, key: Word, shape: u32) -> u8 {
    let keys = keys(ctx, shape);
    u8::from(table::get(ctx, &keys, set, key).is_some())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_insert(ctx: &mut Context, set: Word, key: Word, shape: u32) -> Word {
    let keys = keys(ctx, shape);
    table::insert(ctx, &keys, set, key, 0)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_remove(ctx: &mut Context, set: Word, key: Word, shape: u32) -> Word {
    let keys = keys(ctx, shape);
    table::remove(ctx, &keys, set, key)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_union(ctx: &mut Context, first: Word, second: Word, shape: u32) -> Word {
    let keys = keys(ctx, shape);
    table::merge(ctx, &keys, first, second, false)
}

/// A new set of the elements of `from` that are in `other`, or are not.
fn kept(ctx: &mut Context, from: Word, other: Word, keys: &Keys, if_there: bool) -> Word {
    let mut made = table::new(ctx, keys, 0);
    for entry in table::unordered(from) {
        if table::get(ctx, keys, other, entry.0).is_some() == if_there {
            let (key, _) = keys.dup_entry(entry);
            made = table::insert(ctx, keys, made, key, 0);
        }
    }
    made
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_intersection(ctx: &mut Context, a: Word, b: Word, shape: u32) -> Word {
    let keys = keys(ctx, shape);
    kept(ctx, a, b, &keys, true)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_difference(ctx: &mut Context, a: Word, b: Word, shape: u32) -> Word {
    let keys = keys(ctx, shape);
    kept(ctx, a, b, &keys, false)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_subset(ctx: &mut Context, a: Word, b: Word, shape: u32) -> u8 {
    let keys = keys(ctx, shape);
    let is_in = |entry: &(Word, Word)| table::get(ctx, &keys, b, entry.0).is_some();
    u8::from(table::len(a) <= table::len(b) && table::unordered(a).iter().all(is_in))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_to_vector(ctx: &mut Context, set: Word, shape: u32) -> Word {
    let all = table::sorted(&ctx.host, ShapeId(shape), set);
    let rep = keys(ctx, shape).rep(&ctx.host);
    let made = ctx.new_vector(vector::kind_of(rep), all.len());
    for (i, (key, _)) in all.iter().enumerate() {
        if rep == Rep::Ptr {
            dup(*key);
        }
        vector::put(made, i, *key);
    }
    vector::set_items(made, all.len());
    made
}

fn outermost(ctx: &mut Context, set: Word, shape: u32, result: u32, is_last: bool) -> Word {
    let keys = keys(ctx, shape);
    let found = table::outermost(ctx, &keys, set, is_last);
    let found = found.map(|entry| keys.dup_entry(entry).0);
    option(ctx, result, found)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_first(ctx: &mut Context, set: Word, shape: u32, result: u32) -> Word {
    outermost(ctx, set, shape, result, false)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_last(ctx: &mut Context, set: Word, shape: u32, result: u32) -> Word {
    outermost(ctx, set, shape, result, true)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_set_of(ctx: &mut Context, vector: Word, result: u32) -> Word {
    let keys = keys(ctx, result);
    let is_reference = crate::heap::cell::info(vector) == POINTERS;
    let mut set = table::new(ctx, &keys, 0);
    for key in items(vector) {
        if is_reference {
            dup(key);
        }
        set = table::insert(ctx, &keys, set, key, 0);
    }
    set
}
