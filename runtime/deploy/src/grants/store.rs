//! The grants of a data folder: `grants/ID.json`, a chain in each, and `revoked.json` beside them.
//!
//! Holds: a file that is no chain of its name counts for nothing and is told of; what is revoked
//! stays so, whatever files come later. Absent: a lock; of two revocations at one moment the later
//! one's file stays, so each reads the file right before it writes it.

use super::chain::{Chain, MOST_BYTES};
use super::diagnostics;
use super::grant::{GrantId, Statement};
use crate::diagnostics as report;
use crate::keys::{Key, KeyId, Revoked, Trust};
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use eclexia_whole::{Access, Existing, write};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

const FORMAT: &str = "eclexia-revoked/1";
const REVOKED: &str = "revoked.json";
const MOST_REVOKED_BYTES: u64 = 16 << 20;

/// Chains that are read; each is small, and all of them are looked through for a request.
const MOST_CHAINS: usize = 1_000;

/// Digits of an id that a person may write instead of all.
const FEWEST_DIGITS: usize = 6;

/// What a mode lets the group and others write.
const WRITERS: u32 = 0o022;

/// What was taken back.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Withdrawn {
    pub grants: BTreeMap<GrantId, Revoked>,
    /// Of these keys neither what they hold nor what they signed counts.
    pub keys: BTreeMap<KeyId, Revoked>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    grants: BTreeMap<String, Revoked>,
    keys: BTreeMap<String, Revoked>,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Grants {
    chains: BTreeMap<GrantId, Chain>,
    pub withdrawn: Withdrawn,
    /// Files that are none, and why.
    pub broken: Vec<(PathBuf, Diagnostic)>,
}

fn folder(data: &Path) -> PathBuf {
    data.join("grants")
}

impl Grants {
    /// All of a data folder; none where there is no folder of them.
    pub fn read(data: &Path) -> Result<Grants, Diagnostic> {
        let folder = folder(data);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Grants::default()),
            Err(error) => return Err(report::not_read(&folder, &error)),
        };
        let is_chain = |path: &PathBuf| {
            path.extension().is_some_and(|e| e == "json") && !path.ends_with(REVOKED)
        };
        let mut paths: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(is_chain).collect();
        paths.sort();
        if paths.len() > MOST_CHAINS {
            return Err(diagnostics::too_many(MOST_CHAINS, &folder));
        }
        let withdrawn = Withdrawn::read(&folder.join(REVOKED))?;
        let mut grants = Grants { withdrawn, ..Grants::default() };
        for path in paths {
            match read_chain(&path) {
                Ok(chain) => drop(grants.chains.insert(chain.id(), chain)),
                Err(found) => grants.broken.push((path, found)),
            }
        }
        Ok(grants)
    }

    /// By id.
    pub fn chains(&self) -> impl Iterator<Item = (&GrantId, &Chain)> {
        self.chains.iter()
    }

    /// Adds a chain to what is known, and to the folder.
    pub fn keep(&mut self, data: &Path, chain: &Chain) -> Result<PathBuf, Diagnostic> {
        let folder = folder(data);
        let path = folder.join(format!("{}.json", chain.id()));
        if self.chains.len() >= MOST_CHAINS && !self.chains.contains_key(&chain.id()) {
            return Err(diagnostics::too_many(MOST_CHAINS, &folder));
        }
        make(&folder)?;
        let mut bytes = chain.to_json();
        bytes.push(b'\n');
        write(&path, &bytes, Access::Owner, Existing::Replace)
            .map_err(|error| report::not_written(&path, &error))?;
        self.insert(chain.clone());
        Ok(path)
    }

    /// Adds a chain to what is known here.
    pub fn insert(&mut self, chain: Chain) {
        self.chains.insert(chain.id(), chain);
    }

    /// The one grant whose id begins so.
    pub fn find(&self, digits: &str) -> Result<&Chain, Diagnostic> {
        let fits = |(id, _): &(&GrantId, &Chain)| id.as_str().starts_with(digits);
        let mut found = self.chains.iter().filter(fits).map(|(_, chain)| chain);
        match (found.next(), found.next(), digits.len() >= FEWEST_DIGITS) {
            (Some(only), None, true) => Ok(only),
            _ => Err(diagnostics::no_such_grant(digits)),
        }
    }

    /// What counts of what a key holds.
    pub fn held<'g>(
        &'g self,
        key: &'g KeyId,
        trust: &'g Trust,
        today: Date,
    ) -> impl Iterator<Item = &'g Chain> {
        let is_held = move |chain: &&Chain| {
            chain.holder().as_ref() == Some(key)
                && chain.verify(trust, &self.withdrawn, today).is_ok()
        };
        self.chains.values().filter(is_held)
    }

    /// The public key of an id that holds any grant here, whether or not it counts.
    pub fn key(&self, id: &KeyId) -> Option<Key> {
        let mut keys = self.chains.values().filter_map(Chain::holder_key);
        keys.find(|key| key.id() == *id)
    }

    /// The chain by which a key may pass a statement on: one that it holds and that allows as much.
    /// Whether its owner is trusted is for whoever is asked to act on it.
    pub fn parent(
        &self,
        (key, name): (&KeyId, &str),
        statement: &Statement,
    ) -> Result<&Chain, Diagnostic> {
        let holds = |chain: &&Chain| {
            let parent = &chain.last().statement;
            chain.holder().as_ref() == Some(key)
                && chain.grants().len() < super::DEEPEST
                && parent.pass_on > statement.pass_on
                && statement.fits(parent).is_ok()
        };
        self.chains.values().find(holds).ok_or_else(|| diagnostics::nothing_to_pass_on(name))
    }

    /// Takes a grant back, and all that came from it.
    pub fn revoke(
        &mut self,
        data: &Path,
        id: &GrantId,
        at: Date,
        reason: &str,
    ) -> Result<(), Diagnostic> {
        self.withdraw(data, |withdrawn| {
            let revoked = Revoked::new(at, reason);
            withdrawn.grants.entry(id.clone()).or_insert(revoked);
        })
    }

    /// Takes back all that a key holds and all that it signed.
    pub fn revoke_key(
        &mut self,
        data: &Path,
        key: &KeyId,
        at: Date,
        reason: &str,
    ) -> Result<(), Diagnostic> {
        self.withdraw(data, |withdrawn| {
            withdrawn.keys.entry(key.clone()).or_insert(Revoked::new(at, reason));
        })
    }

    fn withdraw(
        &mut self,
        data: &Path,
        change: impl FnOnce(&mut Withdrawn),
    ) -> Result<(), Diagnostic> {
        let folder = folder(data);
        make(&folder)?;
        let path = folder.join(REVOKED);
        let mut withdrawn = Withdrawn::read(&path)?;
        change(&mut withdrawn);
        write(&path, &withdrawn.to_json(), Access::Owner, Existing::Replace)
            .map_err(|error| report::not_written(&path, &error))?;
        self.withdrawn = withdrawn;
        Ok(())
    }
}

