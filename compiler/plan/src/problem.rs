//! Deployment to [`Problem`]: names become indices, watts and intensities become grams, weights
//! become US dollars. What comes in is the model, the rules to leave out (for finding what makes a
//! deployment infeasible) and the choices to force (for `why-not`); what goes out is the problem
//! and the way back. All of it exact. A job is costed as one run a day: its money and grams, spread
//! over a day, count in the objective and in the `cost` and `carbon` limits, what it requires in
//! full in the limits of resources, and its machine as one node.

use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_model::{
    Deployment, Exact, Job, Metric, NodeType, Region, Resource, Resources, Service, Strategy,
};
use eclexia_model::{Offer as ModelOffer, Variant as ModelVariant};
use eclexia_optimizer as optimizer;
use eclexia_optimizer::{JobOption, Near, PodOn, Problem};
use num_traits::{Signed, Zero};
use std::collections::{BTreeMap, BTreeSet};

pub const SECONDS_PER_HOUR: i64 = 3600;
pub const SECONDS_PER_DAY: i64 = 86_400;
/// Of one run: a month of hours; a deadline is at most a week.
pub const MOST_HOURS: u32 = 730;

const PLACED: [Resource; 4] = [Resource::Cpu, Resource::Memory, Resource::Gpu, Resource::Network];

/// A rule of a deployment that may be left out; indices are into the deployment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// The service itself, with all its rules.
    Service(usize),
    Job(usize),
    /// That replicas' throughput covers the demand.
    Demand(usize),
    /// The fewest replicas, when more than one.
    Replicas(usize),
    Zones(usize),
    PerNode(usize),
    /// The service's own list of regions.
    Regions(usize),
    Latency(usize),
    JobRegions(usize),
    /// Deadline, or that it starts at once.
    Deadline(usize),
    Conflict(usize),
    Together(usize),
    Near(usize),
    OfferLimit(usize),
    Limit(usize),
}

/// What a service may choose from; `None`: anything the model allows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Forced {
    pub variant: Option<usize>,
    pub region: Option<String>,
    pub node_type: Option<String>,
}

/// Services two by two, as indices.
type Pairs = Vec<(usize, usize)>;

/// A problem and what its options mean.
pub struct Mapped {
    pub problem: Problem,
    /// Region index, node type index, start and length of each option of each job.
    pub runs: Vec<Vec<Run>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    pub region: usize,
    pub node_type: usize,
    pub start: u32,
    pub hours: u32,
    /// US dollars and grams of the whole run.
    pub cost: Rational,
    pub carbon: Rational,
}

pub struct Names<'d> {
    pub regions: BTreeMap<&'d str, usize>,
    pub node_types: BTreeMap<&'d str, usize>,
    pub services: BTreeMap<&'d str, usize>,
}

impl<'d> Names<'d> {
    pub fn of(dep: &'d Deployment) -> Names<'d> {
        Names {
            regions: dep.regions.iter().enumerate().map(|(i, r)| (r.name.as_str(), i)).collect(),
            node_types: dep
                .node_types
                .iter()
                .enumerate()
                .map(|(i, t)| (t.name.as_str(), i))
                .collect(),
            services: dep.services.iter().enumerate().map(|(i, s)| (s.name.as_str(), i)).collect(),
        }
    }
}

struct Mapping<'a> {
    dep: &'a Deployment,
    names: Names<'a>,
    without: &'a BTreeSet<Rule>,
    forced: &'a BTreeMap<usize, Forced>,
}

