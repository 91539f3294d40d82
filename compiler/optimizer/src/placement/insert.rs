//! Puts pods without a machine where they cost least: on a machine with room, on one that becomes a
//! larger shape, or on a new one. Greedy, one pod at a time, in a given order of services; a
//! candidate is overlooked now and then ("blinks", Christiaens and Vanden Berghe 2020), so that
//! the same order ends differently.

use super::instance::Amounts;
use super::state::State;
use super::tables::{Choice, plus};
use crate::random::Rng;

/// How a round of insertions goes.
pub struct Manner<'a> {
    /// How often a candidate is overlooked.
    pub blink: f64,
    /// How much room left on a machine counts: its cost times the square of the free part, so that
    /// pods go where little is left.
    pub tightness: f64,
    /// Machines looked at in each site: those that follow a random one.
    pub looked_at: usize,
    /// The only regions that a service may go to; none: any.
    pub held: &'a [Vec<u32>],
    /// Sites looked at before all others; none: all are looked at.
    pub around: &'a [u32],
}

/// Where one pod would go.
#[derive(Clone, Copy)]
struct Candidate {
    site: u32,
    node: Option<u32>,
    offer: u32,
    cost: f64,
    /// What it adds, at present prices, and for the room it leaves.
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
pub fn insert(state: &mut State<'_>, services: &[u32], manner: &Manner<'_>, rng: &mut Rng) -> u64 {
    let mut work = 0;
    let mut spots: Vec<Spot> = Vec::new();
    for &service in services {
        spots.clear();
        while state.unplaced(service) > 0 {
            if spots.is_empty() {
                work += look(state, service, manner, manner.around, rng, &mut spots);
            }
            let mut place = least(state, service, &spots);
            if place.is_none() && !manner.around.is_empty() {
                spots.clear();
                work += look(state, service, manner, &[], rng, &mut spots);
                place = least(state, service, &spots);
            }
            let Some(i) = place else { break };
            let Some(found) = spots[i].found else { break };
            put(state, service, &found);
            let needs = &state.tables.rules[service as usize].needs;
            if spots[i].is_first || !needs.is_empty() {
                // The first pod in a region that waited for it opens others; a companion that
                // came with the pod is not there for the next.
                spots.clear();
            } else {
                let (site, mask) = (spots[i].site, spots[i].mask);
                spots[i].found = best(state, service, site, mask, manner, rng, &mut work);
            }
        }
    }
    work
}

/// Buys a machine of a random shape for a random service and fills it with what fits, in the order
/// given: a large machine pays only when it is full, which one pod at a time does not see.
pub fn fill_one(state: &mut State<'_>, services: &[u32], held: &[Vec<u32>], rng: &mut Rng) {
    let tables = state.tables;
    let Some(&first) = services.get(rng.below(services.len())) else { return };
    let places = &tables.choices[state.choice[first as usize] as usize].places;
    if places.is_empty() {
        return;
    }
    let (site, mask) = places[rng.below(places.len())];
    let bits: Vec<u32> = (0..u64::BITS).filter(|bit| mask >> bit & 1 == 1).collect();
    let bit = bits[rng.below(bits.len())];
    let offer = tables.sites[site as usize].offers[bit as usize];
    if !state.is_left(offer) {
        return;
    }
    let n = state.open(site);
    for &s in std::iter::once(&first).chain(services) {
        let (open, _) = regions(state, s, &held[s as usize]);
        if open[tables.sites[site as usize].region as usize] {
            while state.unplaced(s) > 0 && may_join(state, s, n, bit) {
                state.put(n, &[(s, 1)], offer, 0.0);
            }
        }
    }
    if !state.nodes[n as usize].pods.is_empty() {
        state.become_cheapest(n);
    }
}

/// Whether a pod fits a machine that stays the offer at `bit` of its site.
pub fn may_join(state: &State<'_>, service: u32, n: u32, bit: u32) -> bool {
    let tables = state.tables;
    let node = &state.nodes[n as usize];
    let choice = &tables.choices[state.choice[service as usize] as usize];
    let rules = &tables.rules[service as usize];
    let site = &tables.sites[node.site as usize];
    let offer = &tables.offers[site.offers[bit as usize] as usize];
    let bits = choice.places.binary_search_by_key(&node.site, |p| p.0);
    let bits = bits.map_or(0, |i| choice.places[i].1);
    bits >> bit & 1 == 1
        && offer.holds(&plus(&node.load, &choice.request))
        && node.pods_of(service) < choice.per_node
        && state.pods_in_zone(service, site.zone) < choice.zone_cap
        && rules.needs.iter().all(|b| node.pods_of(*b) > 0)
        && !rules.conflicts.contains(&service)
        && !node.pods.iter().any(|p| rules.conflicts.contains(&p.0))
}

/// The best candidate of one site.
struct Spot {
    site: u32,
    mask: u64,
    found: Option<Candidate>,
    /// Whether regions are held back until one pod is placed.
    is_first: bool,
}

fn put(state: &mut State<'_>, service: u32, found: &Candidate) {
    let n = found.node.unwrap_or_else(|| state.open(found.site));
    let mut pods = vec![(service, 1)];
    for &b in &state.tables.rules[service as usize].needs {
        if state.nodes[n as usize].pods_of(b) == 0 {
            pods.push((b, 1));
        }
    }
    state.put(n, &pods, found.offer, found.cost);
}

/// The sites that a service may go to, those `around` or all, each with its best candidate.
fn look(
    state: &State<'_>,
    service: u32,
    manner: &Manner<'_>,
    around: &[u32],
    rng: &mut Rng,
    spots: &mut Vec<Spot>,
) -> u64 {
    let choice = &state.tables.choices[state.choice[service as usize] as usize];
    let (open, is_first) = regions(state, service, &manner.held[service as usize]);
    let mut work = 1;
    for &(site, mask) in &choice.places {
        let is_around = around.is_empty() || around.contains(&site);
        if is_around && open[state.tables.sites[site as usize].region as usize] {
            let found = best(state, service, site, mask, manner, rng, &mut work);
            spots.push(Spot { site, mask, found, is_first });
        }
    }
    work
}

/// The cheapest spot whose zone has room.
fn least(state: &State<'_>, service: u32, spots: &[Spot]) -> Option<usize> {
    let choice = &state.tables.choices[state.choice[service as usize] as usize];
    let mut best: Option<(f64, usize)> = None;
    for (i, spot) in spots.iter().enumerate() {
        let Some(found) = spot.found else { continue };
        let zone = state.tables.sites[spot.site as usize].zone;
        if best.is_none_or(|(least, _)| found.added < least)
            && state.pods_in_zone(service, zone) < choice.zone_cap
        {
            best = Some((found.added, i));
        }
    }
    best.map(|(_, i)| i)
}

/// Regions that a pod of `service` may go to; near rules of services placed already hold. And
/// whether more may be open after the first pod.
pub fn regions(state: &State<'_>, service: u32, held: &[u32]) -> (Vec<bool>, bool) {
    let tables = state.tables;
    let rules = &tables.rules[service as usize];
    let count = tables.regions as u32;
    let mut open: Vec<bool> = (0..count)
        .map(|r| {
            let served =
                |&(b, by): &(u32, u32)| state.placed[b as usize] == 0 || state.is_served(b, r, by);
            (held.is_empty() || held.contains(&r))
                && (state.is_in_region(service, r) || rules.near.iter().all(served))
        })
        .collect();
    // Regions that wait for this service come first.
    let mut is_first = !rules.near.is_empty() && state.placed[service as usize] == 0;
    for &(a, rule) in &rules.near_of {
        let waits = |r: &u32| state.is_in_region(a, *r) && !state.is_served(service, *r, rule);
        if let Some(region) = (0..count).find(waits) {
            let helps = |q: usize| open[q] && tables.is_near(region, q as u32, rule);
            let helping: Vec<bool> = (0..count as usize).map(helps).collect();
            open = helping;
            is_first = true;
        }
    }
    (open, is_first)
}

/// The best candidate of a site.
fn best(
    state: &State<'_>,
    service: u32,
    site: u32,
    mask: u64,
    manner: &Manner<'_>,
    rng: &mut Rng,
    work: &mut u64,
) -> Option<Candidate> {
    let tables = state.tables;
    let choice = &tables.choices[state.choice[service as usize] as usize];
    let rules = &tables.rules[service as usize];
    let demand = Demand { service, choice, needs: &rules.needs, conflicts: &rules.conflicts };
    let region = tables.sites[site as usize].region;
    let latency = tables.latency[service as usize][region as usize];
    let new = on_new(state, &demand, site, mask, latency);
    let mut best = new.map(|found| with_room(state, &demand, found, 0.0, manner.tightness));
    *work += 1;
    for n in state.emptied(site) {
        *work += 1;
        let Some(found) = on_emptied(state, &demand, n, mask, latency) else { continue };
        let found = with_room(state, &demand, found, 0.0, manner.tightness);
        if best.is_none_or(|least| found.added < least.added) {
            best = Some(found);
        }
    }
    let all = &state.by_site[site as usize];
    let start = if all.len() > manner.looked_at { rng.below(all.len()) } else { 0 };
    for i in 0..all.len().min(manner.looked_at) {
        let n = all[(start + i) % all.len()];
        *work += 1;
        if manner.blink > 0.0 && rng.chance(manner.blink) {
            continue;
        }
        let Some(found) = on_node(state, &demand, n, mask, latency) else { continue };
        let before = state.nodes[n as usize].cost;
        // What room counts is no more than the machine costs: most need not be asked.
        let at_least = found.added - manner.tightness * found.cost;
        if best.is_some_and(|least| at_least > least.added) {
            continue;
        }
        let found = with_room(state, &demand, found, before, manner.tightness);
        if best.is_none_or(|least| found.added <= least.added) {
            best = Some(found);
        }
    }
    best
}

/// Counts the room that a machine has left before and after.
fn with_room(
    state: &State<'_>,
    demand: &Demand<'_>,
    mut found: Candidate,
    before: f64,
    tightness: f64,
) -> Candidate {
    if tightness == 0.0 {
        return found;
    }
    let free = |load: &Amounts, offer: u32| {
        let capacity = &state.tables.offers[offer as usize].capacity;
        let part = |r: usize| f64::from(load[r]) / f64::from(capacity[r].max(1));
        let free = 1.0 - part(0).max(part(1));
        free * free
    };
    let node = found.node.map(|n| &state.nodes[n as usize]);
    let load = node.map_or(Amounts::default(), |node| node.load);
    let was = node.map_or(0.0, |node| before * free(&node.load, node.offer));
    let is = found.cost * free(&plus(&load, &demand.choice.request), found.offer);
    found.added -= tightness * (is - was);
    found
}

/// A pod of the service, and of those it needs that are not there, on a machine.
fn on_node(
    state: &State<'_>,
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
        let added = cost - node.cost + latency + state.moving(n, offer, Some(demand.service));
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
    let added = cost - node.cost + latency + state.moving(n, offer, Some(demand.service));
    Some(Candidate { site: node.site, node: Some(n), offer, cost, added })
}

/// The same on a machine to be bought.
fn on_new(
    state: &State<'_>,
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
    let added = cost + latency + state.beyond(None, offer);
    Some(Candidate { site, node: None, offer, cost, added })
}

/// A pod on a machine that runs, where nothing of it is in the plan so far: it stays what it is.
fn on_emptied(
    state: &State<'_>,
    demand: &Demand<'_>,
    n: u32,
    mask: u64,
    latency: f64,
) -> Option<Candidate> {
    let was = state.anchors.at(n)?;
    let (_, bit) = state.tables.offer_site[was.offer as usize];
    let is_alone = demand.needs.is_empty() && !demand.conflicts.contains(&demand.service);
    if !is_alone || mask >> bit & 1 == 0 || !state.is_left(was.offer) {
        return None;
    }
    let cost = state.cost_of(was.offer, demand.choice.busy);
    let added = cost + latency + state.moving(n, was.offer, Some(demand.service));
    Some(Candidate { site: was.site, node: Some(n), offer: was.offer, cost, added })
}

/// One pod of a needed service, if one is left and may come to the site; the offers it allows, and
/// its latency.
fn companion(
    state: &State<'_>,
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
