//! The most valuable set of items that one machine holds: a bounded knapsack in four resources, by
//! depth-first branch and bound. The bound is Lagrange's: with a price on each resource, no filling
//! is worth more than the prices of the machine's room plus what items are worth above their own;
//! sorted by worth per priced resource, the first dive is the greedy filling.
//!
//! The search stops at a number of nodes; then the bounds of what was left out stand for it, so
//! that the value given as most is never too small.

use super::instance::{Amounts, RESOURCES};
use super::tables::fits;

/// Items of one machine's knapsack, in parallel lists.
#[derive(Default)]
pub struct Knapsack {
    pub capacity: Amounts,
    pub items: Vec<Entry>,
    /// Pairs of entries that exclude each other, and of those where the first needs the second.
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
    pub value: f64,
    /// No filling is worth more than this, or than the floor.
    pub most: f64,
    pub nodes: u64,
}

/// Prices of the resources: kept from call to call, they begin near the next optimum.
pub type Surrogate = [f64; RESOURCES];

/// Of each entry's betters, so many are looked at.
const MOST_BETTER: usize = 6;

struct Dive<'a> {
    sack: &'a Knapsack,
    /// Entries in the order they are tried.
    order: Vec<u32>,
    /// Of each in the order, earlier ones that ask no more and are worth no less: while one of
    /// them is left, this one need not be tried.
    better: Vec<Vec<u32>>,
    /// What the entries from here on are worth above their price, all of them.
    above: Vec<f64>,
    prices: Surrogate,
    counts: Vec<u32>,
    best: f64,
    best_counts: Vec<u32>,
    left_out: f64,
    nodes: u64,
    node_limit: u64,
}

impl Knapsack {
    /// The best filling worth more than `floor`.
    pub fn solve(&self, floor: f64, prices: &mut Surrogate, node_limit: u64) -> Filling {
        self.price(prices);
        let worth = |e: &Entry| e.value - dot(prices, &e.request);
        let is_needed = |i: u32| self.needs.iter().any(|(_, b)| *b == i);
        let mut order: Vec<u32> = (0..self.items.len() as u32)
            .filter(|i| self.items[*i as usize].most > 0)
            .filter(|i| self.items[*i as usize].value > 0.0 || is_needed(*i))
            .collect();
        let ratio = |i: &u32| {
            let e = &self.items[*i as usize];
            e.value / dot(prices, &e.request).max(1e-300)
        };
        order.sort_by(|a, b| ratio(b).total_cmp(&ratio(a)).then(a.cmp(b)));
        let mut above = vec![0.0; order.len() + 1];
        for k in (0..order.len()).rev() {
            let e = &self.items[order[k] as usize];
            let most = self.most_of(e, &self.capacity);
            above[k] = above[k + 1] + worth(e).max(0.0) * f64::from(most);
        }
        let better = self.better(&order);
        let mut dive = Dive {
            sack: self,
            order,
            better,
            above,
            prices: *prices,
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
            value: if dive.best_counts.is_empty() { 0.0 } else { dive.best },
            most: dive.best.max(dive.left_out),
            nodes: dive.nodes,
        }
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
        let by = (0..RESOURCES).filter(|r| entry.request[*r] > 0);
        by.map(|r| room[r] / entry.request[r]).fold(entry.most, u32::min)
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
            let bound = value + dot(&self.prices, &room) + self.above[k];
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

    fn clashes(&self, i: u32) -> bool {
        self.sack.conflicts.iter().any(|(a, b)| {
            (*a == i && self.counts[*b as usize] > 0) || (*b == i && self.counts[*a as usize] > 0)
        })
    }

    /// A whole filling, if nothing in it lacks what it needs.
    fn offer(&mut self, value: f64) {
        let lacks = |(a, b): &(u32, u32)| {
            self.counts[*a as usize] > 0 && self.counts[*b as usize] == 0
        };
        if value > self.best && !self.sack.needs.iter().any(lacks) {
            self.best = value;
            self.best_counts.clone_from(&self.counts);
        }
    }
}
