//! The folder of keys: `NAME.key`, which its owner alone may read, and `NAME.pub` beside it.

use super::key::{Key, SecretKey};
use crate::diagnostics as report;
use eclexia_diag::Diagnostic;
use eclexia_whole::{Access, Existing, write};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Keys are a few hundred bytes.
const MOST_BYTES: u64 = 16 << 10;
/// What a mode gives to the group and to others.
const OTHERS: u32 = 0o077;

pub struct KeyFolder {
    folder: PathBuf,
}

/// A name and its public key.
pub struct Pair {
    pub name: String,
    pub key: Key,
    /// Whether its secret key is here.
    pub has_secret: bool,
}

impl KeyFolder {
    /// `data`: where what lasts between commands is kept.
    pub fn new(data: &Path) -> KeyFolder {
        KeyFolder { folder: data.join("keys") }
    }

    pub fn secret_path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.key"))
    }

    pub fn public_path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pub"))
    }

    /// Keeps a new pair; a name that has one keeps what it has.
    pub fn keep(&self, name: &str, key: &SecretKey) -> Result<(), Diagnostic> {
        check_name(name)?;
        let (secret, public) = (self.secret_path(name), self.public_path(name));
        if secret.exists() || public.exists() {
            return Err(report::key_taken(name));
        }
        let mut folder = std::fs::DirBuilder::new();
        let made = folder.recursive(true).mode(0o700).create(&self.folder);
        made.map_err(|error| report::not_written(&self.folder, &error))?;
        for (path, text, access) in [
            (&secret, key.to_pem(), Access::Owner),
            (&public, key.public().to_pem(), Access::Everybody),
        ] {
            let written = write(path, text.as_bytes(), access, Existing::Keep);
            written.map_err(|error| report::not_written(path, &error))?;
        }
        Ok(())
    }

    /// The secret key of a name; refused where others could have read it.
    pub fn secret(&self, name: &str) -> Result<SecretKey, Diagnostic> {
        check_name(name)?;
        let path = self.secret_path(name);
        let shown = path.display().to_string();
        let file = std::fs::File::open(&path).map_err(|error| self.missing(name, &path, &error))?;
        let metadata = file.metadata().map_err(|error| report::not_read(&path, &error))?;
        if metadata.mode() & OTHERS != 0 {
            return Err(report::exposed_key(&shown, metadata.mode() & 0o777));
        }
        SecretKey::from_pem(&text_of(file, &path)?, &shown)
    }

    /// The public key of a name.
    pub fn public(&self, name: &str) -> Result<Key, Diagnostic> {
        check_name(name)?;
        let path = self.public_path(name);
        if !path.exists() {
            return Err(report::no_key(name, &self.folder));
        }
        read_public(&path)
    }

    /// All pairs, by name.
    pub fn list(&self) -> Result<Vec<Pair>, Diagnostic> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(report::not_read(&self.folder, &error)),
        };
        let names = entries.flatten().filter_map(|entry| {
            let name = entry.file_name().to_str()?.strip_suffix(".pub")?.to_owned();
            is_key_name(&name).then_some(name)
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        let pair = |name: String| {
            let (key, has_secret) = (self.public(&name)?, self.secret_path(&name).is_file());
            Ok(Pair { name, key, has_secret })
        };
        names.into_iter().map(pair).collect()
    }

    fn missing(&self, name: &str, path: &Path, error: &std::io::Error) -> Diagnostic {
        match error.kind() {
            std::io::ErrorKind::NotFound => report::no_key(name, &self.folder),
            _ => report::not_read(path, error),
        }
    }
}

/// The public key in a file.
pub fn read_public(path: &Path) -> Result<Key, Diagnostic> {
    let file = std::fs::File::open(path).map_err(|error| report::not_read(path, &error))?;
    Key::from_pem(&text_of(file, path)?, &path.display().to_string())
}

fn text_of(file: std::fs::File, path: &Path) -> Result<String, Diagnostic> {
    let mut text = String::new();
    match file.take(MOST_BYTES).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(report::not_read(path, &error)),
    }
}

fn check_name(name: &str) -> Result<(), Diagnostic> {
    if is_key_name(name) { Ok(()) } else { Err(report::bad_key_name(name)) }
}

/// A name that is a file's name on every machine.
fn is_key_name(name: &str) -> bool {
    crate::package::is_name(name)
}
