//! A package as a folder: its entries under their names.
//!
//! The folder appears whole or not at all: files are written into one beside it, flushed, and the
//! folder is moved to its place. They are opened relative to that folder (`cap_std`), so that no
//! path leads out of it, even if the checks of paths were wrong.

use super::{Package, manifest};
use crate::diagnostics as report;
use crate::files::{flush_folder, folder_of};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use eclexia_diag::Diagnostic;
use std::collections::BTreeSet;
use std::io::{Error, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes the manifest and all files below `folder`, which must not be there.
pub fn unpack(package: &Package, folder: &Path) -> Result<(), Diagnostic> {
    if folder.symlink_metadata().is_ok() {
        return Err(report::folder_taken(folder));
    }
    write(package, folder).map_err(|error| report::not_written(folder, &error))
}

fn write(package: &Package, folder: &Path) -> Result<(), Error> {
    let parent = folder_of(folder);
    std::fs::create_dir_all(parent)?;
    let place = tempfile::Builder::new().prefix(".eclexia-").tempdir_in(parent)?;
    let root = Dir::open_ambient_dir(place.path(), ambient_authority())?;
    write_file(&root, manifest::MANIFEST, 0o644, &package.manifest.to_json())?;
    let mut folders = BTreeSet::from([""]);
    for file in &package.manifest.files {
        let bytes = package.files.get(&file.path).map_or(&[][..], Vec::as_slice);
        if let Some((parents, _)) = file.path.rsplit_once('/') {
            root.create_dir_all(parents)?;
            folders.extend(parents.match_indices('/').map(|(at, _)| &parents[..at]));
            folders.insert(parents);
        }
        let mode = if file.executable { 0o755 } else { 0o644 };
        write_file(&root, &file.path, mode, bytes)?;
    }
    for folder in folders {
        flush_folder(&place.path().join(folder))?;
    }
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755))?;
    // A folder moved onto an empty one replaces it, onto any other it fails.
    std::fs::rename(place.path(), folder)?;
    // Nothing is there any more to be cleared away.
    let _ = place.keep();
    flush_folder(parent)
}

fn write_file(root: &Dir, path: &str, mode: u32, bytes: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    let mut file = root.open_with(path, &options)?;
    file.write_all(bytes)?;
    file.sync_all()
}
