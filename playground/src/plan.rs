//! Plans the deployment of a page: the report that `eclexia plan --report` writes, the picture of
//! `eclexia graph`, what `eclexia prices` and `eclexia why` say.

use crate::found::{Found, found};
use eclexia_db::library::Embedded;
use eclexia_db::{Session, pipeline};
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Plan, display};
use eclexia_plan::elaborate::{Origins, Strategies};
use eclexia_plan::graph::Format;
use eclexia_plan::page::More;
use eclexia_plan::schedule;
use serde::Serialize;

#[derive(Serialize, Default, Debug)]
pub struct Planned {
    pub found: Vec<Found>,
    /// Names of all deployments, in source order.
    pub deployments: Vec<String>,
    pub plan: Option<Shown>,
}

/// One plan in all its views.
#[derive(Serialize, Debug)]
pub struct Shown {
    pub deployment: String,
    pub id: String,
    /// Steps, totals and budgets, as the command prints them.
    pub text: String,
    /// A page of its own.
    pub report: String,
    /// SVG.
    pub graph: String,
    pub prices: String,
    /// Of each service and job why it is as it is.
    pub reasons: Vec<Reason>,
}

#[derive(Serialize, Debug)]
pub struct Reason {
    pub name: String,
    pub text: String,
}

/// How much of a report is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Report {
    /// What the plan itself says: it is there at once.
    Short,
    /// With the sweeps of limits and the frontier, each of which plans many times.
    Whole,
}

pub fn plan(text: &str, wanted: Option<&str>, report: Report) -> Planned {
    let mut session = Session::new(Box::new(Embedded));
    let (module, mut all) = session.load(crate::FILE, text.as_bytes());
    let mut planned = Planned::default();
    if !all.has_errors() {
        let (elaborated, more) = pipeline::elaborate(&mut session, module, &Strategies::default());
        all.extend(more);
        let deployments = &elaborated.model.deployments;
        planned.deployments = deployments.iter().map(|d| d.name.clone()).collect();
        let named = deployments.iter().find(|d| Some(d.name.as_str()) == wanted);
        if let Some(deployment) = named.or(deployments.first()).filter(|_| !all.has_errors()) {
            let (module, origins) = (&elaborated.model.module, &elaborated.origins);
            let (plan, more) = eclexia_plan::plan(deployment, module, None, origins);
            all.extend(more);
            match plan.map(|plan| shown(deployment, &plan, origins, report)).transpose() {
                Ok(shown) => planned.plan = shown,
                Err(found) => all.push(*found),
            }
        }
    }
    planned.found = found(all.sorted(), &session.sources);
    planned
}

fn shown(
    deployment: &Deployment,
    plan: &Plan,
    origins: &Origins,
    report: Report,
) -> Result<Shown, Box<Diagnostic>> {
    let more = match report {
        Report::Short => More { schedule: Some(schedule(deployment, plan)), ..More::default() },
        Report::Whole => More::of(deployment, plan, origins)?,
    };
    Ok(Shown {
        deployment: deployment.name.clone(),
        id: plan.id.clone(),
        text: display::plan(plan),
        report: eclexia_plan::page(deployment, plan, &more),
        graph: eclexia_plan::graph(deployment, Some(plan), Format::Svg),
        prices: display::prices(plan),
        reasons: reasons(deployment, plan),
    })
}

fn reasons(deployment: &Deployment, plan: &Plan) -> Vec<Reason> {
    let services = plan.services.iter().map(|choice| &choice.service);
    let names = services.chain(plan.jobs.iter().map(|choice| &choice.job));
    let reason = |name: &String| {
        let why = eclexia_plan::why(deployment, plan, name).ok()?;
        Some(Reason { name: name.clone(), text: why.to_string() })
    };
    names.filter_map(reason).collect()
}
