//! Check is total and deterministic: programs damaged at random give diagnostics, never a panic,
//! and the same ones twice.

mod support;

use proptest::prelude::*;
use support::{check, on_big_stack};

const SEEDS: [&str; 5] = [
    include_str!("cases/inference.txt"),
    include_str!("cases/records.txt"),
    include_str!("cases/units.txt"),
    include_str!("cases/patterns.txt"),
    include_str!("cases/interfaces.txt"),
];

/// The programs of the tables, one per case.
fn programs() -> Vec<String> {
    let mut programs = Vec::new();
    for text in SEEDS {
        for case in text.split("## ").skip(1) {
            let (_, rest) = case.split_once('\n').unwrap_or(("", case));
            let program = rest.split("\n=> ").next().unwrap_or(rest);
            programs.push(program.to_owned());
        }
    }
    programs
}

/// Words of a program, with the white space between them.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in text.chars() {
        let is_word = |c: char| !"()[]{} \n".contains(c);
        match words.last_mut() {
            Some(last) if is_word(c) && last.chars().all(is_word) => last.push(c),
            _ => words.push(c.to_string()),
        }
    }
    words
}

fn damaged(program: &str, edits: &[(usize, usize, u8)]) -> String {
    let mut words = words(program);
    for (at, from, kind) in edits {
        if words.is_empty() {
            break;
        }
        let (at, from) = (at % words.len(), from % words.len());
        let other = words[from].clone();
        match kind % 4 {
            0 => words[at] = other,
            1 => words.insert(at, other),
            2 => drop(words.remove(at)),
            _ => words.swap(at, from),
        }
    }
    words.concat()
}

fn observed(text: &str) -> Vec<String> {
    let checked = check(text);
    checked.diagnostics.iter().map(|d| format!("{d:?}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn damaged_programs_never_panic(
        seed in any::<prop::sample::Index>(),
        edits in prop::collection::vec((0usize..2000, 0usize..2000, any::<u8>()), 1..8),
    ) {
        let programs = programs();
        let text = damaged(seed.get(&programs[..]).as_str(), &edits);
        let (first, second) = on_big_stack(move || (observed(&text), observed(&text)));
        prop_assert_eq!(first, second);
    }
}
