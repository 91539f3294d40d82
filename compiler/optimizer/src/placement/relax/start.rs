//! Where the relaxation begins: prices of pods, and the demand with something of everything.

use super::super::configure::places;
use super::super::instance::RESOURCES;
use super::super::market::Markets;
use super::super::tables::Tables;

/// Each pod pays for the part of a machine that its dearest resource takes.
pub fn first_prices(tables: &Tables, markets: &Markets) -> Vec<f64> {
    let mut rows = vec![f64::INFINITY; markets.rows];
    for market in &markets.markets {
        for good in &market.goods {
            let offer = &tables.offers[good.offer as usize];
            for i in &good.holds {
                let item = &markets.items[market.items[*i as usize] as usize];
                let asks = (0..RESOURCES).filter(|r| item.request[*r] > 0);
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
pub fn core(tables: &Tables, markets: &Markets) -> Vec<f64> {
    let mut core = vec![0.0; markets.rows];
    for s in 0..tables.services() as u32 {
        let choices = tables.choices_of(s);
        let part = 1.0 / choices.len() as f64;
        for c in choices {
            let item = markets.item_of[c as usize];
            let places = places(tables, markets, c);
            let pods = f64::from(tables.choices[c as usize].replicas) * part / places.len() as f64;
            for row in places.iter().filter_map(|(m, _)| markets.row(*m, item)) {
                core[row as usize] += pods;
            }
        }
    }
    core
}
