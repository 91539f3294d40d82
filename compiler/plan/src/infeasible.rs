//! Why there is no plan: a smallest set of rules that no plan keeps, and the cheapest single
//! change that makes one. What comes in is a deployment without a plan; what goes out names rules,
//! each with its place in source.
//!
//! First a deletion filter: leave out each rule in turn; when there is still no plan, it stays out.
//! What is left conflicts, and no part of it does. Whole services and jobs go first, so that what
//! stays is about few of them. Then, for each limit in the set, the least use of its budget when it
//! alone is free, and for each peak the least that leaves a plan; the smallest relative increase is
//! the repair. Without one, a rule whose loss
//! alone makes a plan.

use crate::problem::{Forced, Rule, amount, hours, map, replicas_for, takes};
use crate::words;
use eclexia_base::Rational;
use eclexia_base::number::{common_measure, int, to_decimal};
use eclexia_model::{Deployment, Exact, Job, Limit, Origin, Resource, Service};
use eclexia_optimizer::{Feasible, Goal};
use num_traits::{Signed, Zero};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Member {
    #[serde(skip)]
    pub rule: Rule,
    #[serde(skip)]
    pub origin: Origin,
    /// What it asks, understandable at its place.
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    pub members: Vec<Member>,
    pub repair: Option<Repair>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repair {
    /// `Raise :cost to 412USD/month`
    pub text: String,
    /// The place and its new text, where the repair is one amount.
    pub edit: Option<(Origin, String)>,
}

/// Whether there is a plan without these rules.
pub fn is_feasible(dep: &Deployment, without: &BTreeSet<Rule>) -> bool {
    let mapped = map(dep, without, &BTreeMap::new());
    let found = mapped.planner().map(|p| p.feasible(&mapped.problem.limits));
    matches!(found, Ok(Feasible::With(_)))
}

type ForcedChoices = BTreeMap<usize, Forced>;

fn is_infeasible(dep: &Deployment, without: &BTreeSet<Rule>, forced: &ForcedChoices) -> bool {
    let mapped = map(dep, without, forced);
    mapped.planner().is_ok_and(|p| p.is_infeasible(&mapped.problem.limits))
}

/// The conflict of a deployment that has no plan.
pub fn conflict(dep: &Deployment) -> Conflict {
    let rules = smallest(dep, &BTreeSet::new());
    let repair = repair(dep, &rules);
    let members = rules.into_iter().map(|rule| member(dep, rule)).collect();
    Conflict { members, repair }
}

/// A smallest conflicting set among the rules that are not in `without`.
pub fn smallest(dep: &Deployment, without: &BTreeSet<Rule>) -> Vec<Rule> {
    smallest_with(dep, without, &BTreeMap::new())
}

/// The rules that forbid a choice together; no repair is looked for.
pub fn forbidding(dep: &Deployment, forced: &ForcedChoices) -> Vec<Member> {
    let rules = smallest_with(dep, &BTreeSet::new(), forced);
    rules.into_iter().map(|rule| member(dep, rule)).collect()
}

fn smallest_with(dep: &Deployment, without: &BTreeSet<Rule>, forced: &ForcedChoices) -> Vec<Rule> {
    let mut filter = Filter { dep, forced, out: without.clone(), kept: Vec::new() };
    let mapped = map(dep, without, forced);
    let is_about_limits = mapped
        .planner()
        .is_ok_and(|planner| planner.is_searched() && !planner.is_infeasible(&mapped.unlimited()));
    if is_about_limits {
        // What hundreds of services need together is said by the limits alone.
        filter.leave_out(&(0..dep.limits.len()).map(Rule::Limit).collect::<Vec<_>>());
    } else {
        filter.leave_out(&rules(dep));
    }
    filter.kept
}

/// The deletion filter. Rules that go together go at once: what is left is the same as when each is
/// tried alone, with fewer questions where few rules matter (Junker 2004).
struct Filter<'a> {
    dep: &'a Deployment,
    forced: &'a ForcedChoices,
    out: BTreeSet<Rule>,
    kept: Vec<Rule>,
}

