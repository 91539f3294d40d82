//! The planner's thread: live results of the newest snapshot, behind everything else.

use crate::client::Client;
use crate::diagnostics::{Found, found};
use crate::server::Event;
use crate::snapshot::{Project, Snapshot};
use crossbeam_channel::{Receiver, Sender};
use eclexia_ide::live::{Live, Plans, live};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// After the last edit, before anything is planned.
const DELAY: Duration = Duration::from_millis(30);

/// Live results by the folders of their projects.
pub type Lives = Arc<BTreeMap<PathBuf, Arc<ProjectLive>>>;

pub struct ProjectLive {
    /// What it was made of.
    pub project: Arc<Project>,
    pub live: Live,
    /// What evaluating and planning found, by files.
    pub found: Found,
}

/// Until nobody sends snapshots any more.
pub fn run(snapshots: &Receiver<Arc<Snapshot>>, events: &Sender<Event>, client: &Client) {
    let mut plans: BTreeMap<PathBuf, Plans> = BTreeMap::new();
    let mut done: BTreeMap<PathBuf, Arc<Project>> = BTreeMap::new();
    while let Ok(mut snapshot) = snapshots.recv() {
        while let Ok(newer) = snapshots.recv_timeout(DELAY) {
            snapshot = newer;
        }
        let is_there = |folder: &PathBuf| snapshot.projects.iter().any(|p| p.folder == *folder);
        done.retain(|folder, _| is_there(folder));
        plans.retain(|folder, _| is_there(folder));
        for project in &snapshot.projects {
            let is_done = |done: &Arc<Project>| Arc::ptr_eq(&done.analysis, &project.analysis);
            if done.get(&project.folder).is_some_and(is_done) {
                continue;
            }
            let plans = plans.entry(project.folder.clone()).or_default();
            let is_stale = || !snapshots.is_empty();
            // A bug in a plan costs its live results, no more; the hook has told of it.
            let made = catch_unwind(AssertUnwindSafe(|| {
                live(&project.analysis, &project.strategies, plans, &is_stale)
            }));
            let Some(live) = made.unwrap_or_else(|_| Some(Live::default())) else { break };
            let found = found(&live.found, &project.analysis.sources, client);
            done.insert(project.folder.clone(), Arc::clone(project));
            let live = ProjectLive { project: Arc::clone(project), live, found };
            if events.send(Event::Live(Arc::new(live))).is_err() {
                return;
            }
        }
    }
}
