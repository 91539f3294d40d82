//! Ed25519 keys and their ids.
//!
//! Verification is strict: keys of small order and signatures with a second spelling are refused.

use crate::diagnostics as report;
use crate::hex::{hex, unhex};
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use ed25519_dalek::pkcs8::KeypairBytes;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// Half of the BLAKE3 of a public key's 32 bytes, in hex: 32 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct KeyId(String);

const ID_DIGITS: usize = 32;

impl TryFrom<String> for KeyId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<KeyId, Self::Error> {
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let is_id = text.len() == ID_DIGITS && text.bytes().all(is_digit);
        if is_id { Ok(KeyId(text)) } else { Err("a key's id is 32 hexadecimal digits") }
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl KeyId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A public key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key(VerifyingKey);

impl Key {
    pub fn id(&self) -> KeyId {
        let hash = blake3::hash(self.0.as_bytes()).to_hex();
        KeyId(hash[..ID_DIGITS].to_owned())
    }

    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.0.verify_strict(message, &signature).is_ok()
    }

    /// Its 32 bytes as 64 digits.
    pub fn to_hex(&self) -> String {
        hex(self.0.as_bytes())
    }

    pub fn from_hex(text: &str) -> Option<Key> {
        let bytes: [u8; 32] = unhex(text)?.try_into().ok()?;
        VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak()).map(Key)
    }

    /// `-----BEGIN PUBLIC KEY-----`: SPKI, as `openssl pkey -pubin` reads it.
    pub fn to_pem(&self) -> String {
        match self.0.to_public_key_pem(LineEnding::LF) {
            Ok(text) => text,
            Err(error) => bug!("a key that cannot be written: {error}"),
        }
    }

    /// `shown`: where the text is from.
    pub fn from_pem(text: &str, shown: &str) -> Result<Key, Diagnostic> {
        match VerifyingKey::from_public_key_pem(text.trim_end()) {
            Ok(key) if !key.is_weak() => Ok(Key(key)),
            Ok(_) => Err(report::bad_key(shown, "the key is weak: anybody could sign for it")),
            Err(error) => Err(report::bad_key(shown, &error.to_string())),
        }
    }
}

/// Randomness of the system, as 32 digits: it makes what says the same different.
pub fn nonce() -> Result<String, Diagnostic> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| report::no_randomness(&error))?;
    Ok(hex(&bytes))
}

/// A secret key; it is wiped from memory when it is dropped, and prints nothing of itself.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// A new key from the randomness of the system.
    pub fn generate() -> Result<SecretKey, Diagnostic> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| report::no_randomness(&error))?;
        Ok(SecretKey::from_seed(seed))
    }

    /// The key of 32 bytes that nobody else knows.
    pub fn from_seed(seed: [u8; 32]) -> SecretKey {
        SecretKey(SigningKey::from_bytes(&seed))
    }

    pub fn public(&self) -> Key {
        Key(self.0.verifying_key())
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// `-----BEGIN PRIVATE KEY-----`: PKCS#8 without the public key, whose form with it some
    /// versions of OpenSSL do not read.
    pub fn to_pem(&self) -> String {
        let bytes = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        match bytes.to_pkcs8_pem(LineEnding::LF) {
            Ok(text) => text.as_str().to_owned(),
            Err(error) => bug!("a key that cannot be written: {error}"),
        }
    }

    /// `shown`: where the text is from.
    pub fn from_pem(text: &str, shown: &str) -> Result<SecretKey, Diagnostic> {
        let key = SigningKey::from_pkcs8_pem(text.trim_end());
        key.map(SecretKey).map_err(|error| report::bad_key(shown, &error.to_string()))
    }
}
