//! Strings (UTF-8, counted in code points) and keywords. Indices outside of a string are clamped
//! by `slice`; nothing here aborts but strings that would be longer than 1 GiB.

use super::entry;
use crate::builtin::{Builtin, Fault, arg};
use crate::value::{Items, Value};
use eclexia_base::Name;
use std::rc::Rc;

/// The longest string that is made, in bytes: doubling in a loop ends here, not with the memory.
const MAX_BYTES: usize = 1 << 30;

pub(super) const TABLE: &[Builtin] = &[
    entry("string-append", 2, |_, a| append(a[0].take(), &a[1])),
    entry("string-eq", 2, |_, a| Ok(Value::Bool(arg!(a, 0, as_str) == arg!(a, 1, as_str)))),
    entry("string-lt", 2, |_, a| Ok(Value::Bool(arg!(a, 0, as_str) < arg!(a, 1, as_str)))),
    entry("string-quote", 1, |_, a| Ok(Value::str(quote(arg!(a, 0, as_str))))),
    entry("string-hash", 1, |_, a| {
        Ok(Value::Int(super::number::hash_bytes(0, arg!(a, 0, as_str).as_bytes())))
    }),
    entry("keyword-eq", 2, |_, a| {
        Ok(Value::Bool(arg!(a, 0, as_keyword) == arg!(a, 1, as_keyword)))
    }),
    entry("keyword-name", 1, |_, a| Ok(Value::str(arg!(a, 0, as_keyword).as_str()))),
    entry("string/keyword", 1, |_, a| Ok(Value::Keyword(Name::new(arg!(a, 0, as_str))))),
    entry("string/length", 1, |_, a| Ok(Value::Int(arg!(a, 0, as_str).chars().count() as i64))),
    entry("string/slice", 3, |_, a| {
        let text = arg!(a, 0, as_str);
        Ok(Value::str(slice(text, arg!(a, 1, as_int), arg!(a, 2, as_int))))
    }),
    entry("string/chars", 1, |_, a| Ok(strings(arg!(a, 0, as_str).chars()))),
    entry("string/lines", 1, |_, a| Ok(strings(arg!(a, 0, as_str).lines()))),
    entry("string/words", 1, |_, a| Ok(strings(arg!(a, 0, as_str).split_whitespace()))),
    entry("string/split", 2, |_, a| {
        let (text, by) = (arg!(a, 0, as_str), arg!(a, 1, as_str));
        Ok(if by.is_empty() { strings(text.chars()) } else { strings(text.split(by)) })
    }),
    entry("string/join", 2, |_, a| join(arg!(a, 0, as_str), arg!(a, 1, as_items))),
    entry("string/trim", 1, |_, a| Ok(Value::str(arg!(a, 0, as_str).trim()))),
    entry("string/trim-start", 1, |_, a| Ok(Value::str(arg!(a, 0, as_str).trim_start()))),
    entry("string/trim-end", 1, |_, a| Ok(Value::str(arg!(a, 0, as_str).trim_end()))),
    entry("string/upper", 1, |_, a| Ok(Value::str(arg!(a, 0, as_str).to_uppercase()))),
    entry("string/lower", 1, |_, a| Ok(Value::str(arg!(a, 0, as_str).to_lowercase()))),
    entry("string/reverse", 1, |_, a| {
        Ok(Value::str(arg!(a, 0, as_str).chars().rev().collect::<String>()))
    }),
    entry("string/contains?", 2, |_, a| {
        Ok(Value::Bool(arg!(a, 0, as_str).contains(arg!(a, 1, as_str))))
    }),
    entry("string/starts-with?", 2, |_, a| {
        Ok(Value::Bool(arg!(a, 0, as_str).starts_with(arg!(a, 1, as_str))))
    }),
    entry("string/ends-with?", 2, |_, a| {
        Ok(Value::Bool(arg!(a, 0, as_str).ends_with(arg!(a, 1, as_str))))
    }),
    entry("string/index-of", 2, |ctx, a| {
        let (text, part) = (arg!(a, 0, as_str), arg!(a, 1, as_str));
        let found = text.find(part).map(|byte| text[..byte].chars().count() as i64);
        Ok(ctx.ctors.option(found.map(Value::Int)))
    }),
    entry("string/replace", 3, |_, a| {
        replace(arg!(a, 0, as_str), arg!(a, 1, as_str), arg!(a, 2, as_str))
    }),
    entry("string/repeat", 2, |_, a| repeat(arg!(a, 0, as_str), arg!(a, 1, as_int))),
    entry("string/parse-int", 1, |ctx, a| {
        Ok(ctx.ctors.option(arg!(a, 0, as_str).parse().ok().map(Value::Int)))
    }),
    entry("string/parse-float", 1, |ctx, a| {
        Ok(ctx.ctors.option(float(arg!(a, 0, as_str)).map(Value::float)))
    }),
    entry("string/code", 1, |ctx, a| {
        let first = arg!(a, 0, as_str).chars().next();
        Ok(ctx.ctors.option(first.map(|c| Value::Int(i64::from(u32::from(c))))))
    }),
    entry("string/from-code", 1, |ctx, a| {
        let char = u32::try_from(arg!(a, 0, as_int)).ok().and_then(char::from_u32);
        Ok(ctx.ctors.option(char.map(|c| Value::str(c.to_string()))))
    }),
    entry("string/letter?", 1, |_, a| Ok(all(arg!(a, 0, as_str), char::is_alphabetic))),
    entry("string/digit?", 1, |_, a| Ok(all(arg!(a, 0, as_str), |c| c.is_ascii_digit()))),
    entry("string/space?", 1, |_, a| Ok(all(arg!(a, 0, as_str), char::is_whitespace))),
    entry("format/hex", 1, |_, a| {
        let n = arg!(a, 0, as_int);
        let sign = if n < 0 { "-" } else { "" };
        Ok(Value::str(format!("{sign}{:x}", n.unsigned_abs())))
    }),
    entry("format/binary", 1, |_, a| {
        let n = arg!(a, 0, as_int);
        let sign = if n < 0 { "-" } else { "" };
        Ok(Value::str(format!("{sign}{:b}", n.unsigned_abs())))
    }),
];

