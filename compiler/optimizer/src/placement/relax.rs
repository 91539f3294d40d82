//! The relaxation of a placement: machines are bought in fractions, and groups of services are
//! mixed from configurations.
//!
//! What the machines of a market hold is told by *measures*: sizes of the pods, of which a machine
//! of each shape holds no more than its capacity. The resources are four of them. The others are
//! the pods' prices when the present demand is covered by whole fillings ([`super::cover`]), with
//! the largest knapsack as capacity: what dual feasible functions are in bin packing (Lueker 1983;
//! Clautiaux, Alves and Valério de Carvalho 2010). So the programme has a row for each measure and
//! not for each kind of pod in each market, and the same few rows do for twenty services and for
//! ten thousand.
//!
//! The bound is Lagrange's: at any prices of the measures and the budgets, the cheapest
//! configuration of each group, and the machines that are worth more than they cost, as many as
//! can be bought.

use super::Effort;
use super::bound::{SAFETY, Sum};
use super::configure::{Configuration, Configurer};
use super::cover::{Costs, Cover};
use super::market::{Good, Market, Markets};
use super::ruin::Advice;
use super::supply::Supply;
use super::tables::{OfferCost, Tables};
use super::whole::{Whole, whole};
use crate::mip::{self, End, Stop};
use crate::simplex::{self, Simplex, Status};
use std::collections::BTreeSet;

/// How much dearer than a configuration leaving the group out is.
const ABSENT: f64 = 30.0;
/// Cover and measures may differ by this much of the market's cost.
const MEASURED: f64 = 1e-4;
/// What rounding in the simplex may have lifted a bound of branching by, relative.
const DOUBT: f64 = 1e-6;
/// Entries that a pivot of branching looks at, about: what work is counted in.
const WORK_PER_PIVOT: u64 = 20_000;
/// Pods, or parts of one, that are as good as none.
const WHOLE: f64 = 1e-6;
/// Bound and programme may differ by this much of its value.
const MIXED: f64 = 2e-5;
/// Part of the demand at which markets are covered that is not the mix's but a bit of everything:
/// at first, and where it ends. Without it a measure says little about the pods that the mix has
/// none of (Magnanti and Wong 1981).
const DEPTH: f64 = 0.5;
const SHALLOWER: f64 = 0.2;
const LEAST_DEPTH: f64 = 1e-3;
/// What a machine may be worth above its cost without being looked for, at first and at last.
const TOLERANCE: [f64; 2] = [0.01, 0.001];

/// A round that lifts the bound by less than this is one of the last, relative.
const SLOW: f64 = 2e-4;

pub struct Measure {
    pub market: u32,
    /// By place in the market's list of items.
    pub sizes: Vec<f64>,
    /// What a good of the market holds.
    pub capacities: Vec<f64>,
    /// By how much each watt drawn by pods adds to what is held.
    pub per_watt: f64,
}

/// Prices that prove a bound.
#[derive(Clone, Debug)]
pub struct Dual {
    /// Price of a pod, by row of the markets.
    pub rows: Vec<f64>,
    pub budgets: Vec<f64>,
}

pub struct Relaxation<'t, 'i> {
    tables: &'t Tables<'i>,
    markets: &'t Markets,
    supply: Supply<'t, 'i>,
    configurer: Configurer<'t, 'i>,
    covers: Vec<Cover>,
    lp: Simplex,
    /// Columns of each market's goods and of its watts.
    first_good: Vec<usize>,
    /// Watts that the pods of each market draw at most.
    most_watts: Vec<f64>,
    first_budget: usize,
    first_measure: usize,
    measures: Vec<Measure>,
    /// Market and place of the items that are measures of their own.
    singles: BTreeSet<(usize, usize)>,
    first_configuration: usize,
    configurations: Vec<Configuration>,
    known: BTreeSet<Vec<u32>>,
    /// Of each group, how the best point of branching configures it; empty before that.
    point: Vec<Advice>,
    /// The best bound, US dollars per hour, and what proves it.
    pub bound: f64,
    pub best: Dual,
    tolerance: f64,
    /// Demand with something of everything, by row.
    core: Vec<f64>,
    depth: f64,
}

