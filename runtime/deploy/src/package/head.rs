//! The head of a package: its manifest and signatures, without its files. In: a file. Out: what the
//! package is and who stands for it, for whoever looks through many. Absent: whether the file is
//! whole, which is seen when it is read for what is in it.

use super::archive::Reader;
use super::{KeyId, Limits, Manifest, Signature, Signer};
use super::{container, read_manifest, read_signatures, signature};
use crate::keys::Trust;
use eclexia_diag::Diagnostic;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::io::Read;

pub struct Head {
    pub manifest: Manifest,
    signatures: BTreeMap<KeyId, Signature>,
}

impl Head {
    pub fn read(input: impl Read, limits: &Limits) -> Result<Head, Diagnostic> {
        container::peek(input, limits, |archive| {
            let mut archive = Reader::new(archive);
            let manifest = read_manifest(&mut archive, limits)?;
            let (signatures, _) = read_signatures(&mut archive, limits)?;
            Ok(Head { manifest, signatures })
        })
    }

    /// The trusted signers, as of a whole package.
    pub fn verify(&self, trust: &Trust, now: Date) -> Result<Vec<Signer>, Vec<Diagnostic>> {
        signature::signers(&self.manifest.id(), self.signatures.values(), trust, now)
    }
}
