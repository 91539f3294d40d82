//! What services use: sampled, summed, recorded.
//!
//! In: counts of the kernel's groups and of our ports, each time they are looked at; plans. Out:
//! samples and prices for the registry, and sums since the supervisor began. Always holds: what an
//! instance used is counted once, also when it ends between two samples; counts that begin again
//! count from there.
//! Energy is an estimate: core seconds times the watts of a busy core, as the program says of its
//! machines, times what the site takes more (PUE); carbon is that by the region's intensity.

use crate::cgroup::Used;
use crate::control::Reply;
use crate::diagnostics;
use crate::proxy::Traffic;
use crate::supervisor::{Supervisor, now};
use eclexia_deploy::registry::{At, Event, Fact, Instance, Priced, Sample};
use eclexia_diag::Diagnostic;
use eclexia_model::display::MONTH;
use eclexia_model::{BudgetLine, Deployment, Exact, Plan};
use std::collections::BTreeMap;

/// How often it is sampled, milliseconds.
pub const EVERY: u64 = 10_000;

/// How often samples that are old enough are removed, milliseconds.
const AGES: u64 = 3_600_000;

/// How cores of a service turn to energy and carbon.
#[derive(Clone, PartialEq, Debug)]
pub struct Power {
    /// Above idle, with what the site takes more.
    pub watts_per_core: f64,
    /// Grams CO2e per joule, by hour of the plan; at least one.
    pub intensity: Vec<f64>,
}

/// Of each planned service: means over its pods, by where and on what they are planned to run.
pub fn powers(model: &Deployment, plan: &Plan) -> BTreeMap<String, Power> {
    let mut sums: BTreeMap<&str, (f64, f64, Vec<f64>)> = BTreeMap::new();
    for node in &plan.nodes {
        let machine = model.node_types.iter().find(|machine| machine.name == node.node_type);
        let region = model.regions.iter().find(|region| region.name == node.region);
        let (Some(machine), Some(region)) = (machine, region) else { continue };
        let watts = machine.watts_per_core.to_f64() * region.pue.to_f64();
        let hours: Vec<f64> = match &region.hourly_intensity[..] {
            [] => vec![region.carbon_intensity.to_f64(); 24],
            hours => hours.iter().map(|grams| grams.to_f64()).collect(),
        };
        for (service, pods) in &node.pods {
            let pods = f64::from(*pods) * f64::from(node.count);
            let (all, sum, by_hour) = sums.entry(service).or_default();
            (*all, *sum) = (*all + pods, *sum + pods * watts);
            // Curves of other lengths are whole days, too: they are read round and round.
            by_hour.resize(by_hour.len().max(hours.len()), 0.0);
            let read = hours.iter().cycle();
            by_hour.iter_mut().zip(read).for_each(|(sum, grams)| *sum += pods * grams);
        }
    }
    let mean = |(service, (all, sum, by_hour)): (&str, (f64, f64, Vec<f64>))| {
        let intensity = by_hour.into_iter().map(|sum| sum / all).collect();
        (service.to_owned(), Power { watts_per_core: sum / all, intensity })
    };
    sums.into_iter().filter(|(_, (all, ..))| *all > 0.0).map(mean).collect()
}

#[derive(Default)]
pub struct Meter {
    /// When it was last sampled.
    sampled: At,
    aged: At,
    /// Instance to its core time, microseconds, when it was last looked at.
    cores: BTreeMap<String, u64>,
    ports: BTreeMap<(String, u16), Traffic>,
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

    fn port(&mut self, key: &(String, u16), is: Traffic) -> Traffic {
        let was = self.ports.insert(key.clone(), is).unwrap_or_default();
        if is.requests >= was.requests && is.sent >= was.sent { is.since(was) } else { is }
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
        let joules = core_seconds * power.watts_per_core;
        let hours = now().0 / 3_600_000;
        let at = usize::try_from(hours).unwrap_or(0) % power.intensity.len().max(1);
        (joules, joules * power.intensity.get(at).copied().unwrap_or(0.0))
    }

    /// An instance is no more: what it used last counts, and it is not looked at again.
    pub fn meter_last(&mut self, instance: &Instance) {
        self.meter(instance);
        self.meter.cores.remove(&instance.id);
    }

    /// Samples, if it is time to.
    pub fn sample(&mut self) {
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
            let traffic = self.meter.port(key, frontend.totals());
            if traffic != Traffic::default() {
                let pending = self.meter.pending(&key.0, service);
                pending.requests += traffic.requests;
                pending.failed += traffic.failed;
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
        kind: &str,
        prices: Vec<Priced>,
        reason: String,
    ) -> Result<Reply, Diagnostic> {
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
        let traffic = |requests| Traffic { requests, ..Traffic::default() };
        let seen = [5, 7, 3].map(|n| meter.port(&key, traffic(n)).requests);
        assert_eq!(seen, [5, 2, 3]);
    }
}
