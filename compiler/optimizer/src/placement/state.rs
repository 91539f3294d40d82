//! A plan under change: machines with their pods, and the sums that its rules and its cost are read
//! from. Each change is written into a journal until it is accepted or taken back.
//!
//! A machine has no shape of its own: it is the cheapest offer of its site, at present prices, that
//! holds its pods. What is broken is counted, not forbidden: pods not placed, budgets exceeded and
//! pairs too far apart weigh in [`State::weight`], so that a search can start anywhere.

use super::anchor::Anchors;
use super::instance::{Amounts, Machines, Solution};
use super::tables::{Choice, Tables, fits, plus};

/// Nonlinear costs are kept linear by prices: of each offer, what it costs with budgets priced.
#[derive(Clone, Debug)]
pub struct Prices {
    /// US dollars per hour for a unit of each budget.
    pub budgets: Vec<f64>,
    pub fixed: Vec<f64>,
    pub per_watt: Vec<f64>,
    /// Offers of each site, cheapest first.
    ranked: Vec<Vec<Ranked>>,
}

/// What is asked of an offer for each machine that a pod may come to, in one place.
#[derive(Clone, Debug)]
struct Ranked {
    capacity: Amounts,
    fixed: f64,
    /// What a busy milli-core and a busy device cost.
    busy: [f64; 2],
    /// Its bit at the site.
    mask: u64,
    offer: u32,
    limit: u32,
}

