//! Random knapsacks with classes, conflicts and needs: what the search finds is as good as the best
//! of all fillings written out, and where it is cut off, what it says of the most is no less.

use super::instance::Amounts;
use super::knapsack::{Entry, Filling, Knapsack};
use super::lagrange::Lagrange;
use crate::random::Rng;

fn random(rng: &mut Rng) -> Knapsack {
    let entries = 3 + rng.below(6);
    let amount = |rng: &mut Rng, n: usize| rng.below(n) as u32;
    let items = (0..entries as u32).map(|i| Entry {
        item: i,
        request: [1 + amount(rng, 400), amount(rng, 900), amount(rng, 2), 0],
        value: rng.unit() * 10.0 - 1.0,
        most: 1 + amount(rng, 3),
        class: i / 2,
    });
    let items = items.collect();
    let mut sack = Knapsack {
        capacity: [900 + amount(rng, 600), 1800 + amount(rng, 1500), 1 + amount(rng, 3), 9],
        items,
        ..Knapsack::default()
    };
    let pair = |rng: &mut Rng| (rng.below(entries) as u32, rng.below(entries) as u32);
    if rng.chance(0.5) {
        sack.conflicts = vec![pair(rng), pair(rng)];
        sack.conflicts.retain(|(a, b)| a != b);
    }
    if rng.chance(0.5) {
        // What is needed has no other variant and needs nothing itself.
        let last = entries as u32 - 1;
        sack.items[entries - 1].class = last;
        sack.needs = vec![(rng.below(entries - 1) as u32, last)];
    }
    sack
}

/// The most valuable of all fillings.
fn best(sack: &Knapsack) -> f64 {
    let mut counts = vec![0; sack.items.len()];
    let mut best = 0.0;
    go(sack, 0, sack.capacity, 0.0, &mut counts, &mut best);
    best
}

fn go(sack: &Knapsack, k: usize, room: Amounts, value: f64, counts: &mut [u32], best: &mut f64) {
    if k == sack.items.len() {
        let is_kept = keeps_rules(sack, counts);
        *best = if is_kept && value > *best { value } else { *best };
        return;
    }
    let entry = &sack.items[k];
    let fits = |n: &u32| (0..4).all(|r| n * entry.request[r] <= room[r]);
    for n in (0..=entry.most).filter(fits) {
        let left = std::array::from_fn(|r| room[r] - n * entry.request[r]);
        counts[k] = n;
        go(sack, k + 1, left, value + f64::from(n) * entry.value, counts, best);
    }
    counts[k] = 0;
}

fn keeps_rules(sack: &Knapsack, counts: &[u32]) -> bool {
    let has = |i: u32| counts[i as usize] > 0;
    let taken = || (0..counts.len()).filter(|i| counts[*i] > 0);
    let is_alone = |i: usize| taken().all(|j| i == j || sack.items[i].class != sack.items[j].class);
    taken().all(is_alone)
        && !sack.conflicts.iter().any(|(a, b)| has(*a) && has(*b))
        && !sack.needs.iter().any(|(a, b)| has(*a) && !has(*b))
}

fn value(sack: &Knapsack, found: &Filling) -> f64 {
    let mut counts = vec![0; sack.items.len()];
    found.counts.iter().for_each(|(i, n)| counts[*i as usize] = *n);
    let used = |r: usize| sack.items.iter().zip(&counts).map(move |(e, n)| e.request[r] * n);
    let fits = (0..4).all(|r| used(r).sum::<u32>() <= sack.capacity[r]);
    let is_within = sack.items.iter().zip(&counts).all(|(e, n)| *n <= e.most);
    assert!(fits && is_within && keeps_rules(sack, &counts), "{:?}", found.counts);
    sack.items.iter().zip(&counts).map(|(e, n)| e.value * f64::from(*n)).sum()
}

#[test]
fn the_best_filling_is_found_and_no_bound_is_below_it() {
    let mut rng = Rng::new(7);
    let mut cut_off = 0;
    for _ in 0..1500 {
        let sack = random(&mut rng);
        let most = best(&sack);
        let mut prices = [0.0; 4];
        let whole = sack.solve(0.0, &mut prices, 1_000_000);
        assert!(whole.is_sure && (whole.most - most).abs() < 1e-9, "{} {most}", whole.most);
        assert!((value(&sack, &whole) - most).abs() < 1e-9);
        // Prices of the last call, as the relaxation keeps them, and hardly any room to search in.
        let short = sack.solve(0.6 * most, &mut prices, 1);
        assert!(short.most >= most - 1e-9, "{} {most}", short.most);
        assert!(value(&sack, &short) <= most + 1e-9);
        cut_off += usize::from(!short.is_sure);
        let above = sack.solve(most + 1e-6, &mut prices, 1_000_000);
        assert!(above.counts.is_empty() && above.most >= most);
    }
    assert!(cut_off > 5, "{cut_off} cut off");
}

#[test]
fn prices_of_resources_are_as_good_as_any_of_a_grid() {
    let mut rng = Rng::new(5);
    for _ in 0..200 {
        let mut sack = random(&mut rng);
        sack.items.iter_mut().for_each(|e| e.request[2] = 0);
        let lagrange = Lagrange::new(&sack.items, &sack.capacity, f64::NEG_INFINITY);
        let mut prices = [0.0; 4];
        lagrange.price(&mut prices);
        let found = lagrange.bound(&prices);
        let worth = |r: usize| {
            let of = |e: &Entry| e.value / f64::from(e.request[r].max(1));
            sack.items.iter().map(of).fold(0.0, f64::max)
        };
        let (cpu, memory) = (worth(0), worth(1));
        let at = |i: usize, j: usize| {
            lagrange.bound(&[cpu * i as f64 / 60.0, memory * j as f64 / 60.0, 0.0, 0.0])
        };
        let grid = (0..=60).flat_map(|i| (0..=60).map(move |j| (i, j)));
        let least = grid.map(|(i, j)| at(i, j)).fold(f64::INFINITY, f64::min);
        assert!(found <= least * 1.001 + 1e-9, "{found} at {prices:?}, {least} on the grid");
    }
}
