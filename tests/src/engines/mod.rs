//! The engines against each other: interpreter, code in memory and executables print the same, take
//! the same steps, make as many cells and leave none, and stop with the same words about the same
//! place.

mod batch;
mod files;
pub mod generate;
mod made;
mod matching;
mod types;

use crate::program::{Ran, on_large_stack};
use batch::Batch;

/// Functions of one program.
const FUNCTIONS: usize = 5;

/// Programs of one file, and of one executable.
const PROGRAMS: u64 = 50;

/// Steps of a program in the interpreter, at most; longer ones are left out.
const STEPS: u64 = 300_000;

/// Runs programs of these seeds in all engines.
fn agree(seeds: std::ops::Range<u64>, faults: u32, has_runs: bool) {
    let mut left_out = 0;
    let count = seeds.end - seeds.start;
    let all: Vec<u64> = seeds.collect();
    for seeds in all.chunks(PROGRAMS as usize) {
        let batch = Batch::new(&generate::file(seeds, FUNCTIONS, faults, has_runs));
        left_out += agree_on(batch, seeds, faults > 0, true);
    }
    assert!(left_out * 20 <= count, "{left_out} of {count} programs take too long");
}

/// A program and what it does in the interpreter: to its end, and with fewer steps than it needs.
struct Expected {
    arg: String,
    whole: Ran,
    cut: (u64, Ran),
}

/// Gives the number of programs that take too long.
fn agree_on(mut batch: Batch, seeds: &[u64], may_fail: bool, counts: bool) -> u64 {
    let expected: Vec<Expected> =
        seeds.iter().filter_map(|seed| interpreted(&mut batch, *seed, may_fail)).collect();
    for Expected { arg, whole, .. } in &expected {
        whole.assert_like(
            &batch.compiled(&[arg], STEPS),
            &format!("seed {arg}, code in memory"),
            counts,
        );
    }
    // Runs inside may count some steps more or less: they would be cut elsewhere.
    for Expected { arg, cut: (steps, ran), .. } in expected.iter().filter(|_| counts) {
        let what = format!("seed {arg}, code in memory, {steps} steps");
        ran.assert_like(&batch.compiled(&[arg], *steps), &what, counts);
    }
    let executable = batch.executable();
    for Expected { arg, whole, .. } in &expected {
        whole.assert_like(&executable.run(&[arg]), &format!("seed {arg}, executable"), counts);
    }
    (seeds.len() - expected.len()) as u64
}

/// `None` for a program that takes too long.
fn interpreted(batch: &mut Batch, seed: u64, may_fail: bool) -> Option<Expected> {
    let arg = seed.to_string();
    let whole = batch.interpreted(&[&arg], STEPS);
    if whole.told.contains("[step-limit]") {
        return None;
    }
    assert!(may_fail || whole.told.is_empty(), "seed {seed}: {}", whole.told);
    let steps = whole.steps * (1 + seed % 7) / 9;
    let cut = batch.interpreted(&[&arg], steps);
    for ran in [&whole, &cut] {
        assert_eq!(ran.live, Some(0), "seed {seed} leaves cells in the interpreter: {}", ran.told);
    }
    Some(Expected { arg, whole, cut: (steps, cut) })
}

/// `ECLEXIA_ENGINES=10000` runs so many programs instead of 500.
fn programs() -> u64 {
    let wanted = std::env::var("ECLEXIA_ENGINES").ok().and_then(|n| n.parse().ok());
    wanted.unwrap_or(500)
}

#[test]
fn random_programs_are_the_same_in_all_engines() {
    on_large_stack(|| agree(0..programs() * 2 / 5, 0, false));
}

#[test]
fn random_programs_with_runs_inside_give_the_same_in_all_engines() {
    on_large_stack(|| agree(20_000_000..20_000_000 + programs() * 2 / 5, 0, true));
}

#[test]
fn random_programs_stop_at_the_same_place_in_all_engines() {
    on_large_stack(|| agree(10_000_000..10_000_000 + programs() / 5, 3, false));
}
