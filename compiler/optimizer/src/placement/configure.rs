//! The demand side of the relaxation: how one group of services that are tied to each other is
//! configured (variants, and pods per market) at least cost when a pod has a price in each market.
//!
//! 1. A variant's pods go to the cheapest markets first, as many to each as its zones may hold.
//! 2. Rules of nearness tie the regions. A service that only looks for others (no one looks for it)
//!    loses nothing by being in one region, where one market can hold it: each is tried, and what
//!    it looks for has a pod near that region. Elsewhere the rule is weakened to one pod: the one
//!    in the region tried has what it looks for near; of several that look for one service, the
//!    first counts.
//!
//! So what is found costs no more than any real configuration: it may stand in a bound.

use super::market::Markets;
use super::relax::Dual;
use super::ruin::Advice;
use super::tables::Tables;
use std::ops::AddAssign;

/// Pods of one group's services: a column of the master.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    pub group: u32,
    /// Penalties and latency, US dollars per hour.
    pub cost: f64,
    /// What its choices use of each budget.
    pub uses: Vec<(u32, f64)>,
    /// Rows (items in markets) and pods wanted there, ascending.
    pub pods: Vec<(u32, u32)>,
    /// Choice of each service of the group, and pods of it per market.
    pub services: Vec<Spread>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spread {
    pub choice: u32,
    pub markets: Vec<(u32, u32)>,
}

impl Configuration {
    /// What a search is told: choices and regions.
    pub fn advice(&self, tables: &Tables, markets: &Markets) -> Advice {
        let of = |spread: &Spread| {
            let of_market = |(m, _): &(u32, u32)| markets.markets[*m as usize].region;
            let mut regions: Vec<u32> = spread.markets.iter().map(of_market).collect();
            regions.dedup();
            (tables.choices[spread.choice as usize].service, spread.choice, regions)
        };
        self.services.iter().map(of).collect()
    }
}

/// Where the pods of a service must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Anywhere,
    /// All in this region.
    In(u32),
    /// At least one in this region.
    Touching(u32),
}

/// One choice with what its pods cost where, cheapest first.
struct Priced {
    choice: u32,
    /// What it costs wherever its pods are: penalty, and budgets that it uses.
    own: f64,
    /// Cost of one pod, market, region, most pods.
    places: Vec<(f64, u32, u32, u32)>,
}

/// The tree of a group's rules: what each service looks for, each counted once.
pub struct Configurer<'t> {
    tables: &'t Tables,
    markets: &'t Markets,
    /// Of each choice: market and most pods there, within the allowed regions.
    places: Vec<Vec<(u32, u32)>>,
    /// Services that each one looks for first, and by which rule.
    looks_for: Vec<Vec<(u32, u32)>>,
    /// Whether someone looks for it (as counted).
    is_sought: Vec<bool>,
    /// Whether someone looks for it by any rule.
    is_target: Vec<bool>,
    /// Services of each group, each before what it looks for.
    order: Vec<Vec<u32>>,
}

/// What a service costs with all it looks for, and its own pods.
type Best = Option<(f64, Spread)>;

impl<'t> Configurer<'t> {
    pub fn new(tables: &'t Tables, markets: &'t Markets) -> Self {
        let n = tables.services();
        let mut looks_for = vec![Vec::new(); n];
        let mut is_sought = vec![false; n];
        let mut trees = Trees((0..n as u32).collect());
        for (rule, near) in (0_u32..).zip(&tables.near) {
            let (a, b) = (near.a as usize, near.b as usize);
            if !is_sought[b] && trees.join(near.a, near.b) {
                looks_for[a].push((near.b, rule));
                is_sought[b] = true;
            }
        }
        let order = tables.groups.iter().map(|group| order(group, &looks_for, &is_sought));
        let order = order.collect();
        let is_target = tables.rules.iter().map(|r| !r.near_of.is_empty()).collect();
        let choices = 0..tables.choices.len() as u32;
        let places = choices.map(|c| places(tables, markets, c)).collect();
        Configurer { tables, markets, places, looks_for, is_sought, is_target, order }
    }

