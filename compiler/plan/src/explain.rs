//! Questions about a plan: why a choice was made, why not another, what if an amount were
//! different. What comes in is the deployment, its plan and a name; what goes out is plain data
//! that prints itself. `why-not` and `what-if` plan again: nothing is estimated.

#![allow(clippy::result_large_err, reason = "an answer or its refusal, once per question")]

use crate::continuing::Weighed;
use crate::edit::Edit;
use crate::infeasible::{Member, forbidding};
use crate::plan::{Choices, plan_beside, solve_beside, solve_with};
use crate::problem::{Forced, Names, Rule, amount, busy_carbon, carbon_cost, takes};
use crate::{OriginSpans, diagnostics, words};
use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_diag::{Diagnostic, Diagnostics};
use eclexia_model::{Deployment, Exact, JobChoice, Plan, Resource, Service, Variant, display};
use num_traits::{Signed, Zero};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Why an element of a plan is as it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Why {
    pub name: String,
    /// What was chosen, and the planner's reason.
    pub choice: String,
    pub reason: String,
    /// What it adds to the objective, US dollars per second; shares of machines by the resource
    /// the pods take most of.
    pub terms: Vec<(String, Exact)>,
    /// Limits that hold the plan back, with their prices.
    pub binding: Vec<String>,
    /// What else it could have been.
    pub declined: Vec<(String, String)>,
}

/// Why a service or job is planned as it is.
pub fn why(dep: &Deployment, plan: &Plan, name: &str) -> Result<Why, Diagnostic> {
    let binding = binding(plan);
    if let Some(job) = plan.jobs.iter().find(|j| j.job == name) {
        let day = int(crate::problem::SECONDS_PER_DAY);
        let weights = &dep.strategy;
        let money = &weights.cost_weight.0 * &job.cost.0 / &day;
        let grams = carbon_cost(weights, &job.carbon.0) / &day;
        return Ok(Why {
            name: name.to_owned(),
            choice: format!("{} on {} in {}", words::when(job), job.node_type, job.region),
            reason: job.reason.clone(),
            terms: vec![
                ("machine, one run a day".to_owned(), Exact(money)),
                ("carbon, one run a day".to_owned(), Exact(grams)),
            ],
            binding: binding.into_iter().chain(peaks(dep, plan, name)).collect(),
            declined: in_one_piece(dep, plan, job).into_iter().collect(),
        });
    }
    let choice = plan.services.iter().find(|c| c.service == name);
    let service = dep.services.iter().find(|s| s.name == name);
    let (Some(choice), Some(service)) = (choice, service) else {
        let mut known: Vec<&str> = plan.services.iter().map(|c| c.service.as_str()).collect();
        known.extend(plan.jobs.iter().map(|j| j.job.as_str()));
        return Err(diagnostics::unknown_element("service or job", name, &known));
    };
    let places = plan.nodes.iter().filter_map(|n| {
        let pods = n.pods.get(name)?;
        Some(format!("{} on {} in {}", pods * n.count, n.node_type, n.region))
    });
    let own =
        |d: &&eclexia_model::Declined| service.variants.iter().any(|v| v.address == d.address);
    let declined = plan.declined.iter().filter(own);
    Ok(Why {
        name: name.to_owned(),
        choice: format!(
            "{} × {}: {}",
            choice.replicas,
            choice.variant,
            places.collect::<Vec<_>>().join(", ")
        ),
        reason: choice.reason.clone(),
        terms: terms(dep, plan, service, &choice.variant),
        binding,
        declined: declined.map(|d| (d.what.clone(), d.why.clone())).collect(),
    })
}

fn binding(plan: &Plan) -> Vec<String> {
    let held = plan.budgets.iter().filter_map(|line| {
        let next = line.price.next_step.as_ref()?;
        Some(format!(
            "{} {}: {} more would save {}",
            line.metric.name(),
            line.unit.show(&line.limit, 3),
            line.unit.show(&next.increase, 3),
            display::monthly(&next.saves.0)
        ))
    });
    held.collect()
}

/// Peaks of what the job takes without which the plan would be better.
fn peaks(dep: &Deployment, plan: &Plan, name: &str) -> Vec<String> {
    let Some(job) = dep.jobs.iter().find(|job| job.name == name) else { return Vec::new() };
    let held = dep.peaks.iter().enumerate().filter_map(|(k, peak)| {
        if takes(job, peak.metric).is_zero() {
            return None;
        }
        let (_, free) = solve_with(dep, &BTreeSet::from([Rule::Peak(k)]), &BTreeMap::new())?;
        let saved = &plan.totals.objective.0 - &free.objective;
        let amount = peak.unit.show(&peak.amount, 3);
        let name = peak.metric.name();
        saved
            .is_positive()
            .then(|| format!("peak {name} {amount}: without it {} less", display::monthly(&saved)))
    });
    held.collect()
}

