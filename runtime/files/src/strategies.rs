//! Named strategies: those of `strategies.toml` in the configuration folder, and a project's.

use crate::project::{Opened, Refused};
use eclexia_diag::Sources;
use eclexia_plan::elaborate::{NamedStrategy, Strategies};
use eclexia_settings::table::STRATEGIES;
use eclexia_settings::{Environment, Settings};

/// All that are known in a project, or outside of any; those of the project win.
pub fn strategies(project: Option<&Opened>) -> Result<Strategies, Refused> {
    let (folder, mut sources) = (Environment::of_process().config_folder(), Sources::new());
    let (settings, found) = Settings::load_one(STRATEGIES, folder.as_deref(), &mut sources);
    if found.has_errors() {
        return Err(Box::new((found, sources)));
    }
    let named = |cost, carbon, priority, latency| NamedStrategy {
        cost_weight: cost,
        carbon_weight: carbon,
        priority_weight: priority,
        latency_weight: latency,
    };
    let configured = settings.strategies().into_iter();
    let mut known: Strategies = configured
        .map(|(name, w)| (name, named(w.cost, w.carbon, w.priority, w.latency)))
        .collect();
    let own = project.into_iter().flat_map(|opened| &opened.project.manifest.strategies);
    known.extend(
        own.map(|(name, w)| (name.clone(), named(w.cost, w.carbon, w.priority, w.latency))),
    );
    Ok(known)
}
