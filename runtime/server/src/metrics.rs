//! What Prometheus reads: its text format, version 0.0.4.
//!
//! In: what runs, and the newest prices of limits. Out: lines, the same for the same. Always holds:
//! units are seconds, bytes, joules and grams; what is counted has names that end in `_total`, and
//! begins again with the supervisor.

use crate::server::MachineBudget;
use eclexia_deploy::registry::{At, Priced, Registry};
use eclexia_diag::Diagnostic;
use eclexia_observe::{Store, behind};
use eclexia_supervisor::control::{DeploymentStatus, JobStatus, ServiceStatus, Status};
use std::fmt::{Display, Write};

/// A metric: its name, kind and help, and one value for each set of labels.
struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    lines: String,
}

impl Family {
    fn new(name: &'static str, kind: &'static str, help: &'static str) -> Family {
        Family { name, kind, help, lines: String::new() }
    }

    fn add(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.add_to("", labels, value);
    }

    /// A part of a histogram has a suffix of its own.
    fn add_to(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        let named = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
        let named: Vec<String> = named.collect();
        let _ = writeln!(self.lines, "{}{suffix}{{{}}} {value}", self.name, named.join(","));
    }
}

/// As the format writes the value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

pub fn text(
    status: &Status,
    registry: &Registry,
    machine: &[MachineBudget],
    told: &Store,
) -> Result<String, Diagnostic> {
    let mut families = deployments(&status.deployments);
    families.extend(services(&status.deployments));
    families.push(latencies(&status.deployments));
    families.extend(jobs(&status.deployments));
    let mut newest = Vec::new();
    for deployment in &status.deployments {
        newest.extend(latest(registry.prices(&deployment.name, At(0))?));
    }
    families.extend(budgets(&newest));
    families.push(intensities(&status.deployments));
    families.extend(of_machine(machine));
    families.extend(observers(registry, told)?);
    let mut since = Family::new(
        "eclexia_supervisor_start_time_seconds",
        "gauge",
        "When the supervisor began, since 1970",
    );
    if status.supervisor != 0 {
        let pid = status.supervisor.to_string();
        since.add(&[("pid", &pid)], status.since.0 as f64 / 1e3);
    }
    families.push(since);
    let mut text = String::new();
    for family in families.iter().filter(|family| !family.lines.is_empty()) {
        let Family { name, kind, help, lines } = family;
        let _ = write!(text, "# HELP {name} {help}.\n# TYPE {name} {kind}\n{lines}");
    }
    Ok(text)
}

/// The last price of each limit: prices are in the order of time.
pub fn latest(prices: Vec<Priced>) -> Vec<Priced> {
    let last = prices.last().map(|price| price.at);
    prices.into_iter().filter(|price| Some(price.at) == last).collect()
}

fn deployments(deployments: &[DeploymentStatus]) -> Vec<Family> {
    let mut state =
        Family::new("eclexia_deployment_info", "gauge", "The newest version and its state");
    let mut running = Family::new(
        "eclexia_deployment_running_version",
        "gauge",
        "The version that was completed last, 0 where there is none",
    );
    for deployment in deployments {
        let name = deployment.name.as_str();
        let version = deployment.version.unwrap_or(0).to_string();
        let is = deployment.state.map_or("none", |state| state.name());
        state.add(&[("deployment", name), ("version", &version), ("state", is)], 1);
        running.add(&[("deployment", name)], deployment.running.unwrap_or(0));
    }
    vec![state, running]
}

/// How a metric of a service is computed; none: it is not known of this one.
type Of<T> = fn(&T) -> Option<f64>;

