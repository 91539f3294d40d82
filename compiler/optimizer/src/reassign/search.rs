//! One simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) over shifts and swaps. A move
//! that adds to the cost is made where it adds less than the temperature times an exponential
//! number; the temperature falls geometrically.
//!
//! 1. A process away from where it began holds room there, and moves that do not fit are what
//!    stops a search. So a hot process is reluctant to leave: leaving costs it some temperatures,
//!    the more the more it would hold. As the temperature falls that becomes nothing.
//! 2. A soft search may exceed capacity at a price, which first rises steadily, then so that the
//!    search goes to and fro over the border of what is allowed (Gendreau, Hertz and Laporte 1994).

use super::anneal::Effort;
use super::state::{Shift, State};
use super::tables::Tables;
use crate::random::Random;

#[derive(Clone, Copy)]
pub struct Plan {
    /// Logarithm of the first temperature, in those of the instance.
    pub heat: f64,
    /// Temperatures that leaving costs a process which holds nothing.
    pub reluctance: f64,
    /// Part of the search in which capacity may be exceeded.
    pub soft: f64,
}

impl Plan {
    /// Of the temperature at a part of the search, in those of the instance.
    fn logarithm(&self, progress: f64) -> f64 {
        if progress < self.soft {
            return self.heat - SOFT_FALL * progress / self.soft;
        }
        let begin = if self.soft > 0.0 { self.heat - SOFT_FALL } else { self.heat };
        begin - (begin + FALL) * (progress - self.soft) / (1.0 - self.soft)
    }
}

pub struct Job<'a> {
    pub plan: Plan,
    /// Where the search begins: an assignment that keeps the rules.
    pub from: &'a [u32],
    pub seed: u64,
    /// Of the effort, from and until when.
    pub part: (f64, f64),
}

/// The best assignment of a search that keeps the rules.
pub struct Reached {
    pub at: Vec<u32>,
    pub cost: i64,
    pub tried: u64,
}

/// Moves between looks at the clock.
const BATCH: u64 = 2048;
/// Logarithm of how far the temperature falls below that of the instance.
const FALL: f64 = 14.0;
/// The same while capacity may be exceeded.
const SOFT_FALL: f64 = 3.2;
/// Part of that in which the price of excess rises steadily; its logarithms from and until then.
const STEADY: f64 = 0.9;
const PRICES: (f64, f64) = (1.1, 6.9);
/// How much it rises or falls with a batch from then on.
const PRESSURE: f64 = 1.03;
const HIGHEST_PRICE: f64 = 1e9;
/// Shares of moves, of 256: shifts to where the process began, other shifts, swaps within a
/// service; the rest are other swaps.
const HOME: u64 = 26;
const SHIFTS: u64 = 64;
const WITHIN: u64 = 13;

pub fn search(tables: &Tables, job: &Job, effort: &Effort) -> Reached {
    let state = State::new(tables, job.from);
    let best = Reached { at: job.from.to_vec(), cost: state.cost, tried: 0 };
    let mut walk = Walk {
        state,
        random: Random::new(job.seed),
        reluctance: job.plan.reluctance,
        temperature: 0.0,
        price: None,
        best,
    };
    let (from, until) = job.part;
    let soft = job.plan.soft;
    loop {
        let part = effort.part(from, walk.best.tried);
        if part >= until {
            return walk.best;
        }
        let progress = ((part - from) / (until - from)).max(0.0);
        walk.temperature = tables.heat * exponential(job.plan.logarithm(progress));
        if progress < soft {
            walk.set_price(progress / soft);
        } else if walk.price.is_some() {
            walk.price = None;
            walk.keep_capacity();
        }
        walk.batch();
    }
}

/// The exponential function to about one part in a hundred, by basic arithmetic only.
fn exponential(x: f64) -> f64 {
    let mut power = 1.0 + x / 4096.0;
    for _ in 0..12 {
        power *= power;
    }
    power
}

