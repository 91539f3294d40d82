//! Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) over shifts and swaps. A move that
//! adds to the cost is made where it adds less than the temperature times an exponential number.
//! The temperature falls with the part of the limit that is used up, by basic arithmetic only.

use super::check::Cost;
use super::instance::Instance;
use super::state::{Shift, State, Tables};
use crate::random::Random;

/// How far the search is: of moves tried, the part of the limit that is used up; from 1 on it ends.
pub type Clock<'a> = &'a (dyn Fn(u64) -> f64 + Sync);

pub struct Found {
    pub at: Vec<usize>,
    pub cost: Cost,
    pub tried: u64,
}

/// Moves between looks at the clock.
const BATCH: u64 = 1024;
/// Share of swaps among moves, of 256.
const SWAPS: u64 = 128;
/// Share of moves that make room for a shift that does not fit.
const EJECTIONS: u64 = 32;
/// Share of shifts, of 256, that propose the machine where the process began. A process away from
/// it holds its transient resources twice; where proposals are even, those fill up, and little can
/// move any more.
const HOME: u64 = 192;
/// First temperatures of the searches in turn, in medians of what a move adds. Cool ones end lower
/// where moves are plenty, hot ones where they are few.
const START: [f64; 2] = [10.0, 100.0];
/// The temperature falls with this power of what is left.
const POWER: i32 = 8;

/// The best assignment found from `initial`, which keeps the rules, by `threads` searches with
/// seeds of their own; of equals that of the first.
pub fn anneal(
    instance: &Instance,
    initial: &[usize],
    threads: usize,
    seed: u64,
    clock: Clock,
) -> Option<Found> {
    let before = instance.check(initial, initial).ok()?;
    let tables = Tables::new(instance, initial);
    let search =
        |k: usize| one(&tables, seed.wrapping_add(k as u64), START[k % START.len()], clock);
    let results: Vec<(Vec<u32>, i64, u64)> = std::thread::scope(|scope| {
        let search = &search;
        let running: Vec<_> = (1..threads.max(1)).map(|k| scope.spawn(move || search(k))).collect();
        let first = search(0);
        let others = running.into_iter().filter_map(|thread| thread.join().ok());
        std::iter::once(first).chain(others).collect()
    });
    let tried = results.iter().map(|(_, _, tried)| tried).sum();
    let (at, _, _) = results.into_iter().min_by_key(|(_, cost, _)| *cost)?;
    let at: Vec<usize> = at.into_iter().map(|m| m as usize).collect();
    match instance.check(initial, &at) {
        Ok(cost) if cost.total() <= before.total() => Some(Found { at, cost, tried }),
        _ => Some(Found { at: initial.to_vec(), cost: before, tried }),
    }
}

/// One search: the best assignment, its cost, and the moves tried.
fn one(tables: &Tables, seed: u64, start: f64, clock: Clock) -> (Vec<u32>, i64, u64) {
    let mut random = Random::new(seed);
    let mut state = State::new(tables, &tables.initial);
    let (processes, machines) = (state.at.len(), tables.instance.machines.len());
    let mut best = (state.at.clone(), state.cost);
    let mut tried = 0;
    if processes == 0 || machines < 2 {
        return (best.0, best.1, tried);
    }
    let start = start * typical_rise(&state, &mut random);
    loop {
        let part = clock(tried);
        if part >= 1.0 {
            break;
        }
        let temperature = start * (1.0 - part.max(0.0)).powi(POWER);
        for _ in 0..BATCH {
            step(&mut state, &mut random, (processes, machines), temperature);
        }
        tried += BATCH;
        if state.cost < best.1 {
            best = (state.at.clone(), state.cost);
        }
    }
    (best.0, best.1, tried)
}

/// Tries one move.
fn step(
    state: &mut State,
    random: &mut Random,
    (processes, machines): (usize, usize),
    temperature: f64,
) {
    let p = random.below(processes);
    let kind = random.next() >> 56;
    if kind < SWAPS {
        let q = random.below(processes);
        if let Some(change) = state.swap_change(p, q)
            && is_taken(change, temperature, random)
        {
            state.swap(p, q, change);
        }
        return;
    }
    let home = random.next() >> 56 < HOME;
    let to = if home { state.tables.initial[p] as usize } else { random.below(machines) };
    let shift = Shift { process: p, to };
    match state.shift_change(shift) {
        Some(change) if is_taken(change, temperature, random) => state.shift(shift, change),
        None if kind >= 256 - EJECTIONS => eject(state, random, shift, temperature),
        _ => {}
    }
}

/// Makes room for a shift by shifting a process of the machine it goes to elsewhere first.
fn eject(state: &mut State, random: &mut Random, shift: Shift, temperature: f64) {
    let there = &state.on[shift.to];
    if there.is_empty() || state.at[shift.process] as usize == shift.to {
        return;
    }
    let process = there[random.below(there.len())] as usize;
    let away = Shift { process, to: random.below(state.on.len()) };
    let Some(first) = state.shift_change(away) else { return };
    state.shift(away, first);
    match state.shift_change(shift) {
        Some(second) if is_taken(first + second, temperature, random) => {
            state.shift(shift, second);
        }
        _ => state.shift(Shift { process, to: shift.to }, -first),
    }
}

fn is_taken(change: i64, temperature: f64, random: &mut Random) -> bool {
    change <= 0 || (change as f64) < temperature * random.exponential()
}

/// The median of what allowed shifts that add to the cost add.
fn typical_rise(state: &State, random: &mut Random) -> f64 {
    let (processes, machines) = (state.at.len(), state.tables.instance.machines.len());
    let mut rises: Vec<i64> = (0..100_000)
        .map(|_| Shift { process: random.below(processes), to: random.below(machines) })
        .filter_map(|shift| state.shift_change(shift))
        .filter(|change| *change > 0)
        .collect();
    rises.sort_unstable();
    rises.get(rises.len() / 2).map_or(1.0, |rise| *rise as f64)
}
