//! Pricing: the fillings of one bin that are worth most at given prices of items. A bounded
//! knapsack of several dimensions by depth-first search over lists of what still fits; the bound
//! is Dantzig's of the surrogate that weighs the dimensions by the multipliers of the knapsack's
//! own relaxation (Glover 1968). Values are whole numbers below 2^53, so their sums are exact;
//! bounds are rounded outwards before they cut anything off.
//!
//! An item with a size below zero makes room. Such items are decided first, from a room that has
//! all they could make, and *not* taking one uses it up: what comes after only ever uses room.

use super::instance::Bin;
use super::lanes::{Lanes, less, words};
use super::problem::Problem;
use crate::effort::Effort;
use crate::simplex::{Limits, Simplex, Status};

/// The price of a whole bin, as a number of the knapsack.
pub const UNIT: f64 = (1u64 << 40) as f64;
/// Bounds are lifted by this, relative: far more than their sums of some thousand terms can lose.
const OUTWARD: f64 = 1e-12;
/// Kinds in one bin, and makers, that are searched exactly; what is deeper stands in the bound.
const DEEPEST: usize = 250;
/// Nodes between two looks at the clock.
const LOOK: u64 = 1 << 12;
/// Work of the relaxation that gives the multipliers; any multipliers give a bound.
const WORK: u64 = 20_000_000;

/// What a search is asked.
pub struct Ask<'a> {
    /// By kind, whole numbers from 0 to [`UNIT`].
    pub values: &'a [f64],
    /// Copies that may be taken, by kind.
    pub most: &'a [u32],
    /// What is worth no more is of no interest.
    pub bar: f64,
    pub nodes: u64,
    pub effort: &'a Effort<'a>,
}

pub struct Priced {
    /// The last is the best; all are worth more than the bar.
    pub bins: Vec<Bin>,
    /// No filling is worth more; the bar, when none is worth more than that.
    pub most: f64,
    /// Whether the search came to its end.
    pub is_whole: bool,
    pub nodes: u64,
}

pub trait Pricer {
    /// Prepares for values: multipliers, order, candidates.
    fn set(&mut self, values: &[f64], most: &[u32]);
    /// Fillings worth more than the bar that have no kind in common: the best that a few nodes find
    /// around one kind after the other.
    fn deal(&mut self, ask: &Ask<'_>) -> Vec<Bin>;
    /// The best filling.
    fn exact(&mut self, ask: &Ask<'_>) -> Priced;
}

/// The pricer of a problem, with as many words as its lanes need.
pub fn pricer(problem: &Problem) -> Box<dyn Pricer + '_> {
    let most = lane_limits(problem);
    match words(&most) {
        0..=1 => Box::new(Sack::<1>::new(problem, &most)),
        2 => Box::new(Sack::<2>::new(problem, &most)),
        3..=4 => Box::new(Sack::<4>::new(problem, &most)),
        5..=8 => Box::new(Sack::<8>::new(problem, &most)),
        _ => Box::new(Sack::<32>::new(problem, &most)),
    }
}

/// The largest room and size of each dimension.
fn lane_limits(problem: &Problem) -> Vec<u64> {
    let of = |d: usize| {
        let made: i64 = problem.made(d);
        let largest = problem.size.iter().map(|s| s[d].abs()).max().unwrap_or(0);
        (problem.capacity[d] + made).max(largest) as u64
    };
    (0..problem.dims()).map(of).collect()
}

struct Sack<'p, const W: usize> {
    problem: &'p Problem,
    lanes: Lanes<W>,
    capacity: [u64; W],
    size: Vec<[u64; W]>,
    /// Room that one copy makes, zero but for sizes below zero.
    makes: Vec<[u64; W]>,
    makers: Vec<usize>,
    relaxation: Simplex,
    multipliers: Vec<f64>,
    /// Surrogate size of each kind, and of what a copy makes.
    weight: Vec<f64>,
    made_weight: Vec<f64>,
    /// Kinds worth something but for makers, the most value per weight first.
    order: Vec<u32>,
}

struct Search<'s, const W: usize> {
    sack: &'s Sack<'s, W>,
    values: &'s [f64],
    most: &'s [u32],
    /// By depth: kinds that may still fit.
    lists: Vec<Vec<u32>>,
    taken: Bin,
    bins: Vec<Bin>,
    best: f64,
    left_out: f64,
    nodes: u64,
    limit: u64,
    effort: &'s Effort<'s>,
}

