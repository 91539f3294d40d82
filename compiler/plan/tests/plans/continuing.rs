//! Plans after plans: what stays, what moves, what that costs.

use crate::fixture::*;
use eclexia_model::*;
use eclexia_plan::plan;

fn planned(dep: &Deployment, parent: Option<&Plan>) -> Plan {
    let (plan, found) = plan(dep, "shop", parent, &Places);
    assert!(found.is_empty(), "{found:#?}");
    plan.expect("a plan")
}

/// Without limits, and what it runs at first.
fn running() -> (Deployment, Plan) {
    let mut dep = store();
    dep.limits.clear();
    let plan = planned(&dep, None);
    (dep, plan)
}

/// The offers that a plan uses become twice as dear.
fn dearer(dep: &mut Deployment, plan: &Plan) {
    for offer in &mut dep.offers {
        let is_used = |n: &NodeChoice| n.region == offer.region && n.node_type == offer.node_type;
        if plan.nodes.iter().any(is_used) {
            offer.price = Exact(&offer.price.0 * eclexia_base::number::int(2));
        }
    }
}

fn number(n: u64) -> eclexia_base::Rational {
    eclexia_base::number::int(i64::try_from(n).expect("few"))
}

#[test]
fn what_runs_moves_where_moving_costs_nothing_and_stays_where_it_costs_much() {
    let (mut dep, before) = running();
    dearer(&mut dep, &before);
    let free = planned(&dep, Some(&before));
    let moves = free.moves.clone().expect("it runs");
    assert!(moves.moved > 0 && moves.forgone == Exact::int(0), "{moves:?}");
    let runs = moves.kept + moves.stopped;
    dep.movement = Movement { cost: Exact::int(1000), over: Exact::int(MONTH) };
    let held = planned(&dep, Some(&before));
    assert_eq!(held.nodes.len(), before.nodes.len());
    let moves = held.moves.clone().expect("it runs");
    assert_eq!((moves.moved, moves.kept), (0, runs));
    assert_eq!(moves.forgone.0, &held.totals.objective.0 - &free.totals.objective.0);
    assert_eq!(moves.forgone_moves, free.moves.as_ref().map_or(0, |m| m.moved));
    assert!(held.nodes.iter().any(|n| n.reason.starts_with("goes on where it runs")), "{held:?}");
    // A cheaper move is paid for where it is worth it.
    dep.movement.cost = Exact::ratio(1, 1000);
    let paid = planned(&dep, Some(&before)).moves.expect("it runs");
    assert!(paid.moved > 0 && paid.cost.0 == &dep.movement.cost.0 * number(paid.moved));
}

#[test]
fn a_disruption_budget_holds_one_service_where_it_is() {
    let (mut dep, before) = running();
    dearer(&mut dep, &before);
    let free = planned(&dep, Some(&before));
    let of = |plan: &Plan, name: &str| -> Vec<(String, u32, String)> {
        let with = plan.nodes.iter().filter(|n| n.pods.contains_key(name));
        with.map(|n| (n.region.clone(), n.zone, n.node_type.clone())).collect()
    };
    let name = dep.services[0].name.clone();
    assert_ne!(of(&free, &name), of(&before, &name));
    dep.services[0].disruption_budget = Some(DisruptionBudget { most: 0, origin: Origin(9) });
    let held = planned(&dep, Some(&before));
    assert_eq!(of(&held, &name), of(&before, &name));
    assert!(held.totals.objective > free.totals.objective);
}

#[test]
fn moves_that_have_to_be_are_refused_with_their_number() {
    let (mut dep, before) = running();
    let (a, b) = (dep.services[0].name.clone(), dep.services[1].name.clone());
    dep.conflicts = vec![Pair { a, b, origin: Origin(0) }];
    let free = planned(&dep, Some(&before));
    assert!(free.moves.is_some_and(|m| m.moved > 0));
    for service in &mut dep.services {
        service.disruption_budget = Some(DisruptionBudget { most: 0, origin: Origin(7) });
    }
    let (none, found) = plan(&dep, "shop", Some(&before), &Places);
    assert!(none.is_none());
    let first = found.iter().next().expect("a refusal");
    assert_eq!(first.code, "disruption-exceeded");
    assert!(format!("{first:?}").contains(":disruption-budget 1"), "{first:?}");
}

#[test]
fn machines_keep_their_names_and_what_stays_has_no_step() {
    let (mut dep, before) = running();
    dep.movement = Movement { cost: Exact::int(10), over: Exact::int(MONTH) };
    let more = dep.services[0].replicas.min + 1;
    (dep.services[0].replicas.min, dep.services[0].replicas.max) = (more, more);
    let after = planned(&dep, Some(&before));
    let moves = after.moves.clone().expect("it runs");
    assert_eq!((moves.moved, moves.stopped, moves.started), (0, 0, 1));
    for node in &before.nodes {
        assert!(after.nodes.iter().any(|n| n.address == node.address), "{node:?}");
    }
    assert!(after.steps.iter().all(|step| step.action != Action::Destroy));
}

#[test]
fn a_new_image_restarts_pods_and_is_no_move() {
    let (mut dep, before) = running();
    dearer(&mut dep, &before);
    dep.movement = Movement { cost: Exact::int(1000), over: Exact::int(MONTH) };
    for service in &mut dep.services {
        service.image = "new:2".to_owned();
        service.disruption_budget = Some(DisruptionBudget { most: 0, origin: Origin(9) });
    }
    let after = planned(&dep, Some(&before));
    let moves = after.moves.expect("it runs");
    assert_eq!((moves.moved, moves.kept), (0, 0));
    assert!(moves.started > 0 && moves.forgone == Exact::int(0));
    // A plan that was saved before pods were told apart says as much by the whole service.
    let mut old = before;
    old.services.iter_mut().for_each(|choice| choice.pod.clear());
    let same = planned(&dep, Some(&old)).moves.expect("it runs");
    assert_eq!((same.moved, same.kept), (0, 0));
}
