//! The last moment before a service is itself: a process that limits itself and becomes another.
//!
//! In: a line of JSON on standard input, then the line `go`. Out: the service's program in the same
//! process, with its standard input closed. Always holds: without `go` nothing is started, so
//! that a process is recorded before it does anything; what may not be set up is reported on
//! standard error, and then nothing is started. Order matters: cgroups first, while files may be
//! written; privileges last.

use crate::sandbox;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::BufRead;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

/// What to become, and within which limits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Spec {
    /// Program and arguments; at least one.
    pub command: Vec<String>,
    pub env: Vec<(String, String)>,
    pub folder: PathBuf,
    /// Folders and files that it may read and run.
    pub reads: Vec<PathBuf>,
    /// Folders that it may write, too.
    pub writes: Vec<PathBuf>,
    /// `cgroup.procs` files that it enters.
    pub cgroups: Vec<PathBuf>,
    /// Bytes of address space, where no cgroup limits memory.
    pub address_space: Option<u64>,
    pub network: Network,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// As the machine's.
    Open,
    /// TCP on and to these ports, and nothing else.
    Only { listen: Vec<u16>, connect: Vec<u16> },
    /// A network of its own, with nobody in it.
    Nobody,
}

/// The exit code of a process that could not become its service.
pub const NOT_STARTED: i32 = 125;

/// Becomes the service. Returns only what went wrong.
pub fn become_service() -> String {
    let mut lines = std::io::stdin().lock().lines();
    let mut line = || lines.next().and_then(Result::ok);
    let Some(spec) = line() else { return "no specification came".to_owned() };
    let spec: Spec = match serde_json::from_str(&spec) {
        Ok(spec) => spec,
        Err(error) => return format!("the specification cannot be read: {error}"),
    };
    if line().as_deref() != Some("go") {
        return "whoever starts it has ended".to_owned();
    }
    match prepare(&spec) {
        Ok(()) => exec(&spec),
        Err(why) => why,
    }
}

fn prepare(spec: &Spec) -> Result<(), String> {
    for cgroup in &spec.cgroups {
        let entered = std::fs::write(cgroup, "0");
        entered.map_err(|error| format!("{}: {error}", cgroup.display()))?;
    }
    let folder = &spec.folder;
    std::env::set_current_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let nothing = std::fs::File::open("/dev/null").map_err(|e| format!("/dev/null: {e}"))?;
    rustix::stdio::dup2_stdin(&nothing).map_err(|e| format!("standard input: {e}"))?;
    sandbox::enter(spec)
}

fn exec(spec: &Spec) -> String {
    let Some((program, arguments)) = spec.command.split_first() else {
        return "there is no command".to_owned();
    };
    let path = spec.env.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.as_str());
    let found = find(program, path.unwrap_or_default());
    let error = std::process::Command::new(&found)
        .arg0(program)
        .args(arguments)
        .env_clear()
        .envs(spec.env.iter().map(|(name, value)| (name, value)))
        .exec();
    format!("{program}: {error}")
}

/// A program without a slash in its name is looked for in the service's own PATH.
fn find(program: &str, path: &str) -> OsString {
    if program.contains('/') {
        return program.into();
    }
    let folders = std::env::split_paths(path).map(|folder| folder.join(program));
    folders.into_iter().find(|path| path.is_file()).map_or(program.into(), PathBuf::into_os_string)
}
