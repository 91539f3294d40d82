//! Alerts as a plain Prometheus rules file.
//!
//! In: the deployment's alerts and the chosen services. Out: one group with a rule per alert and
//! service, or nothing when there are no alerts. The metrics are the ones that HTTP libraries and
//! cAdvisor use everywhere:
//!
//! | Signal | Metric |
//! |---|---|
//! | error-rate | `http_requests_total` with label `status`: share of `5..` over 5 minutes |
//! | latency-p95 | `http_request_duration_seconds_bucket`: 0.95 quantile over 5 minutes |
//! | memory | `container_memory_working_set_bytes` of the fullest pod over its limit |
//! | cpu | `container_cpu_usage_seconds_total` of the busiest pod over its limit |

use crate::Report;
use crate::chosen::{Chosen, View};
use crate::yaml::Map;
use eclexia_base::number;
use eclexia_model::{Alert, Exact, Resource, Signal, Threshold};

/// Whose labels the metrics carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// `job` is the service; container metrics have the labels cAdvisor makes of compose's.
    Compose,
    /// `namespace`, `service` and `pod`, as a scraped Kubernetes service has.
    Kubernetes,
}

pub fn rules(view: &View<'_>, scope: Scope, report: &mut Report) -> Option<Map> {
    let mut rules: Vec<Map> = Vec::new();
    for alert in &view.dep.alerts {
        for chosen in &view.services {
            if watches(alert, chosen) {
                let rule = rule(view, scope, alert, chosen, report);
                // Two equal alerts would be one: promtool refuses the second.
                rules.extend(rule.filter(|rule| !rules.contains(rule)));
            }
        }
    }
    if rules.is_empty() {
        return None;
    }
    let group = Map::new().with("name", view.name.as_str()).with("rules", rules);
    Some(Map::new().with("groups", vec![group]))
}

fn watches(alert: &Alert, chosen: &Chosen<'_>) -> bool {
    alert.services.is_empty() || alert.services.contains(&chosen.service.name)
}

fn rule(
    view: &View<'_>,
    scope: Scope,
    alert: &Alert,
    chosen: &Chosen<'_>,
    report: &mut Report,
) -> Option<Map> {
    let expression = match expression(view, scope, alert, chosen) {
        Ok(expression) => expression,
        Err(why) => {
            report.add(chosen.address(), format!("alert `{}`", alert.name), why);
            return None;
        }
    };
    let labels = Map::new()
        .with("severity", alert.severity.as_str())
        .with("deployment", view.name.as_str())
        .with("service", chosen.name.as_str());
    let subject = format!("{} of {}", signal_words(alert.threshold.signal), chosen.service.name);
    let (limit, show) = shown(&alert.threshold);
    let summary = format!("{subject} is above {limit}");
    let annotations = Map::new()
        .with("summary", literal(&summary))
        .with("description", format!("{}: now {{{{ $value | {show} }}}}.", literal(&subject)));
    let hold = (alert.holds_for > 0).then(|| format!("{}s", alert.holds_for));
    let name = if alert.name.is_empty() { chosen.name.as_str() } else { alert.name.as_str() };
    let rule = Map::new().with("alert", name).with("expr", expression).with_some("for", hold);
    Some(rule.with("labels", labels).with("annotations", annotations))
}

/// The condition, or why this service has none.
fn expression(
    view: &View<'_>,
    scope: Scope,
    alert: &Alert,
    chosen: &Chosen<'_>,
) -> Result<String, &'static str> {
    let above = number::to_decimal(&alert.threshold.above.0, 9);
    let http = requests(view, scope, chosen);
    let container = containers(view, scope, chosen);
    let by = if scope == Scope::Kubernetes { "pod" } else { "name" };
    match alert.threshold.signal {
        Signal::ErrorRate | Signal::LatencyP95 if !chosen.speaks_http() => {
            Err("the service has no http port, so it has no request metrics")
        }
        Signal::ErrorRate => Ok(format!(
            "sum(rate(http_requests_total{{{http},status=~\"5..\"}}[5m])) \
             / sum(rate(http_requests_total{{{http}}}[5m])) > {above}"
        )),
        Signal::LatencyP95 => Ok(format!(
            "histogram_quantile(0.95, sum by (le) \
             (rate(http_request_duration_seconds_bucket{{{http}}}[5m]))) > {above}"
        )),
        Signal::Memory => {
            let limit = bound(chosen, Resource::Memory).ok_or("it has no memory limit")?;
            Ok(format!(
                "max(container_memory_working_set_bytes{{{container}}}) / {limit} > {above}"
            ))
        }
        Signal::Cpu => {
            let limit = bound(chosen, Resource::Cpu).ok_or("it has no cpu limit")?;
            Ok(format!(
                "max(sum by ({by}) (rate(container_cpu_usage_seconds_total{{{container}}}[5m]))) \
                 / {limit} > {above}"
            ))
        }
    }
}

/// The amount that counts as all of it: the limit, or without one the requirement.
fn bound(chosen: &Chosen<'_>, resource: Resource) -> Option<String> {
    let amount: &Exact = chosen.limit(resource).or_else(|| chosen.requires(resource))?;
    let text = number::to_decimal(&amount.0, 9);
    (text != "0").then_some(text)
}

fn requests(view: &View<'_>, scope: Scope, chosen: &Chosen<'_>) -> String {
    match scope {
        Scope::Kubernetes => format!("namespace=\"{}\",service=\"{}\"", view.name, chosen.name),
        Scope::Compose => format!("job=\"{}\"", chosen.name),
    }
}

fn containers(view: &View<'_>, scope: Scope, chosen: &Chosen<'_>) -> String {
    match scope {
        Scope::Kubernetes => format!("namespace=\"{}\",container=\"{}\"", view.name, chosen.name),
        Scope::Compose => format!(
            "container_label_com_docker_compose_project=\"{}\",\
             container_label_com_docker_compose_service=\"{}\"",
            view.name, chosen.name
        ),
    }
}

fn signal_words(signal: Signal) -> &'static str {
    match signal {
        Signal::ErrorRate => "Error rate",
        Signal::LatencyP95 => "95th percentile latency",
        Signal::Memory => "Memory",
        Signal::Cpu => "CPU",
    }
}

/// The threshold as people say it, and Prometheus' function that shows a value likewise.
fn shown(threshold: &Threshold) -> (String, &'static str) {
    let above = &threshold.above.0;
    let scaled = |by: i64| number::to_decimal(&(above * number::int(by)), 6);
    match threshold.signal {
        Signal::LatencyP95 if *above < number::int(1) => {
            (format!("{}ms", scaled(1000)), "humanizeDuration")
        }
        Signal::LatencyP95 => (format!("{}s", scaled(1)), "humanizeDuration"),
        Signal::ErrorRate | Signal::Memory | Signal::Cpu => {
            (format!("{}%", scaled(100)), "humanizePercentage")
        }
    }
}

/// Prometheus expands `{{ … }}` in annotations; the program's own braces are text.
fn literal(text: &str) -> String {
    text.replace("{{", "{{\"{{\"}}")
}
