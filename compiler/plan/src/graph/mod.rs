//! A deployment as a picture: services as boxes with their ports, needs as arrows from left to
//! right, and, with a plan, what was chosen and on which machines. What comes in is deployment and
//! plan; what goes out is text in the dot or mermaid language, or an SVG image laid out here. Equal
//! input gives equal bytes.

mod layout;
mod svg;

use crate::words;
use eclexia_model::{Deployment, Plan};
use std::fmt::Write;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Dot,
    Mermaid,
    Svg,
}

pub fn graph(dep: &Deployment, plan: Option<&Plan>, format: Format) -> String {
    match format {
        Format::Dot => dot(dep, plan),
        Format::Mermaid => mermaid(dep, plan),
        Format::Svg => svg::draw(dep, plan),
    }
}

/// A box: a name and lines below it.
pub(crate) struct Card {
    pub title: String,
    pub lines: Vec<String>,
    pub job: bool,
}

/// Services in source order, then jobs.
pub(crate) fn cards(dep: &Deployment, plan: Option<&Plan>) -> Vec<Card> {
    let services = dep.services.iter().map(|service| {
        let mut lines = Vec::new();
        let choice = plan.and_then(|p| p.services.iter().find(|c| c.service == service.name));
        match choice {
            Some(choice) if service.variants.len() > 1 => {
                lines.push(format!("{} × {}", choice.replicas, choice.variant));
            }
            Some(choice) => lines.push(format!("× {}", choice.replicas)),
            None if service.replicas.min == service.replicas.max => {
                lines.push(format!("× {}", service.replicas.min));
            }
            None => lines.push(format!("× {} to {}", service.replicas.min, service.replicas.max)),
        }
        let port = |p: &eclexia_model::Port| format!("{} {}", p.port, p.protocol);
        lines.extend(service.ports.iter().map(port));
        Card { title: service.name.clone(), lines, job: false }
    });
    let jobs = dep.jobs.iter().map(|job| {
        let choice = plan.and_then(|p| p.jobs.iter().find(|c| c.job == job.name));
        let line = match choice {
            Some(c) => format!("{}, {}", words::when(c), c.region),
            None => format!("within {}h", job.deadline_hours),
        };
        Card { title: job.name.clone(), lines: vec![line], job: true }
    });
    services.chain(jobs).collect()
}

/// From what needs to the service it needs, with the ports it uses.
pub(crate) fn edges(dep: &Deployment) -> Vec<(usize, usize, String)> {
    let index = |name: &str| dep.services.iter().position(|s| s.name == name);
    let mut all = Vec::new();
    // In the order of the cards.
    let services = dep.services.iter().map(|service| &service.needs);
    let needs = services.chain(dep.jobs.iter().map(|job| &job.needs));
    for (from, needs) in needs.enumerate() {
        for need in needs {
            if let Some(to) = index(&need.service) {
                let ports: Vec<String> = need.ports.iter().map(u16::to_string).collect();
                all.push((from, to, ports.join(", ")));
            }
        }
    }
    all
}

/// Machines of a plan: a title and one line per service on it.
pub(crate) fn machines(plan: &Plan) -> Vec<Card> {
    let card = |n: &eclexia_model::NodeChoice| Card {
        title: format!("{} × {}", n.count, n.node_type),
        lines: std::iter::once(format!("{}, zone {}", n.region, n.zone))
            .chain(n.pods.iter().map(|(s, k)| format!("{s} × {k}")))
            .collect(),
        job: false,
    };
    plan.nodes.iter().map(card).collect()
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn dot(dep: &Deployment, plan: Option<&Plan>) -> String {
    let mut out = format!("digraph \"{}\" {{\n", quoted(&dep.name));
    out.push_str("  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n");
    for (i, card) in cards(dep, plan).iter().enumerate() {
        let label = std::iter::once(&card.title).chain(&card.lines);
        let label: Vec<String> = label.map(|l| quoted(l)).collect();
        let shape = if card.job { ", shape=ellipse" } else { "" };
        let _ = writeln!(out, "  s{i} [label=\"{}\"{shape}];", label.join("\\n"));
    }
    for (from, to, ports) in edges(dep) {
        let label = if ports.is_empty() { String::new() } else { format!(" [label=\"{ports}\"]") };
        let _ = writeln!(out, "  s{from} -> s{to}{label};");
    }
    if let Some(plan) = plan {
        out.push_str("  subgraph cluster_machines {\n    label=\"machines\";\n");
        for (i, card) in machines(plan).iter().enumerate() {
            let label = std::iter::once(&card.title).chain(&card.lines);
            let label: Vec<String> = label.map(|l| quoted(l)).collect();
            let _ = writeln!(out, "    m{i} [label=\"{}\", shape=box3d];", label.join("\\n"));
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}

/// Mermaid's own escapes are HTML entities.
fn entity(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn mermaid(dep: &Deployment, plan: Option<&Plan>) -> String {
    let mut out = String::from("flowchart LR\n");
    let label = |card: &Card| {
        let lines = std::iter::once(&card.title).chain(&card.lines);
        lines.map(|l| entity(l)).collect::<Vec<_>>().join("<br/>")
    };
    for (i, card) in cards(dep, plan).iter().enumerate() {
        let (open, close) = if card.job { ("([", "])") } else { ("[", "]") };
        let _ = writeln!(out, "  s{i}{open}\"{}\"{close}", label(card));
    }
    for (from, to, ports) in edges(dep) {
        let label = if ports.is_empty() { String::new() } else { format!("|{ports}|") };
        let _ = writeln!(out, "  s{from} -->{label} s{to}");
    }
    if let Some(plan) = plan {
        out.push_str("  subgraph machines\n");
        for (i, card) in machines(plan).iter().enumerate() {
            let _ = writeln!(out, "    m{i}[[\"{}\"]]", label(card));
        }
        out.push_str("  end\n");
    }
    out
}
