//! The file around the archive: compressed, and sealed by a digest of every byte before it.
//!
//! ```text
//! one zstd frame    | skippable frame: magic, 32, BLAKE3 of what is before it
//! one gzip member   | empty member whose extra field `EC` is the BLAKE3 of what is before it
//! ```
//!
//! Both are what the formats let decompressors skip, so that `tar --zstd -tf` works. Holds: any
//! byte changed, added or taken away is found; reading takes no more than its bounds. The seal is
//! against accidents; who made a package is what signatures say.

use super::limits::{Limits, MOST_WINDOW_LOG};
use crate::diagnostics as report;
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use flate2::GzBuilder;
use flate2::bufread::GzDecoder;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Error, Read, Write};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    #[default]
    Zstd,
    Gzip,
}

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const GZIP_MAGIC: [u8; 4] = [0x1f, 0x8b, 8, 0];
const LEVEL: i32 = 9;

const HASH_BYTES: usize = 32;
/// The skippable frame's magic and the length of its content.
const ZSTD_SEAL: [u8; 8] = [0x5e, 0x2a, 0x4d, 0x18, HASH_BYTES as u8, 0, 0, 0];
/// A member's header with an extra field, no time, of an unknown system; the field's length and
/// name, and the length of its content.
const GZIP_SEAL: [u8; 16] =
    [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 36, 0, b'E', b'C', HASH_BYTES as u8, 0];
/// An empty block; the checksum and the length of nothing.
const GZIP_SEAL_END: [u8; 10] = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

fn seal(compression: Compression, hash: &blake3::Hash) -> Vec<u8> {
    match compression {
        Compression::Zstd => [&ZSTD_SEAL[..], hash.as_bytes()].concat(),
        Compression::Gzip => [&GZIP_SEAL[..], hash.as_bytes(), &GZIP_SEAL_END].concat(),
    }
}

fn seal_bytes(compression: Compression) -> usize {
    match compression {
        Compression::Zstd => ZSTD_SEAL.len() + HASH_BYTES,
        Compression::Gzip => GZIP_SEAL.len() + HASH_BYTES + GZIP_SEAL_END.len(),
    }
}

/// Compresses an archive and seals it. Equal archives give equal bytes.
pub fn pack(archive: &[u8], compression: Compression) -> Vec<u8> {
    let packed = match compression {
        Compression::Zstd => zstd::stream::encode_all(archive, LEVEL),
        Compression::Gzip => {
            // No time and no system, which the builder would write.
            let builder = GzBuilder::new().mtime(0).operating_system(255);
            let mut encoder = builder.write(Vec::new(), flate2::Compression::new(LEVEL as u32));
            encoder.write_all(archive).and_then(|()| encoder.finish())
        }
    };
    match packed {
        Ok(mut bytes) => {
            bytes.extend(seal(compression, &blake3::hash(&bytes)));
            bytes
        }
        Err(error) => bug!("memory that cannot be written: {error}"),
    }
}

/// What `read` makes of the archive in a file, if the file is whole. Where it is not, that is the
/// fault that is told, whatever else was found.
pub fn unpack<T>(
    input: impl Read,
    limits: &Limits,
    read: impl FnOnce(&mut dyn Read) -> Result<T, Diagnostic>,
) -> Result<(T, Compression), Diagnostic> {
    let mut file = SealedFile::open(input, limits.packed)?;
    let compression = file.compression;
    let made = match compression {
        Compression::Zstd => bounded(zstd_frame(&mut file), limits, read),
        Compression::Gzip => bounded(GzDecoder::new(&mut file), limits, read),
    };
    file.finish(made.is_ok())?;
    Ok((made?, compression))
}

/// What `read` makes of the beginning of the archive in a file; whether the file is whole is not
/// seen.
pub fn peek<T>(
    input: impl Read,
    limits: &Limits,
    read: impl FnOnce(&mut dyn Read) -> Result<T, Diagnostic>,
) -> Result<T, Diagnostic> {
    let mut file = SealedFile::open(input, limits.packed)?;
    match file.compression {
        Compression::Zstd => read(&mut zstd_frame(&mut file).take(limits.unpacked)),
        Compression::Gzip => read(&mut GzDecoder::new(&mut file).take(limits.unpacked)),
    }
}

