//! `cargo xtask bench`: the criterion benches; with `--peers`, whole programs beside those of other
//! languages; with `--compare BASE`, two commits by the instructions that they execute.
#![expect(clippy::print_stdout, reason = "a chore talks to its caller")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the programs of the peers are, with the script that runs them; not part of the project.
const PEERS: &str = "../shared/peers/run.py";

/// Between these lines of `benches/RESULTS.md` stands what `--peers` measured.
const BEGIN: &str = "<!-- peers: begin -->";
const END: &str = "<!-- peers: end -->";

/// What `--compare` counts: the command's arguments, and the name of the row.
const COUNTED: &[(&str, &[&str])] = &[
    ("check of an example", &["check", "examples/document-store.ecl"]),
    ("check of the library's lists", &["check", "stdlib/std/list.ecl"]),
    ("plan", &["plan", "examples/budgets.ecl"]),
    ("run hello", &["run", "benches/peers/hello.ecl"]),
    ("run fib 24", &["run", "benches/peers/fib.ecl", "24"]),
    ("run nqueens 7", &["run", "benches/peers/nqueens.ecl", "7"]),
    ("run rbmap 3000", &["run", "benches/peers/rbmap.ecl", "3000"]),
    ("run wordcount 3000", &["run", "benches/peers/wordcount.ecl", "3000"]),
];

/// Runs the criterion benches; what they measured is kept in `benches/RESULTS.md` by hand.
pub fn criterion(root: &Path) -> Result<(), String> {
    run(Command::new("cargo").args(["bench", "--workspace", "--benches"]).current_dir(root))?;
    println!("\nreports: target/criterion; the figures of record: benches/RESULTS.md");
    Ok(())
}

/// Runs the programs of `benches/peers` in each engine beside every peer that is installed, and
/// writes the tables into `benches/RESULTS.md`. `words` go to the peers' script.
pub fn peers(root: &Path, words: &[&str]) -> Result<(), String> {
    let script = root.join(PEERS);
    if !script.exists() {
        return Err(format!(
            "{PEERS} is not here: the peers' programs are not part of the project"
        ));
    }
    run(Command::new("cargo").args(["build", "--release", "--locked"]).current_dir(root))?;
    let eclexia = root.join("target/release/eclexia");
    let (eclexia, programs) = (eclexia.display(), root.join("benches/peers"));
    let programs = programs.display();
    let of = |name: &str, flags: &str| {
        format!("{name}={eclexia} run {flags} {programs}/{{bench}}.ecl {{n}}")
    };
    let mut command = Command::new("python3");
    command.arg(&script).arg("--cpu").current_dir(root);
    command.args(["--extra", "executable={out}/{bench}.native {n}"]);
    command.args(["--extra", &of("jit", "")]);
    command.args(["--extra", &of("interpreter", "--engine interpreter")]);
    let build = format!("{eclexia} build {programs}/{{bench}}.ecl -o {{out}}/{{bench}}.native");
    command.args(["--build", &build]).args(words).stdout(Stdio::piped());
    let done = command.output().map_err(|error| format!("python3 cannot be run: {error}"))?;
    if !done.status.success() {
        return Err(format!("{PEERS} failed: {}", String::from_utf8_lossy(&done.stderr)));
    }
    let tables = String::from_utf8_lossy(&done.stdout).into_owned();
    println!("{tables}");
    if words.iter().any(|word| !word.starts_with('-')) {
        println!("some benches only: benches/RESULTS.md is left as it is");
        return Ok(());
    }
    record(&root.join("benches/RESULTS.md"), &tables)
}

fn record(path: &Path, tables: &str) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(fail)?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let Some((before, after)) = parts else {
        return Err(format!("{} has no place for the tables: {BEGIN} … {END}", path.display()));
    };
    let tables = tables.trim();
    std::fs::write(path, format!("{before}{BEGIN}\n\n{tables}\n\n{END}{after}")).map_err(fail)
}

/// Counts the instructions of some commands at this commit and at `base`, by callgrind.
pub fn compare(root: &Path, base: &str) -> Result<(), String> {
    let there = root.join("target/compare/tree");
    let _ = Command::new("git")
        .args(["worktree", "remove", "--force"])
        .arg(&there)
        .current_dir(root)
        .output();
    let mut add = Command::new("git");
    run(add
        .args(["worktree", "add", "--detach", "--force"])
        .arg(&there)
        .arg(base)
        .current_dir(root))?;
    let target = root.join("target/compare/build");
    let build = |tree: &Path, target: PathBuf| -> Result<PathBuf, String> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--locked", "--bin", "eclexia"]).current_dir(tree);
        run(cargo.env("CARGO_TARGET_DIR", &target))?;
        Ok(target.join("release/eclexia"))
    };
    let old = build(&there, target)?;
    let new = build(root, root.join("target"))?;
    let mut table = String::from("| command | base | now | ratio |\n|---|---:|---:|---:|\n");
    for (name, words) in COUNTED {
        let (before, after) = (instructions(root, &old, words), instructions(root, &new, words));
        let shown = |n: &Option<u64>| n.map_or("fails".to_owned(), |n| n.to_string());
        let ratio = match (before, after) {
            (Some(before), Some(after)) => format!("{:.3}", after as f64 / before as f64),
            _ => String::new(),
        };
        let _ = writeln!(table, "| {name} | {} | {} | {ratio} |", shown(&before), shown(&after));
    }
    println!("{table}");
    let mut remove = Command::new("git");
    run(remove.args(["worktree", "remove", "--force"]).arg(&there).current_dir(root))
}

/// Instructions that a command executes; `None` where it fails.
fn instructions(root: &Path, program: &Path, words: &[&str]) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args(words).current_dir(root);
    let done = valgrind.output().ok()?;
    let text = String::from_utf8_lossy(&done.stderr);
    let line = text.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok().filter(|_| done.status.success())
}

fn run(command: &mut Command) -> Result<(), String> {
    let shown = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` failed: {status}")),
        Err(error) => Err(format!("`{shown}` cannot be run: {error}")),
    }
}
