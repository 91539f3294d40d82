//! Column generation (Gilmore and Gomory 1961; Dantzig and Wolfe 1960): the master chooses between
//! fillings of machines and configurations of groups; its prices say which others would help.
//! Prices are smoothed towards those of the best bound (Wentges 1997), which keeps them from
//! swinging. The bound is Lagrange's: at covered prices, the sum of the cheapest configurations
//! less what the limits are worth.

use super::Effort;
use super::bound::{SAFETY, Sum};
use super::configure::{Configurer, Spread};
use super::instance::Solution;
use super::market::Markets;
use super::master::{Column, Dual, Master};
use super::ruin::Advice;
use super::state::Prices;
use super::supply::Supply;
use super::tables::Tables;
use std::collections::BTreeMap;

/// Nodes of one knapsack, at first and at most; what is left out stands in the bound.
const NODES: std::ops::RangeInclusive<u64> = 2_000..=2_000_000;

/// How far master and bound may be apart, relative, before searches that are cut off are extended:
/// prices that are far from final are not worth it.
const SERIOUS: f64 = 0.1;

pub struct Generation<'t, 'i> {
    tables: &'t Tables<'i>,
    markets: &'t Markets,
    supply: Supply<'t, 'i>,
    configurer: Configurer<'t, 'i>,
    master: Master<'t, 'i>,
    /// The best bound, US dollars per hour, and the dual that proves it.
    pub bound: f64,
    pub best: Dual,
    /// The master's value after the last solve.
    value: f64,
    /// What a machine may be worth above its cost without being looked for, relative.
    tolerance: f64,
    node_limit: u64,
    /// Knapsacks of the last pricing that were cut off.
    cut: u32,
}

impl<'t, 'i> Generation<'t, 'i> {
    pub fn new(tables: &'t Tables<'i>, markets: &'t Markets) -> Self {
        let configurer = Configurer::new(tables, markets);
        let best = first_dual(tables, markets);
        let groups = 0..tables.groups.len() as u32;
        let absent: Vec<f64> = groups
            .map(|g| configurer.cheapest(g, &best.rows, &|_| true).map_or(0.0, |(cost, _)| cost))
            .collect();
        Generation {
            supply: Supply::new(tables, markets),
            master: Master::new(tables, markets, &absent),
            configurer,
            bound: f64::NEG_INFINITY,
            best,
            value: f64::INFINITY,
            tolerance: 0.02,
            node_limit: *NODES.start(),
            cut: 0,
            tables,
            markets,
        }
    }

    /// Takes in the machines and configurations of a plan.
    pub fn seed(&mut self, plan: &Solution) {
        let tables = self.tables;
        let mut pods: Vec<BTreeMap<u32, u32>> = vec![BTreeMap::new(); tables.services()];
        for node in &plan.nodes {
            let (site, _) = tables.offer_site[node.offer as usize];
            let market = self.markets.of_site[site as usize];
            for (s, n) in &node.pods {
                *pods[*s as usize].entry(market).or_default() += n * node.count;
            }
            if let Some(pattern) = self.supply.of_machine(node, &plan.variants) {
                self.master.add(Column::Pattern(pattern));
            }
        }
        for (group, services) in tables.groups.iter().enumerate() {
            let part = |s: &u32| {
                let choice = tables.first_choice[*s as usize] + plan.variants[*s as usize];
                let markets = pods[*s as usize].iter().map(|(m, n)| (*m, *n)).collect();
                (*s, Spread { choice, markets })
            };
            let parts = services.iter().map(part).collect();
            let made = self.configurer.configuration(group as u32, parts);
            self.master.add(Column::Configuration(made));
        }
    }

    /// Towards the dual of the best bound.
    fn smooth(&self, now: &Dual, weight: f64) -> Dual {
        let mix = |best: &[f64], now: &[f64]| {
            let best = best.iter().copied().chain(std::iter::repeat(0.0));
            now.iter().zip(best).map(|(n, b)| weight * b + (1.0 - weight) * n).collect()
        };
        Dual {
            rows: mix(&self.best.rows, &now.rows),
            budgets: mix(&self.best.budgets, &now.budgets),
            goods: mix(&self.best.goods, &now.goods),
        }
    }