    /// The cheapest configuration at prices of rows and budgets; `None` when the group cannot be
    /// placed.
    pub fn cheapest(&self, group: u32, prices: &Dual) -> Option<(f64, Configuration)> {
        let order = &self.order[group as usize];
        let mut known: Vec<Vec<Best>> = vec![Vec::new(); order.len()];
        let place = |s: u32| order.iter().position(|other| *other == s);
        for (i, &s) in order.iter().enumerate().rev() {
            known[i] = self.by_region(s, prices, &|b, q| {
                place(b).and_then(|k| known[k][q as usize].as_ref().map(|(cost, _)| *cost))
            });
        }
        // From the top: the region each service was tried in, and those it looks for near it.
        let mut total = 0.0;
        let mut parts: Vec<(u32, Spread)> = Vec::new();
        let mut chosen: Vec<Option<u32>> = vec![None; order.len()];
        for (i, &s) in order.iter().enumerate() {
            let region = match chosen[i] {
                Some(region) => region,
                None => {
                    let region = least_region(&known[i], |_| true)?;
                    total += known[i][region as usize].as_ref()?.0;
                    region
                }
            };
            for &(b, rule) in &self.looks_for[s as usize] {
                let k = place(b)?;
                let near = |q: u32| self.tables.is_near(region, q, rule);
                chosen[k] = Some(least_region(&known[k], near)?);
            }
            parts.push((s, known[i][region as usize].take()?.1));
        }
        Some((total, self.configuration(group, parts)))
    }

    /// A column from each service's choice and pods per market.
    pub fn configuration(&self, group: u32, mut parts: Vec<(u32, Spread)>) -> Configuration {
        parts.sort_by_key(|p| p.0);
        let mut made = Configuration { group, ..Configuration::default() };
        for (service, spread) in parts {
            let choice = &self.tables.choices[spread.choice as usize];
            made.cost += choice.penalty;
            made.uses.extend(&choice.uses);
            let item = self.markets.item_of[spread.choice as usize];
            for &(market, pods) in &spread.markets {
                let region = self.markets.markets[market as usize].region;
                let latency = self.tables.latency[service as usize][region as usize];
                made.cost += latency * f64::from(pods);
                if let Some(row) = self.markets.row(market, item) {
                    made.pods.push((row, pods));
                }
            }
            made.services.push(spread);
        }
        merge(&mut made.pods);
        merge(&mut made.uses);
        made
    }

    /// A service tried in each region, with the least that `sought` says of what it looks for; one
    /// entry alone for a service without rules, which may be anywhere.
    fn by_region(
        &self,
        service: u32,
        prices: &Dual,
        sought: &dyn Fn(u32, u32) -> Option<f64>,
    ) -> Vec<Best> {
        let looks = &self.looks_for[service as usize];
        let choices = self.tables.choices_of(service);
        let choices: Vec<Priced> = choices.map(|c| self.priced(service, c, prices)).collect();
        if looks.is_empty() && !self.is_sought[service as usize] {
            return vec![self.least(&choices, Held::Anywhere)];
        }
        let concentrates = self.may_concentrate(service, &choices);
        let regions = 0..self.tables.regions as u32;
        let tried = regions.clone().map(|region| {
            let held = if concentrates { Held::In(region) } else { Held::Touching(region) };
            let (mut cost, spread) = self.least(&choices, held)?;
            for &(b, rule) in looks {
                let near = regions.clone().filter(|q| self.tables.is_near(region, *q, rule));
                let least = near.filter_map(|q| sought(b, q)).fold(f64::INFINITY, f64::min);
                if least == f64::INFINITY {
                    return None;
                }
                cost += least;
            }
            Some((cost, spread))
        });
        tried.collect()
    }

    /// Whether a service loses nothing by having all its pods in one region: no one looks for it,
    /// and one market of each region holds all.
    fn may_concentrate(&self, service: u32, choices: &[Priced]) -> bool {
        !self.is_target[service as usize]
            && choices.iter().all(|priced| {
                let replicas = self.tables.choices[priced.choice as usize].replicas;
                priced.places.iter().all(|place| place.3 >= replicas)
            })
    }

