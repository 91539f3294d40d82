//! Deployment to [`Problem`]: names become indices, watts and intensities become grams, weights
//! become US dollars. What comes in is the model, the rules to leave out (for finding what makes a
//! deployment infeasible) and the choices to force (for `why-not`); what goes out is the problem
//! and the way back. All of it exact. A job is costed as one run a day: its money and grams, spread
//! over a day, count in the objective and in the `cost` and `carbon` limits, what it requires in
//! full in the limits of resources, and its machine as one node.
//!
//! A peak limits what jobs take together in each hour: the problem has a budget for every peak and
//! hour at which all jobs that could run then would take more, after the budgets of the limits. No
//! user sees these budgets. A run that may be interrupted is an option for each place, with a piece
//! for each hour.

use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_model::{
    Deployment, Exact, Job, Metric, Mount, NodeType, Region, Resource, Resources, Service, Strategy,
};
use eclexia_model::{Offer as ModelOffer, Variant as ModelVariant};
use eclexia_optimizer as optimizer;
use eclexia_optimizer::{JobOption, Near, Piece, Planner, PodOn, Problem, TooLarge};
use num_traits::{Signed, Zero};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

pub const SECONDS_PER_HOUR: i64 = 3600;
pub const SECONDS_PER_DAY: i64 = 86_400;
/// Of one run: a month of hours; a deadline is at most a week.
pub const MOST_HOURS: u32 = 730;
/// A job that may end at any time ends within so many hours: a week, the longest deadline.
const LONGEST_DEADLINE: u32 = 168;
/// Amounts that say what jobs use of budgets: 100 MB, or 40 jobs of a day under two peaks.
const MOST_AMOUNTS: usize = 1_000_000;
pub const AMOUNTS_OF_JOBS: &str = "amounts of jobs by place, hour and limit";

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
    /// Deadline and earliest hour, or that it starts at once.
    Deadline(usize),
    /// That it is not interrupted.
    Whole(usize),
    Conflict(usize),
    Together(usize),
    Near(usize),
    OfferLimit(usize),
    Limit(usize),
    Peak(usize),
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

/// How a plan is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Method {
    /// By branch and bound where that is possible, else by a search.
    #[default]
    Auto,
    /// Proved best, or refused where it is too large.
    BranchAndBound,
    Search,
}

/// A problem and what its options mean.
pub struct Mapped {
    pub problem: Problem,
    /// What each option of each job is.
    pub runs: Vec<Vec<Run>>,
    /// Why the problem has no jobs although the deployment has.
    excess: Option<TooLarge>,
}

impl Mapped {
    /// The problem's limits without those of the budget.
    pub fn unlimited(&self) -> Vec<Option<Rational>> {
        let mut limits = self.problem.limits.clone();
        limits[..self.problem.priced].fill(None);
        limits
    }

    pub fn planner(&self) -> Result<Planner<'_>, TooLarge> {
        self.planner_by(Method::Auto)
    }

    pub fn planner_by(&self, method: Method) -> Result<Planner<'_>, TooLarge> {
        let problem = &self.problem;
        match (&self.excess, method) {
            (Some(excess), _) => Err(excess.clone()),
            (None, Method::Auto) => Planner::new(problem),
            (None, Method::BranchAndBound) => Planner::listing(problem),
            // What cannot be searched is so large that listing says how.
            (None, Method::Search) => {
                Planner::searching(problem).map_or_else(|| Planner::listing(problem), Ok)
            }
        }
    }
}

/// A way to run a job: where, and when or within which hours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Indices of region and node type.
    pub region: usize,
    pub node_type: usize,
    /// The first hour; of a run that may be interrupted, the first that it may take.
    pub start: u32,
    /// Hours it works in all; 0 of a job that is left out.
    pub hours: u32,
    /// US dollars and grams of the whole run; of one that may be interrupted, of each hour from
    /// `start`, of which it takes `hours`.
    pub spends: Spends,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spends {
    Whole(Spent),
    Hourly(Vec<Spent>),
}

/// US dollars and grams.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spent {
    pub money: Rational,
    pub grams: Rational,
}

impl Spent {
    fn is_no_more(&self, than: &Spent) -> bool {
        self.money <= than.money && self.grams <= than.grams
    }
}

