//! Files written whole: beside their place, flushed, then moved there. In: a path, bytes and who
//! may read them. Out: the file as it was or as it is to be, never a part of it.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Who may read a file that is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Owner,
    Everybody,
}

/// Whether a file that is there already is replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existing {
    Replace,
    Keep,
}

pub fn write(path: &Path, bytes: &[u8], access: Access, old: Existing) -> std::io::Result<()> {
    let folder = folder_of(path);
    let mut file = tempfile::Builder::new().prefix(".eclexia-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    let mode = match access {
        Access::Owner => 0o600,
        Access::Everybody => 0o644,
    };
    file.as_file().set_permissions(Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    match old {
        Existing::Replace => file.persist(path)?,
        Existing::Keep => file.persist_noclobber(path)?,
    };
    flush_folder(folder)
}

/// The folder that an entry is in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What was moved into a folder stays there after a crash.
pub fn flush_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}
