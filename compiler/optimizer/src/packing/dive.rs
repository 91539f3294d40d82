//! Whole bins from the master's fractions: the fillings used most are fixed, what they leave is
//! priced again, until a packing of the rest by simpler means does (Sadykov, Vanderbeck, Pessoa,
//! Tahiri and Uchoa 2019, without backtracking). A dive is given up once its relaxation says that
//! the bins do not suffice.

use super::anneal::{Tries, anneal};
use super::fit::{fit, merged};
use super::generate::Generation;
use super::instance::Bin;
use super::problem::Problem;
use crate::effort::Effort;
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
const SURE: f64 = 0.5;
/// Of the bins that are left, as many may be fixed at once.
const AT_ONCE: f64 = 0.05;
/// Rounds of pricing beyond the usual ones, where the bins would not suffice.
const MORE_ROUNDS: usize = 6;
/// A problem of its own is made of the rest once this part of the kinds is left.
const SHRUNK: f64 = 0.8;
/// Fillings that miss the price of a bin by more are not taken along.
const NEAR: f64 = 0.2;
/// Items that are left to the search by moves and swaps too.
const FEW: u32 = 60;
const MOVES: u64 = 60_000;

struct Dive<'e> {
    /// The fewest bins so far, and which they are where the dive has found them.
    upper: usize,
    bound: usize,
    best: Option<Vec<Bin>>,
    /// What is fixed, in kinds of the whole problem.
    bins: Vec<Bin>,
    style: Style,
    random: Random,
    effort: &'e Effort<'e>,
}

/// What a dive goes on with: a part of the problem, the kind of the whole that each of its kinds
/// is, and fillings to begin with.
struct Rest {
    problem: Problem,
    kinds: Vec<u32>,
    columns: Vec<Bin>,
}

/// A packing of all items in fewer than `upper` bins, where the dive comes to one.
pub fn dive(
    generation: &mut Generation<'_>,
    upper: usize,
    style: Style,
    effort: &Effort<'_>,
) -> Option<Vec<Bin>> {
    let random = Random::new(style.seed);
    let bound = generation.bound as usize;
    let mut dive = Dive { upper, bound, best: None, bins: Vec::new(), style, random, effort };
    let kinds: Vec<u32> = (0..generation.problem.kinds() as u32).collect();
    let mut rest = dive.stage(generation, &kinds);
    generation.ask(&generation.problem.demand);
    while let Some(Rest { problem, kinds, columns }) = rest {
        let mut part = Generation::new(&problem);
        for bin in columns {
            part.add(bin);
        }
        rest = dive.stage(&mut part, &kinds);
    }
    if let Some(bins) = &dive.best {
        bins.iter().for_each(|bin| {
            generation.add(bin.clone());
        });
    }
    dive.best
}

