//! Fills new machines by value: what each pod is worth comes from the relaxation's prices, and the
//! machine bought next is the one whose best filling with what is still missing is worth most for
//! its cost. Values are blurred from call to call (as in sequential value correction, Belov and
//! Scheithauer 2007), so that the same pods end on other machines.

use super::insert::regions;
use super::knapsack::{Entry, Knapsack};
use super::market::Markets;
use super::state::State;
use crate::random::Rng;

/// Nodes of one knapsack.
const NODES: u64 = 300;
/// Most services of one knapsack.
const MOST_SERVICES: usize = 150;

/// Part of the way that values are corrected, and the least worth that counts.
const CORRECTION: f64 = 0.3;
const LEAST_CORRECTED: f64 = 0.4;

/// What pods are worth, by row of the markets.
pub struct Values<'m> {
    pub markets: &'m Markets,
    pub rows: Vec<f64>,
}

impl Values<'_> {
    fn of(&self, site: u32, choice: u32) -> f64 {
        let market = self.markets.of_site[site as usize];
        let row = self.markets.row(market, self.markets.item_of[choice as usize]);
        row.map_or(0.0, |row| self.rows[row as usize])
    }

    /// Values by what became of the pods: those that ended on machines worth little for their cost
    /// are worth more (sequential value correction, Belov and Scheithauer 2007).
    pub fn corrected(&self, state: &State<'_>) -> Vec<f64> {
        let mut paid = vec![(0.0, 0.0); self.rows.len()];
        for n in state.by_site.iter().flatten() {
            let node = &state.nodes[*n as usize];
            let dear = 1.0 / self.worth(state, *n).max(LEAST_CORRECTED);
            for (s, pods) in &node.pods {
                let market = self.markets.of_site[node.site as usize];
                let item = self.markets.item_of[state.choice[*s as usize] as usize];
                if let Some(row) = self.markets.row(market, item) {
                    let sum = &mut paid[row as usize];
                    *sum = (sum.0 + dear * f64::from(*pods), sum.1 + f64::from(*pods));
                }
            }
        }
        let of = |(value, (dear, pods)): (&f64, &(f64, f64))| match *pods > 0.0 {
            true => value * (1.0 + CORRECTION * (dear / pods - 1.0)),
            false => *value,
        };
        self.rows.iter().zip(&paid).map(of).collect()
    }

    /// What the pods of a machine are worth for what it costs.
    pub fn worth(&self, state: &State<'_>, n: u32) -> f64 {
        let node = &state.nodes[n as usize];
        let pods = node.pods.iter();
        let each = pods.map(|(s, n)| self.of(node.site, state.choice[*s as usize]) * f64::from(*n));
        each.sum::<f64>() / node.cost
    }
}

/// A service that may come to the site.
struct Wanted {
    service: u32,
    value: f64,
    mask: u64,
}

/// Buys machines of a site for what is missing of `services`, while one is worth at least this part
/// of its cost. Gives the number of machines, and work counted in nodes.
pub fn pack(
    state: &mut State<'_>,
    services: &[u32],
    site: u32,
    least_worth: f64,
    held: &[Vec<u32>],
    values: &Values<'_>,
    rng: &mut Rng,
) -> (u32, u64) {
    let tables = state.tables;
    let region = tables.sites[site as usize].region as usize;
    let blur = [0.0, 0.05, 0.2][rng.below(3)];
    let mut work = 0;
    let mut wanted: Vec<Wanted> = Vec::new();
    for &service in services {
        let choice = state.choice[service as usize];
        let places = &tables.choices[choice as usize].places;
        let Ok(i) = places.binary_search_by_key(&site, |p| p.0) else { continue };
        let rules = &tables.rules[service as usize];
        if !rules.needs.is_empty() || !rules.needed_by.is_empty() {
            // Companions come with those that need them, which a knapsack cannot say.
            continue;
        }
        let (open, _) = regions(state, service, &held[service as usize]);
        if state.unplaced(service) > 0 && open[region] && wanted.len() < MOST_SERVICES {
            let value = values.of(site, choice) * (1.0 + blur * (rng.unit() - 0.5));
            wanted.push(Wanted { service, value, mask: places[i].1 });
        }
    }
    let mut bought = 0;
    while let Some((offer, pods)) = best(state, &wanted, site, least_worth, &mut work) {
        let n = state.open(site);
        state.put(n, &pods, offer, 0.0);
        state.become_cheapest(n);
        bought += 1;
    }
    (bought, work)
}

/// The machine most worth its cost: offer and pods.
fn best(
    state: &State<'_>,
    wanted: &[Wanted],
    site: u32,
    least_worth: f64,
    work: &mut u64,
) -> Option<(u32, Vec<(u32, u32)>)> {
    let tables = state.tables;
    let zone = tables.sites[site as usize].zone;
    let mut found = None;
    let mut worth = least_worth;
    for (bit, &offer) in tables.sites[site as usize].offers.iter().enumerate() {
        if !state.is_left(offer) {
            continue;
        }
        let of = &tables.offers[offer as usize];
        let mut sack = Knapsack { capacity: of.capacity, ..Knapsack::default() };
        let mut own: Vec<&Wanted> = Vec::new();
        for w in wanted {
            let choice = &tables.choices[state.choice[w.service as usize] as usize];
            let room = choice.zone_cap.saturating_sub(state.pods_in_zone(w.service, zone));
            let most = state.unplaced(w.service).min(choice.per_node).min(room);
            if w.mask >> bit & 1 == 1 && most > 0 {
                let value = w.value - of.watts(choice.busy) * state.prices.per_watt[offer as usize];
                let item = own.len() as u32;
                let (request, class) = (choice.request, item);
                let entry = Entry { item, request, value, most, class };
                own.push(w);
                sack.items.push(entry);
            }
        }
        let place = |s: &u32| own.iter().position(|w| w.service == *s).map(|i| i as u32);
        for (a, w) in own.iter().enumerate() {
            let rules = &tables.rules[w.service as usize];
            let clashing = rules.conflicts.iter().filter_map(place);
            sack.conflicts.extend(clashing.map(|b| (a as u32, b)));
        }
        let cost = state.prices.fixed[offer as usize];
        let filled = sack.solve(worth * cost, &mut [0.0; 4], NODES);
        *work += filled.nodes + own.len() as u64;
        if filled.counts.is_empty() {
            continue;
        }
        let total = |c: &(u32, u32)| sack.items[c.0 as usize].value * f64::from(c.1);
        worth = filled.counts.iter().map(total).sum::<f64>() / cost;
        let pods = filled.counts.iter().map(|(i, n)| (own[*i as usize].service, *n)).collect();
        found = Some((offer, pods));
    }
    found
}
