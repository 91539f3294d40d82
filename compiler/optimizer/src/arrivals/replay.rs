//! The arrivals, one by one: each goes to the machine and the devices where its policy says that it
//! costs least, of equals to the machine that comes first in the order; one that fits nowhere is
//! gone for good.
//!
//! A cost depends on what is left of the machine alone, and only one machine changes at a time: so
//! costs are kept, and asked for again where the machine has changed.

use super::instance::{Instance, Request};
use super::lookahead::Lookahead;
use super::order::Order;
use super::published::{BestFit, DotProduct, Fgd};
use super::room::{Devices, Room};
use crate::effort::Effort;
use std::collections::BTreeMap;

/// How a machine is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Where the pods that may come can still use most of the devices afterwards.
    Lookahead,
    /// Where fragmentation grows least (Weng et al., USENIX ATC 2023).
    Fgd,
    /// Where the least is left.
    BestFit,
    /// Where what is left points least in the direction of the request (Grandl et al., SIGCOMM
    /// 2014, as the simulator has it).
    DotProduct,
}

/// Where an arrival was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub machine: u32,
    /// A bit per device of the machine.
    pub devices: Devices,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    /// Of each arrival that was seen, in order.
    pub spots: Vec<Option<Spot>>,
    /// Devices in use, percent of all, by devices that have arrived, percent of all, rounded: the
    /// mean over the arrivals that round to it, as the publisher computes it.
    pub curve: Vec<(u32, f64)>,
    /// Thousandths of devices, in the end.
    pub arrived: u64,
    pub allocated: u64,
}

/// What a policy minds.
pub(super) trait Cost {
    /// Of placing a request of this index on these devices of a machine with this room, which
    /// holds it.
    fn cost(&mut self, room: &Room, request: usize, on: Devices) -> f64;
}

/// What is known of a machine and a request.
#[derive(Clone, Copy)]
enum Known {
    Nothing,
    /// It does not fit, and never will.
    Full,
    Best(f64, Devices),
}

/// Places the pods of an order in turn; ends early where the effort is over.
pub fn replay(instance: &Instance, order: &Order, policy: Policy, effort: &Effort<'_>) -> Replay {
    let mut policy: Box<dyn Cost + '_> = match policy {
        Policy::Lookahead => Box::new(Lookahead::new(instance)),
        Policy::Fgd => Box::new(Fgd::new(instance)),
        Policy::BestFit => Box::new(BestFit(&instance.requests)),
        Policy::DotProduct => Box::new(DotProduct(&instance.requests)),
    };
    let machines = order.machines.iter().map(|machine| &instance.machines[*machine as usize]);
    let mut rooms: Vec<Room> = machines.map(Room::new).collect();
    let kinds = instance.requests.len();
    let mut known = vec![Known::Nothing; rooms.len() * kinds];
    let mut found = Replay::default();
    let mut curve = Curve { capacity: instance.capacity().max(1) as f64, sums: BTreeMap::new() };
    for pod in &order.pods {
        if effort.is_over() {
            break;
        }
        let kind = instance.pods[*pod as usize] as usize;
        let request = &instance.requests[kind];
        let mut best: Option<(f64, usize, Devices)> = None;
        for (place, room) in rooms.iter().enumerate() {
            let entry = &mut known[place * kinds + kind];
            if let Known::Nothing = entry {
                *entry = ask(policy.as_mut(), room, request, kind);
            }
            let Known::Best(cost, devices) = *entry else { continue };
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, place, devices));
            }
        }
        let spot = best.map(|(_, place, devices)| Spot { machine: order.machines[place], devices });
        if let Some((_, place, devices)) = best {
            rooms[place] = rooms[place].without(request, devices);
            let changed = known[place * kinds..].iter_mut().take(kinds);
            changed.filter(|k| !matches!(k, Known::Full)).for_each(|k| *k = Known::Nothing);
            found.allocated += request.total();
        }
        found.arrived += request.total();
        found.spots.push(spot);
        curve.add(found.arrived, found.allocated);
    }
    found.curve = curve.means();
    found
}

/// The cheapest way on one machine; of equals the first.
fn ask(policy: &mut dyn Cost, room: &Room, request: &Request, kind: usize) -> Known {
    if !room.holds(request) {
        return Known::Full;
    }
    let mut best = Known::Full;
    for on in room.ways(request) {
        let cost = policy.cost(room, kind, on);
        if !matches!(best, Known::Best(least, _) if least <= cost) {
            best = Known::Best(cost, on);
        }
    }
    best
}

struct Curve {
    capacity: f64,
    /// By percent arrived: sum and number.
    sums: BTreeMap<u32, (f64, u32)>,
}

impl Curve {
    fn add(&mut self, arrived: u64, allocated: u64) {
        let percent = |milli: u64| 100.0 * milli as f64 / self.capacity;
        let (sum, number) = self.sums.entry(percent(arrived).round() as u32).or_default();
        *sum += percent(allocated);
        *number += 1;
    }

    fn means(&self) -> Vec<(u32, f64)> {
        self.sums.iter().map(|(at, (sum, number))| (*at, sum / f64::from(*number))).collect()
    }
}
