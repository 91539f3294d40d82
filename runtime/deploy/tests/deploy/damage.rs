//! Accidents: a bit turned, bytes missing, bytes added, anywhere. And the fixed-seed run of the
//! fuzz target `package`.

use crate::fixtures::{contents, read, refusal, seal};
use eclexia_base::SplitMix64;
use eclexia_deploy::keys::{SecretKey, Trust};
use eclexia_deploy::package::{Compression, Limits, Package, verify};

fn tiny() -> Package {
    let mut package = contents().pack().expect("packed");
    package.sign(&SecretKey::from_seed([7; 32]), "ada", None).expect("signed");
    package
}

#[test]
fn every_bit_of_a_package_counts() {
    for compression in [Compression::Zstd, Compression::Gzip] {
        let bytes = tiny().write(compression);
        assert!(read(&bytes).is_ok());
        let mut turned = bytes.clone();
        for bit in 0..bytes.len() * 8 {
            turned[bit / 8] ^= 1 << (bit % 8);
            let code = refusal(&turned);
            // The first bytes say what kind of file it is.
            let expected = if bit < 32 { "package-format" } else { "package-damaged" };
            assert_eq!(code, expected, "bit {bit} of {}, {compression:?}", bytes.len() * 8);
            turned[bit / 8] = bytes[bit / 8];
        }
    }
}

#[test]
fn nothing_may_be_missing_or_follow() {
    for compression in [Compression::Zstd, Compression::Gzip] {
        let bytes = tiny().write(compression);
        for length in 0..bytes.len() {
            let code = refusal(&bytes[..length]);
            let expected = if length < 4 { "package-format" } else { "package-damaged" };
            assert_eq!(code, expected, "{length} bytes");
        }
        assert_eq!(refusal(&[&bytes[..], b"x"].concat()), "package-damaged");
        assert_eq!(refusal(&[&bytes[..], &bytes].concat()), "package-damaged");
    }
}

/// Changed, and sealed again by someone who knows how: then the archive's own rules and the
/// signature are what stands between.
#[test]
fn whatever_is_sealed_anew_is_refused_by_its_form_or_by_its_signature() {
    let mut trust = Trust::default();
    trust.trust(SecretKey::from_seed([7; 32]).public(), "ada", None).expect("trusted");
    let today = jiff::civil::date(2026, 12, 1);
    assert!(verify(&tiny(), &trust, today).is_ok());
    let bytes = tiny().write(Compression::Zstd);
    let mut archive = zstd::decode_all(&bytes[..]).expect("unpacked");
    let (mut by_form, mut by_signature) = (0, 0);
    // One bit of each byte, each in its turn: compressing takes its time.
    for bit in (0..archive.len()).map(|at| at * 8 + at % 8) {
        archive[bit / 8] ^= 1 << (bit % 8);
        match read(&seal(zstd::bulk::compress(&archive, 1).expect("compressed"))) {
            Err(found) => {
                by_form += 1;
                assert_ne!(found.code, "package-damaged", "bit {bit}");
            }
            Ok(package) => {
                by_signature += 1;
                let faults = verify(&package, &trust, today).expect_err("refused");
                assert_eq!(faults[0].code, "false-signature", "bit {bit}");
            }
        }
        archive[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(by_form > 0 && by_signature > 0, "{by_form} and {by_signature}");
}

#[test]
fn random_changes_never_panic_and_stay_in_bounds() {
    let bytes = [Compression::Zstd, Compression::Gzip].map(|c| tiny().write(c));
    let archive = zstd::decode_all(&bytes[0][..]).expect("unpacked");
    let mut random = Random(SplitMix64(1));
    let limits = Limits { unpacked: 1 << 20, packed: 1 << 20, ..Limits::default() };
    for round in 0..2000 {
        let mut changed = [&bytes[0], &bytes[1], &archive][round % 3].clone();
        for _ in 0..=random.below(6) {
            let at = random.below(changed.len());
            match random.below(4) {
                0 => changed[at] = random.below(256) as u8,
                1 => changed.truncate(at.max(1)),
                2 => drop(changed.splice(at..at, vec![0; random.below(600)])),
                _ => drop(changed.drain(at..(at + random.below(600)).min(changed.len()))),
            }
            if changed.is_empty() {
                changed.push(0);
            }
        }
        if round % 3 == 2 {
            changed = zstd::bulk::compress(&changed, 1).expect("compressed");
        }
        if round % 2 == 0 {
            changed = seal(changed);
        }
        if let Ok(package) = Package::read(&changed[..], &limits) {
            assert_eq!(read(&package.write(Compression::Gzip)).expect("again").id(), package.id());
        }
    }
}

struct Random(SplitMix64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n.max(1) as u64) as usize
    }
}
