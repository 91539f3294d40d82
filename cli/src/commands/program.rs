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
use eclexia_plan::elaborate::{Elaborated, Strategies};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub struct Loaded {
    pub session: Session,
    pub module: ModuleId,
    /// As messages name it.
    pub name: String,
    pub found: Diagnostics,
    /// The project that it belongs to.
    pub project: Option<Arc<Opened>>,
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

/// The strategies that have names: those of the user, and those of the project, which win.
pub fn strategies(project: Option<&Opened>) -> Result<Strategies, Stop> {
    Ok(eclexia_files::strategies(project)?)
}
