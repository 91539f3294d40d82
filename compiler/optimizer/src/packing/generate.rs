//! Column generation (Gilmore and Gomory 1961): the master covers every item by fillings of bins,
//! its prices say which others would help. Prices are smoothed towards their mean over the last
//! rounds, which keeps them from swinging (Wentges 1997, Neame 1999). The bound is Farley's
//! (1990): all items at their prices, over what the best filling is worth; prices are whole
//! numbers, so that it is exact.

use super::instance::Bin;
use super::knapsack::{Ask, Priced, Pricer, UNIT, pricer};
use super::problem::Problem;
use crate::effort::Effort;
use crate::simplex::{self, Simplex, Status};
use std::collections::BTreeSet;

/// What a filling must be worth above a bin to be taken in, relative.
const TOLERANCE: f64 = 1e-6;
/// Nodes of one exact search, at first and at most.
const NODES: std::ops::RangeInclusive<u64> = 20_000..=20_000_000;
/// Nodes of all exact searches when work is counted.
const MOST_NODES: u64 = 100_000_000;
/// Nodes around one kind.
const AROUND: u64 = 100;
/// The master's value is this much above a whole number only by rounding and blur.
const ROUNDING: f64 = 1e-4;
/// Part of the latest prices in their running mean.
const NEWS: f64 = 0.3;
/// Cover may miss what is wanted by this much of an item, other for each kind: it keeps the simplex
/// from stalling, and no bound depends on it.
const BLUR: f64 = 1e-7;

pub struct Generation<'p> {
    pub problem: &'p Problem,
    pricer: Box<dyn Pricer + 'p>,
    pub lp: Simplex,
    pub columns: Vec<Bin>,
    known: BTreeSet<Bin>,
    /// No packing has fewer bins.
    pub bound: u64,
    /// What is left to pack, of which the master is.
    pub demand: Vec<u32>,
    most: Vec<u32>,
    node_limit: u64,
    pub nodes: u64,
}

/// How much of pricing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pricing {
    /// Searches that are cut off early, for columns only.
    Quick,
    /// Searches to their end, for the bound too.
    Exact,
}

struct Asked<'a> {
    /// The master's prices.
    now: &'a [f64],
    /// The bound that is hoped for.
    goal: u64,
    pricing: Pricing,
    effort: &'a Effort<'a>,
}

/// How a pricing went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Columns,
    Nothing,
    /// Nothing, and the search was cut off.
    CutOff,
}

