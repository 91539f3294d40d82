//! Why each choice was made and what was declined: reasons on the choices, and for every variant,
//! region and node type not taken what taking it would cost. A variant is priced by planning again
//! with it forced; a region or node type by what the chosen machines' pods would cost there.

use crate::plan::{Choices, Solved, solve_with};
use crate::problem::{Forced, Names, Spent, replicas_for, run_at, runs_on};
use crate::words;
use eclexia_base::Rational;
use eclexia_base::number::{int, to_decimal};
use eclexia_model::{Address, Declined, JobChoice, Service};
use num_traits::{Signed, Zero};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// `held` are machines that go on while a plan that moves their pods would be cheaper, by place.
pub fn reasons(solved: &Solved, made: &mut Choices, held: &BTreeSet<usize>) {
    let dep = solved.dep;
    for (choice, service) in made.services.iter_mut().zip(&dep.services) {
        choice.reason = service_reason(service, &choice.variant, choice.replicas);
    }
    for (i, (choice, nodes)) in made.nodes.iter_mut().zip(&solved.best.nodes).enumerate() {
        let offers = 0..dep.offers.len();
        let holding: Vec<usize> = offers.filter(|o| holds(solved, nodes, *o)).collect();
        let each = words::dollars(&choice.price.0);
        let cheaper = holding.iter().filter(|_| held.contains(&i)).filter_map(|o| {
            let less = worth(solved, nodes, nodes.offer) - worth(solved, nodes, *o);
            less.is_positive().then_some((less, Reverse(*o)))
        });
        choice.reason = match (holding.len(), cheaper.max()) {
            (_, Some((less, Reverse(o)))) => {
                let offer = &dep.offers[o];
                format!(
                    "goes on where it runs: {} in {} is {} less, and its pods would have to move",
                    offer.node_type,
                    offer.region,
                    words::dollars(&less)
                )
            }
            (1, _) => format!("the only offer that holds these pods, {each} each"),
            (n, _) => format!("best of {n} offers that hold these pods, {each} each"),
        };
    }
    for choice in &mut made.jobs {
        let job = dep.jobs.iter().find(|j| j.name == choice.job);
        let at_once = job.and_then(|job| {
            let region = dep.regions.iter().find(|r| r.name == choice.region)?;
            let kind = dep.node_types.iter().find(|t| t.name == choice.node_type)?;
            let offer = dep
                .offers
                .iter()
                .find(|o| o.region == choice.region && o.node_type == choice.node_type)?;
            let first = job.earliest_hour;
            let waits = choice.start_hour > first || !choice.pieces.is_empty();
            waits.then(|| run_at(job, (region, kind), &offer.price, first))
        });
        choice.reason = match at_once {
            Some(at_once) => start_reason(choice, &at_once),
            None if dep.peaks.is_empty() => "starts at once: no later start is better".to_owned(),
            None => "starts at once: within the peaks no later start is better".to_owned(),
        };
    }
}

/// What waiting, or working in pieces, is worth beside a run at once in the same place.
fn start_reason(choice: &JobChoice, at_once: &Spent) -> String {
    let (money, grams) = (&at_once.money - &choice.cost.0, &at_once.grams - &choice.carbon.0);
    let mut parts = Vec::new();
    if !grams.is_zero() {
        let word = if grams.is_positive() { "saves" } else { "costs" };
        parts.push(format!("{word} {}gCO2e", few_digits(&grams.abs())));
    }
    if !money.is_zero() {
        let word = if money.is_positive() { "saves" } else { "costs" };
        parts.push(format!("{word} {}USD", few_digits(&money.abs())));
    }
    if parts.is_empty() {
        parts.push("costs nothing".to_owned());
    }
    let how = match choice.pieces.len() {
        0 => format!("waiting until hour {}", choice.start_hour),
        pieces => format!("working in {pieces} pieces"),
    };
    format!("{how} {}", words::list(&parts))
}

/// Two decimals, more where they would hide what there is.
fn few_digits(amount: &Rational) -> String {
    let small = *amount < Rational::new(1.into(), 10.into());
    to_decimal(amount, if small { 6 } else { 2 })
}

