//! A plan after one that runs: what of it goes on where it is, what moving the rest costs, and the
//! names that machines keep. What comes in is the deployment, the plan before, and plans known to
//! be good; what goes out is the plan that costs least together with its moves, within the
//! disruption budgets.

use crate::diff;
use crate::problem::Names;
use eclexia_base::number::int;
use eclexia_model::{Address, Deployment, Exact, Moves, Plan};
use eclexia_optimizer::{Assignment, Continued, Moving, Next, Planner, Refused, Runs, RunsOn};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What of a plan before counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weighed {
    /// It runs: what moves costs, and disruption budgets hold.
    Moves,
    /// It is what another plan is compared with: of plans as good, the one that moves less.
    Nothing,
}

/// The best plan after `parent`: of those `known` and one that is searched for.
pub fn after(
    dep: &Deployment,
    planner: &Planner<'_>,
    parent: &Plan,
    weighed: Weighed,
    known: &[Assignment],
) -> Result<Next, Refused> {
    let is_weighed = weighed == Weighed::Moves;
    let most = |s: &eclexia_model::Service| {
        s.disruption_budget.filter(|_| is_weighed).map_or(u32::MAX, |budget| budget.most)
    };
    let moving = Moving {
        rate: if is_weighed { dep.movement.rate().0 } else { int(0) },
        most: dep.services.iter().map(most).collect(),
    };
    planner.replan(&runs(dep, parent), &moving, known)
}

/// What a plan has running, as far as the deployment still has it.
fn runs(dep: &Deployment, parent: &Plan) -> Runs {
    let names = Names::of(dep);
    let mut runs = Runs::default();
    for service in &dep.services {
        let choice = parent.services.iter().find(|c| c.service == service.name);
        let variant =
            choice.and_then(|c| service.variants.iter().position(|v| v.name == c.variant));
        let is_same = choice.zip(variant).is_some_and(|(choice, v)| match choice.pod.is_empty() {
            // Saved before pods were told apart from their service.
            true => choice.spec == diff::short_digest(service),
            false => choice.pod == diff::pod(service, &service.variants[v]),
        });
        runs.variants.push(variant);
        runs.may_stay.push(is_same);
    }
    for node in &parent.nodes {
        let is_its =
            |o: &eclexia_model::Offer| o.region == node.region && o.node_type == node.node_type;
        let mut pods = BTreeMap::new();
        for (name, n) in &node.pods {
            match names.services.get(name.as_str()) {
                Some(s) => {
                    pods.insert(*s, *n);
                }
                None => runs.gone += u64::from(*n) * u64::from(node.count),
            }
        }
        let offer = dep.offers.iter().position(is_its);
        runs.machines.push(RunsOn { offer, zone: node.zone, count: node.count, pods });
    }
    runs
}

/// Names of machines that go on, by place in the new plan: each name goes to those that most of its
/// machines become.
pub fn names(parent: &Plan, next: &Continued) -> BTreeMap<usize, Address> {
    let mut pairs = next.pairs.clone();
    pairs.sort_by_key(|pair| (Reverse(pair.count), pair.was, pair.now));
    let mut given = BTreeSet::new();
    let mut names = BTreeMap::new();
    for pair in pairs {
        let now = pair.now as usize;
        if !names.contains_key(&now) && given.insert(pair.was) {
            names.insert(now, parent.nodes[pair.was as usize].address.clone());
        }
    }
    names
}

/// Moves of a plan beside those of the cheapest one known.
pub fn moves(dep: &Deployment, Next { best, cheapest }: &Next) -> Moves {
    let total = best.movements.total();
    let count = int(i64::try_from(total.moved).unwrap_or(i64::MAX));
    Moves {
        kept: total.kept,
        started: total.started,
        stopped: total.stopped,
        moved: total.moved,
        cost: Exact(&dep.movement.cost.0 * count),
        forgone: Exact(&best.figures.objective - &cheapest.figures.objective),
        forgone_moves: cheapest.movements.total().moved,
    }
}
