//! A relaxation that goes on from the one of an instance before, where only what services ask for,
//! limits of budgets and limits of offers have changed: rows, columns and basis stay, the columns
//! of the services that changed are shut, and new ones are priced in.
//!
//! A measure stays one when what it says of new kinds of pods is safe: one is as large as the pods
//! of another kind that fit into its place. Where more pods of a kind than before may be on one
//! machine, and that counted, the measure is given up.

use super::super::instance::Instance;
use super::super::market::{Good, Item, Market, Markets};
use super::super::tables::{Tables, times};
use super::measure::{Kind, Measure};
use super::{Parts, Relaxation};

/// What is kept of a relaxation, for the next.
pub struct Known {
    instance: Instance,
    markets: Markets,
    parts: Parts,
}

impl Known {
    pub fn new(instance: Instance, markets: Markets, parts: Parts) -> Known {
        Known { instance, markets, parts }
    }
}

/// Which places in the lists of items of the old markets are which in the new ones.
struct Places {
    /// By item.
    new_of: Vec<Option<u32>>,
    old_of: Vec<Option<u32>>,
}

impl<'t> Relaxation<'t> {
    /// Goes on from what is known, or begins anew where too much is different.
    pub fn resume(
        tables: &'t Tables,
        markets: &'t Markets,
        instance: &Instance,
        known: Known,
    ) -> Self {
        let places = if is_alike(&known.instance, instance) {
            same_items(&known, instance, tables, markets)
        } else {
            None
        };
        let Some(places) = places else { return Relaxation::new(tables, markets) };
        let Known { instance: was, markets: old, mut parts } = known;
        for (k, measure) in parts.measures.iter_mut().enumerate() {
            let row = parts.first_measure + k;
            match again(measure, tables, &old, markets, &places) {
                Some(made) => *measure = made,
                None => {
                    parts.lp.set_row_bounds(row, (f64::NEG_INFINITY, f64::INFINITY));
                    measure.shut(markets.markets[measure.market as usize].items.len());
                }
            }
        }
        parts.singles = kept_singles(&parts);
        for (b, limit) in tables.limits.iter().enumerate() {
            parts.lp.set_row_bounds(parts.first_budget + b, (f64::NEG_INFINITY, *limit));
        }
        for (market, first) in markets.markets.iter().zip(&parts.first_good) {
            for (g, good) in market.goods.iter().enumerate() {
                parts.lp.set_bounds(first + g, (0.0, good.limit as f64));
            }
        }
        let is_changed = |s: &u32| was.services[*s as usize] != instance.services[*s as usize];
        let changed: Vec<bool> = tables.groups.iter().map(|g| g.iter().any(is_changed)).collect();
        let new_row = |row: u32| {
            let m = old.markets.partition_point(|m| m.first_row <= row) - 1;
            let item = old.markets[m].items[(row - old.markets[m].first_row) as usize];
            places.new_of[item as usize].and_then(|item| markets.row(m as u32, item))
        };
        for (j, made) in parts.configurations.iter_mut().enumerate() {
            if changed[made.group as usize] {
                parts.lp.set_bounds(parts.first_configuration + j, (0.0, 0.0));
                made.pods.clear();
            }
            made.pods = made.pods.iter().filter_map(|(r, n)| Some((new_row(*r)?, *n))).collect();
            made.pods.sort_unstable();
        }
        let mut relaxation = Relaxation::with(tables, markets, parts);
        let (dual, _) = relaxation.dual();
        for group in (0..tables.groups.len() as u32).filter(|g| changed[*g as usize]) {
            if let Some((_, made)) = relaxation.configurer.cheapest(group, &dual) {
                relaxation.add(made);
            }
        }
        relaxation
    }
}

fn kept_singles(parts: &Parts) -> std::collections::BTreeSet<(usize, Kind)> {
    let single = |measure: &Measure| match measure.kind {
        Kind::Single(_) | Kind::Only(..) => Some((measure.market as usize, measure.kind)),
        _ => None,
    };
    parts.measures.iter().filter_map(single).collect()
}

/// Whether two instances differ in no more than what services ask for and in limits.
fn is_alike(was: &Instance, now: &Instance) -> bool {
    let services = was.services.iter().zip(&now.services);
    let offers = was.offers.iter().zip(&now.offers);
    let budgets = was.budgets.iter().zip(&now.budgets);
    was.regions == now.regions
        && was.rtt_ms == now.rtt_ms
        && was.shapes == now.shapes
        && was.conflicts == now.conflicts
        && was.together == now.together
        && was.near == now.near
        && was.weights == now.weights
        && was.services.len() == now.services.len()
        && services.into_iter().all(|(a, b)| a.variants.len() == b.variants.len())
        && was.offers.len() == now.offers.len()
        && offers.into_iter().all(|(a, b)| {
            let mut same = a.clone();
            same.limit = b.limit;
            same == *b && (a.limit > 0) == (b.limit > 0)
        })
        && was.budgets.len() == now.budgets.len()
        && budgets.into_iter().all(|(a, b)| (a.metric, a.region) == (b.metric, b.region))
}

