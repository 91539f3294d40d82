//! The layers: ARCHITECTURE.md says who may depend on whom, cargo says who does, and the two agree.
//!
//! 1. Read the table `| Crate | Builds on | … |` of ARCHITECTURE.md: the crates that a crate builds
//!    on directly. Whatever those build on, it may use as well.
//! 2. Read the workspace from `cargo metadata`, without the registry: what each manifest lists as
//!    a normal or build dependency. Dev-dependencies are free, they ship nowhere.
//! 3. A dependency the table does not give, a crate without a row, a row without a crate, and a row
//!    that names something its crate does not use: each is a finding. The last two keep the map
//!    true, which hand-written maps of compilers hardly ever are.

use super::Finding;
use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const MAP: &str = "ARCHITECTURE.md";

/// A crate's row: the line it stands on, and what the crate builds on.
type Row = (usize, BTreeSet<String>);

pub fn check(root: &Path, findings: &mut Vec<Finding>) {
    let text = std::fs::read_to_string(root.join(MAP)).unwrap_or_default();
    let rows = table(&text);
    if rows.is_empty() {
        let text = "there is no table `| Crate | Builds on | … |`";
        findings.push(Finding::new(MAP, 0, "layers", text));
        return;
    }
    match uses(root) {
        Ok(uses) => compare(&rows, &uses, findings),
        Err(error) => findings.push(Finding::new("Cargo.toml", 0, "layers", error)),
    }
}

/// What each crate of the workspace depends on within it, by the names of their folders.
fn uses(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let manifest = root.join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let short = |name: &str| name.strip_prefix("eclexia-").unwrap_or(name).to_string();
    let members: BTreeSet<String> = metadata.packages.iter().map(|p| short(&p.name)).collect();
    let mut uses = BTreeMap::new();
    for package in &metadata.packages {
        let normal = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
        let names = normal.map(|d| short(&d.name)).filter(|name| members.contains(name));
        uses.insert(short(&package.name), names.collect());
    }
    Ok(uses)
}

fn compare(
    rows: &BTreeMap<String, Row>,
    uses: &BTreeMap<String, BTreeSet<String>>,
    findings: &mut Vec<Finding>,
) {
    for (name, used) in uses {
        let Some((line, listed)) = rows.get(name) else {
            let text = format!("the crate `{name}` has no row in the table of layers");
            findings.push(Finding::new(MAP, 0, "layers", text));
            continue;
        };
        let allowed = closure(rows, listed);
        for other in used.difference(&allowed) {
            let text = format!("`{name}` depends on `{other}`, which it does not build on");
            findings.push(Finding::new(MAP, *line, "layers", text));
        }
        for other in listed.difference(used) {
            let text = format!("`{name}` does not depend on `{other}`: correct the table");
            findings.push(Finding::new(MAP, *line, "layers", text));
        }
        if allowed.contains(name) {
            let text = format!("`{name}` builds on itself");
            findings.push(Finding::new(MAP, *line, "layers", text));
        }
    }
    for (name, (line, _)) in rows.iter().filter(|(name, _)| !uses.contains_key(*name)) {
        let text = format!("there is no crate `{name}`");
        findings.push(Finding::new(MAP, *line, "layers", text));
    }
}

/// What is listed and everything below it.
fn closure(rows: &BTreeMap<String, Row>, listed: &BTreeSet<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&String> = listed.iter().collect();
    while let Some(name) = open.pop() {
        if seen.insert(name.clone())
            && let Some((_, below)) = rows.get(name)
        {
            open.extend(below);
        }
    }
    seen
}

/// The rows of the table under a header that begins with `| Crate | Builds on |`.
fn table(text: &str) -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::new();
    let mut is_inside = false;
    for (n, line) in text.lines().enumerate() {
        if line.starts_with("| Crate | Builds on |") {
            is_inside = true;
        } else if !line.starts_with('|') {
            is_inside = false;
        } else if is_inside && !line.starts_with("|--") {
            let mut cells = line.split('|').skip(1).map(names);
            if let (Some(crates), Some(below)) = (cells.next(), cells.next()) {
                let below: BTreeSet<String> = below.into_iter().collect();
                rows.extend(crates.into_iter().map(|name| (name, (n + 1, below.clone()))));
            }
        }
    }
    rows
}

/// The names in backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP_TEXT: &str = "# Map\n\n| Crate | Builds on | Never |\n|---|---|---|\n\
        | `base` | nothing | |\n| `diag` | `base` | |\n| `core` | `diag` | |\n\n\
        Text | `x` | `y` |\n";

    fn texts(uses: &[(&str, &[&str])]) -> Vec<String> {
        let set = |names: &[&str]| names.iter().map(|n| n.to_string()).collect();
        let uses = uses.iter().map(|(name, used)| (name.to_string(), set(used))).collect();
        let mut findings = Vec::new();
        compare(&table(MAP_TEXT), &uses, &mut findings);
        findings.into_iter().map(|f| format!("{}: {}", f.line, f.text)).collect()
    }

    #[test]
    fn what_lies_below_may_be_used_without_a_mention() {
        let uses: &[(&str, &[&str])] =
            &[("base", &[]), ("diag", &["base"]), ("core", &["base", "diag"])];
        assert_eq!(texts(uses), [""; 0]);
    }

    #[test]
    fn a_wrong_edge_a_stale_edge_and_a_missing_row_are_found() {
        let uses: &[(&str, &[&str])] =
            &[("base", &["core"]), ("diag", &[]), ("core", &["diag"]), ("new", &[])];
        let expected = [
            "5: `base` depends on `core`, which it does not build on",
            "6: `diag` does not depend on `base`: correct the table",
            "0: the crate `new` has no row in the table of layers",
        ];
        assert_eq!(texts(uses), expected);
        assert_eq!(texts(&[("base", &[])]).len(), 2);
    }
}
