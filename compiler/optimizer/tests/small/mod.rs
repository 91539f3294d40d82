//! Small random problems in whole numbers, and their optimum by trying everything. Shares no code
//! with the optimiser: what it knows are the rules as `optimizer.md` states them.

pub mod jobs;
pub mod medium;

use eclexia_base::number::int;
use eclexia_base::{Rational, SplitMix64};
use eclexia_optimizer::{Job, JobOption, Near, Offer, Piece, PodOn, Problem, Service, Variant};

pub struct Dice(SplitMix64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(SplitMix64(seed))
    }
    pub fn next(&mut self) -> u64 {
        self.0.next_u64()
    }
    pub fn up_to(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }
    pub fn chance(&mut self, percent: i64) -> bool {
        self.up_to(1, 100) <= percent
    }
}

#[derive(Clone, Debug)]
pub struct Small {
    pub zones: Vec<u32>,
    pub offers: Vec<SmallOffer>,
    pub services: Vec<SmallService>,
    /// Options of each job.
    pub jobs: Vec<Vec<SmallRun>>,
    pub limits: Vec<Option<i64>>,
    pub conflicts: Vec<(usize, usize)>,
    pub together: Vec<(usize, usize)>,
    /// Services that need each other in the same region.
    pub near: Vec<(usize, usize)>,
}

#[derive(Clone, Debug)]
pub struct SmallRun {
    pub cost: i64,
    pub uses: Vec<i64>,
    /// So many of the pieces, each with its cost and uses.
    pub needs: u32,
    pub pieces: Vec<(i64, Vec<i64>)>,
}

#[derive(Clone, Debug)]
pub struct SmallOffer {
    pub region: usize,
    pub capacity: [i64; 2],
    pub cost: i64,
    pub uses: Vec<i64>,
    pub limit: Option<u32>,
    /// Cost and uses of a watt; a busy core draws one.
    pub per_watt: (i64, Vec<i64>),
}

