//! One grant: a statement, and the signature of who makes it.
//!
//! As bytes it is canonical: the JSON of [`Grant`] with its fields in order of declaration, lists
//! sorted, without white space; no other spelling is read. Its id is the BLAKE3 of the statement's
//! JSON. What is signed is that JSON behind a line that says what it is. Two grants that say the
//! same have different ids by their nonce, so that a revoked one can be given again.

use super::capability::Capability;
use crate::hex::{hex, unhex};
use crate::keys::{Key, KeyId, SecretKey};
use crate::package::{is_hash, is_plain};
use eclexia_base::bug;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub const FORMAT: &str = "eclexia-grant/1";

const MOST_CAPABILITIES: usize = 64;
const MOST_DEPLOYMENTS: usize = 256;
const MOST_NAME_BYTES: usize = 256;
const MOST_NONCE_BYTES: usize = 64;

/// BLAKE3 of a statement, in hex.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct GrantId(String);

impl TryFrom<String> for GrantId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<GrantId, Self::Error> {
        if is_hash(&text) { Ok(GrantId(text)) } else { Err("a grant's id is 64 digits") }
    }
}

impl std::fmt::Display for GrantId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl GrantId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As many digits as people need.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

/// Bounds of what a deployment may take; none: no bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Most {
    /// Bytes of all replicas together.
    pub memory: Option<u64>,
    /// Thousandths of a core, of all replicas together.
    pub millicores: Option<u64>,
    /// Of all services together.
    pub replicas: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    pub format: String,
    /// Who grants.
    pub issuer: KeyId,
    /// The public key of who is granted, as digits: what it signs is checked by this.
    pub holder: String,
    /// The grant that it is a part of; none: the owner's own.
    pub parent: Option<GrantId>,
    pub can: BTreeSet<Capability>,
    /// None: every deployment.
    pub deployments: Option<BTreeSet<String>>,
    pub most: Most,
    /// The last day.
    pub expires: Option<Date>,
    /// How many times it may be passed on, one behind the other.
    pub pass_on: u8,
    /// Makes grants that say the same different.
    pub nonce: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub statement: Statement,
    /// Ed25519, in hex.
    pub signature: String,
}

impl Statement {
    /// That `holder` may do this, without bounds; its issuer is who signs it.
    pub fn new(holder: &Key, can: impl Iterator<Item = Capability>, nonce: &str) -> Statement {
        Statement {
            format: FORMAT.to_owned(),
            issuer: holder.id(),
            holder: holder.to_hex(),
            parent: None,
            can: can.collect(),
            deployments: None,
            most: Most::default(),
            expires: None,
            pass_on: 0,
            nonce: nonce.to_owned(),
        }
    }

    fn to_json(&self) -> Vec<u8> {
        match serde_json::to_vec(self) {
            Ok(bytes) => bytes,
            Err(error) => bug!("a grant that is no JSON: {error}"),
        }
    }

    pub fn id(&self) -> GrantId {
        GrantId(blake3::hash(&self.to_json()).to_hex().to_string())
    }

    fn message(&self) -> Vec<u8> {
        let mut message = format!("{FORMAT}\n").into_bytes();
        message.extend(self.to_json());
        message
    }

    /// Signs it as `key`, which becomes its issuer.
    pub fn sign(mut self, key: &SecretKey) -> Grant {
        self.issuer = key.public().id();
        let signature = hex(&key.sign(&self.message()));
        Grant { statement: self, signature }
    }

    /// The key of who is granted.
    pub fn key(&self) -> Option<Key> {
        Key::from_hex(&self.holder)
    }

    pub fn holder_id(&self) -> Option<KeyId> {
        self.key().map(|key| key.id())
    }

    /// What is wrong with it, whoever signed it; a clause.
    pub(super) fn check(&self) -> Result<(), String> {
        let wrong = |why: &str| Err(why.to_owned());
        let is_text = |text: &str, most: usize| (1..=most).contains(&text.len()) && is_plain(text);
        if self.format != FORMAT {
            return Err(format!("its format is not `{FORMAT}`"));
        }
        if self.key().is_none() {
            return wrong("its holder is no key");
        }
        if !(1..=MOST_CAPABILITIES).contains(&self.can.len()) {
            return Err(format!("it has no or more than {MOST_CAPABILITIES} capabilities"));
        }
        if let Some(names) = &self.deployments {
            let is_count = (1..=MOST_DEPLOYMENTS).contains(&names.len());
            if !is_count || !names.iter().all(|name| is_text(name, MOST_NAME_BYTES)) {
                return wrong("its deployments are none, too many, or no names");
            }
        }
        if !is_text(&self.nonce, MOST_NONCE_BYTES) {
            return wrong("it has no nonce");
        }
        Ok(())
    }

    /// Whether it allows no more than `parent`, which its issuer holds; else a clause.
    pub fn is_within(&self, parent: &Statement) -> Result<(), String> {
        if self.parent.as_ref() != Some(&parent.id()) {
            return Err("it is not a part of the grant before it".to_owned());
        }
        if parent.holder_id().as_ref() != Some(&self.issuer) {
            return Err("who signed it does not hold the grant before it".to_owned());
        }
        if self.pass_on >= parent.pass_on {
            return Err(match parent.pass_on {
                0 => "the grant before it may not be passed on".to_owned(),
                times => format!("the grant before it may be passed on {times} times in all"),
            });
        }
        self.fits(parent)
    }

    /// Whether all that it allows is allowed by `wider`; a clause says what is not.
    pub fn fits(&self, wider: &Statement) -> Result<(), String> {
        for capability in &self.can {
            if !wider.can.iter().any(|other| other.covers(capability)) {
                return Err(format!("`{capability}` is not in the grant before it"));
            }
        }
        match (&self.deployments, &wider.deployments) {
            (_, None) => {}
            (Some(own), Some(all)) if own.is_subset(all) => {}
            _ => return Err("it is of other deployments than the grant before it".to_owned()),
        }
        for (what, own, most) in [
            ("memory", self.most.memory, wider.most.memory),
            ("cores", self.most.millicores, wider.most.millicores),
            ("replicas", self.most.replicas, wider.most.replicas),
        ] {
            if most.is_some_and(|most| own.is_none_or(|own| own > most)) {
                return Err(format!("it allows more {what} than the grant before it"));
            }
        }
        if wider.expires.is_some_and(|day| self.expires.is_none_or(|own| own > day)) {
            return Err("it is good for longer than the grant before it".to_owned());
        }
        Ok(())
    }
}

impl Grant {
    pub fn id(&self) -> GrantId {
        self.statement.id()
    }

    /// Whether `key` signed it.
    pub(super) fn is_of(&self, key: &Key) -> bool {
        let bytes = unhex(&self.signature).and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        key.id() == self.statement.issuer
            && bytes.is_some_and(|bytes| key.verify(&self.statement.message(), &bytes))
    }
}
