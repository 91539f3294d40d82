//! Reading sources, and finding them.

use eclexia_settings::Environment;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest source that is read, bytes; a little more than the reader accepts, so that it
/// reports.
pub const MOST_BYTES: u64 = 65 << 20;

/// The bytes of a file, at most [`MOST_BYTES`].
pub fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "ecl" || e == "lisp")
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
    Environment::of_process().data_folder()
}
