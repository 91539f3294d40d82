//! The relaxation of a placement: machines are bought in fractions, and groups of services are
//! mixed from configurations.
//!
//! What the machines of a market hold is told by *measures*: sizes of the pods, of which a machine
//! of each shape holds no more than its capacity. The resources are four of them, and again of the
//! pods that only some machines hold, where the mix breaks that. The others are the pods' prices
//! when the present demand is covered by whole fillings ([`super::cover`]), with the largest
//! knapsack as capacity: what dual feasible functions are in bin packing (Lueker 1983; Clautiaux,
//! Alves and Valério de Carvalho 2010). So the programme has a row for each measure and not for
//! each kind of pod in each market, and the same few rows do for twenty services and for ten
//! thousand.
//!
//! The bound is Lagrange's: at any prices of the measures and the budgets, the cheapest
//! configuration of each group, and the machines that are worth more than they cost, as many as
//! can be bought.

mod branch;
mod fill;
mod measure;
mod price;
mod resume;
mod start;
mod whole;

use super::Effort;
use super::bound::{SAFETY, Sum};
use super::configure::{Configuration, Configurer};
use super::cover::{Care, Costs, Cover};
use super::market::{Market, Markets};
use super::ruin::Advice;
use super::supply::Supply;
use super::tables::Tables;
use crate::simplex::{self, Simplex, Status};
use measure::{Kind, Measure, watt};
pub use resume::Known;
use start::{core, first_prices};
use std::collections::BTreeSet;

/// How much dearer than a configuration leaving the group out is.
const ABSENT: f64 = 30.0;
/// Cover and measures may differ by this much of the market's cost.
const MEASURED: f64 = 1e-4;
/// Pods, or parts of one, that are as good as none.
const WHOLE: f64 = 1e-6;
/// Bound and programme may differ by this much of its value.
const MIXED: f64 = 2e-5;
/// Part of the demand at which markets are covered that is not the mix's but a bit of everything:
/// at first, and where it ends. Without it a measure says little about the pods that the mix has
/// none of (Magnanti and Wong 1981).
const DEPTH: f64 = 0.5;
/// Of that part what is left after a round that yields little: with a clock, and without.
const SHALLOWER: [f64; 2] = [0.5, 0.2];
const LEAST_DEPTH: f64 = 1e-3;
/// How close markets are covered with a clock, at first and at last: prices of few rounds at the
/// mix's demand, which is another after each, are worth more than the last of many at one demand.
/// Without a clock as at last from the first on: problems that are almost the same are then
/// measured alike, and what one more unit of a budget saves is what solving again says.
const HASTY: Care = Care { tolerance: 0.01, rounds: 2 };
const LAST: Care = Care { tolerance: 5e-4, rounds: 64 };

/// Part of the last mix in the demand that is covered.
const CALM: f64 = 0.5;

/// A round that lifts the bound by less than this is one of the last, relative.
pub const SLOW: f64 = 1e-4;

/// Prices that prove a bound.
#[derive(Clone, Debug)]
pub struct Dual {
    /// Price of a pod, by row of the markets.
    pub rows: Vec<f64>,
    pub budgets: Vec<f64>,
}

/// What of a relaxation does not hang on its instance's tables.
pub struct Parts {
    lp: Simplex,
    first_absent: usize,
    first_good: Vec<usize>,
    first_budget: usize,
    first_measure: usize,
    measures: Vec<Measure>,
    singles: BTreeSet<(usize, Kind)>,
    first_configuration: usize,
    configurations: Vec<Configuration>,
}

pub struct Relaxation<'t> {
    tables: &'t Tables,
    markets: &'t Markets,
    supply: Supply<'t>,
    configurer: Configurer<'t>,
    /// Of the markets that were covered.
    covers: Vec<Option<Cover>>,
    /// Columns of each market's goods and of its watts.
    first_good: Vec<usize>,
    lp: Simplex,
    /// What a watt costs in each market, and the budgets that it uses.
    watts: Vec<(f64, Vec<(u32, f64)>)>,
    /// Watts that the pods of each market draw at most.
    most_watts: Vec<f64>,
    first_budget: usize,
    first_measure: usize,
    measures: Vec<Measure>,
    /// Markets and kinds of the measures that hang on one item.
    singles: BTreeSet<(usize, Kind)>,
    /// Column of leaving the first group out.
    first_absent: usize,
    first_configuration: usize,
    configurations: Vec<Configuration>,
    known: BTreeSet<Vec<u32>>,
    /// Of each group, how the best point of branching configures it; empty before that.
    point: Vec<Advice>,
    /// The best bound, US dollars per hour, and what proves it.
    pub bound: f64,
    /// The best that no plan has helped to.
    pub unaided: f64,
    pub best: Dual,
    care: Care,
    /// Demand of the mixes so far, by row; empty before the first.
    calm: Vec<f64>,
    /// Demand with something of everything, by row.
    core: Vec<f64>,
    depth: f64,
}

