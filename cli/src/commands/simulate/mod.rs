//! `simulate`: the whole life of a deployment in a seeded world, told as a timeline.
//!
//! In: a program, and in words what is to happen. Out: the timeline, sums, a picture. What happens
//! is `eclexia_world`'s; here programs are read and plans made for it.

use super::program::{Elaboration, elaborate};
use super::{Ended, Stop};
use crate::args::{SimulateArgs, Which};
use crate::console::{Console, Exit};
use crate::files;
use eclexia_model::{Deployment, Origin, Plan};
use eclexia_plan::elaborate::Origins;
use eclexia_world::faults::{Faults, Strike};
use eclexia_world::setup::{self, Demand, Update};
use eclexia_world::text::{self, Paint};
use eclexia_world::{At, Planner, Run, Setup, picture, time};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

pub fn simulate(console: &Console, args: &SimulateArgs) -> Ended {
    // What was asked for is read before anything long is done.
    let faults = Faults::parse(&args.faults)?;
    let strikes = args.fault.iter().map(|text| Strike::parse(text));
    let strikes = strikes.collect::<Result<Vec<_>, _>>()?;
    let demand = Demand::parse(&args.demand)?;
    let rollbacks = args.rollback.iter().map(|text| setup::rollback(text));
    let rollbacks = rollbacks.collect::<Result<Vec<At>, _>>()?;
    let updates = args.update.iter().map(|text| setup::update(text));
    let updates = updates.collect::<Result<Vec<_>, _>>()?;

    let program = elaborate(console, args.file.as_deref())?;
    let deployment = with_machines(program.deployment(&args.which)?, args.machines);
    let which = Which { deployment: Some(deployment.name.clone()) };
    let mut programs = vec![program];
    let mut coming = Vec::new();
    for (path, at, behaviour) in updates {
        let other = elaborate(console, Some(Path::new(&path)))?;
        let deployment = with_machines(other.deployment(&which)?, args.machines);
        coming.push(Update { at, name: path, deployment, behaviour });
        programs.push(other);
    }
    let plan = programs[0].plan(console, &deployment, None)?;
    let setup = Setup {
        seed: args.seed,
        until: u64::from(args.days) * time::DAY,
        faults,
        strikes,
        demand,
        start: milliseconds(args.start),
        hold: milliseconds(args.hold),
        updates: coming,
        rollbacks,
        ..Setup::new(deployment, plan)
    };
    let model = &programs[0].elaborated;
    let planner = Best { module: &model.model.module, origins: &model.origins };
    let run = eclexia_world::simulate(&setup, &planner)?;
    tell(console, args, &programs, &run)
}

fn tell(console: &Console, args: &SimulateArgs, programs: &[Elaboration], run: &Run) -> Ended {
    if let Some(path) = &args.svg {
        files::write(path, picture::svg(run).as_bytes())?;
    }
    let program = &programs[run.budget_of.map_or(0, |update| update + 1)];
    if console.global.json {
        let mut told = serde_json::to_value(run).unwrap_or_default();
        for (at, spent) in run.budget.iter().enumerate() {
            told["budget"][at]["declared"] = json!(place(program, spent.origin));
        }
        console.json(&told);
    } else {
        let paint = if console.is_colorful() { Paint::Colours } else { Paint::Plain };
        console.out(&text::run(run, paint, &|origin| place(program, origin)));
    }
    match eclexia_world::bug(run) {
        Some(found) => Err(Stop::from(found)),
        None => Ok(Exit::Done),
    }
}

/// The plans that `eclexia plan` makes.
struct Best<'a> {
    module: &'a str,
    origins: &'a Origins,
}

impl Planner for Best<'_> {
    fn plan(&self, deployment: &Deployment, after: Option<&Plan>) -> Option<Plan> {
        // Why there is none is told of the first plan; later ones are told as refused.
        eclexia_plan::plan(deployment, self.module, after, self.origins).0
    }
}

/// Offers with a limit sell so many.
fn with_machines(deployment: &Deployment, machines: Option<u32>) -> Deployment {
    let mut deployment = deployment.clone();
    for offer in &mut deployment.offers {
        offer.limit = offer.limit.map(|limit| machines.unwrap_or(limit));
    }
    deployment
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// `shop.ecl:12:3`
fn place(program: &Elaboration, origin: Origin) -> Option<String> {
    let span = program.elaborated.origins.get(origin)?;
    let sources = &program.loaded.session.sources;
    let (line, column) = sources.get(span.file)?.line_column(span.start);
    Some(format!("{}:{line}:{column}", sources.name(span.file)))
}
