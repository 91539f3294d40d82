//! A plan that follows what is measured: the demand of services, the carbon intensity of regions.
//!
//! In: a deployment, the plan of it that runs, what is measured, what is aimed at. Out: the
//! deployment as it is measured, its best plan after the one that runs, and what is wrong with
//! going on as it is; and, where that plan takes too much of something, other deployments to plan
//! in its place.
//! Always holds: limits stay as they were declared, so that no measurement spends more than a
//! budget; the same measurements give the same plan; what the program says is kept beside what is
//! measured, and is what the next measurement begins from. Absent: when to follow, which is a
//! matter of time, and which of several plans to take.

use crate::OriginSpans;
use crate::evaluate::{Evaluated, evaluate};
use crate::plan::plan_by;
pub use crate::problem::Method;
use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_diag::Diagnostics;
use eclexia_model::{Deployment, Exact, Plan, Resource, Variant, display};
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;

/// What is measured; what is not in it stays as the program says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Measured {
    /// Service to requests per second, for services that have a demand.
    pub demand: BTreeMap<String, Rational>,
    /// Region to grams CO2e per joule.
    pub intensity: BTreeMap<String, Rational>,
}

/// What is least in what is best.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Objective {
    /// The sum that the program's strategy weighs.
    #[default]
    Weighted,
    Cost,
    Carbon,
    Latency,
}

/// What is aimed at, as far as it is not the program that says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aim {
    pub method: Method,
    pub objective: Objective,
    /// USD per gram; none: the program's.
    pub carbon_price: Option<Rational>,
    /// By how much money counts more than the strategy says, because something is scarce.
    pub dearness: Rational,
}

impl Default for Aim {
    fn default() -> Aim {
        let (method, objective) = (Method::Auto, Objective::Weighted);
        Aim { method, objective, carbon_price: None, dearness: Rational::one() }
    }
}

/// What could be done about what is measured.
#[derive(Clone, PartialEq, Debug)]
pub struct Advice {
    /// The deployment with what is measured in it.
    pub deployment: Deployment,
    pub plan: Plan,
    /// `web: small × 2 → large × 1`, for each service that is chosen otherwise.
    pub changes: Vec<String>,
    /// Services that are asked for more than what runs of them carries, with how much.
    pub lacks: Vec<String>,
    /// What the change saves of the objective, US dollars per second, and what part of it that is.
    /// None where what runs cannot be costed.
    pub saves: Option<(Exact, f64)>,
}

/// The deployment as it is measured, with what it was declared as beside it.
pub fn measured(dep: &Deployment, measured: &Measured, aim: &Aim) -> Deployment {
    let declared = dep.as_declared();
    let mut dep = Deployment { declared: Some(Box::new(declared.clone())), ..declared.clone() };
    for service in dep.services.iter_mut().filter(|service| service.demand.is_some()) {
        if let Some(demand) = measured.demand.get(&service.name) {
            service.demand = Some(Exact(demand.clone()));
        }
    }
    for region in &mut dep.regions {
        if let Some(intensity) = measured.intensity.get(&region.name) {
            region.carbon_intensity = Exact(intensity.clone());
        }
    }
    aimed(&mut dep, aim);
    dep
}

fn aimed(dep: &mut Deployment, aim: &Aim) {
    let strategy = &mut dep.strategy;
    if let Some(price) = &aim.carbon_price {
        strategy.carbon_price = Exact(price.clone());
    }
    strategy.cost_weight = Exact(&strategy.cost_weight.0 * &aim.dearness);
    let only = match aim.objective {
        Objective::Weighted => return,
        Objective::Cost => [1, 0, 0],
        Objective::Carbon => [0, 1, 0],
        Objective::Latency => [0, 0, 1],
    };
    let [cost, carbon, latency] = only.map(Exact::int);
    (strategy.cost_weight, strategy.carbon_weight) = (cost, carbon);
    strategy.latency_weight = latency;
    // What is alone needs no price, but must have one that is more than nothing.
    for price in [&mut strategy.carbon_price, &mut strategy.latency_price] {
        if !price.0.is_positive() {
            *price = Exact::int(1);
        }
    }
    let variants = dep.services.iter_mut().flat_map(|service| &mut service.variants);
    variants.for_each(|variant| variant.penalty = Exact::int(0));
}

/// The best plan for what is measured, beside the one that runs. No plan comes with the reason.
pub fn adapt(
    dep: &Deployment,
    runs: &Plan,
    seen: &Measured,
    aim: &Aim,
    spans: &dyn OriginSpans,
) -> (Option<Advice>, Diagnostics) {
    advise(measured(dep, seen, aim), runs, aim.method, spans)
}

