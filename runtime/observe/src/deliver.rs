//! All observers, each told by a thread of its own, by one process at a time. Those that are added,
//! resumed or removed meanwhile are begun or left within a second.

use crate::diagnostics as report;
use crate::store::Store;
use crate::worker::{Said, Tell, Told, Worker};
use eclexia_diag::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// How often it is looked which observers there are.
const LOOK: Duration = Duration::from_millis(500);
const BLINK: Duration = Duration::from_millis(25);

/// To deliver: one process has it, for as long as this lives.
pub struct Turn {
    _lock: File,
}

impl Turn {
    /// `None`: another process delivers.
    pub fn take(store: &Store) -> Result<Option<Turn>, Diagnostic> {
        Ok(store.delivering()?.map(|lock| Turn { _lock: lock }))
    }
}

/// Tells all observers what happens, until it is over.
pub fn deliver(_turn: Turn, store: &Store, registry: &Path, tell: Tell<'_>, is_over: &AtomicBool) {
    let mut told = BTreeSet::new();
    std::thread::scope(|scope| {
        let mut running: BTreeMap<String, ScopedJoinHandle<'_, ()>> = BTreeMap::new();
        while !is_over.load(Ordering::Relaxed) {
            running.retain(|_, worker| !worker.is_finished());
            let (observers, wrong) = match store.list() {
                Ok(listed) => listed,
                Err(found) => (Vec::new(), vec![found]),
            };
            for found in wrong {
                // Once; it stays wrong until somebody does something about it.
                if told.insert(format!("{found:?}")) {
                    tell(Told { observer: String::new(), said: Said::Trouble(found) });
                }
            }
            for observer in observers {
                let is_ended = || store.cursor(&observer).is_ok_and(|c| c.ended.is_some());
                if running.contains_key(&observer.name) || is_ended() {
                    continue;
                }
                let name = observer.name.clone();
                let worker = Worker::new(store, registry.to_owned(), observer, tell, is_over);
                if let Some(begun) = begin(scope, worker) {
                    running.insert(name, begun);
                }
            }
            let looked = Instant::now();
            while looked.elapsed() < LOOK && !is_over.load(Ordering::Relaxed) {
                std::thread::sleep(BLINK);
            }
        }
    });
}

fn begin<'s, 'e: 's>(
    scope: &'s Scope<'s, 'e>,
    worker: Worker<'s>,
) -> Option<ScopedJoinHandle<'s, ()>> {
    let (tell, observer) = (worker.tell, worker.observer.name.clone());
    let begun = Builder::new().name(observer.clone()).spawn_scoped(scope, move || worker.run());
    match begun {
        Ok(begun) => Some(begun),
        Err(error) => {
            tell(Told { observer, said: Said::Trouble(report::no_thread(&error)) });
            None
        }
    }
}
