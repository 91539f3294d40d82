//! The analyser's thread: takes all edits that wait, then gives one snapshot.

use crate::client::Client;
use crate::projects::{Edit, Projects};
use crate::server::Event;
use crate::snapshot::{Snapshot, Snapshots};
use crossbeam_channel::{Receiver, Sender};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Until nobody sends edits any more. Each comes with the number of edits so far.
pub fn run(edits: &Receiver<(u64, Edit)>, events: &Sender<Event>, client: &Client) {
    let mut projects = Projects::default();
    let mut snapshots = Snapshots::default();
    let mut last = Snapshot::default();
    while let Ok((mut revision, edit)) = edits.recv() {
        let made = catch_unwind(AssertUnwindSafe(|| {
            projects.apply(edit);
            while let Ok((newer, edit)) = edits.try_recv() {
                revision = newer;
                projects.apply(edit);
            }
            snapshots.take(&mut projects, revision, client, &|folder, done, all| {
                // Whoever does not listen any more is told no snapshot either.
                let _ = events.send(Event::Checking(folder.to_owned(), done, all));
            })
        }));
        // After a bug, which the hook has told of, what was known before is all that is known.
        last = made.unwrap_or_else(|_| Snapshot { revision, ..last.clone() });
        if events.send(Event::Snapshot(Arc::new(last.clone()))).is_err() {
            return;
        }
    }
}
