//! What it costs at least to hold a given demand in one market, when machines may be bought in
//! fractions but are filled with whole pods (Gilmore and Gomory 1961). The prices of the pods that
//! come out are the best measure of what a machine of this market can hold, at this demand.

use super::Effort;
use super::supply::{Filled, Supply};
use crate::simplex::{self, Simplex, Status};

/// Pods that every item is asked for, so that each has a price.
const LEAST_DEMAND: f64 = 1e-3;
/// Part of the best prices in those that are tried (Wentges 1997): they keep from swinging.
const SMOOTHING: f64 = 0.7;
/// Nodes of one knapsack, at first and at most; what is left out stands in the prices.
const NODES: std::ops::RangeInclusive<u64> = 8_000..=256_000;
/// Rounds of asking whether machines can hold what they are to hold; what they may lack; and the
/// least that one costs meanwhile, of all that are bought.
const MOST_ROUNDS: usize = 100;
const FITS: f64 = 1e-6;
const LEAST_COST: f64 = 1e-7;

/// How close a demand is covered.
#[derive(Clone, Copy, Debug)]
pub struct Care {
    /// What a machine may be worth above its cost without being looked for.
    pub tolerance: f64,
    /// Pricing rounds.
    pub rounds: usize,
}

/// What a machine of a market costs, budgets priced: each good, and a watt drawn by pods.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    pub goods: Vec<f64>,
    pub per_watt: f64,
}

impl Costs {
    /// What a machine costs that is filled in some way.
    pub fn of(&self, filled: &Filled) -> f64 {
        self.goods[filled.good as usize] + filled.watts * self.per_watt
    }
}

/// One market's master programme; its columns are kept from demand to demand.
pub struct Cover {
    market: u32,
    lp: Simplex,
    columns: Vec<Filled>,
    /// Of one knapsack.
    pub nodes: u64,
}

impl Cover {
    pub fn new(market: u32, supply: &Supply<'_>) -> Cover {
        let mut cover =
            Cover { market, lp: Simplex::new(), columns: Vec::new(), nodes: *NODES.start() };
        let items = supply.items(market);
        for _ in 0..items {
            cover.lp.add_row((0.0, f64::INFINITY), &[]);
        }
        for item in 0..items {
            for good in supply.goods_holding(market, item) {
                cover.enter(0.0, supply.alone(market, good, item));
            }
        }
        cover
    }

    /// Prices of pods and of machines at which `bought` machines (by good) are worth less than
    /// the pods that they are to hold, where even parts of fillings do not hold all: the dual of
    /// how many times those machines would do. A good of which there is none is free.
    pub fn refute(
        market: u32,
        supply: &mut Supply<'_>,
        demand: &[f64],
        bought: &[f64],
        nodes: u64,
        effort: &Effort<'_>,
    ) -> Option<(Vec<f64>, Costs)> {
        let mut lp = Simplex::new();
        let items = demand.len();
        for wanted in demand {
            lp.add_row((wanted.max(0.0), f64::INFINITY), &[]);
        }
        let mut times = Vec::new();
        for (good, count) in bought.iter().enumerate() {
            lp.add_row((0.0, f64::INFINITY), &[]);
            times.push((items + good, *count));
        }
        lp.add_column(1.0, (0.0, f64::INFINITY), &times);
        let enter = |lp: &mut Simplex, filled: &Filled| {
            let pods = filled.pods.iter().map(|(i, n)| (*i as usize, f64::from(*n)));
            let entries: Vec<(usize, f64)> =
                pods.chain([(items + filled.good as usize, -1.0)]).collect();
            lp.add_column(0.0, (0.0, f64::INFINITY), &entries);
        };
        for item in 0..items as u32 {
            for good in supply.goods_holding(market, item) {
                enter(&mut lp, &supply.alone(market, good, item));
            }
        }
        for _ in 0..MOST_ROUNDS {
            let stop = || effort.is_over();
            let limits = simplex::Limits { stop: Some(&stop), ..simplex::Limits::work(u64::MAX) };
            let before = lp.work();
            let status = lp.solve(&limits);
            effort.spend(lp.work() - before);
            if status != Status::Optimal || lp.objective() <= 1.0 + FITS {
                return None;
            }
            let duals: Vec<f64> = lp.duals().iter().map(|v| v.max(0.0)).collect();
            let (sizes, worth) = duals.split_at(items);
            let none = |(cost, count): (&f64, &f64)| if *count > 0.0 { *cost } else { 0.0 };
            let goods: Vec<f64> = worth.iter().zip(bought).map(none).collect();
            // A good of which there is none is not filled.
            let tried = goods.iter().zip(bought).map(|(cost, count)| match *count > 0.0 {
                true => cost.max(LEAST_COST),
                false => f64::MAX,
            });
            let tried = Costs { goods: tried.collect(), per_watt: 0.0 };
            let (found, _) = supply.price(market, sizes, &tried, FITS, nodes);
            effort.spend(supply.take_work());
            if found.is_empty() {
                return Some((sizes.to_vec(), Costs { goods, per_watt: 0.0 }));
            }
            found.iter().for_each(|filled| enter(&mut lp, filled));
        }
        None
    }

