//! `--watch`: tests run again whenever a source changes, until Ctrl-C.

use super::{Ended, golden, once};
use crate::args::TestArgs;
use crate::console::{Console, Exit};
use crate::{files, interrupt, project};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

/// How often sources are looked at: seldom enough to cost nothing, often enough to be at once.
const NAP: Duration = Duration::from_millis(200);

/// Sources with their sizes and when they were written.
type Seen = Vec<(PathBuf, u64, Option<SystemTime>)>;

pub fn again_and_again(console: &Console, args: &TestArgs) -> Ended {
    let interrupted = interrupt::flag();
    loop {
        // From before the tests, so that what is saved meanwhile is not missed.
        let seen = seen(args);
        if let Err(stop) = once(console, args) {
            stop.report(console);
        }
        console.say("waiting for changes\n");
        loop {
            if interrupted.load(Ordering::Relaxed) {
                return Ok(Exit::Interrupted);
            }
            std::thread::sleep(NAP);
            if self::seen(args) != seen {
                break;
            }
        }
    }
}

/// All that may change a result: what is named, and what is below and beside it.
fn seen(args: &TestArgs) -> Seen {
    let mut paths: Vec<PathBuf> = project::given(&args.files)
        .into_iter()
        .flat_map(|path| {
            let folder = match path.is_dir() {
                true => Some(path),
                false => path.parent().filter(|_| path.is_file()),
            };
            let folder = folder.map(|f| if f.as_os_str().is_empty() { Path::new(".") } else { f });
            // Of a project all may be tested, wherever in it one stands.
            let root = folder.and_then(eclexia_project::find);
            let manifest = root.as_ref().map(|root| root.join(eclexia_project::MANIFEST));
            let below = root.as_deref().or(folder).map(files::sources_below);
            below.unwrap_or_default().into_iter().chain(manifest)
        })
        .collect();
    paths.sort();
    paths.dedup();
    let golden: Vec<PathBuf> = paths.iter().map(|path| golden::path_of(path)).collect();
    paths.extend(golden);
    let described = paths.into_iter().map(|path| {
        let known = std::fs::metadata(&path).ok();
        let size = known.as_ref().map_or(0, std::fs::Metadata::len);
        (path, size, known.and_then(|known| known.modified().ok()))
    });
    described.collect()
}
