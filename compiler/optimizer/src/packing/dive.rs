//! Whole bins from the master's fractions: the fillings used most are fixed, what they leave is
//! priced again, until a packing of the rest by simpler means does (Sadykov, Vanderbeck, Pessoa,
//! Tahiri and Uchoa 2019, without backtracking). A dive is given up once its relaxation says that
//! the bins do not suffice.

use super::anneal::{Tries, anneal};
use super::fit::fit;
use super::generate::Generation;
use super::instance::Bin;
use crate::placement::Effort;
use crate::random::Random;

/// How a dive differs from others.
#[derive(Clone, Copy)]
pub struct Style {
    pub seed: u64,
    /// Up to how much a fraction is changed before it is compared.
    pub noise: f64,
    /// Rounds of pricing after each fixing.
    pub rounds: usize,
}

/// So near to a whole number a value is one.
const WHOLE: f64 = 1e-6;
/// What is used at least so much is fixed together with the filling used most.
const SURE: f64 = 0.9;
/// Of the bins that are left, as many may be fixed at once.
const AT_ONCE: f64 = 0.05;
/// Items that are left to the search by moves and swaps too.
const FEW: u32 = 60;
const MOVES: u64 = 60_000;

struct Dive<'g, 'p> {
    generation: &'g mut Generation<'p>,
    demand: Vec<u32>,
    bins: Vec<Bin>,
    /// The fewest bins so far, and which they are where the dive has found them.
    upper: usize,
    best: Option<Vec<Bin>>,
    style: Style,
    random: Random,
}

/// A packing of all items in fewer than `upper` bins, where the dive comes to one.
pub fn dive(
    generation: &mut Generation<'_>,
    upper: usize,
    style: Style,
    effort: &Effort<'_>,
) -> Option<Vec<Bin>> {
    let demand = generation.problem.demand.clone();
    let random = Random::new(style.seed);
    let mut dive = Dive { demand, bins: Vec::new(), upper, best: None, style, random, generation };
    dive.run(effort);
    let found = dive.best;
    generation.ask(&generation.problem.demand);
    if let Some(bins) = &found {
        bins.iter().for_each(|bin| {
            generation.add(bin.clone());
        });
    }
    found
}

impl Dive<'_, '_> {
    fn run(&mut self, effort: &Effort<'_>) {
        while !effort.is_over() && self.upper as u64 > self.generation.bound {
            if self.demand.iter().all(|n| *n == 0) {
                self.offer(Vec::new());
                return;
            }
            self.generation.ask(&self.demand);
            // As many bins may be used for what is left.
            let Some(left) = (self.upper - 1).checked_sub(self.bins.len()) else { return };
            let Some(value) = self.relax(left, effort) else { return };
            if (value - 10.0 * WHOLE).ceil() as usize > left {
                return;
            }
            if let Some(rest) = self.finish(left, effort) {
                self.offer(rest);
                continue;
            }
            self.fix(value);
        }
    }

    fn offer(&mut self, rest: Vec<Bin>) {
        let mut bins = self.bins.clone();
        bins.extend(rest);
        self.upper = bins.len();
        self.best = Some(bins);
    }

    /// The relaxation of what is left, priced again; its value.
    fn relax(&mut self, left: usize, effort: &Effort<'_>) -> Option<f64> {
        let mut value = self.generation.solve(effort)?;
        for round in 0..self.style.rounds * 10 {
            // Beyond the usual rounds only where the bins would not suffice.
            if round >= self.style.rounds && value <= left as f64 + WHOLE {
                break;
            }
            if !self.generation.extend(effort) {
                break;
            }
            value = self.generation.solve(effort)?;
        }
        Some(value)
    }

    /// The rest by simpler means.
    fn finish(&mut self, left: usize, effort: &Effort<'_>) -> Option<Vec<Bin>> {
        let items: u32 = self.demand.iter().sum();
        if items > 4 * FEW {
            return None;
        }
        let rest = fit(self.generation.problem, &self.demand);
        if rest.len() <= left {
            return Some(rest);
        }
        if items > FEW {
            return None;
        }
        let tries = Tries { moves: MOVES, seed: self.random.next() };
        anneal(self.generation.problem, &self.demand, &rest, left, tries, effort)
    }

    fn fix(&mut self, value: f64) {
        let lp = &self.generation.lp;
        let mut used: Vec<(f64, usize)> = Vec::new();
        for j in 0..self.generation.columns.len() {
            let x = lp.value(j);
            if x > WHOLE {
                used.push((x, j));
            }
        }
        let whole: Vec<(usize, u32)> = used
            .iter()
            .filter(|(x, _)| *x >= 1.0 - WHOLE)
            .map(|(x, j)| (*j, (x + WHOLE).floor() as u32))
            .collect();
        if !whole.is_empty() {
            for (j, n) in whole {
                for _ in 0..n {
                    self.take(j);
                }
            }
            return;
        }
        let noise = self.style.noise;
        for (x, _) in &mut used {
            *x += noise * self.random.exponential().min(3.0) * *x * (1.0 - *x);
        }
        used.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let most = ((value * AT_ONCE) as usize).max(1);
        for (n, (x, j)) in used.into_iter().take(most).enumerate() {
            if n == 0 || x >= SURE {
                self.take(j);
            }
        }
    }

    /// Fixes a filling: what of it is wanted, and more where there is room.
    fn take(&mut self, column: usize) {
        let mut bin = Bin::new();
        for &(k, n) in &self.generation.columns[column] {
            let n = n.min(self.demand[k as usize]);
            self.demand[k as usize] -= n;
            if n > 0 {
                bin.push((k, n));
            }
        }
        if bin.is_empty() {
            return;
        }
        self.complete(&mut bin);
        self.bins.push(super::fit::merged(bin));
    }

    /// Fills the room of a bin with what is wanted and priced highest.
    fn complete(&mut self, bin: &mut Bin) {
        let problem = self.generation.problem;
        let mut room = problem.capacity.clone();
        for (k, n) in bin.iter() {
            let size = &problem.size[*k as usize];
            room.iter_mut().zip(size).for_each(|(r, s)| *r -= s * i64::from(*n));
        }
        let duals = self.generation.lp.duals();
        let fits = |k: usize, room: &[i64]| problem.size[k].iter().zip(room).all(|(s, r)| s <= r);
        loop {
            let wanted = (0..problem.kinds()).filter(|k| self.demand[*k] > 0 && fits(*k, &room));
            let Some(k) = wanted.max_by(|a, b| duals[*a].total_cmp(&duals[*b])) else { return };
            self.demand[k] -= 1;
            room.iter_mut().zip(&problem.size[k]).for_each(|(r, s)| *r -= s);
            bin.push((k as u32, 1));
        }
    }
}
