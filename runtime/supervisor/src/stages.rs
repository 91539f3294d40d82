//! The life of a version: created, prepared, validated, deployed, activated, completed; or failed,
//! or taken back.
//!
//! In: requests, and what a round sees. Out: facts, instances that come and go, who gets requests.
//! Always holds: a stage is recorded before it begins, and each can be begun again; until a
//! version is completed the one before it can be returned to, and is when anything fails.

use crate::control::Reply;
use crate::diagnostics;
use crate::live::Live;
use crate::loaded::{Loaded, read_secret};
use crate::proxy::{Backend, Frontend};
use crate::supervisor::{Message, Supervisor, now};
use eclexia_deploy::keys::Trust;
use eclexia_deploy::package::{self, Limits, Package};
use eclexia_deploy::registry::{At, Event, Fact, Phase, State, Version};
use eclexia_deploy::rollout::{self, Aim, Health, Memory, Progress, Step};
use eclexia_diag::Diagnostic;
use eclexia_model::EnvValue;
use eclexia_targets::local::Service;
use std::collections::{BTreeMap, BTreeSet};
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
    loaded: BTreeMap<u32, Arc<Loaded>>,
    packages: BTreeMap<u32, String>,
    memories: BTreeMap<String, Memory>,
    is_preparing: bool,
    /// All that should run runs, and nothing else.
    is_settled: bool,
    /// Who got requests, so that nothing is changed that stays.
    traffic: BTreeMap<String, Vec<(String, u64)>>,
    ports_tried: At,
}

impl Deployed {
    pub fn is_busy(&self) -> bool {
        !self.is_settled
    }

    /// Nothing of it should run, and nothing is under way.
    pub fn is_over(&self) -> bool {
        self.wanted.is_none() && self.is_settled
    }

    /// The package that a version was made from.
    pub fn package_of(&self, number: u32) -> Option<String> {
        self.packages.get(&number).cloned()
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
        let mut under_way = None;
        let deployed = self.deployed(name)?;
        (deployed.wanted, deployed.running, deployed.is_settled) = (None, None, false);
        if let Some(version) = &mut deployed.version
            && !version.state.is_end()
        {
            (version.state, version.changed) = (State::Failed, now());
            under_way = Some(version.clone());
        }
        let deployment = name.to_owned();
        self.note(Fact::Wanted { deployment: deployment.clone(), number: None });
        self.note(Fact::Running { deployment: deployment.clone(), number: None });
        if let Some(version) = under_way {
            self.moved(&version, Some("it was destroyed".to_owned()));
        }
        let detail = format!("{name} is destroyed by {by}");
        self.event(Event { kind: "destroyed".to_owned(), ..event(name, None, detail) });
        Ok(Reply::Done)
    }

    fn moved(&mut self, version: &Version, reason: Option<String>) {
        self.note(Fact::Moved {
            deployment: version.deployment.clone(),
            number: version.number,
            state: version.state,
            reason,
            at: version.changed,
        });
    }

    fn state_event(&mut self, name: &str, state: State, detail: String) {
        let version = self.deployments.get(name).and_then(|d| d.version.as_ref());
        let (number, signer) = version.map(|v| (v.number, v.signer.clone())).unzip();
        let mut event = event(name, number, detail);
        (event.status, event.signer) = (Some(state.name().to_owned()), signer);
        self.event(event);
    }

