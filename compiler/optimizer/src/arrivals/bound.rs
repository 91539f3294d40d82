//! How much of a list can run at once, at most: a relaxation over what is alike, so that a list of
//! thousands of pods is a programme of some hundred columns.
//!
//! 1. Devices of one **kind** are of one model on machines of one size. A **pattern** is what one
//!    device may hold: parts of devices that pods of a **group** (part, models, number) ask for.
//! 2. The programme: as much as can be of the pods' devices, such that patterns hold what they ask
//!    for, each kind has its devices, and cores and memory are enough over the whole cluster. Where
//!    a pod's devices are, and which machine has the cores, is left open.
//! 3. Patterns come by column generation (Gilmore and Gomory 1961): a knapsack over thousandths.
//! 4. The bound is Lagrange's at the programme's prices, rounded to whole numbers first. All of it
//!    is a sum of whole numbers then, and holds whatever the simplex did.

use super::instance::{Instance, Request, WHOLE};
use crate::simplex::{Limits, Simplex, Status};
use std::collections::BTreeMap;

/// A thousandth of a device, as whole prices have it.
const UNIT: f64 = (1u64 << 16) as f64;
/// A pattern is new when it is worth more than its device by this: more than the rounding of the
/// prices of a thousand parts, so that none comes twice.
const NEW: i64 = 1 << 10;
/// Rounds, steps of knapsacks, and entries the simplex looks at in a round, after which the bound
/// is good enough.
const MOST_ROUNDS: u64 = 500;
const MOST_STEPS: u64 = 1 << 30;

/// Why a list cannot run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Short {
    /// This request fits on no empty machine.
    Request(usize),
    /// It asks for more cores, or memory, than all machines have.
    Cpu,
    Memory,
    /// Its devices are more than any patterns hold.
    Devices,
}

/// Thousandths of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// No placement of pods of the list uses more.
    pub most: u64,
    /// The first reason, of those above, why the whole list cannot run; with none it may or may
    /// not.
    pub short: Option<Short>,
}

/// What a device may be asked for: its part, the models, and how many devices with it.
type Group = (u16, u64, u8);

struct Programme<'a> {
    requests: &'a [Request],
    counts: Vec<u64>,
    groups: Vec<Group>,
    /// Group of each request that asks for devices.
    group: Vec<Option<usize>>,
    /// Model and devices of a machine, and the devices of all such machines.
    kinds: Vec<((u8, u8), u64)>,
    cpu: u64,
    memory: u64,
    /// What all parts are multiples of, thousandths.
    step: u16,
}

/// Per unit of what they are prices of, in parts of a thousandth of a device; none below zero.
struct Prices {
    groups: Vec<i64>,
    kinds: Vec<i64>,
    cpu: i64,
    memory: i64,
}

/// The most that pods of the list can use of the devices.
pub fn bound(instance: &Instance) -> Bound {
    let programme = Programme::new(instance);
    let demand = instance.demand();
    let most = programme.most().min(demand);
    Bound { most, short: programme.short(instance, most < demand) }
}

fn greatest_common_divisor(a: u16, b: u16) -> u16 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

