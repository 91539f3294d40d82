//! A command that nobody trusts, run once within bounds.
//!
//! In: a command, a folder that it may change, bounds of time, memory and output. Out: how it
//! ended, and what it wrote, as far as the bounds go. Always holds: nothing of it is left when this
//! returns; it reads its folder and the system's programs, reaches no network, has no privileges.
//! It runs in its own cgroup where there are any, else memory is bounded as address space.

use crate::cgroup::Cgroups;
use crate::launch::{NOT_STARTED, Network, Spec};
use crate::process;
use eclexia_targets::local::Limits;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often it is looked whether it has ended.
const NAP: Duration = Duration::from_millis(5);

/// Cores of it.
const CPU_MILLIS: u64 = 1000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    pub time: Duration,
    /// Bytes, of all of its processes together.
    pub memory: u64,
    /// Bytes of each of its two streams; who writes more is ended.
    pub output: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { time: Duration::from_secs(10), memory: 256 << 20, output: 1 << 20 }
    }
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Success,
    /// It is no program that could be run; known before anything is.
    CompileError,
    /// It ended with an error of its own, or wrote more than it may.
    RuntimeError,
    Timeout,
    MemoryExceeded,
    /// It asked the system for what nobody unprivileged may do.
    SecurityViolation,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    pub status: Status,
    /// None: a signal, or it did not begin.
    pub code: Option<i32>,
    pub reason: String,
    pub stdout: String,
    pub stderr: String,
    pub seconds: f64,
    /// Core seconds, where they are counted.
    pub cpu_seconds: Option<f64>,
}

/// What to run. `launcher` is this program.
pub struct Command<'a> {
    pub launcher: &'a Path,
    pub words: Vec<String>,
    /// Where it begins, and all that it may change.
    pub folder: &'a Path,
    /// What it may read besides.
    pub reads: Vec<PathBuf>,
}

pub fn run(command: &Command<'_>, bounds: Bounds) -> io::Result<Outcome> {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let mark = format!("eclexia-untrusted-{}-{run}", std::process::id());
    let cgroups = Cgroups::at(Path::new("/sys/fs/cgroup"), &mark);
    let ran = run_in(&cgroups, &mark, command, bounds);
    cgroups.remove_all();
    ran
}

/// The instance's name within the group of this process.
const ONE: &str = "one";

fn run_in(
    cgroups: &Cgroups,
    mark: &str,
    command: &Command<'_>,
    bounds: Bounds,
) -> io::Result<Outcome> {
    let limits = Limits { cpu_millis: Some(CPU_MILLIS), memory_bytes: Some(bounds.memory) };
    let entries = cgroups.make(ONE, limits)?;
    let folder = command.folder.display().to_string();
    let env = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("HOME", folder.as_str()),
        ("TMPDIR", folder.as_str()),
        ("LANG", "C.UTF-8"),
    ];
    let spec = Spec {
        command: command.words.clone(),
        env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        folder: command.folder.to_owned(),
        reads: command.reads.clone(),
        writes: vec![command.folder.to_owned()],
        cgroups: entries,
        address_space: (!cgroups.limits_memory()).then_some(bounds.memory),
        network: network(),
        kept: None,
    };
    let (out, err) = (Stream::new(bounds.output)?, Stream::new(bounds.output)?);
    let gated = process::start(command.launcher, &spec, mark, (out.writer, err.writer))?;
    let began = Instant::now();
    let (mut child, _) = gated.go()?;
    let (out, err) = (out.reader, err.reader);
    let (ended, why) = wait(&mut child, bounds, began, &[&out, &err]);
    process::end_all(cgroups, ONE, mark);
    let exit = child.wait()?;
    let seconds = began.elapsed().as_secs_f64();
    let used = cgroups.used(ONE);
    let is_out_of_memory = cgroups.out_of_memory(ONE) > 0;
    let (stdout, stderr) = (out.text(), err.text());
    let (status, reason) = match why {
        Some(why) => (ended, why),
        None => judged(exit, is_out_of_memory, &stderr),
    };
    Ok(Outcome {
        status,
        code: exit.code(),
        reason,
        stdout,
        stderr,
        seconds,
        cpu_seconds: used.cpu_micros.map(|micros| micros as f64 / 1e6),
    })
}

/// A network with nobody in it, where that can be made; else no TCP.
fn network() -> Network {
    match rustix::process::geteuid().is_root() {
        true => Network::Nobody,
        false => Network::Only { listen: Vec::new(), connect: Vec::new() },
    }
}

/// Waits for its end, or ends it; then with the reason.
fn wait(
    child: &mut Child,
    bounds: Bounds,
    began: Instant,
    streams: &[&Reader],
) -> (Status, Option<String>) {
    loop {
        match child.try_wait() {
            Ok(Some(_)) | Err(_) => return (Status::Success, None),
            Ok(None) => {}
        }
        if began.elapsed() >= bounds.time {
            let why = format!("it ran longer than {} s", bounds.time.as_secs_f64());
            return (Status::Timeout, Some(why));
        }
        if streams.iter().any(|stream| stream.is_over()) {
            let why = format!("it wrote more than {} bytes", bounds.output);
            return (Status::RuntimeError, Some(why));
        }
        std::thread::sleep(NAP);
    }
}

fn judged(status: ExitStatus, is_out_of_memory: bool, stderr: &str) -> (Status, String) {
    if is_out_of_memory || stderr.contains("error[memory-limit]") {
        return (Status::MemoryExceeded, "it used more memory than it may".to_owned());
    }
    if status.signal() == Some(libc::SIGSYS) {
        let why = "it asked the system for what it may not do".to_owned();
        return (Status::SecurityViolation, why);
    }
    match status.code() {
        Some(0) => (Status::Success, String::new()),
        Some(NOT_STARTED) => (Status::RuntimeError, "it could not be set up".to_owned()),
        _ => (Status::RuntimeError, status.to_string()),
    }
}

/// A pipe of which no more is kept than may be written.
struct Stream {
    writer: File,
    reader: Reader,
}

struct Reader {
    thread: std::thread::JoinHandle<Vec<u8>>,
    read: Arc<AtomicUsize>,
    most: usize,
}

impl Stream {
    fn new(most: usize) -> io::Result<Stream> {
        let (reader, writer) = io::pipe()?;
        let read = Arc::new(AtomicUsize::new(0));
        let counted = read.clone();
        let thread = std::thread::spawn(move || kept(reader, most, &counted));
        let reader = Reader { thread, read, most };
        Ok(Stream { writer: File::from(std::os::fd::OwnedFd::from(writer)), reader })
    }
}

/// What comes, as far as it is kept; the rest is read and forgotten, so that nobody waits.
fn kept(mut reader: impl Read, most: usize, counted: &AtomicUsize) -> Vec<u8> {
    let (mut kept, mut part) = (Vec::new(), [0; 16 << 10]);
    while let Ok(count @ 1..) = reader.read(&mut part) {
        let room = most.saturating_sub(kept.len()).min(count);
        kept.extend_from_slice(&part[..room]);
        counted.fetch_add(count, Ordering::Relaxed);
    }
    kept
}

impl Reader {
    fn is_over(&self) -> bool {
        self.read.load(Ordering::Relaxed) > self.most
    }

    /// All of it, when nobody can write any more.
    fn text(self) -> String {
        String::from_utf8_lossy(&self.thread.join().unwrap_or_default()).into_owned()
    }
}