impl Prices {
    pub fn new(tables: &Tables, budgets: &[f64]) -> Prices {
        let priced = |own: f64, uses: &[(u32, f64)]| {
            uses.iter().fold(own, |sum, (b, use_)| sum + budgets[*b as usize] * use_)
        };
        let fixed: Vec<f64> = tables.offers.iter().map(|o| priced(o.fixed, &o.uses)).collect();
        let per_watt = tables.offers.iter().map(|o| priced(o.per_watt, &o.uses_per_watt));
        let per_watt: Vec<f64> = per_watt.collect();
        let ranked = tables.sites.iter().map(|site| {
            let offers = site.offers.iter().enumerate().map(|(bit, &offer)| {
                let (of, watt) = (&tables.offers[offer as usize], per_watt[offer as usize]);
                Ranked {
                    capacity: of.capacity,
                    fixed: fixed[offer as usize],
                    busy: [of.cpu_watts * watt, of.gpu_watts * watt],
                    mask: 1 << bit,
                    offer,
                    limit: of.limit,
                }
            });
            let mut offers: Vec<Ranked> = offers.collect();
            offers.sort_by(|a, b| a.fixed.total_cmp(&b.fixed).then(a.mask.cmp(&b.mask)));
            offers
        });
        let ranked = ranked.collect();
        Prices { budgets: budgets.to_vec(), fixed, per_watt, ranked }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Node {
    pub site: u32,
    pub offer: u32,
    pub load: Amounts,
    pub busy: [f64; 2],
    /// Offers of the site that all its pods allow.
    pub mask: u64,
    /// At the prices of when it last changed.
    pub cost: f64,
    /// Service and count, in the order they came; empty: the slot is free.
    pub pods: Vec<(u32, u32)>,
}

impl Node {
    pub fn pods_of(&self, service: u32) -> u32 {
        self.pods.iter().find(|p| p.0 == service).map_or(0, |p| p.1)
    }
}

/// How much room counts, as a part of what the machine costs.
const ROOM: f64 = 0.6;

/// What one change replaced.
#[derive(Default)]
struct Journal {
    nodes: Vec<(u32, Node)>,
    /// Service, zone, pods added or removed.
    moves: Vec<(u32, u32, i32)>,
    variants: Vec<(u32, u32)>,
    /// Service, pods that stay or not, of machines that run.
    stays: Vec<(u32, i32)>,
    objective: f64,
    room: f64,
    uses: Vec<f64>,
    far: u32,
    missing: u32,
}

pub struct State<'t> {
    pub tables: &'t Tables,
    pub prices: Prices,
    /// Choice of each service.
    pub choice: Vec<u32>,
    pub nodes: Vec<Node>,
    free: Vec<u32>,
    /// Machines of each site; the order is a matter of history.
    pub by_site: Vec<Vec<u32>>,
    /// Place of each machine in the list of its site.
    at: Vec<u32>,
    /// Machines of each offer.
    bought: Vec<u32>,
    /// Pods by service and zone.
    zones: Vec<u32>,
    pub placed: Vec<u32>,
    /// Objective of what is placed, US dollars per hour.
    pub objective: f64,
    /// Cost of each machine times the square of the part of it that is left, added up; 0 where it
    /// does not count.
    room: f64,
    /// Whether room counts in what the search makes small; set before anything is placed.
    pub is_gathering: bool,
    pub uses: Vec<f64>,
    /// Pairs of a region and a rule of nearness that it breaks.
    pub far: u32,
    /// Pods without a machine.
    pub missing: u32,
    /// What one unit of a budget above its limit weighs; what one missing pod or far pair weighs.
    pub excess_weight: Vec<f64>,
    pub missing_weight: f64,
    /// What runs already; empty where a plan begins with nothing.
    pub anchors: Anchors,
    journal: Journal,
    touched: Vec<bool>,
}

/// The part of a machine that is left of the resource that is shortest.
fn free(load: &Amounts, capacity: &Amounts) -> f64 {
    let part = |(n, of): (&u32, &u32)| f64::from(*n) / f64::from((*of).max(1));
    1.0 - load.iter().zip(capacity).map(part).fold(0.0, f64::max)
}

impl<'t> State<'t> {
    /// Nothing placed, each service in its choice.
    pub fn new(tables: &'t Tables, prices: Prices, choice: Vec<u32>) -> State<'t> {
        let dearest = tables.offers.iter().fold(0.0_f64, |most, o| most.max(o.fixed));
        let penalties = choice.iter().map(|c| tables.choices[*c as usize].penalty);
        let missing = choice.iter().map(|c| tables.choices[*c as usize].replicas).sum();
        let budgets = tables.limits.len();
        let mut state = State {
            objective: penalties.sum(),
            room: 0.0,
            is_gathering: false,
            prices,
            nodes: Vec::new(),
            free: Vec::new(),
            by_site: vec![Vec::new(); tables.sites.len()],
            at: Vec::new(),
            bought: vec![0; tables.offers.len()],
            zones: vec![0; tables.services() * tables.zone_region.len()],
            placed: vec![0; tables.services()],
            uses: vec![0.0; budgets],
            far: 0,
            missing,
            excess_weight: vec![0.0; budgets],
            missing_weight: 4.0 * dearest + f64::MIN_POSITIVE,
            anchors: Anchors::default(),
            journal: Journal { uses: vec![0.0; budgets], ..Journal::default() },
            touched: Vec::new(),
            choice,
            tables,
        };
        (0..tables.services()).for_each(|s| state.count_choice(s, 1.0));
        state
    }

    /// Adds (or, with -1, takes away) what a service's choice uses wherever its pods are.
    fn count_choice(&mut self, service: usize, sign: f64) {
        for (b, used) in &self.tables.choices[self.choice[service] as usize].uses {
            self.uses[*b as usize] += sign * used;
        }
    }

    pub fn pods_in_zone(&self, service: u32, zone: u32) -> u32 {
        self.zones[service as usize * self.tables.zone_region.len() + zone as usize]
    }

    pub fn is_in_region(&self, service: u32, region: u32) -> bool {
        let first = service as usize * self.tables.zone_region.len();
        let zones = &self.zones[first..first + self.tables.zone_region.len()];
        zones.iter().zip(&self.tables.zone_region).any(|(n, r)| *n > 0 && *r == region)
    }

    /// Whether one more machine of an offer may be bought.
    pub fn is_left(&self, offer: u32) -> bool {
        self.bought[offer as usize] < self.tables.offers[offer as usize].limit
    }

    pub fn unplaced(&self, service: u32) -> u32 {
        let choice = &self.tables.choices[self.choice[service as usize] as usize];
        choice.replicas - self.placed[service as usize]
    }

    /// How much each budget is exceeded, weighted.
    fn excess(&self) -> f64 {
        let over = self.uses.iter().zip(&self.tables.limits).zip(&self.excess_weight);
        over.map(|((used, limit), weight)| (used - limit).max(0.0) * weight).sum()
    }

    /// The objective with what moves cost.
    pub fn value(&self) -> f64 {
        self.objective + self.anchors.cost()
    }

    /// Value and what is broken; what the search makes small. To move pods from machine to machine
    /// costs mostly nothing: of such plans one is better that leaves much room on few machines,
    /// which can then become smaller, than one that leaves some on each.
    pub fn weight(&self) -> f64 {
        let broken = self.missing_weight * f64::from(self.missing + self.far);
        self.value() + self.excess() + self.anchors.excess() + broken - ROOM * self.room
    }

    /// Whether a plan is whole and within its budgets, but for rounding.
    pub fn is_feasible(&self) -> bool {
        let within = |(used, limit): (&f64, &f64)| *used <= limit * (1.0 + 1e-12);
        self.missing == 0
            && self.far == 0
            && self.anchors.is_within_budgets()
            && self.uses.iter().zip(&self.tables.limits).all(within)
    }

    /// The cheapest offer of a site, among `mask`, that holds a load; with its cost at present
    /// prices. `own` is the offer that the machine has already.
    pub fn cheapest(
        &self,
        site: u32,
        mask: u64,
        load: &Amounts,
        busy: [f64; 2],
        own: Option<u32>,
    ) -> Option<(u32, f64)> {
        let mut best: Option<(u32, f64)> = None;
        for of in &self.prices.ranked[site as usize] {
            if best.is_some_and(|(_, cost)| of.fixed >= cost) {
                break;
            }
            if mask & of.mask == 0 || !fits(load, &of.capacity) {
                continue;
            }
            if own != Some(of.offer) && self.bought[of.offer as usize] >= of.limit {
                continue;
            }
            let cost = of.fixed + busy[0] * of.busy[0] + busy[1] * of.busy[1];
            if best.is_none_or(|(_, least)| cost < least) {
                best = Some((of.offer, cost));
            }
        }
        best
    }

    /// What an offer costs at present prices, with so many busy milli-cores and devices.
    pub fn cost_of(&self, offer: u32, busy: [f64; 2]) -> f64 {
        let watts = self.tables.offers[offer as usize].watts(busy);
        self.prices.fixed[offer as usize] + watts * self.prices.per_watt[offer as usize]
    }

    /// Begins a change: what was before can be had back by [`State::undo`].
    pub fn begin(&mut self) {
        for (n, _) in self.journal.nodes.drain(..) {
            self.touched[n as usize] = false;
        }
        self.journal.moves.clear();
        self.journal.variants.clear();
        self.journal.stays.clear();
        self.journal.objective = self.objective;
        self.journal.room = self.room;
        self.journal.uses.copy_from_slice(&self.uses);
        self.journal.far = self.far;
        self.journal.missing = self.missing;
    }

    pub fn undo(&mut self) {
        for (n, before) in std::mem::take(&mut self.journal.nodes) {
            self.touched[n as usize] = false;
            self.unlist(n);
            let now = &self.nodes[n as usize];
            if !now.pods.is_empty() {
                self.bought[now.offer as usize] -= 1;
            }
            if !before.pods.is_empty() {
                self.bought[before.offer as usize] += 1;
            }
            self.nodes[n as usize] = before;
            self.list(n);
        }
        let zones = self.tables.zone_region.len();
        for (s, zone, n) in std::mem::take(&mut self.journal.moves) {
            let pods = &mut self.zones[s as usize * zones + zone as usize];
            *pods = pods.wrapping_add_signed(-n);
            self.placed[s as usize] = self.placed[s as usize].wrapping_add_signed(-n);
        }
        for (s, more) in std::mem::take(&mut self.journal.stays) {
            self.anchors.stay(s, -more);
        }
        for (s, choice) in std::mem::take(&mut self.journal.variants).into_iter().rev() {
            self.choice[s as usize] = choice;
            self.anchors.choose(&self.tables.choices[choice as usize]);
        }
        self.objective = self.journal.objective;
        self.room = self.journal.room;
        self.uses.copy_from_slice(&self.journal.uses);
        self.far = self.journal.far;
        self.missing = self.journal.missing;
    }

    /// Takes a machine into its site's list, or among the free slots.
    fn list(&mut self, n: u32) {
        let node = &self.nodes[n as usize];
        let list = if node.pods.is_empty() {
            &mut self.free
        } else {
            &mut self.by_site[node.site as usize]
        };
        self.at[n as usize] = list.len() as u32;
        list.push(n);
    }

    fn unlist(&mut self, n: u32) {
        let node = &self.nodes[n as usize];
        let list = if node.pods.is_empty() {
            &mut self.free
        } else {
            &mut self.by_site[node.site as usize]
        };
        let at = self.at[n as usize];
        list.swap_remove(at as usize);
        if let Some(moved) = list.get(at as usize) {
            self.at[*moved as usize] = at;
        }
    }

    fn keep(&mut self, n: u32) {
        if !self.touched[n as usize] {
            self.touched[n as usize] = true;
            self.journal.nodes.push((n, self.nodes[n as usize].clone()));
        }
    }

    /// Adds (or, with -1, takes away) what a machine costs and uses.
    fn account(&mut self, n: u32, sign: f64) {
        let node = &self.nodes[n as usize];
        let offer = &self.tables.offers[node.offer as usize];
        let watts = offer.watts(node.busy);
        self.objective += sign * (offer.fixed + watts * offer.per_watt);
        if self.is_gathering {
            self.room += sign * offer.fixed * free(&node.load, &offer.capacity).powi(2);
        }
        for (b, used) in &offer.uses {
            self.uses[*b as usize] += sign * used;
        }
        for (b, used) in &offer.uses_per_watt {
            self.uses[*b as usize] += sign * used * watts;
        }
        let bought = &mut self.bought[node.offer as usize];
        *bought = if sign > 0.0 { *bought + 1 } else { *bought - 1 };
    }

    /// Counts (or, with -1, forgets) the pods of a machine that stay where they run.
    fn anchor(&mut self, n: u32, sign: i32) {
        let node = &self.nodes[n as usize];
        let Some(was) = self.anchors.at(n).filter(|was| was.offer == node.offer) else { return };
        let mut journal = std::mem::take(&mut self.journal.stays);
        let first = journal.len();
        journal.extend(was.pods.iter().filter_map(|&(s, pods)| {
            let stays = self.stays_of(s, pods, node);
            (stays > 0).then_some((s, sign * stays as i32))
        }));
        journal[first..].iter().for_each(|(s, more)| self.anchors.stay(*s, *more));
        self.journal.stays = journal;
    }

    pub fn choice_of(&self, service: u32) -> &'t Choice {
        &self.tables.choices[self.choice[service as usize] as usize]
    }

