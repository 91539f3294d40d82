//! The life of a version: created, prepared, validated, deployed, activated, completed; or failed,
//! or taken back.
//!
//! In: requests, and what a round sees. Out: facts, instances that come and go, who gets requests.
//! Always holds: a stage is recorded before it begins, and each can be begun again; until a
//! version is completed the one before it can be returned to, and is when anything fails.

use crate::control::{JobRuns, Reply};
use crate::diagnostics;
use crate::folders::Folders;
use crate::hooks::{Hooks, Passed};
use crate::live::Live;
use crate::loaded::Loaded;
use crate::record::Record;
use crate::rights::Asker;
use crate::supervisor::{Supervisor, now};
use crate::validate::Trial;
use eclexia_deploy::package::{Moment, Values};
use eclexia_deploy::registry::{At, Event, Fact, Run, State, Version};
use eclexia_deploy::rollout::{self, Aim, HOLD, Health, Measured, Memory, Progress, Step};
use eclexia_deploy::window::Window;
use eclexia_diag::Diagnostic;
use eclexia_model::{Rollout, Signal};
use eclexia_targets::local::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Where it is recorded that a version is about to be taken back.
pub const FAILING: &str = "rollback";

/// How often a port that was taken is tried again, milliseconds.
const PORT_AGAIN: u64 = 1_000;

/// How a new version is asked for.
pub struct Asked {
    /// Who asks, as it is recorded.
    pub by: String,
    pub asker: Option<Asker>,
    pub confirm: Option<u64>,
    pub hold: Option<u64>,
    pub settings: Values,
    pub window: Option<Window>,
    /// Whose locks hold up nobody but others; none: `by`.
    pub user: Option<String>,
    /// Deployments that are changed by the same command.
    pub along: BTreeSet<String>,
}

/// A deployment as it is being brought about.
#[derive(Default)]
pub struct Deployed {
    pub wanted: Option<u32>,
    pub running: Option<u32>,
    /// The newest version.
    pub version: Option<Version>,
    pub loaded: BTreeMap<u32, Arc<Loaded>>,
    pub memories: BTreeMap<String, Memory>,
    pub is_preparing: bool,
    /// All that should run runs, and nothing else.
    pub is_settled: bool,
    pub ports_tried: At,
    /// The newest version while it is validated.
    pub trial: Option<Trial>,
    pub hooks: Hooks,
    /// When the newest version may be brought about; none: at once.
    pub window: Option<Window>,
    /// Why the newest version is about to be taken back: its hooks run before it is.
    pub failing: Option<String>,
    /// When the version that runs was completed.
    pub completed: At,
    /// The last run of each job.
    pub runs: BTreeMap<String, Run>,
    /// Job to what became of it since this supervisor began.
    pub tallies: BTreeMap<String, Tally>,
    /// Whether any process of a job may be there.
    pub has_jobs: bool,
}

/// What is counted of a job.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    pub runs: JobRuns,
    pub last_done: Option<At>,
    pub last_seconds: Option<f64>,
}

impl Deployed {
    pub fn is_busy(&self) -> bool {
        (!self.is_settled && !self.is_waiting()) || self.hooks.is_running()
    }

    /// The newest version waits until it may be brought about; what ran before runs.
    pub fn is_waiting(&self) -> bool {
        let is_created = self.version.as_ref().is_some_and(|v| v.state == State::Created);
        is_created && self.window.is_some_and(|window| !window.is_open(now()))
    }

    /// Until when it does, in words.
    pub fn waits_for(&self, now: At) -> Option<String> {
        let window = self.window.filter(|_| self.is_waiting())?;
        Some(format!("it waits until {} ({window} UTC)", window.opens(now)))
    }

    /// Nothing of it should run, and nothing is under way.
    pub fn is_over(&self) -> bool {
        self.wanted.is_none() && !self.is_busy() && !self.is_waiting()
    }

    fn aim(&self) -> Option<Arc<Loaded>> {
        self.loaded.get(&self.wanted?).cloned()
    }

