//! Strings as wholes: appended, compared, cut, joined. Parts share the bytes of what they are of.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::{FAULTS, NOTHING, PURE, native};
use crate::builtin::Fault;
use crate::builtins::number::hash_bytes;
use crate::builtins::text::quote;
use crate::heap::cell::{POINTERS, Word};
use crate::heap::string::{self, MAX_BYTES, length, text};
use crate::heap::{Context, short, vector};
use crate::native::Native;
use eclexia_base::Name;

pub(super) const TABLE: &[Native] = &[
    native!("string-append", ecl_string_append, (Owned, Borrowed), [], Ptr, FAULTS),
    // For `string-append` of what `string/slice` gives, which is not made.
    native!(
        "string-append-slice",
        ecl_string_append_slice,
        (Owned, Borrowed, Int, Int),
        [],
        Ptr,
        FAULTS
    ),
    native!("string-eq", ecl_string_eq, (Borrowed, Borrowed), [], Bool, PURE),
    native!("string-lt", ecl_string_lt, (Borrowed, Borrowed), [], Bool, PURE),
    native!("string-quote", ecl_string_quote, (Borrowed), [], Ptr, PURE),
    native!("string-hash", ecl_string_hash, (Borrowed), [], Int, PURE),
    native!("keyword-eq", ecl_keyword_eq, (Int, Int), [], Bool, PURE),
    native!("keyword-name", ecl_keyword_name, (Int), [], Ptr, PURE),
    native!("string/keyword", ecl_string_keyword, (Borrowed), [], Int, PURE),
    native!("string/length", ecl_string_length, (Borrowed), [], Int, PURE),
    native!("string/byte-length", ecl_string_byte_length, (Borrowed), [], Int, PURE),
    native!("string/slice", ecl_string_slice, (Borrowed, Int, Int), [], Ptr, PURE),
    native!("string/chars", ecl_string_chars, (Borrowed), [], Ptr, FAULTS),
    native!("string/bytes", ecl_string_bytes, (Borrowed), [], Ptr, FAULTS),
    native!("string/join", ecl_string_join, (Borrowed, Borrowed), [], Ptr, FAULTS),
    native!("string/trim", ecl_string_trim, (Borrowed), [], Ptr, PURE),
    native!("string/trim-start", ecl_string_trim_start, (Borrowed), [], Ptr, PURE),
    native!("string/trim-end", ecl_string_trim_end, (Borrowed), [], Ptr, PURE),
    native!("string/upper", ecl_string_upper, (Borrowed), [], Ptr, PURE),
    native!("string/lower", ecl_string_lower, (Borrowed), [], Ptr, PURE),
    native!("string/reverse", ecl_string_reverse, (Borrowed), [], Ptr, PURE),
    native!("string/repeat", ecl_string_repeat, (Borrowed, Int), [], Ptr, FAULTS),
    native!("string/replace", ecl_string_replace, (Borrowed, Borrowed, Borrowed), [], Ptr, FAULTS),
];

/// Longer strings are made only if memory and the limit of strings allow it.
const LOOKED_AT: usize = 1 << 16;

/// Whether a string of so many bytes may be made; `None` where their number overflowed.
fn may_be(ctx: &mut Context, bytes: Option<usize>) -> bool {
    let is_small = bytes.is_some_and(|bytes| bytes <= MAX_BYTES);
    if !is_small {
        ctx.stop(Fault::Abort("the string would be longer than 1 GiB".to_owned()));
    }
    is_small && ctx.may_make(bytes.unwrap_or(0) / 8)
}