fn service_reason(service: &Service, variant: &str, replicas: u32) -> String {
    let chosen = service.variants.iter().find(|v| v.name == variant);
    let covers = service.demand.as_ref().zip(chosen.and_then(|v| v.throughput.as_ref()));
    let count = match covers {
        Some((demand, each)) if replicas > service.replicas.min => format!(
            "{replicas} × {}req/s cover the demand of {}req/s",
            to_decimal(&each.0, 3),
            to_decimal(&demand.0, 3)
        ),
        _ if service.replicas.min == service.replicas.max => format!("{replicas} asked for"),
        _ if replicas == service.replicas.min => format!("fewest replicas, {replicas}"),
        _ => format!("{replicas} replicas, as another service's rule asks"),
    };
    match service.variants.len() {
        1 => count,
        n => format!("{count}; best of {n} variants"),
    }
}

/// Whether a machine of the offer could hold what these machines hold.
fn holds(solved: &Solved, nodes: &eclexia_optimizer::Nodes, o: usize) -> bool {
    let problem = &solved.mapped.problem;
    let capacity = &problem.offers[o].capacity;
    let variant = |s: usize| &problem.services[s].variants[solved.best.services[s].0];
    (0..capacity.len()).all(|r| {
        let load: Rational =
            nodes.pods.iter().map(|(s, n)| &variant(*s).requires[r] * int(i64::from(*n))).sum();
        load <= capacity[r]
    }) && nodes.pods.keys().all(|s| variant(*s).allowed[o])
}

/// The objective of one such machine with its pods, at an offer.
fn worth(solved: &Solved, nodes: &eclexia_optimizer::Nodes, o: usize) -> Rational {
    let problem = &solved.mapped.problem;
    let mut sum = problem.offers[o].cost.clone();
    for (s, n) in &nodes.pods {
        if let Some(on) = problem.pod_on(*s, solved.best.services[*s].0, o) {
            sum += &on.cost * int(i64::from(*n));
        }
    }
    sum
}

pub fn declined(solved: &Solved, made: &Choices) -> Vec<Declined> {
    let mut all = variants(solved, made);
    all.extend(regions(solved));
    all.extend(node_types(solved));
    all
}

fn variants(solved: &Solved, made: &Choices) -> Vec<Declined> {
    let dep = solved.dep;
    let mut all: Vec<Declined> = Vec::new();
    // Services that differ in name only decline for the same reason.
    let mut known: BTreeMap<(String, String), String> = BTreeMap::new();
    for (s, service) in dep.services.iter().enumerate() {
        for (v, variant) in service.variants.iter().enumerate() {
            if variant.name == made.services[s].variant {
                continue;
            }
            let data = format!("{:?}", solved.mapped.problem.services[s]);
            let key = (data, variant.name.clone());
            let why = known.entry(key).or_insert_with(|| variant_declined(solved, s, v)).clone();
            let what = format!("variant {}", variant.name);
            all.push(Declined { address: variant.address.clone(), what, why });
        }
    }
    all
}

fn variant_declined(solved: &Solved, s: usize, v: usize) -> String {
    let dep = solved.dep;
    let service = &dep.services[s];
    let variant = &service.variants[v];
    if let Some(demand) = &service.demand {
        match replicas_for(demand, variant) {
            None => return "has no throughput, and a demand is to be covered".to_owned(),
            Some(n) if n > service.replicas.max => {
                return format!(
                    "would need {n} replicas for the demand, {} are allowed",
                    service.replicas.max
                );
            }
            _ => {}
        }
    }
    if solved.planner.is_searched() {
        let (service, variant) = (&service.name, &variant.name);
        return format!("not in the best plan found: `why-not {service} {variant}` plans with it");
    }
    let forced = |without: &BTreeSet<_>| {
        let choice = Forced { variant: Some(v), ..Forced::default() };
        solve_with(dep, without, &BTreeMap::from([(s, choice)]))
    };
    if let Some((_, figures)) = forced(&BTreeSet::new()) {
        let difference = figures.objective - &solved.figures.objective;
        return match difference {
            d if d.is_positive() => {
                format!("the best plan with it costs {}", words::compared(&d))
            }
            d if d.is_zero() => {
                "a plan with it costs as much; the earlier choice was kept".to_owned()
            }
            d => format!("a plan with it costs {}, and moves what runs", words::compared(&d)),
        };
    }
    let no_limits: BTreeSet<_> = (0..dep.limits.len()).map(crate::problem::Rule::Limit).collect();
    match forced(&no_limits) {
        Some(_) => "no plan with it keeps all limits".to_owned(),
        None => "no offer holds it under the rules of the service".to_owned(),
    }
}

