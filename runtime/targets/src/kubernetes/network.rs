//! Services and who may talk to whom.
//!
//! In: ports and the edges of `:needs`. Out: Services (a headless one more for a StatefulSet, a
//! load balancer more for what is public) and NetworkPolicies. Always holds: everything is denied
//! to every pod of the deployment, and each service's policy then allows
//!
//! - in: to its ports, from the services and jobs that need them; from everywhere to its public
//!   ports; to a port named `metrics`, from pods named `prometheus` unless the service is isolated;
//! - out: to the ports it needs, to the cluster's DNS, and, unless it is isolated, to addresses
//!   outside the cluster. An isolated service without needs has no way out, DNS included.

use super::object::{
    deployment_labels, head, match_labels, named_labels, selector, service_labels,
};
use super::workloads::{headless_name, is_stateful};
use crate::Report;
use crate::chosen::{Chosen, ChosenJob, Edge, View, is_metrics, is_udp};
use crate::names;
use crate::yaml::{Map, Yaml, strings};
use eclexia_model::Port;
use std::collections::BTreeSet;

pub fn service(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Option<Map> {
    let ports = service_ports(chosen.ports());
    if ports.is_empty() {
        return None;
    }
    let labels = service_labels(view, chosen, report);
    let spec = Map::new()
        .with("type", "ClusterIP")
        .with("selector", selector(view, &chosen.name))
        .with("ports", ports);
    Some(head(view, "v1", "Service", &chosen.name, labels).with("spec", spec))
}

/// The address for the outside is an object of its own: what is public stands in one file, and
/// the name that other services use does not change when it comes or goes.
pub fn public(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Option<Map> {
    let ports = service_ports(chosen.public_ports());
    if ports.is_empty() {
        if chosen.service.public {
            report.add(chosen.address(), "public", "it has no port that could be reached");
        }
        return None;
    }
    let labels = service_labels(view, chosen, report);
    let spec = Map::new()
        .with("type", "LoadBalancer")
        .with("selector", selector(view, &chosen.name))
        .with("ports", ports);
    let name = format!("{}-public", chosen.name);
    Some(head(view, "v1", "Service", &name, labels).with("spec", spec))
}

/// Gives each pod of a StatefulSet a DNS name of its own, before it is ready too, so that members
/// of a cluster find each other while they form it.
pub fn headless(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Option<Map> {
    if !is_stateful(view, chosen) {
        return None;
    }
    let labels = service_labels(view, chosen, report);
    let spec = Map::new()
        .with("clusterIP", "None")
        .with("publishNotReadyAddresses", true)
        .with("selector", selector(view, &chosen.name))
        .with_nonempty("ports", service_ports(chosen.ports()));
    Some(head(view, "v1", "Service", &headless_name(chosen), labels).with("spec", spec))
}

fn service_ports(ports: Vec<&Port>) -> Vec<Map> {
    let ports = ports.into_iter().map(|port| {
        Map::new()
            .with("name", names::port_name(&port.name))
            .with("port", port.port)
            .with("targetPort", port.port)
            .with("protocol", transport(port))
            .with_some("appProtocol", app_protocol(&port.protocol))
    });
    ports.collect()
}

fn transport(port: &Port) -> &'static str {
    if is_udp(port) { "UDP" } else { "TCP" }
}

/// IANA's name, or ours with a prefix, as Kubernetes asks of names that IANA does not have.
fn app_protocol(protocol: &str) -> Option<String> {
    match protocol {
        "tcp" | "udp" | "" => None,
        "http" | "https" | "redis" | "mysql" | "amqp" | "mqtt" => Some(protocol.to_owned()),
        "postgres" => Some("postgresql".to_owned()),
        other => Some(format!("eclexia.dev/{}", names::dns_label(other))),
    }
}

pub fn default_deny(view: &View<'_>) -> Map {
    let part = Map::new().with("app.kubernetes.io/part-of", view.name.as_str());
    let spec = Map::new()
        .with("podSelector", Map::new().with("matchLabels", part))
        .with("policyTypes", strings(["Ingress", "Egress"]));
    let labels = deployment_labels(view);
    head(view, "networking.k8s.io/v1", "NetworkPolicy", "default-deny", labels).with("spec", spec)
}

pub fn policy(view: &View<'_>, chosen: &Chosen<'_>, report: &mut Report) -> Map {
    let needs = view.needs(chosen);
    let names: Vec<&str> = needs.iter().map(|need| need.other.service.name.as_str()).collect();
    if !names.is_empty() {
        let why =
            "Kubernetes starts everything at once; the service tries until what it needs is up";
        report.add(chosen.address(), format!("start after {}", names.join(", ")), why);
    }
    let labels = service_labels(view, chosen, report);
    policy_object(view, &chosen.name, labels, ingress(view, chosen), egress(view, chosen))
}

/// A job may reach what it needs and, unless it is isolated, what is outside; nothing reaches it.
pub fn job_policy(view: &View<'_>, chosen: &ChosenJob<'_>) -> Map {
    let out = egress_to(view, &view.job_needs(chosen), chosen.job.isolated);
    let labels = named_labels(view, &chosen.name);
    policy_object(view, &chosen.name, labels, Vec::new(), out)
}

fn policy_object(view: &View<'_>, name: &str, labels: Map, into: Vec<Map>, out: Vec<Map>) -> Map {
    let spec = Map::new()
        .with("podSelector", match_labels(view, name))
        .with("policyTypes", strings(["Ingress", "Egress"]))
        .with_nonempty("ingress", into)
        .with_nonempty("egress", out);
    head(view, "networking.k8s.io/v1", "NetworkPolicy", name, labels).with("spec", spec)
}

fn ingress(view: &View<'_>, chosen: &Chosen<'_>) -> Vec<Map> {
    let mut rules: Vec<Map> = Vec::new();
    let public: BTreeSet<u16> = chosen.public_ports().iter().map(|port| port.port).collect();
    if !public.is_empty() {
        rules.push(Map::new().with("ports", policy_ports(chosen, &public)));
    }
    for caller in view.callers(chosen) {
        let from = vec![Map::new().with("podSelector", match_labels(view, &caller.other.name))];
        let ports = policy_ports(chosen, &caller.ports);
        rules.push(Map::new().with("from", from).with("ports", ports));
    }
    for (caller, ports) in view.calling_jobs(chosen) {
        let from = vec![Map::new().with("podSelector", match_labels(view, &caller.name))];
        rules.push(Map::new().with("from", from).with("ports", policy_ports(chosen, &ports)));
    }
    let metrics = chosen.service.ports.iter().find(|port| is_metrics(port));
    if let Some(port) = metrics.filter(|_| !chosen.service.isolated) {
        let scraper = Map::new().with("app.kubernetes.io/name", "prometheus");
        let from = Map::new()
            .with("namespaceSelector", Map::new())
            .with("podSelector", Map::new().with("matchLabels", scraper));
        let ports = policy_ports(chosen, &BTreeSet::from([port.port]));
        rules.push(Map::new().with("from", vec![from]).with("ports", ports));
    }
    rules
}

fn egress(view: &View<'_>, chosen: &Chosen<'_>) -> Vec<Map> {
    egress_to(view, &view.needs(chosen), chosen.service.isolated)
}

fn egress_to(view: &View<'_>, needs: &[Edge<'_, '_>], isolated: bool) -> Vec<Map> {
    let mut rules = to_needs(view, needs);
    if !rules.is_empty() || !isolated {
        rules.push(dns());
    }
    if !isolated {
        rules.push(outside());
    }
    rules
}

fn to_needs(view: &View<'_>, needs: &[Edge<'_, '_>]) -> Vec<Map> {
    let rules = needs.iter().filter(|need| !need.ports.is_empty()).map(|need| {
        let to = vec![Map::new().with("podSelector", match_labels(view, &need.other.name))];
        let ports = policy_ports(need.other, &need.ports);
        Map::new().with("to", to).with("ports", ports)
    });
    rules.collect()
}

/// Both transports where a service has a port number on both.
fn policy_ports(owner: &Chosen<'_>, ports: &BTreeSet<u16>) -> Vec<Map> {
    let of = |number: u16| {
        let known = owner.ports().into_iter().filter(move |port| port.port == number);
        let transports: BTreeSet<&str> = known.map(transport).collect();
        let transports = if transports.is_empty() { BTreeSet::from(["TCP"]) } else { transports };
        transports
            .into_iter()
            .map(move |protocol| Map::new().with("protocol", protocol).with("port", number))
    };
    ports.iter().flat_map(|number| of(*number)).collect()
}

fn dns() -> Map {
    let labels =
        |key: &str, value: &str| Map::new().with("matchLabels", Map::new().with(key, value));
    let to = Map::new()
        .with("namespaceSelector", labels("kubernetes.io/metadata.name", "kube-system"))
        .with("podSelector", labels("k8s-app", "kube-dns"));
    let port = |protocol: &str| Map::new().with("protocol", protocol).with("port", 53u16);
    Map::new().with("to", vec![to]).with("ports", vec![port("UDP"), port("TCP")])
}

/// The internet, without the private ranges in which clusters and clouds' own services live
/// (RFC 1918, RFC 6598, link-local with the metadata address, and their IPv6 counterparts).
fn outside() -> Map {
    let block = |cidr: &str, except: Yaml| {
        Map::new().with("ipBlock", Map::new().with("cidr", cidr).with("except", except))
    };
    let v4 = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
    let to =
        vec![block("0.0.0.0/0", strings(v4)), block("::/0", strings(["fc00::/7", "fe80::/10"]))];
    Map::new().with("to", to)
}
