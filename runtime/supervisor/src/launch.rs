//! The last moment before a service is itself: a process that limits itself and becomes another.
//!
//! In: a line of JSON on standard input, then the line `go`. Out: the service's program in the same
//! process, with its standard input closed. Always holds: without `go` nothing is started, so
//! that a process is recorded before it does anything; what may not be set up is reported on
//! standard error, and then nothing is started. Order matters: cgroups first, while files may be
//! written; privileges last.

use crate::sandbox;
use eclexia_whole::{Access, Existing, write};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::{BufRead, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

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
    /// Where it is written down how it ended; none: nobody needs to know who did not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<PathBuf>,
}

/// How a process ended, as it was written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// As `wait` gives it.
    pub status: i32,
    /// Milliseconds from its start to its end; none: written by an older eclexia.
    #[serde(default)]
    pub took: Option<u64>,
}

impl Kept {
    /// None: it has not ended, or who kept it was ended before it.
    pub fn read(path: &Path) -> Option<Kept> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
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

/// Becomes the service, or keeps it until it ends and gives its exit code. An error: why neither
/// could be done.
pub fn become_service() -> Result<i32, String> {
    let mut lines = std::io::stdin().lock().lines();
    let mut line = || lines.next().and_then(Result::ok);
    let spec = line().ok_or("no specification came")?;
    let mut spec: Spec = serde_json::from_str(&spec)
        .map_err(|error| format!("the specification cannot be read: {error}"))?;
    if line().as_deref() != Some("go") {
        return Err("whoever starts it has ended".to_owned());
    }
    if let Some(path) = spec.kept.take() {
        return keep(&spec, &path);
    }
    // Open until it is the program: whoever started it sees by this when that is.
    let gate = rustix::io::fcntl_dupfd_cloexec(std::io::stdin(), 3);
    let _gate = gate.map_err(|error| format!("standard input: {error}"))?;
    prepare(&spec)?;
    Err(exec(&spec))
}

/// Starts it in a process of its own, waits, and writes down how it ended: whoever asks later, and
/// was not there, finds it. It has none of the limits: it only waits.
fn keep(spec: &Spec, path: &Path) -> Result<i32, String> {
    let said = |error: std::io::Error| format!("{}: {error}", path.display());
    let line = serde_json::to_string(spec).map_err(|error| error.to_string())?;
    let began = Instant::now();
    // This very program, also where its file has been replaced.
    let mut child =
        Command::new("/proc/self/exe").arg("launch").stdin(Stdio::piped()).spawn().map_err(said)?;
    if let Some(mut stdin) = child.stdin.take() {
        // Who does not read it ends, and that is seen below.
        let _ = stdin.write_all(format!("{line}\ngo\n").as_bytes());
    }
    let ended = child.wait().map_err(said)?;
    let took = u64::try_from(began.elapsed().as_millis()).ok();
    let kept = Kept { status: ended.into_raw(), took };
    let kept = serde_json::to_vec(&kept).unwrap_or_default();
    write(path, &kept, Access::Owner, Existing::Replace).map_err(said)?;
    Ok(ended.code().unwrap_or(NOT_STARTED))
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
    let error = Command::new(&found)
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
