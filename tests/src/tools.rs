//! Commands of others that judge what we render and write, found on the path, in `target/ci-venv`
//! or in `target/ci-tools`, and our own command, built when it is first asked for.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// No command of a test runs longer.
const LONGEST: Duration = Duration::from_secs(60);

/// A validator that is installed; `None` after a printed reason, and a failure in CI.
pub fn find(name: &str, how_to_get: &str) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    folders.extend(["target/ci-venv/bin", "target/ci-tools/bin"].map(|at| xtask::root().join(at)));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    required(found.is_some(), &format!("`{name}`"), how_to_get)?;
    found
}

/// A Python with a module, of `target/ci-venv` or on the path; `None` as [`find`] has it.
pub fn python_with(module: &str, package: &str) -> Option<PathBuf> {
    let ours = xtask::root().join("target/ci-venv/bin/python3");
    let import = format!("import {module}");
    let has = |python: &PathBuf| {
        Command::new(python).args(["-c", &import]).output().is_ok_and(|o| o.status.success())
    };
    let found = [ours, PathBuf::from("python3")].into_iter().find(has);
    let how = format!("pip install {package}");
    required(found.is_some(), &format!("`{package}` for Python"), &how)?;
    found
}

/// `None` after a printed reason where something is not there, and a failure in CI.
pub fn required(is_there: bool, what: &str, how_to_get: &str) -> Option<()> {
    if !is_there {
        let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!is_ci, "{what} is missing, and CI does not skip: {how_to_get}");
        println!("skipped: {what} is not installed ({how_to_get})");
    }
    is_there.then_some(())
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    /// `None`: a signal.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// What the command said, for a message.
    pub fn told(&self) -> String {
        let Ran { code, out, err } = self;
        format!("exit: {code:?}\nout: {out:.4000}\nerr: {err:.4000}")
    }
}

/// Runs a command to its end, or to that of our patience.
pub fn run(command: &mut Command) -> Ran {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command can be started");
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err) = (spawn(|| text_of(out)), spawn(|| text_of(err)));
    let code = wait(&mut child);
    let text = |reader: std::thread::JoinHandle<String>| reader.join().expect("the reader ends");
    Ran { code, out: text(out), err: text(err) }
}

/// The exit code of what ends by itself.
pub fn wait(child: &mut Child) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the command can be waited for") {
            return status.code();
        }
        if started.elapsed() > LONGEST {
            child.kill().expect("the command can be ended");
            panic!("the command has not ended after {LONGEST:?}");
        }
        sleep(Duration::from_millis(2));
    }
}

fn text_of(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes).expect("the pipe can be read");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Our command with arguments, in a folder, with nothing of the caller's settings.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(eclexia());
    command.args(arguments).current_dir(folder);
    for name in ["NO_COLOR", "ECLEXIA_STDLIB_PATH", "ECLEXIA_DATA_DIR", "ECLEXIA_TOKEN"] {
        command.env_remove(name);
    }
    // Without it the settings of who runs the tests would hold.
    command.env("ECLEXIA_CONFIG_DIR", folder.join(".no-settings"));
    command
}

/// The `eclexia` command of the profile under test. Cargo builds a binary for the integration tests
/// of its own package only, so it is asked for one of those once here. That is what plain
/// `cargo test` has built, with the same features, and then takes a moment.
pub fn eclexia() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let test = std::env::current_exe().expect("the test binary has a path");
        let folder = test.parent().and_then(Path::parent).expect("it lies in PROFILE/deps");
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(other) => other,
        };
        let target = folder.parent().expect("the profile lies in the target folder");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["test", "--no-run", "--quiet", "--workspace", "--test", "command"])
            .args(["--profile", profile, "--target-dir"])
            .arg(target)
            .current_dir(xtask::root())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "the command does not build");
        folder.join(format!("eclexia{}", std::env::consts::EXE_SUFFIX))
    })
}
