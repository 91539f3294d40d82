//! Reading sources and writing results. A file is written whole to a temporary file beside its
//! place, synced, and moved there: at no moment is half of it to be seen.

use crate::diagnostics;
use eclexia_db::library::{Embedded, ModuleSource, Provider};
use eclexia_diag::Diagnostic;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The largest source that is read; a little more than the reader accepts, so that it reports.
const MOST_BYTES: u64 = 65 << 20;

/// The bytes of a file, or of standard input for `-`, and the name that messages show.
pub fn read(path: &Path) -> Result<(String, Vec<u8>), Diagnostic> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        let name = "<stdin>".to_owned();
        let read = std::io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes);
        return match read {
            Ok(_) => Ok((name, bytes)),
            Err(error) => Err(diagnostics::cannot_read(&name, &error)),
        };
    }
    let name = path.display().to_string();
    let read = std::fs::File::open(path).and_then(|f| f.take(MOST_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok((name, bytes)),
        Err(error) => Err(diagnostics::cannot_read(&name, &error)),
    }
}

pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    write_whole(path, bytes)
        .map_err(|error| diagnostics::write_failed(&path.display().to_string(), &error))
}

pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // What is no regular file (a pipe, /dev/stdout) can only be written to.
    let is_special = std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir());
    if is_special {
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    // A link stays a link: what it points to is replaced.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".eclexia-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(permissions(&path))?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    std::fs::File::open(folder)?.sync_all()
}

/// Those of the file that is replaced, else what everybody may read.
fn permissions(path: &Path) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path) {
        Ok(old) => old.permissions(),
        Err(_) => std::fs::Permissions::from_mode(0o644),
    }
}

pub fn make_folder(path: &Path) -> Result<(), Diagnostic> {
    std::fs::create_dir_all(path)
        .map_err(|error| diagnostics::write_failed(&path.display().to_string(), &error))
}

/// The program of this folder: `main.ecl`, or its only source file.
pub fn program_here() -> Result<PathBuf, Diagnostic> {
    let main = PathBuf::from("main.ecl");
    if main.is_file() {
        return Ok(main);
    }
    match &sources_in(Path::new("."))[..] {
        [only] => Ok(only.clone()),
        _ => Err(diagnostics::no_program_here()),
    }
}

/// The source files of a folder, sorted; not of its sub-folders.
pub fn sources_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|p| is_source(p) && p.is_file()).collect();
    for path in &mut found {
        if let Ok(short) = path.strip_prefix("./") {
            *path = short.to_owned();
        }
    }
    found.sort();
    found
}

pub fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "ecl" || e == "lisp")
}

/// Modules beside the entry file, then the library of `ECLEXIA_STDLIB_PATH`, then the embedded one.
pub struct FileProvider {
    root: PathBuf,
    library: Option<PathBuf>,
}

impl FileProvider {
    pub fn beside(entry: &Path) -> FileProvider {
        let root = entry.parent().map_or_else(PathBuf::new, Path::to_owned);
        let library = std::env::var_os("ECLEXIA_STDLIB_PATH").filter(|v| !v.is_empty());
        FileProvider { root, library: library.map(PathBuf::from) }
    }
}

impl Provider for FileProvider {
    fn module(&mut self, name: &str) -> Option<ModuleSource> {
        // A module name is made of name characters and dots: it cannot leave the folder.
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || "._-!?*+<>=".contains(c));
        if !is_plain || name.contains("..") || name.starts_with('.') {
            return None;
        }
        let relative = name.replace('.', "/");
        let is_library = name.starts_with("std.") || name.starts_with("cloud.");
        let folder = if is_library { self.library.as_ref()? } else { &self.root };
        for extension in ["ecl", "lisp"] {
            let path = folder.join(format!("{relative}.{extension}"));
            if let Ok((name, bytes)) = read(&path) {
                return Some(ModuleSource { name, bytes });
            }
        }
        None
    }
}

/// `FileProvider` with the embedded library behind it.
pub struct Providers(pub FileProvider);

impl Provider for Providers {
    fn module(&mut self, name: &str) -> Option<ModuleSource> {
        self.0.module(name).or_else(|| Embedded.module(name))
    }
}
