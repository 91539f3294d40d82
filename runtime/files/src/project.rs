//! The project of a folder, with its packages.

use crate::sources::data_folder;
use eclexia_diag::{Diagnostics, Sources};
use eclexia_project::{Packages, Project, Store};
use std::path::Path;
use std::sync::Arc;

/// A project and its packages, verified.
pub struct Opened {
    pub project: Project,
    pub packages: Packages,
}

/// Why a project cannot be used, and the manifests and locks that this is about.
pub type Refused = Box<(Diagnostics, Sources)>;

/// The project of a folder, its manifest read and nothing else.
pub fn manifest_at(folder: &Path, sources: &mut Sources) -> Result<Option<Project>, Refused> {
    let Some(root) = eclexia_project::find(folder) else { return Ok(None) };
    let (project, found) = eclexia_project::open(&root, sources);
    match project {
        Some(project) => Ok(Some(project)),
        None => Err(Box::new((found, std::mem::take(sources)))),
    }
}

/// The project at or above a folder, with its packages; `None` where there is no manifest.
pub fn of_folder(folder: &Path) -> Result<Option<Arc<Opened>>, Refused> {
    let mut sources = Sources::new();
    let Some(project) = manifest_at(folder, &mut sources)? else { return Ok(None) };
    let (packages, found) = project.packages(&store(), &mut sources);
    if found.has_errors() {
        return Err(Box::new((found, sources)));
    }
    Ok(Some(Arc::new(Opened { project, packages })))
}

/// Where fetched packages are.
pub fn store() -> Store {
    let folder = data_folder().unwrap_or_else(|| std::env::temp_dir().join("eclexia"));
    Store::new(folder)
}
