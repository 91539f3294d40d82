//! Every input that once crashed something, and those of the kind that does: read, formatted and
//! checked to the end, with nothing but diagnostics to say.

use crate::program::{Form, compile_bytes, on_large_stack};
use crate::readers;
use eclexia_base::FileId;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Processor time that no input of the corpus needs more of, even without optimisation.
const LONGEST: Duration = Duration::from_secs(5);

#[test]
fn nothing_in_the_corpus_crashes_or_hangs() {
    on_large_stack(|| {
        for (path, bytes) in readers::files("tests/corpus", ".ecl") {
            let before = processor_time();
            let compiled = compile_bytes(&path, &bytes, BTreeMap::new(), Form::File);
            let told = compiled.told();
            let took = processor_time() - before;
            assert!(took < LONGEST, "{path} took {took:?}");
            assert!(told.len() < 1_000_000, "{path} is told in {} bytes", told.len());
        }
    });
}

/// Of this thread since it began: what others do on the machine does not count. Where the system
/// does not tell, the time of day.
fn processor_time() -> Duration {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGAN.elapsed(), Duration::from_nanos)
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
