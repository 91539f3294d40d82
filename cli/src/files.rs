//! Reading what is given, and writing results whole.

use crate::diagnostics;
use eclexia_diag::Diagnostic;
use eclexia_files::MOST_BYTES;
use eclexia_formats::gunzip;
use std::io::Read;
use std::path::Path;

pub use eclexia_files::{data_folder, is_source, sources_below, sources_in};

/// The bytes of a file, or of standard input for `-`, and the name that messages show.
pub fn read(path: &Path) -> Result<(String, Vec<u8>), Diagnostic> {
    let (name, read) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes);
        ("<stdin>".to_owned(), read.map(|_| bytes))
    } else {
        (path.display().to_string(), eclexia_files::read(path))
    };
    match read {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(diagnostics::cannot_read(&name, &error)),
    }
}

/// The largest text that is read of a problem to solve, unpacked.
const MOST_PROBLEM_BYTES: u64 = 1 << 30;

/// A problem's text, unpacked where the file's name ends in `.gz`; bytes that are no UTF-8 are
/// replaced.
pub fn read_unpacked(path: &Path) -> Result<String, Diagnostic> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|e| diagnostics::cannot_read(&name, &e))?;
    let most = MOST_PROBLEM_BYTES;
    let read = if path.extension().is_some_and(|e| e == "gz") {
        gunzip(file, most)
    } else {
        let mut bytes = Vec::new();
        let read = file.take(most + 1).read_to_end(&mut bytes);
        read.map(|_| (bytes.len() as u64 <= most).then_some(bytes))
    };
    let bytes = read.map_err(|e| diagnostics::cannot_unpack(&name, &e))?;
    let bytes = bytes.ok_or_else(|| diagnostics::problem_too_large(&name, most >> 20))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// Whole, or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    eclexia_whole::replace(path, bytes)
        .map_err(|error| diagnostics::write_failed(&path.display().to_string(), &error))
}

pub fn make_folder(path: &Path) -> Result<(), Diagnostic> {
    std::fs::create_dir_all(path)
        .map_err(|error| diagnostics::write_failed(&path.display().to_string(), &error))
}
