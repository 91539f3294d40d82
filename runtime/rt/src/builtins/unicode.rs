//! Text by its characters as people see them (extended grapheme clusters, Unicode Annex 29), by its
//! bytes and by the classes of its code points. The counting by code points is in `text`.

use super::entry;
use crate::builtin::{Builtin, arg};
use crate::value::{Items, Value};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub(super) const TABLE: &[Builtin] = &[
    entry("string/graphemes", 1, |_, a| {
        let parts = arg!(a, 0, as_str).graphemes(true);
        Ok(Value::from_items(parts.map(Value::str).collect::<Items>()))
    }),
    entry("string/word-parts", 1, |_, a| {
        let parts = arg!(a, 0, as_str).unicode_words();
        Ok(Value::from_items(parts.map(Value::str).collect::<Items>()))
    }),
    entry("string/width", 1, |_, a| Ok(Value::Int(arg!(a, 0, as_str).width() as i64))),
    entry("string/bytes", 1, |_, a| {
        let bytes = arg!(a, 0, as_str).bytes();
        Ok(Value::from_items(bytes.map(|b| Value::Int(i64::from(b))).collect::<Items>()))
    }),
    entry("string/from-bytes", 1, |ctx, a| {
        let bytes = arg!(a, 0, as_items).iter();
        let bytes: Option<Vec<u8>> =
            bytes.map(|b| b.as_int().and_then(|b| u8::try_from(b).ok())).collect();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(ctx.ctors.option(text.map(Value::str)))
    }),
    entry("string/byte-length", 1, |_, a| Ok(Value::Int(arg!(a, 0, as_str).len() as i64))),
    entry("string/last-index-of", 2, |ctx, a| {
        let (text, part) = (arg!(a, 0, as_str), arg!(a, 1, as_str));
        let found = text.rfind(part).map(|byte| text[..byte].chars().count() as i64);
        Ok(ctx.ctors.option(found.map(Value::Int)))
    }),
    entry("string/occurrences", 2, |_, a| {
        let (text, part) = (arg!(a, 0, as_str), arg!(a, 1, as_str));
        Ok(Value::Int(if part.is_empty() { 0 } else { text.matches(part).count() as i64 }))
    }),
    entry("string/indices-of", 2, |_, a| {
        let (text, part) = (arg!(a, 0, as_str), arg!(a, 1, as_str));
        let (mut byte, mut point) = (0, 0);
        let found = text.match_indices(part).filter(|_| !part.is_empty()).map(|(at, _)| {
            point += text[byte..at].chars().count() as i64;
            byte = at;
            Value::Int(point)
        });
        Ok(Value::from_items(found.collect()))
    }),
    entry("string/split-most", 3, |_, a| {
        let (text, by) = (arg!(a, 0, as_str), arg!(a, 1, as_str));
        let most = usize::try_from(arg!(a, 2, as_int)).unwrap_or(0).max(1);
        let parts = text.splitn(if by.is_empty() { 1 } else { most }, by);
        Ok(Value::from_items(parts.map(Value::str).collect::<Items>()))
    }),
    entry("string/replace-first", 3, |_, a| {
        let text = arg!(a, 0, as_str).replacen(arg!(a, 1, as_str), arg!(a, 2, as_str), 1);
        Ok(Value::str(text))
    }),
    entry("string/parse-int-in", 2, |ctx, a| {
        let base = u32::try_from(arg!(a, 1, as_int)).ok().filter(|b| (2..=36).contains(b));
        let text = arg!(a, 0, as_str);
        let number = base.and_then(|base| i64::from_str_radix(text, base).ok());
        Ok(ctx.ctors.option(number.map(Value::Int)))
    }),
    entry("char/upper?", 1, |_, a| Ok(single(&a[0], char::is_uppercase))),
    entry("char/lower?", 1, |_, a| Ok(single(&a[0], char::is_lowercase))),
    entry("char/alphanumeric?", 1, |_, a| Ok(single(&a[0], char::is_alphanumeric))),
    entry("char/control?", 1, |_, a| Ok(single(&a[0], char::is_control))),
    entry("char/punctuation?", 1, |_, a| Ok(single(&a[0], |c| c.is_ascii_punctuation()))),
    entry("char/digit-in", 2, |ctx, a| {
        let base = u32::try_from(arg!(a, 1, as_int)).ok().filter(|b| (2..=36).contains(b));
        let digit = base.zip(only(&a[0])).and_then(|(base, c)| c.to_digit(base));
        Ok(ctx.ctors.option(digit.map(|d| Value::Int(i64::from(d)))))
    }),
];

/// The code point of a string that is one.
fn only(value: &Value) -> Option<char> {
    let mut chars = value.as_str()?.chars();
    chars.next().filter(|_| chars.next().is_none())
}

fn single(value: &Value, f: fn(char) -> bool) -> Value {
    Value::Bool(only(value).is_some_and(f))
}
