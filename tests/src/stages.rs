//! What each stage makes of a program, `stages/*.md`: SOURCE by hand, the rest by the machine, each
//! section as the command shows it. A page with SOURCE alone is given all sections that apply.

use crate::bless::{Failures, updates};
use crate::readers::sections::{self, Section, Snapshot};
use crate::{readers, tools};
use std::path::Path;

/// A section, the word after its fence, and the command that fills it; FILES has one per target.
const SECTIONS: &[(&str, &str, &[&[&str]])] = &[
    ("TOKENS", "text", &[&["compile", "--emit", "tokens", "program.ecl"]]),
    ("TREE", "ecl", &[&["compile", "--emit", "tree", "program.ecl"]]),
    ("CORE", "ecl", &[&["compile", "--emit", "core", "program.ecl"]]),
    ("TYPED", "ecl", &[&["compile", "--emit", "typed", "program.ecl"]]),
    ("MODEL", "json", &[&["compile", "--emit", "model", "program.ecl"]]),
    ("PLAN", "json", &[&["compile", "--emit", "plan", "program.ecl"]]),
    (
        "FILES",
        "yaml",
        &[
            &["render", "--target", "compose", "-o", "compose", "program.ecl"],
            &["render", "--target", "kubernetes", "-o", "kubernetes", "program.ecl"],
        ],
    ),
    ("PROBLEMS", "text", &[&["check", "program.ecl"]]),
];

/// What only a program with a deployment has.
const DEPLOYS: [&str; 3] = ["MODEL", "PLAN", "FILES"];

#[test]
fn every_stage_makes_what_its_page_shows() {
    let mut failures = Failures::default();
    for (path, page) in readers::texts("tests/stages", ".md") {
        let snapshot = match sections::read(&page) {
            Ok(snapshot) => snapshot,
            Err(why) => {
                failures.push(&path, 1, why);
                continue;
            }
        };
        if snapshot.sections.len() == 1 && !updates() {
            failures.push(&path, 1, "only SOURCE: UPDATE_EXPECT=1 fills the page");
            continue;
        }
        match fill(&snapshot) {
            Ok(filled) => failures.expect_file(&path, &page, &sections::print(&filled)),
            Err(why) => failures.push(&path, 1, why),
        }
    }
    failures.finish();
}

fn fill(snapshot: &Snapshot) -> Result<Snapshot, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let source = &snapshot.sections[0];
    std::fs::write(folder.path().join("program.ecl"), &source.text).map_err(|e| e.to_string())?;
    let is_new = snapshot.sections.len() == 1;
    let deploys = source.text.contains("(defdeployment ");
    let mut filled = snapshot.clone();
    filled.sections.truncate(1);
    for (name, language, commands) in SECTIONS {
        let is_shown = snapshot.sections.iter().any(|section| section.name == *name);
        if is_shown || is_new && (deploys || !DEPLOYS.contains(name)) {
            let text = output(folder.path(), name, commands)?;
            let (name, language) = ((*name).to_string(), (*language).to_string());
            filled.sections.push(Section { name, language, text });
        }
    }
    Ok(filled)
}

/// What the section's commands print; for FILES, what they write.
fn output(folder: &Path, name: &str, commands: &[&[&str]]) -> Result<String, String> {
    let mut text = String::new();
    for arguments in commands {
        let ran = tools::run(&mut tools::command(folder, arguments));
        if ran.err.contains("panicked") || ran.code.is_none() {
            return Err(format!("{name}: {}", ran.told()));
        }
        text.push_str(if name == "PROBLEMS" { &ran.err } else { &ran.out });
    }
    if name != "FILES" {
        return Ok(text);
    }
    let mut text = String::new();
    for target in ["compose", "kubernetes"] {
        for (path, bytes) in written(&folder.join(target)) {
            text.push_str(&format!("# {target}/{path}\n{}", String::from_utf8_lossy(&bytes)));
        }
    }
    Ok(text)
}

/// The files of a folder by their paths in it.
pub fn written(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name =
                    path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
                files.insert(name, std::fs::read(&path).expect("a written file can be read"));
            }
        }
    }
    files
}