    /// Pods of a service that a machine has of so many that ran on it.
    fn stays_of(&self, service: u32, pods: u32, node: &Node) -> u32 {
        if self.anchors.may_stay(self.choice_of(service)) {
            node.pods_of(service).min(pods)
        } else {
            0
        }
    }

    /// What it weighs in moves, US dollars per hour, that a machine becomes `offer` and takes in a
    /// pod of `service`.
    pub fn moving(&self, n: u32, offer: u32, service: Option<u32>) -> f64 {
        if self.anchors.is_empty() {
            return 0.0;
        }
        let node = &self.nodes[n as usize];
        let beyond = self.beyond((!node.pods.is_empty()).then_some(node.offer), offer);
        let Some(was) = self.anchors.at(n) else { return beyond };
        let of = |&(s, pods): &(u32, u32)| {
            let before = if node.offer == was.offer { self.stays_of(s, pods, node) } else { 0 };
            let may_stay = self.anchors.may_stay(self.choice_of(s));
            let own = node.pods_of(s) + u32::from(service == Some(s));
            let after = if offer == was.offer && may_stay { own.min(pods) } else { 0 };
            -self.anchors.saves(s, after as i32 - before as i32)
        };
        beyond + was.pods.iter().map(of).sum::<f64>()
    }

    /// What budgets weigh more, or less, above their limits when a machine becomes another or is
    /// bought: asked where a plan runs, which is not to be left to come back within budgets.
    pub fn beyond(&self, from: Option<u32>, to: u32) -> f64 {
        if self.anchors.is_empty() || from == Some(to) {
            return 0.0;
        }
        let of = |&(b, more): &(u32, f64)| {
            let b = b as usize;
            let before = from.map_or(&[][..], |from| &self.tables.offers[from as usize].uses);
            let before = before.iter().find(|u| u.0 as usize == b).map_or(0.0, |u| u.1);
            let above = |used: f64| (used - self.tables.limits[b]).max(0.0);
            let change = above(self.uses[b] + more - before) - above(self.uses[b]);
            change * self.excess_weight[b]
        };
        self.tables.offers[to as usize].uses.iter().map(of).sum()
    }

