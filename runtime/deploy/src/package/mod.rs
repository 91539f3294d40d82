//! Packages: a program, its model and plan, and what it ships, as one value with one id.
//!
//! ```text
//! Contents ─pack→ Package ─write→ bytes ─read→ Package ─unpack→ a folder
//!                    └─ sign, verify ─┘
//! ```
//!
//! A package is an archive: `manifest.json`, the signatures, then `files/…`, `model.json` and
//! `plan.json` in the order of their paths, compressed and sealed. What always holds of a
//! [`Package`]: its manifest has been checked, its files are those of the manifest, bit by bit, and
//! the plan was made for the model. The id is the BLAKE3 of the manifest: compression, container
//! and signatures do not change it.
//!
//! | Module | What it knows |
//! |---|---|
//! | `path` | which names are allowed |
//! | `manifest`, `configuration` | what a package says of itself |
//! | `settings` | values that are given to its configuration |
//! | `archive` | headers of entries |
//! | `container` | compression and the seal |
//! | `contents` | a package in the making |
//! | `head` | what a package is, without its files |
//! | `signature` | who stands for it |
//! | `unpack`, `oci` | folders, and the layout of container images |

mod archive;
mod configuration;
mod container;
mod contents;
mod head;
mod limits;
mod manifest;
mod oci;
mod path;
mod settings;
mod signature;
mod unpack;

pub use configuration::{Hook, Moment, Setting, Type, Value, variable};
pub use container::Compression;
pub use contents::Contents;
pub use head::Head;
pub use limits::{Limits, too_large};
pub use manifest::{
    Dependency, FILES, FORMAT, File, Kind, MANIFEST, MODEL, Manifest, PLAN, is_name,
};
pub(crate) use manifest::{is_hash, is_plain};
pub use oci::{is_layout, read_layout, write_layout};
pub use path::check as check_path;
pub use settings::{Ports, Values, ports, settle};
pub use signature::{Signature, Signer, is_signer, verify};
pub use unpack::unpack;

use crate::diagnostics as report;
use crate::keys::{KeyId, SecretKey, Trust};
use archive::{Entry, Reader};
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Plan};
use eclexia_whole::{Access, Existing};
use jiff::civil::Date;
use signature::SIGNATURES;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

#[derive(Clone, PartialEq, Debug)]
pub struct Package {
    manifest: Manifest,
    files: BTreeMap<String, Vec<u8>>,
    signatures: BTreeMap<KeyId, Signature>,
    model: Deployment,
    plan: Plan,
    compression: Compression,
}

impl Package {
    /// Reads a package, within bounds, and checks all that can be known without keys.
    pub fn read(input: impl Read, limits: &Limits) -> Result<Package, Diagnostic> {
        let (parts, compression) =
            container::unpack(input, limits, |archive| read_archive(archive, limits))?;
        let (manifest, signatures, files) = parts;
        Package::new(manifest, signatures, files, compression)
    }

    /// Files are those of the manifest; whether they fit each other is seen here.
    fn new(
        manifest: Manifest,
        signatures: BTreeMap<KeyId, Signature>,
        files: BTreeMap<String, Vec<u8>>,
        compression: Compression,
    ) -> Result<Package, Diagnostic> {
        let (Some(model), Some(plan)) = (files.get(MODEL), files.get(PLAN)) else {
            return Err(report::other_contents("it has no model or no plan"));
        };
        if blake3::hash(model).to_hex().as_str() != manifest.model {
            return Err(report::other_contents("the model is not the one of the manifest"));
        }
        let model: Deployment = serde_json::from_slice(model)
            .map_err(|error| report::other_contents(&format!("the model is none: {error}")))?;
        let plan = Plan::from_json(plan).map_err(|error| report::no_plan(&error))?;
        let fits = plan.id == manifest.plan
            && plan.model_id == manifest.model
            && plan.deployment == manifest.deployment
            && model.name == manifest.deployment;
        settings::check_ports(&manifest.configuration, &model)?;
        match fits {
            true => Ok(Package { manifest, files, signatures, model, plan, compression }),
            false => Err(report::other_contents("manifest, model and plan are not of one another")),
        }
    }

