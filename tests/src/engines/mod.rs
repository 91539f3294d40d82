//! The engines against each other: interpreter, code in memory and executables print the same, take
//! the same steps, make as many cells and leave none, and stop with the same words about the same
//! place.

mod batch;
mod generate;
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
pub const STEPS: u64 = 300_000;

/// Runs programs of these seeds in all engines.
fn agree(seeds: std::ops::Range<u64>, faults: u32) {
    let mut left_out = 0;
    let count = seeds.end - seeds.start;
    let all: Vec<u64> = seeds.collect();
    for seeds in all.chunks(PROGRAMS as usize) {
        let batch = Batch::new(&generate::file(seeds, FUNCTIONS, faults));
        left_out += agree_on(batch, seeds, faults > 0);
    }
    assert!(left_out * 20 <= count, "{left_out} of {count} programs take too long");
}

/// Gives the number of programs that take too long.
fn agree_on(mut batch: Batch, seeds: &[u64], may_fail: bool) -> u64 {
    let mut left_out = 0;
    let arg = u64::to_string;
    let interpreted: Vec<Ran> = seeds.iter().map(|seed| batch.interpreted(&arg(seed))).collect();
    let mut expected: Vec<(String, Ran)> = Vec::new();
    for (seed, ran) in seeds.iter().zip(interpreted) {
        if ran.told.contains("[step-limit]") {
            left_out += 1;
            continue;
        }
        assert!(may_fail || ran.told.is_empty(), "seed {seed}: {}", ran.told);
        assert_eq!(ran.live, Some(0), "seed {seed} leaves cells in the interpreter");
        expected.push((arg(seed), ran));
    }
    let mut compiled: Vec<Ran> = Vec::new();
    for (seed, ran) in &expected {
        let other = batch.compiled(seed);
        ran.assert_like(&other, &format!("seed {seed}, code in memory"));
        compiled.push(other);
    }
    let executable = batch.executable();
    for (seed, ran) in &expected {
        ran.assert_like(&executable.run(&[seed]), &format!("seed {seed}, executable"));
    }
    left_out
}

/// `ECLEXIA_ENGINES=10000` runs so many programs instead of 500.
fn programs() -> u64 {
    let wanted = std::env::var("ECLEXIA_ENGINES").ok().and_then(|n| n.parse().ok());
    wanted.unwrap_or(500)
}

#[test]
fn random_programs_are_the_same_in_all_engines() {
    on_large_stack(|| agree(0..programs() * 2 / 5, 0));
}

#[test]
fn more_random_programs_are_the_same_in_all_engines() {
    on_large_stack(|| agree(20_000_000..20_000_000 + programs() * 2 / 5, 0));
}

#[test]
fn random_programs_stop_at_the_same_place_in_all_engines() {
    on_large_stack(|| agree(10_000_000..10_000_000 + programs() / 5, 3));
}
