//! The most valuable set of items that one machine holds: a bounded multiple-choice knapsack in
//! four resources, by branch and bound in breadth.
//!
//! 1. Each resource gets a price: the least Lagrangian bound. A floor that it does not pass ends
//!    the search.
//! 2. Two things bound what the classes from each one on can add to a room: these prices, and, for
//!    each resource that is short, dynamic programming over its cells with the others at their
//!    prices.
//! 3. Class after class, the one worth most for its priced resources first, each filling so far
//!    goes on with none of it, or with some of one of its entries. As many go on as a limit allows,
//!    those of the greatest bounds.
//!
//! The bounds of what was left out stand for it, so that the value given as most is not too small.
//! In breadth the first decisions are compared with each other. In depth (tried before), a search
//! that was cut off had only one of each, and neither its filling nor its bound was good.

use super::bound::SAFETY;
use super::instance::{Amounts, RESOURCES};
use super::lagrange::{Lagrange, Surrogate};
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
    /// No machine has entries of the same class.
    pub class: u32,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    /// Entry and count; its value is above the floor. Empty: nothing is.
    pub counts: Vec<(u32, u32)>,
    /// No filling is worth more than this; the floor, where nothing above it was found.
    pub most: f64,
    /// Whether nothing was cut off: a filling found is the best.
    pub is_sure: bool,
    pub nodes: u64,
}

/// Fillings that are followed at least.
const LEAST_WIDTH: usize = 8;

/// Cells of a dynamic programme: where amounts finer than a cell are rounded down, which relaxes,
/// and where a cell is what all amounts are multiples of.
const MOST_CELLS: [u32; 2] = [500, 1300];

/// A resource with less of a machine's worth than this is left to its price.
const SHORT: f64 = 0.02;

/// A filling as far as it is decided.
#[derive(Clone, Copy)]
struct Partial {
    room: Amounts,
    value: f64,
    /// No way to go on is worth more in all.
    bound: f64,
    /// The last of the entries taken, as a place in a list of them.
    taken: u32,
    /// Of the first entries tried, those of which one more could have been taken.
    spare: u128,
}

/// One entry taken, its count, and the one taken before it.
struct Taken {
    entry: u32,
    count: u32,
    before: u32,
}

