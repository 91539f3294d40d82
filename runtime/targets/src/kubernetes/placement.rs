//! Where pods may run: the plan's regions and node types, and the model's rules on neighbours.
//!
//! In: a chosen service. Out: `affinity` and `topologySpreadConstraints`. Always holds: the
//! placement in the plan satisfies everything written here, so the scheduler has a solution.
//!
//! Rules, and what says them exactly:
//!
//! | Rule | Object |
//! |---|---|
//! | region and node type | required node affinity, one term per region and architecture |
//! | conflict, one per node | required anti-affinity on the host name |
//! | together | required affinity on the host name |
//! | k per node, k > 1 | spread on the host name with skew k, counted from zero |
//! | at least n zones | spread on the zone |

use super::object::match_labels;
use crate::Report;
use crate::chosen::{Chosen, Pool, View};
use crate::names;
use crate::yaml::{Map, Yaml, strings};
use std::collections::{BTreeMap, BTreeSet};

const HOST: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

/// While there are fewer domains than this, the least count over domains is taken as zero: the
/// skew is then a plain limit on pods per domain.
const COUNT_FROM_ZERO: i64 = i32::MAX as i64;

pub fn affinity(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let pods = Map::new()
        .with_nonempty(
            "requiredDuringSchedulingIgnoredDuringExecution",
            together(view, chosen, true, report),
        )
        .with_nonempty(
            "preferredDuringSchedulingIgnoredDuringExecution",
            together(view, chosen, false, report),
        );
    let apart = Map::new()
        .with_nonempty("requiredDuringSchedulingIgnoredDuringExecution", conflicts(view, chosen));
    Map::new()
        .with_nonempty("nodeAffinity", node_affinity(&chosen.pools))
        .with_nonempty("podAffinity", pods)
        .with_nonempty("podAntiAffinity", apart)
}

/// Terms are alternatives; the expressions of one term hold together.
pub fn node_affinity(pools: &[Pool<'_>]) -> Map {
    let terms = pools.iter().map(|pool| {
        let region = [names::local_part(pool.region)];
        let types = pool.node_types.iter().map(|name| names::local_part(name));
        let arch = pool.arch.map(|arch| if arch == "x64" { "amd64" } else { arch });
        let mut expressions = vec![
            one_of("topology.kubernetes.io/region", region),
            one_of("node.kubernetes.io/instance-type", types),
        ];
        expressions.extend(arch.map(|arch| one_of("kubernetes.io/arch", [arch])));
        Map::new().with("matchExpressions", expressions)
    });
    let terms: Vec<Map> = terms.collect();
    if terms.is_empty() {
        return Map::new();
    }
    let required = Map::new().with("nodeSelectorTerms", terms);
    Map::new().with("requiredDuringSchedulingIgnoredDuringExecution", required)
}

fn one_of<'a>(key: &str, values: impl IntoIterator<Item = &'a str>) -> Map {
    Map::new().with("key", key).with("operator", "In").with("values", strings(values))
}

fn on_same_host(view: &View<'_>, name: &str) -> Map {
    Map::new().with("labelSelector", match_labels(view, name)).with("topologyKey", HOST)
}

fn conflicts(view: &View<'_>, chosen: &Chosen<'_>) -> Vec<Map> {
    let own = chosen.service.name.as_str();
    let mut others: BTreeSet<&str> = BTreeSet::new();
    for pair in &view.dep.conflicts {
        if pair.a == own {
            others.insert(&pair.b);
        } else if pair.b == own {
            others.insert(&pair.a);
        }
    }
    if chosen.service.max_per_node == Some(1) {
        others.insert(own);
    }
    let rendered = others.into_iter().filter_map(|other| view.service(other));
    rendered.map(|other| on_same_host(view, &other.name)).collect()
}

/// `a` beside `b` is a required affinity of `a`'s pods. In a circle of such rules the first pod
/// would wait for the second and the second for the first, so the rule that closes a circle is
/// only preferred.
fn together(view: &View<'_>, chosen: &Chosen<'_>, required: bool, report: &mut Report) -> Vec<Map> {
    let mut before: Vec<(&str, &str)> = Vec::new();
    let mut terms = Vec::new();
    for pair in &view.dep.together {
        let (a, b) = (pair.a.as_str(), pair.b.as_str());
        if a == b || before.contains(&(a, b)) {
            continue;
        }
        let closes = reaches(&before, b, a);
        before.push((a, b));
        let Some(other) = view.service(b).filter(|_| a == chosen.service.name) else { continue };
        if required && !closes {
            terms.push(on_same_host(view, &other.name));
        } else if !required && closes {
            let why = "each would wait for the other to be scheduled; written as a preference";
            report.add(chosen.address(), format!("together with {b} and {b} with it"), why);
            let term = on_same_host(view, &other.name);
            terms.push(Map::new().with("weight", 100u32).with("podAffinityTerm", term));
        }
    }
    terms
}

fn reaches(edges: &[(&str, &str)], from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut work = vec![from];
    while let Some(at) = work.pop() {
        if at == to {
            return true;
        }
        work.extend(
            edges.iter().filter(|(a, _)| *a == at).map(|(_, b)| *b).filter(|b| seen.insert(*b)),
        );
    }
    false
}

pub fn spread(view: &View<'_>, chosen: &Chosen<'_>) -> Vec<Yaml> {
    let constraint = |key: &str, skew: u32, domains: i64| {
        Map::new()
            .with("maxSkew", skew)
            .with("minDomains", domains)
            .with("topologyKey", key)
            .with("whenUnsatisfiable", "DoNotSchedule")
            .with("labelSelector", match_labels(view, &chosen.name))
            .into()
    };
    let mut constraints = Vec::new();
    let zones = chosen.service.min_zones;
    if zones > 1 {
        if planned_skew(view, chosen) <= 1 {
            constraints.push(constraint(ZONE, 1, zones.into()));
        } else {
            // The plan fills zones unevenly within the model's limit: write that limit itself.
            let most = chosen.replicas.max(chosen.service.replicas.max).max(1);
            constraints.push(constraint(ZONE, most.div_ceil(zones), COUNT_FROM_ZERO));
        }
    }
    match chosen.service.max_per_node {
        Some(most) if most > 1 => constraints.push(constraint(HOST, most, COUNT_FROM_ZERO)),
        _ => {}
    }
    constraints
}

/// The greatest difference in pods between zones that have machines the service may use.
fn planned_skew(view: &View<'_>, chosen: &Chosen<'_>) -> u32 {
    let mut pods: BTreeMap<(&str, u32), u32> = BTreeMap::new();
    for node in view.plan.nodes.iter().filter(|node| node.count > 0) {
        let allowed = chosen.pools.iter().any(|pool| {
            pool.region == node.region && pool.node_types.contains(node.node_type.as_str())
        });
        if allowed {
            let here = node.pods.get(&chosen.service.name).copied().unwrap_or(0);
            let count = pods.entry((&node.region, node.zone)).or_default();
            *count = count.saturating_add(here.saturating_mul(node.count));
        }
    }
    let most = pods.values().max().copied().unwrap_or(0);
    // With fewer zones than asked for, the scheduler counts from zero.
    let enough = u32::try_from(pods.len()).is_ok_and(|zones| zones >= chosen.service.min_zones);
    most - pods.values().min().copied().filter(|_| enough).unwrap_or(0)
}