impl Programme<'_> {
    fn new(instance: &Instance) -> Programme<'_> {
        let key = |r: &Request| (r.devices > 0).then_some((r.milli, r.models, r.devices));
        let mut groups: Vec<Group> = instance.requests.iter().filter_map(key).collect();
        groups.sort_unstable();
        groups.dedup();
        let index = |r: &Request| key(r).and_then(|g| groups.binary_search(&g).ok());
        let group = instance.requests.iter().map(index).collect();
        let mut kinds: BTreeMap<(u8, u8), u64> = BTreeMap::new();
        for m in &instance.machines {
            *kinds.entry((m.model, m.devices)).or_default() += u64::from(m.devices);
        }
        Programme {
            requests: &instance.requests,
            counts: instance.counts(),
            step: groups.iter().fold(0, |step, g| greatest_common_divisor(step, g.0)).max(1),
            groups,
            group,
            kinds: kinds.into_iter().filter(|(_, devices)| *devices > 0).collect(),
            cpu: instance.machines.iter().map(|m| m.cpu).sum(),
            memory: instance.machines.iter().map(|m| m.memory).sum(),
        }
    }

    fn short(&self, instance: &Instance, is_most_too_little: bool) -> Option<Short> {
        let fits = |request: &Request| {
            let mut machines = instance.machines.iter();
            machines.any(|m| super::room::Room::new(m).holds(request))
        };
        if let Some(request) = self.requests.iter().position(|r| !fits(r)) {
            return Some(Short::Request(request));
        }
        let all = |amount: fn(&Request) -> u64| {
            let terms = self.requests.iter().zip(&self.counts);
            terms.map(|(r, n)| amount(r) * n).sum::<u64>()
        };
        if all(|r| r.cpu) > self.cpu {
            return Some(Short::Cpu);
        }
        if all(|r| r.memory) > self.memory {
            return Some(Short::Memory);
        }
        is_most_too_little.then_some(Short::Devices)
    }

    /// The least of Lagrange's bounds on the way, thousandths.
    fn most(&self) -> u64 {
        let mut simplex = Simplex::new();
        let any = (0.0, f64::INFINITY);
        let groups: Vec<usize> = self.groups.iter().map(|_| simplex.add_row(any, &[])).collect();
        let mut at_most = |most: u64| simplex.add_row((f64::NEG_INFINITY, most as f64), &[]);
        let kinds: Vec<usize> = self.kinds.iter().map(|(_, devices)| at_most(*devices)).collect();
        let (cpu, memory) = (at_most(self.cpu), at_most(self.memory));
        for (i, request) in self.requests.iter().enumerate() {
            let Some(group) = self.group[i] else { continue };
            let asked = (groups[group], -f64::from(request.devices));
            let entries = [asked, (cpu, request.cpu as f64), (memory, request.memory as f64)];
            simplex.add_column(-(request.total() as f64), (0.0, self.counts[i] as f64), &entries);
        }
        let knapsacks = (self.groups.len() * kinds.len()) as u64 * u64::from(WHOLE / self.step);
        let mut most = u64::MAX;
        for _ in 0..MOST_ROUNDS.min(MOST_STEPS / knapsacks.max(1)).max(1) {
            let status = simplex.solve(&Limits::work(MOST_STEPS));
            let price = |row: &usize, sign: f64| {
                (sign * simplex.duals()[*row] * UNIT).round().clamp(0.0, UNIT * 1e6) as i64
            };
            let prices = Prices {
                groups: groups.iter().map(|row| price(row, 1.0)).collect(),
                kinds: kinds.iter().map(|row| price(row, -1.0)).collect(),
                cpu: price(&cpu, -1.0),
                memory: price(&memory, -1.0),
            };
            let patterns: Vec<Pattern> = (0..kinds.len()).map(|k| self.best(k, &prices)).collect();
            most = most.min(self.lagrange(&prices, &patterns));
            let new = (0..kinds.len()).filter(|k| patterns[*k].worth > prices.kinds[*k] + NEW);
            let new: Vec<usize> = new.collect();
            if new.is_empty() || status != Status::Optimal {
                break;
            }
            for kind in new {
                let held = patterns[kind].held.iter();
                let mut entries: Vec<(usize, f64)> = held.map(|g| (groups[*g], 1.0)).collect();
                entries.push((kinds[kind], 1.0));
                simplex.add_column(0.0, any, &entries);
            }
        }
        most
    }

    /// The pattern of a kind that is worth most: an unbounded knapsack.
    fn best(&self, kind: usize, prices: &Prices) -> Pattern {
        let (model, devices) = self.kinds[kind].0;
        let may = |g: &usize| self.groups[*g].1 >> model & 1 == 1 && self.groups[*g].2 <= devices;
        let may: Vec<usize> = (0..self.groups.len()).filter(may).collect();
        let part = |g: usize| usize::from(self.groups[g].0 / self.step);
        let room = usize::from(WHOLE / self.step);
        // By room: the most it is worth, and the group that was put in last.
        let mut best: Vec<(i64, Option<usize>)> = vec![(0, None); room + 1];
        for left in 1..=room {
            best[left] = (best[left - 1].0, None);
            for &g in may.iter().filter(|g| part(**g) <= left) {
                let worth = best[left - part(g)].0 + prices.groups[g];
                if worth > best[left].0 {
                    best[left] = (worth, Some(g));
                }
            }
        }
        let (mut left, mut held) = (room, Vec::new());
        while left > 0 {
            let last = best[left].1;
            held.extend(last);
            left -= last.map_or(1, part);
        }
        Pattern { worth: best[room].0, held }
    }

    /// What devices, cores and memory are worth at these prices, and what pods are worth beyond
    /// what they pay: weak duality, in whole numbers.
    fn lagrange(&self, prices: &Prices, patterns: &[Pattern]) -> u64 {
        let devices = self.kinds.iter().zip(patterns);
        let mut sum: i128 =
            devices.map(|((_, n), best)| i128::from(*n) * i128::from(best.worth)).sum();
        sum += i128::from(self.cpu) * i128::from(prices.cpu);
        sum += i128::from(self.memory) * i128::from(prices.memory);
        for (i, request) in self.requests.iter().enumerate() {
            let Some(group) = self.group[i] else { continue };
            let pays = i128::from(request.devices) * i128::from(prices.groups[group])
                + i128::from(request.cpu) * i128::from(prices.cpu)
                + i128::from(request.memory) * i128::from(prices.memory);
            let worth = i128::from(request.total()) * UNIT as i128 - pays;
            sum += i128::from(self.counts[i]) * worth.max(0);
        }
        u64::try_from(sum / UNIT as i128).unwrap_or(u64::MAX)
    }
}

struct Pattern {
    worth: i64,
    /// Group of each part.
    held: Vec<usize>,
}