    /// Prices both sides at a dual: takes in what they find, and the bound when it is better.
    /// Gives the number of columns that were new; `None` when stopped.
    fn price(&mut self, mut dual: Dual, effort: &Effort<'_>) -> Option<usize> {
        let prices = Prices::new(self.tables, &dual.budgets);
        let mut added = 0;
        self.cut = 0;
        for m in 0..self.markets.markets.len() as u32 {
            if effort.is_over() {
                return None;
            }
            let limited = &self.master.limited;
            let goods = &dual.goods;
            let extra = |m: u32, g: u32| {
                limited.iter().position(|l| *l == (m, g)).map_or(0.0, |i| goods[i])
            };
            let found =
                self.supply.price(m, &dual.rows, &prices, &extra, self.tolerance, self.node_limit);
            self.cut += found.cut;
            let market = &self.markets.markets[m as usize];
            let first = market.first_row as usize;
            for row in &mut dual.rows[first..first + market.items.len()] {
                *row *= found.scale * (1.0 - SAFETY);
            }
            for pattern in found.patterns {
                added += usize::from(self.master.add(Column::Pattern(pattern)));
            }
        }
        let mut bound = Sum::default();
        for group in 0..self.tables.groups.len() as u32 {
            let Some((cost, made)) = self.configurer.cheapest(group, &dual.rows, &|_| true) else {
                bound.add(f64::INFINITY);
                break;
            };
            bound.add(cost);
            added += usize::from(self.master.add(Column::Configuration(made)));
        }
        for (price, limit) in dual.budgets.iter().zip(&self.tables.limits) {
            bound.add(-price * limit);
        }
        for (price, (m, g)) in dual.goods.iter().zip(&self.master.limited) {
            let good = &self.markets.markets[*m as usize].goods[*g as usize];
            bound.add(-price * good.limit as f64);
        }
        let bound = bound.below();
        if bound > self.bound {
            self.bound = bound;
            self.best = dual;
        }
        Some(added)
    }

    /// Adds columns until the master's value and the bound meet within `gap`, relative.
    pub fn run(&mut self, gap: f64, effort: &Effort<'_>) {
        let first = self.best.clone();
        if self.price(first, effort).is_none() {
            return;
        }
        let mut smoothing: f64 = 0.8;
        while self.master.solve(effort) {
            self.value = self.master.value();
            if self.master.limit_goods() {
                continue;
            }
            let open = (self.value - self.bound) / self.value.abs();
            if open <= gap {
                return;
            }
            self.tolerance = (0.1 * open).clamp(0.5 * gap, 0.02);
            let now = self.master.dual();
            let before = self.bound;
            let mixed = self.smooth(&now, smoothing);
            let Some(mut added) = self.price(mixed, effort) else { return };
            if added == 0 && smoothing > 0.0 {
                let Some(more) = self.price(now, effort) else { return };
                added = more;
            }
            let closed = (self.bound - before) / (self.value - before);
            if self.cut > 0 && closed < 0.1 && (open < SERIOUS || added == 0) {
                // What was cut off may be all that keeps the bound from rising.
                if added == 0 && self.node_limit == *NODES.end() {
                    return;
                }
                self.node_limit = (self.node_limit * 2).min(*NODES.end());
            } else if added == 0 {
                return;
            }
            smoothing = if self.bound > before {
                (smoothing + 0.05).min(0.9)
            } else {
                (smoothing - 0.1).max(0.0)
            };
        }
    }

    /// For each group, the configurations within `slack` of the best at the best dual, relative to
    /// what the group costs; those that the master uses come first.
    pub fn advice(&self, slack: f64) -> Vec<Vec<Advice>> {
        let mut lists: Vec<Vec<(f64, f64, Advice)>> = vec![Vec::new(); self.tables.groups.len()];
        let values = self.master.values();
        for (column, value) in self.master.columns.iter().zip(values) {
            if let Column::Configuration(made) = column {
                let pods = made.pods.iter();
                let priced = pods.map(|(r, n)| self.best.rows[*r as usize] * f64::from(*n));
                let cost = made.cost + priced.sum::<f64>();
                lists[made.group as usize].push((
                    value,
                    cost,
                    made.advice(self.tables, self.markets),
                ));
            }
        }
        let sorted = lists.into_iter().map(|mut list| {
            let least = list.iter().map(|l| l.1).fold(f64::INFINITY, f64::min);
            list.retain(|l| l.1 <= least * (1.0 + slack) || l.0 > 0.0);
            list.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1)));
            list.into_iter().map(|l| l.2).collect()
        });
        sorted.collect()
    }
}

/// Each pod pays for the part of a machine that its dearest resource takes.
fn first_dual(tables: &Tables<'_>, markets: &Markets) -> Dual {
    let mut rows = vec![f64::INFINITY; markets.rows];
    for market in &markets.markets {
        for good in &market.goods {
            let offer = &tables.offers[good.offer as usize];
            for i in &good.holds {
                let item = &markets.items[market.items[*i as usize] as usize];
                let asks = (0..4).filter(|r| item.request[*r] > 0);
                let part = asks.map(|r| f64::from(item.request[r]) / f64::from(offer.capacity[r]));
                let part = part.fold(1.0 / f64::from(item.per_node.max(1)), f64::max);
                let own = offer.fixed * part + offer.watts(item.busy) * offer.per_watt;
                let row = &mut rows[(market.first_row + i) as usize];
                *row = row.min(own);
            }
        }
    }
    Dual { rows, budgets: vec![0.0; tables.limits.len()], goods: Vec::new() }
}