impl Filter<'_> {
    /// Leaves out as many of these as leave no plan, in order; the others are kept.
    fn leave_out(&mut self, rules: &[Rule]) {
        let rules: Vec<Rule> = rules.iter().copied().filter(|rule| !self.is_moot(*rule)).collect();
        if rules.is_empty() {
            return;
        }
        let mut without = self.out.clone();
        without.extend(&rules);
        if is_infeasible(self.dep, &without, self.forced) {
            self.out = without;
        } else if let [rule] = rules[..] {
            self.kept.push(rule);
        } else {
            let (first, rest) = rules.split_at(rules.len() / 2);
            self.leave_out(first);
            self.leave_out(rest);
        }
    }

    /// Whether a rule says nothing any more.
    fn is_moot(&self, rule: Rule) -> bool {
        let of_service = match rule {
            Rule::Demand(s)
            | Rule::Replicas(s)
            | Rule::Zones(s)
            | Rule::PerNode(s)
            | Rule::Regions(s)
            | Rule::Latency(s) => Some(Rule::Service(s)),
            Rule::JobRegions(j) | Rule::Deadline(j) | Rule::Whole(j) => Some(Rule::Job(j)),
            _ => None,
        };
        self.out.contains(&rule) || of_service.is_some_and(|whole| self.out.contains(&whole))
    }
}

/// Every rule that asks something, in the order in which they are left out.
fn rules(dep: &Deployment) -> Vec<Rule> {
    let mut all: Vec<Rule> = (0..dep.services.len()).map(Rule::Service).collect();
    all.extend((0..dep.jobs.len()).map(Rule::Job));
    all.extend((0..dep.conflicts.len()).map(Rule::Conflict));
    all.extend((0..dep.together.len()).map(Rule::Together));
    all.extend((0..dep.near.len()).map(Rule::Near));
    let limited = (0..dep.offers.len()).filter(|o| dep.offers[*o].limit.is_some());
    all.extend(limited.map(Rule::OfferLimit));
    for (s, service) in dep.services.iter().enumerate() {
        let asked = [
            (service.demand.is_some(), Rule::Demand(s)),
            (service.replicas.min > 1, Rule::Replicas(s)),
            (service.min_zones > 1, Rule::Zones(s)),
            (service.max_per_node.is_some(), Rule::PerNode(s)),
            (!service.regions.is_empty(), Rule::Regions(s)),
            (service.max_latency.is_some(), Rule::Latency(s)),
        ];
        all.extend(asked.iter().filter(|(is, _)| *is).map(|(_, rule)| *rule));
    }
    for (j, job) in dep.jobs.iter().enumerate() {
        if !job.regions.is_empty() {
            all.push(Rule::JobRegions(j));
        }
        all.push(Rule::Deadline(j));
        if job.deferrable && !job.interruptible && hours(job) > 1 {
            all.push(Rule::Whole(j));
        }
    }
    all.extend((0..dep.peaks.len()).map(Rule::Peak));
    all.extend((0..dep.limits.len()).map(Rule::Limit));
    all
}

