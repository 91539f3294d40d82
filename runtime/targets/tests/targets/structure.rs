//! What must hold of every render and no schema checks: quantities, names, references between
//! objects, the restricted pod security standard, and that the plan's own placement satisfies the
//! rules written for the scheduler.

use eclexia_model::{Plan, Service};
use eclexia_targets::{Files, Target, render};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub fn read(bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).expect("files are UTF-8");
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn objects(files: &Files) -> BTreeMap<&str, Value> {
    let yaml = files.iter().filter(|(path, _)| path.ends_with(".yaml"));
    yaml.map(|(path, bytes)| (path.as_str(), read(bytes))).collect()
}

fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}"))
}

fn is_dns_label(name: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.len() <= 63
        && edge(name.chars().next())
        && edge(name.chars().last())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// `2`, `500m`: digits, then nothing or one of the suffixes.
fn is_quantity(text: &str, suffixes: &[&str]) -> bool {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let suffix = &text[digits.len()..];
    !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit())
        && (suffix.is_empty() || suffixes.contains(&suffix))
}

fn check_resources(path: &str, container: &Value) {
    for side in ["requests", "limits"] {
        for (resource, amount) in container["resources"][side].as_object().into_iter().flatten() {
            let suffixes: &[&str] = match resource.as_str() {
                "cpu" => &["m"],
                "memory" => &["Ki", "Mi", "Gi"],
                _ => &[],
            };
            assert!(is_quantity(text(amount), suffixes), "{path}: {resource} {amount}");
        }
    }
}

fn check_pod(path: &str, pod: &Value, claims: &BTreeSet<&str>) {
    let spec = &pod["spec"];
    assert_eq!(spec["securityContext"]["runAsNonRoot"], true, "{path}");
    assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{path}");
    let own = items(spec, "volumes").map(|volume| text(&volume["name"]));
    let own: Vec<&str> = own.chain(claims.iter().copied()).collect();
    assert_eq!(own.len(), own.iter().collect::<BTreeSet<_>>().len(), "{path}: {own:?}");
    for container in items(spec, "containers") {
        assert!(is_dns_label(text(&container["name"])), "{path}");
        let security = &container["securityContext"];
        assert_eq!(security["allowPrivilegeEscalation"], false, "{path}");
        assert_eq!(security["capabilities"]["drop"][0], "ALL", "{path}");
        assert_eq!(security["readOnlyRootFilesystem"], true, "{path}");
        check_resources(path, container);
        let mut places = BTreeSet::new();
        for mount in items(container, "volumeMounts") {
            assert!(own.contains(&text(&mount["name"])), "{path}: {mount}");
            assert!(places.insert(text(&mount["mountPath"])), "{path}: {mount}");
        }
        for port in items(container, "ports") {
            assert!(text(&port["name"]).len() <= 15, "{path}: {port}");
        }
        for entry in items(container, "env") {
            assert!(entry["value"].is_string() || entry["valueFrom"].is_object(), "{path}");
        }
    }
}

fn check_object(path: &str, object: &Value, all: &BTreeMap<&str, Value>) {
    let kind = text(&object["kind"]);
    let name = text(&object["metadata"]["name"]);
    assert!(is_dns_label(name), "{path}: {name}");
    assert_ne!(kind, "Secret", "a secret's value is nobody's to write");
    let claims = items(&object["spec"], "volumeClaimTemplates");
    let claims: BTreeSet<&str> = claims.map(|claim| text(&claim["metadata"]["name"])).collect();
    match kind {
        "Deployment" | "StatefulSet" | "Job" => {
            check_pod(path, &object["spec"]["template"], &claims);
        }
        "CronJob" => check_pod(path, &object["spec"]["jobTemplate"]["spec"]["template"], &claims),
        _ => {}
    }
    let exists = |kind: &str, name: &Value| {
        all.values().any(|o| o["kind"] == kind && o["metadata"]["name"] == *name)
    };
    match kind {
        "StatefulSet" => {
            assert!(name.len() <= 52, "{path}");
            assert!(exists("Service", &object["spec"]["serviceName"]), "{path}");
        }
        "HorizontalPodAutoscaler" => {
            let target = &object["spec"]["scaleTargetRef"];
            assert!(exists(text(&target["kind"]), &target["name"]), "{path}");
        }
        "Service" => {
            let names = items(&object["spec"], "ports").map(|port| text(&port["name"]));
            let names: Vec<&str> = names.collect();
            assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len(), "{path}");
        }
        _ => {}
    }
    for volume in items(&object["spec"]["template"]["spec"], "volumes") {
        let claim = &volume["persistentVolumeClaim"]["claimName"];
        assert!(claim.is_null() || exists("PersistentVolumeClaim", claim), "{path}");
        let config = &volume["configMap"]["name"];
        assert!(config.is_null() || exists("ConfigMap", config), "{path}");
    }
}

