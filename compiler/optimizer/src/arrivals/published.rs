//! Policies of the publisher's simulator, rules and rounding as there: what ours is compared with,
//! and the proof that the rules are the published ones. Scores are whole, from 0 to 100, and the
//! larger is chosen; so the negative is the cost. Memory is minded by none of them.

use super::instance::{Instance, Request, WHOLE};
use super::replay::Cost;
use super::room::{Devices, Room};
use std::collections::BTreeMap;

/// The largest machine that scores are relative to: milli-cores, thousandths of devices.
const MOST_CPU: f64 = 128_000.0;
const MOST_DEVICES_MILLI: f64 = 8_000.0;
/// Requests are typical, the most frequent first, until they are so many of all pods.
const TYPICAL: f64 = 0.95;

fn cost(score: f64) -> f64 {
    -(100.0 * score).trunc()
}

pub struct BestFit<'a>(pub &'a [Request]);

impl Cost for BestFit<'_> {
    fn cost(&mut self, room: &Room, request: usize, on: Devices) -> f64 {
        let after = room.without(&self.0[request], on);
        let left = after.cpu as f64 / MOST_CPU + f64::from(after.total()) / MOST_DEVICES_MILLI;
        // Less than a step of the score: of a machine's devices, the tightest.
        let tight = f64::from(largest(room, on)) / 1e6;
        cost(1.0 - left / 2.0) + tight
    }
}

pub struct DotProduct<'a>(pub &'a [Request]);

impl Cost for DotProduct<'_> {
    fn cost(&mut self, room: &Room, request: usize, on: Devices) -> f64 {
        let request = &self.0[request];
        let cpu = (room.cpu as f64 / MOST_CPU) * (request.cpu as f64 / MOST_CPU);
        let left = f64::from(room.total()) / MOST_DEVICES_MILLI;
        let devices = left * (request.total() as f64 / MOST_DEVICES_MILLI);
        let tight = f64::from(largest(room, on)) / 1e6;
        cost(1.0 - (cpu + devices) / 2.0) + tight
    }
}

/// What the freest of these devices has left.
fn largest(room: &Room, on: Devices) -> u16 {
    let free = room.free().iter().enumerate();
    free.filter(|(d, _)| on >> d & 1 == 1).map(|(_, free)| *free).max().unwrap_or(0)
}

/// Fragmentation gradient descent: the fragmentation of a machine is what of its devices the next
/// pod could not use, on average over the typical requests.
pub struct Fgd<'a> {
    requests: &'a [Request],
    typical: Vec<(Request, f64)>,
}

impl Fgd<'_> {
    pub fn new(instance: &Instance) -> Fgd<'_> {
        let mut frequent: BTreeMap<Request, u64> = BTreeMap::new();
        for (request, count) in instance.requests.iter().zip(instance.counts()) {
            *frequent.entry(Request { memory: 0, ..*request }).or_default() += count;
        }
        let mut frequent: Vec<(Request, u64)> = frequent.into_iter().collect();
        let key = |r: &Request| (r.cpu, r.milli, r.devices, r.models);
        frequent.sort_by_key(|(request, count)| std::cmp::Reverse((*count, key(request))));
        let enough = TYPICAL * instance.pods.len() as f64;
        let mut sum = 0.0;
        let mut is_wanted = |count: &u64| {
            let before = sum;
            sum += *count as f64;
            before < enough
        };
        let chosen = frequent.iter().take_while(|(_, count)| is_wanted(count)).count();
        frequent.truncate(chosen);
        let all = frequent.iter().map(|(_, count)| *count).sum::<u64>() as f64;
        let share = |(request, count): (Request, u64)| (request, count as f64 / all);
        Fgd { requests: &instance.requests, typical: frequent.into_iter().map(share).collect() }
    }

    /// Thousandths of devices.
    fn fragmentation(&self, room: &Room) -> f64 {
        let total = room.total();
        let lost = |request: &Request| {
            if request.devices == 0 || !room.holds(request) {
                return total;
            }
            let short = room.free().iter().filter(|free| **free < request.milli);
            short.map(|free| u32::from(*free)).sum()
        };
        self.typical.iter().map(|(request, share)| share * f64::from(lost(request))).sum()
    }
}

impl Cost for Fgd<'_> {
    fn cost(&mut self, room: &Room, request: usize, on: Devices) -> f64 {
        let after = room.without(&self.requests[request], on);
        let growth = self.fragmentation(&after) - self.fragmentation(room);
        // The simulator's sigmoid of the decrease, in devices.
        cost(1.0 / (1.0 + (growth / f64::from(WHOLE)).exp()))
    }
}
