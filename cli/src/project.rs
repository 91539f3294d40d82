//! The project that a file or a folder belongs to, and what it gives to the verbs: modules of
//! packages, entry points, strategies. Without an `eclexia.toml` at or above it, a file is a
//! program by itself, with the modules beside it.

use crate::commands::Stop;
use crate::diagnostics;
use crate::files::{self, read};
use eclexia_db::library::{Embedded, ModuleSource, Provider};
use eclexia_diag::Sources;
use eclexia_project::{Packages, Project, Store};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A project and its packages, verified.
pub struct Opened {
    pub project: Project,
    packages: Packages,
}

/// The project of a folder, its manifest read and nothing else.
pub fn manifest_at(folder: &Path, sources: &mut Sources) -> Result<Option<Project>, Stop> {
    let Some(root) = eclexia_project::find(folder) else { return Ok(None) };
    let (project, found) = eclexia_project::open(&root, sources);
    match project {
        Some(project) => Ok(Some(project)),
        None => Err(Stop::Placed(found, Box::new(std::mem::take(sources)))),
    }
}

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
pub fn of_file(path: &Path) -> Result<Option<Rc<Opened>>, Stop> {
    let mut sources = Sources::new();
    let Some(project) = manifest_at(&folder_of(path), &mut sources)? else { return Ok(None) };
    let (packages, found) = project.packages(&store(), &mut sources);
    if found.has_errors() {
        return Err(Stop::Placed(found, Box::new(sources)));
    }
    Ok(Some(Rc::new(Opened { project, packages })))
}

fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

pub fn store() -> Store {
    let folder = files::data_folder().unwrap_or_else(|| std::env::temp_dir().join("eclexia"));
    Store::new(folder)
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

/// Where the modules of a program come from: packages of its project, files beside it and in its
/// project, then the library of `ECLEXIA_STDLIB_PATH`, then the embedded one.
pub struct FileProvider {
    root: PathBuf,
    library: Option<PathBuf>,
    project: Option<Rc<Opened>>,
}

impl FileProvider {
    pub fn new(entry: &Path, project: Option<Rc<Opened>>) -> FileProvider {
        let root = entry.parent().map_or_else(PathBuf::new, Path::to_owned);
        let library = std::env::var_os("ECLEXIA_STDLIB_PATH").filter(|v| !v.is_empty());
        FileProvider { root, library: library.map(PathBuf::from), project }
    }

    /// For what is no file: the library and, in a project, its packages.
    pub fn here() -> Result<FileProvider, Stop> {
        Ok(FileProvider::new(Path::new(""), of_file(Path::new("-"))?))
    }

    fn local(&self, name: &str) -> Option<ModuleSource> {
        let here = files_of(name, name).into_iter().map(|path| self.root.join(path));
        let mut paths: Vec<PathBuf> = here.collect();
        if let Some(opened) = &self.project {
            let (head, rest) = name.split_once('.').unwrap_or((name, name));
            let rest = if head == opened.project.manifest.name.value { rest } else { name };
            let found = files_of(name, rest).into_iter().map(|path| opened.project.beside(&path));
            paths.extend(found);
        }
        paths.iter().find_map(|path| {
            let (name, bytes) = read(path).ok()?;
            Some(ModuleSource { name, bytes })
        })
    }
}

fn files_of(name: &str, rest: &str) -> Vec<String> {
    eclexia_project::paths(name, rest).collect()
}

fn is_library(name: &str) -> bool {
    name.starts_with("std.") || name.starts_with("cloud.")
}

impl Provider for FileProvider {
    fn module(&mut self, name: &str) -> Option<ModuleSource> {
        // A module name is made of name characters and dots: it cannot leave the folder.
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || "._-!?*+<>=".contains(c));
        if !is_plain || name.contains("..") || name.starts_with('.') {
            return None;
        }
        if is_library(name) {
            let library = self.library.as_ref().and_then(|folder| {
                let mut paths = files_of(name, name).into_iter().map(|path| folder.join(path));
                paths.find_map(|path| read(&path).ok())
            });
            let library = library.map(|(name, bytes)| ModuleSource { name, bytes });
            return library.or_else(|| Embedded.module(name));
        }
        let packaged = self.project.as_ref().and_then(|opened| opened.packages.module(name));
        match packaged {
            Some((name, bytes)) => Some(ModuleSource { name, bytes }),
            None => self.local(name),
        }
    }

    fn names(&self) -> Vec<String> {
        let packaged = self.project.as_ref().map_or(Vec::new(), |o| o.packages.modules());
        let beside = files::sources_in(&self.root).into_iter();
        let stems = beside.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
        packaged.into_iter().chain(stems).collect()
    }

    fn refuses(&self, importer: &str, module: &str) -> Option<(String, String)> {
        let opened = self.project.as_ref().filter(|_| !is_library(importer))?;
        opened.packages.refuses(&opened.project.manifest, importer, module)
    }
}
