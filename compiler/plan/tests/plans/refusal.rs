//! Deployments without a plan: the smallest conflicting set, the repair, funding.

use crate::fixture::*;
use eclexia_model::*;
use eclexia_plan::infeasible::{conflict, is_feasible, smallest};
use eclexia_plan::problem::Rule;
use eclexia_plan::{check_funding, plan};
use std::collections::BTreeSet;

fn refused(dep: &Deployment) -> eclexia_diag::Diagnostic {
    let (plan, found) = plan(dep, "shop", None, &Places);
    assert!(plan.is_none());
    found.into_iter().next().expect("a reason")
}

#[test]
fn too_little_money_names_the_limit_and_what_to_raise_it_to() {
    let mut dep = store();
    dep.limits[2] = limit(Metric::Cost, 100, 4);
    let found = refused(&dep);
    assert_eq!(found.code, "infeasible-placement");
    assert_eq!(found.fixes[0].edits[0].text, "115USD/month", "{found:#?}");
    let rules: Vec<Rule> = conflict(&dep).members.iter().map(|m| m.rule).collect();
    assert!(rules.contains(&Rule::Limit(2)), "{rules:?}");
    // With the repair made there is a plan.
    dep.limits[2] = limit(Metric::Cost, 115, 4);
    assert!(is_feasible(&dep, &BTreeSet::new()));
}

#[test]
fn a_pod_larger_than_any_machine_is_named_with_the_largest_one() {
    let mut dep = store();
    dep.limits.clear();
    dep.services[1].variants[0].requires = requires(40_000, 1024);
    let found = refused(&dep);
    assert_eq!(found.code, "infeasible-placement");
    let words = found.primary.expect("a place").text;
    assert_eq!(words, "`db` needs 40cpu, 1GiB; the largest machine, large, has 16cpu");
}

#[test]
fn a_demand_that_no_variant_covers_is_told_apart() {
    let mut dep = store();
    dep.services[0].demand = Some(Exact::int(5000));
    let found = refused(&dep);
    assert_eq!(found.code, "demand-unmet");
    assert_eq!(found.help.as_deref(), Some("Let `api` have 13 replicas."));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how many are tried is a setting")]
fn conflicting_sets_are_minimal() {
    let mut refusals = 0;
    // More of them: `ECLEXIA_CONFLICTS=5000 cargo test -p eclexia-plan conflicting`.
    let seeds = std::env::var("ECLEXIA_CONFLICTS").ok().and_then(|seeds| seeds.parse().ok());
    for seed in 0..seeds.unwrap_or(60u32) {
        let mut dep = store();
        // SplitMix64 (Steele, Lea and Flood 2014), from a place for each question.
        let n = |k: u32, m: u32| {
            let mut z = (u64::from(seed) << 8 | u64::from(k)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) % u64::from(m)) as u32
        };
        dep.limits[2] = limit(Metric::Cost, 60 + 20 * i64::from(n(1, 5)), 4);
        dep.limits[0] = limit(Metric::Of(Resource::Cpu), 3 + i64::from(n(2, 3)), 2);
        dep.services[0].min_zones = 1 + n(3, 3);
        if n(4, 2) == 0 {
            dep.services[0].max_latency = Some(Exact::ratio(31, 1000));
        }
        if n(5, 3) == 0 {
            dep.services[1].regions = vec!["far".to_owned()];
            let (a, b) = ("api".to_owned(), "db".to_owned());
            dep.together.push(Pair { a, b, origin: Origin(40) });
        }
        let (api, db) = (dep.services[0].name.clone(), dep.services[1].name.clone());
        match n(6, 4) {
            0 => dep.conflicts.push(Pair { a: api, b: db, origin: Origin(41) }),
            1 => {
                let within = Exact::ratio(1, 1000);
                dep.near.push(Near { a: api, b: db, within, origin: Origin(42) });
            }
            _ => {}
        }
        if n(7, 3) == 0 {
            dep.services[0].max_per_node = Some(1);
        }
        if n(8, 3) == 0 {
            dep.services[0].demand = Some(Exact::int(i64::from(100 * n(9, 20))));
        }
        if n(10, 3) == 0 {
            dep.offers.iter_mut().for_each(|offer| offer.limit = Some(1));
        }
        if is_feasible(&dep, &BTreeSet::new()) {
            continue;
        }
        refusals += 1;
        let kept = smallest(&dep, &BTreeSet::new());
        // The rules outside the set are what was left out.
        let outside: BTreeSet<Rule> =
            every_rule(&dep).into_iter().filter(|r| !kept.contains(r)).collect();
        assert!(!is_feasible(&dep, &outside), "seed {seed}: {kept:?}");
        for rule in &kept {
            let mut fewer = outside.clone();
            fewer.insert(*rule);
            assert!(is_feasible(&dep, &fewer), "seed {seed}: {kept:?} without {rule:?}");
        }
    }
    assert!(refusals > 10, "{refusals}");
}

fn every_rule(dep: &Deployment) -> Vec<Rule> {
    let mut all: Vec<Rule> = (0..dep.limits.len()).map(Rule::Limit).collect();
    all.extend((0..dep.together.len()).map(Rule::Together));
    all.extend((0..dep.conflicts.len()).map(Rule::Conflict));
    all.extend((0..dep.near.len()).map(Rule::Near));
    all.extend((0..dep.offers.len()).map(Rule::OfferLimit));
    for s in 0..dep.services.len() {
        all.extend([Rule::Service(s), Rule::Demand(s), Rule::Replicas(s), Rule::Zones(s)]);
        all.extend([Rule::PerNode(s), Rule::Regions(s), Rule::Latency(s)]);
    }
    all
}

#[test]
fn an_account_that_all_deployments_together_overdraw_lists_who_takes_what() {
    let mut dep = store();
    dep.services[0].demand = None;
    dep.services[0].variants.truncate(1);
    let limits = vec![limit(Metric::Of(Resource::Cpu), 3, 2)];
    let account = Account {
        name: "team".to_owned(),
        limits,
        parent: None,
        draws: Vec::new(),
        origin: Origin(1),
    };
    let mut model =
        Model { module: "shop".to_owned(), accounts: vec![account], deployments: vec![dep] };
    let found = check_funding(&model, &Places);
    let found = found.iter().next().expect("overspent");
    assert_eq!(found.code, "budget-overspent");
    assert_eq!(found.message, "`team` has 3cpu of :cpu, its services take 4cpu");
    let labels: Vec<&str> = found.labels.iter().map(|l| l.text.as_str()).collect();
    assert_eq!(labels, ["`api` takes 2cpu, 2 × 1cpu", "`db` takes 2cpu"]);
    assert_eq!(found.help.as_deref(), Some("Raise :cpu to 4cpu, or give `api` a smaller variant."));
    assert_eq!(found.fixes[0].edits[0].text, "4cpu");
    model.accounts[0].limits[0] = limit(Metric::Of(Resource::Cpu), 4, 2);
    assert!(check_funding(&model, &Places).is_empty());
}
