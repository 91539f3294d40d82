//! The supply side of the relaxation: in each market, the machine whose pods are worth most above
//! its cost, when each item has a price. A price vector is *covered* when no machine is worth more
//! than it costs; scaled down per market it always is, and then it proves a bound.

use super::instance::Machines;
use super::knapsack::{Entry, Knapsack, Surrogate};
use super::market::Markets;
use super::state::Prices;
use super::tables::Tables;

/// A way to fill one machine: a column of the master.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub market: u32,
    pub good: u32,
    /// Rows and pods, ascending.
    pub pods: Vec<(u32, u32)>,
    /// Objective, US dollars per hour.
    pub cost: f64,
    /// Watts drawn by the pods.
    pub watts: f64,
}

/// What pricing one market found.
#[derive(Clone, Debug, Default)]
pub struct Priced {
    /// Machines worth more than they cost.
    pub patterns: Vec<Pattern>,
    /// By what the market's prices are to be multiplied to be covered; at most 1.
    pub scale: f64,
    pub nodes: u64,
    /// Searches that were cut off.
    pub cut: u32,
}

pub struct Supply<'t, 'i> {
    tables: &'t Tables<'i>,
    markets: &'t Markets,
    /// Of each good of each market.
    surrogates: Vec<Vec<Surrogate>>,
}

impl<'t, 'i> Supply<'t, 'i> {
    pub fn new(tables: &'t Tables<'i>, markets: &'t Markets) -> Self {
        let surrogates = markets.markets.iter().map(|m| vec![[0.0; 4]; m.goods.len()]).collect();
        Supply { tables, markets, surrogates }
    }

    /// Prices every machine of a market. What is worth no more than `tolerance` above its cost is
    /// not looked for: the scale stands for it. `extra` is what a machine of each good costs
    /// besides.
    pub fn price(
        &mut self,
        market: u32,
        rows: &[f64],
        prices: &Prices,
        extra: &dyn Fn(u32, u32) -> f64,
        tolerance: f64,
        node_limit: u64,
    ) -> Priced {
        let mut made = Priced { scale: 1.0, ..Priced::default() };
        let goods = self.markets.markets[market as usize].goods.len() as u32;
        for good in 0..goods {
            let offer = self.markets.markets[market as usize].goods[good as usize].offer;
            let cost = prices.fixed[offer as usize] + extra(market, good);
            let sack = self.knapsack(market, good, rows, prices);
            let surrogate = &mut self.surrogates[market as usize][good as usize];
            let found = sack.solve(cost * (1.0 + tolerance), surrogate, node_limit);
            made.nodes += found.nodes;
            made.cut += u32::from(found.nodes >= node_limit);
            if found.most > cost {
                made.scale = made.scale.min(cost / found.most);
            }
            if !found.counts.is_empty() {
                let counts = found.counts.iter();
                let pods = counts.map(|(i, n)| (sack.items[*i as usize].item, *n)).collect();
                made.patterns.push(self.pattern(market, good, pods));
            }
        }
        made
    }

    /// A column from places in the market's list of items.
    pub fn pattern(&self, market: u32, good: u32, mut pods: Vec<(u32, u32)>) -> Pattern {
        let of = &self.markets.markets[market as usize];
        let offer = &self.tables.offers[of.goods[good as usize].offer as usize];
        pods.sort_unstable();
        let mut busy = [0.0; 2];
        for (i, n) in &mut pods {
            let item = &self.markets.items[of.items[*i as usize] as usize];
            (0..2).for_each(|k| busy[k] += item.busy[k] * f64::from(*n));
            *i += of.first_row;
        }
        let watts = offer.watts(busy);
        Pattern { market, good, pods, cost: offer.fixed + watts * offer.per_watt, watts }
    }

    /// A machine of a plan as a column.
    pub fn of_machine(&self, node: &Machines, variants: &[u32]) -> Option<Pattern> {
        let (site, bit) = self.tables.offer_site[node.offer as usize];
        let market = self.markets.of_site[site as usize];
        let of = &self.markets.markets[market as usize];
        let good = of.goods.iter().position(|good| good.bit == bit)?;
        let mut pods: Vec<(u32, u32)> = Vec::new();
        for &(s, n) in &node.pods {
            let choice = self.tables.first_choice[s as usize] + variants[s as usize];
            let item = self.markets.item_of[choice as usize];
            let at = of.items.binary_search(&item).ok()? as u32;
            match pods.iter_mut().find(|p| p.0 == at) {
                Some(known) => known.1 += n,
                None => pods.push((at, n)),
            }
        }
        Some(self.pattern(market, good as u32, pods))
    }

    fn knapsack(&self, market: u32, good: u32, rows: &[f64], prices: &Prices) -> Knapsack {
        let of = &self.markets.markets[market as usize];
        let good = &of.goods[good as usize];
        let offer = &self.tables.offers[good.offer as usize];
        let mut sack = Knapsack { capacity: offer.capacity, ..Knapsack::default() };
        for &i in &good.holds {
            let item = &self.markets.items[of.items[i as usize] as usize];
            let own = offer.watts(item.busy) * prices.per_watt[good.offer as usize];
            let value = rows[(of.first_row + i) as usize] - own;
            if value > 0.0 || !item.needs.is_empty() || self.is_needed(of.items[i as usize]) {
                let (request, most) = (item.request, item.per_node);
                sack.items.push(Entry { item: i, request, value, most });
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
