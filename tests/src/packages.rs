//! Packages by the command, and by tools that know nothing of it: unpacked by tar, a package is a
//! program that packs to itself, elsewhere and without what it was made from.

use crate::tools::{Ran, command, find, run};
use std::path::Path;
use std::process::Command;

fn ok(folder: &Path, arguments: &[&str]) -> String {
    done(run(&mut command(folder, arguments)))
}

fn done(ran: Ran) -> String {
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    ran.out
}

/// The line of an id.
fn id(told: &str) -> String {
    let line = told.lines().find(|line| line.starts_with("id "));
    line.expect("the id is told").to_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("readable").flatten() {
        let place = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &place),
            false => drop(std::fs::copy(entry.path(), place).expect("copied")),
        }
    }
}

#[test]
fn what_tar_unpacks_is_the_program_and_packs_to_the_same_id() {
    let Some(tar) = find("tar", "apt-get install tar") else { return };
    if find("zstd", "apt-get install zstd").is_none() {
        return;
    }
    let world = tempfile::tempdir().expect("a temporary folder can be made");
    let (first, second) = (world.path().join("first"), world.path().join("second"));
    copy(&xtask::root().join("tests/cli/package.in"), &first);
    std::fs::create_dir(&second).expect("made");
    let package = world.path().join("site.eclpkg").display().to_string();
    let told = ok(&first, &["-C", "project", "package", "-o", &package]);
    std::fs::remove_dir_all(&first).expect("removed");
    done(run(Command::new(tar).args(["--zstd", "-xf", &package]).current_dir(&second)));
    ok(&second, &["-C", "files", "check"]);
    for compression in ["zstd", "gzip"] {
        let arguments = ["-C", "files", "package", "-o", "../x", "--compression", compression];
        assert_eq!(id(&ok(&second, &arguments)), id(&told));
    }
}
