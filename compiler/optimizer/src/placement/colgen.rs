//! Column generation (Dantzig and Wolfe 1960; Gilmore and Gomory 1961): the master chooses between
//! fillings of machines and configurations of groups; its prices say which others would help.
//! Prices are smoothed towards those of the best bound (Wentges 1997), which keeps them from
//! swinging. The bound is Lagrange's: at covered prices, the sum of the cheapest configurations
//! less what the limits are worth.

use super::Limits;
use super::configure::{Configuration, Configurer};
use super::instance::Solution;
use super::market::Markets;
use super::rows::{Kind, Programme};
use super::state::Prices;
use super::supply::{Pattern, Supply};
use super::tables::Tables;

#[derive(Clone, Debug)]
pub enum Column {
    Pattern(Pattern),
    Configuration(Configuration),
}

/// A point of the dual: what bounds are computed from.
#[derive(Clone, Debug, Default)]
pub struct Dual {
    /// Price of a pod, by row.
    pub rows: Vec<f64>,
    /// Price of a unit of each budget.
    pub budgets: Vec<f64>,
    /// Price of a machine, of goods with a row of their own.
    pub goods: Vec<f64>,
}

pub struct ColumnGeneration<'t, 'i> {
    tables: &'t Tables<'i>,
    markets: &'t Markets,
    supply: Supply<'t, 'i>,
    configurer: Configurer<'t, 'i>,
    programme: Programme,
    pub columns: Vec<Column>,
    /// Goods whose limit is a row.
    limited: Vec<(u32, u32)>,
    pub best: Dual,
    pub bound: f64,
    pub value: f64,
    pub rounds: usize,
    pub nodes: u64,
    /// What a machine may be worth above its cost without being looked for, relative.
    tolerance: f64,
}

const NODE_LIMIT: u64 = 30000;

impl<'t, 'i> ColumnGeneration<'t, 'i> {
    pub fn new(tables: &'t Tables<'i>, markets: &'t Markets) -> Self {
        let supply = Supply::new(tables, markets);
        let configurer = Configurer::new(tables, markets);
        let mut made = ColumnGeneration {
            programme: Programme::default(),
            columns: Vec::new(),
            limited: Vec::new(),
            best: Dual::default(),
            bound: f64::NEG_INFINITY,
            value: f64::INFINITY,
            rounds: 0,
            nodes: 0,
            tolerance: 0.02,
            tables,
            markets,
            supply,
            configurer,
        };
        made.start();
        made
    }

    fn first_group(&self) -> usize {
        self.markets.rows
    }

    fn first_budget(&self) -> usize {
        self.markets.rows + self.tables.groups.len()
    }

    fn first_limit(&self) -> usize {
        self.first_budget() + self.tables.limits.len()
    }

    /// An empty programme and prices in proportion to the dearest resource of each pod.
    fn start(&mut self) {
        self.build();
        let tables = self.tables;
        let mut rows = vec![f64::INFINITY; self.markets.rows];
        for market in &self.markets.markets {
            for good in &market.goods {
                let offer = &tables.offers[good.offer as usize];
                for i in &good.holds {
                    let item = &self.markets.items[market.items[*i as usize] as usize];
                    let part = (0..4).filter(|r| item.request[*r] > 0).map(|r| {
                        f64::from(item.request[r]) / f64::from(offer.capacity[r])
                    });
                    let part = part.fold(0.0, f64::max).max(1.0 / f64::from(item.per_node.max(1)));
                    let own = offer.fixed * part + offer.watts(item.busy) * offer.per_watt;
                    let row = &mut rows[(market.first_row + i) as usize];
                    *row = row.min(own);
                }
            }
        }
        self.best = Dual { rows, budgets: vec![0.0; tables.limits.len()], goods: Vec::new() };
    }

