//! The life of a version: created, prepared, validated, deployed, activated, completed; or failed,
//! or taken back.
//!
//! In: requests, and what a round sees. Out: facts, instances that come and go, who gets requests.
//! Always holds: a stage is recorded before it begins, and each can be begun again; until a
//! version is completed the one before it can be returned to, and is when anything fails.

use crate::control::Reply;
use crate::diagnostics;
use crate::live::Live;
use crate::loaded::Loaded;
use crate::supervisor::{Supervisor, now};
use eclexia_deploy::registry::{At, Event, Fact, State, Version};
use eclexia_deploy::rollout::{self, Aim, Health, Memory, Progress, Step};
use eclexia_diag::Diagnostic;
use eclexia_targets::local::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// How long a step of a canary is held where nothing is said, milliseconds.
const HOLD: u64 = 30_000;

/// How often a port that was taken is tried again, milliseconds.
const PORT_AGAIN: u64 = 1_000;

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
}

impl Deployed {
    pub fn is_busy(&self) -> bool {
        !self.is_settled
    }

    /// Nothing of it should run, and nothing is under way.
    pub fn is_over(&self) -> bool {
        self.wanted.is_none() && self.is_settled
    }

    fn aim(&self) -> Option<Arc<Loaded>> {
        self.loaded.get(&self.wanted?).cloned()
    }

    /// When the newest version is taken back unless it is confirmed.
    pub fn confirm_by(&self) -> Option<At> {
        let version = self.version.as_ref().filter(|v| v.state == State::Activating)?;
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
        by: &str,
        confirm: Option<u64>,
        hold: Option<u64>,
    ) -> Result<Reply, Diagnostic> {
        if !is_id(package) {
            return Err(diagnostics::no_package(Path::new(package), &"this is no id of a package"));
        }
        self.registry.may_change(deployment, by)?;
        self.refuse_while_busy(deployment)?;
        let deployed = self.deployments.entry(deployment.to_owned()).or_default();
        // What runs already is not deployed again.
        if let Some(version) = &deployed.version
            && version.state == State::Completed
            && version.package == package
            && deployed.wanted == Some(version.number)
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
            signer: by.to_owned(),
            state: State::Created,
            reason: None,
            before: deployed.running,
            confirm,
            hold,
            made: now,
            changed: now,
        };
        deployed.version = Some(version.clone());
        (deployed.is_settled, deployed.is_preparing) = (false, false);
        self.note(Fact::Made(version));
        let detail = format!("version {number} is created from package {}", &package[..12]);
        self.state_event(&deployment, State::Created, detail);
        Ok(Reply::Version { deployment, number })
    }

    /// A new version that is what an earlier one was.
    pub fn roll_back(
        &mut self,
        name: &str,
        wanted: Option<u32>,
        by: &str,
    ) -> Result<Reply, Diagnostic> {
        self.deployed(name)?;
        let versions = self.registry.versions(name)?;
        let running = self.deployments.get(name).and_then(|deployed| deployed.running);
        let completed = |v: &&Version| v.state == State::Completed;
        let found = match wanted {
            Some(number) => versions.iter().filter(completed).find(|v| v.number == number),
            None => {
                let package = versions.iter().find(|v| Some(v.number) == running);
                let package = package.map(|version| version.package.as_str());
                versions.iter().filter(completed).find(|v| Some(v.package.as_str()) != package)
            }
        };
        let asked = wanted.map_or("earlier version".to_owned(), |n| format!("version {n}"));
        let found = found.ok_or_else(|| diagnostics::unknown_version(name, &asked))?.clone();
        let what = (name, found.package.as_str(), found.plan.as_str());
        self.apply(what, by, None, found.hold)
    }

    pub fn confirm(&mut self, name: &str, by: &str) -> Result<Reply, Diagnostic> {
        let deployed = self.deployed(name)?;
        let version = deployed.version.clone().filter(|v| v.state == State::Activating);
        let Some(version) = version.filter(|v| v.confirm.is_some()) else {
            return Err(diagnostics::nothing_to_confirm(name));
        };
        self.complete(name, format!("version {} is confirmed by {by}", version.number));
        Ok(Reply::Done)
    }

    pub fn destroy(&mut self, name: &str, by: &str) -> Result<Reply, Diagnostic> {
        self.deployed(name)?;
        self.registry.may_change(name, by)?;
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

    fn complete(&mut self, name: &str, detail: String) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        let number = deployed.wanted;
        deployed.running = number;
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
            if state == Some(State::Created) {
                self.change(&name, State::Preparing, None, "the package is verified".to_owned());
            } else if state == Some(State::Preparing) && !deployed.is_preparing {
                self.prepare(&name);
            }
            self.reconcile(&name);
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
        for live in self.live.values().filter(|live| live.instance.deployment == name) {
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
        }
        if is_done {
            self.close_ports(name, aim.as_deref());
        }
    }

    fn progress(&mut self, name: &str, is_done: bool, is_up: bool, is_starting: bool) {
        let Some(deployed) = self.deployments.get(name) else { return };
        let Some(version) = deployed.version.clone() else { return };
        let (n, now) = (version.number, now());
        if version.state == State::Deploying && !is_starting {
            let detail = format!("version {n} is there; it takes over as it becomes ready");
            self.change(name, State::Activating, None, detail);
            return;
        }
        match version.confirm {
            None if is_done => self.complete(name, format!("version {n} is completed")),
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
            hold: version.and_then(|version| version.hold).unwrap_or(HOLD),
        };
        let mut memory =
            deployed.and_then(|d| d.memories.get(&service.name).copied()).unwrap_or_default();
        let measured = service.ports.first().and_then(|port| {
            let (_, frontend) = self.frontends.get(&(round.name.to_owned(), port.port))?;
            Some(frontend.measured(&spec))
        });
        let measured = measured.unwrap_or_default();
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
        let ready = replicas.iter().filter(|r| r.spec == spec && r.health == Health::Ready).count();
        if ready > 0 || service.replicas == 0 {
            round.ready.insert(service.name.clone());
        }
        if let Progress::Failed(why) = &decision.progress {
            round.failed.get_or_insert(format!("`{}`: {why}", service.name));
        }
        let has_all = ready >= service.replicas as usize;
        Stepped {
            is_done: decision.progress == Progress::Done,
            is_up: has_all && decision.traffic.keys().all(|to| *to == spec),
            is_starting: replicas.iter().filter(|r| r.spec == spec).count()
                < service.replicas as usize,
        }
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
        let needed: BTreeSet<String> =
            rest.iter().flat_map(|service| self.needs_of(round, service)).collect();
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
