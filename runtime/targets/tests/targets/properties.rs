//! Random small models: what is written parses and is sound.

use crate::fixtures::{deployment, mount, need, node, plan, port, probe, replicas, service};
use crate::structure::{check_compose, check_kubernetes, check_placement, obeys_model, read};
use eclexia_model::{
    Check, ConfigFile, Deployment, EnvValue, EnvVar, Exact, Origin, Pair, Plan, ProbeKind,
    Resource, Rollout, Service,
};
use eclexia_targets::{Target, render};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const REGIONS: [&str; 2] = ["aws/eu-west-1", "gcp/europe-north1"];
const TYPES: [&str; 2] = ["m6i.large", "t4g.xlarge"];

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c][-_]?[a-c]", "[A-Ca-c0-9.é]{1,4}", "[a-z]{30,70}", "[ -~]{1,6}"]
}

fn any_rollout() -> impl Strategy<Value = Rollout> {
    prop_oneof![
        (0u32..4).prop_map(|at_a_time| Rollout::Rolling { at_a_time }),
        Just(Rollout::Recreate),
        Just(Rollout::BlueGreen),
        Just(Rollout::Canary { steps: vec![Exact::ratio(1, 3)], abort_when: None }),
    ]
}

fn any_check() -> impl Strategy<Value = Check> {
    prop_oneof![
        any_name().prop_map(|path| Check::Http { path, port: 80 }),
        Just(Check::Tcp { port: 80 }),
        prop::collection::vec(any_name(), 1..3).prop_map(Check::Exec),
    ]
}

fn any_env() -> impl Strategy<Value = Vec<EnvVar>> {
    let value = prop_oneof![
        any::<String>().prop_map(EnvValue::Plain),
        (any_name(), any_name()).prop_map(|(secret, key)| EnvValue::Secret { secret, key }),
    ];
    let entry = ("[A-Z]{1,3}", value).prop_map(|(name, value)| EnvVar { name, value });
    prop::collection::vec(entry, 0..3)
}

/// Everything of a service but its place among the others.
fn any_service() -> impl Strategy<Value = Service> {
    let shape = (any_name(), 0u32..3, 0u32..3, 1u32..4, prop::option::of(1u32..4));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let amounts = (1i64..5000, 1i64..1 << 34);
    let texts = (any_env(), prop::collection::vec((any_name(), any::<String>()), 0..3));
    let rest = (any_rollout(), prop::option::of(any_check()), 0u16..3, 0u8..3);
    (shape, flags, amounts, texts, rest).prop_map(|(shape, flags, amounts, texts, rest)| {
        let (name, min, more, min_zones, max_per_node) = shape;
        let (rollout, check, ports, mounts) = rest;
        let mut made = service("p", &name);
        made.replicas = replicas(min, min + more);
        (made.min_zones, made.max_per_node, made.rollout) = (min_zones, max_per_node, rollout);
        (made.stateful, made.isolated, made.public) = flags;
        let requires = &mut made.variants[0].requires;
        requires.insert(Resource::Cpu, Exact::ratio(amounts.0, 999));
        requires.insert(Resource::Memory, Exact::int(amounts.1));
        made.env = texts.0;
        let files = texts.1.into_iter().enumerate();
        made.files = files
            .map(|(i, (path, content))| ConfigFile { path: format!("/etc/{i}/{path}"), content })
            .collect();
        made.probes =
            check.map(|check| probe(ProbeKind::Readiness, check, 10)).into_iter().collect();
        made.ports = (0..ports).map(|i| port(&format!("p{i}"), 80 + i, "http")).collect();
        made.mounts = (0..mounts)
            .map(|i| mount(&format!("v{i}"), &format!("/v{i}"), amounts.1, i == 1))
            .collect();
        made
    })
}

fn any_case() -> impl Strategy<Value = (Deployment, Plan)> {
    let services = prop::collection::vec(any_service(), 0..5);
    let edges = prop::collection::vec((0usize..5, 0usize..5, 0u16..3), 0..6);
    let pairs = prop::collection::vec((0usize..5, 0usize..5), 0..4);
    let nodes = prop::collection::vec((0usize..2, 0u32..2, 0usize..2, 1u32..3), 1..4);
    (services, edges, pairs, nodes, any_name()).prop_map(
        |(mut services, edges, pairs, nodes, name)| {
            let mut seen = std::collections::BTreeSet::new();
            services.retain(|service| seen.insert(service.name.clone()));
            for (from, to, ports) in edges {
                // Needs point backwards: the checker refuses cycles before a plan is made.
                if to < from && from < services.len() {
                    let ports: Vec<u16> = (80..80 + ports).collect();
                    let other = services[to].name.clone();
                    services[from].needs.push(need(&other, &ports));
                }
            }
            let names: Vec<String> = services.iter().map(|service| service.name.clone()).collect();
            let mut made = deployment(&name, services);
            for (a, b) in pairs {
                if a < names.len() && b < names.len() {
                    let (a, b) = (names[a].clone(), names[b].clone());
                    made.conflicts.push(Pair {
                        a: a.clone(),
                        b: b.clone(),
                        origin: Origin::default(),
                    });
                    made.together.push(Pair { a, b, origin: Origin::default() });
                }
            }
            let pods: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 1)).collect();
            let nodes = nodes.into_iter().map(|(region, zone, node_type, count)| {
                node(REGIONS[region], zone, TYPES[node_type], count, &pods)
            });
            let plan = plan(&made, nodes.collect());
            (made, plan)
        },
    )
}

/// A plan of one service over random machines.
fn any_placement() -> impl Strategy<Value = (Deployment, Plan)> {
    let node_of = (0usize..2, 0u32..3, 0usize..2, 1u32..3, 0u32..4);
    let nodes = prop::collection::vec(node_of, 1..5);
    (nodes, 1u32..4, prop::option::of(1u32..4)).prop_map(|(nodes, min_zones, max_per_node)| {
        let mut api = service("p", "api");
        (api.min_zones, api.max_per_node) = (min_zones, max_per_node);
        let nodes = nodes.into_iter().map(|(region, zone, node_type, count, pods)| {
            node(REGIONS[region], zone, TYPES[node_type], count, &[("api", pods)])
        });
        let nodes: Vec<_> = nodes.collect();
        let mut made = deployment("p", vec![api]);
        let plan = plan(&made, nodes);
        let count = plan.services[0].replicas;
        made.services[0].replicas = replicas(count, count);
        (made, plan)
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..Default::default()
    })]

    #[test]
    fn a_plan_that_obeys_the_model_obeys_what_is_written((deployment, plan) in any_placement()) {
        let replicas = plan.services[0].replicas;
        prop_assume!(replicas > 0 && obeys_model(&plan, &deployment.services[0], replicas));
        let files = render(Target::Kubernetes, &deployment, &plan).files;
        check_placement(&plan, "api", &read(&files["api/deployment.yaml"]));
    }

    #[test]
    fn any_model_renders_to_sound_files((deployment, plan) in any_case()) {
        let kubernetes = render(Target::Kubernetes, &deployment, &plan);
        check_kubernetes(&kubernetes.files);
        let compose = render(Target::Compose, &deployment, &plan);
        check_compose(&compose.files);
        prop_assert_eq!(kubernetes, render(Target::Kubernetes, &deployment, &plan));
        prop_assert_eq!(compose, render(Target::Compose, &deployment, &plan));
    }
}
