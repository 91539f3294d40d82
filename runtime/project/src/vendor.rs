//! `vendor/`: the locked contents of every package, inside the project, so that it builds where
//! nothing can be fetched. Each package's folder is replaced whole.

use crate::{Content, Project, VENDOR};
use std::collections::BTreeMap;

/// Writes the contents of the locked packages, and takes away what is no package any more. Returns
/// the names of the packages.
pub fn vendor(
    project: &Project,
    contents: &BTreeMap<String, Content>,
) -> std::io::Result<Vec<String>> {
    let folder = project.beside(VENDOR);
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(&folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Only what looks like one of ours: a folder with a manifest.
        let is_ours = entry.path().join(crate::MANIFEST).is_file();
        if is_ours && !contents.contains_key(&name) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    for (name, content) in contents {
        let place = folder.join(name);
        let is_there = Content::read(&place).is_ok_and(|there| there == *content);
        if !is_there {
            content.write(&place)?;
        }
    }
    Ok(contents.keys().cloned().collect())
}
