//! The model's own evaluator: what a plan costs and uses, computed from deployment and plan alone,
//! exactly. It shares no code with the optimiser's problem, so that a plan is never believed on the
//! word of what made it.

use crate::problem::{Names, SECONDS_PER_DAY, busy_carbon, idle_carbon};
use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_model::{Deployment, Exact, JobChoice, Metric, NodeChoice, Resource, ServiceChoice};
use num_traits::Zero;

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
                    used += job.requires.get(&resource).cloned().unwrap_or_default().0;
                }
                used
            }
        };
        sum.used.push(used);
    }
    Some(sum)
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
