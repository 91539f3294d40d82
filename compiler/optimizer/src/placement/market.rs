//! What the relaxation sees of an instance: markets (sites of one region that sell the same
//! machines at the same price are one), and items (variants that a machine cannot tell apart are
//! one, when there are many). Both make the programme smaller and forget rules (spread over alike
//! zones; conflicts and companions of items joined): what is proved about it holds for the
//! instance.

use super::instance::Amounts;
use super::tables::Tables;
use std::collections::BTreeMap;

/// More variants than this are joined into items by what they ask of a machine.
const MOST_SINGLE: usize = 700;

/// Machines that are bought under the same conditions.
#[derive(Clone, Debug)]
pub struct Market {
    pub region: u32,
    /// Zones it stands for.
    pub zones: u32,
    pub goods: Vec<Good>,
    /// Items that may be placed here, ascending.
    pub items: Vec<u32>,
    /// Of each of them, the goods that hold it, as bits.
    pub held: Vec<u64>,
    /// First row of its items in the master.
    pub first_row: u32,
}

impl Market {
    /// Rows of its items in the master.
    pub fn rows(&self) -> std::ops::Range<usize> {
        let first = self.first_row as usize;
        first..first + self.items.len()
    }
}

/// One shape of machine in a market.
#[derive(Clone, Debug)]
pub struct Good {
    /// One of the offers that it stands for; all cost the same.
    pub offer: u32,
    /// Machines, over all zones.
    pub limit: u64,
    /// Items of the market (by place in its list) that it can hold.
    pub holds: Vec<u32>,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub request: Amounts,
    pub busy: [f64; 2],
    /// Most on one machine.
    pub per_node: u32,
    /// The same for variants of one service, of which a plan has one.
    pub class: u32,
    /// Items that cannot be on the same machine.
    pub conflicts: Vec<u32>,
    /// Items that must be on the same machine.
    pub needs: Vec<u32>,
}

pub struct Markets {
    pub markets: Vec<Market>,
    pub items: Vec<Item>,
    /// Item of each choice.
    pub item_of: Vec<u32>,
    /// Whether some item needs it.
    pub is_needed: Vec<bool>,
    /// Market of each site.
    pub of_site: Vec<u32>,
    /// Rows of all markets' items.
    pub rows: usize,
}

impl Markets {
    pub fn new(tables: &Tables) -> Markets {
        let (mut items, item_of) = items(tables);
        let mut markets = Vec::new();
        let mut of_site = vec![0; tables.sites.len()];
        for sites in alike_sites(tables) {
            sites.iter().for_each(|k| of_site[*k as usize] = markets.len() as u32);
            let market = market(tables, &sites, &item_of);
            markets.push(market);
        }
        let mut rows = 0;
        for market in &mut markets {
            market.first_row = rows as u32;
            rows += market.items.len();
        }
        for item in &mut items {
            item.conflicts.sort_unstable();
        }
        let mut is_needed = vec![false; items.len()];
        items.iter().flat_map(|item| &item.needs).for_each(|i| is_needed[*i as usize] = true);
        Markets { markets, items, item_of, is_needed, of_site, rows }
    }

    /// Row of an item in a market, if it may be placed there.
    pub fn row(&self, market: u32, item: u32) -> Option<u32> {
        let market = &self.markets[market as usize];
        let at = market.items.binary_search(&item).ok()?;
        Some(market.first_row + at as u32)
    }
}

fn items(tables: &Tables) -> (Vec<Item>, Vec<u32>) {
    let is_joined = tables.choices.len() > MOST_SINGLE;
    let mut known = BTreeMap::new();
    let mut items: Vec<Item> = Vec::new();
    let mut item_of = Vec::new();
    for (c, choice) in tables.choices.iter().enumerate() {
        let key = (choice.request, choice.busy.map(f64::to_bits), choice.kind);
        let own = if is_joined { 0 } else { c + 1 };
        let id = *known.entry((own, key)).or_insert(items.len() as u32);
        if id as usize == items.len() {
            items.push(Item {
                request: choice.request,
                busy: choice.busy,
                per_node: 0,
                class: if is_joined { id } else { choice.service },
                conflicts: Vec::new(),
                needs: Vec::new(),
            });
        }
        let most = choice.per_node.min(choice.replicas);
        items[id as usize].per_node = items[id as usize].per_node.saturating_add(most);
        item_of.push(id);
    }
    if !is_joined {
        for (c, choice) in tables.choices.iter().enumerate() {
            let rules = &tables.rules[choice.service as usize];
            let item = &mut items[c];
            item.conflicts = rules.conflicts.iter().flat_map(|s| tables.choices_of(*s)).collect();
            // A companion with variants may be any of them, and one with needs of its own would
            // make chains: then the rule is left out.
            let is_simple = |s: &&u32| {
                tables.choices_of(**s).len() == 1 && tables.rules[**s as usize].needs.is_empty()
            };
            let needs = rules.needs.iter().filter(is_simple);
            item.needs = needs.map(|s| tables.first_choice[*s as usize]).collect();
        }
    }
    (items, item_of)
}

/// Sites that sell the same, under one key; in order of their first.
fn alike_sites(tables: &Tables) -> Vec<Vec<u32>> {
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    let mut alike: Vec<Vec<u32>> = Vec::new();
    for (k, site) in tables.sites.iter().enumerate() {
        let sold: Vec<_> = site.offers.iter().map(|o| tables.offers[*o as usize].kind).collect();
        let id = *known.entry((site.region, sold)).or_insert(alike.len());
        if id == alike.len() {
            alike.push(Vec::new());
        }
        alike[id].push(k as u32);
    }
    alike
}

fn market(tables: &Tables, sites: &[u32], item_of: &[u32]) -> Market {
    let first = &tables.sites[sites[0] as usize];
    let mut bits: BTreeMap<u32, u64> = BTreeMap::new();
    for (c, choice) in tables.choices.iter().enumerate() {
        for k in sites {
            if let Ok(i) = choice.places.binary_search_by_key(k, |p| p.0) {
                *bits.entry(item_of[c]).or_default() |= choice.places[i].1;
            }
        }
    }
    let items: Vec<u32> = bits.keys().copied().collect();
    let goods = first.offers.iter().enumerate().map(|(bit, offer)| {
        let sold = sites.iter().map(|k| tables.sites[*k as usize].offers[bit]);
        let holds = bits.values().enumerate().filter(|(_, mask)| **mask >> bit & 1 == 1);
        Good {
            offer: *offer,
            limit: sold.map(|o| u64::from(tables.offers[o as usize].limit)).sum(),
            holds: holds.map(|(i, _)| i as u32).collect(),
        }
    });
    let goods: Vec<Good> = goods.filter(|good| !good.holds.is_empty()).collect();
    let mut held = vec![0; items.len()];
    for (g, good) in goods.iter().enumerate() {
        good.holds.iter().for_each(|i| held[*i as usize] |= 1 << g);
    }
    let mut zones: Vec<u32> = sites.iter().map(|k| tables.sites[*k as usize].zone).collect();
    zones.dedup();
    Market { region: first.region, zones: zones.len() as u32, goods, items, held, first_row: 0 }
}
