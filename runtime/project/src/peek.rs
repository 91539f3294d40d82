//! What a package calls itself, before it is a dependency.

use crate::manifest::{self, Given};
use crate::{MANIFEST, Pick, Store};
use eclexia_base::FileId;
use std::path::Path;

/// The name in the manifest of a source; an error is a sentence.
pub fn name_of(given: &Given, root: &Path, store: &Store) -> Result<String, String> {
    let text = match given {
        Given::Path(path) => {
            let path = root.join(path).join(MANIFEST);
            manifest::read_file(&path)
                .map_err(|why| format!("no manifest can be read there: {why}"))
        }
        Given::Git { url, pick, folder } => of_repository(url, pick, folder, root, store),
    }?;
    let (manifest, found) = manifest::parse(FileId(0), &text);
    match (manifest, found.iter().next()) {
        (Some(manifest), _) => Ok(manifest.name.value),
        (None, Some(found)) => Err(format!("its manifest is wrong: {}", found.message)),
        (None, None) => Err("its manifest is wrong".to_owned()),
    }
}

fn of_repository(
    url: &str,
    pick: &Pick,
    folder: &str,
    root: &Path,
    store: &Store,
) -> Result<String, String> {
    if !crate::git::is_allowed(url) {
        return Err("this address may not be asked".to_owned());
    }
    let url = crate::lock::address(url, root);
    let failed = |why: crate::git::GitError| format!("it could not be fetched: {why}");
    let repository = store.fetch(&url, pick).map_err(failed)?;
    let mut tags = match pick {
        Pick::Version => repository.tags().map_err(failed)?,
        _ => Vec::new(),
    };
    tags.retain(|(tag, _)| crate::resolve::version_of(tag).is_some());
    tags.sort_by_key(|(tag, _)| crate::resolve::version_of(tag));
    let commit = match tags.pop() {
        Some((_, commit)) => commit,
        None => repository.commit(pick).map_err(failed)?,
    };
    let path = if folder.is_empty() { MANIFEST.to_owned() } else { format!("{folder}/{MANIFEST}") };
    let bytes = repository.file(&commit, &path).ok_or_else(|| format!("it has no {path}"))?;
    manifest::text_of(bytes)
}