impl<'p, const W: usize> Sack<'p, W> {
    fn new(problem: &'p Problem, most: &[u64]) -> Self {
        let lanes = Lanes::new(most);
        let mut relaxation = Simplex::new();
        for capacity in &problem.capacity {
            relaxation.add_row((f64::NEG_INFINITY, *capacity as f64), &[]);
        }
        for size in &problem.size {
            let entries: Vec<(usize, f64)> = size
                .iter()
                .enumerate()
                .filter(|(_, s)| **s != 0)
                .map(|(d, s)| (d, *s as f64))
                .collect();
            relaxation.add_column(0.0, (0.0, 1.0), &entries);
        }
        let makes = |size: &Vec<i64>| lanes.pack(size.iter().map(|s| (-s).max(0)));
        Sack {
            capacity: lanes.pack(problem.capacity.iter().copied()),
            size: problem.size.iter().map(|s| lanes.pack(s.iter().copied())).collect(),
            makes: problem.size.iter().map(makes).collect(),
            makers: (0..problem.kinds())
                .filter(|k| problem.size[*k].iter().any(|s| *s < 0))
                .collect(),
            lanes,
            relaxation,
            multipliers: vec![0.0; problem.dims()],
            weight: vec![0.0; problem.kinds()],
            made_weight: vec![0.0; problem.kinds()],
            order: Vec::new(),
            problem,
        }
    }

    fn search<'s>(&'s self, ask: &'s Ask<'s>) -> Search<'s, W> {
        Search {
            values: ask.values,
            most: ask.most,
            lists: vec![self.order.clone()],
            taken: Bin::new(),
            bins: Vec::new(),
            best: ask.bar,
            left_out: 0.0,
            nodes: 0,
            limit: ask.nodes,
            effort: ask.effort,
            sack: self,
        }
    }

    /// Value above what can be had from `list` in a surrogate room (Dantzig 1957), lifted.
    fn bound(&self, list: &[u32], mut room: f64, values: &[f64], most: &[u32]) -> f64 {
        let mut sum = 0.0;
        for k in list {
            let k = *k as usize;
            let copies = f64::from(most[k]);
            let weight = self.weight[k] * copies;
            if weight <= room {
                room -= weight;
                sum += values[k] * copies;
            } else {
                sum += values[k] * (room.max(0.0) / self.weight[k]);
                break;
            }
        }
        sum
    }
}

fn surrogate(multipliers: &[f64], amounts: impl Iterator<Item = i64>) -> f64 {
    multipliers.iter().zip(amounts).map(|(m, a)| m * a as f64).sum()
}

impl<const W: usize> Pricer for Sack<'_, W> {
    fn set(&mut self, values: &[f64], most: &[u32]) {
        for (k, (value, most)) in values.iter().zip(most).enumerate() {
            self.relaxation.set_cost(k, -value / UNIT);
            let most = if *value > 0.0 { f64::from(*most) } else { 0.0 };
            self.relaxation.set_bounds(k, (0.0, most));
        }
        if self.relaxation.solve(&Limits::work(WORK)) == Status::Optimal {
            let found = self.relaxation.duals().iter().map(|y| (-y).max(0.0));
            self.multipliers = found.collect();
        }
        if self.multipliers.iter().all(|m| *m <= 0.0) {
            let part = |c: &i64| 1.0 / (*c).max(1) as f64;
            self.multipliers = self.problem.capacity.iter().map(part).collect();
        }
        for (k, size) in self.problem.size.iter().enumerate() {
            let above = size.iter().map(|s| (*s).max(0));
            self.weight[k] = surrogate(&self.multipliers, above);
            self.made_weight[k] = surrogate(&self.multipliers, size.iter().map(|s| (-s).max(0)));
        }
        let ordinary = |k: &u32| self.makers.binary_search(&(*k as usize)).is_err();
        let kinds = (0..values.len() as u32).filter(ordinary);
        self.order = kinds.filter(|k| values[*k as usize] > 0.0 && most[*k as usize] > 0).collect();
        let rate = |k: &u32| values[*k as usize] / self.weight[*k as usize].max(f64::MIN_POSITIVE);
        let mut rated: Vec<(f64, u32)> = self.order.iter().map(|k| (rate(k), *k)).collect();
        rated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.order = rated.into_iter().map(|(_, k)| k).collect();
    }

    fn deal(&mut self, ask: &Ask<'_>) -> Vec<Bin> {
        let worth = |k: &usize| ask.values[*k] > 0.0 && ask.most[*k] > 0;
        let makers = self.makers.iter().copied().filter(worth).map(|k| k as u32);
        let mut open: Vec<u32> = makers.chain(self.order.iter().copied()).collect();
        let mut found = Vec::new();
        let capacity = surrogate(&self.multipliers, self.problem.capacity.iter().copied());
        let mut search = self.search(ask);
        let mut at = 0;
        while at < open.len() {
            let first = open[at] as usize;
            let room = less(&search.sack.capacity, &search.sack.size[first]);
            let fits = |k: &&u32| search.sack.lanes.fits(&room, &search.sack.size[**k as usize]);
            let rest = open.iter().filter(|k| **k != open[at]).filter(fits).copied().collect();
            search.lists[0] = rest;
            search.taken = vec![(first as u32, 1)];
            (search.best, search.nodes) = (ask.bar, 0);
            search.offer(ask.values[first]);
            search.go(0, room, capacity - search.sack.weight[first], ask.values[first]);
            let Some(bin) = search.bins.pop() else {
                at += 1;
                continue;
            };
            search.bins.clear();
            open.retain(|k| bin.iter().all(|(j, _)| j != k));
            found.push(bin);
        }
        found
    }

    fn exact(&mut self, ask: &Ask<'_>) -> Priced {
        let mut room = self.capacity;
        let mut weight = surrogate(&self.multipliers, self.problem.capacity.iter().copied());
        for k in &self.makers {
            for _ in 0..self.problem.demand[*k] {
                room = std::array::from_fn(|w| room[w].wrapping_add(self.makes[*k][w]));
                weight += self.made_weight[*k];
            }
        }
        let mut search = self.search(ask);
        search.decide(0, room, weight, 0.0);
        Priced {
            is_whole: search.left_out <= search.best,
            most: search.best.max(search.left_out),
            nodes: search.nodes,
            bins: search.bins,
        }
    }
}

