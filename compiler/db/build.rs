//! Embeds the standard library: `stdlib/std/list.ecl` becomes module `std.list`.
#![expect(clippy::disallowed_methods, reason = "a build script reads files by its nature")]

use std::fmt::Write;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut modules = Vec::new();
    for folder in ["std", "cloud"] {
        let path = root.join(folder);
        println!("cargo::rerun-if-changed={}", path.display());
        for entry in std::fs::read_dir(&path)? {
            let file = entry?.path();
            if file.extension().is_some_and(|e| e == "ecl") {
                let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                modules.push((format!("{folder}.{stem}"), file.canonicalize()?));
            }
        }
    }
    modules.sort();
    let mut code = String::from("/// Module name and text, sorted by name.\n");
    code.push_str("pub static MODULES: &[(&str, &str)] = &[\n");
    for (name, file) in modules {
        println!("cargo::rerun-if-changed={}", file.display());
        let _ = writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string());
    }
    code.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from);
    std::fs::write(out.unwrap_or_default().join("library.rs"), code)
}