/// The problem of a deployment without some rules and with some choices forced.
pub fn map(dep: &Deployment, without: &BTreeSet<Rule>, forced: &BTreeMap<usize, Forced>) -> Mapped {
    let mapping = Mapping { dep, names: Names::of(dep), without, forced };
    let offers: Vec<optimizer::Offer> =
        (0..dep.offers.len()).map(|o| mapping.offer(o, &dep.offers[o])).collect();
    let runs: Vec<Vec<Run>> = (0..dep.jobs.len()).map(|j| mapping.runs(j)).collect();
    let jobs = runs.iter().zip(&dep.jobs).map(|(runs, job)| optimizer::Job {
        options: runs.iter().map(|run| mapping.option(job, run)).collect(),
    });
    let (conflicts, together, near) = mapping.rules();
    let problem = Problem {
        zones: dep.regions.iter().map(|r| r.zones.max(1)).collect(),
        offers,
        services: (0..dep.services.len()).map(|s| mapping.service(s, &dep.services[s])).collect(),
        jobs: jobs.collect(),
        budgets: dep.limits.len(),
        limits: limits(dep, without),
        conflicts,
        together,
        near,
    };
    Mapped { problem, runs }
}

/// The limits, but for those left out.
pub fn limits(dep: &Deployment, without: &BTreeSet<Rule>) -> Vec<Option<Rational>> {
    let kept = |(k, limit): (usize, &eclexia_model::Limit)| {
        (!without.contains(&Rule::Limit(k))).then(|| limit.amount.0.clone())
    };
    dep.limits.iter().enumerate().map(kept).collect()
}