    fn build(&mut self) {
        let mut kinds = vec![Kind::AtLeast; self.markets.rows];
        let mut rhs: Vec<f64> =
            (0..self.markets.rows).map(|r| -1e-5 * (1.0 + (r * 7919 % 1013) as f64 / 1013.0)).collect();
        kinds.extend(self.tables.groups.iter().map(|_| Kind::Equal));
        rhs.extend(self.tables.groups.iter().map(|_| 1.0));
        kinds.extend(self.tables.limits.iter().map(|_| Kind::AtMost));
        rhs.extend(self.tables.limits.iter().map(|l| if *l > 0.0 { 1.0 } else { 0.0 }));
        kinds.extend(self.limited.iter().map(|_| Kind::AtMost));
        rhs.extend(self.limited.iter().map(|(m, g)| {
            self.markets.markets[*m as usize].goods[*g as usize].limit as f64
        }));
        let elastic = 10.0 * self.tables.offers.iter().map(|o| o.fixed).fold(0.0, f64::max)
            * (self.tables.choices.iter().map(|c| f64::from(c.replicas)).fold(0.0, f64::max) + 1.0);
        self.programme = Programme::new(kinds, rhs, elastic);
        for c in 0..self.columns.len() {
            self.enter(c);
        }
    }

    fn add(&mut self, column: Column) {
        self.columns.push(column);
        self.enter(self.columns.len() - 1);
    }

    fn enter(&mut self, c: usize) {
        let mut entries: Vec<(u32, f64)> = Vec::new();
        let cost = match &self.columns[c] {
            Column::Pattern(pattern) => {
                entries.extend(pattern.pods.iter().map(|(r, n)| (*r, f64::from(*n))));
                let good =
                    &self.markets.markets[pattern.market as usize].goods[pattern.good as usize];
                let offer = &self.tables.offers[good.offer as usize];
                let first = self.first_budget();
                let mut uses = vec![0.0; self.tables.limits.len()];
                offer.uses.iter().for_each(|(b, n)| uses[*b as usize] += n);
                let watts = pattern.watts;
                offer.uses_per_watt.iter().for_each(|(b, n)| uses[*b as usize] += n * watts);
                for (b, used) in uses.iter().enumerate().filter(|(_, used)| **used != 0.0) {
                    entries.push(((first + b) as u32, used / self.scale(b)));
                }
                let at = self.limited.iter().position(|l| *l == (pattern.market, pattern.good));
                if let Some(i) = at {
                    entries.push(((self.first_limit() + i) as u32, 1.0));
                }
                pattern.cost
            }
            Column::Configuration(made) => {
                entries.extend(made.pods.iter().map(|(r, n)| (*r, -f64::from(*n))));
                entries.push(((self.first_group() + made.group as usize) as u32, 1.0));
                made.cost
            }
        };
        self.programme.add(cost, &entries);
    }

    /// Budgets stand in the master in units of their limit.
    fn scale(&self, b: usize) -> f64 {
        let limit = self.tables.limits[b];
        if limit > 0.0 { limit } else { 1.0 }
    }

    fn master_dual(&self) -> Dual {
        let y = self.programme.duals();
        let first = self.first_budget();
        let last = self.first_limit();
        Dual {
            rows: y[..self.markets.rows].iter().map(|v| v.max(0.0)).collect(),
            budgets: (first..last).map(|r| (-y[r]).max(0.0) / self.scale(r - first)).collect(),
            goods: (0..self.limited.len()).map(|i| (-y[last + i]).max(0.0)).collect(),
        }
    }

    fn mix(&self, a: &Dual, weight: f64) -> Dual {
        let mix = |best: &[f64], now: &[f64]| {
            let best = best.iter().copied().chain(std::iter::repeat(0.0));
            now.iter().zip(best).map(|(n, b)| weight * b + (1.0 - weight) * n).collect()
        };
        Dual {
            rows: mix(&self.best.rows, &a.rows),
            budgets: mix(&self.best.budgets, &a.budgets),
            goods: mix(&self.best.goods, &a.goods),
        }
    }

