//! `solve FILE.json`: a placement instance of a public format to its best plan, as JSON on standard
//! output. On a terminal the incumbent, the bound and the gap are shown while it runs; Ctrl-C ends
//! it with what there is.

use super::clock;
use crate::args::SolveArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit, Spinner};
use crate::{diagnostics, files, interrupt};
use eclexia_formats::{Outcome, read, write};
use eclexia_optimizer::placement::{Effort, Progress, solve as place};
use std::sync::atomic::Ordering;
use std::time::Instant;

pub fn solve(console: &Console, args: &SolveArgs) -> Ended {
    if let Some(running) = &args.running {
        return super::replan::solve(console, args, running);
    }
    let start = Instant::now();
    let (file, bytes) = files::read(&args.file)?;
    let named = read(&bytes)?;
    let clock = clock(args.limit);
    let effort = if args.limit.is_some() { Effort::timed(&clock) } else { Effort::counted(&clock) };
    let spinner = Spinner::start(console, "Solving", &named.name);
    let placed = place(&named.instance, effort, &|progress| spinner.say(&line(progress)));
    drop(spinner);
    let interrupted = interrupt::flag().swap(false, Ordering::Relaxed);
    let Some(best) = placed.best else {
        return Err(diagnostics::no_placement(&file, placed.bound.is_infinite()).into());
    };
    let outcome = Outcome {
        solution: &best.solution,
        bound: placed.bound,
        seconds: start.elapsed().as_secs_f64(),
        prices: &placed.prices,
    };
    console.json(&write(&named, &outcome));
    Ok(if interrupted { Exit::Interrupted } else { Exit::Done })
}

/// What is known so far, in one line.
pub fn line(progress: &Progress) -> String {
    let Some(value) = progress.incumbent else {
        return format!("no plan yet, {} steps", progress.steps);
    };
    if progress.bound > 0.0 {
        let gap = 100.0 * (value - progress.bound) / value;
        let bound = progress.bound;
        return format!(
            "{value:.4} $/h, bound {bound:.4}, gap {gap:.2} %, {} steps",
            progress.steps
        );
    }
    format!("{value:.4} $/h, no bound yet, {} steps", progress.steps)
}
