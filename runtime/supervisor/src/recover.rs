//! A supervisor begins: it takes up what one before it left.
//!
//! In: the registry, and the processes of this machine. Out: what is known, as before. Always
//! holds: a process that carries our mark and that nobody knows is ended; one that is known goes
//! on; one that should run and does not is started again.

use crate::hooks::Hooks;
use crate::live::{Leaving, Live};
use crate::loaded::Loaded;
use crate::process;
use crate::record::Record;
use crate::stages::{Deployed, FAILING};
use crate::supervisor::{Supervisor, now};
use eclexia_deploy::registry::{At, Filter, Instance, Phase, State, Version};
use eclexia_diag::Diagnostic;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Supervisor {
    /// Takes up what a supervisor before this one left.
    pub fn recover(&mut self) -> Result<(), Diagnostic> {
        let known = self.registry.instances()?;
        self.recover_grid()?;
        for deployment in self.registry.deployments()? {
            let mut versions = self.registry.versions(&deployment.name)?;
            let mut deployed = Deployed {
                wanted: deployment.wanted,
                running: deployment.running,
                has_jobs: true,
                ..Deployed::default()
            };
            let running = versions.iter().find(|v| Some(v.number) == deployment.running);
            deployed.completed = running.map_or(At(0), |version| version.changed);
            let runs = self.registry.last_runs(&deployment.name)?.into_iter();
            deployed.runs = runs.map(|run| (run.job.clone(), run)).collect();
            for (job, at) in self.registry.last_done(&deployment.name)? {
                deployed.tallies.entry(job).or_default().last_done = Some(at);
            }
            let newest = versions.first();
            let mut needed =
                BTreeSet::from_iter(deployment.wanted.into_iter().chain(deployment.running));
            needed.extend(newest.and_then(|version| version.before));
            // Its hooks may not have run.
            needed.extend(newest.filter(|v| v.state == State::RolledBack).map(|v| v.number));
            needed.extend(
                known.iter().filter(|i| i.deployment == deployment.name).map(|i| i.version),
            );
            for version in versions.iter().filter(|version| needed.contains(&version.number)) {
                let folder = self.folders.package(&version.package);
                let record = Record::read(&self.folders, &deployment.name, version.number);
                // A record that cannot be read is told when the version is deployed anew.
                let settings = record.unwrap_or_default().settings;
                if let Ok(loaded) = Loaded::read(&folder, version.number, &settings) {
                    deployed.loaded.insert(version.number, Arc::new(loaded));
                }
            }
            if let Some(version) = (!versions.is_empty()).then(|| versions.remove(0)) {
                // A version that was not yet wanted is prepared again from the beginning.
                let state = match version.state {
                    State::Preparing | State::Validating => State::Created,
                    other => other,
                };
                let record = Record::read(&self.folders, &deployment.name, version.number);
                deployed.window = record.unwrap_or_default().window;
                deployed.version = Some(Version { state, ..version });
            }
            self.recover_hooks(&deployment.name, &mut deployed)?;
            self.deployments.insert(deployment.name, deployed);
        }
        self.adopt(known);
        // Where one was left it knows all of them already.
        self.log_all();
        Ok(())
    }

    /// Which hooks of the newest version have ended, and whether it was about to be taken back.
    fn recover_hooks(&self, name: &str, deployed: &mut Deployed) -> Result<(), Diagnostic> {
        let Some(version) = &deployed.version else { return Ok(()) };
        let number = version.number;
        let settings = Record::read(&self.folders, name, number).unwrap_or_default().settings;
        let folder = self.folders.package(&version.package);
        let Ok(loaded) = Loaded::read(&folder, number, &settings) else { return Ok(()) };
        deployed.hooks = Hooks::recorded(&self.registry, name, &loaded)?;
        let filter = Filter {
            deployment: Some(name.to_owned()),
            resource: Some(FAILING.to_owned()),
            newest_first: true,
            limit: Some(1),
            ..Filter::default()
        };
        if matches!(version.state, State::Deploying | State::Activating) {
            let last = self.registry.events(&filter)?.into_iter().next();
            let why = last.filter(|event| event.version == Some(number));
            deployed.failing = why.map(|event| event.detail);
        }
        Ok(())
    }

    fn adopt(&mut self, known: Vec<Instance>) {
        let ids: BTreeSet<String> = known.iter().map(|instance| instance.id.clone()).collect();
        for id in process::instances_seen(&self.cgroups, &self.folders.mark()) {
            if !ids.contains(&id) {
                self.end_all(&id);
                self.cgroups.remove(&id);
            }
        }
        let folders = std::fs::read_dir(self.folders.instances()).into_iter().flatten().flatten();
        for folder in folders.filter(|f| !ids.contains(&*f.file_name().to_string_lossy())) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
        for instance in known {
            let loaded = self.loaded(&instance.deployment, instance.version);
            let of = loaded.as_ref().and_then(|loaded| loaded.process(&instance.service));
            let probes = of.map(|service| service.probes.clone()).unwrap_or_default();
            let is_job = loaded.as_ref().is_some_and(|l| l.job(&instance.service).is_some());
            self.adopt_one(Live { is_job, ..Live::new(instance, probes) });
        }
    }

    fn adopt_one(&mut self, mut live: Live) {
        let (id, now) = (live.instance.id.clone(), now());
        let is_running = live.instance.process.as_ref().is_some_and(process::is_running);
        let was_stopping = live.instance.phase == Phase::Stopping;
        live.instance.since = now;
        if was_stopping {
            live.leaving = Some(Leaving::new(now));
        }
        if is_running {
            let spec = std::fs::read(self.folders.spec(&id)).ok();
            live.spec = spec.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            live.begun = Some(now);
            self.live.insert(id.clone(), live);
            self.watch(&id);
            self.instance_event(&id, "adopted", format!("{id} goes on under a new supervisor"));
            return;
        }
        if live.is_job {
            return self.adopt_ended(live);
        }
        self.end_all(&id);
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

    /// A try of a job that ended while no supervisor looked, or never began.
    fn adopt_ended(&mut self, live: Live) {
        let (id, has_begun) = (live.instance.id.clone(), live.instance.process.is_some());
        self.live.insert(id.clone(), live);
        match has_begun {
            true => self.job_ended(&id, None),
            false => {
                self.end_all(&id);
                self.remove(&id);
            }
        }
    }
}