pub fn check_kubernetes(files: &Files) {
    let mut all = objects(files);
    all.remove("prometheus-rules.yaml");
    let list = all.remove("kustomization.yaml").expect("there is a kustomization");
    let listed: Vec<&str> = items(&list, "resources").map(text).collect();
    assert_eq!(listed, all.keys().copied().collect::<Vec<_>>());
    let mut ids = BTreeSet::new();
    for (path, object) in &all {
        check_object(path, object, &all);
        let id = (text(&object["kind"]), text(&object["metadata"]["name"]));
        assert!(ids.insert(id), "{path}: {id:?} twice");
    }
}

pub fn check_compose(files: &Files) {
    let compose = read(&files["compose.yaml"]);
    let defined = |section: &str, name: &str| {
        !compose[section][name].is_null() || compose[section].get(name).is_some()
    };
    let mut host_ports = BTreeSet::new();
    for (name, service) in compose["services"].as_object().into_iter().flatten() {
        assert!(is_dns_label(name), "{name}");
        for network in items(service, "networks") {
            assert!(defined("networks", text(network)), "{name}: {network}");
        }
        for volume in items(service, "volumes") {
            assert!(defined("volumes", text(&volume["source"])), "{name}: {volume}");
        }
        for config in items(service, "configs") {
            let source = text(&config["source"]);
            let path = text(&compose["configs"][source]["file"]);
            assert!(files.contains_key(path.trim_start_matches("./")), "{name}: {path}");
        }
        for needed in service["depends_on"].as_object().into_iter().flatten() {
            assert!(defined("services", needed.0), "{name}: {needed:?}");
        }
        for port in items(service, "ports") {
            let range = text(&port["published"]);
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            for number in first.parse::<u16>().expect("a port")..=last.parse().expect("a port") {
                assert!(host_ports.insert((text(&port["protocol"]), number)), "{name}: {port}");
            }
        }
        let limits = &service["deploy"]["resources"]["limits"];
        if let Some(memory) = limits["memory"].as_str() {
            assert!(is_quantity(memory, &["b", "k", "m", "g"]), "{name}: {memory}");
        }
        assert_eq!(service["read_only"], true, "{name}");
    }
}

/// Two services share a network only when one needs the other or both need the same third, and
/// an isolated one is on internal networks only.
fn check_isolation(compose: &Value, isolated: &[&str]) {
    for name in isolated {
        for network in items(&compose["services"][*name], "networks") {
            assert_eq!(compose["networks"][text(network)]["internal"], true, "{name} {network}");
            let members = compose["services"].as_object().expect("services").values();
            let on = members.filter(|s| items(s, "networks").any(|n| n == network)).count();
            assert_eq!(on, 2, "{network}");
        }
    }
}

/// The scheduler's view of the plan: every machine with its labels and pods.
struct Machine<'p> {
    region: &'p str,
    zone: (&'p str, u32),
    node_type: &'p str,
    pods: &'p BTreeMap<String, u32>,
}

fn machines(plan: &Plan) -> Vec<Machine<'_>> {
    let mut all = Vec::new();
    for node in &plan.nodes {
        for _ in 0..node.count {
            all.push(Machine {
                region: node.region.rsplit('/').next().unwrap_or(""),
                zone: (&node.region, node.zone),
                node_type: &node.node_type,
                pods: &node.pods,
            });
        }
    }
    all
}

