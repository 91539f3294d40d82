//! New versions under load: nobody notices, and what is not well is taken back.

use super::{LONGEST, Machine, free_port, get};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A service that says `word`, and is well as long as `health` says so.
pub fn version(machine: &Machine, port: u16, word: &str, health: u16, rollout: &str) {
    machine.write(&format!(
        "(defn answer [request]\n  (match (.path request)\n\
           [\"/health\" (http/text {health} \"health\")]\n\
           [_ (http/text 200 \"{word}\")]))\n\
         (defn main [world]\n  (let [port (try (env/int-or (.env world) \"PORT\" 1))]\n\
           (http/serve (.network world) (str \"127.0.0.1:\" port) answer)))\n\
         (defservice web {{:image \"i\" :command [\"eclexia\" \"run\" \"shop.ecl\"]\n\
           :port {port} :replicas 2 :rollout {rollout}\n\
           :health (http \"/health\" :every 1s :timeout 1s :retries 2)}})"
    ));
}

/// Clients that ask all the time, on connections that stay open.
struct Load {
    is_over: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn start(port: u16, clients: usize) -> Load {
        let (is_over, asked, failed) = Default::default();
        let mut load = Load { is_over, asked, failed, clients: Vec::new() };
        for _ in 0..clients {
            let (is_over, asked, failed) =
                (load.is_over.clone(), load.asked.clone(), load.failed.clone());
            load.clients.push(std::thread::spawn(move || {
                let mut told = Vec::new();
                let mut stream = None;
                while !is_over.load(Ordering::Relaxed) {
                    asked.fetch_add(1, Ordering::Relaxed);
                    if let Err(why) = ask(port, &mut stream) {
                        failed.fetch_add(1, Ordering::Relaxed);
                        told.push(why);
                        stream = None;
                    }
                    std::thread::sleep(Duration::from_millis(4));
                }
                told
            }));
        }
        load
    }

    fn end(self) -> (u64, Vec<String>) {
        self.is_over.store(true, Ordering::Relaxed);
        let told = self.clients.into_iter().flat_map(|client| client.join().expect("it ends"));
        let told = told.collect();
        (self.asked.load(Ordering::Relaxed), told)
    }
}

/// One request and its whole answer.
fn ask(port: u16, stream: &mut Option<TcpStream>) -> Result<(), String> {
    let said = |error: std::io::Error| error.to_string();
    if stream.is_none() {
        let new = TcpStream::connect(("127.0.0.1", port)).map_err(said)?;
        new.set_read_timeout(Some(LONGEST)).map_err(said)?;
        *stream = Some(new);
    }
    let Some(stream) = stream else { return Err("no connection".to_owned()) };
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").map_err(said)?;
    let (mut answer, mut chunk) = (Vec::new(), [0; 1024]);
    loop {
        let read = stream.read(&mut chunk).map_err(said)?;
        if read == 0 {
            return Err(format!("cut: {}", String::from_utf8_lossy(&answer)));
        }
        answer.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let lower = head.to_ascii_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|n| n.trim().parse().ok()).unwrap_or(0);
        if body.len() >= length {
            let is_good = head.starts_with("HTTP/1.1 200");
            return if is_good { Ok(()) } else { Err(text.into_owned()) };
        }
    }
}

fn without_a_gap(rollout: &str) {
    let (machine, port) = (Machine::new(), free_port());
    version(&machine, port, "one", 200, rollout);
    machine.done(&["apply", "shop.ecl"]);
    let load = Load::start(port, 3);
    version(&machine, port, "two", 200, rollout);
    machine.done(&["apply", "shop.ecl", "--hold", "300ms"]);
    let (asked, failed) = load.end();
    assert!(failed.is_empty(), "{} of {asked} failed: {:?}", failed.len(), &failed[..1]);
    assert_eq!(get(port, "/"), Some((200, "two".to_owned())));
    assert_eq!(machine.pids().len(), 2);
}

#[test]
fn rolling_updates_fail_no_request() {
    without_a_gap("(rolling 1)");
}

#[test]
fn blue_green_updates_fail_no_request() {
    without_a_gap("blue-green");
}

#[test]
fn canary_updates_fail_no_request() {
    without_a_gap("(canary [50% 100%] :abort-when (above error-rate 1%))");
}

#[test]
fn a_version_that_is_not_well_gets_no_request_and_is_taken_back() {
    let (machine, port) = (Machine::new(), free_port());
    version(&machine, port, "one", 200, "blue-green");
    machine.done(&["apply", "shop.ecl"]);
    let load = Load::start(port, 2);
    version(&machine, port, "two", 500, "blue-green");
    let ran = machine.run(&["apply", "shop.ecl"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains("Version 1 runs on."), "{}", ran.told());
    machine.until("only the old ones are left", || machine.pids().len() == 2);
    let (_, failed) = load.end();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(get(port, "/"), Some((200, "one".to_owned())));
    assert!(machine.done(&["history", "shop"]).contains("rolled-back"));
}

#[test]
fn what_nobody_confirms_is_taken_back_and_an_earlier_version_can_be_returned_to() {
    let machine = Machine::new();
    let version = |word: &str| {
        machine.write(&format!("(defservice a {{:image \"i\" :command [\"sleep\" \"{word}\"]}})"));
    };
    version("1001");
    machine.done(&["apply", "shop.ecl"]);
    version("1002");
    let out = machine.done(&["apply", "shop.ecl", "--confirm-within", "1s"]);
    assert!(out.contains("eclexia confirm shop"), "{out}");
    machine.until("it is taken back", || {
        machine.done(&["history", "shop"]).contains("nobody confirmed it")
    });
    let out = machine.done(&["apply", "shop.ecl", "--confirm-within", "20s"]);
    assert!(out.contains("Version 3"), "{out}");
    machine.until("it can be confirmed", || machine.run(&["confirm", "shop"]).code == Some(0));
    machine.done(&["rollback", "shop"]);
    let runs = |command: &str| {
        let pid = machine.pids()[0];
        let text = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        text.contains(command)
    };
    machine.until("the first again", || runs("1001"));
    machine.done(&["rollback", "shop", "3"]);
    machine.until("the third again", || runs("1002"));
    let ran = machine.run(&["rollback", "shop", "2"]);
    assert!(ran.err.contains("unknown-version"), "{}", ran.told());
}

#[test]
fn ports_of_services_that_are_gone_or_never_came_are_free_again() {
    let (machine, kept, gone) = (Machine::new(), free_port(), free_port());
    let service = |name: &str, port: u16, command: &str| {
        format!(
            "(defservice {name} {{:image \"i\" :command [\"{command}\" \"1000\"]\n\
               :port {port} :protocol \"tcp\"}})\n"
        )
    };
    let is_free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    machine.write(&(service("a", kept, "sleep") + &service("b", gone, "sleep")));
    machine.done(&["apply", "shop.ecl"]);
    assert!(!is_free(kept) && !is_free(gone));
    machine.write(&service("a", kept, "sleep"));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("the port of what is gone is free", || is_free(gone));
    // A version that is refused has listened only to see whether it could.
    machine.write(&(service("a", kept, "sleep") + &service("b", gone, "no-such-program")));
    assert_eq!(machine.run(&["apply", "shop.ecl"]).code, Some(1));
    machine.until("the port of what was refused is free", || is_free(gone));
    assert!(!is_free(kept));
}
