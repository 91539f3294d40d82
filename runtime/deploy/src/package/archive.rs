//! The archive: plain ustar, every header exactly as we write it.
//!
//! Entries are regular files with a relative path, of mode 0644 or 0755, without owner and time;
//! two empty blocks end the archive. A header that differs in one bit from the one we would write
//! is refused, so that links, devices, long names, extensions and anything a reader of tar could
//! take in two ways do not exist in packages.

use super::path;
use crate::diagnostics as report;
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use std::io::Read;
use tar::{EntryType, Header};

const BLOCK: usize = 512;

/// An entry as its header says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub path: String,
    pub size: u64,
    pub is_executable: bool,
}

/// What an entry takes in an archive, bytes.
pub fn room(size: u64) -> u64 {
    let block = BLOCK as u64;
    size.div_ceil(block).saturating_add(1).saturating_mul(block)
}

/// The header of an entry; `None` where the path does not fit into one.
fn header(path: &str, size: u64, is_executable: bool) -> Option<Header> {
    let mut header = Header::new_ustar();
    header.set_path(path).ok()?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(if is_executable { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header.set_cksum();
    Some(header)
}

/// Refuses a path that no header holds: a part longer than 100 bytes, or parts that do not divide
/// into 155 and 100.
pub fn check_path(path: &str) -> Result<(), Diagnostic> {
    path::check(path)?;
    match header(path, 0, false) {
        Some(_) => Ok(()),
        None => Err(report::bad_path(path, "its parts are too long for a tar archive")),
    }
}

/// An archive of entries whose paths were checked, in their order.
pub fn write<'e>(entries: impl Iterator<Item = (&'e str, bool, &'e [u8])>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, is_executable, bytes) in entries {
        let Some(header) = header(path, bytes.len() as u64, is_executable) else {
            bug!("a path that was not checked: {path}");
        };
        if let Err(error) = builder.append(&header, bytes) {
            bug!("memory that cannot be written: {error}");
        }
    }
    match builder.into_inner() {
        Ok(bytes) => bytes,
        Err(error) => bug!("memory that cannot be written: {error}"),
    }
}

/// Reads entries one after the other.
pub struct Reader<'r> {
    input: &'r mut dyn Read,
}

impl<'r> Reader<'r> {
    pub fn new(input: &'r mut dyn Read) -> Reader<'r> {
        Reader { input }
    }

    /// The next entry; `None` at the end of the archive.
    pub fn next(&mut self) -> Result<Option<Entry>, Diagnostic> {
        let mut found = Header::new_ustar();
        self.fill(found.as_mut_bytes())?;
        if found.as_bytes().iter().all(|byte| *byte == 0) {
            self.end()?;
            return Ok(None);
        }
        let shown = found.path_bytes();
        if !found.entry_type().is_file() {
            return Err(report::no_file(&String::from_utf8_lossy(&shown), found.entry_type()));
        }
        let path = path::read(&shown)?.to_owned();
        let size = found.entry_size().ok();
        let is_executable = found.mode().is_ok_and(|mode| mode == 0o755);
        let ours = size.and_then(|size| Some((size, header(&path, size, is_executable)?)));
        match ours {
            Some((size, ours)) if ours.as_bytes() == found.as_bytes() => {
                Ok(Some(Entry { path, size, is_executable }))
            }
            _ => {
                Err(report::bad_form(&format!("the header of {} is not ours", report::clip(&path))))
            }
        }
    }

    /// The contents of the entry that came last, whose size the caller has found acceptable.
    pub fn contents(&mut self, entry: &Entry) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::new();
        let read = (&mut *self.input).take(entry.size).read_to_end(&mut bytes);
        read.map_err(|error| report::bad_form(&format!("the archive cannot be read: {error}")))?;
        if bytes.len() as u64 != entry.size {
            return Err(report::bad_form("the archive is cut off"));
        }
        let past = (entry.size % BLOCK as u64) as usize;
        if past > 0 {
            self.empty(BLOCK - past)?;
        }
        Ok(bytes)
    }

    fn end(&mut self) -> Result<(), Diagnostic> {
        self.empty(BLOCK)
    }

    fn empty(&mut self, count: usize) -> Result<(), Diagnostic> {
        let mut bytes = [0; BLOCK];
        let bytes = &mut bytes[..count];
        self.fill(bytes)?;
        match bytes.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(report::bad_form("what fills up a block of the archive is not empty")),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Diagnostic> {
        let read = self.input.read_exact(bytes);
        read.map_err(|error| report::bad_form(&format!("the archive cannot be read: {error}")))
    }
}
