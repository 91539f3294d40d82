//! What is written for each fixture, in one file per fixture and target under `tests/golden`:
//! every file below a line `=== path`, then the report. `UPDATE_EXPECT=1` writes them anew.

use crate::fixtures;
use eclexia_targets::{Rendered, Target, render};
use std::fmt::Write;
use std::path::Path;

fn transcript(rendered: &Rendered) -> String {
    let mut out = String::new();
    for (path, bytes) in &rendered.files {
        let text = String::from_utf8_lossy(bytes);
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let _ = write!(out, "=== {path}\n{text}{end}");
    }
    out.push_str("=== not expressed\n");
    for entry in &rendered.unsupported {
        let _ = writeln!(out, "{}: {}\n    {}", entry.address, entry.what, entry.why);
    }
    out
}

#[test]
fn every_fixture_is_written_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for fixture in fixtures::all() {
        for target in Target::ALL {
            let actual = transcript(&render(target, &fixture.deployment, &fixture.plan));
            let path = folder.join(format!("{}.{}.txt", fixture.name, target.name()));
            if update {
                std::fs::write(&path, &actual).expect("golden files can be written");
            }
            let expected = std::fs::read_to_string(&path).unwrap_or_default();
            if expected != actual {
                wrong.push(format!("{}: {}", path.display(), first_difference(&expected, &actual)));
            }
        }
    }
    assert!(wrong.is_empty(), "UPDATE_EXPECT=1 blesses:\n{}", wrong.join("\n"));
}

fn first_difference(expected: &str, actual: &str) -> String {
    let (mut old, mut new) = (expected.lines(), actual.lines());
    for line in 1.. {
        match (old.next(), new.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return format!("line {line}\n  expected {a:?}\n  actual   {b:?}"),
        }
    }
    "they differ in line ends".into()
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    for fixture in fixtures::all() {
        for target in Target::ALL {
            let once = render(target, &fixture.deployment, &fixture.plan);
            let again = render(target, &fixture.deployment.clone(), &fixture.plan.clone());
            assert_eq!(once, again, "{}", fixture.name);
        }
    }
}

#[test]
fn targets_are_found_by_name() {
    for target in Target::ALL {
        assert_eq!(Target::from_name(target.name()), Some(target));
    }
    assert_eq!(Target::from_name("nomad"), None);
}
