//! What the command does where the world around it fails: files that are not there or not files,
//! text that is no text, an output that nobody reads, a disk without room. Each is a message with
//! a code and an exit code, never a panic, and never a file that is half written. What a page of
//! `cli/` can say is said there.

use crate::tools::{self, Ran, command, run};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const EXAMPLE: &str = "examples/document-store.ecl";

fn eclexia(folder: &Path, arguments: &[&str]) -> Ran {
    run(&mut command(folder, arguments))
}

/// Fails with 1 and a diagnostic of the code; no panic, no bug report.
fn assert_diagnosed(ran: &Ran, code: &str) {
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains(&format!("error[{code}]")), "no `{code}`\n{}", ran.told());
    assert!(is_calm(ran), "{}", ran.told());
}

fn is_calm(ran: &Ran) -> bool {
    !ran.err.contains("panicked") && !ran.err.contains("bug:")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let folder = folder();
    for verb in ["check", "plan", "run", "fmt"] {
        assert_diagnosed(&eclexia(folder.path(), &[verb, "nothing.ecl"]), "missing-file");
    }
}

#[test]
fn a_folder_is_no_file() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("shop.ecl")).expect("a folder can be made");
    assert_diagnosed(&eclexia(folder.path(), &["check", "shop.ecl"]), "directory-for-file");
}

/// Root reads whatever its mode says, so the file is a link to itself.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_told() {
    let folder = folder();
    let path = folder.path().join("loop.ecl");
    std::os::unix::fs::symlink(&path, &path).expect("a link can be made");
    assert_diagnosed(&eclexia(folder.path(), &["check", "loop.ecl"]), "unreadable-file");
}

#[test]
fn bytes_that_are_no_text_are_told_at_their_place() {
    let folder = folder();
    std::fs::write(folder.path().join("a.ecl"), b"(def x 1)\n(def y \"\xff\")\n").expect("written");
    let output = eclexia(folder.path(), &["check", "a.ecl"]);
    assert_diagnosed(&output, "invalid-utf8");
    assert!(output.err.contains("a.ecl:2:"), "{}", output.told());
}

