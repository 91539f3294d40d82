//! The packages of a locked project, with their contents, verified against the lock: what checking,
//! running and planning start from. Nothing is fetched and nothing is chosen here.
//!
//! A package is looked for in `vendor/`, then in its folder or among what was fetched. Its contents
//! must have their hash; then the manifests, from the project's on, must ask for what is locked.

use crate::content::Content;
use crate::diagnostics::{self as report, Altered};
use crate::lock::{Lock, Locked};
use crate::manifest::{self, Manifest, Placed};
use crate::resolve::Base;
use crate::source::{Source, full};
use crate::{MANIFEST, Project, Store, VENDOR, ranges};
use eclexia_diag::{Diagnostics, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A package whose contents are those that were locked.
#[derive(Clone, Debug)]
pub struct Package {
    pub content: Content,
    pub manifest: Manifest,
    /// As messages show the folder.
    pub shown: String,
}

#[derive(Clone, Debug, Default)]
pub struct Packages {
    pub by_name: BTreeMap<String, Package>,
}

pub(crate) fn load(
    project: &Project,
    store: &Store,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Packages {
    let lock = match project.lock(sources) {
        Ok(lock) => lock,
        Err(why) => {
            found.push(*why);
            return Packages::default();
        }
    };
    let first = project.manifest.dependencies.values().next();
    let lock = match (lock, first) {
        (None, None) => return Packages::default(),
        (None, Some(first)) => {
            found.push(report::missing_lock(first.name.span));
            return Packages::default();
        }
        (Some(lock), _) => lock,
    };
    let mut ctx = LoadCtx {
        project,
        store,
        lock: &lock,
        sources,
        found,
        packages: BTreeMap::new(),
        is_whole: true,
    };
    ctx.walk();
    Packages { by_name: ctx.packages }
}

struct LoadCtx<'c> {
    project: &'c Project,
    store: &'c Store,
    lock: &'c Lock,
    sources: &'c mut Sources,
    found: &'c mut Diagnostics,
    packages: BTreeMap<String, Package>,
    /// Whether every manifest of the way could be read.
    is_whole: bool,
}

impl LoadCtx<'_> {
    /// From the project's manifest on, each package once.
    fn walk(&mut self) {
        let root_folder = full(&self.project.root);
        let root = Base::Folder(root_folder.clone());
        let mut open = vec![(self.project.manifest.clone(), root)];
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some((manifest, base)) = open.pop() {
            for dependency in manifest.dependencies.values() {
                let name = &dependency.name.value;
                let Some(locked) = self.lock.packages.get(name) else {
                    let why = format!("`{name}` is not in it");
                    self.found.push(report::stale_lock(dependency.name.span, why));
                    continue;
                };
                if let Some(why) = disagreement(&base, dependency, locked, &root_folder) {
                    self.found.push(report::stale_lock(dependency.name.span, why));
                    continue;
                }
                if !seen.insert(name.clone()) {
                    continue;
                }
                match self.package(&dependency.name, locked) {
                    Some(package) => {
                        open.push((package.manifest.clone(), base_of(locked)));
                        self.packages.insert(name.clone(), package);
                    }
                    None => self.is_whole = false,
                }
            }
        }
        if self.is_whole && !self.found.has_errors() {
            let idle = self.lock.packages.iter().find(|(name, _)| !seen.contains(*name));
            if let Some((name, locked)) = idle {
                let why = format!("it holds `{name}`, which nothing needs");
                let span = locked.span.unwrap_or(self.project.manifest.name.span);
                self.found.push(report::stale_lock(span, why));
            }
        }
    }

    fn package(&mut self, name: &Placed<String>, locked: &Locked) -> Option<Package> {
        let place = self.place(locked);
        let content = match Content::read(&place.folder) {
            Ok(content) => content,
            Err(crate::content::Refused::NoFolder) => {
                self.found.push(match &locked.source {
                    Source::Path(folder) => {
                        let why = "there is no such folder";
                        let folder = crate::source::relative(&full(&self.project.root), folder);
                        report::missing_package(name.span, &name.value, &folder, &why)
                    }
                    Source::Git { .. } => report::not_fetched(name.span, &name.value),
                });
                return None;
            }
            Err(why) => {
                self.found.push(report::bad_package(name.span, &name.value, &why));
                return None;
            }
        };
        let hash = content.hash();
        if hash != locked.hash {
            let altered = Altered {
                name: &name.value,
                folder: &place.shown,
                locked: &locked.hash,
                found: &hash,
                help: place.help,
            };
            self.found.push(report::package_altered(name.span, &altered));
            return None;
        }
        let manifest = self.manifest(name, &content, &place)?;
        if manifest.version.value != locked.version || manifest.name.value != name.value {
            let why = format!("`{}` is not {} any more", name.value, locked.version);
            self.found.push(report::stale_lock(name.span, why));
            return None;
        }
        Some(Package { content, manifest, shown: place.shown })
    }

    fn manifest(
        &mut self,
        name: &Placed<String>,
        content: &Content,
        place: &PlaceOf,
    ) -> Option<Manifest> {
        let bytes = content.file(MANIFEST).unwrap_or_default().to_vec();
        let text = match manifest::text_of(bytes) {
            Ok(text) => text,
            Err(why) => {
                self.found.push(report::bad_package(name.span, &name.value, &why));
                return None;
            }
        };
        let file = self.sources.add(format!("{}/{MANIFEST}", place.shown), text.as_str());
        let (manifest, found) = manifest::parse(file, &text);
        self.found.extend(found);
        manifest
    }

    /// Where the contents of a locked package are.
    fn place(&self, locked: &Locked) -> PlaceOf {
        let name = self.lock.packages.iter().find(|(_, l)| std::ptr::eq(*l, locked));
        let name = name.map_or("", |(name, _)| name.as_str());
        let vendored = self.project.beside(VENDOR).join(name);
        if vendored.symlink_metadata().is_ok() {
            return PlaceOf {
                shown: vendored.display().to_string(),
                folder: vendored,
                help: "run `eclexia vendor`, which copies the locked contents anew",
            };
        }
        match &locked.source {
            Source::Path(folder) => {
                let way = crate::source::relative(&full(&self.project.root), folder);
                let shown = self.project.beside(&way);
                let shown = crate::source::normal(&shown).display().to_string();
                let help = "look at the change; to accept it, run `eclexia lock`";
                PlaceOf { folder: folder.clone(), shown, help }
            }
            Source::Git { .. } => PlaceOf {
                folder: self.store.package(&locked.hash),
                shown: format!("{name}@{}", locked.version),
                help: "run `eclexia lock`, which fetches the locked contents anew",
            },
        }
    }
}