/// What the plan would cost if a run that it interrupts had to be in one piece.
fn in_one_piece(dep: &Deployment, plan: &Plan, choice: &JobChoice) -> Option<(String, String)> {
    if choice.pieces.is_empty() {
        return None;
    }
    let mut whole = dep.clone();
    whole.jobs.iter_mut().find(|job| job.name == choice.job)?.interruptible = false;
    let why = match solve_with(&whole, &BTreeSet::new(), &BTreeMap::new()) {
        Some((_, figures)) => words::compared(&(figures.objective - &plan.totals.objective.0)),
        None => "leaves no plan".to_owned(),
    };
    Some(("in one piece".to_owned(), why))
}

/// The objective's terms of one service.
fn terms(dep: &Deployment, plan: &Plan, service: &Service, variant: &str) -> Vec<(String, Exact)> {
    let Some(variant) = service.variants.iter().find(|v| v.name == variant) else {
        return Vec::new();
    };
    let names = Names::of(dep);
    let weights = &dep.strategy;
    let (mut machines, mut carbon, mut latency) =
        (Rational::zero(), Rational::zero(), Rational::zero());
    for node in &plan.nodes {
        let (Some(pods), Some(r), Some(t)) = (
            node.pods.get(&service.name),
            names.regions.get(node.region.as_str()),
            names.node_types.get(node.node_type.as_str()),
        ) else {
            continue;
        };
        let (region, node_type) = (&dep.regions[*r], &dep.node_types[*t]);
        let count = int(i64::from(node.count));
        let share = share(dep, plan, node, &service.name);
        let idle = crate::problem::idle_carbon(region, node_type);
        let pods = int(i64::from(*pods)) * &count;
        machines += &weights.cost_weight.0 * &node.price.0 * &count * &share;
        let busy = busy_carbon(region, node_type, &variant.requires, &variant.utilisation);
        let grams = idle * &count * &share + busy * &pods;
        carbon += carbon_cost(weights, &grams);
        let seconds = variant.latency.clone().unwrap_or_default().0 + &region.user_latency.0;
        latency += &weights.latency_weight.0 * &weights.latency_price.0 * seconds * pods;
    }
    vec![
        ("its share of machines".to_owned(), Exact(machines)),
        ("carbon".to_owned(), Exact(carbon)),
        ("latency".to_owned(), Exact(latency)),
        ("penalty of the variant".to_owned(), variant.penalty.clone()),
    ]
}

/// The part of a machine that falls to a service: by the resource each takes most of.
fn share(dep: &Deployment, plan: &Plan, node: &eclexia_model::NodeChoice, name: &str) -> Rational {
    let Some(kind) = dep.node_types.iter().find(|t| t.name == node.node_type) else {
        return Rational::zero();
    };
    let chosen = |service: &str| -> Option<&Variant> {
        let choice = plan.services.iter().find(|c| c.service == service)?;
        let service = dep.services.iter().find(|s| s.name == service)?;
        service.variants.iter().find(|v| v.name == choice.variant)
    };
    let weight = |service: &str, pods: u32| -> Rational {
        let Some(variant) = chosen(service) else { return Rational::zero() };
        let parts = Resource::ALL.into_iter().filter_map(|r| {
            let capacity = amount(&kind.capacity, r);
            capacity.is_positive().then(|| amount(&variant.requires, r) / capacity)
        });
        parts.max().unwrap_or_else(Rational::zero) * int(i64::from(pods))
    };
    let all: Rational = node.pods.iter().map(|(s, n)| weight(s, *n)).sum();
    let own = node.pods.get(name).map_or_else(Rational::zero, |n| weight(name, *n));
    if all.is_zero() { int(1) / int(node.pods.len().max(1) as i64) } else { own / all }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "`{}` is {}", self.name, self.choice)?;
        writeln!(f, "  because   {}", self.reason)?;
        for (what, rate) in self.terms.iter().filter(|(_, rate)| !rate.0.is_zero()) {
            writeln!(f, "  costs     {} {what}", display::monthly(&rate.0))?;
        }
        for (what, why) in &self.declined {
            writeln!(f, "  not       {what}: {why}")?;
        }
        for line in &self.binding {
            writeln!(f, "  held by   {line}")?;
        }
        Ok(())
    }
}

/// What forcing a choice leads to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct WhyNot {
    pub name: String,
    /// `variant fast`, `region aws/eu-west-1`, `node type m6i.large`
    pub choice: String,
    pub outcome: Outcome,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is what the plan has.
    Chosen,
    /// The best plan with it: by how much the objective is larger (US dollars per second), and
    /// what is different.
    Costs { difference: Exact, change: String },
    /// No plan has it: a smallest set of rules against it.
    Forbidden(Vec<Member>),
}

