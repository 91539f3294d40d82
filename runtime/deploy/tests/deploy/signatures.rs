//! Who signed, and whose signatures count.

use crate::fixtures::{package, piece, read, sealed};
use eclexia_deploy::keys::{SecretKey, Trust};
use eclexia_deploy::package::{Compression, Package, verify};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 12, 1);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

fn trusting(seeds: &[(u8, &str)]) -> Trust {
    let mut trust = Trust::default();
    for (seed, name) in seeds {
        trust.trust(key(*seed).public(), name, None).expect("trusted");
    }
    trust
}

fn signed(seeds: &[u8]) -> Package {
    let mut package = package();
    for seed in seeds {
        package.sign(&key(*seed), &format!("signer {seed}"), None).expect("signed");
    }
    package
}

/// The codes that a package is refused with.
fn faults(package: &Package, trust: &Trust) -> Vec<&'static str> {
    match verify(package, trust, TODAY) {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(|d| d.code).collect(),
    }
}

#[test]
fn a_signature_of_a_trusted_key_is_enough() {
    let package = signed(&[1]);
    let signers = verify(&package, &trusting(&[(1, "ada"), (2, "bob")]), TODAY).expect("verified");
    assert_eq!(signers.len(), 1);
    assert_eq!(signers[0].name, "ada");
    for compression in [Compression::Zstd, Compression::Gzip] {
        let again = read(&package.write(compression)).expect("it reads");
        assert_eq!(faults(&again, &trusting(&[(1, "ada")])), [""; 0]);
        assert_eq!(again.id(), crate::fixtures::package().id(), "signing changes no id");
    }
}

#[test]
fn without_a_trusted_signature_every_reason_is_told() {
    assert_eq!(faults(&package(), &trusting(&[(1, "ada")])), ["package-unsigned"]);
    let mut trust = trusting(&[(1, "ada"), (2, "bob"), (3, "eve")]);
    trust.revoke("eve", TODAY, "the laptop was stolen").expect("revoked");
    trust.trust(key(2).public(), "bob", Some(date(2026, 11, 30))).expect("trusted");
    let mut package = signed(&[2, 3, 4]);
    package.sign(&key(1), "ada", Some(date(2026, 11, 30))).expect("signed");
    let mut found = faults(&package, &trust);
    found.sort_unstable();
    let expected = [
        "expired-signature",
        "expired-signer",
        "package-unsigned",
        "revoked-signer",
        "unknown-signer",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_last_day_counts() {
    let mut package = package();
    package.sign(&key(1), "ada", Some(TODAY)).expect("signed");
    let mut trust = Trust::default();
    trust.trust(key(1).public(), "ada", Some(TODAY)).expect("trusted");
    assert!(verify(&package, &trust, TODAY).is_ok());
    assert!(verify(&package, &trust, TODAY.tomorrow().expect("a day")).is_err());
}

#[test]
fn as_many_signers_as_are_asked_for_are_needed() {
    let mut trust = trusting(&[(1, "ada"), (2, "bob")]);
    trust.at_least = 2;
    assert_eq!(faults(&signed(&[1]), &trust), ["package-unsigned"]);
    assert_eq!(faults(&signed(&[1, 1]), &trust), ["package-unsigned"], "one key is one signer");
    assert_eq!(faults(&signed(&[1, 2]), &trust), [""; 0]);
    // Whoever adds a signature of his own takes nothing away.
    assert_eq!(faults(&signed(&[1, 2, 9]), &trust), [""; 0]);
}

#[test]
fn a_false_signature_of_a_trusted_key_spoils_the_package() {
    let package = signed(&[1, 2]);
    let archive = zstd::decode_all(&package.write(Compression::Zstd)[..]).expect("unpacked");
    let text = String::from_utf8_lossy(&archive);
    let id = key(1).public().id();
    let at = text.find(&format!("\"key\":\"{id}\"")).expect("the signature is there");
    let trust = trusting(&[(1, "ada"), (2, "bob")]);
    for (from, to) in [("signer 1", "signer X"), ("null", "true"), ("\"signature\":\"", "")] {
        let mut altered = archive.clone();
        let place = at + text[at..].find(from).expect("it is there");
        match to {
            "" => {
                let digit = &mut altered[place + from.len()];
                *digit = if *digit == b'0' { b'1' } else { b'0' };
            }
            to => altered[place..place + to.len()].copy_from_slice(to.as_bytes()),
        }
        match read(&sealed(&altered)) {
            Ok(package) => assert_eq!(faults(&package, &trust), ["false-signature"], "{from}"),
            Err(found) => assert_eq!(found.code, "false-signature", "{from}"),
        }
    }
}

#[test]
fn a_signature_is_of_one_package() {
    let one = signed(&[1]);
    let mut contents = crate::fixtures::contents();
    contents.name = "other".into();
    let other = contents.pack().expect("packed");
    let signature = one.signatures().next().expect("signed");
    let json = serde_json::to_vec(signature).expect("JSON");
    let path = format!("signatures/{}.json", signature.key);
    let archive = zstd::decode_all(&other.write(Compression::Zstd)[..]).expect("unpacked");
    let size = usize::from_str_radix(std::str::from_utf8(&archive[124..135]).expect("digits"), 8);
    let after = 512 + size.expect("a size").div_ceil(512) * 512;
    let entry = crate::fixtures::archive(&[piece(&path, &json)]);
    let moved = [&archive[..after], &entry[..entry.len() - 1024], &archive[after..]].concat();
    let moved = read(&sealed(&moved)).expect("a package with a signature");
    assert_eq!(moved.signatures().count(), 1);
    let codes = faults(&moved, &trusting(&[(1, "ada")]));
    assert_eq!(codes, ["false-signature", "package-unsigned"]);
}

#[test]
fn a_store_keeps_who_signed_whatever_copies_come_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store/one.eclpkg");
    let trust = trusting(&[(1, "ada"), (2, "bob")]);
    let stored = |package: &Package| {
        package.store(&path, &trust).expect("stored");
        let there = read(&std::fs::read(&path).expect("a file")).expect("a package");
        let keys = there.signatures().map(|signature| signature.key.clone());
        (faults(&there, &trust), keys.collect::<Vec<_>>())
    };
    let until = |day| {
        let mut package = package();
        package.sign(&key(1), "ada", day).expect("signed");
        package
    };
    let id = |seed| key(seed).public().id();
    assert_eq!(stored(&package()).0, ["package-unsigned"]);
    assert_eq!(stored(&until(Some(TODAY))), (vec![], vec![id(1)]));
    assert_eq!(stored(&package()), (vec![], vec![id(1)]));
    // One that holds for longer replaces one that does not, and not the other way round.
    assert_eq!(stored(&until(None)), (vec![], vec![id(1)]));
    assert_eq!(stored(&until(Some(TODAY.yesterday().expect("a day")))), (vec![], vec![id(1)]));
    // A stranger's is there beside it until the next copy comes; nobody is kept out.
    let both = |seeds: &[u8]| {
        let mut ids: Vec<_> = seeds.iter().map(|seed| id(*seed)).collect();
        ids.sort();
        (vec![], ids)
    };
    assert_eq!(stored(&signed(&[9])), both(&[1, 9]));
    assert_eq!(stored(&signed(&[2])), both(&[1, 2]));
    // What is damaged in the store is brought anew.
    std::fs::write(&path, "no package").expect("written");
    assert_eq!(stored(&package()).0, ["package-unsigned"]);
}
