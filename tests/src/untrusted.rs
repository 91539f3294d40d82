//! Programs that nobody trusts: how each ends, in one word, and that nothing of them is left.

use crate::tools::{self, command, eclexia, run};
use eclexia_supervisor::untrusted::{self, Bounds, Status};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Runs a program; what is told of it.
fn told(name: &str, program: &str, more: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), program).expect("written");
    let arguments = [&["run", "--json", "--untrusted"], more, &[name]].concat();
    let ran = run(&mut command(folder.path(), &arguments));
    let line = ran.out.lines().find(|line| line.contains("eclexia-untrusted/1"));
    let value: Value = serde_json::from_str(line.unwrap_or_else(|| panic!("{}", ran.told())))
        .expect("a line of JSON");
    let is_well = value["status"] == "success";
    assert_eq!(ran.code, Some(if is_well { 0 } else { 1 }), "{}", ran.told());
    value
}

const LOOP: &str = "(defn forever [n] (forever (+ n 1)))\n(defn main [world] (forever 0))\n";

#[test]
fn each_end_has_its_word() {
    let quick = &["--deadline", "1s"];
    for (program, more, status) in [
        ("(defn main [world] (print \"well\"))\n", &[][..], "success"),
        ("(defn main [world] (+ 1 \"a\"))\n", &[], "compile_error"),
        ("(defn main [world] (quot 1 (- 1 1)))\n", &[], "runtime_error"),
        (LOOP, quick, "timeout"),
        (
            "(defn grow [all] (grow (str all all)))\n(defn main [world] (grow \"abcdefgh\"))\n",
            &["--max-memory", "64MiB"],
            "memory_exceeded",
        ),
    ] {
        let told = told("p.ecl", program, more);
        assert_eq!(told["status"], status, "{program}{told}");
        if status == "success" {
            assert_eq!(told["stdout"], "well\n");
        }
    }
}

#[test]
fn more_output_than_is_allowed_ends_it_and_the_rest_is_not_kept() {
    let program = "(defn more [n] (do (print \"0123456789\") (more (+ n 1))))\n\
        (defn main [world] (more 0))\n";
    let told = told("p.ecl", program, &["--max-output", "1KiB"]);
    assert_eq!(told["status"], "runtime_error", "{told}");
    assert_eq!(told["stdout"].as_str().map(str::len), Some(1024));
    assert!(told["reason"].as_str().is_some_and(|why| why.contains("wrote more")), "{told}");
}

/// A command of this machine, run as a program is.
fn ended(words: &[&str], bounds: Bounds) -> untrusted::Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    let command =
        untrusted::Command { launcher: eclexia(), words, folder: folder.path(), reads: Vec::new() };
    untrusted::run(&command, bounds).expect("it begins")
}

#[test]
fn what_it_may_not_do_it_does_not() {
    let bounds = Bounds { time: Duration::from_secs(3), memory: 64 << 20, output: 4096 };
    let mine = tempfile::tempdir().expect("a folder");
    let secret = mine.path().join("secret");
    std::fs::write(&secret, "s3cret").expect("written");
    let secret = secret.display().to_string();
    let read = ended(&["sh", "-c", "cat \"$0\"; echo x > \"$0\"; echo end", &secret], bounds);
    assert!(!read.stdout.contains("s3cret") && read.stdout.contains("end"), "{read:?}");
    assert_eq!(std::fs::read_to_string(&secret).expect("it is there"), "s3cret");
    let own = ended(&["sh", "-c", "echo a > b; cat b"], bounds);
    assert_eq!((own.status, own.stdout.as_str()), (Status::Success, "a\n"), "{own:?}");
    let administers = ended(&["mount", "-t", "tmpfs", "none", "/mnt"], bounds);
    assert_eq!(administers.status, Status::SecurityViolation, "{administers:?}");
    // What it may have is over long before its time, however busy the machine.
    let patient = Bounds { time: Duration::from_secs(60), ..bounds };
    let greedy = ended(&["sh", "-c", "a=aaaaaaaa; while :; do a=$a$a; done"], patient);
    assert_eq!(greedy.status, Status::MemoryExceeded, "{greedy:?}");
    // What it left behind is ended with it.
    let mark = "4711.25";
    let left = ended(&["sh", "-c", "sleep 4711.25 & sleep 4711.25 & echo gone"], bounds);
    assert_eq!((left.status, left.stdout.as_str()), (Status::Success, "gone\n"), "{left:?}");
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    let is_left = |path: &Path| {
        let line = std::fs::read(path.join("cmdline")).unwrap_or_default();
        line.windows(mark.len()).any(|part| part == mark.as_bytes())
    };
    assert!(!processes.map(|p| p.path()).any(|path| is_left(&path)));
    let groups = std::fs::read_dir("/sys/fs/cgroup/memory").into_iter().flatten().flatten();
    let ours = format!("eclexia-untrusted-{}-", std::process::id());
    let left: Vec<_> =
        groups.filter(|g| g.file_name().to_string_lossy().starts_with(&ours)).collect();
    assert!(left.len() < 2, "{left:?}");
    let Some(curl) = tools::find("curl", "apt-get install curl") else { return };
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    let curl = curl.display().to_string();
    let asked = ended(&[&curl, "-sS", "-m", "1", &address], bounds);
    assert_eq!(asked.status, Status::RuntimeError, "{asked:?}");
}
