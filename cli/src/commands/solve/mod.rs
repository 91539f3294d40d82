//! `solve`: optimisation problems in formats that are not ours, told apart by the file's ending.

mod components;
mod mps;
mod number;
mod packing;
mod placement;
mod reassign;
mod replan;
mod trace;

use super::Ended;
use crate::args::SolveArgs;
use crate::console::Console;
use crate::{diagnostics, files, interrupt};
use std::sync::atomic::Ordering;
use std::time::Instant;

pub fn solve(console: &Console, args: &SolveArgs) -> Ended {
    let name = args.file.display().to_string();
    let plain = name.strip_suffix(".gz").unwrap_or(&name).to_ascii_lowercase();
    if let (true, Some(offers)) = (plain.ends_with(".json"), &args.offers) {
        return components::solve(console, args, offers);
    }
    if plain.ends_with(".json") || plain == "-" {
        return placement::solve(console, args);
    }
    if plain.ends_with(".mps") {
        return mps::solve(console, args, &files::read_unpacked(&args.file)?);
    }
    if plain.ends_with(".vbp") {
        return packing::solve(console, args);
    }
    if let (true, Some(initial)) = (plain.ends_with(".txt"), &args.initial) {
        return reassign::solve(console, args, initial);
    }
    if let (true, Some(nodes)) = (plain.ends_with(".csv"), &args.nodes) {
        return trace::solve(console, args, nodes);
    }
    Err(diagnostics::unknown_problem(&name).into())
}

/// A limit of nothing is as good as this, seconds.
const SHORTEST: f64 = 1e-3;

/// The part of the limit that is used up, from now on: 0 without one, 1 and more where the time is
/// up or the user has had enough. Asked between pivots.
fn clock(limit: Option<f64>) -> impl Fn() -> f64 + Sync {
    let start = Instant::now();
    let interrupted = interrupt::flag();
    move || match limit {
        _ if interrupted.load(Ordering::Relaxed) => 1.0,
        Some(limit) => start.elapsed().as_secs_f64() / limit.max(SHORTEST),
        None => 0.0,
    }
}