const NOTHING: u32 = u32::MAX;

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
    fn all(sack: &Knapsack, stages: &[Vec<u32>], prices: &Surrogate) -> Vec<Ahead> {
        let worth = |r: usize| prices[r] * f64::from(sack.capacity[r]);
        let total: f64 = (0..RESOURCES).map(worth).sum();
        let asked =
            |r: usize| stages.iter().flatten().map(move |i| sack.items[*i as usize].request[r]);
        let cell = |r: usize| asked(r).fold(0, gcd).max(1);
        let is_short = |r: &usize| worth(*r) > SHORT * total;
        let short = (0..RESOURCES).filter(is_short);
        let mut all = vec![Ahead::new(sack, stages, *prices, 0, u32::MAX)];
        all.extend(short.map(|r| {
            let mut others = *prices;
            others[r] = 0.0;
            let exact = cell(r);
            let is_exact = sack.capacity[r] / exact < MOST_CELLS[1];
            let cell = if is_exact { exact } else { sack.capacity[r].div_ceil(MOST_CELLS[0]) };
            Ahead::new(sack, stages, others, r, cell)
        }));
        all
    }

    fn new(
        sack: &Knapsack,
        stages: &[Vec<u32>],
        prices: Surrogate,
        limited: usize,
        cell: u32,
    ) -> Ahead {
        let cells = (sack.capacity[limited] / cell) as usize + 1;
        let mut most = vec![0.0; (stages.len() + 1) * cells];
        let mut with = vec![0.0; cells];
        for (k, stage) in stages.iter().enumerate().rev() {
            let (own, later) = most[k * cells..(k + 2) * cells].split_at_mut(cells);
            own.copy_from_slice(later);
            for i in stage {
                let entry = &sack.items[*i as usize];
                let value = entry.value - dot(&prices, &entry.request);
                if value <= 0.0 {
                    continue;
                }
                let width = (entry.request[limited] / cell) as usize;
                with.copy_from_slice(later);
                take_up_to(&mut with, sack.most_of(entry, &sack.capacity), width, value);
                own.iter_mut().zip(&with).for_each(|(own, with)| *own = own.max(*with));
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
        let lagrange = Lagrange::new(&self.items, &self.capacity, floor);
        let mut most = lagrange.bound(prices);
        if most > floor {
            lagrange.price(prices);
            most = most.min(lagrange.bound(prices));
        }
        if most <= floor {
            // Rounding may have left the bound below a filling that reaches it.
            let most = (most + SAFETY * most.abs()).min(floor);
            return Filling { most, is_sure: true, ..Filling::default() };
        }
        self.search(&self.stages(prices), prices, floor, node_limit)
    }

    /// Entries that are tried, by class, in the order they are tried.
    fn stages(&self, prices: &Surrogate) -> Vec<Vec<u32>> {
        let is_needed = |i: u32| self.needs.iter().any(|(_, b)| *b == i);
        let mut order: Vec<u32> = (0..self.items.len() as u32)
            .filter(|i| self.items[*i as usize].most > 0)
            .filter(|i| self.items[*i as usize].value > 0.0 || is_needed(*i))
            .collect();
        let class = |i: u32| self.items[i as usize].class;
        order.sort_by_key(|i| (class(*i), *i));
        let ratio = |i: &u32| {
            let e = &self.items[*i as usize];
            e.value / dot(prices, &e.request).max(1e-300)
        };
        let of_class = order.chunk_by(|a, b| class(*a) == class(*b));
        let mut stages: Vec<(f64, Vec<u32>)> =
            of_class.map(|own| (own.iter().map(ratio).fold(0.0, f64::max), own.to_vec())).collect();
        stages.sort_by(|a, b| b.0.total_cmp(&a.0));
        // What is needed comes before what needs it.
        let mut ordered: Vec<Vec<u32>> = Vec::new();
        for (_, stage) in &stages {
            let needed = self.needs.iter().filter(|(a, _)| stage.contains(a)).map(|(_, b)| b);
            let of_needed = |b: &u32| stages.iter().map(|s| &s.1).find(|s| s.contains(b));
            for next in needed.filter_map(of_needed).chain([stage]) {
                if !ordered.contains(next) {
                    ordered.push(next.clone());
                }
            }
        }
        ordered
    }

    /// Class after class, the fillings so far that may be worth most in the end.
    fn search(
        &self,
        stages: &[Vec<u32>],
        prices: &Surrogate,
        floor: f64,
        node_limit: u64,
    ) -> Filling {
        let ahead = Ahead::all(self, stages, prices);
        let bound = |k: usize, room: &Amounts| {
            ahead.iter().map(|a| a.bound(k, room)).fold(f64::INFINITY, f64::min)
        };
        let width = (node_limit as usize / stages.len().max(1)).max(LEAST_WIDTH);
        let (mut nodes, mut left_out) = (0, floor);
        let mut best = (floor, NOTHING);
        let mut taken: Vec<Taken> = Vec::new();
        let room = self.capacity;
        let bound_of_all = bound(0, &room);
        let first = Partial { room, value: 0.0, bound: bound_of_all, taken: NOTHING, spare: 0 };
        let mut now = vec![first];
        let mut next: Vec<Partial> = Vec::new();
        let better = self.better(stages);
        let mut place_of_stage = 0;
        for (k, stage) in stages.iter().enumerate() {
            let bit = |place: usize| 1_u128.checked_shl(place as u32).unwrap_or(0);
            let all = (0..stage.len()).fold(0, |all, i| all | bit(place_of_stage + i));
            for partial in &now {
                nodes += 1;
                let bound_left = partial.value + bound(k + 1, &partial.room);
                let spare = partial.spare | all;
                next.push(Partial { bound: bound_left, spare, ..*partial });
                for (j, &i) in stage.iter().enumerate() {
                    let entry = &self.items[i as usize];
                    let most = self.most_of(entry, &partial.room);
                    let is_worse = partial.spare & better[place_of_stage + j] != 0;
                    if most == 0 || is_worse || self.clashes(i, partial.taken, &taken) {
                        continue;
                    }
                    for count in 1..=most {
                        let room =
                            std::array::from_fn(|r| partial.room[r] - count * entry.request[r]);
                        let value = partial.value + f64::from(count) * entry.value;
                        let bound = value + bound(k + 1, &room);
                        if bound <= best.0 {
                            continue;
                        }
                        let place = taken.len() as u32;
                        taken.push(Taken { entry: i, count, before: partial.taken });
                        let own = if count < entry.most { bit(place_of_stage + j) } else { 0 };
                        let spare = partial.spare | own;
                        next.push(Partial { room, value, bound, taken: place, spare });
                        if value > best.0 {
                            best = (value, place);
                        }
                    }
                }
            }
            place_of_stage += stage.len();
            next.retain(|p| p.bound > best.0);
            if next.len() > width {
                next.select_nth_unstable_by(width, |a, b| {
                    b.bound.total_cmp(&a.bound).then(a.taken.cmp(&b.taken))
                });
                left_out = next.drain(width..).map(|p| p.bound).fold(left_out, f64::max);
            }
            std::mem::swap(&mut now, &mut next);
            next.clear();
        }
        let counts = chain(&taken, best.1).map(|t| (t.entry, t.count));
        let mut counts: Vec<(u32, u32)> = counts.collect();
        counts.sort_unstable();
        Filling { counts, most: best.0.max(left_out), is_sure: left_out <= best.0, nodes }
    }

    /// Of each entry, in the order they are tried, the earlier ones of other classes that ask no
    /// more and are worth no less: while one of them is left, this one need not be tried.
    fn better(&self, stages: &[Vec<u32>]) -> Vec<u128> {
        let mut is_free = vec![true; self.items.len()];
        for (a, b) in self.conflicts.iter().chain(&self.needs) {
            is_free[*a as usize] = false;
            is_free[*b as usize] = false;
        }
        let order: Vec<u32> = stages.iter().flatten().copied().collect();
        let earlier = |k: usize| {
            let own = &self.items[order[k] as usize];
            let is_better = |i: u32| {
                let e = &self.items[i as usize];
                is_free[i as usize]
                    && e.class != own.class
                    && e.value >= own.value
                    && fits(&e.request, &own.request)
            };
            if !is_free[order[k] as usize] {
                return 0;
            }
            let places = (0..k.min(u128::BITS as usize)).filter(|p| is_better(order[*p]));
            places.fold(0, |all, p| all | 1 << p)
        };
        (0..order.len()).map(earlier).collect()
    }

    /// Whether a rule shuts an entry out, as things are.
    fn clashes(&self, i: u32, last: u32, taken: &[Taken]) -> bool {
        let has = |j: u32| chain(taken, last).any(|t| t.entry == j);
        self.needs.iter().any(|(a, b)| *a == i && !has(*b))
            || self.conflicts.iter().any(|(a, b)| (*a == i && has(*b)) || (*b == i && has(*a)))
    }

    fn most_of(&self, entry: &Entry, room: &Amounts) -> u32 {
        times(&entry.request, room, entry.most)
    }
}

fn dot(prices: &Surrogate, request: &Amounts) -> f64 {
    (0..RESOURCES).map(|r| prices[r] * f64::from(request[r])).sum()
}

/// What was taken, the last first.
fn chain(taken: &[Taken], last: u32) -> impl Iterator<Item = &Taken> {
    std::iter::successors(taken.get(last as usize), |t| taken.get(t.before as usize))
}