fn allowed(machine: &Machine<'_>, affinity: &Value) -> bool {
    let path = "/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    let terms = affinity.pointer(path).expect("a placed service has node affinity");
    items(terms, "nodeSelectorTerms").any(|term| {
        let holds = |expression: &Value| match text(&expression["key"]) {
            "topology.kubernetes.io/region" => {
                items(expression, "values").any(|value| value == machine.region)
            }
            "node.kubernetes.io/instance-type" => {
                items(expression, "values").any(|value| value == machine.node_type)
            }
            _ => true,
        };
        items(term, "matchExpressions").all(holds)
    })
}

/// The plan's placement of `name` obeys the constraints written for it.
pub fn check_placement(plan: &Plan, name: &str, workload: &Value) {
    let spec = &workload["spec"]["template"]["spec"];
    let all = machines(plan);
    let pods = |machine: &Machine<'_>| machine.pods.get(name).copied().unwrap_or(0);
    let usable: Vec<&Machine<'_>> =
        all.iter().filter(|machine| allowed(machine, &spec["affinity"])).collect();
    assert!(all.iter().all(|m| pods(m) == 0 || usable.iter().any(|u| std::ptr::eq(*u, m))));
    for constraint in items(spec, "topologySpreadConstraints") {
        let mut domains: BTreeMap<String, u32> = BTreeMap::new();
        for (index, machine) in usable.iter().enumerate() {
            let zonal = constraint["topologyKey"] == "topology.kubernetes.io/zone";
            let key = if zonal { format!("{:?}", machine.zone) } else { index.to_string() };
            *domains.entry(key).or_default() += pods(machine);
        }
        let enough = domains.len() as u64 >= constraint["minDomains"].as_u64().expect("a number");
        let least = domains.values().min().copied().filter(|_| enough).unwrap_or(0);
        let skew = domains.values().max().copied().unwrap_or(0) - least;
        let most = constraint["maxSkew"].as_u64().expect("a number");
        assert!(u64::from(skew) <= most, "{name}: {domains:?} {constraint}");
    }
}

/// The pods per zone that the model allows, and the plan has.
pub fn obeys_model(plan: &Plan, service: &Service, replicas: u32) -> bool {
    let mut zones: BTreeMap<(&str, u32), u32> = BTreeMap::new();
    for machine in machines(plan) {
        let pods = machine.pods.get(&service.name).copied().unwrap_or(0);
        if service.max_per_node.is_some_and(|most| pods > most) {
            return false;
        }
        *zones.entry(machine.zone).or_default() += pods;
    }
    zones.values().all(|pods| *pods <= replicas.div_ceil(service.min_zones.max(1)))
}

#[test]
fn the_web_stores_plan_obeys_what_is_written_for_the_scheduler() {
    let fixtures = crate::fixtures::all();
    let fixture = fixtures.iter().find(|f| f.name == "web-store").expect("it is there");
    let files = render(Target::Kubernetes, &fixture.deployment, &fixture.plan).files;
    check_placement(&fixture.plan, "api", &read(&files["api/deployment.yaml"]));
    check_placement(&fixture.plan, "db", &read(&files["db/statefulset.yaml"]));
}

#[test]
fn every_fixture_is_sound() {
    for fixture in crate::fixtures::all() {
        check_kubernetes(&render(Target::Kubernetes, &fixture.deployment, &fixture.plan).files);
        check_compose(&render(Target::Compose, &fixture.deployment, &fixture.plan).files);
    }
}

#[test]
fn isolated_services_meet_only_who_needs_them() {
    let fixtures = crate::fixtures::all();
    let fixture = fixtures.iter().find(|f| f.name == "isolated").expect("it is there");
    let files = render(Target::Compose, &fixture.deployment, &fixture.plan).files;
    let compose = read(&files["compose.yaml"]);
    check_isolation(&compose, &["c", "lisp", "hermit"]);
    assert_eq!(compose["services"]["hermit"]["network_mode"], "none");
    let files = render(Target::Kubernetes, &fixture.deployment, &fixture.plan).files;
    let policy = |name: &str| read(&files[&format!("{name}/networkpolicy.yaml")])["spec"].clone();
    assert!(policy("c")["egress"].is_null(), "no way out");
    assert_eq!(policy("c")["ingress"].as_array().map(Vec::len), Some(1), "only from back");
    assert_eq!(policy("lisp")["egress"].as_array().map(Vec::len), Some(2), "cache and DNS");
    assert!(policy("hermit")["ingress"].is_null());
}