#[derive(Clone, Debug)]
pub struct SmallService {
    pub variants: Vec<SmallVariant>,
    /// Of a pod, by region.
    pub pod_cost: Vec<i64>,
    pub min_zones: u32,
    pub max_per_node: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct SmallVariant {
    pub replicas: (u32, u32),
    pub requires: [i64; 2],
    pub penalty: i64,
    pub uses: Vec<i64>,
    /// Busy cores of a pod.
    pub busy: i64,
    /// By offer.
    pub allowed: Vec<bool>,
}

impl Small {
    /// Cost and uses of a pod on an offer.
    pub fn on(&self, s: usize, v: usize, o: usize) -> Option<(i64, Vec<i64>)> {
        let (service, offer) = (&self.services[s], &self.offers[o]);
        let variant = &service.variants[v];
        variant.allowed[o].then(|| {
            let (cost, uses) = &offer.per_watt;
            let uses = uses.iter().map(|u| u * variant.busy).collect();
            (cost * variant.busy + service.pod_cost[offer.region], uses)
        })
    }
}

/// Money, carbon, cpu.
pub const PRICED: usize = 3;

/// With budgets of those that have a price.
pub fn random(seed: u64) -> Small {
    let mut dice = Dice::new(seed);
    let regions = dice.up_to(1, 2) as usize;
    let zones: Vec<u32> = (0..regions).map(|_| dice.up_to(1, 3) as u32).collect();
    let offers: Vec<SmallOffer> =
        (0..dice.up_to(1, 4)).map(|_| offer(&mut dice, regions)).collect();
    let count = dice.up_to(1, 6) as usize;
    let mut pods = 7;
    let mut services = Vec::new();
    for _ in 0..count {
        if pods == 0 {
            break;
        }
        let service = service(&mut dice, &offers, &mut pods);
        services.push(service);
    }
    let n = services.len() as i64;
    let mut pair = |percent: i64| {
        let (a, b) = (dice.up_to(0, n - 1) as usize, dice.up_to(0, n - 1) as usize);
        if a != b && dice.chance(percent) { vec![(a, b)] } else { Vec::new() }
    };
    let (conflicts, together, near) = (pair(40), pair(25), pair(25));
    let jobs = (0..dice.up_to(0, 2).max(1) - 1)
        .map(|_| {
            (0..dice.up_to(1, 3))
                .map(|_| SmallRun {
                    cost: dice.up_to(1, 20),
                    uses: vec![dice.up_to(1, 20), dice.up_to(0, 20), dice.up_to(1, 3)],
                    needs: 0,
                    pieces: Vec::new(),
                })
                .collect()
        })
        .collect();
    let limit = |dice: &mut Dice, low, high| dice.chance(50).then(|| dice.up_to(low, high));
    let limits =
        vec![limit(&mut dice, 20, 160), limit(&mut dice, 10, 160), limit(&mut dice, 4, 24)];
    Small { zones, offers, services, jobs, limits, conflicts, together, near }
}

fn offer(dice: &mut Dice, regions: usize) -> SmallOffer {
    let cpu = dice.up_to(2, 8);
    let cost = cpu * dice.up_to(3, 6) + dice.up_to(0, 5);
    let grams = dice.up_to(1, 30);
    SmallOffer {
        region: dice.up_to(0, regions as i64 - 1) as usize,
        capacity: [cpu, dice.up_to(2, 12)],
        cost,
        uses: vec![cost, grams, 0],
        limit: dice.chance(20).then(|| dice.up_to(1, 2) as u32),
        per_watt: (grams / 12, vec![0, grams / 6, 0]),
    }
}

fn service(dice: &mut Dice, offers: &[SmallOffer], pods: &mut u32) -> SmallService {
    let least = 1 + (dice.chance(35) && *pods > 1) as u32;
    let most = (least + dice.chance(30) as u32).min(*pods);
    let least = least.min(most);
    *pods -= most;
    let tied = dice.chance(25);
    let carbon = dice.chance(60);
    let variants = (0..dice.up_to(1, 2)).map(|_| {
        let requires = [dice.up_to(1, 3), dice.up_to(1, 4)];
        SmallVariant {
            replicas: (least, most),
            requires,
            penalty: dice.up_to(0, 6),
            uses: vec![0, 0, requires[0]],
            busy: if carbon { requires[0] } else { 0 },
            allowed: offers.iter().map(|_| dice.chance(90)).collect(),
        }
    });
    let variants = variants.collect();
    SmallService {
        variants,
        pod_cost: (0..2).map(|_| if dice.chance(50) { dice.up_to(0, 3) } else { 0 }).collect(),
        min_zones: if tied { 2 } else { 1 },
        max_per_node: dice.chance(25).then_some(1),
    }
}

fn all(values: &[i64]) -> Vec<Rational> {
    values.iter().map(|v| int(*v)).collect()
}

pub fn problem(small: &Small) -> Problem {
    let same_region: Vec<Vec<bool>> =
        (0..small.zones.len()).map(|r| (0..small.zones.len()).map(|q| r == q).collect()).collect();
    Problem {
        zones: small.zones.clone(),
        offers: small
            .offers
            .iter()
            .map(|o| Offer {
                region: o.region,
                capacity: all(&o.capacity),
                cost: int(o.cost),
                uses: all(&o.uses),
                limit: o.limit,
                watts: all(&[1, 0]),
                per_watt: PodOn { cost: int(o.per_watt.0), uses: all(&o.per_watt.1) },
            })
            .collect(),
        services: small
            .services
            .iter()
            .map(|s| Service {
                variants: s.variants.iter().map(variant).collect(),
                pod_cost: all(&s.pod_cost),
                min_zones: s.min_zones,
                max_per_node: s.max_per_node,
            })
            .collect(),
        jobs: small
            .jobs
            .iter()
            .map(|options| Job { options: options.iter().map(run).collect() })
            .collect(),
        budgets: small.limits.len(),
        priced: PRICED,
        limits: small.limits.iter().map(|l| l.map(int)).collect(),
        conflicts: small.conflicts.clone(),
        together: small.together.clone(),
        near: small.near.iter().map(|&(a, b)| Near { a, b, close: same_region.clone() }).collect(),
    }
}

fn run(run: &SmallRun) -> JobOption {
    let piece = |(cost, uses): &(i64, Vec<i64>)| Piece { cost: int(*cost), uses: all(uses) };
    JobOption {
        cost: int(run.cost),
        uses: all(&run.uses),
        needs: run.needs,
        pieces: run.pieces.iter().map(piece).collect(),
    }
}

fn variant(v: &SmallVariant) -> Variant {
    Variant {
        replicas: v.replicas,
        requires: all(&v.requires),
        penalty: int(v.penalty),
        cost: int(0),
        uses: all(&v.uses),
        busy: all(&[v.busy, 0]),
        allowed: v.allowed.clone(),
    }
}

/// The least objective, by trying every variant, replica count, job option and placement.
pub fn brute_force(small: &Small) -> Option<i64> {
    let mut brute =
        Brute { small, best: None, chosen: Vec::new(), pods: Vec::new(), nodes: Vec::new() };
    brute.choose(0, 0, vec![0; small.limits.len()]);
    brute.best
}

struct BruteNode {
    offer: usize,
    pods: Vec<usize>,
    free: [i64; 2],
}

struct Brute<'a> {
    small: &'a Small,
    best: Option<i64>,
    chosen: Vec<(usize, u32)>,
    /// Service of each pod.
    pods: Vec<usize>,
    nodes: Vec<BruteNode>,
}