/// The cheapest single change that leaves a plan, all other rules of the deployment kept.
fn repair(dep: &Deployment, conflict: &[Rule]) -> Option<Repair> {
    let mapped = map(dep, &BTreeSet::new(), &BTreeMap::new());
    let planner = mapped.planner().ok()?;
    let mut best: Option<(Rational, Rule, &Limit, Rational)> = None;
    for rule in conflict {
        let (limit, needed) = match *rule {
            Rule::Limit(k) => {
                let mut limits = mapped.problem.limits.clone();
                limits[k] = None;
                let found = planner.search_again(Goal::Use(k), &limits, None, &[]).best;
                (&dep.limits[k], found.map(|(_, figures)| figures.uses[k].clone()))
            }
            Rule::Peak(k) => (&dep.peaks[k], least_peak(dep, k)),
            _ => continue,
        };
        let Some(needed) = needed else { continue };
        let given = &limit.amount.0;
        let increase = if given.is_positive() { &needed / given } else { int(1_000_000) };
        if best.as_ref().is_none_or(|(i, ..)| increase < *i) {
            best = Some((increase, *rule, limit, needed));
        }
    }
    if let Some((_, rule, limit, needed)) = best {
        let (_, text) = words::rounded_up(&needed, &limit.unit);
        return Some(Repair {
            text: format!("{} to {text}", relaxation(dep, rule)),
            edit: Some((limit.origin, text)),
        });
    }
    let mut softer: Vec<Rule> = conflict.to_vec();
    softer.sort_by_key(|rule| matches!(rule, Rule::Service(_) | Rule::Job(_)));
    let alone = softer.into_iter().find(|rule| is_feasible(dep, &BTreeSet::from([*rule])))?;
    Some(Repair { text: relaxation(dep, alone), edit: None })
}

/// The least amount of a peak that leaves a plan, all else kept. What jobs take together is a
/// multiple of the largest amount that what each takes is a multiple of; among these multiples the
/// least is found by halving.
fn least_peak(dep: &Deployment, k: usize) -> Option<Rational> {
    let peak = &dep.peaks[k];
    let each = || dep.jobs.iter().map(|job| takes(job, peak.metric));
    let step = each().fold(Rational::zero(), common_measure);
    if step.is_zero() {
        return None;
    }
    let leaves_a_plan = |multiple: &Rational| {
        let mut raised = dep.clone();
        raised.peaks[k].amount = Exact(multiple * &step);
        is_feasible(&raised, &BTreeSet::new())
    };
    let (mut low, mut high) = ((&peak.amount.0 / &step).floor(), each().sum::<Rational>() / &step);
    if !leaves_a_plan(&high) {
        return None;
    }
    while &high - &low > int(1) {
        let middle = ((&low + &high) / int(2)).floor();
        let bound = if leaves_a_plan(&middle) { &mut high } else { &mut low };
        *bound = middle;
    }
    Some(high * step)
}

/// What to do about a rule whose loss alone leaves a plan.
fn relaxation(dep: &Deployment, rule: Rule) -> String {
    let service = |s: usize| &dep.services[s].name;
    match rule {
        Rule::Service(s) => match shortage(dep, &dep.services[s]) {
            Some((resource, most, kind)) => format!(
                "Give `{}` at most {} of {}, as {kind} has, or offer a larger machine",
                service(s),
                show(resource, &most),
                resource.name()
            ),
            None => format!("Ask less for `{}`, or offer another machine", service(s)),
        },
        Rule::Job(j) => {
            format!("Ask less for the job `{}`, or offer another machine", dep.jobs[j].name)
        }
        Rule::Demand(s) => demand_repair(&dep.services[s]),
        Rule::Replicas(s) => format!("Let `{}` run with fewer replicas", service(s)),
        Rule::Zones(s) => format!("Spread `{}` over fewer zones, or add a region", service(s)),
        Rule::PerNode(s) => format!("Allow more pods of `{}` on one machine", service(s)),
        Rule::Regions(s) => format!("Allow `{}` another region of the deployment", service(s)),
        Rule::Latency(s) => format!("Allow `{}` more latency, or add a nearer region", service(s)),
        Rule::JobRegions(j) => format!("Allow the job `{}` another region", dep.jobs[j].name),
        Rule::Deadline(j) => format!("Give the job `{}` more time", dep.jobs[j].name),
        Rule::Whole(j) => {
            format!("Let the job `{}` be interrupted: `:interruptible true`", dep.jobs[j].name)
        }
        Rule::Conflict(i) => pair_repair("the conflict between", &dep.conflicts[i]),
        Rule::Together(i) => pair_repair("the rule that joins", &dep.together[i]),
        Rule::Near(i) => {
            format!("Allow more between `{}` and `{}`", dep.near[i].a, dep.near[i].b)
        }
        Rule::OfferLimit(o) => format!("Take more machines of {}", dep.offers[o].node_type),
        Rule::Limit(k) => format!("Raise {}", words::key(&dep.limits[k])),
        Rule::Peak(k) => format!("Raise the peak of {}", words::key(&dep.peaks[k])),
    }
}

