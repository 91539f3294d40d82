//! The projects of the editor: which files belong together, and what their modules are called.
//!
//! A file belongs to the project whose `eclexia.toml` is above it, with all sources of that
//! project, open or not. Without one it is in the company of the other open files of its folder,
//! which may import each other; what lies there unopened is read when it is imported.

use eclexia_db::library::Embedded;
use eclexia_db::{Analysis, Workspace};
use eclexia_diag::{Diagnostics, Sources};
use eclexia_files::{FileProvider, Opened, is_source, read, sources_below};
use eclexia_plan::elaborate::Strategies;
use eclexia_project::{LOCK, MANIFEST, VENDOR};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How many folders of the workspace are looked into for projects; a home folder has more.
const MOST_FOLDERS: usize = 5_000;

/// What has happened to files.
pub enum Edit {
    /// Opened, or changed where it is open.
    Text(PathBuf, Arc<str>),
    /// No longer open: what is on disk counts again.
    Closed(PathBuf),
    /// Made, changed or deleted on disk.
    Disk(Vec<PathBuf>),
    /// A folder of the workspace.
    Folder(PathBuf),
    NoFolder(PathBuf),
}

/// Texts of open files, which the projects' providers read too.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<BTreeMap<PathBuf, Arc<str>>>>);

impl Open {
    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<PathBuf, Arc<str>>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, path: &Path) -> Option<Arc<str>> {
        self.with(|open| open.get(path).cloned())
    }

    /// As it is edited, else as it is on disk.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        match self.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => read(path),
        }
    }
}

/// All of them, by their folders.
#[derive(Default)]
pub struct Projects {
    open: Open,
    folders: BTreeSet<PathBuf>,
    roots: BTreeMap<PathBuf, Root>,
}

/// A project, or a folder without one.
pub struct Root {
    pub folder: PathBuf,
    workspace: Workspace,
    /// Modules by their files.
    modules: BTreeMap<PathBuf, String>,
    /// What each file imports, roughly: modules are called as they are imported.
    imports: BTreeMap<PathBuf, BTreeSet<String>>,
    open: Open,
    opened: Option<Arc<Opened>>,
    pub strategies: Arc<Strategies>,
    /// What is wrong with its manifest or lock.
    pub refused: Option<(Diagnostics, Sources)>,
    /// Counts what has changed.
    pub changes: u64,
}

impl Projects {
    pub fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Text(path, text) => {
                self.open.with(|open| open.insert(path.clone(), Arc::clone(&text)));
                let root = self.root(&path);
                root.set(&path, text);
            }
            Edit::Closed(path) => {
                self.open.with(|open| open.remove(&path));
                let root = self.root(&path);
                let is_of_project = root.opened.is_some() || root.refused.is_some();
                match is_of_project.then(|| read(&path).ok()).flatten() {
                    Some(bytes) => root.set(&path, text_of(&bytes)),
                    None => root.remove(&path),
                }
                self.forget_empty();
            }
            Edit::Disk(paths) => self.on_disk(&paths),
            Edit::Folder(folder) => {
                for project in projects_below(&folder) {
                    self.add(project);
                }
                self.folders.insert(folder);
            }
            Edit::NoFolder(folder) => {
                self.folders.remove(&folder);
                self.forget_empty();
            }
        }
    }

    pub fn roots(&mut self) -> impl Iterator<Item = &mut Root> {
        self.roots.values_mut()
    }

    /// Changes that the editor did not make.
    fn on_disk(&mut self, paths: &[PathBuf]) {
        let is_of_packages = |path: &PathBuf| path.ends_with(MANIFEST) || path.ends_with(LOCK);
        if paths.iter().any(is_of_packages) {
            return self.begin_again();
        }
        let mut changed = BTreeSet::new();
        for path in paths {
            if !is_source(path) || self.open.get(path).is_some() {
                continue;
            }
            let folder = root_of(path.parent().unwrap_or(Path::new("")));
            let Some(root) = self.roots.get_mut(&folder) else { continue };
            match read(path) {
                Ok(bytes) if root.opened.is_some() => root.set(path, text_of(&bytes)),
                _ => root.remove(path),
            }
            changed.insert(folder);
        }
        for folder in changed {
            if let Some(root) = self.roots.get_mut(&folder) {
                root.reread();
            }
        }
    }

    /// Files may now belong elsewhere.
    fn begin_again(&mut self) {
        let open: Vec<PathBuf> = self.open.with(|open| open.keys().cloned().collect());
        self.roots.clear();
        for folder in self.folders.clone() {
            self.apply(Edit::Folder(folder));
        }
        for path in open {
            if let Some(text) = self.open.get(&path) {
                self.root(&path).set(&path, text);
            }
        }
    }

    fn root(&mut self, path: &Path) -> &mut Root {
        let folder = root_of(path.parent().unwrap_or(Path::new("")));
        let open = &self.open;
        self.roots.entry(folder).or_insert_with_key(|folder| Root::new(folder, open))
    }

    fn add(&mut self, folder: PathBuf) {
        let open = &self.open;
        self.roots.entry(folder).or_insert_with_key(|folder| Root::new(folder, open));
    }

    /// Outside of the workspace only what is open is known.
    fn forget_empty(&mut self) {
        let open: Vec<PathBuf> = self.open.with(|open| open.keys().cloned().collect());
        let folders = &self.folders;
        self.roots.retain(|folder, root| {
            let is_of_workspace = root.opened.is_some()
                && folders.iter().any(|f| folder.starts_with(f) || f.starts_with(folder));
            is_of_workspace || open.iter().any(|path| root.modules.contains_key(path))
        });
    }
}

