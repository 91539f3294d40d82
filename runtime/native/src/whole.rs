//! Writing, so that at no moment half of a file is to be seen: whole beside its place, synced, and
//! moved there.

use std::io::Write;
use std::path::Path;

/// Replaces a file, or makes it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // What is no regular file (a pipe, /dev/stdout) can only be written to.
    let is_special = std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir());
    if is_special {
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    // A link stays a link: what it points to is replaced.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let folder = folder_of(&path);
    let mut file = tempfile::Builder::new().prefix(".eclexia-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(permissions(&path))?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    std::fs::File::open(folder)?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Those of the file that is replaced, else what everybody may read.
fn permissions(path: &Path) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path) {
        Ok(old) => old.permissions(),
        Err(_) => std::fs::Permissions::from_mode(0o644),
    }
}
