//! Processes of this machine: started behind a gate, told apart for ever, found again, ended whole.
//!
//! In: a specification and where its output goes. Out: a process that waits for `go`; later, how it
//! ended. Always holds: a process is known by its number, the tick at which it started and the
//! machine's boot, so that it is never mistaken for a later one; whatever belongs to an instance
//! carries its mark in the environment or is in its cgroup, and is found by that after a crash.

use crate::cgroup::Cgroups;
use crate::launch::Spec;
use eclexia_deploy::registry::Process;
use rustix::process::{Pid, PidfdFlags, Signal};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// In the environment of every process of an instance: the mark of the data folder and its id.
pub const MARK: &str = "ECLEXIA_INSTANCE";

/// A process that has not begun.
pub struct Gated {
    pub process: Process,
    pub child: Child,
    gate: ChildStdin,
}

impl Gated {
    /// Lets it begin. Who wants to know when it has become its program keeps the gate.
    pub fn go(mut self) -> io::Result<(Child, Gate)> {
        self.gate.write_all(b"go\n")?;
        Ok((self.child, Gate(self.gate.into())))
    }
}

/// The end of a pipe of which the launcher has the other until it is the program, or has ended.
pub struct Gate(OwnedFd);

impl Gate {
    /// Waits until the launcher is not there any more.
    pub async fn passed(self) {
        if let Some(gate) = registered(self.0, Interest::ERROR) {
            let _ = gate.ready(Interest::ERROR).await;
        }
    }
}

/// Starts the launcher (`launcher` is this program), which waits for `go`.
pub fn start(launcher: &Path, spec: &Spec, mark: &str, output: (File, File)) -> io::Result<Gated> {
    let mut child = Command::new(launcher)
        .arg("launch")
        .env_clear()
        .env(MARK, mark)
        .stdin(Stdio::piped())
        .stdout(output.0)
        .stderr(output.1)
        .spawn()?;
    let gated = gate(&mut child, spec);
    match gated {
        Ok((process, gate)) => Ok(Gated { process, child, gate }),
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(error)
        }
    }
}

fn gate(child: &mut Child, spec: &Spec) -> io::Result<(Process, ChildStdin)> {
    let gone = || io::Error::other("the process ended before it began");
    let mut gate = child.stdin.take().ok_or_else(gone)?;
    let mut line = serde_json::to_vec(spec)?;
    line.push(b'\n');
    gate.write_all(&line)?;
    let process = identity(child.id()).ok_or_else(gone)?;
    Ok((process, gate))
}

/// What tells a running process from all others; `None`: there is none, or it is a zombie.
pub fn identity(pid: u32) -> Option<Process> {
    let fields = fields(pid)?;
    if matches!(fields.first()?.as_str(), "Z" | "X") {
        return None;
    }
    let started = fields.get(19)?.parse().ok()?;
    Some(Process { pid, started, boot: boot() })
}

/// What the system says of a process, from its state on. The name, in brackets, may hold anything;
/// fields are counted from behind it (proc(5)).
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// Numbers of all processes.
fn numbers() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

pub fn boot() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}

pub fn is_running(process: &Process) -> bool {
    identity(process.pid).as_ref() == Some(process)
}

fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}

/// A handle that becomes readable when the process ends; none if it is gone already.
fn watch(process: &Process) -> Option<OwnedFd> {
    let handle = rustix::process::pidfd_open(pid(process.pid)?, PidfdFlags::NONBLOCK).ok()?;
    // The number may have been given to another between our knowing it and opening the handle.
    is_running(process).then_some(handle)
}

/// Waits until a process has ended: by its handle, or by looking where no handle could be had.
pub async fn end_of(process: &Process) {
    if let Some(handle) = watch(process)
        && by_handle(handle).await
    {
        return;
    }
    while is_running(process) {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

async fn by_handle(handle: OwnedFd) -> bool {
    match registered(handle, Interest::READABLE) {
        Some(handle) => handle.readable().await.is_ok(),
        None => false,
    }
}

#[expect(unsafe_code, reason = "tokio takes any handle, and asks us that it stays one")]
fn registered(handle: OwnedFd, interest: Interest) -> Option<AsyncFd<OwnedFd>> {
    // SAFETY: an owned descriptor stays open, and the same, for as long as it lives.
    unsafe { AsyncFd::register_with_interest(handle, interest) }.ok()
}

/// Asks a process to end, and its group with it: the launcher has made it a leader.
pub fn ask_to_end(process: &Process) {
    if let Some(pid) = pid(process.pid).filter(|_| is_running(process)) {
        let _ = rustix::process::kill_process_group(pid, Signal::TERM);
        let _ = rustix::process::kill_process(pid, Signal::TERM);
    }
}

/// Asks all that belongs to an instance to end, but not who keeps it.
pub fn ask_kept_to_end(cgroups: &Cgroups, instance: &str, mark: &str, keeper: &Process) {
    let members = members(cgroups, instance, mark).into_iter();
    signal(members.filter(|member| *member != keeper.pid), Signal::TERM);
}

/// Processes that belong to an instance.
fn members(cgroups: &Cgroups, instance: &str, mark: &str) -> Vec<u32> {
    cgroups.members(instance).unwrap_or_else(|| marked(mark))
}

fn signal(processes: impl IntoIterator<Item = u32>, signal: Signal) {
    for pid in processes.into_iter().filter_map(pid) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// The process that another one keeps.
pub fn kept_by(keeper: &Process) -> Option<u32> {
    let parent = keeper.pid.to_string();
    numbers().find(|number| fields(*number).is_some_and(|of| of.get(1) == Some(&parent)))
}

/// Ends a process, at once.
pub fn end(process: &Process) {
    signal(is_running(process).then_some(process.pid), Signal::KILL);
}

/// Ends all that belongs to an instance, at once. Gives whether nothing is left.
pub fn end_all(cgroups: &Cgroups, instance: &str, mark: &str) -> bool {
    for _ in 0..50 {
        let members = members(cgroups, instance, mark);
        if members.is_empty() {
            return true;
        }
        signal(members, Signal::KILL);
        std::thread::sleep(std::time::Duration::from_millis(4));
    }
    false
}

/// Processes whose environment carries a mark.
pub fn marked(mark: &str) -> Vec<u32> {
    let wanted = format!("{MARK}={mark}").into_bytes();
    numbers()
        .filter(|pid| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|entry| entry == wanted)
        })
        .filter(|pid| identity(*pid).is_some())
        .collect()
}

/// Instances of this data folder of which any process runs, whatever the registry says.
pub fn instances_seen(cgroups: &Cgroups, mark: &str) -> Vec<String> {
    let prefix = format!("{MARK}={mark}/").into_bytes();
    let mut seen: Vec<String> = cgroups.instances();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for entry in entries {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let mut marks = environment.split(|byte| *byte == 0);
        let id = marks.find_map(|entry| entry.strip_prefix(prefix.as_slice()));
        seen.extend(id.map(|id| String::from_utf8_lossy(id).into_owned()));
    }
    seen.sort();
    seen.dedup();
    seen
}
