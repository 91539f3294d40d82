//! Writes that succeed, and writes that fail at each place where they can.

use super::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// The names in a folder, sorted: also those of temporary files.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it is there")
}

#[test]
fn a_file_is_there_with_its_mode_and_nothing_beside_it() {
    let folder = folder();
    let path = folder.path().join("a");
    let modes = [
        (Access::AsBefore, 0o644),
        (Access::Owner, 0o600),
        (Access::AsBefore, 0o600),
        (Access::Program, 0o755),
        (Access::Everybody, 0o644),
    ];
    for (access, expected) in modes {
        write(&path, format!("{access:?}").as_bytes(), access, Existing::Replace).expect("written");
        assert_eq!((text(&path), mode(&path)), (format!("{access:?}"), expected), "{access:?}");
        assert_eq!(names(folder.path()), ["a"]);
    }
}

#[test]
fn what_is_there_is_kept_where_it_is_to_be_kept() {
    let folder = folder();
    let path = folder.path().join("a");
    write(&path, b"one", Access::Owner, Existing::Keep).expect("written");
    let error = write(&path, b"two", Access::Owner, Existing::Keep).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let link = folder.path().join("link");
    symlink("nowhere", &link).expect("linked");
    write(&link, b"two", Access::Owner, Existing::Keep).expect_err("refused");
    assert_eq!(
        (text(&path), names(folder.path())),
        ("one".to_owned(), vec!["a".to_owned(), "link".to_owned()])
    );
}

#[test]
fn what_cannot_be_moved_to_its_place_leaves_what_was_there() {
    let folder = folder();
    let place = folder.path().join("place");
    std::fs::create_dir(&place).expect("made");
    std::fs::write(place.join("old"), "old").expect("written");
    for old in [Existing::Replace, Existing::Keep] {
        write(&place, b"new", Access::Owner, old).expect_err("a folder is there");
    }
    replace(&place, b"new").expect_err("a folder is there");
    for path in ["missing/a", "place/", "..", "/", ""] {
        let path = if path == "/" { PathBuf::from(path) } else { folder.path().join(path) };
        write(&path, b"new", Access::Owner, Existing::Replace).expect_err("no place for a file");
    }
    assert_eq!((names(folder.path()), names(&place)), (vec!["place".into()], vec!["old".into()]));
}

/// Named in the environment of a process of this test that may write so much and no more.
const FULL: &str = "WHOLE_TEST_FULL";

/// The disk is full in the middle of a file.
#[test]
fn what_is_written_by_half_leaves_what_was_there() {
    const BYTES: usize = 1 << 20;
    if let Some(path) = std::env::var_os(FULL) {
        let path = PathBuf::from(path);
        for old in [Existing::Replace, Existing::Keep] {
            write(&path, &[b'x'; BYTES], Access::Owner, old).expect_err("it is too large");
        }
        replace(&path, &[b'x'; BYTES]).expect_err("it is too large");
        let files = [("a", Access::Everybody, &b"x"[..]), ("b", Access::Owner, &[b'x'; BYTES])];
        let beside = path.with_file_name("folder");
        write_folder(&beside, files, Existing::Replace).expect_err("it is too large");
        return;
    }
    let folder = folder();
    let path = folder.path().join("a");
    std::fs::write(&path, "old").expect("written");
    std::fs::create_dir(folder.path().join("folder")).expect("made");
    std::fs::write(folder.path().join("folder/old"), "old").expect("written");
    let test = "tests::what_is_written_by_half_leaves_what_was_there";
    let limited = "ulimit -f 64; trap '' XFSZ; exec \"$0\" --exact --test-threads 1 \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited]).arg(std::env::current_exe().expect("a program")).arg(test);
    let ran = command.env(FULL, &path).output().expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"), "it ran");
    assert_eq!(text(&path), "old");
    assert_eq!(names(folder.path()), ["a", "folder"]);
    assert_eq!(names(&folder.path().join("folder")), ["old"]);
}

