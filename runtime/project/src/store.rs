//! Where fetched things are kept between commands: bare copies of repositories, and the contents of
//! packages under their hashes.

use crate::content::Content;
use crate::git::{GitError, Repository};
use crate::source::Pick;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// A store in a folder that need not exist yet.
    pub fn new(folder: PathBuf) -> Store {
        Store { folder }
    }

    /// Where contents with this hash are kept.
    pub fn package(&self, hash: &str) -> PathBuf {
        self.folder.join("packages").join(hash)
    }

    /// Keeps contents; what is there with other contents is replaced.
    pub fn keep(&self, content: &Content) -> std::io::Result<()> {
        let hash = content.hash();
        let folder = self.package(&hash);
        let is_there = Content::read(&folder).is_ok_and(|there| there.hash() == hash);
        if is_there { Ok(()) } else { content.write(&folder) }
    }

    fn copy(&self, url: &str) -> PathBuf {
        let name = &blake3::hash(url.as_bytes()).to_hex()[..32];
        self.folder.join("git").join(name)
    }

    /// Asks the source.
    pub(crate) fn fetch(&self, url: &str, pick: &Pick) -> Result<Repository, GitError> {
        Repository::fetch(self.copy(url), url, pick)
    }

    /// What was fetched before.
    pub(crate) fn repository(&self, url: &str) -> Repository {
        Repository::open(self.copy(url))
    }
}
