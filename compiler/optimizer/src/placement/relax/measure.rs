//! What a machine holds, told by sizes of pods of which it holds no more than its capacity.

use super::super::instance::{Amounts, RESOURCES};
use super::super::market::{Market, Markets};
use super::super::tables::{OfferCost, Tables, times};

/// What a measure is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Resource(usize),
    Watts,
    /// Pods of one item, by place in the market's list.
    Single(usize),
    /// A resource of what only those machines hold that hold one item.
    Only(usize, usize),
    /// Prices at which machines are filled.
    Filled,
}

impl Kind {
    /// Those that hang on one item; of items that the same machines hold, on the first.
    pub fn of_items(market: &Market) -> impl Iterator<Item = Kind> {
        (0..market.items.len()).flat_map(|i| {
            let is_first = !market.held[..i].contains(&market.held[i]);
            let resources = if is_first { 0..RESOURCES } else { 0..0 };
            std::iter::once(Kind::Single(i)).chain(resources.map(move |r| Kind::Only(i, r)))
        })
    }
}

#[derive(Clone)]
pub struct Measure {
    pub kind: Kind,
    pub market: u32,
    /// By place in the market's list of items.
    pub sizes: Vec<f64>,
    /// What a good of the market holds.
    pub capacities: Vec<f64>,
    /// By how much each watt drawn by pods adds to what is held.
    pub per_watt: f64,
}

impl Measure {
    /// Of a market: its resources, and the watts of its pods.
    pub fn always(tables: &Tables, markets: &Markets, m: usize) -> Vec<Measure> {
        let market = &markets.markets[m];
        let items = market.items.iter().map(|i| &markets.items[*i as usize]);
        let offers = market.goods.iter().map(|g| &tables.offers[g.offer as usize]);
        let least =
            |of: &dyn Fn(&OfferCost) -> f64| offers.clone().map(of).fold(f64::INFINITY, f64::min);
        let watts = [least(&|o| o.cpu_watts), least(&|o| o.gpu_watts)];
        let drawn = items.clone().map(|i| i.busy[0] * watts[0] + i.busy[1] * watts[1]).collect();
        let resources = (0..RESOURCES).map(|r| Measure {
            kind: Kind::Resource(r),
            market: m as u32,
            sizes: items.clone().map(|i| f64::from(i.request[r])).collect(),
            capacities: offers.clone().map(|o| f64::from(o.capacity[r])).collect(),
            per_watt: 0.0,
        });
        let watts = Measure {
            kind: Kind::Watts,
            market: m as u32,
            sizes: drawn,
            capacities: vec![0.0; market.goods.len()],
            per_watt: 1.0,
        };
        resources.chain(std::iter::once(watts)).collect()
    }

    /// One that hangs on an item: machines hold only so many of its pods, or pods that only some
    /// machines hold have no more of a resource than these have.
    pub fn of_item(tables: &Tables, markets: &Markets, m: usize, kind: Kind) -> Measure {
        let market = &markets.markets[m];
        let item = |i: usize| &markets.items[market.items[i] as usize];
        let of_goods = |i: usize, of: &dyn Fn(&Amounts) -> u32| {
            let goods = market.goods.iter().enumerate();
            goods
                .map(|(g, good)| {
                    let capacity = &tables.offers[good.offer as usize].capacity;
                    if market.held[i] >> g & 1 == 1 { f64::from(of(capacity)) } else { 0.0 }
                })
                .collect()
        };
        let mut sizes = vec![0.0; market.items.len()];
        let capacities = match kind {
            Kind::Single(i) => {
                sizes[i] = 1.0;
                of_goods(i, &|capacity| times(&item(i).request, capacity, item(i).per_node))
            }
            Kind::Only(i, r) => {
                let only = |j: &usize| market.held[*j] & !market.held[i] == 0;
                let all = (0..sizes.len()).filter(only);
                all.for_each(|j| sizes[j] = f64::from(item(j).request[r]));
                of_goods(i, &|capacity| capacity[r])
            }
            _ => vec![0.0; market.goods.len()],
        };
        Measure { kind, market: m as u32, sizes, capacities, per_watt: 0.0 }
    }

    /// Nothing has a size by it any more; the market has so many items now.
    pub fn shut(&mut self, items: usize) {
        self.kind = Kind::Filled;
        self.sizes = vec![0.0; items];
    }

    /// Whether pods (by place in the market's list) are larger than what is bought of it
    /// (machines by good, then watts) holds, by more than a part `by` and `beside`.
    pub fn is_broken(&self, pods: &[f64], bought: &[f64], by: f64, beside: f64) -> bool {
        let size: f64 = self.sizes.iter().zip(pods).map(|(size, n)| size * n).sum();
        let goods = self.capacities.iter().chain([&self.per_watt]);
        let room: f64 = goods.zip(bought).map(|(c, n)| c * n).sum();
        size > room * (1.0 + by) + beside
    }

    /// Size of pods, given by row of the markets; those elsewhere have none.
    pub fn of(&self, markets: &Markets, pods: &[(u32, u32)]) -> f64 {
        let market = &markets.markets[self.market as usize];
        let rows = market.rows();
        let here = pods.iter().map(|(r, n)| (*r as usize, *n)).filter(|(r, _)| rows.contains(r));
        here.map(|(r, n)| self.sizes[r - rows.start] * f64::from(n)).sum()
    }
}

/// What a watt costs and uses in a market: where its machines differ, the least of each.
pub fn watt(tables: &Tables, market: &Market) -> (f64, Vec<(u32, f64)>) {
    let offers = || market.goods.iter().map(|g| &tables.offers[g.offer as usize]);
    let own = offers().map(|o| o.per_watt).fold(f64::INFINITY, f64::min);
    let budgets = 0..tables.limits.len() as u32;
    let uses = budgets.filter_map(|b| {
        let of = |o: &OfferCost| o.uses_per_watt.iter().find(|u| u.0 == b).map_or(0.0, |u| u.1);
        let least = offers().map(of).fold(f64::INFINITY, f64::min);
        (least > 0.0 && least < f64::INFINITY).then_some((b, least))
    });
    (if own < f64::INFINITY { own } else { 0.0 }, uses.collect())
}
