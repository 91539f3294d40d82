//! All items in a given number of bins: simulated annealing over moves and swaps (Kirkpatrick,
//! Gelatt and Vecchi 1983), in which bins may be too full at the square of what is too much. What
//! it returns keeps every capacity by exact numbers.

use super::instance::Bin;
use super::problem::Problem;
use crate::effort::Effort;
use crate::random::Random;

/// Larger capacities are scaled down to this, sizes rounded up: loads are then exact in an `f32`.
const MOST: i64 = 1 << 14;
/// Moves between two looks at the clock.
const LOOK: u64 = 1 << 12;
/// Temperature at the start, in mean squares of a relative size, and how often it halves.
const WARM: f32 = 0.05;
const HALVINGS: f32 = 8.0;

/// How much is tried.
#[derive(Clone, Copy)]
pub struct Tries {
    pub moves: u64,
    pub seed: u64,
}

/// The items of `demand` in no more than `count` bins, from bins that may be more; none where the
/// search ends before it has found any.
pub fn anneal(
    problem: &Problem,
    demand: &[u32],
    first: &[Bin],
    count: usize,
    tries: Tries,
    effort: &Effort<'_>,
) -> Option<Vec<Bin>> {
    let start = Start { problem, demand, first, count };
    match problem.dims() {
        0..=4 => State::<4>::new(&start).run(&start, tries, effort),
        5..=8 => State::<8>::new(&start).run(&start, tries, effort),
        9..=12 => State::<12>::new(&start).run(&start, tries, effort),
        13..=16 => State::<16>::new(&start).run(&start, tries, effort),
        _ => State::<32>::new(&start).run(&start, tries, effort),
    }
}

struct Start<'a> {
    problem: &'a Problem,
    demand: &'a [u32],
    first: &'a [Bin],
    count: usize,
}

type Row<const D: usize> = [f32; D];

struct State<const D: usize> {
    kind: Vec<u32>,
    size: Vec<Row<D>>,
    capacity: Row<D>,
    /// One over the capacity.
    weight: Row<D>,
    load: Vec<Row<D>>,
    /// What is too much in each bin, squared.
    cost: Vec<f32>,
    bin: Vec<u32>,
    items: Vec<Vec<u32>>,
    /// Place of each item in its bin's list.
    place: Vec<u32>,
    /// Bins with a cost, and where each is in this list.
    over: Vec<u32>,
    over_place: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

fn plus<const D: usize>(a: &Row<D>, b: &Row<D>) -> Row<D> {
    std::array::from_fn(|d| a[d] + b[d])
}

fn minus<const D: usize>(a: &Row<D>, b: &Row<D>) -> Row<D> {
    std::array::from_fn(|d| a[d] - b[d])
}

impl<const D: usize> State<D> {
    fn new(start: &Start<'_>) -> State<D> {
        let problem = start.problem;
        let dims = problem.dims();
        let scaled = |amount: i64, capacity: i64| {
            let wide = i128::from(amount) * i128::from(MOST);
            let up = wide.div_euclid(i128::from(capacity.max(1)));
            (up + i128::from(up * i128::from(capacity.max(1)) < wide)) as f32
        };
        let amount = |amount: i64, d: usize| match problem.capacity[d] {
            capacity if capacity > MOST => scaled(amount, capacity),
            _ => amount as f32,
        };
        let row = |size: &[i64]| -> Row<D> {
            std::array::from_fn(|d| if d < dims { amount(size[d], d) } else { 0.0 })
        };
        let capacity = row(&problem.capacity);
        let mut state = State {
            kind: Vec::new(),
            size: Vec::new(),
            weight: capacity.map(|c| 1.0 / c.max(1.0)),
            capacity,
            load: vec![[0.0; D]; start.count],
            cost: vec![0.0; start.count],
            bin: Vec::new(),
            items: vec![Vec::new(); start.count],
            place: Vec::new(),
            over: Vec::new(),
            over_place: vec![NOWHERE; start.count],
        };
        let mut bins: Vec<&Bin> = start.first.iter().collect();
        let volume = |bin: &Bin| -> f64 {
            let of = |(k, n): &(u32, u32)| {
                problem.share[*k as usize].iter().sum::<f64>() * f64::from(*n)
            };
            bin.iter().map(of).sum()
        };
        bins.sort_by(|a, b| volume(b).total_cmp(&volume(a)));
        let mut left = start.demand.to_vec();
        for (b, bin) in bins.into_iter().enumerate() {
            for &(k, n) in bin {
                let n = n.min(left[k as usize]);
                left[k as usize] -= n;
                for _ in 0..n {
                    state.enter(k, row(&problem.size[k as usize]), b);
                }
            }
        }
        for (k, n) in left.into_iter().enumerate() {
            for _ in 0..n {
                state.enter(k as u32, row(&problem.size[k]), start.count);
            }
        }
        state
    }

    /// Takes an item in, into bin `b` or where it costs least.
    fn enter(&mut self, kind: u32, size: Row<D>, b: usize) {
        let item = self.size.len();
        self.kind.push(kind);
        self.size.push(size);
        self.bin.push(0);
        self.place.push(0);
        let dear = |b: &usize| self.too_much(&plus(&self.load[*b], &size)) - self.cost[*b];
        let b = if b < self.load.len() {
            b
        } else {
            (0..self.load.len()).min_by(|a, b| dear(a).total_cmp(&dear(b))).unwrap_or(0)
        };
        self.put(item, b, plus(&self.load[b], &size));
    }

