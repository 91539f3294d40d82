//! `vendor`: the locked dependencies copied into the project.

use super::lock::{choose, keep, old_lock, save, tell};
use super::{Ended, Stop};
use crate::console::{Console, Exit};
use crate::{diagnostics, project};
use eclexia_diag::Sources;
use eclexia_project::{Keep, Lock, VENDOR};

pub fn vendor(console: &Console) -> Ended {
    let mut sources = Sources::new();
    let project = project::here(&mut sources)?;
    let old = old_lock(&project, &mut sources);
    let resolved = choose(console, &project, old.as_ref(), Keep::All, sources)?;
    let is_new = save(&project, &resolved)?;
    if is_new {
        let changes = resolved.lock.changes(old.as_ref().unwrap_or(&Lock::default()));
        tell(console, &project, &resolved.lock, &changes, is_new);
    }
    // A vendored folder that is changed by mistake can be restored, wherever it came from.
    for content in resolved.contents.values() {
        keep(content)?;
    }
    let failed = |error: std::io::Error| -> Stop {
        let folder = project.beside(VENDOR).display().to_string();
        diagnostics::write_failed(&folder, &error).into()
    };
    let names = eclexia_project::vendor(&project, &resolved.contents).map_err(failed)?;
    match &names[..] {
        [] => console.say("This project has no dependencies to copy.\n"),
        names => console.say(&format!("Copied into {VENDOR}/: {}.\n", names.join(", "))),
    }
    Ok(Exit::Done)
}