/// Why `name` is not planned with a variant, in a region, or on a node type.
pub fn why_not(
    dep: &Deployment,
    plan: &Plan,
    name: &str,
    choice: &str,
) -> Result<WhyNot, Diagnostic> {
    let Some(s) = dep.services.iter().position(|s| s.name == name) else {
        let known: Vec<&str> = dep.services.iter().map(|s| s.name.as_str()).collect();
        return Err(diagnostics::unknown_element("service", name, &known));
    };
    let service = &dep.services[s];
    let (forced, what) = if let Some(v) = service.variants.iter().position(|v| v.name == choice) {
        (Forced { variant: Some(v), ..Forced::default() }, "variant")
    } else if dep.regions.iter().any(|r| r.name == choice) {
        (Forced { region: Some(choice.to_owned()), ..Forced::default() }, "region")
    } else if dep.node_types.iter().any(|t| t.name == choice) {
        (Forced { node_type: Some(choice.to_owned()), ..Forced::default() }, "node type")
    } else {
        let mut known: Vec<&str> = service.variants.iter().map(|v| v.name.as_str()).collect();
        known.extend(dep.regions.iter().map(|r| r.name.as_str()));
        known.extend(dep.node_types.iter().map(|t| t.name.as_str()));
        return Err(diagnostics::unknown_element("variant, region or node type", choice, &known));
    };
    let forced = BTreeMap::from([(s, forced)]);
    let answer = |outcome| {
        let (name, choice) = (name.to_owned(), format!("{what} {choice}"));
        Ok(WhyNot { name, choice, outcome })
    };
    if is_chosen(plan, name, choice) {
        return answer(Outcome::Chosen);
    }
    answer(match solve_beside(dep, plan, &forced) {
        Some((there, figures)) => {
            let jobs = plan.jobs.clone();
            let here = Choices { services: plan.services.clone(), nodes: plan.nodes.clone(), jobs };
            Outcome::Costs {
                difference: Exact(figures.objective - &plan.totals.objective.0),
                change: words::change(&here, &there),
            }
        }
        None => Outcome::Forbidden(forbidding(dep, &forced)),
    })
}

fn is_chosen(plan: &Plan, name: &str, choice: &str) -> bool {
    let variant = plan.services.iter().any(|c| c.service == name && c.variant == choice);
    let mut machines = plan.nodes.iter().filter(|n| n.pods.contains_key(name)).peekable();
    let some = machines.peek().is_some();
    variant || (some && machines.all(|n| n.region == choice || n.node_type == choice))
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, choice) = (&self.name, &self.choice);
        match &self.outcome {
            Outcome::Chosen => writeln!(f, "`{name}` has {choice}: that is the plan."),
            Outcome::Costs { difference, change } => {
                let compared = words::compared(&difference.0);
                writeln!(f, "the best plan with `{name}` on {choice} costs {compared}:")?;
                writeln!(f, "  {change}")
            }
            Outcome::Forbidden(members) => {
                writeln!(f, "no plan has `{name}` on {choice}; what forbids it:")?;
                members.iter().try_for_each(|m| writeln!(f, "  {}", m.text))
            }
        }
    }
}

/// The plan of an edited deployment beside the plan it was asked of.
pub struct WhatIf {
    pub edit: String,
    /// The new plan, with its steps from the old one; none: `found` says why.
    pub plan: Option<Plan>,
    pub found: Diagnostics,
    /// New objective less the old one, US dollars per second.
    pub difference: Option<Exact>,
}

/// Plans `dep` with an edit, after `before`.
pub fn what_if(
    dep: &Deployment,
    before: &Plan,
    edit: &Edit,
    spans: &dyn OriginSpans,
) -> Result<WhatIf, Diagnostic> {
    let edited = edit.apply(dep)?;
    let beside = Some((before, Weighed::Nothing));
    let (after, found) = plan_beside(&edited, &before.module, beside, spans);
    let difference =
        after.as_ref().map(|p| Exact(&p.totals.objective.0 - &before.totals.objective.0));
    Ok(WhatIf { edit: edit.text.clone(), plan: after, found, difference })
}

impl fmt::Display for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(plan), Some(difference)) = (&self.plan, &self.difference) else {
            return writeln!(f, "with `{}` there is no plan:", self.edit);
        };
        if plan.steps.is_empty() && difference.0.is_zero() {
            return writeln!(f, "with `{}` the plan stays as it is.", self.edit);
        }
        writeln!(f, "with `{}` the plan costs {}:\n", self.edit, words::compared(&difference.0))?;
        f.write_str(&display::steps(plan))?;
        if plan.budgets.is_empty() {
            return Ok(());
        }
        f.write_str("\n")?;
        f.write_str(&display::budgets(&plan.budgets))
    }
}
