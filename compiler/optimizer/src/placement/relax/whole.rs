//! The relaxation with whole machines: how many of each good, which variant, how many pods in which
//! market, and in which regions rules of nearness find a service. Machines are filled by measures
//! as in [`super`], so that a plan of the instance is a point here, and branch and cut lifts
//! the bound above that of fractions. For instances of some ten services; the bound is as good as
//! the floating-point simplex under it.

use super::super::configure::places;
use super::super::market::Markets;
use super::super::tables::Tables;
use super::measure::Measure;
use crate::mip::Row;
use crate::model::{Column, Kind, Model};

/// Columns up to which branching is worth the time.
const MOST_COLUMNS: usize = 600;

/// A measure of the pool that is broken by more than this becomes a row.
const BROKEN: f64 = 1e-6;

struct Rows {
    rows: Vec<(f64, f64)>,
}

impl Rows {
    fn add(&mut self, lo: f64, hi: f64) -> usize {
        self.rows.push((lo, hi));
        self.rows.len() - 1
    }
}

/// The programme, and where to read a point of it.
pub struct Whole {
    pub model: Model,
    /// Column of the first good of each market; after its goods comes its watts.
    pub first_good: Vec<usize>,
    /// Columns of pods, with their choices, markets and rows in the markets.
    pub pods: Vec<Pods>,
    /// Columns of choices.
    pub choices: Vec<usize>,
    /// Those of the model's rows, from `first_measure` on, and then those of rows added to them.
    pub measures: Vec<Measure>,
    /// Those that are no rows yet.
    pool: Vec<Measure>,
    first_measure: usize,
    of_model: usize,
    /// Rows of the model.
    rows: usize,
}

pub struct Pods {
    pub column: usize,
    pub choice: u32,
    pub market: u32,
    pub row: u32,
}

/// `None` where it is too large.
pub fn whole(
    tables: &Tables,
    markets: &Markets,
    measures: Vec<Measure>,
    pool: Vec<Measure>,
    watts: &[(f64, Vec<(u32, f64)>)],
) -> Option<Whole> {
    let mut rows = Rows { rows: Vec::new() };
    let mut columns: Vec<Column> = Vec::new();
    let budgets: Vec<usize> =
        tables.limits.iter().map(|limit| rows.add(f64::NEG_INFINITY, *limit)).collect();
    let held: Vec<usize> = measures.iter().map(|_| rows.add(0.0, f64::INFINITY)).collect();
    let first_good =
        goods(tables, markets, &measures, watts, (&budgets, &held), &mut rows, &mut columns);
    let mut all_pods = Vec::new();
    let mut choices = Vec::new();
    let presence = presence(tables, &mut rows, &mut columns);
    for s in 0..tables.services() as u32 {
        let one = rows.add(1.0, 1.0);
        for c in tables.choices_of(s) {
            let choice = &tables.choices[c as usize];
            let all = rows.add(0.0, 0.0);
            let replicas = f64::from(choice.replicas);
            let mut entries: Vec<(usize, f64)> =
                choice.uses.iter().map(|(b, n)| (budgets[*b as usize], *n)).collect();
            entries.extend([(one, 1.0), (all, -replicas)]);
            choices.push(columns.len());
            columns.push(column(choice.penalty, 1.0, Kind::Whole, entries));
            let item = markets.item_of[c as usize];
            for (m, most) in places(tables, markets, c) {
                let market = &markets.markets[m as usize];
                let at = markets.row(m, item)? - market.first_row;
                let own = measures.iter().zip(&held).filter(|(k, _)| k.market == m);
                let mut entries: Vec<(usize, f64)> =
                    own.map(|(k, row)| (*row, -k.sizes[at as usize])).collect();
                entries.push((all, 1.0));
                if let Some(known) = &presence[s as usize] {
                    let (some, column) = known[market.region as usize];
                    entries.push((some, 1.0));
                    // No pod without presence.
                    let own = rows.add(f64::NEG_INFINITY, 0.0);
                    entries.push((own, 1.0));
                    columns[column].entries.push((own, -f64::from(most)));
                }
                let latency = tables.latency[s as usize][market.region as usize];
                let row = market.first_row + at;
                all_pods.push(Pods { column: columns.len(), choice: c, market: m, row });
                columns.push(column(latency, f64::from(most), Kind::Whole, entries));
            }
        }
    }
    if columns.len() > MOST_COLUMNS {
        return None;
    }
    columns.iter_mut().for_each(|c| c.entries.retain(|e| e.1 != 0.0));
    let model = Model { columns, rows: rows.rows, ..Model::default() };
    let first_measure = budgets.len();
    let of_model = measures.len();
    let rows = model.rows.len();
    Some(Whole {
        model,
        first_good,
        pods: all_pods,
        choices,
        measures,
        pool,
        first_measure,
        of_model,
        rows,
    })
}

impl Whole {
    /// Rows of measures from the pool that a point breaks.
    pub fn pooled(&mut self, x: &[f64], demand: &[f64], markets: &Markets) -> Vec<Row> {
        let is_broken = |measure: &mut Measure| {
            let m = measure.market as usize;
            let (wanted, bought) = (&demand[markets.markets[m].rows()], &x[self.first_good[m]..]);
            measure.is_broken(wanted, bought, BROKEN, BROKEN)
        };
        let broken: Vec<Measure> = self.pool.extract_if(.., is_broken).collect();
        let rows = broken.iter().map(|measure| self.row(measure, markets)).collect();
        self.measures.extend(broken);
        rows
    }