impl<'p> Generation<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        let mut lp = Simplex::new();
        for _ in 0..problem.kinds() {
            lp.add_row((0.0, f64::INFINITY), &[]);
        }
        let most: Vec<u32> = (0..problem.kinds()).map(|k| problem.most(k)).collect();
        let mut generation = Generation {
            problem,
            pricer: pricer(problem),
            lp,
            columns: Vec::new(),
            known: BTreeSet::new(),
            bound: problem.volume_bound,
            demand: Vec::new(),
            most: most.clone(),
            node_limit: *NODES.start(),
            nodes: 0,
        };
        for (k, n) in most.into_iter().enumerate() {
            generation.add(vec![(k as u32, n)]);
        }
        generation.ask(&problem.demand);
        generation
    }

    /// From now on, covers these items.
    pub fn ask(&mut self, demand: &[u32]) {
        self.demand = demand.to_vec();
        for (k, n) in demand.iter().enumerate() {
            let blur = BLUR * (1.0 + (k * 7919 % 1013) as f64 / 1013.0);
            let least = if *n > 0 { f64::from(*n) - blur } else { 0.0 };
            self.lp.set_row_bounds(k, (least, f64::INFINITY));
            self.most[k] = self.problem.most(k).min(*n);
        }
    }

    /// Takes in a filling that is new; whether it was.
    pub fn add(&mut self, bin: Bin) -> bool {
        if !self.known.insert(bin.clone()) {
            return false;
        }
        let entries: Vec<(usize, f64)> =
            bin.iter().map(|(k, n)| (*k as usize, f64::from(*n))).collect();
        self.lp.add_column(1.0, (0.0, f64::INFINITY), &entries);
        self.columns.push(bin);
        true
    }

    /// Solves the master; its value.
    pub fn solve(&mut self, effort: &Effort<'_>) -> Option<f64> {
        let stop = || effort.is_over();
        let limits = simplex::Limits { stop: Some(&stop), ..simplex::Limits::work(u64::MAX) };
        (self.lp.solve(&limits) == Status::Optimal).then(|| self.lp.objective())
    }

    /// Prices as whole numbers of the knapsack.
    pub fn values(&self) -> Vec<f64> {
        let wanted = self.lp.duals().iter().zip(&self.demand);
        wanted.map(|(y, n)| if *n > 0 { (y.clamp(0.0, 1.0) * UNIT).floor() } else { 0.0 }).collect()
    }

    fn worth(bin: &Bin, values: &[f64]) -> f64 {
        bin.iter().map(|(k, n)| values[*k as usize] * f64::from(*n)).sum()
    }

    /// Farley's bound from values and what the best filling is worth: exact.
    fn learn(&mut self, values: &[f64], most: f64) {
        let most = most.ceil() as u128;
        let terms = values.iter().zip(&self.problem.demand);
        let all: u128 = terms.map(|(v, n)| *v as u128 * u128::from(*n)).sum();
        self.bound = self.bound.max(all.div_ceil(most) as u64);
    }

    /// What a filling must be worth to matter: where none is worth more, the bound is `goal`.
    fn bar(&self, values: &[f64], goal: u64) -> f64 {
        let all: f64 = values.iter().zip(&self.demand).map(|(v, n)| v * f64::from(*n)).sum();
        let enough = all / (goal.max(2) - 1) as f64 * (1.0 - 1e-9);
        enough.floor().max(UNIT * (1.0 + TOLERANCE))
    }

    /// Fillings worth more than a bin at `values`, and at the present prices too, the latter taken
    /// in.
    fn price(&mut self, values: &[f64], asked: &Asked<'_>) -> Found {
        let bar = UNIT * (1.0 + TOLERANCE);
        self.pricer.set(values, &self.most);
        let most = self.most.clone();
        let ask = Ask { values, most: &most, bar, nodes: AROUND, effort: asked.effort };
        let dealt = self.pricer.deal(&ask);
        if self.take_in(dealt, asked.now, bar) {
            return Found::Columns;
        }
        if asked.pricing == Pricing::Quick {
            let ask = Ask { nodes: *NODES.start(), ..ask };
            let priced = self.pricer.exact(&ask);
            return self.found(priced, asked.now, bar);
        }
        let ask = Ask { bar: self.bar(values, asked.goal), nodes: self.node_limit, ..ask };
        let priced = self.pricer.exact(&ask);
        self.learn(values, priced.most);
        self.found(priced, asked.now, bar)
    }

    fn found(&mut self, priced: Priced, now: &[f64], bar: f64) -> Found {
        self.nodes += priced.nodes;
        if self.take_in(priced.bins, now, bar) {
            Found::Columns
        } else if priced.is_whole {
            Found::Nothing
        } else {
            Found::CutOff
        }
    }

    /// Takes in those worth most that have little in common; whether there were any.
    fn take_in(&mut self, bins: Vec<Bin>, now: &[f64], bar: f64) -> bool {
        let mut rated: Vec<(f64, Bin)> =
            bins.into_iter().map(|bin| (Self::worth(&bin, now), bin)).collect();
        rated.retain(|(value, _)| *value > bar);
        rated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut used = vec![0u32; self.problem.kinds()];
        let mut added = false;
        for (_, bin) in rated {
            if bin.iter().any(|(k, _)| used[*k as usize] >= 3) {
                continue;
            }
            bin.iter().for_each(|(k, _)| used[*k as usize] += 1);
            added |= self.add(bin);
        }
        added
    }

    /// One round of quick pricing; whether it found columns.
    pub fn extend(&mut self, effort: &Effort<'_>) -> bool {
        let now = self.values();
        let asked = Asked { now: &now, goal: 0, pricing: Pricing::Quick, effort };
        !effort.is_over() && self.price(&now, &asked) == Found::Columns
    }

    /// Adds columns until the bound is what the master's value rounds up to, or `enough`.
    pub fn run(&mut self, pricing: Pricing, enough: u64, effort: &Effort<'_>) {
        let mut mean: Vec<f64> = Vec::new();
        while let Some(value) = self.solve(effort) {
            if self.bound >= enough || (value - ROUNDING).ceil() as u64 <= self.bound {
                return;
            }
            let goal = (value - ROUNDING).ceil() as u64;
            let now = self.values();
            if mean.is_empty() {
                mean.clone_from(&now);
            }
            mean.iter_mut().zip(&now).for_each(|(m, n)| *m += NEWS * (n - *m));
            let mix = |(m, n): (&f64, &f64)| (0.5 * (m + n)).floor();
            let mixed: Vec<f64> = mean.iter().zip(&now).map(mix).collect();
            let asked = Asked { now: &now, goal, pricing, effort };
            if self.price(&mixed, &asked) == Found::Columns {
                continue;
            }
            match self.price(&now, &asked) {
                Found::Columns => {}
                Found::Nothing => return,
                Found::CutOff if pricing == Pricing::Quick => return,
                Found::CutOff if self.node_limit >= *NODES.end() => return,
                Found::CutOff => self.node_limit *= 4,
            }
            if effort.is_over() || (!effort.is_timed() && self.nodes > MOST_NODES) {
                return;
            }
        }
    }
}