impl Run {
    /// The hours it works when it takes these pieces, and what it spends.
    pub fn taking(&self, pieces: &[usize]) -> (Vec<u32>, Spent) {
        let each = match &self.spends {
            Spends::Whole(spent) => {
                return ((self.start..self.start + self.hours).collect(), spent.clone());
            }
            Spends::Hourly(each) => each,
        };
        let taken = pieces.iter().filter_map(|piece| each.get(*piece));
        let spent = taken.fold(Spent::default(), |sum, hour| Spent {
            money: sum.money + &hour.money,
            grams: sum.grams + &hour.grams,
        });
        (pieces.iter().map(|piece| self.start + *piece as u32).collect(), spent)
    }
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
    /// Peak and hour of each budget after those of the limits.
    peak_hours: Vec<(usize, u32)>,
}

/// The problem of a deployment without some rules and with some choices forced.
pub fn map(dep: &Deployment, without: &BTreeSet<Rule>, forced: &BTreeMap<usize, Forced>) -> Mapped {
    let names = Names::of(dep);
    let mut mapping = Mapping { dep, names, without, forced, peak_hours: Vec::new() };
    mapping.peak_hours = mapping.peak_hours();
    let peak_hours = &mapping.peak_hours;
    let budgets = dep.limits.len() + peak_hours.len();
    let offers: Vec<optimizer::Offer> =
        (0..dep.offers.len()).map(|o| mapping.offer(o, &dep.offers[o])).collect();
    let runs: Vec<Vec<Run>> = (0..dep.jobs.len()).map(|j| mapping.runs(j)).collect();
    let each = |run: &Run| match &run.spends {
        Spends::Whole(_) => 1,
        Spends::Hourly(hours) => 1 + hours.len(),
    };
    let amounts = runs.iter().flatten().map(each).sum::<usize>() * budgets;
    let (what, limit) = (AMOUNTS_OF_JOBS, MOST_AMOUNTS);
    let excess = (amounts > limit).then_some(TooLarge { what, count: amounts, limit });
    let jobs = runs.iter().zip(&dep.jobs).filter(|_| excess.is_none());
    let jobs = jobs.map(|(runs, job)| optimizer::Job {
        options: runs.iter().map(|run| mapping.option(job, run)).collect(),
    });
    let peaks = peak_hours.iter().map(|(peak, _)| Some(dep.peaks[*peak].amount.0.clone()));
    let (conflicts, together, near) = mapping.rules();
    let mut problem = Problem {
        zones: dep.regions.iter().map(|r| r.zones.max(1)).collect(),
        offers,
        services: (0..dep.services.len()).map(|s| mapping.service(s, &dep.services[s])).collect(),
        jobs: jobs.collect(),
        budgets,
        priced: dep.limits.len(),
        limits: limits(dep, without).into_iter().chain(peaks).collect(),
        conflicts,
        together,
        near,
    };
    pad(&mut problem);
    Mapped { problem, runs, excess }
}

