//! One service of a compose file.
//!
//! In: a chosen service, its networks and host ports. Out: its entry. Always holds: no secret's
//! value, only `${NAME:?…}` references; root file system read-only with `/tmp` and `/run` in
//! memory; no new privileges; no capabilities but the five that an image needs to hand a fresh
//! volume to its own user, and those only where there is a volume to write.

use super::networks::Networks;
use super::text::{escaped, required_variable, shell_word, text};
use crate::chosen::{Chosen, Edge, View, is_udp, kind_name};
use crate::names;
use crate::quantity::{compose_bytes, compose_cpus, kubernetes_bytes, whole};
use crate::yaml::{Map, Yaml, strings};
use crate::{Report, room};
use eclexia_model::{
    Address, Check, ConfigFile, EnvValue, EnvVar, Exact, Mount, Probe, ProbeKind, Resource, Rollout,
};
use std::collections::BTreeMap;

pub struct Shared<'s> {
    pub networks: &'s Networks,
    pub published: Vec<Map>,
    pub variables: &'s Variables,
}

/// Secret and key to the variable of the environment that has its value.
pub type Variables = BTreeMap<(String, String), String>;

pub fn service(
    view: &View<'_>,
    chosen: &Chosen<'_>,
    shared: Shared<'_>,
    report: &mut Report,
) -> Map {
    let command: Vec<String> = chosen.service.command.iter().map(|word| escaped(word)).collect();
    let is_public = !shared.published.is_empty();
    let public = chosen.public_ports();
    let internal = chosen.ports().into_iter().filter(|port| !public.contains(port));
    let expose: Vec<String> = internal
        .map(|port| format!("{}{}", port.port, if is_udp(port) { "/udp" } else { "" }))
        .collect();
    let joined = shared.networks.joined.get(&chosen.name);
    let networks = joined.map(|names| strings(names.iter().map(String::as_str)));
    let held = Held {
        name: &chosen.name,
        address: chosen.address(),
        mounts: &chosen.service.mounts,
        replicas: chosen.replicas,
    };
    Map::new()
        .with("image", text(chosen.image()))
        .with_nonempty("command", command)
        .with_nonempty("environment", environment(&chosen.service.env, shared.variables))
        .with_nonempty("configs", configs(&chosen.name, chosen.files()))
        .with_nonempty("expose", expose)
        .with_nonempty("ports", shared.published)
        .with_nonempty("volumes", volumes(view, &held, report))
        .with_some("healthcheck", healthcheck(chosen, report))
        .with_nonempty("depends_on", depends_on(view.needs(chosen), chosen.address(), report))
        .with_some("network_mode", networks.is_none().then_some("none"))
        .with_some("networks", networks)
        .with("restart", "unless-stopped")
        .with("read_only", true)
        .with_nonempty("tmpfs", scratch(held.mounts))
        .with("security_opt", strings(["no-new-privileges:true"]))
        .with("cap_drop", strings(["ALL"]))
        .with_some("cap_add", capabilities(held.mounts))
        .with_nonempty("labels", labels(chosen))
        .with("deploy", deploy(view, chosen, is_public, report))
}

pub fn environment(env: &[EnvVar], variables: &Variables) -> Map {
    let mut entries = Map::new();
    for variable in env.iter().filter(|v| names::is_env_name(&v.name)) {
        let value = match &variable.value {
            EnvValue::Plain(value) => text(value),
            EnvValue::Secret { secret, key } => {
                let known = variables.get(&(secret.clone(), key.clone()));
                let name = known.cloned().unwrap_or_else(|| names::shell_variable(&[secret, key]));
                required_variable(&name, secret, key)
            }
        };
        entries.set(&variable.name, value);
    }
    entries
}

/// `name`: of the service or job.
pub fn config_name(name: &str, key: &str) -> String {
    format!("{name}-{key}")
}

pub fn config_path(name: &str, key: &str) -> String {
    format!("config/{name}/{key}")
}

pub fn configs(name: &str, files: Vec<(String, &ConfigFile)>) -> Vec<Map> {
    let entries = files.into_iter().map(|(key, file)| {
        Map::new().with("source", config_name(name, &key)).with("target", text(&file.path))
    });
    entries.collect()
}

/// The name of a named volume: of its service or job, unless several share it.
pub fn volume_name(view: &View<'_>, name: &str, mount: &Mount) -> String {
    let label = view.volume_label(mount);
    if view.is_shared(mount) { label } else { format!("{name}--{label}") }
}

/// What a service or job mounts.
pub struct Held<'s> {
    pub name: &'s str,
    pub address: &'s Address,
    pub mounts: &'s [Mount],
    pub replicas: u32,
}

pub fn volumes(view: &View<'_>, held: &Held<'_>, report: &mut Report) -> Vec<Map> {
    let mut entries = Vec::new();
    for mount in held.mounts {
        let what = format!("volume `{}` of {}", mount.volume, kubernetes_bytes(&mount.size));
        report.add(held.address, what, "a volume of compose has no size; it may grow");
        if held.replicas > 1 && !mount.read_only {
            let what = format!("volume `{}` for each replica", mount.volume);
            let why = "the replicas of a compose service share its volumes";
            report.add(held.address, what, why);
        }
        let entry = Map::new()
            .with("type", "volume")
            .with("source", volume_name(view, held.name, mount))
            .with("target", text(&mount.path))
            .with_some("read_only", mount.read_only.then_some(true));
        entries.push(entry);
    }
    entries
}

