//! Choices, proofs, steps.

use crate::fixture::*;
use eclexia_base::number::int;
use eclexia_model::*;
use eclexia_plan::plan;

fn planned(dep: &Deployment) -> Plan {
    let (plan, found) = plan(dep, "shop", None, &Places);
    assert!(found.is_empty(), "{found:#?}");
    plan.expect("a plan")
}

#[test]
fn the_store_is_planned_with_a_proof() {
    let dep = store();
    let made = planned(&dep);
    println!("{}", serde_json::to_string_pretty(&made).expect("json"));
    assert_eq!(made.totals.gap, Exact::int(0));
    assert!(made.totals.bound <= made.totals.objective);
    assert_eq!(made.services.len(), 2);
    assert_eq!(made.budgets.len(), 4);
    assert!(made.budgets.iter().all(|b| b.used <= b.limit));
    assert_eq!(made.steps.len(), made.nodes.len() + 2);
}

#[test]
fn planning_again_changes_nothing_and_gives_the_same_bytes() {
    let dep = store();
    let first = planned(&dep);
    assert_eq!(first, planned(&dep));
    let (second, _) = plan(&dep, "shop", Some(&first), &Places);
    let second = second.expect("a plan");
    assert_eq!(second.steps, vec![]);
    assert_eq!(second.parent, Some(first.id.clone()));
    assert_eq!(second.nodes, first.nodes);
}

#[test]
fn a_job_waits_for_the_clean_hours() {
    let mut dep = store();
    dep.limits.clear();
    let hourly = |h: i64| Exact::ratio(if (10..16).contains(&h) { 50 } else { 500 }, 3_600_000);
    for region in &mut dep.regions {
        region.hourly_intensity = (0..24).map(hourly).collect();
    }
    dep.jobs.push(job("train", 16, 4, 24));
    let made = planned(&dep);
    assert_eq!(made.jobs[0].hours, 4);
    assert_eq!(made.jobs[0].start_hour, 10, "{:?}", made.jobs);
    dep.jobs[0].deferrable = false;
    assert_eq!(planned(&dep).jobs[0].start_hour, 0);
}

#[test]
fn replicas_are_spread_over_zones() {
    let mut dep = store();
    dep.limits.clear();
    dep.services[0].variants.truncate(1);
    (dep.services[0].replicas.min, dep.services[0].replicas.max) = (3, 3);
    dep.services[0].min_zones = 3;
    let made = planned(&dep);
    let zones: std::collections::BTreeSet<_> = made
        .nodes
        .iter()
        .filter(|n| n.pods.contains_key("api"))
        .map(|n| (n.region.clone(), n.zone))
        .collect();
    assert_eq!(zones.len(), 3, "{:#?}", made.nodes);
}

#[test]
fn a_tight_budget_has_a_price_and_a_next_step() {
    let mut dep = store();
    // `small` alone fits: six pods of a quarter core beside the database.
    dep.limits[0] = limit(Metric::Of(Resource::Cpu), 4, 2);
    dep.strategy.latency_price = Exact::ratio(1, 1000);
    let made = planned(&dep);
    assert_eq!(made.services[0].variant, "fast");
    dep.limits[0].amount = Exact(int(39) / int(10));
    let tight = planned(&dep);
    assert_eq!(tight.services[0].variant, "small");
    let line = &tight.budgets[0];
    let next = line.price.next_step.clone().expect("a next step");
    assert_eq!(next.increase, Exact::ratio(1, 10));
    let saved = &tight.totals.objective.0 - &made.totals.objective.0;
    assert_eq!(next.saves.0, saved, "{next:?}");
    assert!(line.price.sell.clone().expect("feasible below") >= line.price.buy);
    assert!(line.price.buy > Exact::int(0));
}

#[test]
fn a_saved_plan_is_read_back_and_an_altered_one_refused() {
    let made = planned(&store());
    println!("{}\n{}\n{}", display::plan(&made), display::prices(&made), display::declined(&made));
    let bytes = made.to_json();
    assert_eq!(Plan::from_json(&bytes), Ok(made.clone()));
    let text = String::from_utf8(bytes).expect("JSON is text");
    let altered = text.replacen("\"replicas\": 2", "\"replicas\": 3", 1);
    assert_ne!(altered, text);
    let error = Plan::from_json(altered.as_bytes()).expect_err("altered");
    assert_eq!(eclexia_plan::plan_error(&error).code, "plan-altered");
    let other = text.replacen("eclexia-plan/1", "eclexia-plan/9", 1);
    let deep = "[".repeat(100_000);
    for bad in [other.as_str(), "", "{}", deep.as_str(), "{\"format\": \"eclexia-plan/1\"}"] {
        let error = Plan::from_json(bad.as_bytes()).expect_err("no plan");
        assert_eq!(eclexia_plan::plan_error(&error).code, "plan-format");
    }
}
