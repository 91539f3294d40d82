//! What is known at one moment: immutable, shared by all requests that came before the next edit.

use crate::client::Client;
use crate::diagnostics::{Found, found};
use crate::documents::Documents;
use crate::position::Lines;
use crate::projects::{Projects, Root};
use eclexia_base::FileId;
use eclexia_db::Analysis;
use eclexia_plan::elaborate::Strategies;
use gen_lsp_types::Uri;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// One project, or a folder without one.
pub struct Project {
    pub folder: PathBuf,
    pub analysis: Arc<Analysis>,
    pub strategies: Arc<Strategies>,
    /// By their paths, the files that were read; the library's by those where it would lie.
    files: BTreeMap<PathBuf, FileId>,
    /// What checking found, by the files it is in.
    pub found: Found,
    /// Of the files that were asked about.
    lines: Mutex<BTreeMap<FileId, Arc<Lines>>>,
}

#[derive(Clone, Default)]
pub struct Snapshot {
    /// Edits that it knows of.
    pub revision: u64,
    pub projects: Vec<Arc<Project>>,
}

impl Snapshot {
    /// A file, best in the project that it is of; of several that hold one another, the innermost.
    pub fn find(&self, path: &Path) -> Option<(&Arc<Project>, FileId)> {
        let of = |project: &Arc<Project>| project.files.get(path).copied();
        let holding = self.projects.iter().filter_map(|p| Some((p, of(p)?)));
        holding.rev().max_by_key(|(project, file)| {
            let is_own = project.analysis.modules.contains_key(file);
            (is_own, is_own.then(|| project.folder.components().count()))
        })
    }
}

impl Project {
    fn new(root: &mut Root, client: &Client) -> Project {
        let analysis = root.analysis();
        let files = analysis.sources.iter().map(|(id, source)| (path_of(&source.name), id));
        let mut files: BTreeMap<PathBuf, FileId> = files.collect();
        // A file of the project that was also read as another module is what is edited.
        let own = analysis.modules.keys().map(|id| (path_of(analysis.sources.name(*id)), *id));
        files.extend(own);
        let mut found = found(&analysis.found, &analysis.sources, client);
        if let Some((refused, sources)) = &root.refused {
            found.extend(crate::diagnostics::found(refused, sources, client));
        }
        Project {
            folder: root.folder.clone(),
            strategies: Arc::clone(&root.strategies),
            files,
            found,
            analysis,
            lines: Mutex::default(),
        }
    }

    /// Where the lines of a file begin.
    pub fn lines(&self, file: FileId) -> Arc<Lines> {
        let mut known = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let text = self.analysis.sources.text(file);
        Arc::clone(known.entry(file).or_insert_with(|| Arc::new(Lines::new(text))))
    }

    /// The address of a file; of the library one that is written down when it is asked for. `None`:
    /// it is on no disk.
    pub fn uri(&self, file: FileId, documents: &Documents) -> Option<Uri> {
        let name = self.analysis.sources.name(file);
        let path = path_of(name);
        if name.starts_with(LIBRARY) && !path.is_file() {
            let folder = path.parent()?;
            std::fs::create_dir_all(folder).ok()?;
            std::fs::write(&path, self.analysis.sources.text(file)).ok()?;
        }
        Some(documents.uri(&path))
    }
}

/// How the embedded library's files are called.
const LIBRARY: &str = "<stdlib>/";

/// The path of a source; the library's files are by version, so that a file once written stays.
pub fn path_of(name: &str) -> PathBuf {
    let (Some(path), Some(folder)) = (name.strip_prefix(LIBRARY), library_folder()) else {
        return PathBuf::from(name);
    };
    folder.join(path)
}

/// Where the embedded library is written down for editors.
pub fn library_folder() -> Option<&'static Path> {
    static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        Some(eclexia_files::data_folder()?.join("library").join(env!("CARGO_PKG_VERSION")))
    });
    FOLDER.as_deref()
}

/// The snapshots of some projects; a project that has not changed is not looked at again.
#[derive(Default)]
pub struct Snapshots {
    known: BTreeMap<PathBuf, (u64, Arc<Project>)>,
}

impl Snapshots {
    /// Tells `checking` of each project that is looked at: how many are done, of how many.
    pub fn take(
        &mut self,
        projects: &mut Projects,
        revision: u64,
        client: &Client,
        checking: &dyn Fn(&Path, usize, usize),
    ) -> Snapshot {
        let mut known = BTreeMap::new();
        let all = projects.roots().count();
        for (done, root) in projects.roots().enumerate() {
            checking(&root.folder, done, all);
            let project = match self.known.remove(&root.folder) {
                Some((changes, project)) if changes == root.changes => project,
                _ => Arc::new(Project::new(root, client)),
            };
            known.insert(root.folder.clone(), (root.changes, project));
        }
        self.known = known;
        let projects = self.known.values().map(|(_, project)| Arc::clone(project)).collect();
        Snapshot { revision, projects }
    }
}
