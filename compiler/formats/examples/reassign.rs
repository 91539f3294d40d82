//! `reassign FOLDER SECONDS THREADS NAME[:SEED]…`: improves instances of the ROADEF/EURO challenge
//! 2012 in turn, each for so many seconds of processor time per thread, and prints what they cost
//! beside the best known. So what other work on the machine does to a measurement stays small.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example stands for the command"
)]

#[path = "shared/clock.rs"]
mod clock;
#[path = "shared/packed.rs"]
mod packed;

use clock::processor_seconds;
use eclexia_formats::reassign::{assignment, instance};
use eclexia_optimizer::reassign::{Effort, anneal};
use packed::text;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, seconds, threads, names @ ..] = &args[..] else {
        return eprintln!("usage: reassign FOLDER SECONDS THREADS NAME[:SEED]…");
    };
    let (Ok(seconds), Ok(threads)) = (seconds.parse::<f64>(), threads.parse()) else {
        return eprintln!("seconds and threads are numbers");
    };
    for arg in names {
        let (name, seed) = arg.split_once(':').unwrap_or((arg, "1"));
        let Ok(seed) = seed.parse() else { return eprintln!("{arg}: a seed is a number") };
        match improve(folder, name, seconds, threads, seed) {
            Some(line) => println!("{line}"),
            None => eprintln!("{name}: cannot be read"),
        }
    }
}

fn improve(folder: &str, name: &str, seconds: f64, threads: usize, seed: u64) -> Option<String> {
    let instance = instance(&text(&format!("{folder}/model_{name}.txt.gz"))?).ok()?;
    let initial = text(&format!("{folder}/assignment_{name}.txt.gz"))?;
    let initial = assignment(&initial, &instance).ok()?;
    let started = processor_seconds();
    let clock = || (processor_seconds() - started) / (seconds * threads as f64);
    let found = anneal(&instance, &initial, threads, seed, &Effort::Time(&clock))?;
    let (cost, moves) = (found.cost.total(), found.tried as f64 / 1e6);
    let above = match best_known(folder, name) {
        Some(best) => format!("{:+.4} %", 100.0 * (cost as f64 - best) / best),
        None => "no best known".to_owned(),
    };
    Some(format!("{name} {cost} {above} ({moves:.0} million moves) {:?}", found.cost))
}

/// The last column of the line of `results.csv`.
fn best_known(folder: &str, name: &str) -> Option<f64> {
    let results = std::fs::read_to_string(format!("{folder}/results.csv")).ok()?;
    let line = results.lines().find(|line| line.split(',').next() == Some(name))?;
    line.rsplit(',').next()?.trim().parse().ok()
}