/// Of each service.
const SERVICE: [(&str, &str, &str, Of<ServiceStatus>); 15] = [
    ("eclexia_service_replicas", "gauge", "Replicas that should run", |s| {
        Some(f64::from(s.replicas))
    }),
    ("eclexia_service_ready_replicas", "gauge", "Replicas that are ready", |s| {
        Some(f64::from(s.ready))
    }),
    ("eclexia_service_restarts", "gauge", "Restarts of the replicas that run", |s| {
        Some(s.instances.iter().map(|i| f64::from(i.restarts)).sum())
    }),
    ("eclexia_service_processes", "gauge", "Processes and threads of all replicas", |s| {
        s.instances.iter().map(|i| i.used.processes.map(|n| n as f64)).sum()
    }),
    ("eclexia_service_memory_bytes", "gauge", "Memory of all replicas", |s| {
        s.instances.iter().map(|i| i.used.memory_bytes.map(|n| n as f64)).sum()
    }),
    ("eclexia_service_memory_limit_bytes", "gauge", "Memory that one replica may use", |s| {
        s.memory_limit.map(|n| n as f64)
    }),
    ("eclexia_service_cpu_limit_cores", "gauge", "Cores that one replica may use", |s| {
        s.cpu_millis.map(|n| n as f64 / 1e3)
    }),
    ("eclexia_service_cpu_seconds_total", "counter", "Core time, as last sampled", |s| {
        Some(s.total.cpu_seconds)
    }),
    (
        "eclexia_service_energy_joules_total",
        "counter",
        "Energy of that core time, estimated by the watts of a busy core in the program",
        |s| Some(s.total.joules),
    ),
    (
        "eclexia_service_carbon_grams_total",
        "counter",
        "CO2e of that energy, by the intensity of its region at the time",
        |s| Some(s.total.grams),
    ),
    ("eclexia_service_requests_total", "counter", "Requests or connections at its ports", |s| {
        Some(s.ports.iter().map(|p| p.requests as f64).sum())
    }),
    ("eclexia_service_failed_requests_total", "counter", "Those that failed", |s| {
        Some(s.ports.iter().map(|p| p.failed as f64).sum())
    }),
    ("eclexia_service_received_bytes_total", "counter", "Bytes received at its ports", |s| {
        Some(s.ports.iter().map(|p| p.received as f64).sum())
    }),
    ("eclexia_service_sent_bytes_total", "counter", "Bytes sent from its ports", |s| {
        Some(s.ports.iter().map(|p| p.sent as f64).sum())
    }),
    ("eclexia_service_memory_peak_bytes", "gauge", "Most memory of all replicas sampled", |s| {
        Some(s.total.memory_peak as f64)
    }),
];

fn services(deployments: &[DeploymentStatus]) -> Vec<Family> {
    let all = || {
        let each = deployments.iter();
        each.flat_map(|deployment| deployment.services.iter().map(move |s| (deployment, s)))
    };
    let named = || all().map(|(deployment, s)| ([deployment.name.as_str(), &s.name], s));
    let mut families = of_each(&SERVICE, "service", named);
    let mut variant =
        Family::new("eclexia_service_variant_info", "gauge", "The variant that was chosen");
    for (deployment, service) in all().filter(|(_, service)| !service.variant.is_empty()) {
        let labels = [
            ("deployment", deployment.name.as_str()),
            ("service", &service.name),
            ("variant", &service.variant),
        ];
        variant.add(&labels, 1);
    }
    families.push(variant);
    families
}

fn latencies(deployments: &[DeploymentStatus]) -> Family {
    let mut family = Family::new(
        "eclexia_service_request_duration_seconds",
        "histogram",
        "How long answers took, at each port",
    );
    for deployment in deployments {
        for service in &deployment.services {
            for port in &service.ports {
                let number = port.port.to_string();
                let labels = vec![
                    ("deployment", deployment.name.as_str()),
                    ("service", service.name.as_str()),
                    ("port", &number),
                ];
                for (seconds, count) in &port.latencies.below {
                    let most = format!("{seconds:.6}");
                    let labels = [&labels[..], &[("le", most.as_str())]].concat();
                    family.add_to("_bucket", &labels, count);
                }
                let every = [&labels[..], &[("le", "+Inf")]].concat();
                family.add_to("_bucket", &every, port.latencies.count);
                family.add_to("_sum", &labels, port.latencies.seconds);
                family.add_to("_count", &labels, port.latencies.count);
            }
        }
    }
    family
}

