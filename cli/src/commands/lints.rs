//! Lints of a program: those of each stage, for the modules that are the user's own; and their
//! fixes, applied to the files.

use super::program::Loaded;
use crate::files;
use eclexia_core::core::ModuleId;
use eclexia_db::Session;
use eclexia_diag::{Diagnostic, Diagnostics, Sources};
use eclexia_plan::elaborate::Elaborated;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files whose modules have been looked at: none is told of twice.
pub type Linted = BTreeSet<PathBuf>;

/// What is found in the modules of a program without errors, and in what it deploys.
pub fn lints(loaded: &Loaded, elaborated: &Elaborated, linted: &mut Linted) -> Diagnostics {
    let sources = &loaded.session.sources;
    let mut found = eclexia_plan::lint(&elaborated.model, &elaborated.origins, sources);
    for module in own_modules(loaded, linted) {
        found.extend(of_module(&loaded.session, module));
    }
    found
}

/// The modules of the program's project, or of its folder, and not of packages.
fn own_modules(loaded: &Loaded, linted: &mut Linted) -> Vec<ModuleId> {
    let program = &loaded.session.program;
    let own = program.modules.iter().filter(|(id, module)| {
        if module.is_std {
            return false;
        }
        let name = loaded.session.sources.name(loaded.session.file_of(*id));
        match std::fs::canonicalize(name) {
            Ok(path) => is_own(loaded, &path) && linted.insert(path),
            // Standard input.
            Err(_) => *id == loaded.module,
        }
    });
    own.map(|(id, _)| id).collect()
}

fn is_own(loaded: &Loaded, path: &Path) -> bool {
    let Some(opened) = &loaded.project else { return true };
    let Ok(root) = std::fs::canonicalize(&opened.project.root) else { return false };
    path.starts_with(&root) && !path.starts_with(root.join(eclexia_project::VENDOR))
}

fn of_module(session: &Session, module: ModuleId) -> Diagnostics {
    let file = session.file_of(module);
    let text = session.sources.text(file);
    let (tree, _) = eclexia_syntax::read(file, text);
    let mut found = eclexia_core::lint(&session.program, module, &tree, text);
    found.extend(eclexia_check::lint(&session.program, &session.typed, module, text));
    found
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

/// Applies the fix of each warning that has just one, and writes the files whole; edits that
/// overlap wait for the next time.
pub fn fix(found: &[Diagnostic], sources: &Sources) -> Result<Vec<Fixed>, Diagnostic> {
    let mut edits: BTreeMap<&str, Vec<(usize, usize, &str)>> = BTreeMap::new();
    for diagnostic in found.iter().filter(|d| !d.is_error()) {
        let [fix] = &diagnostic.fixes[..] else { continue };
        let Some(source) = sources.get(fix.span.file) else { continue };
        if Path::new(&source.name).is_file() {
            let (start, end) = (fix.span.start as usize, fix.span.end as usize);
            edits.entry(&source.name).or_default().push((start, end, &fix.replacement));
        }
    }
    let mut all = Vec::new();
    for (name, mut edits) in edits {
        let text = sources.iter().find(|(_, source)| source.name == name);
        let Some((_, source)) = text else { continue };
        edits.sort_unstable();
        let (fixed, count) = apply(&source.text, &edits);
        files::write(Path::new(name), fixed.as_bytes())?;
        all.push(Fixed { name: name.to_owned(), before: source.text.to_string(), count });
    }
    Ok(all)
}

/// The text with the edits that overlap none before them, and how many those are.
fn apply(text: &str, edits: &[(usize, usize, &str)]) -> (String, usize) {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut applied) = (0, 0);
    for (start, end, replacement) in edits {
        let Some(before) = text.get(at..*start) else { continue };
        if text.get(*start..*end).is_some() {
            out.push_str(before);
            out.push_str(replacement);
            at = *end;
            applied += 1;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    (out, applied)
}

#[cfg(test)]
mod tests {
    use super::apply;

    #[test]
    fn edits_that_overlap_wait() {
        let edits = [(0, 1, "x"), (2, 5, "y"), (4, 6, "z"), (6, 6, "!"), (7, 99, "past the end")];
        assert_eq!(apply("abcdefg", &edits), ("xbyf!g".to_owned(), 3));
        assert_eq!(apply("é", &[(1, 2, "half a character")]), ("é".to_owned(), 0));
    }
}
