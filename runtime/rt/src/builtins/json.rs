//! JSON (RFC 8259): text to the `Json` type of `std.core` and back. Nesting is bounded both ways,
//! numbers are Floats, the last of equal keys counts, objects are written in the order of keys.

use super::entry;
use crate::builtin::{Builtin, Ctors, Fault, arg, one, tag};
use crate::order::Key;
use crate::value::{Items, OrderedMap, Value};

/// Deepest nesting read or written.
const MAX_DEPTH: usize = 512;

pub(super) const TABLE: &[Builtin] = &[
    entry("json/parse", 1, |ctx, a| {
        let read = read(arg!(a, 0, as_str), ctx.ctors);
        Ok(ctx.ctors.result(read.map_err(Value::str)))
    }),
    entry("json/print", 1, |ctx, a| print(&a[0], ctx.ctors, None)),
    entry("json/pretty", 1, |ctx, a| print(&a[0], ctx.ctors, Some(0))),
];

/// Reads one JSON value with nothing after it.
pub fn read(text: &str, ctors: &Ctors) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0, ctors };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.error("something after the value"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    ctors: &'a Ctors,
}

impl Reader<'_> {
    fn error(&self, what: &str) -> String {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        format!("line {line}, column {column}: {what}")
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        self.space();
        let ctors = *self.ctors;
        match self.rest().bytes().next() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(one(ctors.json_string, Value::str(self.string()?))),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.eat("true") => Ok(one(ctors.json_bool, Value::Bool(true))),
            _ if self.eat("false") => Ok(one(ctors.json_bool, Value::Bool(false))),
            _ if self.eat("null") => Ok(tag(ctors.json_null)),
            None => Err(self.error("the text ends where a value should be")),
            _ => Err(self.error("no JSON value")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items = Items::new();
        self.space();
        if !self.eat("]") {
            loop {
                items.push_back(self.value(depth + 1)?);
                self.space();
                if self.eat("]") {
                    break;
                }
                if !self.eat(",") {
                    return Err(self.error("`,` or `]` is missing"));
                }
            }
        }
        Ok(one(self.ctors.json_array, Value::from_items(items)))
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut map = OrderedMap::new();
        self.space();
        if !self.eat("}") {
            loop {
                self.space();
                if !self.rest().starts_with('"') {
                    return Err(self.error("a key in quotes is missing"));
                }
                let key = Key(Value::str(self.string()?));
                self.space();
                if !self.eat(":") {
                    return Err(self.error("`:` is missing after the key"));
                }
                map.insert(key, self.value(depth + 1)?);
                self.space();
                if self.eat("}") {
                    break;
                }
                if !self.eat(",") {
                    return Err(self.error("`,` or `}` is missing"));
                }
            }
        }
        Ok(one(self.ctors.json_object, Value::from_map(map)))
    }

    fn number(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c));
        let text = &rest[..end.unwrap_or(rest.len())];
        let number = is_number(text).then(|| text.parse::<f64>().ok()).flatten();
        let Some(number) = number.filter(|x| x.is_finite()) else {
            return Err(self.error("no JSON number"));
        };
        self.at += text.len();
        Ok(one(self.ctors.json_number, Value::float(number)))
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let Some(stop) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') else {
                return Err(self.error("the string does not end"));
            };
            out.push_str(&rest[..stop]);
            let byte = rest.as_bytes()[stop];
            self.at += stop;
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return Err(self.error("a control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let c = self.rest().chars().nth(1);
        let plain = match c {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode(),
            _ => return Err(self.error("no escape of JSON")),
        };
        self.at += 2;
        Ok(plain)
    }

    /// `\uXXXX`, or two of them as a surrogate pair.
    fn unicode(&mut self) -> Result<char, String> {
        let high = self.hex()?;
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high).ok_or_else(|| self.error("half of a surrogate pair"));
        }
        if !self.rest().starts_with("\\u") {
            return Err(self.error("half of a surrogate pair"));
        }
        let low = self.hex()?;
        let code = 0x10000 + ((high - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
        let is_low = (0xdc00..0xe000).contains(&low);
        char::from_u32(code)
            .filter(|_| is_low)
            .ok_or_else(|| self.error("half of a surrogate pair"))
    }

    fn hex(&mut self) -> Result<u32, String> {
        let digits = self.rest().get(2..6).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let code = code.ok_or_else(|| self.error("`\\u` needs four hexadecimal digits"))?;
        self.at += 6;
        Ok(code)
    }
}

/// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

