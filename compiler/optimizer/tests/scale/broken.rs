//! Each rule broken by hand: the judge names it, and nothing else.

use super::random;
use eclexia_optimizer::placement::{
    Budget, Instance, Machines, Metric, Near, Solution, Variant, Violation, evaluate,
};

/// Two services of two pods each, anywhere.
pub fn instance() -> Instance {
    let mut instance = random::instance(0);
    let mut service = instance.services[0].clone();
    service.regions = vec![0, 1];
    (service.max_per_node, service.min_zones) = (2, 1);
    service.variants = vec![Variant {
        replicas: 2,
        request: [400, 500, 0, 10],
        archs: vec![0, 1],
        gpu_models: Vec::new(),
        utilisation: 0.5,
        penalty: 0.0,
    }];
    instance.services = vec![service.clone(), service];
    instance.conflicts.clear();
    instance.together.clear();
    instance.near.clear();
    instance.budgets.clear();
    instance.offers.iter_mut().for_each(|offer| offer.limit = 5);
    instance
}

fn node(offer: u32, pods: &[(u32, u32)]) -> Machines {
    Machines { offer, count: 1, pods: pods.to_vec() }
}

fn judged(instance: &Instance, nodes: &[Machines]) -> Vec<Violation> {
    evaluate(instance, &Solution { variants: vec![0, 0], nodes: nodes.to_vec() }).violations
}

/// Offers 0 to 3 are small and large in the zones of region 0; 4 and 5 are region 1.
fn whole() -> Vec<Machines> {
    vec![node(1, &[(0, 1), (1, 1)]), node(3, &[(0, 1), (1, 1)])]
}

#[test]
fn a_plan_that_keeps_the_rules_is_not_accused() {
    assert_eq!(judged(&instance(), &whole()), []);
}

#[test]
fn pods_too_few_too_many_on_a_machine_and_too_large_are_seen() {
    let mut tight = instance();
    assert_eq!(
        judged(&tight, &[node(1, &[(0, 2), (1, 1)])]),
        [Violation::Replicas { service: 1, placed: 1 }]
    );
    assert_eq!(
        judged(&tight, &[node(0, &[(0, 2), (1, 2)])]),
        [Violation::OverCapacity { offer: 0 }]
    );
    tight.services[0].max_per_node = 1;
    assert_eq!(
        judged(&tight, &[node(1, &[(0, 2), (1, 2)])]),
        [Violation::TooManyPerNode { service: 0, offer: 1 }]
    );
}

#[test]
fn offers_that_a_service_may_not_use_and_limits_of_offers_are_seen() {
    let mut tight = instance();
    tight.services[1].variants[0].archs = vec![0];
    let at = |offer| Violation::OfferNotAllowed { service: 1, offer };
    assert_eq!(judged(&tight, &whole()), [at(1), at(3)]);
    let mut tight = instance();
    tight.offers[3].limit = 0;
    assert_eq!(judged(&tight, &whole()), [Violation::OfferLimit { offer: 3 }]);
}

#[test]
fn zones_conflicts_companions_and_distance_are_seen() {
    let mut tight = instance();
    tight.services[0].min_zones = 2;
    let full = [node(1, &[(0, 2), (1, 2)])];
    assert_eq!(judged(&tight, &full), [Violation::ZoneOverfull { service: 0 }]);
    let mut tight = instance();
    tight.conflicts.push((0, 1));
    assert_eq!(judged(&tight, &full), [Violation::Conflict { a: 0, b: 1 }]);
    let mut tight = instance();
    tight.together.push((0, 1));
    let apart = [node(1, &[(0, 2)]), node(5, &[(1, 2)])];
    assert_eq!(judged(&tight, &apart), [Violation::Apart { a: 0, b: 1 }]);
    let mut tight = instance();
    tight.near.push(Near { a: 0, b: 1, ms: 5.0 });
    assert_eq!(judged(&tight, &apart), [Violation::Far { a: 0, b: 1, region: 0 }]);
}

#[test]
fn budgets_exceeded_and_plans_of_something_else_are_seen() {
    let mut tight = instance();
    tight.budgets.push(Budget { metric: Metric::Nodes, region: None, limit: 1.0 });
    assert_eq!(judged(&tight, &whole()), [Violation::OverBudget { budget: 0, used: 2.0 }]);
    let of_nothing = Solution { variants: vec![0], nodes: Vec::new() };
    assert_eq!(evaluate(&tight, &of_nothing).violations, [Violation::Malformed]);
    assert_eq!(judged(&tight, &[node(9, &[(0, 1)])]), [Violation::Malformed]);
}
