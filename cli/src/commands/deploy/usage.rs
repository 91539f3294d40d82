//! `usage`: what services used over time, as it was sampled.

use super::{folders, machine, names, registry};
use crate::args::UsageArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_deploy::registry::{At, Registry, Sample};
use eclexia_diag::Diagnostic;
use eclexia_settings::budgets::Standing;
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
        return Err(diagnostics::never_deployed(args.deployment.as_deref(), &names).into());
    };
    let wanted: Vec<&String> = match &args.deployment {
        Some(wanted) => names.iter().filter(|name| *name == wanted).collect(),
        None => names.iter().collect(),
    };
    if wanted.is_empty() {
        return Err(diagnostics::never_deployed(args.deployment.as_deref(), &names).into());
    }
    let now = At::of(SystemTime::now());
    let before = args.since.unwrap_or(DAY).as_millis();
    let since = At(now.0.saturating_sub(u64::try_from(before).unwrap_or(u64::MAX)));
    let configured = machine::configured()?;
    let (mut all, mut step) = (Vec::new(), 0);
    for name in &wanted {
        let (of, samples) = registry.samples(name, since, now)?;
        step = of;
        all.extend(samples);
    }
    let standing = configured.standings(&machine::used(&registry, now)?);
    if let Some(path) = &args.csv {
        files::write(path, csv(step, &all).as_bytes())?;
    } else if console.global.json {
        for sample in &all {
            let mut value = serde_json::to_value(sample).unwrap_or_default();
            value["step"] = step.into();
            console.json(&value);
        }
        for name in &wanted {
            let intensities = registry.intensities(name, since)?;
            console.json(&json!({"format": "eclexia-intensities/1", "intensities": intensities}));
        }
        let budgets = machine::budgets(&standing);
        console.json(&json!({"format": "eclexia-machine/1", "budgets": budgets}));
    } else {
        console.out(&table(&all));
        let numbers = grids(&registry, &wanted, since)?;
        match numbers.is_empty() && !all.is_empty() {
            true => console.out("  none did\n"),
            false => console.out(&numbers),
        }
        console.out(&standings(&standing));
    }
    if console.global.json && args.csv.is_some() {
        console.json(&json!({"format": "eclexia-usage/1", "samples": all.len()}));
    }
    Ok(Exit::Done)
}

const HEADS: &str = "deployment,service,at,step_ms,measured_ms,cpu_seconds,memory_byte_seconds,\
    memory_peak_bytes,requests,failed,received_bytes,sent_bytes,joules,grams_co2e,\
    request_seconds\n";

/// RFC 4180; names with commas or quotes are quoted.
fn csv(step: u64, samples: &[Sample]) -> String {
    let mut text = HEADS.to_owned();
    for s in samples {
        let (deployment, service) = (quoted(&s.deployment), quoted(&s.service));
        let _ = writeln!(
            text,
            "{deployment},{service},{},{step},{},{},{},{},{},{},{},{},{},{},{}",
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
            s.grams,
            s.request_seconds
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
        + "Energy is an estimate: core time by the watts that the program says. Carbon is that by\n\
           the program's intensities, where no service said others:\n"
}

/// Whose numbers carbon was counted by, a line for each that was in force.
fn grids(registry: &Registry, names: &[&String], since: At) -> Result<String, Diagnostic> {
    let mut rows = Vec::new();
    for name in names {
        for number in registry.intensities(name, since)? {
            let signal = if number.signal == "marginal" { " (marginal)" } else { "" };
            rows.push([
                format!("  {name}"),
                number.region,
                format!("{:.0} g/kWh{signal}", number.grams_per_kwh),
                number.source,
                format!("{} to {}", moment(number.at), moment(number.until)),
            ]);
        }
    }
    // The last ones are those that matter.
    let from = rows.len().saturating_sub(MOST_NUMBERS);
    Ok(eclexia_model::display::table(&rows[from..]))
}

/// The last numbers of regions that are shown.
const MOST_NUMBERS: usize = 12;

/// `2026-12-02 01:33` in UTC.
fn moment(at: At) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// What this machine uses of its budgets now, a line for each resource.
fn standings(standings: &[Standing; 5]) -> String {
    let heads = ["this machine", "used", "budget", "share", "price by use"];
    let mut rows = vec![heads.map(str::to_owned)];
    for standing in standings {
        let of = standing.resource;
        let limit = standing.limit.map(|limit| of.shown(limit));
        rows.push([
            of.name().to_owned(),
            of.shown(standing.used),
            limit.unwrap_or_else(|| "none".to_owned()),
            match standing.limit {
                Some(_) => format!("{:.0} %", standing.share.0 * 100.0),
                None => String::new(),
            },
            format!("{}", (standing.price * 100.0).round() / 100.0),
        ]);
    }
    format!("\n{}", eclexia_model::display::table(&rows))
}

const MIB: f64 = 1024.0 * 1024.0;