fn print(value: &Value, ctors: &Ctors, indent: Option<usize>) -> Result<Value, Fault> {
    let mut out = String::new();
    write(value, ctors, indent, 0, &mut out)?;
    Ok(Value::str(out))
}

fn write(
    value: &Value,
    ctors: &Ctors,
    indent: Option<usize>,
    depth: usize,
    out: &mut String,
) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::Abort(format!("this JSON is nested deeper than {MAX_DEPTH}")));
    }
    let field = value.fields().first();
    match (value.ctor(), field) {
        (Some(c), Some(Value::Bool(b))) if c == ctors.json_bool => out.push_str(&b.to_string()),
        (Some(c), Some(Value::Quantity(x, _))) if c == ctors.json_number => write_number(*x, out),
        (Some(c), Some(Value::Str(s))) if c == ctors.json_string => write_string(s, out),
        (Some(c), Some(Value::Vector(seq))) if c == ctors.json_array => {
            out.push('[');
            for (i, item) in seq.items.iter().enumerate() {
                separate(i, indent, depth + 1, out);
                write(item, ctors, indent, depth + 1, out)?;
            }
            close(seq.items.is_empty(), indent, depth, ']', out);
        }
        (Some(c), Some(Value::Map(entries))) if c == ctors.json_object => {
            out.push('{');
            for (i, (key, item)) in entries.map.iter().enumerate() {
                separate(i, indent, depth + 1, out);
                write_string(key.0.as_str().unwrap_or_default(), out);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(item, ctors, indent, depth + 1, out)?;
            }
            close(entries.map.is_empty(), indent, depth, '}', out);
        }
        _ => out.push_str("null"),
    }
    Ok(())
}

fn separate(index: usize, indent: Option<usize>, depth: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
    if indent.is_some() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
}

fn close(is_empty: bool, indent: Option<usize>, depth: usize, bracket: char, out: &mut String) {
    if indent.is_some() && !is_empty {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(bracket);
}

/// Whole numbers without a point; what JSON has no number for is null.
fn write_number(x: f64, out: &mut String) {
    if !x.is_finite() {
        out.push_str("null");
    } else if x == x.trunc() && x.abs() < 1e15 {
        out.push_str(&format!("{x:.0}"));
    } else {
        out.push_str(&format!("{x:?}"));
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const CTORS: Ctors = Ctors {
        none: (0, 0),
        some: (1, 1),
        ok: (2, 0),
        err: (3, 1),
        nil: (4, 0),
        cons: (5, 1),
        pair: (6, 0),
        less: (7, 0),
        equal: (8, 1),
        greater: (9, 2),
        json_null: (10, 0),
        json_bool: (11, 1),
        json_number: (12, 2),
        json_string: (13, 3),
        json_array: (14, 4),
        json_object: (15, 5),
    };

    fn round(text: &str) -> Result<String, String> {
        let value = read(text, &CTORS)?;
        let printed = print(&value, &CTORS, None).expect("shallow");
        Ok(printed.as_str().expect("text").to_owned())
    }

    #[test]
    fn what_is_read_is_written_back_in_order_of_keys() {
        let text = r#" {"b": [1, -2.5e3, true, null, "\u00e4\ud83d\ude00\n"], "a": {}} "#;
        assert_eq!(round(text).as_deref(), Ok(r#"{"a":{},"b":[1,-2500,true,null,"ä😀\n"]}"#));
    }

    #[test]
    fn what_is_no_json_is_refused_at_its_place() {
        let bad = [
            "",
            "01",
            "1.",
            "[1,]",
            "{\"a\" 1}",
            "\"\\x\"",
            "\"\\ud800\"",
            "tru",
            "1 2",
            "\"a\nb\"",
            "{1:2}",
            "-",
            "1e",
            "nan",
            "\"\\u12\"",
            "\"\\u12ä\"",
        ];
        for text in bad {
            assert!(round(text).is_err(), "{text:?} was read");
        }
        assert_eq!(round("[1,\n ?]"), Err("line 2, column 2: no JSON value".to_owned()));
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(round(&"[".repeat(1_000_000)).is_err());
    }

    #[test]
    fn pretty_json_has_two_spaces_per_level() {
        let value = read(r#"{"a":[1],"b":[]}"#, &CTORS).expect("json");
        let text = print(&value, &CTORS, Some(0)).expect("shallow");
        assert_eq!(text.as_str(), Some("{\n  \"a\": [\n    1\n  ],\n  \"b\": []\n}"));
    }
}