    /// The newest version of a deployment is in another state from now on.
    fn change(&mut self, name: &str, state: State, reason: Option<String>, detail: String) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        let Some(version) = &mut deployed.version else { return };
        (version.state, version.reason, version.changed) = (state, reason.clone(), now());
        let version = version.clone();
        deployed.is_settled = false;
        self.moved(&version, reason);
        self.state_event(name, state, detail);
    }

    /// Something is wrong with the newest version: what ran before it runs again.
    fn fail(&mut self, name: &str, why: &str) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        let Some(version) = deployed.version.clone() else { return };
        let had_begun = matches!(version.state, State::Deploying | State::Activating);
        let n = version.number;
        if !had_begun {
            self.change(
                name,
                State::Failed,
                Some(why.to_owned()),
                format!("version {n} failed: {why}"),
            );
            return;
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

    /// Verifies and unpacks the package, beside everything else.
    fn prepare(&mut self, name: &str) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        let Some(version) = deployed.version.clone() else { return };
        deployed.is_preparing = true;
        let (folders, sender) = (self.folders.clone(), self.sender.clone());
        let deployment = name.to_owned();
        self.runtime.spawn_blocking(move || {
            let number = version.number;
            let found = unpacked(&folders, &deployment, &version.package);
            let _ = sender.send(Message::Prepared { deployment, number, found });
        });
    }

    /// The package is there, or is not to be trusted.
    pub fn prepared(&mut self, name: &str, number: u32, found: Result<String, Vec<Diagnostic>>) {
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        deployed.is_preparing = false;
        let is_asked = |v: &Version| v.number == number && v.state == State::Preparing;
        if !deployed.version.as_ref().is_some_and(is_asked) {
            return;
        }
        let signers = match found {
            Ok(signers) => signers,
            Err(faults) => {
                let faults: Vec<String> = faults.into_iter().map(|f| f.message).collect();
                return self.fail(name, &faults.join("; "));
            }
        };
        let detail = format!("the package is signed by {signers}; it is validated");
        self.change(name, State::Validating, None, detail);
        let package = match self.deployments.get(name).and_then(|d| d.version.as_ref()) {
            Some(version) => version.package.clone(),
            None => return,
        };
        let loaded = match Loaded::read(&self.folders.package(&package), number) {
            Ok(loaded) => Arc::new(loaded),
            Err(why) => return self.fail(name, &why),
        };
        let faults = self.faults(name, &loaded);
        if !faults.is_empty() {
            return self.fail(name, &faults.join("; "));
        }
        // A version that is tried again is not judged by what was measured of it before.
        for ((_, _), (service, frontend)) in self.frontends.iter().filter(|((of, _), _)| of == name)
        {
            loaded.specs.get(service).into_iter().for_each(|spec| frontend.forget(spec));
        }
        if let Some(deployed) = self.deployments.get_mut(name) {
            deployed.loaded.insert(number, loaded);
            deployed.packages.insert(number, package);
            deployed.wanted = Some(number);
            deployed.memories.clear();
        }
        self.note(Fact::Wanted { deployment: name.to_owned(), number: Some(number) });
        self.change(name, State::Deploying, None, format!("version {number} is brought about"));
    }

    /// Everything that is wrong with bringing this about here.
    fn faults(&mut self, name: &str, loaded: &Loaded) -> Vec<String> {
        let mut faults = Vec::new();
        let running = loaded.tree.services.iter().filter(|service| service.replicas > 0);
        for service in running.clone() {
            let of = &service.name;
            match service.command.first() {
                None => faults.push(format!("`{of}` has no `:command`, and no image is run here")),
                Some(program) if !program.starts_with("$(") && !loaded.has_program(program) => {
                    faults.push(format!("the program `{program}` of `{of}` is not here"));
                }
                Some(_) => {}
            }
            for entry in &service.env {
                if let EnvValue::Secret { secret, key } = &entry.value
                    && let Err(error) = read_secret(&self.folders.secret(secret, key))
                {
                    faults.push(format!("the secret `{secret}/{key}` of `{of}`: {error}"));
                }
            }
        }
        let sum = |of: fn(&Service) -> Option<u64>| -> u64 {
            running.clone().map(|s| of(s).unwrap_or(0) * u64::from(s.replicas)).sum()
        };
        let (memory, there) = (sum(|s| s.limits.memory_bytes), machine_memory());
        if there.is_some_and(|there| memory > there) {
            let there = there.unwrap_or(0) >> 20;
            faults.push(format!(
                "it may use {} MiB of memory, this machine has {there}",
                memory >> 20
            ));
        }
        for need in &loaded.manifest.dependencies {
            let is_there = self.deployments.values().any(|deployed| {
                deployed.running.and_then(|n| deployed.loaded.get(&n)).is_some_and(|other| {
                    other.manifest.name == need.name
                        && need.version.matches(&other.manifest.version)
                })
            });
            if !is_there {
                faults.push(format!(
                    "it needs `{}` {}, which does not run here",
                    need.name, need.version
                ));
            }
        }
        faults.extend(self.open_ports(name, loaded));
        faults
    }

    /// Listens on the ports of all services; gives those that cannot be listened on.
    fn open_ports(&mut self, name: &str, loaded: &Loaded) -> Vec<String> {
        let mut faults = Vec::new();
        for service in loaded.tree.services.iter().filter(|service| service.replicas > 0) {
            for port in &service.ports {
                let key = (name.to_owned(), port.port);
                if let Some((of, _)) = self.frontends.get_mut(&key) {
                    of.clone_from(&service.name);
                    continue;
                }
                let host = if service.public { [0, 0, 0, 0] } else { [127, 0, 0, 1] };
                let is_http = port.protocol == "http";
                let handle = self.runtime.handle().clone();
                match Frontend::open(&handle, (host, port.port).into(), is_http) {
                    Ok(frontend) => {
                        self.frontends.insert(key, (service.name.clone(), frontend));
                    }
                    Err(error) => {
                        faults.push(format!("port {} of `{}`: {error}", port.port, service.name));
                    }
                }
            }
        }
        faults
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
        if aim.is_none() && !has_rest {
            self.frontends.retain(|(of, _), _| of != name);
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
                    self.start_anew(id);
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

    /// Who gets the requests of a service from now on, if that is another than before.
    fn route(&mut self, round: &Round<'_>, service: &Service, traffic: &BTreeMap<String, f64>) {
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
        let list: Vec<(String, u64)> =
            weighted.iter().map(|(live, w)| (live.instance.id.clone(), w.to_bits())).collect();
        for port in &service.ports {
            let key = (round.name.to_owned(), port.port);
            let Some((_, frontend)) = self.frontends.get(&key) else { return };
            let is_same = self
                .deployments
                .get(round.name)
                .and_then(|deployed| {
                    deployed.traffic.get(&format!("{}:{}", service.name, port.port))
                })
                .is_some_and(|before| *before == list);
            if is_same {
                continue;
            }
            let backends: Vec<(Arc<Backend>, f64)> = weighted
                .iter()
                .filter_map(|(live, w)| Some((live.backends.get(&port.port)?.clone(), *w)))
                .collect();
            frontend.set(backends);
            if let Some(deployed) = self.deployments.get_mut(round.name) {
                deployed.traffic.insert(format!("{}:{}", service.name, port.port), list.clone());
            }
        }
    }

    fn start_anew(&mut self, id: &str) {
        let Some(live) = self.live.get(id) else { return };
        if live.instance.process.is_some() {
            let mark = format!("{}/{id}", self.folders.mark());
            crate::process::end_all(&self.cgroups, id, &mark);
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

    /// Takes up what a supervisor before this one left.
    pub fn recover(&mut self) -> Result<(), Diagnostic> {
        for deployment in self.registry.deployments()? {
            let mut versions = self.registry.versions(&deployment.name)?;
            let mut deployed = Deployed {
                wanted: deployment.wanted,
                running: deployment.running,
                ..Deployed::default()
            };
            for version in &versions {
                if let Ok(loaded) =
                    Loaded::read(&self.folders.package(&version.package), version.number)
                {
                    deployed.loaded.insert(version.number, Arc::new(loaded));
                    deployed.packages.insert(version.number, version.package.clone());
                }
            }
            if let Some(version) = (!versions.is_empty()).then(|| versions.remove(0)) {
                // A version that was not yet wanted is prepared again from the beginning.
                let state = match version.state {
                    State::Preparing | State::Validating => State::Created,
                    other => other,
                };
                deployed.version = Some(Version { state, ..version });
            }
            self.deployments.insert(deployment.name, deployed);
        }
        self.adopt()
    }

    fn adopt(&mut self) -> Result<(), Diagnostic> {
        let known = self.registry.instances()?;
        let ids: BTreeSet<String> = known.iter().map(|instance| instance.id.clone()).collect();
        for id in crate::process::instances_seen(&self.cgroups, &self.folders.mark()) {
            if !ids.contains(&id) {
                let mark = format!("{}/{id}", self.folders.mark());
                crate::process::end_all(&self.cgroups, &id, &mark);
                self.cgroups.remove(&id);
            }
        }
        let folders = std::fs::read_dir(self.folders.instances()).into_iter().flatten().flatten();
        for folder in folders.filter(|f| !ids.contains(&*f.file_name().to_string_lossy())) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
        for instance in known {
            let loaded = self.loaded(&instance.deployment, instance.version);
            let probes = loaded
                .as_ref()
                .and_then(|loaded| loaded.service(&instance.service))
                .map(|service| service.probes.clone());
            self.adopt_one(Live::new(instance, probes.unwrap_or_default()));
        }
        Ok(())
    }

    fn adopt_one(&mut self, mut live: Live) {
        let (id, now) = (live.instance.id.clone(), now());
        let is_running = live.instance.process.as_ref().is_some_and(crate::process::is_running);
        let was_stopping = live.instance.phase == Phase::Stopping;
        live.instance.since = now;
        if was_stopping {
            live.leaving = Some(crate::live::Leaving { since: now, asked: None, ended: false });
        }
        if is_running {
            let path = self.folders.instance(&id).join("spec.json");
            let spec = std::fs::read(path).ok();
            live.spec = spec.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let instance = live.instance.clone();
            self.live.insert(id.clone(), live);
            self.copy_output(&instance);
            self.watch(&id);
            self.instance_event(&id, "adopted", format!("{id} goes on under a new supervisor"));
            return;
        }
        let mark = format!("{}/{id}", self.folders.mark());
        crate::process::end_all(&self.cgroups, &id, &mark);
        live.instance.process = None;
        if !was_stopping {
            live.instance.phase = Phase::Waiting;
            live.again = Some(now);
        }
        self.live.insert(id.clone(), live);
        if was_stopping {
            self.remove(&id);
        }
    }
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

fn event(deployment: &str, version: Option<u32>, detail: String) -> Event {
    Event {
        seq: 0,
        at: now(),
        deployment: deployment.to_owned(),
        version,
        resource: None,
        kind: "state".to_owned(),
        status: None,
        signer: None,
        detail,
    }
}

/// Bytes of memory of this machine.
fn machine_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Reads the package of the store, checks who signed it, and unpacks it if it is not yet. Gives who
/// signed it.
fn unpacked(
    folders: &crate::folders::Folders,
    deployment: &str,
    id: &str,
) -> Result<String, Vec<Diagnostic>> {
    let one = |found: Diagnostic| vec![found];
    let path = folders.packed(id);
    let file = std::fs::File::open(&path).map_err(|e| one(diagnostics::no_package(&path, &e)))?;
    let package = Package::read(file, &Limits::default()).map_err(one)?;
    if package.id() != id || package.manifest().deployment != deployment {
        return Err(one(diagnostics::other_package(&path)));
    }
    let trust = Trust::read(&folders.trust()).map_err(one)?;
    let today = eclexia_deploy::dates::day(std::time::SystemTime::now());
    let signers = package::verify(&package, &trust, today)?;
    let folder = folders.package(id);
    // One that was changed since is not what was signed: it is brought anew. What runs from it has
    // its files open.
    if folder.is_dir() && !crate::drift::files(deployment, &folder, package.manifest()).is_empty() {
        std::fs::remove_dir_all(&folder).map_err(|e| one(diagnostics::no_folder(&folder, &e)))?;
    }
    if !folder.is_dir() {
        package::unpack(&package, &folder).map_err(one)?;
    }
    let names: Vec<String> = signers.into_iter().map(|signer| signer.name).collect();
    Ok(names.join(", "))
}
