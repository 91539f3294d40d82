//! What only an observer and its receiver know: keys of signatures, or a login.
//!
//! In: a file that its owner alone may read. Out: signatures, or words for the server. Nothing here
//! has a way to be printed.
//!
//! Signatures are those of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over the id, the
//! time and the body with dots between them. A file may have several keys, one to a line: then each
//! signs, so that a receiver can change from one to the next.

use crate::diagnostics as report;
use base64ct::{Base64, Encoding};
use eclexia_diag::Diagnostic;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What a key begins with, as text.
const PREFIX: &str = "whsec_";
/// Bytes of a key that is made here.
const KEY_BYTES: usize = 32;
/// Bytes that a key of others may have: those of the standard.
const MOST_KEY: std::ops::RangeInclusive<usize> = 24..=64;
/// Keys that sign at once.
const MOST_KEYS: usize = 4;
/// The largest file of secrets, bytes.
const MOST_BYTES: u64 = 4096;
/// Bits of a mode that let others in.
const OTHERS: u32 = 0o077;

#[derive(Clone)]
pub enum Secrets {
    None,
    Keys(Vec<Hmac<Sha256>>),
    Login(Login),
}

#[derive(Clone)]
pub enum Login {
    Token(String),
    User { name: String, password: String },
}

/// What a file of secrets is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    Signing,
    LoggingIn,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secrets)")
    }
}

impl Secrets {
    /// Of a file; refused where others could have read it.
    pub fn read(path: &Path, used: Use) -> Result<Secrets, Diagnostic> {
        Secrets::of(&text(path)?, used).map_err(|why| report::bad_secret(path, &why))
    }

    /// The reason where it is none.
    pub fn of(text: &str, used: Use) -> Result<Secrets, String> {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        match used {
            Use::Signing if lines.is_empty() || lines.len() > MOST_KEYS => {
                Err(format!("it has {} lines where 1 to {MOST_KEYS} are needed", lines.len()))
            }
            Use::Signing => {
                let keys: Result<Vec<_>, String> = lines.into_iter().map(key).collect();
                Ok(Secrets::Keys(keys?))
            }
            Use::LoggingIn => match lines[..] {
                [line] if line.contains(char::is_control) => {
                    Err("it has signs that are no letters".to_owned())
                }
                [line] => Ok(Secrets::Login(match line.split_once(':') {
                    Some((name, password)) => {
                        Login::User { name: name.to_owned(), password: password.to_owned() }
                    }
                    None => Login::Token(line.to_owned()),
                })),
                _ => Err(format!("it has {} lines where one is needed", lines.len())),
            },
        }
    }

    /// The value of `webhook-signature`; empty where there is no key.
    pub fn sign(&self, id: &str, seconds: u64, body: &str) -> String {
        let Secrets::Keys(keys) = self else { return String::new() };
        let each = keys.iter().map(|key| {
            let mut mac = key.clone();
            mac.update(format!("{id}.{seconds}.").as_bytes());
            mac.update(body.as_bytes());
            format!("v1,{}", Base64::encode_string(&mac.finalize().into_bytes()))
        });
        each.collect::<Vec<String>>().join(" ")
    }
}

/// A new key, as the text of its file.
pub fn generate() -> Result<String, Diagnostic> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| report::no_randomness(&error))?;
    Ok(format!("{PREFIX}{}\n", Base64::encode_string(&bytes)))
}

fn key(line: &str) -> Result<Hmac<Sha256>, String> {
    let odd = || format!("a key is `{PREFIX}` and 24 to 64 bytes in base64");
    let bytes = line.strip_prefix(PREFIX).and_then(|text| Base64::decode_vec(text).ok());
    let bytes = bytes.filter(|bytes| MOST_KEY.contains(&bytes.len())).ok_or_else(odd)?;
    Hmac::new_from_slice(&bytes).map_err(|_| odd())
}

/// The text of a file of secrets.
pub fn text(path: &Path) -> Result<String, Diagnostic> {
    let bad = |error: std::io::Error| report::bad_secret(path, &error.to_string());
    // Asked first: to open a pipe would wait for who writes into it.
    let metadata = std::fs::metadata(path).map_err(bad)?;
    if !metadata.is_file() {
        return Err(report::bad_secret(path, "it is no regular file"));
    }
    if metadata.mode() & OTHERS != 0 {
        return Err(report::exposed_secret(path, metadata.mode() & 0o777));
    }
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(bad)?;
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(bad)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // The example of its specification and of its libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let secrets = Secrets::of(secret, Use::Signing).unwrap();
        let signed =
            secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn several_keys_sign_each() {
        let two = format!("{}{}", generate().unwrap(), generate().unwrap());
        let signed = Secrets::of(&two, Use::Signing).unwrap().sign("a", 1, "b");
        assert_eq!(signed.split(' ').filter(|one| one.starts_with("v1,")).count(), 2);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "hunter2", "whsec_", "whsec_!!!!", "whsec_MfKQ9r8G", "a\nb\nc\nd\ne"] {
            let found = Secrets::of(text, Use::Signing).unwrap_err();
            assert!(!found.contains("hunter2"), "{found}");
        }
        assert!(Secrets::of("a\nb", Use::LoggingIn).is_err());
    }

    #[test]
    fn a_file_that_others_can_read_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, generate().unwrap()).unwrap();
        let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode));
        mode(0o640).unwrap();
        assert_eq!(Secrets::read(&path, Use::Signing).unwrap_err().code, "exposed-secret");
        mode(0o600).unwrap();
        assert!(Secrets::read(&path, Use::Signing).is_ok());
        assert_eq!(format!("{:?}", Secrets::read(&path, Use::Signing).unwrap()), "(secrets)");
        assert_eq!(Secrets::read(folder.path(), Use::Signing).unwrap_err().code, "bad-secret");
    }
}
