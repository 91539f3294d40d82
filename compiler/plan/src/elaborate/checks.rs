//! Rules of single use between entities: needs that exist, lead nowhere in a circle and speak the
//! right protocol; ports with one owner; volumes with one writer.

use super::diagnostics;
use super::reader::Reader;
use eclexia_model::{Deployment, Model, Need, Service};
use std::collections::BTreeMap;

pub fn entities(reader: &mut Reader, deployment: &Deployment) {
    for service in &deployment.services {
        ports_of(reader, service);
        needs_of(reader, (&service.name, &service.needs), deployment);
    }
    for job in &deployment.jobs {
        needs_of(reader, (&job.name, &job.needs), deployment);
    }
    published_ports(reader, deployment);
    need_cycle(reader, deployment);
}

fn ports_of(reader: &mut Reader, service: &Service) {
    for (i, port) in service.ports.iter().enumerate() {
        if let Some(first) = service.ports[..i].iter().find(|p| p.port == port.port) {
            let spans = (reader.origins.get(port.origin), reader.origins.get(first.origin));
            reader.report(diagnostics::duplicate_port(port.port, &service.name, None, spans));
        }
    }
}

/// A port published on the machine has one owner in a deployment.
fn published_ports(reader: &mut Reader, deployment: &Deployment) {
    let mut owners: BTreeMap<u16, (&Service, eclexia_model::Origin)> = BTreeMap::new();
    for service in deployment.services.iter().filter(|s| s.public) {
        for port in &service.ports {
            match owners.get(&port.port) {
                Some((first, origin)) if first.name != service.name => {
                    let spans = (reader.origins.get(port.origin), reader.origins.get(*origin));
                    let found = diagnostics::duplicate_port(
                        port.port,
                        &service.name,
                        Some(&first.name),
                        spans,
                    );
                    reader.report(found);
                }
                _ => {
                    owners.insert(port.port, (service, port.origin));
                }
            }
        }
    }
}

/// What a service or job needs.
fn needs_of(reader: &mut Reader, (name, needs): (&str, &[Need]), deployment: &Deployment) {
    for need in needs {
        let span = reader.origins.get(need.origin);
        let Some(target) = deployment.services.iter().find(|s| s.name == need.service) else {
            let names: Vec<String> = deployment.services.iter().map(|s| s.name.clone()).collect();
            let who = format!("`{name}`");
            reader.report(diagnostics::missing_dependency(&who, &need.service, &names, span));
            continue;
        };
        let Some(protocol) = reader.asked_protocols.get(&need.origin).cloned() else { continue };
        if target.ports.iter().all(|p| p.protocol != protocol) {
            let offered: Vec<&str> = target.ports.iter().map(|p| p.protocol.as_str()).collect();
            let there = reader.origins.get(target.origin);
            let found =
                diagnostics::endpoint_protocol(&target.name, &protocol, &offered, (span, there));
            reader.report(found);
        }
    }
}

/// Completes each need with the ports it reaches: those of the protocol asked for, else all.
pub fn complete_needs(reader: &Reader, deployment: &mut Deployment) {
    let ports: BTreeMap<String, Vec<(u16, String)>> = deployment
        .services
        .iter()
        .map(|s| (s.name.clone(), s.ports.iter().map(|p| (p.port, p.protocol.clone())).collect()))
        .collect();
    let of_services = deployment.services.iter_mut().flat_map(|service| &mut service.needs);
    let of_jobs = deployment.jobs.iter_mut().flat_map(|job| &mut job.needs);
    for need in of_services.chain(of_jobs) {
        let protocol = reader.asked_protocols.get(&need.origin);
        let reached = ports.get(&need.service).into_iter().flatten();
        let reached = reached.filter(|(_, p)| protocol.is_none_or(|asked| asked == p));
        need.ports = reached.map(|(port, _)| *port).collect();
    }
}

/// Depth-first over needs by name; reports the first cycle, each of its edges at its place.
fn need_cycle(reader: &mut Reader, deployment: &Deployment) {
    let index: BTreeMap<&str, usize> =
        deployment.services.iter().enumerate().map(|(i, s)| (s.name.as_str(), i)).collect();
    let mut done = vec![false; deployment.services.len()];
    for start in 0..deployment.services.len() {
        // The path as (service, next need to follow).
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, next)) = path.last_mut() {
            let service = &deployment.services[*at];
            let Some(need) = service.needs.get(*next).filter(|_| !done[*at]) else {
                done[*at] = true;
                path.pop();
                continue;
            };
            *next += 1;
            let Some(&target) = index.get(need.service.as_str()) else { continue };
            if let Some(from) = path.iter().position(|(i, _)| *i == target) {
                let edges = path[from..].iter().map(|(i, next)| {
                    let service = &deployment.services[*i];
                    let span = reader.origins.get(service.needs[next - 1].origin);
                    (service.name.clone(), span)
                });
                let edges: Vec<_> = edges.collect();
                reader.report(diagnostics::need_cycle(&edges));
                return;
            }
            if !done[target] {
                path.push((target, 0));
            }
        }
    }
}

/// A volume has at most one writer in a deployment, wherever it is mounted.
pub fn shared_volumes(reader: &mut Reader, model: &Model) {
    for deployment in &model.deployments {
        let mut writers = BTreeMap::new();
        let services = deployment.services.iter().map(|s| (&s.name, &s.mounts));
        let jobs = deployment.jobs.iter().map(|j| (&j.name, &j.mounts));
        for (name, mounts) in services.chain(jobs) {
            for mount in mounts.iter().filter(|m| !m.read_only) {
                let first = writers.entry(mount.volume.as_str()).or_insert((name, mount));
                if std::ptr::eq(first.1, mount) {
                    continue;
                }
                let spans = (reader.origins.get(mount.origin), reader.origins.get(first.1.origin));
                let names = (name.as_str(), first.0.as_str());
                reader.report(diagnostics::volume_mounted_twice(&mount.volume, names, spans));
            }
        }
    }
}
