//! Where the relaxation begins: prices of pods, and the demand with something of everything.

use super::super::market::Markets;
use super::super::tables::Tables;

/// Each pod pays for the part of a machine that its dearest resource takes.
pub fn first_prices(tables: &Tables<'_>, markets: &Markets) -> Vec<f64> {
    let mut rows = vec![f64::INFINITY; markets.rows];
    for market in &markets.markets {
        for good in &market.goods {
            let offer = &tables.offers[good.offer as usize];
            for i in &good.holds {
                let item = &markets.items[market.items[*i as usize] as usize];
                let asks = (0..4).filter(|r| item.request[*r] > 0);
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
pub fn core(tables: &Tables<'_>, markets: &Markets) -> Vec<f64> {
    let mut core = vec![0.0; markets.rows];
    for (s, service) in tables.instance.services.iter().enumerate() {
        let choices = tables.choices_of(s as u32);
        let part = 1.0 / choices.len() as f64;
        for c in choices {
            let rows: Vec<u32> = (0..markets.markets.len() as u32)
                .filter(|m| {
                    let region = markets.markets[*m as usize].region;
                    service.regions.binary_search(&region).is_ok()
                })
                .filter_map(|m| markets.row(m, markets.item_of[c as usize]))
                .collect();
            let pods = f64::from(tables.choices[c as usize].replicas) * part;
            rows.iter().for_each(|r| core[*r as usize] += pods / rows.len() as f64);
        }
    }
    core
}