    /// When the newest version is taken back unless it is confirmed.
    pub fn confirm_by(&self) -> Option<At> {
        let is_waiting = |v: &&Version| v.state == State::Activating && self.failing.is_none();
        let version = self.version.as_ref().filter(is_waiting)?;
        Some(version.changed.after(version.confirm?))
    }
}

impl Supervisor {
    pub fn loaded(&self, deployment: &str, number: u32) -> Option<Arc<Loaded>> {
        self.deployments.get(deployment)?.loaded.get(&number).cloned()
    }

    fn deployed(&mut self, name: &str) -> Result<&mut Deployed, Diagnostic> {
        let known: Vec<String> = self
            .deployments
            .iter()
            .filter(|(_, deployed)| deployed.wanted.is_some())
            .map(|(name, _)| name.clone())
            .collect();
        self.deployments.get_mut(name).ok_or_else(|| diagnostics::nothing_deployed(name, &known))
    }

    fn refuse_while_busy(&mut self, name: &str) -> Result<(), Diagnostic> {
        let version = self.deployments.get(name).and_then(|d| d.version.as_ref());
        match version.filter(|version| !version.state.is_end()) {
            Some(version) => Err(diagnostics::busy(name, version.number, version.state.name())),
            None => Ok(()),
        }
    }

    /// A new version of a deployment, from a package in the store.
    pub fn apply(
        &mut self,
        (deployment, package, plan): (&str, &str, &str),
        asked: Asked,
    ) -> Result<Reply, Diagnostic> {
        let Asked { by, asker, confirm, hold, settings, window, along, user } = asked;
        if !is_id(package) {
            return Err(diagnostics::no_package(Path::new(package), &"this is no id of a package"));
        }
        self.registry.may_change(deployment, user.as_ref().unwrap_or(&by))?;
        self.refuse_while_busy(deployment)?;
        let folders = self.folders.clone();
        let deployed = self.deployments.entry(deployment.to_owned()).or_default();
        // What runs already is not deployed again.
        if let Some(version) = &deployed.version
            && version.state == State::Completed
            && version.package == package
            && deployed.wanted == Some(version.number)
            && given(&folders, version) == settings
        {
            let number = version.number;
            return Ok(Reply::Version { deployment: deployment.to_owned(), number });
        }
        let number = deployed.version.as_ref().map_or(1, |version| version.number + 1);
        let (deployment, now) = (deployment.to_owned(), now());
        let version = Version {
            deployment: deployment.clone(),
            number,
            package: package.to_owned(),
            plan: plan.to_owned(),
            signer: by,
            state: State::Created,
            reason: None,
            before: deployed.running,
            confirm,
            hold,
            made: now,
            changed: now,
        };
        // On disk before the version is: a version that is known has what was given to it.
        Record::new(settings, asker, window, along).write(&folders, &deployment, number).map_err(
            |error| diagnostics::not_written(&folders.version(&deployment, number), &error),
        )?;
        deployed.version = Some(version.clone());
        deployed.window = window;
        (deployed.trial, deployed.hooks, deployed.failing) = (None, Hooks::default(), None);
        (deployed.is_settled, deployed.is_preparing) = (false, false);
        self.note(Fact::Made(version));
        let waits = window.filter(|window| !window.is_open(now)).map_or(String::new(), |window| {
            format!("; it waits until {} ({window} UTC)", window.opens(now))
        });
        let detail = format!("version {number} is created from package {}{waits}", &package[..12]);
        self.state_event(&deployment, State::Created, detail);
        Ok(Reply::Version { deployment, number })
    }

