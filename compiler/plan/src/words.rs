//! Amounts and changes in words, the same wherever they are printed.

use crate::plan::Choices;
use eclexia_base::Rational;
use eclexia_base::number::{int, pow10, to_decimal};
use eclexia_model::{Exact, JobChoice, Limit, UnitText, display};
use num_traits::{Signed, Zero};
use std::collections::BTreeMap;

pub const SECONDS_PER_MONTH: i64 = 2_628_000;

/// `12.3USD/month`, of an amount in US dollars per second.
pub fn dollars(rate: &Rational) -> String {
    let monthly = rate * int(SECONDS_PER_MONTH);
    let places = if monthly.abs() < Rational::new(1.into(), 10.into()) { 4 } else { 2 };
    format!("{}USD/month", to_decimal(&monthly, places))
}

/// An amount in a limit's unit, rounded up to three digits: what to write into the source.
pub fn rounded_up(amount: &Rational, unit: &UnitText) -> (Exact, String) {
    let value = amount / &unit.scale.0;
    let mut step = int(1);
    while value.is_positive() && &value / &step < int(100) && step > pow10(-9) {
        step /= int(10);
    }
    while &value / &step >= int(1000) {
        step *= int(10);
    }
    let up = (&value / &step).ceil() * &step;
    (Exact(&up * &unit.scale.0), format!("{}{}", to_decimal(&up, 9), unit.text))
}

/// `:cpu`, as a limit is written.
pub fn key(limit: &Limit) -> String {
    format!(":{}", limit.metric.name())
}

/// `1 × m6i.large in aws/eu-west-1, 2 × t4g.small in gcp/europe-north1`
pub fn machines(choices: &Choices) -> String {
    let mut sums: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for node in &choices.nodes {
        *sums.entry((&node.region, &node.node_type)).or_default() += node.count;
    }
    let each = sums.iter().map(|((region, kind), n)| format!("{n} × {kind} in {region}"));
    let text = each.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "no machines".to_owned() } else { text }
}

/// All choices, in a few words; the first three services at most.
pub fn all(choices: &Choices) -> String {
    let each =
        choices.services.iter().map(|c| format!("`{}` {} × {}", c.service, c.replicas, c.variant));
    let mut parts: Vec<String> = each.collect();
    let more = parts.len().saturating_sub(3);
    parts.truncate(3);
    if more > 0 {
        parts.push(format!("{more} more services"));
    }
    if !choices.nodes.is_empty() || choices.jobs.is_empty() {
        parts.push(machines(choices));
    }
    for job in &choices.jobs {
        parts.push(format!("`{}` at {} in {}", job.job, hours(job), job.region));
    }
    parts.join("; ")
}

/// What differs between two choices, in a few words; the first three services at most.
pub fn change(from: &Choices, to: &Choices) -> String {
    let mut parts = Vec::new();
    for (a, b) in from.services.iter().zip(&to.services) {
        if (&a.variant, a.replicas) == (&b.variant, b.replicas) {
            continue;
        }
        parts.push(format!(
            "`{}` becomes {} × {} (was {} × {})",
            b.service, b.replicas, b.variant, a.replicas, a.variant
        ));
    }
    let more = parts.len().saturating_sub(3);
    parts.truncate(3);
    if more > 0 {
        parts.push(format!("{more} more services change"));
    }
    let (before, after) = (machines(from), machines(to));
    if before != after {
        parts.push(format!("{after} (was {before})"));
    }
    for (a, b) in from.jobs.iter().zip(&to.jobs) {
        let place = |job: &JobChoice| (job.region.clone(), job.node_type.clone());
        if (a.in_pieces(), place(a)) != (b.in_pieces(), place(b)) {
            parts.push(format!(
                "`{}` runs at {} in {} (was {} in {})",
                b.job,
                hours(b),
                b.region,
                hours(a),
                a.region
            ));
        }
    }
    if parts.is_empty() { "pods move between machines".to_owned() } else { parts.join("; ") }
}

/// `hour 5`, of a run in pieces `hours 2 to 5 and 9 to 12`.
fn hours(job: &JobChoice) -> String {
    match job.pieces.is_empty() {
        true => format!("hour {}", job.start_hour),
        false => display::hours(&job.pieces),
    }
}

/// `hour 5, 6h`, of a run in pieces `hours 2 to 5 and 9 to 12, 6h`.
pub fn when(job: &JobChoice) -> String {
    format!("{}, {}h", hours(job), job.hours)
}

/// `a, b and c`
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `difference` as `12.3USD/month more` or `less`.
pub fn compared(difference: &Rational) -> String {
    if difference.is_zero() {
        return "as much".to_owned();
    }
    let word = if difference.is_positive() { "more" } else { "less" };
    format!("{} {word}", dollars(&difference.abs()))
}