impl<'t, 'i> Relaxation<'t, 'i> {
    pub fn new(tables: &'t Tables<'i>, markets: &'t Markets) -> Self {
        let supply = Supply::new(tables, markets);
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
            first_good.push(lp.columns());
            for good in &market.goods {
                let offer = &tables.offers[good.offer as usize];
                let uses: Vec<(usize, f64)> =
                    offer.uses.iter().map(|(b, n)| (first_budget + *b as usize, *n)).collect();
                lp.add_column(offer.fixed, (0.0, good.limit as f64), &uses);
            }
            let (own, uses) = watt(tables, market);
            let uses: Vec<(usize, f64)> =
                uses.into_iter().map(|(b, n)| (first_budget + b as usize, n)).collect();
            lp.add_column(own, (0.0, f64::INFINITY), &uses);
        }
        let configurer = Configurer::new(tables, markets);
        let mut relaxation = Relaxation {
            covers: (0..markets.markets.len() as u32).map(|m| Cover::new(m, &supply)).collect(),
            most_watts: vec![0.0; markets.markets.len()],
            first_measure: lp.rows(),
            measures: Vec::new(),
            singles: BTreeSet::new(),
            first_configuration: lp.columns() + tables.groups.len(),
            configurations: Vec::new(),
            known: BTreeSet::new(),
            point: Vec::new(),
            bound: f64::NEG_INFINITY,
            best: Dual { rows: vec![0.0; markets.rows], budgets: vec![0.0; tables.limits.len()] },
            tolerance: TOLERANCE[0],
            core: core(tables, markets),
            depth: DEPTH,
            tables,
            markets,
            supply,
            configurer,
            lp,
            first_good,
            first_budget,
        };
        relaxation.open();
        relaxation
    }

    /// The measures that every market has: resources, and the watts of its pods.
    fn open(&mut self) {
        for m in 0..self.markets.markets.len() {
            let market = &self.markets.markets[m];
            let items = market.items.iter().map(|i| &self.markets.items[*i as usize]);
            let offers = market.goods.iter().map(|g| &self.tables.offers[g.offer as usize]);
            let least = |of: &dyn Fn(&OfferCost) -> f64| {
                offers.clone().map(of).fold(f64::INFINITY, f64::min)
            };
            let watts = [least(&|o| o.cpu_watts), least(&|o| o.gpu_watts)];
            let drawn: Vec<f64> =
                items.clone().map(|i| i.busy[0] * watts[0] + i.busy[1] * watts[1]).collect();
            let resources = (0..4).map(|r| Measure {
                market: m as u32,
                sizes: items.clone().map(|i| f64::from(i.request[r])).collect(),
                capacities: offers.clone().map(|o| f64::from(o.capacity[r])).collect(),
                per_watt: 0.0,
            });
            let watts = Measure {
                market: m as u32,
                sizes: drawn,
                capacities: vec![0.0; market.goods.len()],
                per_watt: 1.0,
            };
            let all: Vec<Measure> = resources.chain(std::iter::once(watts)).collect();
            all.into_iter().for_each(|measure| self.measure(measure));
        }
        let prices = first_prices(self.tables, self.markets);
        let mut first = Vec::new();
        for group in 0..self.tables.groups.len() as u32 {
            let least = self.configurer.cheapest(group, &prices, &|_| true);
            let cost = least.as_ref().map_or(0.0, |l| l.0);
            self.lp.add_column(ABSENT * cost + 1.0, (0.0, 1.0), &[(group as usize, 1.0)]);
            first.extend(least.map(|l| l.1));
        }
        first.into_iter().for_each(|made| {
            self.add(made);
        });
        for (service, _) in self.tables.rules.iter().enumerate() {
            for c in self.tables.choices_of(service as u32) {
                let choice = &self.tables.choices[c as usize];
                for (m, most) in self.most_watts.iter_mut().enumerate() {
                    let goods = self.markets.markets[m].goods.iter();
                    let each =
                        goods.map(|g| self.tables.offers[g.offer as usize].watts(choice.busy));
                    *most += each.fold(0.0, f64::max) * f64::from(choice.replicas);
                }
            }
        }
    }

    fn size(&self, measure: &Measure, pods: &[(u32, u32)]) -> f64 {
        let market = &self.markets.markets[measure.market as usize];
        let rows = market.first_row..market.first_row + market.items.len() as u32;
        let here = pods.iter().filter(|(r, _)| rows.contains(r));
        here.map(|(r, n)| measure.sizes[(r - rows.start) as usize] * f64::from(*n)).sum()
    }

    /// Takes in a row: what is held is at least what is wanted.
    fn measure(&mut self, measure: Measure) {
        let first = self.first_good[measure.market as usize];
        let mut entries: Vec<(usize, f64)> =
            measure.capacities.iter().enumerate().map(|(g, c)| (first + g, *c)).collect();
        entries.push((first + measure.capacities.len(), measure.per_watt));
        for (j, made) in self.configurations.iter().enumerate() {
            let size = self.size(&measure, &made.pods);
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
        let choices = made.services.iter().map(|s| s.choice);
        let pods = made.pods.iter().flat_map(|(r, n)| [*r, *n]);
        if !self.known.insert(std::iter::once(made.group).chain(choices).chain(pods).collect()) {
            return false;
        }
        let mut entries = vec![(made.group as usize, 1.0)];
        for (k, measure) in self.measures.iter().enumerate() {
            let size = self.size(measure, &made.pods);
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
        self.lp.solve(&limits) == Status::Optimal
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
        let (own, uses) = watt(self.tables, market);
        let mut watts = priced(own, &uses);
        let own = self.measures.iter().zip(measures);
        for (measure, price) in own.filter(|(k, p)| k.market as usize == m && **p > 0.0) {
            goods.iter_mut().zip(&measure.capacities).for_each(|(sum, c)| sum.add(-price * c));
            watts.add(-price * measure.per_watt);
        }
        (goods.iter().map(Sum::below).collect(), watts.below())
    }

    /// Takes in what the present mix breaks of the measures of single items. Whether there was any.
    fn single(&mut self) -> bool {
        let demand = self.demand();
        let mut found = Vec::new();
        for (m, market) in self.markets.markets.iter().enumerate() {
            for i in 0..market.items.len() {
                let wanted = demand[market.first_row as usize + i];
                if wanted <= WHOLE || self.singles.contains(&(m, i)) {
                    continue;
                }
                let measure = self.single_of(m, i);
                let bought = |g: usize| self.lp.value(self.first_good[m] + g);
                let room = measure.capacities.iter().enumerate().map(|(g, c)| c * bought(g));
                if wanted > room.sum::<f64>() * (1.0 + MEASURED) + WHOLE {
                    found.push((m, i, measure));
                }
            }
        }
        let is_any = !found.is_empty();
        for (m, i, measure) in found {
            self.singles.insert((m, i));
            self.measure(measure);
        }
        is_any
    }

    /// Machines hold only so many pods of one kind, and only some hold it at all.
    fn single_of(&self, m: usize, i: usize) -> Measure {
        let market = &self.markets.markets[m];
        let item = &self.markets.items[market.items[i] as usize];
        let held = |good: &Good| {
            let capacity = &self.tables.offers[good.offer as usize].capacity;
            let by = (0..4).filter(|r| item.request[*r] > 0);
            let most = by.map(|r| capacity[r] / item.request[r]).fold(item.per_node, u32::min);
            if good.holds.contains(&(i as u32)) { f64::from(most) } else { 0.0 }
        };
        let mut sizes = vec![0.0; market.items.len()];
        sizes[i] = 1.0;
        let capacities = market.goods.iter().map(held).collect();
        Measure { market: m as u32, sizes, capacities, per_watt: 0.0 }
    }

    /// Lifts the bound by branching on whole machines, pods and variants, while that is possible;
    /// new measures come from the best points. Only for what is small.
    pub fn branch(&mut self, work: u64, effort: &Effort<'_>) {
        let stop = || effort.is_over();
        let mut left = work;
        while let Some(whole) = self.whole().filter(|_| left > 0 && !stop()) {
            let found = mip::solve(&whole.model, &Stop { work: left, stop: Some(&stop) });
            if matches!(found.end, End::Unbounded | End::Infeasible) {
                // Not proved in exact numbers: nothing is said.
                return;
            }
            self.bound = self.bound.max(found.bound - DOUBT * found.bound.abs());
            left = left.saturating_sub(WORK_PER_PIVOT * found.pivots as u64);
            let Some((point, _)) = found.best else { return };
            self.point = self.advice_of(&whole, &point);
            if found.end != End::Optimal || !self.measure_at(&whole, &point, effort) {
                return;
            }
        }
    }

    /// Choices and regions of each group at a point of the whole programme.
    fn advice_of(&self, whole: &Whole, point: &[f64]) -> Vec<Advice> {
        let mut found: Vec<Option<(u32, Vec<u32>)>> = vec![None; self.tables.services()];
        for pods in whole.pods.iter().filter(|p| point[p.column] > 0.5) {
            let service = self.tables.choices[pods.choice as usize].service as usize;
            let (_, regions) = found[service].get_or_insert_with(|| (pods.choice, Vec::new()));
            let region = self.markets.markets[pods.market as usize].region;
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        let of = |s: &u32| {
            let (choice, mut regions) = found[*s as usize].clone()?;
            regions.sort_unstable();
            Some((*s, choice, regions))
        };
        self.tables.groups.iter().map(|group| group.iter().filter_map(of).collect()).collect()
    }

    /// Takes in measures that a point of the whole programme breaks. Whether there were any.
    fn measure_at(&mut self, whole: &Whole, point: &[f64], effort: &Effort<'_>) -> bool {
        let mut demand = vec![0.0; self.markets.rows];
        whole.pods.iter().for_each(|p| demand[p.row as usize] += point[p.column]);
        let budgets = self.best.budgets.clone();
        let dual = Dual { rows: Vec::new(), budgets };
        let mut is_any = false;
        for m in 0..self.markets.markets.len() {
            let goods = self.markets.markets[m].goods.len();
            let costs = self.costs(&dual, &vec![0.0; goods], m);
            let Some(sizes) = self.sizes(m, &demand, &costs, effort) else { return false };
            let bought = &point[whole.first_good[m]..whole.first_good[m] + goods + 1];
            is_any |= self.offer(m, sizes, &costs, &demand, bought);
        }
        is_any
    }

    /// Takes in a measure if what is `bought` (machines by good, then watts) does not hold the
    /// demand by it.
    fn offer(
        &mut self,
        m: usize,
        sizes: Vec<f64>,
        costs: &Costs,
        demand: &[f64],
        bought: &[f64],
    ) -> bool {
        let paid = costs.goods.iter().chain([&costs.per_watt]).zip(bought).map(|(c, n)| c * n);
        let row = self.markets.markets[m].first_row as usize;
        let wanted: f64 = sizes.iter().zip(&demand[row..]).map(|(s, n)| s * n).sum();
        if wanted <= paid.sum::<f64>() * (1.0 + MEASURED) + 1e-9 {
            return false;
        }
        let nodes = self.covers[m].nodes;
        let capacities = (0..costs.goods.len() as u32)
            .map(|g| self.supply.most(m as u32, g, &sizes, costs, nodes) * (1.0 + SAFETY));
        let capacities = capacities.collect();
        self.measure(Measure { market: m as u32, sizes, capacities, per_watt: costs.per_watt });
        true
    }

    fn whole(&self) -> Option<Whole> {
        let mut singles = Vec::new();
        for (m, market) in self.markets.markets.iter().enumerate() {
            let new = (0..market.items.len()).filter(|i| !self.singles.contains(&(m, *i)));
            singles.extend(new.map(|i| self.single_of(m, i)));
        }
        let measures: Vec<&Measure> = self.measures.iter().chain(&singles).collect();
        whole(self.tables, self.markets, &measures)
    }

    /// Mixes configurations at the present measures, and at those of single items, until bound and
    /// programme meet.
    /// False when it was stopped.
    pub fn mix(&mut self, effort: &Effort<'_>) -> bool {
        loop {
            if !self.solve(effort) {
                return false;
            }
            let (dual, measures) = self.dual();
            let rows: Vec<f64> = dual.rows.iter().map(|p| p * (1.0 - SAFETY)).collect();
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
                let Some((cost, made)) = self.configurer.cheapest(group, &rows, &|_| true) else {
                    self.bound = f64::INFINITY;
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
                (self.bound, self.best) = (bound, dual);
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

    /// Covers every market once, takes in what the mix breaks of the measures found, and mixes
    /// again. False when there is nothing left to find, or when it was stopped.
    pub fn round(&mut self, effort: &Effort<'_>) -> bool {
        let before = self.bound;
        let (dual, measures) = self.dual();
        let demand = self.demand();
        let values = self.lp.values();
        let mut is_empty = true;
        for m in 0..self.markets.markets.len() {
            let (above, _) = self.above(&dual, &measures, m);
            let costs = self.costs(&dual, &above, m);
            let Some(sizes) = self.sizes(m, &demand, &costs, effort) else { return false };
            let first = self.first_good[m];
            let bought = &values[first..first + costs.goods.len() + 1];
            is_empty &= !self.offer(m, sizes, &costs, &demand, bought);
        }
        if !is_empty && !self.mix(effort) {
            return false;
        }
        if is_empty || self.bound - before < SLOW * self.bound.abs() {
            let was_last = self.depth < LEAST_DEPTH;
            self.depth *= SHALLOWER;
            self.tolerance = (self.tolerance * 0.5).max(TOLERANCE[1]);
            return !was_last && self.bound < f64::INFINITY;
        }
        self.bound < f64::INFINITY
    }

    /// The best measure of a market at the present demand and a part of the core's.
    fn sizes(
        &mut self,
        m: usize,
        demand: &[f64],
        costs: &Costs,
        effort: &Effort<'_>,
    ) -> Option<Vec<f64>> {
        let market = &self.markets.markets[m];
        let rows = market.first_row as usize..market.first_row as usize + market.items.len();
        let mixed = |r: usize| (1.0 - self.depth) * demand[r] + self.depth * self.core[r];
        let wanted: Vec<f64> = rows.map(mixed).collect();
        self.covers[m].cover(&mut self.supply, &wanted, costs, self.tolerance, effort)
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
        let (own, uses) = watt(self.tables, market);
        Costs { goods: goods.collect(), per_watt: priced(own, &uses) }
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

/// Each pod pays for the part of a machine that its dearest resource takes.
fn first_prices(tables: &Tables<'_>, markets: &Markets) -> Vec<f64> {
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
    rows
}

/// The variants of each service in equal parts, wherever they may be.
fn core(tables: &Tables<'_>, markets: &Markets) -> Vec<f64> {
    let mut core = vec![0.0; markets.rows];
    for (s, service) in tables.instance.services.iter().enumerate() {
        let choices = tables.choices_of(s as u32);
        let part = 1.0 / choices.len() as f64;
        for c in choices {
            let rows: Vec<u32> = (0..markets.markets.len() as u32)
                .filter(|m| {
                    let region = markets.markets[*m as usize].region;
                    service.regions.binary_search(&region).is_ok()
                })
                .filter_map(|m| markets.row(m, markets.item_of[c as usize]))
                .collect();
            let pods = f64::from(tables.choices[c as usize].replicas) * part;
            rows.iter().for_each(|r| core[*r as usize] += pods / rows.len() as f64);
        }
    }
    core
}

/// What a watt costs and uses in a market: where its machines differ, the least of each.
pub fn watt(tables: &Tables<'_>, market: &Market) -> (f64, Vec<(u32, f64)>) {
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