impl<'t> Relaxation<'t> {
    pub fn new(tables: &'t Tables, markets: &'t Markets) -> Self {
        let mut lp = Simplex::new();
        for _ in &tables.groups {
            lp.add_row((1.0, 1.0), &[]);
        }
        let first_budget = tables.groups.len();
        for limit in &tables.limits {
            lp.add_row((f64::NEG_INFINITY, *limit), &[]);
        }
        let mut first_good = Vec::new();
        for market in &markets.markets {
            let (own, uses) = watt(tables, market);
            first_good.push(lp.columns());
            for good in &market.goods {
                let offer = &tables.offers[good.offer as usize];
                let uses: Vec<(usize, f64)> =
                    offer.uses.iter().map(|(b, n)| (first_budget + *b as usize, *n)).collect();
                lp.add_column(offer.fixed, (0.0, good.limit as f64), &uses);
            }
            let uses: Vec<(usize, f64)> =
                uses.iter().map(|(b, n)| (first_budget + *b as usize, *n)).collect();
            lp.add_column(own, (0.0, f64::INFINITY), &uses);
        }
        let parts = Parts {
            first_measure: lp.rows(),
            measures: Vec::new(),
            singles: BTreeSet::new(),
            first_absent: lp.columns(),
            first_configuration: lp.columns() + tables.groups.len(),
            configurations: Vec::new(),
            first_good,
            first_budget,
            lp,
        };
        let mut relaxation = Relaxation::with(tables, markets, parts);
        relaxation.open();
        relaxation
    }

    fn with(tables: &'t Tables, markets: &'t Markets, parts: Parts) -> Self {
        let alive = parts.configurations.iter().filter(|made| !made.pods.is_empty());
        Relaxation {
            covers: markets.markets.iter().map(|_| None).collect(),
            watts: markets.markets.iter().map(|m| watt(tables, m)).collect(),
            most_watts: most_watts(tables, markets),
            known: alive.map(key).collect(),
            first_measure: parts.first_measure,
            measures: parts.measures,
            singles: parts.singles,
            first_absent: parts.first_absent,
            first_configuration: parts.first_configuration,
            configurations: parts.configurations,
            first_good: parts.first_good,
            first_budget: parts.first_budget,
            lp: parts.lp,
            point: Vec::new(),
            bound: f64::NEG_INFINITY,
            unaided: f64::NEG_INFINITY,
            best: Dual { rows: vec![0.0; markets.rows], budgets: vec![0.0; tables.limits.len()] },
            care: HASTY,
            calm: Vec::new(),
            core: core(tables, markets),
            depth: DEPTH,
            tables,
            markets,
            supply: Supply::new(tables, markets),
            configurer: Configurer::new(tables, markets),
        }
    }

    /// What can be kept when the instance is not.
    pub fn into_parts(self) -> Parts {
        Parts {
            first_measure: self.first_measure,
            measures: self.measures,
            singles: self.singles,
            first_absent: self.first_absent,
            first_configuration: self.first_configuration,
            configurations: self.configurations,
            first_good: self.first_good,
            first_budget: self.first_budget,
            lp: self.lp,
        }
    }

    /// The measures that every market has, and a first configuration of each group.
    fn open(&mut self) {
        for m in 0..self.markets.markets.len() {
            let always = Measure::always(self.tables, self.markets, m);
            always.into_iter().for_each(|measure| self.measure(measure));
        }
        let rows = first_prices(self.tables, self.markets);
        let prices = Dual { rows, budgets: vec![0.0; self.tables.limits.len()] };
        let mut first = Vec::new();
        for group in 0..self.tables.groups.len() as u32 {
            let least = self.configurer.cheapest(group, &prices);
            let cost = least.as_ref().map_or(0.0, |l| l.0);
            self.lp.add_column(ABSENT * cost + 1.0, (0.0, 1.0), &[(group as usize, 1.0)]);
            first.extend(least.map(|l| l.1));
        }
        first.into_iter().for_each(|made| {
            self.add(made);
        });
    }

