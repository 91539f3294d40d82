//! Projects: a folder with an `eclexia.toml` (who it is, where it starts, what it builds on), the
//! lock that fixes what that means, and the contents of the packages it names.
//!
//! In: folders, and for git dependencies the `git` program. Out: manifests, locks, contents in
//! memory, and diagnostics at their places in the manifests. What always holds: contents are
//! hashed as they are read and used from memory, so what was verified is what is compiled;
//! everything read is bounded; files are written whole; only [`resolve`] reaches for a source that
//! is not here. What is absent: the language (a package is files and a version), printing, and any
//! running of what a package holds.

pub mod content;
pub mod diagnostics;
pub mod edit;
mod git;
pub mod lock;
pub mod manifest;
mod packages;
mod peek;
mod ranges;
pub mod resolve;
pub mod source;
mod store;
mod vendor;

pub use content::Content;
pub use lock::Lock;
pub use manifest::{Dependency, Manifest, Weights};
pub use packages::{Package, Packages, paths};
pub use peek::name_of;
pub use resolve::{Keep, resolve};
pub use source::{Pick, Source};
pub use store::Store;
pub use vendor::vendor;

use eclexia_base::FileId;
use eclexia_diag::{Diagnostic, Diagnostics, Outcome, Sources};
use std::path::{Path, PathBuf};

/// The manifest's file name.
pub const MANIFEST: &str = "eclexia.toml";
/// The lock's, beside it.
pub const LOCK: &str = "eclexia.lock";
/// The folder of vendored packages, beside it.
pub const VENDOR: &str = "vendor";

/// How far up a manifest is looked for.
const MOST_PARENTS: usize = 64;

/// A project whose manifest could be read.
pub struct Project {
    /// As the user would write it.
    pub root: PathBuf,
    pub manifest: Manifest,
    pub file: FileId,
    pub text: String,
}

/// The folder of the nearest manifest at or above `start`.
pub fn find(start: &Path) -> Option<PathBuf> {
    let start = if start.as_os_str().is_empty() { Path::new(".") } else { start };
    let mut folder = start.to_path_buf();
    let mut full = std::fs::canonicalize(start).ok()?;
    for _ in 0..MOST_PARENTS {
        if full.join(MANIFEST).is_file() {
            return Some(tidy(&folder));
        }
        full = full.parent()?.to_path_buf();
        // A name is taken off where there is one, so that paths stay as they were written.
        let is_named = matches!(folder.components().next_back(), Some(last)
            if matches!(last, std::path::Component::Normal(_)));
        if !(is_named && folder.pop()) {
            folder.push("..");
        }
        if folder.as_os_str().is_empty() {
            folder.push(".");
        }
    }
    None
}

/// `./..` is `..`.
fn tidy(path: &Path) -> PathBuf {
    let rest: PathBuf = path.components().filter(|c| c.as_os_str() != ".").collect();
    if rest.as_os_str().is_empty() { PathBuf::from(".") } else { rest }
}

/// Reads the manifest of a project's folder.
pub fn open(root: &Path, sources: &mut Sources) -> Outcome<Option<Project>> {
    let path = shown(root, MANIFEST);
    let text = match manifest::read_file(&root.join(MANIFEST)) {
        Ok(text) => text,
        Err(why) => return (None, diagnostics::unreadable_manifest(&path, &why).into()),
    };
    let file = sources.add(path, text.as_str());
    let (manifest, found) = manifest::parse(file, &text);
    let root = root.to_path_buf();
    (manifest.map(|manifest| Project { root, manifest, file, text }), found)
}

impl Project {
    /// The file of an entry point; `main` is the one that verbs without a file use.
    pub fn entry(&self, name: &str) -> Option<PathBuf> {
        self.manifest.entries.get(name).map(|path| self.beside(&path.value))
    }

    /// A path of the manifest as the user would write it.
    pub fn beside(&self, path: &str) -> PathBuf {
        if self.root == Path::new(".") { PathBuf::from(path) } else { self.root.join(path) }
    }

    /// Reads the lock; `None` where there is none.
    pub fn lock(&self, sources: &mut Sources) -> Result<Option<Lock>, Box<Diagnostic>> {
        lock::read(&self.beside(LOCK), sources)
    }

    /// The `[deploy]` table, as whoever deploys reads it: what it may say is not this crate's
    /// matter.
    pub fn deploy<T: serde::de::DeserializeOwned + Default>(&self) -> Result<T, Box<Diagnostic>> {
        manifest::deploy(self.file, &self.text)
    }

    /// The locked packages with their contents, verified. Fetches nothing.
    pub fn packages(&self, store: &Store, sources: &mut Sources) -> Outcome<Packages> {
        let mut found = Diagnostics::new();
        let packages = packages::load(self, store, sources, &mut found);
        (packages, found)
    }
}

/// A file of a folder as messages show it.
pub(crate) fn shown(folder: &Path, file: &str) -> String {
    if folder == Path::new(".") { file.to_owned() } else { folder.join(file).display().to_string() }
}
