//! What is wrong with deploying to this machine: one constructor per code.

use eclexia_diag::Diagnostic;
use std::fmt::Display;
use std::path::Path;

pub fn unreachable(log: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("supervisor-unreachable", "the supervisor does not answer")
        .note(format!("The reason: {why}."))
        .help(format!("look into {}, then try again: it is started anew", log.display()))
}

pub fn no_folder(folder: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("supervisor-unreachable", "the supervisor has no folder to work in")
        .note(format!("The folder: {}. The reason: {why}.", folder.display()))
        .help("see that the folder can be written to and the disk has room, then try again")
}

/// What belongs to a version, before anything of it is done.
pub fn not_written(path: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("write-failed", format!("cannot write {}", path.display()))
        .note(format!("The reason: {why}. Nothing was done."))
        .help("see that the folder can be written to and the disk has room, then try again")
}

pub fn nothing_deployed(name: &str, known: &[String]) -> Diagnostic {
    let text = format!("nothing is deployed under the name `{name}`");
    let known = match known {
        [] => "Nothing is deployed.".to_owned(),
        known => format!("Deployed: {}.", known.join(", ")),
    };
    Diagnostic::without_place("nothing-deployed", text)
        .note(known)
        .help("`eclexia status` shows what is")
}

pub fn unknown_version(deployment: &str, wanted: &str) -> Diagnostic {
    let text = format!("`{deployment}` has no {wanted} to return to");
    Diagnostic::without_place("unknown-version", text)
        .note("only versions that were completed can be returned to")
        .help(format!("`eclexia history {deployment}` shows them"))
}

pub fn busy(deployment: &str, number: u32, state: &str) -> Diagnostic {
    let text = format!("version {number} of `{deployment}` is under way ({state})");
    Diagnostic::without_place("deployment-busy", text)
        .note("two versions at once would undo each other")
        .help(format!("wait for it, or `eclexia rollback {deployment}` when it has ended"))
}

pub fn nothing_to_confirm(deployment: &str) -> Diagnostic {
    let text = format!("no version of `{deployment}` waits to be confirmed");
    Diagnostic::without_place("nothing-to-confirm", text).help("`eclexia status` shows what does")
}

pub fn unknown_job(deployment: &str, job: &str, known: &[String]) -> Diagnostic {
    let known = match known {
        [] => format!("`{deployment}` has no jobs."),
        known => format!("Its jobs: {}.", known.join(", ")),
    };
    Diagnostic::without_place("unknown-job", format!("`{deployment}` has no job `{job}`"))
        .note(known)
        .help(format!("`eclexia status {deployment}` shows its jobs"))
}

pub fn job_running(job: &str) -> Diagnostic {
    Diagnostic::without_place("job-running", format!("the job `{job}` is running"))
        .note("a job is never run twice at once")
        .help(format!("wait for it, or `eclexia start {job} --again` stops it and starts it anew"))
}

pub fn no_package(path: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("package-missing", "the package is not in the store")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .help("`eclexia apply` puts it there; apply it again")
}

pub fn other_package(path: &Path) -> Diagnostic {
    Diagnostic::without_place("package-missing", "the store has another package under this id")
        .note(format!("The file: {}.", path.display()))
        .help("remove the file and apply the package again")
}