    /// Takes in a row: what is held is at least what is wanted.
    fn measure(&mut self, measure: Measure) {
        let first = self.first_good[measure.market as usize];
        let mut entries: Vec<(usize, f64)> =
            measure.capacities.iter().enumerate().map(|(g, c)| (first + g, *c)).collect();
        entries.push((first + measure.capacities.len(), measure.per_watt));
        for (j, made) in self.configurations.iter().enumerate() {
            let size = measure.of(self.markets, &made.pods);
            if size > 0.0 {
                entries.push((self.first_configuration + j, -size));
            }
        }
        entries.retain(|e| e.1 != 0.0);
        if !entries.is_empty() {
            self.lp.add_row((0.0, f64::INFINITY), &entries);
            self.measures.push(measure);
        }
    }

    /// Whether it was new.
    fn add(&mut self, made: Configuration) -> bool {
        if !self.known.insert(key(&made)) {
            return false;
        }
        let mut entries = vec![(made.group as usize, 1.0)];
        entries.extend(made.uses.iter().map(|(b, n)| (self.first_budget + *b as usize, *n)));
        for (k, measure) in self.measures.iter().enumerate() {
            let size = measure.of(self.markets, &made.pods);
            if size > 0.0 {
                entries.push((self.first_measure + k, -size));
            }
        }
        self.lp.add_column(made.cost, (0.0, f64::INFINITY), &entries);
        self.configurations.push(made);
        true
    }

    fn solve(&mut self, effort: &Effort<'_>) -> bool {
        let stop = || effort.is_over();
        let limits = simplex::Limits { stop: Some(&stop), ..simplex::Limits::work(u64::MAX) };
        let before = self.lp.work();
        let is_solved = self.lp.solve(&limits) == Status::Optimal;
        // Then each group is configured anew, looking at each row.
        effort.spend(self.lp.work() - before + 8 * self.markets.rows as u64);
        is_solved
    }

    /// Multipliers of the last solve as prices of pods and budgets.
    fn dual(&self) -> (Dual, Vec<f64>) {
        let y = self.lp.duals();
        let measures: Vec<f64> = y[self.first_measure..].iter().map(|v| v.max(0.0)).collect();
        let budgets = y[self.first_budget..self.first_measure].iter().map(|v| (-v).max(0.0));
        let mut rows = vec![0.0; self.markets.rows];
        for (measure, price) in self.measures.iter().zip(&measures) {
            let first = self.markets.markets[measure.market as usize].first_row as usize;
            let own = &mut rows[first..first + measure.sizes.len()];
            if *price > 0.0 {
                own.iter_mut().zip(&measure.sizes).for_each(|(row, size)| *row += price * size);
            }
        }
        (Dual { rows, budgets: budgets.collect() }, measures)
    }

    /// What a good, or the watts, of a market cost above what their capacities are worth.
    fn above(&self, dual: &Dual, measures: &[f64], m: usize) -> (Vec<f64>, f64) {
        let market = &self.markets.markets[m];
        let priced = |own: f64, uses: &[(u32, f64)]| {
            let mut sum = Sum::default();
            sum.add(own);
            uses.iter().for_each(|(b, n)| sum.add(dual.budgets[*b as usize] * n));
            sum
        };
        let mut goods: Vec<Sum> = market
            .goods
            .iter()
            .map(|g| {
                let offer = &self.tables.offers[g.offer as usize];
                priced(offer.fixed, &offer.uses)
            })
            .collect();
        let (own, uses) = &self.watts[m];
        let mut watts = priced(*own, uses);
        let own = self.measures.iter().zip(measures);
        for (measure, price) in own.filter(|(k, p)| k.market as usize == m && **p > 0.0) {
            goods.iter_mut().zip(&measure.capacities).for_each(|(sum, c)| sum.add(-price * c));
            watts.add(-price * measure.per_watt);
        }
        (goods.iter().map(Sum::below).collect(), watts.below())
    }

    /// Takes in what the present mix breaks of the measures that hang on one item. Whether there
    /// was any.
    fn single(&mut self) -> bool {
        let demand = self.demand();
        let mut found = Vec::new();
        for (m, market) in self.markets.markets.iter().enumerate() {
            let wanted = &demand[market.rows()];
            let bought: Vec<f64> =
                (0..market.goods.len()).map(|g| self.lp.value(self.first_good[m] + g)).collect();
            for kind in Kind::of_items(market).filter(|kind| !self.singles.contains(&(m, *kind))) {
                let measure = Measure::of_item(self.tables, self.markets, m, kind);
                if measure.is_broken(wanted, &bought, MEASURED, WHOLE) {
                    found.push((m, kind, measure));
                }
            }
        }
        let is_any = !found.is_empty();
        for (m, kind, measure) in found {
            self.singles.insert((m, kind));
            self.measure(measure);
        }
        is_any
    }

