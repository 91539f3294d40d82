//! The checker of linear values against an interpreter of ownership: of random programs, none that
//! is accepted consumes a value twice, looks at one that is gone, or leaks one, on any input.
//!
//! `cargo test` takes 2,000 programs from a fixed seed; `ECLEXIA_OWNERSHIP=100000 cargo test -p
//! eclexia-tests ownership` takes more.

mod program;
mod run;

use crate::program::{Form, compile_bytes, on_large_stack};
use eclexia_rt::effects::SplitMix64;
use program::{PRELUDE, Random, make, show};
use std::collections::{BTreeMap, BTreeSet};

const BATCH: usize = 100;

#[derive(Default)]
struct Tally {
    accepted: usize,
    /// Refused, and wrong on some input.
    wrong: usize,
    /// Refused, though no input goes wrong: the price of deciding before running.
    cautious: usize,
    unsound: Vec<String>,
}

fn batch(random: &mut Random, size: usize, tally: &mut Tally) {
    let bodies: Vec<_> = (0..size).map(|_| make(random)).collect();
    let functions: Vec<String> = bodies.iter().enumerate().map(|(i, b)| show(i, b)).collect();
    let text = format!("{PRELUDE}{}\n", functions.join("\n"));
    let compiled = compile_bytes("main.ecl", text.as_bytes(), BTreeMap::new(), Form::File);
    let starts: Vec<usize> = functions
        .iter()
        .scan(PRELUDE.len(), |at, function| {
            let start = *at;
            *at += function.len() + 1;
            Some(start)
        })
        .collect();
    let mut refused = BTreeSet::new();
    for diag in compiled.found.iter().filter(|d| d.is_error()) {
        let primary = diag.primary.as_ref().expect("an error in a program has a place");
        let at = starts.partition_point(|start| *start <= primary.span.start as usize);
        assert!(at > 0, "the prelude is right: {}", diag.message);
        refused.insert(at - 1);
    }
    for (i, body) in bodies.iter().enumerate() {
        match (refused.contains(&i), run::mistake(body)) {
            (false, None) => tally.accepted += 1,
            (false, Some(mistake)) => tally.unsound.push(format!("{mistake}\n{}", functions[i])),
            (true, Some(_)) => tally.wrong += 1,
            (true, None) => tally.cautious += 1,
        }
    }
}

#[test]
fn no_accepted_program_uses_a_value_twice_or_leaks_it() {
    on_large_stack(|| {
        let asked = std::env::var("ECLEXIA_OWNERSHIP").ok().and_then(|n| n.parse().ok());
        let mut left = asked.unwrap_or(2_000);
        let mut random = Random(SplitMix64(20_261_121));
        let mut tally = Tally::default();
        while left > 0 {
            let size = BATCH.min(left);
            batch(&mut random, size, &mut tally);
            left -= size;
        }
        let Tally { accepted, wrong, cautious, unsound } = &tally;
        println!("{accepted} accepted, {wrong} wrong and refused, {cautious} refused with caution");
        assert!(
            unsound.is_empty(),
            "{} unsound:\n{}",
            unsound.len(),
            unsound[..unsound.len().min(5)].join("\n\n")
        );
        assert!(*accepted * 10 > accepted + wrong + cautious, "the programs say something");
        assert!(*wrong * 10 > accepted + wrong + cautious, "so do the wrong ones");
    });
}
