//! Cost bounds: the polynomials found for the textbook's functions of lists are the known ones; no
//! input up to size 6 takes more steps than they say, and some input of every size takes as many.
//!
//! Functions that compare elements cannot tell lists of the same order apart, so "every input" is
//! every way of ordering its elements: every list over 0, 1, … k in which each of them occurs.

use crate::program::{Compiled, Form, compile_bytes, on_large_stack};
use crate::readers;
use std::collections::BTreeMap;

const LARGEST: usize = 6;

/// Name, `calls` and `steps` as `eclexia bounds` says them.
const KNOWN: [(&str, &str, &str); 16] = [
    ("append", "1 + n, n = (size xs)", "1 + n, n = (size xs)"),
    ("reverse", "1 + n, n = (size xs)", "2 + n, n = (size xs)"),
    ("map", "1 + n, besides `f`, n = (size xs)", "1 + n, besides `f`, n = (size xs)"),
    ("filter", "1 + n, besides `keep?`, n = (size xs)", "1 + n, besides `keep?`, n = (size xs)"),
    ("zip", "1 + n, n = (size xs)", "1 + n, n = (size xs)"),
    ("take", "1 + m, m = (size xs)", "1 + m, m = (size xs)"),
    ("member", "1 + n, n = (size xs)", "1 + n, n = (size xs)"),
    ("insert", "1 + n, n = (size xs)", "1 + n, n = (size xs)"),
    ("partition", "1 + n, besides `p`, n = (size xs)", "1 + n, besides `p`, n = (size xs)"),
    ("merge", "1 + n + m, n = (size xs), m = (size ys)", "1 + n + m, n = (size xs), m = (size ys)"),
    ("insertion-sort", "1 + n + n(n−1)/2, n = (size xs)", "1 + 2n + n(n−1)/2, n = (size xs)"),
    ("quicksort", "1 + 2n + n(n−1), n = (size xs)", "1 + 4n + 3n(n−1)/2, n = (size xs)"),
    ("nub", "1 + n + n(n−1)/2, n = (size xs)", "1 + 2n + n(n−1)/2, n = (size xs)"),
    ("pairs", "1 + n + n(n−1), n = (size xs)", "1 + 3n + 3n(n−1)/2, n = (size xs)"),
    ("evens", "1 + n, n = (size xs)", "1 + n, n = (size xs)"),
    ("odds", "1 + n, n = (size xs)", "1 + n, n = (size xs)"),
];

/// Functions of one list, called with all of them.
const OF_ONE: [&str; 12] = [
    "reverse",
    "map-inc",
    "positives",
    "has-nine",
    "insert-nine",
    "by-sign",
    "insertion-sort",
    "quicksort",
    "nub",
    "pairs",
    "evens",
    "odds",
];

fn lists() -> Compiled {
    let (_, text) = readers::texts("tests/bounds", "lists.ecl").remove(0);
    let compiled = compile_bytes("lists.ecl", text.as_bytes(), BTreeMap::new(), Form::File);
    assert!(!compiled.has_errors(), "{}", compiled.lines());
    compiled
}

/// Every order that so many elements can have.
fn orders(length: usize) -> Vec<Vec<i64>> {
    let mut all: Vec<Vec<i64>> = vec![Vec::new()];
    for _ in 0..length {
        all = all
            .into_iter()
            .flat_map(|list| (0..length as i64).map(move |n| [list.as_slice(), &[n]].concat()))
            .collect();
    }
    all.retain(|list| {
        let most = list.iter().max().copied().unwrap_or(-1);
        (0..=most).all(|n| list.contains(&n))
    });
    all
}

#[test]
fn the_polynomials_are_the_known_ones() {
    on_large_stack(|| {
        let compiled = lists();
        for (name, calls, steps) in KNOWN {
            let def = compiled.named(name).expect("the file defines it");
            let costs = compiled.costs_of(def);
            for wanted in [format!("calls ≤ {calls}"), format!("steps ≤ {steps}")] {
                assert!(costs.contains(&wanted), "{name}: {wanted} is not among {costs:?}");
            }
        }
    });
}

#[test]
fn no_input_up_to_size_six_takes_more_and_some_take_as_much() {
    on_large_stack(|| {
        let mut compiled = lists();
        for length in 0..=LARGEST {
            let inputs = orders(length);
            for name in OF_ONE {
                let def = compiled.named(name).expect("the file defines it");
                let bound = compiled.steps_bound(def).at(&[length as i64]);
                let bound = bound.expect("a bound in one size").to_integer();
                let inputs: Vec<Vec<&[i64]>> = inputs.iter().map(|xs| vec![&xs[..]]).collect();
                let most = compiled.most_steps(def, &inputs);
                assert_eq!(bound, most.into(), "{name} of {length}");
            }
        }
    });
}

#[test]
fn functions_of_two_lists_keep_their_bounds_and_reach_them() {
    on_large_stack(|| {
        let mut compiled = lists();
        let inputs: Vec<Vec<Vec<i64>>> = (0..=4).map(orders).collect();
        for name in ["append", "zip", "merge", "take-as-many"] {
            let def = compiled.named(name).expect("the file defines it");
            let bound = compiled.steps_bound(def);
            for (n, xs) in inputs.iter().enumerate() {
                for (m, ys) in inputs.iter().enumerate() {
                    let bound = bound.at(&[n as i64, m as i64]).expect("of sizes").to_integer();
                    let all = xs.iter().flat_map(|x| ys.iter().map(|y| vec![&x[..], &y[..]]));
                    let most = compiled.most_steps(def, &all.collect::<Vec<_>>());
                    assert!(bound >= most.into(), "{name} of {n} and {m}: {most} > {bound}");
                    // `merge` stops when one of two lists is empty, `zip` and `take` too.
                    let is_reached = match name {
                        "append" => true,
                        "zip" => n <= m,
                        "take-as-many" => false,
                        _ => n == 0 && m == 0,
                    };
                    assert!(!is_reached || bound == most.into(), "{name} of {n}, {m}: {most}");
                }
            }
        }
    });
}
