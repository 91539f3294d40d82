//! What services use: sampled, summed, recorded.
//!
//! In: counts of the kernel's groups and of our ports, each time they are looked at; plans. Out:
//! samples and prices for the registry, and sums since the supervisor began. Always holds: what an
//! instance used is counted once, also when it ends between two samples; counts that begin again
//! count from there.
//! Energy is an estimate: core seconds times the watts of a busy core, as the program says of its
//! machines, times what the site takes more (PUE); carbon is that by the region's intensity, which
//! `grid` knows.

use crate::cgroup::Used;
use crate::control::{Reply, Told};
use crate::diagnostics;
use crate::proxy::Traffic;
use crate::supervisor::{Supervisor, now};
use eclexia_deploy::registry::{At, Event, Fact, Instance, Priced, Sample};
use eclexia_diag::Diagnostic;
use eclexia_model::display::MONTH;
use eclexia_model::{BudgetLine, Deployment, Exact, Plan, Signal};
use eclexia_targets::local::Limits;
use std::collections::BTreeMap;

/// How often it is sampled, milliseconds.
pub const EVERY: u64 = 10_000;

/// How often samples that are old enough are removed, milliseconds.
const AGES: u64 = 3_600_000;

/// How cores of a service turn to energy, in each region where its pods are planned.
#[derive(Clone, PartialEq, Debug)]
pub struct Power {
    /// Region to watts of a core above idle, with what the site takes more, as far as the pods
    /// there are a part of all.
    pub watts_per_core: BTreeMap<String, f64>,
}

/// Of each planned service: means over its pods, by where and on what they are planned to run; of
/// each job: where it is planned to.
pub fn powers(model: &Deployment, plan: &Plan) -> BTreeMap<String, Power> {
    let mut sums: BTreeMap<&str, (f64, BTreeMap<String, f64>)> = BTreeMap::new();
    let watts = |region: &str, node_type: &str| {
        let machine = model.node_types.iter().find(|machine| machine.name == node_type)?;
        let region = model.regions.iter().find(|one| one.name == region)?;
        Some(machine.watts_per_core.to_f64() * region.pue.to_f64())
    };
    for job in &plan.jobs {
        let Some(watts) = watts(&job.region, &job.node_type) else { continue };
        sums.insert(&job.job, (1.0, BTreeMap::from([(job.region.clone(), watts)])));
    }
    for node in &plan.nodes {
        let Some(watts) = watts(&node.region, &node.node_type) else { continue };
        for (service, pods) in &node.pods {
            let pods = f64::from(*pods) * f64::from(node.count);
            let (all, by_region) = sums.entry(service).or_default();
            *all += pods;
            *by_region.entry(node.region.clone()).or_default() += pods * watts;
        }
    }
    let mean = |(service, (all, mut by_region)): (&str, (f64, BTreeMap<String, f64>))| {
        by_region.values_mut().for_each(|watts| *watts /= all);
        (service.to_owned(), Power { watts_per_core: by_region })
    };
    sums.into_iter().filter(|(_, (all, _))| *all > 0.0).map(mean).collect()
}

#[derive(Default)]
pub struct Meter {
    /// When it was last sampled.
    sampled: At,
    aged: At,
    /// Instance to its core time, microseconds, when it was last looked at.
    cores: BTreeMap<String, u64>,
    ports: BTreeMap<(String, u16), (Traffic, f64)>,
    /// Since it was last sampled, and since the supervisor began, of each service.
    pending: BTreeMap<(String, String), Sample>,
    totals: BTreeMap<(String, String), Sample>,
}

impl Meter {
    pub fn begun(now: At) -> Meter {
        Meter { sampled: now, ..Meter::default() }
    }

    /// What a service used since the supervisor began, as it was last sampled.
    pub fn total(&self, deployment: &str, service: &str) -> Sample {
        let key = (deployment.to_owned(), service.to_owned());
        self.totals.get(&key).cloned().unwrap_or_default()
    }

    fn pending(&mut self, deployment: &str, service: &str) -> &mut Sample {
        let (at, key) = (self.sampled, (deployment.to_owned(), service.to_owned()));
        self.pending.entry(key).or_insert_with(|| Sample {
            deployment: deployment.to_owned(),
            service: service.to_owned(),
            at,
            ..Sample::default()
        })
    }

