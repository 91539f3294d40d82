//! Models with plans made by hand. Together they use every field that a target reads.

use eclexia_model::*;
use std::collections::BTreeMap;

pub struct Fixture {
    pub name: &'static str,
    pub deployment: Deployment,
    pub plan: Plan,
}

pub fn all() -> Vec<Fixture> {
    vec![web_store(), isolated_services(), rollouts(), awkward_names(), jobs(), gpus(), empty()]
}

const MIB: i64 = 1 << 20;
const GIB: i64 = 1 << 30;

pub fn deployment(name: &str, services: Vec<Service>) -> Deployment {
    Deployment {
        movement: Movement::default(),
        name: name.into(),
        node_types: vec![machine("m6i.large", "x64", 2, 8), machine("t4g.xlarge", "arm64", 4, 16)],
        services,
        account: None,
        limits: vec![],
        strategy: Strategy {
            name: None,
            cost_weight: Exact::int(1),
            carbon_weight: Exact::int(0),
            latency_weight: Exact::int(0),
            carbon_price: Exact::int(0),
            latency_price: Exact::int(0),
            origin: Origin::default(),
        },
        regions: vec![],
        offers: vec![],
        jobs: vec![],
        peaks: vec![],
        rtt: vec![],
        conflicts: vec![],
        together: vec![],
        near: vec![],
        alerts: vec![],
        declared: None,
        origin: Origin::default(),
    }
}

pub fn machine(name: &str, arch: &str, cores: i64, gib: i64) -> NodeType {
    let mut capacity = Resources::new();
    capacity.insert(Resource::Cpu, Exact::int(cores));
    capacity.insert(Resource::Memory, Exact::int(gib * GIB));
    NodeType {
        name: name.into(),
        arch: arch.into(),
        capacity,
        gpu_model: None,
        idle_watts: Exact::int(10),
        watts_per_core: Exact::int(5),
        watts_per_gpu: Exact::int(0),
        embodied: Exact::int(0),
    }
}

/// `image name:1`, one replica, half a core and 256 MiB.
pub fn service(deployment: &str, name: &str) -> Service {
    let address = Address::new(format!("{deployment}.{name}"));
    Service {
        disruption_budget: None,
        name: name.into(),
        image: format!("{name}:1"),
        command: vec![],
        env: vec![],
        files: vec![],
        ports: vec![],
        mounts: vec![],
        needs: vec![],
        probes: vec![],
        replicas: replicas(1, 1),
        variants: vec![variant(&address, "default", Exact::ratio(1, 2), 256 * MIB)],
        demand: None,
        min_zones: 1,
        max_per_node: None,
        regions: vec![],
        max_latency: None,
        rollout: Rollout::Rolling { at_a_time: 1 },
        stateful: false,
        isolated: false,
        public: false,
        labels: BTreeMap::new(),
        origin: Origin::default(),
        address,
    }
}

pub fn variant(service: &Address, name: &str, cpu: Exact, memory: i64) -> Variant {
    Variant {
        address: service.child(&format!("variant.{name}")),
        name: name.into(),
        image: None,
        requires: [(Resource::Cpu, cpu), (Resource::Memory, Exact::int(memory))].into(),
        limits: Resources::new(),
        latency: None,
        throughput: None,
        penalty: Exact::int(0),
        arch: vec![],
        gpu_model: None,
        utilisation: Exact::ratio(7, 10),
        origin: Origin::default(),
    }
}

pub fn replicas(min: u32, max: u32) -> Replicas {
    Replicas { min, max, origin: Origin::default() }
}

pub fn port(name: &str, port: u16, protocol: &str) -> Port {
    Port { name: name.into(), port, protocol: protocol.into(), origin: Origin::default() }
}

pub fn need(service: &str, ports: &[u16]) -> Need {
    Need { service: service.into(), ports: ports.to_vec(), origin: Origin::default() }
}

pub fn mount(volume: &str, path: &str, size: i64, read_only: bool) -> Mount {
    let (volume, path, size) = (volume.into(), path.into(), Exact::int(size));
    Mount { volume, path, size, read_only, origin: Origin::default() }
}