fn pair_repair(what: &str, pair: &eclexia_model::Pair) -> String {
    format!("Drop {what} `{}` and `{}`", pair.a, pair.b)
}

fn demand_repair(service: &Service) -> String {
    let Some(demand) = &service.demand else { return String::new() };
    let needed = service.variants.iter().filter_map(|v| replicas_for(demand, v)).min();
    match needed {
        Some(n) => format!("Let `{}` have {n} replicas", service.name),
        None => format!("Say what a variant of `{}` provides: `:throughput`", service.name),
    }
}

/// The resource of which even the least demanding variant asks more than any machine has, the most
/// there is, and on which type.
pub fn shortage(dep: &Deployment, service: &Service) -> Option<(Resource, Rational, String)> {
    let placed = Resource::ALL.into_iter().filter(|r| r.is_placed());
    for resource in placed {
        let least = service.variants.iter().map(|v| amount(&v.requires, resource)).min()?;
        let offered =
            dep.node_types.iter().filter(|t| dep.offers.iter().any(|o| o.node_type == t.name));
        let most =
            offered.map(|t| (amount(&t.capacity, resource), &t.name)).max_by(|a, b| a.0.cmp(&b.0));
        let (most, name) = most?;
        if least > most {
            return Some((resource, most, name.clone()));
        }
    }
    None
}

/// An amount of a resource in the unit people write.
pub fn show(resource: Resource, amount: &Rational) -> String {
    let table = eclexia_base::unit::UnitTable::language();
    let base = match resource {
        Resource::Cpu => "core",
        Resource::Memory | Resource::Storage => "byte",
        Resource::Gpu => "gpu",
        Resource::Network => return network(amount),
        Resource::Energy => "J",
        Resource::Time => "s",
    };
    let value = eclexia_base::number::to_f64(amount);
    eclexia_base::unit::display(value, eclexia_base::Dim::base(base), table)
}

fn network(amount: &Rational) -> String {
    format!("{}Mbit/s", to_decimal(&(amount * int(8) / int(1_000_000)), 3))
}

/// `2 × (1cpu, 1GiB)`, of the least demanding variant at the fewest replicas.
pub fn demand_of(service: &Service) -> String {
    let cheapest = service.variants.iter().min_by_key(|v| {
        (amount(&v.requires, Resource::Cpu), amount(&v.requires, Resource::Memory))
    });
    let Some(variant) = cheapest else { return String::new() };
    let parts = variant.requires.iter().filter(|(_, a)| !a.0.is_zero());
    let each: Vec<String> = parts.map(|(r, a)| show(*r, &a.0)).collect();
    let covering = service.demand.as_ref().and_then(|d| replicas_for(d, variant)).unwrap_or(0);
    match covering.max(service.replicas.min) {
        1 => each.join(", "),
        n => format!("{n} × ({})", each.join(", ")),
    }
}

