//! Gathers `docs/diagnostics/<slug>.md` into the catalogue: a sorted table of slugs and pages.
#![expect(clippy::disallowed_methods, reason = "a build script reads files by its nature")]

use std::fmt::Write;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "md") {
            let slug = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            pages.push((slug, path.canonicalize()?));
        }
    }
    pages.sort();
    let mut code = String::from(
        "/// Slug and page, sorted by slug.\npub static PAGES: &[(&str, &str)] = &[\n",
    );
    for (slug, path) in pages {
        println!("cargo::rerun-if-changed={}", path.display());
        let _ = writeln!(code, "    ({slug:?}, include_str!({:?})),", path.display().to_string());
    }
    code.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from);
    std::fs::write(out.unwrap_or_default().join("catalogue.rs"), code)
}