/// The folder whose files a folder's belong to.
fn root_of(folder: &Path) -> PathBuf {
    eclexia_project::find(folder).unwrap_or_else(|| folder.to_owned())
}

/// Whether a file below a project's folder is of a project further in.
fn is_of_another(folder: &Path, path: &Path) -> bool {
    let between = path.ancestors().skip(1).take_while(|above| *above != folder);
    between.into_iter().any(|above| above.join(MANIFEST).is_file())
}

/// Folders with a manifest: that above a folder, and those below it, the nearest first looked for.
fn projects_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found: BTreeSet<PathBuf> = eclexia_project::find(folder).into_iter().collect();
    let mut open = VecDeque::from([folder.to_owned()]);
    for _ in 0..MOST_FOLDERS {
        let Some(folder) = open.pop_front() else { break };
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let is_ours = |entry: &std::fs::DirEntry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            is_folder && !name.starts_with('.') && name != "target" && name != VENDOR
        };
        let mut below: Vec<PathBuf> = entries.filter(is_ours).map(|entry| entry.path()).collect();
        below.sort();
        open.extend(below);
        if folder.join(MANIFEST).is_file() {
            found.insert(folder);
        }
    }
    found
}

fn text_of(bytes: &[u8]) -> Arc<str> {
    String::from_utf8_lossy(bytes).into()
}

impl Root {
    fn new(folder: &Path, open: &Open) -> Root {
        let (opened, refused) = match eclexia_files::of_folder(folder) {
            Ok(opened) => (opened, None),
            Err(refused) => (None, Some(*refused)),
        };
        let is_project = opened.is_some() || refused.is_some();
        let strategies = eclexia_files::strategies(opened.as_deref()).unwrap_or_default();
        let mut root = Root {
            folder: folder.to_owned(),
            workspace: Workspace::new(Box::new(Embedded)),
            modules: BTreeMap::new(),
            imports: BTreeMap::new(),
            open: open.clone(),
            opened,
            strategies: Arc::new(strategies),
            refused,
            changes: 0,
        };
        let mut files = if is_project { sources_below(folder) } else { Vec::new() };
        files.retain(|path| !is_of_another(folder, path));
        let texts = files.into_iter().filter_map(|path| {
            let bytes = open.read(&path).ok()?;
            Some((path, text_of(&bytes)))
        });
        let texts: Vec<(PathBuf, Arc<str>)> = texts.collect();
        let imports = texts.iter().map(|(path, text)| (path.clone(), imports(text)));
        root.imports = imports.collect();
        root.modules = root.names();
        root.workspace = root.workspace();
        for (path, text) in texts {
            root.set(&path, text);
        }
        root
    }

    fn workspace(&self) -> Workspace {
        let open = self.open.clone();
        let read = move |path: &Path| open.read(path);
        let provider =
            FileProvider::reading(self.folder.clone(), self.opened.clone(), Box::new(read));
        Workspace::new(Box::new(provider))
    }

