//! What is written is read back, the same everywhere, and by tools that know nothing of us.

use crate::fixtures::{contents, file, package, parts, read};
use eclexia_deploy::package::{
    Compression, Dependency, Hook, Kind, Moment, Package, Setting, Type, Value as Given, unpack,
};
use proptest::prelude::*;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;

/// It changes with the form of packages, models and plans, and with nothing else.
const ID: &str = "07302587030aa4cd0a0e5873d903e65c304ccc36422a855384d745f378ff1695";

#[test]
fn the_id_of_a_package_is_the_same_on_every_machine() {
    assert_eq!(package().id(), ID);
}

#[test]
fn what_is_written_is_read_back() {
    let package = package();
    for compression in [Compression::Zstd, Compression::Gzip] {
        let bytes = package.write(compression);
        let again = read(&bytes).expect("it reads");
        assert_eq!(again.compression(), compression);
        assert_eq!((again.id(), again.manifest()), (package.id(), package.manifest()));
        assert_eq!((again.files(), again.plan()), (package.files(), package.plan()));
        assert_eq!(again.model(), package.model());
        assert!(again.write(compression) == bytes, "two writes differ");
    }
}

#[test]
fn an_archive_made_from_the_description_is_a_package() {
    let (manifest, pieces) = parts(&[("files/a.txt", b"a")]);
    let package = read(&file(&manifest, pieces)).expect("it reads");
    assert_eq!(package.files()["files/a.txt"], b"a");
}

#[test]
fn tar_and_the_decompressors_skip_the_seal() {
    let package = package();
    let mut unpacked = Vec::new();
    let zstd = package.write(Compression::Zstd);
    zstd::stream::read::Decoder::new(&zstd[..])
        .and_then(|mut decoder| decoder.read_to_end(&mut unpacked))
        .expect("zstd reads all frames");
    let mut again = Vec::new();
    let gzip = package.write(Compression::Gzip);
    flate2::read::MultiGzDecoder::new(&gzip[..]).read_to_end(&mut again).expect("gzip reads all");
    assert!(unpacked == again);
    let mut archive = tar::Archive::new(&again[..]);
    let entries = archive.entries().expect("an archive").map(|entry| {
        let entry = entry.expect("an entry");
        entry.path().expect("a path").display().to_string()
    });
    let paths: Vec<String> = entries.collect();
    let expected = [
        "manifest.json",
        "files/assets/logo.svg",
        "files/bin/check",
        "files/shop.ecl",
        "model.json",
        "plan.json",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn unpacking_gives_the_files_and_who_may_run_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("shop");
    unpack(&package(), &place).expect("unpacked");
    let mode =
        |path: &str| place.join(path).metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("files/bin/check"), mode("plan.json")), (0o755, 0o644));
    let logo = std::fs::read(place.join("files/assets/logo.svg")).expect("readable");
    assert_eq!(logo, [b'x'; 1000]);
    let found = unpack(&package(), &place).expect_err("it is there already");
    assert_eq!(found.code, "already-exists");
    let left = std::fs::read_dir(folder.path()).expect("readable").count();
    assert_eq!(left, 1, "something is left behind");
}

#[test]
fn what_a_package_asks_for_is_kept_and_checked() {
    let port = Setting {
        name: "port".into(),
        of: Type::Int,
        default: Some(Given::Int(80)),
        at_least: Some(1.0),
        at_most: Some(65535.0),
        one_of: vec![],
        port: None,
    };
    assert!(port.accepts(&Given::Int(443)).is_ok());
    for wrong in [Given::Int(0), Given::Text("80".into()), Given::Float(80.5), Given::Int(70000)] {
        assert!(port.accepts(&wrong).is_err(), "{wrong:?}");
    }
    let hook =
        Hook { at: Moment::BeforeActivation, command: vec!["files/bin/check".into()], timeout: 30 };
    let needs = Dependency { name: "store".into(), version: "^1.2".parse().expect("versions") };
    let mut whole = contents();
    whole.requires = vec!["deploy:local".into()];
    (whole.dependencies, whole.hooks) = (vec![needs], vec![hook.clone()]);
    whole.configuration = vec![port.clone()];
    let package = whole.pack().expect("packed");
    let again = read(&package.write(Compression::Zstd)).expect("it reads");
    assert_eq!(again.manifest(), package.manifest());

    let refused = |change: &dyn Fn(&mut eclexia_deploy::package::Contents)| {
        let mut contents = contents();
        change(&mut contents);
        contents.pack().map(|package| package.id()).expect_err("refused").code
    };
    let codes = [
        refused(&|c| c.requires = vec!["anything".into()]),
        refused(&|c| c.hooks = vec![Hook { command: vec![], ..hook.clone() }]),
        refused(&|c| c.hooks = vec![Hook { timeout: 0, ..hook.clone() }]),
        refused(&|c| c.configuration = vec![port.clone(), port.clone()]),
        refused(&|c| {
            c.configuration = vec![Setting { default: Some(Given::Int(0)), ..port.clone() }];
        }),
        refused(&|c| c.name = "Shop".into()),
    ];
    assert_eq!(codes, ["package-manifest"; 6]);
}

/// Larger than the window of the compressor, and without anything to compress.
#[test]
fn large_files_are_read_back() {
    let mut noise = vec![0; 12 << 20];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let package = packed(&[("noise".into(), noise, false)]);
    for compression in [Compression::Zstd, Compression::Gzip] {
        let again = read(&package.write(compression)).expect("it reads");
        assert!(again.files() == package.files());
    }
}

fn packed(files: &[(String, Vec<u8>, bool)]) -> Package {
    let mut contents = contents();
    for (path, bytes, is_executable) in files {
        // What a random path collides with is another test's matter.
        let _ = contents.add(path, Kind::of(*is_executable, bytes), *is_executable, bytes.clone());
    }
    contents.pack().expect("packed")
}

fn file_bytes() -> impl Strategy<Value = (Vec<u8>, bool)> {
    (proptest::collection::vec(any::<u8>(), 0..2000), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn any_files_are_read_back_in_any_order(
        files in proptest::collection::btree_map("[a-c]{1,3}[0-9]{1,2}", file_bytes(), 0..12),
    ) {
        let files: Vec<_> = files.into_iter().map(|(path, (bytes, x))| (path, bytes, x)).collect();
        let package = packed(&files);
        let turned: Vec<_> = files.iter().rev().cloned().collect();
        prop_assert_eq!(packed(&turned).id(), package.id());
        for compression in [Compression::Zstd, Compression::Gzip] {
            let again = read(&package.write(compression)).expect("it reads");
            prop_assert_eq!(again.files(), package.files());
            prop_assert_eq!(again.id(), package.id());
        }
    }
}
