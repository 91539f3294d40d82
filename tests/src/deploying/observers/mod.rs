//! Observers: told what happens by the command as it is built, at a receiver that is a real
//! listener, a program of the manual, or a real server of NATS.

mod nats;
mod receiver;
mod webhooks;

use super::{LONGEST, Machine, free_port};
use crate::{readers, tools};
use eclexia_deploy::registry::{At, Event, Fact, Registry};
use eclexia_observe::WORDS;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Child, Stdio};

/// A process that tells observers, ended with the test.
struct Running(Child);

impl Running {
    fn start(machine: &Machine) -> Running {
        Running::at(machine, &[])
    }

    fn at(machine: &Machine, variables: &[(&str, String)]) -> Running {
        let mut command = machine.command(&["observe", "run"]);
        command.envs(variables.iter().cloned());
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Running(command.spawn().expect("it starts"))
    }

    /// As the plug does it.
    fn kill(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Machine {
    /// Records events, as the supervisor does.
    fn happen(&self, range: std::ops::Range<u32>) {
        std::fs::create_dir_all(self.data()).expect("a folder");
        let path = self.data().join("registry.sqlite");
        let event = |n: u32| {
            let detail = format!("event {n}");
            Fact::Event(Event::new("shop", "ready", At(1_700_000_000_000 + u64::from(n)), detail))
        };
        let facts: Vec<Fact> = range.map(event).collect();
        Registry::open(&path).expect("a registry").record(&facts).expect("recorded");
    }

    fn observe(&self, destination: &str, more: &[&str]) {
        let arguments = ["observe", "add", destination, "--name", "o"];
        self.done(&[&arguments[..], more].concat());
    }

    /// What `observe list` says of the only observer.
    fn observer(&self) -> Value {
        let out = self.done(&["observe", "list", "--json"]);
        serde_json::from_str(out.lines().next().unwrap_or_default()).expect("a line of JSON")
    }

    fn until_observer(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        self.until(what, || holds(&self.observer()));
    }
}

#[test]
fn what_cannot_be_observed_is_refused_with_its_code() {
    let machine = Machine::new();
    let at = |name: &str| machine.folder.path().join(name).display().to_string();
    let (open, odd, key) = (at("open"), at("odd"), at("key.pem"));
    std::fs::write(&open, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").expect("written");
    std::fs::write(&odd, "hunter2\n").expect("written");
    std::fs::write(&key, "-----BEGIN PRIVATE KEY-----\n").expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&odd, mode).expect("set");
    let add =
        |more: &[&'static str]| [&["observe", "add", "https://a.example.org/x"], more].concat();
    machine.done(&add(&["--name", "hooks"]));
    for (arguments, code) in [
        (vec!["observe", "add", "a.example.org"], "bad-destination"),
        (vec!["observe", "add", "https://ada:hunter2@a.example.org"], "bad-destination"),
        (vec!["observe", "add", "http://a.example.org"], "plain-destination"),
        (vec!["observe", "add", "nats://a.example.org"], "plain-destination"),
        (add(&["--name", "hooks"]), "observer-taken"),
        (add(&["--name", "../hooks"]), "bad-observer"),
        (add(&["--batch", "0"]), "bad-observer"),
        (add(&["--timeout", "1h"]), "bad-observer"),
        (add(&["--event", "complete"]), "unknown-event"),
        (add(&["--deployment", ""]), "bad-filter"),
        (add(&["--secret", "none"]), "bad-secret"),
        (vec!["observe", "add", "https://a.example.org", "--secret", &odd], "bad-secret"),
        (vec!["observe", "add", "https://a.example.org", "--secret", &open], "exposed-secret"),
        (vec!["observe", "add", "https://a.example.org", "--ca", &key], "bad-authorities"),
        (vec!["observe", "remove", "hook"], "unknown-observer"),
        (vec!["observe", "test", "../hooks"], "unknown-observer"),
        (vec!["observe", "resume", "none"], "unknown-observer"),
    ] {
        let ran = machine.run(&arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}\n{}", ran.told());
        assert!(ran.err.contains(&format!("error[{code}]")), "{arguments:?}\n{}", ran.told());
        assert!(!ran.told().contains("hunter2"), "{}", ran.told());
    }
    // Nothing was left of what was refused.
    let list = machine.done(&["observe", "list"]);
    assert!(list.starts_with("hooks  https://a.example.org/x\n  at 0, 0 behind"), "{list}");
    let folder = machine.data().join("observers");
    assert_eq!(readers_of(&folder), ["hooks"]);
    machine.done(&["observe", "remove", "hooks"]);
    assert!(readers_of(&folder).is_empty());
}

/// Names in a folder but for those of locks.
fn readers_of(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name != ".changes" && name != ".delivery").collect()
}

#[test]
fn what_is_kept_of_an_observer_is_for_its_owner_and_read_with_care() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new();
    machine.observe("https://a.example.org/x?token=hunter2", &[]);
    let told = machine.done(&["observe", "list"]) + &machine.done(&["observe", "list", "--json"]);
    let folder = machine.data().join("observers/o");
    let secret = std::fs::read_to_string(folder.join("secret")).expect("a secret");
    assert!(!told.contains("hunter2") && !told.contains(secret.trim()), "{told}");
    for file in ["observer.json", "cursor.json", "secret"] {
        let mode = std::fs::metadata(folder.join(file)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let whole = std::fs::read_to_string(folder.join("observer.json")).expect("a file");
    for damaged in ["{", "[]", &whole.replace("https", "gopher"), &whole.replace("50", "-1")] {
        std::fs::write(folder.join("observer.json"), damaged).expect("written");
        let ran = machine.run(&["observe", "list"]);
        assert!(ran.err.contains("error[bad-observer]"), "{damaged}\n{}", ran.told());
    }
    machine.done(&["observe", "remove", "o"]);
}

#[test]
fn every_kind_of_event_that_is_recorded_can_be_asked_for() {
    let mut missing = BTreeSet::new();
    for (path, text) in readers::texts("runtime/supervisor/src", ".rs") {
        // The kind is the second argument of a call, or the first part of how a replica ended.
        let calls = ["instance_event(", "Event::new("].map(|call| (call, 1));
        let ends = ["return (\"", "=> (\"", "=> {\n            (\""].map(|end| (end, 0));
        for (before, place) in calls.into_iter().chain(ends) {
            for rest in text.split(before).skip(1) {
                let kind = rest.split(',').nth(place).unwrap_or_default().trim();
                let quoted = kind.strip_suffix('"').map(|kind| kind.trim_start_matches('"'));
                let Some(kind) = quoted.filter(|_| place == 0 || kind.starts_with('"')) else {
                    continue;
                };
                let is_end = place == 1 || path.ends_with("supervisor.rs");
                // Of these two the status is the word.
                let has_words = ["state", "job"].contains(&kind);
                if is_end && !has_words && !WORDS.contains(&kind) {
                    missing.insert(format!("{path}: {kind}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not in the words of eclexia_observe::wanted: {missing:#?}");
    let page = std::fs::read_to_string(xtask::root().join("docs/observing.md")).expect("a page");
    let untold =
        WORDS.iter().filter(|word| **word != "test" && !page.contains(&format!("`{word}`")));
    assert_eq!(untold.collect::<Vec<_>>(), Vec::<&&str>::new(), "not in docs/observing.md");
}

/// The program of the manual that is a receiver.
fn program_of_the_manual(machine: &Machine) -> Option<std::path::PathBuf> {
    let page = std::fs::read_to_string(xtask::root().join("docs/observing.md")).expect("a page");
    let program = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next());
    let path = machine.folder.path().join("receiver.py");
    std::fs::write(&path, program.expect("a program")).expect("written");
    tools::find("python3", "apt-get install python3").map(|_| path)
}