    /// Slots of a site whose machine runs, and is not in the plan.
    pub fn emptied(&self, site: u32) -> impl Iterator<Item = u32> {
        let is_here = move |n: &u32| self.anchors.at(*n).is_some_and(|was| was.site == site);
        let free = if self.anchors.is_empty() { &[] } else { &self.free[..] };
        free.iter().copied().filter(is_here)
    }

    fn count(&mut self, service: u32, site: u32, n: i32) {
        let site = &self.tables.sites[site as usize];
        let zones = self.tables.zone_region.len();
        let pods = &mut self.zones[service as usize * zones + site.zone as usize];
        *pods = pods.wrapping_add_signed(n);
        self.placed[service as usize] = self.placed[service as usize].wrapping_add_signed(n);
        self.missing = self.missing.wrapping_add_signed(-n);
        let latency = self.tables.latency[service as usize][site.region as usize];
        self.objective += f64::from(n) * latency;
        self.journal.moves.push((service, site.zone, n));
    }

    /// A free slot: of a machine that runs at the site rather than of none, and of none that runs
    /// elsewhere, which may come back there.
    fn slot(&self, site: u32) -> Option<u32> {
        let is_new = |n: &u32| self.anchors.at(*n).is_none();
        self.emptied(site).last().or_else(|| self.free.iter().rev().copied().find(is_new))
    }