    /// A measure of these sizes, if what is `bought` (machines by good, then watts) does not hold
    /// the demand by it, by more than a part `by`.
    fn broken(
        &mut self,
        m: usize,
        sizes: Vec<f64>,
        costs: &Costs,
        demand: &[f64],
        (bought, by): (&[f64], f64),
        effort: &Effort<'_>,
    ) -> Option<Measure> {
        let paid = costs.goods.iter().chain([&costs.per_watt]).zip(bought).map(|(c, n)| c * n);
        let own = &demand[self.markets.markets[m].rows()];
        let wanted: f64 = sizes.iter().zip(own).map(|(s, n)| s * n).sum();
        if wanted <= paid.sum::<f64>() * (1.0 + by) + 1e-9 {
            return None;
        }
        let nodes = self.covers[m].as_ref().map_or(0, |cover| cover.nodes);
        let capacities = (0..costs.goods.len() as u32)
            .map(|g| self.supply.most(m as u32, g, &sizes, costs, nodes) * (1.0 + SAFETY));
        let capacities = capacities.collect();
        effort.spend(self.supply.take_work());
        let (kind, market, per_watt) = (Kind::Filled, m as u32, costs.per_watt);
        Some(Measure { kind, market, sizes, capacities, per_watt })
    }

    /// Mixes configurations at the present measures, and at those of single items, until bound and
    /// programme meet. False when it was stopped.
    pub fn mix(&mut self, effort: &Effort<'_>) -> bool {
        loop {
            if !self.solve(effort) {
                return false;
            }
            let (dual, measures) = self.dual();
            let safe = |prices: &[f64]| prices.iter().map(|p| p * (1.0 - SAFETY)).collect();
            let prices = Dual { rows: safe(&dual.rows), budgets: safe(&dual.budgets) };
            let mut bound = Sum::default();
            for (m, market) in self.markets.markets.iter().enumerate() {
                let (goods, watts) = self.above(&dual, &measures, m);
                for (above, good) in goods.iter().zip(&market.goods) {
                    bound.add(above.min(0.0) * good.limit as f64);
                }
                bound.add(watts.min(0.0) * self.most_watts[m]);
            }
            let mut added = 0;
            for group in 0..self.tables.groups.len() as u32 {
                if group % 64 == 0 && effort.is_over() {
                    return false;
                }
                let Some((cost, made)) = self.configurer.cheapest(group, &prices) else {
                    (self.bound, self.unaided) = (f64::INFINITY, f64::INFINITY);
                    return true;
                };
                bound.add(cost);
                let paid = self.lp.duals()[group as usize];
                if cost < paid - 1e-9 * paid.abs() {
                    added += usize::from(self.add(made));
                }
            }
            for (price, limit) in dual.budgets.iter().zip(&self.tables.limits) {
                bound.add(-price * limit);
            }
            let bound = bound.below();
            if bound > self.bound {
                (self.bound, self.unaided, self.best) = (bound, bound, dual);
            }
            let value = self.lp.objective();
            let is_mixed = added == 0 || value - bound <= MIXED * value.abs();
            if is_mixed && !self.single() {
                return true;
            }
        }
    }

    /// Pods wanted, by row.
    fn demand(&self) -> Vec<f64> {
        let mut demand = vec![0.0; self.markets.rows];
        for (j, made) in self.configurations.iter().enumerate() {
            let part = self.lp.value(self.first_configuration + j);
            if part > 0.0 {
                made.pods.iter().for_each(|(r, n)| demand[*r as usize] += part * f64::from(*n));
            }
        }
        demand
    }

    /// The demand of the mixes so far, the last ones most: a single one swings from pods that the
    /// measures price too low to others (Wentges 1997).
    fn calm(&mut self, demand: &[f64]) -> Vec<f64> {
        if self.calm.is_empty() {
            self.calm = demand.to_vec();
        }
        for (calm, now) in self.calm.iter_mut().zip(demand) {
            *calm += CALM * (now - *calm);
        }
        self.calm.clone()
    }