pub fn scratch(mounts: &[Mount]) -> Yaml {
    let mounted = |path: &str| mounts.iter().any(|mount| mount.path.trim_end_matches('/') == path);
    strings(["/tmp", "/run"].into_iter().filter(|path| !mounted(path)))
}

/// What an image needs to hand a fresh volume to its own user.
pub fn capabilities(mounts: &[Mount]) -> Option<Yaml> {
    let writes = mounts.iter().any(|mount| !mount.read_only);
    writes.then(|| strings(["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]))
}

fn labels(chosen: &Chosen<'_>) -> Map {
    let mut labels = Map::new().with("dev.eclexia.variant", text(&chosen.variant.name));
    for (key, value) in &chosen.service.labels {
        labels.set(key, text(value));
    }
    labels
}

/// Compose has one check; those who wait for the service mean that it is ready.
fn checked<'a>(chosen: &Chosen<'a>) -> Option<&'a Probe> {
    chosen.probe(ProbeKind::Readiness).or_else(|| chosen.probe(ProbeKind::Liveness))
}

fn healthcheck(chosen: &Chosen<'_>, report: &mut Report) -> Option<Map> {
    let probe = checked(chosen)?;
    if probe.kind == ProbeKind::Readiness && chosen.probe(ProbeKind::Liveness).is_some() {
        let why = "compose has one check for a service; the readiness check is used";
        report.add(chosen.address(), format!("{} check", kind_name(ProbeKind::Liveness)), why);
    }
    let test = match &probe.check {
        Check::Exec(words) => {
            std::iter::once("CMD".to_owned()).chain(words.iter().map(|w| escaped(w))).collect()
        }
        Check::Http { path, port } => {
            let why = "compose runs it inside the container, whose image needs sh and wget or curl";
            report.add(chosen.address(), "an HTTP health check from outside", why);
            let url = format!("http://127.0.0.1:{port}/{}", path.trim_start_matches('/'));
            let url = shell_word(&url);
            shell(&format!("wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url}"))
        }
        Check::Tcp { port } => {
            let why = "compose runs it inside the container, whose image needs sh and nc or bash";
            report.add(chosen.address(), "a TCP health check from outside", why);
            shell(&format!("nc -z 127.0.0.1 {port} || bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}'"))
        }
    };
    let seconds = |n: u32| format!("{}s", n.max(1));
    Some(
        Map::new()
            .with("test", test)
            .with("interval", seconds(probe.every))
            .with("timeout", seconds(probe.timeout))
            .with("retries", probe.retries.max(1)),
    )
}

fn shell(script: &str) -> Vec<String> {
    vec!["CMD-SHELL".to_owned(), escaped(script)]
}

pub fn depends_on(needs: Vec<Edge<'_, '_>>, address: &Address, report: &mut Report) -> Map {
    let mut entries = Map::new();
    for need in needs {
        if need.other.replicas == 0 {
            let what = format!("start after {}", need.other.service.name);
            report.add(address, what, "the plan runs no replica of it");
            continue;
        }
        let healthy = checked(need.other).is_some();
        let condition = if healthy { "service_healthy" } else { "service_started" };
        entries.set(&need.other.name, Map::new().with("condition", condition));
    }
    entries
}

fn deploy(view: &View<'_>, chosen: &Chosen<'_>, public: bool, report: &mut Report) -> Map {
    let limits = amounts(chosen.limit(Resource::Cpu), chosen.limit(Resource::Memory));
    let devices = chosen.requires(Resource::Gpu).map(devices);
    let reserved = amounts(chosen.requires(Resource::Cpu), chosen.requires(Resource::Memory))
        .with_some("devices", devices);
    let resources =
        Map::new().with_nonempty("limits", limits).with_nonempty("reservations", reserved);
    Map::new()
        .with("replicas", chosen.replicas)
        .with_nonempty("resources", resources)
        .with("update_config", update_config(view, chosen, public, report))
}

pub fn amounts(cpu: Option<&Exact>, memory: Option<&Exact>) -> Map {
    Map::new()
        .with_some("cpus", cpu.map(compose_cpus))
        .with_some("memory", memory.map(compose_bytes))
}

pub fn devices(gpus: &Exact) -> Vec<Map> {
    let device = Map::new()
        .with("driver", "nvidia")
        .with("count", whole(gpus))
        .with("capabilities", strings(["gpu"]));
    vec![device]
}

/// Start first only where two can run at once: not over a port of the host or a volume.
fn update_config(view: &View<'_>, chosen: &Chosen<'_>, public: bool, report: &mut Report) -> Map {
    let (parallelism, stop_all) = match &chosen.service.rollout {
        Rollout::Rolling { at_a_time } => (chosen.at_a_time(*at_a_time), false),
        Rollout::Recreate => (0, true),
        Rollout::BlueGreen => {
            report.add(chosen.address(), "blue-green rollout", ONE_VERSION);
            (1, false)
        }
        Rollout::Canary { .. } => {
            report.add(chosen.address(), "canary rollout", ONE_VERSION);
            (1, false)
        }
    };
    let exclusive = stop_all || public || chosen.service.stateful;
    let alone = exclusive || !chosen.service.mounts.is_empty();
    let first = !alone && room::fits_beside(view, chosen, parallelism);
    Map::new()
        .with("parallelism", parallelism)
        .with("order", if first { "start-first" } else { "stop-first" })
        .with("failure_action", "rollback")
}

const ONE_VERSION: &str =
    "compose runs one version of a service; written as a rolling update of one at a time";
