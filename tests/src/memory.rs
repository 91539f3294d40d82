//! Executables under checkers of memory. Every cell comes from the system's allocator and goes back
//! to it there (the feature `malloc` of the run time): AddressSanitizer sees what the run time does
//! with each, valgrind also what machine code does.
//!
//! These take minutes, most of them to build the run time twice: CI runs them, and
//! `cargo test -p eclexia-tests --lib memory:: -- --ignored`.

use crate::engines::generate;
use crate::readers;
use crate::tools::{self, command, run};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The static library of executables with these flags of the compiler.
fn library(folder: &str, flags: &str) -> PathBuf {
    let made = xtask::root().join("target").join(folder);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["rustc", "--quiet", "--package", "eclexia-native", "--release"]);
    command.args(["--features", "malloc", "--crate-type", "staticlib", "--target", TARGET]);
    for set in ["panic=\"abort\"", "lto=false", "debug=\"line-tables-only\""] {
        command.args(["--config", &format!("profile.release.{set}")]);
    }
    command.arg("--target-dir").arg(&made).current_dir(xtask::root());
    command.env("RUSTFLAGS", flags).env("RUSTC_BOOTSTRAP", "1");
    let status = command.status();
    assert!(status.is_ok_and(|status| status.success()), "the run time builds with {flags}");
    made.join(TARGET).join("release/libeclexia_native.a")
}

/// Whether programs are run that run parts of themselves.
#[derive(Clone, Copy, PartialEq)]
enum Parts {
    With,
    /// A checker does not follow threads onto stacks of ours.
    Without,
}

/// Whose programs: those of `tests/run`, or random ones. Each is a test of its own, so that both
/// cores have something to do.
#[derive(Clone, Copy, PartialEq)]
enum By {
    Us,
    Chance,
}

/// Programs with the arguments of the runs of each.
fn programs(by: By, parts: Parts) -> Vec<(String, String, Vec<String>)> {
    if by == By::Chance {
        let random = [(30_000_000, 0), (40_000_000, 3)].map(|(first, faults)| {
            let seeds: Vec<u64> = (first..first + 25).collect();
            let text = generate::file(&seeds, 4, faults, parts == Parts::With);
            let runs = seeds.iter().map(u64::to_string).collect();
            (format!("random programs from {first}"), text, runs)
        });
        return random.into();
    }
    let texts = readers::texts("tests/run", ".ecl").into_iter();
    // A stack of a gigabyte is too much for a checker, and so are a million calls.
    let words = ["par/", "run-within", "with-budget"];
    let has_parts = |text: &str| words.iter().any(|word| text.contains(word));
    let texts = texts.filter(|(path, text)| {
        !path.contains("recursion") && (parts == Parts::With || !has_parts(text))
    });
    texts.map(|(path, text)| (path, text, vec![String::new()])).collect()
}

/// Runs programs with a library linked, through `checker`; what it says of a mistake fails.
fn check(
    library: &Path,
    (links, by, parts): (&[&str], By, Parts),
    checker: impl Fn(&Path) -> Command,
    mistake: &str,
) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let here = folder.path();
    for (name, text, runs) in programs(by, parts) {
        std::fs::write(here.join("case.ecl"), &text).expect("a file can be written");
        let mut build = command(here, &["build", "case.ecl", "-o", "case"]);
        build.args(links.iter().flat_map(|link| ["--link", link]));
        let built = run(build.env("ECLEXIA_NATIVE_LIBRARY", library));
        assert_eq!(built.code, Some(0), "{name}: {}", built.told());
        for argument in runs {
            let mut command = checker(&here.join("case"));
            let ran = run(command.arg(&argument));
            let is_right = matches!(ran.code, Some(0 | 1)) && !ran.err.contains(mistake);
            assert!(is_right, "{name} {argument}: {}", ran.told());
        }
    }
}

fn under_address_sanitizer(by: By) {
    static LIBRARY: LazyLock<PathBuf> =
        LazyLock::new(|| library("sanitize", "-Zsanitizer=address"));
    // Runs that stop leave what they had; frames that are left stay marked on their stack.
    let options = "detect_leaks=0:detect_stack_use_after_return=0";
    let checker = |program: &Path| {
        let mut command = Command::new(program);
        command.env("ASAN_OPTIONS", options);
        command
    };
    check(&LIBRARY, (&["asan"], by, Parts::With), checker, "AddressSanitizer");
}

fn under_valgrind(by: By) {
    static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| library("checked", ""));
    let Some(valgrind) = tools::find("valgrind", "apt-get install valgrind") else { return };
    // A run that is left changes stacks, after which it takes what is on the first for undefined.
    let options = ["-q", "--error-exitcode=9", "--max-stackframe=2000000000"];
    let checker = |program: &Path| {
        let mut command = Command::new(&valgrind);
        command.args(options).arg("--undef-value-errors=no").arg(program);
        command
    };
    check(&LIBRARY, (&[], by, Parts::Without), checker, "Invalid");
}

#[test]
#[ignore = "takes minutes; CI runs it"]
fn the_run_time_is_clean_under_address_sanitizer() {
    under_address_sanitizer(By::Us);
}

#[test]
#[ignore = "takes minutes; CI runs it"]
fn the_run_time_of_random_programs_is_clean_under_address_sanitizer() {
    under_address_sanitizer(By::Chance);
}

#[test]
#[ignore = "takes minutes; CI runs it"]
fn machine_code_is_clean_under_valgrind() {
    under_valgrind(By::Us);
}

#[test]
#[ignore = "takes minutes; CI runs it"]
fn machine_code_of_random_programs_is_clean_under_valgrind() {
    under_valgrind(By::Chance);
}
