//! Services, their parts, jobs and alerts.

use super::diagnostics;
use super::reader::{self, Reader, Record};
use eclexia_base::Span;
use eclexia_model::*;
use eclexia_rt::value::Value;

/// More replicas than this of one service are surely a slip, and would only make the plan slow.
const MOST_REPLICAS: i64 = 10_000;

pub fn services(reader: &mut Reader, spec: &Record, parent: &Address) -> Vec<Service> {
    let values = reader.items(spec, "services");
    let mut services: Vec<Service> = Vec::new();
    for (i, value) in values.into_iter().enumerate() {
        let around = reader.item_span(spec, "services", i);
        let Some(record) = reader.record(value, around) else { continue };
        let Some(service) = service(reader, &record, around, parent) else { continue };
        if let Some(first) = services.iter().find(|s| s.name == service.name) {
            let spans = (reader.origins.get(service.origin), reader.origins.get(first.origin));
            reader.report(diagnostics::duplicate_name("service", &service.name, spans));
            continue;
        }
        services.push(service);
    }
    services
}

fn service(
    reader: &mut Reader,
    record: &Record,
    around: Option<Span>,
    parent: &Address,
) -> Option<Service> {
    let name = reader.text(record, "name");
    let spec = reader.record(reader.field(record, "spec")?, around)?;
    let address = parent.child(&name);
    let span = reader.definition_span(&spec, &name);
    let ports = ports(reader, &spec);
    Some(Service {
        image: reader.text(&spec, "image"),
        command: reader.texts(&spec, "command"),
        env: env(reader, &spec),
        files: files(reader, &spec),
        mounts: mounts(reader, &spec),
        needs: needs(reader, &spec),
        probes: probes(reader, &spec, &ports),
        replicas: replicas(reader, &spec),
        variants: variants(reader, &spec, &address),
        demand: reader.option(&spec, "demand").and_then(reader::amount),
        min_zones: count(reader, &spec, "min-zones", 1),
        max_per_node: reader.option(&spec, "max-per-node").map(|v| match v {
            Value::Int(n) => u32::try_from(*n).unwrap_or(1).max(1),
            _ => 1,
        }),
        regions: region_names(reader, &spec),
        max_latency: reader.option(&spec, "max-latency").and_then(reader::amount),
        disruption_budget: disruption_budget(reader, &spec),
        rollout: rollout(reader, &spec),
        stateful: reader.flag(&spec, "stateful"),
        isolated: reader.flag(&spec, "isolated"),
        public: reader.flag(&spec, "public"),
        labels: reader
            .entries(&spec, "labels")
            .into_iter()
            .map(|(k, v)| (k, reader::as_text(&v)))
            .collect(),
        origin: reader.origin(span),
        ports,
        address,
        name,
    })
}

fn count(reader: &mut Reader, spec: &Record, field: &str, least: i64) -> u32 {
    let n = reader.int(spec, field);
    if !(least..=MOST_REPLICAS).contains(&n) {
        let span = reader.field_span(spec, field);
        reader.report(diagnostics::count_out_of_range(field, n, least, MOST_REPLICAS, span));
    }
    n.clamp(least, MOST_REPLICAS) as u32
}

fn disruption_budget(reader: &mut Reader, spec: &Record) -> Option<DisruptionBudget> {
    let field = "disruption-budget";
    let Some(Value::Int(n)) = reader.option(spec, field) else { return None };
    let span = reader.field_span(spec, field);
    if !(0..=MOST_REPLICAS).contains(n) {
        reader.report(diagnostics::count_out_of_range(field, *n, 0, MOST_REPLICAS, span));
    }
    let most = (*n).clamp(0, MOST_REPLICAS) as u32;
    Some(DisruptionBudget { most, origin: reader.origin(span) })
}

fn replicas(reader: &mut Reader, spec: &Record) -> Replicas {
    let span = reader.field_span(spec, "replicas");
    let origin = reader.origin(span);
    let range = reader.field(spec, "replicas").and_then(|v| reader.record(v, span));
    let Some(range) = range else { return Replicas { min: 1, max: 1, origin } };
    let (low, high) = (reader.int(&range, "min"), reader.int(&range, "max"));
    if low < 0 || low > high || high > MOST_REPLICAS {
        reader.report(diagnostics::replica_range(low, high, MOST_REPLICAS, span));
    }
    let min = low.clamp(0, MOST_REPLICAS);
    Replicas { min: min as u32, max: high.clamp(min, MOST_REPLICAS) as u32, origin }
}

