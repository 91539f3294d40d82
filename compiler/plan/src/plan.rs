//! Model to plan: what comes in is a deployment and the plan before it, what goes out is the plan
//! with every choice, its proof, its prices and its report, or the lines of source that leave no
//! plan. Always: the choices are costed again by `evaluate` and must agree with the optimiser to
//! the last digit. A plan before it that is still best stays as it is.

use crate::continuing::Weighed;
use crate::infeasible::conflict;
use crate::problem::{Forced, Mapped, Method, Names, Rule, Run, Spends, map};
use crate::{OriginSpans, continuing, diagnostics, diff, evaluate, prices, report};
use eclexia_base::number::{from_f64_rounded, int, to_f64};
use eclexia_base::{Rational, bug};
use eclexia_diag::{Diagnostic, Diagnostics};
use eclexia_model::{
    Address, Deployment, Exact, JobChoice, NodeChoice, PLAN_FORMAT, Piece, Plan, ServiceChoice,
    Totals,
};
use eclexia_optimizer::{
    Assignment, CLOSE_ENOUGH, Figures, Found, Goal, Next, Nodes, Planner, Refused, Taken,
};
use num_traits::{Signed, Zero};
use std::collections::{BTreeMap, BTreeSet};

/// A plan after another is near enough to its bound, relative.
const NEAR: f64 = 0.01;

/// Plans `dep` after `parent`, which runs: what moves is weighed. No plan comes with at least one
/// error.
pub fn plan(
    dep: &Deployment,
    module: &str,
    parent: Option<&Plan>,
    spans: &dyn OriginSpans,
) -> (Option<Plan>, Diagnostics) {
    plan_beside(dep, module, parent.map(|plan| (plan, Weighed::Moves)), spans)
}

/// The same after a plan that runs, found in a given way.
pub fn plan_by(
    method: Method,
    dep: &Deployment,
    runs: &Plan,
    spans: &dyn OriginSpans,
) -> (Option<Plan>, Diagnostics) {
    let mapped = map(dep, &BTreeSet::new(), &BTreeMap::new());
    let planner = mapped.planner_by(method);
    match planner.map_err(|large| diagnostics::deployment_too_large(dep, &large, spans)) {
        Ok(planner) => {
            let parent = Some((runs, Weighed::Moves));
            planned_with((dep, &mapped, &planner), &runs.module, parent, spans)
        }
        Err(refused) => (None, refused.into()),
    }
}

/// The same where it is said how much the plan before weighs.
pub fn plan_beside(
    dep: &Deployment,
    module: &str,
    parent: Option<(&Plan, Weighed)>,
    spans: &dyn OriginSpans,
) -> (Option<Plan>, Diagnostics) {
    let mapped = map(dep, &BTreeSet::new(), &BTreeMap::new());
    match planner(dep, &mapped, spans) {
        Ok(planner) => planned_with((dep, &mapped, &planner), module, parent, spans),
        Err(refused) => (None, refused.into()),
    }
}

