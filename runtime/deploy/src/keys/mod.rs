//! Keys, where they are kept, and whose signatures are trusted.
//!
//! In: the data folder and names. Out: Ed25519 keys in the files that OpenSSL reads as well
//! (PKCS#8 and SPKI in PEM), and a trust store that is one JSON file. Holds: a secret key that
//! others could read is not used, and is never shown; files are written whole. Absent: pass
//! phrases, hardware, and authorities: trust is given to keys, one by one.

mod folder;
mod key;
mod trust;

pub use folder::{KeyFolder, Pair, read_public};
pub use key::{Key, KeyId, SecretKey, nonce};
pub use trust::{FILE as TRUST_FILE, Revoked, Trust, Trusted};