impl Mapping<'_> {
    fn drops(&self, rule: Rule) -> bool {
        self.without.contains(&rule)
    }

    fn offer(&self, o: usize, offer: &ModelOffer) -> optimizer::Offer {
        let region_index = self.names.regions.get(offer.region.as_str()).copied();
        let kind = self.names.node_types.get(offer.node_type.as_str()).copied();
        let (Some(r), Some(t)) = (region_index, kind) else {
            // An offer of an unlisted region or type is no offer.
            return optimizer::Offer {
                region: 0,
                capacity: vec![Rational::zero(); PLACED.len()],
                cost: Rational::zero(),
                uses: vec![Rational::zero(); self.dep.limits.len()],
                limit: Some(0),
                watts: vec![Rational::zero(); PLACED.len()],
                per_watt: self.watt(&Rational::zero()),
            };
        };
        let (region, node_type) = (&self.dep.regions[r], &self.dep.node_types[t]);
        let grams = idle_carbon(region, node_type);
        let strategy = &self.dep.strategy;
        let uses = self.dep.limits.iter().map(|limit| match limit.metric {
            Metric::Cost => offer.price.0.clone(),
            Metric::Carbon => grams.clone(),
            Metric::Nodes => int(1),
            Metric::Of(_) => Rational::zero(),
        });
        optimizer::Offer {
            region: r,
            capacity: PLACED.iter().map(|p| amount(&node_type.capacity, *p)).collect(),
            cost: &strategy.cost_weight.0 * &offer.price.0
                + carbon_cost(&self.dep.strategy, &grams),
            uses: uses.collect(),
            limit: offer.limit.filter(|_| !self.drops(Rule::OfferLimit(o))),
            watts: PLACED.iter().map(|p| busy_unit_watts(node_type, *p)).collect(),
            per_watt: self.watt(&(&region.pue.0 * &region.carbon_intensity.0)),
        }
    }

    /// What a watt costs and uses that comes with so many grams per second.
    fn watt(&self, grams: &Rational) -> PodOn {
        let uses = self.dep.limits.iter().map(|limit| match limit.metric {
            Metric::Carbon => grams.clone(),
            _ => Rational::zero(),
        });
        PodOn { cost: carbon_cost(&self.dep.strategy, grams), uses: uses.collect() }
    }

    /// What a replica's way to its users costs from each region.
    fn latencies(&self) -> Vec<Rational> {
        let strategy = &self.dep.strategy;
        let price = &strategy.latency_weight.0 * &strategy.latency_price.0;
        self.dep.regions.iter().map(|region| &price * &region.user_latency.0).collect()
    }

    fn service(&self, s: usize, service: &Service) -> optimizer::Service {
        if self.drops(Rule::Service(s)) {
            return optimizer::Service {
                variants: vec![self.nothing()],
                pod_cost: self.latencies(),
                min_zones: 1,
                max_per_node: None,
            };
        }
        let alone = self.dep.conflicts.iter().enumerate().any(|(c, pair)| {
            pair.a == pair.b && pair.a == service.name && !self.drops(Rule::Conflict(c))
        });
        let most = service.max_per_node.filter(|_| !self.drops(Rule::PerNode(s)));
        // A limit that no replica count reaches would only keep equal services apart.
        let most = most.filter(|m| *m < service.replicas.max);
        optimizer::Service {
            variants: (0..service.variants.len()).map(|v| self.variant(s, service, v)).collect(),
            pod_cost: self.latencies(),
            min_zones: if self.drops(Rule::Zones(s)) { 1 } else { service.min_zones.max(1) },
            max_per_node: if alone { Some(1) } else { most },
        }
    }

    /// The variant of a service that is left out.
    fn nothing(&self) -> optimizer::Variant {
        optimizer::Variant {
            replicas: (0, 0),
            requires: vec![Rational::zero(); PLACED.len()],
            penalty: Rational::zero(),
            cost: Rational::zero(),
            uses: vec![Rational::zero(); self.dep.limits.len()],
            busy: vec![Rational::zero(); PLACED.len()],
            allowed: vec![false; self.dep.offers.len()],
        }
    }

    fn variant(&self, s: usize, service: &Service, v: usize) -> optimizer::Variant {
        let variant = &service.variants[v];
        let strategy = &self.dep.strategy;
        let least = if self.drops(Rule::Replicas(s)) { 1 } else { service.replicas.min };
        let forced = self.forced.get(&s).and_then(|f| f.variant);
        let covering = match &service.demand {
            Some(demand) if !self.drops(Rule::Demand(s)) => replicas_for(demand, variant),
            _ => Some(0),
        };
        let replicas = match covering {
            Some(n) if forced.is_none_or(|f| f == v) => (least.max(n), service.replicas.max),
            _ => (1, 0),
        };
        let latency = variant.latency.clone().unwrap_or_default();
        let offers = self.dep.offers.iter();
        let uses = self.dep.limits.iter().map(|limit| match limit.metric {
            Metric::Of(resource) => taken(service, variant, resource),
            _ => Rational::zero(),
        });
        optimizer::Variant {
            replicas,
            requires: PLACED.iter().map(|p| amount(&variant.requires, *p)).collect(),
            penalty: variant.penalty.0.clone(),
            cost: &strategy.latency_weight.0 * &strategy.latency_price.0 * &latency.0,
            uses: uses.collect(),
            busy: PLACED.iter().map(|p| busy(variant, *p)).collect(),
            allowed: offers.map(|o| self.allows((s, service), variant, o) == Some(true)).collect(),
        }
    }

    /// Whether a pod may run on an offer; `None` for an offer of nothing listed.
    fn allows(
        &self,
        (s, service): (usize, &Service),
        variant: &ModelVariant,
        offer: &ModelOffer,
    ) -> Option<bool> {
        let region = &self.dep.regions[*self.names.regions.get(offer.region.as_str())?];
        let node_type =
            &self.dep.node_types[*self.names.node_types.get(offer.node_type.as_str())?];
        let own_regions = service.regions.is_empty() || self.drops(Rule::Regions(s));
        let latency = variant.latency.clone().unwrap_or_default().0 + &region.user_latency.0;
        let most = service.max_latency.as_ref().filter(|_| !self.drops(Rule::Latency(s)));
        let forced = self.forced.get(&s);
        let is_forced = |choice: Option<&String>, name: &str| choice.is_none_or(|c| c == name);
        let allowed = (own_regions || service.regions.contains(&offer.region))
            && runs_on(variant, node_type)
            && most.is_none_or(|most| latency <= most.0)
            && is_forced(forced.and_then(|f| f.region.as_ref()), &offer.region)
            && is_forced(forced.and_then(|f| f.node_type.as_ref()), &offer.node_type);
        Some(allowed)
    }

    /// Where and when a job may run: per region and node type the starts that no other beats in
    /// both money and carbon.
    fn runs(&self, j: usize) -> Vec<Run> {
        let job = &self.dep.jobs[j];
        let hours = hours(job);
        if self.drops(Rule::Job(j)) {
            let (cost, carbon) = (Rational::zero(), Rational::zero());
            return vec![Run { region: 0, node_type: 0, start: 0, hours, cost, carbon }];
        }
        let free = self.drops(Rule::Deadline(j));
        let horizon = if free { hours.max(168) } else { job.deadline_hours };
        let last = if !job.deferrable && !free { 0 } else { horizon.saturating_sub(hours) };
        let mut runs = Vec::new();
        if hours > horizon.min(MOST_HOURS) {
            return runs;
        }
        let anywhere = self.drops(Rule::JobRegions(j));
        for (offer, r, t) in job_places(self.dep, &self.names, job, anywhere) {
            let (region, node_type) = (&self.dep.regions[r], &self.dep.node_types[t]);
            for (start, price, intensity) in starts(region, hours, last) {
                let (cost, carbon) = run_figures(
                    job,
                    (region, node_type),
                    (&offer.price, &price),
                    &intensity,
                    hours,
                );
                runs.push(Run { region: r, node_type: t, start, hours, cost, carbon });
            }
        }
        runs
    }

    fn option(&self, job: &Job, run: &Run) -> JobOption {
        let day = int(SECONDS_PER_DAY);
        let (cost, carbon) = (&run.cost / &day, &run.carbon / &day);
        let is_nothing = run.cost.is_zero() && run.carbon.is_zero();
        let uses = self.dep.limits.iter().map(|limit| match limit.metric {
            _ if is_nothing => Rational::zero(),
            Metric::Cost => cost.clone(),
            Metric::Carbon => carbon.clone(),
            Metric::Nodes => int(1),
            Metric::Of(resource) => amount(&job.requires, resource),
        });
        let uses = uses.collect();
        let objective = weighed(&self.dep.strategy, &cost, &carbon);
        JobOption { cost: objective, uses }
    }

    /// Conflicts, what belongs together, and what is near; without the rules to leave out.
    fn rules(&self) -> (Pairs, Pairs, Vec<Near>) {
        let place = |name: &str| {
            let s = self.names.services.get(name).copied();
            s.filter(|s| !self.drops(Rule::Service(*s)))
        };
        let pairs = |list: &[eclexia_model::Pair], rule: fn(usize) -> Rule| {
            let kept = list.iter().enumerate().filter(|(i, _)| !self.drops(rule(*i)));
            let pair = kept.filter_map(|(_, p)| Some((place(&p.a)?, place(&p.b)?)));
            pair.filter(|(a, b)| a != b).collect()
        };
        let n = self.dep.regions.len();
        let close = |within: &Exact| -> Vec<Vec<bool>> {
            let trip = |r: usize, q: usize| self.dep.rtt.get(r).and_then(|row| row.get(q));
            let near = |r: usize, q: usize| trip(r, q).map_or(r == q, |t| t <= within);
            (0..n).map(|r| (0..n).map(|q| near(r, q)).collect()).collect()
        };
        let near = self.dep.near.iter().enumerate().filter(|(i, _)| !self.drops(Rule::Near(*i)));
        let near = near.filter_map(|(_, rule)| {
            let (a, b) = (place(&rule.a)?, place(&rule.b)?);
            (a != b).then(|| Near { a, b, close: close(&rule.within) })
        });
        (
            pairs(&self.dep.conflicts, Rule::Conflict),
            pairs(&self.dep.together, Rule::Together),
            near.collect(),
        )
    }
}