    /// Prices both sides at a dual: adds columns that the master's dual wants, takes the bound when
    /// it is better. Gives the number of columns added.
    fn price(&mut self, mut dual: Dual, limits: &Limits<'_>) -> Option<usize> {
        let prices = Prices::new(self.tables, &dual.budgets);
        let mut added = 0;
        for m in 0..self.markets.markets.len() as u32 {
            if limits.is_over() {
                return None;
            }
            let limited = &self.limited;
            let goods = &dual.goods;
            let extra = |m: u32, g: u32| {
                limited.iter().position(|l| *l == (m, g)).map_or(0.0, |i| goods[i])
            };
            let found = self.supply.price(m, &dual.rows, &prices, &extra, self.tolerance, NODE_LIMIT);
            self.nodes += found.nodes;
            let market = &self.markets.markets[m as usize];
            let first = market.first_row as usize;
            for row in &mut dual.rows[first..first + market.items.len()] {
                *row *= found.scale * (1.0 - 1e-12);
            }
            for pattern in found.patterns {
                self.add(Column::Pattern(pattern));
                let last = self.programme.columns() - 1;
                added += usize::from(self.programme.reduced(last) < -1e-9);
            }
        }
        let mut bound = 0.0;
        for group in 0..self.tables.groups.len() as u32 {
            let Some((cost, made)) = self.configurer.cheapest(group, &dual.rows, &|_| true) else {
                bound = f64::INFINITY;
                break;
            };
            bound += cost;
            self.add(Column::Configuration(made));
            let last = self.programme.columns() - 1;
            added += usize::from(self.programme.reduced(last) < -1e-9);
        }
        for (price, limit) in dual.budgets.iter().zip(&self.tables.limits) {
            bound -= price * limit;
        }
        for (price, (m, g)) in dual.goods.iter().zip(&self.limited) {
            bound -= price * self.markets.markets[*m as usize].goods[*g as usize].limit as f64;
        }
        if bound > self.bound {
            self.bound = bound;
            self.best = dual;
        }
        Some(added)
    }

    /// Adds columns until the master's value and the bound meet within `gap`, relative.
    pub fn run(&mut self, gap: f64, limits: &Limits<'_>, show: &dyn Fn(&Self)) {
        let first = self.best.clone();
        if self.price(first, limits).is_none() {
            return;
        }
        let mut smoothing = 0.8;
        loop {
            if !self.programme.solve(limits.stop) {
                return;
            }
            self.value = self.programme.objective();
            self.rounds += 1;
            show(self);
            let open = (self.value - self.bound) / self.value.abs();
            self.tolerance = (0.1 * open).clamp(0.5 * gap, 0.02);
            if self.limit_goods() {
                continue;
            }
            if self.value - self.bound <= gap * self.value.abs() {
                return;
            }
            let now = self.master_dual();
            let before = self.bound;
            let mixed = self.mix(&now, smoothing);
            let Some(mut added) = self.price(mixed, limits) else { return };
            if added == 0 && smoothing > 0.0 {
                let Some(more) = self.price(now, limits) else { return };
                added = more;
            }
            if added == 0 {
                return;
            }
            smoothing = if self.bound > before { (smoothing + 0.05_f64).min(0.9) } else { (smoothing - 0.1).max(0.0) };
        }
    }

    /// Makes rows of the limits that the master's solution breaks; whether there were any.
    fn limit_goods(&mut self) -> bool {
        let mut bought = std::collections::BTreeMap::new();
        for (column, value) in self.columns.iter().zip(self.programme.values()) {
            if let Column::Pattern(p) = column {
                *bought.entry((p.market, p.good)).or_insert(0.0) += value;
            }
        }
        let before = self.limited.len();
        for ((m, g), count) in bought {
            let limit = self.markets.markets[m as usize].goods[g as usize].limit as f64;
            if count > limit + 1e-6 && !self.limited.contains(&(m, g)) {
                self.limited.push((m, g));
            }
        }
        if self.limited.len() > before {
            self.best.goods.resize(self.limited.len(), 0.0);
            self.build();
        }
        self.limited.len() > before
    }

    pub fn status(&self) -> String {
        format!(
            "rounds {} rows {} columns {} pivots {} value {:.5} bound {:.5} missed {:.3} nodes {} prices {:?}",
            self.rounds,
            self.first_limit(),
            self.columns.len(),
            self.programme.pivots,
            self.value,
            self.bound,
            self.programme.missed(),
            self.nodes,
            self.best.budgets
        )
    }

    pub fn seed(&mut self, _plan: &Solution) {}
}
