//! `plan`: the best plan of each deployment, compared with the last, and saved on request.

use super::program::{Elaboration, elaborate};
use super::{Ended, Stop};
use crate::args::PlanArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_model::{Deployment, Plan, display};
use std::path::Path;

pub fn plan(console: &Console, args: &PlanArgs) -> Ended {
    let program = elaborate(console, args.file.as_deref())?;
    let deployments = program.deployments(&args.which)?;
    if let (Some(_), [_, _, ..]) = (&args.output, &deployments[..]) {
        let names: Vec<String> = deployments.iter().map(|d| d.name.clone()).collect();
        return Err(diagnostics::which_deployment(&names).into());
    }
    let parent = parent(args)?;
    let mut exit = Exit::Done;
    for deployment in deployments {
        let parent = parent.as_ref().filter(|p| p.deployment == deployment.name);
        exit = exit.max(one(console, args, &program, deployment, parent)?);
    }
    Ok(exit)
}

/// The plan to compare with: the one named, else the one about to be replaced.
fn parent(args: &PlanArgs) -> Result<Option<Plan>, Stop> {
    match (&args.after, &args.output) {
        (Some(path), _) => read_plan(path).map(Some),
        (None, Some(path)) if path.is_file() => read_plan(path).map(Some),
        _ => Ok(None),
    }
}

pub fn read_plan(path: &Path) -> Result<Plan, Stop> {
    let (name, bytes) = files::read(path)?;
    Plan::from_json(&bytes).map_err(|error| eclexia_plan::plan_error(&error).note(format!("The file is {name}.")).into())
}

fn one(
    console: &Console,
    args: &PlanArgs,
    program: &Elaboration,
    deployment: &Deployment,
    parent: Option<&Plan>,
) -> Result<Exit, Stop> {
    let plan = program.plan(console, deployment, parent)?;
    let has_changes = !plan.steps.is_empty();
    if console.global.json {
        console.json(&serde_json::to_value(&plan).unwrap_or_default());
    } else {
        console.out(&display::plan(&plan));
    }
    if let Some(path) = &args.output
        && (has_changes || parent.is_none())
    {
        files::write(path, &plan.to_json())?;
        console.say(&format!("Saved as {} ({}).\n", path.display(), &plan.id[..12]));
    }
    let exit = if has_changes && args.detailed_exitcode { Exit::Changes } else { Exit::Done };
    Ok(exit)
}