pub fn amount(resources: &Resources, resource: Resource) -> Rational {
    resources.get(&resource).map_or_else(Rational::zero, |a| a.0.clone())
}

/// What a replica takes of a resource: what it requires; of storage, what its volumes for writing
/// hold, where that is more.
pub fn taken(service: &Service, variant: &ModelVariant, resource: Resource) -> Rational {
    let required = amount(&variant.requires, resource);
    if resource != Resource::Storage {
        return required;
    }
    let volumes = service.mounts.iter().filter(|m| !m.read_only).map(|m| m.size.0.clone());
    required.max(volumes.sum())
}

/// Whether architecture and GPU model allow it; capacity is the optimiser's to check.
pub fn runs_on(variant: &ModelVariant, node_type: &NodeType) -> bool {
    (variant.arch.is_empty() || variant.arch.contains(&node_type.arch))
        && (variant.gpu_model.is_none() || variant.gpu_model == node_type.gpu_model)
}

/// Replicas whose throughput covers the demand; `None` when no number does.
pub fn replicas_for(demand: &Exact, variant: &ModelVariant) -> Option<u32> {
    if !demand.0.is_positive() {
        return Some(0);
    }
    let each = variant.throughput.as_ref().filter(|t| t.0.is_positive())?;
    u32::try_from((&demand.0 / &each.0).ceil().to_integer()).ok()
}

