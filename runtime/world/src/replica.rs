//! One replica in the world: what those who watch it believe, and what is true of it.

use crate::machine::Placed;
use crate::setup::Behaviour;
use eclexia_deploy::registry::{At, Phase};
use eclexia_deploy::rollout::Health;
use eclexia_deploy::watched::Watched;
use eclexia_model::{Deployment, Exact, Probe, ProbeKind, Resource};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Replica {
    pub id: u32,
    pub service: String,
    pub spec: String,
    /// The version that it was started for.
    pub version: usize,
    pub ordinal: u32,
    /// `None`: it waits for a place.
    pub machine: Option<usize>,
    pub phase: Phase,
    pub since: At,
    pub restarts: u32,
    pub watched: Watched,
    /// Counts its starts and ends: what was to happen to another life of it does not.
    pub life: u64,
    /// The process that is there, if any.
    pub process: Option<Process>,
    pub behaviour: Behaviour,
    /// When its checks are asked: at this time, and at their periods from there.
    pub asked_from: At,
    pub load: Load,
    /// Of each kind of check, which of its rounds of questions is under way.
    pub rounds: BTreeMap<ProbeKind, u64>,
}

/// What a replica takes while it is there.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Load {
    /// What it requires, base units.
    pub takes: BTreeMap<Resource, f64>,
    /// Busy cores and devices, mean.
    pub cores: f64,
    pub gpus: f64,
    /// Requests a second that it can answer; `None`: nobody said.
    pub throughput: Option<f64>,
}

impl Load {
    pub fn of(placed: &Placed, service: &str) -> Load {
        let Some(variant) = placed.variant(service) else { return Load::default() };
        let takes = variant.requires.iter().map(|(resource, n)| (*resource, n.to_f64()));
        let mut takes: BTreeMap<Resource, f64> = takes.collect();
        let written = written(&placed.deployment, service);
        if written > 0.0 {
            let storage = takes.entry(Resource::Storage).or_insert(0.0);
            *storage = storage.max(written);
        }
        let busy = |resource: Resource| {
            takes.get(&resource).copied().unwrap_or(0.0) * variant.utilisation.to_f64()
        };
        let (cores, gpus) = (busy(Resource::Cpu), busy(Resource::Gpu));
        let throughput = variant.throughput.as_ref().map(Exact::to_f64);
        Load { takes, cores, gpus, throughput }
    }
}

/// Bytes of the volumes that a service writes.
fn written(deployment: &Deployment, service: &str) -> f64 {
    let services = deployment.services.iter().filter(|s| s.name == service);
    let mounts = services.flat_map(|s| &s.mounts).filter(|mount| !mount.read_only);
    mounts.map(|mount| mount.size.to_f64()).sum()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Process {
    /// From when on it answers.
    pub answers: At,
}

impl Replica {
    /// `api.0`
    pub fn name(&self) -> String {
        format!("{}.{}", self.service, self.ordinal)
    }

    pub fn is_leaving(&self) -> bool {
        self.phase == Phase::Stopping
    }

    pub fn health(&self, now: At) -> Health {
        self.watched.health(self.phase, self.since, Some(self.since), now)
    }

    /// Whether its process answers, if anybody reaches it.
    pub fn answers(&self, now: At) -> bool {
        self.process.is_some_and(|process| process.answers <= now)
    }

    /// Part of the requests that it answers badly.
    pub fn errors(&self) -> f64 {
        match self.behaviour {
            Behaviour::Errors(part) => part,
            Behaviour::Well => 0.0,
            Behaviour::Unready | Behaviour::Ends => 1.0,
        }
    }

    /// When a check is asked next, not before `at`.
    pub fn next_question(&self, probe: &Probe, at: At) -> At {
        let period = u64::from(probe.every.max(1)) * 1000;
        let passed = at.since(self.asked_from);
        self.asked_from.after(passed.div_ceil(period) * period)
    }

    /// As rollouts see it.
    pub fn seen(&self, now: At) -> eclexia_deploy::rollout::Replica {
        eclexia_deploy::rollout::Replica {
            id: self.id.to_string(),
            spec: self.spec.clone(),
            ordinal: self.ordinal,
            health: self.health(now),
            failures: self.watched.failures,
        }
    }
}
