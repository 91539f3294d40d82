//! Bytes that may be compressed, to text.

use crate::diagnostics;
use eclexia_diag::Diagnostic;
use std::borrow::Cow;
use std::io::{self, Read};

/// Larger files are refused: a few kilobytes can unpack to anything.
pub const MOST_BYTES: u64 = 1 << 30;

/// The bytes, unpacked when they are gzip (RFC 1952) by their first two bytes.
pub fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Diagnostic> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    match gunzip(bytes, MOST_BYTES) {
        Ok(Some(out)) => Ok(Cow::Owned(out)),
        Ok(None) => Err(diagnostics::format("it unpacks to more than 1 GiB")),
        Err(_) => Err(diagnostics::format("it begins as gzip and is damaged or cut off")),
    }
}

/// What gzip holds; none where that is more than `most` bytes.
pub fn gunzip(from: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(from).take(most + 1).read_to_end(&mut out)?;
    Ok((out.len() as u64 <= most).then_some(out))
}
