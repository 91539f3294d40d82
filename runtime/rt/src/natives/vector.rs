//! Vectors. Changing one that is used nowhere else happens in place.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::{FAULTS, NOTHING, PURE, native, option};
use crate::builtin::Fault;
use crate::heap::Context;
use crate::heap::cell::{POINTERS, Word, dup, info, is_unique};
use crate::heap::vector::{self, copy_items, get, items, length, put, set_items, shift};
use crate::native::{Native, ShapeOf};

pub(super) const TABLE: &[Native] = &[
    native!("vector-length", ecl_vector_length, (Borrowed), [], Int, PURE),
    native!("vector-get", ecl_vector_get, (Borrowed, Int), [], Word, FAULTS),
    // The index is inside for certain.
    native!("vector-get-sure", ecl_vector_get, (Borrowed, Int), [], Word, PURE),
    native!("vector/get", ecl_vector_try_get, (Borrowed, Int), [ShapeOf::Result], Ptr, PURE),
    native!("vector/set", ecl_vector_set, (Owned, Int, OwnedWord), [], Ptr, FAULTS),
    native!("vector-set-sure", ecl_vector_set, (Owned, Int, OwnedWord), [], Ptr, FAULTS),
    // The vector is used nowhere else, and holds numbers.
    native!("vector-put", ecl_vector_set, (Owned, Int, OwnedWord), [], Ptr, PURE),
    native!("vector-push", ecl_vector_push, (Owned, OwnedWord), [], Ptr, FAULTS),
    native!("vector/push-front", ecl_vector_push_front, (Owned, OwnedWord), [], Ptr, FAULTS),
    native!("vector/append", ecl_vector_append, (Owned, Borrowed), [], Ptr, FAULTS),
    native!("vector/slice", ecl_vector_slice, (Owned, Int, Int), [], Ptr, FAULTS),
    native!("vector/insert-at", ecl_vector_insert, (Owned, Int, OwnedWord), [], Ptr, FAULTS),
    native!("vector/remove-at", ecl_vector_remove, (Owned, Int), [], Ptr, FAULTS),
    native!(
        "vector/repeat",
        ecl_vector_repeat,
        (Int, BorrowedWord),
        [ShapeOf::Result],
        Ptr,
        FAULTS
    ),
    native!("vector/concat", ecl_vector_concat, (Borrowed), [ShapeOf::Result], Ptr, FAULTS),
    native!("vector/reverse", ecl_vector_reverse, (Owned), [], Ptr, FAULTS),
    // There is room, and nobody else has the vector.
    native!("vector-add", ecl_vector_push, (Owned, OwnedWord), [], Ptr, PURE),
    // For literals: an empty vector with room for so many elements.
    native!("vector-new", ecl_vector_new, (Int), [ShapeOf::Result], Ptr, PURE),
];

/// An element as a reference that is owned.
fn owned(vector: Word, element: Word) -> Word {
    if info(vector) == POINTERS { dup(element) } else { element }
}

fn drop_item(ctx: &mut Context, kind: u32, element: Word) {
    if kind == POINTERS {
        ctx.drop_word(element);
    }
}