    /// A new version that is what an earlier one was.
    pub fn roll_back(
        &mut self,
        name: &str,
        wanted: Option<u32>,
        (by, asker): (String, Option<Asker>),
        along: &BTreeSet<String>,
    ) -> Result<Reply, Diagnostic> {
        self.deployed(name)?;
        let versions = self.registry.versions(name)?;
        let running = self.deployments.get(name).and_then(|deployed| deployed.running);
        let completed = |v: &&Version| v.state == State::Completed;
        let found = match wanted {
            Some(number) => versions.iter().filter(completed).find(|v| v.number == number),
            None => {
                let what = |v: &Version| (v.package.clone(), given(&self.folders, v));
                let running = versions.iter().find(|v| Some(v.number) == running).map(what);
                versions.iter().filter(completed).find(|v| Some(what(v)) != running)
            }
        };
        let asked = wanted.map_or("earlier version".to_owned(), |n| format!("version {n}"));
        let found = found.ok_or_else(|| diagnostics::unknown_version(name, &asked))?.clone();
        let what = (name, found.package.as_str(), found.plan.as_str());
        let settings = given(&self.folders, &found);
        let along = along.clone();
        let hold = found.hold;
        self.apply(
            what,
            Asked { by, asker, confirm: None, hold, settings, window: None, along, user: None },
        )
    }

    pub fn confirm(&mut self, name: &str, by: &str) -> Result<Reply, Diagnostic> {
        let deployed = self.deployed(name)?;
        let is_failing = deployed.failing.is_some();
        let is_waiting = |v: &Version| v.state == State::Activating && !is_failing;
        let version = deployed.version.clone().filter(is_waiting);
        let Some(version) = version.filter(|v| v.confirm.is_some()) else {
            return Err(diagnostics::nothing_to_confirm(name));
        };
        self.complete(name, format!("version {} is confirmed by {by}", version.number));
        Ok(Reply::Done)
    }

    pub fn destroy(
        &mut self,
        name: &str,
        by: &str,
        along: &BTreeSet<String>,
    ) -> Result<Reply, Diagnostic> {
        self.deployed(name)?;
        self.registry.may_change(name, by)?;
        if let Some(found) = self.lose(name, None, along).into_iter().next() {
            return Err(found);
        }
        self.end_hook(name);
        let deployed = self.deployed(name)?;
        (deployed.wanted, deployed.running, deployed.is_settled) = (None, None, false);
        let is_under_way = deployed.version.as_ref().is_some_and(|v| !v.state.is_end());
        let deployment = name.to_owned();
        self.note(Fact::Wanted { deployment: deployment.clone(), number: None });
        self.note(Fact::Running { deployment: deployment.clone(), number: None });
        let detail = format!("{name} is destroyed by {by}");
        if is_under_way {
            let why = Some("it was destroyed".to_owned());
            self.change(name, State::Failed, why, detail.clone());
        }
        self.event(Event::new(name, "destroyed", now(), detail));
        Ok(Reply::Done)
    }

    fn state_event(&mut self, name: &str, state: State, detail: String) {
        let version = self.deployments.get(name).and_then(|d| d.version.as_ref());
        let (number, signer) = version.map(|v| (v.number, v.signer.clone())).unzip();
        self.event(Event {
            version: number,
            status: Some(state.name().to_owned()),
            signer,
            ..Event::new(name, "state", now(), detail)
        });
    }

