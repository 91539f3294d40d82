//! Named strategies: those of `strategies.toml` in `ECLEXIA_CONFIG_DIR`, and those of a project.

use crate::project::Opened;
use crate::sources::read;
use eclexia_diag::Diagnostic;
use eclexia_plan::elaborate::{NamedStrategy, Strategies};
use std::collections::BTreeMap;
use std::path::Path;

/// The largest strategies.toml that is read, bytes.
const MOST_CONFIG_BYTES: usize = 1 << 20;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StrategiesFile {
    #[serde(default)]
    strategies: BTreeMap<String, StrategyEntry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StrategyEntry {
    #[serde(default)]
    #[expect(dead_code, reason = "a title for people; part of the format")]
    name: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "for people; part of the format")]
    description: Option<String>,
    /// Weight of the variants' penalties.
    #[serde(default = "one")]
    priority_weight: f64,
    #[serde(default)]
    carbon_weight: f64,
    #[serde(default)]
    latency_weight: f64,
    #[serde(default)]
    cost_weight: f64,
}

fn one() -> f64 {
    1.0
}

/// All that are known in a project, or outside of any; those of the project win.
pub fn strategies(project: Option<&Opened>) -> Result<Strategies, Box<Diagnostic>> {
    let mut known = configured()?;
    let own = project.into_iter().flat_map(|opened| &opened.project.manifest.strategies);
    known.extend(own.map(|(name, weights)| {
        let weights = NamedStrategy {
            cost_weight: weights.cost,
            carbon_weight: weights.carbon,
            priority_weight: weights.priority,
            latency_weight: weights.latency,
        };
        (name.clone(), weights)
    }));
    Ok(known)
}

fn configured() -> Result<Strategies, Box<Diagnostic>> {
    let Some(folder) = std::env::var_os("ECLEXIA_CONFIG_DIR").filter(|v| !v.is_empty()) else {
        return Ok(Strategies::new());
    };
    let path = Path::new(&folder).join("strategies.toml");
    if !path.exists() {
        return Ok(Strategies::new());
    }
    let wrong = |why: &str| Box::new(bad_configuration(&path.display().to_string(), why));
    let bytes = read(&path).map_err(|error| wrong(&error.to_string()))?;
    if bytes.len() > MOST_CONFIG_BYTES {
        return Err(wrong("It is larger than 1 MiB."));
    }
    let text = String::from_utf8_lossy(&bytes);
    let file: StrategiesFile = toml::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let named = file.strategies.into_iter().map(|(name, entry)| {
        let weights = NamedStrategy {
            cost_weight: entry.cost_weight,
            carbon_weight: entry.carbon_weight,
            priority_weight: entry.priority_weight,
            latency_weight: entry.latency_weight,
        };
        (name, weights)
    });
    Ok(named.collect())
}

fn bad_configuration(path: &str, why: &str) -> Diagnostic {
    Diagnostic::without_place("bad-configuration", format!("{path} cannot be used"))
        .note(why.trim().to_owned())
        .help("Correct the file; its keys are listed in docs/language/planning.md.")
}
