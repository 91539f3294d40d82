//! The most valuable set of items that one machine holds: a bounded knapsack in four resources, by
//! depth-first branch and bound.
//!
//! 1. Each resource gets a price: the least Lagrangian bound. A floor that it does not pass ends
//!    the search.
//! 2. The resource whose room is worth most keeps its limit, the others their prices: dynamic
//!    programming over its cells bounds what the entries from each one on can add, in every room.
//! 3. Depth first over the entries, by worth per priced resource, as many as fit first.
//!
//! The search stops at a number of nodes; then the bounds of what was left out stand for it, so
//! that the value given as most is never too small.

use super::instance::{Amounts, RESOURCES};
use super::tables::{fits, times};

/// Items of one machine's knapsack, in parallel lists.
#[derive(Default)]
pub struct Knapsack {
    pub capacity: Amounts,
    pub items: Vec<Entry>,
    /// Pairs of entries that exclude each other, and of those where the first needs the second;
    /// what is needed needs nothing itself.
    pub conflicts: Vec<(u32, u32)>,
    pub needs: Vec<(u32, u32)>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub item: u32,
    pub request: Amounts,
    pub value: f64,
    pub most: u32,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    /// Entry and count; its value is above the floor. Empty: nothing is.
    pub counts: Vec<(u32, u32)>,
    /// No filling is worth more than this, or than the floor.
    pub most: f64,
    pub nodes: u64,
}

/// Prices of the resources: kept from call to call, they begin near the next optimum.
pub type Surrogate = [f64; RESOURCES];

/// Of each entry's betters, so many are looked at.
const MOST_BETTER: usize = 6;

/// Cells of the dynamic programme: finer amounts are rounded down, which only relaxes.
const MOST_CELLS: u32 = 400;

/// A resource with less of a machine's worth than this is left to its price.
const SHORT: f64 = 0.02;

struct Dive<'a> {
    sack: &'a Knapsack,
    /// Entries in the order they are tried.
    order: Vec<u32>,
    /// Of each in the order, earlier ones that ask no more and are worth no less: while one of
    /// them is left, this one need not be tried.
    better: Vec<Vec<u32>>,
    /// One for each resource that is short, the worthiest first.
    ahead: Vec<Ahead>,
    counts: Vec<u32>,
    best: f64,
    best_counts: Vec<u32>,
    left_out: f64,
    nodes: u64,
    node_limit: u64,
}

/// What the entries from each one on can add to a room.
struct Ahead {
    /// The resource that keeps its limit, and the size of its cells.
    limited: usize,
    cell: u32,
    cells: usize,
    /// By entry in the order, then by cells of room.
    most: Vec<f64>,
    /// Prices of the other resources.
    prices: Surrogate,
}

impl Ahead {
    fn all(sack: &Knapsack, order: &[u32], prices: &Surrogate) -> Vec<Ahead> {
        let worth = |r: usize| prices[r] * f64::from(sack.capacity[r]);
        let total: f64 = (0..RESOURCES).map(worth).sum();
        let mut short: Vec<usize> = (0..RESOURCES).collect();
        short.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)));
        let is_short = |(i, r): &(usize, usize)| *i == 0 || worth(*r) > SHORT * total;
        let short = short.into_iter().enumerate().filter(is_short);
        short.take(2).map(|(_, r)| Ahead::new(sack, order, prices, r)).collect()
    }

    fn new(sack: &Knapsack, order: &[u32], prices: &Surrogate, limited: usize) -> Ahead {
        let mut prices = *prices;
        prices[limited] = 0.0;
        let asked = order.iter().map(|i| sack.items[*i as usize].request[limited]);
        let cell = asked.fold(0, gcd).max(sack.capacity[limited].div_ceil(MOST_CELLS)).max(1);
        let cells = (sack.capacity[limited] / cell) as usize + 1;
        let mut most = vec![0.0; (order.len() + 1) * cells];
        for k in (0..order.len()).rev() {
            let entry = &sack.items[order[k] as usize];
            let (own, later) = most[k * cells..(k + 2) * cells].split_at_mut(cells);
            own.copy_from_slice(later);
            let value = entry.value - dot(&prices, &entry.request);
            if value > 0.0 {
                let width = (entry.request[limited] / cell) as usize;
                take_up_to(own, sack.most_of(entry, &sack.capacity), width, value);
            }
        }
        Ahead { limited, cell, cells, most, prices }
    }

    fn bound(&self, k: usize, room: &Amounts) -> f64 {
        let cell = (room[self.limited] / self.cell) as usize;
        dot(&self.prices, room) + self.most[k * self.cells + cell]
    }
}