    /// The newest version of a deployment is in another state from now on.
    pub fn change(&mut self, name: &str, state: State, reason: Option<String>, detail: String) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        let Some(version) = &mut deployed.version else { return };
        (version.state, version.reason, version.changed) = (state, reason.clone(), now());
        let (number, at) = (version.number, version.changed);
        deployed.is_settled = false;
        if state.is_end() {
            (deployed.trial, deployed.failing) = (None, None);
        }
        self.note(Fact::Moved { deployment: name.to_owned(), number, state, reason, at });
        self.state_event(name, state, detail);
    }

    /// Something is wrong with the newest version: what ran before it runs again.
    pub fn fail(&mut self, name: &str, why: &str) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        let Some(version) = deployed.version.clone() else { return };
        let had_begun = matches!(version.state, State::Deploying | State::Activating);
        let n = version.number;
        if !had_begun {
            let detail = format!("version {n} failed: {why}");
            return self.change(name, State::Failed, Some(why.to_owned()), detail);
        }
        if version.before.is_some() && self.waits_before_rollback(name, n, why) {
            return;
        }
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        // What was wrong first is why.
        let why = &deployed.failing.take().unwrap_or_else(|| why.to_owned());
        deployed.wanted = version.before;
        deployed.memories.clear();
        let wanted = deployed.wanted;
        let (state, detail) = match wanted {
            Some(before) => (
                State::RolledBack,
                format!("version {n} is rolled back to version {before}: {why}"),
            ),
            None => (State::Failed, format!("version {n} failed and is stopped: {why}")),
        };
        self.note(Fact::Wanted { deployment: name.to_owned(), number: wanted });
        self.change(name, state, Some(why.to_owned()), detail);
    }

    /// Whether hooks are still to run before a version is taken back. That it is about to be is
    /// recorded, so that it is whatever happens; a hook that fails does not keep it.
    fn waits_before_rollback(&mut self, name: &str, number: u32, why: &str) -> bool {
        let Some(loaded) = self.loaded(name, number) else { return false };
        if !loaded.manifest.hooks.iter().any(|hook| hook.at == Moment::BeforeRollback) {
            return false;
        }
        let Some(deployed) = self.deployments.get_mut(name) else { return false };
        if deployed.failing.is_none() {
            deployed.failing = Some(why.to_owned());
            self.event(Event {
                version: Some(number),
                resource: Some(FAILING.to_owned()),
                ..Event::new(name, "failing", now(), why.to_owned())
            });
        }
        self.hooks(name, &loaded, Moment::BeforeRollback) == Passed::Waiting
    }

    fn complete(&mut self, name: &str, detail: String) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        let number = deployed.wanted;
        (deployed.running, deployed.completed) = (number, now());
        self.note(Fact::Running { deployment: name.to_owned(), number });
        let which = number.map_or_else(String::new, |number| format!("version {number}"));
        self.price(name, &format!("{which} is planned so"));
        self.change(name, State::Completed, None, detail);
    }

    /// Brings every deployment a step further.
    pub fn advance(&mut self) {
        let names: Vec<String> = self.deployments.keys().cloned().collect();
        for name in names {
            let Some(deployed) = self.deployments.get(&name) else { continue };
            let state = deployed.version.as_ref().map(|version| version.state);
            if state == Some(State::Created) && !deployed.is_waiting() {
                self.change(&name, State::Preparing, None, "the package is verified".to_owned());
            } else if state == Some(State::Preparing) && !deployed.is_preparing {
                self.prepare(&name);
            } else if state == Some(State::Validating) {
                self.validate(&name);
            }
            self.reconcile(&name);
            self.jobs(&name);
        }
    }

    /// Compares what should run with what does, and changes what can be changed now.
    fn reconcile(&mut self, name: &str) {
        let now = now();
        let Some(deployed) = self.deployments.get(name) else { return };
        let aim = deployed.aim();
        let is_trial = deployed.version.as_ref().is_some_and(|v| {
            matches!(v.state, State::Deploying | State::Activating)
                && deployed.wanted == Some(v.number)
        });
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let is_replica = |live: &&Live| live.instance.deployment == name && !live.is_job;
        for live in self.live.values().filter(is_replica) {
            let of = live.instance.service.clone();
            seen.entry(of).or_default().push(live.instance.id.clone());
        }
        if let Some(aim) = &aim {
            self.missing_ports(name, aim, now);
        }
        let mut round = Round { name, now, is_trial, seen, ready: BTreeSet::new(), failed: None };
        let (mut is_done, mut is_up, mut is_starting) = (true, true, false);
        if let Some(aim) = &aim {
            for service in &aim.tree.services {
                let step = self.service(&mut round, aim, service);
                is_done &= step.is_done;
                is_up &= step.is_up;
                is_starting |= step.is_starting;
            }
        }
        if let Some(why) = round.failed.take() {
            return self.fail(name, &why);
        }
        let has_rest = self.stop_rest(&round, aim.as_deref(), is_done);
        is_done &= !has_rest;
        if is_trial {
            self.progress(name, is_done, is_up, is_starting);
        } else if let Some(deployed) = self.deployments.get_mut(name) {
            let is_end = deployed.version.as_ref().is_none_or(|version| version.state.is_end());
            deployed.is_settled = is_done && is_end;
            self.late_hooks(name);
        }
        if is_done {
            self.close_ports(name, aim.as_deref());
        }
    }

    /// Hooks of a version that has ended: of one that was taken back, when what ran before it runs
    /// again; of one that was confirmed while they ran, if a crash has interrupted them.
    fn late_hooks(&mut self, name: &str) {
        let Some(deployed) = self.deployments.get(name).filter(|d| d.is_settled) else { return };
        let Some(version) = &deployed.version else { return };
        let moment = match version.state {
            State::RolledBack => Moment::AfterRollback,
            State::Completed if deployed.hooks.is_interrupted => Moment::AfterActivation,
            _ => return,
        };
        if let Some(loaded) = deployed.loaded.get(&version.number).cloned() {
            self.hooks(name, &loaded, moment);
        }
    }

    fn progress(&mut self, name: &str, is_done: bool, is_up: bool, is_starting: bool) {
        let Some(deployed) = self.deployments.get(name) else { return };
        let Some(version) = deployed.version.clone() else { return };
        let (n, now) = (version.number, now());
        if let Some(why) = deployed.failing.clone() {
            return self.fail(name, &why);
        }
        let Some(loaded) = self.loaded(name, n) else { return };
        if version.state == State::Deploying && !is_starting {
            if self.hooks(name, &loaded, Moment::AfterDeployment) == Passed::Waiting {
                return;
            }
            match self.hooks(name, &loaded, Moment::BeforeActivation) {
                Passed::Waiting => return,
                Passed::Failed(why) => return self.fail(name, &why),
                Passed::Done => {}
            }
            let detail = format!("version {n} is there; it takes over as it becomes ready");
            self.change(name, State::Activating, None, detail);
            return;
        }
        // When all is up, before it counts as completed; how they end is told and changes nothing.
        let is_active = version.state == State::Activating && is_up;
        let waits =
            is_active && self.hooks(name, &loaded, Moment::AfterActivation) == Passed::Waiting;
        match version.confirm {
            None if is_done && !waits => self.complete(name, format!("version {n} is completed")),
            // It may wait longer only while it is not up: then the time has not begun.
            Some(within) if is_up && now.since(version.changed) > within => {
                self.fail(name, "nobody confirmed it in time");
            }
            _ => {}
        }
    }

    /// Ports of services that do not run any more, or never came to, are free again.
    fn close_ports(&mut self, name: &str, aim: Option<&Loaded>) {
        let services = aim.into_iter().flat_map(|aim| &aim.tree.services);
        let running = services.filter(|service| service.replicas > 0);
        let wanted: BTreeSet<u16> =
            running.flat_map(|service| service.ports.iter().map(|port| port.port)).collect();
        self.frontends.retain(|(of, port), _| of != name || wanted.contains(port));
    }

    fn missing_ports(&mut self, name: &str, aim: &Loaded, now: At) {
        let is_missing = |service: &Service| {
            service.replicas > 0
                && service.ports.iter().any(|port| {
                    let found = self.frontends.get(&(name.to_owned(), port.port));
                    found.is_none_or(|(of, _)| *of != service.name)
                })
        };
        if !aim.tree.services.iter().any(is_missing) {
            return;
        }
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        if now.since(deployed.ports_tried) >= PORT_AGAIN {
            deployed.ports_tried = now;
            self.open_ports(name, aim);
        }
    }

    /// One service of what should run.
    fn service(&mut self, round: &mut Round<'_>, aim: &Loaded, service: &Service) -> Stepped {
        let ids = round.seen.get(&service.name).cloned().unwrap_or_default();
        let mut replicas = Vec::new();
        for id in &ids {
            let Some(live) = self.live.get(id) else { continue };
            let mut replica = live.replica(round.now);
            if !round.is_trial {
                // What was completed is not taken back: it is started for as long as it takes.
                replica.failures = 0;
                if replica.health == Health::Failed {
                    replica.health = Health::Unready;
                    self.end_all(id);
                }
            }
            replicas.push(replica);
        }
        let spec = aim.specs.get(&service.name).cloned().unwrap_or_default();
        let ready = replicas.iter().filter(|r| r.spec == spec && r.health == Health::Ready).count();
        if self.is_held(round, aim, service) {
            // They are well, and get no requests before the hooks have said so.
            let new = replicas.iter_mut().filter(|r| r.spec == spec);
            new.filter(|r| r.health == Health::Ready)
                .for_each(|replica| replica.health = Health::Starting);
        }
        let deployed = self.deployments.get(round.name);
        let version = deployed.and_then(|deployed| deployed.version.as_ref());
        let confirm = version.filter(|_| round.is_trial).and_then(|version| version.confirm);
        let aimed = Aim {
            spec: spec.clone(),
            replicas: service.replicas,
            rollout: service.rollout.clone(),
            exclusive: service.volumes.iter().any(|volume| !volume.read_only),
            may_start: service.needs.iter().all(|need| round.ready.contains(&need.service)),
            confirmed: confirm.is_none(),
            proven: !round.is_trial,
            hold: version.and_then(|version| version.hold).unwrap_or(HOLD),
        };
        let mut memory =
            deployed.and_then(|d| d.memories.get(&service.name).copied()).unwrap_or_default();
        let measured = self.measured(round, service, &ids, &spec);
        let decision = rollout::decide(&aimed, &replicas, &measured, &mut memory, round.now);
        if let Some(deployed) = self.deployments.get_mut(round.name) {
            deployed.memories.insert(service.name.clone(), memory);
        }
        for step in &decision.steps {
            match step {
                Step::Start { ordinal } => self.add(round.name, aim, &service.name, *ordinal),
                Step::Stop { id } => self.stop(id, "it is replaced or not needed any more"),
            }
        }
        self.route(round, service, &decision.traffic);
        if ready > 0 || service.replicas == 0 {
            round.ready.insert(service.name.clone());
        }
        if let Progress::Failed(why) = &decision.progress {
            // What it last said of itself, or how it last ended.
            let is_it = |live: &&Live| {
                live.instance.spec == spec && live.health(round.now) != Health::Ready
            };
            let new = ids.iter().filter_map(|id| self.live.get(id)).filter(is_it);
            let said = new.filter_map(|live| live.said.as_ref()).next();
            let said = said.map_or(String::new(), |said| format!(": {said}"));
            round.failed.get_or_insert(format!("`{}`: {why}{said}", service.name));
        }
        let has_all = ready >= service.replicas as usize;
        Stepped {
            is_done: decision.progress == Progress::Done,
            is_up: has_all && decision.traffic.keys().all(|to| *to == spec),
            is_starting: replicas.iter().filter(|r| r.spec == spec).count()
                < service.replicas as usize,
        }
    }

    /// What its ports and groups tell of the replicas of a spec.
    fn measured(
        &self,
        round: &Round<'_>,
        service: &Service,
        ids: &[String],
        spec: &str,
    ) -> Measured {
        let measured = service.ports.first().and_then(|port| {
            let (_, frontend) = self.frontends.get(&(round.name.to_owned(), port.port))?;
            Some(frontend.measured(spec))
        });
        let mut measured = measured.unwrap_or_default();
        if let Rollout::Canary { abort_when: Some(threshold), .. } = &service.rollout {
            let part = self.part_used(ids, spec, service.limits, threshold.signal, round.now);
            match threshold.signal {
                Signal::Memory => measured.memory = part,
                Signal::Cpu => measured.cpu = part,
                Signal::ErrorRate | Signal::LatencyP95 => {}
            }
        }
        measured
    }

    /// Whether the requests of a service change over at once, and are not to before hooks have run.
    fn is_held(&self, round: &Round<'_>, aim: &Loaded, service: &Service) -> bool {
        let version = self.deployments.get(round.name).and_then(|d| d.version.as_ref());
        let is_before = version.is_some_and(|v| v.state == State::Deploying);
        let has_hooks = aim.manifest.hooks.iter().any(|h| h.at == Moment::BeforeActivation);
        round.is_trial && is_before && has_hooks && service.rollout == Rollout::BlueGreen
    }

    /// Who gets the requests of a service from now on.
    fn route(&self, round: &Round<'_>, service: &Service, traffic: &BTreeMap<String, f64>) {
        let of = |live: &&Live| {
            live.instance.deployment == round.name
                && live.instance.service == service.name
                && live.leaving.is_none()
                && live.health(round.now) == Health::Ready
        };
        let ids = round.seen.get(&service.name).into_iter().flatten();
        let ready: Vec<&Live> = ids.filter_map(|id| self.live.get(id)).filter(of).collect();
        let mut of_spec: BTreeMap<&str, f64> = BTreeMap::new();
        for live in &ready {
            *of_spec.entry(live.instance.spec.as_str()).or_insert(0.0) += 1.0;
        }
        let weighted: Vec<(&Live, f64)> = ready
            .iter()
            .filter_map(|live| {
                let part = traffic.get(&live.instance.spec)?;
                Some((*live, part / of_spec.get(live.instance.spec.as_str())?))
            })
            .collect();
        for port in &service.ports {
            let key = (round.name.to_owned(), port.port);
            let Some((_, frontend)) = self.frontends.get(&key) else { continue };
            let backends = weighted.iter();
            let backends = backends.filter_map(|(live, weight)| {
                Some((live.backends.get(&port.port)?.clone(), *weight))
            });
            frontend.set(backends.collect());
        }
    }

    /// Instances of services that should not run: they stop when all that should run does, what
    /// needs others before these. Gives whether there are any.
    fn stop_rest(&mut self, round: &Round<'_>, aim: Option<&Loaded>, is_done: bool) -> bool {
        let is_wanted = |service: &str| aim.is_some_and(|aim| aim.service(service).is_some());
        let rest: Vec<&String> = round.seen.keys().filter(|service| !is_wanted(service)).collect();
        if aim.is_some() && !is_done {
            return !rest.is_empty();
        }
        // What others of these need stops after them.
        let mut needed: BTreeSet<String> =
            rest.iter().flat_map(|service| self.needs_of(round, service)).collect();
        needed.extend(self.needed_by_jobs(round.name, aim));
        for service in rest.iter().filter(|service| !needed.contains(**service)) {
            for id in round.seen.get(*service).into_iter().flatten() {
                self.stop(id, "it should not run any more");
            }
        }
        !rest.is_empty()
    }

    /// What the running instances of a service need.
    fn needs_of(&self, round: &Round<'_>, service: &str) -> Vec<String> {
        let ids = round.seen.get(service).into_iter().flatten();
        let versions: BTreeSet<u32> =
            ids.filter_map(|id| Some(self.live.get(id)?.instance.version)).collect();
        let loaded = versions.into_iter().filter_map(|number| self.loaded(round.name, number));
        let mut needs = Vec::new();
        for loaded in loaded {
            let of = loaded.service(service).into_iter().flat_map(|of| &of.needs);
            needs.extend(of.map(|need| need.service.clone()));
        }
        needs
    }
}

/// The values that were given to a version's settings.
fn given(folders: &Folders, version: &Version) -> Values {
    // One that cannot be read is as if it had been given nothing: it is validated all the same.
    Record::read(folders, &version.deployment, version.number).unwrap_or_default().settings
}

/// An id is a BLAKE3 in hex, and so a name in the store that leads nowhere else.
fn is_id(package: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    package.len() == 64 && package.bytes().all(is_hex)
}

/// What a round knows of one deployment.
struct Round<'a> {
    name: &'a str,
    now: At,
    /// Whether a version is on trial: what fails takes it back.
    is_trial: bool,
    /// Service to the ids of its instances.
    seen: BTreeMap<String, Vec<String>>,
    /// Services that what needs them may start after.
    ready: BTreeSet<String>,
    failed: Option<String>,
}

struct Stepped {
    is_done: bool,
    is_up: bool,
    is_starting: bool,
}