/// Whether so many bytes may be appended. Lengths are at most 1 GiB, so the sum does not overflow.
/// Where there is room for it, nothing is made.
#[inline]
fn may_append(ctx: &mut Context, first: Word, more: usize) -> bool {
    let total = length(first) + more;
    total <= LOOKED_AT || total <= string::capacity(first) || may_be(ctx, Some(total))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_append(ctx: &mut Context, first: Word, more: Word) -> Word {
    if !may_append(ctx, first, length(more)) {
        ctx.drop_word(first);
        return NOTHING;
    }
    ctx.append_string(first, more)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_append_slice(
    ctx: &mut Context,
    first: Word,
    of: Word,
    start: i64,
    end: i64,
) -> Word {
    let part = ctx.bytes_between(of, start, end);
    if !may_append(ctx, first, part.len()) {
        ctx.drop_word(first);
        return NOTHING;
    }
    ctx.append_part(first, of, part)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_eq(_: &mut Context, a: Word, b: Word) -> u8 {
    u8::from(string::equal(a, b))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_lt(_: &mut Context, a: Word, b: Word) -> u8 {
    u8::from(text(&a) < text(&b))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_quote(ctx: &mut Context, of: Word) -> Word {
    ctx.new_string(&quote(text(&of)))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_hash(_: &mut Context, of: Word) -> i64 {
    hash_bytes(0, text(&of).as_bytes())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_keyword_eq(_: &mut Context, a: i64, b: i64) -> u8 {
    u8::from(a == b)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_keyword_name(ctx: &mut Context, keyword: i64) -> Word {
    ctx.new_string(Name::from_id(keyword as u32).map_or("", Name::as_str))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_keyword(_: &mut Context, of: Word) -> i64 {
    i64::from(Name::new(text(&of)).id())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_length(_: &mut Context, of: Word) -> i64 {
    string::chars(of) as i64
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_byte_length(_: &mut Context, of: Word) -> i64 {
    length(of) as i64
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_slice(ctx: &mut Context, of: Word, start: i64, end: i64) -> Word {
    ctx.slice_string(of, start, end)
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn ecl_string_chars(ctx: &mut Context, of: Word) -> Word {
    let count = string::chars(of);
    if !ctx.may_hold(POINTERS, count) {
        return NOTHING;
    }
    let vector = ctx.new_vector(POINTERS, count);
    for (i, c) in text(&of).chars().enumerate() {
        vector::put(vector, i, short::of_char(c));
    }
    vector::set_items(vector, count);
    vector
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_bytes(ctx: &mut Context, of: Word) -> Word {
    let count = length(of);
    if !ctx.may_hold(crate::heap::cell::WORDS, count) {
        return NOTHING;
    }
    let vector = ctx.new_vector(crate::heap::cell::WORDS, count);
    for (i, byte) in text(&of).bytes().enumerate() {
        vector::put(vector, i, u64::from(byte));
    }
    vector::set_items(vector, count);
    vector
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_join(ctx: &mut Context, separator: Word, items: Word) -> Word {
    let items = vector::words(items);
    let mut sizes = items.iter().map(|item| length(*item).saturating_add(length(separator)));
    let total = sizes.try_fold(0usize, usize::checked_add);
    if !may_be(ctx, total) {
        return NOTHING;
    }
    let total = total.unwrap_or(0).saturating_sub(length(separator));
    let mut joined = ctx.string_for(total);
    for (i, item) in items.iter().enumerate() {
        if i > 0 && length(separator) > 0 {
            joined = ctx.append_string(joined, separator);
        }
        joined = ctx.append_string(joined, *item);
    }
    joined
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_trim(ctx: &mut Context, of: Word) -> Word {
    ctx.part_of(&of, text(&of).trim())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_trim_start(ctx: &mut Context, of: Word) -> Word {
    ctx.part_of(&of, text(&of).trim_start())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_trim_end(ctx: &mut Context, of: Word) -> Word {
    ctx.part_of(&of, text(&of).trim_end())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_upper(ctx: &mut Context, of: Word) -> Word {
    ctx.new_string(&text(&of).to_uppercase())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_lower(ctx: &mut Context, of: Word) -> Word {
    ctx.new_string(&text(&of).to_lowercase())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_reverse(ctx: &mut Context, of: Word) -> Word {
    ctx.new_string(&text(&of).chars().rev().collect::<String>())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_repeat(ctx: &mut Context, of: Word, times: i64) -> Word {
    let times = usize::try_from(times).unwrap_or(0);
    if !may_be(ctx, length(of).checked_mul(times)) {
        return NOTHING;
    }
    ctx.new_string(&text(&of).repeat(times))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_replace(ctx: &mut Context, of: Word, old: Word, new: Word) -> Word {
    let added = text(&of).matches(text(&old)).count().checked_mul(length(new));
    if !may_be(ctx, added.and_then(|added| added.checked_add(length(of)))) {
        return NOTHING;
    }
    ctx.new_string(&text(&of).replace(text(&old), text(&new)))
}