fn make(folder: &Path) -> Result<(), Diagnostic> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| report::not_written(folder, &error))
}

fn read_chain(path: &Path) -> Result<Chain, Diagnostic> {
    let bytes = bytes(path, MOST_BYTES as u64 + 1)?;
    let chain = Chain::from_json(&bytes)?;
    let is_named = path.file_stem().is_some_and(|stem| stem == chain.id().as_str());
    match is_named {
        true => Ok(chain),
        false => Err(diagnostics::bad_form("its file has another name than its id")),
    }
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Diagnostic> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| report::not_read(path, &error))?;
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(|error| report::not_read(path, &error)).map(|_| bytes)
}

impl Withdrawn {
    fn read(path: &Path) -> Result<Withdrawn, Diagnostic> {
        let mode = match std::fs::metadata(path) {
            Ok(metadata) => metadata.mode(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Withdrawn::default()),
            Err(error) => return Err(report::not_read(path, &error)),
        };
        // A revocation that others could take out would be none.
        if mode & WRITERS != 0 {
            return Err(report::bad_trust(path, "others than its owner may write it"));
        }
        let stored: Stored = serde_json::from_slice(&bytes(path, MOST_REVOKED_BYTES)?)
            .map_err(|error| report::bad_trust(path, &error.to_string()))?;
        if stored.format != FORMAT {
            return Err(report::bad_trust(path, &format!("its format is not `{FORMAT}`")));
        }
        let mut withdrawn = Withdrawn::default();
        for (id, revoked) in stored.grants {
            let id = GrantId::try_from(id).map_err(|why| report::bad_trust(path, why))?;
            withdrawn.grants.insert(id, revoked);
        }
        for (id, revoked) in stored.keys {
            let id = KeyId::try_from(id).map_err(|why| report::bad_trust(path, why))?;
            withdrawn.keys.insert(id, revoked);
        }
        Ok(withdrawn)
    }

    fn to_json(&self) -> Vec<u8> {
        let grants = self.grants.iter().map(|(id, r)| (id.to_string(), r.clone())).collect();
        let keys = self.keys.iter().map(|(id, r)| (id.to_string(), r.clone())).collect();
        let stored = Stored { format: FORMAT.to_owned(), grants, keys };
        match serde_json::to_vec_pretty(&stored) {
            Ok(mut bytes) => {
                bytes.push(b'\n');
                bytes
            }
            Err(error) => bug!("revocations that are no JSON: {error}"),
        }
    }
}