    /// A measure as a row.
    pub fn row(&self, measure: &Measure, markets: &Markets) -> Row {
        let market = &markets.markets[measure.market as usize];
        let first = self.first_good[measure.market as usize];
        let goods = measure.capacities.iter().chain([&measure.per_watt]).enumerate();
        let mut entries: Vec<(usize, f64)> = goods.map(|(g, c)| (first + g, *c)).collect();
        let here = self.pods.iter().filter(|p| p.market == measure.market);
        let size = |p: &Pods| measure.sizes[(p.row - market.first_row) as usize];
        entries.extend(here.map(|p| (p.column, -size(p))));
        entries.retain(|e| e.1 != 0.0);
        ((0.0, f64::INFINITY), entries)
    }

    /// What pods (by place in the market's list of items) and machines of a market are worth by
    /// its measures, at multipliers of the model's rows and of those added; `None` without any.
    pub fn worth(&self, m: usize, duals: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
        let of = |k: usize| match k < self.of_model {
            true => duals.get(self.first_measure + k),
            false => duals.get(self.rows + k - self.of_model),
        };
        let mut sum: Option<(Vec<f64>, Vec<f64>)> = None;
        let own = self.measures.iter().enumerate().filter(|(_, k)| k.market as usize == m);
        for (k, measure) in own {
            let Some(price) = of(k).filter(|price| **price > 0.0) else { continue };
            let (sizes, capacities) = sum.get_or_insert_with(|| {
                (vec![0.0; measure.sizes.len()], vec![0.0; measure.capacities.len()])
            });
            sizes.iter_mut().zip(&measure.sizes).for_each(|(sum, size)| *sum += price * size);
            let room = capacities.iter_mut().zip(&measure.capacities);
            room.for_each(|(sum, c)| *sum += price * c);
        }
        sum
    }
}

/// Columns of each market's machines, of its watts and of how many machines it has; the first of
/// each.
fn goods(
    tables: &Tables,
    markets: &Markets,
    measures: &[Measure],
    watts: &[(f64, Vec<(u32, f64)>)],
    (budgets, held): (&[usize], &[usize]),
    rows: &mut Rows,
    columns: &mut Vec<Column>,
) -> Vec<usize> {
    let mut first_good = Vec::new();
    for (m, market) in markets.markets.iter().enumerate() {
        first_good.push(columns.len());
        let own = || measures.iter().zip(held).filter(move |(k, _)| k.market as usize == m);
        for (g, good) in market.goods.iter().enumerate() {
            let offer = &tables.offers[good.offer as usize];
            let mut entries: Vec<(usize, f64)> =
                offer.uses.iter().map(|(b, n)| (budgets[*b as usize], *n)).collect();
            entries.extend(own().map(|(k, row)| (*row, k.capacities[g])));
            columns.push(column(offer.fixed, good.limit as f64, Kind::Whole, entries));
        }
        let (cost, uses) = &watts[m];
        let mut entries: Vec<(usize, f64)> =
            uses.iter().map(|(b, n)| (budgets[*b as usize], *n)).collect();
        entries.extend(own().map(|(k, row)| (*row, k.per_watt)));
        columns.push(column(*cost, f64::INFINITY, Kind::Real, entries));
        if market.goods.len() > 1 {
            // How many machines there are is worth branching on before which they are.
            let row = rows.add(0.0, 0.0);
            let first = columns.len() - 1 - market.goods.len();
            let limit = market.goods.iter().map(|g| g.limit as f64).sum();
            for good in &mut columns[first..first + market.goods.len()] {
                good.entries.push((row, 1.0));
            }
            columns.push(column(0.0, limit, Kind::Whole, vec![(row, -1.0)]));
        }
    }
    first_good
}

fn column(cost: f64, most: f64, kind: Kind, entries: Vec<(usize, f64)>) -> Column {
    Column { cost, bounds: (0.0, most), kind, entries }
}

/// Of each service with rules of nearness, by region: the row that says it is nowhere present
/// without a pod, and the column that says it is present.
fn presence(
    tables: &Tables,
    rows: &mut Rows,
    columns: &mut Vec<Column>,
) -> Vec<Option<Vec<(usize, usize)>>> {
    let regions = tables.regions;
    let mut all: Vec<Option<Vec<(usize, usize)>>> = Vec::new();
    for rules in &tables.rules {
        let is_tied = !rules.near_rules.is_empty();
        all.push(is_tied.then(|| {
            let region = |_| {
                let some = rows.add(0.0, f64::INFINITY);
                columns.push(column(0.0, 1.0, Kind::Whole, vec![(some, -1.0)]));
                (some, columns.len() - 1)
            };
            (0..regions).map(region).collect()
        }));
    }
    let between = (0_u32..).zip(&tables.near).filter(|(_, near)| near.a != near.b);
    for (rule, near) in between {
        let (Some(a), Some(b)) = (&all[near.a as usize], &all[near.b as usize]) else { continue };
        for (region, (_, present)) in a.iter().enumerate() {
            let row = rows.add(0.0, f64::INFINITY);
            let entries: Vec<usize> = (0..regions)
                .filter(|q| tables.is_near(region as u32, *q as u32, rule))
                .map(|q| b[q].1)
                .collect();
            columns[*present].entries.push((row, -1.0));
            entries.into_iter().for_each(|column| columns[column].entries.push((row, 1.0)));
        }
    }
    all
}
