//! What a knapsack is worth at most when each resource has a price instead of a limit (Lagrange),
//! and the prices at which that is least.
//!
//! The bound is convex in the prices and made of flat pieces. A price is searched for between one
//! that is too low and one that is too high: the next to be tried is where the pieces at the two
//! ends meet, and where the bound there is no higher than they say, it is the least. One resource
//! after another is not enough, since the bound has edges across the axes: the two worthiest are
//! priced together, one inside the other.

use super::instance::{Amounts, RESOURCES};
use super::knapsack::Entry;
use super::tables::times;

/// Prices of the resources: kept from call to call, they begin near the next optimum.
pub type Surrogate = [f64; RESOURCES];

/// A price is bracketed in steps of this factor at first, and searched for to this part at last.
const WIDEST: f64 = 1.05;
const CLOSE: f64 = 1e-4;
/// Prices tried in one search at most: where pieces are very many, close is near enough.
const MOST_TRIES: usize = 40;

/// An entry as the bound sees it.
struct Offered {
    value: f64,
    request: Surrogate,
    /// Most that the empty machine takes.
    most: f64,
    /// Whether the entry before it is of another class.
    is_first: bool,
}

pub struct Lagrange {
    offered: Vec<Offered>,
    capacity: Surrogate,
    /// A bound that is no higher than this needs no better prices.
    floor: f64,
}

/// The bound at prices, and how much room it leaves of each resource: its slope.
struct At {
    bound: f64,
    room: Surrogate,
}

/// One end of what is searched: a price, and the bound and its slopes there.
#[derive(Clone, Copy)]
struct End {
    price: f64,
    bound: f64,
    slope: f64,
    /// Slope by the outer resource.
    beside: f64,
}

impl Lagrange {
    pub fn new(items: &[Entry], capacity: &Amounts, floor: f64) -> Lagrange {
        let mut class = None;
        let offered = items.iter().map(|e| Offered {
            value: e.value,
            request: e.request.map(f64::from),
            most: f64::from(times(&e.request, capacity, e.most)),
            is_first: class.replace(e.class) != Some(e.class),
        });
        Lagrange { offered: offered.collect(), capacity: capacity.map(f64::from), floor }
    }

    /// The bound at `prices`.
    pub fn bound(&self, prices: &Surrogate) -> f64 {
        self.at(prices).bound
    }

    fn at(&self, prices: &Surrogate) -> At {
        let (mut bound, mut room) = (dot(prices, &self.capacity), self.capacity);
        let (mut most, mut of) = (0.0, None);
        for e in &self.offered {
            if e.is_first {
                use_up(&mut bound, &mut room, most, of);
                (most, of) = (0.0, None);
            }
            let above = (e.value - dot(prices, &e.request)) * e.most;
            if above > most {
                (most, of) = (above, Some(e));
            }
        }
        use_up(&mut bound, &mut room, most, of);
        At { bound, room }
    }

    /// Sets the prices to where the bound is least, or no higher than the floor.
    pub fn price(&self, prices: &mut Surrogate) {
        for r in 0..RESOURCES {
            self.balance(r, prices, &mut |prices| {
                let at = self.at(prices);
                (at.bound, at.room[r], 0.0)
            });
        }
        // Of those without a price, the one that is missed most comes first.
        let room = self.at(prices).room;
        let worth = |r: usize| prices[r] * self.capacity[r];
        let missed = |r: usize| -room[r] / self.capacity[r].max(1.0);
        let mut order: [usize; RESOURCES] = std::array::from_fn(|r| r);
        order.sort_by(|a, b| {
            worth(*b).total_cmp(&worth(*a)).then(missed(*b).total_cmp(&missed(*a)))
        });
        let [a, b, ..] = order;
        let least = |prices: &mut Surrogate| {
            let mut at = |prices: &mut Surrogate| {
                let at = self.at(prices);
                (at.bound, at.room[a], at.room[b])
            };
            self.balance(a, prices, &mut at)
        };
        if prices[a] == 0.0 || prices[b] == 0.0 && least(prices).beside >= 0.0 {
            return;
        }
        self.balance(b, prices, &mut |prices| {
            let least = least(prices);
            (least.bound, least.beside, 0.0)
        });
    }

    /// Sets the price of a resource to where the bound is least. `at` gives the bound at prices,
    /// its slope by this price, and the one beside it.
    fn balance(
        &self,
        r: usize,
        prices: &mut Surrogate,
        at: &mut dyn FnMut(&mut Surrogate) -> (f64, f64, f64),
    ) -> End {
        let start = if prices[r] > 0.0 { prices[r] } else { self.dearest(r) };
        let mut try_at = |price: f64, prices: &mut Surrogate| {
            prices[r] = price;
            let (bound, slope, beside) = at(prices);
            End { price, bound, slope, beside }
        };
        if start == 0.0 {
            return try_at(0.0, prices);
        }
        let mut low = try_at(start, prices);
        let mut high = low;
        let mut step = WIDEST;
        while low.slope >= 0.0 && low.price > 0.0 && low.bound > self.floor {
            high = low;
            // After some steps the resource is tried for nothing.
            let next = if step > 2.0 { 0.0 } else { low.price / step };
            low = try_at(next, prices);
            step *= step;
        }
        if low.slope >= 0.0 {
            return low;
        }
        while high.slope < 0.0 && step < f64::INFINITY && high.bound > self.floor {
            low = high;
            high = try_at(high.price * step, prices);
            step *= step;
        }
        for _ in 0..MOST_TRIES {
            let is_close = high.price - low.price <= CLOSE * high.price;
            if high.slope < 0.0 || is_close || low.bound.min(high.bound) <= self.floor {
                break;
            }
            // Where the two pieces meet, and how high.
            let rise = high.slope - low.slope;
            let fall = high.bound - low.bound - low.slope * (high.price - low.price);
            let meet = high.price - fall / rise;
            let least = low.bound + low.slope * (meet - low.price);
            let width = high.price - low.price;
            // Not so close to an end that nothing is gained.
            let meet = meet.clamp(low.price + 0.02 * width, high.price - 0.02 * width);
            let next = try_at(meet, prices);
            let is_least = next.bound <= least + CLOSE * 1e-2 * least.abs();
            *(if next.slope < 0.0 { &mut low } else { &mut high }) = next;
            if is_least {
                break;
            }
        }
        let best = if low.bound < high.bound { low } else { high };
        prices[r] = best.price;
        let part = if low.slope < 0.0 && high.slope > 0.0 {
            high.slope / (high.slope - low.slope)
        } else {
            f64::from(u8::from(low.bound < high.bound))
        };
        End { beside: part * low.beside + (1.0 - part) * high.beside, ..best }
    }

    /// A price of a resource at which nothing is worth it.
    fn dearest(&self, r: usize) -> f64 {
        let asked = self.offered.iter().filter(|e| e.request[r] > 0.0);
        asked.map(|e| e.value / e.request[r]).fold(0.0, f64::max)
    }
}

/// Takes the best entry of a class into the bound.
fn use_up(bound: &mut f64, room: &mut Surrogate, above: f64, of: Option<&Offered>) {
    if let Some(e) = of {
        *bound += above;
        (0..RESOURCES).for_each(|r| room[r] -= e.most * e.request[r]);
    }
}

fn dot(prices: &Surrogate, request: &Surrogate) -> f64 {
    (0..RESOURCES).map(|r| prices[r] * request[r]).sum()
}
