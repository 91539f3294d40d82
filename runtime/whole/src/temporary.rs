//! A file or folder beside its place, which goes away with its value unless it was moved there.

use crate::Existing;
use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt};
use std::ffi::OsStr;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names that are tried: processes of two containers with one folder may have one number.
const MOST_TRIES: u32 = 1_000;

pub(crate) struct Temporary<'f, T> {
    folder: &'f Dir,
    name: String,
    value: T,
}

impl Temporary<'_, File> {
    /// A new file that only its owner can read.
    pub(crate) fn file(folder: &Dir) -> Result<Temporary<'_, File>> {
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        Temporary::new(folder, |name| folder.open_with(name, options))
    }

    pub(crate) fn file_mut(&mut self) -> &mut File {
        &mut self.value
    }

    pub(crate) fn move_to(&self, name: &OsStr, old: Existing) -> Result<()> {
        match old {
            Existing::Replace => self.folder.rename(&self.name, self.folder, name),
            // Of all ways only this one fails where something is there, on every system. The
            // temporary name goes away with this value.
            Existing::Keep => self.folder.hard_link(&self.name, self.folder, name),
        }
    }
}

impl Temporary<'_, Dir> {
    pub(crate) fn folder(folder: &Dir) -> Result<Temporary<'_, Dir>> {
        Temporary::new(folder, |name| {
            folder.create_dir(name)?;
            folder.open_dir(name)
        })
    }

    pub(crate) fn inside(&self) -> &Dir {
        &self.value
    }
}

impl<T> Temporary<'_, T> {
    fn new(folder: &Dir, make: impl Fn(&Path) -> Result<T>) -> Result<Temporary<'_, T>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        for _ in 0..MOST_TRIES {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!(".eclexia-{}-{number}", std::process::id());
            match make(Path::new(&name)) {
                Ok(value) => return Ok(Temporary { folder, name, value }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::new(ErrorKind::AlreadyExists, "no temporary name is free"))
    }
}

impl<T> Drop for Temporary<'_, T> {
    fn drop(&mut self) {
        // What was moved is not there any more. Where something else is wrong, that is told; that
        // this stays behind too would hide it.
        let is_folder = self.folder.symlink_metadata(&self.name).map(|data| data.is_dir());
        let _ = match is_folder {
            Ok(true) => self.folder.remove_dir_all(&self.name),
            Ok(false) => self.folder.remove_file(&self.name),
            Err(_) => Ok(()),
        };
    }
}
