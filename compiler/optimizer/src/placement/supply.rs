//! The supply side of the relaxation: what the machines of a market hold, when each item has a
//! value.

use super::cover::Costs;
use super::knapsack::{Entry, Knapsack};
use super::lagrange::Surrogate;
use super::market::Markets;
use super::tables::Tables;

/// A way to fill one machine of a market.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    pub good: u32,
    /// Places in the market's list of items, and pods; ascending.
    pub pods: Vec<(u32, u32)>,
    /// Drawn by the pods.
    pub watts: f64,
}

impl Filled {
    /// At prices by place in the market's list of items.
    pub fn worth(&self, prices: &[f64]) -> f64 {
        self.pods.iter().map(|(i, n)| prices[*i as usize] * f64::from(*n)).sum()
    }

    /// Whether it is one pod alone.
    pub fn is_single(&self) -> bool {
        matches!(self.pods[..], [(_, 1)])
    }
}

/// What a node of a knapsack counts as.
const ENTRIES_PER_NODE: u64 = 64;

/// Part of its cost that a machine's worth is told apart from.
const NEAR: f64 = 0.9;
/// Prices are not made more than so much higher at once.
const LEAST_WORTH: f64 = 0.8;

pub struct Supply<'t> {
    tables: &'t Tables,
    markets: &'t Markets,
    /// Of each good of each market.
    surrogates: Vec<Vec<Surrogate>>,
    /// Entries looked at since someone asked.
    work: u64,
}

impl<'t> Supply<'t> {
    pub fn new(tables: &'t Tables, markets: &'t Markets) -> Self {
        let surrogates = markets.markets.iter().map(|m| vec![[0.0; 4]; m.goods.len()]).collect();
        Supply { tables, markets, surrogates, work: 0 }
    }

    /// Entries looked at since the last time.
    pub fn take_work(&mut self) -> u64 {
        std::mem::take(&mut self.work)
    }

    pub fn items(&self, market: u32) -> u32 {
        self.markets.markets[market as usize].items.len() as u32
    }

    pub fn goods_holding(&self, market: u32, item: u32) -> Vec<u32> {
        let goods = self.markets.markets[market as usize].goods.iter().enumerate();
        goods.filter(|(_, g)| g.holds.contains(&item)).map(|(g, _)| g as u32).collect()
    }

    /// A machine that holds one pod.
    pub fn alone(&self, market: u32, good: u32, item: u32) -> Filled {
        self.filled(market, good, vec![(item, 1)])
    }

    /// Of each good, a machine worth more than `1 + tolerance` of its cost, where one is found; and
    /// how many times its cost any machine is worth at most, or 1. `values` are by place in the
    /// market's list of items.
    pub fn price(
        &mut self,
        market: u32,
        values: &[f64],
        costs: &Costs,
        tolerance: f64,
        node_limit: u64,
    ) -> (Vec<Filled>, f64) {
        self.search(market, values, costs, node_limit, 1.0, |_| 1.0 + tolerance)
    }

    /// How many times its cost the worthiest machine is worth, but for what a search leaves out,
    /// and at least [`LEAST_WORTH`]; and the machines that were found on the way.
    pub fn worthiest(
        &mut self,
        market: u32,
        values: &[f64],
        costs: &Costs,
        node_limit: u64,
    ) -> (Vec<Filled>, f64) {
        self.search(market, values, costs, node_limit, LEAST_WORTH, |most| most)
    }

    /// Of each good a machine worth more than `floor` times its cost, where one is found, and how
    /// many times its cost any machine is worth at most, at `least` so many; `floor` is told what
    /// that was before.
    fn search(
        &mut self,
        market: u32,
        values: &[f64],
        costs: &Costs,
        node_limit: u64,
        least: f64,
        floor: impl Fn(f64) -> f64,
    ) -> (Vec<Filled>, f64) {
        let mut made = Vec::new();
        let mut most = least;
        for (good, cost) in costs.goods.iter().enumerate() {
            let sack = self.knapsack(market, good as u32, values, costs.per_watt);
            let surrogate = &mut self.surrogates[market as usize][good];
            let found = sack.solve(cost * floor(most), surrogate, node_limit);
            self.work += found.nodes * ENTRIES_PER_NODE;
            most = most.max(found.most / cost);
            if !found.counts.is_empty() {
                let counts = found.counts.iter();
                let pods = counts.map(|(i, n)| (sack.items[*i as usize].item, *n)).collect();
                made.push(self.filled(market, good as u32, pods));
            }
        }
        (made, most)
    }

    /// No filling of a machine of a good is worth more at these values. How much less than
    /// [`NEAR`] of its cost it is worth need not be known to the last, nor, where a search is cut
    /// off, how much less than it costs.
    pub fn most(
        &mut self,
        market: u32,
        good: u32,
        values: &[f64],
        costs: &Costs,
        node_limit: u64,
    ) -> f64 {
        let sack = self.knapsack(market, good, values, costs.per_watt);
        let surrogate = &mut self.surrogates[market as usize][good as usize];
        let cost = costs.goods[good as usize];
        let near = sack.solve(NEAR * cost, surrogate, node_limit);
        self.work += near.nodes * ENTRIES_PER_NODE;
        if near.is_sure {
            return near.most;
        }
        let floored = sack.solve(cost, surrogate, node_limit);
        self.work += floored.nodes * ENTRIES_PER_NODE;
        near.most.min(floored.most.max(cost))
    }

    fn filled(&self, market: u32, good: u32, mut pods: Vec<(u32, u32)>) -> Filled {
        let of = &self.markets.markets[market as usize];
        let offer = &self.tables.offers[of.goods[good as usize].offer as usize];
        pods.sort_unstable();
        let mut busy = [0.0; 2];
        for (i, n) in &pods {
            let item = &self.markets.items[of.items[*i as usize] as usize];
            (0..2).for_each(|k| busy[k] += item.busy[k] * f64::from(*n));
        }
        Filled { good, pods, watts: offer.watts(busy) }
    }

    fn knapsack(&self, market: u32, good: u32, values: &[f64], per_watt: f64) -> Knapsack {
        let of = &self.markets.markets[market as usize];
        let good = &of.goods[good as usize];
        let offer = &self.tables.offers[good.offer as usize];
        let mut sack = Knapsack { capacity: offer.capacity, ..Knapsack::default() };
        for &i in &good.holds {
            let item = &self.markets.items[of.items[i as usize] as usize];
            let value = values[i as usize] - offer.watts(item.busy) * per_watt;
            if value > 0.0 || !item.needs.is_empty() || self.is_needed(of.items[i as usize]) {
                let (request, most, class) = (item.request, item.per_node, item.class);
                sack.items.push(Entry { item: i, request, value, most, class });
            }
        }
        let place = |item: u32| {
            let at = sack.items.iter().position(|e| of.items[e.item as usize] == item)?;
            Some(at as u32)
        };
        for (a, entry) in sack.items.iter().enumerate() {
            let item = &self.markets.items[of.items[entry.item as usize] as usize];
            for other in &item.conflicts {
                sack.conflicts.extend(place(*other).map(|b| (a as u32, b)));
            }
            for other in &item.needs {
                sack.needs.extend(place(*other).map(|b| (a as u32, b)));
            }
        }
        sack
    }

    fn is_needed(&self, item: u32) -> bool {
        self.markets.is_needed[item as usize]
    }
}
