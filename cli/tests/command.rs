//! The command as it is built. Cargo builds a binary for the integration tests of its own package
//! only: because this one is here, `cargo test` has built `eclexia` before the tests that run it.

use std::process::Command;

#[test]
fn it_says_its_version() {
    let told = Command::new(env!("CARGO_BIN_EXE_eclexia")).arg("--version").output();
    let told = told.expect("it starts");
    let version = concat!("eclexia ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(String::from_utf8_lossy(&told.stdout), version);
}
