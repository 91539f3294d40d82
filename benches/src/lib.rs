//! What the benches of whole processes share: the release binary and the examples.

pub mod program;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Builds the command as users get it, and says where it is.
///
/// # Panics
/// When cargo cannot build it: then there is nothing to measure.
pub fn eclexia() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    let built =
        cargo.args(["build", "--release", "--quiet", "--bin", "eclexia"]).current_dir(root());
    assert!(built.status().is_ok_and(|s| s.success()), "the command does not build");
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release/eclexia")
}

/// The example programs, sorted; and whether they deploy anything.
pub fn examples() -> Vec<(String, bool)> {
    let folder = root().join("examples");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".ecl"));
    names.sort();
    let deploys = |name: &String| {
        let text = std::fs::read_to_string(root().join("examples").join(name));
        text.is_ok_and(|t| t.contains("(defdeployment"))
    };
    names.into_iter().map(|name| (name.clone(), deploys(&name))).collect()
}

/// Runs the command to its end, output thrown away; it must succeed.
///
/// # Panics
/// When it fails: a fast failure is no result.
pub fn run(program: &Path, arguments: &[&str]) {
    let mut command = Command::new(program);
    let ran =
        command.args(arguments).current_dir(root()).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(ran.status().is_ok_and(|s| s.success()), "{arguments:?} failed");
}
