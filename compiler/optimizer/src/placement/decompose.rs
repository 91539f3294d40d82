//! The relaxation of instances too large for one master: each market covers a given demand by
//! column generation of its own; groups answer its prices with their cheapest configurations;
//! demand moves towards them (Frank and Wolfe 1956: supply is a convex function of demand, the
//! prices are its gradient). Every round gives a bound, as in [`super::generate`]; budgets' prices
//! follow what is used above the limits.

use super::Effort;
use super::bound::{SAFETY, Sum};
use super::configure::{Configuration, Configurer};
use super::instance::Solution;
use super::market::Markets;
use super::master::Dual;
use super::ruin::Advice;
use super::state::Prices;
use super::supply::{Pattern, Supply};
use super::tables::Tables;
use crate::simplex::{self, Simplex, Status};

/// Demand that every item has, so that each has a price: a part of a pod.
const LEAST_DEMAND: f64 = 0.02;
/// Column generation of one market ends when its prices are covered but for this.
const COVERED: f64 = 0.01;
const NODES: u64 = 300;
/// Pricing rounds of one market at one demand.
const MOST_ROUNDS: usize = 6;

/// One market's master.
struct Cover {
    lp: Simplex,
    columns: Vec<Pattern>,
    prices: Vec<f64>,
}

pub struct Decomposition<'t, 'i> {
    tables: &'t Tables<'i>,
    markets: &'t Markets,
    supply: Supply<'t, 'i>,
    configurer: Configurer<'t, 'i>,
    covers: Vec<Cover>,
    /// Pods wanted, by row.
    demand: Vec<f64>,
    /// Penalties and latency of the demand.
    asked: f64,
    pub bound: f64,
    pub best: Dual,
    /// Cost of covering the present demand.
    value: f64,
    rounds: usize,
    /// Of each group, the last answers that differ, latest first.
    answers: Vec<Vec<Configuration>>,
    budgets: Vec<f64>,
}

/// Answers of each group that are remembered.
const ANSWERS: usize = 6;

impl<'t, 'i> Decomposition<'t, 'i> {
    /// Starts from the demand of a plan.
    pub fn new(tables: &'t Tables<'i>, markets: &'t Markets, plan: &Solution) -> Self {
        let supply = Supply::new(tables, markets);
        let mut covers: Vec<Cover> = markets
            .markets
            .iter()
            .map(|market| {
                let mut lp = Simplex::new();
                for _ in &market.items {
                    lp.add_row((0.0, f64::INFINITY), &[]);
                }
                Cover { lp, columns: Vec::new(), prices: Vec::new() }
            })
            .collect();
        let mut demand = vec![0.0; markets.rows];
        for node in &plan.nodes {
            if let Some(pattern) = supply.of_machine(node, &plan.variants) {
                for (row, n) in &pattern.pods {
                    demand[*row as usize] += f64::from(*n) * f64::from(node.count);
                }
                covers[pattern.market as usize].columns.push(pattern);
            }
        }
        Decomposition {
            configurer: Configurer::new(tables, markets),
            covers,
            demand,
            asked: 0.0,
            bound: f64::NEG_INFINITY,
            best: Dual::default(),
            value: f64::INFINITY,
            rounds: 0,
            answers: vec![Vec::new(); tables.groups.len()],
            budgets: vec![0.0; tables.limits.len()],
            supply,
            tables,
            markets,
        }
    }

    /// Goes on: rounds until the bound is within `gap` of what the demand costs, or stopped.
    pub fn run(&mut self, gap: f64, effort: &Effort<'_>) {
        if self.rounds == 0 {
            self.open();
        }
        loop {
            let Some(dual) = self.cover(effort) else { return };
            let mut wanted = vec![0.0; self.markets.rows];
            let mut asked = 0.0;
            let mut bound = Sum::default();
            for group in 0..self.tables.groups.len() as u32 {
                let Some((cost, made)) = self.configurer.cheapest(group, &dual.rows, &|_| true)
                else {
                    self.bound = f64::INFINITY;
                    return;
                };
                bound.add(cost);
                asked += made.cost;
                made.pods.iter().for_each(|(r, n)| wanted[*r as usize] += f64::from(*n));
                let known = &mut self.answers[group as usize];
                known.retain(|other| *other != made);
                known.insert(0, made);
                known.truncate(ANSWERS);
            }
            let worth = dual.budgets.iter().zip(&self.tables.limits).map(|(p, l)| p * l);
            worth.for_each(|worth| bound.add(-worth));
            let bound = bound.below();
            self.rounds += 1;
            if bound > self.bound {
                (self.bound, self.best) = (bound, dual);
            }
            if self.value - self.bound <= gap * self.value.abs() {
                return;
            }
            let step = 2.0 / (self.rounds as f64 + 3.0);
            for (now, next) in self.demand.iter_mut().zip(wanted) {
                *now += step * (next - *now);
            }
            self.asked += step * (asked - self.asked);
            self.reprice(step);
        }
    }

