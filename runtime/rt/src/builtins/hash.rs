//! Cryptographic hashes of text and of bytes: BLAKE3, as 64 hexadecimal digits.

use super::entry;
use crate::builtin::{Builtin, arg};
use crate::value::Value;

pub(super) const TABLE: &[Builtin] = &[
    entry("hash/blake3", 1, |_, a| {
        Ok(Value::str(blake3::hash(arg!(a, 0, as_str).as_bytes()).to_hex().to_string()))
    }),
    entry("hash/blake3-keyed", 2, |_, a| {
        // A key of any length: what is hashed with is derived from it.
        let key = blake3::derive_key("eclexia std.hash 2026", arg!(a, 0, as_str).as_bytes());
        let hash = blake3::keyed_hash(&key, arg!(a, 1, as_str).as_bytes());
        Ok(Value::str(hash.to_hex().to_string()))
    }),
];
