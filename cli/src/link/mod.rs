//! Linking: a program's object and the static library of `eclexia-native`, by the C compiler, which
//! knows where the system's own libraries are. `CC` names another one.

mod cargo;

use crate::commands::Stop;
use crate::{diagnostics, files};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a Rust library needs of the system. What unwinds is linked in: one library less to load.
const SYSTEM: [&str; 6] = ["-lpthread", "-ldl", "-lm", "-lc", "-lgcc_eh", "-lc"];

/// Relocations that are only the address of something are packed: 300 KB less are read at the
/// start. A linker that cannot says so and goes on.
const LAID_OUT: [&str; 4] =
    ["-Wl,--gc-sections", "-Wl,--as-needed", "-Wl,-z,relro,-z,now", "-Wl,-z,pack-relative-relocs"];

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
    let library = library(target)?;
    let made = folder.path().join("program");
    let mut command = Command::new(compiler(target));
    command.arg("-o").arg(&made).arg(&path).arg(&library);
    command.arg("-pie").args(LAID_OUT);
    command.args(libraries.iter().map(|name| named(name)));
    command.args(SYSTEM);
    run(&mut command)?;
    let bytes = std::fs::read(&made)
        .map_err(|error| diagnostics::write_failed(&made.display().to_string(), &error))?;
    files::write(output, &bytes)?;
    allow_to_run(output)
}

/// A path, or the name of a library that the compiler finds.
fn named(library: &str) -> String {
    if library.contains(['/', '.']) { library.to_owned() } else { format!("-l{library}") }
}

/// The static library of the run time, with the object in it.
pub fn archive(object: &[u8], output: &Path, target: Option<&str>) -> Result<(), Stop> {
    let folder = tempfile::tempdir()
        .map_err(|error| diagnostics::write_failed("a temporary folder", &error))?;
    let (path, made) = (folder.path().join("program.o"), folder.path().join("library.a"));
    files::write(&path, object)?;
    let copied = std::fs::copy(library(target)?, &made);
    copied.map_err(|error| diagnostics::write_failed(&made.display().to_string(), &error))?;
    run(Command::new("ar").arg("r").arg(&made).arg(&path))?;
    let bytes = std::fs::read(&made)
        .map_err(|error| diagnostics::write_failed(&made.display().to_string(), &error))?;
    files::write(output, &bytes).map_err(Stop::from)
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

/// Of a release, compressed; empty in a debug build.
static LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/native.lz4"));

/// The static library: a path that `ECLEXIA_NATIVE_LIBRARY` names, what is in this program, or what
/// Cargo makes of this very source tree.
fn library(target: Option<&str>) -> Result<PathBuf, Stop> {
    if let Some(path) = std::env::var_os("ECLEXIA_NATIVE_LIBRARY") {
        return Ok(PathBuf::from(path));
    }
    let other = target.filter(|target| *target != host());
    if !LIBRARY.is_empty() && other.is_none() {
        return unpacked();
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut command, path) = cargo::library(&workspace, &workspace.join("target/native"), other);
    run(&mut command)?;
    Ok(path)
}

/// The library that is in this program, written out once for each version of it.
fn unpacked() -> Result<PathBuf, Stop> {
    let folder = cache();
    let path = folder.join(format!("native-{}.a", blake3::hash(LIBRARY).to_hex()));
    if path.exists() {
        return Ok(path);
    }
    let bytes = lz4_flex::decompress_size_prepended(LIBRARY)
        .map_err(|error| diagnostics::link_failed("eclexia", &error.to_string()))?;
    files::make_folder(&folder)?;
    files::write(&path, &bytes)?;
    Ok(path)
}

/// Of this user.
fn cache() -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("eclexia")
}