    /// Cheap columns that cover each item alone, and those of the plan.
    fn open(&mut self) {
        for m in 0..self.covers.len() {
            let market = &self.markets.markets[m];
            let mut columns = std::mem::take(&mut self.covers[m].columns);
            for i in 0..market.items.len() as u32 {
                let holding = (0..market.goods.len() as u32)
                    .filter(|g| market.goods[*g as usize].holds.contains(&i));
                let alone = holding.map(|g| self.supply.pattern(m as u32, g, vec![(i, 1)]));
                columns.extend(alone.min_by(|a, b| a.cost.total_cmp(&b.cost)));
            }
            for pattern in columns {
                self.enter(m, pattern);
            }
        }
    }

    fn enter(&mut self, m: usize, pattern: Pattern) {
        let first = self.markets.markets[m].first_row;
        let entries: Vec<(usize, f64)> =
            pattern.pods.iter().map(|(r, n)| ((r - first) as usize, f64::from(*n))).collect();
        let cost = self.priced(&pattern);
        let cover = &mut self.covers[m];
        cover.lp.add_column(cost, (0.0, f64::INFINITY), &entries);
        cover.columns.push(pattern);
    }

    /// What a machine costs with budgets priced.
    fn priced(&self, pattern: &Pattern) -> f64 {
        let good = &self.markets.markets[pattern.market as usize].goods[pattern.good as usize];
        let offer = &self.tables.offers[good.offer as usize];
        let fixed = offer.uses.iter().map(|(b, n)| self.budgets[*b as usize] * n);
        let watts = offer.uses_per_watt.iter();
        let watts = watts.map(|(b, n)| self.budgets[*b as usize] * n * pattern.watts);
        pattern.cost + fixed.sum::<f64>() + watts.sum::<f64>()
    }

    /// Covers the demand in every market; a covered dual.
    fn cover(&mut self, effort: &Effort<'_>) -> Option<Dual> {
        let prices = Prices::new(self.tables, &self.budgets);
        let mut rows = vec![0.0; self.markets.rows];
        self.value = self.asked;
        for m in 0..self.covers.len() {
            let market = &self.markets.markets[m];
            let first = market.first_row as usize;
            for i in 0..market.items.len() {
                let wanted = self.demand[first + i].max(LEAST_DEMAND);
                self.covers[m].lp.set_row_bounds(i, (wanted, f64::INFINITY));
            }
            let own = &mut rows[first..first + market.items.len()];
            for round in 0.. {
                if effort.is_over() {
                    return None;
                }
                let cover = &mut self.covers[m];
                let stop = || effort.is_over();
                let limits =
                    simplex::Limits { stop: Some(&stop), ..simplex::Limits::work(u64::MAX) };
                if cover.lp.solve(&limits) != Status::Optimal {
                    return None;
                }
                cover.prices = cover.lp.duals().iter().map(|v| v.max(0.0)).collect();
                let mut all = vec![0.0; self.markets.rows];
                all[first..first + market.items.len()].copy_from_slice(&cover.prices);
                let tolerance = COVERED;
                let found =
                    self.supply.price(m as u32, &all, &prices, &|_, _| 0.0, tolerance, NODES);
                let scaled = cover.prices.iter().map(|p| p * found.scale * (1.0 - SAFETY));
                own.iter_mut().zip(scaled).for_each(|(row, p)| *row = p);
                if found.patterns.is_empty() || round == MOST_ROUNDS {
                    break;
                }
                for pattern in found.patterns {
                    self.enter(m, pattern);
                }
            }
            self.value += self.covers[m].lp.objective();
        }
        Some(Dual { rows, budgets: self.budgets.clone(), goods: Vec::new() })
    }

    /// Budgets' prices after what the covers use, and costs of all columns at them.
    fn reprice(&mut self, step: f64) {
        let mut uses = vec![0.0; self.budgets.len()];
        for cover in &self.covers {
            for (j, pattern) in cover.columns.iter().enumerate() {
                let count = cover.lp.value(j);
                if count <= 0.0 {
                    continue;
                }
                let good =
                    &self.markets.markets[pattern.market as usize].goods[pattern.good as usize];
                let offer = &self.tables.offers[good.offer as usize];
                offer.uses.iter().for_each(|(b, n)| uses[*b as usize] += n * count);
                let watts = pattern.watts * count;
                offer.uses_per_watt.iter().for_each(|(b, n)| uses[*b as usize] += n * watts);
            }
        }
        let mut is_changed = false;
        for (b, used) in uses.iter().enumerate() {
            let limit = self.tables.limits[b];
            if limit <= 0.0 {
                continue;
            }
            let over = (used - limit) / limit;
            let unit = 0.02 * self.value.abs() / limit;
            let price = (self.budgets[b] + step * unit * over).max(0.0);
            is_changed |= price != self.budgets[b];
            self.budgets[b] = price;
        }
        if !is_changed {
            return;
        }
        for m in 0..self.covers.len() {
            for j in 0..self.covers[m].columns.len() {
                let cost = self.priced(&self.covers[m].columns[j]);
                self.covers[m].lp.set_cost(j, cost);
            }
        }
    }

    /// The last answers of each group, as advice.
    pub fn advice(&self) -> Vec<Vec<Advice>> {
        let of = |made: &Configuration| made.advice(self.tables, self.markets);
        self.answers.iter().map(|answers| answers.iter().map(of).collect()).collect()
    }
}