/// Items of unchanged variants, in both instances; `None` where they do not match one to one, or
/// markets do not.
fn same_items(
    known: &Known,
    instance: &Instance,
    tables: &Tables,
    markets: &Markets,
) -> Option<Places> {
    let (old, was) = (&known.markets, &known.instance);
    let goods = |market: &Market| market.goods.iter().map(|g| g.offer).collect::<Vec<_>>();
    let pairs = || old.markets.iter().zip(&markets.markets);
    if old.markets.len() != markets.markets.len() || !pairs().all(|(a, b)| goods(a) == goods(b)) {
        return None;
    }
    let mut places =
        Places { new_of: vec![None; old.items.len()], old_of: vec![None; markets.items.len()] };
    for (c, choice) in tables.choices.iter().enumerate() {
        let s = choice.service as usize;
        let v = c - tables.first_choice[s] as usize;
        let (a, b) = (&was.services[s], &instance.services[s]);
        let (x, y) = (&a.variants[v], &b.variants[v]);
        let is_same = a.regions == b.regions
            && a.pools == b.pools
            && x.request == y.request
            && x.utilisation == y.utilisation
            && x.archs == y.archs
            && x.gpu_models == y.gpu_models;
        let (from, to) = (old.item_of[c], markets.item_of[c]);
        if !is_same {
            continue;
        }
        let (new, known) = (&mut places.new_of[from as usize], &mut places.old_of[to as usize]);
        if new.is_some_and(|i| i != to) || known.is_some_and(|i| i != from) {
            return None;
        }
        (*new, *known) = (Some(to), Some(from));
    }
    Some(places)
}

/// A measure in the new instance, with the capacities that it had; `None` where it has to go.
fn again(
    measure: &Measure,
    tables: &Tables,
    old: &Markets,
    markets: &Markets,
    places: &Places,
) -> Option<Measure> {
    let m = measure.market as usize;
    let (before, market) = (&old.markets[m], &markets.markets[m]);
    let new_place = |i: usize| {
        let item = places.new_of[before.items[i] as usize]?;
        market.items.binary_search(&item).ok()
    };
    match measure.kind {
        Kind::Resource(_) | Kind::Watts => {
            let always = Measure::always(tables, markets, m);
            always.into_iter().find(|made| made.kind == measure.kind)
        }
        Kind::Single(i) => {
            let made = Measure::of_item(tables, markets, m, Kind::Single(new_place(i)?));
            (made.capacities == measure.capacities).then_some(made)
        }
        Kind::Only(i, r) => {
            let made = Measure::of_item(tables, markets, m, Kind::Only(new_place(i)?, r));
            (made.capacities == measure.capacities).then_some(made)
        }
        Kind::Filled => {
            let mut sizes = vec![None; market.items.len()];
            for (i, size) in measure.sizes.iter().enumerate() {
                let (Some(new), true) = (new_place(i), *size > 0.0) else { continue };
                let (a, b) = (&old.items[before.items[i] as usize], item(markets, market, new));
                if b.per_node > a.per_node && market.goods.iter().any(|g| counts(tables, a, g)) {
                    return None;
                }
                sizes[new] = Some(*size);
            }
            let known = sizes.clone();
            for (i, size) in sizes.iter_mut().enumerate() {
                if places.old_of[market.items[i] as usize].is_none() {
                    *size = Some(fitting(tables, markets, market, measure.per_watt, &known, i));
                }
            }
            let sizes = sizes.into_iter().map(|size| size.unwrap_or(0.0)).collect();
            Some(Measure { sizes, ..measure.clone() })
        }
    }
}

fn item<'m>(markets: &'m Markets, market: &Market, place: usize) -> &'m Item {
    &markets.items[market.items[place] as usize]
}

/// Whether fewer pods of an item may be on a machine than fit.
fn counts(tables: &Tables, item: &Item, good: &Good) -> bool {
    let capacity = &tables.offers[good.offer as usize].capacity;
    times(&item.request, capacity, u32::MAX) > item.per_node
}

/// The largest size of a new item that is safe: in its place, a machine could have had pods of a
/// known one, so many times, which the capacities hold.
fn fitting(
    tables: &Tables,
    markets: &Markets,
    market: &Market,
    per_watt: f64,
    known: &[Option<f64>],
    new: usize,
) -> f64 {
    let own = item(markets, market, new);
    let goods = || market.goods.iter().filter(|g| g.holds.contains(&(new as u32)));
    let drawn = |item: &Item, g: &Good| tables.offers[g.offer as usize].watts(item.busy) * per_watt;
    let mut most = 0.0_f64;
    for (j, size) in known.iter().enumerate() {
        let Some(size) = size else { continue };
        let other = item(markets, market, j);
        let n = times(&other.request, &own.request, u32::MAX);
        let variants =
            market.items.iter().filter(|i| markets.items[**i as usize].class == other.class);
        let is_free = variants.count() == 1
            && other.conflicts.is_empty()
            && other.needs.is_empty()
            && goods().all(|g| g.holds.contains(&(j as u32)) && !counts(tables, other, g));
        if n == 0 || n == u32::MAX || !is_free {
            continue;
        }
        let of = |g: &Good| f64::from(n) * (size - drawn(other, g)) + drawn(own, g);
        most = most.max(goods().map(of).fold(f64::INFINITY, f64::min));
    }
    if most < f64::INFINITY { most } else { 0.0 }
}