#[test]
fn a_link_that_somebody_named_stays_one_and_what_it_leads_to_keeps_its_mode() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("in")).expect("made");
    std::fs::write(at("in/a"), "old").expect("written");
    set_mode(&at("in/a"), 0o640);
    symlink("in/a", at("link")).expect("linked");
    replace(&at("link"), b"new").expect("written");
    assert_eq!((text(&at("in/a")), mode(&at("in/a"))), ("new".to_owned(), 0o640));
    assert!(at("link").is_symlink());
    // At exactly this path the link itself is what is replaced.
    write(&at("link"), b"newer", Access::AsBefore, Existing::Replace).expect("written");
    assert_eq!((text(&at("link")), text(&at("in/a"))), ("newer".to_owned(), "new".to_owned()));
    assert!(!at("link").is_symlink());
    replace(Path::new("/dev/null"), b"anything").expect("written to");
}

#[test]
fn nothing_of_an_open_folder_is_written_outside_of_it() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("in")).expect("made");
    let inside = Dir::open_ambient_dir(folder.path().join("in"), ambient_authority());
    let inside = inside.expect("opened");
    let put = |name: &str| write_in(&inside, name.as_ref(), b"x", Access::Owner, Existing::Replace);
    put("a").expect("written");
    for name in ["../a", "/a", "..", "."] {
        put(name).expect_err(name);
    }
    for path in ["../a", "a/../../a", "/a"] {
        let files = [(path, Access::Owner, &b"x"[..])];
        let place = folder.path().join("in/place");
        write_folder(&place, files, Existing::Replace).expect_err(path);
    }
    assert_eq!(names(folder.path()), ["in"]);
    assert_eq!(names(&folder.path().join("in")), ["a"]);
}

#[test]
fn a_folder_is_replaced_or_kept_as_a_whole() {
    let folder = folder();
    let place = folder.path().join("made/place");
    let one = [("a", Access::Program, &b"1"[..]), ("b/c/d", Access::AsBefore, b"2")];
    write_folder(&place, one, Existing::Keep).expect("written");
    assert_eq!(
        (names(&place), text(&place.join("b/c/d"))),
        (vec!["a".to_owned(), "b".to_owned()], "2".to_owned())
    );
    assert_eq!((mode(&place.join("a")), mode(&place.join("b/c/d"))), (0o755, 0o644));
    let two = [("e", Access::Owner, &b"3"[..])];
    write_folder(&place, two, Existing::Keep).expect_err("one is there");
    // One path twice.
    write_folder(&place, [two[0], two[0]], Existing::Replace).expect_err("twice");
    assert_eq!(names(&place), ["a", "b"]);
    write_folder(&place, two, Existing::Replace).expect("written");
    assert_eq!(names(&place), ["e"]);
    assert_eq!(names(&folder.path().join("made")), ["place"]);
    // A file in its place is replaced, too, or kept.
    let file = folder.path().join("file");
    std::fs::write(&file, "f").expect("written");
    write_folder(&file, two, Existing::Keep).expect_err("a file is there");
    assert_eq!(text(&file), "f");
    write_folder(&file, two, Existing::Replace).expect("written");
    assert_eq!(
        (names(&file), names(folder.path())),
        (vec!["e".into()], vec!["file".into(), "made".into()])
    );
}

#[test]
fn many_writers_of_one_file_leave_one_of_their_texts() {
    let folder = folder();
    let path = folder.path().join("a");
    std::thread::scope(|scope| {
        for n in 0..8_u8 {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..10 {
                    let bytes = vec![b'0' + n; 10_000];
                    write(path, &bytes, Access::Owner, Existing::Replace).expect("written");
                    let read = std::fs::read(path).expect("it is there");
                    assert!(read.len() == 10_000 && read.iter().all(|byte| *byte == read[0]));
                }
            });
        }
    });
    assert_eq!(names(folder.path()), ["a"]);
}