pub fn probe(kind: ProbeKind, check: Check, every: u32) -> Probe {
    Probe { kind, check, every, timeout: 5, retries: 3 }
}

fn http(path: &str, port: u16) -> Check {
    Check::Http { path: path.into(), port }
}

fn exec(words: &[&str]) -> Check {
    Check::Exec(words.iter().map(|word| (*word).into()).collect())
}

fn plain(name: &str, value: &str) -> EnvVar {
    EnvVar { name: name.into(), value: EnvValue::Plain(value.into()) }
}

fn secret(name: &str, secret: &str, key: &str) -> EnvVar {
    let value = EnvValue::Secret { secret: secret.into(), key: key.into() };
    EnvVar { name: name.into(), value }
}

fn pair(a: &str, b: &str) -> Pair {
    Pair { a: a.into(), b: b.into(), origin: Origin::default() }
}

fn alert(name: &str, severity: &str, signal: Signal, above: Exact, services: &[&str]) -> Alert {
    Alert {
        name: name.into(),
        severity: severity.into(),
        threshold: Threshold { signal, above },
        holds_for: 300,
        services: services.iter().map(|name| (*name).into()).collect(),
        origin: Origin::default(),
    }
}

fn limit(metric: Metric, amount: Exact, text: &str) -> Limit {
    let unit = UnitText { text: text.into(), scale: Exact::int(1) };
    Limit { metric, amount, unit, origin: Origin::default() }
}

pub fn node(
    region: &str,
    zone: u32,
    node_type: &str,
    count: u32,
    pods: &[(&str, u32)],
) -> NodeChoice {
    NodeChoice {
        address: Address::new(format!("node.{region}.{zone}.{node_type}")),
        region: region.into(),
        zone,
        node_type: node_type.into(),
        count,
        pods: pods.iter().map(|(name, pods)| ((*name).into(), *pods)).collect(),
        price: Exact::ratio(1, 36_000),
        reason: "cheapest".into(),
    }
}

/// A plan with the first variant of each service, as many replicas as its nodes hold, and every
/// job at once.
pub fn plan(deployment: &Deployment, nodes: Vec<NodeChoice>) -> Plan {
    let zero = || Exact::int(0);
    let services = deployment.services.iter().map(|service| ServiceChoice {
        pod: String::new(),
        address: service.address.clone(),
        service: service.name.clone(),
        variant: service.variants[0].name.clone(),
        replicas: nodes
            .iter()
            .map(|node| node.count * node.pods.get(&service.name).copied().unwrap_or(0))
            .sum(),
        spec: String::new(),
        reason: "the only one".into(),
    });
    let jobs = deployment.jobs.iter().map(|job| JobChoice {
        address: job.address.clone(),
        job: job.name.clone(),
        spec: String::new(),
        start_hour: 0,
        hours: 1,
        pieces: vec![],
        region: "aws/eu-north-1".into(),
        node_type: "t4g.xlarge".into(),
        cost: zero(),
        carbon: zero(),
        reason: "now".into(),
    });
    Plan {
        moves: None,
        format: PLAN_FORMAT.into(),
        id: "5f0c9ad1".repeat(8),
        parent: None,
        module: "fixtures".into(),
        deployment: deployment.name.clone(),
        model_id: "00".repeat(32),
        services: services.collect(),
        jobs: jobs.collect(),
        nodes,
        steps: vec![],
        totals: Totals {
            cost: zero(),
            carbon: zero(),
            job_cost: zero(),
            job_carbon: zero(),
            objective: zero(),
            bound: zero(),
            gap: zero(),
        },
        budgets: vec![],
        declined: vec![],
    }
}

