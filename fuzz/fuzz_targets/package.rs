//! Any bytes are a package or are refused, within bounds; what is a package is written and read
//! back as itself. The bytes are read as they are, and as an archive that is compressed and sealed,
//! so that more than the seal is tried.
#![no_main]

use eclexia_deploy::package::{Compression, Limits, Package};
use libfuzzer_sys::fuzz_target;

fn try_one(bytes: &[u8]) {
    let limits = Limits { packed: 1 << 20, unpacked: 1 << 20, ..Limits::default() };
    if let Ok(package) = Package::read(bytes, &limits) {
        let again = Package::read(&package.write(Compression::Gzip)[..], &Limits::default());
        assert!(again.is_ok_and(|again| again.id() == package.id()));
    }
}

fuzz_target!(|bytes: &[u8]| {
    try_one(bytes);
    let mut sealed = zstd::bulk::compress(bytes, 1).expect("memory can be written");
    let hash = blake3::hash(&sealed);
    sealed.extend([0x5e, 0x2a, 0x4d, 0x18, 32, 0, 0, 0]);
    sealed.extend(hash.as_bytes());
    try_one(&sealed);
});
