//! Lints of a program: those of each stage, for the modules that are the user's own; and their
//! fixes, applied to the files.

use super::program::Loaded;
use crate::files;
use eclexia_base::FileId;
use eclexia_diag::{Diagnostic, Diagnostics, Edit, edit};
use eclexia_plan::elaborate::Elaborated;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files whose modules have been looked at: none is told of twice.
pub type Linted = BTreeSet<PathBuf>;

/// What is found in the modules of a program without errors, and in what it deploys.
pub fn lints(loaded: &Loaded, elaborated: &Elaborated, linted: &mut Linted) -> Diagnostics {
    let session = &loaded.session;
    let entry = session.file_of(loaded.module);
    let mut own = own(loaded);
    own.retain(|file, path| linted.insert(path.clone()) || *file == entry);
    let model = &elaborated.model;
    let planned = eclexia_plan::lint(model, entry, &elaborated.origins, &session.sources);
    let is_own =
        |d: &Diagnostic| d.primary.as_ref().is_some_and(|l| own.contains_key(&l.span.file));
    let mut found: Diagnostics = planned.into_iter().filter(is_own).collect();
    let modules = session.program.modules.ids();
    for module in modules.filter(|module| own.contains_key(&session.file_of(*module))) {
        found.extend(session.lint(module));
    }
    found
}

/// The files of the program's project, or of its folder, and not of packages or the library, each
/// with its path; standard input too.
fn own(loaded: &Loaded) -> BTreeMap<FileId, PathBuf> {
    let session = &loaded.session;
    let root = loaded.project.as_ref().map(|opened| &opened.project.root);
    let root = root.map(|root| std::fs::canonicalize(root).unwrap_or_else(|_| root.clone()));
    let is_own = |path: &Path| {
        let vendor = |root: &PathBuf| root.join(eclexia_project::VENDOR);
        root.as_ref().is_none_or(|root| path.starts_with(root) && !path.starts_with(vendor(root)))
    };
    let modules = session.program.modules.iter().filter(|(_, module)| !module.is_std);
    let files = modules.filter_map(|(id, _)| {
        let file = session.file_of(id);
        let name = session.sources.name(file);
        match std::fs::canonicalize(name) {
            Ok(path) => is_own(&path).then_some((file, path)),
            Err(_) => (id == loaded.module).then(|| (file, PathBuf::from(name))),
        }
    });
    files.collect()
}

/// A file as it was before a fix, and how many were applied.
pub struct Fixed {
    pub name: String,
    pub count: usize,
    before: String,
}

impl Fixed {
    pub fn undo(&self) -> Result<(), Diagnostic> {
        files::write(Path::new(&self.name), self.before.as_bytes())
    }
}

/// Applies the fix of each warning that has just one to the program's own files, and writes these
/// whole; fixes that overlap wait for the next time.
pub fn fix(found: &[Diagnostic], loaded: &Loaded) -> Result<Vec<Fixed>, Diagnostic> {
    let own = own(loaded);
    let is_own = |edit: &Edit| own.get(&edit.span.file).is_some_and(|path| path.is_file());
    let fixes = found.iter().filter_map(Diagnostic::only_fix);
    let fixes = edit::together(fixes.filter(|fix| fix.edits.iter().all(is_own)));
    let edits = || fixes.iter().flat_map(|fix| &fix.edits);
    let files: BTreeSet<FileId> = edits().map(|edit| edit.span.file).collect();
    let mut all = Vec::new();
    for file in files {
        let Some(source) = loaded.session.sources.get(file) else { continue };
        let fixed = edit::apply(&source.text, file, edits());
        files::write(Path::new(&source.name), fixed.as_bytes())?;
        let (name, before) = (source.name.clone(), source.text.to_string());
        let is_of = |edit: &Edit| edit.span.file == file;
        let count = fixes.iter().filter(|fix| fix.edits.iter().any(is_of)).count();
        all.push(Fixed { name, before, count });
    }
    Ok(all)
}
