//! A plan that follows what is measured: the demand of services, the carbon intensity of regions.
//!
//! In: a deployment, the plan of it that runs, what is measured. Out: the deployment as it is
//! measured, its best plan after the one that runs, and what is wrong with going on as it is.
//! Always holds: limits stay as they were declared, so that no measurement spends more than a
//! budget; the same measurements give the same plan. Absent: when to follow, which is a matter of
//! time.

use crate::evaluate::evaluate;
use crate::{OriginSpans, plan};
use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_diag::Diagnostics;
use eclexia_model::{Deployment, Exact, Plan, display};
use num_traits::{Signed, Zero};
use std::collections::BTreeMap;

/// What is measured; what is not in it stays as the program says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Measured {
    /// Service to requests per second, for services that have a demand.
    pub demand: BTreeMap<String, Rational>,
    /// Region to grams CO2e per joule.
    pub intensity: BTreeMap<String, Rational>,
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

/// The deployment as it is measured.
pub fn measured(dep: &Deployment, measured: &Measured) -> Deployment {
    let mut dep = dep.clone();
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
    dep
}

/// The best plan for what is measured, beside the one that runs. No plan comes with the reason.
pub fn adapt(
    dep: &Deployment,
    runs: &Plan,
    seen: &Measured,
    spans: &dyn OriginSpans,
) -> (Option<Advice>, Diagnostics) {
    let deployment = measured(dep, seen);
    let (found, diagnostics) = plan(&deployment, &runs.module, Some(runs), spans);
    let advice = found.map(|plan| {
        let now = evaluate(&deployment, &runs.services, &runs.nodes, &runs.jobs);
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
fn lacks(dep: &Deployment, runs: &Plan) -> Vec<String> {
    let short = dep.services.iter().filter_map(|service| {
        let demand = service.demand.as_ref()?;
        let choice = runs.services.iter().find(|choice| choice.service == service.name)?;
        let variant = service.variants.iter().find(|variant| variant.name == choice.variant)?;
        let each = variant.throughput.as_ref().filter(|each| !each.0.is_zero())?;
        let carried = &each.0 * int(i64::from(choice.replicas));
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