/// In place when the first string is used nowhere else, so appending in a loop is linear.
fn append(first: Value, second: &Value) -> Result<Value, Fault> {
    match (first, second) {
        (Value::Str(mut text), Value::Str(more)) => {
            check_size(text.len().checked_add(more.len()))?;
            Rc::make_mut(&mut text).push_str(more);
            Ok(Value::Str(text))
        }
        (first, second) => eclexia_base::bug!("`string-append` of {first:?} and {second:?}"),
    }
}

fn strings<T: ToString>(parts: impl Iterator<Item = T>) -> Value {
    Value::from_items(parts.map(|p| Value::str(p.to_string())).collect::<Items>())
}

fn all(text: &str, f: fn(char) -> bool) -> Value {
    Value::Bool(!text.is_empty() && text.chars().all(f))
}

/// The code points from `start` up to, not including, `end`.
fn slice(text: &str, start: i64, end: i64) -> String {
    let start = usize::try_from(start).unwrap_or(0);
    let end = usize::try_from(end).unwrap_or(0);
    text.chars().skip(start).take(end.saturating_sub(start)).collect()
}

fn repeat(text: &str, times: i64) -> Result<Value, Fault> {
    let times = usize::try_from(times).unwrap_or(0);
    check_size(text.len().checked_mul(times))?;
    Ok(Value::str(text.repeat(times)))
}

fn join(separator: &str, items: &Items) -> Result<Value, Fault> {
    let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    let mut sizes = items.iter().map(|text| text.len().saturating_add(separator.len()));
    check_size(sizes.try_fold(0usize, usize::checked_add))?;
    Ok(Value::str(items.join(separator)))
}

fn replace(text: &str, old: &str, new: &str) -> Result<Value, Fault> {
    let added = text.matches(old).count().checked_mul(new.len());
    check_size(added.and_then(|added| added.checked_add(text.len())))?;
    Ok(Value::str(text.replace(old, new)))
}

/// The number that a text is, of digits with a sign, a point and an exponent, or without: no `inf`,
/// `nan` or what else Rust reads.
pub(crate) fn float(text: &str) -> Option<f64> {
    let looks_right = text.bytes().all(|c| c.is_ascii_digit() || b"+-.eE".contains(&c));
    text.parse().ok().filter(|_| looks_right)
}

/// `bytes` is `None` where their number overflowed.
fn check_size(bytes: Option<usize>) -> Result<(), Fault> {
    match bytes {
        Some(bytes) if bytes <= MAX_BYTES => Ok(()),
        _ => Err(Fault::Abort("the string would be longer than 1 GiB".to_owned())),
    }
}

/// The string as the language writes it.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_counted_in_code_points() {
        assert_eq!(slice("aÄ😀b", 1, 3), "Ä😀");
        assert_eq!(slice("abc", -5, 2), "ab");
        assert_eq!(slice("abc", 2, 1), "");
        assert_eq!(slice("abc", 1, i64::MAX), "bc");
    }

    #[test]
    fn quoting_escapes_what_the_reader_would_not_read_back() {
        assert_eq!(quote("a\"b\\\n\u{1}"), r#""a\"b\\\n\u{1}""#);
    }
}