/// Lets a table of best values by room take up to `most` of one entry: as bundles of 1, 2, 4, ...
fn take_up_to(table: &mut [f64], most: u32, width: usize, value: f64) {
    if width == 0 {
        table.iter_mut().for_each(|v| *v += value * f64::from(most));
        return;
    }
    let (mut left, mut bundle) = (most, 1);
    while left > 0 {
        let n = bundle.min(left);
        let step = width.saturating_mul(n as usize);
        for c in (step..table.len()).rev() {
            table[c] = table[c].max(table[c - step] + value * f64::from(n));
        }
        left -= n;
        bundle = bundle.saturating_mul(2);
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Knapsack {
    /// The best filling worth more than `floor`.
    pub fn solve(&self, floor: f64, prices: &mut Surrogate, node_limit: u64) -> Filling {
        self.price(prices);
        let relaxed = self.relaxed(prices);
        if relaxed <= floor {
            return Filling { most: floor, ..Filling::default() };
        }
        let is_needed = |i: u32| self.needs.iter().any(|(_, b)| *b == i);
        let mut order: Vec<u32> = (0..self.items.len() as u32)
            .filter(|i| self.items[*i as usize].most > 0)
            .filter(|i| self.items[*i as usize].value > 0.0 || is_needed(*i))
            .collect();
        let ratio = |i: &u32| {
            let e = &self.items[*i as usize];
            e.value / dot(prices, &e.request).max(1e-300)
        };
        // Entries with rules first, what is needed before what needs it: below them no bound counts
        // on an entry that a rule has shut out.
        let of_rule = |rules: &[(u32, u32)], i: u32| rules.iter().any(|(a, b)| *a == i || *b == i);
        let rank = |i: &u32| match *i {
            i if is_needed(i) => 0,
            i if of_rule(&self.needs, i) => 1,
            i if of_rule(&self.conflicts, i) => 2,
            _ => 3,
        };
        order.sort_by(|a, b| {
            rank(a).cmp(&rank(b)).then(ratio(b).total_cmp(&ratio(a))).then(a.cmp(b))
        });
        let better = self.better(&order);
        let mut dive = Dive {
            ahead: Ahead::all(self, &order, prices),
            sack: self,
            order,
            better,
            counts: vec![0; self.items.len()],
            best: floor,
            best_counts: Vec::new(),
            left_out: floor,
            nodes: 0,
            node_limit,
        };
        dive.go(0, self.capacity, 0.0);
        let counts = dive.best_counts.iter().enumerate().filter(|(_, n)| **n > 0);
        Filling {
            counts: counts.map(|(i, n)| (i as u32, *n)).collect(),
            most: dive.best.max(dive.left_out),
            nodes: dive.nodes,
        }
    }

    /// Lagrange's bound at `prices`.
    fn relaxed(&self, prices: &Surrogate) -> f64 {
        let above = self.items.iter().map(|e| {
            let worth = e.value - dot(prices, &e.request);
            worth.max(0.0) * f64::from(self.most_of(e, &self.capacity))
        });
        dot(prices, &self.capacity) + above.sum::<f64>()
    }

    fn better(&self, order: &[u32]) -> Vec<Vec<u32>> {
        let mut is_free = vec![true; self.items.len()];
        for (a, b) in self.conflicts.iter().chain(&self.needs) {
            is_free[*a as usize] = false;
            is_free[*b as usize] = false;
        }
        let list = |k: usize| {
            let own = &self.items[order[k] as usize];
            let is_better = |i: &u32| {
                let e = &self.items[*i as usize];
                is_free[*i as usize] && e.value >= own.value && fits(&e.request, &own.request)
            };
            if !is_free[order[k] as usize] {
                return Vec::new();
            }
            order[..k].iter().rev().copied().filter(is_better).take(MOST_BETTER).collect()
        };
        (0..order.len()).map(list).collect()
    }

    fn most_of(&self, entry: &Entry, room: &Amounts) -> u32 {
        times(&entry.request, room, entry.most)
    }

    /// Least Lagrangian bound, one resource after another: along each it is convex and piecewise
    /// linear, and the breakpoint where its slope changes sign is least.
    fn price(&self, prices: &mut Surrogate) {
        for _ in 0..3 {
            for r in 0..RESOURCES {
                let mut breaks: Vec<(f64, f64)> = Vec::new();
                for e in self.items.iter().filter(|e| e.request[r] > 0 && e.value > 0.0) {
                    let others = dot(prices, &e.request) - prices[r] * f64::from(e.request[r]);
                    let at = (e.value - others) / f64::from(e.request[r]);
                    if at > 0.0 {
                        let most = self.most_of(e, &self.capacity);
                        breaks.push((at, f64::from(most) * f64::from(e.request[r])));
                    }
                }
                breaks.sort_by(|a, b| b.0.total_cmp(&a.0));
                let mut room = f64::from(self.capacity[r]);
                prices[r] = 0.0;
                for (at, weight) in breaks {
                    room -= weight;
                    if room < 0.0 {
                        prices[r] = at;
                        break;
                    }
                }
            }
        }
    }
}

fn dot(prices: &Surrogate, request: &Amounts) -> f64 {
    (0..RESOURCES).map(|r| prices[r] * f64::from(request[r])).sum()
}

impl Dive<'_> {
    /// Tries the entries from `k` on in what room is left. Leaving an entry out is the loop;
    /// taking some of it is the recursion, which is no deeper than the nodes allowed.
    fn go(&mut self, mut k: usize, room: Amounts, value: f64) {
        loop {
            let ahead = self.ahead.iter().map(|a| a.bound(k, &room));
            let bound = value + ahead.fold(f64::INFINITY, f64::min);
            if bound <= self.best {
                return;
            }
            if self.nodes >= self.node_limit {
                self.left_out = self.left_out.max(bound);
                return;
            }
            self.nodes += 1;
            let Some(&i) = self.order.get(k) else {
                self.offer(value);
                return;
            };
            let left = |j: &u32| self.counts[*j as usize] < self.sack.items[*j as usize].most;
            let is_worse = self.better[k].iter().any(left);
            k += 1;
            let entry = &self.sack.items[i as usize];
            if is_worse || !fits(&entry.request, &room) || self.clashes(i) {
                continue;
            }
            for n in (1..=self.sack.most_of(entry, &room)).rev() {
                let left = std::array::from_fn(|r| room[r] - n * entry.request[r]);
                self.counts[i as usize] = n;
                self.go(k, left, value + f64::from(n) * entry.value);
            }
            self.counts[i as usize] = 0;
        }
    }

    /// Whether a rule shuts an entry out, as things are.
    fn clashes(&self, i: u32) -> bool {
        let lacks = |(a, b): &(u32, u32)| *a == i && self.counts[*b as usize] == 0;
        self.sack.needs.iter().any(lacks)
            || self.sack.conflicts.iter().any(|(a, b)| {
                (*a == i && self.counts[*b as usize] > 0)
                    || (*b == i && self.counts[*a as usize] > 0)
            })
    }

    fn offer(&mut self, value: f64) {
        if value > self.best {
            self.best = value;
            self.best_counts.clone_from(&self.counts);
        }
    }
}
