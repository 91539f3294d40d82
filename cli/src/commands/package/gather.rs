//! What a package ships: the sources of a program, by the project or the file it is, and the files
//! that are included. Paths are from the program's folder on, with `/`.
//!
//! Holds: links are refused, hidden files inside included folders are left out, and no more is
//! read than a package may hold. Dependencies of a project are shipped as `vendor/`, where they
//! are found without their source.

use super::asks::Asks;
use crate::commands::Stop;
use crate::commands::program::Loaded;
use crate::diagnostics;
use eclexia_deploy::package::{Hook, Kind, Limits, check_path, is_name, too_large};
use eclexia_diag::{Diagnostics, Sources};
use eclexia_files::{Opened, sources_below};
use eclexia_project::source::{full, relative};
use eclexia_project::{LOCK, MANIFEST, VENDOR};
use semver::Version;
use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub struct Shipped {
    pub name: String,
    pub version: Version,
    pub asks: Asks,
    pub hooks: Vec<Hook>,
    pub files: BTreeMap<String, ShippedFile>,
}

pub struct ShippedFile {
    pub kind: Kind,
    pub is_executable: bool,
    pub bytes: Vec<u8>,
}

impl Shipped {
    /// `named`: what is to be included besides, as the user would open it.
    pub fn of(loaded: &Loaded, named: &[PathBuf]) -> Result<Shipped, Stop> {
        let mut gathered = Gathered::default();
        let mut hooks = Vec::new();
        let (name, version, mut asks, root) = match &loaded.project {
            Some(opened) => {
                let asks: Asks = opened.project.deploy().map_err(|why| {
                    let mut sources = Sources::new();
                    let path = opened.project.beside(MANIFEST).display().to_string();
                    sources.add(path, opened.project.text.as_str());
                    let mut found = Diagnostics::new();
                    found.push(*why);
                    Stop::Placed(found, Box::new(sources))
                })?;
                gathered.project(opened)?;
                let manifest = &opened.project.manifest;
                let (name, version) = (manifest.name.value.clone(), manifest.version.value.clone());
                (name, version, asks, opened.project.root.clone())
            }
            None => {
                let file = Path::new(&loaded.name);
                let root = file.parent().unwrap_or(Path::new(""));
                gathered.modules(loaded, root)?;
                (name_of(file), Version::new(0, 0, 0), Asks::default(), root.to_owned())
            }
        };
        let root = full(if root.as_os_str().is_empty() { Path::new(".") } else { &root });
        if let Some(opened) = &loaded.project {
            for (place, asked) in std::mem::take(&mut asks.hooks).into_iter().enumerate() {
                let (hook, program) = asked.made(place + 1, opened)?;
                if let Some((path, text)) = program {
                    gathered.add(path, Kind::Program, false, text.into_bytes())?;
                }
                hooks.push(hook);
            }
        }
        let included = asks.include.iter().map(|path| root.join(path));
        for path in included.chain(named.iter().cloned()) {
            gathered.include(&root, &path)?;
        }
        Ok(Shipped { name, version, asks, hooks, files: gathered.files })
    }
}

/// A package's name for a program that is a file: of its letters those that a name may have.
fn name_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let name: String = stem.chars().map(plain).collect();
    let name = name.trim_matches('-').to_owned();
    if is_name(&name) { name } else { "program".to_owned() }
}

#[derive(Default)]
struct Gathered {
    files: BTreeMap<String, ShippedFile>,
    bytes: u64,
}

impl Gathered {
    /// Manifest, lock, sources, and the packages that the lock names.
    fn project(&mut self, opened: &Opened) -> Result<(), Stop> {
        let project = &opened.project;
        let own = [MANIFEST, LOCK].map(|name| project.beside(name));
        let own = own.into_iter().filter(|path| path.is_file());
        for path in own.chain(sources_below(&project.root)) {
            let inside = relative(&full(&project.root), &full(&path));
            self.read(&path, inside, Some(Kind::Program))?;
        }
        for (name, package) in &opened.packages.by_name {
            for (path, bytes) in package.content.files() {
                let path = format!("{VENDOR}/{name}/{path}");
                self.add(path, Kind::Program, false, bytes.to_vec())?;
            }
        }
        Ok(())
    }

    /// The file and the modules beside it that it uses; the text of standard input is `main.ecl`.
    fn modules(&mut self, loaded: &Loaded, root: &Path) -> Result<(), Stop> {
        for (_, source) in loaded.session.sources.iter() {
            let path = Path::new(&source.name);
            if source.name == "<stdin>" {
                let text = source.text.as_bytes().to_vec();
                self.add("main.ecl".to_owned(), Kind::Program, false, text)?;
            }
            let inside = path.strip_prefix(root).ok().filter(|p| p.is_relative() && path.is_file());
            if let Some(inside) = inside {
                let inside = inside.display().to_string();
                self.read(path, inside, Some(Kind::Program))?;
            }
        }
        Ok(())
    }

    /// A file, or what is in a folder.
    fn include(&mut self, root: &Path, path: &Path) -> Result<(), Stop> {
        let shown = path.display().to_string();
        let metadata =
            path.symlink_metadata().map_err(|error| diagnostics::cannot_read(&shown, &error))?;
        // Of a link the place counts, not what it leads to.
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let inside = match path.file_name() {
            Some(name) => relative(root, &full(folder).join(name)),
            None => relative(root, &full(path)),
        };
        if inside != "." {
            check_path(&inside)?;
        }
        if metadata.is_file() {
            return self.read(path, inside, None);
        }
        if !metadata.is_dir() {
            return Err(diagnostics::cannot_ship(&shown).into());
        }
        let entries =
            std::fs::read_dir(path).map_err(|error| diagnostics::cannot_read(&shown, &error))?;
        let is_shown = |name: &std::ffi::OsStr| !name.to_string_lossy().starts_with('.');
        let entries = entries.flatten().filter(|entry| is_shown(&entry.file_name()));
        let mut inner: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        inner.sort();
        inner.iter().try_for_each(|path| self.include(root, path))
    }

    fn read(&mut self, path: &Path, inside: String, kind: Option<Kind>) -> Result<(), Stop> {
        if self.files.contains_key(&inside) {
            return Ok(());
        }
        let shown = path.display().to_string();
        let failed = |error: std::io::Error| diagnostics::cannot_read(&shown, &error);
        let file = std::fs::File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode();
        let is_executable = kind.is_none() && mode & 0o100 != 0;
        let room = Limits::default().unpacked.saturating_sub(self.bytes);
        let mut bytes = Vec::new();
        file.take(room + 1).read_to_end(&mut bytes).map_err(failed)?;
        let kind = kind.unwrap_or_else(|| Kind::of(is_executable, &bytes));
        self.add(inside, kind, is_executable, bytes)
    }

    /// What is there already, as a source that is included besides, stays as it is.
    fn add(
        &mut self,
        path: String,
        kind: Kind,
        is_executable: bool,
        bytes: Vec<u8>,
    ) -> Result<(), Stop> {
        self.bytes += bytes.len() as u64;
        if self.bytes > Limits::default().unpacked {
            return Err(too_large().into());
        }
        self.files.entry(path).or_insert(ShippedFile { kind, is_executable, bytes });
        Ok(())
    }
}