fn planned_with(
    (dep, mapped, planner): (&Deployment, &Mapped, &Planner<'_>),
    module: &str,
    parent: Option<(&Plan, Weighed)>,
    spans: &dyn OriginSpans,
) -> (Option<Plan>, Diagnostics) {
    let (parent, weighed) = parent.unzip();
    let (found, next) = search(dep, (mapped, planner), parent.zip(weighed));
    let Some((best, figures)) = found.best else {
        let is_open = || !planner.is_infeasible(&mapped.problem.limits);
        if found.bound.is_finite() && is_open() {
            return (None, diagnostics::plan_not_found(dep, spans).into());
        }
        let conflict = conflict(dep);
        return (None, diagnostics::infeasible(dep, &conflict, spans).into());
    };
    let next = match next.transpose() {
        Ok(next) => next,
        Err(refused) => return (None, diagnostics::refused_moves(dep, refused, spans).into()),
    };
    let cheapest = next.as_ref().map(|next| (&next.cheapest.plan, &next.cheapest.figures));
    let (best, figures) = cheapest.unwrap_or((&best, &figures));
    let free = Solved { dep, mapped, planner, best, figures, holds_back: false };
    let parent = parent.zip(next.as_ref());
    (Some(planned(&free, module, parent, found.bound)), Diagnostics::new())
}

/// The best plan, and the one that follows the plan before. What is searched goes on from that plan
/// with a tenth of the work first, and does all of it where that ends far from the bound.
fn search(
    dep: &Deployment,
    (mapped, planner): (&Mapped, &Planner<'_>),
    parent: Option<(&Plan, Weighed)>,
) -> (Found, Option<Result<Next, Refused>>) {
    let limits = &mapped.problem.limits;
    let before = parent.and_then(|(plan, _)| assignment(dep, mapped, plan));
    let before: Vec<Assignment> = before.into_iter().collect();
    let follow = |found: &Found| {
        let best = found.best.iter().map(|(plan, _)| plan.clone());
        let known: Vec<Assignment> = before.iter().cloned().chain(best).collect();
        parent.map(|(plan, weighed)| continuing::after(dep, planner, plan, weighed, &known))
    };
    if let Some((_, weighed)) = parent.filter(|_| planner.is_searched()) {
        let found = planner.search_again(Goal::Objective, limits, None, &before);
        let next = follow(&found);
        let is_near = |next: &Next| {
            let least = to_f64(&next.cheapest.figures.objective);
            least - found.bound <= NEAR * least.abs()
        };
        let is_enough = weighed == Weighed::Nothing
            || next.as_ref().is_some_and(|next| next.as_ref().is_ok_and(is_near));
        if is_enough && found.best.is_some() {
            return (found, next);
        }
    }
    let found = planner.search(Goal::Objective, limits, None, &before);
    let next = follow(&found);
    (found, next)
}

/// The plan of what was found: `free` is the cheapest, beside it the plan before and what follows
/// it.
fn planned(free: &Solved, module: &str, after: Option<(&Plan, &Next)>, bound: f64) -> Plan {
    let Solved { dep, mapped, .. } = *free;
    let solved = match after {
        Some((_, Next { best, cheapest })) => Solved {
            best: &best.plan,
            figures: &best.figures,
            holds_back: cheapest.figures.objective < best.figures.objective,
            ..*free
        },
        None => *free,
    };
    let names = after.map(|(parent, next)| continuing::names(parent, &next.best));
    let names = names.unwrap_or_default();
    let mut made = named_choices(dep, mapped, solved.best, &names);
    let held = names.keys().copied().filter(|_| solved.holds_back);
    report::reasons(&solved, &mut made, &held.collect());
    let totals = totals(&solved, &made, bound);
    let mut budgets = prices::budget_lines(free);
    let used = budgets.iter_mut().zip(&solved.figures.uses);
    used.for_each(|(line, used)| line.used = Exact(used.clone()));
    let declined = report::declined(&solved, &made);
    let parent = after.map(|(parent, _)| parent);
    let mut plan = Plan {
        format: PLAN_FORMAT.to_owned(),
        id: String::new(),
        parent: parent.map(|p| p.id.clone()),
        module: module.to_owned(),
        deployment: dep.name.clone(),
        model_id: eclexia_model::saved::digest(dep),
        services: made.services,
        nodes: made.nodes,
        jobs: made.jobs,
        steps: Vec::new(),
        totals,
        moves: after.map(|(_, next)| continuing::moves(dep, next)),
        budgets,
        declined,
    };
    plan.steps = diff::steps(dep, parent, &plan);
    plan.id = plan.content_id();
    plan
}

/// The planner of a deployment that is not too large for one.
pub fn planner<'m>(
    dep: &Deployment,
    mapped: &'m Mapped,
    spans: &dyn OriginSpans,
) -> Result<Planner<'m>, Diagnostic> {
    mapped.planner().map_err(|large| diagnostics::deployment_too_large(dep, &large, spans))
}

/// A solved deployment, for what is asked of it further.
#[derive(Clone, Copy)]
pub struct Solved<'a> {
    pub dep: &'a Deployment,
    pub mapped: &'a Mapped,
    pub planner: &'a Planner<'a>,
    pub best: &'a Assignment,
    pub figures: &'a Figures,
    /// Whether a cheaper plan is known, which moves what runs.
    pub holds_back: bool,
}

/// The choices of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choices {
    pub services: Vec<ServiceChoice>,
    pub nodes: Vec<NodeChoice>,
    pub jobs: Vec<JobChoice>,
}

