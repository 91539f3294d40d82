//! The versions of a package, their manifests and their contents: from its folder, its repository,
//! or from what the old lock fixed and is still here.

use super::{Base, Key, ResolveCtx, Stop};
use crate::content::Content;
use crate::diagnostics as report;
use crate::git::{GitError, Repository};
use crate::lock::Locked;
use crate::manifest::{self, Manifest};
use crate::source::{Pick, Source};
use crate::{MANIFEST, VENDOR};
use semver::Version;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

/// The versions that may be chosen, and where each is.
pub(super) struct Candidates {
    at: BTreeMap<Version, At>,
}

enum At {
    /// Already read: the project itself, a folder, a commit without a version tag, or locked.
    Read(Rc<Candidate>),
    /// The commit of a version tag; read when it is chosen.
    Commit(String),
}

/// A version of a package.
#[derive(Debug)]
pub(super) struct Candidate {
    pub manifest: Manifest,
    pub base: Base,
    pub commit: Option<String>,
    /// Contents that are here already.
    content: Option<Content>,
}

impl Candidates {
    fn one(candidate: Candidate) -> Candidates {
        let version = candidate.manifest.version.value.clone();
        Candidates { at: BTreeMap::from([(version, At::Read(Rc::new(candidate)))]) }
    }

    pub fn versions(&self) -> impl DoubleEndedIterator<Item = &Version> {
        self.at.keys()
    }
}

