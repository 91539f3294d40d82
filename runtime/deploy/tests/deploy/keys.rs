//! Keys in files, the trust store, and OpenSSL's opinion of both.

use crate::fixtures::package;
use eclexia_deploy::keys::{Key, KeyFolder, SecretKey, Trust, read_public};
use jiff::civil::date;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn made(name: &str) -> (tempfile::TempDir, KeyFolder, SecretKey) {
    let data = tempfile::tempdir().expect("a folder");
    let (keys, key) = (KeyFolder::new(data.path()), SecretKey::generate().expect("a key"));
    keys.keep(name, &key).expect("kept");
    (data, keys, key)
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[test]
fn a_key_is_kept_for_its_owner_alone() {
    let (_data, keys, key) = made("ada");
    assert_eq!(mode(&keys.secret_path("ada")), 0o600);
    let again = keys.secret("ada").expect("read");
    assert_eq!(again.public(), key.public());
    assert_eq!(read_public(&keys.public_path("ada")).expect("read"), key.public());
    assert_eq!(keys.keep("ada", &key).expect_err("refused").code, "key-taken");
    let names: Vec<String> =
        keys.list().expect("listed").into_iter().map(|pair| pair.name).collect();
    assert_eq!(names, ["ada"]);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let (_data, keys, _) = made("ada");
    for mode in [0o640, 0o604, 0o644, 0o660] {
        let path = keys.secret_path("ada");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
        assert_eq!(keys.secret("ada").map(|_| ()).expect_err("refused").code, "exposed-key");
    }
}

#[test]
fn names_and_contents_of_keys_are_checked() {
    let (_data, keys, key) = made("ada");
    let refused = |name: &str| keys.secret(name).map(|_| ()).expect_err("refused").code;
    assert_eq!(refused("bob"), "no-key");
    assert_eq!(refused("../ada"), "bad-key-name");
    assert_eq!(keys.keep("a/b", &key).expect_err("refused").code, "bad-key-name");
    let path = keys.secret_path("ada");
    std::fs::write(&path, key.public().to_pem()).expect("written");
    assert_eq!(refused("ada"), "bad-key");
    for text in ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
        assert_eq!(Key::from_pem(text, "x.pub").expect_err("refused").code, "bad-key");
    }
    // The identity of the group: everybody can sign for it.
    let mut weak = vec![0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0, 1];
    weak.resize(44, 0);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", base64(&weak));
    let found = Key::from_pem(&pem, "weak.pub").expect_err("refused");
    assert!(found.notes.iter().any(|note| note.contains("weak")), "{found:?}");
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        (0..4)
            .map(|n| match n <= chunk.len() {
                true => DIGITS[(bits >> (18 - 6 * n) & 63) as usize] as char,
                false => '=',
            })
            .collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

#[test]
fn the_trust_store_is_read_back_and_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data/trusted.json");
    assert_eq!(Trust::read(&path).expect("none is there"), Trust::default());
    let (one, two) =
        (SecretKey::from_seed([1; 32]).public(), SecretKey::from_seed([2; 32]).public());
    let mut trust = Trust::default();
    trust.at_least = 2;
    trust.trust(one.clone(), "ada", Some(date(2027, 1, 31))).expect("trusted");
    assert_eq!(trust.trust(two.clone(), "ada", None).expect_err("refused").code, "key-taken");
    trust.trust(two.clone(), "bob", None).expect("trusted");
    trust.revoke("bob", date(2026, 12, 1), "left").expect("revoked");
    assert_eq!(trust.trust(two, "bob", None).expect_err("refused").code, "revoked-signer");
    assert_eq!(trust.revoke("eve", date(2026, 12, 1), "").expect_err("none").code, "no-key");
    trust.write(&path).expect("written");
    assert_eq!(Trust::read(&path).expect("read"), trust);

    let text = std::fs::read_to_string(&path).expect("read");
    for (from, to) in [
        ("\"signers\": 2", "\"signers\": 0"),
        ("eclexia-trust/1", "eclexia-trust/9"),
        ("\"id\": \"", "\"id\": \"0"),
        ("\"name\"", "\"nome\""),
        ("\"bob\"", "\"\""),
        ("2027-01-31", "2027-02-31"),
    ] {
        std::fs::write(&path, text.replace(from, to)).expect("written");
        assert_eq!(Trust::read(&path).expect_err(from).code, "bad-trust-store", "{from}");
    }
    std::fs::write(&path, text).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).expect("set");
    assert_eq!(Trust::read(&path).expect_err("others write").code, "bad-trust-store");
}

/// Both directions: OpenSSL reads our keys and verifies our signatures, and its keys are ours.
#[test]
fn openssl_agrees() {
    if Command::new("openssl").arg("version").output().is_err() {
        let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!is_ci, "`openssl` is missing, and CI does not skip");
        println!("skipped: `openssl` is not installed");
        return;
    }
    let (data, keys, key) = made("ada");
    let mut package = package();
    package.sign(&key, "ada", Some(date(2030, 1, 1))).expect("signed");
    let signature = package.signatures().next().expect("signed");
    let at = |name: &str| data.path().join(name).display().to_string();
    std::fs::write(at("message"), signature.message(&package.id())).expect("written");
    std::fs::write(at("signature"), signature.bytes().expect("64 bytes")).expect("written");
    let public = keys.public_path("ada").display().to_string();
    let secret = keys.secret_path("ada").display().to_string();
    let openssl = |arguments: &[&str]| {
        let ran = Command::new("openssl").args(arguments).output().expect("it runs");
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    let (message, file) = (at("message"), at("signature"));
    let verify = [
        "pkeyutl", "-verify", "-pubin", "-inkey", &public, "-rawin", "-in", &message, "-sigfile",
        &file,
    ];
    assert!(openssl(&verify).contains("Signature Verified Successfully"));
    assert_eq!(openssl(&["pkey", "-in", &secret, "-pubout"]), key.public().to_pem());
    let other = keys.secret_path("other").display().to_string();
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &other]);
    std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o600)).expect("set");
    let theirs = keys.secret("other").expect("their key is one of ours");
    assert_eq!(openssl(&["pkey", "-in", &other, "-pubout"]), theirs.public().to_pem());
}
