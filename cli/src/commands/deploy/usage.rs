//! `usage`: what services used over time, as it was sampled.

use super::{folders, names, registry};
use crate::args::UsageArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_deploy::registry::{At, Sample};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

/// What is told of where nothing is said: a day.
const DAY: Duration = Duration::from_secs(86_400);

pub fn usage(console: &Console, args: &UsageArgs) -> Ended {
    let folders = folders()?;
    let names = names(&folders)?;
    let Some(registry) = registry(&folders)? else {
        return Err(diagnostics::no_usage(args.deployment.as_deref(), &names).into());
    };
    let wanted: Vec<&String> = match &args.deployment {
        Some(wanted) => names.iter().filter(|name| *name == wanted).collect(),
        None => names.iter().collect(),
    };
    if wanted.is_empty() {
        return Err(diagnostics::no_usage(args.deployment.as_deref(), &names).into());
    }
    let now = At::of(SystemTime::now());
    let before = args.since.unwrap_or(DAY).as_millis();
    let since = At(now.0.saturating_sub(u64::try_from(before).unwrap_or(u64::MAX)));
    let (mut all, mut step) = (Vec::new(), 0);
    for name in wanted {
        let (of, samples) = registry.samples(name, since, now)?;
        step = of;
        all.extend(samples);
    }
    if let Some(path) = &args.csv {
        files::write(path, csv(step, &all).as_bytes())?;
    } else if console.global.json {
        for sample in &all {
            let mut value = serde_json::to_value(sample).unwrap_or_default();
            value["step"] = step.into();
            console.json(&value);
        }
    } else {
        console.out(&table(&all));
    }
    if console.global.json && args.csv.is_some() {
        console.json(&json!({"format": "eclexia-usage/1", "samples": all.len()}));
    }
    Ok(Exit::Done)
}

const HEADS: &str = "deployment,service,at,step_ms,measured_ms,cpu_seconds,memory_byte_seconds,\
    memory_peak_bytes,requests,failed,received_bytes,sent_bytes,joules,grams_co2e\n";

/// RFC 4180; names with commas or quotes are quoted.
fn csv(step: u64, samples: &[Sample]) -> String {
    let mut text = HEADS.to_owned();
    for s in samples {
        let (deployment, service) = (quoted(&s.deployment), quoted(&s.service));
        let _ = writeln!(
            text,
            "{deployment},{service},{},{step},{},{},{},{},{},{},{},{},{},{}",
            s.at,
            s.span,
            s.cpu_seconds,
            s.memory_byte_seconds,
            s.memory_peak,
            s.requests,
            s.failed,
            s.received,
            s.sent,
            s.joules,
            s.grams
        );
    }
    text
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", name.replace('"', "\"\""));
    }
    name.to_owned()
}

/// Sums over the whole time, a line for each service.
fn table(samples: &[Sample]) -> String {
    let mut sums: BTreeMap<(&str, &str), Sample> = BTreeMap::new();
    for sample in samples {
        sums.entry((&sample.deployment, &sample.service)).or_default().add(sample);
    }
    if sums.is_empty() {
        return "Nothing was sampled in that time.\n".to_owned();
    }
    let heads = ["service", "core time", "memory", "peak", "requests", "network", "energy", "CO2e"];
    let mut rows = vec![heads.map(str::to_owned)];
    for ((deployment, service), sum) in sums {
        let seconds = (sum.span as f64 / 1e3).max(f64::MIN_POSITIVE);
        rows.push([
            format!("{deployment}.{service}"),
            format!("{:.1} s", sum.cpu_seconds),
            format!("{:.1} MiB", sum.memory_byte_seconds / seconds / MIB),
            format!("{:.1} MiB", sum.memory_peak as f64 / MIB),
            match sum.failed {
                0 => sum.requests.to_string(),
                failed => format!("{} ({failed} failed)", sum.requests),
            },
            format!("{:.1} MiB", (sum.received + sum.sent) as f64 / MIB),
            format!("{:.1} J", sum.joules),
            format!("{:.3} g", sum.grams),
        ]);
    }
    eclexia_model::display::table(&rows)
        + "Energy and carbon are estimates: core time by watts and intensities of the program.\n"
}

const MIB: f64 = 1024.0 * 1024.0;
