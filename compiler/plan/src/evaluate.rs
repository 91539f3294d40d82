//! The model's own evaluator: what a plan costs and uses, computed from deployment and plan alone,
//! exactly. It shares no code with the optimiser's problem, so that a plan is never believed on the
//! word of what made it.

use crate::problem::{
    Names, SECONDS_PER_DAY, SECONDS_PER_HOUR, busy_carbon, idle_carbon, taken_by,
};
use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_model::{
    Deployment, Exact, Job, JobChoice, Limit, Metric, NodeChoice, Offer, Resource, Resources,
    ServiceChoice,
};
use num_traits::{Signed, Zero};
use std::collections::BTreeMap;

/// Per second, but for a job's run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Evaluated {
    pub cost: Rational,
    pub carbon: Rational,
    pub job_cost: Rational,
    pub job_carbon: Rational,
    pub objective: Rational,
    /// Latency of all replicas together, seconds, and penalties.
    pub latency: Rational,
    pub penalty: Rational,
    /// Use of each limit.
    pub used: Vec<Rational>,
}

/// Costs a plan's choices; `None` when one names nothing of the deployment.
pub fn evaluate(
    dep: &Deployment,
    services: &[ServiceChoice],
    nodes: &[NodeChoice],
    jobs: &[JobChoice],
) -> Option<Evaluated> {
    let names = Names::of(dep);
    let mut sum = Evaluated::default();
    let mut machines = Rational::zero();
    for node in nodes {
        let region = &dep.regions[*names.regions.get(node.region.as_str())?];
        let node_type = &dep.node_types[*names.node_types.get(node.node_type.as_str())?];
        let count = int(i64::from(node.count));
        sum.cost += &node.price.0 * &count;
        sum.carbon += idle_carbon(region, node_type) * &count;
        machines += &count;
        for (name, pods) in &node.pods {
            let variant = chosen(dep, &names, services, name)?;
            let pods = int(i64::from(*pods)) * &count;
            let grams = busy_carbon(region, node_type, &variant.requires, &variant.utilisation);
            sum.carbon += grams * &pods;
            let own = variant.latency.clone().unwrap_or_default().0;
            sum.latency += (own + &region.user_latency.0) * pods;
        }
    }
    for choice in services {
        sum.penalty += &chosen(dep, &names, services, &choice.service)?.penalty.0;
    }
    for job in jobs {
        sum.job_cost += &job.cost.0;
        sum.job_carbon += &job.carbon.0;
    }
    let day = int(SECONDS_PER_DAY);
    let money = &sum.cost + &sum.job_cost / &day;
    let carbon = &sum.carbon + &sum.job_carbon / &day;
    let weights = &dep.strategy;
    sum.objective = &weights.cost_weight.0 * &money
        + &weights.carbon_weight.0 * &weights.carbon_price.0 * &carbon
        + &weights.latency_weight.0 * &weights.latency_price.0 * &sum.latency
        + &sum.penalty;
    for limit in &dep.limits {
        let used = match limit.metric {
            Metric::Cost => money.clone(),
            Metric::Carbon => carbon.clone(),
            Metric::Nodes => &machines + int(jobs.len() as i64),
            Metric::Of(resource) => {
                let mut used = Rational::zero();
                for choice in services {
                    let variant = chosen(dep, &names, services, &choice.service)?;
                    let mut each = variant.requires.get(&resource).cloned().unwrap_or_default().0;
                    if resource == Resource::Storage {
                        each = each.max(written(dep, &choice.service));
                    }
                    used += each * int(i64::from(choice.replicas));
                }
                for job in &dep.jobs {
                    used += taken_by(job, resource);
                }
                used
            }
        };
        sum.used.push(used);
    }
    Some(sum)
}

/// A job whose choice breaks a rule of its own: that it works as long as its work takes, between
/// its earliest hour and its deadline, without a break unless it may be interrupted, at once unless
/// it may wait, where it is allowed and fits, and spends what these hours cost there.
pub fn misplaced<'c>(dep: &Deployment, jobs: &'c [JobChoice]) -> Option<&'c str> {
    let wrong = |choice: &&JobChoice| {
        let job = dep.jobs.iter().find(|job| job.name == choice.job);
        job.is_none_or(|job| !keeps_hours(job, choice) || !spends(dep, job, choice))
    };
    jobs.iter().find(wrong).map(|choice| choice.job.as_str())
}

fn keeps_hours(job: &Job, choice: &JobChoice) -> bool {
    let pieces = choice.in_pieces();
    let cores = job.requires.get(&Resource::Cpu).filter(|cpu| cpu.0.is_positive());
    let each = cores.map_or_else(|| int(1), |cpu| cpu.0.clone()) * int(SECONDS_PER_HOUR);
    let worked: u32 = pieces.iter().map(|piece| piece.hours).sum();
    let done = |hours: u32| &each * int(i64::from(hours)) >= job.work.0;
    let apart = pieces.windows(2).all(|pair| pair[0].end_hour() < pair[1].start_hour);
    let (first, last) = (pieces[0].start_hour, pieces[pieces.len() - 1].end_hour());
    worked == choice.hours
        && first == choice.start_hour
        && pieces.iter().all(|piece| piece.hours > 0)
        && done(worked)
        && (worked == 1 || !done(worked - 1))
        && apart
        && (pieces.len() == 1 || job.interruptible)
        && (first == job.earliest_hour || job.deferrable)
        && (job.earliest_hour..=job.deadline_hours).contains(&first)
        && last <= job.deadline_hours
}