struct Walk<'a> {
    state: State<'a>,
    random: Random,
    reluctance: f64,
    temperature: f64,
    /// Of a unit of what exceeds capacity, where it may be exceeded.
    price: Option<f64>,
    best: Reached,
}

impl Walk<'_> {
    fn batch(&mut self) {
        for _ in 0..BATCH {
            self.step();
        }
        self.best.tried += BATCH;
        if self.state.excess == 0 && self.state.cost < self.best.cost {
            self.best.cost = self.state.cost;
            self.best.at.clone_from(&self.state.at);
        }
    }

    /// Of what exceeds capacity, in a part of the soft search: it rises steadily, then with every
    /// batch that ends with something in excess, and falls with others.
    fn set_price(&mut self, part: f64) {
        let price = match self.price {
            Some(price) if part >= STEADY && self.state.excess > 0 => price * PRESSURE,
            Some(price) if part >= STEADY => price / PRESSURE,
            _ => exponential(PRICES.0 + (PRICES.1 - PRICES.0) * part / STEADY),
        };
        self.price = Some(price.clamp(1.0, HIGHEST_PRICE));
    }

    /// From the best where capacity is exceeded.
    fn keep_capacity(&mut self) {
        if self.state.excess > 0 {
            self.state = State::new(self.state.tables, &self.best.at);
        }
    }

    /// Tries one move.
    fn step(&mut self) {
        let tables = self.state.tables;
        let p = self.random.below(self.state.at.len());
        let kind = self.random.next() >> 56;
        if kind < HOME {
            self.try_shift(Shift { process: p, to: tables.initial[p] as usize });
        } else if kind < HOME + SHIFTS {
            let to = self.random.below(tables.machines);
            self.try_shift(Shift { process: p, to });
        } else if kind < HOME + SHIFTS + WITHIN {
            let members = &tables.members[tables.processes[p].service as usize];
            let q = members[self.random.below(members.len())];
            self.try_swap(p, q as usize);
        } else {
            let q = self.random.below(self.state.at.len());
            self.try_swap(p, q);
        }
    }

    fn try_shift(&mut self, shift: Shift) {
        let Shift { process: p, to } = shift;
        let state = &self.state;
        let m = state.at[p] as usize;
        if m == to {
            return;
        }
        let change = state.shift_change(shift);
        let held = state.tables.hold[p] * f64::from(state.moved_by(p, to));
        let spare = self.spare(change, held);
        let state = &self.state;
        let fits = match self.price {
            None => spare >= 0.0 && state.fits(p, to),
            Some(price) => {
                (spare >= 0.0 || state.is_exceeded(m))
                    && price * state.shift_excess(shift) as f64 <= spare
            }
        };
        if fits && state.shift_keeps_services(shift) {
            self.state.shift(shift, change);
        }
    }

    fn try_swap(&mut self, p: usize, q: usize) {
        let state = &self.state;
        let (m, n) = (state.at[p] as usize, state.at[q] as usize);
        if m == n {
            return;
        }
        let change = state.swap_change(p, q);
        let hold = &state.tables.hold;
        let held =
            hold[p] * f64::from(state.moved_by(p, n)) + hold[q] * f64::from(state.moved_by(q, m));
        let spare = self.spare(change, held);
        let state = &self.state;
        let fits = match self.price {
            None => spare >= 0.0 && state.fits_for(p, q, n) && state.fits_for(q, p, m),
            Some(price) => {
                (spare >= 0.0 || state.is_exceeded(m) || state.is_exceeded(n))
                    && price * state.swap_excess(p, q) as f64 <= spare
            }
        };
        if fits && state.swap_keeps_services(p, q) {
            self.state.swap(p, q, change);
        }
    }

    /// What is left of what a move may add to the cost; less than 0 where it adds too much.
    fn spare(&mut self, change: i64, held: f64) -> f64 {
        let most = self.random.exponential() - self.reluctance * held;
        self.temperature * most - change as f64
    }
}
