//! The relaxation with fillings as columns: what the covers of single markets have found is put
//! together in one programme, so that the prices of all markets' pods come from one place. It says
//! where a measure is missing; the measures say how much is proved.
//!
//! Prices of a programme that lacks columns swing. So machines are filled at prices in between:
//! most of the way to those that prove the bound ("in-out separation", Ben-Ameur and Neto 2007).
//! What is worth more than its cost there is a new column; what is not proves a better bound.

use super::super::Effort;
use super::super::supply::Filled;
use super::{Dual, MEASURED, Relaxation};
use crate::simplex::{self, Simplex, Status};

/// With more rows of pods, one solve takes as long as all that it could give.
const MOST_ROWS: usize = 1_500;
/// Fillings worth less than this part of their cost at the prices in hand do not come in.
const LEAST_WORTH: f64 = 0.93;
/// Parts of the proved prices in those that are tried; the second when the first finds nothing.
const PROVED: [f64; 2] = [0.85, 0.0];
/// Programme and bound may differ by this part.
const CLOSE: f64 = 1e-4;
/// A bound that rises by less, without a new column, is as good as found: what is left of the gap
/// would lift it by more.
const LEAST_RISE: f64 = 1e-6;
/// What a machine may be worth above its cost without being looked for, a part.
const TOLERANCE: f64 = 5e-5;

/// The programme: rows of groups, budgets, goods by market, and pods.
struct Fillings {
    lp: Simplex,
    first_budget: usize,
    first_good: Vec<usize>,
    first_pod: usize,
    /// Configurations that are in.
    configurations: usize,
}

/// Prices of the programme, and of each market what its goods cost above their worth: less than
/// nothing where all are bought.
struct Outer {
    dual: Dual,
    above: Vec<Vec<f64>>,
}

impl Relaxation<'_> {
    /// Whether fillings of all markets go into one programme. Where the whole programme is small
    /// enough for branching, the time is better spent there, and with fewer measures.
    pub fn may_fill(&self) -> bool {
        self.markets.rows <= MOST_ROWS && self.whole().is_none()
    }

    /// Lifts the bound by measures at prices of fillings until nothing is missing or the effort is
    /// over.
    pub fn fill(&mut self, effort: &Effort<'_>) {
        let mut fillings = Fillings::new(self);
        loop {
            fillings.bring(self);
            if !fillings.solve(effort) {
                return;
            }
            let value = fillings.lp.objective();
            if value - self.bound <= CLOSE * value.abs() {
                return;
            }
            let outer = fillings.outer(self);
            let mut is_new = false;
            for part in PROVED {
                let before = self.bound;
                let Some(found) = self.between(&mut fillings, &outer, part, effort) else {
                    return;
                };
                is_new |= found || self.bound > before + LEAST_RISE * value.abs();
                if is_new {
                    break;
                }
                // What was cut off is all that is in the way.
                for cover in self.covers.iter_mut().flatten() {
                    is_new |= cover.look_further();
                }
            }
            if !is_new {
                return;
            }
        }
    }

    /// Fills machines and configures groups at prices between the proved ones and the programme's.
    /// Whether a column was found; `None` when stopped.
    fn between(
        &mut self,
        fillings: &mut Fillings,
        outer: &Outer,
        part: f64,
        effort: &Effort<'_>,
    ) -> Option<bool> {
        let mixed = |proved: &[f64], outer: &[f64]| {
            proved.iter().zip(outer).map(|(a, b)| part * a + (1.0 - part) * b).collect()
        };
        let dual = Dual {
            rows: mixed(&self.best.rows, &outer.dual.rows),
            budgets: mixed(&self.best.budgets, &outer.dual.budgets),
        };
        let (demand, values) = (self.demand(), self.lp.values());
        let (mut is_found, mut is_measured) = (false, false);
        for (m, above) in outer.above.iter().enumerate() {
            let market = &self.markets.markets[m];
            let costs = self.costs(&dual, above, m);
            let nodes = self.covers[m].as_ref().map_or(0, |cover| cover.nodes);
            let prices = &dual.rows[market.rows()];
            let (found, most) = self.supply.price(m as u32, prices, &costs, TOLERANCE, nodes);
            effort.spend(self.supply.take_work());
            let outside = self.costs(&outer.dual, above, m);
            for filled in found {
                let cost = outside.of(&filled);
                let worth = filled.worth(&outer.dual.rows[market.rows()]);
                if worth > cost * (1.0 + 1e-9) {
                    fillings.enter(self, m, &filled);
                    is_found = true;
                }
            }
            let sizes = prices.iter().map(|p| p / most).collect();
            let first = self.first_good[m];
            let bought = &values[first..first + costs.goods.len() + 1];
            if let Some(made) = self.broken(m, sizes, &costs, &demand, (bought, MEASURED), effort) {
                self.measure(made);
                is_measured = true;
            }
            if effort.is_over() {
                return None;
            }
        }
        for group in 0..self.tables.groups.len() as u32 {
            let made = self.configurer.cheapest(group, &dual);
            is_found |= made.is_some_and(|(_, made)| self.add(made));
        }
        if is_measured && !self.mix(effort) {
            return None;
        }
        Some(is_found)
    }
}

