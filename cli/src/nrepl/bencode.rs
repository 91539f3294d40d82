//! Bencode, as nREPL messages have it: integers, strings of bytes, lists, dictionaries. Bytes of a
//! stream in, values out, one by one; what a message may hold is bounded before it is read, so that
//! no peer can make us keep more than it sends, nor nest deeper than we recurse.

use std::collections::BTreeMap;
use std::io::{BufRead, ErrorKind, Read};

/// The largest message, in bytes.
pub const MOST_BYTES: u64 = 16 << 20;

/// Lists and dictionaries inside of each other.
const MOST_DEPTH: u32 = 64;

/// Digits of an integer or a length, with its sign.
const MOST_DIGITS: usize = 20;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    Int(i64),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Dict(BTreeMap<String, Value>),
}

/// Why no message could be read; the stream is of no use any more.
#[derive(PartialEq, Eq, Debug)]
pub enum Fault {
    /// The peer is gone.
    Closed,
    Malformed(&'static str),
    TooLarge,
    TooDeep,
}

impl Fault {
    pub fn text(&self) -> &'static str {
        match self {
            Fault::Closed => "the message ends too early",
            Fault::Malformed(what) => what,
            Fault::TooLarge => "the message is larger than 16 MiB",
            Fault::TooDeep => "the message nests deeper than 64",
        }
    }
}

impl Value {
    pub fn text(text: impl Into<String>) -> Value {
        Value::Bytes(text.into().into_bytes())
    }

    pub fn texts(texts: &[&str]) -> Value {
        Value::List(texts.iter().map(|text| Value::text(*text)).collect())
    }

    /// A string; bytes that are no UTF-8 are replaced.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Int(n) => out.extend(format!("i{n}e").bytes()),
            Value::Bytes(bytes) => {
                out.extend(format!("{}:", bytes.len()).bytes());
                out.extend(bytes);
            }
            Value::List(items) => {
                out.push(b'l');
                items.iter().for_each(|item| item.write(out));
                out.push(b'e');
            }
            Value::Dict(entries) => {
                out.push(b'd');
                for (key, value) in entries {
                    out.extend(format!("{}:{key}", key.len()).bytes());
                    value.write(out);
                }
                out.push(b'e');
            }
        }
    }
}

/// The next message; `None` where the stream ends between two.
pub fn read(input: &mut impl BufRead) -> Result<Option<Value>, Fault> {
    let mut input = Reader { input: input.take(MOST_BYTES) };
    match input.try_byte()? {
        None => Ok(None),
        Some(first) => input.value(first, 0).map(Some),
    }
}

struct Reader<R> {
    input: std::io::Take<R>,
}

impl<R: BufRead> Reader<R> {
    fn try_byte(&mut self) -> Result<Option<u8>, Fault> {
        let mut byte = [0];
        loop {
            match self.input.read(&mut byte) {
                Ok(0) if self.input.limit() == 0 => return Err(Fault::TooLarge),
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Fault::Closed),
            }
        }
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        self.try_byte()?.ok_or(Fault::Closed)
    }

    fn value(&mut self, first: u8, depth: u32) -> Result<Value, Fault> {
        if depth > MOST_DEPTH {
            return Err(Fault::TooDeep);
        }
        match first {
            b'i' => {
                let first = self.byte()?;
                Ok(Value::Int(self.number(first, b'e')?))
            }
            b'0'..=b'9' => Ok(Value::Bytes(self.bytes(first)?)),
            b'l' => {
                let mut items = Vec::new();
                loop {
                    match self.byte()? {
                        b'e' => return Ok(Value::List(items)),
                        first => items.push(self.value(first, depth + 1)?),
                    }
                }
            }
            b'd' => {
                let mut entries = BTreeMap::new();
                loop {
                    let key = match self.byte()? {
                        b'e' => return Ok(Value::Dict(entries)),
                        first @ b'0'..=b'9' => self.bytes(first)?,
                        _ => return Err(Fault::Malformed("a key is no string")),
                    };
                    let first = self.byte()?;
                    let value = self.value(first, depth + 1)?;
                    entries.insert(String::from_utf8_lossy(&key).into_owned(), value);
                }
            }
            _ => Err(Fault::Malformed("this is no bencode")),
        }
    }

    fn number(&mut self, first: u8, end: u8) -> Result<i64, Fault> {
        let mut digits = String::new();
        let mut byte = first;
        while byte != end {
            let is_sign = byte == b'-' && digits.is_empty();
            if digits.len() == MOST_DIGITS || !(byte.is_ascii_digit() || is_sign) {
                return Err(Fault::Malformed("this is no number"));
            }
            digits.push(char::from(byte));
            byte = self.byte()?;
        }
        digits.parse().map_err(|_| Fault::Malformed("this is no number"))
    }

    fn bytes(&mut self, first: u8) -> Result<Vec<u8>, Fault> {
        let length = self.number(first, b':')?.unsigned_abs();
        if length > self.input.limit() {
            return Err(Fault::TooLarge);
        }
        let mut bytes = Vec::new();
        let read = (&mut self.input).take(length).read_to_end(&mut bytes);
        match read {
            Ok(count) if count as u64 == length => Ok(bytes),
            _ => Err(Fault::Closed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn all(bytes: &[u8]) -> Result<Option<Value>, Fault> {
        read(&mut Cursor::new(bytes))
    }

    #[test]
    fn what_is_written_is_read() {
        let entry = |key: &str, value| (key.to_owned(), value);
        let value = Value::Dict(BTreeMap::from([
            entry("id", Value::Int(-7)),
            entry("status", Value::texts(&["done", "é"])),
            entry("code", Value::Bytes(vec![0, 255, b'e'])),
            entry("empty", Value::Dict(BTreeMap::new())),
        ]));
        let mut bytes = Vec::new();
        value.write(&mut bytes);
        assert_eq!(all(&bytes), Ok(Some(value)));
        assert_eq!(all(b""), Ok(None));
    }

    #[test]
    fn every_beginning_of_a_message_and_every_changed_byte_is_answered() {
        let message = b"d4:codel5:(+ 1)i12ee2:id3:a-be";
        for end in 1..message.len() {
            assert_eq!(all(&message[..end]), Err(Fault::Closed), "{end}");
        }
        for at in 0..message.len() {
            for byte in 0..=255 {
                let mut changed = message.to_vec();
                changed[at] = byte;
                // What comes of it does not matter: it ends, and keeps no more than it was sent.
                let _ = all(&changed);
            }
        }
    }

    #[test]
    fn size_and_depth_are_bounded_before_anything_is_kept() {
        assert_eq!(all(b"99999999999:x"), Err(Fault::TooLarge));
        assert_eq!(all(b"999999999999999999999:x"), Err(Fault::Malformed("this is no number")));
        assert_eq!(all(&vec![b'l'; 1 << 20]), Err(Fault::TooDeep));
        assert_eq!(all(b"i9223372036854775808e"), Err(Fault::Malformed("this is no number")));
        assert_eq!(all(b"di1ei2ee"), Err(Fault::Malformed("a key is no string")));
        let mut endless = std::io::BufReader::new(std::io::repeat(b'0'));
        assert_eq!(read(&mut endless), Err(Fault::Malformed("this is no number")));
    }
}
