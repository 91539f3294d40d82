//! Branching on the relaxation with whole machines, again and again: its points give new measures.

use super::super::Effort;
use super::super::ruin::Advice;
use super::whole::{Whole, whole};
use super::{Dual, Kind, Measure, Relaxation};
use crate::mip::{self, End, Stop};

/// What rounding in the simplex may have lifted a bound of branching by, relative.
const DOUBT: f64 = 1e-6;

impl Relaxation<'_> {
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
            left = left.saturating_sub(found.work);
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
            is_any |= self.offer(m, sizes, &costs, &demand, bought, effort);
        }
        is_any
    }

    fn whole(&self) -> Option<Whole> {
        let mut singles = Vec::new();
        for (m, market) in self.markets.markets.iter().enumerate() {
            let singles_of = Kind::of_items(market).filter(|kind| matches!(kind, Kind::Single(_)));
            let new = singles_of.filter(|kind| !self.singles.contains(&(m, *kind)));
            singles.extend(new.map(|kind| Measure::of_item(self.tables, self.markets, m, kind)));
        }
        let measures: Vec<&Measure> = self.measures.iter().chain(&singles).collect();
        whole(self.tables, self.markets, &measures, &self.watts)
    }
}
