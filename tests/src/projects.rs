//! Projects whose dependencies lie in git repositories: locked by tag, branch and commit, vendored,
//! and still there when the repository has gone. The repositories are made here, on this disk.

use crate::tools::{Ran, command, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository of the package `store`, a project `app`, and a data folder of their own.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        let world = World { folder: tempfile::tempdir().expect("a temporary folder can be made") };
        std::fs::create_dir(world.path("work")).expect("made");
        world.git("work", &["init", "--quiet", "--initial-branch=main"]);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    fn git(&self, folder: &str, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.path(folder)).args(["-c", "user.name=a", "-c", "user.email=a@b"]);
        let ran = run(git.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null"));
        assert_eq!(ran.code, Some(0), "{}", ran.told());
    }

    /// Commits `store` in a version whose `size` is given, and tags it.
    fn release(&self, version: &str, size: u32) {
        let manifest = format!("[package]\nname = \"store\"\nversion = \"{version}\"\n");
        self.write("work/eclexia.toml", &manifest);
        let disk = format!("(module store.disk)\n(defn size \"Bytes.\" [] {size})\n");
        self.write("work/disk.ecl", &disk);
        self.git("work", &["add", "--all"]);
        self.git("work", &["commit", "--quiet", "--message", version]);
        self.git("work", &["tag", &format!("v{version}")]);
    }

    /// The bare repository that others see.
    fn publish(&self) {
        let _ = std::fs::remove_dir_all(self.path("store.git"));
        self.git("", &["clone", "--quiet", "--bare", "work", "store.git"]);
    }

    fn app(&self, dependency: &str) {
        let head = "[package]\nname = \"app\"\nversion = \"1.0.0\"\n\n[dependencies]\n";
        self.write("app/eclexia.toml", &format!("{head}store = {{ {dependency} }}\n"));
        let main = "(import store.disk)\n(defn main [world] (print (str (disk/size))))\n";
        self.write("app/main.ecl", main);
    }

    fn eclexia(&self, arguments: &[&str]) -> Ran {
        let mut command = command(&self.path("app"), arguments);
        run(command.env("ECLEXIA_DATA_DIR", self.path("data")))
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.eclexia(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.told());
        ran.out
    }

    fn refused(&self, arguments: &[&str], code: &str) {
        let ran = self.eclexia(arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}: {}", ran.told());
        assert!(ran.err.contains(&format!("error[{code}]")), "no `{code}`: {}", ran.told());
    }
}

fn releases() -> World {
    let world = World::new();
    for (version, size) in [("1.0.0", 10), ("1.1.0", 11), ("1.2.0-rc.1", 12), ("2.0.0", 20)] {
        world.release(version, size);
    }
    world.publish();
    world
}

#[test]
fn the_newest_tag_that_fits_is_locked_and_stays() {
    let world = releases();
    world.app("git = \"../store.git\", version = \"^1\"");
    assert_eq!(world.ok(&["lock"]), "+ store 1.1.0\nLocked 1 package in eclexia.lock.\n");
    assert_eq!(world.ok(&["run"]), "11\n");
    let lock = std::fs::read(world.path("app/eclexia.lock")).expect("readable");
    world.release("1.3.0", 13);
    world.publish();
    world.ok(&["lock"]);
    let again = std::fs::read(world.path("app/eclexia.lock")).expect("readable");
    assert!(lock == again, "locking again changes nothing");
    assert!(world.ok(&["lock", "--update"]).contains("~ store 1.1.0 → 1.3.0"));
    assert_eq!(world.ok(&["run"]), "13\n");
}

#[test]
fn a_vendored_project_needs_no_source_and_no_data() {
    let world = releases();
    world.app("git = \"../store.git\", version = \"^1\"");
    world.ok(&["lock"]);
    world.ok(&["vendor"]);
    std::fs::remove_dir_all(world.path("store.git")).expect("removed");
    std::fs::remove_dir_all(world.path("data")).expect("removed");
    for verb in ["run", "check", "test", "lock"] {
        world.ok(&[verb]);
    }
    world.write("app/vendor/store/disk.ecl", "(module store.disk)\n(defn size [] 99)\n");
    world.refused(&["run"], "package-altered");
}

#[test]
fn a_clone_with_a_lock_fetches_just_what_is_locked() {
    let world = releases();
    world.app("git = \"../store.git\", version = \"^1\"");
    world.ok(&["lock"]);
    std::fs::remove_dir_all(world.path("data")).expect("removed");
    world.refused(&["run"], "missing-package");
    world.release("1.4.0", 14);
    world.publish();
    assert_eq!(world.ok(&["lock"]), "eclexia.lock is up to date: 1 package.\n");
    assert_eq!(world.ok(&["run"]), "11\n");
}

#[test]
fn a_tag_a_branch_and_a_commit_can_be_asked_for() {
    let world = releases();
    world.app("git = \"../store.git\", tag = \"v1.0.0\"");
    world.ok(&["lock"]);
    assert_eq!(world.ok(&["run"]), "10\n");
    world.app("git = \"../store.git\", branch = \"main\"");
    world.refused(&["run"], "stale-lock");
    world.ok(&["lock"]);
    assert_eq!(world.ok(&["run"]), "20\n");
    world.app("git = \"../store.git\", tag = \"none\"");
    world.refused(&["lock"], "fetch-failed");
    world.app("git = \"../store.git\", version = \"^3\"");
    world.refused(&["lock"], "version-conflict");
}

/// Hooks of a repository, links in it and its sub-modules are data to us.
#[test]
fn nothing_in_a_repository_acts() {
    let world = releases();
    let link = world.path("work/link.ecl");
    std::os::unix::fs::symlink("/etc/passwd", link).expect("linked");
    world.release("3.0.0", 30);
    world.publish();
    world.app("git = \"../store.git\", version = \"^3\"");
    world.refused(&["lock"], "bad-package");
    let touched = world.path("touched");
    let hook = format!("#!/bin/sh\ntouch {}\n", touched.display());
    for name in ["post-checkout", "post-merge", "reference-transaction", "pre-auto-gc"] {
        world.write(&format!("store.git/hooks/{name}"), &hook);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        let path = world.path(&format!("store.git/hooks/{name}"));
        std::fs::set_permissions(path, mode).expect("set");
    }
    world.app("git = \"../store.git\", version = \"^2\"");
    world.ok(&["lock"]);
    assert!(!touched.exists(), "a hook ran");
}

#[test]
fn an_interrupted_lock_leaves_the_old_one() {
    let world = releases();
    world.app("git = \"../store.git\", version = \"^1\"");
    world.ok(&["lock"]);
    let before = std::fs::read(world.path("app/eclexia.lock")).expect("readable");
    world.app("git = \"../gone.git\", version = \"^1\"");
    world.refused(&["lock"], "fetch-failed");
    let after = std::fs::read(world.path("app/eclexia.lock")).expect("readable");
    assert!(before == after);
    assert!(is_tidy(&world.path("app")), "something is left behind");
}

fn is_tidy(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).expect("readable").flatten();
    let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.all(|name| !name.starts_with('.'))
}