/// Ports, volumes, secrets, files, probes, a range of replicas, zones, alerts, a public service.
fn web_store() -> Fixture {
    let mut db = service("prod", "db");
    db.image = "postgres:16".into();
    db.ports = vec![port("postgres", 5432, "postgres")];
    db.mounts = vec![mount("data", "/var/lib/postgresql/data", 10 * GIB, false)];
    db.env = vec![secret("POSTGRES_PASSWORD", "db", "password"), plain("PGDATA", "/x/$(A)$$b")];
    let ready = exec(&["pg_isready", "-U", "$POSTGRES_USER"]);
    db.probes = vec![probe(ProbeKind::Readiness, ready, 30)];
    let mut api = service("prod", "api");
    api.variants = vec![variant(&api.address, "fast", Exact::int(1), GIB)];
    api.variants[0].limits =
        [(Resource::Cpu, Exact::int(2)), (Resource::Memory, Exact::int(512 * MIB))].into();
    api.command = vec!["serve".into(), "--price=$5".into(), "yes".into(), "012".into()];
    api.env = vec![
        plain("LOG_LEVEL", "info"),
        plain("ON", "on"),
        secret("DATABASE_URL", "db-url", "url"),
        plain("GREETING", "héllo: \"you\"\nand # you\n"),
    ];
    let content = "[server]\nport = 8080\npath = \"${HOME}\"\n".into();
    api.files = vec![ConfigFile { path: "/etc/api/config.toml".into(), content }];
    api.ports = vec![port("http", 8080, "http"), port("metrics", 9090, "http")];
    api.needs = vec![need("db", &[5432])];
    api.probes = vec![
        probe(ProbeKind::Liveness, http("/health", 8080), 15),
        probe(ProbeKind::Readiness, http("/ready?x='1'", 8080), 10),
    ];
    api.replicas = replicas(2, 6);
    api.min_zones = 2;
    api.max_per_node = Some(2);
    api.public = true;
    api.labels =
        [("team".into(), "shop".into()), ("app.kubernetes.io/name".into(), "x".into())].into();
    let mut deployment = deployment("prod", vec![db, api]);
    deployment.limits = vec![limit(Metric::Cost, Exact::ratio(1, 9000), "USD/s")];
    deployment.conflicts = vec![pair("api", "db")];
    deployment.alerts = vec![
        alert("HighErrorRate", "critical", Signal::ErrorRate, Exact::ratio(1, 100), &[]),
        alert("Slow", "warning", Signal::LatencyP95, Exact::ratio(1, 4), &["api"]),
        alert("MemoryFull", "warning", Signal::Memory, Exact::ratio(4, 5), &[]),
        alert("Busy {{now}}", "warning", Signal::Cpu, Exact::ratio(9, 10), &["db"]),
    ];
    let nodes = vec![
        node("aws/eu-west-1", 0, "m6i.large", 2, &[("api", 1)]),
        node("aws/eu-west-1", 1, "m6i.large", 1, &[("api", 2)]),
        node("aws/eu-west-1", 0, "t4g.xlarge", 1, &[("db", 1)]),
    ];
    let plan = plan(&deployment, nodes);
    Fixture { name: "web-store", deployment, plan }
}

/// A backend with language services that have no network of their own, and one without callers.
fn isolated_services() -> Fixture {
    let mut front = service("lab", "front");
    front.ports = vec![port("http", 80, "http")];
    front.public = true;
    front.needs = vec![need("back", &[8000])];
    let mut back = service("lab", "back");
    back.ports = vec![port("http", 8000, "http")];
    back.needs = vec![need("c", &[7001]), need("lisp", &[7002]), need("cache", &[6379])];
    let mut c = service("lab", "c");
    c.ports = vec![port("rpc", 7001, "tcp")];
    c.isolated = true;
    c.probes = vec![probe(ProbeKind::Liveness, Check::Tcp { port: 7001 }, 30)];
    let mut lisp = service("lab", "lisp");
    lisp.ports = vec![port("rpc", 7002, "nats")];
    lisp.isolated = true;
    lisp.needs = vec![need("cache", &[6379]), need("c", &[])];
    let mut cache = service("lab", "cache");
    cache.ports = vec![port("redis", 6379, "redis"), port("gossip", 6379, "udp")];
    let mut hermit = service("lab", "hermit");
    hermit.isolated = true;
    let deployment = deployment("lab", vec![front, back, c, lisp, cache, hermit]);
    let names = [("front", 1), ("back", 1), ("c", 1), ("lisp", 1), ("cache", 2), ("hermit", 1)];
    let plan = plan(&deployment, vec![node("gcp/europe-north1", 0, "t4g.xlarge", 1, &names)]);
    Fixture { name: "isolated", deployment, plan }
}

