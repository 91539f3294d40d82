//! A deployment joined with its plan: what both targets render from.
//!
//! In: the model's services and jobs, and the plan's choices by name. Out: for each service its
//! chosen variant, replicas, machines and unique name, and the edges of `:needs` both ways.
//! Services the plan has no choice for are left out and reported: rendering decides nothing.

use crate::Report;
use crate::names::{self, Names};
use eclexia_model::{
    Address, ConfigFile, Deployment, EnvVar, Exact, Job, JobChoice, Mount, Need, NodeType, Plan,
    Port, Probe, ProbeKind, Resource, Resources, Service, ServiceChoice, Variant,
};
use std::collections::{BTreeMap, BTreeSet};

pub struct View<'a> {
    pub dep: &'a Deployment,
    pub plan: &'a Plan,
    /// The deployment's name as a DNS label.
    pub name: String,
    pub address: Address,
    pub services: Vec<Chosen<'a>>,
    pub jobs: Vec<ChosenJob<'a>>,
    /// Volumes that one service or job writes and others read.
    shared: BTreeSet<&'a str>,
    volumes: Names,
}

pub struct Chosen<'a> {
    pub service: &'a Service,
    pub variant: &'a Variant,
    pub replicas: u32,
    pub name: String,
    pub pools: Vec<Pool<'a>>,
}

pub struct ChosenJob<'a> {
    pub job: &'a Job,
    pub choice: &'a JobChoice,
    pub name: String,
    pub pool: Pool<'a>,
}

/// Machines of one region and architecture on which the plan puts a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool<'a> {
    pub region: &'a str,
    pub arch: Option<&'a str>,
    pub node_types: BTreeSet<&'a str>,
}

/// A service with the ports of the edge to or from it.
pub struct Edge<'v, 'a> {
    pub other: &'v Chosen<'a>,
    /// Empty: order only.
    pub ports: BTreeSet<u16>,
}

impl<'a> View<'a> {
    pub(crate) fn new(dep: &'a Deployment, plan: &'a Plan, report: &mut Report) -> View<'a> {
        let texts = dep.services.iter().map(|s| s.name.as_str());
        let names = Names::new(texts.chain(dep.jobs.iter().map(|j| j.name.as_str())));
        let services = dep.services.iter().filter_map(|service| {
            let Some((choice, variant)) = choice_for(service, plan) else {
                report.add(&service.address, "the service", NOT_CHOSEN);
                return None;
            };
            Some(Chosen {
                service,
                variant,
                replicas: choice.replicas,
                name: names.get(&service.name),
                pools: pools(dep, plan, &service.name),
            })
        });
        let services: Vec<Chosen<'a>> = services.collect();
        let jobs = dep.jobs.iter().filter_map(|job| {
            let Some(choice) = plan.jobs.iter().find(|choice| choice.job == job.name) else {
                report.add(&job.address, "the job", NOT_CHOSEN);
                return None;
            };
            let pool = Pool {
                region: &choice.region,
                arch: node_type(dep, &choice.node_type).map(|node| node.arch.as_str()),
                node_types: BTreeSet::from([choice.node_type.as_str()]),
            };
            Some(ChosenJob { job, choice, name: names.get(&job.name), pool })
        });
        let jobs: Vec<ChosenJob<'a>> = jobs.collect();
        for chosen in &services {
            report_names(chosen, report);
        }
        for chosen in &jobs {
            report_env(&chosen.job.address, &chosen.job.env, report);
        }
        let mounts = all_mounts(dep);
        View {
            dep,
            plan,
            name: deployment_name(dep, report),
            address: Address::new(dep.name.as_str()),
            services,
            jobs,
            shared: shared_volumes(dep),
            volumes: Names::new(mounts.map(|mount| mount.volume.as_str())),
        }
    }

    pub fn service(&self, name: &str) -> Option<&Chosen<'a>> {
        self.services.iter().find(|chosen| chosen.service.name == name)
    }

    /// What the service needs, each once, in source order.
    pub fn needs(&self, chosen: &Chosen<'a>) -> Vec<Edge<'_, 'a>> {
        self.needed(&chosen.service.needs)
    }

    /// What the job needs.
    pub fn job_needs(&self, chosen: &ChosenJob<'a>) -> Vec<Edge<'_, 'a>> {
        self.needed(&chosen.job.needs)
    }

    fn needed(&self, needs: &[Need]) -> Vec<Edge<'_, 'a>> {
        let mut edges: Vec<Edge<'_, 'a>> = Vec::new();
        for need in needs {
            match edges.iter_mut().find(|edge| edge.other.service.name == need.service) {
                Some(edge) => edge.ports.extend(&need.ports),
                None => edges.extend(
                    self.service(&need.service)
                        .map(|other| Edge { other, ports: need.ports.iter().copied().collect() }),
                ),
            }
        }
        edges
    }

    /// What needs the service and may reach a port of it, in source order.
    pub fn callers(&self, chosen: &Chosen<'a>) -> Vec<Edge<'_, 'a>> {
        let edges = self.services.iter().filter_map(|caller| {
            let edge = self.needs(caller).into_iter().find(|e| std::ptr::eq(e.other, chosen))?;
            (!edge.ports.is_empty()).then_some(Edge { other: caller, ports: edge.ports })
        });
        edges.collect()
    }

    /// Jobs that need the service and may reach a port of it, in source order, with the ports.
    pub fn calling_jobs(&self, chosen: &Chosen<'a>) -> Vec<(&ChosenJob<'a>, BTreeSet<u16>)> {
        let callers = self.jobs.iter().filter_map(|job| {
            let needs = self.job_needs(job);
            let edge = needs.into_iter().find(|edge| std::ptr::eq(edge.other, chosen))?;
            (!edge.ports.is_empty()).then_some((job, edge.ports))
        });
        callers.collect()
    }

    /// Of services and jobs.
    pub fn mounts(&self) -> impl Iterator<Item = &'a Mount> {
        let of_jobs = self.jobs.iter().flat_map(|chosen| &chosen.job.mounts);
        self.services.iter().flat_map(|chosen| &chosen.service.mounts).chain(of_jobs)
    }

    pub fn is_shared(&self, mount: &Mount) -> bool {
        self.shared.contains(mount.volume.as_str())
    }

    /// The volume's name as a DNS label, unique among the deployment's volumes.
    pub fn volume_label(&self, mount: &Mount) -> String {
        self.volumes.get(&mount.volume)
    }

    /// Regions in which the plan puts anything.
    pub fn regions(&self) -> BTreeSet<&'a str> {
        self.plan.nodes.iter().map(|node| node.region.as_str()).collect()
    }
}