/// Grams per second of an idle machine.
pub fn idle_carbon(region: &Region, node_type: &NodeType) -> Rational {
    &node_type.idle_watts.0 * &region.pue.0 * &region.carbon_intensity.0 + &node_type.embodied.0
}

/// Watts above idle of a busy core or device; of other resources none.
fn busy_unit_watts(node_type: &NodeType, resource: Resource) -> Rational {
    match resource {
        Resource::Cpu => node_type.watts_per_core.0.clone(),
        Resource::Gpu => node_type.watts_per_gpu.0.clone(),
        _ => Rational::zero(),
    }
}

/// Busy cores and devices of a replica, mean.
fn busy(variant: &ModelVariant, resource: Resource) -> Rational {
    match resource {
        Resource::Cpu | Resource::Gpu => {
            amount(&variant.requires, resource) * &variant.utilisation.0
        }
        _ => Rational::zero(),
    }
}

fn busy_watts(node_type: &NodeType, requires: &Resources, utilisation: &Exact) -> Rational {
    let cores = amount(requires, Resource::Cpu) * &node_type.watts_per_core.0;
    let gpus = amount(requires, Resource::Gpu) * &node_type.watts_per_gpu.0;
    (cores + gpus) * &utilisation.0
}

/// Grams per second that a pod adds to a machine.
pub fn busy_carbon(
    region: &Region,
    node_type: &NodeType,
    requires: &Resources,
    utilisation: &Exact,
) -> Rational {
    busy_watts(node_type, requires, utilisation) * &region.pue.0 * &region.carbon_intensity.0
}

/// Grams as the strategy weighs them, US dollars.
pub fn carbon_cost(strategy: &Strategy, grams: &Rational) -> Rational {
    &strategy.carbon_weight.0 * &strategy.carbon_price.0 * grams
}

/// Money and grams as the strategy weighs them, US dollars.
pub fn weighed(strategy: &Strategy, cost: &Rational, grams: &Rational) -> Rational {
    &strategy.cost_weight.0 * cost + carbon_cost(strategy, grams)
}