fn env(reader: &Reader, spec: &Record) -> Vec<EnvVar> {
    let plain = reader.entries(spec, "env").into_iter();
    let mut all: Vec<EnvVar> = plain
        .map(|(name, v)| EnvVar { name, value: EnvValue::Plain(reader::as_text(&v)) })
        .collect();
    for (name, value) in reader.entries(spec, "secrets") {
        let Some(secret) = reader.record(&value, spec.span) else { continue };
        let (secret, key) = (reader.text(&secret, "secret"), reader.text(&secret, "key"));
        all.push(EnvVar { name, value: EnvValue::Secret { secret, key } });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn files(reader: &Reader, spec: &Record) -> Vec<ConfigFile> {
    let entries = reader.entries(spec, "files").into_iter();
    let file = |(path, content)| ConfigFile { path, content: reader::as_text(&content) };
    entries.map(file).collect()
}

fn ports(reader: &mut Reader, spec: &Record) -> Vec<Port> {
    let mut ports = Vec::new();
    let mut add = |reader: &mut Reader, number: i64, name: String, protocol: String, span| {
        let Ok(port @ 1..) = u16::try_from(number) else {
            reader.report(diagnostics::port_out_of_range(number, span));
            return;
        };
        let name = if name.is_empty() { default_port_name(&ports, &protocol, port) } else { name };
        let origin = reader.origin(span);
        ports.push(Port { name, port, protocol, origin });
    };
    if let Some(Value::Int(number)) = reader.option(spec, "port") {
        let span = reader.field_span(spec, "port");
        let protocol = reader.text(spec, "protocol");
        add(reader, *number, String::new(), protocol, span);
    }
    for (i, value) in reader.items(spec, "ports").into_iter().enumerate() {
        let around = reader.item_span(spec, "ports", i);
        let Some(record) = reader.record(value, around) else { continue };
        let (name, protocol) = (reader.text(&record, "name"), reader.text(&record, "protocol"));
        add(reader, reader.int(&record, "number"), name, protocol, around);
    }
    ports
}

fn default_port_name(taken: &[Port], protocol: &str, port: u16) -> String {
    let is_free = taken.iter().all(|p| p.name != protocol);
    if is_free { protocol.to_owned() } else { format!("{protocol}-{port}") }
}

fn mounts(reader: &mut Reader, spec: &Record) -> Vec<Mount> {
    let mut mounts = Vec::new();
    for (i, value) in reader.items(spec, "volumes").into_iter().enumerate() {
        let around = reader.item_span(spec, "volumes", i);
        let Some(record) = reader.record(value, around) else { continue };
        let size = reader.amount(&record, "size");
        if size <= Exact::int(0) {
            reader.report(diagnostics::negative_amount("size", around));
        }
        mounts.push(Mount {
            volume: reader.text(&record, "name"),
            path: reader.text(&record, "at"),
            size,
            read_only: reader.flag(&record, "read-only"),
            origin: reader.origin(around),
        });
    }
    mounts
}

/// Names only; `checks` completes the ports when all services are known.
fn needs(reader: &mut Reader, spec: &Record) -> Vec<Need> {
    let Some(value) = reader.field(spec, "needs") else { return Vec::new() };
    let (_, args) = reader.variant(value);
    let targets = args.first().map(reader::items).unwrap_or_default();
    let mut needs = Vec::new();
    for (i, target) in targets.into_iter().enumerate() {
        let span = reader.item_span(spec, "needs", i);
        let Some(record) = reader.record(target, span) else { continue };
        let origin = reader.origin(span);
        if let Some(protocol) = reader.option(&record, "protocol") {
            let protocol = reader::as_text(protocol);
            reader.asked_protocols.insert(origin, protocol);
        }
        needs.push(Need { service: reader.text(&record, "target"), ports: Vec::new(), origin });
    }
    needs
}

fn probes(reader: &mut Reader, spec: &Record, ports: &[Port]) -> Vec<Probe> {
    let kinds = [("health", ProbeKind::Liveness), ("ready", ProbeKind::Readiness)];
    let mut probes = Vec::new();
    for (field, kind) in kinds {
        let Some(value) = reader.option(spec, field) else { continue };
        let span = reader.field_span(spec, field);
        let Some(record) = reader.record(value, span) else { continue };
        let port = match reader.option(&record, "port") {
            Some(Value::Int(n)) => u16::try_from(*n).ok(),
            _ => ports.first().map(|p| p.port),
        };
        let Some(check) = reader.field(&record, "check") else { continue };
        let (ctor, args) = reader.variant(check);
        let check = match (ctor, args.first(), port) {
            ("HttpCheck", Some(path), Some(port)) => {
                Check::Http { path: reader::as_text(path), port }
            }
            ("ExecCheck", Some(command), _) => {
                Check::Exec(reader::items(command).into_iter().map(reader::as_text).collect())
            }
            ("TcpCheck", Some(Value::Int(n)), _) => match u16::try_from(*n) {
                Ok(port @ 1..) => Check::Tcp { port },
                _ => {
                    reader.report(diagnostics::port_out_of_range(*n, span));
                    continue;
                }
            },
            _ => {
                reader.report(diagnostics::probe_without_port(span));
                continue;
            }
        };
        let seconds =
            |name: &str| reader.amount(&record, name).to_f64().ceil().clamp(1.0, 86_400.0) as u32;
        let retries = reader.int(&record, "retries").clamp(1, 100) as u32;
        let (every, timeout) = (seconds("every"), seconds("timeout"));
        probes.push(Probe { kind, check, every, timeout, retries });
    }
    probes
}

fn rollout(reader: &mut Reader, spec: &Record) -> Rollout {
    let value = reader.field(spec, "rollout").cloned().unwrap_or(Value::Unit);
    match reader.variant(&value) {
        ("Rolling", [Value::Int(n)]) => {
            Rollout::Rolling { at_a_time: (*n).clamp(1, MOST_REPLICAS) as u32 }
        }
        ("BlueGreen", _) => Rollout::BlueGreen,
        ("Canary", [steps, abort]) => Rollout::Canary {
            steps: reader::items(steps).into_iter().filter_map(reader::amount).collect(),
            abort_when: reader::some(abort).and_then(|t| threshold(reader, t)),
        },
        ("Recreate", _) => Rollout::Recreate,
        _ => Rollout::Rolling { at_a_time: 1 },
    }
}

fn threshold(reader: &Reader, value: &Value) -> Option<Threshold> {
    let (_, args) = reader.variant(value);
    let signal = match reader::as_text(args.first()?).as_str() {
        "error-rate" => Signal::ErrorRate,
        "latency-p95" => Signal::LatencyP95,
        "memory" => Signal::Memory,
        _ => Signal::Cpu,
    };
    Some(Threshold { signal, above: reader::amount(args.get(1)?)? })
}

fn variants(reader: &mut Reader, spec: &Record, parent: &Address) -> Vec<Variant> {
    let values = reader.items(spec, "variants");
    let mut variants: Vec<Variant> = Vec::new();
    for (i, value) in values.into_iter().enumerate() {
        let around = reader.item_span(spec, "variants", i);
        let Some(record) = reader.record(value, around) else { continue };
        let name = reader.text(&record, "name");
        let inner = reader.field(&record, "spec").and_then(|v| reader.record(v, around));
        let Some(inner) = inner else { continue };
        let variant = variant(reader, &inner, name, parent, around);
        if let Some(first) = variants.iter().find(|v| v.name == variant.name) {
            let spans = (reader.origins.get(variant.origin), reader.origins.get(first.origin));
            reader.report(diagnostics::duplicate_name("variant", &variant.name, spans));
            continue;
        }
        variants.push(variant);
    }
    if variants.is_empty() {
        let span = reader.field_span(spec, "requires");
        variants.push(variant(reader, spec, "default".to_owned(), parent, span));
    }
    variants
}

/// `spec` is a `VariantSpec`, or a `ServiceSpec` that stands for its only variant.
fn variant(
    reader: &mut Reader,
    spec: &Record,
    name: String,
    parent: &Address,
    span: Option<Span>,
) -> Variant {
    let requires = resources(reader, reader.field(spec, "requires"), spec);
    let limits = resources(reader, reader.option(spec, "limits"), spec);
    let provides = reader.field(spec, "provides").and_then(|v| reader.record(v, spec.span));
    let given =
        |field| provides.as_ref().and_then(|p| reader.option(p, field)).and_then(reader::amount);
    let image = match reader.field(spec, "image") {
        Some(Value::Data(data)) => data.fields.first().map(reader::as_text),
        _ => None,
    };
    Variant {
        address: parent.child("variant").child(&name),
        image,
        latency: given("latency"),
        throughput: given("throughput"),
        penalty: reader.amount(spec, "penalty"),
        arch: reader.texts(spec, "arch"),
        gpu_model: reader.option(spec, "gpu-model").map(reader::as_text),
        utilisation: reader.amount(spec, "utilisation").clamp(Exact::int(0), Exact::int(1)),
        requires,
        limits,
        origin: reader.origin(span),
        name,
    }
}

/// A `Requires` record; zero amounts are left out, negative ones reported.
fn resources(reader: &mut Reader, value: Option<&Value>, around: &Record) -> Resources {
    let span = around.span;
    let Some(record) = value.and_then(|v| reader.record(v, span)) else { return Resources::new() };
    let mut found = Resources::new();
    for resource in Resource::ALL {
        let amount = reader.amount(&record, resource.name());
        if amount < Exact::int(0) {
            let span = reader.field_span(&record, resource.name());
            reader.report(diagnostics::negative_amount(resource.name(), span));
        } else if amount > Exact::int(0) {
            found.insert(resource, amount);
        }
    }
    found
}

pub fn region_names(reader: &Reader, spec: &Record) -> Vec<String> {
    let regions = reader.items(spec, "regions").into_iter();
    regions.filter_map(|v| Some(reader.text(&reader.record(v, None)?, "name"))).collect()
}

pub fn jobs(reader: &mut Reader, spec: &Record, parent: &Address) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    for (i, value) in reader.items(spec, "jobs").into_iter().enumerate() {
        let around = reader.item_span(spec, "jobs", i);
        let Some(record) = reader.record(value, around) else { continue };
        let name = reader.text(&record, "name");
        let inner = reader.field(&record, "spec").and_then(|v| reader.record(v, around));
        let Some(inner) = inner else { continue };
        let job = job(reader, &inner, name, parent);
        if let Some(first) = jobs.iter().find(|j| j.name == job.name) {
            let spans = (reader.origins.get(job.origin), reader.origins.get(first.origin));
            reader.report(diagnostics::duplicate_name("job", &job.name, spans));
            continue;
        }
        jobs.push(job);
    }
    jobs
}

/// Longest horizon, in hours, that a job may be planned over: a week.
const MOST_HOURS: f64 = 168.0;

fn job(reader: &mut Reader, spec: &Record, name: String, parent: &Address) -> Job {
    let hours = reader.amount(spec, "deadline").to_f64() / 3600.0;
    if !(1.0..=MOST_HOURS).contains(&hours) {
        let span = reader.field_span(spec, "deadline");
        reader.report(diagnostics::deadline_out_of_range(span));
    }
    let deadline_hours = hours.floor().clamp(1.0, MOST_HOURS) as u32;
    let earliest = (reader.amount(spec, "earliest").to_f64() / 3600.0).ceil();
    if !(0.0..f64::from(deadline_hours)).contains(&earliest) {
        let span = reader.field_span(spec, "earliest");
        reader.report(diagnostics::earliest_out_of_range(deadline_hours, span));
    }
    let (deferrable, interruptible) =
        (reader.flag(spec, "deferrable"), reader.flag(spec, "interruptible"));
    if interruptible && !deferrable {
        let spans = ["interruptible", "deferrable"].map(|field| reader.field_span(spec, field));
        reader.report(diagnostics::not_deferrable(&name, spans));
    }
    let requires = resources(reader, reader.field(spec, "requires"), spec);
    let work = reader.amount(spec, "work");
    if work <= Exact::int(0) || !requires.contains_key(&Resource::Cpu) {
        let span = reader.field_span(spec, "work");
        reader.report(diagnostics::job_without_work(&name, span));
    }
    let span = reader.definition_span(spec, &name);
    Job {
        address: parent.child(&name),
        image: reader.text(spec, "image"),
        command: reader.texts(spec, "command"),
        env: env(reader, spec),
        files: files(reader, spec),
        mounts: mounts(reader, spec),
        needs: needs(reader, spec),
        requires,
        work,
        earliest_hour: earliest.clamp(0.0, f64::from(deadline_hours - 1)) as u32,
        deadline_hours,
        deferrable,
        interruptible: interruptible && deferrable,
        isolated: reader.flag(spec, "isolated"),
        regions: region_names(reader, spec),
        utilisation: reader.amount(spec, "utilisation").clamp(Exact::int(0), Exact::int(1)),
        origin: reader.origin(span),
        name,
    }
}

pub fn alerts(reader: &mut Reader, spec: &Record) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for (i, value) in reader.items(spec, "alerts").into_iter().enumerate() {
        let span = reader.item_span(spec, "alerts", i);
        let Some(record) = reader.record(value, span) else { continue };
        let Some(threshold) = reader.field(&record, "threshold").and_then(|t| threshold(reader, t))
        else {
            continue;
        };
        let options = reader.field(&record, "options").and_then(|v| reader.record(v, span));
        let Some(options) = options else { continue };
        let services = reader.items(&options, "services").into_iter();
        let services =
            services.filter_map(|v| Some(reader.text(&reader.record(v, None)?, "name"))).collect();
        alerts.push(Alert {
            name: reader.text(&record, "name"),
            severity: reader.text(&record, "severity"),
            threshold,
            holds_for: reader.amount(&options, "for").to_f64().clamp(0.0, 86_400.0) as u32,
            services,
            origin: reader.origin(span),
        });
    }
    alerts
}