    /// Looks at an instance. Gives its core seconds since it was last looked at.
    fn cores(&mut self, instance: &str, used: Used) -> f64 {
        let Some(micros) = used.cpu_micros else { return 0.0 };
        let before = self.cores.insert(instance.to_owned(), micros).unwrap_or(0);
        // Its group was made anew since: it counts from nothing again.
        let since = if micros >= before { micros - before } else { micros };
        since as f64 / 1e6
    }

    /// Looks at a port: its traffic, and the seconds that its requests took. Gives both since it
    /// was last looked at.
    fn port(&mut self, key: &(String, u16), is: (Traffic, f64)) -> (Traffic, f64) {
        let was = self.ports.insert(key.clone(), is).unwrap_or_default();
        match is.0.requests >= was.0.requests && is.0.sent >= was.0.sent {
            true => (is.0.since(was.0), (is.1 - was.1).max(0.0)),
            false => is,
        }
    }
}

impl Supervisor {
    /// Counts what an instance used so far: before its group is removed, and with each sample.
    pub fn meter(&mut self, instance: &Instance) {
        let used = self.cgroups.used(&instance.id);
        let seconds = self.meter.cores(&instance.id, used);
        if seconds <= 0.0 {
            return;
        }
        let (joules, grams) = self.energy(instance, seconds);
        let pending = self.meter.pending(&instance.deployment, &instance.service);
        pending.cpu_seconds += seconds;
        (pending.joules, pending.grams) = (pending.joules + joules, pending.grams + grams);
    }

    fn energy(&self, instance: &Instance, core_seconds: f64) -> (f64, f64) {
        let Some(loaded) = self.loaded(&instance.deployment, instance.version) else {
            return (0.0, 0.0);
        };
        let Some(power) = loaded.powers.get(&instance.service) else { return (0.0, 0.0) };
        let now = now();
        let mut sum = (0.0, 0.0);
        for (region, watts) in &power.watts_per_core {
            let joules = core_seconds * watts;
            let number = self.grid.grams_per_joule(
                (&instance.deployment, region),
                loaded.grids.get(region).map_or(&[], Vec::as_slice),
                now,
            );
            sum = (sum.0 + joules, sum.1 + joules * number);
        }
        sum
    }

    /// An instance is no more: what it used last counts, and it is not looked at again.
    pub fn meter_last(&mut self, instance: &Instance) {
        self.meter(instance);
        self.meter.cores.remove(&instance.id);
    }

    /// Samples, if it is time to.
    pub fn sample(&mut self) {
        self.outdated();
        if now().since(self.meter.sampled) >= EVERY {
            self.sample_now();
        }
    }

    /// Samples what was used since the last time.
    pub fn sample_now(&mut self) {
        let now = now();
        let span = now.since(self.meter.sampled);
        let instances: Vec<Instance> =
            self.live.values().map(|live| live.instance.clone()).collect();
        let mut memory: BTreeMap<(String, String), u64> = BTreeMap::new();
        for instance in instances.iter().filter(|instance| instance.process.is_some()) {
            self.meter(instance);
            let bytes = self.cgroups.used(&instance.id).memory_bytes.unwrap_or(0);
            let key = (instance.deployment.clone(), instance.service.clone());
            *memory.entry(key).or_default() += bytes;
        }
        for ((deployment, service), bytes) in memory {
            let pending = self.meter.pending(&deployment, &service);
            pending.memory_peak = bytes;
            pending.memory_byte_seconds += bytes as f64 * span as f64 / 1e3;
        }
        for (key, (service, frontend)) in &self.frontends {
            let seen = (frontend.totals(), frontend.latencies().seconds);
            let (traffic, seconds) = self.meter.port(key, seen);
            if traffic != Traffic::default() {
                let pending = self.meter.pending(&key.0, service);
                pending.requests += traffic.requests;
                pending.failed += traffic.failed;
                pending.request_seconds += seconds;
                pending.received += traffic.received;
                pending.sent += traffic.sent;
            }
        }
        self.meter.ports.retain(|key, _| self.frontends.contains_key(key));
        for (key, sample) in std::mem::take(&mut self.meter.pending) {
            let sample = Sample { span, ..sample };
            self.meter.totals.entry(key).or_default().add(&sample);
            self.note(Fact::Sample(sample));
        }
        self.meter.sampled = now;
        if now.since(self.meter.aged) >= AGES {
            self.meter.aged = now;
            self.note(Fact::Aged(now));
        }
    }

