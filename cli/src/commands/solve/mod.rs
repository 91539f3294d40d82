//! `solve`: optimisation problems in formats that are not ours, told apart by the file's ending.

mod mps;
mod number;
mod placement;
mod reassign;

use super::Ended;
use crate::args::SolveArgs;
use crate::console::Console;
use crate::{diagnostics, files};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

pub fn solve(console: &Console, args: &SolveArgs) -> Ended {
    let name = args.file.display().to_string();
    let plain = name.strip_suffix(".gz").unwrap_or(&name).to_ascii_lowercase();
    if plain.ends_with(".json") || plain == "-" {
        return placement::solve(console, args);
    }
    if plain.ends_with(".mps") {
        return mps::solve(console, args, &files::read_unpacked(&args.file)?);
    }
    if let (true, Some(initial)) = (plain.ends_with(".txt"), &args.initial) {
        return reassign::solve(console, args, initial);
    }
    Err(diagnostics::unknown_problem(&name).into())
}

/// Whether the time is up or the user has had enough; asked between pivots.
fn stop_after(limit: Option<f64>) -> impl Fn() -> bool {
    let end = limit.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
    let interrupted = crate::interrupt::flag();
    move || end.is_some_and(|end| Instant::now() >= end) || interrupted.load(Ordering::Relaxed)
}
