//! The OCI layout: read back, refused in every bit that is not ours, and skopeo's opinion of it.

use crate::fixtures::package;
use eclexia_deploy::package::{Compression, Limits, is_layout, read_layout, write_layout};
use std::path::{Path, PathBuf};
use std::process::Command;

fn written(compression: Compression) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("image");
    write_layout(&package(), compression, &place).expect("written");
    (folder, place)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable").flatten() {
        match entry.path().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found.sort();
    found
}

#[test]
fn a_package_in_a_layout_is_the_same_package() {
    for compression in [Compression::Zstd, Compression::Gzip] {
        let (_folder, place) = written(compression);
        assert!(is_layout(&place));
        let again = read_layout(&place, &Limits::default()).expect("it reads");
        assert_eq!(again.id(), package().id());
        assert_eq!(again.files(), package().files());
        let found = write_layout(&package(), compression, &place).expect_err("it is there");
        assert_eq!(found.code, "already-exists");
    }
}

#[test]
fn every_bit_of_a_layout_counts() {
    let (_folder, place) = written(Compression::Zstd);
    for path in files(&place) {
        let bytes = std::fs::read(&path).expect("readable");
        for at in 0..bytes.len() {
            let mut turned = bytes.clone();
            turned[at] ^= 1 << (at % 8);
            std::fs::write(&path, turned).expect("written");
            let read = read_layout(&place, &Limits::default());
            assert!(read.is_err(), "byte {at} of {} does not count", path.display());
        }
        std::fs::write(&path, bytes).expect("written");
    }
    assert!(read_layout(&place, &Limits::default()).is_ok());
}

/// It looks into the image, copies it, and the copy is the package.
#[test]
fn skopeo_accepts_a_layout() {
    if Command::new("skopeo").arg("--version").output().is_err() {
        let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!is_ci, "`skopeo` is missing, and CI does not skip: apt-get install skopeo");
        println!("skipped: `skopeo` is not installed (apt-get install skopeo)");
        return;
    }
    for compression in [Compression::Zstd, Compression::Gzip] {
        let (folder, place) = written(compression);
        let skopeo = |arguments: &[&str]| {
            let ran = Command::new("skopeo").args(arguments).output().expect("it runs");
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            String::from_utf8_lossy(&ran.stdout).into_owned()
        };
        let image = format!("oci:{}", place.display());
        let told = skopeo(&["inspect", &image]);
        let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!(told["Layers"].as_array().map(Vec::len), Some(1), "{told}");
        let manifest = skopeo(&["inspect", "--raw", &image]);
        assert!(manifest.contains(&package().id()), "{manifest}");
        let copy = folder.path().join("copy");
        let to = format!("oci:{}:1.2.3", copy.display());
        let copied = skopeo(&["copy", "--insecure-policy", "--preserve-digests", &image, &to]);
        let again = read_layout(&copy, &Limits::default()).expect(&copied);
        assert_eq!(again.id(), package().id());
    }
}