impl Brute<'_> {
    fn hopeless(&self, cost: i64, uses: &[i64]) -> bool {
        let over = |(u, l): (&i64, &Option<i64>)| l.is_some_and(|l| *u > l);
        self.best.is_some_and(|b| cost >= b) || uses.iter().zip(&self.small.limits).any(over)
    }

    /// Variants and replicas, then options of jobs, then places.
    fn choose(&mut self, k: usize, cost: i64, uses: Vec<i64>) {
        let small = self.small;
        if self.hopeless(cost, &uses) {
            return;
        }
        if let Some(service) = small.services.get(k) {
            for (v, variant) in service.variants.iter().enumerate() {
                for replicas in variant.replicas.0..=variant.replicas.1 {
                    let more = plus(&uses, &variant.uses, i64::from(replicas));
                    self.chosen.push((v, replicas));
                    self.pods.extend((0..replicas).map(|_| k));
                    self.choose(k + 1, cost + variant.penalty, more);
                    self.pods.truncate(self.pods.len() - replicas as usize);
                    self.chosen.pop();
                }
            }
            return;
        }
        match small.jobs.get(k - small.services.len()) {
            Some(options) => {
                for run in options {
                    let every =
                        (0u32..1 << run.pieces.len()).filter(|s| s.count_ones() == run.needs);
                    for some in every {
                        let (mut cost, mut uses) = (cost + run.cost, plus(&uses, &run.uses, 1));
                        let taken =
                            run.pieces.iter().enumerate().filter(|(p, _)| some >> p & 1 == 1);
                        for (_, (c, u)) in taken {
                            cost += c;
                            uses = plus(&uses, u, 1);
                        }
                        self.choose(k + 1, cost, uses);
                    }
                }
            }
            None => self.place(0, cost, uses),
        }
    }

    fn place(&mut self, pod: usize, cost: i64, uses: Vec<i64>) {
        if self.hopeless(cost, &uses) {
            return;
        }
        let Some(&s) = self.pods.get(pod) else {
            if self.rules_hold() && self.zones_work() {
                self.best = Some(cost);
            }
            return;
        };
        let small = self.small;
        let variant = &small.services[s].variants[self.chosen[s].0];
        for k in 0..self.nodes.len() {
            let node = &self.nodes[k];
            let own = node.pods.iter().filter(|p| **p == s).count() as u32;
            let full = small.services[s].max_per_node.is_some_and(|m| own >= m);
            let fits = (0..2).all(|r| node.free[r] >= variant.requires[r]);
            if let Some((c, u)) = small.on(s, self.chosen[s].0, node.offer)
                && fits
                && !full
            {
                let more = plus(&uses, &u, 1);
                self.put(k, s, 1);
                self.place(pod + 1, cost + c, more);
                self.put(k, s, -1);
            }
        }
        for (o, offer) in small.offers.iter().enumerate() {
            let used = self.nodes.iter().filter(|n| n.offer == o).count() as u32;
            let fits = (0..2).all(|r| offer.capacity[r] >= variant.requires[r]);
            if let Some((c, u)) = small.on(s, self.chosen[s].0, o)
                && fits
                && offer.limit.is_none_or(|l| used < l)
            {
                let more = plus(&plus(&uses, &u, 1), &offer.uses, 1);
                self.nodes.push(BruteNode { offer: o, pods: Vec::new(), free: offer.capacity });
                self.put(self.nodes.len() - 1, s, 1);
                self.place(pod + 1, cost + c + offer.cost, more);
                self.nodes.pop();
            }
        }
    }

    fn put(&mut self, k: usize, s: usize, times: i64) {
        let requires = self.small.services[s].variants[self.chosen[s].0].requires;
        let node = &mut self.nodes[k];
        (0..2).for_each(|r| node.free[r] -= requires[r] * times);
        if times > 0 {
            node.pods.push(s);
        } else {
            node.pods.pop();
        }
    }

    fn rules_hold(&self) -> bool {
        let small = self.small;
        let alone = |n: &BruteNode| {
            let has = |s: usize| n.pods.contains(&s);
            small.conflicts.iter().all(|&(a, b)| !(has(a) && has(b)))
                && small.together.iter().all(|&(a, b)| !has(a) || has(b))
        };
        let region_has = |r: usize, s: usize| {
            self.nodes.iter().any(|n| small.offers[n.offer].region == r && n.pods.contains(&s))
        };
        let near = |&(a, b): &(usize, usize)| {
            (0..small.zones.len()).all(|r| !region_has(r, a) || region_has(r, b))
        };
        self.nodes.iter().all(alone) && small.near.iter().all(near)
    }

    /// Every way to give the machines zones, until one keeps the spread.
    fn zones_work(&self) -> bool {
        if self.small.services.iter().all(|s| s.min_zones <= 1) {
            return true;
        }
        let count = |n: &BruteNode| self.small.zones[self.small.offers[n.offer].region] as usize;
        let ways: usize = self.nodes.iter().map(count).product();
        (0..ways).any(|mut way| {
            let mut load = std::collections::BTreeMap::new();
            for node in &self.nodes {
                let zones = count(node);
                let zone = (self.small.offers[node.offer].region, way % zones);
                way /= zones;
                for s in &node.pods {
                    *load.entry((*s, zone)).or_insert(0u32) += 1;
                }
            }
            load.iter().all(|((s, _), pods)| {
                let service = &self.small.services[*s];
                service.min_zones <= 1 || *pods <= self.chosen[*s].1.div_ceil(service.min_zones)
            })
        })
    }
}

fn plus(a: &[i64], b: &[i64], times: i64) -> Vec<i64> {
    a.iter().zip(b).map(|(a, b)| a + b * times).collect()
}
