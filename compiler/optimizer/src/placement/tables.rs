//! What the search looks up, by index: sites (where a pod is indifferent but for the shape of the
//! machine), what may go where, costs split into what a machine and what a busy core costs, and the
//! rules of each service. Built once, never changed: of an instance by [`super::of_instance`], of
//! an exact problem by [`super::of_problem`], with what both need here.

use super::instance::{Amounts, RESOURCES};
use std::collections::BTreeMap;

/// Offers of one site are bits of a `u64`; a zone with more has several sites.
const OFFERS_PER_SITE: usize = 64;

/// Offers of one region, zone and pool.
#[derive(Clone, Debug)]
pub struct Site {
    pub region: u32,
    /// Index over the zones of all regions.
    pub zone: u32,
    pub offers: Vec<u32>,
}

/// What a machine costs and uses, empty, and what each watt of its pods adds.
#[derive(Clone, Debug, Default)]
pub struct OfferCost {
    pub capacity: Amounts,
    pub limit: u32,
    /// Objective of the empty machine, US dollars per hour.
    pub fixed: f64,
    /// Objective of one watt drawn by pods.
    pub per_watt: f64,
    /// Watts of one busy milli-core, and of one busy device.
    pub cpu_watts: f64,
    pub gpu_watts: f64,
    /// Budgets that the empty machine uses, and how much.
    pub uses: Vec<(u32, f64)>,
    /// Budgets that one watt drawn by pods uses.
    pub uses_per_watt: Vec<(u32, f64)>,
    /// Equal for offers that differ in their zone alone.
    pub kind: u32,
}

impl OfferCost {
    /// Watts that pods draw with so many busy milli-cores and devices.
    pub fn watts(&self, busy: [f64; 2]) -> f64 {
        busy[0] * self.cpu_watts + busy[1] * self.gpu_watts
    }

    pub fn holds(&self, load: &Amounts) -> bool {
        fits(load, &self.capacity)
    }
}

/// A variant of a service.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub service: u32,
    /// Of the service's variants: what its pods are, whatever their number.
    pub variant: u32,
    pub replicas: u32,
    pub request: Amounts,
    /// Busy milli-cores and devices of one pod.
    pub busy: [f64; 2],
    pub penalty: f64,
    /// Budgets that it uses if chosen, wherever its pods are, and how much.
    pub uses: Vec<(u32, f64)>,
    /// Equal for choices that the same machines allow.
    pub kind: u32,
    /// Most pods in one zone.
    pub zone_cap: u32,
    /// Most pods on one machine: of the service, of the zone.
    pub per_node: u32,
    /// Sites that have an offer for it, ascending, with those offers as bits.
    pub places: Vec<(u32, u64)>,
}

/// The rules of one service.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub conflicts: Vec<u32>,
    /// Services that a machine with a pod of this one needs.
    pub needs: Vec<u32>,
    pub needed_by: Vec<u32>,
    /// Services that each region with a pod of this one needs near it, and by which rule.
    pub near: Vec<(u32, u32)>,
    pub near_of: Vec<(u32, u32)>,
    /// Rules of nearness it takes part in, by index.
    pub near_rules: Vec<u32>,
}

/// Every region with a pod of `a` has a pod of `b` in a region close to it.
#[derive(Clone, Debug, Default)]
pub struct NearRule {
    pub a: u32,
    pub b: u32,
    /// By region of `a` and region of `b`, row after row.
    pub close: Vec<bool>,
}

pub struct Tables {
    pub regions: usize,
    pub sites: Vec<Site>,
    pub zone_region: Vec<u32>,
    pub offers: Vec<OfferCost>,
    /// Site of each offer, and its place there.
    pub offer_site: Vec<(u32, u32)>,
    pub choices: Vec<Choice>,
    /// First choice of each service; one entry more than services.
    pub first_choice: Vec<u32>,
    pub rules: Vec<Rules>,
    pub near: Vec<NearRule>,
    /// Regions where each service may be, ascending.
    pub allowed: Vec<Vec<u32>>,
    /// Objective of one pod's latency, by service and region.
    pub latency: Vec<Vec<f64>>,
    /// Services tied by `near` or `together`, each sorted; a service alone is one of its own.
    pub groups: Vec<Vec<u32>>,
    pub limits: Vec<f64>,
}

pub fn fits(load: &Amounts, capacity: &Amounts) -> bool {
    (0..RESOURCES).fold(true, |fits, r| fits & (load[r] <= capacity[r]))
}

/// How often a request goes into room, `most` times at most.
pub fn times(request: &Amounts, room: &Amounts, most: u32) -> u32 {
    let asked = (0..RESOURCES).filter(|r| request[*r] > 0);
    asked.map(|r| room[r] / request[r]).fold(most, u32::min)
}

pub fn plus(a: &Amounts, b: &Amounts) -> Amounts {
    std::array::from_fn(|r| a[r] + b[r])
}