    /// The greatest part of its limit that any of these instances of a spec uses: of memory now, of
    /// cores since it was started.
    pub fn part_used(
        &self,
        ids: &[String],
        spec: &str,
        limits: Limits,
        signal: Signal,
        now: At,
    ) -> Option<f64> {
        let lives = ids.iter().filter_map(|id| self.live.get(id));
        let lives = lives.filter(|live| live.instance.spec == spec && live.leaving.is_none());
        let parts = lives.filter_map(|live| {
            let used = self.cgroups.used(&live.instance.id);
            match signal {
                Signal::Memory => Some(used.memory_bytes? as f64 / limits.memory_bytes? as f64),
                Signal::Cpu => {
                    let seconds = now.since(live.instance.since) as f64 / 1e3;
                    let cores = used.cpu_micros? as f64 / 1e6 / seconds.max(1.0);
                    Some(cores / (limits.cpu_millis? as f64 / 1e3))
                }
                Signal::ErrorRate | Signal::LatencyP95 => None,
            }
        });
        parts.reduce(f64::max)
    }
}

/// The limits of a plan with their prices, as they are kept.
pub fn prices(
    deployment: &str,
    plan: &str,
    lines: &[BudgetLine],
    reason: &str,
    at: At,
) -> Vec<Priced> {
    let priced = lines.iter().map(|line| {
        let scale = line.unit.scale.to_f64();
        let worth = |price: &Exact| price.to_f64() * scale * MONTH as f64;
        Priced {
            deployment: deployment.to_owned(),
            at,
            limit_of: line.address.to_string(),
            plan: plan.to_owned(),
            used: line.used.to_f64() / scale,
            most: line.limit.to_f64() / scale,
            buy: worth(&line.price.buy),
            sell: line.price.sell.as_ref().map(worth),
            unit: line.unit.text.clone(),
            reason: reason.to_owned(),
        }
    });
    priced.collect()
}

impl Supervisor {
    /// The prices of what a deployment's version may use, from the plan that it was made of.
    pub fn price(&mut self, name: &str, reason: &str) {
        let Some(deployed) = self.deployments.get(name) else { return };
        let Some(loaded) = deployed.wanted.and_then(|number| self.loaded(name, number)) else {
            return;
        };
        let prices = prices(name, &loaded.manifest.plan, &loaded.budgets, reason, now());
        prices.into_iter().for_each(|price| self.note(Fact::Priced(price)));
    }

    /// Prices that somebody else computed, of a deployment that is known.
    pub fn repriced(
        &mut self,
        name: &str,
        kind: Told,
        prices: Vec<Priced>,
        reason: String,
    ) -> Result<Reply, Diagnostic> {
        let kind = match kind {
            Told::Prices => "prices",
            Told::Adapted => "adapted",
        };
        if !self.deployments.contains_key(name) {
            return Err(diagnostics::nothing_deployed(name, &[]));
        }
        for price in prices.into_iter().filter(|price| price.deployment == name) {
            self.note(Fact::Priced(price));
        }
        self.event(Event::new(name, kind, now(), reason));
        Ok(Reply::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(micros: u64) -> Used {
        Used { cpu_micros: Some(micros), ..Used::default() }
    }

    #[test]
    fn what_an_instance_used_is_counted_once_also_when_its_group_is_made_anew() {
        let mut meter = Meter::begun(At(0));
        let seen = [2_000_000, 2_000_000, 3_500_000, 500_000].map(|n| meter.cores("a", used(n)));
        assert_eq!(seen, [2.0, 0.0, 1.5, 0.5]);
        assert_eq!(meter.cores("b", Used::default()), 0.0);
    }

    #[test]
    fn a_port_that_is_opened_anew_counts_from_nothing() {
        let mut meter = Meter::begun(At(0));
        let key = ("shop".to_owned(), 80);
        let seen = |n| (Traffic { requests: n, ..Traffic::default() }, n as f64 / 2.0);
        let told = [5, 7, 3].map(|n| meter.port(&key, seen(n))).map(|(t, s)| (t.requests, s));
        assert_eq!(told, [(5, 2.5), (2, 1.0), (3, 1.5)]);
    }
}