#[test]
fn ten_megabytes_of_brackets_are_answered_soon_and_shortly() {
    let folder = folder();
    std::fs::write(folder.path().join("a.ecl"), "(".repeat(10_000_000)).expect("written");
    let started = Instant::now();
    let output = eclexia(folder.path(), &["check", "a.ecl"]);
    assert_eq!(output.code, Some(1), "{}", output.told());
    assert!(is_calm(&output), "{}", output.told());
    assert!(output.out.len() + output.err.len() < 20_000, "the answer is too long");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let root = xtask::root();
    for arguments in [&["explain", "unit-mismatch"][..], &["plan", EXAMPLE], &["--help"]] {
        let mut child = command(&root, arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command can be started");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the command ends");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("panicked") && !err.contains("bug"), "{arguments:?}: {err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_without_room_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = Command::new(tools::eclexia())
        .args(["explain", "unit-mismatch"])
        .stdout(full)
        .output()
        .expect("the command can be started");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(!err.contains("panicked") && !err.is_empty(), "{err}");
}

/// A limit on file sizes is the full disk that a test can have: the write fails half way.
#[cfg(unix)]
#[test]
fn a_plan_is_written_whole_or_not_at_all() {
    let folder = folder();
    let example = xtask::root().join(EXAMPLE);
    let script = "ulimit -f 1; trap '' XFSZ; exec \"$0\" plan \"$1\" -o plan.json";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(tools::eclexia()).arg(example).current_dir(folder.path());
    let ran = run(&mut shell);
    assert_ne!(ran.code, Some(0), "a plan is longer than the limit: {}", ran.told());
    assert!(ran.err.contains("error["), "{}", ran.told());
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("readable").flatten().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

/// What the prompt prints for these lines, and its code.
fn prompt(lines: &str) -> (String, String, Option<i32>) {
    let mut child = Command::new(tools::eclexia())
        .arg("repl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    let mut input = child.stdin.take().expect("the input is piped");
    input.write_all(lines.as_bytes()).expect("written");
    drop(input);
    let output = child.wait_with_output().expect("the command ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

#[test]
fn the_prompt_works_without_a_terminal() {
    let (out, err, code) = prompt("(+ 1 2)\n(defn f [x]\n  (* x 2))\n(f 21)\n:type f\n");
    assert!(out.contains('3') && out.contains("42") && out.contains("(Fn [Int] Int)"), "{out}");
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn the_session_owns_linear_values_until_an_input_moves_them() {
    const LEASES: &str = "(deftype Lease :linear (Lease Int))\n\
        (defn release [l] (match l [(Lease n) n]))\n(def l (Lease 7))\n(Lease 8)\n:live\n";
    let (out, err, _) = prompt(&format!("{LEASES}(release l)\n:live\n:release live1\n:live\n"));
    let lists: Vec<&str> = out.lines().filter(|line| line.ends_with(": Lease")).collect();
    let expected = ["l = (Lease 7) : Lease", "live1 = (Lease 8) : Lease", "l : Lease"];
    assert_eq!(lists, [&expected[..], &["live1 : Lease", "live1 : Lease"]].concat(), "{err}");
    assert!(out.contains("7 : Int") && out.contains("8 : Int"), "{out}");
    assert!(out.ends_with("nothing is live\n"), "{out}");
    let (out, err, code) = prompt(&format!("{LEASES}(release l)\n(release l)\n"));
    assert!(err.contains("unknown-name") && out.contains("lost with the session"), "{err}");
    assert_eq!(code, Some(1));
    let (_, err, _) = prompt(&format!("{LEASES}(+ (release l) (release l))\n"));
    assert!(err.contains("`l` is consumed twice"), "{err}");
}

#[test]
fn the_session_owns_budgets_too() {
    let (out, err, code) = prompt(
        "(import std.deploy :all)\n(defbudget team {:cpu 4cpu})\n(def b (draw team {:cpu 1cpu}))\n\
         :live\n(release b)\n:live\n(release b)\n",
    );
    assert!(out.contains("b : (Budget {:cpu 1cpu})\n"), "{out}{err}");
    assert!(out.contains("nothing is live\n"), "{out}{err}");
    assert!(err.contains("unknown-name"), "a budget is released once: {out}{err}");
    assert_eq!(code, Some(1), "{out}{err}");
}

#[test]
fn a_wrong_use_is_told_apart_from_an_error() {
    let ran = eclexia(&xtask::root(), &["pln", EXAMPLE]);
    assert_eq!(ran.code, Some(64), "{}", ran.told());
    assert!(ran.err.contains("plan"), "{}", ran.told());
}

#[test]
fn watched_tests_run_again_when_a_source_changes() {
    let folder = folder();
    let path = folder.path().join("main.ecl");
    std::fs::write(&path, "(deftest \"a\" (check (= 1 1)))\n").expect("written");
    let mut child = command(folder.path(), &["test", "--watch"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command can be started");
    let out = std::io::BufReader::new(child.stdout.take().expect("the output is piped"));
    let mut lines = std::io::BufRead::lines(out).map(|line| line.expect("text"));
    let mut until_waiting = || {
        let round: Vec<String> =
            lines.by_ref().take_while(|line| line != "waiting for changes").collect();
        round
    };
    assert_eq!(until_waiting(), ["ok     a", "1 passed, 0 failed"]);
    std::fs::write(&path, "(deftest \"b\" (check (= 2 2)))\n(def c 1)\n").expect("written");
    assert_eq!(until_waiting(), ["ok     b", "1 passed, 0 failed"]);
    child.kill().expect("the command can be ended");
    child.wait().expect("and is");
}
