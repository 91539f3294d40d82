//! Tools of others that judge what we render, found on the path or in `target/ci-venv`, and our own
//! command, built when it is first asked for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A validator that is installed; `None` after a printed reason, and a failure in CI.
pub fn find(name: &str, how_to_get: &str) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    folders.push(xtask::root().join("target/ci-venv/bin"));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!is_ci, "`{name}` is missing, and CI does not skip: {how_to_get}");
        println!("skipped: `{name}` is not installed ({how_to_get})");
    }
    found
}

/// Runs a validator and gives what it said where it was not content.
pub fn run(program: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let (out, err) = (&output.stdout, &output.stderr);
    Err(format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err)))
}

/// The `eclexia` command of the profile under test. Cargo builds a binary for the tests of its own
/// package only, so it is asked for once here; where nothing changed that takes a moment.
pub fn eclexia() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let test = std::env::current_exe().expect("the test binary has a path");
        let folder = test.parent().and_then(Path::parent).expect("it lies in PROFILE/deps");
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(other) => other,
        };
        let target = folder.parent().expect("the profile lies in the target folder");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--package", "eclexia-cli", "--bin", "eclexia"])
            .args(["--profile", profile, "--target-dir"])
            .arg(target)
            .current_dir(xtask::root())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "the command does not build");
        folder.join(format!("eclexia{}", std::env::consts::EXE_SUFFIX))
    })
}
