//! Reading sources, finding them, and writing results whole.

use crate::diagnostics;
use eclexia_diag::Diagnostic;
use eclexia_formats::gunzip;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest source that is read; a little more than the reader accepts, so that it reports.
const MOST_BYTES: u64 = 65 << 20;

/// The bytes of a file, or of standard input for `-`, and the name that messages show.
pub fn read(path: &Path) -> Result<(String, Vec<u8>), Diagnostic> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        let name = "<stdin>".to_owned();
        let read = std::io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes);
        return match read {
            Ok(_) => Ok((name, bytes)),
            Err(error) => Err(diagnostics::cannot_read(&name, &error)),
        };
    }
    let name = path.display().to_string();
    let read = std::fs::File::open(path).and_then(|f| f.take(MOST_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok((name, bytes)),
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
    eclexia_native::write_whole(path, bytes)
        .map_err(|error| diagnostics::write_failed(&path.display().to_string(), &error))
}

pub fn make_folder(path: &Path) -> Result<(), Diagnostic> {
    std::fs::create_dir_all(path)
        .map_err(|error| diagnostics::write_failed(&path.display().to_string(), &error))
}

/// The source files of a folder, sorted; not of its sub-folders.
pub fn sources_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|p| is_source(p) && p.is_file()).collect();
    for path in &mut found {
        if let Ok(short) = path.strip_prefix("./") {
            *path = short.to_owned();
        }
    }
    found.sort();
    found
}

pub fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "ecl" || e == "lisp")
}

/// The sources of a folder and its sub-folders; not hidden ones, those of `target`, or in a project
/// those of `vendor`.
pub fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = sources_in(folder);
    let is_project = folder.join(eclexia_project::MANIFEST).is_file();
    let is_ours = |name: &std::ffi::OsStr| {
        let is_vendor = is_project && name == eclexia_project::VENDOR;
        !name.to_string_lossy().starts_with('.') && name != "target" && !is_vendor
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .filter(|e| e.file_type().is_ok_and(|t| t.is_dir()) && is_ours(&e.file_name()))
        .map(|e| e.path())
        .collect();
    folders.sort();
    for folder in folders {
        found.extend(sources_below(&folder));
    }
    found
}

/// Where what lasts between commands is kept: `ECLEXIA_DATA_DIR`, else where the system keeps state
/// of users.
pub fn data_folder() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("ECLEXIA_DATA_DIR")
        .or_else(|| set("XDG_STATE_HOME").map(|p| p.join("eclexia")))
        .or_else(|| set("HOME").map(|p| p.join(".local/state/eclexia")))
}