/// Every rollout, with room beside and without; circles of `together`; shared volumes; regions.
fn rollouts() -> Fixture {
    let threshold = Threshold { signal: Signal::ErrorRate, above: Exact::ratio(1, 100) };
    let steps = vec![Exact::ratio(1, 10), Exact::ratio(1, 2), Exact::int(1)];
    let kinds: [(&str, Rollout); 5] = [
        ("roomy", Rollout::Rolling { at_a_time: 2 }),
        ("full", Rollout::Rolling { at_a_time: 9 }),
        ("again", Rollout::Recreate),
        ("blue", Rollout::BlueGreen),
        ("canary", Rollout::Canary { steps, abort_when: Some(threshold) }),
    ];
    let mut services: Vec<Service> = kinds
        .into_iter()
        .map(|(name, rollout)| Service { rollout, ..service("ship", name) })
        .collect();
    services[0].mounts = vec![mount("site", "/srv", GIB, true)];
    services[1].mounts = vec![mount("site", "/srv", GIB, true)];
    services[1].max_per_node = Some(1);
    let mut writer = service("ship", "writer");
    writer.mounts = vec![mount("site", "/srv", 2 * GIB, false), mount("tmp", "/tmp", MIB, false)];
    writer.rollout = Rollout::Recreate;
    let mut ring = service("ship", "ring");
    ring.stateful = true;
    ring.rollout = Rollout::Rolling { at_a_time: 2 };
    ring.min_zones = 2;
    services.extend([writer, ring]);
    let mut deployment = deployment("ship", services);
    deployment.together =
        vec![pair("roomy", "full"), pair("full", "again"), pair("again", "roomy")];
    let all = [("roomy", 1), ("full", 1), ("again", 2), ("blue", 1), ("writer", 1), ("ring", 3)];
    let nodes = vec![
        node("aws/eu-west-1", 0, "t4g.xlarge", 1, &all),
        node("aws/eu-west-1", 1, "t4g.xlarge", 1, &[("ring", 1)]),
        node("gcp/europe-north1", 0, "m6i.large", 2, &[("roomy", 1), ("canary", 1)]),
    ];
    let plan = plan(&deployment, nodes);
    Fixture { name: "rollouts", deployment, plan }
}

/// Names, labels and contents that no target takes as they are.
fn awkward_names() -> Fixture {
    let mut first = service("Über Prod", "My_Service");
    first.ports = vec![port("a-very-long-port-name", 8080, "http"), port("9", 9, "")];
    first.public = true;
    first.env = vec![
        plain("not valid", "x"),
        secret("A", "My Secret", "the/key"),
        secret("B", "my-secret", "the-key"),
        plain("EMPTY", ""),
        plain("BOOL", "null"),
    ];
    first.labels = [("ok".into(), "fine".into()), ("bad key".into(), "x y".into())].into();
    first.files = vec![
        ConfigFile { path: "/etc/a b".into(), content: "tab\there\n  \n".into() },
        ConfigFile { path: "/etc/a-b".into(), content: String::new() },
    ];
    let mut second = service("Über Prod", "my-service");
    second.ports = vec![port("http", 8080, "http")];
    second.public = true;
    second.mounts = vec![mount("scratch-tmp", "/x", GIB, false), mount("Data_1", "/y", 1000, true)];
    second.needs = vec![need("My_Service", &[8080])];
    let third = service("Über Prod", "my.service-that-has-a-name-much-too-long-for-kubernetes");
    let zero = service("Über Prod", "none");
    let mut unplanned = service("Über Prod", "unplanned");
    unplanned.needs = vec![need("none", &[])];
    let mut waits = service("Über Prod", "waits");
    waits.needs = vec![need("none", &[]), need("unplanned", &[])];
    let deployment = deployment("Über Prod", vec![first, second, third, zero, unplanned, waits]);
    let pods: Vec<(&str, u32)> = deployment
        .services
        .iter()
        .map(|s| (s.name.as_str(), 1))
        .filter(|(n, _)| *n != "none")
        .collect();
    let mut plan = plan(&deployment, vec![node("here", 0, "m6i.large", 1, &pods)]);
    plan.services.retain(|choice| choice.service != "unplanned");
    Fixture { name: "awkward", deployment, plan }
}