    fn priced(&self, service: u32, choice: u32, prices: &Dual) -> Priced {
        let item = self.markets.item_of[choice as usize];
        let cost = |&(m, most): &(u32, u32)| {
            let region = self.markets.markets[m as usize].region;
            let row = self.markets.row(m, item)?;
            let latency = self.tables.latency[service as usize][region as usize];
            Some((prices.rows[row as usize] + latency, m, region, most))
        };
        let mut places: Vec<_> = self.places[choice as usize].iter().filter_map(cost).collect();
        places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let choice_of = &self.tables.choices[choice as usize];
        let uses = choice_of.uses.iter().map(|(b, used)| prices.budgets[*b as usize] * used);
        Priced { choice, own: choice_of.penalty + uses.sum::<f64>(), places }
    }

    /// The cheapest choice and its pods per market.
    fn least(&self, choices: &[Priced], held: Held) -> Option<(f64, Spread)> {
        let mut best: Option<(f64, Spread)> = None;
        for priced in choices {
            let choice = &self.tables.choices[priced.choice as usize];
            let Some((cost, markets)) = fill(priced, choice.replicas, held) else { continue };
            let cost = cost + priced.own;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, Spread { choice: priced.choice, markets }));
            }
        }
        best
    }
}

/// Sorts a list by its keys and adds up what stands under the same one.
fn merge<N: AddAssign + Copy>(list: &mut Vec<(u32, N)>) {
    list.sort_by_key(|entry| entry.0);
    list.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1 += next.1;
        }
        is_same
    });
}

/// Markets that a choice may go to, and the most of its pods there.
pub fn places(tables: &Tables, markets: &Markets, c: u32) -> Vec<(u32, u32)> {
    let choice = &tables.choices[c as usize];
    let regions = &tables.allowed[choice.service as usize];
    let item = markets.item_of[c as usize];
    let all = (0..).zip(&markets.markets);
    all.filter(|(m, market)| {
        regions.binary_search(&market.region).is_ok() && markets.row(*m, item).is_some()
    })
    .map(|(m, market)| (m, choice.zone_cap.saturating_mul(market.zones).min(choice.replicas)))
    .collect()
}

/// Cheapest markets first.
fn fill(priced: &Priced, replicas: u32, held: Held) -> Option<(f64, Vec<(u32, u32)>)> {
    let mut left = replicas;
    let mut cost = 0.0;
    let mut markets: Vec<(u32, u32)> = Vec::new();
    let mut first = None;
    if let Held::Touching(region) = held {
        let place = priced.places.iter().position(|p| p.2 == region && p.3 > 0);
        if left > 0 {
            let place = place?;
            first = Some(place);
            cost += priced.places[place].0;
            markets.push((priced.places[place].1, 1));
            left -= 1;
        }
    }
    for (i, &(each, market, region, most)) in priced.places.iter().enumerate() {
        if left == 0 {
            break;
        }
        if matches!(held, Held::In(only) if only != region) {
            continue;
        }
        let is_first = first == Some(i);
        let pods = left.min(most - u32::from(is_first));
        cost += each * f64::from(pods);
        left -= pods;
        if is_first {
            markets[0].1 += pods;
        } else if pods > 0 {
            markets.push((market, pods));
        }
    }
    markets.sort_unstable();
    (left == 0).then_some((cost, markets))
}

fn least_region(known: &[Best], may: impl Fn(u32) -> bool) -> Option<u32> {
    let cost = |r: &u32| known[*r as usize].as_ref().map_or(f64::INFINITY, |(cost, _)| *cost);
    let may = (0..known.len() as u32).filter(|r| may(*r) && known[*r as usize].is_some());
    may.min_by(|a, b| cost(a).total_cmp(&cost(b)))
}

/// Services of a group, each before what it looks for.
fn order(group: &[u32], looks_for: &[Vec<(u32, u32)>], is_sought: &[bool]) -> Vec<u32> {
    let mut order: Vec<u32> = group.iter().copied().filter(|s| !is_sought[*s as usize]).collect();
    let mut i = 0;
    while i < order.len() {
        order.extend(looks_for[order[i] as usize].iter().map(|(b, _)| *b));
        i += 1;
    }
    order
}

/// Which services hang together by what they look for (union-find).
struct Trees(Vec<u32>);

impl Trees {
    fn root(&mut self, mut x: u32) -> u32 {
        while self.0[x as usize] != x {
            self.0[x as usize] = self.0[self.0[x as usize] as usize];
            x = self.0[x as usize];
        }
        x
    }

    /// Joins two trees; false when they are one already.
    fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.0[b as usize] = a;
        a != b
    }
}
