//! Puts pods without a machine where they cost least: on a machine with room, on one that becomes a
//! larger shape, or on a new one. Greedy, one pod at a time, in a given order of services; a
//! candidate is overlooked now and then ("blinks", Christiaens and Vanden Berghe 2020), so that
//! the same order ends differently.

use super::instance::Amounts;
use super::rng::Rng;
use super::state::State;
use super::tables::{Choice, plus};

/// How a round of insertions goes.
pub struct Manner<'a> {
    /// How often a candidate is overlooked.
    pub blink: f64,
    /// The only region that a service may go to, where it has one.
    pub anchor: &'a [Option<u32>],
}

/// Where one pod would go.
#[derive(Clone, Copy)]
struct Candidate {
    site: u32,
    node: Option<u32>,
    offer: u32,
    cost: f64,
    /// What it adds, at present prices.
    added: f64,
}

/// What a pod asks of the machine it comes to, with the companions that come with it.
struct Demand<'a> {
    service: u32,
    choice: &'a Choice,
    /// Services that must be there.
    needs: &'a [u32],
    conflicts: &'a [u32],
}

/// Places what is missing of `services`, in this order; counts work in candidates looked at.
pub fn insert(
    state: &mut State<'_, '_>,
    services: &[u32],
    manner: &Manner<'_>,
    rng: &mut Rng,
) -> u64 {
    let mut work = 0;
    for &service in services {
        for _ in 0..state.unplaced(service) {
            let Some(found) = best(state, service, manner, rng, &mut work) else { break };
            let n = found.node.unwrap_or_else(|| state.open(found.site));
            let mut pods = vec![(service, 1)];
            for &b in &state.tables.rules[service as usize].needs {
                if state.nodes[n as usize].pods_of(b) == 0 {
                    pods.push((b, 1));
                }
            }
            state.put(n, &pods, found.offer, found.cost);
        }
    }
    work
}

/// Regions that a pod of `service` may go to; near rules of services placed already hold.
fn regions(state: &State<'_, '_>, service: u32, anchor: Option<u32>) -> Vec<bool> {
    let tables = state.tables;
    let rules = &tables.rules[service as usize];
    let count = tables.instance.regions.len() as u32;
    let mut open: Vec<bool> = (0..count)
        .map(|r| {
            let served =
                |&(b, ms): &(u32, f64)| state.placed[b as usize] == 0 || state.is_served(b, r, ms);
            anchor.is_none_or(|anchor| anchor == r)
                && (state.is_in_region(service, r) || rules.near.iter().all(served))
        })
        .collect();
    // Regions that wait for this service come first.
    for &(a, ms) in &rules.near_of {
        let waits = |r: &u32| state.is_in_region(a, *r) && !state.is_served(service, *r, ms);
        if let Some(region) = (0..count).find(waits) {
            let helps = |q: usize| open[q] && tables.is_near(region, q as u32, ms);
            let helping: Vec<bool> = (0..count as usize).map(helps).collect();
            open = helping;
        }
    }
    open
}

fn best(
    state: &State<'_, '_>,
    service: u32,
    manner: &Manner<'_>,
    rng: &mut Rng,
    work: &mut u64,
) -> Option<Candidate> {
    let tables = state.tables;
    let choice = &tables.choices[state.choice[service as usize] as usize];
    let rules = &tables.rules[service as usize];
    let demand = Demand { service, choice, needs: &rules.needs, conflicts: &rules.conflicts };
    let open = regions(state, service, manner.anchor[service as usize]);
    let mut best: Option<Candidate> = None;
    for &(site, mask) in &choice.places {
        let place = &tables.sites[site as usize];
        if !open[place.region as usize]
            || state.pods_in_zone(service, place.zone) >= choice.zone_cap
        {
            continue;
        }
        let latency = tables.latency[service as usize][place.region as usize];
        let mut offer = |found: Option<Candidate>| {
            if let Some(found) = found
                && best.is_none_or(|least| found.added < least.added)
            {
                best = Some(found);
            }
        };
        for &n in &state.by_site[site as usize] {
            *work += 1;
            if manner.blink > 0.0 && rng.chance(manner.blink) {
                continue;
            }
            offer(on_node(state, &demand, n, mask, latency));
        }
        *work += 1;
        offer(on_new(state, &demand, site, mask, latency));
    }
    best
}