    fn add_slot(&mut self) -> u32 {
        let n = self.nodes.len() as u32;
        self.nodes.push(Node::default());
        self.touched.push(false);
        self.at.push(self.free.len() as u32);
        self.free.push(n);
        n
    }

    /// Begins with what runs: a slot for each of its machines, empty.
    pub fn anchor_to(&mut self, anchors: Anchors) {
        self.anchors = anchors;
        for n in 0..self.anchors.machines.len() {
            self.add_slot();
            let was = &self.anchors.machines[n];
            let node = &mut self.nodes[n];
            (node.site, node.offer, node.mask) = (was.site, was.offer, u64::MAX);
        }
    }

    /// A free slot at a site, empty.
    pub fn open(&mut self, site: u32) -> u32 {
        let n = self.slot(site).unwrap_or_else(|| self.add_slot());
        self.keep(n);
        let node = &mut self.nodes[n as usize];
        node.site = site;
        node.load = Amounts::default();
        node.busy = [0.0; 2];
        node.mask = u64::MAX;
        node.cost = 0.0;
        n
    }

    /// Puts pods of services on a machine that becomes `offer`, at `cost`.
    pub fn put(&mut self, n: u32, services: &[(u32, u32)], offer: u32, cost: f64) {
        self.keep(n);
        self.unlist(n);
        if !self.nodes[n as usize].pods.is_empty() {
            self.account(n, -1.0);
            self.anchor(n, -1);
        }
        for &(s, count) in services {
            let choice = &self.tables.choices[self.choice[s as usize] as usize];
            let node = &mut self.nodes[n as usize];
            let bits = choice.places.binary_search_by_key(&node.site, |p| p.0);
            node.mask &= bits.map_or(0, |i| choice.places[i].1);
            for _ in 0..count {
                node.load = plus(&node.load, &choice.request);
            }
            for (sum, busy) in node.busy.iter_mut().zip(choice.busy) {
                *sum += busy * f64::from(count);
            }
            match node.pods.iter_mut().find(|p| p.0 == s) {
                Some(pods) => pods.1 += count,
                None => node.pods.push((s, count)),
            }
            let site = node.site;
            self.count(s, site, count as i32);
        }
        let node = &mut self.nodes[n as usize];
        node.offer = offer;
        node.cost = cost;
        self.list(n);
        self.account(n, 1.0);
        self.anchor(n, 1);
    }

