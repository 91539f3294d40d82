//! The project that a file or a folder belongs to, and what it gives to the verbs: modules of
//! packages, entry points, strategies. Without an `eclexia.toml` at or above it, a file is a
//! program by itself, with the modules beside it.

use crate::commands::Stop;
use crate::diagnostics;
use crate::files;
use eclexia_diag::Sources;
use eclexia_files::manifest_at;
use eclexia_project::Project;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use eclexia_files::{FileProvider, Opened, store};

/// The project here; there must be one.
pub fn here(sources: &mut Sources) -> Result<Project, Stop> {
    match manifest_at(Path::new("."), sources)? {
        Some(project) => Ok(project),
        None => {
            let place = std::env::current_dir().unwrap_or_default();
            Err(eclexia_project::diagnostics::no_project(&place.display().to_string()).into())
        }
    }
}

/// The project that a source file is of, with its packages. Standard input is of this folder.
pub fn of_file(path: &Path) -> Result<Option<Arc<Opened>>, Stop> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    Ok(eclexia_files::of_folder(folder.unwrap_or(Path::new(".")))?)
}

/// The file that is meant: the one named; an entry point by its name; without a name the `main` of
/// the project, else `main.ecl` or the only source file here.
pub fn program(named: Option<&Path>) -> Result<PathBuf, Stop> {
    let Some(path) = named else { return program_here() };
    if is_root(path)
        && let Some(entry) = manifest_at(path, &mut Sources::new())?.and_then(|p| p.entry("main"))
    {
        return Ok(entry);
    }
    let word =
        path.to_str().filter(|text| !text.contains(['.', '/']) && *text != "-" && !path.exists());
    if let Some(word) = word
        && let Some(project) = manifest_at(Path::new("."), &mut Sources::new())?
        && let Some(entry) = project.entry(word)
    {
        return Ok(entry);
    }
    Ok(path.to_owned())
}

fn program_here() -> Result<PathBuf, Stop> {
    let project = manifest_at(Path::new("."), &mut Sources::new())?;
    if let Some(entry) = project.and_then(|project| project.entry("main")) {
        return Ok(entry);
    }
    let main = PathBuf::from("main.ecl");
    if main.is_file() {
        return Ok(main);
    }
    match &files::sources_in(Path::new("."))[..] {
        [only] => Ok(only.clone()),
        _ => Err(diagnostics::no_program_here().into()),
    }
}

/// The paths that are named, else this folder.
pub fn given<P: AsRef<Path>>(named: &[P]) -> Vec<&Path> {
    match named {
        [] => vec![Path::new(".")],
        named => named.iter().map(AsRef::as_ref).collect(),
    }
}

/// Whether a path is the folder of a project.
pub fn is_root(path: &Path) -> bool {
    path.join(eclexia_project::MANIFEST).is_file()
}

/// The files that are meant by a folder: all sources of its project, the entry points first;
/// without a project the program here.
pub fn programs(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let Some(project) = manifest_at(folder, &mut Sources::new())? else {
        return Ok(vec![program_here()?]);
    };
    let mut paths: Vec<PathBuf> =
        project.manifest.entries.values().map(|path| project.beside(&path.value)).collect();
    // A package of modules has no `main`; what is written must be there.
    let default = project.beside("main.ecl");
    paths.retain(|path| *path != default || path.is_file());
    let main = project.entry("main");
    paths.sort_by_key(|path| Some(path) != main.as_ref());
    for path in files::sources_below(&project.root) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(diagnostics::no_program_here().into());
    }
    Ok(paths)
}

/// What provides modules to what is no file: the library and, in a project, its packages.
pub fn provider_here() -> Result<FileProvider, Stop> {
    Ok(FileProvider::new(Path::new(""), of_file(Path::new("-"))?))
}