impl ResolveCtx<'_> {
    pub(super) fn candidates(&self, key: &Key) -> Result<Rc<Candidates>, Stop> {
        if let Some(known) = self.candidates.borrow().get(key) {
            return Ok(known.clone());
        }
        let candidates = if self.is_root(key) { self.itself(key)? } else { self.look(key)? };
        let candidates = Rc::new(candidates);
        self.candidates.borrow_mut().insert(key.clone(), candidates.clone());
        Ok(candidates)
    }

    /// The versions known so far, for messages.
    pub(super) fn known_versions(&self, key: &Key) -> Vec<Version> {
        let known = self.candidates.borrow().get(key).cloned();
        known.map_or(Vec::new(), |known| known.versions().cloned().collect())
    }

    fn itself(&self, key: &Key) -> Result<Candidates, Stop> {
        let manifest = self.project.manifest.clone();
        if manifest.name.value != key.name {
            let found = report::other_package(self.place(key), &key.name, &manifest.name.value);
            return Err(self.stop(found));
        }
        let base = Base::Folder(self.root.clone());
        Ok(Candidates::one(Candidate { manifest, base, commit: None, content: None }))
    }

    fn look(&self, key: &Key) -> Result<Candidates, Stop> {
        match &key.source {
            Source::Path(folder) if folder.is_dir() => self.folder(key, folder),
            Source::Path(_) => match self.held(key) {
                Some(candidate) => Ok(Candidates::one(candidate)),
                None => {
                    let why = "there is no such folder";
                    let place = key.source.shown(&self.root);
                    let span = self.place(key);
                    Err(self.stop(report::missing_package(span, &key.name, &place, &why)))
                }
            },
            Source::Git { url, pick, folder } => {
                let locked = self.only_locked.then(|| self.held(key)).flatten();
                match locked {
                    Some(candidate) => Ok(Candidates::one(candidate)),
                    None => self.repository(key, url, pick, folder),
                }
            }
        }
    }

    fn folder(&self, key: &Key, folder: &Path) -> Result<Candidates, Stop> {
        let place = key.source.shown(&self.root);
        let missing = |why: &str| {
            self.stop(report::missing_package(self.place(key), &key.name, &place, &why))
        };
        let path = folder.join(MANIFEST);
        if !path.is_file() {
            return Err(missing("there is no eclexia.toml in this folder"));
        }
        let text = manifest::read_file(&path).map_err(|why| missing(&why))?;
        let shown = crate::source::relative(&self.root, &path);
        let manifest = self.manifest(key, &shown, &text)?;
        let base = Base::Folder(folder.to_path_buf());
        Ok(Candidates::one(Candidate { manifest, base, commit: None, content: None }))
    }

    /// A manifest without errors and of the right name; what is wrong with it is reported.
    fn manifest(&self, key: &Key, shown: &str, text: &str) -> Result<Manifest, Stop> {
        let file = self.sources.borrow_mut().add(shown, text);
        let (manifest, found) = manifest::parse(file, text);
        self.found.borrow_mut().extend(found);
        let Some(manifest) = manifest else { return Err(Stop) };
        if manifest.name.value != key.name {
            let found = report::other_package(self.place(key), &key.name, &manifest.name.value);
            return Err(self.stop(found));
        }
        Ok(manifest)
    }

    /// What the old lock fixed, where its contents are on this machine or can be fetched by their
    /// commit, and still have their hash.
    fn held(&self, key: &Key) -> Option<Candidate> {
        let locked = self.locked(key)?;
        let is_it = |content: &Content| content.hash() == locked.hash;
        let here =
            [self.project.root.join(VENDOR).join(&key.name), self.store.package(&locked.hash)];
        let content = here
            .iter()
            .find_map(|folder| Content::read(folder).ok().filter(is_it))
            .or_else(|| self.fetch_locked(key, locked).filter(is_it))?;
        let text = manifest::text_of(content.file(MANIFEST)?.to_vec()).ok()?;
        let manifest = self.manifest(key, &shown(key, &locked.version), &text).ok()?;
        let base = self.base(key, locked.commit.as_deref());
        Some(Candidate { manifest, base, commit: locked.commit.clone(), content: Some(content) })
    }

    fn fetch_locked(&self, key: &Key, locked: &Locked) -> Option<Content> {
        let Source::Git { url, folder, .. } = &key.source else { return None };
        let commit = locked.commit.as_deref()?;
        let known = self.store.repository(url).content(commit, folder);
        let fetch = || self.store.fetch(url, &Pick::Commit(commit.to_owned()));
        known.or_else(|_| fetch()?.content(commit, folder)).ok()
    }

    fn base(&self, key: &Key, commit: Option<&str>) -> Base {
        match &key.source {
            Source::Path(folder) => Base::Folder(folder.clone()),
            Source::Git { url, folder, .. } => Base::Git {
                url: url.clone(),
                commit: commit.unwrap_or_default().to_owned(),
                folder: folder.clone(),
            },
        }
    }

    fn repository(
        &self,
        key: &Key,
        url: &str,
        pick: &Pick,
        folder: &str,
    ) -> Result<Candidates, Stop> {
        let failed = |why: GitError| {
            self.stop(report::fetch_failed(self.place(key), &key.source.shown(&self.root), &why))
        };
        let repository = self.store.fetch(url, pick).map_err(failed)?;
        if *pick == Pick::Version {
            let tags = repository.tags().map_err(failed)?.into_iter();
            let versions = tags.filter_map(|(tag, commit)| Some((version_of(&tag)?, commit)));
            let at: BTreeMap<Version, At> =
                versions.map(|(version, commit)| (version, At::Commit(commit))).collect();
            if !at.is_empty() {
                return Ok(Candidates { at });
            }
        }
        let commit = repository.commit(pick).map_err(failed)?;
        match self.at_commit(key, &repository, &commit, folder)? {
            Ok(candidate) => Ok(Candidates::one(candidate)),
            Err(why) => {
                let place = key.source.shown(&self.root);
                Err(self.stop(report::missing_package(self.place(key), &key.name, &place, &why)))
            }
        }
    }

    /// The package at a commit; the inner error says why there is none.
    fn at_commit(
        &self,
        key: &Key,
        repository: &Repository,
        commit: &str,
        folder: &str,
    ) -> Result<Result<Candidate, String>, Stop> {
        let path =
            if folder.is_empty() { MANIFEST.to_owned() } else { format!("{folder}/{MANIFEST}") };
        let Some(bytes) = repository.file(commit, &path) else {
            return Ok(Err(format!("there is no {path} in it")));
        };
        let text = match manifest::text_of(bytes) {
            Ok(text) => text,
            Err(why) => return Ok(Err(why)),
        };
        let short = &commit[..commit.len().min(12)];
        let manifest = self.manifest(key, &format!("{}@{short}/{MANIFEST}", key.name), &text)?;
        let base = self.base(key, Some(commit));
        Ok(Ok(Candidate { manifest, base, commit: Some(commit.to_owned()), content: None }))
    }

    /// A version of a package; the inner error says why it cannot be taken.
    pub(super) fn candidate(
        &self,
        key: &Key,
        version: &Version,
    ) -> Result<Result<Rc<Candidate>, String>, Stop> {
        let at = (key.clone(), version.clone());
        if let Some(known) = self.manifests.borrow().get(&at) {
            return Ok(known.clone());
        }
        let candidates = self.candidates(key)?;
        let candidate = match (candidates.at.get(version), &key.source) {
            (Some(At::Read(candidate)), _) => Ok(candidate.clone()),
            (Some(At::Commit(commit)), Source::Git { url, folder, .. }) => {
                let repository = self.store.repository(url);
                let read = self.at_commit(key, &repository, commit, folder)?;
                read.and_then(|candidate| {
                    let written = &candidate.manifest.version.value;
                    match written == version {
                        true => Ok(Rc::new(candidate)),
                        false => Err(format!("its manifest calls it {written}")),
                    }
                })
            }
            _ => Err("it has gone".to_owned()),
        };
        self.manifests.borrow_mut().insert(at, candidate.clone());
        Ok(candidate)
    }

    /// The contents of what was chosen.
    pub(super) fn content(&self, key: &Key, candidate: &Candidate) -> Result<Content, Stop> {
        if let Some(content) = &candidate.content {
            return Ok(content.clone());
        }
        let span = self.place(key);
        match (&key.source, &candidate.commit) {
            (Source::Git { url, folder, .. }, Some(commit)) => {
                let read = self.store.repository(url).content(commit, folder);
                read.map_err(|why| self.stop(report::bad_package(span, &key.name, &why)))
            }
            (Source::Path(folder), _) => Content::read(folder)
                .map_err(|why| self.stop(report::bad_package(span, &key.name, &why))),
            (Source::Git { .. }, None) => Err(Stop),
        }
    }
}

fn shown(key: &Key, version: &Version) -> String {
    format!("{}@{version}/{MANIFEST}", key.name)
}

/// `1.2.3` or `v1.2.3`.
pub(crate) fn version_of(tag: &str) -> Option<Version> {
    Version::parse(tag.strip_prefix('v').unwrap_or(tag)).ok()
}
