//! `solve FILE.json --running PLAN`: continues a plan that runs on an instance that has changed.
//! The new plan goes to standard output as JSON, with what stays and what moves; a table of it to
//! standard error. The bound is proved beside the search.

use super::clock;
use crate::args::{Disrupt, SolveArgs};
use crate::commands::Ended;
use crate::console::{Console, Exit, Spinner};
use crate::{diagnostics, files, interrupt};
use eclexia_diag::Diagnostic;
use eclexia_formats::{Named, Outcome, matching, read, read_plan, write_replanned};
use eclexia_model::display;
use eclexia_optimizer::placement::{
    Effort, Matching, Moved, Movement, Proved, Refused, Replanned, Running, evaluate, prove, replan,
};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Services that the table shows.
const MOST_ROWS: usize = 30;

pub fn solve(console: &Console, args: &SolveArgs, running: &Path) -> Ended {
    let start = Instant::now();
    let (file, bytes) = files::read(&args.file)?;
    let named = read(&bytes)?;
    let instance = &named.instance;
    let (plan_file, plan) = files::read(running)?;
    let was = args.was.as_ref().map(|was| before(was)).transpose()?;
    let old = was.as_ref().map_or(instance, |was| &was.instance);
    let plan = read_plan(&plan, old)?;
    let matched = match (&was, &args.was) {
        (Some(was), Some(path)) => {
            if let Some(broken) = evaluate(old, &plan.solution).violations.first() {
                let path = path.display().to_string();
                return Err(diagnostics::unfit_running(&plan_file, &path, broken, was).into());
            }
            matching(was, &named)
        }
        _ => Matching::by_index(old),
    };
    let runs = Running::new(old, &plan.solution, instance, &matched);
    let movement = Movement {
        usd: args.move_cost,
        hours: args.horizon,
        most: most_moves(&named, &args.disrupt)?,
        in_all: u32::MAX,
    };
    let clock = clock(args.limit);
    let effort = if args.limit.is_some() { Effort::timed(&clock) } else { Effort::counted(&clock) };
    let spinner = Spinner::start(console, "Re-planning", &named.name);
    let prices = plan.prices_of(&named);
    let (proved, found) = std::thread::scope(|scope| {
        let proving = scope.spawn(|| prove(instance, effort));
        let say = |progress: &_| spinner.say(&super::placement::line(progress));
        let found = replan(instance, &runs, &movement, &prices, effort, &say);
        match proving.join() {
            Ok(proved) => (proved, found),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    drop(spinner);
    let interrupted = interrupt::flag().swap(false, Ordering::Relaxed);
    let found = found.map_err(|refused| refusal(&file, &named, &movement, &proved, &refused))?;
    let outcome = Outcome {
        solution: &found.solution,
        bound: proved.bound.min(found.objective),
        seconds: start.elapsed().as_secs_f64(),
        prices: &proved.prices,
    };
    console.json(&write_replanned(&named, &outcome, &found));
    if !console.global.quiet && !console.global.json {
        console.err(&shown(&named, &found, outcome.bound));
    }
    Ok(if interrupted { Exit::Interrupted } else { Exit::Done })
}

fn before(path: &Path) -> Result<Named, Diagnostic> {
    let (_, bytes) = files::read(path)?;
    read(&bytes)
}

/// Of each service; what is said last of one counts.
fn most_moves(named: &Named, disrupt: &[Disrupt]) -> Result<Vec<u32>, Diagnostic> {
    let mut most = vec![u32::MAX; named.services.len()];
    for Disrupt { service, most: limit } in disrupt {
        let Some(name) = service else {
            most.fill(*limit);
            continue;
        };
        let places = named.services.iter().zip(&mut most).filter(|(service, _)| *service == name);
        let mut is_any = false;
        for (_, most) in places {
            *most = *limit;
            is_any = true;
        }
        if !is_any {
            return Err(diagnostics::unknown_disrupted(name));
        }
    }
    Ok(most)
}

fn refusal(
    file: &str,
    named: &Named,
    movement: &Movement,
    proved: &Proved,
    refused: &Refused,
) -> Diagnostic {
    let Refused::Disruption(beyond) = refused else {
        return diagnostics::no_placement(file, proved.bound.is_infinite());
    };
    let services: Vec<(&str, u32, u64)> = beyond
        .iter()
        .map(|(s, moves)| {
            (named.services[*s as usize].as_str(), movement.most[*s as usize], *moves)
        })
        .collect();
    diagnostics::too_disruptive(file, &services)
}

fn shown(named: &Named, found: &Replanned, bound: f64) -> String {
    let row = |name: &str, of: &Moved| {
        let counts = [of.kept, of.started, of.stopped, of.moved].map(|n| n.to_string());
        std::iter::once(name.to_owned()).chain(counts).collect::<Vec<_>>()
    };
    let head = ["service", "kept", "started", "stopped", "moved"].map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    let services = named.services.iter().zip(&found.movements.services);
    let changed: Vec<_> = services.filter(|(_, of)| of.started + of.stopped > 0).collect();
    rows.extend(changed.iter().take(MOST_ROWS).map(|(name, of)| row(name, of)));
    rows.push(row("all", &found.movements.total()));
    let mut text = display::table(&rows);
    if changed.len() > MOST_ROWS {
        text.push_str(&format!("{} more services change\n", changed.len() - MOST_ROWS));
    }
    text.push_str(&format!(
        "{:.4} $/h, {:.4} with moves; no plan is below {bound:.4}\n",
        found.objective, found.with_moves
    ));
    text
}