fn jobs() -> Fixture {
    let job = |name: &str| Job {
        address: Address::new(format!("night.{name}")),
        name: name.into(),
        image: "train:2".into(),
        command: vec!["train".into(), "--epochs=$(N)".into()],
        env: vec![],
        files: vec![],
        mounts: vec![],
        needs: vec![],
        requires: [
            (Resource::Cpu, Exact::int(4)),
            (Resource::Memory, Exact::int(8 * GIB)),
            (Resource::Gpu, Exact::int(1)),
        ]
        .into(),
        work: Exact::int(144_000),
        earliest_hour: 0,
        deadline_hours: 24,
        deferrable: true,
        interruptible: false,
        isolated: false,
        regions: vec![],
        utilisation: Exact::int(1),
        origin: Origin::default(),
    };
    let mut watch = service("night", "watch");
    watch.ports = vec![port("http", 8080, "http")];
    watch.mounts = vec![mount("log", "/log", GIB, false)];
    let mut deployment = deployment("night", vec![watch]);
    deployment.jobs = vec![job("now"), job("later"), job("tomorrow"), job("pieces")];
    deployment.jobs[0].env =
        vec![plain("MODE", "a$b"), secret("TOKEN", "bank", "token"), plain("not valid", "x")];
    deployment.jobs[0].needs = vec![need("watch", &[8080])];
    let content = "level: $HOME\n".to_owned();
    deployment.jobs[1].files = vec![ConfigFile { path: "/etc/later.yaml".into(), content }];
    deployment.jobs[1].mounts = vec![
        mount("log", "/log", GIB, true),
        mount("cache", "/cache", 2 * GIB, false),
        mount("scratch", "/tmp", GIB, false),
    ];
    deployment.jobs[2].isolated = true;
    deployment.jobs[3].isolated = true;
    deployment.jobs[3].needs = vec![need("watch", &[8080])];
    deployment.jobs[2].deadline_hours = 72;
    deployment.jobs[3].deadline_hours = 48;
    deployment.jobs[3].interruptible = true;
    let pods = [("watch", 1)];
    let mut plan = plan(&deployment, vec![node("aws/eu-north-1", 0, "m6i.large", 1, &pods)]);
    plan.jobs[1].start_hour = 3;
    plan.jobs[2].start_hour = 27;
    plan.jobs[3].start_hour = 2;
    plan.jobs[3].hours = 8;
    plan.jobs[3].pieces =
        [(2, 3), (9, 2), (30, 3)].map(|(start_hour, hours)| Piece { start_hour, hours }).to_vec();
    Fixture { name: "jobs", deployment, plan }
}

fn gpus() -> Fixture {
    let mut infer = service("ml", "infer");
    let requires = &mut infer.variants[0].requires;
    requires.insert(Resource::Gpu, Exact::int(2));
    requires.insert(Resource::Network, Exact::int(125_000_000));
    infer.variants[0].limits = [(Resource::Memory, Exact::int(GIB))].into();
    infer.variants[0].image = Some("infer:cuda".into());
    infer.replicas = replicas(0, 4);
    let mut idle = service("ml", "idle");
    idle.variants[0].requires.clear();
    idle.replicas = replicas(1, 3);
    let deployment = deployment("ml", vec![infer, idle]);
    let pods = [("infer", 1), ("idle", 1)];
    let plan = plan(&deployment, vec![node("azure/swedencentral", 0, "Standard_NC4as", 1, &pods)]);
    Fixture { name: "gpus", deployment, plan }
}

fn empty() -> Fixture {
    let deployment = deployment("nothing", vec![]);
    let plan = plan(&deployment, vec![]);
    Fixture { name: "empty", deployment, plan }
}
