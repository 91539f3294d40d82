//! How large a package may be. What is read is bounded by these before it is held in memory, and
//! what is written keeps to them, so that whatever is written can be read.

use crate::diagnostics as report;
use eclexia_diag::Diagnostic;

/// Bounds on one package, of bytes unless said otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The file as it is.
    pub packed: u64,
    /// The archive in it, all entries with their headers.
    pub unpacked: u64,
    pub manifest: u64,
    /// Files, a number.
    pub files: usize,
    /// Signatures, a number.
    pub signatures: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        // What cannot be compressed becomes a little larger.
        let (packed, unpacked, manifest) = (520 << 20, 512 << 20, 8 << 20);
        Limits { packed, unpacked, manifest, files: 10_000, signatures: 64 }
    }
}

/// The largest signature entry.
pub const MOST_SIGNATURE_BYTES: u64 = 1024;

/// The largest window of the decompressor, as a power of two: what we write needs half of it, and
/// a window is memory that the sender makes us take.
pub const MOST_WINDOW_LOG: u32 = 23;

/// What is gathered for a package is larger than one may be.
pub fn too_large() -> Diagnostic {
    report::too_large("unpacked", Limits::default().unpacked)
}