/// A re-solve of the deployment with choices forced, beside a plan of it: what is searched goes on
/// from there.
pub fn solve_beside(
    dep: &Deployment,
    plan: &Plan,
    forced: &BTreeMap<usize, Forced>,
) -> Option<(Choices, Figures)> {
    let mapped = map(dep, &BTreeSet::new(), forced);
    let planner = mapped.planner().ok()?;
    let found = planner.search_again(Goal::Objective, &mapped.problem.limits, None, &[]);
    let best = if planner.is_searched() {
        let known: Vec<Assignment> = found.best.into_iter().map(|(plan, _)| plan).collect();
        let next = continuing::after(dep, &planner, plan, Weighed::Nothing, &known).ok()?;
        (next.cheapest.plan, next.cheapest.figures)
    } else {
        found.best?
    };
    let (plan, figures) = best;
    Some((choices(dep, &mapped, &plan), figures))
}

/// A re-solve of the deployment with rules left out or choices forced.
pub fn solve_with(
    dep: &Deployment,
    without: &BTreeSet<Rule>,
    forced: &BTreeMap<usize, Forced>,
) -> Option<(Choices, Figures)> {
    let mapped = map(dep, without, forced);
    let planner = mapped.planner().ok()?;
    let (best, figures) = planner.optimum().best?;
    Some((choices(dep, &mapped, &best), figures))
}

/// Indices become names and addresses.
pub fn choices(dep: &Deployment, mapped: &Mapped, best: &Assignment) -> Choices {
    named_choices(dep, mapped, best, &BTreeMap::new())
}

/// The same where some machines have an address already, by place in the assignment's list.
fn named_choices(
    dep: &Deployment,
    mapped: &Mapped,
    best: &Assignment,
    names: &BTreeMap<usize, Address>,
) -> Choices {
    let services = dep.services.iter().zip(&best.services).map(|(service, (v, replicas))| {
        let variant = service.variants.get(*v).map(|v| v.name.clone()).unwrap_or_default();
        ServiceChoice {
            address: service.address.clone(),
            service: service.name.clone(),
            variant,
            replicas: *replicas,
            spec: diff::short_digest(service),
            pod: service.variants.get(*v).map(|v| diff::pod(service, v)).unwrap_or_default(),
            reason: String::new(),
        }
    });
    let root = Address::new(dep.name.clone()).child("node");
    let taken: BTreeSet<&Address> = names.values().collect();
    let mut serial: BTreeMap<(usize, u32), u32> = BTreeMap::new();
    let nodes = best.nodes.iter().enumerate().map(|(i, nodes)| {
        let offer = &dep.offers[nodes.offer];
        let mut new = || {
            let number = serial.entry((nodes.offer, nodes.zone)).or_default();
            *number += 1;
            let name = format!("{}.{}.{}.{number}", offer.region, nodes.zone, offer.node_type);
            root.child(&name)
        };
        let address = names.get(&i).cloned();
        let address =
            address.or_else(|| std::iter::repeat_with(&mut new).find(|a| !taken.contains(a)));
        let pods = nodes.pods.iter().map(|(s, n)| (dep.services[*s].name.clone(), *n)).collect();
        NodeChoice {
            address: address.unwrap_or_else(|| root.clone()),
            region: offer.region.clone(),
            zone: nodes.zone,
            node_type: offer.node_type.clone(),
            count: nodes.count,
            pods,
            price: offer.price.clone(),
            reason: String::new(),
        }
    });
    let jobs = dep.jobs.iter().zip(&best.jobs).zip(&mapped.runs).map(|((job, taken), runs)| {
        let run = &runs[taken.option];
        let (hours, spent) = run.taking(&taken.pieces);
        let mut pieces = Piece::of(hours);
        let start_hour = pieces.first().map_or(run.start, |first| first.start_hour);
        if pieces.len() == 1 {
            pieces.clear();
        }
        JobChoice {
            address: job.address.clone(),
            job: job.name.clone(),
            spec: diff::short_digest(job),
            start_hour,
            hours: run.hours,
            pieces,
            region: dep.regions[run.region].name.clone(),
            node_type: dep.node_types[run.node_type].name.clone(),
            cost: Exact(spent.money),
            carbon: Exact(spent.grams),
            reason: String::new(),
        }
    });
    Choices { services: services.collect(), nodes: nodes.collect(), jobs: jobs.collect() }
}

