//! Folders written whole: built in a folder beside their place, then moved there.

use crate::temporary::Temporary;
use crate::{Access, Existing, fill, flush, folder_of};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use std::collections::BTreeSet;
use std::io::{ErrorKind, Result};
use std::path::Path;

/// Writes a folder with these files, by their paths in it, which cannot lead out of it; folders
/// above it are made. An empty folder that is there is replaced in any case.
pub fn write_folder<'f>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'f str, Access, &'f [u8])>,
    old: Existing,
) -> Result<()> {
    let parent = folder_of(folder);
    std::fs::create_dir_all(parent)?;
    let parent = Dir::open_ambient_dir(parent, ambient_authority())?;
    let Some(name) = folder.file_name() else { return Err(ErrorKind::InvalidInput.into()) };
    let made = Temporary::folder(&parent)?;
    let beside = made.inside();
    beside.create_dir("new")?;
    build(&beside.open_dir("new")?, files)?;
    let is_there = parent.symlink_metadata(name).is_ok();
    if is_there && old == Existing::Replace {
        parent.rename(name, beside, "old")?;
    }
    if let Err(error) = beside.rename("new", &parent, name) {
        // Why it failed is told; whether what was there could come back is to be seen there.
        let _ = beside.rename("old", &parent, name);
        return Err(error);
    }
    flush(&parent)
}

fn build<'f>(
    root: &Dir,
    files: impl IntoIterator<Item = (&'f str, Access, &'f [u8])>,
) -> Result<()> {
    let mut folders = BTreeSet::from(["."]);
    for (path, access, bytes) in files {
        if let Some((above, _)) = path.rsplit_once('/') {
            root.create_dir_all(above)?;
            folders.extend(above.match_indices('/').map(|(at, _)| &above[..at]));
            folders.insert(above);
        }
        let mode = access.mode(root, Path::new(path));
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        fill(&mut root.open_with(path, options)?, bytes, mode)?;
    }
    folders.iter().try_for_each(|folder| flush(&root.open_dir(folder)?))
}