    /// The cheapest offer that holds a machine's pods, with its cost; one that runs changes only
    /// where that pays for the moves.
    fn cheapest_for(&self, n: u32) -> Option<(u32, f64)> {
        let node = &self.nodes[n as usize];
        let own = node.offer;
        let found = self.cheapest(node.site, node.mask, &node.load, node.busy, Some(own));
        let (offer, cost) = found?;
        let stays = self.cost_of(own, node.busy);
        if self.anchors.at(n).is_some() && cost + self.moving(n, offer, None) >= stays {
            return Some((own, stays));
        }
        found
    }

    /// A machine with pods becomes the cheapest offer that holds them.
    pub fn become_cheapest(&mut self, n: u32) {
        if let Some((offer, cost)) = self.cheapest_for(n) {
            self.put(n, &[], offer, cost);
        }
    }

    /// Takes all pods of some services off a machine, which then becomes the cheapest that holds
    /// the rest.
    pub fn take(&mut self, n: u32, leaves: impl Fn(u32) -> bool) {
        self.keep(n);
        self.unlist(n);
        self.account(n, -1.0);
        self.anchor(n, -1);
        let pods = std::mem::take(&mut self.nodes[n as usize].pods);
        let site = self.nodes[n as usize].site;
        let (mut mask, mut load, mut busy) = (u64::MAX, Amounts::default(), [0.0; 2]);
        for &(s, count) in &pods {
            if leaves(s) {
                self.count(s, site, -(count as i32));
                continue;
            }
            let choice = &self.tables.choices[self.choice[s as usize] as usize];
            let bits = choice.places.binary_search_by_key(&site, |p| p.0);
            mask &= bits.map_or(0, |i| choice.places[i].1);
            for _ in 0..count {
                load = plus(&load, &choice.request);
            }
            (0..2).for_each(|k| busy[k] += choice.busy[k] * f64::from(count));
            self.nodes[n as usize].pods.push((s, count));
        }
        let node = &mut self.nodes[n as usize];
        (node.mask, node.load, node.busy) = (mask, load, busy);
        self.list(n);
        if self.nodes[n as usize].pods.is_empty() {
            return;
        }
        self.anchor(n, 1);
        if let Some((offer, cost)) = self.cheapest_for(n) {
            self.anchor(n, -1);
            let node = &mut self.nodes[n as usize];
            (node.offer, node.cost) = (offer, cost);
            self.anchor(n, 1);
        }
        self.account(n, 1.0);
    }