/// Of each job.
const JOB: [(&str, &str, &str, Of<JobStatus>); 13] = [
    ("eclexia_job_running", "gauge", "1 while a process of it is there, else 0", |j| {
        Some(f64::from(u8::from(matches!(j.state.as_str(), "running" | "stopping"))))
    }),
    ("eclexia_job_failed_tries_total", "counter", "Tries that failed, of whatever run", |j| {
        Some(j.runs.failed_tries as f64)
    }),
    (
        "eclexia_job_last_done_timestamp_seconds",
        "gauge",
        "When a run of it was last done, since 1970",
        |j| j.last_done.map(|at| at.0 as f64 / 1e3),
    ),
    (
        "eclexia_job_last_duration_seconds",
        "gauge",
        "How long the try took that was last done",
        |j| j.last_seconds,
    ),
    (
        "eclexia_job_next_start_timestamp_seconds",
        "gauge",
        "When it is started next, since 1970",
        |j| j.next.map(|at| at.0 as f64 / 1e3),
    ),
    ("eclexia_job_memory_bytes", "gauge", "Memory of its process", |j| {
        j.instances.iter().map(|i| i.used.memory_bytes.map(|n| n as f64)).sum()
    }),
    ("eclexia_job_memory_limit_bytes", "gauge", "Memory that it may use", |j| {
        j.memory_limit.map(|n| n as f64)
    }),
    ("eclexia_job_memory_peak_bytes", "gauge", "Most memory of it sampled", |j| {
        Some(j.total.memory_peak as f64)
    }),
    ("eclexia_job_cpu_limit_cores", "gauge", "Cores that it may use", |j| {
        j.cpu_millis.map(|n| n as f64 / 1e3)
    }),
    ("eclexia_job_cpu_seconds_total", "counter", "Core time, as last sampled", |j| {
        Some(j.total.cpu_seconds)
    }),
    (
        "eclexia_job_energy_joules_total",
        "counter",
        "Energy of that core time, estimated by the watts of a busy core in the program",
        |j| Some(j.total.joules),
    ),
    (
        "eclexia_job_carbon_grams_total",
        "counter",
        "CO2e of that energy, by the intensity of its region at the time",
        |j| Some(j.total.grams),
    ),
    ("eclexia_job_processes", "gauge", "Its processes and threads", |j| {
        j.instances.iter().map(|i| i.used.processes.map(|n| n as f64)).sum()
    }),
];

fn jobs(deployments: &[DeploymentStatus]) -> Vec<Family> {
    let all = || {
        let each = deployments.iter();
        each.flat_map(|deployment| deployment.jobs.iter().map(move |job| (deployment, job)))
    };
    let mut runs =
        Family::new("eclexia_job_runs_total", "counter", "Runs that are over, by how they ended");
    for (deployment, job) in all() {
        let of = job.runs;
        for (outcome, count) in [("done", of.done), ("failed", of.failed), ("late", of.late)] {
            let labels = [
                ("deployment", deployment.name.as_str()),
                ("job", &job.name),
                ("outcome", outcome),
            ];
            runs.add(&labels, count);
        }
    }
    let named = || all().map(|(deployment, job)| ([deployment.name.as_str(), &job.name], job));
    let mut families = vec![runs];
    families.extend(of_each(&JOB, "job", named));
    families
}

