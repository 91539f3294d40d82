//! What is wrong with a registry: one constructor per code.

use eclexia_diag::Diagnostic;
use std::fmt::Display;
use std::path::Path;

pub fn unusable(path: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("registry-unusable", "the registry of deployments cannot be used")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .help("see that the folder can be written to and the disk has room, then try again")
}

/// What is to be put back is none.
pub fn bad_backup(path: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("registry-unusable", "this is no backup that can be restored")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .note("the registry is as it was")
        .help("name a file of `state backup`; `state import` takes those of `state export`")
}

pub fn not_recorded(path: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("registry-unusable", "the registry did not take what was recorded")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .note("nothing of it was recorded, and nothing was done")
        .help("see that the disk has room, then try again")
}

pub fn damaged(path: &Path, what: &str) -> Diagnostic {
    Diagnostic::without_place("registry-damaged", "the registry of deployments is damaged")
        .note(format!("The file: {}. SQLite says: {what}.", path.display()))
        .note("services that run go on running; nothing is started or stopped until it is mended")
        .help(
            "`eclexia state restore BACKUP` puts a backup in its place and keeps the damaged file",
        )
}

pub fn foreign(path: &Path) -> Diagnostic {
    Diagnostic::without_place("registry-damaged", "this file is no registry of deployments")
        .note(format!("The file: {}.", path.display()))
        .help("move it away, or set ECLEXIA_DATA_DIR to another folder")
}

pub fn newer(path: &Path, found: usize, known: usize) -> Diagnostic {
    Diagnostic::without_place("registry-newer", "a newer eclexia has written the registry")
        .note(format!(
            "The file: {}. Its version is {found}; this eclexia knows {known}.",
            path.display()
        ))
        .help("use the eclexia that wrote it, or a newer one")
}

/// An export or backup that is not what was written.
pub fn bad_export(why: impl Into<String>) -> Diagnostic {
    Diagnostic::without_place(
        "registry-export",
        "this is no export of a registry as it was written",
    )
    .note(why)
    .help("take another export; nothing was imported")
}

pub fn not_empty() -> Diagnostic {
    Diagnostic::without_place("registry-export", "the registry has deployments already")
        .note("an import fills an empty registry: it would not know what to do with what runs")
        .help(
            "set ECLEXIA_DATA_DIR to an empty folder, or `destroy` what is there and move it away",
        )
}

/// `held`: who holds the lock, and why.
pub fn locked(deployment: &str, id: &str, held: &str) -> Diagnostic {
    Diagnostic::without_place("deployment-locked", format!("`{deployment}` is locked"))
        .note(held)
        .help(format!("wait for them, or `eclexia unlock {deployment} {id}`"))
}

pub fn not_locked(deployment: &str) -> Diagnostic {
    Diagnostic::without_place("deployment-locked", format!("`{deployment}` is not locked"))
        .help("`eclexia status` shows what is")
}

pub fn other_lock(deployment: &str, held: &str) -> Diagnostic {
    let text = format!("this is not the id of the lock of `{deployment}`");
    Diagnostic::without_place("deployment-locked", text)
        .note(held)
        .help("`eclexia status` shows the lock's id")
}
