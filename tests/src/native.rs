//! Machine code among the other tools of a system: C and Rust, the debugger, other machines.

use crate::tools::{self, Ran, command, run};
use std::path::Path;
use std::process::Command;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

fn example(path: &str) -> String {
    xtask::root().join("examples").join(path).to_string_lossy().into_owned()
}

/// Runs a command to its good end.
fn done(command: &mut Command) -> Ran {
    let ran = run(command);
    assert_eq!(ran.code, Some(0), "{command:?}\n{}", ran.told());
    ran
}

/// The first build for a machine makes the run time as well, which takes as long as it takes.
fn eclexia(folder: &Path, arguments: &[&str]) -> String {
    let done = command(folder, arguments).output().expect("the command runs");
    assert!(done.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

fn in_folder(folder: &Path, program: &str, arguments: &[&str]) -> Ran {
    done(Command::new(program).args(arguments).current_dir(folder))
}

const LETTERS: &str = "12 letters, 4.0 for each word\n\
    6 letters, 3.0 for each word, all capitals\nNggnpx ng qnja\nGröße\n7\n";

#[test]
fn c_is_called_in_every_engine() {
    let folder = folder();
    let (here, program) = (folder.path(), example("calling-c/letters.ecl"));
    let source = example("calling-c/letters.c");
    in_folder(here, "cc", &["-c", &source, "-o", "letters.o"]);
    in_folder(here, "cc", &["-shared", "-fPIC", &source, "-o", "letters.so"]);
    eclexia(here, &["build", &program, "--link", "letters.o", "-o", "letters"]);
    assert_eq!(in_folder(here, "./letters", &[]).out, LETTERS);
    for engine in ["jit", "interpreter"] {
        let load = ["run", "--link", "./letters.so", "--engine", engine, &program];
        assert_eq!(eclexia(here, &load), LETTERS, "{engine}");
    }
}

#[test]
fn what_is_not_linked_stops_every_engine_where_it_is_called() {
    let folder = folder();
    let (here, program) = (folder.path(), example("calling-c/letters.ecl"));
    eclexia(here, &["build", &program, "-o", "letters"]);
    let built = run(Command::new("./letters").current_dir(here));
    assert!(built.err.contains("error[extern-not-linked]"), "{}", built.told());
    for engine in ["jit", "interpreter"] {
        let ran = run(&mut command(here, &["run", "--engine", engine, &program]));
        assert_eq!((ran.code, ran.out, ran.err), (Some(1), built.out.clone(), built.err.clone()));
    }
}

/// The last of what a caller of the library says: why a call failed.
fn assert_says_why(ran: &Ran) {
    assert!(ran.err.starts_with("error[division-by-zero]"), "{}", ran.told());
}

#[test]
fn c_and_rust_call_a_library() {
    let folder = folder();
    let here = folder.path();
    eclexia(here, &["build", &example("called-from-c/shop.ecl"), "--library"]);
    let main = example("called-from-c/main.c");
    let libraries = ["libshop.a", "-lm", "-lpthread", "-ldl"];
    in_folder(
        here,
        "cc",
        &[&["-I.", "-Wall", "-Werror", &main, "-o", "in-c"], &libraries[..]].concat(),
    );
    let ran = in_folder(here, "./in-c", &[]);
    assert_eq!(ran.out, "28.50\n3.75\n3 cups\n3\n");
    assert_says_why(&ran);
    let main = example("called-from-rust/main.rs");
    in_folder(
        here,
        "rustc",
        &[&main, "-L", ".", "-l", "static=shop", "-o", "in-rust", "-C", "link-arg=-Wl,-z,muldefs"],
    );
    let ran = in_folder(here, "./in-rust", &[]);
    assert_eq!(ran.out, "28.50\none cup\n3\n");
    assert_says_why(&ran);
}

const COUNTS: &str = "\
(defn count [n by]
  (if (<= n 0)
    (quot 6 by)
    (+ 1 (count (- n 1) by))))

(defn main [_]
  (print (count 3 2)))
";

#[test]
fn a_debugger_stops_at_a_line_and_knows_the_callers() {
    let Some(gdb) = tools::find("gdb", "apt-get install gdb") else { return };
    let folder = folder();
    let here = folder.path();
    std::fs::write(here.join("counts.ecl"), COUNTS).expect("a file can be written");
    eclexia(here, &["build", "counts.ecl", "-o", "counts"]);
    let words = ["-batch", "-ex", "break counts.ecl:3", "-ex", "run", "-ex", "bt", "./counts"];
    let ran = done(Command::new(gdb).args(words).current_dir(here));
    let frames: Vec<&str> = ran.out.lines().filter(|line| line.starts_with('#')).collect();
    let at = |frame: usize, text: &str| frames.get(frame).is_some_and(|line| line.contains(text));
    assert!(at(0, "count") && at(0, "counts.ecl:3"), "{}", ran.told());
    assert!(at(1, "count") && at(1, "counts.ecl:4"), "{}", ran.told());
    assert!(
        frames.iter().any(|line| line.contains("main") && line.contains("counts.ecl:7")),
        "{}",
        ran.told()
    );
}

const ARM: &str = "aarch64-unknown-linux-gnu";

/// What runs executables for 64-bit ARM, where that can be made here.
fn arm() -> Option<[String; 3]> {
    let qemu = tools::find("qemu-aarch64", "apt-get install qemu-user")?;
    tools::find("aarch64-linux-gnu-gcc", "apt-get install gcc-aarch64-linux-gnu")?;
    let libraries = "/usr/aarch64-linux-gnu";
    let has_them = Path::new(libraries).join("lib/libc.so.6").exists();
    tools::required(has_them, "ARM's C library", "apt-get install libc6-dev-arm64-cross")?;
    let rust = Command::new("rustc").args(["--print", "target-libdir", "--target", ARM]).output();
    let folder = rust.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    let has_rust = folder.is_ok_and(|folder| Path::new(&folder).exists());
    tools::required(has_rust, "Rust for ARM", &format!("rustup target add {ARM}"))?;
    Some([qemu.to_string_lossy().into_owned(), "-L".to_owned(), libraries.to_owned()])
}

#[test]
fn programs_are_the_same_on_arm() {
    let Some([qemu, flag, libraries]) = arm() else { return };
    let folder = folder();
    let here = folder.path();
    for (path, text) in crate::readers::texts("tests/run", ".ecl") {
        // Where time passes, or the stack ends, machines differ.
        if text.contains(":time") || text.contains("[stack-exhausted]") {
            continue;
        }
        let program = xtask::root().join(&path).to_string_lossy().into_owned();
        eclexia(here, &["build", &program, "-o", "here"]);
        eclexia(here, &["build", &program, "--target", ARM, "-o", "arm"]);
        let report =
            |command: &mut Command| run(command.env("ECLEXIA_REPORT", "1").current_dir(here));
        let one = report(&mut Command::new("./here"));
        let two = report(Command::new(&qemu).args([&flag, &libraries, "./arm"]));
        assert_eq!((one.code, one.out, one.err), (two.code, two.out, two.err), "{path}");
    }
}