impl Fillings {
    fn new(relaxation: &Relaxation<'_>) -> Fillings {
        let (tables, markets) = (relaxation.tables, relaxation.markets);
        let mut lp = Simplex::new();
        for _ in &tables.groups {
            lp.add_row((1.0, 1.0), &[]);
        }
        let first_budget = lp.rows();
        for limit in &tables.limits {
            lp.add_row((f64::NEG_INFINITY, *limit), &[]);
        }
        let mut first_good = Vec::new();
        for market in &markets.markets {
            first_good.push(lp.rows());
            for good in &market.goods {
                lp.add_row((f64::NEG_INFINITY, good.limit as f64), &[]);
            }
        }
        let first_pod = lp.rows();
        for _ in 0..markets.rows {
            lp.add_row((0.0, f64::INFINITY), &[]);
        }
        // To leave a group out is as dear as everything.
        let absent = relaxation.lp.objective().abs() + 1.0;
        for group in 0..tables.groups.len() {
            lp.add_column(absent, (0.0, 1.0), &[(group, 1.0)]);
        }
        let mut fillings = Fillings { lp, first_budget, first_good, first_pod, configurations: 0 };
        let dual = &relaxation.best;
        for (m, market) in markets.markets.iter().enumerate() {
            let costs = relaxation.costs(dual, &vec![0.0; market.goods.len()], m);
            let known = relaxation.covers[m].as_ref().map_or(&[][..], |cover| cover.fillings());
            for filled in known {
                let worth = filled.worth(&dual.rows[market.rows()]);
                if worth > LEAST_WORTH * costs.of(filled) || filled.is_single() {
                    fillings.enter(relaxation, m, filled);
                }
            }
        }
        fillings
    }

    /// Takes in configurations that are new.
    fn bring(&mut self, relaxation: &Relaxation<'_>) {
        for made in &relaxation.configurations[self.configurations..] {
            let mut entries = vec![(made.group as usize, 1.0)];
            entries.extend(made.uses.iter().map(|(b, n)| (self.first_budget + *b as usize, *n)));
            let pods = made.pods.iter();
            entries.extend(pods.map(|(r, n)| (self.first_pod + *r as usize, -f64::from(*n))));
            self.lp.add_column(made.cost, (0.0, f64::INFINITY), &entries);
        }
        self.configurations = relaxation.configurations.len();
    }

    fn enter(&mut self, relaxation: &Relaxation<'_>, m: usize, filled: &Filled) {
        let market = &relaxation.markets.markets[m];
        let good = &market.goods[filled.good as usize];
        let offer = &relaxation.tables.offers[good.offer as usize];
        let (watt, uses) = &relaxation.watts[m];
        let (good, pod) = (self.first_good[m], self.first_pod + market.first_row as usize);
        let mut entries = vec![(good + filled.good as usize, 1.0)];
        entries.extend(filled.pods.iter().map(|(i, n)| (pod + *i as usize, f64::from(*n))));
        let drawn = uses.iter().map(|(b, n)| (*b, n * filled.watts));
        let uses = offer.uses.iter().copied().chain(drawn);
        entries.extend(uses.map(|(b, n)| (self.first_budget + b as usize, n)));
        let cost = offer.fixed + watt * filled.watts;
        self.lp.add_column(cost, (0.0, f64::INFINITY), &entries);
    }

    fn solve(&mut self, effort: &Effort<'_>) -> bool {
        let stop = || effort.is_over();
        let limits = simplex::Limits { stop: Some(&stop), ..simplex::Limits::work(u64::MAX) };
        let before = self.lp.work();
        let is_solved = self.lp.solve(&limits) == Status::Optimal;
        effort.spend(self.lp.work() - before);
        is_solved
    }

    fn outer(&self, relaxation: &Relaxation<'_>) -> Outer {
        let y = self.lp.duals();
        let rows = y[self.first_pod..].iter().map(|v| v.max(0.0)).collect();
        let last_budget = self.first_budget + relaxation.tables.limits.len();
        let budgets = y[self.first_budget..last_budget].iter().map(|v| (-v).max(0.0)).collect();
        let goods = self.first_good.iter().zip(&relaxation.markets.markets);
        let above = goods.map(|(first, market)| {
            y[*first..first + market.goods.len()].iter().map(|v| v.min(0.0)).collect()
        });
        Outer { dual: Dual { rows, budgets }, above: above.collect() }
    }
}
