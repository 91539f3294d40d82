//! Deployments on this machine: the command, its supervisor and real processes, in a data folder of
//! each test. Nothing is left when a test ends, however it ends.

mod adapted;
mod carbon;
mod dependencies;
mod disk;
mod examined;
mod grants;
mod hooks;
mod jobs;
mod life;
mod limits;
mod observers;
mod page;
mod plug;
mod ports;
mod served;
mod settings;
mod templates;
mod updates;

use crate::tools::{Ran, command, run};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Nothing is waited for longer.
const LONGEST: Duration = Duration::from_secs(25);

/// A data folder with what is deployed in it.
struct Machine {
    /// A file system that its data folder is on; it goes before the folder does.
    disk: Option<disk::Disk>,
    folder: tempfile::TempDir,
    /// Variables of its commands.
    variables: Vec<(&'static str, String)>,
}

/// What every program of these tests begins with: two cores of this machine for nothing.
const HERE: &str = "(module shop)\n(import std.deploy :all)\n(import std.http :as http)\n\
    (def box (NodeType {:name \"box\" :cpu 64cpu :memory 1TiB :idle 1W :power-per-core 1W/cpu}))\n\
    (def here (Region {:name \"here\" :zones 1 :carbon 1gCO2e/kWh \
    :offers [(Offer {:node box :price 0USD/h :limit 1})]}))\n";

impl Machine {
    fn new() -> Machine {
        let folder = tempfile::tempdir().expect("a folder");
        Machine { disk: None, folder, variables: Vec::new() }
    }

    /// Hidden, so that a project in the folder does not ship it.
    fn data(&self) -> PathBuf {
        self.folder.path().join(".data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.folder.path(), arguments);
        command.env("ECLEXIA_DATA_DIR", self.data());
        command.envs(self.variables.iter().map(|(name, value)| (*name, value)));
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.command(arguments))
    }

    /// Runs what must succeed.
    fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}\n{}", ran.told());
        ran.out
    }

    /// A program of services and jobs, as `shop.ecl`.
    fn write(&self, services: &str) {
        let named = |form: &str| {
            let rests = services.split(form).skip(1);
            let names: Vec<&str> =
                rests.filter_map(|rest| rest.split_whitespace().next()).collect();
            names.join(" ")
        };
        let (all, jobs) = (named("(defservice "), named("(defjob "));
        let fields = format!(":regions [here] :services [{all}] :jobs [{jobs}]");
        let text = format!("{HERE}{services}\n(defdeployment shop {{{fields}}})\n");
        std::fs::write(self.folder.path().join("shop.ecl"), text).expect("written");
    }

    fn status(&self) -> Value {
        let out = self.done(&["status", "--json"]);
        serde_json::from_str(out.lines().next().unwrap_or_default()).expect("a line of JSON")
    }

    /// The replicas of all services.
    fn instances(&self) -> Vec<Value> {
        let status = self.status();
        let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
        let services = list(&status, "deployments").into_iter().flat_map(|d| list(&d, "services"));
        services.flat_map(|service| list(&service, "instances")).collect()
    }

    fn pids(&self) -> Vec<u64> {
        self.instances().iter().filter_map(|instance| instance["pid"].as_u64()).collect()
    }

    fn events(&self) -> String {
        self.done(&["history", "--events", "-n", "1000"])
    }

    /// Waits until something holds.
    fn until(&self, what: &str, holds: impl FnMut() -> bool) {
        assert!(self.holds(holds), "not in time: {what}\n{}", self.events());
    }

    /// Waits until something holds, and gives whether it does in time.
    fn holds(&self, mut holds: impl FnMut() -> bool) -> bool {
        let began = Instant::now();
        while !holds() {
            if began.elapsed() >= LONGEST {
                return false;
            }
            std::thread::sleep(Duration::from_millis(40));
        }
        true
    }

    /// Processes of this machine that belong to it, whatever the registry says.
    fn processes(&self) -> Vec<u32> {
        let mark = self.data().as_os_str().as_encoded_bytes().to_vec();
        let entries = std::fs::read_dir("/proc").expect("processes").flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers
            .filter(|pid: &u32| {
                let read = |file| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
                let (environment, command) = (read("environ"), read("cmdline"));
                let is_supervisor = command.windows(9).any(|part| part == b"supervise");
                let is_logger = command.windows(7).any(|part| part == b"\0logger");
                let is_server = command.windows(7).any(|part| part == b"\0serve\0");
                let has = |text: &[u8]| text.windows(mark.len()).any(|part| part == mark);
                has(&environment) && !is_supervisor && !is_logger && !is_server
            })
            .collect()
    }

    /// Those that copy what services write; the last one ends some time after the last service.
    fn loggers(&self) -> Vec<u32> {
        let mark = format!("ECLEXIA_DATA_DIR={}", self.data().display()).into_bytes();
        let entries = std::fs::read_dir("/proc").expect("processes").flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_one = |pid: &u32| {
            let read = |file| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            read("cmdline").ends_with(b"\0logger\0")
                && read("environ").split(|byte| *byte == 0).any(|entry| entry == mark)
        };
        numbers.filter(is_one).collect()
    }

    fn supervisor(&self) -> u32 {
        let pid = self.status()["supervisor"].as_u64().expect("a supervisor");
        u32::try_from(pid).expect("a process")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.command(&["destroy", "shop", "--quiet"]).output();
        let left = self.processes();
        left.iter().for_each(|pid| kill(*pid, "-KILL"));
        if !std::thread::panicking() {
            assert!(left.is_empty(), "left behind: {left:?}");
        }
    }
}

fn kill(pid: u32, signal: &str) {
    let _ = Command::new("kill").args([signal, &pid.to_string()]).status();
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// The answer to a GET: status line and body; none where nobody answers.
fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(LONGEST)).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split_whitespace().nth(1)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some((status, body.to_owned()))
}
