//! What ends a program from outside, and how deep it may go, in every way that it runs:
//! interpreted, compiled in memory, as an executable, and at the prompt.

use crate::tools;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Nothing is called in this loop; it begins when `main` has told so.
const LOOP: &str = "\
(defn turn [n] (loop [i 0] (recur (if (= i n) 0 (+ i 1)))))
(defn main [world]
  (do (print \"begun\") (clock/sleep (.clock world) 1ms) (print (if (= (turn 9) 1) 1 2))))
";
/// Nothing but calls.
const CALLS: &str = "\
(defn turn [n] (back (+ n 1)))
(defn back [n] (turn (- n 1)))
(defn main [world]
  (do (print \"begun\") (clock/sleep (.clock world) 1ms) (print (if (= (turn 9) 1) 1 2))))
";
/// Keeps more and more.
const GROW: &str = "\
(defn grow [xs n] (if (< n 0) xs (grow (Cons n xs) (+ n 1))))
(defn main [_] (print (list/length (grow Nil 0))))
";
/// A million calls that wait, and a list of ten million elements that is dropped.
const DEEP: &str = "\
(defn sum-to [n] (if (= n 0) 0 (+ n (sum-to (- n 1)))))
(defn build [n] (loop [i 0 xs (list)] (if (= i n) xs (recur (+ i 1) (Cons i xs)))))
(defn first-of [xs] (match xs [(Cons x _) x] [Nil 0]))
(defn main [_] (do (print (sum-to 1000000)) (print (first-of (build 10000000)))))
";
const ENDLESS: &str = "\
(defn down [n] (+ 1 (down (+ n 1))))
(defn main [_] (print (down 0)))
";

/// A folder with a program.
fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("p.ecl"), text).expect("the program can be written");
    folder
}

/// The ways that `eclexia run` goes.
const ENGINES: [&str; 2] = ["jit", "interpreter"];

/// The program as an executable.
fn executable(folder: &Path) -> Command {
    // The first build makes the run time as well, which takes as long as it takes.
    let mut build = tools::command(folder, &["build", "p.ecl", "-o", "p"]);
    let built = build.output().expect("the command runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let mut command = Command::new(folder.join("p"));
    command.current_dir(folder).env_remove("NO_COLOR");
    command
}

fn run_with(folder: &Path, options: &[&str]) -> Command {
    tools::command(folder, &[&["run"], options, &["p.ecl"]].concat())
}

/// Each way to run a program.
fn ways(folder: &Path) -> Vec<Command> {
    let run = ENGINES.map(|engine| run_with(folder, &["--engine", engine]));
    run.into_iter().chain([executable(folder)]).collect()
}

/// Sends Ctrl-C to a program that has begun; gives its exit code and what it said.
fn interrupted(command: &mut Command) -> (Option<i32>, String) {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command can be started");
    let mut out = BufReader::new(child.stdout.take().expect("the output is piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("the output can be read");
    assert_eq!(line, "begun\n");
    interrupt(child.id());
    let mut err = String::new();
    let mut pipe = child.stderr.take().expect("the errors are piped");
    pipe.read_to_string(&mut err).expect("the errors can be read");
    (child.wait().expect("the command ends").code(), err)
}

fn interrupt(process: u32) {
    let mut kill = Command::new("kill");
    let status = kill.args(["-INT", &process.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "the signal cannot be sent");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_loop_and_a_recursion_at_a_safe_point() {
    for text in [LOOP, CALLS] {
        let folder = folder(text);
        for mut command in ways(folder.path()) {
            let (code, err) = interrupted(&mut command);
            assert_eq!(code, Some(130), "{command:?}\n{err}");
            assert!(err.contains("error[interrupted]") && err.contains("p.ecl:"), "{err}");
        }
    }
}

#[test]
fn a_program_that_is_not_done_in_time_ends_with_a_diagnostic() {
    for text in [LOOP, CALLS] {
        let folder = folder(text);
        for engine in ENGINES {
            let options = ["--engine", engine, "--deadline", "200ms"];
            let ran = tools::run(&mut run_with(folder.path(), &options));
            assert_eq!(ran.code, Some(1), "{engine}: {}", ran.told());
            assert!(ran.err.contains("error[time-limit]"), "{engine}: {}", ran.told());
            assert!(ran.err.contains("p.ecl:"), "{engine}: {}", ran.told());
            assert_eq!(ran.out, "begun\n", "{engine}: {}", ran.told());
        }
    }
    let asleep = folder("(defn main [world] (clock/sleep (.clock world) 1h))\n");
    let ran = tools::run(&mut run_with(asleep.path(), &["--deadline", "100ms"]));
    assert_eq!(ran.code, Some(0), "who wakes up late is done: {}", ran.told());
}

#[test]
fn a_program_that_needs_more_memory_than_it_may_ends_with_a_diagnostic() {
    let folder = folder(GROW);
    for engine in ENGINES {
        let options = ["--engine", engine, "--max-memory", "16MiB"];
        let ran = tools::run(&mut run_with(folder.path(), &options));
        assert_eq!(ran.code, Some(1), "{engine}: {}", ran.told());
        assert!(ran.err.contains("more than 16 MiB of memory are needed"), "{}", ran.told());
    }
    let wrong = tools::run(&mut run_with(folder.path(), &["--max-memory", "16s"]));
    assert!(wrong.err.contains("as in 512MiB"), "{}", wrong.told());
}

#[test]
fn a_million_calls_wait_and_ten_million_cells_are_dropped() {
    let folder = folder(DEEP);
    for mut command in ways(folder.path()) {
        let ran = tools::run(&mut command);
        assert_eq!(ran.out, "500000500000\n9999999\n", "{command:?}: {}", ran.told());
    }
}

#[test]
fn a_recursion_without_end_exhausts_the_stack() {
    let folder = folder(ENDLESS);
    for mut command in ways(folder.path()) {
        let ran = tools::run(&mut command);
        assert_eq!(ran.code, Some(1), "{command:?}: {}", ran.told());
        assert!(ran.err.contains("error[stack-exhausted]"), "{command:?}: {}", ran.told());
        assert!(ran.err.contains("p.ecl:1:"), "{command:?}: {}", ran.told());
    }
}

/// A session at the prompt; `lines` are read at once, then `more` after Ctrl-C.
#[cfg(unix)]
#[test]
fn ctrl_c_at_the_prompt_ends_machine_code_and_leaves_the_session_usable() {
    let mut child = Command::new(tools::eclexia())
        .arg("repl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    let mut input = child.stdin.take().expect("the input is piped");
    let mut out = BufReader::new(child.stdout.take().expect("the output is piped"));
    let text = "(defn spin [n k] (if (= n k) 0 (spin (mod (+ n 1) 1000) k)))\n\
        (defn turns [n] (if (= n 0) 0 (+ (spin 0 999) (turns (- n 1)))))\n\
        (turns 500)\n:time (turns 500)\n(print \"begun\")\n(spin 0 -1)\n";
    input.write_all(text.as_bytes()).expect("written");
    let mut line = String::new();
    let mut said = String::new();
    while line != "begun\n" {
        line.clear();
        assert!(out.read_line(&mut line).expect("readable") > 0, "{said}");
        said.push_str(&line);
    }
    assert!(said.contains("compiled"), "{said}");
    // The next input has begun when this arrives, or is about to.
    std::thread::sleep(std::time::Duration::from_millis(500));
    interrupt(child.id());
    input.write_all(b"(turns 3)\n").expect("written");
    drop(input);
    let output = child.wait_with_output().expect("the command ends");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("error[interrupted]"), "{said}{err}");
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("readable");
    assert!(rest.contains("0 : Int"), "{rest}{err}");
}