impl Dive<'_> {
    /// Fixes fillings until much less is left, which is given back, or there is nothing more to do.
    fn stage(&mut self, generation: &mut Generation<'_>, kinds: &[u32]) -> Option<Rest> {
        let problem = generation.problem;
        let mut demand = problem.demand.clone();
        loop {
            if self.effort.is_over() || self.upper <= self.bound {
                return None;
            }
            if demand.iter().all(|n| *n == 0) {
                self.offer(Vec::new(), kinds);
                return None;
            }
            let wanted = demand.iter().filter(|n| **n > 0).count();
            if (wanted as f64) < SHRUNK * problem.kinds() as f64 {
                return Some(rest(generation, &demand, kinds));
            }
            generation.ask(&demand);
            // As many bins may be used for what is left.
            let left = (self.upper - 1).checked_sub(self.bins.len())?;
            let value = self.relax(generation, left)?;
            if (value - 10.0 * WHOLE).ceil() as usize > left {
                return None;
            }
            match self.finish(problem, &demand, left) {
                Some(bins) => self.offer(bins, kinds),
                None => self.fix(generation, &mut demand, value, kinds),
            }
        }
    }

    fn offer(&mut self, rest: Vec<Bin>, kinds: &[u32]) {
        let mut bins = self.bins.clone();
        bins.extend(rest.into_iter().map(|bin| renamed(bin, kinds)));
        self.upper = bins.len();
        self.best = Some(bins);
    }

    /// The relaxation of what is left, priced again; its value.
    fn relax(&mut self, generation: &mut Generation<'_>, left: usize) -> Option<f64> {
        let mut value = generation.solve(self.effort)?;
        for round in 0..self.style.rounds + MORE_ROUNDS {
            // Beyond the usual rounds only where the bins would not suffice.
            if round >= self.style.rounds && value <= left as f64 + WHOLE {
                break;
            }
            if !generation.extend(self.effort) {
                break;
            }
            value = generation.solve(self.effort)?;
        }
        Some(value)
    }

    /// The rest by simpler means.
    fn finish(&mut self, problem: &Problem, demand: &[u32], left: usize) -> Option<Vec<Bin>> {
        let items: u32 = demand.iter().sum();
        if items > 4 * FEW {
            return None;
        }
        let rest = fit(problem, demand);
        if rest.len() <= left {
            return Some(rest);
        }
        if items > FEW {
            return None;
        }
        let tries = Tries { moves: MOVES, seed: self.random.next() };
        anneal(problem, demand, &rest, left, tries, self.effort)
    }

    fn fix(&mut self, generation: &Generation<'_>, demand: &mut [u32], value: f64, kinds: &[u32]) {
        let x = |j: usize| generation.lp.value(j);
        let columns = 0..generation.columns.len();
        let mut used: Vec<(f64, usize)> =
            columns.map(|j| (x(j), j)).filter(|(x, _)| *x > WHOLE).collect();
        let is_whole = |(x, _): &&(f64, usize)| *x >= 1.0 - WHOLE;
        let whole: Vec<(f64, usize)> = used.iter().filter(is_whole).copied().collect();
        if !whole.is_empty() {
            for (x, j) in whole {
                for _ in 0..(x + WHOLE).floor() as u32 {
                    self.take(generation, j, demand, kinds);
                }
            }
            return;
        }
        for (x, _) in &mut used {
            *x += self.style.noise * self.random.exponential().min(3.0) * *x * (1.0 - *x);
        }
        used.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let most = ((value * AT_ONCE) as usize).max(1);
        for (n, (x, j)) in used.into_iter().take(most).enumerate() {
            if n == 0 || x >= SURE {
                self.take(generation, j, demand, kinds);
            }
        }
    }

    /// Fixes a filling: what of it is wanted, and more where there is room.
    fn take(
        &mut self,
        generation: &Generation<'_>,
        column: usize,
        demand: &mut [u32],
        kinds: &[u32],
    ) {
        let mut bin = generation.problem.wanted(&generation.columns[column], demand);
        if bin.is_empty() {
            return;
        }
        bin.iter().for_each(|(k, n)| demand[*k as usize] -= n);
        complete(generation, &mut bin, demand);
        self.bins.push(renamed(merged(bin), kinds));
    }
}

fn renamed(bin: Bin, kinds: &[u32]) -> Bin {
    bin.into_iter().map(|(k, n)| (kinds[k as usize], n)).collect()
}

/// Fills the room of a bin with what is wanted and priced highest.
fn complete(generation: &Generation<'_>, bin: &mut Bin, demand: &mut [u32]) {
    let problem = generation.problem;
    let mut room = problem.capacity.clone();
    for (k, n) in bin.iter() {
        let size = &problem.size[*k as usize];
        room.iter_mut().zip(size).for_each(|(r, s)| *r -= s * i64::from(*n));
    }
    let duals = generation.lp.duals();
    let fits = |k: usize, room: &[i64]| problem.size[k].iter().zip(room).all(|(s, r)| s <= r);
    loop {
        let open = (0..problem.kinds()).filter(|k| demand[*k] > 0 && fits(*k, &room));
        let Some(k) = open.max_by(|a, b| duals[*a].total_cmp(&duals[*b])) else { return };
        demand[k] -= 1;
        room.iter_mut().zip(&problem.size[k]).for_each(|(r, s)| *r -= s);
        bin.push((k as u32, 1));
    }
}

/// The part of the problem that is left, with the fillings that are worth about a bin.
fn rest(generation: &Generation<'_>, demand: &[u32], kinds: &[u32]) -> Rest {
    let left: Vec<usize> = (0..demand.len()).filter(|k| demand[*k] > 0).collect();
    let mut name = vec![0; demand.len()];
    left.iter().enumerate().for_each(|(new, k)| name[*k] = new as u32);
    let near = |j: &usize| generation.lp.reduced_cost(*j) <= NEAR;
    let columns = (0..generation.columns.len()).filter(near).map(|j| {
        let bin = generation.problem.wanted(&generation.columns[j], demand);
        renamed(bin, &name)
    });
    Rest {
        columns: columns.filter(|bin| !bin.is_empty()).collect(),
        kinds: left.iter().map(|k| kinds[*k]).collect(),
        problem: generation.problem.part(&left, demand),
    }
}
