//! Strings looked into: found, tested, read as numbers.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::{PURE, native, option};
use crate::heap::cell::Word;
use crate::heap::string::{self, text};
use crate::heap::{Context, short, string::is_ascii};
use crate::native::{Native, ShapeOf};

const RESULT: ShapeOf = ShapeOf::Result;

pub(super) const TABLE: &[Native] = &[
    native!("string/contains?", ecl_string_contains, (Borrowed, Borrowed), [], Bool, PURE),
    native!("string/starts-with?", ecl_string_starts_with, (Borrowed, Borrowed), [], Bool, PURE),
    native!("string/ends-with?", ecl_string_ends_with, (Borrowed, Borrowed), [], Bool, PURE),
    native!("string/index-of", ecl_string_index_of, (Borrowed, Borrowed), [RESULT], Ptr, PURE),
    native!("string/parse-int", ecl_string_parse_int, (Borrowed), [RESULT], Ptr, PURE),
    native!("string/parse-float", ecl_string_parse_float, (Borrowed), [RESULT], Ptr, PURE),
    native!("string/code", ecl_string_code, (Borrowed), [RESULT], Ptr, PURE),
    native!("string/from-code", ecl_string_from_code, (Int), [RESULT], Ptr, PURE),
    native!("string/letter?", ecl_string_is_letter, (Borrowed), [], Bool, PURE),
    native!("string/digit?", ecl_string_is_digit, (Borrowed), [], Bool, PURE),
    native!("string/space?", ecl_string_is_space, (Borrowed), [], Bool, PURE),
    native!("char/upper?", ecl_char_is_upper, (Borrowed), [], Bool, PURE),
    native!("char/lower?", ecl_char_is_lower, (Borrowed), [], Bool, PURE),
    native!("char/alphanumeric?", ecl_char_is_alphanumeric, (Borrowed), [], Bool, PURE),
    native!("char/punctuation?", ecl_char_is_punctuation, (Borrowed), [], Bool, PURE),
];

#[unsafe(no_mangle)]
extern "C" fn ecl_string_contains(_: &mut Context, of: Word, part: Word) -> u8 {
    u8::from(text(&of).contains(text(&part)))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_starts_with(_: &mut Context, of: Word, part: Word) -> u8 {
    u8::from(text(&of).starts_with(text(&part)))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_ends_with(_: &mut Context, of: Word, part: Word) -> u8 {
    u8::from(text(&of).ends_with(text(&part)))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_index_of(ctx: &mut Context, of: Word, part: Word, result: u32) -> Word {
    let whole = text(&of);
    let found = whole.find(text(&part));
    let index = found.map(|byte| if is_ascii(of) { byte } else { whole[..byte].chars().count() });
    option(ctx, result, index.map(|index| index as u64))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_parse_int(ctx: &mut Context, of: Word, result: u32) -> Word {
    let read = text(&of).parse::<i64>().ok();
    option(ctx, result, read.map(i64::cast_unsigned))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_parse_float(ctx: &mut Context, of: Word, result: u32) -> Word {
    let number = crate::builtins::text::float(text(&of));
    option(ctx, result, number.map(f64::to_bits))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_code(ctx: &mut Context, of: Word, result: u32) -> Word {
    let first = text(&of).chars().next();
    option(ctx, result, first.map(|c| u64::from(u32::from(c))))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_from_code(ctx: &mut Context, code: i64, result: u32) -> Word {
    let char = u32::try_from(code).ok().and_then(char::from_u32);
    option(ctx, result, char.map(short::of_char))
}

fn all(of: Word, f: fn(char) -> bool) -> u8 {
    u8::from(string::length(of) > 0 && text(&of).chars().all(f))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_is_letter(_: &mut Context, of: Word) -> u8 {
    all(of, char::is_alphabetic)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_is_digit(_: &mut Context, of: Word) -> u8 {
    all(of, |c| c.is_ascii_digit())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_string_is_space(_: &mut Context, of: Word) -> u8 {
    all(of, char::is_whitespace)
}

/// Of the code point of a string that is one.
fn single(of: Word, f: fn(char) -> bool) -> u8 {
    let mut chars = text(&of).chars();
    let only = chars.next().filter(|_| chars.next().is_none());
    u8::from(only.is_some_and(f))
}

#[unsafe(no_mangle)]
extern "C" fn ecl_char_is_upper(_: &mut Context, of: Word) -> u8 {
    single(of, char::is_uppercase)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_char_is_lower(_: &mut Context, of: Word) -> u8 {
    single(of, char::is_lowercase)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_char_is_alphanumeric(_: &mut Context, of: Word) -> u8 {
    single(of, char::is_alphanumeric)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_char_is_punctuation(_: &mut Context, of: Word) -> u8 {
    single(of, |c| c.is_ascii_punctuation())
}