    /// Covers every market once, takes in what the mix breaks of the measures found, and mixes
    /// again. False when there is nothing left to find, or when it was stopped.
    pub fn round(&mut self, effort: &Effort<'_>) -> bool {
        let before = self.bound;
        let (dual, measures) = self.dual();
        let demand = self.demand();
        let wanted = if effort.is_timed() {
            self.calm(&demand)
        } else {
            self.care = LAST;
            demand.clone()
        };
        let values = self.lp.values();
        let mut is_empty = true;
        for m in 0..self.markets.markets.len() {
            let (above, _) = self.above(&dual, &measures, m);
            let costs = self.costs(&dual, &above, m);
            let prices = &dual.rows[self.markets.markets[m].rows()];
            let Some(sizes) = self.sizes(m, &wanted, prices, &costs, effort) else {
                return false;
            };
            let first = self.first_good[m];
            let bought = &values[first..first + costs.goods.len() + 1];
            if let Some(made) = self.broken(m, sizes, &costs, &demand, (bought, MEASURED), effort) {
                self.measure(made);
                is_empty = false;
            }
        }
        if !is_empty && !self.mix(effort) {
            return false;
        }
        if is_empty {
            // What the mixes had in common asks for nothing new: the last one does, if anything.
            self.calm.clear();
        }
        if is_empty || self.bound - before < SLOW * self.bound.abs() {
            let was_last = self.depth < LEAST_DEPTH && self.care.rounds >= LAST.rounds;
            self.depth *= SHALLOWER[usize::from(!effort.is_timed())];
            self.care.tolerance = (self.care.tolerance * 0.5).max(LAST.tolerance);
            let rounds = if is_empty { self.care.rounds * 2 } else { self.care.rounds + 1 };
            self.care.rounds = rounds.min(LAST.rounds);
            return !was_last && self.bound < f64::INFINITY;
        }
        self.bound < f64::INFINITY
    }

    /// The best measure of a market at the present demand and a part of the core's.
    fn sizes(
        &mut self,
        m: usize,
        demand: &[f64],
        prices: &[f64],
        costs: &Costs,
        effort: &Effort<'_>,
    ) -> Option<Vec<f64>> {
        let mixed = |r: usize| (1.0 - self.depth) * demand[r] + self.depth * self.core[r];
        let wanted: Vec<f64> = self.markets.markets[m].rows().map(mixed).collect();
        let supply = &mut self.supply;
        let cover = self.covers[m].get_or_insert_with(|| Cover::new(m as u32, supply));
        cover.cover(supply, &wanted, prices, costs, &self.care, effort)
    }

    /// Of a market at present prices; a good that is bought up is as dear as it is worth.
    fn costs(&self, dual: &Dual, above: &[f64], m: usize) -> Costs {
        let market = &self.markets.markets[m];
        let priced = |own: f64, uses: &[(u32, f64)]| {
            uses.iter().fold(own, |sum, (b, n)| sum + dual.budgets[*b as usize] * n)
        };
        let goods = market.goods.iter().zip(above).map(|(g, above)| {
            let offer = &self.tables.offers[g.offer as usize];
            priced(offer.fixed, &offer.uses) - above.min(0.0)
        });
        let (own, uses) = &self.watts[m];
        Costs { goods: goods.collect(), per_watt: priced(*own, uses) }
    }

    /// How each group is configured at the best point of branching, and then the configurations
    /// that it is mixed from, the largest part first.
    pub fn advice(&self) -> Vec<Vec<Advice>> {
        let mut lists: Vec<Vec<(f64, Advice)>> = vec![Vec::new(); self.tables.groups.len()];
        for (list, advice) in lists.iter_mut().zip(&self.point) {
            list.push((f64::INFINITY, advice.clone()));
        }
        for (j, made) in self.configurations.iter().enumerate() {
            let part = self.lp.value(self.first_configuration + j);
            if part > WHOLE {
                let advice = made.advice(self.tables, self.markets);
                lists[made.group as usize].push((part, advice));
            }
        }
        let sorted = lists.into_iter().map(|mut list| {
            list.sort_by(|a, b| b.0.total_cmp(&a.0));
            list.into_iter().map(|l| l.1).collect()
        });
        sorted.collect()
    }
}

/// What tells a configuration from others.
fn key(made: &Configuration) -> Vec<u32> {
    let choices = made.services.iter().map(|s| s.choice);
    let pods = made.pods.iter().flat_map(|(r, n)| [*r, *n]);
    std::iter::once(made.group).chain(choices).chain(pods).collect()
}

/// Watts that the pods of each market draw at most.
fn most_watts(tables: &Tables, markets: &Markets) -> Vec<f64> {
    let of = |market: &Market| {
        let each = tables.choices.iter().map(|choice| {
            let goods = market.goods.iter();
            let watts = goods.map(|g| tables.offers[g.offer as usize].watts(choice.busy));
            watts.fold(0.0, f64::max) * f64::from(choice.replicas)
        });
        each.sum()
    };
    markets.markets.iter().map(of).collect()
}