/// A pod of the service, and of those it needs that are not there, on a machine.
fn on_node(
    state: &State<'_, '_>,
    demand: &Demand<'_>,
    n: u32,
    mask: u64,
    latency: f64,
) -> Option<Candidate> {
    let tables = state.tables;
    let node = &state.nodes[n as usize];
    let choice = demand.choice;
    let load = plus(&node.load, &choice.request);
    let mut busy = [node.busy[0] + choice.busy[0], node.busy[1] + choice.busy[1]];
    let mut mask = mask & node.mask;
    let own = &tables.offers[node.offer as usize];
    if mask == 0 {
        return None;
    }
    let is_alone = demand.needs.is_empty();
    let clashes = |(s, pods): &(u32, u32)| {
        demand.conflicts.contains(s) || (*s == demand.service && *pods >= choice.per_node)
    };
    if is_alone {
        // Most machines keep their shape or are full; the pods are looked at only where it pays.
        let (_, bit) = tables.offer_site[node.offer as usize];
        let (offer, cost) = if own.holds(&load) && mask >> bit & 1 == 1 {
            let watts = own.watts(busy);
            let fixed = state.prices.fixed[node.offer as usize];
            (node.offer, fixed + watts * state.prices.per_watt[node.offer as usize])
        } else {
            state.cheapest(node.site, mask, &load, busy, Some(node.offer))?
        };
        if node.pods.iter().any(clashes) {
            return None;
        }
        let added = cost - node.cost + latency;
        return Some(Candidate { site: node.site, node: Some(n), offer, cost, added });
    }
    if node.pods.iter().any(clashes) {
        return None;
    }
    let (mut load, mut latency) = (load, latency);
    for &b in demand.needs.iter().filter(|b| node.pods_of(**b) == 0) {
        let (bits, extra) = companion(state, b, node.site, &mut load, &mut busy)?;
        let clash = |p: &(u32, u32)| tables.rules[b as usize].conflicts.contains(&p.0);
        if node.pods.iter().any(clash) {
            return None;
        }
        mask &= bits;
        latency += extra;
    }
    let (offer, cost) = state.cheapest(node.site, mask, &load, busy, Some(node.offer))?;
    let added = cost - node.cost + latency;
    Some(Candidate { site: node.site, node: Some(n), offer, cost, added })
}

/// The same on a machine to be bought.
fn on_new(
    state: &State<'_, '_>,
    demand: &Demand<'_>,
    site: u32,
    mask: u64,
    latency: f64,
) -> Option<Candidate> {
    if demand.conflicts.contains(&demand.service) {
        return None;
    }
    let (mut mask, mut latency) = (mask, latency);
    let (mut load, mut busy) = (demand.choice.request, demand.choice.busy);
    for &b in demand.needs {
        let (bits, extra) = companion(state, b, site, &mut load, &mut busy)?;
        mask &= bits;
        latency += extra;
    }
    let (offer, cost) = state.cheapest(site, mask, &load, busy, None)?;
    Some(Candidate { site, node: None, offer, cost, added: cost + latency })
}

/// One pod of a needed service, if one is left and may come to the site; the offers it allows, and
/// its latency.
fn companion(
    state: &State<'_, '_>,
    service: u32,
    site: u32,
    load: &mut Amounts,
    busy: &mut [f64; 2],
) -> Option<(u64, f64)> {
    let tables = state.tables;
    let choice = &tables.choices[state.choice[service as usize] as usize];
    let place = &tables.sites[site as usize];
    let is_left = state.unplaced(service) > 0
        && state.pods_in_zone(service, place.zone) < choice.zone_cap
        // A companion with needs of its own comes first, by itself.
        && tables.rules[service as usize].needs.is_empty();
    let i = choice.places.binary_search_by_key(&site, |p| p.0).ok().filter(|_| is_left)?;
    *load = plus(load, &choice.request);
    busy.iter_mut().zip(choice.busy).for_each(|(sum, own)| *sum += own);
    Some((choice.places[i].1, tables.latency[service as usize][place.region as usize]))
}