    /// What was read besides the root's own files is read again.
    fn reread(&mut self) {
        self.workspace = self.workspace();
        let files: Vec<PathBuf> = self.modules.keys().cloned().collect();
        for path in files {
            if let Ok(bytes) = self.open.read(&path) {
                self.set(&path, text_of(&bytes));
            }
        }
        self.changes += 1;
    }

    fn set(&mut self, path: &Path, text: Arc<str>) {
        self.changes += 1;
        let imports = imports(&text);
        let is_new = !self.modules.contains_key(path);
        if is_new || self.imports.get(path) != Some(&imports) {
            self.imports.insert(path.to_owned(), imports);
            self.rename(path);
        }
        if let Some(module) = self.modules.get(path) {
            self.workspace.set(module, &path.display().to_string(), text);
        }
    }

    /// Calls files as they are imported by now; what `but` holds is to be set.
    fn rename(&mut self, but: &Path) {
        let names = self.names();
        let is_other = |(path, name): &(&PathBuf, &String)| self.modules.get(*path) != Some(*name);
        let others = names.iter().filter(is_other).map(|(path, name)| (path.clone(), name.clone()));
        let others: Vec<(PathBuf, String)> = others.collect();
        for (path, _) in &others {
            if let Some(old) = self.modules.remove(path) {
                self.workspace.remove(&old);
            }
        }
        for (path, name) in others {
            if path != but
                && let Ok(bytes) = self.open.read(&path)
            {
                self.workspace.set(&name, &path.display().to_string(), text_of(&bytes));
            }
            self.modules.insert(path, name);
        }
    }

    fn remove(&mut self, path: &Path) {
        self.changes += 1;
        self.imports.remove(path);
        if let Some(module) = self.modules.remove(path) {
            self.workspace.remove(&module);
        }
    }

    pub fn analysis(&mut self) -> Arc<Analysis> {
        self.workspace.analysis()
    }

    /// A module is called as it is imported: by its path, with the package's name before it or
    /// not, or from beside it by its last part.
    fn names(&self) -> BTreeMap<PathBuf, String> {
        let imported: BTreeSet<&String> = self.imports.values().flatten().collect();
        let package = self.opened.as_ref().map(|o| o.project.manifest.name.value.clone());
        let (mut names, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for path in self.imports.keys() {
            let own = module_of(&self.folder, path);
            let long = package.as_ref().map(|package| format!("{package}.{own}"));
            let short = own.rsplit('.').next().map(str::to_owned);
            let mut all = [Some(own.clone()), long, short].into_iter().flatten();
            let chosen = all.find(|name| imported.contains(name) && !taken.contains(name));
            let chosen = chosen.unwrap_or(own);
            taken.insert(chosen.clone());
            names.insert(path.clone(), chosen);
        }
        names
    }
}

/// By its path in a folder: `jobs/night.ecl` is `jobs.night`.
pub fn module_of(folder: &Path, path: &Path) -> String {
    let within = path.strip_prefix(folder).unwrap_or(path).with_extension("");
    let parts = within.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join(".")
}

/// The modules that a text imports, roughly: what stands behind `(import`.
fn imports(text: &str) -> BTreeSet<String> {
    let found = text.split("(import").skip(1).filter_map(|rest| {
        let name = rest.trim_start();
        let end = name.find(|c: char| c.is_whitespace() || "()[]{}\";".contains(c));
        Some(&name[..end.unwrap_or(name.len())]).filter(|name| !name.is_empty())
    });
    found.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
    }

