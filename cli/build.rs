//! Gathers the chapters of the manual, `tests/spec/NN-name.md`, into a table in their order.

use std::fmt::Write;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/spec");
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
    let out = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from);
    std::fs::write(out.unwrap_or_default().join("manual.rs"), code)
}
