//! Signatures: who stands for a package, and until when.
//!
//! What is signed is text, so that any tool can check it:
//!
//! ```text
//! eclexia-package/1
//! the package's id
//! the key's id
//! the signer's name
//! the last day it is good for, or an empty line
//! ```
//!
//! Absent: a time of signing, which a signer could choose freely.

use super::{Package, manifest};
use crate::diagnostics as report;
use crate::hex::{hex, unhex};
use crate::keys::{Key, KeyId, SecretKey, Trust};
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    pub key: KeyId,
    /// What the signer calls itself.
    pub signer: String,
    /// The last day that it is good for.
    pub expires: Option<Date>,
    /// Ed25519, in hex.
    pub signature: String,
}

/// A trusted signer whose signature holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signer {
    pub key: KeyId,
    /// What the trust store calls it.
    pub name: String,
    pub expires: Option<Date>,
}

impl Signature {
    pub(super) fn new(id: &str, key: &SecretKey, signer: &str, expires: Option<Date>) -> Signature {
        let (signer, signature) = (signer.to_owned(), String::new());
        let mut made = Signature { key: key.public().id(), signer, expires, signature };
        made.signature = hex(&key.sign(made.message(id).as_bytes()));
        made
    }

    /// What is signed of a package.
    pub fn message(&self, id: &str) -> String {
        let expires = self.expires.map(|day| day.to_string()).unwrap_or_default();
        let format = manifest::FORMAT;
        format!("{format}\n{id}\n{}\n{}\n{expires}\n", self.key, self.signer)
    }

    /// The bytes of the signature.
    pub fn bytes(&self) -> Option<[u8; 64]> {
        unhex(&self.signature)?.try_into().ok()
    }

    fn holds(&self, id: &str, key: &Key) -> bool {
        self.bytes().is_some_and(|bytes| key.verify(self.message(id).as_bytes(), &bytes))
    }

    /// Whether it is a trusted key's, and of the package with this id.
    pub(super) fn is_of(&self, id: &str, trust: &Trust) -> bool {
        trust.get(&self.key).is_some_and(|trusted| self.holds(id, &trusted.key))
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        match serde_json::to_vec(self) {
            Ok(bytes) => bytes,
            Err(error) => bug!("a signature that is no JSON: {error}"),
        }
    }

    /// Reads the entry of a key; only its canonical spelling is one.
    pub(super) fn from_json(bytes: &[u8], path: &str) -> Result<Signature, Diagnostic> {
        let read: Result<Signature, _> = serde_json::from_slice(bytes);
        let signature =
            read.map_err(|error| report::bad_signature_entry(path, &error.to_string()))?;
        let is_ours = signature.to_json() == bytes
            && signature.path() == path
            && is_signer(&signature.signer)
            && signature.bytes().is_some();
        match is_ours {
            true => Ok(signature),
            false => Err(report::bad_signature_entry(path, "it is not written as we write it")),
        }
    }

    pub(super) fn path(&self) -> String {
        format!("{SIGNATURES}{}.json", self.key)
    }
}

/// The folder of signatures, one file for each key.
pub(super) const SIGNATURES: &str = "signatures/";

/// A signer's name is a line of text.
pub fn is_signer(name: &str) -> bool {
    (1..=64).contains(&name.chars().count()) && manifest::is_plain(name)
}

/// The trusted signers of a package, at a day; every fault where they are fewer than needed, or
/// where a signature of a trusted key is false. Signatures of strangers take nothing from a
/// package that has enough others: anybody can add one.
pub fn verify(package: &Package, trust: &Trust, now: Date) -> Result<Vec<Signer>, Vec<Diagnostic>> {
    signers(&package.id(), package.signatures(), trust, now)
}

/// [`verify`] of the package with this id.
pub(super) fn signers<'s>(
    id: &str,
    signatures: impl Iterator<Item = &'s Signature>,
    trust: &Trust,
    now: Date,
) -> Result<Vec<Signer>, Vec<Diagnostic>> {
    let (mut signers, mut faults, mut is_false) = (BTreeMap::new(), Vec::new(), false);
    for signature in signatures {
        let Some(trusted) = trust.get(&signature.key) else {
            faults.push(report::unknown_signer(signature));
            continue;
        };
        if !signature.holds(id, &trusted.key) {
            is_false = true;
            faults.push(report::false_signature(signature, &trusted.name));
        } else if let Some(revoked) = &trusted.revoked {
            faults.push(report::revoked_signer(&trusted.name, revoked));
        } else if let Some(day) = trusted.until.filter(|day| *day < now) {
            faults.push(report::expired_signer(&trusted.name, day));
        } else if let Some(day) = signature.expires.filter(|day| *day < now) {
            faults.push(report::expired_signature(&trusted.name, day));
        } else {
            let (key, name) = (signature.key.clone(), trusted.name.clone());
            // One name counts once, whatever keys it has.
            let signer = Signer { key, name: name.clone(), expires: signature.expires };
            signers.entry(name).or_insert(signer);
        }
    }
    let (needed, count) = (trust.at_least, signers.len());
    if count < needed {
        faults.push(report::too_few_signers(count, needed));
    }
    if is_false || count < needed { Err(faults) } else { Ok(signers.into_values().collect()) }
}