/// The metrics of a table, of all there are of one kind, each with its deployment and its name.
fn of_each<'a, T: 'a, I: Iterator<Item = ([&'a str; 2], &'a T)>>(
    table: &[(&'static str, &'static str, &'static str, Of<T>)],
    label: &'static str,
    all: impl Fn() -> I,
) -> Vec<Family> {
    let family = |(name, kind, help, of): &(&'static str, &'static str, &'static str, Of<T>)| {
        let mut family = Family::new(name, kind, help);
        for ([deployment, own], one) in all() {
            if let Some(value) = of(one) {
                family.add(&[("deployment", deployment), (label, own)], value);
            }
        }
        family
    };
    table.iter().map(family).collect()
}

fn budgets(prices: &[Priced]) -> [Family; 3] {
    let mut used =
        Family::new("eclexia_budget_used", "gauge", "What the plan uses of a limit, in its unit");
    let mut limit = Family::new("eclexia_budget_limit", "gauge", "The limit, in its unit");
    let mut price = Family::new(
        "eclexia_budget_price_usd_per_month",
        "gauge",
        "Shadow price of one unit of a limit: saved by one more, paid for one less",
    );
    for priced in prices {
        let labels = [
            ("deployment", priced.deployment.as_str()),
            ("limit", &priced.limit_of),
            ("unit", &priced.unit),
        ];
        used.add(&labels, priced.used);
        limit.add(&labels, priced.most);
        let side = |side| [&labels[..], &[("side", side)]].concat();
        price.add(&side("buy"), priced.buy);
        if let Some(sell) = priced.sell {
            price.add(&side("sell"), sell);
        }
    }
    [used, limit, price]
}

fn intensities(deployments: &[DeploymentStatus]) -> Family {
    let mut family = Family::new(
        "eclexia_carbon_intensity_grams_per_kwh",
        "gauge",
        "CO2e of one kWh in a region, by which carbon is counted, and whose number it is",
    );
    for deployment in deployments {
        for known in &deployment.intensities {
            let labels = [
                ("deployment", deployment.name.as_str()),
                ("region", &known.region),
                ("source", &known.source),
                ("signal", &known.signal),
            ];
            family.add(&labels, known.grams_per_kwh);
        }
    }
    family
}

/// Budgets of this machine. What a resource is measured in is a label: they are of one family.
fn of_machine(machine: &[MachineBudget]) -> [Family; 4] {
    let mut used =
        Family::new("eclexia_machine_used", "gauge", "What all deployments use, in the unit");
    let mut budget =
        Family::new("eclexia_machine_budget", "gauge", "What they may use, in the unit");
    let mut share =
        Family::new("eclexia_machine_budget_share", "gauge", "Part of the budget that is used");
    let mut price = Family::new(
        "eclexia_machine_price",
        "gauge",
        "Price of the resource by its use, 1 is the usual one",
    );
    for one in machine {
        let labels = [("resource", one.resource.as_str()), ("unit", &one.unit)];
        used.add(&labels, one.used);
        price.add(&labels[..1], one.price);
        if let Some(most) = one.budget {
            budget.add(&labels, most);
            share.add(&labels[..1], one.share);
        }
    }
    [used, budget, share, price]
}

/// Of each observer, whichever process tells them.
fn observers(registry: &Registry, told: &Store) -> Result<[Family; 4], Diagnostic> {
    let mut delivered =
        Family::new("eclexia_observer_delivered_total", "counter", "Events that it accepted");
    let mut failed =
        Family::new("eclexia_observer_failed_total", "counter", "Tries that it did not accept");
    let mut waiting = Family::new(
        "eclexia_observer_behind_events",
        "gauge",
        "Events that it wants and has not got, counted up to 10000",
    );
    let mut ended =
        Family::new("eclexia_observer_ended", "gauge", "1 where it is told no more, else 0");
    // One whose files cannot be read is told of by `observe list`, and has no numbers.
    for observer in told.list()?.0 {
        let Ok(cursor) = told.cursor(&observer) else { continue };
        let labels = [("observer", observer.name.as_str())];
        delivered.add(&labels, cursor.delivered);
        failed.add(&labels, cursor.failed);
        waiting.add(&labels, behind(Some(registry), &observer, &cursor)?.0);
        ended.add(&labels, u8::from(cursor.ended.is_some()));
    }
    Ok([delivered, failed, waiting, ended])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut family = Family::new("a", "gauge", "h");
        family.add(&[("l", "x\"\\\ny")], 1.5);
        assert_eq!(family.lines, "a{l=\"x\\\"\\\\\\ny\"} 1.5\n");
    }
}