fn zstd_frame<R: BufRead>(file: R) -> zstd::stream::read::Decoder<'static, R> {
    let decoder = zstd::stream::read::Decoder::with_buffer(file).and_then(|mut decoder| {
        decoder.window_log_max(MOST_WINDOW_LOG)?;
        Ok(decoder.single_frame())
    });
    match decoder {
        Ok(decoder) => decoder,
        Err(error) => bug!("no decompressor: {error}"),
    }
}

/// The archive read to its end, within the bound.
fn bounded<T>(
    archive: impl Read,
    limits: &Limits,
    read: impl FnOnce(&mut dyn Read) -> Result<T, Diagnostic>,
) -> Result<T, Diagnostic> {
    let mut archive = archive.take(limits.unpacked + 1);
    let made = read(&mut archive);
    if archive.limit() == 0 {
        return Err(report::too_large("unpacked", limits.unpacked));
    }
    let made = made?;
    match archive.read(&mut [0]) {
        Ok(0) => Ok(made),
        Ok(_) => Err(report::bad_form("something follows the archive")),
        Err(error) => Err(report::bad_form(&format!("the archive ends badly: {error}"))),
    }
}

/// A file whose last bytes, the seal, are held back from whoever reads it, and whose others are
/// hashed as they go by.
struct SealedFile<R> {
    input: R,
    compression: Compression,
    buffer: Vec<u8>,
    /// The first byte of `buffer` that is not yet read.
    at: usize,
    hasher: blake3::Hasher,
    /// How many more bytes may come.
    left: u64,
    is_at_end: bool,
    /// What the input said when it could not be read.
    broken: Option<Diagnostic>,
    most: u64,
}

impl<R: Read> SealedFile<R> {
    fn open(mut input: R, most: u64) -> Result<SealedFile<R>, Diagnostic> {
        let mut magic = Vec::new();
        let first = input.by_ref().take(ZSTD_MAGIC.len() as u64).read_to_end(&mut magic);
        first.map_err(|error| report::unreadable(&error))?;
        let compression = match &magic[..] {
            magic if magic == ZSTD_MAGIC => Compression::Zstd,
            magic if magic == GZIP_MAGIC => Compression::Gzip,
            _ => return Err(report::bad_form("it begins as no package begins")),
        };
        let (at, hasher, left) = (0, blake3::Hasher::new(), most.saturating_sub(4));
        let (is_at_end, broken) = (false, None);
        Ok(SealedFile {
            input,
            compression,
            buffer: magic,
            at,
            hasher,
            left,
            is_at_end,
            broken,
            most,
        })
    }

    /// How many bytes at the end of the buffer may be the seal.
    fn held_back(&self) -> usize {
        seal_bytes(self.compression)
    }

    fn ready(&self) -> usize {
        (self.buffer.len() - self.at).saturating_sub(self.held_back())
    }

    fn more(&mut self) -> std::io::Result<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let mut piece = vec![0; 64 << 10];
        let read = match self.input.read(&mut piece) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(self.stop(report::unreadable(&error))),
        };
        self.is_at_end = read == 0;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(self.stop(report::too_large("packed", self.most))),
        }
        self.buffer.extend_from_slice(&piece[..read]);
        Ok(())
    }

    fn stop(&mut self, why: Diagnostic) -> Error {
        self.broken = Some(why);
        Error::other("the file cannot be read on")
    }

    /// Reads what is left and compares the seal. `is_read`: the archive was read to its end, so
    /// that nothing may be left.
    fn finish(&mut self, is_read: bool) -> Result<(), Diagnostic> {
        let mut rest = 0;
        while self.broken.is_none() {
            match self.fill_buf().map(<[u8]>::len) {
                Ok(0) => break,
                Ok(more) => {
                    rest += more;
                    self.consume(more);
                }
                // Kept in `broken`.
                Err(_) => break,
            }
        }
        if let Some(why) = self.broken.take() {
            return Err(why);
        }
        let expected = seal(self.compression, &self.hasher.finalize());
        if self.buffer[self.at..] != expected {
            return Err(report::damaged());
        }
        if is_read && rest > 0 {
            return Err(report::bad_form("something stands between the archive and the seal"));
        }
        Ok(())
    }
}

impl<R: Read> Read for SealedFile<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for SealedFile<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        while self.ready() == 0 && !self.is_at_end {
            self.more()?;
        }
        let end = self.at + self.ready();
        Ok(&self.buffer[self.at..end])
    }

    fn consume(&mut self, count: usize) {
        self.hasher.update(&self.buffer[self.at..self.at + count]);
        self.at += count;
    }
}
