//! Names of entries: which are allowed, and which two of them would be one file on some machine.
//!
//! A path is `/`-separated text, relative, at most [`MOST_BYTES`] long and [`MOST_DEPTH`] deep, of
//! parts that are neither empty nor `.` nor `..`, without backslashes and control characters. Of
//! two paths none is a folder of the other, and none is the other where letters have no case.
//!
//! Absent: the equality of differently composed Unicode, which macOS has and Linux has not.

use crate::diagnostics as report;
use eclexia_diag::Diagnostic;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What fits into the header of a tar entry: a prefix of 155 bytes, `/`, a name of 100.
pub const MOST_BYTES: usize = 255;
pub const MOST_DEPTH: usize = 32;

/// Refuses what may name no file of a package.
pub fn check(path: &str) -> Result<(), Diagnostic> {
    let leaves = path.starts_with('/') || path.split('/').any(|part| part == "..");
    if leaves {
        return Err(report::path_outside(path));
    }
    let parts = || path.split('/');
    let why = if path.len() > MOST_BYTES {
        format!("it is longer than {MOST_BYTES} bytes")
    } else if parts().count() > MOST_DEPTH {
        format!("it is deeper than {MOST_DEPTH} folders")
    } else if parts().any(|part| part.is_empty() || part == ".") {
        "a part of it is empty or `.`".to_owned()
    } else if path.contains('\\') {
        "it has a backslash, which parts names on some machines".to_owned()
    } else if path.chars().any(char::is_control) {
        "it has a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(report::bad_path(path, &why))
}

/// The text of a path's bytes, allowed.
pub fn read(bytes: &[u8]) -> Result<&str, Diagnostic> {
    match std::str::from_utf8(bytes) {
        Ok(path) => check(path).map(|()| path),
        Err(_) => Err(report::bad_path(&String::from_utf8_lossy(bytes), "it is no UTF-8")),
    }
}

/// The names that are taken, files and their folders, by how they read without case.
#[derive(Default)]
pub struct Taken {
    names: BTreeMap<String, (String, Role)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    File,
    Folder,
}

impl Taken {
    /// Takes a file's path and the paths of its folders, which files share.
    pub fn take(&mut self, path: &str) -> Result<(), Diagnostic> {
        let folders = path.match_indices('/').map(|(at, _)| (&path[..at], Role::Folder));
        for (name, role) in folders.chain([(path, Role::File)]) {
            match self.names.entry(name.to_lowercase()) {
                Entry::Vacant(free) => drop(free.insert((name.to_owned(), role))),
                Entry::Occupied(taken) => {
                    let (old, was) = taken.get();
                    let is_shared = old == name && (role, *was) == (Role::Folder, Role::Folder);
                    if !is_shared {
                        return Err(report::duplicate(path, old));
                    }
                }
            }
        }
        Ok(())
    }
}
