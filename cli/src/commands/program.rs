//! What most commands begin with: a file is loaded and checked, its deployments elaborated, one of
//! them picked and planned.

use super::Stop;
use super::plan::read_plans;
use crate::args::{Saved, Which};
use crate::console::{Console, Exit};
use crate::project::{self, FileProvider, Opened};
use crate::{diagnostics, files};
use eclexia_core::core::ModuleId;
use eclexia_db::{Session, pipeline};
use eclexia_diag::{Diagnostics, Sources};
use eclexia_model::{Deployment, Plan};
use eclexia_plan::elaborate::{Elaborated, NamedStrategy, Strategies};
use std::path::{Path, PathBuf};
use std::rc::Rc;

pub struct Loaded {
    pub session: Session,
    pub module: ModuleId,
    /// As messages name it.
    pub name: String,
    pub found: Diagnostics,
    /// The project that it belongs to.
    pub project: Option<Rc<Opened>>,
}

/// Reads, resolves and checks a file; what it finds is kept, not yet reported.
pub fn load(path: &Path) -> Result<Loaded, Stop> {
    let (name, bytes) = files::read(path)?;
    let project = project::of_file(path)?;
    let mut session = Session::new(Box::new(FileProvider::new(path, project.clone())));
    let (module, found) = session.load(&name, &bytes);
    Ok(Loaded { session, module, name, found, project })
}

/// [`load`] that stops at errors; warnings are reported.
pub fn load_checked(console: &Console, path: &Path) -> Result<Loaded, Stop> {
    let mut loaded = load(path)?;
    report(console, std::mem::take(&mut loaded.found), &loaded.session.sources)?;
    Ok(loaded)
}

/// Prints what was found and stops if it holds errors.
pub fn report(console: &Console, found: Diagnostics, sources: &Sources) -> Result<(), Stop> {
    let has_errors = found.has_errors();
    if found.is_empty() {
        return Ok(());
    }
    let exit = console.report(&found.sorted(), sources);
    if has_errors { Err(Stop::Reported(exit)) } else { Ok(()) }
}

/// A program whose deployments are known.
pub struct Elaboration {
    pub loaded: Loaded,
    pub elaborated: Elaborated,
}

pub fn elaborate(console: &Console, path: Option<&Path>) -> Result<Elaboration, Stop> {
    let path = project::program(path)?;
    let mut loaded = load_checked(console, &path)?;
    let known = strategies(loaded.project.as_deref())?;
    let (elaborated, found) = pipeline::elaborate(&mut loaded.session, loaded.module, &known);
    report(console, found, &loaded.session.sources)?;
    Ok(Elaboration { loaded, elaborated })
}

impl Elaboration {
    /// The deployment that is named; without a name, the only one.
    pub fn deployment(&self, which: &Which) -> Result<&Deployment, Stop> {
        let all = &self.elaborated.model.deployments;
        let names: Vec<String> = all.iter().map(|d| d.name.clone()).collect();
        match (&which.deployment, &all[..]) {
            (_, []) => Err(diagnostics::no_deployment(&self.loaded.name).into()),
            (Some(name), _) => all
                .iter()
                .find(|d| d.name == *name)
                .ok_or_else(|| diagnostics::unknown_deployment(name, &names).into()),
            (None, [only]) => Ok(only),
            (None, _) => Err(diagnostics::which_deployment(&names).into()),
        }
    }

    /// The deployment that is named; without a name, all.
    pub fn deployments(&self, which: &Which) -> Result<Vec<&Deployment>, Stop> {
        match (&which.deployment, &self.elaborated.model.deployments[..]) {
            (None, all @ [_, _, ..]) => Ok(all.iter().collect()),
            _ => Ok(vec![self.deployment(which)?]),
        }
    }

    /// The plan of a deployment; stops with its diagnostics where there is none.
    pub fn plan(
        &self,
        console: &Console,
        deployment: &Deployment,
        parent: Option<&Plan>,
    ) -> Result<Plan, Stop> {
        let module = &self.elaborated.model.module;
        let spinner = crate::console::Spinner::start(console, "planning", &deployment.name);
        let (plan, found) =
            eclexia_plan::plan(deployment, module, parent, &self.elaborated.origins);
        drop(spinner);
        report(console, found, &self.loaded.session.sources)?;
        plan.ok_or(Stop::Reported(Exit::Error))
    }

    /// The saved plan that is named, which must be of the deployment as it is, else a new one.
    pub fn plan_or_saved(
        &self,
        console: &Console,
        deployment: &Deployment,
        saved: &Saved,
    ) -> Result<Plan, Stop> {
        match &saved.plan {
            Some(path) => self::saved(path, deployment),
            None => self.plan(console, deployment, None),
        }
    }
}

/// The plan in a file that was made for this very deployment.
fn saved(path: &Path, deployment: &Deployment) -> Result<Plan, Stop> {
    let model_id = eclexia_model::saved::digest(deployment);
    let plan = read_plans(path)?.into_iter().find(|plan| plan.model_id == model_id);
    plan.ok_or_else(|| diagnostics::stale_plan(&path.display().to_string()).into())
}

/// Positional arguments in either order: `why api shop.ecl` and `why shop.ecl api`.
pub fn name_and_file<'a>(name: &'a str, file: Option<&'a PathBuf>) -> (&'a str, Option<&'a Path>) {
    match file.and_then(|f| f.to_str()) {
        Some(second)
            if files::is_source(Path::new(name)) && !files::is_source(Path::new(second)) =>
        {
            (second, Some(Path::new(name)))
        }
        _ => (name, file.map(PathBuf::as_path)),
    }
}

/// The largest strategies.toml that is read.
const MOST_CONFIG_BYTES: usize = 1 << 20;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StrategiesFile {
    #[serde(default)]
    strategies: std::collections::BTreeMap<String, StrategyEntry>,
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

/// Those of `strategies.toml` in `ECLEXIA_CONFIG_DIR`, and those of the project, which win.
pub fn strategies(project: Option<&Opened>) -> Result<Strategies, Stop> {
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

fn configured() -> Result<Strategies, Stop> {
    let Some(folder) = std::env::var_os("ECLEXIA_CONFIG_DIR").filter(|v| !v.is_empty()) else {
        return Ok(Strategies::new());
    };
    let path = Path::new(&folder).join("strategies.toml");
    if !path.exists() {
        return Ok(Strategies::new());
    }
    let (name, bytes) = files::read(&path)?;
    if bytes.len() > MOST_CONFIG_BYTES {
        return Err(diagnostics::bad_configuration(&name, "It is larger than 1 MiB.").into());
    }
    let text = String::from_utf8_lossy(&bytes);
    let file: StrategiesFile = toml::from_str(&text)
        .map_err(|error| diagnostics::bad_configuration(&name, &error.to_string()))?;
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