/// What it would cost to move each machine's pods to the best of some offers; `None` when some
/// machine's pods fit none of them.
fn moved(solved: &Solved, offers: &[usize]) -> Option<Rational> {
    let mut sum = Rational::zero();
    for nodes in &solved.best.nodes {
        let fits = offers.iter().filter(|o| holds(solved, nodes, **o));
        let there = fits.map(|o| worth(solved, nodes, *o)).min()?;
        sum += (there - worth(solved, nodes, nodes.offer)) * int(i64::from(nodes.count));
    }
    Some(sum)
}

fn why_not_offers(solved: &Solved, offers: &[usize]) -> String {
    let dep = solved.dep;
    if offers.is_empty() {
        return "nothing is offered there".to_owned();
    }
    if let Some(difference) = moved(solved, offers) {
        return match difference {
            d if d.is_positive() => {
                format!("the same pods would cost {} there", words::compared(&d))
            }
            d if d.is_zero() => "costs as much; the earlier offer was taken".to_owned(),
            _ if solved.holds_back => {
                "cheaper machine for machine, but pods that run would move, or a rule forbids it"
                    .to_owned()
            }
            _ => "cheaper machine for machine, but a limit or rule forbids it".to_owned(),
        };
    }
    let names = Names::of(dep);
    let shut_out = dep.services.iter().zip(&solved.best.services).find(|(service, (v, _))| {
        let variant = &service.variants[*v];
        offers.iter().all(|o| {
            let offer = &dep.offers[*o];
            let kind = names.node_types.get(offer.node_type.as_str());
            let runs = kind.is_some_and(|t| runs_on(variant, &dep.node_types[*t]));
            let index = names.services[service.name.as_str()];
            !runs || !solved.mapped.problem.services[index].variants[*v].allowed[*o]
        })
    });
    match shut_out {
        Some((service, _)) => format!("`{}` may not run there", service.name),
        None => "too small for what one machine holds; split, it would not be cheaper".to_owned(),
    }
}

fn regions(solved: &Solved) -> Vec<Declined> {
    let dep = solved.dep;
    let root = Address::new(dep.name.clone()).child("region");
    let used = |name: &str| solved.best.nodes.iter().any(|n| dep.offers[n.offer].region == name);
    let by_job = |r: usize| {
        let mut jobs = solved.best.jobs.iter().zip(&solved.mapped.runs);
        jobs.any(|(taken, runs)| runs[taken.option].region == r)
    };
    let unused =
        dep.regions.iter().enumerate().filter(|(r, region)| !used(&region.name) && !by_job(*r));
    let report = |(_, region): (usize, &eclexia_model::Region)| {
        let offers = (0..dep.offers.len()).filter(|o| dep.offers[*o].region == region.name);
        Declined {
            address: root.child(&region.name),
            what: format!("region {}", region.name),
            why: why_not_offers(solved, &offers.collect::<Vec<_>>()),
        }
    };
    unused.map(report).collect()
}

fn node_types(solved: &Solved) -> Vec<Declined> {
    let dep = solved.dep;
    let root = Address::new(dep.name.clone()).child("type");
    let used = |name: &str| solved.best.nodes.iter().any(|n| dep.offers[n.offer].node_type == name);
    let by_job = |t: usize| {
        let mut jobs = solved.best.jobs.iter().zip(&solved.mapped.runs);
        jobs.any(|(taken, runs)| runs[taken.option].node_type == t)
    };
    let unused =
        dep.node_types.iter().enumerate().filter(|(t, kind)| !used(&kind.name) && !by_job(*t));
    let report = |(_, kind): (usize, &eclexia_model::NodeType)| {
        let offers = (0..dep.offers.len()).filter(|o| dep.offers[*o].node_type == kind.name);
        Declined {
            address: root.child(&kind.name),
            what: format!("node type {}", kind.name),
            why: why_not_offers(solved, &offers.collect::<Vec<_>>()),
        }
    };
    unused.map(report).collect()
}
