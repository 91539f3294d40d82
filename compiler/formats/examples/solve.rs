//! `solve FILE [--limit S]` without the command around it, for measuring: the limit is of processor
//! time on each of two threads, which other work on the machine does not move.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example stands for the command"
)]

#[path = "shared/clock.rs"]
mod clock;

use clock::processor_seconds;
use eclexia_formats::{Outcome, read, write};
use eclexia_optimizer::placement::{Effort, Progress, solve};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(bytes) = args.first().and_then(|path| std::fs::read(path).ok()) else {
        eprintln!("usage: solve FILE [--limit S]");
        return;
    };
    let named = match read(&bytes) {
        Ok(named) => named,
        Err(found) => return eprintln!("{}", found.message),
    };
    let limit: Option<f64> = args.get(2).and_then(|limit| limit.parse().ok());
    let start = processor_seconds();
    let elapsed = || (processor_seconds() - start) / 2.0;
    let clock = || elapsed() / limit.unwrap_or(f64::INFINITY);
    let effort = if limit.is_some() { Effort::timed(&clock) } else { Effort::counted(&|| 0.0) };
    let show = |p: &Progress| {
        eprintln!("{:8.3} {:?} {} {}", elapsed(), p.incumbent, p.bound, p.steps);
    };
    let placed = solve(&named.instance, effort, &show);
    let seconds = elapsed();
    let Some(best) = placed.best else { return eprintln!("no plan; bound {}", placed.bound) };
    let gap = (best.objective - placed.bound) / best.objective;
    eprintln!("{} {} gap {:.3} % {seconds:.2} s", best.objective, placed.bound, 100.0 * gap);
    let (solution, bound, prices) = (&best.solution, placed.bound, &placed.prices[..]);
    println!("{}", write(&named, &Outcome { solution, bound, seconds, prices }));
}
