//! Writing, so that at no moment half of a folder is to be seen: whole beside its place, synced,
//! and moved there.

use crate::Content;
use std::io::Write;
use std::path::Path;

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Replaces a folder, or makes it, with these contents: built beside its place, then moved there.
pub(crate) fn write_folder(folder: &Path, content: &Content) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let parent = folder_of(folder);
    std::fs::create_dir_all(parent)?;
    let made = tempfile::Builder::new().prefix(".eclexia-").tempdir_in(parent)?;
    let new = made.path().join("new");
    std::fs::create_dir(&new)?;
    for (path, bytes) in content.files() {
        let path = new.join(path);
        std::fs::create_dir_all(folder_of(&path))?;
        let mut file = std::fs::File::create_new(&path)?;
        file.write_all(bytes)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
        file.sync_all()?;
    }
    if folder.symlink_metadata().is_ok() {
        std::fs::rename(folder, made.path().join("old"))?;
    }
    std::fs::rename(&new, folder)?;
    std::fs::File::open(parent)?.sync_all()
}
