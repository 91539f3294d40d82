//! What was asked, served and failed, and what it cost: sums over the times between events.
//!
//! Between two events nothing changes, so each sum is a rate times a time. Requests are a stream,
//! not one by one: a service with a demand is asked that many a second, times its part of the hour;
//! each replica gets its part of them, answers as many as its throughput allows and its version
//! does not spoil, and nothing while it is not there. Who needs a service that has nobody answers
//! nothing. Money and energy are those of the plan's own figures (prices and factors by hour; idle
//! and busy watts, PUE, intensity by hour, embodied carbon). Requests count from when a version was
//! first completed.

use crate::machine::Placed;
use crate::time::HOUR;
use crate::world::World;
use eclexia_deploy::registry::At;
use eclexia_deploy::rollout::Measured;
use eclexia_model::{Exact, JobChoice, Metric, Resource};
use eclexia_targets::local::Service;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[derive(Clone, Debug, Default)]
pub struct Meter {
    pub services: BTreeMap<String, Tally>,
    pub hours: Vec<Hour>,
    /// Requests of all services together.
    pub failed: f64,
    /// US dollars, grams CO2e, joules.
    pub money: f64,
    pub carbon: f64,
    pub energy: f64,
    /// Machines and cut connections that were lost.
    pub faults: u32,
    pub taken_back: u32,
    /// The most of each limited amount at once, and how long it was above its limit.
    pub most: BTreeMap<Metric, Most>,
    /// Version, machine, and of what it has too little.
    crowds: BTreeSet<(usize, String, Resource)>,
    /// By service and spec.
    measured: BTreeMap<(String, String), (f64, f64)>,
    /// Whose hour the next sums go to.
    at: At,
}

#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub asked: f64,
    pub failed: f64,
    /// Milliseconds that it was counted for, that somebody served, and that all did.
    pub counted: u64,
    pub served: u64,
    pub full: u64,
    pub restarts: u32,
    pub moves: u32,
    /// How many serve of how many, each from its time on.
    pub lanes: Vec<Lane>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Lane {
    pub at: At,
    pub serving: u32,
    pub asked: u32,
}

#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Hour {
    pub asked: f64,
    pub failed: f64,
    pub money: f64,
    pub carbon: f64,
    /// Joules.
    pub energy: f64,
}

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Most {
    pub amount: f64,
    /// Milliseconds above the limit, and since when for the first time.
    pub above: u64,
    pub first: Option<At>,
}

impl Meter {
    pub fn tally(&mut self, service: &str) -> &mut Tally {
        self.services.entry(service.to_owned()).or_default()
    }

    /// What was measured of the replicas of a spec since its version began.
    pub fn measured(&self, service: &str, spec: &str) -> Measured {
        let key = (service.to_owned(), spec.to_owned());
        match self.measured.get(&key) {
            Some((asked, failed)) if *asked >= 1.0 => Measured {
                requests: asked.round() as u64,
                error_rate: Some(failed / asked),
                ..Measured::default()
            },
            _ => Measured::default(),
        }
    }

    pub fn forget(&mut self, service: &str, spec: &str) {
        self.measured.remove(&(service.to_owned(), spec.to_owned()));
    }

    /// A machine carries more than it has. Gives whether this was not known of this version.
    pub fn crowd(&mut self, version: usize, machine: &str, resource: Resource) -> bool {
        self.crowds.insert((version, machine.to_owned(), resource))
    }

    pub fn crowded(&self) -> usize {
        self.crowds.iter().map(|(_, machine, _)| machine).collect::<BTreeSet<_>>().len()
    }

    /// One run of a job, whole, at its beginning.
    pub fn job(&mut self, job: &JobChoice) {
        let (money, carbon) = (job.cost.to_f64(), job.carbon.to_f64());
        (self.money, self.carbon) = (self.money + money, self.carbon + carbon);
        let hour = self.hour();
        (hour.money, hour.carbon) = (hour.money + money, hour.carbon + carbon);
    }

    fn hour(&mut self) -> &mut Hour {
        let at = (self.at.0 / HOUR) as usize;
        if self.hours.len() <= at {
            self.hours.resize(at + 1, Hour::default());
        }
        &mut self.hours[at]
    }
}