fn member(dep: &Deployment, rule: Rule) -> Member {
    let (origin, text) = match rule {
        Rule::Service(s) => {
            let service = &dep.services[s];
            let needs = format!("`{}` needs {}", service.name, demand_of(service));
            let text = match shortage(dep, service) {
                Some((resource, most, kind)) => {
                    format!("{needs}; the largest machine, {kind}, has {}", show(resource, &most))
                }
                None => needs,
            };
            (service.origin, text)
        }
        Rule::Demand(s)
        | Rule::Replicas(s)
        | Rule::Zones(s)
        | Rule::PerNode(s)
        | Rule::Regions(s)
        | Rule::Latency(s) => service_member(&dep.services[s], rule),
        Rule::Job(j) | Rule::JobRegions(j) | Rule::Deadline(j) | Rule::Whole(j) => {
            (dep.jobs[j].origin, job_member(&dep.jobs[j], rule))
        }
        Rule::Conflict(i) => {
            let pair = &dep.conflicts[i];
            (pair.origin, format!("`{}` and `{}` share no machine", pair.a, pair.b))
        }
        Rule::Together(i) => {
            let pair = &dep.together[i];
            (pair.origin, format!("`{}` shares its machines with `{}`", pair.a, pair.b))
        }
        Rule::Near(i) => {
            let near = &dep.near[i];
            let within = to_decimal(&(&near.within.0 * int(1000)), 3);
            (near.origin, format!("`{}` has `{}` within {within}ms", near.a, near.b))
        }
        Rule::OfferLimit(o) => {
            let offer = &dep.offers[o];
            let most = offer.limit.unwrap_or(0);
            (offer.origin, format!("at most {most} × {} in {}", offer.node_type, offer.region))
        }
        Rule::Limit(k) => {
            let limit = &dep.limits[k];
            let amount = limit.unit.show(&limit.amount, 6);
            (limit.origin, format!("{} is limited to {amount}", words::key(limit)))
        }
        Rule::Peak(k) => {
            let peak = &dep.peaks[k];
            let amount = peak.unit.show(&peak.amount, 6);
            let what = peak.metric.name();
            let text = format!("the peak of {what}, of all jobs in any one hour, is {amount}");
            (peak.origin, text)
        }
    };
    Member { rule, origin, text }
}

fn job_member(job: &Job, rule: Rule) -> String {
    let name = &job.name;
    match rule {
        Rule::JobRegions(_) => format!("`{name}` runs in {} only", job.regions.join(", ")),
        Rule::Deadline(_) => {
            let when = match (job.deferrable, job.earliest_hour) {
                (true, 0) => "may wait".to_owned(),
                (true, first) => format!("starts at hour {first} or later"),
                (false, 0) => "starts at once".to_owned(),
                (false, first) => format!("starts at hour {first}"),
            };
            format!("`{name}` {when} and ends within {}h", job.deadline_hours)
        }
        Rule::Whole(_) => format!("`{name}` works {}h without a break", hours(job)),
        _ => {
            let each = job.requires.iter().map(|(r, a)| show(*r, &a.0)).collect::<Vec<_>>();
            format!("`{name}` needs {} for {}h", each.join(", "), hours(job))
        }
    }
}

fn service_member(service: &Service, rule: Rule) -> (Origin, String) {
    let name = &service.name;
    let text = match rule {
        Rule::Demand(_) => {
            let demand = service.demand.clone().unwrap_or_default();
            let reach = service.variants.iter().filter_map(|v| v.throughput.as_ref()).max();
            let most = reach.map(|t| &t.0 * int(i64::from(service.replicas.max)));
            let most = most.map_or("nothing".to_owned(), |m| format!("{}req/s", to_decimal(&m, 3)));
            format!(
                "`{name}` must serve {}req/s; {} replicas serve at most {most}",
                to_decimal(&demand.0, 3),
                service.replicas.max
            )
        }
        Rule::Replicas(_) => {
            return (
                service.replicas.origin,
                format!("`{name}` has at least {} replicas", service.replicas.min),
            );
        }
        Rule::Zones(_) => format!("`{name}` is spread over {} zones", service.min_zones),
        Rule::PerNode(_) => {
            format!("at most {} pods of `{name}` per machine", service.max_per_node.unwrap_or(0))
        }
        Rule::Regions(_) => format!("`{name}` runs in {} only", service.regions.join(", ")),
        _ => {
            let most = service.max_latency.clone().unwrap_or_default();
            format!("`{name}` answers within {}ms", to_decimal(&(&most.0 * int(1000)), 3))
        }
    };
    (service.origin, text)
}
