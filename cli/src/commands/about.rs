//! Questions about a plan: `prices`, `why`, `why-not`, `what-if`, `frontier`. Each plans first
//! where no saved plan is given.

use super::program::{Elaboration, elaborate, name_and_file};
use super::{Ended, Stop};
use crate::args::{AboutArgs, FrontierArgs, ScheduleArgs, WhatIfArgs, Which, WhyArgs, WhyNotArgs};
use crate::console::{Console, Exit};
use crate::files;
use eclexia_base::unit::UnitTable;
use eclexia_model::{Deployment, Plan, display};
use eclexia_plan::{Edit, Sweep};
use serde::Serialize;
use serde_json::json;
use std::fmt::Display;
use std::path::Path;

pub fn prices(console: &Console, args: &AboutArgs) -> Ended {
    let program = elaborate(console, args.file.as_deref())?;
    let deployments = program.deployments(&args.which)?;
    for deployment in &deployments {
        super::plan::title(console, deployment, &deployments);
        let plan = program.plan_or_saved(console, deployment, &args.saved)?;
        if console.global.json {
            console.json(&json!({
                "format": "eclexia-prices/1", "deployment": plan.deployment,
                "budgets": plan.budgets,
            }));
        } else {
            console.out(&display::prices(&plan));
        }
    }
    Ok(Exit::Done)
}

pub fn why(console: &Console, args: &WhyArgs) -> Ended {
    let (name, file) = name_and_file(&args.name, args.file.as_ref());
    let (program, at) = planned(console, file, &args.which, Some(name))?;
    let deployment = &program.elaborated.model.deployments[at];
    let plan = program.plan_or_saved(console, deployment, &args.saved)?;
    if let Some(text) = why_limit(console, deployment, &plan, name) {
        console.out(&text);
        return Ok(Exit::Done);
    }
    answer(console, "eclexia-why/1", &eclexia_plan::why(deployment, &plan, name)?);
    Ok(Exit::Done)
}

/// A budget (`team`) or one of its limits (`team.cost`): its prices.
fn why_limit(
    console: &Console,
    deployment: &Deployment,
    plan: &Plan,
    name: &str,
) -> Option<String> {
    let account = deployment.account.as_deref()?;
    let metric = match name.strip_prefix(account)? {
        "" => None,
        rest => Some(rest.strip_prefix('.')?),
    };
    let mut plan = plan.clone();
    plan.budgets.retain(|line| metric.is_none_or(|m| line.metric.name() == m));
    if plan.budgets.is_empty() {
        return None;
    }
    Some(match console.global.json {
        true => format!("{}\n", json!({"format": "eclexia-prices/1", "budgets": plan.budgets})),
        false => display::prices(&plan),
    })
}

pub fn why_not(console: &Console, args: &WhyNotArgs) -> Ended {
    // The file may stand first, as with the other commands.
    let given = [
        Some(args.name.as_str()),
        Some(args.choice.as_str()),
        args.file.as_ref().and_then(|f| f.to_str()),
    ];
    let is_source = |text: &&str| crate::files::is_source(Path::new(text));
    let file = given.into_iter().flatten().find(is_source).map(Path::new);
    let words: Vec<&str> = given.into_iter().flatten().filter(|w| !is_source(w)).collect();
    let [name, choice] = words[..] else {
        return Err(crate::diagnostics::why_not_arguments().into());
    };
    let (program, at) = planned(console, file, &args.which, Some(name))?;
    let deployment = &program.elaborated.model.deployments[at];
    let plan = program.plan_or_saved(console, deployment, &args.saved)?;
    answer(console, "eclexia-why-not/1", &eclexia_plan::why_not(deployment, &plan, name, choice)?);
    Ok(Exit::Done)
}

