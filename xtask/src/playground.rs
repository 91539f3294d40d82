//! `cargo xtask playground`: the compiler as WebAssembly, the files of its page and the examples,
//! in `target/playground`. The folder is whole or it is not there: it is made beside its place.

use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// What the code of the compiler keeps on the stack in the module's memory; what browsers keep
/// beside it is theirs to bound.
const STACK: &str = "link-arg=-zstack-size=16777216";

/// An example as the page offers it.
#[derive(Serialize)]
struct Example {
    name: String,
    shows: String,
    text: String,
}

/// Builds the page and gives its folder.
pub fn build(root: &Path) -> Result<PathBuf, String> {
    compile(root)?;
    let (made, place) = (root.join("target/playground.new"), root.join("target/playground"));
    remove(&made)?;
    make(root, &made).map_err(|error| format!("{}: {error}", made.display()))?;
    remove(&place)?;
    std::fs::rename(&made, &place).map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(place)
}

fn compile(root: &Path) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["rustc", "--package", "eclexia-playground", "--lib", "--crate-type", "cdylib"])
        .args(["--release", "--locked", "--target", TARGET, "--target-dir"])
        .arg(root.join("target"))
        .args(["--", "-C", "strip=symbols", "-C", STACK])
        .current_dir(root)
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("it does not build; is `rustup target add {TARGET}` done?")),
        Err(error) => Err(format!("cargo cannot be run: {error}")),
    }
}

fn remove(folder: &Path) -> Result<(), String> {
    match folder.exists() {
        true => std::fs::remove_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display())),
        false => Ok(()),
    }
}

fn make(root: &Path, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for entry in std::fs::read_dir(root.join("playground/site"))? {
        let path = entry?.path();
        if let Some(name) = path.file_name() {
            std::fs::copy(&path, folder.join(name))?;
        }
    }
    let module = root.join("target").join(TARGET).join("release/eclexia_playground.wasm");
    std::fs::copy(module, folder.join("eclexia.wasm"))?;
    let examples = serde_json::to_vec(&examples(root)?)?;
    std::fs::write(folder.join("examples.json"), examples)
}

/// The programs of one file that the table of `examples/README.md` lists, in its order.
fn examples(root: &Path) -> std::io::Result<Vec<Example>> {
    let folder = root.join("examples");
    let table = std::fs::read_to_string(folder.join("README.md"))?;
    let mut examples = Vec::new();
    for line in table.lines() {
        if let Some((name, shows)) = row(line) {
            let text = std::fs::read_to_string(folder.join(format!("{name}.ecl")))?;
            examples.push(Example { name: name.to_owned(), shows: shows.to_owned(), text });
        }
    }
    Ok(examples)
}

/// `| [hello.ecl](hello.ecl) | what it shows |`; examples of several files are in folders.
fn row(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("| [")?.split_once(".ecl](")?;
    let (file, shows) = rest.split_once(") | ")?;
    (file.strip_suffix(".ecl") == Some(name)).then_some((name, shows.trim_end_matches(" |")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_those_of_the_table() {
        let examples = examples(&crate::root()).expect("the table and its files can be read");
        let names: Vec<&str> = examples.iter().map(|example| example.name.as_str()).collect();
        assert_eq!(names.first(), Some(&"hello"));
        assert!(names.contains(&"budgets") && names.len() > 8, "{names:?}");
        assert!(examples.iter().all(|e| !e.shows.is_empty() && e.text.contains("(module ")));
        assert_eq!(row("| [calling-c](calling-c/letters.ecl) | C |"), None);
    }
}
