//! Where the modules of a program come from: packages of its project, files beside it and in its
//! project, then the library of `ECLEXIA_STDLIB_PATH`, then the embedded one.

use crate::project::Opened;
use crate::sources::{read, sources_in};
use eclexia_db::library::{Embedded, ModuleSource, Provider, is_library};
use eclexia_settings::Environment;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a file is read: from disk, or from where it is edited.
pub type Read = Box<dyn Fn(&Path) -> std::io::Result<Vec<u8>> + Send>;

pub struct FileProvider {
    root: PathBuf,
    library: Option<PathBuf>,
    project: Option<Arc<Opened>>,
    read: Read,
}

impl FileProvider {
    /// For the program in a file.
    pub fn new(entry: &Path, project: Option<Arc<Opened>>) -> FileProvider {
        let root = entry.parent().map_or_else(PathBuf::new, Path::to_owned);
        FileProvider::reading(root, project, Box::new(read))
    }

    /// For the programs in a folder, whose files are read by `read`.
    pub fn reading(root: PathBuf, project: Option<Arc<Opened>>, read: Read) -> FileProvider {
        let library = Environment::of_process().library_folder();
        FileProvider { root, library, project, read }
    }

    fn first(&self, mut paths: impl Iterator<Item = PathBuf>) -> Option<ModuleSource> {
        paths.find_map(|path| {
            let bytes = (self.read)(&path).ok()?;
            Some(ModuleSource { name: path.display().to_string(), bytes })
        })
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
        self.first(paths.into_iter())
    }
}

fn files_of(name: &str, rest: &str) -> Vec<String> {
    eclexia_project::paths(name, rest).collect()
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
                self.first(files_of(name, name).into_iter().map(|path| folder.join(path)))
            });
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
        let beside = sources_in(&self.root).into_iter();
        let stems = beside.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
        packaged.into_iter().chain(stems).collect()
    }

    fn refuses(&self, importer: &str, module: &str) -> Option<(String, String)> {
        let opened = self.project.as_ref().filter(|_| !is_library(importer))?;
        opened.packages.refuses(&opened.project.manifest, importer, module)
    }
}
