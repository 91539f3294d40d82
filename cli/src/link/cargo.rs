//! How Cargo makes the static library: used by the build script of a release, which puts the
//! library into `eclexia`, and by a debug build, which asks for it when it links.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What Cargo tells a build script, and compiler wrappers such as Clippy, which are not for this.
const NOT_FOR_THIS: [&str; 6] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
    "RUSTC",
];

/// The command, and where the library is once it has run. `made` is a folder of its own, so that
/// Cargo does not wait for itself.
pub fn library(workspace: &Path, made: &Path, target: Option<&str>) -> (Command, PathBuf) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace);
    command.args(["rustc", "--quiet", "--package", "eclexia-native", "--release"]);
    // Nothing unwinds through native code: a bug ends the process.
    command.args(["--crate-type", "staticlib", "--config", "profile.release.panic=\"abort\""]);
    command.arg("--target-dir").arg(made);
    let mut folder = made.to_owned();
    if let Some(target) = target {
        command.args(["--target", target]);
        folder.push(target);
    }
    NOT_FOR_THIS.iter().for_each(|name| {
        command.env_remove(name);
    });
    (command, folder.join("release/libeclexia_native.a"))
}