impl<const W: usize> Search<'_, W> {
    fn offer(&mut self, value: f64) {
        if value > self.best {
            self.best = value;
            let mut bin = self.taken.clone();
            bin.sort_unstable();
            self.bins.push(bin);
        }
    }

    /// A bound, lifted; whether it leaves anything to find. What is not looked for is noted.
    fn is_worth(&mut self, bound: f64) -> bool {
        let bound = bound * (1.0 + OUTWARD);
        if bound <= self.best {
            return false;
        }
        if self.nodes.is_multiple_of(LOOK) && self.effort.is_over() {
            self.limit = self.nodes;
        }
        if self.nodes >= self.limit {
            self.left_out = self.left_out.max(bound);
            return false;
        }
        self.nodes += 1;
        true
    }

    /// How many of each maker from `at` on.
    fn decide(&mut self, at: usize, room: [u64; W], weight: f64, value: f64) {
        let sack = self.sack;
        let Some(&k) = sack.makers.get(at) else {
            self.offer(value);
            return self.go(0, room, weight, value);
        };
        let rest = |k: &usize| self.values[*k] * f64::from(self.most[*k]);
        let makers: f64 = sack.makers[at..].iter().map(rest).sum();
        let others = sack.bound(&self.lists[0], weight, self.values, self.most);
        let bound = value + makers + others;
        if !self.is_worth(bound) {
            return;
        }
        if at >= DEEPEST {
            self.left_out = self.left_out.max(bound * (1.0 + OUTWARD));
            return;
        }
        let (size, makes) = (&sack.size[k], &sack.makes[k]);
        // A copy that is taken uses what of it is above zero, one that is not what it would make.
        let above: [u64; W] = std::array::from_fn(|w| size[w].wrapping_add(makes[w]));
        for n in (0..=self.most[k]).rev() {
            let (mut left, mut is_in) = (room, true);
            for copy in 0..sack.problem.demand[k] {
                let uses = if copy < n { &above } else { makes };
                is_in = is_in && sack.lanes.fits(&left, uses);
                left = less(&left, uses);
            }
            if !is_in {
                continue;
            }
            let copies = f64::from(n);
            let unused = f64::from(sack.problem.demand[k]) - copies;
            let used = sack.weight[k] * copies + sack.made_weight[k] * unused;
            if n > 0 {
                self.taken.push((k as u32, n));
            }
            self.decide(at + 1, left, weight - used, value + self.values[k] * copies);
            if n > 0 {
                self.taken.pop();
            }
        }
    }

    /// Tries what is in the list of this depth, in what room is left.
    fn go(&mut self, depth: usize, room: [u64; W], weight: f64, value: f64) {
        if self.lists.len() < depth + 2 {
            self.lists.push(Vec::new());
        }
        for p in 0..self.lists[depth].len() {
            let rest = &self.lists[depth][p..];
            let bound = value + self.sack.bound(rest, weight, self.values, self.most);
            if !self.is_worth(bound) {
                return;
            }
            if depth >= DEEPEST {
                self.left_out = self.left_out.max(bound * (1.0 + OUTWARD));
                return;
            }
            let k = self.lists[depth][p] as usize;
            self.take(depth, p, k, (room, weight, value));
        }
    }

    /// Every number of copies of a kind, the most first.
    fn take(&mut self, depth: usize, p: usize, k: usize, from: ([u64; W], f64, f64)) {
        let sack = self.sack;
        let (room, weight, value) = from;
        let size = &sack.size[k];
        let (mut most, mut left) = (0, room);
        while most < self.most[k] && sack.lanes.fits(&left, size) {
            (most, left) = (most + 1, less(&left, size));
        }
        for n in (1..=most).rev() {
            let copies = f64::from(n);
            let used = size.map(|word| word.wrapping_mul(u64::from(n)));
            let room = less(&room, &used);
            let weight = weight - sack.weight[k] * copies;
            let value = value + self.values[k] * copies;
            self.taken.push((k as u32, n));
            self.offer(value);
            let rest = &self.lists[depth][p + 1..];
            let bound = value + sack.bound(rest, weight, self.values, self.most);
            if self.is_worth(bound) {
                let (from, to) = self.lists.split_at_mut(depth + 1);
                to[0].clear();
                let fits = |j: &&u32| sack.lanes.fits(&room, &sack.size[**j as usize]);
                to[0].extend(from[depth][p + 1..].iter().filter(fits));
                self.go(depth + 1, room, weight, value);
            }
            self.taken.pop();
        }
    }
}
