//! A policy that looks ahead: a machine is worth what of its devices later arrivals will use, and a
//! pod goes where that falls least.
//!
//! 1. What will arrive is not known, but how often each request is asked for is. So some streams of
//!    pods are drawn from the list, once (a sample average over scenarios: Kleywegt, Shapiro and
//!    Homem-de-Mello 2002).
//! 2. The worth of a room is what a stream puts on its devices when each of its pods is offered in
//!    turn and takes the tightest device that it fits; the mean over the streams. A fragment that
//!    cores or memory have run out for is worth nothing, a gap that frequent pods fill is worth
//!    all of it, whatever fills it.
//! 3. Streams are of a length at which a machine of eight devices is full and rare pods have come
//!    in some of them. Shorter ones see only the next few pods, as the measure of fragmentation
//!    does; longer ones believe that something will fill every gap.
//! 4. What few machines take is worth more than its devices: by the root of its **scarcity**, all
//!    devices over those on machines that take it when empty. So pods that go anywhere leave
//!    machines of a rare model, or with many cores, to those that do not.
//! 5. A stream seldom brings a pod of several devices, and one that does not fit is nothing to it:
//!    others come. So a room is worth a little more while it can take such pods.
//!
//! Not used: which pods have arrived already, and what the machines hold together.

use super::instance::{Instance, MOST_DEVICES, Request, WHOLE};
use super::replay::Cost;
use super::room::{Devices, Room};
use crate::random::Rng;
use std::collections::HashMap;

/// Streams, and pods of each: by measurement, on both lists of the trace.
const STREAMS: usize = 64;
const LENGTH: usize = 60;
/// What being able to take all requests of several devices is worth, were none of them scarce,
/// thousandths of a device: less costs whole machines early, more costs gaps later. By measurement
/// too.
const KEPT: f64 = 65.0;
/// Of equal losses, the fuller machine and then the tighter device, per thousandth.
const FULLER: f64 = 5e-4;
const TIGHTER: f64 = 5e-5;
/// Rooms whose worth is remembered; then all are forgotten.
const MOST_KNOWN: usize = 1 << 19;
const SEED: u64 = 7;

pub struct Lookahead<'a> {
    requests: &'a [Request],
    streams: Vec<Stream>,
    /// Requests of several devices, with what it is worth to be able to take each.
    several: Vec<(Request, f64)>,
    known: HashMap<Room, f64>,
}

/// Requests, with what a thousandth of a device is worth to each.
type Stream = Vec<(Request, f64)>;

impl Lookahead<'_> {
    pub fn new(instance: &Instance) -> Lookahead<'_> {
        let requests = &instance.requests;
        let scarcity: Vec<f64> = requests.iter().map(|r| scarcity(instance, r)).collect();
        let counts = instance.counts();
        let asked = |i: usize| f64::from(requests[i].devices) * counts[i] as f64;
        let several = (0..requests.len()).filter(|i| requests[*i].devices > 1);
        let all: f64 = several.clone().map(asked).sum();
        let worth = |i: usize| (requests[i], KEPT * asked(i) / all * scarcity[i]);
        Lookahead {
            requests,
            streams: streams(instance, &scarcity),
            several: several.map(worth).collect(),
            known: HashMap::new(),
        }
    }

    /// Thousandths of devices.
    fn worth(&mut self, room: &Room) -> f64 {
        if room.total() == 0 {
            return 0.0;
        }
        let room = room.canonical();
        if let Some(worth) = self.known.get(&room) {
            return *worth;
        }
        let used: f64 = self.streams.iter().map(|stream| used(&room, stream)).sum();
        let kept = self.several.iter().filter(|(request, _)| room.holds(request));
        let worth =
            used / self.streams.len().max(1) as f64 + kept.map(|(_, worth)| worth).sum::<f64>();
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        self.known.insert(room, worth);
        worth
    }
}

impl Cost for Lookahead<'_> {
    fn cost(&mut self, room: &Room, request: usize, on: Devices) -> f64 {
        let loss = self.worth(room) - self.worth(&room.without(&self.requests[request], on));
        let device = room.free().get(on.trailing_zeros() as usize).copied().unwrap_or(0);
        loss + FULLER * f64::from(room.total()) + TIGHTER * f64::from(device)
    }
}

/// All devices over those on machines that take a request when empty; 0 where none does.
fn scarcity(instance: &Instance, request: &Request) -> f64 {
    let will_do = instance.machines.iter().filter(|m| Room::new(m).holds(request));
    let devices: u64 = will_do.map(|m| u64::from(m.devices) * u64::from(WHOLE)).sum();
    if devices == 0 { 0.0 } else { instance.capacity() as f64 / devices as f64 }
}

/// Streams dealt from a shuffled list, so that they are as alike as chance allows. Pods without
/// devices come in none, since nothing is lost with them.
fn streams(instance: &Instance, scarcity: &[f64]) -> Vec<Stream> {
    let mut random = Rng::new(SEED);
    let mut pile: Vec<u32> = Vec::new();
    let mut deal = |_| {
        if pile.is_empty() {
            pile.clone_from(&instance.pods);
            random.shuffle(&mut pile);
        }
        let request = pile.pop()? as usize;
        Some((instance.requests[request], scarcity[request].sqrt()))
    };
    let stream = |_| (0..LENGTH).filter_map(&mut deal).filter(|(r, _)| r.devices > 0).collect();
    (0..STREAMS).map(stream).collect()
}

/// What a stream makes of a room: thousandths of devices, at what they are worth to its requests.
fn used(room: &Room, stream: &Stream) -> f64 {
    let mut free = [0; MOST_DEVICES];
    let free = &mut free[..room.free().len()];
    free.copy_from_slice(room.free());
    let (mut cpu, mut memory) = (room.cpu, room.memory);
    let mut left = u64::from(room.total());
    let mut worth = 0.0;
    for (request, weight) in stream {
        if request.cpu > cpu || request.memory > memory || !request.accepts(room.model) {
            continue;
        }
        if request.devices == 1 {
            let will_do = free.iter_mut().filter(|free| **free >= request.milli);
            let Some(tightest) = will_do.min_by_key(|free| **free) else { continue };
            *tightest -= request.milli;
        } else {
            let whole = free.iter().filter(|free| **free == WHOLE).count();
            if whole < usize::from(request.devices) {
                continue;
            }
            let taken = free.iter_mut().filter(|free| **free == WHOLE);
            taken.take(usize::from(request.devices)).for_each(|free| *free = 0);
        }
        cpu -= request.cpu;
        memory -= request.memory;
        worth += weight * request.total() as f64;
        left -= request.total();
        if left == 0 {
            break;
        }
    }
    worth
}