    pub fn id(&self) -> String {
        self.manifest.id()
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The contents of all files by their paths in the archive.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    pub fn model(&self) -> &Deployment {
        &self.model
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How it was compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// By the ids of their keys.
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.signatures.values()
    }

    /// Adds a signature, or replaces that of the same key.
    pub fn sign(
        &mut self,
        key: &SecretKey,
        signer: &str,
        expires: Option<Date>,
    ) -> Result<(), Diagnostic> {
        if !is_signer(signer) {
            return Err(report::bad_signer_name(signer));
        }
        let most = Limits::default().signatures;
        let signature = Signature::new(&self.id(), key, signer, expires);
        if self.signatures.len() >= most && !self.signatures.contains_key(&signature.key) {
            return Err(report::too_many("signatures", most));
        }
        self.signatures.insert(signature.key.clone(), signature);
        Ok(())
    }

    /// Puts it into a store, which is made where it is not there, whole or not at all. Whoever
    /// signed what is there of the same id stands for it still: a copy with fewer signatures, or
    /// with false ones, takes nothing from what runs from it and may be returned to.
    pub fn store(&self, path: &Path, trust: &Trust) -> Result<(), Diagnostic> {
        let signatures = self.signatures_beside(path, trust);
        let folder = eclexia_whole::folder_of(path);
        let written = std::fs::create_dir_all(folder).and_then(|()| {
            let bytes = container::pack(&self.archive(&signatures), Compression::Zstd);
            eclexia_whole::write(path, &bytes, Access::Owner, Existing::Replace)
        });
        written.map_err(|error| report::not_written(path, &error))
    }

    /// Those of the package that is there by keys that are trusted, and its own.
    fn signatures_beside(&self, path: &Path, trust: &Trust) -> BTreeMap<KeyId, Signature> {
        let (id, limits) = (self.id(), Limits::default());
        let holds = |signature: &Signature| signature.is_of(&id, trust);
        let file = std::fs::File::open(path).ok();
        let there =
            file.and_then(|file| Package::read(file, &limits).ok()).filter(|p| p.id() == id);
        let there = there.into_iter().flat_map(|package| package.signatures);
        let mut all: BTreeMap<KeyId, Signature> = there.filter(|(_, one)| holds(one)).collect();
        let until = |signature: &Signature| signature.expires.unwrap_or(Date::MAX);
        for (key, signature) in &self.signatures {
            let is_more = match all.get(key) {
                Some(kept) => holds(signature) && until(signature) >= until(kept),
                None => all.len() < limits.signatures,
            };
            if is_more {
                all.insert(key.clone(), signature.clone());
            }
        }
        all
    }

    /// The package as a file. Equal packages are equal bytes.
    pub fn write(&self, compression: Compression) -> Vec<u8> {
        container::pack(&self.archive(&self.signatures), compression)
    }

    fn archive(&self, signatures: &BTreeMap<KeyId, Signature>) -> Vec<u8> {
        let manifest = (manifest::MANIFEST.to_owned(), false, self.manifest.to_json());
        let signatures = signatures.values().map(|s| (s.path(), false, s.to_json()));
        let head: Vec<(String, bool, Vec<u8>)> =
            std::iter::once(manifest).chain(signatures).collect();
        let files = self.manifest.files.iter().map(|file| {
            let Some(bytes) = self.files.get(&file.path) else {
                bug!("a package without {}, which it lists", file.path);
            };
            (file.path.as_str(), file.executable, bytes.as_slice())
        });
        let head = head.iter().map(|(path, x, bytes)| (path.as_str(), *x, bytes.as_slice()));
        archive::write(head.chain(files))
    }
}

type Parts = (Manifest, BTreeMap<KeyId, Signature>, BTreeMap<String, Vec<u8>>);

/// The entries in the only order there is: manifest, signatures, files.
fn read_archive(archive: &mut dyn Read, limits: &Limits) -> Result<Parts, Diagnostic> {
    let mut archive = Reader::new(archive);
    let manifest = read_manifest(&mut archive, limits)?;
    let (signatures, mut next) = read_signatures(&mut archive, limits)?;
    let mut files = BTreeMap::new();
    for file in &manifest.files {
        let Some(entry) = next else {
            return Err(report::other_contents(&format!(
                "{} is missing",
                report::clip(&file.path)
            )));
        };
        expect(&entry, file, &manifest, &files)?;
        let bytes = archive.contents(&entry)?;
        if blake3::hash(&bytes).to_hex().as_str() != file.blake3 {
            let why = format!("{} is not what the manifest lists", report::clip(&file.path));
            return Err(report::other_contents(&why));
        }
        files.insert(entry.path, bytes);
        next = archive.next()?;
    }
    match next {
        None => Ok((manifest, signatures, files)),
        Some(entry) if files.contains_key(&entry.path) => {
            Err(report::duplicate(&entry.path, &entry.path))
        }
        Some(entry) => Err(report::unlisted(&entry.path)),
    }
}

/// The first entry.
fn read_manifest(archive: &mut Reader, limits: &Limits) -> Result<Manifest, Diagnostic> {
    let first = archive.next()?.filter(|entry| is_named(entry, manifest::MANIFEST));
    let Some(first) = first else {
        return Err(report::bad_form("its first entry is not manifest.json"));
    };
    if first.size > limits.manifest {
        return Err(report::too_large("manifest", limits.manifest));
    }
    Manifest::from_json(&archive.contents(&first)?, limits)
}

/// The signatures, and the entry after them.
fn read_signatures(
    archive: &mut Reader,
    limits: &Limits,
) -> Result<(BTreeMap<KeyId, Signature>, Option<Entry>), Diagnostic> {
    let mut signatures: BTreeMap<KeyId, Signature> = BTreeMap::new();
    loop {
        let entry = archive.next()?;
        let Some(entry) = entry.as_ref().filter(|entry| entry.path.starts_with(SIGNATURES)) else {
            return Ok((signatures, entry));
        };
        if signatures.len() >= limits.signatures {
            return Err(report::too_many("signatures", limits.signatures));
        }
        if entry.size > limits::MOST_SIGNATURE_BYTES || entry.is_executable {
            let why = "it is too large, or executable";
            return Err(report::bad_signature_entry(&entry.path, why));
        }
        let signature = Signature::from_json(&archive.contents(entry)?, &entry.path)?;
        if signatures.contains_key(&signature.key) {
            return Err(report::duplicate(&entry.path, &entry.path));
        }
        if signatures.last_key_value().is_some_and(|(last, _)| *last > signature.key) {
            return Err(report::bad_form("its signatures are not in the order of their keys"));
        }
        signatures.insert(signature.key.clone(), signature);
    }
}

/// Refuses an entry that is not the file which the manifest has next.
fn expect(
    entry: &Entry,
    file: &File,
    manifest: &Manifest,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<(), Diagnostic> {
    let File { path, size, executable, .. } = file;
    if entry.path == *path {
        return match (entry.size, entry.is_executable) == (*size, *executable) {
            true => Ok(()),
            false => {
                let why = format!("{} is not what the manifest lists", report::clip(path));
                Err(report::other_contents(&why))
            }
        };
    }
    if files.contains_key(&entry.path) {
        return Err(report::duplicate(&entry.path, &entry.path));
    }
    match manifest.files.iter().any(|file| file.path == entry.path) {
        true => Err(report::other_contents(&format!("{} is missing", report::clip(path)))),
        false => Err(report::unlisted(&entry.path)),
    }
}

fn is_named(entry: &Entry, name: &str) -> bool {
    entry.path == name && !entry.is_executable
}