impl World<'_> {
    /// Adds up what is used and served until the next event.
    pub fn pass(&mut self, to: At) {
        let ms = to.since(self.now);
        self.meter.at = self.now;
        if ms > 0 {
            self.pass_machines(ms);
            if let Some(running) = self.running.and(self.wanted) {
                let placed = Rc::clone(&self.versions[running].placed);
                self.pass_requests(&placed.tree.services, ms);
                self.pass_limits(&placed, ms);
            }
        }
        self.meter.at = to;
    }

    fn pass_machines(&mut self, ms: u64) {
        let (hour, seconds) = (self.now.0 / HOUR, ms as f64 / 1000.0);
        let mut busy: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for replica in self.replicas.values().filter(|replica| replica.process.is_some()) {
            if let Some(machine) = replica.machine {
                let (cores, gpus) = busy.entry(machine).or_insert((0.0, 0.0));
                *cores += replica.load.cores;
                *gpus += replica.load.gpus;
            }
        }
        let mut sum = Hour::default();
        for (at, machine) in self.machines.iter().enumerate().filter(|(_, m)| m.is_had) {
            let rates = &machine.rates;
            sum.money += rates.price(hour) * seconds;
            sum.carbon += rates.embodied * seconds;
            if machine.is_on() {
                let (cores, gpus) = busy.get(&at).copied().unwrap_or((0.0, 0.0));
                let watts =
                    rates.idle_watts + cores * rates.watts_per_core + gpus * rates.watts_per_gpu;
                let joules = watts * rates.pue * seconds;
                sum.energy += joules;
                sum.carbon += joules * rates.intensity(hour);
            }
        }
        self.meter.money += sum.money;
        self.meter.carbon += sum.carbon;
        self.meter.energy += sum.energy;
        let of = self.meter.hour();
        of.money += sum.money;
        of.carbon += sum.carbon;
        of.energy += sum.energy;
    }

    /// Whether a replica answers whoever asks it.
    fn is_serving(&self, id: u32) -> bool {
        self.replicas.get(&id).is_some_and(|replica| {
            replica.answers(self.now)
                && replica.machine.is_some_and(|machine| self.machines[machine].is_up())
        })
    }

    /// How many of those that get requests answer them.
    fn serving(&self, service: &str) -> u32 {
        let routes = self.routes.get(service).into_iter().flatten();
        let serving = routes.filter(|(id, _)| self.is_serving(*id)).count();
        u32::try_from(serving).unwrap_or(u32::MAX)
    }

    /// Whether of each service as many serve as were asked for.
    pub fn all_serve(&self) -> bool {
        let placed = self.wanted.map(|wanted| &self.versions[wanted].placed);
        let mut services = placed.iter().flat_map(|placed| &placed.tree.services);
        services.all(|service| self.serving(&service.name) >= service.replicas)
    }

    fn pass_requests(&mut self, services: &[Service], ms: u64) {
        let seconds = ms as f64 / 1000.0;
        let part = self.setup.demand.part(self.now.0 / HOUR);
        let mut up: BTreeSet<&str> = BTreeSet::new();
        // What is needed stands before what needs it.
        for service in services {
            let has_needs = service
                .needs
                .iter()
                .all(|need| need.ports.is_empty() || up.contains(need.service.as_str()));
            let serving = self.serving(&service.name);
            let is_up = has_needs && serving > 0;
            if is_up {
                up.insert(&service.name);
            }
            let asked = self.demand(&service.name) * part * seconds;
            let failed = asked - self.answered(&service.name, asked, has_needs, seconds);
            let tally = self.meter.tally(&service.name);
            tally.counted += ms;
            tally.served += if is_up { ms } else { 0 };
            tally.full += if has_needs && serving >= service.replicas { ms } else { 0 };
            tally.asked += asked;
            tally.failed += failed;
            self.meter.failed += failed;
            let hour = self.meter.hour();
            hour.asked += asked;
            hour.failed += failed;
        }
    }

    /// Requests a second that a service is planned for.
    fn demand(&self, service: &str) -> f64 {
        let Some(wanted) = self.wanted else { return 0.0 };
        let services = &self.versions[wanted].placed.deployment.services;
        let of = services.iter().find(|s| s.name == service);
        of.and_then(|of| of.demand.as_ref()).map_or(0.0, Exact::to_f64)
    }

    /// How many of the requests of a service are answered well.
    fn answered(&mut self, service: &str, asked: f64, has_needs: bool, seconds: f64) -> f64 {
        if asked <= 0.0 {
            return 0.0;
        }
        let mut answered = 0.0;
        for (id, part) in self.routes.get(service).cloned().unwrap_or_default() {
            let Some(replica) = self.replicas.get(&id) else { continue };
            let its = asked * part;
            let most = replica.load.throughput.map_or(its, |most| its.min(most * seconds));
            let well = match has_needs && self.is_serving(id) {
                true => most * (1.0 - replica.errors()),
                false => 0.0,
            };
            answered += well;
            let key = (service.to_owned(), replica.spec.clone());
            let (all, failed) = self.meter.measured.entry(key).or_insert((0.0, 0.0));
            *all += its;
            *failed += its - well;
        }
        answered
    }

    /// The most of what is limited.
    fn pass_limits(&mut self, placed: &Placed, ms: u64) {
        let jobs = &placed.deployment.jobs;
        for limit in &placed.deployment.limits {
            let amount = match limit.metric {
                Metric::Cost | Metric::Carbon => continue,
                Metric::Nodes => {
                    let had = self.machines.iter().filter(|machine| machine.is_had).count();
                    (had + jobs.len()) as f64
                }
                Metric::Of(resource) => {
                    let of = |takes: Option<&f64>| takes.copied().unwrap_or(0.0);
                    let replicas = self.replicas.values().filter(|r| r.machine.is_some());
                    let own: f64 = replicas.map(|r| of(r.load.takes.get(&resource))).sum();
                    let each = jobs.iter().filter_map(|job| job.requires.get(&resource));
                    own + each.map(Exact::to_f64).sum::<f64>()
                }
            };
            let most = self.meter.most.entry(limit.metric).or_default();
            most.amount = most.amount.max(amount);
            if amount > limit.amount.to_f64() * (1.0 + 1e-9) {
                most.above += ms;
                most.first.get_or_insert(self.now);
            }
        }
    }

    /// Notes how many serve of each service, where that has changed.
    pub fn meter_lanes(&mut self) {
        let placed = self.wanted.map(|wanted| Rc::clone(&self.versions[wanted].placed));
        let mut now: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for service in placed.iter().flat_map(|placed| &placed.tree.services) {
            let serving = self.serving(&service.name);
            now.insert(service.name.clone(), (serving, service.replicas));
        }
        for name in self.meter.services.keys() {
            now.entry(name.clone()).or_insert((0, 0));
        }
        for (service, (serving, asked)) in now {
            let at = self.now;
            let lanes = &mut self.meter.tally(&service).lanes;
            match lanes.last_mut() {
                Some(last) if (last.serving, last.asked) == (serving, asked) => {}
                Some(last) if last.at == at => *last = Lane { at, serving, asked },
                _ => lanes.push(Lane { at, serving, asked }),
            }
        }
    }
}
