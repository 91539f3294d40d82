//! `plan`: the best plan of each deployment, compared with the last, and saved on request.

use super::program::{Elaboration, elaborate};
use super::{Ended, Stop};
use crate::args::PlanArgs;
use crate::console::{Console, Exit};
use crate::files;
use eclexia_model::{Deployment, Plan, display};
use eclexia_plan::page;
use eclexia_plan::page::More;
use std::path::Path;

pub fn plan(console: &Console, args: &PlanArgs) -> Ended {
    let program = elaborate(console, args.file.as_deref())?;
    // Told before anything is planned or saved.
    let reported = match &args.report {
        Some(path) => Some((program.deployment(&args.which)?, path)),
        None => None,
    };
    let parents = parents(args)?;
    let mut plans = Vec::new();
    let deployments = program.deployments(&args.which)?;
    for deployment in &deployments {
        title(console, deployment, &deployments);
        let parent = parents.iter().find(|p| p.deployment == deployment.name);
        let plan = program.plan(console, deployment, parent)?;
        if console.global.json {
            console.json(&serde_json::to_value(&plan).unwrap_or_default());
        } else {
            console.out(&display::plan(&plan));
        }
        // What has not changed is kept as it was, under its own id.
        plans.push(match parent {
            Some(parent) if plan.steps.is_empty() && plan.model_id == parent.model_id => {
                parent.clone()
            }
            _ => plan,
        });
    }
    if let Some(path) = &args.output
        && plans != parents
    {
        save(console, path, &plans)?;
    }
    if let Some((deployment, path)) = reported {
        report(console, &program, (deployment, &plans), path)?;
    }
    let has_changes = plans.iter().any(|plan| !parents.contains(plan) && !plan.steps.is_empty());
    Ok(if has_changes && args.detailed_exitcode { Exit::Changes } else { Exit::Done })
}

/// One page for a deployment, of its plan.
fn report(
    console: &Console,
    program: &Elaboration,
    (deployment, plans): (&Deployment, &[Plan]),
    path: &Path,
) -> Result<(), Stop> {
    if let Some(plan) = plans.iter().find(|plan| plan.deployment == deployment.name) {
        let more =
            More::of(deployment, plan, &program.elaborated.origins).map_err(|found| *found)?;
        files::write(path, page(deployment, plan, &more).as_bytes())?;
        console.say(&format!("The report is {}.\n", path.display()));
    }
    Ok(())
}

/// Of several deployments each begins with its name.
pub fn title(console: &Console, deployment: &Deployment, all: &[&Deployment]) {
    if all.len() > 1 && !console.global.json {
        let is_first = all.first().is_some_and(|first| first.name == deployment.name);
        let space = if is_first { "" } else { "\n" };
        console.out(&format!("{space}== {} ==\n\n", deployment.name));
    }
}

/// The plans to compare with: of the file named, else of the one about to be replaced.
fn parents(args: &PlanArgs) -> Result<Vec<Plan>, Stop> {
    match (&args.after, &args.output) {
        (Some(path), _) => read_plans(path),
        (None, Some(path)) if path.is_file() => read_plans(path),
        _ => Ok(Vec::new()),
    }
}

/// A saved file holds one plan for each deployment that was planned, one after the other.
pub fn read_plans(path: &Path) -> Result<Vec<Plan>, Stop> {
    let (name, bytes) = files::read(path)?;
    let read = |bytes: &[u8]| {
        Plan::from_json(bytes)
            .map_err(|error| eclexia_plan::plan_error(&error).note(format!("The file is {name}.")))
    };
    let mut values =
        serde_json::Deserializer::from_slice(&bytes).into_iter::<serde::de::IgnoredAny>();
    let mut plans = Vec::new();
    let mut start = 0;
    while let Some(Ok(_)) = values.next() {
        let end = values.byte_offset();
        plans.push(read(&bytes[start..end])?);
        start = end;
    }
    // What is left after the last value is white space, or no plan: then reading it says why.
    if plans.is_empty() || !bytes[start..].trim_ascii().is_empty() {
        plans.push(read(&bytes[start..])?);
    }
    Ok(plans)
}

fn save(console: &Console, path: &Path, plans: &[Plan]) -> Result<(), Stop> {
    let bytes: Vec<u8> = plans.iter().flat_map(Plan::to_json).collect();
    files::write(path, &bytes)?;
    let ids: Vec<&str> = plans.iter().map(|plan| &plan.id[..12]).collect();
    console.say(&format!("Saved as {} ({}).\n", path.display(), ids.join(", ")));
    Ok(())
}