/// Offers of machines that are large enough for a job, with their region and node type: in regions
/// that it may run in, or `anywhere`.
pub fn job_places<'d>(
    dep: &'d Deployment,
    names: &'d Names<'d>,
    job: &'d Job,
    anywhere: bool,
) -> impl Iterator<Item = (&'d ModelOffer, usize, usize)> {
    let allowed =
        move |region: &String| anywhere || job.regions.is_empty() || job.regions.contains(region);
    let holds = |kind: &NodeType| {
        PLACED.iter().all(|p| amount(&job.requires, *p) <= amount(&kind.capacity, *p))
    };
    dep.offers.iter().filter(|offer| offer.limit != Some(0)).filter_map(move |offer| {
        let region = *names.regions.get(offer.region.as_str())?;
        let kind = *names.node_types.get(offer.node_type.as_str())?;
        let good = allowed(&offer.region) && holds(&dep.node_types[kind]);
        good.then_some((offer, region, kind))
    })
}

/// Whole hours a job runs: its work by its cores, rounded up, at least one.
pub fn hours(job: &Job) -> u32 {
    let cores = amount(&job.requires, Resource::Cpu);
    let cores = if cores.is_positive() { cores } else { int(1) };
    let hours = (&job.work.0 / (cores * int(SECONDS_PER_HOUR))).ceil().to_integer();
    u32::try_from(hours).unwrap_or(u32::MAX).max(1)
}

/// Money and grams of a run, given the sums over its hours of price factor and intensity.
fn run_figures(
    job: &Job,
    (region, node_type): (&Region, &NodeType),
    (price, factors): (&Exact, &Rational),
    intensity: &Rational,
    hours: u32,
) -> (Rational, Rational) {
    let watts =
        node_type.idle_watts.0.clone() + busy_watts(node_type, &job.requires, &job.utilisation);
    let grams = watts * &region.pue.0 * intensity + &node_type.embodied.0 * int(i64::from(hours));
    let seconds = int(SECONDS_PER_HOUR);
    (&price.0 * &seconds * factors, grams * seconds)
}

/// Money and grams of the run if it started at `start`.
pub fn run_at(
    job: &Job,
    place: (&Region, &NodeType),
    price: &Exact,
    start: u32,
) -> (Rational, Rational) {
    let hours = hours(job).min(MOST_HOURS);
    let (factors, intensity) = sums(place.0, start, hours);
    run_figures(job, place, (price, &factors), &intensity, hours)
}

/// Sums of price factors and intensities over the hours of a run.
fn sums(region: &Region, start: u32, hours: u32) -> (Rational, Rational) {
    let one = int(1);
    let sum = |curve: &[Exact], mean: &Rational| -> Rational {
        (start..start + hours).map(|h| at_hour(curve, mean, h)).sum()
    };
    (sum(&region.hourly_price, &one), sum(&region.hourly_intensity, &region.carbon_intensity.0))
}

fn at_hour(curve: &[Exact], mean: &Rational, hour: u32) -> Rational {
    match curve.len() {
        0 => mean.clone(),
        n => curve[hour as usize % n].0.clone(),
    }
}

/// Starts with the sums over the run's hours of the price factor and the intensity; those beaten
/// in both by another are left out, of equal ones the first is kept.
fn starts(region: &Region, hours: u32, last: u32) -> Vec<(u32, Rational, Rational)> {
    let at = at_hour;
    let flat = region.hourly_price.is_empty() && region.hourly_intensity.is_empty();
    let one = int(1);
    let (mut price, mut grams) = sums(region, 0, hours);
    let mut kept: Vec<(u32, Rational, Rational)> = Vec::new();
    for start in 0..=if flat { 0 } else { last } {
        let beaten = kept.iter().any(|(_, p, g)| *p <= price && *g <= grams);
        if !beaten {
            kept.retain(|(_, p, g)| *p < price || *g < grams);
            kept.push((start, price.clone(), grams.clone()));
        }
        // The sums of the next start: one hour leaves, one enters.
        let (out, into) = (start, start + hours);
        price += at(&region.hourly_price, &one, into) - at(&region.hourly_price, &one, out);
        let mean = &region.carbon_intensity.0;
        grams += at(&region.hourly_intensity, mean, into) - at(&region.hourly_intensity, mean, out);
    }
    kept
}