    fn too_much(&self, load: &Row<D>) -> f32 {
        let over: Row<D> =
            std::array::from_fn(|d| (load[d] - self.capacity[d]).max(0.0) * self.weight[d]);
        let squares: Row<D> = std::array::from_fn(|d| over[d] * over[d]);
        squares.iter().sum()
    }

    fn put(&mut self, item: usize, b: usize, load: Row<D>) {
        self.bin[item] = b as u32;
        self.place[item] = self.items[b].len() as u32;
        self.items[b].push(item as u32);
        self.set_load(b, load);
    }

    fn pull(&mut self, item: usize) {
        let b = self.bin[item] as usize;
        let at = self.place[item] as usize;
        self.items[b].swap_remove(at);
        if let Some(moved) = self.items[b].get(at) {
            self.place[*moved as usize] = at as u32;
        }
    }

    fn set_load(&mut self, b: usize, load: Row<D>) {
        self.load[b] = load;
        let cost = self.too_much(&load);
        self.cost[b] = cost;
        let at = self.over_place[b];
        if cost > 0.0 && at == NOWHERE {
            self.over_place[b] = self.over.len() as u32;
            self.over.push(b as u32);
        } else if cost <= 0.0 && at != NOWHERE {
            self.over.swap_remove(at as usize);
            if let Some(moved) = self.over.get(at as usize) {
                self.over_place[*moved as usize] = at;
            }
            self.over_place[b] = NOWHERE;
        }
    }

    fn run(mut self, start: &Start<'_>, tries: Tries, effort: &Effort<'_>) -> Option<Vec<Bin>> {
        let count = self.load.len();
        if count == 0 || self.size.is_empty() {
            return self.size.is_empty().then(Vec::new);
        }
        let mut random = Random::new(tries.seed);
        let steps: Vec<f32> = (0..1024).map(|_| random.exponential() as f32).collect();
        let square = |size: &Row<D>| -> f32 {
            size.iter().zip(&self.weight).map(|(s, w)| (s * w) * (s * w)).sum()
        };
        let mean = self.size.iter().map(square).sum::<f32>() / self.size.len() as f32;
        let rounds = (tries.moves / LOOK).max(1);
        for round in 0..rounds {
            if effort.is_over() || self.over.is_empty() {
                break;
            }
            let halvings = HALVINGS * round as f32 / rounds as f32;
            let cooling = (1.0 - 0.5 * halvings.fract()) / (1u32 << halvings as u32) as f32;
            self.moves(WARM * mean * cooling, &steps, &mut random);
        }
        self.over.is_empty().then(|| self.bins(start)).flatten()
    }

    fn moves(&mut self, temperature: f32, steps: &[f32], random: &mut Random) {
        for _ in 0..LOOK {
            if self.over.is_empty() {
                return;
            }
            let bits = random.next();
            let item = if bits & 1 == 0 {
                let b = self.over[random.below(self.over.len())] as usize;
                self.items[b][random.below(self.items[b].len())] as usize
            } else {
                random.below(self.size.len())
            };
            let allowed = temperature * steps[(bits >> 8) as usize % steps.len()];
            if bits & 6 == 0 {
                self.relocate(item, random.below(self.load.len()), allowed);
            } else {
                self.swap(item, random.below(self.size.len()), allowed);
            }
        }
    }

    fn relocate(&mut self, item: usize, to: usize, allowed: f32) {
        let from = self.bin[item] as usize;
        if from == to {
            return;
        }
        let size = self.size[item];
        let (one, two) = (minus(&self.load[from], &size), plus(&self.load[to], &size));
        let now = self.too_much(&one) + self.too_much(&two);
        if now - self.cost[from] - self.cost[to] <= allowed {
            self.pull(item);
            self.set_load(from, one);
            self.put(item, to, two);
        }
    }

    fn swap(&mut self, one: usize, two: usize, allowed: f32) {
        let (a, b) = (self.bin[one] as usize, self.bin[two] as usize);
        if a == b {
            return;
        }
        let change = minus(&self.size[two], &self.size[one]);
        let (load_a, load_b) = (plus(&self.load[a], &change), minus(&self.load[b], &change));
        let now = self.too_much(&load_a) + self.too_much(&load_b);
        if now - self.cost[a] - self.cost[b] <= allowed {
            self.items[a][self.place[one] as usize] = two as u32;
            self.items[b][self.place[two] as usize] = one as u32;
            self.place.swap(one, two);
            self.bin.swap(one, two);
            self.set_load(a, load_a);
            self.set_load(b, load_b);
        }
    }

    /// The bins, when they keep their capacities by exact numbers.
    fn bins(&self, start: &Start<'_>) -> Option<Vec<Bin>> {
        let mut bins = Vec::with_capacity(self.items.len());
        for items in self.items.iter().filter(|items| !items.is_empty()) {
            let bin =
                super::fit::merged(items.iter().map(|i| (self.kind[*i as usize], 1)).collect());
            if !start.problem.holds(&bin) {
                return None;
            }
            bins.push(bin);
        }
        Some(bins)
    }
}