    /// Gives a service another variant; none of its pods is placed.
    pub fn choose(&mut self, service: u32, choice: u32) {
        let before = self.choice[service as usize];
        let (old, new) =
            (&self.tables.choices[before as usize], &self.tables.choices[choice as usize]);
        self.journal.variants.push((service, before));
        self.objective += new.penalty - old.penalty;
        self.missing = self.missing - old.replicas + new.replicas;
        self.count_choice(service as usize, -1.0);
        self.choice[service as usize] = choice;
        self.anchors.choose(new);
        self.count_choice(service as usize, 1.0);
    }

    /// Broken pairs of some rules of nearness, by index, without repetition.
    pub fn far_of(&self, rules: &[u32]) -> u32 {
        let near = rules.iter().map(|i| (*i, &self.tables.near[*i as usize]));
        near.map(|(i, near)| self.far_regions(near.a, near.b, i)).sum()
    }

    /// Regions with a pod of `a` that no placed pod of `b` is near to; none while `b` has none.
    pub fn far_regions(&self, a: u32, b: u32, rule: u32) -> u32 {
        if self.placed[b as usize] == 0 {
            return 0;
        }
        let regions = 0..self.tables.regions as u32;
        let lacks = |r: &u32| self.is_in_region(a, *r) && !self.is_served(b, *r, rule);
        regions.filter(lacks).count() as u32
    }

    /// Whether a pod of `b` is near to a region, by a rule.
    pub fn is_served(&self, b: u32, region: u32, rule: u32) -> bool {
        let first = b as usize * self.tables.zone_region.len();
        let zones = &self.zones[first..first + self.tables.zone_region.len()];
        let pods = zones.iter().zip(&self.tables.zone_region);
        pods.into_iter().any(|(n, q)| *n > 0 && self.tables.is_near(region, *q, rule))
    }

    /// The sums again, without the rounding of many changes.
    pub fn recount(&mut self) {
        let penalties = self.choice.iter().map(|c| self.tables.choices[*c as usize].penalty);
        self.objective = penalties.sum();
        self.room = 0.0;
        self.uses.fill(0.0);
        (0..self.choice.len()).for_each(|s| self.count_choice(s, 1.0));
        for n in 0..self.nodes.len() as u32 {
            if self.nodes[n as usize].pods.is_empty() {
                continue;
            }
            self.bought[self.nodes[n as usize].offer as usize] -= 1;
            self.account(n, 1.0);
            let node = &self.nodes[n as usize];
            let region = self.tables.sites[node.site as usize].region as usize;
            let latency = node.pods.iter();
            self.objective += latency
                .map(|(s, pods)| self.tables.latency[*s as usize][region] * f64::from(*pods))
                .sum::<f64>();
        }
    }

    /// New prices: what machines cost, not what they are.
    pub fn reprice(&mut self, prices: Prices) {
        self.prices = prices;
        for node in self.nodes.iter_mut().filter(|n| !n.pods.is_empty()) {
            let offer = &self.tables.offers[node.offer as usize];
            node.cost = self.prices.fixed[node.offer as usize]
                + offer.watts(node.busy) * self.prices.per_watt[node.offer as usize];
        }
    }

    /// Machines that run and stay, each with its place in the running plan.
    pub fn staying(&self) -> Vec<(u32, Machines)> {
        let anchored = self.anchors.machines.iter().zip(&self.nodes);
        let stay = anchored.filter(|(was, node)| !node.pods.is_empty() && was.offer == node.offer);
        let machine = |node: &Node| {
            let mut pods = node.pods.clone();
            pods.sort_unstable();
            Machines { offer: node.offer, pods, count: 1 }
        };
        stay.map(|(was, node)| (was.was, machine(node))).collect()
    }

    pub fn solution(&self) -> Solution {
        let nodes = self.nodes.iter().filter(|node| !node.pods.is_empty()).map(|node| Machines {
            offer: node.offer,
            pods: node.pods.clone(),
            count: 1,
        });
        let mut solution = Solution {
            variants: (0..self.choice.len())
                .map(|s| self.choice[s] - self.tables.first_choice[s])
                .collect(),
            nodes: nodes.collect(),
        };
        solution.normalise();
        solution
    }
}
