//! The whole search: simple fillings, moves and swaps, column generation by quick pricing, a dive,
//! the proof by exact pricing, then dives and moves in turn until the bound is met or the effort is
//! over. At every moment there is a packing.

use super::anneal::{Tries, anneal};
use super::check::check;
use super::dive::{Style, dive};
use super::fit::fit;
use super::generate::{Generation, Pricing};
use super::instance::{Bin, Instance};
use super::problem::Problem;
use crate::effort::Effort;

/// Moves of the first search per item, for each number of bins.
const MOVES: u64 = 2_000;
const MOST_MOVES: u64 = 2_000_000;
/// Moves of a later one at first; every other round has twice as many, when work is counted not
/// more often than this.
const MORE_MOVES: u64 = 1_000_000;
const DOUBLINGS: u64 = 3;
/// Larger problems are left to moves and swaps, and to the bound of volumes.
const MOST_KINDS: usize = 2_000;
/// Parts of the time by which the first prices, and the first dive, must be done.
const PRICED: f64 = 0.4;
const DIVED: f64 = 0.95;
/// Rounds of dives and moves when work is counted.
const ROUNDS: u64 = 12;
const NOISE: f64 = 0.3;

/// The best packing and the proof of how good it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    pub bins: Vec<Bin>,
    /// No packing has fewer bins.
    pub bound: u64,
}

/// What is known so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub bins: u64,
    pub bound: u64,
}

struct Search<'p, 'e> {
    problem: &'p Problem,
    best: Vec<Bin>,
    bound: u64,
    effort: Effort<'e>,
    say: &'e dyn Fn(&Progress),
}

/// Packs all items of an instance into as few bins as can be found.
pub fn solve(instance: &Instance, effort: Effort<'_>, say: &dyn Fn(&Progress)) -> Packed {
    let problem = Problem::new(instance);
    let best = fit(&problem, &problem.demand);
    let bound = problem.volume_bound;
    let mut search = Search { problem: &problem, best, bound, effort, say };
    search.run();
    let bins = problem.restore(&search.best);
    debug_assert!(check(instance, &bins).is_ok());
    Packed { bins, bound: search.bound }
}

impl Search<'_, '_> {
    fn run(&mut self) {
        self.tell();
        let items: u32 = self.problem.demand.iter().sum();
        self.move_down((MOVES * u64::from(items)).min(MOST_MOVES), 1);
        if self.is_done() || self.problem.kinds() > MOST_KINDS {
            return;
        }
        let mut generation = Generation::new(self.problem);
        self.generate(&mut generation, Pricing::Quick, self.effort.part(PRICED));
        self.dive(&mut generation, 0, self.effort.part(DIVED));
        self.generate(&mut generation, Pricing::Exact, self.effort);
        for round in 1.. {
            if self.is_done() || (round > ROUNDS && !self.effort.is_timed()) {
                return;
            }
            self.dive(&mut generation, round, self.effort);
            let most = if self.effort.is_timed() { 20 } else { DOUBLINGS };
            let doublings = (round / 2).min(most);
            self.move_down(MORE_MOVES << doublings, round);
        }
    }

    fn is_done(&self) -> bool {
        self.best.len() as u64 <= self.bound || self.effort.is_over()
    }

    fn tell(&self) {
        (self.say)(&Progress { bins: self.best.len() as u64, bound: self.bound });
    }

    fn offer(&mut self, bins: Vec<Bin>) {
        if bins.len() < self.best.len() {
            self.best = bins;
            self.tell();
        }
    }

    /// Takes bins away, one by one, as long as moves and swaps make up for it.
    fn move_down(&mut self, moves: u64, seed: u64) {
        while !self.is_done() {
            let count = self.best.len() - 1;
            let demand = &self.problem.demand;
            let tries = Tries { moves, seed };
            let found = anneal(self.problem, demand, &self.best, count, tries, &self.effort);
            let Some(bins) = found else { return };
            self.offer(bins);
        }
    }

    fn generate(&mut self, generation: &mut Generation<'_>, pricing: Pricing, effort: Effort<'_>) {
        if self.is_done() {
            return;
        }
        for bin in &self.best {
            generation.add(bin.clone());
        }
        generation.run(pricing, self.best.len() as u64, &effort);
        self.bound = self.bound.max(generation.bound);
        self.tell();
    }

    fn dive(&mut self, generation: &mut Generation<'_>, round: u64, effort: Effort<'_>) {
        if self.is_done() {
            return;
        }
        let noise = if round == 0 { 0.0 } else { NOISE };
        let style = Style { seed: round, noise, rounds: 2 };
        if let Some(bins) = dive(generation, self.best.len(), style, &effort) {
            self.offer(bins);
        }
    }
}
