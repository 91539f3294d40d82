//! Every input that once crashed something, and those of the kind that does: read, formatted and
//! checked to the end, with nothing but diagnostics to say.

use crate::program::{Form, compile_bytes, on_large_stack};
use crate::readers;
use eclexia_base::FileId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// No input of the corpus needs longer, even without optimisation on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

#[test]
fn nothing_in_the_corpus_crashes_or_hangs() {
    on_large_stack(|| {
        for (path, bytes) in readers::files("tests/corpus", ".ecl") {
            let started = Instant::now();
            let compiled = compile_bytes(&path, &bytes, BTreeMap::new(), Form::File);
            let told = compiled.told();
            let took = started.elapsed();
            assert!(took < LONGEST, "{path} took {took:?}");
            assert!(told.len() < 1_000_000, "{path} is told in {} bytes", told.len());
        }
    });
}

#[test]
fn what_is_formatted_is_formatted_the_same_again() {
    for (path, bytes) in readers::files("tests/corpus", ".ecl") {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let once = formatted(&text);
        assert_eq!(once, formatted(&once), "{path}");
    }
}

fn formatted(text: &str) -> String {
    let (tree, _) = eclexia_syntax::read(FileId(0), text);
    eclexia_syntax::format(text, &tree)
}