pub fn what_if(console: &Console, args: &WhatIfArgs) -> Ended {
    let (text, file) = name_and_file(&args.edit, args.file.as_ref());
    let units = UnitTable::language();
    if let Some(sweep) = Sweep::parse(text, units) {
        return swept(console, args, file, &sweep?);
    }
    if args.plot.is_some() {
        return Err(crate::diagnostics::plot_of_one_edit().into());
    }
    let edit = Edit::parse(text, units)?;
    let (program, at) = planned(console, file, &args.which, edit.target())?;
    let deployment = &program.elaborated.model.deployments[at];
    let plan = program.plan_or_saved(console, deployment, &args.saved)?;
    let origins = &program.elaborated.origins;
    let outcome = eclexia_plan::what_if(deployment, &plan, &edit, origins)?;
    if outcome.plan.is_none() {
        let found = outcome.found.sorted();
        return Err(Stop::Reported(console.report(&found, &program.loaded.session.sources)));
    }
    if console.global.json {
        console.json(&json!({
            "format": "eclexia-what-if/1", "edit": outcome.edit, "difference": outcome.difference,
            "plan": outcome.plan,
        }));
    } else {
        console.out(&outcome.to_string());
    }
    Ok(Exit::Done)
}

fn swept(console: &Console, args: &WhatIfArgs, file: Option<&Path>, sweep: &Sweep) -> Ended {
    let (program, at) = planned(console, file, &args.which, Some(&sweep.target))?;
    let deployment = &program.elaborated.model.deployments[at];
    let curve = sweep.curve(deployment, &program.elaborated.origins)?;
    answer(console, "eclexia-sweep/1", &curve);
    plot(args.plot.as_deref(), || curve.svg())
}

pub fn schedule(console: &Console, args: &ScheduleArgs) -> Ended {
    let program = elaborate(console, args.file.as_deref())?;
    let deployment = program.deployment(&args.which)?;
    let plan = program.plan_or_saved(console, deployment, &args.saved)?;
    let schedule = eclexia_plan::schedule(deployment, &plan);
    answer(console, "eclexia-schedule/1", &schedule);
    plot(args.plot.as_deref(), || schedule.svg())
}

pub fn frontier(console: &Console, args: &FrontierArgs) -> Ended {
    let metric = eclexia_plan::frontier::metric;
    let metrics = [metric(&args.first)?, metric(&args.second)?];
    if metrics[0] == metrics[1] {
        return Err(crate::diagnostics::frontier_of_one_metric(&args.first).into());
    }
    let (program, at) = planned(console, args.file.as_deref(), &args.which, None)?;
    let deployment = &program.elaborated.model.deployments[at];
    let found = eclexia_plan::frontier(deployment, metrics, &program.elaborated.origins)?;
    answer(console, "eclexia-frontier/1", &found);
    plot(args.plot.as_deref(), || found.svg())
}

fn plot(path: Option<&Path>, picture: impl FnOnce() -> String) -> Ended {
    if let Some(path) = path {
        files::write(path, picture().as_bytes())?;
    }
    Ok(Exit::Done)
}

/// The program and which of its deployments: the one named, else the only one that has `name`, if
/// it is known.
fn planned(
    console: &Console,
    file: Option<&Path>,
    which: &Which,
    name: Option<&str>,
) -> Result<(Elaboration, usize), Stop> {
    let program = elaborate(console, file)?;
    let all = &program.elaborated.model.deployments;
    let having: Vec<usize> =
        (0..all.len()).filter(|i| name.is_none_or(|name| all[*i].has(name))).collect();
    let at = match (&which.deployment, &having[..]) {
        (None, [only]) => *only,
        _ => {
            let chosen = program.deployment(which)?;
            all.iter().position(|d| d.name == chosen.name).unwrap_or_default()
        }
    };
    Ok((program, at))
}

fn answer<T: Serialize + Display>(console: &Console, format: &str, answer: &T) {
    if console.global.json {
        let answer = serde_json::to_value(answer).unwrap_or_default();
        console.json(&json!({"format": format, "answer": answer}));
    } else {
        console.out(&format!("{}\n", answer.to_string().trim_end()));
    }
}
