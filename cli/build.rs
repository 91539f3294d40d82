//! Two things that `eclexia` carries: the chapters of the manual, as a table in their order, and in
//! a release the static library of `eclexia-native`, so that what is installed can link
//! executables.
//!
//! The library costs a second compilation of the run time, made once for all profiles; a debug
//! build leaves it out and asks Cargo when it links.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "src/link/cargo.rs"]
mod cargo;

fn main() -> std::io::Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    manual(&workspace, &out)?;
    for part in ["runtime/rt", "runtime/native", "compiler/base", "compiler/diag", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", workspace.join(part).display());
    }
    let library = match std::env::var("PROFILE").as_deref() {
        Ok("release") => library(&workspace, &out)?,
        _ => Vec::new(),
    };
    std::fs::write(out.join("native.lz4"), library)
}

/// Gathers `tests/spec/NN-name.md`.
fn manual(workspace: &Path, out: &Path) -> std::io::Result<()> {
    let folder = workspace.join("tests/spec");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut chapters = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "md") {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            chapters.push((stem, path.canonicalize()?));
        }
    }
    chapters.sort();
    let mut code = String::from("/// File stem and text, in the order of the manual.\n");
    code.push_str("pub static CHAPTERS: &[(&str, &str)] = &[\n");
    for (stem, path) in chapters {
        println!("cargo::rerun-if-changed={}", path.display());
        let _ = writeln!(code, "    ({stem:?}, include_str!({:?})),", path.display().to_string());
    }
    code.push_str("];\n");
    std::fs::write(out.join("manual.rs"), code)
}

fn library(workspace: &Path, out: &Path) -> std::io::Result<Vec<u8>> {
    // target/release/build/eclexia-cli-…/out: `target` serves all profiles.
    let target = out.ancestors().nth(4).unwrap_or(out);
    let (mut command, path) = cargo::library(workspace, &target.join("native"), None);
    if !command.status()?.success() {
        return Err(std::io::Error::other("the library of eclexia-native could not be built"));
    }
    let stripped = out.join("native.a");
    std::fs::copy(&path, &stripped)?;
    // Half of it is debug information of Rust's own library; without `strip` it stays.
    let _ = Command::new("strip").arg("--strip-debug").arg(&stripped).status();
    Ok(lz4_flex::compress_prepend_size(&std::fs::read(&stripped)?))
}
