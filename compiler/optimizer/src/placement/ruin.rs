//! Ways to take a plan apart: machines that are close to each other, one service with another
//! variant, or all services tied to each other with another region. Each leaves pods without a
//! machine, for [`super::insert`] to place again ("ruin and recreate", Schrimpf et al. 2000).

use super::pack::Values;
use super::state::State;
use super::tables::Tables;
use crate::random::Rng;

/// What was taken apart.
#[derive(Default)]
pub struct Ruin {
    /// Services with pods to place.
    pub services: Vec<u32>,
    /// The regions each service is held to, while it is placed again; none: any.
    pub held: Vec<Vec<u32>>,
    /// Ways to configure each group that are worth trying.
    pub advice: Vec<Vec<Advice>>,
    /// Services that are taken away as often as all others.
    pub focus: Vec<u32>,
    /// Group of each service.
    pub group_of: Vec<u32>,
    /// Where machines were cleared.
    pub sites: Vec<u32>,
    /// Whether nothing but machines was cleared.
    pub is_local: bool,
    /// Rules of nearness that may change, and how many pairs they broke before.
    rules: Vec<u32>,
    far: u32,
}

/// Of each service of a group: its choice and the regions of its pods.
pub type Advice = Vec<(u32, u32, Vec<u32>)>;

/// Services with missing pods that one step tries to place.
const MOST_MISSING: usize = 6;

/// Machines drawn for each that is cleared.
const MOST_TRIES: usize = 4;

/// How often a service with missing pods is taken away whole, and how often all it is tied to.
const OTHER: f64 = 0.3;

/// How often a service is one of those looked at most.
const FOCUSED: f64 = 0.5;

/// Most machines that one ruin clears.
const MOST_MACHINES: usize = 5;

impl Ruin {
    pub fn new(tables: &Tables) -> Ruin {
        let mut group_of = vec![0; tables.services()];
        for (g, group) in tables.groups.iter().enumerate() {
            group.iter().for_each(|s| group_of[*s as usize] = g as u32);
        }
        Ruin { held: vec![Vec::new(); tables.services()], group_of, ..Ruin::default() }
    }

    /// Takes the plan apart in one of the ways.
    pub fn ruin(&mut self, state: &mut State<'_>, values: Option<&Values<'_>>, rng: &mut Rng) {
        self.reset(state, rng);
        let kind = rng.unit();
        if state.tables.services() == 0 {
            return;
        }
        if kind < 0.55 {
            self.is_local = self.services.is_empty();
            self.machines(state, values, rng);
        } else if kind < 0.85 {
            let service = self.any(state, rng);
            self.choose_anew(state, service, rng);
            if rng.chance(0.5) {
                self.machines(state, values, rng);
            }
        } else {
            let group = if self.focus.is_empty() {
                rng.below(state.tables.groups.len())
            } else {
                self.group_of[self.any(state, rng) as usize] as usize
            };
            self.group(state, group, rng);
        }
    }

    fn any(&self, state: &State<'_>, rng: &mut Rng) -> u32 {
        if !self.focus.is_empty() && rng.chance(FOCUSED) {
            return self.focus[rng.below(self.focus.len())];
        }
        rng.below(state.tables.services()) as u32
    }

    /// Begins with some of what is missing.
    pub fn begin(&mut self, state: &State<'_>) {
        self.forget();
        self.miss(state, 0);
    }

    fn forget(&mut self) {
        for s in self.services.drain(..) {
            self.held[s as usize].clear();
        }
        self.rules.clear();
        self.sites.clear();
        self.is_local = false;
        self.far = 0;
    }

    fn miss(&mut self, state: &State<'_>, start: usize) {
        let count = state.tables.services();
        let all = (0..count).map(|s| ((s + start) % count) as u32);
        let missing = all.filter(|s| state.unplaced(*s) > 0).take(MOST_MISSING);
        self.services.extend(missing);
        let services = self.services.clone();
        self.watch(state, &services);
    }

    fn reset(&mut self, state: &mut State<'_>, rng: &mut Rng) {
        self.forget();
        if state.missing > 0 {
            self.miss(state, rng.below(state.tables.services()));
            for s in self.services.clone() {
                // Where a kind of machine has run out, another variant may do without it; where
                // those it is tied to are elsewhere, all of them have to move.
                if rng.chance(OTHER) {
                    self.choose_anew(state, s, rng);
                } else if state.unplaced(s) > 0 && rng.chance(OTHER) {
                    self.group(state, self.group_of[s as usize] as usize, rng);
                }
            }
        }
    }

    /// Notes what rules of nearness services take part in, before they change.
    fn watch(&mut self, state: &State<'_>, services: &[u32]) {
        for s in services {
            for rule in &state.tables.rules[*s as usize].near_rules {
                if !self.rules.contains(rule) {
                    self.rules.push(*rule);
                    self.far += state.far_of(&[*rule]);
                }
            }
        }
    }

    /// After the pods are placed: counts the broken pairs again.
    pub fn settle(&self, state: &mut State<'_>) {
        state.far = state.far - self.far + state.far_of(&self.rules);
    }

    fn note(&mut self, service: u32) {
        if !self.services.contains(&service) {
            self.services.push(service);
        }
    }

