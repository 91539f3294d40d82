//! Deployments with too many ways to fill a machine to list them: searched, bounded, explained.

use crate::fixture::{Places, deployment, job, limit, requires, service};
use eclexia_base::number::to_f64;
use eclexia_model::{Deployment, Metric, Plan};
use eclexia_plan::plan;
use eclexia_plan::problem::map;
use std::collections::{BTreeMap, BTreeSet};

/// Services that all differ, on machines that hold many of them.
fn crowd(limits: Vec<eclexia_model::Limit>) -> Deployment {
    let services = (0..24).map(|i| {
        let requires = requires(90 + 37 * (i * 7 % 24), 200 + 61 * (i * 11 % 24));
        service(&format!("s{i}"), (1 + (i % 2) as u32, 3), requires, 100 + i as u32)
    });
    let mut dep = deployment(services.collect(), limits);
    for kind in &mut dep.node_types {
        kind.capacity.values_mut().for_each(|amount| amount.0 *= eclexia_base::number::int(4));
    }
    dep.jobs.push(job("night", 4, 2, 20));
    dep
}

fn planned(dep: &Deployment) -> Plan {
    let (made, found) = plan(dep, "crowd", None, &Places);
    made.unwrap_or_else(|| panic!("{found:?}"))
}

#[test]
fn a_crowd_is_planned_with_a_bound() {
    let dep = crowd(vec![limit(Metric::Cost, 5000, 1), limit(Metric::Carbon, 900, 2)]);
    let mapped = map(&dep, &BTreeSet::new(), &BTreeMap::new());
    assert!(mapped.planner().expect("not too large").is_searched());
    let made = planned(&dep);
    let gap = to_f64(&made.totals.gap.0);
    assert!(gap < 0.05, "a gap of {gap}");
    assert_eq!(made.services.len(), 24);
    let pods: u32 = made.nodes.iter().flat_map(|n| n.pods.values().map(|p| p * n.count)).sum();
    assert_eq!(pods, made.services.iter().map(|s| s.replicas).sum::<u32>());
    assert_eq!(planned(&dep), made, "equal input gives equal plans");
}

#[test]
fn a_crowd_without_the_money_is_told_what_it_needs() {
    let dep = crowd(vec![limit(Metric::Cost, 20, 1)]);
    let (made, found) = plan(&dep, "crowd", None, &Places);
    assert!(made.is_none());
    let found = found.into_iter().next().expect("a reason");
    assert_eq!(found.code, "infeasible-placement");
    let raised = found.fixes[0].edits[0].text.strip_suffix("USD/month");
    let raised: i64 = raised.and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{found:#?}"));
    // With what it says there is a plan.
    planned(&crowd(vec![limit(Metric::Cost, raised, 1)]));
}
