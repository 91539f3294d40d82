//! Versions of the deployment: they come, are completed or taken back, and all is destroyed.
//!
//! Always holds: one version is on trial at a time; what ran before a version that failed runs
//! again. As the supervisor has it (`eclexia_supervisor`), without packages, keys and registry.

use crate::machine::{Placed, State, reduced};
use crate::setup::Behaviour;
use crate::tale::{Cause, Kind};
use crate::time::HOUR;
use crate::world::{Trial, Version, World};
use eclexia_model::{Deployment, Plan, Resource, display};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What a version comes with, beside its plan.
struct Came {
    /// As people are told.
    name: String,
    behaviour: Behaviour,
    source: Option<usize>,
}

impl World<'_> {
    /// The first version, of the plan that the world began with.
    pub fn begin_first(&mut self) {
        let (deployment, plan) = (&self.setup.deployment, &self.setup.plan);
        let present = self.present();
        let placed = Placed::new(deployment, plan, &mut self.machines, &present);
        let came = Came { name: deployment.name.clone(), behaviour: Behaviour::Well, source: None };
        self.begin(placed, came, 0);
    }

    /// Another program is deployed, as far as nothing else is under way.
    pub fn update(&mut self, index: usize) {
        let update = &self.setup.updates[index];
        let (name, behaviour) = (update.name.clone(), update.behaviour);
        self.deploy(update.deployment.clone(), Came { name, behaviour, source: Some(index) });
    }

    /// What the version before the one that runs was is deployed again.
    pub fn roll_back(&mut self) {
        let now = self.now;
        let running = self.running.map(|at| Rc::clone(&self.versions[at].placed));
        let Some(running) = running.filter(|_| !self.is_destroyed) else { return };
        let is_earlier = |(_, version): &(usize, &Version)| {
            version.is_completed && version.placed.deployment != running.deployment
        };
        let found = self.versions.iter().enumerate().rev().find(is_earlier);
        let Some((at, version)) = found else {
            let text = "nothing is rolled back: there is no earlier version".to_owned();
            return self.tale.tell(now, Kind::Version, text);
        };
        let (deployment, source) = (version.placed.deployment.clone(), version.source);
        let name = format!("as version {}", at + 1);
        self.deploy(deployment, Came { name, behaviour: Behaviour::Well, source });
    }

    fn deploy(&mut self, deployment: Deployment, came: Came) {
        let (now, number) = (self.now, self.versions.len() + 1);
        if self.is_destroyed {
            return;
        }
        if self.trial.is_some() {
            let text = format!("{} is refused: version {} is under way", came.name, number - 1);
            return self.tale.tell(now, Kind::Version, text);
        }
        let after: Option<Plan> =
            self.wanted.map(|wanted| self.versions[wanted].placed.left(&self.machines));
        let possible = reduced(&deployment, &self.machines);
        let Some(plan) = self.planner.plan(&possible, after.as_ref()) else {
            let text = format!("{} is refused: there is no plan for it after what runs", came.name);
            return self.tale.tell(now, Kind::Version, text);
        };
        let known = self.machines.len();
        let present = self.present();
        let placed = Placed::new(&deployment, &plan, &mut self.machines, &present);
        self.begin(placed, came, known);
    }

    /// A version is on trial from now on. `known`: machines that were there before it.
    fn begin(&mut self, placed: Placed, came: Came, known: usize) {
        let Came { name, behaviour, source } = came;
        let (before, number) = (self.wanted, self.versions.len() + 1);
        let old = before.map(|before| Rc::clone(&self.versions[before].placed));
        let is_same = |service: &String| {
            old.as_ref().is_some_and(|old| old.specs.get(service) == placed.specs.get(service))
        };
        let changed: BTreeSet<String> =
            placed.specs.keys().filter(|service| !is_same(service)).cloned().collect();
        let text = match &old {
            None => format!("version 1 of {name} is deployed"),
            Some(_) => format!("version {number} is deployed: {name}"),
        };
        let index = self.versions.len();
        let cause = Cause::Version(index);
        self.tale.open(cause, self.now, (Kind::Version, None), text, self.meter.failed);
        for (machine, _) in &placed.members {
            let of = &self.machines[*machine];
            if old.is_none() || *machine >= known {
                let pods = placed.pods_on(*machine);
                let text = format!("{} is {}, for {pods}", of.name, of.place());
                self.tale.note(cause, self.now, text);
            }
        }
        if old.is_some() {
            let names: Vec<&str> = changed.iter().map(String::as_str).collect();
            let text = match &names[..] {
                [] => "no replica changes".to_owned(),
                names => format!("new replicas of {}", names.join(", ")),
            };
            self.tale.note(cause, self.now, text);
        }
        for (service, spec) in &placed.specs {
            self.meter.forget(service, spec);
        }
        let placed = Rc::new(placed);
        let is_completed = false;
        self.versions.push(Version { placed, behaviour, changed, source, is_completed });
        self.wanted = Some(index);
        self.trial = Some(Trial { before });
        self.memories.clear();
        self.canaries.clear();
        if let Some(before) = before {
            self.promises.remember(before, &self.versions[before].placed);
        }
        self.disturb();
    }

    pub fn complete(&mut self) {
        let Some(wanted) = self.wanted else { return };
        self.trial = None;
        self.running = Some(wanted);
        self.versions[wanted].is_completed = true;
        self.promises.forget();
        self.disturb();
    }

    /// Something is wrong with the version on trial: what ran before it runs again.
    pub fn fail(&mut self, why: &str) {
        let (Some(trial), Some(wanted)) = (self.trial.take(), self.wanted) else { return };
        let cause = Cause::Version(wanted);
        self.memories.clear();
        self.canaries.clear();
        self.wanted = trial.before;
        self.meter.taken_back += 1;
        let Some(before) = trial.before else {
            let text = format!("it failed and is stopped: {why}");
            return self.tale.note(cause, self.now, text);
        };
        let text = format!("it is rolled back to version {}: {why}", before + 1);
        self.tale.note(cause, self.now, text);
        self.promises.is_taken_back = true;
        let is_gone =
            |(machine, _): &(usize, usize)| self.machines[*machine].state == State::GivenUp;
        if self.versions[before].placed.members.iter().any(is_gone)
            && let Some(told) = self.plan_anew()
        {
            self.tale.note(cause, self.now, format!("planned anew: {told}"));
        }
        self.disturb();
    }

    pub fn destroy(&mut self) {
        self.tale.end(self.meter.failed);
        let text = "all of it is destroyed".to_owned();
        let kind = (Kind::End, None);
        // It is over when nothing is there any more.
        self.tale.open(Cause::Version(usize::MAX), self.now, kind, text, self.meter.failed);
        (self.wanted, self.running, self.trial) = (None, None, None);
        self.is_destroyed = true;
        self.routes.clear();
    }

    /// Jobs whose hour it is: each runs once a day, as budgets count it.
    pub fn begin_jobs(&mut self) {
        let hour = self.now.0 / HOUR;
        let Some(wanted) = self.wanted else { return };
        let placed = Rc::clone(&self.versions[wanted].placed);
        for job in &placed.plan.jobs {
            let Some(since) = hour.checked_sub(u64::from(job.start_hour)) else { continue };
            if since % 24 == 0 {
                let hours = display::working_hours(job);
                let text =
                    format!("job {} runs on {} in {}: {hours}", job.job, job.node_type, job.region);
                self.tale.tell(self.now, Kind::Job, text);
                self.meter.job(job);
            }
        }
    }
}

/// Words of notes that take numbers.
pub struct Notes;

impl Notes {
    pub fn crowded(machine: &str, resource: Resource, taken: f64, has: f64) -> String {
        let gib = |bytes: f64| format!("{:.2} GiB", bytes / f64::from(1 << 30));
        let (taken, has) = match resource {
            Resource::Memory => (gib(taken), gib(has)),
            Resource::Gpu => (format!("{taken:.0} GPUs"), format!("{has:.0}")),
            _ => (format!("{taken:.2} cores"), format!("{has:.2}")),
        };
        format!(
            "{machine} is crowded: old and new together require {taken} of {has}; a cluster that \
             reserves would let the new ones wait"
        )
    }
}