/// `index` where there is an element.
fn check(ctx: &mut Context, op: &str, vector: Word, index: i64) -> Option<usize> {
    let length = length(vector);
    let found = usize::try_from(index).ok().filter(|i| *i < length);
    if found.is_none() {
        let why = format!("no element {index} to {op} in a vector of {length}");
        ctx.stop(Fault::Abort(why));
    }
    found
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_length(_: &mut Context, vector: Word) -> i64 {
    length(vector) as i64
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_get(ctx: &mut Context, vector: Word, index: i64) -> Word {
    // A negative index is larger than any length.
    if (index as u64) < length(vector) as u64 {
        return owned(vector, get(vector, index as usize));
    }
    check(ctx, "get", vector, index);
    NOTHING
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_try_get(ctx: &mut Context, vector: Word, index: i64, result: u32) -> Word {
    let found = usize::try_from(index).ok().filter(|i| *i < length(vector));
    let found = found.map(|i| owned(vector, get(vector, i)));
    option(ctx, result, found)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_set(ctx: &mut Context, vector: Word, index: i64, value: Word) -> Word {
    let kind = info(vector);
    let Some(index) = check(ctx, "set", vector, index) else {
        drop_item(ctx, kind, value);
        ctx.drop_word(vector);
        return NOTHING;
    };
    let length = length(vector);
    let own = ctx.own_vector(vector, length, length);
    if own == 0 {
        drop_item(ctx, kind, value);
        return NOTHING;
    }
    let before = get(own, index);
    put(own, index, value);
    drop_item(ctx, kind, before);
    own
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_push(ctx: &mut Context, vector: Word, value: Word) -> Word {
    ctx.push(vector, value)
}

/// The vector with a gap for one element, which is counted already; 0 where it would be too large.
fn with_gap(ctx: &mut Context, vector: Word, index: usize) -> Word {
    let length = length(vector);
    let own = ctx.own_vector(vector, length, length + 1);
    if own != 0 {
        shift(own, index, index + 1, length - index);
        set_items(own, length + 1);
    }
    own
}

fn insert(ctx: &mut Context, vector: Word, index: usize, value: Word) -> Word {
    let kind = info(vector);
    let own = with_gap(ctx, vector, index);
    if own == 0 {
        drop_item(ctx, kind, value);
        return NOTHING;
    }
    put(own, index, value);
    own
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_push_front(ctx: &mut Context, vector: Word, value: Word) -> Word {
    insert(ctx, vector, 0, value)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_insert(ctx: &mut Context, vector: Word, index: i64, value: Word) -> Word {
    let length = length(vector);
    match usize::try_from(index).ok().filter(|i| *i <= length) {
        Some(index) => insert(ctx, vector, index, value),
        None => {
            let why = format!("no place {index} to insert at in a vector of {length}");
            ctx.stop(Fault::Abort(why));
            drop_item(ctx, info(vector), value);
            ctx.drop_word(vector);
            NOTHING
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_remove(ctx: &mut Context, vector: Word, index: i64) -> Word {
    let Some(index) = check(ctx, "remove", vector, index) else {
        ctx.drop_word(vector);
        return NOTHING;
    };
    let length = length(vector);
    let own = ctx.own_vector(vector, length, length);
    if own == 0 {
        return NOTHING;
    }
    if index == 0 {
        return ctx.keep_part(own, 1, length);
    }
    let gone = get(own, index);
    shift(own, index + 1, index, length - index - 1);
    set_items(own, length - 1);
    drop_item(ctx, info(own), gone);
    own
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_append(ctx: &mut Context, vector: Word, more: Word) -> Word {
    let (old, added) = (length(vector), length(more));
    if added == 0 {
        return vector;
    }
    if !ctx.may_hold(info(vector), old.saturating_add(added)) {
        ctx.drop_word(vector);
        return NOTHING;
    }
    let own = ctx.own_vector(vector, old, old + added);
    if own == 0 {
        return NOTHING;
    }
    copy_items(more, 0, own, old, added);
    set_items(own, old + added);
    own
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_slice(ctx: &mut Context, vector: Word, start: i64, end: i64) -> Word {
    let length = length(vector);
    let clamp = |i: i64| usize::try_from(i).unwrap_or(0).min(length);
    let start = clamp(start);
    let end = clamp(end).max(start);
    if (start, end) == (0, length) {
        return vector;
    }
    if is_unique(vector) {
        return ctx.keep_part(vector, start, end);
    }
    if !ctx.may_hold(info(vector), end - start) {
        ctx.drop_word(vector);
        return NOTHING;
    }
    let part = ctx.copy_part(vector, start, end);
    ctx.drop_word(vector);
    part
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_repeat(ctx: &mut Context, count: i64, value: Word, result: u32) -> Word {
    let count = usize::try_from(count).unwrap_or(0);
    let kind = vector::kind_of(super::rep(ctx, super::item(ctx, result)));
    if !ctx.may_hold(kind, count) {
        return NOTHING;
    }
    let all = ctx.new_vector(kind, count);
    vector::fill(all, count, value);
    all
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_concat(ctx: &mut Context, parts: Word, result: u32) -> Word {
    let total = items(parts).map(length).fold(0usize, usize::saturating_add);
    let kind = vector::kind_of(super::rep(ctx, super::item(ctx, result)));
    if !ctx.may_hold(kind, total) {
        return NOTHING;
    }
    let all = ctx.new_vector(kind, total);
    let mut at = 0;
    for part in items(parts) {
        copy_items(part, 0, all, at, length(part));
        at += length(part);
    }
    set_items(all, total);
    all
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_reverse(ctx: &mut Context, vector: Word) -> Word {
    let length = length(vector);
    let own = ctx.own_vector(vector, length, length);
    if own == 0 {
        return NOTHING;
    }
    for i in 0..length / 2 {
        let (a, b) = (get(own, i), get(own, length - 1 - i));
        put(own, i, b);
        put(own, length - 1 - i, a);
    }
    own
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_new(ctx: &mut Context, room: i64, result: u32) -> Word {
    let kind = vector::kind_of(super::rep(ctx, super::item(ctx, result)));
    ctx.new_vector(kind, usize::try_from(room).unwrap_or(0).min(1 << 20))
}
