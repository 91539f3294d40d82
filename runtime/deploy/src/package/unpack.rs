//! A package as a folder: its entries under their names.
//!
//! The folder appears whole or not at all, and its files are opened relative to it, so that no path
//! leads out of it, even if the checks of paths were wrong (`eclexia_whole`).

use super::{Package, manifest};
use crate::diagnostics as report;
use eclexia_diag::Diagnostic;
use eclexia_whole::{Access, Existing};
use std::io::Error;
use std::path::Path;

/// Writes the manifest and all files below `folder`, which must not be there.
pub fn unpack(package: &Package, folder: &Path) -> Result<(), Diagnostic> {
    if folder.symlink_metadata().is_ok() {
        return Err(report::folder_taken(folder));
    }
    write(package, folder).map_err(|error| report::not_written(folder, &error))
}

fn write(package: &Package, folder: &Path) -> Result<(), Error> {
    let manifest = package.manifest.to_json();
    let files = package.manifest.files.iter().map(|file| {
        let bytes = package.files.get(&file.path).map_or(&[][..], Vec::as_slice);
        let access = if file.executable { Access::Program } else { Access::Everybody };
        (file.path.as_str(), access, bytes)
    });
    let all = std::iter::once((manifest::MANIFEST, Access::Everybody, &manifest[..])).chain(files);
    // A folder moved onto an empty one replaces it, onto any other it fails.
    eclexia_whole::write_folder(folder, all, Existing::Keep)
}