impl Tables {
    pub fn services(&self) -> usize {
        self.rules.len()
    }

    pub fn choices_of(&self, service: u32) -> std::ops::Range<u32> {
        self.first_choice[service as usize]..self.first_choice[service as usize + 1]
    }

    /// The choice of a service with a variant that has a number of pods, else the next larger,
    /// else the largest; `None`: it has no such variant.
    pub fn choice_of(&self, service: u32, variant: u32, pods: u64) -> Option<u32> {
        let own = self.choices_of(service);
        let of = |c: &u32| &self.choices[*c as usize];
        let own = own.filter(|c| of(c).variant == variant);
        own.min_by_key(|c| {
            let replicas = u64::from(of(c).replicas);
            (replicas < pods, replicas.abs_diff(pods))
        })
    }

    /// Whether region `q` is close to `region` by a rule of nearness.
    pub fn is_near(&self, region: u32, q: u32, rule: u32) -> bool {
        self.near[rule as usize].close[region as usize * self.regions + q as usize]
    }
}

/// The first zone of each region, with one entry more, and the region of each zone.
pub fn zones(counts: impl Iterator<Item = u32>) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0_u32];
    let mut region_of = Vec::new();
    for (r, count) in counts.enumerate() {
        region_of.extend((0..count).map(|_| r as u32));
        first.push(region_of.len() as u32);
    }
    (first, region_of)
}

/// Sites of offers given by region, zone over all regions, and pool; and where each offer is.
pub fn sites(offers: impl Iterator<Item = (u32, u32, u32)>) -> (Vec<Site>, Vec<(u32, u32)>) {
    let mut by_key: BTreeMap<(u32, u32, u32), Vec<u32>> = BTreeMap::new();
    let mut count = 0;
    for (o, key) in offers.enumerate() {
        by_key.entry(key).or_default().push(o as u32);
        count += 1;
    }
    let mut offer_site = vec![(0, 0); count];
    let mut sites = Vec::new();
    for ((region, zone, _), offers) in by_key {
        for part in offers.chunks(OFFERS_PER_SITE) {
            for (bit, o) in part.iter().enumerate() {
                offer_site[*o as usize] = (sites.len() as u32, bit as u32);
            }
            sites.push(Site { region, zone, offers: part.to_vec() });
        }
    }
    (sites, offer_site)
}

/// The sites with an offer that is allowed, and those offers as bits.
pub fn places(sites: &[Site], allows: impl Fn(&Site, u32) -> bool) -> Vec<(u32, u64)> {
    let bits = |site: &Site| {
        let offers = site.offers.iter().enumerate();
        offers.filter(|(_, o)| allows(site, **o)).fold(0_u64, |bits, (i, _)| bits | 1 << i)
    };
    let sites = sites.iter().enumerate().map(|(k, site)| (k as u32, bits(site)));
    sites.filter(|(_, bits)| *bits != 0).collect()
}

/// The rules of each service, from those between two.
pub fn rules(
    services: usize,
    conflicts: &[(u32, u32)],
    together: &[(u32, u32)],
    near: &[NearRule],
) -> Vec<Rules> {
    let mut rules = vec![Rules::default(); services];
    for &(a, b) in conflicts {
        rules[a as usize].conflicts.push(b);
        rules[b as usize].conflicts.push(a);
    }
    for &(a, b) in together.iter().filter(|(a, b)| a != b) {
        rules[a as usize].needs.push(b);
        rules[b as usize].needed_by.push(a);
    }
    for (i, near) in near.iter().enumerate() {
        for s in [near.a, near.b] {
            rules[s as usize].near_rules.push(i as u32);
        }
        rules[near.a as usize].near.push((near.b, i as u32));
        rules[near.b as usize].near_of.push((near.a, i as u32));
    }
    rules
}

/// Services in parts that the pairs tie together (union-find).
pub fn groups(services: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Vec<Vec<u32>> {
    let mut parent: Vec<usize> = (0..services).collect();
    fn root(parent: &mut [usize], mut x: usize) -> usize {
        while parent[x] != x {
            parent[x] = parent[parent[x]];
            x = parent[x];
        }
        x
    }
    for (a, b) in pairs {
        let (a, b) = (root(&mut parent, a as usize), root(&mut parent, b as usize));
        parent[a.max(b)] = a.min(b);
    }
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut index = vec![u32::MAX; services];
    for s in 0..services {
        let root = root(&mut parent, s);
        if index[root] == u32::MAX {
            index[root] = groups.len() as u32;
            groups.push(Vec::new());
        }
        groups[index[root] as usize].push(s as u32);
    }
    groups
}

/// A number for each distinct key, in order of its first.
pub fn number<K: Ord>(known: &mut BTreeMap<K, u32>, key: K) -> u32 {
    let next = known.len() as u32;
    *known.entry(key).or_insert(next)
}
