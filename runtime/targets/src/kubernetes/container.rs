//! The pod template of a service: container, probes, resources, restricted security.
//!
//! In: a chosen service. Out: `metadata` and `spec` of its pods. Always holds: the pod passes the
//! `restricted` pod security standard, its root file system is read-only with `/tmp` and `/run`
//! writable, it has no service account token, and it sees secrets only by reference.

use super::object::{plain_env, service_labels, unexpanded};
use super::placement;
use super::storage;
use crate::Report;
use crate::chosen::{Chosen, View, is_udp};
use crate::names;
use crate::quantity::{kubernetes_bytes, kubernetes_cpu, whole};
use crate::yaml::{Map, Yaml, strings};
use eclexia_model::{Address, Check, EnvValue, EnvVar, Probe, ProbeKind, Resource};

/// The user of every container: any number but 0 does, images must not depend on one.
const USER: u32 = 10001;

pub fn pod_template(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let metadata = Map::new()
        .with("labels", service_labels(view, chosen, report))
        .with_nonempty("annotations", files_annotation(chosen));
    let spec = pod_spec()
        .with_nonempty("affinity", placement::affinity(view, chosen, report))
        .with_nonempty("topologySpreadConstraints", placement::spread(view, chosen))
        .with("containers", vec![container(view, chosen, report)])
        .with_nonempty("volumes", storage::pod_volumes(view, chosen));
    Map::new().with("metadata", metadata).with("spec", spec)
}

/// What the pods of services and jobs have in common.
pub fn pod_spec() -> Map {
    let security = Map::new()
        .with("runAsNonRoot", true)
        .with("runAsUser", USER)
        .with("runAsGroup", USER)
        .with("fsGroup", USER)
        .with("fsGroupChangePolicy", "OnRootMismatch")
        .with("seccompProfile", Map::new().with("type", "RuntimeDefault"));
    Map::new()
        .with("automountServiceAccountToken", false)
        .with("enableServiceLinks", false)
        .with("securityContext", security)
}

pub fn container_security() -> Map {
    Map::new()
        .with("allowPrivilegeEscalation", false)
        .with("capabilities", Map::new().with("drop", strings(["ALL"])))
        .with("readOnlyRootFilesystem", true)
        .with("runAsNonRoot", true)
        .with("seccompProfile", Map::new().with("type", "RuntimeDefault"))
}

/// Files are mounted one by one and do not change under a running pod: a new content must make a
/// new pod, so its hash is part of the template.
fn files_annotation(chosen: &Chosen<'_>) -> Map {
    let mut all = String::new();
    for file in &chosen.service.files {
        all.push_str(&format!("{}\0{}\0", file.path, file.content));
    }
    let hash = (!all.is_empty()).then(|| names::hash(&all));
    Map::new().with_some("eclexia.dev/files", hash)
}

fn container(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let probe = |kind, report: &mut Report| {
        chosen.probe(kind).map(|probe| probe_map(chosen, probe, report))
    };
    let args = chosen.service.command.iter().map(|word| unexpanded(word)).collect::<Vec<_>>();
    Map::new()
        .with("name", chosen.name.as_str())
        .with("image", chosen.image())
        .with_nonempty("args", args)
        .with_nonempty("env", env(&chosen.service.env, chosen.address(), report))
        .with_nonempty("ports", ports(chosen))
        .with_nonempty("resources", resources(chosen, report))
        .with_some("livenessProbe", probe(ProbeKind::Liveness, report))
        .with_some("readinessProbe", probe(ProbeKind::Readiness, report))
        .with("securityContext", container_security())
        .with_nonempty("volumeMounts", storage::mounts(view, chosen))
}

pub fn env(env: &[EnvVar], address: &Address, report: &mut Report) -> Vec<Yaml> {
    let good = env.iter().filter(|variable| names::is_env_name(&variable.name));
    let entries = good.map(|variable| match &variable.value {
        EnvValue::Plain(value) => plain_env(&variable.name, value),
        EnvValue::Secret { secret, key } => {
            let (name, known) = (names::dns_subdomain(secret), names::config_key(key));
            if name != *secret || known != *key {
                let why = format!("no such name can exist; it refers to `{name}`, key `{known}`");
                report.add(address, format!("secret `{secret}`, key `{key}`"), why);
            }
            let reference = Map::new().with("name", name).with("key", known);
            let from = Map::new().with("secretKeyRef", reference);
            Map::new().with("name", variable.name.as_str()).with("valueFrom", from).into()
        }
    });
    entries.collect()
}

fn ports(chosen: &Chosen<'_>) -> Vec<Map> {
    let entries = chosen.ports().into_iter().map(|port| {
        Map::new()
            .with("name", names::port_name(&port.name))
            .with("containerPort", port.port)
            .with("protocol", if is_udp(port) { "UDP" } else { "TCP" })
    });
    entries.collect()
}

fn resources(chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let of = |resource, limit: bool| {
        if limit { chosen.limit(resource) } else { chosen.requires(resource) }
    };
    let amounts = |limit| {
        Map::new()
            .with_some("cpu", of(Resource::Cpu, limit).map(kubernetes_cpu))
            .with_some("memory", of(Resource::Memory, limit).map(kubernetes_bytes))
            // Requests of devices follow from their limits and must equal them.
            .with_some("nvidia.com/gpu", of(Resource::Gpu, true).map(|n| whole(n).to_string()))
    };
    if let Some(bandwidth) = chosen.requires(Resource::Network) {
        let what = format!("network {} B/s", bandwidth);
        let why = "Kubernetes reserves no bandwidth; the plan chose machines that have it";
        report.add(chosen.address(), what, why);
    }
    Map::new().with_nonempty("requests", amounts(false)).with_nonempty("limits", amounts(true))
}

fn probe_map(chosen: &Chosen<'_>, probe: &Probe, report: &mut Report) -> Map {
    let check = match &probe.check {
        Check::Http { path, port } => {
            let path = if path.starts_with('/') { path.clone() } else { format!("/{path}") };
            Map::new().with("httpGet", Map::new().with("path", path).with("port", *port))
        }
        Check::Tcp { port } => Map::new().with("tcpSocket", Map::new().with("port", *port)),
        Check::Exec(words) => {
            if words.is_empty() {
                report.add(chosen.address(), "an empty health check", "there is no command to run");
            }
            let command = strings(words.iter().map(String::as_str));
            Map::new().with("exec", Map::new().with("command", command))
        }
    };
    check
        .with("periodSeconds", probe.every.max(1))
        .with("timeoutSeconds", probe.timeout.max(1))
        .with("failureThreshold", probe.retries.max(1))
}