impl<'a> Chosen<'a> {
    pub fn address(&self) -> &'a Address {
        &self.service.address
    }

    pub fn image(&self) -> &'a str {
        self.variant.image.as_deref().unwrap_or(&self.service.image)
    }

    pub fn requires(&self, resource: Resource) -> Option<&'a Exact> {
        positive(&self.variant.requires, resource)
    }

    /// Never under the requirement: both targets refuse such a limit.
    pub fn limit(&self, resource: Resource) -> Option<&'a Exact> {
        let required = self.requires(resource);
        if self.variant.limits.is_empty() {
            return required;
        }
        match positive(&self.variant.limits, resource) {
            Some(limit) => Some(required.map_or(limit, |required| required.max(limit))),
            // A device cannot be shared, so its limit is the requirement.
            None if resource == Resource::Gpu => required,
            None => None,
        }
    }

    pub fn probe(&self, kind: ProbeKind) -> Option<&'a Probe> {
        self.service.probes.iter().find(|probe| probe.kind == kind)
    }

    pub fn is_range(&self) -> bool {
        self.service.replicas.min < self.service.replicas.max
    }

    /// Pods replaced at a time: at least one, at most all.
    pub fn at_a_time(&self, asked: u32) -> u32 {
        asked.clamp(1, self.service.replicas.max.max(self.replicas).max(1))
    }

    /// Ports by number, each once: two names of one port are one socket.
    pub fn ports(&self) -> Vec<&'a Port> {
        let mut seen = BTreeSet::new();
        self.service.ports.iter().filter(|port| seen.insert((port.port, is_udp(port)))).collect()
    }

    /// What the outside reaches of a public service: every port but `metrics`, which says more
    /// about a service than its users should know. A service with nothing else publishes that.
    pub fn public_ports(&self) -> Vec<&'a Port> {
        if !self.service.public {
            return Vec::new();
        }
        let (metrics, others): (Vec<_>, Vec<_>) =
            self.ports().into_iter().partition(|port| is_metrics(port));
        if others.is_empty() { metrics } else { others }
    }

    pub fn files(&self) -> Vec<(String, &'a ConfigFile)> {
        keyed(&self.service.files)
    }

    /// Whether it answers HTTP, and so has the standard request metrics.
    pub fn speaks_http(&self) -> bool {
        self.service.ports.iter().any(|port| matches!(port.protocol.as_str(), "http" | "https"))
    }
}

impl<'a> ChosenJob<'a> {
    pub fn files(&self) -> Vec<(String, &'a ConfigFile)> {
        keyed(&self.job.files)
    }
}

/// Config files with a unique key for each.
fn keyed(files: &[ConfigFile]) -> Vec<(String, &ConfigFile)> {
    let mut taken = BTreeMap::new();
    for file in files {
        *taken.entry(names::config_key(&file.path)).or_insert(0) += 1;
    }
    let keyed = files.iter().map(|file| {
        let key = names::config_key(&file.path);
        let key = match taken.get(&key) {
            Some(1) => key,
            _ => format!("{key}-{}", names::hash(&file.path)),
        };
        (key, file)
    });
    keyed.collect()
}

