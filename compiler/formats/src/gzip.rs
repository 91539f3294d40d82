//! Bytes that may be compressed, to text.

use crate::diagnostics;
use eclexia_diag::Diagnostic;
use std::borrow::Cow;
use std::io::Read;

/// Larger files are refused: a few kilobytes can unpack to anything.
pub const MOST_BYTES: u64 = 1 << 30;

/// The bytes, unpacked when they are gzip (RFC 1952) by their first two bytes.
pub fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Diagnostic> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut out = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(MOST_BYTES + 1);
    match reader.read_to_end(&mut out) {
        Ok(_) if out.len() as u64 <= MOST_BYTES => Ok(Cow::Owned(out)),
        Ok(_) => Err(diagnostics::format("it unpacks to more than 1 GiB")),
        Err(_) => Err(diagnostics::format("it begins as gzip and is damaged or cut off")),
    }
}