/// The same for a deployment with what is measured in it.
pub fn advise(
    deployment: Deployment,
    runs: &Plan,
    method: Method,
    spans: &dyn OriginSpans,
) -> (Option<Advice>, Diagnostics) {
    let (found, diagnostics) = plan_by(method, &deployment, runs, spans);
    let advice = found.map(|plan| {
        let now = costed(&deployment, runs);
        let saves = now.map(|now| {
            let saved = &now.objective - &plan.totals.objective.0;
            let part = match now.objective.is_positive() {
                true => Exact(&saved / &now.objective).to_f64(),
                false => 0.0,
            };
            (Exact(saved), part)
        });
        let (changes, lacks) = (changes(runs, &plan), lacks(&deployment, runs));
        Advice { deployment, plan, changes, lacks, saves }
    });
    (advice, diagnostics)
}

/// What a plan costs in a deployment that it need not be of.
pub fn costed(dep: &Deployment, plan: &Plan) -> Option<Evaluated> {
    evaluate(dep, &plan.services, &plan.nodes, &plan.jobs)
}

/// Deployments to plan where the best plan takes too much of something: as measured, but for one
/// service of which there is only one variant.
pub fn alternatives(dep: &Deployment) -> Vec<Deployment> {
    let mut others = Vec::new();
    for (s, service) in dep.services.iter().enumerate().filter(|(_, s)| s.variants.len() > 1) {
        others.extend(service.variants.iter().map(|variant| {
            let mut other = dep.clone();
            other.services[s].variants = vec![variant.clone()];
            other
        }));
    }
    others
}

/// Deployments to plan where nothing that carries the demand will do: with ever less of the demand
/// (in quarters), of all variants, and of those that require the least of something.
pub fn degraded(dep: &Deployment) -> Vec<Deployment> {
    let mut others = Vec::new();
    for quarters in (0..4).rev() {
        let mut less = dep.clone();
        for service in &mut less.services {
            let part = |demand: &Exact| Exact(&demand.0 * int(quarters) / int(4));
            service.demand = service.demand.as_ref().map(part).filter(|d| d.0.is_positive());
        }
        for resource in [Resource::Cpu, Resource::Memory] {
            let mut lean = less.clone();
            for service in &mut lean.services {
                let takes = |v: &Variant| v.requires.get(&resource).cloned().unwrap_or_default();
                let least = service.variants.iter().min_by_key(|v| takes(v).0);
                service.variants = least.cloned().into_iter().collect();
            }
            others.push(lean);
        }
        others.push(less);
    }
    others
}

/// What part of its demand the service carries that carries the least of its own; 1 where all is
/// carried.
pub fn carried(dep: &Deployment, plan: &Plan) -> f64 {
    let parts = dep.services.iter().filter_map(|service| {
        let demand = service.demand.as_ref().filter(|demand| demand.0.is_positive())?;
        let carries = carries(dep, plan, &service.name)?;
        Some(Exact(carries / &demand.0).to_f64())
    });
    parts.fold(1.0, f64::min)
}

/// Requests a second that a plan's replicas of a service take; none: as many as may come.
fn carries(dep: &Deployment, plan: &Plan, service: &str) -> Option<Rational> {
    let choice = plan.services.iter().find(|choice| choice.service == service)?;
    let of = dep.as_declared().services.iter().find(|of| of.name == service)?;
    let variant = of.variants.iter().find(|variant| variant.name == choice.variant)?;
    let each = variant.throughput.as_ref().filter(|each| !each.0.is_zero())?;
    Some(&each.0 * int(i64::from(choice.replicas)))
}

fn changes(runs: &Plan, plan: &Plan) -> Vec<String> {
    let is = plan.services.iter().filter_map(|choice| {
        let before = runs.services.iter().find(|before| before.service == choice.service)?;
        let is_same = before.variant == choice.variant && before.replicas == choice.replicas;
        (!is_same).then(|| {
            format!(
                "{}: {} × {} → {} × {}",
                choice.service, before.variant, before.replicas, choice.variant, choice.replicas
            )
        })
    });
    is.collect()
}

/// Services that are asked for more than their replicas carry.
pub fn lacks(dep: &Deployment, runs: &Plan) -> Vec<String> {
    let short = dep.services.iter().filter_map(|service| {
        let demand = service.demand.as_ref()?;
        let carried = carries(dep, runs, &service.name)?;
        (demand.0 > carried).then(|| {
            let shown = |amount: &Rational| eclexia_base::number::to_decimal(amount, 1);
            format!(
                "{} is asked {} times a second and carries {}",
                service.name,
                shown(&demand.0),
                shown(&carried)
            )
        })
    });
    short.collect()
}

impl Advice {
    /// Why it is followed, in one line.
    pub fn reason(&self) -> String {
        let changes = self.changes.join(", ");
        match (&self.lacks[..], &self.saves) {
            ([], Some((saves, _))) => format!("{changes}: saves {}", display::monthly(&saves.0)),
            ([], None) => changes,
            (lacks, _) => format!("{changes}: {}", lacks.join(", ")),
        }
    }
}
