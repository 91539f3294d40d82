//! Machine reassignment in the format of the ROADEF/EURO challenge 2012: improves an assignment
//! until the time is up, and prints the new machine of each process.

use super::clock;
use crate::args::SolveArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit, Spinner};
use crate::{diagnostics, files};
use eclexia_formats::reassign::{assignment, instance};
use eclexia_optimizer::reassign::{Effort, anneal};
use serde_json::json;
use std::path::Path;

/// Seconds without `--limit`: those of the challenge.
const SECONDS: f64 = 300.0;
const SEED: u64 = 1;
const MOST_THREADS: usize = 8;

pub fn solve(console: &Console, args: &SolveArgs, initial: &Path) -> Ended {
    let (name, first) = (args.file.display().to_string(), initial.display().to_string());
    let instance = instance(&files::read_unpacked(&args.file)?)
        .map_err(|fault| diagnostics::bad_reassignment(&name, &fault))?;
    let before = assignment(&files::read_unpacked(initial)?, &instance)
        .map_err(|fault| diagnostics::bad_reassignment(&first, &fault))?;
    let from = instance
        .check(&before, &before)
        .map_err(|broken| diagnostics::broken_assignment(&first, broken))?;
    let clock = clock(Some(args.limit.unwrap_or(SECONDS)));
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST_THREADS));
    let spinner = Spinner::start(console, "improving", &name);
    let found = anneal(&instance, &before, threads, SEED, &Effort::Time(&clock));
    drop(spinner);
    let (at, cost) = found.map_or((before, from), |found| (found.at, found.cost));
    if console.global.json {
        console.json(&json!({
            "format": "eclexia-reassign/1",
            "initial_cost": from.total(),
            "cost": cost.total(),
            "load": cost.load,
            "balance": cost.balance,
            "process_move": cost.process_move,
            "service_move": cost.service_move,
            "machine_move": cost.machine_move,
            "assignment": at,
        }));
    } else {
        let machines: Vec<String> = at.iter().map(usize::to_string).collect();
        console.out(&format!("{}\n", machines.join(" ")));
        console.say(&format!("cost {} after {}\n", cost.total(), from.total()));
    }
    Ok(Exit::Done)
}
