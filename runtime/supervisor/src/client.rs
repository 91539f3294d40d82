//! How commands reach the supervisor: they start one where none runs.

use crate::control::{self, Reply, Request};
use crate::diagnostics;
use crate::folders::Folders;
use eclexia_deploy::registry::Registry;
use eclexia_diag::Diagnostic;
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a supervisor may take to begin: it looks through the registry first.
const MOST_START: Duration = Duration::from_secs(20);

/// The one supervisor of a data folder, for as long as this lives.
pub struct Only {
    _lock: File,
}

impl Only {
    /// `None`: another one runs.
    pub fn new(folders: &Folders) -> Result<Option<Only>, Diagnostic> {
        let path = folders.lock();
        let failed = |error: std::io::Error| diagnostics::no_folder(&path, &error);
        let lock = File::options().create(true).append(true).open(&path).map_err(failed)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Only { _lock: lock })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(failed(error.into())),
        }
    }

    /// Waits until the one that runs has ended.
    pub fn wait(folders: &Folders) -> Result<Only, Diagnostic> {
        let until = Instant::now() + MOST_START;
        loop {
            if let Some(only) = Only::new(folders)? {
                return Ok(only);
            }
            if Instant::now() >= until {
                return Err(diagnostics::unreachable(&folders.log(), &"another one still runs"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether anything runs, should, or is under way: then a supervisor is started for it.
pub fn is_needed(registry: &Registry) -> Result<bool, Diagnostic> {
    for deployment in registry.deployments()? {
        let newest = registry.versions(&deployment.name)?.into_iter().next();
        if deployment.wanted.is_some() || newest.is_some_and(|version| !version.state.is_end()) {
            return Ok(true);
        }
    }
    Ok(!registry.instances()?.is_empty())
}

/// Asks the supervisor; none that runs: nothing, and none is started.
pub fn ask_running(folders: &Folders, request: &Request) -> Option<Result<Reply, Diagnostic>> {
    let reply = control::ask(&folders.socket(), request).ok()?;
    Some(unless_refused(reply))
}

/// Asks the supervisor, and starts it first where none runs. `eclexia` is this program.
pub fn ask(folders: &Folders, eclexia: &Path, request: &Request) -> Result<Reply, Diagnostic> {
    let until = Instant::now() + MOST_START;
    let mut started: Option<Child> = None;
    loop {
        let why = match control::ask(&folders.socket(), request) {
            Ok(reply) => return unless_refused(reply),
            Err(error) => error,
        };
        if Instant::now() >= until {
            return Err(diagnostics::unreachable(&folders.log(), &why));
        }
        match &mut started {
            None => started = Some(start(folders, eclexia)?),
            // One that ends well has found another; one that does not would not the next time.
            Some(child) => {
                if let Ok(Some(status)) = child.try_wait()
                    && !status.success()
                {
                    let why = format!("it ended with {status}");
                    return Err(diagnostics::unreachable(&folders.log(), &why));
                }
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn unless_refused(reply: Reply) -> Result<Reply, Diagnostic> {
    match reply {
        Reply::Refused(refused) => Err(refused.into()),
        reply => Ok(reply),
    }
}

/// Starts one in the background; of two that begin at once one ends at once.
fn start(folders: &Folders, eclexia: &Path) -> Result<Child, Diagnostic> {
    let path = folders.log();
    let failed = |error: std::io::Error| diagnostics::no_folder(&path, &error);
    let log = File::options().create(true).append(true).open(&path).map_err(failed)?;
    Command::new(eclexia)
        .arg("supervise")
        .env("ECLEXIA_DATA_DIR", &folders.data)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(failed)?)
        .stderr(log)
        .spawn()
        .map_err(failed)
}