    /// Clears machines around one: of its site, its region, or anywhere; rather those whose pods
    /// are worth little for what they cost.
    fn machines(&mut self, state: &mut State<'_>, values: Option<&Values<'_>>, rng: &mut Rng) {
        let sites: Vec<u32> = (0..state.by_site.len() as u32)
            .filter(|site| !state.by_site[*site as usize].is_empty())
            .collect();
        let total: usize = sites.iter().map(|s| state.by_site[*s as usize].len()).sum();
        if total == 0 {
            return;
        }
        let any = |state: &State<'_>, rng: &mut Rng| {
            let mut rank = rng.below(total);
            for site in &sites {
                let list = &state.by_site[*site as usize];
                if rank < list.len() {
                    return list[rank];
                }
                rank -= list.len();
            }
            state.by_site[sites[0] as usize][0]
        };
        let of_site = |site: u32, state: &State<'_>, rng: &mut Rng| {
            let list = &state.by_site[site as usize];
            (!list.is_empty()).then(|| list[rng.below(list.len())])
        };
        let tries = values.map_or(1, |_| 1 + rng.below(MOST_TRIES));
        let worth = |state: &State<'_>, n: u32| values.map_or(0.0, |v| v.worth(state, n));
        let worst = |state: &State<'_>, of: Vec<u32>| {
            of.into_iter().min_by(|a, b| worth(state, *a).total_cmp(&worth(state, *b)))
        };
        let drawn = (0..tries).map(|_| any(state, rng)).collect();
        let Some(first) = worst(state, drawn) else { return };
        let site = state.nodes[first as usize].site;
        self.clear(state, first);
        let region = state.tables.sites[site as usize].region;
        let count = rng.below(MOST_MACHINES);
        let reach = rng.unit();
        for _ in 0..count {
            let close: Vec<u32> = if reach < 0.4 {
                vec![site]
            } else if reach < 0.8 {
                let here = |s: &u32| state.tables.sites[*s as usize].region == region;
                sites.iter().copied().filter(here).collect()
            } else {
                sites.clone()
            };
            let drawn = (0..tries)
                .filter_map(|_| of_site(close[rng.below(close.len())], state, rng))
                .collect();
            if let Some(n) = worst(state, drawn) {
                self.clear(state, n);
            }
        }
    }

    pub fn clear(&mut self, state: &mut State<'_>, n: u32) {
        let pods: Vec<u32> = state.nodes[n as usize].pods.iter().map(|p| p.0).collect();
        self.watch(state, &pods);
        pods.iter().for_each(|s| self.note(*s));
        self.sites.push(state.nodes[n as usize].site);
        state.take(n, |_| true);
    }

    /// Takes away all pods of a service, and what shares machines with it: gives which those are.
    pub fn service(&mut self, state: &mut State<'_>, service: u32) -> Vec<u32> {
        let tables = state.tables;
        let mut taken = vec![service];
        let mut i = 0;
        while i < taken.len() {
            let rules = &tables.rules[taken[i] as usize];
            for other in rules.needs.iter().chain(&rules.needed_by) {
                if !taken.contains(other) {
                    taken.push(*other);
                }
            }
            i += 1;
        }
        self.take_all(state, &taken);
        taken
    }

    /// The same, and chooses variants.
    fn choose_anew(&mut self, state: &mut State<'_>, service: u32, rng: &mut Rng) {
        for s in self.service(state, service) {
            self.choose(state, s, rng);
        }
    }

    fn choose(&mut self, state: &mut State<'_>, service: u32, rng: &mut Rng) {
        let choices = state.tables.choices_of(service);
        if choices.len() > 1 && rng.chance(0.5) {
            let choice = choices.start + rng.below(choices.len()) as u32;
            if choice != state.choice[service as usize] {
                state.choose(service, choice);
            }
        }
    }

    fn take_all(&mut self, state: &mut State<'_>, services: &[u32]) {
        self.watch(state, services);
        for s in services {
            self.note(*s);
        }
        let mut sites: Vec<u32> = Vec::new();
        for s in services {
            let choices = &state.tables.choices[state.choice[*s as usize] as usize];
            let here = choices.places.iter().map(|p| p.0);
            let has =
                |site: &u32| state.pods_in_zone(*s, state.tables.sites[*site as usize].zone) > 0;
            sites.extend(here.filter(has));
        }
        sites.sort_unstable();
        sites.dedup();
        for site in sites {
            let with: Vec<u32> = state.by_site[site as usize]
                .iter()
                .copied()
                .filter(|n| state.nodes[*n as usize].pods.iter().any(|p| services.contains(&p.0)))
                .collect();
            for n in with {
                state.take(n, |s| services.contains(&s));
            }
        }
    }

    /// All services tied to each other, to be placed in one region.
    fn group(&mut self, state: &mut State<'_>, g: usize, rng: &mut Rng) {
        let group = &state.tables.groups[g];
        self.take_all(state, group);
        if let Some(advice) = self.advice.get(g)
            && !advice.is_empty()
            && rng.chance(0.7)
        {
            for (service, choice, regions) in &advice[rng.below(advice.len())] {
                if *choice != state.choice[*service as usize] {
                    state.choose(*service, *choice);
                }
                self.held[*service as usize].clone_from(regions);
            }
            return;
        }
        let region = rng.below(state.tables.regions) as u32;
        for &s in group {
            if rng.chance(0.3) {
                self.choose(state, s, rng);
            }
            self.hold(state, s, region);
        }
    }

    /// The same, in the variants they have.
    pub fn group_to(&mut self, state: &mut State<'_>, g: usize, region: u32) {
        let group = &state.tables.groups[g];
        self.take_all(state, group);
        group.iter().for_each(|s| self.hold(state, *s, region));
    }

    /// Holds a service to a region, where it may run there.
    fn hold(&mut self, state: &State<'_>, service: u32, region: u32) {
        let regions = &state.tables.allowed[service as usize];
        if regions.binary_search(&region).is_ok() {
            self.held[service as usize].push(region);
        }
    }
}