/// A plan's choices as indices, when they still mean something in `dep`.
pub fn assignment(dep: &Deployment, mapped: &Mapped, plan: &Plan) -> Option<Assignment> {
    let names = Names::of(dep);
    let mut services = Vec::new();
    for service in &dep.services {
        let choice = plan.services.iter().find(|c| c.service == service.name)?;
        let variant = service.variants.iter().position(|v| v.name == choice.variant)?;
        services.push((variant, choice.replicas));
    }
    let mut nodes = Vec::new();
    for choice in &plan.nodes {
        let is_same =
            |o: &eclexia_model::Offer| o.region == choice.region && o.node_type == choice.node_type;
        let offer = dep.offers.iter().position(is_same)?;
        let pods = choice.pods.iter().map(|(s, n)| Some((*names.services.get(s.as_str())?, *n)));
        let pods = pods.collect::<Option<BTreeMap<usize, u32>>>()?;
        nodes.push(Nodes { offer, zone: choice.zone, count: choice.count, pods });
    }
    let mut jobs = Vec::new();
    for (job, runs) in dep.jobs.iter().zip(&mapped.runs) {
        let choice = plan.jobs.iter().find(|c| c.job == job.name)?;
        let option = runs.iter().position(|run| {
            let start = matches!(run.spends, Spends::Hourly(_)) || run.start == choice.start_hour;
            dep.regions[run.region].name == choice.region
                && dep.node_types[run.node_type].name == choice.node_type
                && start
        })?;
        let pieces = pieces_of(&runs[option], choice)?;
        jobs.push(Taken { option, pieces });
    }
    Some(Assignment { services, nodes, jobs })
}

/// The hours a plan chose, as pieces of a run.
fn pieces_of(run: &Run, choice: &JobChoice) -> Option<Vec<usize>> {
    let Spends::Hourly(each) = &run.spends else { return Some(Vec::new()) };
    let hours = choice.in_pieces().into_iter().flat_map(|p| p.start_hour..p.end_hour());
    let piece = |hour: u32| Some(hour.checked_sub(run.start)? as usize);
    hours.take(each.len()).map(piece).collect()
}

/// Totals by the model's own evaluator, held against the optimiser's figures, and the proof.
fn totals(solved: &Solved, made: &Choices, bound: f64) -> Totals {
    let Some(own) = evaluate::evaluate(solved.dep, &made.services, &made.nodes, &made.jobs) else {
        bug!("the plan of `{}` names what the deployment does not have", solved.dep.name);
    };
    let used = &solved.figures.uses[..solved.dep.limits.len()];
    if own.objective != solved.figures.objective || own.used != used {
        bug!("the optimiser and the evaluator disagree about `{}`", solved.dep.name);
    }
    if let Some(job) = evaluate::misplaced(solved.dep, &made.jobs) {
        bug!("the plan of `{}` runs `{job}` at hours that are not its own", solved.dep.name);
    }
    if let Some(peak) = evaluate::passed_peak(solved.dep, &made.jobs) {
        bug!("the plan of `{}` is above the peak of {}", solved.dep.name, peak.name());
    }
    let (bound, gap) = proof(&own.objective, bound);
    Totals {
        cost: Exact(own.cost),
        carbon: Exact(own.carbon),
        job_cost: Exact(own.job_cost),
        job_carbon: Exact(own.job_carbon),
        objective: Exact(own.objective),
        bound: Exact(bound),
        gap: Exact(gap),
    }
}

/// The bound rounded down to twelve digits, and the gap; a gap within the arithmetic's reach, one
/// part in a billion, is none.
pub fn proof(objective: &Rational, bound: f64) -> (Rational, Rational) {
    let lowered = bound - bound.abs() * 1e-12;
    let bound = from_f64_rounded(lowered, 12).unwrap_or_else(Rational::zero);
    let bound = bound.min(objective.clone());
    if !objective.is_positive() {
        return (bound, Rational::zero());
    }
    let gap = (objective - &bound) / objective;
    let closed = to_f64(&gap) <= CLOSE_ENOUGH * 2.0;
    let rounded = from_f64_rounded(to_f64(&gap), 6).unwrap_or_else(|| int(1));
    (bound, if closed { Rational::zero() } else { rounded })
}