/// Whether a machine of the chosen place holds the job and its run costs what the choice says.
fn spends(dep: &Deployment, job: &Job, choice: &JobChoice) -> bool {
    let names = Names::of(dep);
    let Some(&r) = names.regions.get(choice.region.as_str()) else { return false };
    let Some(&t) = names.node_types.get(choice.node_type.as_str()) else { return false };
    let (region, node_type) = (&dep.regions[r], &dep.node_types[t]);
    let amount = |of: &Resources, k: Resource| of.get(&k).cloned().unwrap_or_default().0;
    let mut placed = Resource::ALL.into_iter().filter(|k| k.is_placed());
    let fits = placed.all(|k| amount(&job.requires, k) <= amount(&node_type.capacity, k));
    let busy = amount(&job.requires, Resource::Cpu) * &node_type.watts_per_core.0
        + amount(&job.requires, Resource::Gpu) * &node_type.watts_per_gpu.0;
    let watts = &node_type.idle_watts.0 + busy * &job.utilisation.0;
    let at = |curve: &[Exact], mean: &Exact, hour: u32| match curve {
        [] => mean.0.clone(),
        _ => curve[hour as usize % curve.len()].0.clone(),
    };
    let (mut factors, mut grams) = (Rational::zero(), Rational::zero());
    for hour in choice.in_pieces().into_iter().flat_map(|p| p.start_hour..p.end_hour()) {
        factors += at(&region.hourly_price, &Exact::int(1), hour);
        let intensity = at(&region.hourly_intensity, &region.carbon_intensity, hour);
        grams += &watts * &region.pue.0 * intensity + &node_type.embodied.0;
    }
    let seconds = int(SECONDS_PER_HOUR);
    let is_price = |offer: &Offer| {
        (&offer.region, &offer.node_type) == (&choice.region, &choice.node_type)
            && &offer.price.0 * &factors * &seconds == choice.cost.0
    };
    fits && (job.regions.is_empty() || job.regions.contains(&choice.region))
        && dep.offers.iter().any(is_price)
        && grams * &seconds == choice.carbon.0
}

/// The metric of a peak that jobs pass together at some hour.
pub fn passed_peak(dep: &Deployment, jobs: &[JobChoice]) -> Option<Metric> {
    let passed = |peak: &&Limit| load(dep, jobs, peak.metric).values().any(|l| *l > peak.amount.0);
    dep.peaks.iter().find(passed).map(|peak| peak.metric)
}

/// What jobs take together at each hour, of a resource or of machines.
fn load(dep: &Deployment, jobs: &[JobChoice], metric: Metric) -> BTreeMap<u32, Rational> {
    let mut load: BTreeMap<u32, Rational> = BTreeMap::new();
    for choice in jobs {
        let job = dep.jobs.iter().find(|job| job.name == choice.job);
        let takes = match metric {
            Metric::Of(k) => job.and_then(|job| job.requires.get(&k)).cloned().unwrap_or_default(),
            _ => Exact::int(1),
        };
        for hour in choice.in_pieces().into_iter().flat_map(|p| p.start_hour..p.end_hour()) {
            *load.entry(hour).or_default() += &takes.0;
        }
    }
    load
}

/// Bytes of a service's volumes for writing.
fn written(dep: &Deployment, service: &str) -> Rational {
    let service = dep.services.iter().filter(|s| s.name == service);
    let mounts = service.flat_map(|s| &s.mounts).filter(|m| !m.read_only);
    mounts.map(|m| m.size.0.clone()).sum()
}

fn chosen<'d>(
    dep: &'d Deployment,
    names: &Names,
    services: &[ServiceChoice],
    service: &str,
) -> Option<&'d eclexia_model::Variant> {
    let choice = services.iter().find(|c| c.service == service)?;
    let service = &dep.services[*names.services.get(service)?];
    service.variants.iter().find(|v| v.name == choice.variant)
}

/// The objective's terms in US dollars per second: money, carbon, latency, penalties.
pub fn terms(dep: &Deployment, evaluated: &Evaluated) -> [(&'static str, Exact); 4] {
    let day = int(SECONDS_PER_DAY);
    let weights = &dep.strategy;
    let money = &evaluated.cost + &evaluated.job_cost / &day;
    let carbon = &evaluated.carbon + &evaluated.job_carbon / &day;
    [
        ("money", Exact(&weights.cost_weight.0 * money)),
        ("carbon", Exact(&weights.carbon_weight.0 * &weights.carbon_price.0 * carbon)),
        (
            "latency",
            Exact(&weights.latency_weight.0 * &weights.latency_price.0 * &evaluated.latency),
        ),
        ("penalty", Exact(evaluated.penalty.clone())),
    ]
}
