//! Files and folders written whole: beside their place, flushed to the disk, then moved there. In:
//! a path, bytes and who may read them. Out: what is there, as it was or as it is to be, never a
//! part of it, at every moment and after every crash.
//!
//! Always holds: what fails leaves what was there, and no temporary file. Each part of the way is
//! taken below a folder that is open (`cap_std`), so that whoever gives such a folder knows that
//! nothing is written outside of it. A crash may leave a name that begins with `.eclexia-` beside.

mod folder;
mod temporary;

pub use folder::write_folder;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Permissions, PermissionsExt};
use std::ffi::OsStr;
use std::io::{ErrorKind, Result, Write};
use std::path::Path;
use temporary::Temporary;

/// Who may do what with a file that is written, whatever the process's mask says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Its owner reads and writes it.
    Owner,
    /// Everybody reads it.
    Everybody,
    /// Everybody reads and runs it.
    Program,
    /// As the file that it replaces; where there is none, everybody reads it.
    AsBefore,
}

/// Whether what is there already is replaced, or the write fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existing {
    Replace,
    Keep,
}

/// Writes a file at exactly this path: where a link is there, the link is replaced.
pub fn write(path: &Path, bytes: &[u8], access: Access, old: Existing) -> Result<()> {
    let is_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let Some(name) = path.file_name().filter(|_| !is_folder) else {
        return Err(ErrorKind::IsADirectory.into());
    };
    let folder = Dir::open_ambient_dir(folder_of(path), ambient_authority())?;
    write_in(&folder, name, bytes, access, old)
}

/// Writes a file to where a path leads that somebody named: a link stays a link, and what is no
/// regular file (a pipe, `/dev/stdout`) is written to. What is replaced keeps who may read it.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let is_special = std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir());
    if is_special {
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    write(&path, bytes, Access::AsBefore, Existing::Replace)
}

/// Writes the file of this name in an open folder.
pub fn write_in(
    folder: &Dir,
    name: &OsStr,
    bytes: &[u8],
    access: Access,
    old: Existing,
) -> Result<()> {
    let mut temporary = Temporary::file(folder)?;
    fill(temporary.file_mut(), bytes, access.mode(folder, Path::new(name)))?;
    temporary.move_to(name, old)?;
    flush(folder)
}

impl Access {
    fn mode(self, folder: &Dir, name: &Path) -> u32 {
        let before = || folder.symlink_metadata(name).ok().filter(|data| data.is_file());
        match self {
            Access::Owner => 0o600,
            Access::Everybody => 0o644,
            Access::Program => 0o755,
            Access::AsBefore => before().map_or(0o644, |data| data.permissions().mode() & 0o7777),
        }
    }
}

fn fill(file: &mut cap_std::fs::File, bytes: &[u8], mode: u32) -> Result<()> {
    file.write_all(bytes)?;
    // After the bytes: writing takes away what lets a program run as its owner.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

/// Opened anew: `cap_std` opens a folder only as a place to begin paths at.
fn flush(folder: &Dir) -> Result<()> {
    folder.open(".")?.sync_all()
}

/// Moves a file that others wrote beside its place there: on the disk before, and then there.
pub fn settle(written: &Path, place: &Path) -> Result<()> {
    std::fs::File::open(written)?.sync_all()?;
    std::fs::rename(written, place)?;
    flush_folder(folder_of(place))
}

/// The folder that an entry is in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What was moved into a folder stays there after a crash.
pub fn flush_folder(folder: &Path) -> Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