    /// Takes in a way to fill a machine; its cost is set before the next solve.
    fn enter(&mut self, cost: f64, filled: Filled) {
        let entries: Vec<(usize, f64)> =
            filled.pods.iter().map(|(i, n)| (*i as usize, f64::from(*n))).collect();
        self.lp.add_column(cost, (0.0, f64::INFINITY), &entries);
        self.columns.push(filled);
    }

    /// Lets knapsacks search further; false when they do so as far as they may.
    pub fn look_further(&mut self) -> bool {
        let is_first = self.nodes < *NODES.end();
        self.nodes *= if is_first { 4 } else { 1 };
        is_first
    }

    /// Ways to fill a machine that were found so far.
    pub fn fillings(&self) -> &[Filled] {
        &self.columns
    }

    /// A price for each item at which no machine is worth more than it costs, but for rounding, and
    /// `demand` (pods, by item) almost as much as covering it costs. The search begins at prices
    /// that are `known`, which are made as high as machines allow. `None` when stopped.
    pub fn cover(
        &mut self,
        supply: &mut Supply<'_>,
        demand: &[f64],
        known: &[f64],
        costs: &Costs,
        care: &Care,
        effort: &Effort<'_>,
    ) -> Option<Vec<f64>> {
        let tolerance = care.tolerance;
        for (i, wanted) in demand.iter().enumerate() {
            self.lp.set_row_bounds(i, (wanted.max(LEAST_DEMAND), f64::INFINITY));
        }
        let cost = |filled: &Filled| costs.of(filled);
        for (j, filled) in self.columns.iter().enumerate() {
            self.lp.set_cost(j, cost(filled));
        }
        let (found, most) = supply.worthiest(self.market, known, costs, self.nodes);
        effort.spend(supply.take_work());
        found.into_iter().for_each(|filled| self.enter(cost(&filled), filled));
        let mut best: Vec<f64> = known.iter().map(|p| p / most).collect();
        let worth = |prices: &[f64]| {
            let wanted = demand.iter().zip(prices);
            wanted.map(|(n, p)| n.max(LEAST_DEMAND) * p).sum::<f64>()
        };
        let mut bound = worth(&best);
        for round in 0.. {
            let stop = || effort.is_over();
            let limits = simplex::Limits { stop: Some(&stop), ..simplex::Limits::work(u64::MAX) };
            let before = self.lp.work();
            let status = self.lp.solve(&limits);
            effort.spend(self.lp.work() - before);
            if status != Status::Optimal {
                return None;
            }
            let value = self.lp.objective();
            let now: Vec<f64> = self.lp.duals().iter().map(|v| v.max(0.0)).collect();
            let mut weights = vec![0.0];
            if bound > 0.0 {
                weights.insert(0, SMOOTHING);
            }
            let mut added = 0;
            for weight in weights {
                if added > 0 || effort.is_over() {
                    break;
                }
                let mixed: Vec<f64> =
                    best.iter().zip(&now).map(|(b, n)| weight * b + (1.0 - weight) * n).collect();
                let (found, most) =
                    supply.price(self.market, &mixed, costs, 0.1 * tolerance, self.nodes);
                effort.spend(supply.take_work());
                let proved = worth(&mixed) / most;
                if proved > bound {
                    bound = proved;
                    best = mixed.iter().map(|p| p / most).collect();
                }
                for filled in found {
                    let cost = cost(&filled);
                    if filled.worth(&now) > cost * (1.0 + 1e-9) {
                        self.enter(cost, filled);
                        added += 1;
                    }
                }
            }
            let is_close = value - bound <= tolerance * value;
            // What was cut off may be all that keeps the bound from rising.
            if !is_close && added == 0 && self.look_further() {
                continue;
            }
            if is_close || added == 0 || round >= care.rounds {
                return Some(best);
            }
        }
        None
    }
}
