//! What runs, as it is told to commands.

use crate::control::{DeploymentStatus, InstanceStatus, PortStatus, ServiceStatus, Status};
use crate::live::Live;
use crate::proxy::Traffic;
use crate::stages::Deployed;
use crate::supervisor::{Supervisor, now};
use eclexia_deploy::registry::At;
use eclexia_deploy::rollout::Health;
use std::collections::{BTreeMap, BTreeSet};

/// Down to what it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    Services,
    Replicas,
}

impl Supervisor {
    pub fn status(&self, detail: Detail) -> Status {
        let now = now();
        let each = self.deployments.iter();
        let of = each.map(|(name, d)| self.deployment_status(name, d, detail, now));
        Status {
            supervisor: std::process::id(),
            since: self.since,
            able: self.able.clone(),
            deployments: of.collect(),
        }
    }

    fn deployment_status(
        &self,
        name: &str,
        deployed: &Deployed,
        detail: Detail,
        now: At,
    ) -> DeploymentStatus {
        let mut lives: BTreeMap<&str, Vec<&Live>> = BTreeMap::new();
        let of = |live: &&Live| live.instance.deployment == name && !live.is_job;
        for live in self.live.values().filter(of) {
            lives.entry(&live.instance.service).or_default().push(live);
        }
        let aim = deployed.wanted.and_then(|number| self.loaded(name, number));
        let wanted: Vec<String> = aim
            .iter()
            .flat_map(|aim| aim.tree.services.iter().map(|service| service.name.clone()))
            .collect();
        // Those that are leaving come after those that should run.
        let known: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
        let rest = lives.keys().filter(|name| !known.contains(**name)).map(|n| (*n).to_owned());
        let names: Vec<String> = wanted.iter().cloned().chain(rest).collect();
        let services = names.iter().map(|service| {
            let of = aim.as_ref().and_then(|aim| aim.service(service));
            let instances = lives.get(service.as_str()).map(Vec::as_slice).unwrap_or_default();
            let spec = aim.as_ref().and_then(|aim| aim.specs.get(service));
            let told = if detail == Detail::Replicas { instances } else { &[] };
            let is_ready = |live: &&&Live| {
                live.health(now) == Health::Ready && Some(&live.instance.spec) == spec
            };
            let ready = instances.iter().filter(is_ready).count();
            let (mut addresses, mut ports) = (Vec::new(), Vec::new());
            for ((of, port), (serves, frontend)) in &self.frontends {
                if of == name && serves == service {
                    addresses.push(format!("127.0.0.1:{port}"));
                    let Traffic { requests, failed, received, sent } = frontend.totals();
                    let latencies = frontend.latencies();
                    ports.push(PortStatus {
                        port: *port,
                        requests,
                        failed,
                        received,
                        sent,
                        latencies,
                    });
                }
            }
            ServiceStatus {
                name: service.clone(),
                variant: of.map(|of| of.variant.clone()).unwrap_or_default(),
                replicas: of.map_or(0, |of| of.replicas),
                ready: u32::try_from(ready).unwrap_or(u32::MAX),
                addresses,
                requests: ports.iter().map(|port| port.requests).sum(),
                failed: ports.iter().map(|port| port.failed).sum(),
                ports,
                total: self.meter.total(name, service),
                memory_limit: of.and_then(|of| of.limits.memory_bytes),
                cpu_millis: of.and_then(|of| of.limits.cpu_millis),
                instances: told.iter().map(|live| self.instance_status(live, now)).collect(),
            }
        });
        let version = deployed.version.as_ref();
        DeploymentStatus {
            name: name.to_owned(),
            version: version.map(|version| version.number),
            state: version.map(|version| version.state),
            reason: version.and_then(|version| version.reason.clone()).or(deployed.waits_for(now)),
            running: deployed.running,
            confirm_by: deployed.confirm_by(),
            services: services.collect(),
            jobs: self.job_statuses(name, deployed, detail, now),
            intensities: aim.map(|aim| self.grid.status(name, &aim.grids, now)).unwrap_or_default(),
        }
    }

    pub fn instance_status(&self, live: &Live, now: At) -> InstanceStatus {
        let instance = &live.instance;
        InstanceStatus {
            id: instance.id.clone(),
            version: instance.version,
            pid: instance.process.as_ref().map(|process| process.pid),
            health: live.health(now).name().to_owned(),
            said: live.said.clone(),
            restarts: instance.restarts,
            since: instance.since,
            ports: instance.ports.clone(),
            used: self.cgroups.used(&instance.id),
            volumes: live.volumes.clone(),
        }
    }
}
