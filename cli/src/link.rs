//! Linking: a program's object and the static library of `eclexia-native`, by the C compiler, which
//! knows where the system's own libraries are. `CC` names another one.

use crate::commands::Stop;
use crate::{diagnostics, files};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a Rust library needs of the system.
const SYSTEM: [&str; 5] = ["-lpthread", "-ldl", "-lm", "-lc", "-lgcc_s"];

pub fn executable(
    object: &[u8],
    output: &Path,
    target: Option<&str>,
    libraries: &[String],
) -> Result<(), Stop> {
    let folder = tempfile::tempdir()
        .map_err(|error| diagnostics::write_failed("a temporary folder", &error))?;
    let path = folder.path().join("program.o");
    files::write(&path, object)?;
    let library = library(folder.path(), target)?;
    let made = folder.path().join("program");
    let mut command = Command::new(compiler(target));
    command.arg("-o").arg(&made).arg(&path).arg(&library);
    command.args(["-pie", "-Wl,--gc-sections", "-Wl,--as-needed", "-Wl,-z,relro,-z,now"]);
    command.args(libraries.iter().map(|name| format!("-l{name}")));
    command.args(SYSTEM);
    run(&mut command)?;
    let bytes = std::fs::read(&made)
        .map_err(|error| diagnostics::write_failed(&made.display().to_string(), &error))?;
    files::write(output, &bytes)?;
    allow_to_run(output)
}

fn allow_to_run(path: &Path) -> Result<(), Stop> {
    use std::os::unix::fs::PermissionsExt;
    let changed = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755));
    changed.map_err(|e| diagnostics::write_failed(&path.display().to_string(), &e).into())
}

/// `aarch64-linux-gnu-gcc` for `aarch64-unknown-linux-gnu`.
fn compiler(target: Option<&str>) -> String {
    if let Some(named) = std::env::var("CC").ok().filter(|cc| !cc.is_empty()) {
        return named;
    }
    match target {
        Some(triple) if triple != host() => {
            let parts: Vec<&str> = triple.split('-').filter(|part| *part != "unknown").collect();
            format!("{}-gcc", parts.join("-"))
        }
        _ => "cc".to_owned(),
    }
}

fn host() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

fn run(command: &mut Command) -> Result<(), Stop> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.output() {
        Err(error) => Err(diagnostics::link_failed(&program, &error.to_string()).into()),
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr);
            Err(diagnostics::link_failed(&program, &said).into())
        }
    }
}

/// The static library: a path that `ECLEXIA_NATIVE_LIBRARY` names, or what Cargo makes of this very
/// source tree.
fn library(_folder: &Path, target: Option<&str>) -> Result<PathBuf, Stop> {
    if let Some(path) = std::env::var_os("ECLEXIA_NATIVE_LIBRARY") {
        return Ok(PathBuf::from(path));
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let made = workspace.join("target/native");
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&workspace);
    cargo.args(["rustc", "--quiet", "--package", "eclexia-native", "--release"]);
    cargo.args(["--crate-type", "staticlib", "--config", "profile.release.panic=\"abort\""]);
    cargo.arg("--target-dir").arg(&made);
    let mut folder = made;
    if let Some(target) = target.filter(|target| *target != host()) {
        cargo.args(["--target", target]);
        folder.push(target);
    }
    run(&mut cargo)?;
    Ok(folder.join("release/libeclexia_native.a"))
}