    fn codes(projects: &mut Projects) -> Vec<&'static str> {
        let found = projects.roots().flat_map(|root| {
            let analysis = root.analysis();
            analysis.found.iter().map(|found| found.code).collect::<Vec<_>>()
        });
        found.collect()
    }

    const PROJECT: &[(&str, &str)] = &[
        ("eclexia.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n"),
        ("main.ecl", "(import shop.web)\n(import jobs.night)\n(def a (+ web/x night/y))\n"),
        ("web.ecl", "(def x 1)\n"),
        ("jobs/night.ecl", "(import helper)\n(def y helper/z)\n"),
        ("jobs/helper.ecl", "(def z 2)\n"),
    ];

    #[test]
    fn the_files_of_a_project_are_each_one_module_however_they_are_imported() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), PROJECT);
        let mut projects = Projects::default();
        projects.apply(Edit::Folder(folder.path().to_owned()));
        assert_eq!(codes(&mut projects), [""; 0]);
        let root = projects.roots().next().expect("the project");
        assert_eq!(
            root.modules.values().map(String::as_str).collect::<Vec<_>>(),
            ["helper", "jobs.night", "main", "shop.web"]
        );
        // An edit is seen by who imports it, and its end too.
        let web = folder.path().join("web.ecl");
        projects.apply(Edit::Text(web.clone(), "(def w 1)".into()));
        assert_eq!(codes(&mut projects).len(), 1);
        projects.apply(Edit::Closed(web));
        assert_eq!(codes(&mut projects), [""; 0]);
    }

    #[test]
    fn changes_on_disk_are_seen_where_no_editor_has_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), PROJECT);
        let mut projects = Projects::default();
        projects.apply(Edit::Folder(folder.path().to_owned()));
        let web = folder.path().join("web.ecl");
        std::fs::write(&web, "(def w 1)").expect("written");
        projects.apply(Edit::Disk(vec![web.clone()]));
        assert_eq!(codes(&mut projects).len(), 1);
        std::fs::remove_file(&web).expect("removed");
        projects.apply(Edit::Disk(vec![web.clone()]));
        assert_eq!(codes(&mut projects).len(), 1);
        projects.apply(Edit::Text(web, "(def x 1)".into()));
        assert_eq!(codes(&mut projects), [""; 0]);
        // A manifest that is wrong leaves the files where they are, and says so.
        std::fs::write(folder.path().join("eclexia.toml"), "[").expect("written");
        projects.apply(Edit::Disk(vec![folder.path().join("eclexia.toml")]));
        assert!(projects.roots().any(|root| root.refused.is_some()));
    }

    #[test]
    fn a_file_is_called_as_it_is_imported_by_now() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), PROJECT);
        write(folder.path(), &[("main.ecl", "(def a 1)\n")]);
        let mut projects = Projects::default();
        projects.apply(Edit::Folder(folder.path().to_owned()));
        let (main, web) = (folder.path().join("main.ecl"), folder.path().join("web.ecl"));
        projects.apply(Edit::Text(main.clone(), "(import shop.web)\n(def a web/x)\n".into()));
        assert_eq!(codes(&mut projects), [""; 0]);
        // What is edited is what is imported, under whatever name.
        projects.apply(Edit::Text(web.clone(), "(def w 1)".into()));
        assert_eq!(codes(&mut projects).len(), 1);
        projects.apply(Edit::Text(main, "(import web)\n(def a web/w)\n".into()));
        assert_eq!(codes(&mut projects), [""; 0]);
        projects.apply(Edit::Text(web, "(def x 1)".into()));
        assert_eq!(codes(&mut projects).len(), 1);
    }

    #[test]
    fn a_project_in_another_has_its_files_to_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), PROJECT);
        let inner = [("inner/eclexia.toml", "[package]\nname = \"inner\"\nversion = \"0.1.0\"\n")];
        write(folder.path(), &inner);
        write(folder.path(), &[("inner/main.ecl", "(def a b)\n")]);
        let mut projects = Projects::default();
        projects.apply(Edit::Folder(folder.path().to_owned()));
        assert_eq!(codes(&mut projects), ["unknown-name"]);
        let main = folder.path().join("inner/main.ecl");
        projects.apply(Edit::Text(main, "(def a 1)\n".into()));
        assert_eq!(codes(&mut projects), [""; 0]);
    }

    #[test]
    fn files_without_a_project_stand_with_those_beside_them() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &[("b.ecl", "(def x 1)\n")]);
        let mut projects = Projects::default();
        let (a, b) = (folder.path().join("a.ecl"), folder.path().join("b.ecl"));
        projects.apply(Edit::Text(a.clone(), "(import b)\n(def y b/x)\n".into()));
        assert_eq!(codes(&mut projects), [""; 0]);
        projects.apply(Edit::Text(b.clone(), "(def z 1)\n".into()));
        assert_eq!(codes(&mut projects).len(), 1);
        projects.apply(Edit::Closed(b));
        assert_eq!(codes(&mut projects), [""; 0]);
        projects.apply(Edit::Closed(a));
        assert_eq!(projects.roots().count(), 0);
    }
}