fn all_mounts(dep: &Deployment) -> impl Iterator<Item = &Mount> {
    let of_jobs = dep.jobs.iter().flat_map(|job| &job.mounts);
    dep.services.iter().flat_map(|service| &service.mounts).chain(of_jobs)
}

pub fn is_udp(port: &Port) -> bool {
    port.protocol.eq_ignore_ascii_case("udp")
}

pub fn is_metrics(port: &Port) -> bool {
    port.name == "metrics"
}

pub fn positive(resources: &Resources, resource: Resource) -> Option<&Exact> {
    resources.get(&resource).filter(|amount| **amount > Exact::int(0))
}

pub fn node_type<'a>(dep: &'a Deployment, name: &str) -> Option<&'a NodeType> {
    dep.node_types.iter().find(|node| node.name == name)
}

const NOT_CHOSEN: &str = "the plan has no choice for it, so no file was written for it; plan again";

fn choice_for<'a>(
    service: &'a Service,
    plan: &'a Plan,
) -> Option<(&'a ServiceChoice, &'a Variant)> {
    let choice = plan.services.iter().find(|choice| choice.service == service.name)?;
    let variant = service.variants.iter().find(|variant| variant.name == choice.variant)?;
    Some((choice, variant))
}

/// One pool per region and architecture, in the plan's order.
fn pools<'a>(dep: &'a Deployment, plan: &'a Plan, service: &str) -> Vec<Pool<'a>> {
    let mut pools: Vec<Pool<'a>> = Vec::new();
    for node in &plan.nodes {
        if node.count == 0 || node.pods.get(service).is_none_or(|pods| *pods == 0) {
            continue;
        }
        let arch = node_type(dep, &node.node_type).map(|node| node.arch.as_str());
        let found = pools.iter_mut().find(|pool| pool.region == node.region && pool.arch == arch);
        match found {
            Some(pool) => {
                pool.node_types.insert(&node.node_type);
            }
            None => pools.push(Pool {
                region: &node.region,
                arch,
                node_types: BTreeSet::from([node.node_type.as_str()]),
            }),
        }
    }
    pools
}

/// A volume is one thing only while it has at most one writer; services and jobs that write one of
/// the same name have one each.
fn shared_volumes(dep: &Deployment) -> BTreeSet<&str> {
    type Users<'a> = BTreeSet<(&'static str, &'a str)>;
    let mut uses: BTreeMap<&str, (Users<'_>, Users<'_>)> = BTreeMap::new();
    let services = dep.services.iter().map(|s| (("service", s.name.as_str()), &s.mounts));
    let jobs = dep.jobs.iter().map(|j| (("job", j.name.as_str()), &j.mounts));
    for (user, mounts) in services.chain(jobs) {
        for mount in mounts {
            let (writers, users) = uses.entry(&mount.volume).or_default();
            users.insert(user);
            if !mount.read_only {
                writers.insert(user);
            }
        }
    }
    let shared =
        uses.into_iter().filter(|(_, (writers, users))| writers.len() <= 1 && users.len() > 1);
    shared.map(|(volume, _)| volume).collect()
}

/// Kubernetes' own namespaces are not for the taking.
fn deployment_name(dep: &Deployment, report: &mut Report) -> String {
    let label = names::dns_label(&dep.name);
    let is_taken = label == "default" || label.starts_with("kube-");
    let name = if is_taken { format!("app-{label}") } else { label };
    if name != dep.name {
        let why = format!("no name for a namespace or project; it is called `{name}`");
        report.add(&Address::new(dep.name.as_str()), format!("the name `{}`", dep.name), why);
    }
    name
}

fn report_names(chosen: &Chosen<'_>, report: &mut Report) {
    let service = chosen.service;
    if chosen.name != service.name {
        let why = format!("no DNS name; other services reach it as `{}`", chosen.name);
        report.add(&service.address, format!("the name `{}`", service.name), why);
    }
    report_env(&service.address, &service.env, report);
    for (index, probe) in service.probes.iter().enumerate() {
        if service.probes[..index].iter().any(|earlier| earlier.kind == probe.kind) {
            let what = format!("a second {} check", kind_name(probe.kind));
            report.add(&service.address, what, "a service has one of each kind; the first is used");
        }
    }
}

fn report_env(address: &Address, env: &[EnvVar], report: &mut Report) {
    for variable in env.iter().filter(|variable| !names::is_env_name(&variable.name)) {
        let why = "no name of an environment entry; it was left out";
        report.add(address, format!("env `{}`", variable.name), why);
    }
}

pub fn kind_name(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Liveness => "liveness",
        ProbeKind::Readiness => "readiness",
    }
}
