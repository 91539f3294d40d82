//! What CI runs, in order, each step as one command that can be pasted into a shell.
//! `.ci/run` installs the tools and calls this, so nothing is checked there alone.
#![expect(clippy::print_stdout, reason = "a chore talks to its caller")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// The steps, cheapest first: what is wrong is told early.
const STEPS: &[(&str, &[&str])] = &[
    ("the formatter agrees", &["cargo", "fmt", "--all", "--check"]),
    (
        "clippy has nothing to say",
        &[
            "cargo",
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
    ),
    (
        "fuzz targets compile",
        // In the workspace's folder, where what they are made of is built already; they are of a
        // workspace of their own, so nothing else looks at them.
        &[
            "cargo",
            "check",
            "--manifest-path",
            "fuzz/Cargo.toml",
            "--target-dir",
            "target",
            "--bins",
            "--locked",
            "--quiet",
        ],
    ),
    ("all tests pass, tidy among them", &["cargo", "test", "--locked"]),
    (
        "integer programmes end as those of HiGHS",
        &[
            "cargo",
            // Of all packages, as above: of one alone others are built again with other features.
            "test",
            "--locked",
            "--workspace",
            "--features",
            "eclexia-optimizer/highs",
            "--test",
            "mip",
        ],
    ),
    (
        "the run time is clean under checkers of memory",
        &["cargo", "test", "--locked", "--lib", "memory::", "--", "--ignored"],
    ),
    (
        "the main job works as the README says",
        // As built for the tests: cargo would build it once more, of other features, and for speed
        // takes minutes longer. The page and the run time have been built so.
        &["target/debug/eclexia", "plan", "examples/document-store.ecl"],
    ),
];

/// Runs every step until one fails.
pub fn run(root: &Path) -> Result<(), String> {
    for (what, command) in STEPS {
        println!("\n== {what}\n$ {}", command.join(" "));
        let started = Instant::now();
        execute(root, command)?;
        println!("== {what}: done in {:.0} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The long run of what `cargo test` does with few moments.
pub fn chaos(root: &Path, moments: &str) -> Result<(), String> {
    // Both the supervisor and the command that applies are killed so often.
    let test = "deploying::plug::updates_survive";
    let setting = format!("ECLEXIA_CHAOS={moments}");
    execute(root, &["env", &setting, "cargo", "test", "--locked", "--lib", "--", test])
}

fn execute(root: &Path, command: &[&str]) -> Result<(), String> {
    let [program, arguments @ ..] = command else { return Ok(()) };
    // CI is part of what CI runs: a validator that is missing is a failure and not a skip.
    let status = Command::new(program).args(arguments).current_dir(root).env("CI", "true").status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed: {status}", command.join(" "))),
        Err(error) => Err(format!("`{program}` cannot be run: {error}")),
    }
}
