//! The trust store: whose signatures count, until when, and how many a package needs.
//!
//! One JSON file, `trusted.json`, that people may read and change: reading checks it whole. Holds:
//! every key has its own id; of the keys that are not revoked no two have one name. A revoked key
//! stays, so that it is known what was withdrawn and why. Absent: a lock; of two changes at one
//! moment the later stays.

use super::key::{Key, KeyId};
use crate::diagnostics as report;
use crate::package::is_signer;
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use eclexia_whole::{Access, Existing, folder_of, write};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const FORMAT: &str = "eclexia-trust/1";
const MOST_BYTES: u64 = 4 << 20;
const MOST_REASON: usize = 500;
/// What a mode lets the group and others write.
const WRITERS: u32 = 0o022;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trust {
    keys: BTreeMap<KeyId, Trusted>,
    /// How many signers a package needs.
    pub at_least: usize,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trusted {
    pub key: Key,
    pub name: String,
    /// The last day of trust.
    pub until: Option<Date>,
    pub revoked: Option<Revoked>,
    /// Whether it is a key of this data folder's owner, who may do everything and grant it.
    pub is_owner: bool,
}

impl Trusted {
    /// Whether its signatures count at a day.
    pub fn holds(&self, today: Date) -> bool {
        self.revoked.is_none() && self.until.is_none_or(|day| day >= today)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    pub at: Date,
    #[serde(default)]
    pub reason: String,
}

impl Revoked {
    /// The reason is one line of bounded length.
    pub fn new(at: Date, reason: &str) -> Revoked {
        let reason = reason.chars().filter(|c| !c.is_control()).take(MOST_REASON).collect();
        Revoked { at, reason }
    }
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Store {
    format: String,
    signers: usize,
    keys: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: KeyId,
    name: String,
    /// PEM.
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<Revoked>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    owner: bool,
}

impl Default for Trust {
    /// Nobody is trusted, and one signature is needed.
    fn default() -> Trust {
        Trust { keys: BTreeMap::new(), at_least: 1 }
    }
}

impl Trust {
    pub fn get(&self, id: &KeyId) -> Option<&Trusted> {
        self.keys.get(id)
    }

    /// By id.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &Trusted)> {
        self.keys.iter()
    }

    /// Trusts a key under a name; a key that is trusted gets the new name and day. One that was
    /// revoked stays so.
    pub fn trust(&mut self, key: Key, name: &str, until: Option<Date>) -> Result<(), Diagnostic> {
        let id = key.id();
        if !is_signer(name) {
            return Err(report::bad_signer_name(name));
        }
        if let Some(revoked) = self.keys.get(&id).and_then(|old| old.revoked.as_ref()) {
            return Err(report::revoked_signer(name, revoked));
        }
        let is_taken =
            |(other, t): (&KeyId, &Trusted)| *other != id && t.name == name && t.revoked.is_none();
        if self.keys.iter().any(is_taken) {
            return Err(report::signer_taken(name));
        }
        let name = name.to_owned();
        let is_owner = self.keys.get(&id).is_some_and(|old| old.is_owner);
        self.keys.insert(id, Trusted { key, name, until, revoked: None, is_owner });
        Ok(())
    }

    /// Makes a trusted key one of this data folder's owner.
    pub fn own(&mut self, id: &KeyId) {
        if let Some(trusted) = self.keys.get_mut(id) {
            trusted.is_owner = true;
        }
    }

    /// The keys of the owner that hold at a day.
    pub fn owners(&self, today: Date) -> impl Iterator<Item = (&KeyId, &Trusted)> {
        self.keys.iter().filter(move |(_, trusted)| trusted.is_owner && trusted.holds(today))
    }

    /// The key of a name or an id; of a name, the one that is not revoked.
    pub fn find(&self, which: &str) -> Option<(&KeyId, &Trusted)> {
        let by_name = |(_, t): &(&KeyId, &Trusted)| t.name == which && t.revoked.is_none();
        let by_id = |(id, _): &(&KeyId, &Trusted)| id.as_str() == which;
        self.keys.iter().find(by_name).or_else(|| self.keys.iter().find(by_id))
    }

    /// Withdraws trust for good from the key of a name or an id; the id that was meant.
    pub fn revoke(&mut self, which: &str, at: Date, reason: &str) -> Result<KeyId, Diagnostic> {
        let is_meant = |(id, trusted): &(&KeyId, &mut Trusted)| {
            id.as_str() == which || trusted.name == which && trusted.revoked.is_none()
        };
        let Some((id, trusted)) = self.keys.iter_mut().find(is_meant) else {
            return Err(report::no_such_signer(which));
        };
        if let Some(revoked) = &trusted.revoked {
            return Err(report::revoked_signer(&trusted.name, revoked));
        }
        trusted.revoked = Some(Revoked::new(at, reason));
        Ok(id.clone())
    }

    /// The store in a file; without one, nobody is trusted.
    pub fn read(path: &Path) -> Result<Trust, Diagnostic> {
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Trust::default());
            }
            Err(error) => return Err(report::not_read(path, &error)),
        };
        let mode = file.metadata().map_err(|error| report::not_read(path, &error))?.mode();
        if mode & WRITERS != 0 {
            return Err(report::bad_trust(path, "others than its owner may write it"));
        }
        let mut bytes = Vec::new();
        let read = file.take(MOST_BYTES).read_to_end(&mut bytes);
        read.map_err(|error| report::not_read(path, &error))?;
        Trust::from_json(&bytes).map_err(|why| report::bad_trust(path, &why))
    }

    fn from_json(bytes: &[u8]) -> Result<Trust, String> {
        let store: Store = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if store.format != FORMAT {
            return Err(format!("its format is not `{FORMAT}`"));
        }
        if store.signers == 0 {
            return Err("a package needs at least one signer".to_owned());
        }
        let (mut keys, mut names) = (BTreeMap::new(), BTreeSet::new());
        for StoredKey { id, name, key: text, until, revoked, owner: is_owner } in store.keys {
            let key = Key::from_pem(&text, "").map_err(|_| format!("the key {id} is none"))?;
            if key.id() != id {
                return Err(format!("the key {id} has another id"));
            }
            if !is_signer(&name) || revoked.is_none() && !names.insert(name.clone()) {
                return Err(format!("the name of the key {id} is none, or is there twice"));
            }
            let trusted = Trusted { key, name, until, revoked, is_owner };
            if keys.insert(id.clone(), trusted).is_some() {
                return Err(format!("the key {id} is there twice"));
            }
        }
        Ok(Trust { keys, at_least: store.signers })
    }

    fn to_json(&self) -> Vec<u8> {
        let stored = |(id, trusted): (&KeyId, &Trusted)| {
            let Trusted { key, name, until, revoked, is_owner: owner } = trusted.clone();
            StoredKey { id: id.clone(), name, key: key.to_pem(), until, revoked, owner }
        };
        let keys = self.keys.iter().map(stored).collect();
        let store = Store { format: FORMAT.to_owned(), signers: self.at_least, keys };
        match serde_json::to_vec_pretty(&store) {
            Ok(mut bytes) => {
                bytes.push(b'\n');
                bytes
            }
            Err(error) => bug!("a trust store that is no JSON: {error}"),
        }
    }

    pub fn write(&self, path: &Path) -> Result<(), Diagnostic> {
        let folder = folder_of(path);
        std::fs::create_dir_all(folder)
            .and_then(|()| write(path, &self.to_json(), Access::Everybody, Existing::Replace))
            .map_err(|error| report::not_written(path, &error))
    }
}

/// The trust store's file below the data folder.
pub const FILE: &str = "trusted.json";
