//! Observers as they are kept: whole or not at all, one of a name, never more than is bounded.

use super::*;
use eclexia_deploy::registry::{At, Event};

fn new(name: Option<&str>) -> New {
    New {
        name: name.map(str::to_owned),
        destination: Destination::parse("https://a.example.org/x", Reach::Secured).unwrap(),
        reach: Reach::Secured,
        wanted: Wanted::default(),
        secret: None,
        authorities: None,
        batch: 50,
        timeout: Duration::from_secs(15),
        patience: Duration::from_secs(60),
        source: "/eclexia/here".to_owned(),
    }
}

#[test]
fn what_was_added_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    assert!(store.list().unwrap().0.is_empty());
    let event = Event { seq: 7, ..Event::new("shop", "ready", At(70), "it is".to_owned()) };
    let cursor = Cursor::behind(Some(&event));
    let added = store.add(&new(None), &cursor).unwrap();
    assert_eq!(added.name, "a-example-org");
    assert_eq!(store.list().unwrap(), (vec![added.clone()], Vec::new()));
    assert_eq!(store.cursor(&added).unwrap(), cursor);
    assert_eq!(store.add(&new(None), &cursor).unwrap().name, "a-example-org-2");
    assert!(!format!("{:?}", store.secrets(&added, Use::Signing).unwrap()).contains("whsec"));
}

#[test]
fn who_tells_one_that_was_removed_does_not_write_over_its_successor() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let old = store.add(&new(Some("o")), &Cursor::default()).unwrap();
    let cursor = Cursor { seq: 9, ..Cursor::default() };
    assert_eq!(store.advance(&old, &cursor).unwrap(), Kept::Written);
    store.remove("o").unwrap();
    assert_eq!(store.advance(&old, &cursor).unwrap(), Kept::Gone);
    let young = store.add(&new(Some("o")), &Cursor::default()).unwrap();
    assert_eq!(store.advance(&old, &cursor).unwrap(), Kept::Gone);
    assert!(!store.is_there(&old) && store.is_there(&young));
    assert_eq!(store.cursor(&young).unwrap().seq, 0);
}

#[test]
fn one_process_delivers() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let turn = store.delivering().unwrap();
    assert!(turn.is_some() && store.delivering().unwrap().is_none());
    drop(turn);
    assert!(store.delivering().unwrap().is_some());
}

#[test]
fn there_are_no_more_than_are_bounded_and_what_a_crash_left_goes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    for n in 0..MOST_OBSERVERS {
        store.add(&new(Some(&format!("o{n}"))), &Cursor::default()).unwrap();
    }
    let found = store.add(&new(None), &Cursor::default()).unwrap_err();
    assert_eq!(found.code, "too-many-observers");
    std::fs::create_dir(folder.path().join("observers/.new-1")).unwrap();
    store.remove("o0").unwrap();
    let left = std::fs::read_dir(folder.path().join("observers")).unwrap().flatten();
    let left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(".new"));
    assert_eq!(left.count(), 0);
}

#[test]
fn what_was_changed_behind_our_back_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let observer = store.add(&new(Some("o")), &Cursor::default()).unwrap();
    let path = folder.path().join("observers/o/cursor.json");
    let whole = std::fs::read_to_string(&path).unwrap();
    for damaged in ["", "{}", &whole.replace("cursor/1", "cursor/2"), &" ".repeat(100_000)] {
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(store.cursor(&observer).unwrap_err().code, "bad-observer");
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(store.cursor(&observer).unwrap_err().code, "bad-observer");
    let path = folder.path().join("observers/o/observer.json");
    let whole = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [("50", "0"), ("https://", "http://"), ("\"plain\"", "\"plane\"")] {
        std::fs::write(&path, whole.replace(from, to)).unwrap();
        let (observers, wrong) = store.list().unwrap();
        assert!(observers.is_empty() && wrong[0].code == "bad-observer", "{from}");
    }
}
