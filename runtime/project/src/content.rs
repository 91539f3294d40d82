//! What a package holds: its files by path, in memory, and their hash.
//!
//! Hidden files, `target/`, `vendor/` and the lock are no part of a package. A link is refused:
//! what it points to is not in the package and could change after it was hashed.
//!
//! The hash is BLAKE3 over `eclexia-package/1\n`, then for each file in the order of its path: the
//! length of the path (8 bytes, little endian), the path, the length of the bytes, the bytes.

use eclexia_whole::{Access, Existing, write_folder};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

/// Bounds on one package: larger than any that is written, small enough to hold in memory.
pub const MOST_FILES: usize = 10_000;
pub const MOST_BYTES: u64 = 64 << 20;
pub const MOST_DEPTH: usize = 32;

/// Files by path relative to the package's folder, with `/`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Content {
    files: BTreeMap<String, Vec<u8>>,
    bytes: u64,
}

/// Why contents could not be taken.
#[derive(Debug)]
pub enum Refused {
    NoFolder,
    TooLarge(String),
    Link(String),
    Unreadable(String, std::io::Error),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NoFolder => write!(f, "there is no such folder"),
            Refused::TooLarge(what) => write!(f, "{what}"),
            Refused::Link(path) => write!(f, "{path} is a link"),
            Refused::Unreadable(path, error) => write!(f, "{path}: {error}"),
        }
    }
}

/// Whether a file or folder of this name is part of a package, at its depth.
pub(crate) fn is_part(name: &str, depth: usize) -> bool {
    let is_outside = depth == 0 && ["target", crate::VENDOR, crate::LOCK].contains(&name);
    !name.starts_with('.') && !is_outside
}

/// Whether a path of a version-control tree is part of a package and stays in it.
pub(crate) fn is_part_path(path: &str) -> bool {
    let is_plain = |part: &str| !part.is_empty() && !part.contains(['\\', '\0']);
    path.split('/').enumerate().all(|(depth, part)| is_plain(part) && is_part(part, depth))
}

impl Content {
    /// Replaces a folder, or makes it, with these contents.
    pub(crate) fn write(&self, folder: &Path) -> std::io::Result<()> {
        let files = self.files.iter();
        let files = files.map(|(path, bytes)| (path.as_str(), Access::Everybody, &bytes[..]));
        write_folder(folder, files, Existing::Replace)
    }

    /// Reads a folder.
    pub fn read(folder: &Path) -> Result<Content, Refused> {
        let mut content = Content::default();
        if !folder.is_dir() {
            return Err(Refused::NoFolder);
        }
        content.read_below(folder, "", 0)?;
        Ok(content)
    }

    fn read_below(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), Refused> {
        let shown = if prefix.is_empty() { "." } else { prefix };
        let unreadable = |error| Refused::Unreadable(shown.to_owned(), error);
        if depth > MOST_DEPTH {
            return Err(Refused::TooLarge(format!(
                "{shown} lies deeper than {MOST_DEPTH} folders"
            )));
        }
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let odd = format!("{shown}: the name {name:?} is no text");
                return Err(Refused::TooLarge(odd));
            };
            if !is_part(name, depth) {
                continue;
            }
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                self.read_below(&entry.path(), &path, depth + 1)?;
            } else if kind.is_file() {
                let room = MOST_BYTES.saturating_sub(self.bytes) + 1;
                let mut bytes = Vec::new();
                let file = std::fs::File::open(entry.path());
                let read = file.and_then(|f| f.take(room).read_to_end(&mut bytes));
                read.map_err(|error| Refused::Unreadable(path.clone(), error))?;
                self.add(path, bytes)?;
            } else {
                return Err(Refused::Link(path));
            }
        }
        Ok(())
    }

    /// Adds a file, within the bounds.
    pub fn add(&mut self, path: String, bytes: Vec<u8>) -> Result<(), Refused> {
        self.bytes += bytes.len() as u64;
        self.files.insert(path, bytes);
        if self.files.len() > MOST_FILES {
            return Err(Refused::TooLarge(format!("it has more than {MOST_FILES} files")));
        }
        if self.bytes > MOST_BYTES {
            let most = MOST_BYTES >> 20;
            return Err(Refused::TooLarge(format!("it is larger than {most} MiB")));
        }
        Ok(())
    }

    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"eclexia-package/1\n");
        for (path, bytes) in &self.files {
            for part in [path.as_bytes(), bytes] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(files: &[(&str, &str)]) -> Content {
        let mut content = Content::default();
        for (path, text) in files {
            content.add((*path).to_owned(), text.as_bytes().to_vec()).expect("it is small");
        }
        content
    }

    #[test]
    fn the_hash_tells_names_and_bytes_apart() {
        let one = content(&[("a", "bc")]);
        assert_eq!(one.hash(), content(&[("a", "bc")]).hash());
        for other in [content(&[("ab", "c")]), content(&[("a", "bd")]), content(&[])] {
            assert_ne!(one.hash(), other.hash());
        }
        assert_eq!(one.hash().len(), 64);
    }

    #[test]
    fn hidden_and_made_files_are_no_part() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["a.ecl", "b/target/c.ecl", ".git/x", "target/y", "vendor/z", "eclexia.lock"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
            std::fs::write(path, "1").expect("written");
        }
        let content = Content::read(folder.path()).expect("it can be read");
        let paths: Vec<&str> = content.files().map(|(path, _)| path).collect();
        assert_eq!(paths, ["a.ecl", "b/target/c.ecl"]);
    }

    #[test]
    fn a_link_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("a.ecl")).expect("linked");
        assert!(
            matches!(Content::read(folder.path()), Err(Refused::Link(path)) if path == "a.ecl")
        );
    }

    #[test]
    fn paths_that_leave_are_no_part() {
        for path in ["../a", "a/../../b", "/a", "a//b", "a/.git/b", "vendor/a", "a\\b"] {
            assert!(!is_part_path(path), "{path}");
        }
        assert!(is_part_path("a/vendor/b.ecl"));
    }
}