/// Only jobs use of the budgets that peaks are.
fn pad(problem: &mut Problem) {
    let zero = Rational::zero();
    for offer in &mut problem.offers {
        offer.uses.resize(problem.budgets, zero.clone());
        offer.per_watt.uses.resize(problem.budgets, zero.clone());
    }
    for variant in problem.services.iter_mut().flat_map(|s| &mut s.variants) {
        variant.uses.resize(problem.budgets, zero.clone());
    }
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

    /// The hours within which a job runs.
    fn window(&self, j: usize) -> Range<u32> {
        let job = &self.dep.jobs[j];
        let hours = hours(job);
        if self.drops(Rule::Deadline(j)) {
            return 0..hours.clamp(LONGEST_DEADLINE, MOST_HOURS);
        }
        let first = job.earliest_hour;
        let at_once = first.saturating_add(hours).min(job.deadline_hours);
        first..if job.deferrable { job.deadline_hours } else { at_once }
    }

    /// Peaks with the hours at which all jobs that could run then would take more than allowed.
    fn peak_hours(&self) -> Vec<(usize, u32)> {
        let kept = (0..self.dep.jobs.len()).filter(|j| !self.drops(Rule::Job(*j)));
        let windows: Vec<_> = kept.map(|j| (&self.dep.jobs[j], self.window(j))).collect();
        let last = windows.iter().map(|(_, window)| window.end).max().unwrap_or(0);
        let mut found = Vec::new();
        for (k, peak) in self.dep.peaks.iter().enumerate() {
            if self.drops(Rule::Peak(k)) {
                continue;
            }
            let could_break = |hour: &u32| {
                let there = windows.iter().filter(|(_, window)| window.contains(hour));
                there.map(|(job, _)| takes(job, peak.metric)).sum::<Rational>() > peak.amount.0
            };
            found.extend((0..last).filter(could_break).map(|hour| (k, hour)));
        }
        found
    }

    /// Where and when a job may run; what no limit can make worth while is left out.
    fn runs(&self, j: usize) -> Vec<Run> {
        let job = &self.dep.jobs[j];
        let hours = hours(job);
        if self.drops(Rule::Job(j)) {
            let spends = Spends::Whole(Spent::default());
            return vec![Run { region: 0, node_type: 0, start: 0, hours: 0, spends }];
        }
        let window = self.window(j);
        if hours > (window.end.saturating_sub(window.start)).min(MOST_HOURS) {
            return Vec::new();
        }
        let anywhere = self.drops(Rule::JobRegions(j));
        let places: Vec<Place> = job_places(self.dep, &self.names, job, anywhere).collect();
        if job.interruptible || self.drops(Rule::Whole(j)) {
            return self.in_pieces(job, &places, window);
        }
        let starts = window.start..window.end - hours + 1;
        let is_limited = self.peak_hours.iter().any(|(peak, hour)| {
            window.contains(hour) && !takes(job, self.dep.peaks[*peak].metric).is_zero()
        });
        if is_limited {
            self.at_every_start(job, &places, starts)
        } else {
            self.at_best_starts(job, &places, starts)
        }
    }

    /// Per place the starts that no other there beats in both money and carbon.
    fn at_best_starts(&self, job: &Job, places: &[Place], starts: Range<u32>) -> Vec<Run> {
        let hours = hours(job);
        let runs = places.iter().flat_map(|&(offer, region, node_type)| {
            let place = (&self.dep.regions[region], &self.dep.node_types[node_type]);
            let best = best_starts(place.0, hours, starts.clone()).into_iter();
            best.map(move |(start, factors, intensity)| {
                let spent = spent(job, place, (&offer.price, &factors), &intensity, hours);
                Run { region, node_type, start, hours, spends: Spends::Whole(spent) }
            })
        });
        runs.collect()
    }

    /// Every start, as any may be the one that a peak leaves; at each the places that no other
    /// beats in both money and carbon.
    fn at_every_start(&self, job: &Job, places: &[Place], starts: Range<u32>) -> Vec<Run> {
        let hours = hours(job);
        let mut runs = Vec::new();
        for start in starts {
            let mut kept: Vec<(usize, usize, Spent)> = Vec::new();
            for &(offer, r, t) in places {
                let place = (&self.dep.regions[r], &self.dep.node_types[t]);
                let spent = run_at(job, place, &offer.price, start);
                if kept.iter().all(|(_, _, other)| !other.is_no_more(&spent)) {
                    kept.retain(|(_, _, other)| !spent.is_no_more(other));
                    kept.push((r, t, spent));
                }
            }
            runs.extend(kept.into_iter().map(|(region, node_type, spent)| Run {
                region,
                node_type,
                start,
                hours,
                spends: Spends::Whole(spent),
            }));
        }
        runs
    }

    /// The places that no other beats at every hour.
    fn in_pieces(&self, job: &Job, places: &[Place], window: Range<u32>) -> Vec<Run> {
        let mut kept: Vec<(usize, usize, Vec<Spent>)> = Vec::new();
        let is_no_more = |a: &[Spent], b: &[Spent]| a.iter().zip(b).all(|(a, b)| a.is_no_more(b));
        for &(offer, r, t) in places {
            let place = (&self.dep.regions[r], &self.dep.node_types[t]);
            let hour = |hour| in_hour(job, place, &offer.price, hour);
            let each: Vec<Spent> = window.clone().map(hour).collect();
            if kept.iter().all(|(_, _, other)| !is_no_more(other, &each)) {
                kept.retain(|(_, _, other)| !is_no_more(&each, other));
                kept.push((r, t, each));
            }
        }
        let run = |(region, node_type, each)| Run {
            region,
            node_type,
            start: window.start,
            hours: hours(job),
            spends: Spends::Hourly(each),
        };
        kept.into_iter().map(run).collect()
    }

    fn option(&self, job: &Job, run: &Run) -> JobOption {
        let works = |hours: Range<u32>, spent: &Spent| self.works(job, hours, spent);
        let (mut piece, each) = match &run.spends {
            Spends::Whole(spent) => (works(run.start..run.start + run.hours, spent), None),
            Spends::Hourly(each) => (works(0..0, &Spent::default()), Some(each)),
        };
        if run.hours > 0 {
            for (used, limit) in piece.uses.iter_mut().zip(&self.dep.limits) {
                *used += takes(job, limit.metric);
            }
        }
        let hourly = (run.start..).zip(each.into_iter().flatten());
        JobOption {
            cost: piece.cost,
            uses: piece.uses,
            needs: if each.is_some() { run.hours } else { 0 },
            pieces: hourly.map(|(hour, spent)| works(hour..hour + 1, spent)).collect(),
        }
    }

    /// What work in these hours costs and uses of the limits on money and carbon, spread over a
    /// day, and of the peaks at these hours.
    fn works(&self, job: &Job, hours: Range<u32>, spent: &Spent) -> Piece {
        let day = int(SECONDS_PER_DAY);
        let (money, grams) = (&spent.money / &day, &spent.grams / &day);
        let limits = self.dep.limits.iter().map(|limit| match limit.metric {
            Metric::Cost => money.clone(),
            Metric::Carbon => grams.clone(),
            _ => Rational::zero(),
        });
        let peaks = self.peak_hours.iter().map(|(peak, hour)| match hours.contains(hour) {
            true => takes(job, self.dep.peaks[*peak].metric),
            false => Rational::zero(),
        });
        let uses = limits.chain(peaks).collect();
        Piece { cost: weighed(&self.dep.strategy, &money, &grams), uses }
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

/// What a job takes while it runs: of a resource what it requires, of machines one; money and
/// carbon are not taken but spent.
pub fn takes(job: &Job, metric: Metric) -> Rational {
    match metric {
        Metric::Nodes => int(1),
        Metric::Of(resource) => taken_by(job, resource),
        Metric::Cost | Metric::Carbon => Rational::zero(),
    }
}

/// What a replica takes of a resource: what it requires; of storage, what its volumes for writing
/// hold, where that is more.
pub fn taken(service: &Service, variant: &ModelVariant, resource: Resource) -> Rational {
    stored(amount(&variant.requires, resource), &service.mounts, resource)
}

/// The same of a job, while it runs and of storage always.
pub fn taken_by(job: &Job, resource: Resource) -> Rational {
    stored(amount(&job.requires, resource), &job.mounts, resource)
}

fn stored(required: Rational, mounts: &[Mount], resource: Resource) -> Rational {
    if resource != Resource::Storage {
        return required;
    }
    let volumes = mounts.iter().filter(|m| !m.read_only).map(|m| m.size.0.clone());
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

/// An offer with the indices of its region and node type.
pub type Place<'d> = (&'d ModelOffer, usize, usize);

/// Offers of machines that are large enough for a job: in regions that it may run in, or
/// `anywhere`.
pub fn job_places<'d>(
    dep: &'d Deployment,
    names: &'d Names<'d>,
    job: &'d Job,
    anywhere: bool,
) -> impl Iterator<Item = Place<'d>> {
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

/// What a run spends, given the sums over its hours of price factor and intensity.
fn spent(
    job: &Job,
    (region, node_type): (&Region, &NodeType),
    (price, factors): (&Exact, &Rational),
    intensity: &Rational,
    hours: u32,
) -> Spent {
    let watts =
        node_type.idle_watts.0.clone() + busy_watts(node_type, &job.requires, &job.utilisation);
    let grams = watts * &region.pue.0 * intensity + &node_type.embodied.0 * int(i64::from(hours));
    let seconds = int(SECONDS_PER_HOUR);
    Spent { money: &price.0 * &seconds * factors, grams: grams * seconds }
}

/// What the run would spend if it started at `start` and was not interrupted.
pub fn run_at(job: &Job, place: (&Region, &NodeType), price: &Exact, start: u32) -> Spent {
    let hours = hours(job).min(MOST_HOURS);
    let (factors, intensity) = sums(place.0, start, hours);
    spent(job, place, (price, &factors), &intensity, hours)
}

/// What one hour of the run spends.
pub fn in_hour(job: &Job, place: (&Region, &NodeType), price: &Exact, hour: u32) -> Spent {
    let (factor, intensity) = sums(place.0, hour, 1);
    spent(job, place, (price, &factor), &intensity, 1)
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
fn best_starts(region: &Region, hours: u32, starts: Range<u32>) -> Vec<(u32, Rational, Rational)> {
    let at = at_hour;
    let flat = region.hourly_price.is_empty() && region.hourly_intensity.is_empty();
    let one = int(1);
    let (mut price, mut grams) = sums(region, starts.start, hours);
    let mut kept: Vec<(u32, Rational, Rational)> = Vec::new();
    for start in starts.take(if flat { 1 } else { usize::MAX }) {
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