struct PlaceOf {
    folder: PathBuf,
    shown: String,
    help: &'static str,
}

/// What a dependency asks for that the locked package is not.
fn disagreement(
    base: &Base,
    dependency: &crate::Dependency,
    locked: &Locked,
    root: &Path,
) -> Option<String> {
    let name = &dependency.name.value;
    match base.source(&dependency.given) {
        Ok(source) if source == locked.source => {}
        _ => return Some(format!("`{name}` is locked from {}", locked.source.shown(root))),
    }
    let fits = ranges::of(&dependency.requires).contains(&locked.version);
    let (is, should) = (&locked.version, &dependency.requires);
    (!fits).then(|| format!("`{name}` is locked as {is}, and asked for as {should}"))
}

fn base_of(locked: &Locked) -> Base {
    match &locked.source {
        Source::Path(folder) => Base::Folder(folder.clone()),
        Source::Git { url, folder, .. } => Base::Git {
            url: url.clone(),
            commit: locked.commit.clone().unwrap_or_default(),
            folder: folder.clone(),
        },
    }
}

impl Packages {
    /// The source of a module of a package: `web.router` is `router.ecl` of `web` (or
    /// `web/router.ecl`), and `web` itself is `web.ecl`.
    pub fn module(&self, name: &str) -> Option<(String, Vec<u8>)> {
        let (package, rest) = name.split_once('.').unwrap_or((name, name));
        let package = self.by_name.get(package)?;
        paths(name, rest).find_map(|path| {
            let bytes = package.content.file(&path)?;
            Some((Path::new(&package.shown).join(&path).display().to_string(), bytes.to_vec()))
        })
    }

    /// The packages of two modules, where the first has not said in its manifest that it needs the
    /// second. A package needs what it says; only the project itself has files of its own that are
    /// called by no package's name.
    pub fn refuses(
        &self,
        own: &Manifest,
        importer: &str,
        module: &str,
    ) -> Option<(String, String)> {
        let head = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
        let (importer, head_of) = (head(importer), head(module));
        let is_free = module.starts_with("std.") || module.starts_with("cloud.");
        match self.by_name.get(&importer) {
            Some(package) => {
                let may =
                    importer == head_of || package.manifest.dependencies.contains_key(&head_of);
                (!is_free && !may).then_some((importer, head_of))
            }
            None => {
                let is_foreign = self.by_name.contains_key(&head_of);
                let may = own.dependencies.contains_key(&head_of);
                (is_foreign && !may).then(|| (own.name.value.clone(), head_of))
            }
        }
    }

    /// Modules that could be imported.
    pub fn modules(&self) -> Vec<String> {
        let of = |(name, package): (&String, &Package)| {
            let name = name.clone();
            let paths: Vec<String> = package.content.files().map(|(p, _)| p.to_owned()).collect();
            paths.into_iter().filter_map(move |path| {
                let module = path.strip_suffix(".ecl")?.replace('/', ".");
                let is_itself = module == name || module.starts_with(&format!("{name}."));
                Some(if is_itself { module } else { format!("{name}.{module}") })
            })
        };
        self.by_name.iter().flat_map(of).collect()
    }
}

/// Paths in a package where a module may lie, in the order of looking.
pub fn paths(name: &str, rest: &str) -> impl Iterator<Item = String> {
    let (short, long) = (rest.replace('.', "/"), name.replace('.', "/"));
    let stems = if short == long { vec![short] } else { vec![short, long] };
    stems.into_iter().flat_map(|stem| [format!("{stem}.ecl"), format!("{stem}.lisp")])
}
