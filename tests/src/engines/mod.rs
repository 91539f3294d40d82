//! The engines against each other: interpreter, code in memory and executables print the same, take
//! the same steps, make as many cells and leave none, and stop with the same words about the same
//! place.

pub mod batch;
mod files;
pub mod generate;
mod limits;
mod made;
mod matching;
mod types;

use crate::program::{Ran, on_large_stack};
use batch::Batch;

/// Functions of one program.
const FUNCTIONS: usize = 4;

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
        left_out += agree_on(batch, seeds, faults > 0);
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
fn agree_on(mut batch: Batch, seeds: &[u64], may_fail: bool) -> u64 {
    let expected: Vec<Expected> =
        seeds.iter().filter_map(|seed| interpreted(&mut batch, *seed, may_fail)).collect();
    for Expected { arg, whole, .. } in &expected {
        whole.assert_like(&batch.compiled(&[arg], STEPS), &format!("seed {arg}, code in memory"));
    }
    for Expected { arg, cut: (steps, ran), .. } in &expected {
        let what = format!("seed {arg}, code in memory, {steps} steps");
        ran.assert_like(&batch.compiled(&[arg], *steps), &what);
    }
    let executable = batch.executable();
    for Expected { arg, whole, .. } in &expected {
        whole.assert_like(&executable.run(&[arg]), &format!("seed {arg}, executable"));
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
    if whole.told.is_empty() && steps < whole.steps {
        assert!(cut.told.contains("[step-limit]"), "seed {seed} is not stopped at {steps} steps");
    }
    for ran in [&whole, &cut] {
        assert_eq!(ran.live, Some(0), "seed {seed} leaves cells in the interpreter: {}", ran.told);
    }
    Some(Expected { arg, whole, cut: (steps, cut) })
}

/// `ECLEXIA_ENGINES=10000` runs so many programs instead of 500, a tenth in each of these tests.
fn programs() -> u64 {
    let wanted = std::env::var("ECLEXIA_ENGINES").ok().and_then(|n| n.parse().ok());
    wanted.unwrap_or(500) / 10
}

fn agree_from(first: u64, faults: u32, has_runs: bool) {
    on_large_stack(move || agree(first..first + programs(), faults, has_runs));
}

macro_rules! random_programs {
    ($($name:ident: $first:literal, $faults:literal, $has_runs:literal;)*) => {
        $(#[test] fn $name() { agree_from($first, $faults, $has_runs) })*
    };
}

random_programs! {
    random_programs_are_the_same_in_all_engines_1: 0, 0, false;
    random_programs_are_the_same_in_all_engines_2: 1_000_000, 0, false;
    random_programs_are_the_same_in_all_engines_3: 2_000_000, 0, false;
    random_programs_are_the_same_in_all_engines_4: 3_000_000, 0, false;
    random_programs_with_runs_inside_are_the_same_1: 20_000_000, 0, true;
    random_programs_with_runs_inside_are_the_same_2: 21_000_000, 0, true;
    random_programs_with_runs_inside_are_the_same_3: 22_000_000, 0, true;
    random_programs_stop_at_the_same_place_1: 10_000_000, 3, false;
    random_programs_stop_at_the_same_place_2: 11_000_000, 3, false;
    random_programs_stop_at_the_same_place_3: 12_000_000, 3, true;
}
