//! Plans that follow what is measured.

use crate::fixture::*;
use eclexia_base::number::int;
use eclexia_model::*;
use eclexia_plan::adapt::{
    Advice, Aim, Measured, Method, Objective, adapt, alternatives, carried, degraded, measured,
};
use eclexia_plan::plan;

/// A service of up to four replicas, each small (10 a second) or large (100 a second).
fn shop(demand: i64, cores: i64) -> Deployment {
    let mut web = service("web", (1, 4), requires(250, 256), 1);
    web.demand = Some(Exact::int(demand));
    let sized = |name: &str, millicores, rate| Variant {
        throughput: Some(Exact::int(rate)),
        ..variant("web", name, requires(millicores, 256))
    };
    web.variants = vec![sized("small", 250, 10), sized("large", 3000, 100)];
    deployment(vec![web], vec![limit(Metric::Of(Resource::Cpu), cores, 2)])
}

fn runs(dep: &Deployment) -> Plan {
    plan(dep, "shop", None, &Places).0.expect("a plan")
}

fn asked(rate: i64) -> Measured {
    Measured { demand: [("web".to_owned(), int(rate))].into(), ..Measured::default() }
}

fn advice(dep: &Deployment, seen: &Measured) -> Advice {
    let (advice, found) = adapt(dep, &runs(dep), seen, &Aim::default(), &Places);
    assert!(found.is_empty(), "{found:#?}");
    advice.expect("a plan")
}

#[test]
fn what_is_measured_as_it_was_planned_changes_nothing() {
    let dep = shop(10, 16);
    let same = advice(&dep, &asked(10));
    assert!(same.changes.is_empty() && same.lacks.is_empty(), "{same:?}");
    assert_eq!(same.saves.map(|(saves, _)| saves), Some(Exact::int(0)));
}

#[test]
fn more_demand_is_met_by_replicas_then_by_another_variant() {
    let dep = shop(10, 16);
    let more = advice(&dep, &asked(35));
    assert_eq!(more.changes, ["web: small × 1 → small × 4"]);
    assert_eq!(more.lacks, ["web is asked 35 times a second and carries 10"]);
    let most = advice(&dep, &asked(90));
    assert_eq!(most.changes, ["web: small × 1 → large × 1"]);
    assert!(most.reason().contains("asked 90 times"), "{}", most.reason());
}

#[test]
fn less_demand_saves_what_is_not_needed() {
    let dep = shop(90, 16);
    let less = advice(&dep, &asked(5));
    assert_eq!(less.changes, ["web: large × 1 → small × 1"]);
    assert!(less.lacks.is_empty());
    let (saves, part) = less.saves.clone().expect("it is costed");
    assert!(saves.0 > int(0) && (0.0..1.0).contains(&part), "{less:?}");
    assert!(less.reason().contains("saves"), "{}", less.reason());
}

#[test]
fn a_cleaner_region_is_moved_to() {
    let mut dep = shop(10, 16);
    dep.strategy.carbon_price = Exact::int(1);
    let here = runs(&dep).nodes[0].region.clone();
    assert_eq!(here, "far");
    let dirty = Measured {
        intensity: [("far".to_owned(), int(1)), ("near".to_owned(), int(0))].into(),
        ..Measured::default()
    };
    let moved = advice(&dep, &dirty);
    assert_eq!(moved.plan.nodes[0].region, "near");
    assert!(moved.changes.is_empty(), "{:?}", moved.changes);
}

#[test]
fn no_measurement_spends_more_than_a_budget() {
    let dep = shop(10, 1);
    let (none, found) = adapt(&dep, &runs(&dep), &asked(90), &Aim::default(), &Places);
    assert!(none.is_none() && found.has_errors(), "{found:#?}");
    for rate in 0..40 {
        let advice = advice(&dep, &asked(rate));
        assert!(advice.plan.budgets.iter().all(|line| line.used <= line.limit), "{rate}");
    }
}

#[test]
fn the_next_measurement_begins_from_what_the_program_says() {
    let dep = shop(10, 16);
    let first = advice(&dep, &asked(90));
    let aim = Aim { objective: Objective::Carbon, ..Aim::default() };
    let other = measured(&first.deployment, &asked(20), &aim);
    assert_eq!(other.declared.as_deref(), Some(&dep));
    assert_eq!(other.as_declared().services[0].demand, Some(Exact::int(10)));
    assert_eq!(other.strategy.cost_weight, Exact::int(0));
    let again = measured(&other, &Measured::default(), &Aim::default());
    assert_eq!(Deployment { declared: None, ..again }, dep);
}

#[test]
fn an_aim_decides_what_is_least() {
    let mut dep = shop(10, 16);
    // The large one is worth a little to its users.
    dep.services[0].variants[0].penalty = Exact::ratio(1, 1000);
    let best = |aim: &Aim| {
        let (advice, found) = adapt(&dep, &runs(&dep), &asked(10), aim, &Places);
        assert!(found.is_empty(), "{found:#?}");
        advice.expect("a plan").plan.services[0].variant.clone()
    };
    assert_eq!(best(&Aim::default()), "large");
    for objective in [Objective::Cost, Objective::Carbon] {
        assert_eq!(best(&Aim { objective, ..Aim::default() }), "small", "{objective:?}");
    }
    assert_eq!(best(&Aim { dearness: int(1_000_000), ..Aim::default() }), "small");
    let dear = Aim { carbon_price: Some(int(1_000)), ..Aim::default() };
    dep.strategy.carbon_weight = Exact::int(1);
    let (advice, _) = adapt(&dep, &runs(&dep), &asked(10), &dear, &Places);
    assert_eq!(advice.expect("a plan").plan.services[0].variant, "small");
}

#[test]
fn a_plan_is_found_the_way_that_is_asked_for() {
    let dep = shop(10, 16);
    for method in [Method::Auto, Method::BranchAndBound, Method::Search] {
        let aim = Aim { method, ..Aim::default() };
        let (advice, found) = adapt(&dep, &runs(&dep), &asked(35), &aim, &Places);
        assert!(found.is_empty(), "{found:#?}");
        assert_eq!(advice.expect("a plan").changes, ["web: small × 1 → small × 4"], "{method:?}");
    }
}

#[test]
fn there_are_other_deployments_where_the_best_one_takes_too_much() {
    let dep = measured(&shop(10, 16), &asked(90), &Aim::default());
    let one = |dep: &Deployment| dep.services[0].variants.len();
    assert_eq!(alternatives(&dep).iter().map(one).collect::<Vec<_>>(), [1, 1]);
    let less = degraded(&dep);
    assert_eq!(less.len(), 12);
    assert!(less.iter().all(|d| d.declared.as_deref() == dep.declared.as_deref()));
    let demand = |d: &Deployment| d.services[0].demand.clone().map(|d| d.to_f64());
    assert_eq!((demand(&less[0]), demand(&less[11])), (Some(67.5), None));
    let none = runs(less.last().expect("twelve"));
    assert!((carried(&dep, &none) - 10.0 / 90.0).abs() < 1e-12);
    assert_eq!(carried(&dep, &runs(&dep)), 1.0);
}
