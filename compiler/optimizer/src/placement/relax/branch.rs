//! Branching on the relaxation with whole machines: measures that points of the tree break become
//! rows of it.

use super::super::Effort;
use super::super::cover::Cover;
use super::super::ruin::Advice;
use super::whole::{Whole, whole};
use super::{Dual, HASTY, Kind, LAST, Measure, Relaxation, WHOLE};
use crate::mip::{self, End, Guide, Row, Seen, Stop};

/// A measure that a point of the tree breaks by less than this part is no row.
const WORTHWHILE: f64 = 3e-3;
/// The same at points that are whole.
const BROKEN: f64 = 1e-5;
/// Nodes between those at which markets are covered.
const COVERED_EVERY: usize = 20;

/// What rounding in the simplex may have lifted a bound of branching by, relative.
const DOUBT: f64 = 1e-6;

impl Relaxation<'_> {
    /// Lifts the bound by branching on whole machines, pods and variants; measures that points of
    /// the tree break are taken in on the way. Nothing is looked for above `most`, the objective
    /// of a plan. Only for what is small.
    pub fn branch(
        &mut self,
        work: u64,
        most: &dyn Fn() -> f64,
        effort: &Effort<'_>,
        tell: &mut dyn FnMut(&Self),
    ) {
        let stop = || effort.is_over();
        let Some(mut whole) = self.whole() else { return };
        let model = std::mem::take(&mut whole.model);
        let found = {
            let separate = &mut |seen: &Seen<'_>| {
                let rows = self.separate(&mut whole, seen, most(), effort);
                tell(self);
                rows
            };
            let stop = Stop { work, stop: Some(&stop) };
            mip::solve_guided(&model, &stop, Guide { cutoff: most, separate })
        };
        let is_known = found.bound < f64::INFINITY;
        if found.end == End::Unbounded || !is_known {
            // Not proved in exact numbers: nothing is said.
            return;
        }
        self.bound = self.bound.max(found.bound - DOUBT * found.bound.abs());
        if most() == f64::INFINITY {
            self.unaided = self.bound;
        }
    }

    /// Whether branching has come to a point.
    pub fn has_point(&self) -> bool {
        !self.point.is_empty()
    }

    /// Choices and regions of each group at a point of the whole programme.
    fn advice_of(&self, whole: &Whole, point: &[f64]) -> Vec<Advice> {
        let mut found: Vec<Option<(u32, Vec<u32>)>> = vec![None; self.tables.services()];
        let service = |choice: u32| self.tables.choices[choice as usize].service as usize;
        for (choice, column) in (0_u32..).zip(&whole.choices) {
            if point[*column] > 0.5 {
                found[service(choice)] = Some((choice, Vec::new()));
            }
        }
        for pods in whole.pods.iter().filter(|p| point[p.column] > 0.5) {
            let region = self.markets.markets[pods.market as usize].region;
            if let Some((_, regions)) = &mut found[service(pods.choice)]
                && !regions.contains(&region)
            {
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

    /// Rows of measures that a point of the whole programme breaks.
    fn separate(
        &mut self,
        whole: &mut Whole,
        seen: &Seen<'_>,
        most: f64,
        effort: &Effort<'_>,
    ) -> Vec<Row> {
        if seen.duals.is_empty() {
            if seen.value >= most {
                // It will not be the least in the end: what it is need not be known.
                return Vec::new();
            }
            // What it forgets will be known, and most of it stays.
            self.point = self.advice_of(whole, seen.x);
        }
        let mut demand = vec![0.0; self.markets.rows];
        whole.pods.iter().for_each(|p| demand[p.row as usize] += seen.x[p.column]);
        let pooled = whole.pooled(seen.x, &demand, self.markets);
        if !pooled.is_empty() || !seen.duals.is_empty() && seen.nodes % COVERED_EVERY > 1 {
            return pooled;
        }
        // A point that is whole is taken unless it is refuted: that is worth some care.
        let is_whole = seen.duals.is_empty();
        let (care, by) = if is_whole { (LAST, BROKEN) } else { (HASTY, WORTHWHILE) };
        self.care = care;
        let depth = self.depth;
        if is_whole {
            self.depth = 0.0;
        }
        let budgets = self.best.budgets.clone();
        let dual = Dual { rows: Vec::new(), budgets };
        let mut rows = Vec::new();
        for m in 0..self.markets.markets.len() {
            let market = &self.markets.markets[m];
            let (goods, first) = (market.goods.len(), whole.first_good[m]);
            let bought = &seen.x[first..first + goods + 1];
            let own = market.rows();
            if demand[own.clone()].iter().all(|n| *n <= WHOLE) {
                continue;
            }
            let mut costs = self.costs(&dual, &vec![0.0; goods], m);
            let mut prices = self.best.rows[own.clone()].to_vec();
            if let Some((sizes, worth)) = whole.worth(m, &seen.duals) {
                prices = sizes;
                // A good that is bought costs what its capacities are worth here.
                for ((cost, worth), bought) in costs.goods.iter_mut().zip(worth).zip(bought) {
                    *cost = if *bought > WHOLE && worth > 0.0 { worth } else { cost.max(worth) };
                }
            }
            let Some(sizes) = self.sizes(m, &demand, &prices, &costs, effort) else { continue };
            let mut made = self.broken(m, sizes, &costs, &demand, (bought, by), effort);
            if made.is_none() && is_whole {
                made = self.refuted(m, &demand, bought, effort);
            }
            if let Some(made) = made {
                rows.push(whole.row(&made, self.markets));
                self.measure(made.clone());
                whole.measures.push(made);
            }
        }
        self.depth = depth;
        rows
    }

    /// A measure by which machines do not hold what they are to hold, if there is one.
    fn refuted(
        &mut self,
        m: usize,
        demand: &[f64],
        bought: &[f64],
        effort: &Effort<'_>,
    ) -> Option<Measure> {
        let market = &self.markets.markets[m];
        let (wanted, machines) = (&demand[market.rows()], &bought[..market.goods.len()]);
        let nodes = self.covers[m].as_ref().map_or(0, |cover| cover.nodes);
        let (sizes, costs) =
            Cover::refute(m as u32, &mut self.supply, wanted, machines, nodes, effort)?;
        self.broken(m, sizes, &costs, demand, (bought, BROKEN), effort)
    }

    /// The whole programme, if that is small enough to be branched on.
    pub(super) fn whole(&self) -> Option<Whole> {
        let mut singles = Vec::new();
        for (m, market) in self.markets.markets.iter().enumerate() {
            let singles_of = Kind::of_items(market).filter(|kind| matches!(kind, Kind::Single(_)));
            let new = singles_of.filter(|kind| !self.singles.contains(&(m, *kind)));
            singles.extend(new.map(|kind| Measure::of_item(self.tables, self.markets, m, kind)));
        }
        // What does not bind is left to be found broken: the fewer rows, the more nodes.
        let duals = &self.lp.duals()[self.first_measure..];
        let binds = |(k, measure): &(usize, &Measure)| {
            duals.get(*k).is_some_and(|dual| *dual > 0.0)
                || matches!(measure.kind, Kind::Resource(_))
        };
        let (own, pool): (Vec<_>, Vec<_>) = self.measures.iter().enumerate().partition(binds);
        let own = own.into_iter().map(|(_, measure)| measure.clone()).collect();
        let pool = pool.into_iter().map(|(_, measure)| measure.clone()).chain(singles).collect();
        whole(self.tables, self.markets, own, pool, &self.watts)
    }
}
