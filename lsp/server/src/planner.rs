//! The planner's thread: lints and live results of the newest snapshot, behind everything else.

use crate::client::Client;
use crate::diagnostics::{Found, found};
use crate::server::Event;
use crate::snapshot::{Project, Snapshot};
use crossbeam_channel::{Receiver, Sender, TrySendError};
use eclexia_diag::Diagnostics;
use eclexia_ide::Linted;
use eclexia_ide::live::{Live, Plans, live};
use eclexia_plan::Interrupt;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// After the last edit, before anything is looked for.
const DELAY: Duration = Duration::from_millis(30);

/// What is wanted of a snapshot.
pub struct Wanted {
    pub snapshot: Arc<Snapshot>,
    pub live: bool,
    pub lints: bool,
}

/// What was found in a project, and the same as the client has it.
pub struct Told {
    /// What it was made of.
    pub project: Arc<Project>,
    pub found: Diagnostics,
    pub shown: Found,
}

impl Told {
    pub fn new(project: &Arc<Project>, diagnostics: Diagnostics, client: &Client) -> Told {
        let shown = found(&diagnostics, &project.analysis.sources, client);
        Told { project: Arc::clone(project), found: diagnostics, shown }
    }

    /// At the places of a text that may be newer.
    pub fn now(&self, project: &Project) -> Cow<'_, Diagnostics> {
        if self.is_of(project) {
            return Cow::Borrowed(&self.found);
        }
        let (old, new) = (&self.project.analysis.sources, &project.analysis.sources);
        Cow::Owned(eclexia_ide::shifted(&self.found, old, new))
    }

    pub fn is_of(&self, project: &Project) -> bool {
        Arc::ptr_eq(&self.project.analysis, &project.analysis)
    }
}

/// Live results by the folders of their projects.
pub type Lives = Arc<BTreeMap<PathBuf, Arc<ProjectLive>>>;

/// Lints by the folders of their projects.
pub type Lints = Arc<BTreeMap<PathBuf, Arc<Told>>>;

pub struct ProjectLive {
    pub live: Live,
    /// What evaluating and planning found.
    pub told: Told,
    pub lints: Told,
}

/// What was done last for each project.
type Done = BTreeMap<PathBuf, Arc<Project>>;

struct Planner<'p> {
    wanted: &'p Receiver<Wanted>,
    events: &'p Sender<Event>,
    client: &'p Client,
    plans: BTreeMap<PathBuf, Plans>,
    lints: BTreeMap<PathBuf, Linted>,
    planned: Done,
    linted: Done,
}

/// Puts what is wanted in the place of what was wanted before and waits still: of snapshots that
/// are out of date none is kept. The channel has room for one.
pub fn want(wanted: &(Sender<Wanted>, Receiver<Wanted>), mut newest: Wanted) {
    let (to_plan, waiting) = wanted;
    while let Err(TrySendError::Full(refused)) = to_plan.try_send(newest) {
        let _ = waiting.try_recv();
        newest = refused;
    }
}

/// Until nobody wants anything any more.
pub fn run(wanted: &Receiver<Wanted>, events: &Sender<Event>, client: &Client) {
    let (plans, lints) = (BTreeMap::new(), BTreeMap::new());
    let (planned, linted) = (Done::new(), Done::new());
    let mut planner = Planner { wanted, events, client, plans, lints, planned, linted };
    while let Ok(mut newest) = wanted.recv() {
        while let Ok(newer) = wanted.recv_timeout(DELAY) {
            newest = newer;
        }
        planner.forget(&newest.snapshot);
        let projects = &newest.snapshot.projects;
        let is_linted = !newest.lints || projects.iter().all(|project| planner.lint(project));
        let _ = is_linted && newest.live && projects.iter().all(|project| planner.plan(project));
    }
}

impl Planner<'_> {
    /// What is there no more.
    fn forget(&mut self, snapshot: &Snapshot) {
        let is_there = |folder: &PathBuf| snapshot.projects.iter().any(|p| p.folder == *folder);
        self.planned.retain(|folder, _| is_there(folder));
        self.linted.retain(|folder, _| is_there(folder));
        self.plans.retain(|folder, _| is_there(folder));
        self.lints.retain(|folder, _| is_there(folder));
    }

    /// False where something newer is wanted.
    fn lint(&mut self, project: &Arc<Project>) -> bool {
        if is_done(&self.linted, project) {
            return true;
        }
        let known = self.lints.entry(project.folder.clone()).or_default();
        let is_stale = || !self.wanted.is_empty();
        // A bug in a lint costs the lints, no more; the hook has told of it.
        let made = catch_unwind(AssertUnwindSafe(|| known.all(&project.analysis, &is_stale)));
        let Some(lints) = made.unwrap_or_else(|_| Some(Diagnostics::new())) else { return false };
        self.linted.insert(project.folder.clone(), Arc::clone(project));
        self.send(Event::Lints(Arc::new(Told::new(project, lints, self.client))))
    }

    /// False where something newer is wanted.
    fn plan(&mut self, project: &Arc<Project>) -> bool {
        if is_done(&self.planned, project) {
            return true;
        }
        let plans = self.plans.entry(project.folder.clone()).or_default();
        let newer = self.wanted.clone();
        let interrupt: Interrupt = Arc::new(move || !newer.is_empty());
        // A bug in a plan costs its live results, no more; the hook has told of it.
        let made = catch_unwind(AssertUnwindSafe(|| {
            live(&project.analysis, &project.strategies, plans, &interrupt)
        }));
        let Some(mut live) = made.unwrap_or_else(|_| Some(Live::default())) else { return false };
        self.planned.insert(project.folder.clone(), Arc::clone(project));
        let told = Told::new(project, std::mem::take(&mut live.found), self.client);
        let lints = Told::new(project, std::mem::take(&mut live.lints), self.client);
        self.send(Event::Live(Arc::new(ProjectLive { live, told, lints })))
    }

    fn send(&self, event: Event) -> bool {
        self.events.send(event).is_ok()
    }
}

fn is_done(done: &Done, project: &Project) -> bool {
    let before = done.get(&project.folder);
    before.is_some_and(|before| Arc::ptr_eq(&before.analysis, &project.analysis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_waits_only_the_newest_is_kept() {
        let (to_plan, waiting) = crossbeam_channel::bounded(1);
        let wanted = (to_plan, waiting);
        let mut snapshots = Vec::new();
        for revision in 1..=5 {
            let snapshot = Arc::new(Snapshot { revision, ..Snapshot::default() });
            snapshots.push(Arc::clone(&snapshot));
            want(&wanted, Wanted { snapshot, live: true, lints: true });
        }
        assert!(snapshots[..4].iter().all(|snapshot| Arc::strong_count(snapshot) == 1));
        let newest = wanted.1.try_recv().expect("one waits");
        assert_eq!(newest.snapshot.revision, 5);
        assert!(wanted.1.is_empty());
    }
}
