//! The master programme of column generation, and the only file here that knows the simplex. Its
//! rows: pods of each item in each market, supplied at least as wanted; one configuration per
//! group; budgets; limits of goods, where they are broken. It always has a solution: a group may
//! be left out at a cost far above any configuration seen.

use super::Effort;
use super::configure::Configuration;
use super::market::Markets;
use super::supply::Pattern;
use super::tables::Tables;
use crate::simplex::{self, Simplex, Status};
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    Pattern(Pattern),
    Configuration(Configuration),
    /// A group left out.
    Absent(u32),
}

/// A point of the dual: what bounds are computed from. No entry is negative.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dual {
    /// Price of a pod, by row.
    pub rows: Vec<f64>,
    /// Price of a unit of each budget.
    pub budgets: Vec<f64>,
    /// Price of a machine, of goods with a row of their own.
    pub goods: Vec<f64>,
}

/// How much dearer than a configuration leaving the group out is.
const ABSENT: f64 = 30.0;

/// Supply may miss what is wanted by this much of a pod, other for each row: it keeps the simplex
/// from stalling and makes the master's value a trifle too small, never a bound too large.
const BLUR: f64 = 1e-6;

pub struct Master<'t, 'i> {
    tables: &'t Tables<'i>,
    markets: &'t Markets,
    lp: Simplex,
    pub columns: Vec<Column>,
    known: BTreeSet<Vec<u32>>,
    first_group: usize,
    first_budget: usize,
    first_limit: usize,
    /// Goods whose limit is a row.
    pub limited: Vec<(u32, u32)>,
}

impl<'t, 'i> Master<'t, 'i> {
    pub fn new(tables: &'t Tables<'i>, markets: &'t Markets, absent: &[f64]) -> Self {
        let mut lp = Simplex::new();
        for r in 0..markets.rows {
            let blur = BLUR * (1.0 + (r * 7919 % 1013) as f64 / 1013.0);
            lp.add_row((-blur, f64::INFINITY), &[]);
        }
        for _ in &tables.groups {
            lp.add_row((1.0, 1.0), &[]);
        }
        for limit in &tables.limits {
            lp.add_row((f64::NEG_INFINITY, *limit), &[]);
        }
        let first_group = markets.rows;
        let first_budget = first_group + tables.groups.len();
        let mut master = Master {
            tables,
            markets,
            lp,
            columns: Vec::new(),
            known: BTreeSet::new(),
            first_group,
            first_budget,
            first_limit: first_budget + tables.limits.len(),
            limited: Vec::new(),
        };
        for (group, cost) in absent.iter().enumerate() {
            master.push(Column::Absent(group as u32), ABSENT * cost + 1.0, Vec::new(), group);
        }
        master
    }

    fn push(&mut self, column: Column, cost: f64, mut entries: Vec<(usize, f64)>, group: usize) {
        if !matches!(column, Column::Pattern(_)) {
            entries.push((self.first_group + group, 1.0));
        }
        self.lp.add_column(cost, (0.0, f64::INFINITY), &entries);
        self.columns.push(column);
    }

    /// Takes in a column that is new; whether it was.
    pub fn add(&mut self, column: Column) -> bool {
        if !self.known.insert(key(&column)) {
            return false;
        }
        let of = |pods: &[(u32, u32)], sign: f64| -> Vec<(usize, f64)> {
            pods.iter().map(|(r, n)| (*r as usize, sign * f64::from(*n))).collect()
        };
        match &column {
            Column::Pattern(pattern) => {
                let mut entries = of(&pattern.pods, 1.0);
                let uses = self.uses(pattern);
                let used = uses.iter().enumerate().filter(|(_, n)| **n != 0.0);
                entries.extend(used.map(|(b, n)| (self.first_budget + b, *n)));
                let own = (pattern.market, pattern.good);
                let row = self.limited.iter().position(|l| *l == own);
                entries.extend(row.map(|i| (self.first_limit + i, 1.0)));
                let cost = pattern.cost;
                self.push(column, cost, entries, 0);
            }
            Column::Configuration(made) => {
                let (entries, cost, group) = (of(&made.pods, -1.0), made.cost, made.group);
                self.push(column, cost, entries, group as usize);
            }
            Column::Absent(_) => {}
        }
        true
    }

    fn uses(&self, pattern: &Pattern) -> Vec<f64> {
        let good = &self.markets.markets[pattern.market as usize].goods[pattern.good as usize];
        let offer = &self.tables.offers[good.offer as usize];
        let mut uses = vec![0.0; self.tables.limits.len()];
        offer.uses.iter().for_each(|(b, n)| uses[*b as usize] += n);
        let watts = pattern.watts;
        offer.uses_per_watt.iter().for_each(|(b, n)| uses[*b as usize] += n * watts);
        uses
    }

    /// Solves from the last basis; whether it came to the optimum.
    pub fn solve(&mut self, effort: &Effort<'_>) -> bool {
        let stop = || effort.is_over();
        let limits = simplex::Limits { stop: Some(&stop), ..simplex::Limits::work(u64::MAX) };
        self.lp.solve(&limits) == Status::Optimal
    }

    pub fn value(&self) -> f64 {
        self.lp.objective()
    }

    /// How much of each column is used.
    pub fn values(&self) -> Vec<f64> {
        self.lp.values()
    }

    pub fn dual(&self) -> Dual {
        let y = self.lp.duals();
        let above = |v: &f64| v.max(0.0);
        let below = |v: &f64| (-v).max(0.0);
        Dual {
            rows: y[..self.first_group].iter().map(above).collect(),
            budgets: y[self.first_budget..self.first_limit].iter().map(below).collect(),
            goods: y[self.first_limit..].iter().map(below).collect(),
        }
    }

    /// Makes rows of the limits that the present solution breaks; whether there were any.
    pub fn limit_goods(&mut self) -> bool {
        let mut columns: std::collections::BTreeMap<(u32, u32), Vec<usize>> = Default::default();
        for (j, column) in self.columns.iter().enumerate() {
            if let Column::Pattern(pattern) = column {
                columns.entry((pattern.market, pattern.good)).or_default().push(j);
            }
        }
        let before = self.limited.len();
        for ((m, g), columns) in columns {
            let limit = self.markets.markets[m as usize].goods[g as usize].limit as f64;
            let bought: f64 = columns.iter().map(|j| self.lp.value(*j)).sum();
            if bought > limit + 1e-6 && !self.limited.contains(&(m, g)) {
                let entries: Vec<(usize, f64)> = columns.iter().map(|j| (*j, 1.0)).collect();
                self.lp.add_row((f64::NEG_INFINITY, limit), &entries);
                self.limited.push((m, g));
            }
        }
        self.limited.len() > before
    }
}

/// What makes a column: equal columns have equal keys.
fn key(column: &Column) -> Vec<u32> {
    let (mut key, pods) = match column {
        Column::Pattern(p) => (vec![0, p.market, p.good], &p.pods),
        Column::Configuration(c) => {
            let choices = c.services.iter().map(|s| s.choice);
            ([1, c.group].into_iter().chain(choices).collect(), &c.pods)
        }
        Column::Absent(group) => return vec![2, *group],
    };
    key.extend(pods.iter().flat_map(|(r, n)| [*r, *n]));
    key
}
